"""Decides how the dates of a column are written, from all its values; what they cannot decide is asked.

Each value is read by its own shape, unless it contradicts the order of its column. What depends on the column is a word
of its format: which of two numbers is the day, what a year of two digits means, whether numbers are counted days or
seconds.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product
from typing import Literal

import duckdb
from babel.dates import get_day_names, get_month_names

from compliance.words import queries

# Below this share, values that contradict the others are slips; above it the column contradicts itself.
_SLIPS = 0.05
# The languages whose months and weekdays are read.
_LANGUAGES = ("sv", "en", "nb", "da", "de", "fi")
_WIDTHS: tuple[Literal["wide", "abbreviated"], ...] = ("wide", "abbreviated")
_CONTEXTS: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")
# What Austria calls two of its months, and short forms that the languages have beside those of the library.
_ALSO = {"jänner": 1, "jaenner": 1, "jän": 1, "feber": 2, "mrz": 3, "maerz": 3}
# As the Finnish cut theirs: at the first letter of "kuu", a month.
_ALSO |= {
    f"{month}k": place
    for place, month in enumerate(
        ("tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu"), 1
    )
}
# What stands around a date and says nothing of it.
_FILLERS = ("den", "d", "the", "of", "at", "kl", "klockan", "klo", "um", "uhr", "dagen")


class DateFormat(StrEnum):
    """How values are written; several of them, joined by `+`, are a column's format (date_readings.sql).

    The orders of years with two digits read 00-49 as 2000-2049 and 50-99 as 1950-1999. Excel counts days from 1900 or,
    in books of older Macs, from 1904; epochs count from 1970.
    """

    ISO = "iso"
    COMPACT = "compact"
    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"
    DAY_MONTH_NAME = "day_month_name"
    MONTH_NAME_DAY = "month_name_day"
    DMY2 = "dmy2"
    MDY2 = "mdy2"
    YMD2 = "ymd2"
    EXCEL_1900 = "excel_1900"
    EXCEL_1904 = "excel_1904"
    EPOCH_MS = "epoch_ms"
    EPOCH_S = "epoch_s"


# What a person may say of a column. Texts: `intake.question.<value>`.
ANSWERS: tuple[DateFormat, ...] = (
    DateFormat.DMY,
    DateFormat.MDY,
    DateFormat.DMY2,
    DateFormat.MDY2,
    DateFormat.YMD2,
    DateFormat.EXCEL_1900,
    DateFormat.EXCEL_1904,
    DateFormat.EPOCH_MS,
    DateFormat.EPOCH_S,
)

# The columns of moments; all others are of days.
_INSTANTS = ("received_at", "set_at")
_ORDERS: tuple[str, ...] = (DateFormat.DMY, DateFormat.MDY)

# Values with the dates that they are, None for one that is none.
Examples = tuple[tuple[str, dt.date | None], ...]


@dataclass(frozen=True)
class Question:
    """The column's values can be read in several ways: `orders` are the answers that fit, `examples` up to three of
    the values in question, of different shapes where there are several.
    """

    field: str
    examples: tuple[str, ...]
    orders: tuple[str, ...] = _ORDERS


def is_answer(text: str) -> bool:
    """Whether a text is what a person may say of a column: answers, joined by `+`."""
    return all(word in ANSWERS for word in text.split("+"))


def learn_words(con: duckdb.DuckDBPyConnection) -> None:
    """Fills the table `date_word`, which dates.sql makes."""
    told = {"words": [*_words()], "months": [*_words().values()]}
    con.execute(queries.load("learn_words"), told)


@cache
def _words() -> Mapping[str, int]:
    """Each word of a date with its month, 0 for those that say nothing."""
    words = dict.fromkeys(_FILLERS, 0) | _ALSO
    # Where a word means two things it is a month before a weekday, and Swedish before English before the others.
    for names, of_months in ((get_month_names, True), (get_day_names, False)):
        for language, width, context in product(_LANGUAGES, _WIDTHS, _CONTEXTS):
            for place, name in names(width, context, language).items():
                whole = name.casefold().rstrip(".")
                # Systems cut names at three letters, whatever the language's own short form is.
                for word in (whole, whole[:3]):
                    words.setdefault(word, place if of_months else 0)
    # Some systems have no letters beyond ASCII; a word that means something by itself keeps that.
    return {_without_marks(word): place for word, place in words.items()} | words


def _without_marks(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))


def decide(con: duckdb.DuckDBPyConnection, *, from_1904: bool = False) -> dict[str, str | Question]:
    """The format, or the question, of each date column of the staged rows (`raw`) that holds anything.

    `from_1904`: the workbook that the rows come from says that it counts days from 1904.
    """
    con.execute("delete from date_value")
    for field in _columns(con):
        con.execute(queries.load("date_values").replace("the_field", field))
    apart = _values(con)
    if not any(apart.values()):
        return dict.fromkeys(apart, DateFormat.ISO)
    con.execute(queries.load("date_shapes"))
    result = con.execute(queries.load("date_evidence"))
    names = [str(column[0]) for column in result.description or ()]
    found: dict[str, str | Question] = {}
    for row in result.fetchall():
        evidence = dict(zip(names, row, strict=True))
        found[str(evidence["field"])] = _judge(evidence, from_1904=from_1904)
    return found


def answered(
    decided: Mapping[str, str | Question], answers: Mapping[str, str]
) -> tuple[dict[str, str], list[Question]]:
    """Formats by field with the questions that `answers` (field -> one of the question's orders) settles, and those
    left open. That days are counted from 1904 may be said of any column of such numbers, and the order of day and month
    of any column that shows none.
    """
    formats: dict[str, str] = {}
    questions: list[Question] = []
    for field, found in decided.items():
        answer = answers.get(field)
        if isinstance(found, Question):
            if answer in found.orders:
                formats[field] = str(answer)
            else:
                questions.append(found)
        elif found == DateFormat.EXCEL_1900 and answer == DateFormat.EXCEL_1904:
            formats[field] = answer
        elif answer in _ORDERS and not set(_ORDERS) & set(found.split("+")):
            # Too few to be asked about, the values that could be read in two ways are slips, unless somebody said how.
            formats[field] = f"{found}+{answer}"
        else:
            formats[field] = str(found)
    return formats, questions


def read(con: duckdb.DuckDBPyConnection, formats: Mapping[str, str]) -> None:
    """Reads the dates of the staged rows by each field's format, after `decide`."""
    con.execute("delete from date_format")
    if formats:
        con.executemany("insert into date_format values (?, ?)", sorted(formats.items()))
    # Most files have nothing but plain dates, and to read others is planned for longer than a small one takes.
    con.execute(queries.load("date_readings" if any(_values(con).values()) else "date_readings_none"))


def sampled(con: duckdb.DuckDBPyConnection) -> dict[str, Examples]:
    """Up to three values of each date column with the dates that they are, after `read`; None for a value that is none.

    They are of different shapes where the column has several.
    """
    found: dict[str, list[tuple[str, dt.date | None]]] = {}
    for field, text, day in con.execute(queries.load("date_examples")).fetchall():
        found.setdefault(str(field), []).append((str(text), day))
    return {field: tuple(examples) for field, examples in found.items()}


def readings(con: duckdb.DuckDBPyConnection, question: Question) -> dict[str, Examples]:
    """How each answer to a question would read its examples, after `decide`. `read` comes after it."""
    found: dict[str, Examples] = {}
    for order in question.orders:
        read(con, {question.field: order})
        told = dict(con.execute(queries.load("date_reading_of"), {"field": question.field}).fetchall())
        found[order] = tuple((text, told.get(text)) for text in question.examples)
    return found


def set_aside(con: duckdb.DuckDBPyConnection, place: int) -> None:
    """Keeps what was read under a number, as compliance.build.reader does with the rows."""
    con.execute(f"drop table if exists date_reading_{place}")
    con.execute(f"alter table date_reading rename to date_reading_{place}")


def bring_back(con: duckdb.DuckDBPyConnection, place: int) -> None:
    """Makes dates that were set aside those of the staged rows again."""
    con.execute("drop table if exists date_reading")
    con.execute(f"alter table date_reading_{place} rename to date_reading")


def show(con: duckdb.DuckDBPyConnection) -> None:
    """Gives the view `staged` its dates, after `read` or `bring_back`: the view `dated`.

    It is put together for the columns that the rows have: those that they lack, and joins of columns in which nothing
    was read apart, cost a small file more than everything else does.
    """
    apart = {str(field) for (field,) in con.execute(queries.load("read_apart")).fetchall()}
    statement = queries.load("dated")
    for field in _columns(con):
        if field in _INSTANTS:
            step = queries.load("instant_apart" if field in apart else "instant_plain")
        else:
            step = queries.load("date_apart" if field in apart else "date_plain")
        statement = step.replace("the_field", field).replace("from before", f"from ({statement}) as before")
    con.execute(f"create or replace temp view dated as {statement}")


def _values(con: duckdb.DuckDBPyConnection) -> dict[str, bool]:
    """The date columns that hold anything, each with whether some of its values are not plainly written."""
    return {str(field): bool(is_any) for field, is_any in con.execute(queries.load("date_values_told")).fetchall()}


def _columns(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The date columns of the rows at hand."""
    return [str(name) for (name,) in con.execute(queries.load("date_columns")).fetchall()]


def _judge(evidence: Mapping[str, object], *, from_1904: bool) -> str | Question:
    def count(name: str) -> int:
        value = evidence[name]
        return value if isinstance(value, int) else 0

    shaped = count("shaped") + count("plain")

    def is_more_than_slips(times: int) -> bool:
        return times > _SLIPS * shaped

    words: dict[str, int] = {DateFormat.ISO: count("plain") + count("iso")}
    words |= {word: count(word) for word in ("compact", "ymd", "day_month_name", "month_name_day")}
    open_orders: list[list[str]] = []

    day_first, month_first = count("day_first"), count("month_first")
    decisive = day_first + month_first
    if min(day_first, month_first) <= _SLIPS * decisive and (decisive or not count("either")):
        words[DateFormat.DMY if day_first >= month_first else DateFormat.MDY] = count("parts")
    elif not count("either"):
        words |= {DateFormat.DMY: day_first, DateFormat.MDY: month_first}
    elif is_more_than_slips(count("either")):
        open_orders.append([DateFormat.DMY, DateFormat.MDY])

    if is_more_than_slips(short := count("short")):
        fitting = [word for word in ("dmy2", "mdy2", "ymd2") if count(word) >= (1 - _SLIPS) * short]
        if fitting:
            open_orders.append(sorted(fitting, key=count, reverse=True))

    excel = [DateFormat.EXCEL_1904, DateFormat.EXCEL_1900]
    for shape, formats in (
        ("serial", excel if from_1904 else excel[::-1]),
        ("epoch_ms", [DateFormat.EPOCH_MS]),
        ("epoch_s", [DateFormat.EPOCH_S]),
    ):
        if count(shape) and count(shape) == shaped:
            words[formats[0]] = shaped
        # Fewer than the dates that are written out, numbers are told as faults: so a cell looks that was spoilt.
        elif 2 * count(shape) > shaped:
            open_orders.append(list(formats))

    if open_orders:
        examples = evidence["examples"]
        return Question(
            str(evidence["field"]),
            tuple(str(text) for text in examples) if isinstance(examples, list) else (),
            tuple("+".join(orders) for orders in _combined(open_orders)),
        )
    told = [word for word, times in sorted(words.items(), key=lambda one: -one[1]) if times]
    return DateFormat(told[0]) if len(told) == 1 else "+".join(told) or DateFormat.ISO


def _combined(open_orders: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """The answers that can be true of one column together: its days stand on one side of its months, however long its
    years are.
    """
    for orders in product(*open_orders):
        if not ({"dmy", "mdy2"} <= set(orders) or {"mdy", "dmy2"} <= set(orders)):
            # An order of short years says that of long ones too.
            yield [order for order in orders if f"{order}2" not in orders]
