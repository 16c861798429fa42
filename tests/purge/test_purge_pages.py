"""The purge desk by the real Streamlit app: who is offered which step, in both languages, and what a click comes to."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ElementTree

from compliance.builds import vault
from compliance.holds import listing
from compliance.holds import verbs as holds
from compliance.purge import batches, execute
from compliance.purge import tables as purge_tables
from compliance.purge import verbs as purge_verbs
from compliance.purge.batches import Purges
from compliance.purge.tables import State
from compliance.register.engine import writing
from compliance.review.kpis import kpis
from compliance.sources import tasks as sources
from compliance.sources.catalogue import catalogue_of
from compliance.suppression import verbs as suppression
from compliance.suppression.tables import Verdict
from compliance.words.deadlines import backup_gone_on
from compliance.words.markup import literal
from compliance.words.references import reference
from compliance.words.refusal import Refused
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Role
from tests import demo_store
from tests.pages.test_pages import frames, metrics, opened
from tests.purging import Desk, contracts, prospect, prospects
from tests.world import TODAY


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The demo company's desk, and an environment in which the app sees the same store."""
    store = demo_store.copied(tmp_path)
    monkeypatch.setenv("COMPLIANCE_STORE", str(store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return Desk(store)


def overdue(desk: Desk, count: int = 4) -> list[dict[str, Any]]:
    rows = desk.entries(status="OVERDUE", category="PROSPECT")
    return [row for row in rows if not row.open_request][:count]


def batch_page(role: Role, batch_id: int, language: str = "en") -> AppTest:
    return opened(role, language, "purge/batch", {"batch": str(batch_id)})


def shown(app: AppTest) -> str:
    found = [*app.info, *app.warning, *app.error, *app.success, *app.caption, *app.markdown, *app.subheader]
    return " ".join(str(one.value) for one in found)


def keys_of(app: AppTest) -> set[str]:
    """The keys of the buttons; a form's own has the form's name in its key."""
    return {str(button.key) for button in app.button}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_becomes_a_batch_with_one_button(desk: Desk, language: str) -> None:
    app = opened(Role.DPO, language, "review/expiries", {"status": "OVERDUE", "category": "PROSPECT"})
    app.button(key="propose_all_expiries").click().run()
    assert not app.exception and not app.error
    (batch,) = batches.listing(desk.register)
    wanted = [row for row in desk.entries(status="OVERDUE", category="PROSPECT") if not row.open_request]
    assert (batch.state, batch.planned) == (State.PROPOSED, len(wanted))
    assert batch.filters["status"] == "OVERDUE"
    assert say("purge.proposed", language, batch="1", entries=batch.planned) in shown(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_under_a_list_of_all_promises_what_may_go(desk: Desk, language: str) -> None:
    button = opened(Role.DPO, language, "review/subjects").button(key="propose_all_subjects")
    due = [*desk.entries(status="OVERDUE"), *desk.entries(status="DUE")]
    assert button.label == say("purge.propose_all", language, due=len(due), count=len(desk.entries()))
    button.click().run()
    (batch,) = batches.listing(desk.register)
    assert 0 < batch.planned <= len(due)


def test_who_may_not_propose_is_not_offered_it(desk: Desk) -> None:
    assert desk
    for role in (Role.CISO, Role.AUDITOR, Role.ADMIN):
        app = opened(role, "en", "review/expiries", {"status": "OVERDUE"})
        assert "propose_all_expiries" not in keys_of(app)


def test_an_owner_proposes_of_the_own_categories_what_the_list_shows_of_all(desk: Desk) -> None:
    app = opened(Role.OWNER, "en", "review/expiries", {"status": "OVERDUE"})
    app.button(key="propose_all_expiries").click().run()
    assert not app.exception and not app.error
    (batch,) = batches.listing(desk.register)
    with desk.register.connect() as connection:
        proposed = {item.category for item in batches.items(connection, batch.batch_id)}
    assert proposed and proposed <= {"CUSTOMER_CONTACT", "PROSPECT"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", [Role.DPO, Role.CISO, Role.OWNER, Role.AUDITOR])
def test_the_desk_lists_what_waits(desk: Desk, role: Role, language: str) -> None:
    desk.propose(overdue(desk))
    app = opened(role, language, "purge/purge")
    assert metrics(app)[say("purge.tile.proposed", language)] == "1"
    assert say("purge.sentence", language, proposed=1, approved=0) in shown(app)
    (table,) = frames(app)
    assert list(table[say("column.planned", language)]) == [4]


def test_the_proposer_is_told_to_wait_for_somebody_else(desk: Desk) -> None:
    batch = desk.propose(overdue(desk))
    app = batch_page(Role.DPO, batch.batch_id)
    assert say("purge.own", "en") in shown(app)
    assert not any("approve" in key for key in keys_of(app))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_second_person_approves_with_word_and_number(desk: Desk, language: str) -> None:
    batch = desk.propose(overdue(desk))
    app = batch_page(Role.CISO, batch.batch_id, language)
    app.text_input(key="approve_word").input(purge_verbs.CONFIRMATION_WORDS[language])
    app.number_input(key="approve_number").set_value(3)
    app.button(key="approve_button").click().run()
    assert say("refusal.confirmation_wrong", language) in shown(app)
    assert batches.find(desk.register, batch.batch_id).state is State.PROPOSED
    app.text_input(key="approve_word").input(purge_verbs.CONFIRMATION_WORDS[language])
    app.number_input(key="approve_number").set_value(4)
    app.button(key="approve_button").click().run()
    assert not app.exception and not app.error
    assert batches.find(desk.register, batch.batch_id).state is State.APPROVED


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_that_are_not_wiped_are_named_on_a_click(
    desk: Desk, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk.settings.quarantine / "web.parquet").write_bytes(b"rows")
    shred = vault.shred

    def closed(path: Path) -> None:
        if path.name == "web.parquet":
            raise PermissionError(13, "Permission denied")
        shred(path)

    monkeypatch.setattr(vault, "shred", closed)
    with pytest.raises(Refused, match="wipe_blocked"):
        desk.purge(overdue(desk))
    (batch,) = batches.listing(desk.register)
    app = batch_page(Role.AUDITOR, batch.batch_id, language)
    assert say("purge.unwiped", language) in shown(app) and "wipe" not in keys_of(app)
    app = batch_page(Role.CISO, batch.batch_id, language)
    app.button(key="wipe").click().run()
    assert not app.exception
    values = {"file": "web.parquet", "folder": str(desk.settings.quarantine), "files": 1}
    assert [error.value for error in app.error] == [refusal("wipe_blocked", language, values, literal)]
    monkeypatch.setattr(vault, "shred", shred)
    app.button(key="wipe").click().run()
    assert not app.exception and not app.error
    assert say("purge.unwiped", language) not in shown(app)


def test_an_auditor_sees_the_batch_and_no_step(desk: Desk) -> None:
    batch = desk.approve(desk.propose(overdue(desk)))
    app = batch_page(Role.AUDITOR, batch.batch_id)
    assert say("batch_state.approved", "en") in shown(app)
    assert not any(word in key for key in keys_of(app) for word in ("approve", "execute", "refuse", "confirm"))


def test_what_is_carried_out_by_a_click_is_shown_with_its_receipt(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = desk.approve(desk.propose(overdue(desk)))
    started: list[int] = []
    monkeypatch.setattr(execute, "start", started.append)
    app = batch_page(Role.CISO, batch.batch_id)
    app.text_input(key="execute_word").input("purge")
    app.number_input(key="execute_number").set_value(4)
    app.button(key="execute_button").click().run()
    assert not app.exception and not app.error
    assert started == [batch.batch_id]
    assert batches.find(desk.register, batch.batch_id).state is State.EXECUTING
    desk.carry_out(batch)
    app = batch_page(Role.DPO, batch.batch_id)
    assert say("purge.did.executed", "en", planned=4, deleted=4, held=0, changed=0, failed=0) in shown(app)
    assert say("purge.receipt", "en") in shown(app)
    told = [frame for frame in frames(app) if say("column.task", "en") in frame]
    assert [list(frame[say("column.planned", "en")]) for frame in told] == [[4]]


def test_parts_of_what_is_large_wait_for_the_second_confirmation_on_the_page_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path / "parts")
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "parts"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    monkeypatch.setattr(execute, "start", lambda _batch: pytest.fail("it was carried out"))
    assert desk.take_in(prospects(tmp_path / "more", [prospect(number) for number in range(40)])).all_taken
    # Of forty, three times fifteen of a hundred, where twenty are large.
    parts = [desk.entries(status="OVERDUE")[start : start + 6] for start in (0, 6, 12)]
    first = desk.approve(desk.propose(parts[0]))
    app = batch_page(Role.CISO, first.batch_id)
    assert "execute_button" in keys_of(app) and "confirm_button" not in keys_of(app)
    all_three = [first, *(desk.approve(desk.propose(part)) for part in parts[1:])]
    # The page was drawn before the others were approved.
    app.text_input(key="execute_word").input("purge")
    app.number_input(key="execute_number").set_value(6)
    app.button(key="execute_button").click().run()
    assert refusal("batch_not_confirmed", "en", {}) in [error.value for error in app.error]
    for batch in all_three:
        found = keys_of(batch_page(Role.CISO, batch.batch_id))
        assert "confirm_button" in found and "execute_button" not in found


def test_a_second_click_of_the_same_person_is_the_same_purge(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = desk.approve(desk.propose(overdue(desk)))
    started: list[int] = []
    monkeypatch.setattr(execute, "start", started.append)
    windows = [batch_page(role, batch.batch_id) for role in (Role.CISO, Role.CISO, Role.DPO)]
    for app in windows:
        app.text_input(key="execute_word").input("purge")
        app.number_input(key="execute_number").set_value(4)
        app.button(key="execute_button").click().run()
        assert not app.exception
    assert started == [batch.batch_id]
    assert [[error.value for error in app.error] for app in windows] == [
        [],
        [],
        [refusal("batch_not_approved", "en", {})],
    ]


def test_a_purge_whose_process_died_can_go_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = desk.approve(desk.propose(overdue(desk)))
    started: list[int] = []
    monkeypatch.setattr(execute, "start", started.append)
    desk.claim(batch)
    app = batch_page(Role.CISO, batch.batch_id)
    # The clock of the test's claim is long past for the app.
    assert say("purge.interrupted", "en") in shown(app)
    app.button(key="resume").click().run()
    assert not app.exception and not app.error
    assert started == [batch.batch_id]
    taken_over = batches.find(desk.register, batch.batch_id)
    row = execute.progress(desk.register, taken_over)
    assert row is not None and not execute.interrupted(desk.register, taken_over, row.heartbeat_at)


def test_a_batch_that_is_not_there_is_said_to_be_so(desk: Desk) -> None:
    assert desk
    for number in ("77", "drop table", "-1", "99999999999999999999"):
        app = opened(Role.DPO, "en", "purge/batch", {"batch": number})
        assert re.search(say("refusal.batch_unknown", "en", batch=".*"), shown(app))


def test_names_in_a_batch_are_for_who_may_see_them_and_recorded(desk: Desk) -> None:
    rows = overdue(desk)
    batch = desk.propose(rows)
    app = batch_page(Role.DPO, batch.batch_id)
    assert rows[0].name not in " ".join(frame.to_csv() for frame in frames(app))
    app.toggle(key="named_batch").set_value(True).run()
    assert rows[0].name in " ".join(frame.to_csv() for frame in frames(app))
    assert all(toggle.key != "named_batch" for toggle in batch_page(Role.CISO, batch.batch_id).toggle)


def test_the_weekly_review_says_what_waits_and_what_is_still_in_a_source(desk: Desk) -> None:
    batch = desk.propose(overdue(desk))
    app = opened(Role.CISO, "en", "review/weekly", {"step": "waits"})
    assert say("decision.approve", "en", batch="1", count=batch.planned) in shown(app)
    assert say("decision_do.approve", "en") in [link.label for link in app.get("page_link")]
    # Nobody approves what they have proposed.
    own = opened(Role.DPO, "en", "review/weekly", {"step": "waits"})
    assert say("decision.approve", "en", batch="1", count=batch.planned) in shown(own)
    assert say("decision_do.approve", "en") not in [link.label for link in own.get("page_link")]
    desk.finish(batch)
    # What is gone from the copy only is still an open matter.
    told = shown(opened(Role.CISO, "en", "review/weekly", {"step": "waits"}))
    assert say("decision.unconfirmed", "en", count=1) in told
    app = opened(Role.CISO, "en", "purge/purge")
    assert say("purge.sentence_unconfirmed", "en", count=1) in shown(app)
    assert metrics(app)[say("purge.tile.unconfirmed", "en")] == "1"
    # Each figure of the purges leads to those that it counts.
    waiting = desk.propose(overdue(desk, 1))

    def listed(which: Purges, day: dt.date) -> list[int]:
        return [one.batch_id for one in batches.carried_out(desk.register, which, day, desk.parameters)]

    assert [listed(which, TODAY) for which in Purges] == [[1], [], [1], [1], [1], []]
    gone_on = backup_gone_on(TODAY, desk.parameters)
    assert listed(Purges.IN_BACKUPS, gone_on - dt.timedelta(days=1)) == [1] and not listed(Purges.IN_BACKUPS, gone_on)
    assert listed(Purges.RECENT, TODAY + dt.timedelta(days=29)) == [1]
    assert not listed(Purges.RECENT, TODAY + dt.timedelta(days=30))
    app = opened(Role.CISO, "en", "purge/purge", {"purges": "in_backups"})
    assert list(frames(app)[0][say("column.batch", "en")]) == [1] and waiting.batch_id == 2
    with writing(desk.register) as connection:
        connection.execute(
            sa.update(purge_tables.batch).where(purge_tables.batch.c.batch_id == 1).values(state="resurfaced")
        )
    assert [listed(which, TODAY) for which in Purges] == [[], [1], [1], [1], [1], []]
    told = shown(opened(Role.CISO, "en", "review/weekly", {"step": "waits"}))
    assert say("decision.resurfaced", "en", batch="1") in told
    assert metrics(opened(Role.CISO, "en", "review/risk"))[kpis()["resurfaced"].name("en")] == "1"


def test_a_list_of_which_nothing_may_go_says_why(desk: Desk) -> None:
    app = opened(Role.DPO, "en", "review/expiries", {"status": "UNDETERMINED"})
    app.button(key="propose_all_expiries").click().run()
    assert f"{say('stays.undetermined', 'en')}:" in shown(app)
    assert batches.listing(desk.register) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_waits_is_listed_however_old_and_what_is_over_can_be_leafed(desk: Desk, language: str) -> None:
    first, *others = overdue(desk)
    waiting = desk.propose(others)
    for _ in range(51):
        own = desk.propose([first])
        purge_verbs.refuse(desk.at(desk.petra), own.batch_id, reason="not_needed")
    assert [one.batch_id for one in batches.listing(desk.register, over=2)] == [52, 51, waiting.batch_id]
    app = opened(Role.DPO, language, "purge/purge")
    (table,) = frames(app)
    assert list(table[say("column.batch", language)]) == [waiting.batch_id, *range(52, 2, -1)]
    assert say("purge.over_shown", language, total=51, shown=50) in shown(app)
    app.number_input(key="page_batches").set_value(2).run()
    (table,) = frames(app)
    assert list(table[say("column.batch", language)]) == [waiting.batch_id, 2]


# What changes behind the back of whoever looks at a page


Choose = Callable[[AppTest, str, list[int]], AppTest]


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Marks places in the table whose heading this is, as the browser does: it tells of them with every run."""
    chosen: dict[str, list[int]] = {}
    told = ElementTree.get_widget_states

    def with_places(tree: ElementTree) -> Any:
        states = told(tree)
        for name, places in chosen.items():
            state = states.widgets.add()
            state.id = name
            state.string_value = json.dumps({"selection": {"rows": places, "columns": [], "cells": []}})
        return states

    monkeypatch.setattr(ElementTree, "get_widget_states", with_places)

    def mark(app: AppTest, column: str, places: list[int]) -> AppTest:
        (frame,) = [one for one in app.dataframe if say(f"column.{column}", "en") in one.value and one.proto.id]
        chosen[frame.proto.id] = places
        return app.run()

    return mark


@pytest.mark.parametrize("page", ["review/subjects", "review/expiries"])
def test_one_chosen_row_among_names_shows_its_person(desk: Desk, choose: Choose, page: str) -> None:
    app = opened(Role.DPO, "en", page, {"status": "OVERDUE"})
    row = desk.entries(status="OVERDUE")[0]
    assert row.name not in {one.value for one in choose(app, "reference", [0]).subheader}
    app.toggle(key=f"named_{page.partition('/')[2]}").set_value(True).run()
    assert row.name in {one.value for one in choose(app, "reference", [0]).subheader}


def hold(desk: Desk, basis_id: str) -> None:
    terms = holds.Terms("legal_claim", "legal", TODAY.replace(month=12))
    holds.place(desk.at(desk.axel), desk.reading(), holds.Target("basis", basis_id), terms)


def test_what_stayed_is_shown_with_why_it_did(desk: Desk) -> None:
    batch = desk.approve(desk.propose(overdue(desk)))
    kept = overdue(desk)[1]
    hold(desk, kept.basis_id)
    desk.claim(batch)
    desk.carry_out(batch)
    table = frames(batch_page(Role.AUDITOR, batch.batch_id))[0]
    assert list(table[say("column.reference", "en")]) == [reference(kept.person_id)]
    assert list(table[say("column.goes", "en")]) == [say("stays.held", "en")]
    # As it was then, whatever has become of it.
    (number,) = (one.hold_id for one in listing.listing(desk.register, None, TODAY) if one.entry.scope == "basis")
    holds.release(desk.at(desk.axel), number)
    (again,) = batches.stayed(desk.at(desk.gun), desk.reading(), batch.batch_id, limit=10, skip=0)
    assert (again.basis_id, again.stays, again.status) == (kept.basis_id, "held", kept.status)


def listed(desk: Desk) -> list[str]:
    """The late prospects in the order of the list, as far as they may go."""
    return [row.basis_id for row in desk.entries(status="OVERDUE", category="PROSPECT")]


def proposed(desk: Desk, batch: batches.Batch) -> set[str]:
    """The entries of a batch that nobody has taken out."""
    rows = batches.rows(desk.at(desk.petra), desk.reading(), batch.batch_id, named=False, limit=1000, skip=0)
    return {row.basis_id for row in rows}


def another_build(desk: Desk, tmp_path: Path) -> None:
    """An export that changes nothing of what a batch of prospects holds."""
    desk.take_in(contracts(tmp_path / "more", [{"Avtals-ID": "A1", "Kund-ID": "K1", "Avtalsstart": "2020-01-01"}],
                           "2026-11-24T0700"))  # fmt: skip


def test_who_looked_at_another_copy_does_not_approve(desk: Desk, tmp_path: Path) -> None:
    batch = desk.propose(overdue(desk))
    app = batch_page(Role.CISO, batch.batch_id)
    seen = desk.reading().build
    another_build(desk, tmp_path)
    for refused in (True, False):
        app.text_input(key="approve_word").input("purge")
        app.number_input(key="approve_number").set_value(4)
        app.button(key="approve_button").click().run()
        assert not app.exception
        told = [say("refusal.build_changed", "en", seen=str(seen), current=str(desk.reading().build))]
        assert [error.value for error in app.error] == (told if refused else [])
        state = batches.find(desk.register, batch.batch_id).state
        # The page shows the new preview with the refusal, and that one may be approved.
        assert state is (State.PROPOSED if refused else State.APPROVED)


def test_the_chosen_stay_the_chosen_when_the_list_changes(desk: Desk, choose: Choose) -> None:
    app = opened(Role.DPO, "en", "review/expiries", {"status": "OVERDUE", "category": "PROSPECT"})
    first, second, *_ = listed(desk)
    choose(app, "reference", [1])
    hold(desk, first)
    app.button(key="propose_chosen_expiries").click().run()
    assert not app.exception and not app.error
    (batch,) = batches.listing(desk.register)
    assert proposed(desk, batch) == {second}


def test_a_choice_made_in_a_list_that_has_changed_is_no_choice(desk: Desk, choose: Choose) -> None:
    app = opened(Role.DPO, "en", "review/expiries", {"status": "OVERDUE", "category": "PROSPECT"})
    first, *_ = listed(desk)
    hold(desk, first)
    # What is chosen is drawn from the list as it is now, where the place is somebody else's.
    choose(app, "reference", [1])
    assert "propose_chosen_expiries" not in keys_of(app)
    choose(app, "reference", [1])
    assert "propose_chosen_expiries" in keys_of(app)


def test_all_of_a_list_is_what_was_shown(desk: Desk, tmp_path: Path) -> None:
    app = opened(Role.DPO, "en", "review/expiries", {"status": "OVERDUE", "category": "PROSPECT"})
    seen = desk.reading().build
    another_build(desk, tmp_path)
    app.button(key="propose_all_expiries").click().run()
    assert not app.exception
    assert [say("refusal.list_changed", "en", seen=str(seen), current=str(desk.reading().build))] == [
        error.value for error in app.error
    ]
    assert batches.listing(desk.register) == []
    app.button(key="propose_all_expiries").click().run()
    assert not app.error and len(batches.listing(desk.register)) == 1


def test_the_entries_that_were_shown_as_chosen_are_taken_out(desk: Desk, choose: Choose, tmp_path: Path) -> None:
    batch = desk.propose(overdue(desk))
    app = batch_page(Role.DPO, batch.batch_id)
    shown = batches.rows(desk.at(desk.petra), desk.reading(), batch.batch_id, named=False, limit=50, skip=0)
    choose(app, "goes", [0])
    # What is held comes first in the list of the batch.
    hold(desk, shown[3].basis_id)
    app.text_input(key="take_out_1_owner").input("legal")
    app.button(key="take_out_button").click().run()
    assert not app.exception and not app.error
    assert proposed(desk, batch) == {row.basis_id for row in shown[1:]}
    choose(app, "goes", [0])
    another_build(desk, tmp_path)
    app.text_input(key="take_out_1_owner").input("legal")
    app.button(key="take_out_button").click().run()
    assert len(app.error) == 1 and len(proposed(desk, batch)) == 3


def test_a_hold_is_not_placed_on_who_stands_where_the_chosen_stood(desk: Desk, tmp_path: Path) -> None:
    app = opened(Role.DPO, "en", "holds/holds")
    app.text_input(key="hold_person_search").set_value("a").run()
    app.selectbox(key="hold_person").select_index(3).run()
    app.text_input(key="hold_owner").set_value("legal")
    another_build(desk, tmp_path)
    app.button(key="hold_place").click().run()
    assert [error.value for error in app.error] == [say("refusal.hold_build_changed", "en")]
    assert all(row.entry.scope != "person" for row in listing.listing(desk.register, None, TODAY))
    app.button(key="hold_place").click().run()
    assert not app.exception and not app.error
    assert any(row.entry.scope == "person" for row in listing.listing(desk.register, None, TODAY))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_tells_who_fetched_an_order_and_who_came_back(
    desk: Desk, tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = overdue(desk)[0]
    desk.purge([late])
    (task,) = sources.orders(desk.register)
    sources.fetch(desk.at(desk.petra), task.task_id, catalogue_of(desk.settings, desk.register))
    tomorrow = TODAY + dt.timedelta(days=1)
    desk.on(tomorrow)
    monkeypatch.setenv("COMPLIANCE_TODAY", tomorrow.isoformat())
    anew = prospect(1, tomorrow.isoformat(), **{"Namn": late.name, "E-post": late.email})
    other = prospect(2, **{"Namn": "Nils Ny", "E-post": late.email})
    desk.take_in(prospects(tmp_path / "anew", [anew, other], f"{tomorrow}T0500"))
    (person,) = {row.person_id for row in desk.entries() if row.email == late.email and row.name == late.name}
    app = opened(Role.DPO, language, "purge/purge")
    assert not app.exception and not app.error
    possible, returned = [frame for frame in frames(app) if say("column.returned", language) in frame.columns]
    assert list(returned[say("column.reference", language)]) == [reference(person)]
    assert list(possible[say("column.speaks_for", language)]) == [say("speaks_for.email", language)]
    desk.settings.suppression_keys.write_text("no key\n", encoding="utf-8")
    without = opened(Role.DPO, language, "purge/purge")
    assert not without.exception and len(without.error) == 1
    app = batch_page(Role.DPO, task.batch_id, language)
    (told,) = [frame for frame in frames(app) if say("column.fetched", language) in frame.columns]
    (fetched,) = told[say("column.fetched", language)]
    assert fetched.endswith(f" · {reference(desk.petra.pseudonym)}") and fetched.startswith(TODAY.isoformat())


@pytest.mark.parametrize("verdict", list(Verdict))
def test_whether_somebody_was_purged_before_is_said_of_the_chosen_rows(
    desk: Desk, choose: Choose, tmp_path: Path, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = overdue(desk)[0]
    desk.purge([late])
    tomorrow = TODAY + dt.timedelta(days=1)
    desk.on(tomorrow)
    monkeypatch.setenv("COMPLIANCE_TODAY", tomorrow.isoformat())
    other = prospect(2, **{"Namn": "Nils Ny", "E-post": late.email})
    desk.take_in(prospects(tmp_path / "anew", [other], f"{tomorrow}T0500"))
    week = opened(Role.DPO, "en", "review/weekly", {"step": "waits"})
    assert any(say("decision.possible", "en", count=1) in shown.value for shown in week.markdown)
    app = opened(Role.DPO, "en", "purge/purge")
    assert not {key for key in keys_of(app) if key.startswith("decide_")}
    choose(app, "speaks_for", [0])
    app.button(key=f"decide_{verdict}").click().run()
    assert not app.exception and not app.error
    assert suppression.count_doubts(desk.register) == 0
    assert (say("purge.leaving", "en", count=1) in shown(app)) == (verdict is Verdict.SAME)
    assert say("column.speaks_for", "en") not in {name for frame in frames(app) for name in frame.columns}
