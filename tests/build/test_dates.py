"""How a column's dates are written is decided from all its values; what they cannot decide is asked, never guessed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.build import dates
from compliance.build.builder import shape, workbench
from compliance.build.dates import DateFormat, Question


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = workbench(tmp_path)
    yield opened
    opened.close()


def decided(con: duckdb.DuckDBPyConnection, *values: str, field: str = "met_on") -> DateFormat | Question:
    con.execute("drop view if exists raw cascade")
    con.execute("create or replace temp table raw_text (row_no bigint, met_on varchar, received_at varchar)")
    con.executemany(f"insert into raw_text (row_no, {field}) values (?, ?)", list(enumerate(values, start=1)))
    con.execute("create temp view raw as from raw_text")
    shape(con)
    return dates.decide(con)[field]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["2021-05-03", "2021-05-04 10:30"], DateFormat.ISO),
        (["20210503", "20191224"], DateFormat.COMPACT),
        (["2021/05/03", "2019.12.24"], DateFormat.YMD),
        (["24.12.2019", "03.05.2021"], DateFormat.DMY),
        (["24/12/2019", "03/05/2021", "1/2/2020"], DateFormat.DMY),
        (["12/24/2019", "05/03/2021"], DateFormat.MDY),
        (["3 maj 2021", "24 december 2019", "1 okt. 2020"], DateFormat.DAY_MONTH_NAME),
        (["May 3, 2021", "Dec 24, 2019"], DateFormat.MONTH_NAME_DAY),
        (["05/05/2021", "06/06/2020"], DateFormat.DMY),
    ],
)
def test_a_column_that_is_clear_is_decided(
    con: duckdb.DuckDBPyConnection, values: list[str], found: DateFormat
) -> None:
    assert decided(con, *values) is found


def test_a_column_that_fits_both_orders_is_asked_with_examples(con: duckdb.DuckDBPyConnection) -> None:
    found = decided(con, "03/05/2021", "04/06/2020")
    assert found == Question("met_on", ("03/05/2021", "04/06/2020"))


def test_a_column_that_contradicts_itself_is_asked(con: duckdb.DuckDBPyConnection) -> None:
    assert isinstance(decided(con, "24/12/2019", "12/25/2019", "01/02/2020"), Question)


def test_a_slip_among_many_does_not_turn_a_column(con: duckdb.DuckDBPyConnection) -> None:
    many = [f"{day}/03/2020" for day in range(13, 29)] * 3
    assert decided(con, *many, "11/24/2019") is DateFormat.DMY


def test_an_answer_settles_a_question_and_nothing_else_does() -> None:
    found: dict[str, DateFormat | Question] = {"met_on": Question("met_on", ("01/02/2020",)), "ends_on": DateFormat.ISO}
    assert dates.answered(found, {"met_on": "dmy"}) == ({"met_on": "dmy", "ends_on": "iso"}, [])
    formats, questions = dates.answered(found, {"met_on": "whatever", "ends_on": "mdy"})
    assert (formats, [question.field for question in questions]) == ({"ends_on": "iso"}, ["met_on"])


def read(con: duckdb.DuckDBPyConnection, text: str | None, form: str) -> tuple[dt.date | None, str | None]:
    row = con.execute("select read_date($t, $f), date_fault($t, $f)", {"t": text, "f": form}).fetchone()
    assert row is not None
    return row[0], row[1]


@pytest.mark.parametrize(
    ("text", "form", "day", "fault"),
    [
        ("2020-02-29", "iso", dt.date(2020, 2, 29), None),
        ("2019-02-29", "iso", None, "unreadable_date"),
        ("2021-05-03T23:30:00Z", "iso", dt.date(2021, 5, 4), None),
        ("2021-05-03 10:30", "iso", dt.date(2021, 5, 3), None),
        ("2021-05-03x", "iso", None, "unreadable_date"),
        ("1900-01-01", "iso", None, "sentinel_date"),
        ("1970-01-01", "iso", None, "sentinel_date"),
        ("9999-12-31", "iso", None, "sentinel_date"),
        ("42698", "iso", None, "unreadable_date"),
        ("0021-05-03", "iso", None, "unreadable_date"),
        ("31/12/2019", "dmy", dt.date(2019, 12, 31), None),
        ("12/31/2019", "dmy", None, "unreadable_date"),
        ("12/31/2019", "mdy", dt.date(2019, 12, 31), None),
        ("01.01.1900", "dmy", None, "sentinel_date"),
        ("31/12/19", "dmy", None, "unreadable_date"),
        ("3 maj 2021", "day_month_name", dt.date(2021, 5, 3), None),
        ("3 may 2021", "day_month_name", dt.date(2021, 5, 3), None),
        ("Oct 1, 2020", "month_name_day", dt.date(2020, 10, 1), None),
        ("1 oktober 2020", "day_month_name", dt.date(2020, 10, 1), None),
        ("20191231", "compact", dt.date(2019, 12, 31), None),
        ("snart", "iso", None, "unreadable_date"),
        (None, "iso", None, None),
    ],
)
def test_a_value_is_a_date_or_has_its_fault(
    con: duckdb.DuckDBPyConnection, text: str | None, form: str, day: dt.date | None, fault: str | None
) -> None:
    assert read(con, text, form) == (day, fault)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=st.dates(dt.date(1951, 1, 1), dt.date(2100, 12, 31)))
def test_every_way_of_writing_a_day_reads_as_that_day(con: duckdb.DuckDBPyConnection, day: dt.date) -> None:
    if day == dt.date(1970, 1, 1):
        return
    written = {
        "iso": day.isoformat(),
        "compact": f"{day:%Y%m%d}",
        "ymd": f"{day:%Y/%m/%d}",
        "dmy": f"{day.day}.{day.month}.{day.year}",
        "mdy": f"{day:%m/%d/%Y}",
        "day_month_name": f"{day.day} {day:%B} {day.year}",
        "month_name_day": f"{day:%b} {day.day}, {day.year}",
    }
    assert {form: read(con, text, form)[0] for form, text in written.items()} == dict.fromkeys(written, day)


@pytest.mark.parametrize(
    ("text", "form", "instant"),
    [
        ("2026-01-15T23:30:00Z", "iso", dt.datetime(2026, 1, 15, 23, 30, tzinfo=dt.UTC)),
        ("2026-01-15T23:30:00+01:00", "iso", dt.datetime(2026, 1, 15, 22, 30, tzinfo=dt.UTC)),
        ("2026-07-01 12:00", "iso", dt.datetime(2026, 7, 1, 10, 0, tzinfo=dt.UTC)),
        # Happens twice; the first is meant.
        ("2026-10-25 02:30", "iso", dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)),
        # Never happens.
        ("2026-03-29 02:30", "iso", None),
        ("24.11.2026 08:15", "dmy", dt.datetime(2026, 11, 24, 7, 15, tzinfo=dt.UTC)),
        ("24.11.2026", "dmy", dt.datetime(2026, 11, 23, 23, 0, tzinfo=dt.UTC)),
        ("igår", "iso", None),
    ],
)
def test_an_instant_is_read_in_stockholm_time(
    con: duckdb.DuckDBPyConnection, text: str, form: str, instant: dt.datetime | None
) -> None:
    row = con.execute("select read_instant($t, $f)", {"t": text, "f": form}).fetchone()
    assert row is not None and row[0] == instant
