"""The pages of requests, as people use them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance.access import Actor, demo_actors
from compliance.access.at import At
from compliance.holds import verbs as holds
from compliance.marks import tables as mark_tables
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine
from compliance.requests import desk, facts, resumed, steps
from compliance.requests.rows import facts_in_words
from compliance.requests.tables import SOURCE, Kind, Step, request, request_choice_person
from compliance.show.asks import Entry
from compliance.show.entries import entry_binds, entry_page
from compliance.words import settings as settings_of
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import Category, Role
from tests import demo_store
from tests.overwritten import overwritten
from tests.pages.test_pages import frames, opened
from tests.purge.test_purge_pages import Choose, choose  # noqa: F401 - marks rows as the browser does
from tests.world import TODAY, acting, shipped_parameters


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo company's store, for all of the module."""
    return demo_store.copied(tmp_path_factory.mktemp("requests"))


@pytest.fixture(autouse=True)
def _environment(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())


def type_in(app: AppTest, **fields: str) -> None:
    """Fills in the form for a new request, field by field as somebody does."""
    for name, value in fields.items():
        key = f"request_new_{name}"
        box = app.selectbox if name in ("kind", "channel", "requester") else app.text_input
        box(key=key).set_value(value)
        app.run()


def told(number: int) -> facts.RequestFacts:
    with engine(settings_of.load()).connect() as connection:
        return facts.facts_of(connection, number, shipped_parameters(), TODAY)


def test_bad_input_is_told_beside_its_field_and_nothing_typed_is_lost_when_the_page_is_loaded_anew() -> None:
    app = opened(Role.DPO, "sv", "requests/new")
    type_in(app, kind="erasure", channel="phone", name="Anna Berg", email="anna")
    app.button(key="request_register").click().run()
    assert [one.value for one in app.error] == [say("request_problem.email", "sv")]
    assert app.text_input(key="request_new_name").value == "Anna Berg"

    # Another window, or the next day's first: what was typed is there, for whoever typed it.
    again = opened(Role.DPO, "sv", "requests/new")
    assert not again.exception
    assert again.text_input(key="request_new_email").value == "anna"
    assert say("forms.restored", "sv") in [one.value for one in again.caption]
    other = opened(Role.OWNER, "sv", "requests/new")
    assert other.text_input(key="request_new_email").value in (None, "")

    type_in(again, email="anna.berg@hem.example")
    again.button(key="request_register").click().run()
    assert not again.exception
    heads = [one.value for one in again.subheader]
    assert any(one.startswith("Begäran ") and one.endswith("· Radering") for one in heads), heads
    fresh = opened(Role.DPO, "sv", "requests/new")
    assert fresh.text_input(key="request_new_name").value in (None, "")


def test_what_is_typed_after_the_session_has_ended_is_there_at_the_next_sign_in() -> None:
    app = opened(Role.DPO, "en", "requests/new")
    type_in(app, kind="access", channel="mail")
    with pytest.MonkeyPatch.context() as patch:
        # The session is over: nobody is here any more when the next field is left.
        patch.setattr("compliance.access.sessions.touch", lambda *_given: None)
        app.text_input(key="request_new_name").set_value("Bo Dahl").run()
        assert not [one for one in app.text_input if one.key == "request_new_name"]
    again = opened(Role.DPO, "en", "requests/new")
    assert again.text_input(key="request_new_name").value == "Bo Dahl"
    assert again.selectbox(key="request_new_kind").value == "access"
    again.button(key="request_clear").click().run()
    assert again.text_input(key="request_new_name").value in (None, "")


