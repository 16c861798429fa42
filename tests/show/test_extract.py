"""An extract opens right, says what it is, and runs nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.show.extract import Flavour, Stamp, file_name, phone_in_words, to_csv

STAMP = Stamp(7, dt.date(2026, 11, 24), "status=OVERDUE")
COLUMNS = [("name", "Namn"), ("share", "Andel")]


def test_excel_in_swedish_byte_for_byte() -> None:
    made = b"".join(to_csv(COLUMNS, [[("Åsa; Ek", 1.5)], [(None, -2)]], language="sv", flavour="excel", stamp=STAMP))
    assert (
        made
        == (
            "\ufeffNamn;Andel;Utdrag ur bygge;Läget den;Filter\r\n"
            '"Åsa; Ek";1,5;7;2026-11-24;status=OVERDUE\r\n'
            ";-2;7;2026-11-24;status=OVERDUE\r\n"
        ).encode()
    )


def test_plain_byte_for_byte() -> None:
    made = b"".join(to_csv(COLUMNS, [[("Åsa, Ek", 1.5)]], language="sv", flavour="plain", stamp=STAMP))
    assert made == 'name,share,build,as_of,filter\n"Åsa, Ek",1.5,7,2026-11-24,status=OVERDUE\n'.encode()


VALUES = (True, False, dt.datetime(2026, 11, 24, 5, 6, 7, 890), dt.date(2026, 11, 24), "a\r\nb", "a\rb", 3)


@pytest.mark.parametrize(
    ("flavour", "language", "yes_and_no"),
    [("plain", "sv", ("true", "false")), ("excel", "sv", ("ja", "nej")), ("excel", "en", ("yes", "no"))],
)
def test_a_value_is_written_by_its_kind(flavour: Flavour, language: str, yes_and_no: tuple[str, str]) -> None:
    columns = [(f"c{number}", f"c{number}") for number in range(len(VALUES))]
    made = b"".join(to_csv(columns, [[VALUES]], language=language, flavour=flavour, stamp=STAMP))
    text = io.StringIO(made.decode("utf-8-sig"), newline="")
    told = list(csv.reader(text, delimiter=";" if flavour == "excel" else ","))[1][: len(VALUES)]
    assert (told[:2] if flavour == "plain" else [word.lower() for word in told[:2]]) == list(yes_and_no)
    assert told[2:] == ["2026-11-24 05:06:07", "2026-11-24", "a\nb", "a\nb", "3"]


@pytest.mark.parametrize("text", ["=1+1", "+46", "-x", "@sum(a)", " =1", "\t=1", "\r=1", "\n=1", "＝1", "|calc"])
@pytest.mark.parametrize("flavour", ["excel", "plain"])
def test_no_cell_is_a_formula(text: str, flavour: str) -> None:
    stamp = Stamp(1, STAMP.as_of, text)
    made = b"".join(to_csv([("a", "A")], [[(text,)]], language="en", flavour=flavour, stamp=stamp))  # type: ignore[arg-type]
    delimiter = ";" if flavour == "excel" else ","
    rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    guarded = "'" + text.replace("\r", "\n")
    assert rows[1] == [guarded, "1", "2026-11-24", guarded]


def test_missing_numbers_of_frames_are_empty() -> None:
    made = b"".join(to_csv([("a", "A")], [[(float("nan"),)]], language="en", flavour="plain", stamp=STAMP))
    assert made.splitlines()[1].startswith(b",7")


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="2 columns"):
        b"".join(to_csv(COLUMNS, [[("a",)]], language="en", flavour="plain", stamp=STAMP))


def test_a_file_name_in_no_language_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown language fi"):
        file_name("Förfaller snart!", STAMP, "fi")


def test_the_file_name_says_day_and_build() -> None:
    assert file_name("Förfaller snart!", STAMP, "sv") == "forfaller-snart-2026-11-24-build-7-sv.csv"


def test_without_a_copy_an_extract_says_the_day_alone() -> None:
    stamp = Stamp(None, STAMP.as_of, "")
    assert file_name("Logg", stamp, "sv") == "logg-2026-11-24-sv.csv"
    made = b"".join(to_csv([("line", "Line")], [[(1,)]], language="en", flavour="plain", stamp=stamp))
    assert made == b"line,build,as_of,filter\n1,,2026-11-24,\n"


def _a_spreadsheet_makes_a_number_of(cell: str) -> bool:
    """As Excel does in Swedish and English: signs, thousands by space or comma, decimals, exponents, sums."""
    number = r"[+-]?(\d+|\d{1,3}([ \u00a0,.]\d{3})+)([.,]\d*)?([eE][+-]?\d+)?%?"
    return re.fullmatch(rf"\s*{number}([-+*/]{number})*\s*", cell) is not None


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("+46701740605", "+46 70 174 06 05"),
        ("0701740605", "+46 70 174 06 05"),
        ("070-174 06 05", "+46 70 174 06 05"),
        ("+46 8 123 456 78", "+46 8 123 456 78"),
        ("+1-212-555-0123", "+1 212 555 0123"),
        ("+48512345678", "+48 51234 56 78"),
        ("+420601123456", "+420 60112 34 56"),
        ("08-123 45 67 ext. 12", "+46 8 123 45 67 ext. 12"),
        # What is no number stays what it is, and cannot run.
        ("växeln", "växeln"),
        ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"),
        ("+46", "'+46"),
        ("-", "'-"),
    ],
)
@pytest.mark.parametrize("flavour", ["excel", "plain"])
def test_a_phone_number_opens_as_the_text_that_it_is(stored: str, written: str, flavour: str) -> None:
    made = b"".join(to_csv([("phone", "Telefon")], [[(stored,)]], language="sv", flavour=flavour, stamp=STAMP))  # type: ignore[arg-type]
    delimiter = ";" if flavour == "excel" else ","
    cell = list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline=""), delimiter=delimiter))[1][0]
    assert cell == written
    assert not _a_spreadsheet_makes_a_number_of(cell)


@given(country=st.sampled_from([46, 47, 45, 358, 44, 1, 49, 48, 420, 33, 386]), rest=st.integers(10**6, 10**11))
@settings(max_examples=200, deadline=None)
def test_no_phone_number_is_a_number_to_a_spreadsheet(country: int, rest: int) -> None:
    cell = phone_in_words(f"+{country}{rest}")
    assert cell.startswith("'") or not _a_spreadsheet_makes_a_number_of(cell)
    assert re.sub(r"\D", "", cell).startswith(str(country))
