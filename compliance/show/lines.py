"""An extract of entries: the same file as compliance.show.extract would write row by row, many times faster.

What is said of an entry is put together once for each way of saying it; DuckDB fills in dates and names, and writes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from typing import Any

import pyarrow as pa

from compliance.reading.copy import Reading
from compliance.reading.lines import Lines
from compliance.show.columns import status_in_words
from compliance.show.entries import FLAGS, flags_in_words
from compliance.show.extract import Part, Sheet, dialect, guarded, head, phone_in_words, tail
from compliance.show.why import moved, why
from compliance.words import references
from compliance.words.texts import say, show
from compliance.words.vocabulary import Category, Status

# What a spreadsheet runs, as compliance.show.extract knows it; here no sign of a class means more than it says.
_FORMULA = r"^([\s\x00-\x1f\x{85}\p{Z}]*[=+\-@＝＋－＠|]|[\t\r\n])"
_MANY = 987_654
_SAYING = (
    "status", "reason", "reason_field", "period", "section", "provisional", "ends", "after_hold", "one_day",
    "moved_field", "moved_away",
)  # fmt: skip


@dataclass(frozen=True)
class _Entry:
    """An entry with signs where queries/reading/entry_lines.sql puts its dates, numbers and values."""

    status: str
    reason: str
    reason_field: str | None
    period: str | None
    section: str | None
    days_overdue: int | None
    ceiling_on: Any
    deadline_on: Any
    provisional_on: Any
    start_on: Any = "\ue001"
    hold_since: Any = "\ue005"
    statutory_until: Any = "\ue006"
    reason_value: str | None = "\ue008"


def entry_lines(reading: Reading, binds: Mapping[str, Any], sheet: Sheet, sources: Mapping[str, str]) -> Iterator[Part]:
    """The file of the entries that `binds` choose: `sheet` has the columns of compliance.show.entries.entry_columns.

    Raises compliance.reading.copy.Retired once a purge has overtaken it.
    """
    language = sheet.language
    delimiter, end = dialect(sheet.flavour)
    yield head([(one.name, one.label) for one in sheet.shown], language=language, flavour=sheet.flavour), 0
    named = bool(binds["named"])
    told = {
        "named": named,
        "signs": references.SIGNS,
        "letters": references.LETTERS,
        "grouping": show(1000, language)[1:-3],
        "formula": _FORMULA,
        "delimiter": delimiter,
        "tail": _written(tail(sheet.stamp, language, sheet.flavour), delimiter),
    }
    with closing(Lines(reading, binds)) as lines:
        lines.tell(_sayings(lines, language), _words(sources, language, delimiter))
        for part in lines.parts():
            table = lines.of(part, told)
            behind = table.column("behind").to_pylist()
            before = table.column("before").to_pylist()
            if named:
                phones = [_phone(one, delimiter) for one in table.column("phone").to_pylist()]
                content = end.join(map("".join, zip(before, phones, behind, strict=True)))
            else:
                content = end.join(map("".join, zip(before, behind, strict=True)))
            if behind:
                yield f"{content}{end}".encode(), len(behind)


def _sayings(lines: Lines, language: str) -> pa.Table:
    found: dict[str, list[Any]] = {name: [] for name in (*_SAYING, "said")}
    for row in lines.sayings():
        values = dict(zip(_SAYING, row, strict=True))
        for name in _SAYING:
            found[name].append(values[name])
        found["said"].append(_said(values, language))
    booleans = ("provisional", "ends", "after_hold", "one_day", "moved_away")
    return pa.table({
        name: pa.array(told, pa.bool_() if name in booleans else pa.string()) for name, told in found.items()
    })  # fmt: skip


def _said(values: Mapping[str, Any], language: str) -> str:
    ceiling = "\ue002" if values["ends"] else None
    entry = _Entry(
        values["status"], values["reason"], values["reason_field"], values["period"], values["section"],
        1 if values["one_day"] else _MANY, ceiling, "\ue003" if values["after_hold"] else ceiling,
        "\ue004" if values["provisional"] else None,
    )  # fmt: skip
    said = why(entry, language).replace(show(_MANY, language), "\ue007")
    if values["moved_field"] is not None:
        to: Any = None if values["moved_away"] else "\ue009"
        said += " " + moved(values["moved_field"], to, language)
    return said


def _words(sources: Mapping[str, str], language: str, delimiter: str) -> pa.Table:
    rows = [("status", str(one.value), status_in_words(one, language)) for one in Status]
    rows += [("category", str(one.value), say(f"category.{one}", language)) for one in Category]
    rows += [("source", code, name) for code, name in sources.items()]
    for told in product((False, True), repeat=len(FLAGS)):
        number = sum(2**place for place, on in enumerate(told) if on)
        flags = flags_in_words((name for name, on in zip(FLAGS, told, strict=True) if on), language)
        rows.append(("flags", str(number), flags))
    return pa.table({
        "kind": [kind for kind, _, _ in rows],
        "code": [code for _, code, _ in rows],
        "said": [_written([guarded(said)], delimiter) for _, _, said in rows],
    })  # fmt: skip


def _phone(phone: str | None, delimiter: str) -> str:
    return "" if phone is None else _written([phone_in_words(phone)], delimiter)


def _written(cells: list[str], delimiter: str) -> str:
    """Cells as they stand in a line."""
    if len(cells) == 1 and not cells[0]:
        return ""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="").writerow(cells)
    return out.getvalue()