def test_the_queue_is_filtered_by_its_address() -> None:
    app = opened(Role.CISO, "en", "requests/erasure", {"state": "PAUSED"})
    (waits,) = set(frames(app)[0][say("column.waits_for", "en")])
    assert waits == say("request_waits.requester", "en")
    app = opened(Role.CISO, "en", "requests/erasure", {"kind": "access"})
    assert set(frames(app)[0][say("column.kind", "en")]) == {say("request_kind.access", "en")}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_one_request_has_its_clock_its_steps_and_what_comes_next(language: str) -> None:
    asked = desk.Asked("erasure", "phone", TODAY - dt.timedelta(days=40), "prospect", name="Kim Alm", phone="08-123456")
    number = desk.register(petra(), None, asked)
    app = opened(Role.DPO, language, "requests/request", {"number": str(number)})
    assert not app.exception
    assert any(say("request_page.clock.due", language) in one.value for one in app.caption)
    app.selectbox(key=f"request_step_{number}_decision").set_value("keep").run()
    app.selectbox(key=f"request_step_{number}_why").set_value("bookkeeping").run()
    app.button(key="request_record").click().run()
    assert [one.value for one in app.error] == [say("refusal.request_until_missing", language)]
    app.date_input(key=f"request_step_{number}_until_on").set_value(dt.date(2028, 12, 31)).run()
    app.button(key="request_record").click().run()
    assert [one.until_on for one in told(number).kept] == [dt.date(2028, 12, 31)]
    assert say("request_act.decided", language) in list(frames(app)[0][say("column.act", language)])


def test_who_may_not_record_is_offered_no_step_and_no_name() -> None:
    app = opened(Role.CISO, "en", "requests/request", {"number": "1"})
    assert not app.exception
    assert not [one for one in app.button if one.key in ("request_record", "request_correct", "request_match")]
    assert not [one for one in app.button if str(one.key).startswith("who_")]


@pytest.mark.parametrize("number", ["", "0", "99999", "1;drop", "1" * 40])
def test_a_number_that_is_no_requests_is_told_in_words(number: str) -> None:
    app = opened(Role.DPO, "en", "requests/request", {"number": number})
    assert not app.exception
    assert [one.value for one in app.error] == [say("refusal.request_unknown", "en")]


def petra() -> At:
    settings = settings_of.load()
    actor = next(one for one in demo_actors(settings) if one.role is Role.DPO)
    return acting(settings, engine(settings), actor, dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC))


def by_hand(*steps: tuple[Step, dt.date, dict[str, str]], **given: str) -> int:
    """A request that came by hand, with its steps, as Petra has recorded them."""
    at = petra()
    told = {"kind": "rectification", "channel": "phone", "requester": "prospect", "name": "Kim Alm", **given}
    number = desk.register(at, None, desk.Asked(received_on=TODAY - dt.timedelta(days=9), **told))
    for step, day, facts_ in steps:
        desk.write(at, number, step, day, facts_)
    return number


def test_a_correction_begins_with_what_the_step_says_and_each_step_has_fields_of_its_own() -> None:
    before, yesterday = TODAY - dt.timedelta(days=4), TODAY - dt.timedelta(days=1)
    number = by_hand(
        (Step.RECIPIENT_DUE, before, {"recipient": "CRM"}),
        (Step.RECIPIENT_TOLD, yesterday, {"recipient": "CRM", "telling": "told"}),
    )
    due, done = (one.step_id for one in told(number).shown if one.step in (Step.RECIPIENT_DUE, Step.RECIPIENT_TOLD))
    app = opened(Role.DPO, "en", "requests/request", {"number": str(number)})
    which, of = f"request_correct_{number}_which", f"request_correct_{number}"
    app.selectbox(key=which).set_value(str(due)).run()
    assert app.selectbox(key=f"{of}_{due}_recipient").value == "CRM"
    assert app.date_input(key=f"{of}_{due}_day_on").value == before
    app.selectbox(key=which).set_value(str(done)).run()
    assert app.date_input(key=f"{of}_{done}_day_on").value == yesterday
    assert app.selectbox(key=f"{of}_{done}_recipient").value == "CRM"
    app.selectbox(key=f"{of}_{done}_telling").set_value("impossible").run()
    app.button(key="request_correct").click().run()
    assert not app.exception
    now = [one for one in told(number).shown if one.step is Step.RECIPIENT_TOLD]
    assert [(one.happened_on, one.facts.model_dump()["telling"]) for one in now] == [
        (yesterday, "told"), (yesterday, "impossible"),
    ]  # fmt: skip
    assert say("request_page.recorded", "en") in [one.value for one in app.success]
    # The form is empty again, and a receipt cannot be struck out.
    assert app.selectbox(key=which).value is None
    receipt = next(one.step_id for one in told(number).shown if one.step is Step.RECEIVED)
    app.selectbox(key=which).set_value(str(receipt)).run()
    assert app.checkbox(key=f"{of}_{receipt}_not_so").disabled


