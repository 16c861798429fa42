"""The purge desk: what is shown goes, what is held stays, nobody acts alone or twice, and afterwards it is proven."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from compliance import builds, evidence, ledger, runs, warm, wipe
from compliance.builds import tables as builds_tables
from compliance.builds import vault
from compliance.evidence import receipts
from compliance.evidence import tables as evidence_tables
from compliance.holds import listing
from compliance.holds import rows as holds_rows
from compliance.holds import tables as holds_tables
from compliance.holds import verbs as holds
from compliance.intake import commands as intake_commands
from compliance.intake import orders, run
from compliance.intake import rows as intake_rows
from compliance.intake.orders import Result
from compliance.ledger import state
from compliance.ledger import tables as ledger_tables
from compliance.operations import replay, verify
from compliance.purge import batches, execute, rewrite
from compliance.purge import commands as command_line
from compliance.purge import rows as purge_rows
from compliance.purge import tables as purge_tables
from compliance.purge import verbs as purge_verbs
from compliance.purge.batches import Batch
from compliance.purge.tables import State
from compliance.reading.copy import Choice, Reading
from compliance.rectification.tables import rectification
from compliance.register.engine import writing
from compliance.requests import backlog
from compliance.requests import tables as requests_tables
from compliance.review import asks as review_asks
from compliance.runs import tables as runs_tables
from compliance.sources.catalogue import catalogue_of
from compliance.suppression import verbs as suppression
from compliance.words import keys
from compliance.words.command import Exit
from compliance.words.deadlines import STOCKHOLM
from compliance.words.refusal import Refused
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Category
from tests.demo_store import copied, environment
from tests.purging import (
    Desk,
    WriterHere,
    contacts,
    contracts,
    files_with,
    organisations,
    prospect,
    prospects,
    request,
    requests_made,
)
from tests.world import TODAY


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The demo company, as fresh."""
    return Desk(copied(tmp_path))


@cache
def small_made() -> tuple[Path, dt.datetime]:
    """What `small` is copied from, and when it was made. Read it, do not change it."""
    data = Path(tempfile.mkdtemp(prefix="small-")) / "data"
    desk = Desk(data / "store", data / "exports")
    late = [prospect(number) for number in range(60)]
    kept = [prospect(number, "2024-05-21") for number in range(60, 120)]
    result = desk.take_in(prospects(data / "exports", [*late, *kept]))
    assert result.all_taken
    # Nobody has its register open when it is copied.
    desk.register.dispose()
    return data, desk.now


@pytest.fixture
def small(tmp_path: Path) -> Desk:
    """Sixty prospects who must be gone, and sixty who may stay."""
    data, made_at = small_made()
    shutil.copytree(data, tmp_path / "data")
    desk = Desk(tmp_path / "data" / "store", tmp_path / "data" / "exports")
    desk.now = made_at
    return desk


def lines(desk: Desk, event: ledger.Event) -> list[dict[str, object]]:
    with desk.register.connect() as connection:
        told = connection.scalars(
            sa.select(ledger_tables.ledger.c.details).where(ledger_tables.ledger.c.event == event.value)
        )
        return [json.loads(details) for details in told]


def intact(desk: Desk) -> bool:
    with desk.register.connect() as connection:
        return ledger.verify(connection).broken_at is None


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


# What is shown is what goes


def test_what_the_list_shows_is_what_goes_and_nothing_else(desk: Desk) -> None:
    late = [row for row in desk.entries(status="OVERDUE") if not row.open_request]
    before = desk.reading().one(review_asks.WEEKLY)
    done = desk.purge(late)
    assert (done.state, done.planned, done.deleted) == (State.EXECUTED, len(late), len(late))
    after = desk.reading().one(review_asks.WEEKLY)
    assert after.bases == before.bases - len(late)
    left = {row.basis_id for row in desk.entries()}
    assert not left & {row.basis_id for row in late}


def test_a_figure_that_did_not_concern_the_batch_stays(desk: Desk) -> None:
    rows = [row for row in desk.entries(status="OVERDUE", category="PROSPECT") if not row.open_request]
    cuts = {(row.category, row.source): row for row in desk.reading().rows(review_asks.STORED_BY_CATEGORY)}
    desk.purge(rows)
    others = [row for row in desk.reading().rows(review_asks.STORED_BY_CATEGORY) if row.category != "PROSPECT"]
    assert len(others) == len([category for category, _ in cuts if category != "PROSPECT"]) > 0
    for row in others:
        assert row == cuts[row.category, row.source]


def test_the_preview_counts_by_category_source_and_reason(desk: Desk) -> None:
    rows = desk.entries(status="OVERDUE")
    batch = desk.propose(rows)
    seen = batches.preview(desk.settings, desk.register, desk.reading(), batch.batch_id)
    asked = [row for row in rows if not row.open_request]
    assert seen.going == batch.planned == len(asked)
    counted = Counter((row.category, row.source) for row in asked)
    assert {(row.category, row.source): row.bases for row in seen.rows} == counted
    rules = {category.value: (rule.period, rule.section) for category, rule in desk.policy.rules.items()}
    assert all((row.period, row.section) == rules[row.category] for row in seen.rows)
    assert batch.filters["stayed"] == {"open_request": len(rows) - len(asked)}
    assert seen.persons == len({row.person_id for row in asked})
    assert seen.persons == seen.persons_gone + seen.persons_left
    assert seen.oldest_on == min(row.deadline_on for row in asked)


def test_what_cannot_be_determined_goes_only_where_somebody_picked_it(desk: Desk) -> None:
    doubtful = [row for row in desk.entries(status="UNDETERMINED") if not row.has_hold and not row.open_request]
    with refused("batch_empty"):
        desk.propose(doubtful)
    assert desk.purge(doubtful[:3], picked=True).deleted == 3


def test_what_may_stay_is_not_proposed(desk: Desk) -> None:
    for status in ("RETAINED", "ACTIVE", "HELD", "STATUTORY", "EXPIRING"):
        with refused("batch_empty"):
            desk.propose(desk.entries(status=status))


def test_a_person_with_another_entry_is_not_gone(desk: Desk) -> None:
    rows = [row for row in desk.entries() if row.category != "VOUCHER"]
    several = Counter(row.person_id for row in rows)
    (late, *_) = [
        row for row in rows
        if row.status == "OVERDUE" and several[row.person_id] > 1 and not row.open_request
    ]  # fmt: skip
    batch = desk.propose([late])
    seen = batches.preview(desk.settings, desk.register, desk.reading(), batch.batch_id)
    assert (seen.persons_gone, seen.persons_left) == (0, 1)
    desk.finish(batch)
    others = {row.basis_id for row in rows if row.person_id == late.person_id} - {late.basis_id}
    left = {row.basis_id for row in desk.entries()}
    assert others <= left and late.basis_id not in left


def test_what_is_in_an_open_batch_is_not_proposed_again(small: Desk) -> None:
    rows = small.entries(status="OVERDUE")
    first = small.propose(rows[:3])
    with refused("batch_empty"):
        small.propose(rows[:3])
    second = small.propose([*rows[:5], rows[4]])
    assert (second.planned, second.filters["stayed"]) == (2, {"in_batch": 3})
    purge_verbs.refuse(small.at(small.petra), first.batch_id, reason="not_needed")
    assert small.propose(rows[:3]).planned == 3


