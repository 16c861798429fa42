"""Rows as a CSV file that opens right, says what it is, and cannot run anything."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import phonenumbers

from compliance import ledger
from compliance.access import limits
from compliance.access.at import At
from compliance.register.engine import writing
from compliance.show.columns import Column
from compliance.show.leaving import Written
from compliance.words.files import publish
from compliance.words.texts import say, show
from compliance.words.vocabulary import LANGUAGES, Permission

Flavour = Literal["excel", "plain"]
# A part of a file as it leaves, and how many rows it has.
Part = tuple[bytes, int]

# A spreadsheet runs a cell that begins so, also behind blanks and in the full-width forms.
_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@＝＋－＠|]|[\t\r\n]")
_NOT_A_DIGIT = re.compile(r"[^0-9]+")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Stamp:
    """What the rows are of: the build, the day it was seen on, and the filter in the reader's words.

    `build` is None where there is no copy, as before the first intake and after a restore.
    """

    build: int | None
    as_of: dt.date
    filter_text: str


def to_csv(
    columns: Sequence[tuple[str, str]],
    chunks: Iterable[Iterable[Sequence[Any]]],
    *,
    language: str,
    flavour: Flavour,
    stamp: Stamp,
) -> Iterator[bytes]:
    """A CSV file of the rows, chunk by chunk as it is read, with the stamp in the last three columns of every row.

    `columns` are (name, label) pairs in the order of each row's values. `excel` has labels, semicolons, a
    byte order mark, CRLF and the language's decimal sign; `plain` has names, commas, LF and decimal points.
    Text that a spreadsheet would take for a formula gets an apostrophe in front; the column `phone` is written so that
    it needs none. Raises ValueError for a row of another width.
    """
    excel = flavour == "excel"
    out = io.StringIO(newline="")
    delimiter, end = dialect(flavour)
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    phones = [name == "phone" for name, _ in columns]
    last = tail(stamp, language, flavour)
    # Whoever waits sees at once that something comes.
    yield head(columns, language=language, flavour=flavour)
    for chunk in chunks:
        for row in chunk:
            if len(row) != len(columns):
                raise ValueError(f"a row has {len(row)} values for {len(columns)} columns")
            cells = [
                phone_in_words(value) if is_phone and isinstance(value, str) else _cell(value, language, excel)
                for is_phone, value in zip(phones, row, strict=True)
            ]
            writer.writerow(cells + last)
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()


def dialect(flavour: Flavour) -> tuple[str, str]:
    """What stands between two cells, and what ends a line."""
    return (";", "\r\n") if flavour == "excel" else (",", "\n")


def head(columns: Sequence[tuple[str, str]], *, language: str, flavour: Flavour) -> bytes:
    """The first line of such a file."""
    excel = flavour == "excel"
    out = io.StringIO(newline="")
    labels = (say("extract.build", language), say("extract.as_of", language), say("extract.filter", language))
    cells = [guarded(label if excel else name) for name, label in columns]
    delimiter, end = dialect(flavour)
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(cells + list(labels if excel else ("build", "as_of", "filter")))
    return out.getvalue().encode("utf-8-sig" if excel else "utf-8")


def tail(stamp: Stamp, language: str, flavour: Flavour) -> list[str]:
    """The last three cells of each of its rows."""
    return [_cell(value, language, flavour == "excel") for value in (stamp.build, stamp.as_of, stamp.filter_text)]


def file_name(stem: str, stamp: Stamp, language: str, ending: str = "csv") -> str:
    """A name for the file, without anything but plain letters, digits and dashes. Holds no filter: it may
    name somebody.
    """
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language}")
    plain = _NOT_IN_A_NAME.sub("-", stem.casefold().translate(str.maketrans("åäö", "aao"))).strip("-")
    build = "" if stamp.build is None else f"-build-{stamp.build}"
    return f"{plain}-{stamp.as_of.isoformat()}{build}-{language}.{ending}"


def _cell(value: Any, language: str, excel: bool) -> str:
    # A missing value stays empty; NaN and NaT are how frames write one.
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return show(value, language) if excel else str(value).lower()
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        # A bare carriage return would go out unquoted and end the row.
        return guarded(value.replace("\r\n", "\n").replace("\r", "\n"))
    # Numbers: no grouping, which a spreadsheet reads as text.
    text = str(value)
    return text.replace(".", ",") if excel and language == "sv" else text


def guarded(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


@lru_cache(maxsize=4096)
def phone_in_words(text: str) -> str:
    """A phone number in groups: +46 70 174 06 05.

    A spreadsheet makes a number of +46701740605 and a sum of +46-70-174, and shows the apostrophe that would keep it
    from that. Groups that no number has are text to it; three digits in each are a number with thousands where a space
    or a no-break space divides them, as in Swedish.
    """
    try:
        number = phonenumbers.parse(text, "SE")
    except phonenumbers.NumberParseException:
        return guarded(text)
    if not phonenumbers.is_possible_number(number):
        return guarded(text)
    told = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    main, extension, number_of_it = told.partition(" ext. ")
    country, *groups = _NOT_A_DIGIT.sub(" ", main.removeprefix("+")).split()
    if all(len(group) == 3 for group in groups):
        rest = "".join(groups)
        groups = [rest[:-4], rest[-4:-2], rest[-2:]]
    return f"+{country} {' '.join(groups)}{extension}{number_of_it}"


@dataclass(frozen=True)
class Sheet:
    """A table as it goes out: `what` it is by the ledger's word, and how it is written."""

    what: str
    shown: Sequence[Column]
    language: str
    flavour: Flavour
    stamp: Stamp


