"""What of the demo company's persons is to be corrected: asked for last week and followed by this week's export or not,
and asked for today.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from pathlib import Path

from compliance.access.at import At
from compliance.person import asks
from compliance.person.asks import Record
from compliance.reading.copy import Reading
from compliance.rectification import verbs
from compliance.rectification.verbs import Wanted
from compliance.show.entries import entry_binds, entry_page
from compliance.words.vocabulary import Category, Status

# Numbers that are nobody's, and stay so.
_NUMBER = "070-174 06 {}"
_DATASET, _KEY, _PHONE = "crm_prospects", "Prospekt-ID", "Telefon"


class Follows(Enum):
    """What the source does about a correction that was asked for."""

    DONE = auto()
    NOT_DONE = auto()
    OTHERWISE = auto()
    ROW_GONE = auto()
    # Whose row it is asks to be erased meanwhile.
    ERASED = auto()


_ASKED = (Follows.DONE, Follows.DONE, Follows.NOT_DONE, Follows.OTHERWISE, Follows.ROW_GONE, Follows.ERASED)


def ask(at: At, reading: Reading) -> dict[str, tuple[Follows, str]]:
    """Asks for last week's corrections, by who acts. Returns what the next export does about each, by the row's key,
    with the number that was asked for.
    """
    found: dict[str, tuple[Follows, str]] = {}
    for number, ((person, record), follows) in enumerate(zip(_rows(reading), _ASKED, strict=False)):
        wanted = _NUMBER.format(61 + number)
        _ask(at, reading, person, record, wanted, number)
        found[record.source_key] = (follows, wanted)
    return found


def ask_today(at: At, reading: Reading, asked: Mapping[str, object]) -> None:
    """Asks for one that is awaited and for one that is taken back, of others than were `asked` for before."""
    others = ((person, record) for person, record in _rows(reading) if record.source_key not in asked)
    numbers = [
        _ask(at, reading, person, record, _NUMBER.format(71 + number), 10 + number)
        for number, (person, record) in zip(range(2), others, strict=False)
    ]
    for number in numbers[1:]:
        verbs.withdraw(at, number)


def follow(folder: Path, asked: Mapping[str, tuple[Follows, str]]) -> None:
    """Makes the export of prospects in a folder say what the source does about what was asked for."""
    (path,) = folder.glob("crm_prospekt*.csv")
    lines = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), delimiter=";")
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, lines.fieldnames or (), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for row in lines:
        follows, wanted = asked.get(row[_KEY], (Follows.NOT_DONE, ""))
        if follows not in (Follows.ROW_GONE, Follows.ERASED):
            number = {Follows.DONE: wanted, Follows.OTHERWISE: _NUMBER.format(99)}.get(follows, row[_PHONE])
            writer.writerow({**row, _PHONE: number})
    path.write_bytes(written.getvalue().encode("utf-8-sig"))


def record_of(key: str) -> str:
    """The record of a row by its key."""
    return f"{_DATASET}:{key}"


def _ask(at: At, reading: Reading, person: str, record: Record, value: str, case: int) -> int:
    return verbs.ask(at, reading, person, Wanted(record.record_id, "phone", value, f"CASE-{300 + case}"))


def _rows(reading: Reading) -> Iterator[tuple[str, Record]]:
    """Prospects of one row each with a number, of whom nothing is due; those at the end of the list, since marks and
    requests are about those at its beginning.
    """
    binds = entry_binds({"category": Category.PROSPECT, "status": Status.RETAINED}, named=False)
    for person in dict.fromkeys(row.person_id for row in reversed(entry_page(reading, binds, 200, 0))):
        records = reading.rows(asks.PERSON_RECORDS, person=person)
        if len(records) == 1 and records[0].dataset == _DATASET and records[0].phone:
            yield person, records[0]