def test_two_who_propose_the_same_at_once_make_one_batch(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = small.entries(status="OVERDUE")[:3]
    previewed = batches.previewed

    def slowly(*given: object) -> batches.Preview:
        monkeypatch.setattr(purge_verbs, "previewed", previewed)
        small.propose(rows)
        return previewed(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(purge_verbs, "previewed", slowly)
    with refused("batch_twice"):
        small.propose(rows)
    assert [batch.planned for batch in batches.listing(small.register)] == [3]


# Nobody acts alone, or without the right


def test_nobody_approves_what_they_proposed(small: Desk) -> None:
    batch = small.propose(small.entries(status="OVERDUE"))
    with refused("own_batch"):
        small.approve(batch, small.petra)


def test_the_database_refuses_one_person_for_both(small: Desk) -> None:
    batch = small.propose(small.entries(status="OVERDUE"))
    with pytest.raises(sa.exc.IntegrityError), writing(small.register) as connection:
        connection.execute(sa.update(purge_tables.batch).values(approved_by=batch.proposed_by))
    with pytest.raises(sa.exc.IntegrityError), writing(small.register) as connection:
        connection.execute(sa.update(purge_tables.batch).values(state="executing"))


def test_who_lacks_the_role_may_nothing(small: Desk) -> None:
    rows = small.entries(status="OVERDUE")
    for actor in (small.gun, small.axel):
        with refused("not_allowed"):
            small.propose(rows, actor)
    batch = small.propose(rows)
    with refused("not_allowed"):
        small.approve(batch, small.gun)
    with refused("not_allowed"):
        purge_verbs.refuse(small.at(small.gun), batch.batch_id, reason="not_needed")
    small.approve(batch)
    with refused("not_allowed"):
        small.claim(batch, small.olle)
    with refused("not_allowed"):
        batches.rows(small.at(small.axel), small.reading(), batch.batch_id, named=True, limit=1, skip=0)


def test_a_data_owner_acts_on_own_categories_only(desk: Desk) -> None:
    own = [row for row in desk.entries(status="OVERDUE", category="PROSPECT") if not row.open_request]
    others = [row for row in desk.entries(status="OVERDUE", category="EMPLOYEE") if not row.open_request]
    assert desk.propose(own[:2], desk.olle).planned == 2
    with refused("not_owned"):
        desk.propose([own[0], others[0]], desk.olle)
    batch = desk.propose(others)
    with refused("not_owned"):
        desk.approve(batch, desk.olle)


@pytest.mark.parametrize("given", [{"word": "purge it"}, {"word": ""}, {"number": 59}, {"number": 0}])
def test_a_wrong_word_or_number_does_nothing(small: Desk, given: dict[str, object]) -> None:
    batch = small.propose(small.entries(status="OVERDUE"))
    with refused("confirmation_wrong"):
        small.approve(batch, **given)
    small.confirm(small.approve(batch))
    with refused("confirmation_wrong"):
        small.claim(batch, **given)
    assert batches.find(small.register, batch.batch_id).state is State.APPROVED


def test_a_large_batch_is_confirmed_a_second_time(small: Desk) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")))
    assert batch.large
    with refused("batch_not_confirmed"):
        small.claim(batch)
    with refused("confirmation_wrong"):
        purge_verbs.confirm(small.at(small.axel), small.reading(), batch.batch_id, persons=1)
    small.confirm(batch)
    assert small.claim(batch).state is State.EXECUTING


def test_an_approval_is_good_for_some_days(small: Desk) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    assert batch.approved_until == TODAY + dt.timedelta(days=14)
    small.on(TODAY + dt.timedelta(days=15))
    with refused("approval_expired"):
        small.claim(batch)
    assert batches.find(small.register, batch.batch_id).state is State.EXPIRED
    assert lines(small, ledger.Event.BATCH_EXPIRED) == [{"batch": batch.batch_id}]


def test_an_approval_needs_the_preview_of_the_current_copy(small: Desk, tmp_path: Path) -> None:
    batch = small.propose(small.entries(status="OVERDUE"))
    seen = small.reading().build
    small.take_in(prospects(tmp_path / "more", [prospect(n) for n in range(120)], "2026-11-24T0700"))
    with refused("build_changed"):
        small.approve(batch, seen_build=seen)


def test_a_refused_batch_forgets_whom_it_concerned(small: Desk) -> None:
    batch = small.propose(small.entries(status="OVERDUE"))
    purge_verbs.refuse(small.at(small.axel), batch.batch_id, reason="check_first")
    with small.register.connect() as connection:
        assert batches.items(connection, batch.batch_id) == []
    with refused("batch_not_proposed"):
        small.approve(batch, number=60)
    with refused("batch_not_open"):
        purge_verbs.refuse(small.at(small.petra), batch.batch_id, reason="check_first")


def test_changed_rules_take_a_batch_back_to_its_preview(small: Desk, tmp_path: Path) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:5]))
    config = tmp_path / "config"
    shutil.copytree(small.settings.config, config, ignore=shutil.ignore_patterns("store", "demo"))
    rules = config / "retention.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace('"P10Y"', '"P9Y"'), encoding="utf-8")
    changed = Desk(small.settings.store, COMPLIANCE_CONFIG=str(config))
    changed.now = small.now
    with refused("policy_changed"):
        changed.claim(batch)
    back = batches.find(changed.register, batch.batch_id)
    assert (back.state, back.approved_by, back.policy_digest) == (State.PROPOSED, None, changed.policy.digest)
    assert changed.finish(back).deleted == 5


@pytest.mark.parametrize("step", ["approve", "claim", "carry out"])
def test_nobody_goes_whom_no_one_proposed_whatever_stands_in_the_register(small: Desk, step: str) -> None:
    mine, others = small.entries(status="OVERDUE")[:1], small.entries(status="OVERDUE")[1:2]
    batch, other = small.propose(mine), small.propose(others)
    before = {row.basis_id for row in small.entries()}
    if step != "approve":
        small.approve(batch)
    if step == "carry out":
        small.claim(batch)
    item = purge_tables.batch_item
    with small.register.begin() as connection:
        key = connection.scalar(sa.select(item.c.basis_key).where(item.c.batch_id == other.batch_id))
        connection.execute(sa.update(item).where(item.c.batch_id == batch.batch_id).values(basis_key=key))
    with refused("batch_altered"):
        if step == "approve":
            small.approve(batch)
        elif step == "claim":
            small.claim(batch)
        else:
            small.carry_out(batch)
    assert {row.basis_id for row in small.entries()} == before
    purge_verbs.refuse(small.at(small.axel), batch.batch_id, reason="check_first")


def test_who_approves_while_the_rules_change_has_approved_nothing(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = small.propose(small.entries(status="OVERDUE")[:5])
    looked = purge_verbs.previewed

    def slow(reading: Reading, choice: Choice) -> batches.Preview:
        seen = looked(reading, choice)
        # Somebody else's rules have taken the batch back to a new preview meanwhile.
        with small.register.begin() as connection:
            table = purge_tables.batch
            connection.execute(sa.update(table).values(policy_digest="other", policy_version="other"))
        return seen

    monkeypatch.setattr(purge_verbs, "previewed", slow)
    with refused("policy_changed"):
        small.approve(batch)
    assert batches.find(small.register, batch.batch_id).state is State.PROPOSED


# Nothing happens twice, or behind somebody's back


def test_two_clicks_at_once_are_one_purge(small: Desk) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:5]))
    going, outcomes, gate = small.going(batch), [], threading.Barrier(2)

    def click() -> None:
        gate.wait()
        try:
            outcomes.append(small.claim(batch, number=going).state.value)
        except Refused as error:
            outcomes.append(error.code)

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(outcomes) == ["batch_not_approved", "executing"]
    assert len(lines(small, ledger.Event.BATCH_CLAIMED)) == 1
    assert small.carry_out(batch).deleted == 5
    with refused("batch_not_executing"):
        small.carry_out(batch)


def test_a_hold_between_approval_and_execution_holds(small: Desk) -> None:
    rows = small.entries(status="OVERDUE")[:5]
    batch = small.approve(small.propose(rows))
    hold(small, "person", rows[0].person_id)
    assert small.going(batch) == 4
    small.claim(batch)
    hold(small, "basis", rows[1].basis_id)
    done = small.carry_out(batch)
    assert (done.planned, done.deleted, done.held, done.changed, done.failed) == (5, 3, 2, 0, 0)
    kept = {row.basis_id for row in small.entries(status="HELD")}
    assert kept == {rows[0].basis_id, rows[1].basis_id}


