"""The panel of letters: what is chosen is filled in, what is typed stays, and what went out is noted."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from compliance.access import Actor
from compliance.access.at import At
from compliance.ledger.tables import ledger as lines
from compliance.letters import case, documents
from compliance.letters.wording import Kind, Letter
from compliance.requests import desk as requests_desk
from compliance.requests.tables import Step
from compliance.show.leaving import Written
from compliance.words.settings import ROOT
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES
from tests import begun
from tests.letters.test_letters import BARE, OPT_OUT, _begin, facts, letter
from tests.overwritten import overwritten
from tests.purging import Desk, prospect, prospects
from tests.world import TODAY


def panel() -> None:
    """The part of a page that one request opens."""
    import os

    from compliance import ui
    from compliance.letters import view
    from compliance.requests.facts import facts_of
    from compliance.words.vocabulary import Permission

    session = ui.guard(Permission.SEE_FIGURES)
    number = int(os.environ["REQUEST"])
    with session.engine.connect() as connection:
        view.offer(session, facts_of(connection, number, session.parameters, session.today))
    ui.told_before()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(begun.copied(_begin, tmp_path, None).store)
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    monkeypatch.setenv("REQUEST", str(BARE))
    return desk


def opened(actor: Actor, language: str = "sv") -> AppTest:
    app = AppTest.from_function(panel, default_timeout=60)
    app.session_state["signed_in_email"], app.session_state["language"] = actor.email, language
    app.run()
    assert not app.exception
    return app


def shown(app: AppTest) -> Letter:
    (heading,), (text,) = app.text_input, app.text_area
    return Letter(str(heading.value), str(text.value))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_that_comes_next_is_there_in_the_readers_language(desk: Desk, language: str) -> None:
    app = opened(desk.petra, language)
    assert shown(app) == letter(desk, BARE, Kind.RECEIPT, language)
    assert app.code[0].value == f"{shown(app).heading}\n\n{shown(app).text}"
    assert "{" not in " ".join(one.value for one in [*app.markdown, *app.caption, *app.warning])
    labels = {str(one.proto.label) for one in app.get("download_button")}
    assert labels == {say(f"letter_form.{form}", language) for form in documents.FORMS}


def test_the_letter_is_written_in_the_language_that_is_chosen(desk: Desk) -> None:
    app = opened(desk.petra)
    app.selectbox(key=f"letter_{BARE}_language").set_value("en").run()
    assert shown(app) == letter(desk, BARE, Kind.RECEIPT, "en")
    app.selectbox(key=f"letter_{BARE}_kind").set_value(Kind.ACCESS).run()
    assert shown(app) == letter(desk, BARE, Kind.ACCESS, "en")


def test_what_is_typed_stays_over_a_reload_until_it_is_filled_in_anew(desk: Desk) -> None:
    app = opened(desk.petra)
    filled = shown(app)
    app.text_area[0].set_value("Hej! Vi ringer dig i morgon.").run()
    # Also when the page is drawn again for something else.
    app.selectbox(key=f"letter_{BARE}_language").set_value("en").run()
    app.selectbox(key=f"letter_{BARE}_language").set_value("sv").run()
    app.run()
    assert shown(app).text == "Hej! Vi ringer dig i morgon."
    again = opened(desk.petra)
    assert shown(again).text == "Hej! Vi ringer dig i morgon."
    again.button(key=f"letter_{BARE}_receipt_sv_anew").click().run()
    assert shown(again) == filled
    assert shown(opened(desk.petra)) == filled


@pytest.fixture
def writers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[At], Written]]:
    """What the buttons of the panel write, by the buttons' keys."""
    found = {}

    def take(_session: object, _label: object, *, key: str, write: Callable[[At], Written], **_more: object) -> None:
        found[key] = write

    monkeypatch.setattr("compliance.letters.view.download", take)
    return found


def test_a_letter_in_which_somebody_may_be_named_leaves_as_an_extract_with_names(
    desk: Desk, writers: dict[str, Callable[[At], Written]]
) -> None:
    def left() -> bool:
        assert b"".join(writers[f"letter_{BARE}_docx"](desk.at(desk.petra)))
        with desk.register.connect() as connection:
            made = lines.c.event == "extract:made"
            told = connection.scalars(sa.select(lines.c.details).where(made).order_by(lines.c.seq.desc())).first()
        return bool(json.loads(str(told))["persons"])

    app = opened(desk.petra)
    assert not left()
    app.toggle(key=f"named_letter_{BARE}").set_value(True).run()
    assert left()
    app.toggle(key=f"named_letter_{BARE}").set_value(False).run()
    assert not left()
    app.text_area[0].set_value("Hej Nina!").run()
    assert left()


