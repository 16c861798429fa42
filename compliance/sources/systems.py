"""Of which kind of system an unknown file is, by what its columns are called and hold: for a person to correct."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from compliance.sources.header_words import synonyms, words_in
from compliance.words.vocabulary import Category, RecordType

CRM, HR, SUPPLIERS = "crm", "hr", "suppliers"
# Whose records are of one kind of system alone.
_OF = {
    RecordType.VOUCHER: HR,
    RecordType.WEB_LEAD: "web",
    RecordType.ERASURE_REQUEST: "erasure_form",
    RecordType.ENVIRONMENT: "environments",
    RecordType.ACCESS_GRANT: "support_access",
    RecordType.MAILING: "mailing_tool",
    RecordType.OPT_OUT: "mailing_tool",
}
# What a column holds, whatever it is called, speaks for a system as well as a word does that stands there often.
_HOLDS = {"salary": HR, "next_of_kin": HR, "starts_on": HR, "ends_on": HR, "org_name": CRM, "org_key": CRM}
_EMPLOYED = ({"left_out:salary", "starts_on"}, {"starts_on", "ends_on", "role"})
_ALONE, _OFTEN = 2, 1
# So long a word is one within a longer one, too: "anställningsdatum".
_WITHIN = 8


class System(NamedTuple):
    """The system (an id of data/sources.toml), and the columns by which it is told: none where nothing tells it."""

    source: str
    because: tuple[str, ...] = ()


def likely(name: str, headers: Sequence[str], fields: Sequence[str], record: RecordType) -> System:
    """Of which system the file `name` is, whose columns were taken for `fields`. What nothing tells is the CRM's.

    A word that stands in other systems' files, too, tells it only beside one that does not, or where what the columns
    hold is together what is known of whoever is employed.
    """
    if record is not RecordType.PERSON:
        return System(_OF.get(record, CRM))
    points: dict[str, int] = dict.fromkeys((HR, SUPPLIERS, CRM), 0)
    because: dict[str, list[str]] = {system: [] for system in points}
    sure = {CRM, HR} if any(known <= set(fields) for known in _EMPLOYED) else {CRM}
    for told, field in ((name, ""), *zip(headers, fields, strict=True)):
        spoken = _points(told)
        # Whether it is read says nothing here.
        if held := _HOLDS.get(field.rpartition(":")[2]):
            spoken.setdefault(held, _OFTEN)
        sure |= {system for system, weight in spoken.items() if weight == _ALONE}
        for system, weight in spoken.items():
            points[system] += weight
            because[system] += [told] if field else []
    best = max((system for system in points if system in sure), key=points.__getitem__)
    return System(best, tuple(because[best]))


def likely_category(name: str, headers: Sequence[str], source: str) -> Category | None:
    """In what capacity the persons of such a system are stored; None of a CRM's, whose persons may be any."""
    if source == SUPPLIERS:
        return Category.SUPPLIER_REP
    if source != HR:
        return None
    contractor = synonyms()["system"][HR]["contractor"]
    told = [one for one in (name, *headers) if not _counts(one)]
    return Category.CONTRACTOR if any(_has(one, contractor) for one in told) else Category.EMPLOYEE


def _points(told: str) -> dict[str, int]:
    """Which systems the words of a header or a name speak for, and how much; none where they say how many there are."""
    found: dict[str, int] = {}
    if _counts(told):
        return found
    for system, words in synonyms()["system"].items():
        if any(_has(told, words.get(kind, ())) for kind in ("alone", "contractor")):
            found[system] = _ALONE
        elif _has(told, words["often"]):
            found[system] = _OFTEN
    return found


def _counts(told: str) -> bool:
    """Whether a header says how many there are of something: "Antal anställda", "# Employees"."""
    spoken = f"{' '.join(words_in(told))} "
    return told.lstrip().startswith("#") or spoken.startswith(
        tuple(f"{word} " for word in synonyms()["beside"]["counted"])
    )


def _has(told: str, words: Iterable[str]) -> bool:
    spoken = f" {' '.join(words_in(told))} "
    return any(f" {word} " in spoken or (len(word) >= _WITHIN and word in spoken) for word in words)