@pytest.mark.real_writer
def test_a_hold_that_arrives_while_the_new_build_is_written_holds(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = small.entries(status="OVERDUE")[:5]
    batch = small.approve(small.propose(rows))
    small.claim(batch)
    written = execute.Writer.wait

    def late(writer: execute.Writer) -> None:
        written(writer)
        monkeypatch.setattr(execute.Writer, "wait", written)
        hold(small, "person", rows[2].person_id)

    monkeypatch.setattr(execute.Writer, "wait", late)
    done = small.carry_out(batch)
    assert (done.deleted, done.held) == (4, 1)
    assert rows[2].basis_id in {row.basis_id for row in small.entries(status="HELD")}
    # The build that was written before the hold is not left behind.
    assert len(list(small.settings.builds.iterdir())) == 1


def test_a_released_hold_lets_the_next_batch_take_them(small: Desk) -> None:
    rows = small.entries(status="OVERDUE")[:2]
    hold_id = hold(small, "person", rows[0].person_id)
    with refused("batch_empty"):
        small.propose(small.entries(status="HELD"))
    holds.release(small.at(small.axel), hold_id)
    again = [row for row in small.entries() if row.basis_id == rows[0].basis_id]
    assert small.purge(again).deleted == 1


def test_whom_a_released_hold_was_on_is_forgotten_with_them(small: Desk) -> None:
    first, second, third, fourth, fifth, stays, held = small.entries(status="OVERDUE")[:7]
    over = {
        hold(small, scope, getattr(row, f"{scope}_id")): row
        for scope, row in (("person", first), ("basis", second), ("person", stays))
    }
    for number in over:
        holds.release(small.at(small.axel), number)
    kept = hold(small, "person", held.person_id)

    def targets() -> dict[int, str]:
        found = listing.listing(small.register, small.reading(), small.reading().as_of)
        return {one.hold_id: holds_rows.hold_target(one, "en") for one in found}

    before = targets()
    small.purge([first, second, third])
    # The days of grace that follow a release are not over before the fourteenth is.
    small.on(TODAY + dt.timedelta(days=14))
    small.purge([fourth])
    assert targets() == before
    small.on(TODAY + dt.timedelta(days=15))
    small.purge([fifth])
    gone = [number for number, row in over.items() if row is not stays]
    assert targets() == {**before, **dict.fromkeys(gone, say("holds.forgotten", "en"))}
    with small.register.connect() as connection:
        known = set(connection.scalars(sa.select(holds_tables.hold_record.c.hold_id)))
        everything = str(connection.execute(sa.select(holds_tables.hold)).all())
    assert known == {kept, *over} - set(gone)
    assert not any(key in everything for key in (first.person_id, second.basis_id))
    assert lines(small, ledger.Event.HOLD_FORGOTTEN) == [{"holds": 2}]
    # One that knows nobody any more neither follows nor is forgotten again.
    small.purge([stays])
    assert lines(small, ledger.Event.HOLD_FORGOTTEN) == [{"holds": 2}, {"holds": 1}]


def test_a_contract_signed_again_in_between_keeps_its_contacts(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store")
    folder = tmp_path / "exports"
    orgs = [{"Kund-ID": "K1", "Kundnamn": "Bolaget AB", "Kundstatus": "Tidigare kund"}]
    people = [
        {"Kontakt-ID": f"C{n}", "Förnamn": "Kim", "Efternamn": f"Prov{n}", "E-post": f"kim{n}@bolaget.example",
         "Kund-ID": "K1", "Typ": "Kontaktperson", "Utsedd": "2012-02-01"} for n in range(3)
    ]  # fmt: skip
    ended = {"Avtals-ID": "A1", "Kund-ID": "K1", "Avtalsstart": "2010-01-01", "Avtalsslut": "2016-10-31"}
    desk.take_in(organisations(folder, orgs), contacts(folder, people), contracts(folder, [ended]))
    batch = desk.approve(desk.propose(desk.entries(status="OVERDUE")))
    if batch.large:
        desk.confirm(batch)
    desk.claim(batch)
    signed = {"Avtals-ID": "A2", "Kund-ID": "K1", "Avtalsstart": "2025-01-01", "Avtalsslut": ""}
    later = "2026-11-24T0900"
    orgs[0]["Kundstatus"] = "Aktiv kund"
    desk.take_in(organisations(folder, orgs, later), contracts(folder, [ended, signed], later))
    done = desk.carry_out(batch)
    assert (done.planned, done.deleted, done.changed) == (3, 0, 3)
    assert {row.status for row in desk.entries()} == {"ACTIVE"}
    assert json.loads(done.receipt or "")["reasons"] == {"relation_open": 3}


def test_a_request_that_comes_in_between_keeps_its_sender(desk: Desk) -> None:
    """Whoever asks must be answered before anything of theirs goes."""
    (asking, *_) = [row for row in desk.entries(status="OVERDUE") if row.open_request]
    request = requests_tables.request
    with writing(desk.register) as connection:
        connection.execute(sa.update(request).where(request.c.closed_on.is_(None)).values(closed_on=TODAY))
    batch = desk.approve(desk.propose([row for row in desk.entries() if row.basis_id == asking.basis_id]))
    desk.claim(batch)
    with writing(desk.register) as connection:
        connection.execute(sa.update(request).where(request.c.closed_on == TODAY).values(closed_on=None))
    done = desk.carry_out(batch)
    assert (done.planned, done.deleted, done.changed) == (1, 0, 1)
    assert json.loads(done.receipt or "")["reasons"] == {"open_request": 1}


def test_what_was_to_stay_when_it_was_approved_stays(small: Desk, tmp_path: Path) -> None:
    """Whoever approved was shown that it stays; that the reason has ended since is for another batch."""
    rows = [row for row in small.entries(status="OVERDUE") if row.email in ("person0@bolaget.example",
                                                                                "person1@bolaget.example")]  # fmt: skip
    batch = small.propose(rows)
    asked = request(1, 0, Ärendetyp="Registerutdrag")
    small.take_in(requests_made(tmp_path / "asked", [asked]))
    small.approve(batch, number=1)
    small.take_in(requests_made(tmp_path / "closed", [{**asked, "Avslutad": "2026-11-24"}], "2026-11-24T0600"))
    assert small.going(batch) == 1
    small.claim(batch)
    done = small.carry_out(batch)
    assert (done.planned, done.deleted, done.changed) == (2, 1, 1)
    assert json.loads(done.receipt or "")["reasons"] == {"not_shown": 1}
    assert "person0@bolaget.example" in {row.email for row in small.entries()}


def test_a_run_that_died_is_not_gone_on_with_once_the_approval_has_ended(small: Desk) -> None:
    rows = small.entries(status="OVERDUE")[:3]
    batch = small.approve(small.propose(rows))
    small.claim(batch)
    small.on(TODAY + dt.timedelta(days=small.parameters.approval_days + 1))
    execute.resume(small.register, batch.batch_id, small.clock())
    done = small.carry_out(batch)
    assert (done.state, done.ended_reason) == (State.EXPIRED, "approval_expired")
    assert {row.basis_id for row in rows} <= {row.basis_id for row in small.entries(status="OVERDUE")}
    assert lines(small, ledger.Event.BATCH_EXPIRED) == [{"batch": batch.batch_id}]


def test_taking_out_holds_with_a_ground_and_a_date(small: Desk) -> None:
    rows = small.entries(status="OVERDUE")[:5]
    batch = small.propose(rows)
    until = TODAY + dt.timedelta(days=60)
    terms = holds.Terms(holds_tables.Ground.EXTENSION, "legal", until)
    taken = purge_verbs.take_out(small.at(small.petra), small.reading(), batch.batch_id, [rows[0].basis_id], terms)
    assert taken == 1
    (kept,) = small.entries(status="HELD")
    assert kept.basis_id == rows[0].basis_id
    assert batches.taken_out(small.register, batch.batch_id) == 1
    done = small.finish(batches.find(small.register, batch.batch_id))
    assert (done.planned, done.deleted, done.held) == (4, 4, 0)


# What is left afterwards


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.real_writer
def test_the_purged_are_in_no_file_any_more(small: Desk, tmp_path: Path, count: int) -> None:
    rows = small.entries(status="OVERDUE")[:count]
    addresses = [row.email for row in rows]
    data = tmp_path / "data"
    assert set.union(*files_with(data, addresses).values()) == set(addresses)
    done = small.purge(rows)
    assert done.deleted == count
    assert files_with(data, addresses) == {}
    kept = small.entries(status="RETAINED")
    assert len(kept) == 60


@pytest.mark.real_writer
def test_who_once_asked_is_in_no_file_either(small: Desk, tmp_path: Path) -> None:
    asked = request(1, 0, Ärendetyp="Registerutdrag", Avslutad="2026-11-12", Utfall="Besvarad")
    small.take_in(requests_made(tmp_path / "data" / "exports", [asked]))
    (asking,) = [row for row in small.entries(status="OVERDUE") if row.email == asked["E-post"]]
    data = tmp_path / "data"
    assert set(files_with(data, [asking.email])) > {"raderingsformular_2026-11-24T0500.csv"}
    small.purge([asking])
    assert files_with(data, [asking.email, asking.name]) == {}


@pytest.mark.real_writer
def test_all_of_five_thousand_are_in_no_file_any_more(tmp_path: Path) -> None:
    data = tmp_path / "data"
    desk = Desk(data / "store", data / "exports", COMPLIANCE_BUILDS="plain")
    desk.take_in(prospects(data / "exports", [prospect(number) for number in range(5000)]))
    rows = desk.entries(status="OVERDUE")
    addresses = [row.email for row in rows]
    assert len(addresses) == 5000
    # The positive control: they were there, in the raw export; the build's own bytes are compressed.
    assert set.union(*files_with(data, addresses).values()) == set(addresses)
    done = desk.purge(rows)
    assert done.deleted == 5000
    assert files_with(data, addresses) == {}
    assert desk.reading().one(review_asks.WEEKLY).persons == 0


@pytest.mark.real_writer
def test_a_plain_build_is_searched_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    desk = Desk(data / "store", data / "exports", COMPLIANCE_BUILDS="plain")
    people = [prospect(number, "2010-03-21" if number < 40 else "2024-05-21") for number in range(400)]
    desk.take_in(prospects(data / "exports", people))
    rows = desk.entries(status="OVERDUE")
    done = desk.purge(rows)
    proof = json.loads(done.receipt or "")["proof"]
    assert (proof["rows_left"], proof["strings_searched"], proof["strings_found"]) == (0, 160, 0)
    assert proof["control_searched"] == proof["control_found"] > 0
    assert files_with(data, [row.email for row in rows]) == {}


@pytest.mark.real_writer
def test_the_old_key_is_destroyed_and_the_old_file_gone(small: Desk) -> None:
    with small.register.connect() as connection:
        before = builds.current(small.settings, connection)
    assert before is not None and before.key is not None
    small.purge(small.entries(status="OVERDUE")[:2])
    assert not before.path.exists()
    with small.register.connect() as connection:
        kept = set(connection.scalars(sa.select(builds_tables.build_key.c.key)))
    assert len(kept) == 1 and before.key not in kept
    register = list(small.settings.store.glob("register.db*"))
    assert register and not any(before.key.encode() in path.read_bytes() for path in register)


def test_an_export_that_was_not_taken_in_yet_is_left(small: Desk, tmp_path: Path) -> None:
    waiting = prospects(tmp_path / "data" / "exports", [prospect(999)], "2026-11-25T0500")
    small.purge(small.entries(status="OVERDUE")[:1])
    assert [path.name for path in (tmp_path / "data" / "exports").iterdir()] == [waiting.name]


def test_a_purge_of_which_everything_stayed_wipes_nothing(small: Desk, tmp_path: Path) -> None:
    rows = small.entries(status="OVERDUE")[:2]
    batch = small.approve(small.propose(rows))
    small.claim(batch)
    for row in rows:
        hold(small, "person", row.person_id)
    kept = set((tmp_path / "data").rglob("*.csv")) | set(small.settings.quarantine.iterdir())
    build = small.reading().build
    done = small.carry_out(batch)
    assert (done.deleted, done.held, done.build_before, done.build_after) == (0, 2, build, build)
    # It says so: no build took the place of another, and no source has anything to confirm.
    assert purge_rows.sentence_of(done, None, "en") == (
        say("purge.did.kept_all", "en", planned=2, held=2, changed=0, failed=0), False
    )  # fmt: skip
    steps = purge_rows.step_lines(done, "en")
    assert any("nothing was deleted" in line for line in steps) and not any("replaced" in line for line in steps)
    assert len(kept) == 2 and all(path.exists() for path in kept)
    assert evidence.unwiped(small.settings, small.register) == []
    # The next one of which something goes wipes them.
    small.purge(small.entries(status="OVERDUE")[:1])
    assert not any(path.exists() for path in kept)


def test_the_receipt_does_not_say_that_files_are_gone_which_were_found(small: Desk) -> None:
    proof = json.loads(small.purge(small.entries(status="OVERDUE")[:1]).receipt or "")["proof"]
    assert (proof["raw_files_removed"], proof["quarantine_removed"]) == (1, 1)
    for language, word in (("sv", "fanns att ta bort när gallringen genomfördes: 1 "), ("en", "found to remove when")):
        page = execute.receipt(small.at(small.gun), 1, "html", language).decode()
        assert word in page


@pytest.mark.real_writer
def test_a_purge_that_cannot_be_proven_changes_nothing(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.claim(batch)
    build = small.reading().build
    # A writer that is handed somebody who should have gone.
    monkeypatch.setattr(execute.Selection, "write_survivors", _write_everybody)
    with refused("proof_failed"):
        small.carry_out(batch)
    after = batches.find(small.register, batch.batch_id)
    assert (after.state, after.deleted) == (State.APPROVED, None)
    assert small.reading().build == build
    assert lines(small, ledger.Event.BATCH_STOPPED) == [{"batch": batch.batch_id, "reason": "proof_failed"}]
    monkeypatch.undo()
    small.claim(batch)
    assert small.carry_out(batch).deleted == 3


@pytest.mark.real_writer
def test_an_address_that_was_left_with_somebody_else_is_found(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = small.entries(status="OVERDUE")[:3]
    batch = small.approve(small.propose(rows))
    small.claim(batch)
    write = execute.Selection.write_survivors

    def misplacing(selection: execute.Selection, folder: Path) -> None:
        write(selection, folder)
        written = folder / "record.parquet"
        selection.con.execute(f"create table kept as from read_parquet('{written}')")
        selection.con.execute("update kept set email = ? where record_id = 'crm_prospects:P100'", [rows[0].email])
        selection.con.sql("from kept").write_parquet(str(written))

    monkeypatch.setattr(execute.Selection, "write_survivors", misplacing)
    with refused("proof_failed"):
        small.carry_out(batch)


@pytest.mark.real_writer
def test_an_address_that_is_the_end_of_another_is_no_failure(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data" / "store")
    longer = prospect(2, "2024-05-21", **{"E-post": "kperson1@bolaget.example"})
    desk.take_in(prospects(tmp_path / "in", [prospect(1), longer]))
    proof = json.loads(desk.purge(desk.entries(status="OVERDUE")).receipt or "")["proof"]
    assert (proof["strings_searched"], proof["strings_found"]) == (4, 0)


def _write_everybody(selection: execute.Selection, folder: Path) -> None:
    for name in ("export", "left_out", "quarantined", "organisation", "contract", "record", "request_key"):
        selection.con.sql(f"from old.{name}").write_parquet(str(folder / f"{name}.parquet"))


# Who writes the new build


def content(path: Path, key: str | None) -> dict[str, list[str]]:
    """Every row of every table of a build, in no order that means anything."""
    with duckdb.connect(":memory:") as con:
        vault.attach(con, path, "build", key=key, read_only=True)
        tables = con.execute("select table_name from duckdb_tables() where database_name = 'build'").fetchall()
        return {name: sorted(map(repr, con.execute(f"from build.{name}").fetchall())) for (name,) in tables}


@pytest.fixture
def writers(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[int]]:
    """In which processes builds were written: by a call in this one, or by one that was started for it."""
    found: dict[str, list[int]] = {"called": [], "started": []}
    write, enter = rewrite.rewrite, rewrite.Writer.__enter__

    def called(order: rewrite.RewriteOrder) -> None:
        found["called"].append(os.getpid())
        write(order)

    def started(writer: rewrite.Writer) -> rewrite.Writer:
        entered = enter(writer)
        found["started"].append(entered._process.pid)
        return entered

    monkeypatch.setattr(rewrite, "rewrite", called)
    monkeypatch.setattr(rewrite.Writer, "__enter__", started)
    return found


def test_a_test_writes_builds_in_its_own_process(small: Desk, writers: dict[str, list[int]]) -> None:
    small.purge(small.entries(status="OVERDUE")[:3])
    assert writers == {"called": [os.getpid()], "started": []}


@pytest.mark.real_writer
def test_people_have_builds_written_by_a_process_of_its_own(small: Desk, writers: dict[str, list[int]]) -> None:
    small.purge(small.entries(status="OVERDUE")[:3])
    (started,) = writers["started"]
    assert writers["called"] == [] and started != os.getpid()


@pytest.mark.real_writer
def test_both_write_the_same_build(
    small: Desk, tmp_path: Path, writers: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:7]))
    small.claim(batch)
    small.register.dispose()
    shutil.copytree(tmp_path / "data", tmp_path / "again")
    other = Desk(tmp_path / "again" / "store", tmp_path / "again" / "exports")
    other.now = small.now
    found = []
    for desk, writer in ((small, execute.new_writer), (other, WriterHere)):
        monkeypatch.setattr(execute, "new_writer", writer)
        assert desk.carry_out(batch).deleted == 7
        with desk.register.connect() as connection:
            build = builds.current(desk.settings, connection)
        assert build is not None
        found.append(content(build.path, build.key))
    assert (len(writers["started"]), len(writers["called"])) == (1, 1)
    assert found[0] == found[1]
    assert len(found[0]["record"]) == 113


def test_a_build_that_is_not_written_changes_nothing(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.claim(batch)
    build = small.reading().build

    def failing(_order: object) -> None:
        raise ValueError("person0@bolaget.example")

    monkeypatch.setattr(rewrite, "rewrite", failing)
    with refused("rewrite_failed"):
        small.carry_out(batch)
    assert batches.find(small.register, batch.batch_id).state is State.APPROVED
    assert small.reading().build == build


# Files that may not be wiped


@pytest.fixture
def blocked(small: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """A purge whose wiping was stopped at the export of prospects, which lies beside one of contacts."""
    person = {"Kontakt-ID": "C1", "Förnamn": "Kim", "Efternamn": "Provsson", "E-post": "kim@bolaget.example",
              "Kund-ID": "K1", "Typ": "Kontaktperson", "Utsedd": "2024-02-01"}  # fmt: skip
    assert small.take_in(contacts(tmp_path / "data" / "exports", [person])).all_taken
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.claim(batch)
    block(monkeypatch, "crm_prospekt")
    with refused("wipe_blocked"):
        small.carry_out(batch)
    return batches.find(small.register, batch.batch_id)


def block(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Takes the right to write to files of that name away, also from root."""
    opened = Path.open

    def closed(path: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if path.name.startswith(name) and "+" in mode:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, mode, *rest, **named)

    monkeypatch.setattr(Path, "open", closed)


def test_a_file_that_may_not_be_wiped_stops_neither_the_purge_nor_the_wiping_of_the_others(
    small: Desk, blocked: Batch, tmp_path: Path
) -> None:
    assert (blocked.state, blocked.deleted) == (State.EXECUTED, 3)
    # It keeps the name that its owner knows, and all that it held.
    (left,) = (tmp_path / "data" / "exports").iterdir()
    assert left.name == "crm_prospekt_2026-11-24T0500.csv"
    assert "person0@bolaget.example" in left.read_text(encoding="utf-8-sig")
    assert len(list(small.settings.builds.iterdir())) == 1
    assert list(small.settings.quarantine.iterdir()) == []
    # Nobody is told that it is wiped: the evidence is there all the same, and names what is left.
    assert execute.unwiped(small.settings, small.register, blocked)
    kept = evidence.file_of(small.settings, blocked.uid)
    (named,) = evidence.read(kept).left_behind
    assert (named.kind, named.name) == ("export", f"sha256-{hashlib.sha256(left.read_bytes()).hexdigest()}")
    assert named.name in ledger.taken_exports(small.register) and left.name not in kept.read_text()
    assert verify.register(small.settings, small.register).faults == ()


def test_a_purge_has_its_evidence_also_where_the_old_build_may_not_be_wiped(
    small: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.claim(batch)
    (left,) = small.settings.builds.iterdir()
    block(monkeypatch, left.name)
    with refused("wipe_blocked"):
        small.carry_out(batch)
    done = batches.find(small.register, batch.batch_id)
    assert done.state is State.EXECUTED and left.exists()
    assert list(small.settings.quarantine.iterdir()) == []
    (named,) = evidence.read(evidence.file_of(small.settings, done.uid)).left_behind
    assert (named.kind, named.name) == ("build", left.name)
    monkeypatch.undo()
    warm.wipe_again(small.settings, small.register, small.clock())
    assert not left.exists() and not execute.unwiped(small.settings, small.register, done)


def test_what_a_killed_purge_has_left_is_named_where_it_may_not_be_wiped(
    small: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = small.settings.work / "killed" / "survivors"
    left.parent.mkdir(parents=True)
    left.write_text("Eva Ek")
    block(monkeypatch, left.name)
    with pytest.raises(Refused, match="wipe_blocked") as told:
        wipe.settle(small.settings, small.register, small.clock())
    assert told.value.values["file"] == "killed"
    monkeypatch.undo()
    wipe.settle(small.settings, small.register, small.clock())
    assert not left.parent.exists()


def test_what_could_not_be_wiped_is_taken_up_again_and_the_evidence_says_so(
    small: Desk, blocked: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = evidence.file_of(small.settings, blocked.uid)
    with refused("wipe_blocked"):
        warm.wipe_again(small.settings, small.register, small.clock())
    assert len(evidence.read(kept).left_behind) == 1
    monkeypatch.undo()
    warm.wipe_again(small.settings, small.register, small.clock())
    assert evidence.read(kept).left_behind == ()
    assert list((tmp_path / "data" / "exports").iterdir()) == []
    assert not execute.unwiped(small.settings, small.register, blocked)
    assert verify.register(small.settings, small.register).faults == ()


@pytest.mark.usefixtures("blocked")
def test_a_register_that_learns_of_a_purge_by_its_evidence_wipes_what_that_has_left(
    small: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    older = Desk(tmp_path / "older", small.settings.exports)
    shutil.copytree(small.settings.evidence, older.settings.evidence)
    for name in ("signing_key", "suppression_keys", "key_file"):
        shutil.copy(getattr(small.settings, name), getattr(older.settings, name))
    # What was to be corrected of whoever was purged goes from it, too.
    asked = {"source": "crm", "dataset": "crm_prospects", "category": "PROSPECT", "field": "role", "state": "awaited",
             "asked_by": small.petra.pseudonym, "asked_at": small.now - dt.timedelta(days=1)}  # fmt: skip
    with writing(older.register) as connection:
        connection.execute(
            sa.insert(rectification), [{**asked, "source_key": f"P{number}"} for number in range(60)]
        )  # fmt: skip
    # It is one that was begun anew, and not an older state of the same.
    replay.replay(older.settings, older.register, older.clock(), any_register=True)
    with older.register.connect() as connection:
        gone = sa.select(rectification.c.state).where(rectification.c.source_key.is_(None))
        assert connection.scalars(gone).all() == ["purged"] * 3
    assert evidence.unwiped(older.settings, older.register) != []
    # It has never heard of the intake of the export that was left.
    wipe.settle(older.settings, older.register, older.clock())
    assert evidence.unwiped(older.settings, older.register) == []
    assert list(small.settings.exports.iterdir()) == []


def test_the_sources_are_turned_to_although_a_file_may_not_be_wiped(
    small: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.claim(batch)
    block(monkeypatch, "crm_prospekt")
    asked: list[int] = []
    monkeypatch.setattr(execute.sources, "carry_out", lambda _register, batch_id, *_: asked.append(batch_id))
    with refused("wipe_blocked"):
        small.carry_out(batch)
    assert asked == [batch.batch_id]


def test_nothing_is_taken_in_until_a_blocked_file_is_wiped_and_it_is_said_which(
    small: Desk, blocked: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    build = small.reading().build
    fresh = prospects(tmp_path / "fresh", [prospect(500, "2024-05-21")], "2026-11-24T0900")
    told = small.take_in(fresh).refused
    assert told is not None and (told.code, told.values) == ("files_unwiped", {"files": 1})
    for language in LANGUAGES:
        assert "resume" in refusal(told.code, language, told.values)
    assert small.reading().build == build
    # A company may have named its file after a person.
    (line,) = lines(small, ledger.Event.INTAKE_FAILED)
    assert line["reason"] == "files_unwiped"
    with small.register.connect() as connection:
        assert "crm_prospekt_" not in str(connection.execute(sa.select(ledger_tables.ledger.c.details)).all())
        last = sa.select(runs_tables.intake_run.c.result).order_by(runs_tables.intake_run.c.started_at.desc()).limit(1)
        assert "crm_prospekt" not in connection.execute(last).scalar_one()
    assert "crm_prospekt" not in caplog.text
    monkeypatch.undo()
    assert small.take_in(fresh).all_taken
    assert list((tmp_path / "data" / "exports").iterdir()) == []
    assert not execute.unwiped(small.settings, small.register, blocked)


def test_nothing_more_is_purged_until_a_blocked_file_is_wiped(small: Desk, blocked: Batch) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:2]))
    with refused("wipe_blocked"):
        execute.submit(small.at(small.axel), small.reading(), batch.batch_id, word="PURGE", number=2)
    assert blocked.batch_id != batch.batch_id
    assert batches.find(small.register, batch.batch_id).state is State.APPROVED


def test_a_file_that_may_not_be_read_is_not_believed_to_be_another(
    small: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = tmp_path / "data" / "exports"
    secret = prospects(exports, [prospect(999)], "2026-11-25T0500")
    digest = wipe._digest

    def unreadable(path: Path) -> str:
        if path == secret:
            raise PermissionError(13, "Permission denied")
        return digest(path)

    monkeypatch.setattr(wipe, "_digest", unreadable)
    with refused("wipe_blocked"):
        small.purge(small.entries(status="OVERDUE")[:1])
    assert list(exports.iterdir()) == [secret]
    assert "person999@bolaget.example" in secret.read_text(encoding="utf-8-sig")
    monkeypatch.undo()
    # It was waiting to be taken in.
    wipe.settle(small.settings, small.register, small.clock())
    assert list(exports.iterdir()) == [secret]
    assert evidence.unwiped(small.settings, small.register) == []


def test_a_folder_that_may_not_be_looked_into_is_not_taken_for_an_empty_one(
    small: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "data" / "exports" / "closed"
    closed.mkdir()
    scandir = os.scandir

    def refusing(path: object) -> object:
        if str(path) == str(closed):
            raise PermissionError(13, "Permission denied", str(closed))
        return scandir(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(Refused) as blocked:
        small.purge(small.entries(status="OVERDUE")[:1])
    assert (blocked.value.code, blocked.value.values["file"]) == ("wipe_blocked", "closed")
    assert evidence.unwiped(small.settings, small.register) != []


def test_a_replay_does_not_say_that_files_are_wiped(small: Desk, blocked: Batch) -> None:
    replay.replay(small.settings, small.register, small.clock())
    small.on(dt.date(2036, 11, 25))
    assert suppression.forget_expired(small.at()) == 3
    assert execute.unwiped(small.settings, small.register, blocked)


def command(desk: Desk, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    monkeypatch.setenv("COMPLIANCE_EXPORTS", str(desk.settings.exports))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return command_line.main(arguments)


def test_the_command_line_says_which_file_is_in_the_way(
    small: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.claim(batch)
    block(monkeypatch, "crm_prospekt")
    assert command(small, monkeypatch, "run", str(batch.batch_id)) == Exit.REFUSED
    told = capsys.readouterr()
    # The dashboard starts this, and what it writes to stderr is the server's log.
    assert "crm_prospekt_2026-11-24T0500.csv" in told.out and "crm_prospekt" not in told.err + caplog.text
    assert command(small, monkeypatch, "resume") == Exit.REFUSED
    told = capsys.readouterr()
    assert "crm_prospekt_2026-11-24T0500.csv" in told.err and "Traceback" not in told.err
    monkeypatch.undo()
    assert command(small, monkeypatch, "resume") == Exit.DONE
    assert evidence.unwiped(small.settings, small.register) == []


def test_resuming_right_after_a_kill_says_what_it_waits_for(
    small: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.claim(batch)
    claimed = batches.find(small.register, batch.batch_id)
    monkeypatch.setattr(command_line, "_now", small.clock)
    # As a kill leaves it: the run is claimed by a process that is there no more.
    runs.claim(small.register, claimed.run_id or "", small.clock())
    with writing(small.register) as connection:
        connection.execute(sa.update(runs_tables.intake_run).values(process=2**22))
    assert command(small, monkeypatch, "resume") == Exit.WAITING
    told = capsys.readouterr()
    later = (small.now + runs.SILENT).astimezone(STOCKHOLM)
    assert "Purge 1 is being carried out" in told.err and f"{later:%Y-%m-%d %H:%M}" in told.err
    assert batches.find(small.register, batch.batch_id).state is State.EXECUTING
    small.now += runs.SILENT
    assert command(small, monkeypatch, "resume") == Exit.DONE
    assert batches.find(small.register, batch.batch_id).deleted == 3


def test_an_export_that_a_purge_wiped_while_its_intake_waited_is_told_as_that(small: Desk) -> None:
    assert small.settings.exports is not None
    (export,) = small.settings.exports.iterdir()
    file = orders.FileOrder(
        path=export, name=export.name, exported_at=small.now, exported_at_from="file_time", seen=export.is_file()
    )
    waiting = runs.queue(small.register, None, small.clock())
    batch = small.purge(small.entries(status="OVERDUE")[:3])

    def result() -> Result:
        return run.execute(small.settings, small.register, waiting, orders.Order(files=(file,)), small.clock)

    assert not export.exists()
    (told,) = result().files
    assert told.refused == orders.Refusal(code="file_wiped", values={"batch": str(batch.batch_id)})
    for language in LANGUAGES:
        assert str(batch.batch_id) in refusal("file_wiped", language, told.refused.values)
    # What was not there when it was asked for is missing, and what somebody else removed is gone.
    waiting = runs.queue(small.register, None, small.clock())
    assert (gone := result().files[0].refused) is not None and gone.code == "file_gone"
    file = file.model_copy(update={"seen": False})
    waiting = runs.queue(small.register, None, small.clock())
    assert (missing := result().files[0].refused) is not None and missing.code == "file_missing"


def test_resuming_what_is_no_longer_approved_is_told_as_a_refusal(
    small: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.claim(batch)
    with writing(small.register) as connection:
        ended = TODAY - dt.timedelta(days=1)
        connection.execute(sa.update(purge_tables.batch).values(approved_until=ended))
        connection.execute(sa.delete(runs_tables.intake_run).where(runs_tables.intake_run.c.run_id == batch.run_id))
        connection.execute(sa.update(purge_tables.batch).values(run_id="dead"))
    assert command(small, monkeypatch, "resume") == Exit.REFUSED
    told = capsys.readouterr()
    assert refusal("approval_expired", "en", {}) in told.err and told.out == ""


def test_resuming_goes_on_after_a_fault_and_logs_nothing_that_it_quotes(
    small: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    first, second = small.purge(small.entries(status="OVERDUE")[:2]), small.purge(small.entries(status="OVERDUE")[:2])
    with writing(small.register) as connection:
        # As a crash leaves it between the purge and its evidence.
        connection.execute(sa.update(evidence_tables.evidence).values(is_kept=False))
    for batch in (first, second):
        evidence.file_of(small.settings, batch.uid).unlink()
    done: list[int] = []
    address = "person0@bolaget.example"

    def faulty(_settings: object, _register: object, batch_id: int, _clock: object) -> None:
        if batch_id == first.batch_id:
            raise ValueError(address)
        done.append(batch_id)

    monkeypatch.setattr(execute, "follow_up", faulty)
    assert command(small, monkeypatch, "resume") == Exit.REFUSED
    assert done == [second.batch_id]
    assert say("purge.cli.fault", "en", name=say("purge.cli.batch", "en", batch="1")) in capsys.readouterr().err
    assert "ValueError" in caplog.text and address not in caplog.text


# An intake that begins while a purge still wipes


def test_what_an_intake_writes_is_not_wiped_by_the_purge_before_it(
    small: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.claim(batch)
    reached, go_on, shred = threading.Event(), threading.Event(), vault.shred
    purge = threading.Thread(target=small.carry_out, args=(batch,))

    def slow(path: Path) -> None:
        if path.parent == small.settings.quarantine and threading.current_thread() is purge:
            reached.set()
            go_on.wait(60)
        shred(path)

    monkeypatch.setattr(vault, "shred", slow)
    fresh = prospects(tmp_path / "data" / "exports", [{**prospect(500, "2024-05-21"), "Prospekt-ID": ""},
                                                      prospect(501, "2024-05-21")], "2026-11-24T0900")  # fmt: skip
    results: list[Result] = []
    intake = threading.Thread(target=lambda: results.append(small.take_in(fresh)))
    purge.start()
    # The purge's run has ended by then, so that another may begin.
    assert reached.wait(60)
    intake.start()
    intake.join(4)
    go_on.set()
    for one in (purge, intake):
        one.join(60)
    (result,) = results
    assert result.files[0].taken[0].quarantined == {"no_key": 1}
    assert [path.name for path in small.settings.quarantine.iterdir()] == ["crm_prospects.parquet"]
    assert fresh.exists()
    assert not execute.unwiped(small.settings, small.register, batches.find(small.register, batch.batch_id))


def test_a_folder_that_somebody_else_clears_at_the_same_time_is_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, shred = tmp_path / "work", vault.shred
    (folder / "spill" / "deep").mkdir(parents=True)
    for name in ("a", "spill/b", "spill/deep/c"):
        (folder / name).write_text("somebody")
    (tmp_path / "elsewhere").mkdir()
    (folder / "spill" / "link").symlink_to(tmp_path / "elsewhere")

    def meanwhile(path: Path) -> None:
        monkeypatch.setattr(vault, "shred", shred)
        assert vault.shred_all(folder) == 3
        shred(path)

    monkeypatch.setattr(vault, "shred", meanwhile)
    vault.shred_all(folder)
    assert not folder.exists() and (tmp_path / "elsewhere").exists()


# Coming back


def test_the_purged_do_not_come_back_with_the_next_export(small: Desk, tmp_path: Path) -> None:
    small.purge(small.entries(status="OVERDUE")[:10])
    everybody = [prospect(n, "2010-03-21" if n < 60 else "2024-05-21") for n in range(120)]
    result = small.take_in(prospects(tmp_path / "next", everybody, "2026-11-24T0900"))
    (taken,) = result.files[0].taken
    assert taken.quarantined == {"suppressed": 10}
    assert taken.rows_in == taken.loaded + 10
    assert len(small.entries(status="OVERDUE")) == 50


def test_a_file_that_holds_the_purged_or_may_is_told_of_at_once(
    small: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    everybody = [prospect(n, "2010-03-21" if n < 60 else "2024-05-21") for n in range(120)]
    (first,) = (small_made()[0] / "exports").iterdir()
    batch = small.purge(small.entries(status="OVERDUE")[:10])
    (again,) = small.take_in(first).files
    (older,) = small.take_in(prospects(tmp_path / "older", everybody[:70], "2020-11-24T0600")).files
    assert (again.outcome, older.outcome) == ("unchanged", "refused")
    assert again.before_purge == older.before_purge == str(batch.batch_id)
    (newer,) = small.take_in(prospects(tmp_path / "newer", everybody, "2026-11-24T0900")).files
    assert (newer.purged, newer.before_purge) == (10, None)
    assert suppression.kept_out(small.register) == {"crm": 10}
    for file, told in (
        (older, say("intake.result.before_purge", "en", batch=str(batch.batch_id))),
        (newer, say("intake.result.purged", "en", rows=10)),
    ):
        intake_commands._print_file(file, "prospects.csv", catalogue_of(small.settings, small.register), "en")
        assert told in capsys.readouterr().err
        assert told in intake_rows.result_files(Result(files=(file,)), "en")[0][1]
    (gone,) = small.take_in(prospects(tmp_path / "gone", everybody[60:], "2026-11-24T1000")).files
    assert (gone.purged, suppression.kept_out(small.register)) == (0, {})


def test_a_later_export_decides(small: Desk, tmp_path: Path) -> None:
    rows = small.entries(status="OVERDUE")[:10]
    batch = small.purge(rows)
    everybody = [prospect(n, "2010-03-21" if n < 60 else "2024-05-21") for n in range(120)]
    small.on(TODAY + dt.timedelta(days=1))
    small.take_in(prospects(tmp_path / "still", everybody, "2026-11-25T0500"))
    assert batches.find(small.register, batch.batch_id).state is State.RESURFACED
    small.on(TODAY + dt.timedelta(days=2))
    gone = {row.email for row in rows}
    left = [row for row in everybody if row["E-post"] not in gone]
    small.take_in(prospects(tmp_path / "gone", left, "2026-11-26T0500"))
    assert batches.find(small.register, batch.batch_id).state is State.VERIFIED


def test_vouchers_that_the_law_keeps_do_not_gain_time(desk: Desk) -> None:
    vouchers = {row.basis_id: row for row in desk.entries(status="STATUTORY", category="VOUCHER")}
    people = {row.person_id for row in vouchers.values()}
    engagements = [
        row for row in desk.entries(status="OVERDUE")
        if row.person_id in people and row.category in ("EMPLOYEE", "CONTRACTOR") and not row.open_request
    ]  # fmt: skip
    assert engagements
    desk.purge(engagements)
    after = {row.basis_id: row for row in desk.entries(category="VOUCHER")}
    for basis_id, row in vouchers.items():
        assert after[basis_id].ceiling_on == row.ceiling_on
        assert after[basis_id].status == "STATUTORY"


def keyed_entries(desk: Desk) -> dict[str, str | None]:
    """The keyed digests that batches have of entries, with what became of each."""
    item = purge_tables.batch_item.c
    with desk.register.connect() as connection:
        return {row.basis_key: row.outcome for row in connection.execute(sa.select(item.basis_key, item.outcome))}


def test_a_purge_forgets_whom_it_removed_and_whom_it_kept_once_they_are_gone(small: Desk, tmp_path: Path) -> None:
    held, later, taken_out, *rest = small.entries(status="OVERDUE")[:6]
    key = {row.basis_id: keys.pseudonyms(small.settings).digest(f"basis|{row.basis_id}") for row in (held, later)}
    batch = small.propose([held, later, taken_out, *rest])
    terms = holds.Terms(holds_tables.Ground.EXTENSION, "legal", TODAY + dt.timedelta(days=60))
    purge_verbs.take_out(small.at(small.petra), small.reading(), batch.batch_id, [taken_out.basis_id], terms)
    holding = {row.basis_id: hold(small, "basis", row.basis_id) for row in (held, later)}
    batch = batches.find(small.register, batch.batch_id)
    small.finish(batch)
    assert keyed_entries(small) == {key[held.basis_id]: "held", key[later.basis_id]: "held"}
    # As a purge by an earlier version has left them.
    old = {"basis_key": "0" * 32, "category": "PROSPECT", "source": "crm", "status": "OVERDUE", "outcome": "deleted"}
    with writing(small.register) as connection:
        connection.execute(sa.insert(purge_tables.batch_item).values(batch_id=batch.batch_id, **old))
    # Purged by another batch: of the first one nothing tells of them any more either.
    holds.release(small.at(small.axel), holding[later.basis_id])
    small.purge([row for row in small.entries() if row.basis_id == later.basis_id])
    assert keyed_entries(small) == {key[held.basis_id]: "held"}
    # Gone from their source.
    small.take_in(prospects(tmp_path, [prospect(number) for number in range(60, 70)], "2026-11-24T0900"))
    assert keyed_entries(small) == {}
    with small.register.connect() as connection:
        told, _ = state.latest(connection)
        assert state.differences(connection, small.settings, told) == []


def test_digests_are_not_kept_longer_than_they_were_said_to_be(small: Desk) -> None:
    batch = small.purge(small.entries(status="OVERDUE")[:10])
    kept = evidence.file_of(small.settings, batch.uid)
    assert len(evidence.read(kept).suppression) == 10
    small.on(dt.date(2036, 11, 24))
    assert suppression.forget_expired(small.at()) == 0
    small.on(dt.date(2036, 11, 25))
    assert suppression.forget_expired(small.at()) == 10
    assert evidence.read(kept).suppression == ()
    assert lines(small, ledger.Event.SUPPRESSION_EXPIRED) == [{"entries": 10}]


# By request


def erasable(desk: Desk) -> list[str]:
    """The references of open requests for erasure that lead to exactly one person, without anything in the way."""

    items = backlog.backlog(desk.register, desk.reading(), TODAY, desk.parameters)
    return [
        item.reference for item in items
        if item.kind == "erasure" and item.role == "controller" and item.persons_found == 1 and not item.blocks
    ]  # fmt: skip


@pytest.mark.real_writer
def test_a_request_takes_everything_of_its_sender_and_is_closed(desk: Desk) -> None:
    reference = erasable(desk)[0]
    with desk.register.connect() as connection:
        asked = connection.execute(
            sa.select(requests_tables.request).where(requests_tables.request.c.reference == reference)
        ).one()
    done = desk.finish(desk.propose_for(reference))
    assert done.deleted == done.planned >= 1
    with desk.register.connect() as connection:
        after = connection.execute(
            sa.select(requests_tables.request).where(requests_tables.request.c.reference == reference)
        ).one()
    assert (after.closed_on, after.outcome) == (TODAY, "done")
    assert (after.name, after.email, after.phone) == (None, None, None)
    assert asked.email and not [row for row in desk.entries() if row.email == asked.email]
    assert files_with(desk.settings.store, [asked.email]) == {}


def test_a_request_is_in_one_open_batch(desk: Desk) -> None:
    reference = erasable(desk)[0]
    desk.propose_for(reference)
    with refused("request_proposed"):
        desk.propose_for(reference)


@pytest.mark.parametrize("held", [False, True], ids=["kept by law", "kept by a hold too"])
def test_a_request_of_which_only_what_the_law_keeps_is_left_is_closed_in_part(
    desk: Desk, tmp_path: Path, held: bool
) -> None:
    vouchers = {row.person_id: row for row in desk.entries(status="STATUTORY", category="VOUCHER")}
    (asking, *_) = [
        row for row in desk.entries(status="OVERDUE", category="EMPLOYEE")
        if row.person_id in vouchers and row.email and not row.has_hold
    ]  # fmt: skip
    asked = request(1, 0, **{"Jag är": "Anställd", "Namn": asking.name, "E-post": asking.email})
    desk.take_in(requests_made(tmp_path / "asked", [asked]))
    if held:
        hold(desk, "basis", vouchers[asking.person_id].basis_id)
    done = desk.finish(desk.propose_for("R1"))
    assert done.deleted == done.planned >= 1
    with desk.register.connect() as connection:
        after = connection.execute(
            sa.select(requests_tables.request).where(requests_tables.request.c.reference == "R1")
        ).one()
    left = (None, None, asking.email) if held else (TODAY, "partial", None)
    assert (after.closed_on, after.outcome, after.email) == left
    assert json.loads(done.receipt or "")["requests_closed"] == (0 if held else 1)
    assert [row.category for row in desk.entries() if row.basis_id in {
        vouchers[asking.person_id].basis_id}] == ["VOUCHER"]  # fmt: skip


def test_a_request_that_is_not_ours_to_carry_out_is_refused(desk: Desk) -> None:
    with desk.register.connect() as connection:
        rows = connection.execute(sa.select(requests_tables.request)).all()
    other = next(row for row in rows if row.kind != "erasure" and row.closed_on is None)
    passed_on = next(row for row in rows if row.role == "processor")
    closed = next(row for row in rows if row.closed_on is not None and row.kind == "erasure")
    for row, code in ((other, "request_not_erasure"), (passed_on, "request_not_erasure"),
                      (closed, "request_already_closed")):  # fmt: skip
        with refused(code):
            desk.propose_for(row.reference)
    with refused("request_unknown"):
        desk.propose_for("nobody-asked")


def test_a_request_whose_sender_is_not_in_the_copy_is_neither_proposed_nor_closed(desk: Desk) -> None:
    found = erasable(desk)[0]
    with writing(desk.register) as connection:
        connection.execute(
            sa.insert(requests_tables.request).values(
                source="erasure_form", reference="R-elsewhere", kind="erasure", role="controller",
                received_at=desk.now, received_on=TODAY, email="somebody@elsewhere.example",
                first_seen_at=desk.now, updated_at=desk.now,
            )
        )  # fmt: skip
    with refused("request_not_found"):
        desk.propose_for(found, "R-elsewhere")
    assert desk.finish(desk.propose_for(found)).deleted >= 1
    with desk.register.connect() as connection:
        other = connection.execute(
            sa.select(requests_tables.request).where(requests_tables.request.c.reference == "R-elsewhere")
        ).one()
    assert (other.closed_on, other.email) == (None, "somebody@elsewhere.example")


# Without approval, within limits


@pytest.mark.real_writer
def test_web_leads_go_without_approval_by_command_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(desk.settings.store).items():
        monkeypatch.setenv(name, value)
    due = [row for row in desk.entries(category="WEB_VISITOR") if row.status in ("OVERDUE", "DUE")]
    assert command_line.main(["automatic"]) == Exit.DONE
    assert str(len(due)) in capsys.readouterr().out
    left = [row for row in desk.entries(category="WEB_VISITOR") if row.status in ("OVERDUE", "DUE")]
    assert left == []
    assert {row.category for row in desk.entries(status="OVERDUE")} > {"PROSPECT"}
    assert command_line.main(["automatic"]) == Exit.DONE


def test_an_automatic_purge_that_fails_is_not_there_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(desk.settings.store).items():
        monkeypatch.setenv(name, value)
    still_open = (State.PROPOSED, State.APPROVED, State.EXECUTING)
    with monkeypatch.context() as broken:
        broken.setattr(execute.Selection, "write_survivors", _write_everybody)
        for night in range(1, 4):
            assert command_line.main(["automatic"]) == Exit.REFUSED
            (batch,) = batches.listing(desk.register, still_open)
            assert (batch.batch_id, batch.state) == (night, State.PROPOSED)
    assert command_line.main(["automatic"]) == Exit.DONE
    assert batches.listing(desk.register, still_open) == []
    (done, *ended) = batches.listing(desk.register)
    assert done.deleted == done.planned > 0
    assert [(one.batch_id, one.state, one.ended_reason) for one in ended] == [
        (number, State.REFUSED, "superseded") for number in (3, 2, 1)
    ]
    assert lines(desk, ledger.Event.BATCH_REFUSED) == [
        {"batch": number, "reason": "superseded"} for number in (1, 2, 3)
    ]
    capsys.readouterr()


def test_an_automatic_purge_that_died_is_carried_out_by_the_next_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(desk.settings.store).items():
        monkeypatch.setenv(name, value)
    batch = purge_verbs.propose_automatic(desk.at(), desk.reading(), Category.WEB_VISITOR)
    run_id = runs.queue(desk.register, None, dt.datetime.now(dt.UTC), kind="purge")
    purge_verbs.claim_automatic(desk.register, batch.batch_id, run_id, desk.clock())
    assert command_line.main(["automatic"]) == Exit.WAITING
    assert refusal("automatic_under_way", "en", {"batch": str(batch.batch_id)}) in capsys.readouterr().err
    runs.refuse(desk.register, run_id, "died", desk.clock())
    assert command_line.main(["automatic"]) == Exit.DONE
    (done,) = batches.listing(desk.register)
    assert (done.batch_id, done.state, done.deleted) == (batch.batch_id, State.EXECUTED, batch.planned)


def test_more_than_the_limit_is_not_purged_without_approval(desk: Desk) -> None:
    few = dataclasses.replace(desk.at(), parameters=desk.parameters.model_copy(update={"automatic_max": 1}))
    with refused("limit_exceeded"):
        purge_verbs.propose_automatic(few, desk.reading(), Category.WEB_VISITOR)
    with refused("rule_not_automatic"):
        purge_verbs.propose_automatic(few, desk.reading(), Category.PROSPECT)


# Keys, ledger, receipt


def test_without_the_keys_nothing_is_claimed(small: Desk) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.settings.suppression_keys.write_text("not a number\n", encoding="utf-8")
    with refused("key_unreadable"):
        execute.submit(small.at(small.axel), small.reading(), batch.batch_id, word="PURGE", number=3)
    assert batches.find(small.register, batch.batch_id).state is State.APPROVED


def test_every_step_is_in_the_ledger_and_the_receipt_fits_it(small: Desk) -> None:
    done = small.purge(small.entries(status="OVERDUE"))
    for event in (ledger.Event.BATCH_PROPOSED, ledger.Event.BATCH_APPROVED, ledger.Event.BATCH_CONFIRMED,
                  ledger.Event.BATCH_CLAIMED, ledger.Event.BATCH_EXECUTED):  # fmt: skip
        assert len(lines(small, event)) == 1
    (line,) = lines(small, ledger.Event.BATCH_EXECUTED)
    receipt = receipts.Receipt.model_validate_json(done.receipt or "")
    assert line["receipt"] == done.receipt_digest == receipts.digest(receipt)
    assert (receipt.planned, receipt.deleted, receipt.suppression_entries) == (60, 60, 60)
    assert receipt.proposed and receipt.proposed.pseudonym == small.petra.pseudonym
    assert receipt.approved and receipt.approved.pseudonym == small.axel.pseudonym
    assert intact(small)
    text = (done.receipt or "") + json.dumps(lines(small, ledger.Event.BATCH_EXECUTED))
    assert "@" not in text and "Provsson" not in text


def test_the_claim_waits_for_an_intake_that_runs(small: Desk) -> None:
    batch = small.approve(small.propose(small.entries(status="OVERDUE")[:3]))
    small.claim(batch)
    other = runs.queue(small.register, None, small.clock())
    runs.claim(small.register, other, small.clock())
    with refused("intake_running"):
        small.carry_out(batch)
    with writing(small.register) as connection:
        runs.end(connection, other, runs_tables.State.DONE, "{}", None, small.clock())
    assert small.carry_out(batch).deleted == 3


def hold(desk: Desk, scope: str, key: str) -> int:
    terms = holds.Terms(holds_tables.Ground.LEGAL_CLAIM, "legal", TODAY + dt.timedelta(days=90))
    return holds.place(desk.at(desk.axel), desk.reading(), holds.Target(scope, key), terms)
