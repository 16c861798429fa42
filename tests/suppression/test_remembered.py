"""What is remembered of those who were kept out, let in or may be either, column by column, build after build."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.evidence.content import Another
from compliance.ledger.tables import ledger as ledger_table
from compliance.register.engine import writing
from compliance.suppression import entries as suppression_entries
from compliance.suppression import verbs
from compliance.suppression.entries import Hit
from compliance.suppression.tables import Seen, Verdict, reappearance, suppression
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Role
from tests.suppression.test_suppression import ERASED, NOW, Company

PETRA = ledger.Author("petra", "dpo")
LATER = NOW + dt.timedelta(days=1)
COLUMNS = [column for column in reappearance.c if column.name != "reappearance_id"]


@pytest.fixture
def company(settings: Settings, tmp_path: Path) -> Company:
    """With seven entries of a purge, and two of another."""
    made = Company(settings, tmp_path / "in")
    for records in ("1234567", "89"):
        batch_id = made.batch()
        for key in records:
            made.erase(key, batch_id=batch_id)
    return made


def hit(entry: int, kind: Seen | None, row: int | None = None, letter: str = "", **more: Any) -> Hit:
    return dataclasses.replace(
        Hit(
            "crm_prospects", "crm", row or entry, entry, 1, f"record{entry}", f"name{entry}{letter}",
            f"address{entry}{letter}", f"number{entry}{letter}", False, False, kind,
        ),
        **more,
    )  # fmt: skip


def taken(company: Company, dataset: str, build: int | None) -> None:
    """That a build took in an export."""
    with writing(company.register) as connection:
        ledger.append(
            connection, ledger.Event.EXPORT_TAKEN, author=None, now=NOW, build=build, details={"dataset": dataset}
        )


def record(company: Company, hits: list[Hit], build: int, now: dt.datetime) -> list[tuple[str, dict[str, Any]]]:
    """The ledger lines that it writes."""
    with writing(company.register) as connection:
        before = connection.scalar(sa.select(sa.func.max(ledger_table.c.seq))) or 0
        verbs.record(connection, hits, build_id=build, run_id=f"run{build}", author=PETRA, now=now)
        query = sa.select(ledger_table).where(ledger_table.c.seq > before).order_by(ledger_table.c.seq)
        lines = connection.execute(query).all()
    assert {(line.build_id, line.actor, line.at) for line in lines} <= {(build, PETRA.pseudonym, now)}
    return [(line.event, json.loads(line.details)) for line in lines]


def done(company: Company, did: At, event: ledger.Event) -> list[dict[str, Any]]:
    """The details of the lines of an event, which are all of one act."""
    with company.register.connect() as connection:
        query = sa.select(ledger_table).where(ledger_table.c.event == event.value).order_by(ledger_table.c.seq)
        lines = connection.execute(query).all()
    assert did.author is not None
    assert {(line.build_id, line.actor, line.at) for line in lines} == {(None, did.author.pseudonym, did.now)}
    return [json.loads(line.details) for line in lines]


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


CONTACTS: dict[str, Any] = {"dataset": "crm_contacts", "source": "crm"}
STAFF: dict[str, Any] = {"dataset": "hr_staff", "source": "hr"}


def test_who_is_kept_out_is_counted_by_the_newest_export_of_each_dataset(company: Company) -> None:
    assert verbs.kept_out(company.register) == {}
    kept_out = [
        # One record by two entries, and one more; what is possible or was let in is in the copy.
        hit(1, Seen.KEPT_OUT), hit(2, Seen.KEPT_OUT, record_digest="record1"), hit(3, Seen.KEPT_OUT),
        hit(4, Seen.POSSIBLE), hit(5, Seen.LET_IN), hit(6, Seen.KEPT_OUT, **CONTACTS), hit(7, Seen.KEPT_OUT, **STAFF),
    ]  # fmt: skip
    record(company, kept_out, 1, NOW)
    for dataset in ("crm_prospects", "crm_contacts", "hr_staff", "mail"):
        taken(company, dataset, 1)
    assert verbs.kept_out(company.register) == {"crm": 3, "hr": 1}
    # One dataset is carried over, one has them no more, and one export was refused.
    record(company, kept_out[:1], 2, LATER)
    taken(company, "crm_prospects", 2)
    taken(company, "hr_staff", 2)
    taken(company, "crm_contacts", None)
    assert verbs.kept_out(company.register) == {"crm": 2}


def test_who_was_let_in_waits_once_the_oldest_first_until_the_dpo_says_why(company: Company) -> None:
    key = keys.suppression(company.settings)[0]
    own = key.digest("record|crm_prospects:3")
    assert verbs.let_in(company.register) == (0, None)
    record(company, [hit(8, Seen.LET_IN, record_digest="later")], 1, LATER)
    record(
        company,
        [
            hit(1, Seen.LET_IN), hit(2, Seen.LET_IN, record_digest="record1"), hit(3, Seen.LET_IN, record_digest=own),
            hit(4, Seen.LET_IN, **CONTACTS), hit(5, Seen.LET_IN, **STAFF), hit(6, Seen.POSSIBLE),
            hit(7, Seen.KEPT_OUT, record_digest="record1"), hit(9, Seen.LET_IN, record_digest=own),
        ],
        1, NOW,
    )  # fmt: skip
    record(company, [hit(2, Seen.LET_IN, record_digest="record1")], 2, LATER)
    taken(company, "crm_prospects", 1)
    did = company.at(Role.DPO)
    crm, staff = ("crm", "crm_prospects"), ("hr", "hr_staff")
    assert verbs.returned(did) == [
        verbs.Returned(5, 1, "crm", "crm_contacts", NOW, NOW),
        verbs.Returned(2, 1, *crm, NOW, LATER),
        verbs.Returned(4, 1, *crm, NOW, NOW),
        verbs.Returned(9, 2, *crm, NOW, NOW),
        verbs.Returned(1, 2, *crm, LATER, LATER),
        verbs.Returned(6, 1, *staff, NOW, NOW),
    ]
    # A record that came back to two purges is one.
    assert verbs.let_in(company.register) == (5, NOW)
    with writing(company.register) as connection:
        for number, reason, code in ((99, "meeting", "return_unknown"), (7, "meeting", "return_unknown"),
                                     (2, "because", "return_reason_missing")):  # fmt: skip
            with pytest.raises(Refused, match=code):
                verbs.confirm_return(connection, did, number, reason)
        first = verbs.confirm_return(connection, did, 2, "meeting")
        old = verbs.confirm_return(connection, did, 4, "contract")
        late = verbs.confirm_return(connection, did, 6, "inbound")
        another = verbs.confirm_return(connection, did, 9, "engagement")
        with pytest.raises(Refused, match="return_unknown"):
            verbs.confirm_return(connection, did, 3, "meeting")
    # Of the purge and dataset there is somebody whom nobody has decided.
    assert first == verbs.Confirmed(1, "crm_prospects", False, 1, True, "record1", key)
    assert old == verbs.Confirmed(1, "crm_prospects", True, 1, True, own, key)
    assert another == verbs.Confirmed(2, "crm_prospects", False, 1, False, own, key)
    assert old.has_key("3") and not old.has_key("1")
    # No export of that dataset is known.
    assert late == verbs.Confirmed(1, "hr_staff", False, None, False, "record5", key)
    assert did.actor is not None
    said = {row["suppression_id"]: (row["confirmed_by"], row["confirmed_at"], row["reason"]) for row in rows(company)}
    by = (did.actor.pseudonym, did.now)
    assert said == {
        **dict.fromkeys(range(1, 10), (None, None, None)), 1: (*by, "meeting"), 2: (*by, "meeting"),
        3: (*by, "contract"), 5: (*by, "inbound"), 9: (*by, "engagement"),
    }  # fmt: skip
    assert [line["return_reason"] for line in done(company, did, ledger.Event.RETURN_CONFIRMED)] == [
        "meeting", "contract", "inbound", "engagement",
    ]  # fmt: skip
    assert done(company, did, ledger.Event.RETURN_CONFIRMED)[0] == {
        "reappearance": 2, "source": "crm", "dataset": "crm_prospects", "return_reason": "meeting",
    }  # fmt: skip


def test_who_may_be_erased_waits_by_purge_and_record_with_all_that_speaks_until_it_is_decided(
    company: Company,
) -> None:
    key = keys.suppression(company.settings)[0]
    own = key.digest("record|crm_prospects:3")
    none: dict[str, Any] = dict.fromkeys(("name_digest", "email_name_digest", "phone_digest"))
    with writing(company.register) as connection:
        connection.execute(sa.update(suppression).values(name_digest="erased", email_name_digest="erased"))
        connection.execute(
            sa.update(suppression)
            .where(suppression.c.suppression_id.in_([2, 3, 5]))
            .values(phone_digest="number", is_shared_phone=None)
        )
        connection.execute(sa.update(suppression).where(suppression.c.suppression_id == 5).values(is_shared_phone=True))
        connection.execute(sa.update(suppression).where(suppression.c.suppression_id == 9).values(is_shared_email=True))
    record(company, [hit(8, Seen.POSSIBLE, record_digest="later", **none)], 2, LATER)
    record(
        company,
        [
            # One record by three entries: another's address, its own number, and the name alone.
            hit(1, Seen.POSSIBLE, **{**none, "email_name_digest": "other"}),
            hit(2, Seen.POSSIBLE, record_digest="record1", **{**none, "phone_digest": "number"}),
            hit(4, Seen.POSSIBLE, record_digest="record1", **{**none, "name_digest": "erased"}),
            hit(3, Seen.POSSIBLE, record_digest=own, **none),
            hit(6, Seen.POSSIBLE, **{**none, "name_digest": "erased"}),
            hit(9, Seen.POSSIBLE, record_digest="record1", **none), hit(7, Seen.LET_IN),
            hit(5, Seen.POSSIBLE, **{**none, **STAFF}),
        ],
        2, NOW,
    )  # fmt: skip
    for dataset, build in (("crm_prospects", 1), ("hr_staff", 2), ("crm_prospects", 2), ("hr_staff", 3)):
        taken(company, dataset, build)
    did = company.at(Role.DPO)
    crm = ("crm", "crm_prospects")
    told = [
        verbs.Doubt(2, 1, *crm, ("email", "phone", "name"), (), NOW),
        verbs.Doubt(5, 1, *crm, ("key",), ("other_name",), NOW),
        verbs.Doubt(6, 1, *crm, ("name",), ("only_name",), NOW),
        verbs.Doubt(7, 2, *crm, ("email",), ("shared_email",), NOW),
        verbs.Doubt(1, 2, *crm, ("email",), (), LATER),
    ]
    # The export of the staff that had one is not the newest.
    assert verbs.doubts(did) == told
    assert (verbs.count_doubts(company.register), verbs.count_leaving(company.register)) == (5, 0)
    assert verbs.without_number(company.register) == 2
    nobody: Any = None
    with writing(company.register) as connection:
        for numbers in ([99], [2, 3], [9]):
            with pytest.raises(Refused, match="doubt_unknown"):
                verbs.decide(connection, did, nobody, numbers, Verdict.OTHER)
        decided = verbs.decide(connection, did, nobody, [7, 5, 2], Verdict.OTHER)
        assert verbs.decide(connection, did, nobody, [6], Verdict.OTHER) == verbs.Decided(frozenset({1}), ())
    by_key = verbs.Confirmed(1, "crm_prospects", True, None, False, own, key)
    assert decided == verbs.Decided(frozenset({1, 2}), (by_key,))
    assert verbs.doubts(did) == told[-1:]
    assert did.actor is not None
    said = {row["suppression_id"] for row in rows(company) if row["verdict"]}
    assert said == {1, 2, 3, 4, 6, 9}
    assert {(row["verdict"], row["confirmed_by"], row["confirmed_at"]) for row in rows(company) if row["verdict"]} == {
        (Verdict.OTHER, did.actor.pseudonym, did.now)
    }
    lines = done(company, did, ledger.Event.RETURN_DECIDED)
    assert [line["reappearance"] for line in lines] == [2, 5, 7, 6]
    assert lines[0] == {
        "reappearance": 2, "batch": 1, "source": "crm", "dataset": "crm_prospects", "verdict": "other", "entries": 0,
    }  # fmt: skip
    # Who was decided to be the same leaves with the next export, and is met by what it was decided by.
    with writing(company.register) as connection:
        connection.execute(
            sa.update(reappearance)
            .where(reappearance.c.suppression_id == 2)
            .values(verdict=Verdict.SAME, record_digest="same")
        )
        connection.execute(sa.update(suppression).where(suppression.c.suppression_id == 3).values(record_digest="same"))
    assert verbs.count_leaving(company.register) == 1
    assert verbs.without_number(company.register) == 1
    # No key is asked for where nobody has the key of a record.
    company.settings.suppression_keys.unlink()
    did = dataclasses.replace(did, settings=dataclasses.replace(company.settings, login="proxy"))
    with writing(company.register) as connection:
        verbs.decide(connection, did, nobody, [1], Verdict.OTHER)
    assert verbs.count_doubts(company.register) == 0


class Stored:
    """A copy that has records, by who made their digests: person, category, whether held, whether restricted."""

    def __init__(self, by_key: dict[str, dict[str, dict[str, Any]]], known: dict[str, list[tuple[str, str]]]) -> None:
        self._by_key, self._known = by_key, known

    def stored_by_digest(self, key: keys.Key, digests: Sequence[str]) -> dict[str, Any]:
        there = self._by_key[key.key_id]
        told = {"has_hold": False, "restricted": False, "starts_on": None, "ends_on": None}
        return {one: SimpleNamespace(**{**told, **there[one]}) for one in digests if one in there}

    def known_as(self, key: keys.Key, records: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        own = {record["record_id"] for record in self._by_key[key.key_id].values()}
        assert own.issuperset(records)
        return {one: self._known[one] for one in records if one in self._known}


def test_who_is_back_is_found_by_the_key_of_each_and_kept_out_by_all_that_is_known_once_decided(
    company: Company,
) -> None:
    old = keys.suppression(company.settings)[0]
    new = keys.add_suppression_key(company.settings)
    with writing(company.register) as connection:
        connection.execute(
            sa.update(suppression).where(suppression.c.suppression_id.in_([2, 5])).values(key_id=new.key_id)
        )
    own = old.digest("record|crm_prospects:4")
    record(company, [hit(1, Seen.LET_IN), hit(3, Seen.KEPT_OUT)], 1, NOW)
    possible = [hit(2, Seen.POSSIBLE), hit(4, Seen.POSSIBLE, record_digest=own), hit(5, Seen.POSSIBLE)]
    record(company, [*possible, hit(6, Seen.POSSIBLE), hit(7, Seen.POSSIBLE)], 1, LATER)
    taken(company, "crm_prospects", 1)
    # Of 6 nothing is stored any more.
    reading: Any = Stored(
        {
            new.key_id: {
                "record2": {"person_id": "two", "category": "PROSPECT", "record_id": "r2"},
                "record5": {"person_id": "five", "category": "EMPLOYEE", "record_id": "r5", "has_hold": True},
                "record1": {"person_id": "nobody", "category": "PROSPECT", "record_id": "r0"},
            },
            old.key_id: {
                "record1": {"person_id": "one", "category": "PROSPECT", "record_id": "r1"},
                "record3": {"person_id": "three", "category": "PROSPECT", "record_id": "r3"},
                own: {"person_id": "four", "category": "EMPLOYEE", "record_id": "r4", "starts_on": NOW.date()},
                "record7": {"person_id": "seven", "category": "PROSPECT", "record_id": "r7", "restricted": True},
            },
        },
        {"r2": [("email", "another"), ("phone", "number2")], "r1": [("email", "one")]},
    )
    did = company.at(Role.DPO)
    # Of those in the order in which they were entered: 1 has been let in, 3 was kept out.
    waiting = {1: "one", 3: "two", 4: "four", 5: "five", 7: "seven"}
    assert verbs.waiting_persons(did, reading) == waiting
    back = [("five", "EMPLOYEE"), ("four", "EMPLOYEE"), ("seven", "PROSPECT"), ("two", "PROSPECT")]
    assert verbs.back_since(did, reading, NOW - dt.timedelta(seconds=1)) == sorted([*back, ("one", "PROSPECT")])
    assert verbs.back_since(did, reading, NOW) == back
    assert verbs.back_since(did, reading, LATER) == []
    with writing(company.register) as connection:
        for number, code in ((5, "doubt_held"), (7, "doubt_restricted")):
            with pytest.raises(Refused, match=code):
                verbs.decide(connection, did, reading, [3, number], Verdict.SAME)
        assert verbs.decide(connection, did, reading, [3, 4, 6], Verdict.SAME) == verbs.Decided(frozenset({1}), ())
        entries = connection.execute(
            sa.select(suppression).where(suppression.c.suppression_id > 9).order_by(suppression.c.suppression_id)
        ).all()
    assert [(one.key_id, one.record_digest, one.email_name_digest, one.phone_digest) for one in entries] == [
        (new.key_id, "record2", "address2", "number2"), (new.key_id, "record2", "another", None),
        (old.key_id, own, "address4", "number4"), (old.key_id, "record6", "address6", "number6"),
    ]  # fmt: skip
    assert {(one.source, one.dataset, one.erased_on, one.expires_on, one.category) for one in entries} == {
        ("crm", "crm_prospects", ERASED, dt.date(2036, 11, 1), None)
    }
    assert [one.relation_started_on for one in entries] == [None, None, NOW.date(), None]
    assert [line["entries"] for line in done(company, did, ledger.Event.RETURN_DECIDED)] == [2, 1, 1]
    assert verbs.waiting_persons(did, reading) == {1: "one", 5: "five", 7: "seven"}


def test_what_is_over_goes_with_who_was_met_by_it_from_the_evidence_too_and_is_counted(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    monkeypatch.setattr("compliance.evidence.rewrite", lambda *told, **_: written.extend(told[2]))
    record(company, [hit(1, Seen.KEPT_OUT), hit(2, Seen.KEPT_OUT)], 1, NOW)
    with writing(company.register) as connection:
        over = sa.update(suppression).where(suppression.c.suppression_id.in_([1, 8, 9]))
        connection.execute(over.values(expires_on=NOW.date() - dt.timedelta(days=1)))
    assert verbs.forget_expired(company.at(None)) == 3
    assert sorted(written) == [1, 2]
    assert [row["suppression_id"] for row in rows(company)] == [2]
    assert company.lines(ledger.Event.SUPPRESSION_EXPIRED) == [{"entries": 3}]
    assert (verbs.forget_expired(company.at(None)), sorted(written)) == (0, [1, 2])
