"""Completes the identity keys that SQL alone cannot make: unusual phone numbers and domains outside ASCII."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import idna
import phonenumbers

from compliance.words import queries

_HOME = "SE"


def complete_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Fills phone_key and email_key of build.record where queries/build/stage/normalise.sql left them open."""
    _complete(con, "odd_phones", "complete_phones", e164)
    _complete(con, "odd_mails", "complete_mails", ascii_domain)


def complete_staged_keys(con: duckdb.DuckDBPyConnection) -> None:
    """The same for rows that are not in the build yet (table `guarded`), so that they meet the same keys."""
    _complete(con, "staged_odd_phones", "staged_complete_phones", e164)
    _complete(con, "staged_odd_mails", "staged_complete_mails", ascii_domain)


def _complete(con: duckdb.DuckDBPyConnection, odd: str, complete: str, rewrite: Callable[[str], str | None]) -> None:
    originals = [str(row[0]) for row in con.execute(queries.load(f"{odd}")).fetchall()]
    pairs = [(text, found) for text in originals if (found := rewrite(text)) is not None]
    con.execute("create or replace temp table completed (original varchar, completed varchar)")
    if pairs:
        con.executemany("insert into completed values (?, ?)", pairs)
        con.execute(queries.load(f"{complete}"))


def e164(number: str) -> str | None:
    """A phone number as +46..., or None where it is no possible number; numbers without a country are Swedish."""
    try:
        parsed = phonenumbers.parse(number, _HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def ascii_domain(address: str) -> str | None:
    """An address with its domain in ASCII, or None where the domain cannot be written so."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return None
