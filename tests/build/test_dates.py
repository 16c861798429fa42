"""How a column's dates are written is decided from all its values; what they cannot decide is asked, never guessed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from babel.dates import format_date
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance.build import dates
from compliance.build.builder import shape, workbench
from compliance.build.dates import DateFormat, Question

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DECEMBER_1 = dt.date(2016, 12, 1)
FEBRUARY_3 = dt.date(2015, 2, 3)


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return workbench(tmp_path_factory.mktemp("dates"))


def decided(
    con: duckdb.DuckDBPyConnection, *values: str | None, field: str = "met_on", from_1904: bool = False
) -> str | Question:
    con.execute("drop view if exists raw cascade")
    con.execute("create or replace temp table raw_text (row_no bigint, met_on varchar, received_at varchar)")
    told = {"told": list(values)}
    con.execute(f"insert into raw_text (row_no, {field}) select generate_subscripts($told, 1), unnest($told)", told)
    con.execute("create temp view raw as from raw_text")
    return dates.decide(con, from_1904=from_1904)[field]


def read(
    con: duckdb.DuckDBPyConnection, *values: str | None, answer: str = "", from_1904: bool = False
) -> list[tuple[dt.date | None, str | None]]:
    """Each value's date and fault, by the column's own format or the answer to its question."""
    found = decided(con, *values, from_1904=from_1904)
    formats, _ = dates.answered({"met_on": found}, {"met_on": answer})
    dates.read(con, formats)
    shape(con)
    return con.execute("select met_on_day, met_on_fault from dated order by row_no").fetchall()


def days(con: duckdb.DuckDBPyConnection, *values: str | None, answer: str = "") -> list[dt.date | None]:
    return [day for day, _ in read(con, *values, answer=answer)]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["2021-05-03", "2021-05-04 10:30"], "iso"),
        (["20210503", "20191224"], "compact"),
        (["2021/05/03", "2019.12.24"], "ymd"),
        (["24.12.2019", "03.05.2021"], "dmy"),
        (["24/12/2019", "03/05/2021", "1/2/2020"], "dmy"),
        (["12/24/2019", "05/03/2021"], "mdy"),
        (["3 maj 2021", "24 december 2019", "1 okt. 2020"], "day_month_name"),
        (["May 3, 2021", "Dec 24, 2019"], "month_name_day"),
        (["05/05/2021", "06/06/2020"], "dmy"),
        (["42370", "42735.75", "-"], "excel_1900"),
        (["1420070400000", "883612800000"], "epoch_ms"),
        (["1420070400"], "epoch_s"),
        (["2021-05-03", "2021-05-04", "24/12/2019"], "iso+dmy"),
        (["snart", "-"], "iso"),
    ],
)
def test_a_column_that_is_clear_is_decided(con: duckdb.DuckDBPyConnection, values: list[str], found: str) -> None:
    assert decided(con, *values) == found


def test_a_column_that_fits_both_orders_is_asked_with_examples(con: duckdb.DuckDBPyConnection) -> None:
    found = decided(con, "03/05/2021", "04/06/2020")
    assert found == Question("met_on", ("03/05/2021", "04/06/2020"), ("dmy", "mdy"))


def test_a_column_that_contradicts_itself_is_asked(con: duckdb.DuckDBPyConnection) -> None:
    assert isinstance(decided(con, "24/12/2019", "12/25/2019", "01/02/2020"), Question)


def test_a_slip_among_many_does_not_turn_a_column_and_is_told(con: duckdb.DuckDBPyConnection) -> None:
    many = [f"{day}/03/2020" for day in range(13, 29)] * 3
    assert decided(con, *many, "11/24/2019") == "dmy"
    assert read(con, *many, "11/24/2019", "04/03/2020")[-2:] == [
        (None, "unreadable_date"),
        (dt.date(2020, 3, 4), None),
    ]


def test_a_column_of_both_orders_without_any_doubt_is_read_by_each_value(con: duckdb.DuckDBPyConnection) -> None:
    assert decided(con, "24/12/2019", "12/25/2019", "13/01/2020") == "dmy+mdy"
    assert days(con, "24/12/2019", "12/25/2019") == [dt.date(2019, 12, 24), dt.date(2019, 12, 25)]


def test_a_few_values_in_doubt_are_told_instead_of_keeping_an_export_out(con: duckdb.DuckDBPyConnection) -> None:
    many = [f"2020-03-{day}" for day in range(10, 29)] * 4
    found = read(con, *many, "04/03/2020", "42370", "1420070400000")
    assert found[-3:] == [(None, "unreadable_date")] * 3
    assert isinstance(decided(con, *many[:20], "04/03/2020", "05/03/2020"), Question)


@pytest.mark.parametrize(
    ("values", "orders"),
    [
        (["03/02/15", "11/02/15"], {"dmy2", "mdy2", "ymd2"}),
        (["13/02/15", "31/12/99"], {"dmy2"}),
        (["02/13/15", "12/31/99"], {"mdy2"}),
        (["150203", "991231"], {"ymd2"}),
        (["30-NOV-16", "1-DEC-16"], {"dmy2", "ymd2"}),
        (["03/02/2015", "04/02/15"], {"dmy2", "mdy2", "dmy+ymd2", "mdy+ymd2"}),
        (["42370", "42371", "2015-01-01"], {"excel_1900", "excel_1904"}),
        (["1420070400000", "1420070400001", "2015-01-01"], {"epoch_ms"}),
    ],
)
def test_years_of_two_digits_and_numbers_among_dates_wait_for_a_persons_word(
    con: duckdb.DuckDBPyConnection, values: list[str], orders: set[str]
) -> None:
    found = decided(con, *values)
    assert isinstance(found, Question)
    assert set(found.orders) == orders
    assert all(dates.is_answer(order) for order in orders)


@pytest.mark.parametrize(
    ("values", "answer", "read_as"),
    [
        (["03/02/15", "11/02/99"], "dmy2", [FEBRUARY_3, dt.date(1999, 2, 11)]),
        (["02/03/15", "11/02/49"], "mdy2", [FEBRUARY_3, dt.date(2049, 11, 2)]),
        (["150203", "500203"], "ymd2", [FEBRUARY_3, dt.date(1950, 2, 3)]),
        (["3-FEB-15 11.30.00.000000 PM"], "dmy2", [FEBRUARY_3]),
        (["Feb 3, 15"], "mdy2", [FEBRUARY_3]),
        (["03/02/2015", "03/02/15"], "dmy2", [FEBRUARY_3, FEBRUARY_3]),
        (["03/02/2015", "15/02/03"], "dmy+ymd2", [FEBRUARY_3, FEBRUARY_3]),
        (["42038", "42039", "2015-02-03"], "excel_1900", [FEBRUARY_3, dt.date(2015, 2, 4), FEBRUARY_3]),
        (["42038", "2015-02-03"], "excel_1900", [None, FEBRUARY_3]),
        (["42038", "40576.99"], "excel_1904", [dt.date(2019, 2, 4), FEBRUARY_3]),
        # An answer that is none of the question's settles nothing.
        (["03/02/15", "11/02/99"], "dmy", [None, None]),
    ],
)
def test_an_answer_is_how_the_column_is_read(
    con: duckdb.DuckDBPyConnection, values: list[str], answer: str, read_as: list[dt.date | None]
) -> None:
    assert days(con, *values, answer=answer) == read_as


def test_a_book_that_counts_from_1904_is_read_so(con: duckdb.DuckDBPyConnection) -> None:
    assert decided(con, "40576", from_1904=True) == "excel_1904"
    assert read(con, "40576", from_1904=True) == [(FEBRUARY_3, None)]


def test_an_answer_settles_a_question_or_says_an_order_that_nothing_shows() -> None:
    found: dict[str, str | Question] = {"met_on": Question("met_on", ("01/02/2020",)), "ends_on": DateFormat.ISO}
    assert dates.answered(found, {"met_on": "dmy"}) == ({"met_on": "dmy", "ends_on": "iso"}, [])
    formats, questions = dates.answered(found, {"met_on": "whatever", "ends_on": "whatever"})
    assert (formats, [question.field for question in questions]) == ({"ends_on": "iso"}, ["met_on"])
    shown: dict[str, str | Question] = {"met_on": DateFormat.DMY, "ends_on": DateFormat.ISO}
    assert dates.answered(shown, {"met_on": "mdy", "ends_on": "mdy"}) == ({"met_on": "dmy", "ends_on": "iso+mdy"}, [])


@pytest.mark.parametrize(
    ("text", "day", "fault"),
    [
        ("2020-02-29", dt.date(2020, 2, 29), None),
        ("2019-02-29", None, "unreadable_date"),
        ("31/04/2015", None, "unreadable_date"),
        ("2021-05-03 10:30", dt.date(2021, 5, 3), None),
        ("2021-05-03 25:30", None, "unreadable_date"),
        ("2021-05-03x", None, "unreadable_date"),
        ("0021-05-03", None, "unreadable_date"),
        ("1950-01-01", dt.date(1950, 1, 1), None),
        ("1949-12-31", None, "unreadable_date"),
        ("2100-12-31", dt.date(2100, 12, 31), None),
        ("2101-01-01", None, "unreadable_date"),
        ("2021-05", None, "unreadable_date"),
        ("2021", None, "unreadable_date"),
        ("ca 3 maj 2021", None, "unreadable_date"),
        ("snart", None, "unreadable_date"),
        # What systems write for a date that they do not have is no date, and doubtful.
        ("1900-01-01", None, "sentinel_date"),
        ("01.01.1900", None, "sentinel_date"),
        ("1970-01-01", None, "sentinel_date"),
        ("1970-01-01T00:00:00Z", None, "sentinel_date"),
        ("1753-01-01 00:00:00.000", None, "sentinel_date"),
        ("9999-12-31", None, "sentinel_date"),
        ("9999-12-31T23:59:59Z", None, "sentinel_date"),
        ("9999-12-30", None, "sentinel_date"),
        ("01.01.9999", None, "sentinel_date"),
        ("2999-01-01", None, "sentinel_date"),
        ("3000-01-01 00:00:00", None, "sentinel_date"),
        ("2199-12-31", None, "sentinel_date"),
        ("2199-12-30", None, "unreadable_date"),
        # What may say that it goes on, or that it is somebody's status, is asked.
        *((word, None, "unreadable_date") for word in ("aktiv", "active", "open", "offen", "x", "idag")),
        # Words for nothing are nothing.
        ("0000-00-00", None, None),
        ("0000-00-00 00:00:00", None, None),
        ("00.00.0000", None, None),
        ("1900-01-00", None, None),
        ("-", None, None),
        ("NULL", None, None),
        ("n/a", None, None),
        ("#N/A", None, None),
        ("Saknas", None, None),
        (None, None, None),
    ],
)
def test_a_value_is_a_date_or_nothing_or_has_its_fault(
    con: duckdb.DuckDBPyConnection, text: str | None, day: dt.date | None, fault: str | None
) -> None:
    assert read(con, "2021-05-03", text)[1] == (day, fault)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        # A day with a zone, as XML has it, a number with a fraction, what log viewers print, months cut in Finnish.
        ("2016-11-30+01:00", dt.date(2016, 11, 30)),
        ("2016-11-30Z", dt.date(2016, 11, 30)),
        ("2016-11-30-05:00", dt.date(2016, 11, 30)),
        ("20161130.0", dt.date(2016, 11, 30)),
        ("Nov 30, 2016 @ 23:30:00.000", dt.date(2016, 11, 30)),
        ("30. marrask. 2016", dt.date(2016, 11, 30)),
        ("1. kesäk. 2016", dt.date(2016, 6, 1)),
        ("1. tammik. 2016", dt.date(2016, 1, 1)),
        # Other words for nothing.
        ("<NA>", None),
        ("#NV", None),
        ("[]", None),
        ("{}", None),
        *(
            (word, None)
            for word in (
                "unbekannt",
                "ukendt",
                "Ukjent",
                "ikke oppgitt",
                "ei tiedossa",
                "keine",
                "k.A.",
                "vet ej",
                "TBD",
                "tbc",
                "ÅÅÅÅ-MM-DD",
                "TT.MM.JJJJ",
                "dd.mm.åååå",
                "pp.kk.vvvv",
                "__.__.____",
                "(YYYY-MM-DD)",
            )
        ),
    ],
)
def test_a_day_is_read_as_programs_print_it(con: duckdb.DuckDBPyConnection, text: str, day: dt.date | None) -> None:
    assert read(con, "2021-05-03", text)[1] == (day, None)


@pytest.mark.parametrize(
    "text",
    ["Tillsvidare", "tills vidare", "t.v.", "TV", "löpande", "Pågående", "fast anställd", "Present",
     "until further notice", "No end date", "open-ended", "never expires", "unbefristet", "bis auf weiteres",
     "til videre", "indtil videre", "toistaiseksi", "Toistaiseksi voimassa oleva", "vakituinen", "Tillsv.", "tsv",
     "fortlöpande", "obegränsad", "fastansat", "fast stilling", "tidsubegrænset", "toistaiseksi voimassaoleva",
     "Voimassa toistaiseksi", "jatkuva", "vakinainen", "unbegrenzt", "bis heute", "ohne Ende", "indefinite", "pdd."],
)  # fmt: skip
def test_of_an_end_a_word_says_that_there_is_none(con: duckdb.DuckDBPyConnection, text: str) -> None:
    for field, fault in (("ends_on", None), ("role_until", None), ("met_on", "unreadable_date")):
        con.execute("drop view if exists raw cascade")
        con.execute(f"create or replace temp table raw_text (row_no bigint, {field} varchar)")
        con.execute("insert into raw_text values (1, '2021-05-03'), (2, $text)", {"text": text})
        con.execute("create temp view raw as from raw_text")
        formats, _ = dates.answered(dates.decide(con), {})
        dates.read(con, formats)
        shape(con)
        told = con.execute(f"select {field}_day, {field}_fault from dated order by row_no").fetchall()
        assert told == [(dt.date(2021, 5, 3), None), (None, fault)]


def test_a_word_for_nothing_is_taken_away_and_what_is_faulty_stays_to_be_told(con: duckdb.DuckDBPyConnection) -> None:
    read(con, "n/a", "2015-02-30", "2015-02-28")
    assert con.execute("select met_on from dated order by row_no").fetchall() == [
        (None,),
        ("2015-02-30",),
        ("2015-02-28",),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2016-11-30 23:30:00+00",
        "2016-11-30 23:30:00+0000",
        "2016-11-30 23:30:00 +00:00",
        "2016-11-30 23:30:00 UTC",
        "2016-11-30 23:30:00 GMT",
        "2016-11-30 23:30:00 +0000 UTC",
        "2016-12-01 00:30:00.123456 +0100 CET",
        "2016-11-30 20:30:00-05",
        "2016-11-30T20:30-0500",
        "2016-11-30T23:30:00Z",
        "2016-11-30t23:30:00.123z",
        "2016-11-30T23:30:00,5-00:00",
        "2016-11-30 23:30:00.5+00:00[Europe/Stockholm]",
        "2016-11-30 18:30 America/New_York",
        "2016-12-01 00:30 [Europe/Stockholm]",
        "2016-12-01 00:30:00 CET",
        "2016-12-01 01:30 cest",
        "2016-12-01 00:30",
        "20161130T233000Z",
        "20161130233000.0Z",
        "20161201",
        "Wed Nov 30 23:30:00 UTC 2016",
        "Wed, 30 Nov 2016 23:30:00 +0000",
        "Thu Dec 01 2016 00:30:00 GMT+0100 (Central European Standard Time)",
        "30/11/2016 11:30 PM +0000",
        "1/12/2016 12:30:00 AM",
        "den 1:a december 2016 kl. 00.30",
        "\u200b2016\u201112\u201101\u00a0",
        "'2016-12-01",
        "２０１６－１２－０１",
    ],
)
def test_a_moment_is_read_as_its_date_in_stockholm(con: duckdb.DuckDBPyConnection, text: str) -> None:
    assert days(con, text, answer="dmy") == [DECEMBER_1]


def test_a_column_of_moments_in_several_zones_is_read_value_by_value(con: duckdb.DuckDBPyConnection) -> None:
    times = "23:30:00+00", "23:30:00 UTC", "20:30:00-05"
    assert days(con, *(f"2016-11-30 {time}" for time in times), "2016-11-30T23:30:00Z") == [DECEMBER_1] * 4


def test_a_zone_that_nobody_knows_leaves_the_date_in_doubt(con: duckdb.DuckDBPyConnection) -> None:
    assert (
        read(con, "2016-11-30 23:30 XYZ", "2016-11-30 23:30 +25:00", "2016-11-30 23:30 Europe/Atlantis")
        == [(None, "unreadable_date")] * 3
    )


@pytest.mark.parametrize(
    "text",
    [
        "tis 3 feb. 2015",
        "tisdag den 3 februari 2015",
        "3:e feb 2015",
        "Feb 3rd, 2015",
        "Tuesday, February 3, 2015 at 10:22 AM",
        "3 februari 2015 kl. 10:22",
        "03FEB2015",
        "3-Feb-2015",
        "2015 feb 3",
        "3. helmikuuta 2015",
        "3. Feber 2015",
        "d. 3. februar 2015",
        "Tirsdag 3. februar 2015",
        "20150203",
        "20150203102200",
        "3.2.2015",
    ],
)
def test_months_are_read_by_their_names(con: duckdb.DuckDBPyConnection, text: str) -> None:
    assert days(con, text, answer="dmy") == [FEBRUARY_3]


@pytest.mark.parametrize(
    ("text", "month"),
    [("5. Jänner 2018", 1), ("5. Jaenner 2018", 1), ("5. Mrz 2018", 3), ("5. Maerz 2018", 3), ("5. Marz 2018", 3),
     ("5. kesakuuta 2018", 6), ("mån 5 mars 2018", 3), ("man 5 mars 2018", 3), ("5 maj 2018", 5)],
)  # fmt: skip
def test_months_are_read_in_their_other_spellings(con: duckdb.DuckDBPyConnection, text: str, month: int) -> None:
    assert days(con, text, answer="dmy") == [dt.date(2018, month, 5)]


DAYS = st.dates(dt.date(1951, 1, 1), dt.date(2099, 12, 30)).filter(lambda day: day.year != 1970)
MOMENTS = st.datetimes(dt.datetime(1996, 1, 1), dt.datetime(2037, 12, 30)).map(lambda at: at.replace(microsecond=0))
OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: dt.timezone(dt.timedelta(minutes=15 * quarters)))


def _written(day: dt.date) -> list[str]:
    """A date as systems and people write it, where the order of its parts shows or is day first."""
    told = [
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day:%Y/%m/%d}",
        f"{day.year}. {day.month}. {day.day}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%d/%m/%Y}",
        f"{day:%d-%m-%Y %H:%M}",
        f"{day:%d%b%Y}".upper(),
        f"{day:%a %b %d 09:08:07 %Y}",
    ]
    for language in ("sv", "en", "nb", "da", "de", "fi"):
        told += [format_date(day, width, language) for width in ("full", "long", "d MMM y", "EEE d MMMM y", "MMM d, y")]
    return told


@settings(max_examples=8, deadline=None)
@given(chosen=st.lists(DAYS, min_size=1, max_size=4))
# So few can be read in two ways that nobody is asked.
@example(chosen=[dt.date(2000, 1, 1), dt.date(2000, 1, 2)])
def test_every_way_of_writing_a_day_reads_as_that_day(
    con: duckdb.DuckDBPyConnection, chosen: Sequence[dt.date]
) -> None:
    told = [(text, day) for day in chosen for text in _written(day)]
    found = days(con, *[text for text, _ in told], answer="dmy")
    assert list(zip(told, found, strict=True)) == [((text, day), day) for text, day in told]


def _zoned(at: dt.datetime) -> list[str]:
    offset = f"{at:%z}"
    return [
        at.isoformat(),
        at.isoformat(" "),
        f"{at:%Y-%m-%d %H:%M}{offset}",
        f"{at:%Y-%m-%dT%H:%M:%S.123} {offset}",
        f"{at:%Y-%m-%d %H:%M:%S} UTC{offset[:3]}:{offset[3:]}",
        f"{at:%Y%m%dT%H%M%S}{offset}",
        f"{at:%a, %d %b %Y %H:%M:%S} {offset}",
        f"{at:%d/%m/%Y %I:%M:%S %p} {offset}",
        f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} GMT",
        f"{at.astimezone(dt.UTC):%Y-%m-%dt%H:%M:%Sz}",
        f"{at.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m-%d %H:%M:%S} Asia/Tokyo",
    ]


@settings(max_examples=8, deadline=None)
@given(chosen=st.lists(st.tuples(MOMENTS, OFFSETS), min_size=1, max_size=6))
def test_every_way_of_writing_a_moment_reads_as_its_day_in_stockholm(
    con: duckdb.DuckDBPyConnection, chosen: Sequence[tuple[dt.datetime, dt.timezone]]
) -> None:
    moments = [at.replace(tzinfo=zone) for at, zone in chosen]
    told = [(text, at.astimezone(STOCKHOLM).date()) for at in moments for text in _zoned(at)]
    found = days(con, *[text for text, _ in told], answer="dmy")
    assert list(zip(told, found, strict=True)) == [((text, day), day) for text, day in told]


@settings(max_examples=4, deadline=None)
@given(chosen=st.lists(MOMENTS, min_size=1, max_size=12))
def test_counted_days_and_seconds_read_as_the_day_that_they_count_to(
    con: duckdb.DuckDBPyConnection, chosen: Sequence[dt.datetime]
) -> None:
    since_1900 = [(at - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1) for at in chosen]
    told = [f"{serial:.8f}" for serial in since_1900]
    assert days(con, *told, *[one.replace(".", ",") for one in told]) == 2 * [at.date() for at in chosen]
    instants = [at.replace(tzinfo=dt.UTC) for at in chosen]
    local = [at.astimezone(STOCKHOLM).date() for at in instants]
    assert days(con, *[str(int(at.timestamp() * 1000)) for at in instants]) == local
    assert days(con, *[str(int(at.timestamp())) for at in instants]) == local


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-15T23:30:00Z", dt.datetime(2026, 1, 15, 23, 30, tzinfo=dt.UTC)),
        ("2026-01-15T23:30:00+01:00", dt.datetime(2026, 1, 15, 22, 30, tzinfo=dt.UTC)),
        ("2026-07-01 12:00", dt.datetime(2026, 7, 1, 10, 0, tzinfo=dt.UTC)),
        ("2026-07-01 12:00:00", dt.datetime(2026, 7, 1, 10, 0, tzinfo=dt.UTC)),
        # Happens twice; the first is meant.
        ("2026-10-25 02:30:00", dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)),
        ("25.10.2026 02.30", dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)),
        # Never happens.
        ("2026-03-29 02:30:00", None),
        ("29.3.2026 02:30", None),
        ("24.11.2026 08:15", dt.datetime(2026, 11, 24, 7, 15, tzinfo=dt.UTC)),
        ("24.11.2026 8:15 PM", dt.datetime(2026, 11, 24, 19, 15, tzinfo=dt.UTC)),
        ("24.11.2026", dt.datetime(2026, 11, 23, 23, 0, tzinfo=dt.UTC)),
        ("2026-11-24", dt.datetime(2026, 11, 23, 23, 0, tzinfo=dt.UTC)),
        ("igår", None),
    ],
)
def test_an_instant_is_read_in_stockholm_time(
    con: duckdb.DuckDBPyConnection, text: str, instant: dt.datetime | None
) -> None:
    found = decided(con, text, field="received_at")
    dates.read(con, dates.answered({"received_at": found}, {})[0])
    shape(con)
    row = con.execute("select received_at_instant from dated").fetchone()
    assert row is not None and row[0] == instant


def test_a_column_is_told_with_three_examples_of_its_different_shapes(con: duckdb.DuckDBPyConnection) -> None:
    found = decided(con, "2016-11-30 23:30:00+00", "2015-01-02", "24/12/2019", "3 feb 2015", "-", "4 feb 2015")
    assert isinstance(found, str)
    assert found == "iso+day_month_name+dmy"
    dates.read(con, {"met_on": found})
    assert dict(dates.sampled(con)["met_on"]) == {
        "2015-01-02": dt.date(2015, 1, 2),
        "24/12/2019": dt.date(2019, 12, 24),
        "3 feb 2015": FEBRUARY_3,
    }


def test_dates_that_are_set_aside_come_back_with_their_rows(tmp_path: Path) -> None:
    con = workbench(tmp_path)
    read(con, "3 feb 2015")
    dates.set_aside(con, 0)
    read(con, "2016-12-01")
    dates.bring_back(con, 0)
    assert con.execute("select day from date_reading").fetchall() == [(FEBRUARY_3,)]


@pytest.mark.parametrize("field", ["met_on", "received_at"])
def test_what_is_read_apart_changes_nothing_of_what_is_written_as_most_write_it(
    con: duckdb.DuckDBPyConnection, field: str
) -> None:
    written = ["2021-05-03", "2021-05-03T23:30:00Z", "2021-05-03 10:30:00+01:00", "2021-05-03 00:00:00", None]
    of_shape, rows = [], []
    # A word for nothing is read apart, and nothing else is.
    for values in (written, [*written, "saknas"]):
        decided(con, *values, field=field)
        dates.read(con, {})
        shape(con)
        of_shape.append(con.execute("describe dated").fetchall())
        rows.append(con.execute("from dated order by row_no").fetchall())
        assert con.execute("select count(*) from date_reading").fetchone() == (len(values) - len(written),)
    assert of_shape[0] == of_shape[1]
    assert rows[0] == rows[1][:-1]
    # Whose row is read apart has no date, no fault, and not even the word.
    assert set(rows[1][-1][1:]) == {None}


def test_each_column_is_read_by_what_was_read_apart_in_itself(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("drop view if exists raw cascade")
    told = ("3 feb 2015", "2015-01-02", "3 feb 2015", "3 feb 2015")
    names = "row_no, met_on, inbound_on, ends_on, received_at"
    con.execute(f"create temp view raw as select * from (values (1, {str(told)[1:-1]})) as row({names})")
    dates.read(con, dates.answered(dates.decide(con), {})[0])
    shape(con)
    found = con.execute("select met_on_day, inbound_on_day, ends_on_day, starts_on_day, received_at_instant from dated")
    assert found.fetchall() == [
        (FEBRUARY_3, dt.date(2015, 1, 2), FEBRUARY_3, None, dt.datetime(2015, 2, 2, 23, tzinfo=dt.UTC))
    ]
