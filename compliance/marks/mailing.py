"""Who may not be mailed: one list for the mailing tool, of addresses or of keyed digests of them.

The stricter of what the register says and what a source says counts, and an address of two counts as the one's who may
not be mailed. Digests are those of the suppression list: whoever was erased is among them, and so is an opt-out whose
person is stored no longer, of which nobody knows the address in plain any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.marks import asks
from compliance.marks.along import address_text
from compliance.marks.tables import mark, mark_address
from compliance.reading.copy import Reading
from compliance.show.columns import Column, Row, columns
from compliance.show.extract import Flavour, Sheet, Stamp, parts_of, to_file
from compliance.suppression.tables import suppression
from compliance.words import keys
from compliance.words.texts import say
from compliance.words.vocabulary import Permission

# In the order in which they are told. Texts: `no_mail.<value>`.
REASONS = ("opted_out", "objected", "restricted", "held", "erased")
# So many rows of the file are written at once.
_PART = 5_000


def may_not_be_mailed(at: At, reading: Reading, language: str, *, plain: bool) -> Callable[[], Iterator[Sequence[Row]]]:
    """The rows of the list in parts: by addresses (`plain`), which is for whoever may take out names, or by digests.

    Raises Refused `not_allowed`, also for a data owner whose role is limited to categories, and what the keys of the
    suppression list do.
    """
    at.require_of_all(Permission.EXTRACT_PERSONS if plain else Permission.MARK_PERSONS)
    return _in_parts(_rows(at, reading, language, plain=plain))


def list_columns(language: str, *, plain: bool) -> list[Column]:
    """The columns of the list."""
    return columns(language, *(("address",) if plain else ("address_digest", "key_id")), "no_mail_because")


def only_digests(at: At, reading: Reading) -> int:
    """How many digests of the list are of no address that is stored: the list of addresses lacks them."""
    found, of_stored = _keyed(at, reading)
    return len(found) - of_stored


def write(at: At, reading: Reading, path: Path, language: str, flavour: Flavour, *, plain: bool) -> int:
    """Writes the list into a new file, with lines of the ledger, and returns how many rows it has.

    Raises Refused `command_line_only` for somebody, what the keys of the suppression list do, and where the file cannot
    be written or is there.
    """
    at.require_nobody()
    rows = _rows(at, reading, language, plain=plain)
    stamp = Stamp(reading.build, reading.as_of, say("filter.none", language))
    sheet = Sheet("may_not_mail", list_columns(language, plain=plain), language, flavour, stamp)
    told: dict[str, ledger.Detail] = {"what": sheet.what, "persons": plain, "flavour": flavour}
    return to_file(at, reading.build, told, path, parts_of(sheet, _in_parts(rows)()))


def _in_parts(rows: Sequence[Row]) -> Callable[[], Iterator[Sequence[Row]]]:
    return lambda: (rows[start : start + _PART] for start in range(0, len(rows), _PART))


def _rows(at: At, reading: Reading, language: str, *, plain: bool) -> list[Row]:
    def because(reasons: set[str]) -> str:
        return ", ".join(say(f"no_mail.{one}", language) for one in REASONS if one in reasons)

    if plain:
        return [
            {"address": row.address, "no_mail_because": because(_reasons(row))}
            for row in reading.rows(asks.MAY_NOT_MAIL)
        ]
    return [
        {"address_digest": digest, "key_id": key_id, "no_mail_because": because(reasons)}
        for (key_id, digest), reasons in sorted(_keyed(at, reading)[0].items())
    ]


def _keyed(at: At, reading: Reading) -> tuple[dict[tuple[str, str], set[str]], int]:
    """The digests by the key that made them, each with why, and how many of them are of addresses that are stored."""
    newest = keys.suppression(at.settings)[0]
    found: dict[tuple[str, str], set[str]] = {}
    for row in reading.rows(asks.MAY_NOT_MAIL):
        found[newest.key_id, newest.digest(address_text(row.address))] = _reasons(row)
    of_stored = len(found)
    with at.register.connect() as connection:
        kept = connection.execute(
            sa.select(mark_address.c.key_id, mark_address.c.digest, mark.c.kind).join(
                mark, mark.c.mark_id == mark_address.c.mark_id
            )
        )
        erased = connection.execute(
            sa.select(suppression.c.key_id, suppression.c.email_digest, sa.literal("erased"))
            .where(suppression.c.email_digest.is_not(None), suppression.c.expires_on >= at.today)
            .distinct()
        )
        for key_id, digest, reason in (*kept, *erased):
            found.setdefault((key_id, str(digest)), set()).add(reason)
    return found, of_stored


def _reasons(row: asks.NotMailed) -> set[str]:
    return {one for one in REASONS if getattr(row, one, False)}