@dataclass(frozen=True)
class Whole:
    """What goes out besides a table, all in one file: `what` it is by the ledger's word, and in which form. Of what is
    kept nowhere, the ledger has the `digest`; `request` is the one that it answers, by its number in the register.
    """

    what: str
    flavour: Literal["zip", "xlsx", "pdf", "json", "ics", "docx"]
    stamp: Stamp
    digest: str | None = None
    request: int | None = None


def parts_of(sheet: Sheet, chunks: Iterable[Sequence[Mapping[str, Any]]]) -> Iterator[Part]:
    """A table as CSV, a part for each chunk of its rows."""
    rows = 0

    def values() -> Iterator[list[Sequence[Any]]]:
        nonlocal rows
        for chunk in chunks:
            rows = len(chunk)
            yield [[row.get(column.name) for column in sheet.shown] for row in chunk]

    columns = [(column.name, column.label) for column in sheet.shown]
    for content in to_csv(columns, values(), language=sheet.language, flavour=sheet.flavour, stamp=sheet.stamp):
        yield content, rows


def extract(
    at: At, sheet: Sheet | Whole, parts: Iterable[Part], permission: Permission, clock: Callable[[], dt.datetime]
) -> Written:
    """A table as CSV, or what else goes out, written while it is read. The ledger has that it begins before anything
    leaves, and how it ended: done, or broken off, with the rows that had left. Has to be closed. Raises Refused
    `not_allowed`, and `limit_extracts` for one with names more than a day has.
    """
    at.require(permission)
    _record(at, ledger.Event.EXTRACT_BEGUN, sheet, permission, None)
    written = _recorded(at, sheet, parts, permission, clock)
    # What has begun has an end, also where nobody reads any of it.
    next(written)
    return written


def _recorded(
    at: At, sheet: Sheet | Whole, parts: Iterable[Part], permission: Permission, clock: Callable[[], dt.datetime]
) -> Written:
    left = 0
    event = ledger.Event.EXTRACT_BROKEN
    try:
        yield b""
        for content, rows in parts:
            yield content
            # Asked for the next one, so this one has left.
            left += rows
        event = ledger.Event.EXTRACT_MADE
    finally:
        _record(at.again(clock()), event, sheet, permission, left)


def to_file(at: At, build: int | None, told: Mapping[str, ledger.Detail], path: Path, parts: Iterable[Part]) -> int:
    """Writes what goes out into a new file, for the command line, and returns how many rows it has. The ledger has
    `told` of it, that it begins, and that it was made. Raises Refused `command_line_only` for somebody, and where the
    file cannot be written or is there.
    """
    at.require_nobody()
    _tell(at, ledger.Event.EXTRACT_BEGUN, build, told)
    made = list(parts)
    publish(path, [content for content, _ in made])
    rows = sum(number for _, number in made)
    _tell(at, ledger.Event.EXTRACT_MADE, build, {**told, "rows": rows})
    return rows


def _tell(at: At, event: ledger.Event, build: int | None, told: Mapping[str, ledger.Detail]) -> None:
    with writing(at.register) as connection:
        ledger.append(connection, event, author=at.author, now=at.now, build=build, details=told)


def _record(at: At, event: ledger.Event, sheet: Sheet | Whole, permission: Permission, rows: int | None) -> None:
    named = permission is Permission.EXTRACT_PERSONS
    with writing(at.register) as connection:
        if named and event is ledger.Event.EXTRACT_BEGUN:
            limits.spend(connection, at.author, limits.Limited.EXTRACTS, at.parameters, at.now)
        ledger.append(
            connection,
            event,
            author=at.author,
            now=at.now,
            build=sheet.stamp.build,
            details={
                "what": sheet.what,
                **({} if rows is None else {"rows": rows}),
                "persons": named,
                "flavour": sheet.flavour,
                **(_told_of(sheet) if isinstance(sheet, Whole) else {}),
            },
        )


def _told_of(whole: Whole) -> dict[str, ledger.Detail]:
    told: dict[str, ledger.Detail] = {"digest": whole.digest, "request": whole.request}
    return {name: value for name, value in told.items() if value is not None}
