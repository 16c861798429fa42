"""What is remembered of those who were kept out, let in or may be either, column by column, build after build."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.evidence.content import Another
from compliance.ledger.tables import ledger
from compliance.register.engine import writing
from compliance.suppression import entries as suppression_entries
from compliance.suppression import verbs
from compliance.suppression.entries import Hit
from compliance.suppression.tables import Seen, Verdict, reappearance, suppression
from compliance.words.settings import Settings
from tests.suppression.test_suppression import NOW, Company

LATER = NOW + dt.timedelta(days=1)
COLUMNS = [column for column in reappearance.c if column.name != "reappearance_id"]


@pytest.fixture
def company(settings: Settings, tmp_path: Path) -> Company:
    """With seven entries of a purge, and two of another."""
    made = Company(settings, tmp_path / "in")
    for keys in ("1234567", "89"):
        batch_id = made.batch()
        for key in keys:
            made.erase(key, batch_id=batch_id)
    return made


def hit(entry: int, kind: Seen | None, row: int | None = None, letter: str = "") -> Hit:
    return Hit(
        "crm_prospects", "crm", row or entry, entry, 1, f"record{entry}", f"name{entry}{letter}",
        f"address{entry}{letter}", f"number{entry}{letter}", False, False, kind,
    )  # fmt: skip


def record(company: Company, hits: list[Hit], build: int, now: dt.datetime) -> list[tuple[str, dict[str, Any]]]:
    """The ledger lines that it writes."""
    with writing(company.register) as connection:
        before = connection.scalar(sa.select(sa.func.max(ledger.c.seq))) or 0
        verbs.record(connection, hits, build_id=build, run_id=f"run{build}", author=None, now=now)
        lines = connection.execute(sa.select(ledger).where(ledger.c.seq > before).order_by(ledger.c.seq)).mappings()
        told = [(line["event"], json.loads(line["details"]), line["build_id"]) for line in lines]
    assert {build_id for _, _, build_id in told} <= {build}
    return [(event, details) for event, details, _ in told]


def rows(company: Company) -> list[dict[str, Any]]:
    with company.register.connect() as connection:
        found = connection.execute(sa.select(*COLUMNS).order_by(reappearance.c.reappearance_id)).mappings()
        return [dict(row) for row in found]


def seen(entry: int, kind: Seen, last: int, letter: str = "", **decided: Any) -> dict[str, Any]:
    """What stands of an entry that was first met in build 1."""
    met = {"name_digest": "name", "email_name_digest": "address", "phone_digest": "number"}
    is_possible = kind == Seen.POSSIBLE
    return {
        "suppression_id": entry, "record_digest": f"record{entry}", "kind": kind, "source": "crm",
        "dataset": "crm_prospects", "first_build": 1, "last_build": last, "first_seen_at": NOW,
        "last_seen_at": NOW if last == 1 else LATER,
        **{name: f"{word}{entry}{letter}" if is_possible else None for name, word in met.items()},
        **dict.fromkeys(("confirmed_by", "confirmed_at", "verdict", "reason")), **decided,
    }  # fmt: skip


def test_whoever_is_met_again_stands_there_once_with_what_was_seen_last(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As few at once that all of several hundred have to come in several rounds.
    monkeypatch.setattr(verbs, "_CHUNK", 2)
    kinds = [*[Seen.KEPT_OUT] * 5, Seen.POSSIBLE, Seen.LET_IN, Seen.POSSIBLE]
    # Of entry 1 there are two rows with one record, and one row is none of anybody.
    hits = [*(hit(number, kind) for number, kind in enumerate(kinds, 1)), hit(1, Seen.KEPT_OUT, 20), hit(9, None)]
    kept_out, possible, back = (
        {"run": "run1", "source": "crm", "rows": n, "new": n} for n in (6, 2, 1)
    )  # fmt: skip
    assert record(company, [], 1, NOW) == record(company, [hit(9, None)], 1, NOW) == []
    first = record(company, hits, 1, NOW)
    assert first[1:] == [("persons:possible", possible), ("persons:returned", back)]
    # Of the two rows with one record the last is the new one.
    assert first[0] == ("persons:kept_out", {**kept_out, "new": 5})
    assert rows(company) == [seen(number, kind, 1) for number, kind in enumerate(kinds, 1)]
    with writing(company.register) as connection:
        connection.execute(
            sa.update(reappearance).values(confirmed_by="petra", confirmed_at=NOW, verdict=Verdict.OTHER)
        )
    decided: dict[str, Any] = {"confirmed_by": "petra", "confirmed_at": NOW, "verdict": Verdict.OTHER}
    # In the next build all but one who was kept out and one who is possible, who bears another name by now.
    again = [one for one in hits if one.suppression_id not in (4, 8)]
    changed = [hit(6, Seen.POSSIBLE, letter="b") if one.suppression_id == 6 else one for one in again]
    assert record(company, changed, 2, LATER) == [
        ("persons:kept_out", {**kept_out, "run": "run2", "rows": 5, "new": 0}),
        ("persons:possible", {**possible, "run": "run2", "rows": 1, "new": 0}),
        ("persons:returned", {**back, "run": "run2", "new": 0}),
    ]
    assert rows(company) == [
        seen(6, kind, 2, "b") if number == 6 else seen(number, kind, 1 if number in (4, 8) else 2, **decided)
        for number, kind in enumerate(kinds, 1)
    ]


def test_a_purge_that_is_entered_again_takes_with_it_its_own_entries_and_who_was_let_in(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "_AT_ONCE", 2)
    other = Another(
        entry=2, kind=Seen.POSSIBLE, record_digest="one", name_digest="name", email_name_digest="address",
        phone_digest="number", source="crm", dataset="crm_prospects", first_seen_at=NOW, last_seen_at=LATER,
        confirmed_by="petra", confirmed_at=LATER,
    )  # fmt: skip
    back = other.model_copy(update={"entry": 4, "kind": Seen.LET_IN, "record_digest": "two"})
    with writing(company.register) as connection:
        entries = [
            {name: value for name, value in row.items() if name != "suppression_id"}
            for row in connection.execute(sa.select(suppression).where(suppression.c.batch_id == 1)).mappings()
        ]
        verbs.forget_batch(connection, 1)
        assert list(connection.scalars(sa.select(suppression.c.batch_id))) == [2, 2]
        verbs.enter(connection, entries[:5])
        verbs.let_in_again(connection, 1, [])
        verbs.let_in_again(connection, 1, [other, back])
        numbers = list(connection.scalars(sa.select(suppression.c.suppression_id).where(suppression.c.batch_id == 1)))
        left = connection.execute(sa.select(suppression).where(suppression.c.batch_id == 1)).mappings()
        assert [{name: value for name, value in row.items() if name != "suppression_id"} for row in left] == entries[:5]
    told = other.model_dump(exclude={"entry"})
    place = {"first_build": 0, "last_build": 0, "reason": None}
    assert rows(company) == [
        {**told, **place, "suppression_id": numbers[2], "verdict": Verdict.OTHER},
        {**told, **place, "suppression_id": numbers[4], "verdict": None, "kind": Seen.LET_IN, "record_digest": "two"},
    ]


@pytest.mark.parametrize(("days", "asked"), [(0, {1, 2}), (1, {2})])
def test_what_was_asked_of_an_entry_counts_as_long_as_the_entry(company: Company, days: int, asked: set[int]) -> None:
    record(company, [hit(1, Seen.POSSIBLE), hit(2, Seen.POSSIBLE), hit(3, Seen.KEPT_OUT)], 1, NOW)
    today = NOW.date() + dt.timedelta(days=days)
    with writing(company.register) as connection:
        connection.execute(
            sa.update(suppression).where(suppression.c.suppression_id == 1).values(expires_on=NOW.date())
        )
        found = suppression_entries.load(company.settings, connection, today)
    assert found is not None and set(found.asked.column("suppression_id").to_pylist()) == asked