def test_a_letter_that_went_out_on_another_day_is_put_right_and_stays_the_same_letter() -> None:
    sent = {"letter": "receipt", "language": "sv", "digest": "0" * 64}
    number = by_hand((Step.LETTER, TODAY, sent))
    letter = next(one.step_id for one in told(number).shown if one.step is Step.LETTER)
    app = opened(Role.DPO, "sv", "requests/request", {"number": str(number)})
    app.selectbox(key=f"request_correct_{number}_which").set_value(str(letter)).run()
    yesterday = TODAY - dt.timedelta(days=1)
    app.date_input(key=f"request_correct_{number}_{letter}_day_on").set_value(yesterday).run()
    app.button(key="request_correct").click().run()
    assert not app.exception
    assert [(day, one.model_dump()) for day, one in told(number).letters] == [(yesterday, sent)]


def test_what_a_form_has_told_can_be_corrected_too() -> None:
    with engine(settings_of.load()).connect() as connection:
        chosen = sa.select(request.c.request_id).where(
            request.c.source != SOURCE, request.c.closed_on.is_(None), request.c.identity_asked_on.is_(None),
            request.c.role == "controller",
        )  # fmt: skip
        number = connection.scalars(chosen).first() or 0
    day = told(number).received_on - dt.timedelta(days=1)
    app = opened(Role.DPO, "sv", "requests/request", {"number": str(number)})
    app.selectbox(key=f"request_correct_{number}_which").set_value("received").run()
    app.date_input(key=f"request_correct_{number}_received_day_on").set_value(day).run()
    app.button(key="request_correct").click().run()
    assert not app.exception
    assert told(number).received_on == day


def test_what_is_typed_is_there_after_a_look_at_another_page() -> None:
    app = opened(Role.DPO, "sv", "requests/new")
    type_in(app, kind="access", name="Bo Dahl")
    app.switch_page("pages/requests/erasure.py").run()
    app.switch_page("pages/requests/new.py").run()
    assert app.text_input(key="request_new_name").value == "Bo Dahl"
    app.button(key="request_clear").click().run()
    # Set, not only forgotten: the browser would go on showing it.
    assert app.text_input(key="request_new_name").value == ""
    assert app.session_state["request_new_name"] == ""


def test_several_requests_are_taken_on_at_once_and_one_that_does_not_stand_so_is_told(choose: Choose) -> None:  # noqa: F811
    numbers = [by_hand((Step.RECIPIENT_DUE, TODAY, {"recipient": "CRM"})) for _ in range(3)]
    app = opened(Role.DPO, "en", "requests/erasure", {"kind": "rectification"})
    listed = [int(one) for one in frames(app)[0][say("column.request", "en")]]
    places = [listed.index(number) for number in numbers]
    app = choose(app, "next", places)
    app.button(key="requests_take").click().run()
    assert not app.exception
    assert all(Step.TAKEN in [one.step for one in told(number).shown] for number in numbers)
    assert say("request_page.recorded_each", "en", count=3) in [one.value for one in app.success]
    # Somebody else has told one of them meanwhile.
    desk.write(petra(), numbers[0], Step.RECIPIENT_TOLD, TODAY, {"recipient": "CRM", "telling": "told"})
    app.button(key="requests_told").click().run()
    assert [told(number).recipients_open for number in numbers] == [(), (), ()]
    assert say("request_page.recorded_each", "en", count=2) in [one.value for one in app.success]
    why = refusal("request_step_unfit", "en", {})
    assert refusal("requests_left", "en", {"left": f"{numbers[0]}: {why}"}) in [one.value for one in app.error]


