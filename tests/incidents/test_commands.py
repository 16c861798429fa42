"""Incidents by the command line: begun, carried on and listed, and each wrong call told in words."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from compliance import command
from compliance.incidents import facts, state
from compliance.incidents.facts import Affected, Aware, DataKind, Nature, Reported, Side
from compliance.register.engine import engine
from compliance.words import command as word_command
from compliance.words import settings as settings_of
from compliance.words import times
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES, Category

REPORT = ("report", "--fact", "called=Mejl", "--fact", "natures=disclosure, access", "--fact", "what=-")


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setattr("os.umask", lambda _: 0o022)
    monkeypatch.setattr("sys.stdin", io.StringIO("En lista gick till fel kund.\n"))
    monkeypatch.chdir(tmp_path)
    for text in ("Larm", "Loggen", "x"):
        Path(text).write_text(f"{text}\n", encoding="utf-8")


def call(*arguments: str, language: str = "sv") -> int:
    try:
        return command.main(["--language", language, "incidents", *arguments])
    except SystemExit as end:
        return int(str(end.code))


def only() -> state.Incident:
    (one,) = state.every(engine(settings_of.load()))
    return one


def test_one_is_begun_carried_on_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*REPORT) == 0
    assert say("incidents_command.reported", "sv", incident=1) in capsys.readouterr().out
    assert only().reported == Reported(
        called="Mejl", what="En lista gick till fel kund.", sides=(Side.CONTROLLER,),
        natures=(Nature.DISCLOSURE, Nature.ACCESS),
    )  # fmt: skip
    assert call("step", "1", "detected", "--fact", "detected_at=2026-10-25 01:30", "--fact", "how=@Larm") == 0
    # Of the hour that comes twice it is the first, so that no deadline is later than it has to be.
    assert call("step", "1", "aware", "--fact", "aware_at=2026-10-25 02:30", "--fact", "reason=@Loggen") == 0
    told = only().last(Aware)
    assert told is not None and told.aware_at == times.read("2026-10-25 02:30")
    assert call(
        "step", "1", "affected", "--fact", "categories=PROSPECT", "--fact", "data=contact,identity", "--fact",
        "persons=12", "--fact", "is_abroad=no",
    ) == 0  # fmt: skip
    assert only().last(Affected) == Affected(
        persons=12, categories=(Category.PROSPECT,), data=(DataKind.CONTACT, DataKind.IDENTITY)
    )
    assert {step.by for step in only().steps} == {None}
    step = only().steps[1].step_id
    corrected = ("--corrects", str(step), "--fact", "detected_at=2026-10-25 01:00", "--fact", "how=@Larm")
    assert call("step", "1", "detected", *corrected) == 0
    assert len(only().steps) == 5 and len(only().standing) == 4
    capsys.readouterr()
    assert call("list") == 0
    (line,) = capsys.readouterr().out.splitlines()
    number, stands, waits, clock = line.split("\t")
    assert (number, stands) == ("1", say("incident_state.open", "sv")) and waits and clock != "–"
    # What somebody wrote of it is no line of a list.
    assert "Mejl" not in line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "wrong",
    [
        ("report", "--fact", "called=Mejl"),
        ("report", "--fact", "called"),
        # Others can see arguments, and nothing else stands on standard input.
        ("report", "--fact", "called=Mejl", "--fact", "natures=loss", "--fact", "what=Annas lista gick till fel kund"),
        (*REPORT[:-1], "what=@gone"),
        ("step", "1", "assessed", "--fact", "risk=risk", "--fact", "reason=-", "--fact", "consequences=-"),
        ("report", "--fact", "colour=red"),
        (*REPORT, "--fact", "called=Igen"),
        ("report", "--fact", "called=Mejl", "--fact", "natures=theft", "--fact", "what=@x"),
        ("report", "--fact", "called=nils@bolaget.example", "--fact", "natures=loss", "--fact", "what=@x"),
        ("step", "1", "aware", "--fact", "aware_at=igår", "--fact", "reason=@x"),
        ("step", "1", "aware", "--fact", "aware_at=2026-03-29 02:30", "--fact", "reason=@x"),
        ("step", "7", "detected", "--fact", "detected_at=2026-10-25 01:30", "--fact", "how=@x"),
        # Before any clock by UTC.
        ("step", "1", "detected", "--fact", "detected_at=0001-01-01 00:00", "--fact", "how=@x"),
        ("step", "1", "detected", "--fact", "detected_at=9999-12-31 23:59", "--fact", "how=@x"),
        # Nobody is aware before anybody has seen it.
        ("step", "1", "notified", "--fact", "notified_at=2026-10-25 01:30"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_words(
    wrong: tuple[str, ...], language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("report", "--fact", "called=Annat", "--fact", "natures=loss", "--fact", "what=@x") == 0
    before = only()
    capsys.readouterr()
    assert call(*wrong, language=language) == 1
    told = capsys.readouterr().err
    assert told.strip() and "{" not in told and "Traceback" not in told
    assert only() == before


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [str(2**31), str(2**80), "0", "-1", "ett"])
def test_what_numbers_no_row_is_a_wrong_call(number: str, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = ("--fact", "detected_at=2026-10-25 01:30", "--fact", "how=@x")
    assert call("step", number, "detected", *told, language=language) == 2
    assert say("usage.value", language, value=repr(number)) in capsys.readouterr().err or number == "-1"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("given", [b"G\xe5 hem", b"a\0b"])
@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_a_text_of_another_encoding_is_refused_and_nothing_is_recorded(
    given: bytes, errors: str, language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8", errors=errors))
    assert call(*REPORT, language=language) == 1
    assert capsys.readouterr().err.strip() == say("refusal.input_unreadable", language)
    assert not state.every(engine(settings_of.load()))


def test_help_names_every_step_and_fact(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--help") == 0
    told = " ".join(capsys.readouterr().out.split())
    for kind, model in facts.MODELS.items():
        assert f"{kind} ({', '.join(model.model_fields)})" in told


def test_texts_come_from_where_nobody_sees_them_and_of_a_short_one_that_does_not_it_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert call("report", "--fact", "called=@Larm", "--fact", "natures=loss", "--fact", "what=-") == 0
    assert capsys.readouterr().err == ""
    assert (only().reported.called, only().reported.what) == ("Larm", "En lista gick till fel kund.")
    assert call("report", "--fact", "called=Mejl", "--fact", "natures=loss", "--fact", "what=@x") == 0
    assert capsys.readouterr().err == say("usage.fact_seen", "sv", fact="called") + "\n"
    # Of every step: each text that somebody makes up, and no code.
    seen = {
        (kind.value, name)
        for kind, model in facts.MODELS.items()
        for name, field in model.model_fields.items()
        if word_command._longest_text(field)
    }
    texts = {
        (kind.value, name)
        for kind, model in facts.MODELS.items()
        for name, field in model.model_fields.items()
        if "str" in str(field.annotation)
    }
    assert seen == texts and ("assessed", "consequences") in seen and ("detected", "detected_at") not in seen
