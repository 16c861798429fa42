"""Requests in the register, and the backlog on a day. Petra may see names; the others not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import builds
from compliance.access import Actor, demo_actors
from compliance.ledger.tables import ledger
from compliance.register.engine import writing
from compliance.requests import backlog
from compliance.requests import verbs as requests
from compliance.requests.backlog import Block, Bucket
from compliance.requests.tables import Outcome, request
from compliance.requests.verbs import Counts
from compliance.words.deadlines import RequestState
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from tests.world import TODAY, World, acting, shipped_parameters

NOW = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)
PARAMETERS = shipped_parameters()


def form(reference: str = "R1", received: str = "2026-11-02T08:00:00+01:00", **values: Any) -> dict[str, Any]:
    row = {"source": "form", "reference": reference, "received_at": dt.datetime.fromisoformat(received)}
    for name, value in values.items():
        row[name] = dt.date.fromisoformat(value) if name.endswith("_on") else value
    return row


def register_rows(register: sa.Engine, *rows: Mapping[str, Any]) -> Counts:
    with writing(register) as connection:
        return requests.register_form_rows(connection, rows, author=None, now=NOW)


def carried_out(connection: sa.Connection, source: str, reference: str, batch: int) -> bool:
    """A purge takes all that a request asks for."""
    return requests.carried_out(
        connection, source, reference, outcome=Outcome.DONE, is_over=True, by_law=(), batch_id=batch, today=TODAY,
        author=None, now=NOW,
    )  # fmt: skip


def only(register: sa.Engine, as_of: dt.date = TODAY, reading: Any = None) -> backlog.BacklogItem:
    (item,) = backlog.backlog(register, reading, as_of, PARAMETERS)
    return item


def ledger_lines(register: sa.Engine) -> list[str]:
    with register.connect() as connection:
        return list(connection.scalars(sa.select(ledger.c.event).order_by(ledger.c.seq)))


def test_each_change_is_counted_and_has_its_line(register: sa.Engine) -> None:
    assert register_rows(register, form(), form("R2")) == Counts(2, 0, 0, 0)
    assert register_rows(register, form(), form("R2", closed_on="2026-11-20")) == Counts(0, 1, 1, 0)
    assert ledger_lines(register) == ["request:registered", "request:registered", "request:updated"]


def test_an_older_export_does_not_reopen(register: sa.Engine) -> None:
    register_rows(register, form(closed_on="2026-11-20", outcome="Raderad"))
    assert register_rows(register, form()) == Counts(0, 0, 0, 1)
    assert backlog.backlog(register, None, TODAY, PARAMETERS) == []


def test_what_an_answered_request_gave_is_in_no_file_of_the_register(
    register: sa.Engine, register_settings: Settings
) -> None:
    def kept() -> bytes:
        """What the register's file, or its table in PostgreSQL's own, consists of."""
        if register.dialect.name == "sqlite":
            files = register_settings.store.glob("register.db*")
            return b"".join(path.read_bytes() for path in files if not path.name.endswith("-shm"))
        with register.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("checkpoint"))
            return bytes(connection.scalar(sa.text("select pg_read_binary_file(pg_relation_filepath('request'))")))

    register_rows(register, form(email="berit@kund.example", name="Berit Ask"), form("R2", email="cilla@kund.example"))
    assert b"berit@kund.example" in kept()
    with writing(register) as connection:
        assert carried_out(connection, "form", "R1", 1)
    builds.forget_keys(register)
    assert b"berit" not in kept().lower() and b"cilla@kund.example" in kept()


def test_free_text_is_never_kept(register: sa.Engine) -> None:
    said = "Ring Berit på 070"
    register_rows(register, form(requester=said, outcome=said, extension_reason=said, request_kind=said))
    with register.connect() as connection:
        row = connection.execute(sa.select(request)).mappings().one()
    assert said not in [str(value) for value in row.values()]
    assert (row["kind"], row["requester"], row["outcome"], row["extension_reason"]) == (
        "erasure",
        "other",
        "other",
        "other",
    )


def test_an_unreadable_row_is_refused_without_its_content(register: sa.Engine) -> None:
    with pytest.raises(Refused) as refusal:
        register_rows(register, form(), form("R2") | {"received_at": "berit@bolaget.example"})
    assert str(refusal.value) == "request_unreadable(field='received_at')"
    assert ledger_lines(register) == []


def test_received_late_in_the_evening_utc_is_the_next_day_in_stockholm(register: sa.Engine) -> None:
    register_rows(register, form(received="2026-11-01T23:30:00+00:00"))
    item = only(register)
    assert (item.received_on, item.due_on) == (dt.date(2026, 11, 2), dt.date(2026, 12, 2))
    assert (item.age_days, item.days_left, item.state) == (22, 8, RequestState.OPEN)


def test_a_user_of_a_customer_is_passed_on_in_five_working_days(register: sa.Engine) -> None:
    register_rows(register, form(requester="Användare i kundmiljö"))
    item = only(register)
    assert (item.role, item.state, item.blocks) == ("processor", RequestState.REDIRECTED, (Block.PROCESSOR,))
    assert (item.due_on, item.bucket) == (dt.date(2026, 11, 9), Bucket.REDIRECTED)


def test_an_open_question_of_identity_pauses(register: sa.Engine) -> None:
    register_rows(register, form(identity_asked_on="2026-11-03"))
    item = only(register, dt.date(2026, 11, 24))
    assert (item.state, item.provisional, item.blocks) == (
        RequestState.PAUSED,
        True,
        (Block.IDENTITY_PENDING,),
    )
    # Its days count up to the day that it is seen: the deadline is no earlier than it would be if answered today.
    assert (item.due_on, only(register, dt.date(2026, 11, 5)).due_on) == (dt.date(2026, 12, 23), dt.date(2026, 12, 4))


def test_what_happened_later_is_not_known_yet(register: sa.Engine) -> None:
    register_rows(register, form(identity_asked_on="2026-11-03", closed_on="2026-11-20"))
    item = only(register, dt.date(2026, 11, 2))
    assert (item.state, item.provisional) == (RequestState.OPEN, False)
    assert backlog.backlog(register, None, dt.date(2026, 11, 1), PARAMETERS) == []


def test_an_extension_counts_from_receipt(register: sa.Engine) -> None:
    register_rows(
        register,
        form(
            received="2026-01-31T10:00:00+01:00",
            extended_on="2026-02-20",
            extension_reason="Komplicerat ärende",
        ),
    )
    item = only(register, dt.date(2026, 3, 1))
    assert (item.due_on, item.extension_valid) == (dt.date(2026, 4, 30), True)


def test_the_buckets_add_up(register: sa.Engine) -> None:
    register_rows(register, form("A", "2026-09-01T10:00:00+02:00"), form("B", "2026-10-20T10:00:00+02:00"), form("C"))
    counted = backlog.buckets(backlog.backlog(register, None, TODAY, PARAMETERS))
    assert counted[Bucket.OVERDUE_MONTH] == counted[Bucket.OVERDUE] == counted[Bucket.WITHIN_MONTH] == 1
    assert sum(counted.values()) == 3


def test_the_copy_tells_what_blocks(register: sa.Engine, tmp_path: Any) -> None:
    world = World(tmp_path)
    org = world.customer("2020-01-01")
    key = world.person("CUSTOMER_CONTACT", org_id=org, registered_on="2020-01-01", email="a@bolaget.example")
    world.hold("category", "CUSTOMER_CONTACT", "2026-01-01")
    world.request("R1", "a@bolaget.example")
    world.request("R2", "nobody@bolaget.example")
    world.request("R3", "a@bolaget.example")
    reading = world.reading()
    register_rows(register, form("R1"), form("R2"), form("R3", request_kind="Registerutdrag"))
    items = {item.reference: item for item in backlog.backlog(register, reading, TODAY, PARAMETERS)}
    assert key
    assert items["R1"].blocks == (Block.HELD, Block.ACCESS_FIRST)
    assert (items["R1"].persons_found, items["R1"].bases) == (1, 1)
    assert items["R2"].blocks == (Block.NOT_FOUND_IN_COPY,)
    assert items["R3"].blocks == ()
    # What is remembered of it is the same, also after something has happened, and of another day.
    for as_of in (TODAY, TODAY + dt.timedelta(days=1)):
        assert [*backlog.remembered(register, reading, as_of, PARAMETERS)] == backlog.backlog(
            register, reading, as_of, PARAMETERS
        )
    register_rows(register, form("R4"))
    assert [*backlog.remembered(register, reading, TODAY, PARAMETERS)] == backlog.backlog(
        register, reading, TODAY, PARAMETERS
    )


def actor(settings: Settings, name: str) -> Actor:
    return next(actor for actor in demo_actors(settings) if actor.email.startswith(name))


def test_a_name_is_shown_to_petra_and_the_look_is_recorded(register: sa.Engine, register_settings: Settings) -> None:
    register_rows(register, form(name="Berit Ek", email="berit@bolaget.example"))
    petra = actor(register_settings, "petra")
    at = acting(register_settings, register, petra, NOW)
    person = requests.person_of(at, "form", "R1", build=1)
    assert person.name == "Berit Ek"
    assert ledger_lines(register)[-1] == "persons:seen"


@pytest.mark.parametrize("name", ["axel", "olle", "agnes", "ada"])
def test_a_name_is_not_shown_to_others(register: sa.Engine, register_settings: Settings, name: str) -> None:
    register_rows(register, form(name="Berit Ek"))
    at = acting(register_settings, register, actor(register_settings, name), NOW)
    with pytest.raises(Refused, match="not_allowed"):
        requests.person_of(at, "form", "R1", build=1)
    assert "persons:seen" not in ledger_lines(register)
