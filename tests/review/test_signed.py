"""The review of the week is signed: by whom, what is kept of it, and where the next one starts."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance.access import Actor
from compliance.holds import verbs as holds
from compliance.ledger import tables as ledger_tables
from compliance.policy import verbs as policy
from compliance.review import bridges, measures, reviews, rows, snapshots, verbs
from compliance.review.bridges import Cause
from compliance.review.decisions import Decision, Kind, decisions
from compliance.review.ledger import details_in_words
from compliance.review.tables import Occasion, review
from compliance.sources.freshness import freshness
from compliance.words.refusal import Refused
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Role
from tests import begun
from tests.purging import Desk, prospect, prospects
from tests.world import TODAY

ROOT = Path(__file__).parents[2]
PEOPLE = {
    Role.DPO: "petra.dpo@antura.example",
    Role.CISO: "axel.ciso@antura.example",
    Role.OWNER: "olle.owner@antura.example",
    Role.AUDITOR: "agnes.auditor@antura.example",
    Role.ADMIN: "ada.admin@antura.example",
}


def _begin(settings: Any) -> None:
    """Three overdue prospects and one that is not, as of a Tuesday."""
    desk = Desk(settings.store)
    rows = [prospect(number, "2010-03-21") for number in (1, 2, 3)]
    desk.take_in(prospects(settings.store.parent / "in", [*rows, prospect(4, "2025-03-21")]))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(begun.copied(_begin, tmp_path, None).store)


def signed(desk: Desk, note: str = "") -> int:
    return verbs.sign(desk.at(desk.petra), desk.reading(), note)


def line(desk: Desk, event: str) -> dict[str, Any]:
    table = ledger_tables.ledger
    with desk.register.connect() as connection:
        told = connection.scalars(sa.select(table.c.details).where(table.c.event == event).order_by(table.c.seq)).all()
    return dict(json.loads(told[-1]))


def test_a_signature_is_one_line_with_the_snapshot_the_note_and_what_was_decided(desk: Desk) -> None:
    batch = desk.propose(desk.entries(status="OVERDUE")[:1])
    number = signed(desk, " Allt genomgånget. ")
    (one,) = reviews.signed(desk.register)
    assert (one.review_id, one.week, one.as_of, one.is_late) == (number, "2026-W48", TODAY, False)
    assert (one.note, dict(one.decided)) == ("Allt genomgånget.", {"batch:proposed": 1})
    assert one.signed_by == desk.petra.pseudonym and batch.planned == 1
    assert one.snapshot_id is not None
    kept = snapshots.by_number(desk.register, one.snapshot_id)
    assert kept and kept.occasion is Occasion.SIGNED and kept.get("overdue").value == 3
    told = line(desk, "review:signed")
    assert told == {
        "week": "2026-W48", "late": False, "snapshot": one.snapshot_id, "note": "Allt genomgånget.",
        "decided": "batch:proposed=1",
    }  # fmt: skip
    for language in LANGUAGES:
        assert f"{say('event.batch:proposed', language)}: 1" in details_in_words(told, language)


def test_a_week_is_signed_once_and_without_what_is_personal(desk: Desk) -> None:
    for note, code in (
        ("Ring anna.berg@kund.example", "review_note_personal"),
        ("811218-9876 ringde", "review_note_personal"),
        ("x" * 1001, "review_note_long"),
    ):
        with pytest.raises(Refused, match=code):
            signed(desk, note)
    assert reviews.signed(desk.register) == []
    signed(desk)
    with pytest.raises(Refused, match="review_signed"):
        signed(desk)
    assert len(reviews.signed(desk.register)) == 1


def test_another_one_countersigns_and_once(desk: Desk) -> None:
    number = signed(desk)
    with pytest.raises(Refused, match="review_own"):
        verbs.countersign(desk.at(desk.petra), number)
    with pytest.raises(Refused, match="review_unknown"):
        verbs.countersign(desk.at(desk.axel), number + 1)
    verbs.countersign(desk.at(desk.axel), number)
    with pytest.raises(Refused, match="review_countersigned"):
        verbs.countersign(desk.at(desk.axel), number)
    (one,) = reviews.signed(desk.register)
    assert (one.countersigned_by, one.countersigned_role) == (desk.axel.pseudonym, "ciso")
    assert line(desk, "review:countersigned") == {"week": "2026-W48"}
    with pytest.raises(sa.exc.IntegrityError), desk.register.begin() as connection:
        connection.execute(sa.update(review).values(countersigned_by=desk.petra.pseudonym))


def test_missed_weeks_are_told_and_can_be_signed_late_as_such(desk: Desk) -> None:
    assert reviews.missed([], TODAY) == []
    signed(desk)
    # The first day of a week, with two of them missed: of the last one something was kept.
    desk.on(TODAY + dt.timedelta(days=13))
    verbs.keep(desk.at(), desk.reading(), Occasion.NIGHT)
    desk.on(TODAY + dt.timedelta(days=20))
    assert reviews.missed(reviews.signed(desk.register), desk.reading().as_of) == ["2026-W49", "2026-W50"]
    for week in ("2026-W51", "2026-W48", "2026-W52"):
        with pytest.raises(Refused, match="review_not_missed"):
            verbs.sign_late(desk.at(desk.petra), desk.reading(), week, "")
    for week in ("2026-W50", "2026-W49"):
        verbs.sign_late(desk.at(desk.petra), desk.reading(), week, "semester")
    found = {one.week: one for one in reviews.signed(desk.register)}
    assert [found[week].is_late for week in ("2026-W48", "2026-W49", "2026-W50")] == [False, True, True]
    assert (found["2026-W49"].snapshot_id, found["2026-W49"].as_of) == (None, dt.date(2026, 12, 6))
    assert found["2026-W50"].snapshot_id is not None
    assert found["2026-W50"].as_of == TODAY + dt.timedelta(days=13)
    assert line(desk, "review:signed")["late"] is True
    assert reviews.missed(list(found.values()), desk.reading().as_of) == []
    # One that is late says nothing of what was seen then: the next bridge starts where somebody looked.
    start = reviews.start(desk.register, list(found.values()), desk.reading().as_of)
    assert start and start.number == found["2026-W48"].snapshot_id


def test_the_year_ends_in_its_last_week() -> None:
    days = (dt.date(2026, 12, 31), dt.date(2027, 1, 3), dt.date(2027, 1, 4))
    assert [reviews.week_of(day) for day in days] == ["2026-W53", "2026-W53", "2027-W01"]
    assert reviews.last_day("2026-W53") == dt.date(2027, 1, 3)


def test_the_next_bridge_starts_at_the_review_and_counts_what_was_done_since(desk: Desk) -> None:
    signed(desk)
    overdue = desk.entries(status="OVERDUE")
    desk.on(TODAY + dt.timedelta(days=9))
    terms = holds.Terms("legal_claim", "legal", desk.reading().as_of + dt.timedelta(days=30))
    holds.place(desk.at(desk.petra), desk.reading(), holds.Target("person", overdue[0].person_id), terms)
    reading, found = desk.reading(), reviews.signed(desk.register)
    start = reviews.start(desk.register, found, reading.as_of)
    assert start and start.as_of == TODAY
    bridge = bridges.between(desk.at(), reading, start)
    assert bridge and (bridge.opening, bridge.closing, bridge.unexplained) == (3, 2, 0)
    assert {cause: count for cause, count in bridge.bars.items() if count} == {Cause.HELD: 1}
    (row,) = bridges.rows(reading, bridge, Cause.HELD, 10)
    assert (row.basis_id, row.hold_since) == (overdue[0].basis_id, reading.as_of)
    # Three weeks later nobody compares with it.
    late = TODAY + dt.timedelta(days=21)
    assert reviews.start(desk.register, found, late) is None


@pytest.fixture
def shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    return desk


def opened(role: Role, language: str, step: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.session_state["signed_in_email"] = PEOPLE[role]
    app.session_state["language"] = language
    app.run()
    app.query_params["step"] = step
    app.switch_page("pages/review/weekly.py").run()
    assert not app.exception
    return app


def keys_of(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", list(Role))
def test_every_step_opens_for_every_role(shown: Desk, role: Role, language: str) -> None:
    assert shown
    app = opened(role, language, "fresh")
    for step in ("changed", "waits", "comes", "sign"):
        app.radio(key="agenda_step").set_value(step).run()
        assert not app.exception and not app.error
        assert "{" not in " ".join(one.value for one in [*app.markdown, *app.caption])
    assert ("sign" in keys_of(app)) is (role is Role.DPO)


def test_the_review_is_signed_and_countersigned_on_the_page(shown: Desk) -> None:
    app = opened(Role.DPO, "sv", "sign")
    app.text_area(key="review_note").set_value("Ring anna.berg@kund.example").run()
    app.button(key="sign").click().run()
    # A second click, so that none is signed by a slip.
    assert reviews.signed(shown.register) == []
    app.button(key="sign_confirm").click().run()
    assert [error.value for error in app.error] == [refusal("review_note_personal", "sv", {})]
    app.text_area(key="review_note").set_value("Genomgången.").run()
    app.button(key="sign").click().run()
    app.button(key="sign_confirm").click().run()
    assert not app.error and not app.exception
    assert say("agenda_told.signed", "sv", week="48") in [one.value for one in app.markdown]
    assert keys_of(app).isdisjoint({"sign", "sign_confirm", "countersign_1"})
    second = opened(Role.CISO, "sv", "sign")
    second.button(key="countersign_1").click().run()
    (one,) = reviews.signed(shown.register)
    assert (one.note, one.countersigned_by) == ("Genomgången.", shown.axel.pseudonym)
    history = second.dataframe[0].value
    assert list(history[say("column.review_week", "sv")]) == ["2026-W48"]
    assert list(history[say("column.review_overdue", "sv")]) == ["3"]


def test_figures_are_measured_anew_once_something_has_happened_and_not_before(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    whole = measures.measure

    def counting(*call: Any) -> Any:
        counted.append("measured")
        return whole(*call)

    monkeypatch.setattr(measures, "measure", counting)

    def overdue() -> Any:
        at, reading = desk.at(desk.petra), desk.reading()
        return measures.remembered(at, reading, freshness(at.settings, reading, at.now, "en"))["overdue"].value

    assert (overdue(), overdue(), len(counted)) == (3, 3, 1)
    desk.propose(desk.entries(status="OVERDUE")[:1])
    assert (overdue(), len(counted)) == (3, 2)


def test_a_change_of_the_rules_waits_for_somebody_else_than_who_proposed_it(desk: Desk) -> None:
    number = policy.propose(
        desk.at(desk.petra), {"PROSPECT.period": "P5Y"}, holds_from=TODAY + dt.timedelta(days=9), reason="Shorter"
    )

    def waiting(actor: Actor) -> list[Decision]:
        at, reading = desk.at(actor), desk.reading()
        fresh = freshness(at.settings, reading, at.now, "en")
        return [one for one in decisions(at, reading, measures.measure(at, reading, fresh), fresh)
                if one.kind is Kind.RULES]  # fmt: skip

    (own,), (others,) = waiting(desk.petra), waiting(desk.axel)
    assert (own.may, others.may) == (False, True)
    assert own.since == TODAY and own.page == "pages/policy/policy.py"
    for language in LANGUAGES:
        told = rows.decision_text(others, language)
        assert str(number) in told and "2026-12-03" in told
    policy.approve(desk.at(desk.axel), number)
    assert waiting(desk.axel) == []
