"""Whoever has nothing but the files and the public key can check them, with a script of one file."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import evidence, ledger
from compliance.evidence import receipts
from compliance.ledger import checkpoint
from compliance.register.engine import engine, writing
from compliance.words.settings import Settings
from tests.purges import NOW, purge

SCRIPT = Path(__file__).parents[2] / "docs" / "check_proof.py"


@pytest.fixture
def kept(settings: Settings, tmp_path: Path) -> Path:
    """What an auditor was given, and the script, in a folder with nothing else."""
    folder = tmp_path / "auditor"
    folder.mkdir()
    register = engine(settings)
    made = purge(settings, register)
    shutil.copy(evidence.file_of(settings, made.uid), folder / "evidence.json")
    (folder / "receipt.json").write_bytes(receipts.canonical(made))
    checkpoint.write(settings, register, folder / "checkpoint.json", NOW)
    with writing(register) as connection:
        # What ends a line elsewhere, and stands within one here.
        ledger.append(connection, ledger.Event.SIGNED_IN, author=None, now=NOW, details={"version": "a\u2028b\x85c"})
    export(register, folder / "ledger.jsonl")
    shutil.copy(SCRIPT, folder / "check_proof.py")
    register.dispose()
    return folder


def export(register: sa.Engine, path: Path) -> None:
    with register.connect() as connection:
        path.write_text("".join(f"{ledger.to_json(line)}\n" for line in ledger.lines(connection)), encoding="utf-8")


FILES = ("evidence.json", "receipt.json", "checkpoint.json")


def check(folder: Path, files: Sequence[str] = FILES) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-I",
        "check_proof.py",
        "--key",
        "checkpoint.json.pub",
        "--ledger",
        "ledger.jsonl",
        *files,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_what_is_whole_fits(kept: Path) -> None:
    done = check(kept)
    assert (done.returncode, done.stdout.count("fits"), done.stderr) == (0, 4, "")


def without_entries(folder: Path) -> None:
    told = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    told["evidence"]["suppression"] = []
    (folder / "evidence.json").write_text(json.dumps(told), encoding="utf-8")


def another_count(folder: Path) -> None:
    told = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))
    (folder / "receipt.json").write_text(json.dumps({**told, "persons_gone": 9}), encoding="utf-8")


def fewer_lines(folder: Path) -> None:
    told = json.loads((folder / "checkpoint.json").read_text(encoding="utf-8"))
    (folder / "checkpoint.json").write_text(json.dumps({**told, "lines": 1}), encoding="utf-8")


def another_line(folder: Path) -> None:
    chain = (folder / "ledger.jsonl").read_text(encoding="utf-8")
    (folder / "ledger.jsonl").write_text(chain.replace("batch:executed", "batch:refused"), encoding="utf-8")


def cut_off(folder: Path) -> None:
    lines = (folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "ledger.jsonl").write_text("".join(lines[:1]), encoding="utf-8")


def told_twice(folder: Path) -> None:
    """Whoever reads it sees no purge; what is checked is the one that was."""
    told = (folder / "evidence.json").read_text(encoding="utf-8")
    (folder / "evidence.json").write_text(told.replace("{", '{"evidence": {"receipt": {}}, ', 1), encoding="utf-8")


def test_evidence_of_a_register_with_the_same_key_is_told_from_that_of_the_ledger(
    kept: Path, settings: Settings, tmp_path: Path
) -> None:
    other = dataclasses.replace(settings, register_url=f"sqlite:///{tmp_path / 'other.db'}")
    made = purge(other, engine(other), now=NOW + dt.timedelta(seconds=1))
    shutil.copy(evidence.file_of(settings, made.uid), kept / "evidence.json")
    done = check(kept)
    assert done.returncode == 1
    assert "evidence.json: is another register's than that of the ledger" in done.stdout


@pytest.mark.parametrize("purge_of", ["as the ledger says\nfits   evidence.json: evidence no. 1, signed", "\x1b[8m", 7])
def test_a_file_says_nothing_in_the_words_of_the_check(kept: Path, purge_of: object) -> None:
    (kept / "receipt.json").write_text(json.dumps({"uid": purge_of, "proof": {}}), encoding="utf-8")
    name = "a\nfits   b\x1b[8m.json"
    (kept / "receipt.json").rename(kept / name)
    command = [sys.executable, "-I", "check_proof.py", "--key", "checkpoint.json.pub", name]
    done = subprocess.run(command, cwd=kept, capture_output=True, text=True, timeout=60, check=False)
    told = "WRONG  a\\u000afits   b\\u001b[8m.json: is none of what can be checked, or damaged\n"
    assert (done.returncode, done.stdout) == (1, told)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_nobody_can_read_through_is_told(kept: Path, name: str) -> None:
    (kept / name).write_text('{"uid": ' + "[" * 100_000 + "]" * 100_000 + "}", encoding="utf-8")
    done = check(kept)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"WRONG  {name}: is none of what can be checked, or damaged" in done.stdout


@pytest.mark.parametrize("line", ['{"at": "0001-01-01T00:00:00+14:00"}', "[" * 100_000])
def test_a_line_that_nobody_can_read_is_where_the_ledger_breaks(kept: Path, line: str) -> None:
    (kept / "ledger.jsonl").write_text(f"{line}\n", encoding="utf-8")
    done = check(kept)
    assert (done.returncode, done.stderr) == (1, "") and "ledger.jsonl: line 1 does not fit" in done.stdout


def test_a_receipt_that_only_a_ledger_speaks_for_says_so(kept: Path) -> None:
    """A ledger that no signed checkpoint covers may have been written by whoever hands it in."""
    said = "which no checkpoint among the files covers"
    assert said not in check(kept).stdout
    assert said in check(kept, ["receipt.json"]).stdout
    fewer_lines(kept)
    assert said in check(kept).stdout


@pytest.mark.parametrize(
    ("meddle", "told"),
    [
        (without_entries, "evidence.json: holds something else"),
        (told_twice, "evidence.json: is none of what can be checked"),
        (another_count, "receipt.json: the ledger has no line"),
        (fewer_lines, "checkpoint.json: is not signed"),
        (another_line, "ledger.jsonl: line 2 does not fit"),
        (cut_off, "checkpoint.json: the ledger has not the line 2"),
    ],
)
def test_what_was_changed_is_told(kept: Path, meddle: Callable[[Path], None], told: str) -> None:
    meddle(kept)
    done = check(kept)
    assert done.returncode == 1 and told in done.stdout and done.stderr == ""