def test_what_is_noted_as_sent_and_what_leaves_is_what_stands_in_the_fields_at_the_click(
    desk: Desk, writers: dict[str, Callable[[At], Written]]
) -> None:
    app = opened(desk.petra)
    drawn_with = writers[f"letter_{BARE}_docx"]
    # One click takes the reader out of the field and presses the button: both come at once.
    app.text_area[0].set_value("Hej! Vi ringer dig i morgon.")
    app.button(key=f"letter_sent_button_{BARE}").click().run()
    stands = shown(app)
    assert stands.text == "Hej! Vi ringer dig i morgon."
    ((_, told),) = facts(desk, BARE).letters
    assert told.digest == documents.digest(stands)
    # The file, too, though its button was drawn before.
    written = io.BytesIO(b"".join(drawn_with(desk.at(desk.petra))))
    assert [one.text for one in docx.Document(written).paragraphs][1:] == [stands.heading, stands.text]


def test_a_letter_is_put_over_what_is_typed_only_where_the_case_has_changed(desk: Desk) -> None:
    app = opened(desk.petra).run()
    assert overwritten(app, "letter") == []
    app.text_area[0].set_value("Hej").run()
    assert overwritten(app.run(), "letter") == []


def test_a_letter_that_nobody_has_changed_follows_the_case(desk: Desk) -> None:
    app = opened(desk.petra)
    app.selectbox(key=f"letter_{BARE}_kind").set_value(Kind.EXTENSION).run()
    assert app.warning
    requests_desk.write(desk.at(desk.petra), BARE, Step.EXTENDED, TODAY, {"reason": "complex"})
    app.run()
    assert say("letter_extension.complex", "sv") in shown(app).text and not app.warning


def test_a_name_is_filled_in_on_asking_and_the_look_is_recorded_once(desk: Desk) -> None:
    app = opened(desk.petra)
    assert "Nina" not in shown(app).text
    app.toggle(key=f"named_letter_{BARE}").set_value(True).run()
    app.run()
    assert shown(app).text.startswith("Hej Nina Namn!")
    with desk.register.connect() as connection:
        looks = list(connection.scalars(sa.select(lines.c.details).where(lines.c.event == "persons:seen")))
    assert len(looks) == 1 and "Nina" not in looks[0]


def test_what_went_out_is_noted_and_shown(desk: Desk) -> None:
    app = opened(desk.petra)
    made = shown(app)
    app.button(key=f"letter_sent_button_{BARE}").click().run()
    assert not app.exception and not app.error
    ((day, told),) = facts(desk, BARE).letters
    assert (day, told.digest) == (TODAY, documents.digest(made))
    noted = {"day": TODAY, "what": say("letter_kind.receipt", "sv"), "digest": told.digest[:12]}
    assert any(say("letter.went_out", "sv", **noted) in one.value.replace("\\", "") for one in app.caption)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_to_be_filled_in_is_told_and_keeps_the_letter_here(desk: Desk, language: str) -> None:
    app = opened(desk.petra, language)
    app.selectbox(key=f"letter_{BARE}_kind").set_value(Kind.PARTLY).run()
    found = case.gaps(shown(app), language)
    assert len(found) == 1 and not app.code
    assert say("letter_word.kept", language) in app.warning[0].value
    app.button(key=f"letter_sent_button_{BARE}").click().run()
    told = refusal("letter_gaps", language, {"gaps": found[0]})
    assert [one.value.replace("`", "") for one in app.error] == [told]
    assert facts(desk, BARE).letters == ()


def test_a_broken_text_is_told_in_its_place(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "receipt.sv.txt").write_text("Rubrik\n\n{{ nummer }}", encoding="utf-8")
    monkeypatch.setenv("COMPLIANCE_LETTERS", str(folder))
    app = opened(desk.petra)
    assert "receipt.sv.txt" in app.error[0].value and not app.text_area
    # The others are as they were.
    app.selectbox(key=f"letter_{BARE}_kind").set_value(Kind.ACCESS).run()
    assert shown(app) == letter(desk, BARE, Kind.ACCESS)


def test_it_is_there_for_those_alone_who_handle_requests(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUEST", str(OPT_OUT))
    for actor in (desk.gun, desk.olle, desk.axel):
        assert not opened(actor).text_area


def test_a_request_has_its_letters_on_its_page_and_what_went_out_among_its_steps(desk: Desk) -> None:
    desk.take_in(prospects(desk.settings.store.parent / "in", [prospect(1, "2010-03-21")]))
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.session_state["signed_in_email"], app.session_state["language"] = desk.petra.email, "sv"
    app.run()
    app.query_params["number"] = str(BARE)
    app.switch_page("pages/requests/request.py").run()
    assert app.text_area(key=f"letter_{BARE}_receipt_sv_text").value == letter(desk, BARE, Kind.RECEIPT).text
    app.button(key=f"letter_sent_button_{BARE}").click().run()
    assert not app.exception
    (steps,) = [one.value for one in app.dataframe if say("column.act", "sv") in one.value]
    told = dict(zip(steps[say("column.act", "sv")], steps[say("column.facts", "sv")], strict=True))
    assert say("letter_kind.receipt", "sv") in told[say("request_act.letter", "sv")]
