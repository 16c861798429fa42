"""Two spellings of one address, number or name are the same; what is not the same stays apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import phonenumbers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.se import personnummer

from compliance.build.builder import workbench
from compliance.identity.normalise import ascii_domain, e164


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = workbench(tmp_path_factory.mktemp("normalise"))
    yield opened
    opened.close()


def sql(con: duckdb.DuckDBPyConnection, macro: str, text: str | None) -> Any:
    row = con.execute(f"select {macro}($t)", {"t": text}).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Anna.Berg@Kund.example", "anna.berg@kund.example"),
        ("anna.berg+nyhet@kund.example", "anna.berg@kund.example"),
        ("info@kund.example", None),
        ("INFO@kund.example", None),
        ("information.berg@kund.example", "information.berg@kund.example"),
        ("anna@kund", None),
        ("anna kund.example", None),
        ("a@b@kund.example", None),
        (None, None),
    ],
)
def test_an_address_has_one_key(con: duckdb.DuckDBPyConnection, text: str | None, key: str | None) -> None:
    assert sql(con, "email_key", text) == key


@pytest.mark.parametrize(
    "text",
    ["070-174 06 05", "0701740605", "+46 70 174 06 05", "+46 (0)70-1740605", "0046701740605", "070/174.06.05"],
)
def test_a_number_has_one_key_however_it_is_written(con: duckdb.DuckDBPyConnection, text: str) -> None:
    assert sql(con, "phone_key", text) == "+46701740605"
    assert e164(text.replace("0046", "+46", 1) if text.startswith("0046") else text) == "+46701740605"


@pytest.mark.parametrize("text", ["070-1740605 ext 3", "12", "okänt", "+", "000000", None])
def test_an_unusual_number_is_left_for_the_library(con: duckdb.DuckDBPyConnection, text: str | None) -> None:
    assert sql(con, "phone_key", text) is None


def test_the_library_completes_what_sql_leaves() -> None:
    assert e164("070-1740605 ext 3") == "+46701740605"
    assert e164("okänt") is None
    assert ascii_domain("anna@räksmörgås.example") == "anna@xn--rksmrgs-5wao1o.example"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.integers(10_000_000, 799_999_999).map(lambda value: f"0{value}"),
    places=st.lists(st.integers(1, 8), max_size=3),
    mark=st.sampled_from(["-", " ", "/"]),
)
def test_a_plain_swedish_number_gets_the_key_that_the_library_gives(
    con: duckdb.DuckDBPyConnection, number: str, places: list[int], mark: str
) -> None:
    written = number
    for place in sorted(set(places), reverse=True):
        written = written[:place] + mark + written[place:]
    parsed = phonenumbers.parse(number, "SE")
    wanted = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    assert sql(con, "phone_key", written) == wanted


@pytest.mark.parametrize(
    ("text", "key"),
    [("Berg, Anna", "anna berg"), ("  Anna   BERG ", "anna berg"), ("Åsa Öberg", "åsa öberg"), ("", None)],
)
def test_a_name_has_one_key(con: duckdb.DuckDBPyConnection, text: str, key: str | None) -> None:
    assert sql(con, "name_key", text) == key


def with_check_digit(nine: str) -> str:
    total = 0
    for place, letter in enumerate(nine):
        digit = int(letter) * (2 if place % 2 == 0 else 1)
        total += digit // 10 + digit % 10
    return nine + str(-total % 10)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    day=st.dates(),
    serial=st.integers(0, 999),
    break_it=st.booleans(),
    around=st.sampled_from(["{}", "kontakt {} vd", "({})"]),
)
def test_a_personnummer_is_found_by_its_check_digit(
    con: duckdb.DuckDBPyConnection, day: Any, serial: int, break_it: bool, around: str
) -> None:
    ten = with_check_digit(f"{day:%y%m%d}{serial:03d}")
    if break_it:
        ten = ten[:-1] + str((int(ten[-1]) + 1) % 10)
    written = f"{ten[:6]}-{ten[6:]}"
    assert personnummer.is_valid(written) is not break_it
    assert sql(con, "looks_like_personnummer", around.format(written)) is not break_it


@pytest.mark.parametrize("text", ["556036-0793", "070-1740605", "2026-11-24", "12345", "", None])
def test_other_numbers_are_no_personnummer(con: duckdb.DuckDBPyConnection, text: str | None) -> None:
    assert sql(con, "looks_like_personnummer", text) is False
