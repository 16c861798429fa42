"""A ticket system's export as a way in: number, day and sender, whatever system wrote it; the rest stays outside."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.command import main
from compliance.register.engine import engine
from compliance.requests.tables import request
from compliance.requests.tickets import Left, tickets
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from tests.world import TODAY

JIRA = (
    "Summary,Issue key,Issue id,Issue Type,Status,Priority,Reporter,Created,Updated,Labels,Labels,Description\r\n"
    '"Radera mig",DSR-7,10001,Request,Open,High,anna@kund.example,23/Nov/26 11:41 PM,24/Nov/26 8:00 AM,a,b,'
    '"Hej,\r\n\r\njag heter Anna."\r\n'
)
ZENDESK = (
    "Id,Requester,Requester id,Requester email,Requester domain,Submitter,Subject,Status,Created at,Updated at\n"
    "811,Anna Berg,9,anna@kund.example,kund.example,Anna Berg,Radera,Open,2026-11-23 14:02,2026-11-24 08:00\n"
)
FRESHDESK = (
    "Ticket ID,Subject,Status,Priority,Source,Created time,Closed time,Full name,Email,Work phone,Mobile phone\n"
    '42,Radera,Open,Low,Email,2026-11-23 14:02:11,,Anna Berg,anna@kund.example,"08-12 34 56",070-174 06 05\n'
)
OTRS = (
    "Ticket#;Age;Created;State;From;Title\n"
    "2026112310000017;1 d;2026-11-23T23:30:00Z;open;Anna Berg <anna@kund.example>;Radera\n"
)


@pytest.mark.parametrize(
    ("written", "encoding", "found"),
    [
        (JIRA, "utf-8-sig", ("DSR-7", dt.date(2026, 11, 23), None, "anna@kund.example", None)),
        (ZENDESK, "utf-16", ("811", dt.date(2026, 11, 23), "Anna Berg", "anna@kund.example", None)),
        (FRESHDESK, "utf-8", ("42", dt.date(2026, 11, 23), "Anna Berg", "anna@kund.example", "070-174 06 05")),
        # Half past eleven in the evening in London is the next day in Stockholm.
        (OTRS, "cp1252", ("2026112310000017", dt.date(2026, 11, 24), "Anna Berg", "anna@kund.example", None)),
    ],
)
def test_each_systems_export_is_read_as_it_is_written(
    tmp_path: Path, written: str, encoding: str, found: tuple[object, ...]
) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(written.encode(encoding))
    ((line, ticket),) = [one for one in tickets(file) if not isinstance(one, Left)]
    assert (ticket.reference, ticket.created_on, ticket.name, ticket.email, ticket.phone) == found
    assert line == 2


def test_what_cannot_be_read_is_left_with_its_line_and_reason_and_the_rest_is_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    file = tmp_path / "export.csv"
    rows = [
        "811,Anna Berg,anna@kund.example,2026-11-23 14:02,Radera",
        ",Bo Dahl,bo@kund.example,2026-11-23 14:02,Radera",
        "813,Eva Sten,eva@kund.example,11/12/2026 14:02,Radera",
        "814,,,2026-11-23 14:02,Radera",
        "8140,Ulf Rask,ulf@kund.example,0001-01-01T00:00:00-12:00,Radera",
        "8141,Ulf Rask,ulf@kund.example,9999-12-31T23:59:00-12:00,Radera",
        "815,Tove Wik,inte en adress,2026-11-23 14:02,Radera",
        "816,Rut Falk,rut@kund.example,2026-11-20 09:00,Radera",
    ]
    file.write_text("\n".join(["Id,Requester,Requester email,Created at,Subject", *rows, ""]), encoding="utf-8")
    call = ["requests", "tickets", str(file), "--kind", "erasure"]
    assert main([*call, "--system", "zendesk"]) == 1
    told = capsys.readouterr()
    assert told.out == "requests: 2 registered, 0 known\n"
    assert [one.partition(":")[0] for one in told.err.splitlines()] == [
        f"export.csv, line {line}" for line in (3, 4, 5, 6, 7, 8)
    ]  # fmt: skip
    # Nobody's name stands where others read it.
    assert "Tove" not in told.err and "Eva" not in told.err
    with engine(settings_of.load()).connect() as connection:
        kept = connection.execute(sa.select(request.c.reference, request.c.channel, request.c.email)).all()
    assert sorted(map(tuple, kept)) == [
        ("ticket-zendesk-811", "ticket", "anna@kund.example"), ("ticket-zendesk-816", "ticket", "rut@kund.example"),
    ]  # fmt: skip
    assert main([*call, "--system", "zendesk"]) == 1
    assert capsys.readouterr().out == "requests: 0 registered, 2 known\n"
    # Another system numbers alike, and what it is asked for is a customer's to answer.
    of_customer = ["--system", "otrs", "--requester", "env_user", "--customer", "Bolaget AB"]
    assert main([*call, *of_customer]) == 1
    assert capsys.readouterr().out == "requests: 2 registered, 0 known\n"
    with engine(settings_of.load()).connect() as connection:
        others = sa.select(request.c.role, request.c.customer).where(request.c.reference.startswith("ticket-otrs-"))
        assert set(map(tuple, connection.execute(others))) == {("processor", "Bolaget AB")}
    for name in ("", "A", "två", "a b", "a" * 21):
        with pytest.raises(SystemExit) as ended:
            main([*call, "--system", name])
        assert ended.value.code == 2


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Subject,Created at,Requester email", "tickets_no_number"),
        ("Id,Subject,Requester email", "tickets_no_day"),
        ("Id,Subject,Created at", "tickets_no_sender"),
    ],
)
def test_a_file_without_what_is_needed_says_what_it_lacks(tmp_path: Path, header: str, code: str) -> None:
    file = tmp_path / "export.csv"
    file.write_text(f"{header}\n1,b,c@kund.example\n", encoding="utf-8")
    with pytest.raises(Refused, match=code):
        list(tickets(file))
