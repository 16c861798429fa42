"""Findings, notices and the register of processing by the command line: the lines and files that their pages have."""

from __future__ import annotations

import os
from pathlib import Path

import openpyxl
import pypdf
import pytest

from compliance import access, command
from compliance.access.at import At
from compliance.findings import gather
from compliance.findings.state import State
from compliance.notices import asks as notice_asks
from compliance.processing import state, verbs
from compliance.reading import copy
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.policy import load_parameters
from compliance.words.texts import refusal, say
from compliance.words.vocabulary import LANGUAGES, Category, Role
from tests import demo_store
from tests.processing.test_processing import WHOLE
from tests.world import TODAY, acting

FREE = "Skrivet med egna ord"


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> At:
    """What the commands work on: the demo company's store of one's own."""
    monkeypatch.setenv("COMPLIANCE_STORE", str(demo_store.copied(tmp_path)))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    monkeypatch.setattr(os, "umask", lambda _: 0o022)
    settings = settings_of.load()
    parameters = load_parameters(settings.config / "parameters.toml")
    return acting(settings, engine(settings), None, demo_store.NOW, parameters=parameters)


def told(capsys: pytest.CaptureFixture[str], *arguments: str, language: str = "sv") -> list[list[str]]:
    """The cells of each line that a command says."""
    assert command.main(["--language", language, *arguments]) == 0
    return [line.split("\t") for line in capsys.readouterr().out.splitlines()]


def reading(at: At) -> copy.Reading:
    found = copy.current(at.settings, at.register, TODAY, at.policy, at.parameters, kept=False)
    assert found is not None
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_are_listed_as_on_their_page(at: At, capsys: pytest.CaptureFixture[str], language: str) -> None:
    standing = [one for one in gather.standing(at, reading(at)) if one.state is not State.MENDED]
    lines = told(capsys, "findings", "list", language=language)
    assert len(lines) == len(standing) > 20 and {len(line) for line in lines} == {6}
    late = told(capsys, "findings", "list", "--which", "late", language=language)
    assert len(late) == sum(one.is_late(TODAY) for one in standing) and len(late) < len(lines)


def test_where_prospects_come_from_is_listed(at: At, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, "notices", "list")
    persons = sum(one.persons for one in reading(at).rows(notice_asks.PROSPECTS_BY_ORIGIN, as_of=TODAY))
    assert sum(int(line[3].replace("\u00a0", "")) for line in lines) == persons > 100


def test_what_the_register_of_processing_lacks_is_a_line_each(at: At, capsys: pytest.CaptureFixture[str]) -> None:
    found = state.activities(at.register, at.policy, reading(at))
    own = state.judged(found, at.parameters, TODAY, has_copy=True).findings
    lines = told(capsys, "processing", "gaps")
    assert len(lines) >= len(own) > 0
    assert {len(line) for line in lines} == {2}


@pytest.mark.parametrize("form", ["pdf", "xlsx"])
def test_the_newest_version_of_it_is_written_without_free_words(
    at: At, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    dpo = next(actor for actor in access.demo_actors(at.settings) if actor.role is Role.DPO)
    by_dpo = acting(at.settings, at.register, dpo, demo_store.NOW, parameters=at.parameters)
    verbs.describe(by_dpo, Category.PROSPECT, WHOLE.model_copy(update={"measures": FREE}))
    number = verbs.make_version(by_dpo, reading(at), "")
    out = tmp_path / f"register.{form}"
    (line,) = told(capsys, "processing", "write", "--form", form, "--out", str(out))
    assert line == [say("processing.written", "sv", version=number, file=str(out))]
    if form == "pdf":
        text = "".join(page.extract_text() for page in pypdf.PdfReader(out).pages)
    else:
        text = " ".join(
            str(cell) for sheet in openpyxl.load_workbook(out) for row in sheet.values for cell in row if cell
        )
    assert say(f"category.{Category.PROSPECT}", "sv") in text and FREE not in text
    # A file that is there is not written over.
    assert command.main(["--language", "sv", "processing", "write", "--form", form, "--out", str(out)]) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("notices", "list"), "build_missing"), (("processing", "write", "--out", "x.pdf"), "processing_no_version")],
)
def test_where_there_is_nothing_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...],
    code: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setattr(os, "umask", lambda _: 0o022)
    monkeypatch.chdir(tmp_path)
    assert command.main(["--language", "sv", *arguments]) == 1
    assert refusal(code, "sv", {}) in capsys.readouterr().err
    assert not (tmp_path / "x.pdf").exists()
    # Findings and gaps are of the registers too.
    assert command.main(["findings", "list"]) == 0 == command.main(["processing", "gaps"])
