"""The one command: every area answers, exit codes are one table, and the calls of before do the same."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance import serve
from compliance.command import COMMANDS, main
from compliance.words import settings as settings_of
from compliance.words.command import EXIT_CODES, Exit
from compliance.words.texts import catalogue, say
from compliance.words.vocabulary import LANGUAGES

ROOT = Path(__file__).parents[2]
AREAS = [area for area in COMMANDS if area != "serve"]
# The modules that cron may call, and what they are now.
MODULES = {
    "intake": ("intake",),
    "purge": ("purge",),
    "register": ("register",),
    "ledger": ("ledger",),
    "suppression": ("suppression",),
    "demo": ("demo", "exports"),
}


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("COMPLIANCE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    # A command makes what it writes its user's alone; the tests after it should not.
    monkeypatch.setattr(os, "umask", lambda _: 0o022)
    return tmp_path / "store"


def ended(*arguments: str) -> int:
    """The exit code of a call, whether it is returned or argparse ends with it."""
    try:
        return main(arguments)
    except SystemExit as end:
        return int(str(end.code))


def call(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_package_names_the_command() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"compliance": "compliance.command:main"}
    # One version of what installs it, whichever way it is asked for.
    assert project["build-system"]["requires"] == project["dependency-groups"]["build"]


def test_the_exit_codes_are_these() -> None:
    assert {code.name: int(code) for code in Exit} == {
        "DONE": 0,
        "REFUSED": 1,
        "USAGE": 2,
        "WAITING": 3,
        "UNCHECKED": 4,
    }


@pytest.mark.parametrize("area", AREAS)
def test_every_area_says_what_it_does(area: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(area, "--help") == Exit.DONE
    told = " ".join(capsys.readouterr().out.split())
    assert told.startswith(f"usage: compliance {area}") and EXIT_CODES in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_names_every_area_and_every_exit_code_in_words(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("--language", language, "--help") == Exit.DONE
    told = capsys.readouterr().out
    for area in COMMANDS:
        assert f"  {area:<12} {say(f'command.{area}', language)}" in told
    for code in Exit:
        assert f"  {int(code):<12} {say(f'exit.{code.name.lower()}', language)}" in told


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nothing",),
        ("--language", "de", "ledger", "verify"),
        ("--nothing", "ledger"),
        ("intake",),
        *[(area, "nothing") for area in AREAS if area != "intake"],
        *[(area, "--nothing") for area in AREAS],
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_two_and_makes_nothing(arguments: tuple[str, ...], store: Path) -> None:
    assert ended(*arguments) == Exit.USAGE
    assert not (store / "pseudonym.key").exists()


WRONG = {
    "required": ("intake",),
    "unknown": ("ledger", "verify", "--nothing"),
    "choice": ("register", "nothing"),
    "value": ("purge", "--wait", "soon", "status"),
    "one": ("ledger", "verify", "--since"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", WRONG)
def test_what_is_wrong_with_a_call_is_said_in_the_language_of_the_call(
    key: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("--language", language, *WRONG[key]) == Exit.USAGE
    error = capsys.readouterr().err
    words = [part.strip() for part in re.split(r"\{\w+\}", catalogue()[f"usage.{key}"][language])]
    assert all(part in error for part in words), error


@pytest.mark.parametrize("given", [("--nothing",), ("--server.port", "many")], ids=["option", "value"])
@pytest.mark.parametrize("language", [None, *LANGUAGES])
def test_a_server_that_is_called_wrong_says_so_in_words(
    given: tuple[str, ...], language: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        serve.call([*(["--language", language] if language else []), *given])
    assert end.value.code == Exit.USAGE
    told = capsys.readouterr().err
    begins = {one: say("usage.serve_call", one, told="").partition(":")[0] for one in LANGUAGES}
    assert {one for one in LANGUAGES if begins[one] in told} == ({language} if language else set(LANGUAGES))
    assert "Usage:" not in told


@pytest.mark.parametrize(
    "arguments",
    [
        ("intake", "x.csv"),
        ("purge", "status"),
        ("register", "replay"),
        ("ledger", "verify"),
        ("suppression", "prune"),
        ("keys",),
        ("demo", "prepare"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_is_one_and_in_words(
    arguments: tuple[str, ...], language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLIANCE_BUILDS", "open")
    told = say("refusal.setting_invalid", language, name="COMPLIANCE_BUILDS", allowed="encrypted, plain")
    # What was not looked at must not pass for what was changed.
    code = Exit.UNCHECKED if "verify" in arguments else Exit.REFUSED
    assert ended("--language", language, *arguments) == code
    assert capsys.readouterr().err == f"{told}\n"
    if arguments[0] != "demo":
        # An area takes the language, too.
        assert ended(arguments[0], "--language", language, *arguments[1:]) == code
        assert capsys.readouterr().err == f"{told}\n"


@pytest.mark.parametrize("how", [["--explain"], []], ids=["explained", "taken in"])
def test_no_name_tells_a_terminal_or_its_reader_anything(
    how: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = "The copy: 9 persons"
    file = tmp_path / f"a\x1b]0;b\x07\n{claim}\x9b31m\u202e.csv"
    heads = ["Prospekt-ID", f"F\x1b[2J\n{claim}", "E-post", f"Skapad\r{claim}", f"Om\u2028{claim}"]
    told = ",".join(f'"{one}"' for one in heads)
    file.write_text(f'{told}\nP1,"Ann\x1b[8m\n{claim}",a@b.example,2014-01-01,x\n', encoding="utf-8", newline="")
    ended("intake", *how, str(file))
    printed = "".join(capsys.readouterr())
    assert claim in printed and "\\u001b" in printed
    assert [one for one in printed if not one.isprintable() and one != "\n"] == []
    assert [line for line in printed.split("\n") if line.lstrip().startswith(claim)] == []


def test_what_is_done_is_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("register", "backup", str(tmp_path / "a.backup")) == Exit.DONE
    assert ended("ledger", "verify") == Exit.DONE
    # Without the folder nobody can say who was purged.
    assert ended("register", "replay") == Exit.REFUSED
    settings_of.load().evidence.mkdir()
    assert ended("--language", "sv", "register", "replay") == Exit.DONE
    assert "Inget att återspela" in capsys.readouterr().out


@pytest.mark.parametrize("module", MODULES)
def test_the_calls_of_before_are_the_command(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here, since a Python starts for a second; a call of each as cron makes it is compared with that."""
    monkeypatch.setenv("COLUMNS", "80")

    def told(*arguments: str, run: Callable[[], int]) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["compliance", *arguments])
        with pytest.raises(SystemExit) as end:
            sys.exit(run())
        return int(str(end.value.code)), *capsys.readouterr()

    def before(*arguments: str) -> tuple[int, str, str]:
        return told(*arguments, run=lambda: runpy.run_module(f"compliance.{module}.__main__", run_name="__main__"))

    def now(*arguments: str) -> tuple[int, str, str]:
        return told(*MODULES[module], *arguments, run=main)

    assert before("--help") == now("--help")
    assert before("--nothing") == now("--nothing") == call(f"compliance.{module}", "--nothing")
    assert now("--nothing")[0] == Exit.USAGE


def test_the_command_is_a_process_as_it_is_a_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("compliance", "ledger", "--nothing") == (ended("ledger", "--nothing"), *capsys.readouterr())
