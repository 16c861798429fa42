"""What persons are searched for by, once somebody has read what was typed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sought:
    """What persons are searched for by, as `compliance.identity.search` reads it; what is None finds nobody.

    Whoever has the reference that `whole` is the beginning of is found. Where nobody does, or it is None, whoever has
    one of the `identifiers` (addresses and numbers in the form that matching uses), or stands under the key `text` at a
    source. Where nobody does, those whose name has `text` in it or whose address has `address`, whose name has the
    `words` (a pattern for a name's key), whose number has the `digits` in it, who stand under the key `text`, or whose
    person_id begins with `reference`.

    `fixed` is a part of `text` that is the same in capitals and small letters, and `unspelled` one of `words` that is
    the same in every spelling: whoever has it not is not looked at further.
    """

    identifiers: tuple[str, ...] = ()
    text: str | None = None
    address: str | None = None
    words: str | None = None
    digits: str | None = None
    reference: str | None = None
    whole: str | None = None
    fixed: str = ""
    unspelled: str = ""