def test_a_restriction_is_decided_on_its_page_on_a_ground_of_its_own() -> None:
    asked = desk.Asked("restriction", "phone", TODAY, "prospect", name="Kim Alm", phone="08-123457")
    number = desk.register(petra(), None, asked)
    app = opened(Role.DPO, "sv", "requests/request", {"number": str(number)})
    app.selectbox(key=f"request_step_{number}_decision").set_value("restrict").run()
    assert say("request_page.restrict_help", "sv") in [one.value for one in app.caption]
    app.button(key="request_record").click().run()
    assert [one.value for one in app.error] == [say("refusal.request_restriction_ground", "sv")]
    app.selectbox(key=f"request_step_{number}_ground").set_value("unlawful").run()
    app.button(key="request_record").click().run()
    assert not app.exception and not app.error
    assert [(one.decision, one.ground) for one in told(number).decided] == [("restrict", "unlawful")]
    app.selectbox(key=f"request_step_{number}_step").set_value("recipient_due").run()
    assert {"CRM", "HR-system"} <= set(app.selectbox(key=f"request_step_{number}_recipient").options)


# How the keys of the forms on the pages of requests begin.
FORMS = ("request", "letter")


def at_now() -> tuple[At, Reading]:
    at = petra()
    reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    assert reading is not None
    return at, reading


def somebody() -> Entry:
    """Somebody of the copy whom no request and no hold is about."""
    at, reading = at_now()
    binds = entry_binds({"category": Category.PROSPECT, "status": "RETAINED"}, named=True)
    rows = [row for row in entry_page(reading, binds, 100, 0) if row.name and row.email and not row.open_request]
    with at.register.connect() as connection:
        known = set(connection.scalars(sa.select(request_choice_person.c.person_id)))
    return next(row for row in rows if row.person_id not in known and not (row.has_hold or row.restricted))


def of_a_prospect(held_by: Actor | None = None) -> tuple[int, int | None]:
    """A closed request by somebody of the copy of whom something was kept, by a hold that `held_by` places, or until
    two days ago, and the number of the hold.
    """
    at, reading = at_now()
    row = somebody()
    hold = None
    if held_by is not None:
        terms = holds.Terms("legal_claim", "legal", TODAY + dt.timedelta(days=30))
        acting_ = dataclasses.replace(at, actor=held_by)
        hold = holds.place(acting_, reading, holds.Target("person", row.person_id), terms)
    before = TODAY - dt.timedelta(days=20)
    number = desk.register(*at_now(), desk.Asked("erasure", "phone", before, name=row.name, email=row.email))
    kept = {"why": "claims", "until_on": TODAY - dt.timedelta(days=2)} if hold is None else {"why": "hold"}
    ended = (Step.CLOSED, {"outcome": "partial"})
    for step, facts_ in ((Step.DECIDED, {"decision": "keep", **kept}), (Step.ANSWERED, {}), ended):
        at, reading = at_now()
        desk.write(at, number, step, TODAY - dt.timedelta(days=10), facts_, reading=reading)
    # It waits for no answer any more, whoever is known still by the request.
    binds = entry_binds({}, named=False, person=row.person_id)
    assert {one.open_request for one in entry_page(at_now()[1], binds, 100, 0)} == {False}
    return number, hold


@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_a_closed_request_kept_and_may_go_now_is_told_and_taken_up_by_one_button(language: str) -> None:
    number, _ = of_a_prospect()
    at, reading = at_now()
    (one,) = resumed.waiting(at.register, reading, number=number)
    app = opened(Role.DPO, language, "review/weekly", {"step": "waits"})
    assert not app.exception
    why = say(f"request_resumes.{one.why}", language)
    text = say("decision.resume", language, number=str(number), count=one.bases, why=why)
    assert any(text in told_.value for told_ in app.markdown)

    since = TODAY - dt.timedelta(days=1)
    said = say("request_page.freed_since", language, bases=one.bases, why=why, day=since)
    looking = opened(Role.CISO, language, "requests/request", {"number": str(number)})
    assert said in [told_.value for told_ in looking.warning]
    assert not [button for button in looking.button if button.key == "request_take_up"]
    page = opened(Role.DPO, language, "requests/request", {"number": str(number)})
    assert said in [told_.value for told_ in page.warning]
    page.button(key="request_take_up").click().run()
    assert not page.exception and said not in [told_.value for told_ in page.warning]
    assert say("request_page.taken_up", language) in [told_.value for told_ in page.success]
    # It is open, and a purge for whom it is from can be proposed on it.
    assert told(number).closed_on is None and page.button(key="propose_requests")
    assert resumed.waiting(at.register, at_now()[1], number=number) == []
    words = facts_in_words(told(number).shown[-1].facts, language)
    assert say("request_page.fact.resumes", language) in words and why in words


