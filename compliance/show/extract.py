"""Rows as a CSV file that opens right, says what it is, and cannot run anything."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import phonenumbers

from compliance import ledger
from compliance.access.at import At
from compliance.register.engine import writing
from compliance.show.columns import Column
from compliance.show.leaving import Written
from compliance.words.texts import say, show
from compliance.words.vocabulary import LANGUAGES, Permission

Flavour = Literal["excel", "plain"]

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
    writer = csv.writer(out, delimiter=";" if excel else ",", lineterminator="\r\n" if excel else "\n")

    def written() -> bytes:
        told = out.getvalue().encode()
        out.seek(0)
        out.truncate()
        return told

    stamps = ("build", "as_of", "filter")
    labels = (say("extract.build", language), say("extract.as_of", language), say("extract.filter", language))
    head = [label if excel else name for name, label in columns]
    writer.writerow([guarded(cell) for cell in head] + list(labels if excel else stamps))
    phones = [name == "phone" for name, _ in columns]
    tail = [_cell(value, language, excel) for value in (stamp.build, stamp.as_of, stamp.filter_text)]
    # Whoever waits sees at once that something comes.
    yield (codecs.BOM_UTF8 if excel else b"") + written()
    for chunk in chunks:
        for row in chunk:
            if len(row) != len(columns):
                raise ValueError(f"a row has {len(row)} values for {len(columns)} columns")
            cells = [
                phone_in_words(value) if is_phone and isinstance(value, str) else _cell(value, language, excel)
                for is_phone, value in zip(phones, row, strict=True)
            ]
            writer.writerow(cells + tail)
        yield written()


def file_name(stem: str, stamp: Stamp, language: str) -> str:
    """A name for the file, without anything but plain letters, digits and dashes. Holds no filter: it may
    name somebody.
    """
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language}")
    plain = _NOT_IN_A_NAME.sub("-", stem.casefold().translate(str.maketrans("åäö", "aao"))).strip("-")
    build = "" if stamp.build is None else f"-build-{stamp.build}"
    return f"{plain}-{stamp.as_of.isoformat()}{build}-{language}.csv"


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


def extract(
    at: At,
    sheet: Sheet,
    chunks: Iterable[Sequence[Mapping[str, Any]]],
    permission: Permission,
    clock: Callable[[], dt.datetime],
) -> Written:
    """A table as CSV, written while it is read. The ledger has that it begins before anything leaves, and how it ended:
    done, or broken off, with the rows that had left. Has to be closed. Raises Refused `not_allowed`.
    """
    at.require(permission)
    _record(at, ledger.Event.EXTRACT_BEGUN, sheet, permission, None)
    return _recorded(at, sheet, chunks, permission, clock)


def _recorded(
    at: At,
    sheet: Sheet,
    chunks: Iterable[Sequence[Mapping[str, Any]]],
    permission: Permission,
    clock: Callable[[], dt.datetime],
) -> Written:
    rows = 0

    def values() -> Iterator[list[Sequence[Any]]]:
        nonlocal rows
        for chunk in chunks:
            yield [[row.get(column.name) for column in sheet.shown] for row in chunk]
            # Asked for the next one, so this one has left.
            rows += len(chunk)

    event = ledger.Event.EXTRACT_BROKEN
    try:
        yield from to_csv(
            [(column.name, column.label) for column in sheet.shown],
            values(),
            language=sheet.language,
            flavour=sheet.flavour,
            stamp=sheet.stamp,
        )
        event = ledger.Event.EXTRACT_MADE
    finally:
        _record(at.again(clock()), event, sheet, permission, rows)


def _record(at: At, event: ledger.Event, sheet: Sheet, permission: Permission, rows: int | None) -> None:
    with writing(at.register) as connection:
        ledger.append(
            connection,
            event,
            author=at.author,
            now=at.now,
            build=sheet.stamp.build,
            details={
                "what": sheet.what,
                **({} if rows is None else {"rows": rows}),
                "persons": permission is Permission.EXTRACT_PERSONS,
                "flavour": sheet.flavour,
            },
        )
