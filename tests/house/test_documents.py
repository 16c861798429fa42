"""What the documents name is there: tests, commands with their options, files, settings and units."""

from __future__ import annotations

import configparser
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from compliance import serve
from compliance.command import COMMANDS, main
from compliance.words.command import Exit
from tests.house.test_supply import script

ROOT = Path(__file__).parents[2]
OPERATE = ROOT / "docs" / "operate"
UNITS = sorted([*OPERATE.glob("*.service"), *OPERATE.glob("*.timer")])
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *UNITS]
# A call ends where its line, a comment, a quotation or the table's cell does.
_CALL = re.compile(r"(?:^|[\s`(;/])compliance ((?:%s)\b[^\n#`'|]*)" % "|".join(COMMANDS))  # noqa: UP031


def calls() -> list[list[str]]:
    """Every call of the command in a document, a unit or a message, as words."""
    found = set()
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        if path.suffix == ".md":
            # Prose names areas; code is what is typed.
            blocks = re.findall(r"```\n(.*?)```", text, re.S)
            text = "\n".join([*blocks, *re.findall(r"`(\.?[^`\n]*compliance [^`\n]*)`", text)])
        # What the shell puts in is a word like any other.
        found |= {one.strip() for one in _CALL.findall(re.sub(r"\$\([^)]*\)", "today", text))}
    return sorted(shlex.split(one, comments=True) for one in found)


def test_the_documents_are_read() -> None:
    areas = {words[0] for words in calls()}
    assert areas >= {"serve", "intake", "purge", "register", "ledger", "suppression", "keys"} and len(calls()) > 20


@pytest.mark.parametrize("words", calls(), ids=" ".join)
def test_every_call_in_a_document_is_one(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if words[0] == "serve":
        with serve.main.make_context("serve", words[1:]) as context:
            assert not context.args
        return
    module = import_module(COMMANDS[words[0]].partition(":")[0])
    # Read as a call is, and not carried out.
    monkeypatch.setattr(module, "attempt", lambda *_, **__: Exit.DONE)
    monkeypatch.setattr("os.umask", lambda _: 0o022)
    assert main(words) == Exit.DONE


def test_every_test_that_is_named_against_a_threat_is_there() -> None:
    text = (ROOT / "docs" / "THREATS.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", text))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.M)
    }
    assert named and sorted(named - there) == []
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| How")]
    assert [row for row in rows if "`test_" not in row] == []
    # Two pages, so that it is read.
    assert len(text.split()) <= 1100


def test_every_link_in_a_document_leads_somewhere() -> None:
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_settings_of_the_units_are_settings() -> None:
    known = (ROOT / "compliance" / "words" / "settings.py").read_text(encoding="utf-8")
    text = (OPERATE / "environment").read_text(encoding="utf-8")
    names = re.findall(r"^(COMPLIANCE_[A-Z_]+)=", text, re.M)
    assert names and [name for name in names if f"{name} " not in known] == []


@pytest.mark.parametrize("timer", sorted(OPERATE.glob("*.timer")), ids=lambda path: path.stem)
def test_every_timer_has_its_unit_and_the_document_names_it(timer: Path) -> None:
    assert timer.with_suffix(".service").exists()
    assert f"`{timer.stem}`" in (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")


def test_every_unit_is_hardened_and_writes_only_where_it_must() -> None:
    told = configparser.ConfigParser(strict=False, interpolation=None)
    told.optionxform = str  # type: ignore[assignment,method-assign]
    told.read(OPERATE / "compliance-.service.d" / "hardening.conf")
    service = told["Service"]
    assert service["ProtectSystem"] == "strict" and service["UMask"] == "0077" and service["LimitCORE"] == "0"
    assert service["NoNewPrivileges"] == "yes" and service["CapabilityBoundingSet"] == ""
    # The drop-in is for units of this name.
    assert all(unit.name.startswith("compliance-") for unit in UNITS)


def test_the_pictures_are_of_pages_and_small_and_the_readme_shows_three() -> None:
    pictures = script("docs/pages.py")
    kept = {path.stem: path.stat().st_size for path in pictures.PICTURES.iterdir()}
    assert kept.keys() <= set(pictures.pages()) and len(kept) > 15
    assert max(kept.values()) <= pictures.MOST_BYTES
    shown = re.findall(r"\(docs/pages/(\w+)\.png\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(shown) == 3 and set(shown) <= kept.keys()