def test_the_release_of_a_hold_says_which_closed_requests_it_frees() -> None:
    ciso = next(one for one in demo_actors(settings_of.load()) if one.role is Role.CISO)
    number, hold = of_a_prospect(ciso)
    app = opened(Role.CISO, "en", "holds/holds")
    app.selectbox(key="hold_chosen").set_value(str(hold)).run()
    app.text_input(key="hold_release_word").set_value(f"release {hold}")
    app.button(key="hold_release").click().run()
    assert not app.exception
    frees = say("holds.frees", "en", count=1, requests=str(number))
    assert [one.value for one in app.success] == [f"{say('holds.released', 'en', hold=str(hold))} {frees}"]


def test_to_lift_a_restriction_says_which_closed_requests_it_frees() -> None:
    row = somebody()
    number = desk.register(*at_now(), desk.Asked("erasure", "phone", TODAY, name=row.name, email=row.email))
    restrict = {"decision": "restrict", "ground": "needed_for_claims", "review_on": TODAY + dt.timedelta(days=30)}
    for step, facts_ in ((Step.DECIDED, restrict), (Step.ANSWERED, {}), (Step.CLOSED, {"outcome": "partial"})):
        at, reading = at_now()
        desk.write(at, number, step, TODAY, facts_, reading=reading)
    with petra().register.connect() as connection:
        mark = connection.scalar(sa.select(sa.func.max(mark_tables.mark.c.mark_id)))
    app = opened(Role.DPO, "en", "marks/marks")
    app.selectbox(key="mark_chosen").set_value(str(mark)).run()
    app.radio(key=f"mark_lift_{mark}_because").set_value("ground_ended").run()
    app.date_input(key=f"mark_lift_{mark}_told_on").set_value(TODAY).run()
    app.button(key="mark_lift").click().run()
    assert not app.exception
    frees = say("marks.frees", "en", count=1, requests=str(number))
    assert [one.value for one in app.success] == [f"{say('marks.lifted', 'en', mark=str(mark))} {frees}"]


def test_a_form_for_a_new_request_is_not_sent_to_the_browser_again() -> None:
    app = opened(Role.DPO, "sv", "requests/new").run()
    assert overwritten(app, *FORMS) == []
    type_in(app, kind="erasure", requester="env_user", name="Anna Berg")
    assert not app.exception and overwritten(app, *FORMS) == []
    # What is put right is sent, once.
    app.button(key="request_clear").click().run()
    assert "request_new_name" in overwritten(app, *FORMS)
    assert overwritten(app.run(), *FORMS) == []


@pytest.mark.parametrize("kind", ["erasure", "restriction", "opt_out"])
def test_no_step_of_a_request_is_sent_to_the_browser_again(kind: str) -> None:
    number = by_hand((Step.RECIPIENT_DUE, TODAY, {"recipient": "CRM"}), kind=kind, phone="08-123459")
    app = opened(Role.DPO, "sv", "requests/request", {"number": str(number)})
    step, decision = f"request_step_{number}_step", f"request_step_{number}_decision"
    offered = desk.may_follow(told(number).row, told(number).shown)
    for one in offered:
        if one is Step.LETTER:
            continue
        app.selectbox(key=step).set_value(one).run()
        if one is Step.RECIPIENT_DUE:
            app.selectbox(key=f"request_step_{number}_recipient").set_value("HR-system").run()
        for choice in steps.DECISIONS[Kind(kind)] if one is Step.DECIDED else ():
            app.selectbox(key=decision).set_value(choice).run()
            assert overwritten(app.run(), *FORMS) == []
        assert not app.exception and overwritten(app.run(), *FORMS) == []
    which = f"request_correct_{number}_which"
    for one in app.selectbox(key=which).options:
        app.selectbox(key=which).select_index(app.selectbox(key=which).options.index(one)).run()
        assert not app.exception and overwritten(app.run(), *FORMS) == []
