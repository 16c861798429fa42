"""Whatever is wrong with an installation or a call, a command says it in words, in the language asked for, and ends."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.command import main
from compliance.register import engine as engines
from compliance.words.command import Exit, attempt
from compliance.words.texts import say

CALLS = {
    "intake": ("intake", "--status"),
    "purge": ("purge", "status"),
    "register": ("register", "replay"),
    "ledger": ("ledger", "verify"),
    "suppression": ("suppression", "prune"),
    "keys": ("keys", "init"),
    "demo": ("demo", "prepare"),
}


def anew() -> None:
    """As a process that has opened nothing yet."""
    for known in engines._engines.values():
        known.dispose()
    engines._engines.clear()
    engines._marked.clear()


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo's store that has been opened, in the environment."""
    for name in [name for name in os.environ if name.startswith("COMPLIANCE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setattr(os, "umask", lambda _: 0o022)
    assert main(["purge", "status"]) == Exit.DONE
    anew()
    return tmp_path / "store"


def is_a_file(store: Path) -> None:
    """Something else lies where the store should be."""
    shutil.rmtree(store)
    store.write_text("no folder", encoding="utf-8")


def is_a_folder(store: Path) -> None:
    """The register's name is taken by a folder."""
    shutil.rmtree(store)
    (store / "register.db").mkdir(parents=True)


def is_junk(store: Path) -> None:
    """The register's file is no database."""
    (store / "register.db").write_bytes(bytes(range(256)) * 40)


def is_cut_off(store: Path) -> None:
    """The register's file has lost its second half."""
    file = store / "register.db"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def is_newer(store: Path) -> None:
    """The register was written by a version to come."""
    with sqlite3.connect(store / "register.db") as raw:
        raw.execute("update alembic_version set version_num = '9999'")


def is_of_another(store: Path) -> None:
    """The database is some other program's, which has a table of that name, too."""
    (store / "register.db").unlink()
    with sqlite3.connect(store / "register.db") as raw:
        raw.execute("create table ledger (number integer)")


@pytest.mark.files("breaks the register's file")
@pytest.mark.parametrize("area", CALLS)
@pytest.mark.parametrize("broken", [is_a_file, is_a_folder, is_junk, is_cut_off, is_newer, is_of_another])
def test_a_store_that_cannot_be_used_is_refused_in_words(
    broken: Callable[[Path], None], area: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(store)
    assert main(["--language", "sv", *CALLS[area]]) == (Exit.UNCHECKED if area == "ledger" else Exit.REFUSED)
    told = capsys.readouterr().err
    # One sentence or two of ours, in Swedish, whatever the driver has said.
    assert told.count("\n") == 1 and any(word in told for word in ("Registret", "Registrets", "Mappen"))


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql+pymysql://u:hemligt@127.0.0.1/x",
        "oracle://u:hemligt@h/x",
        "postgresql+psycopg://u:hemligt@h:port/x",
        "postgresql://u:hemligt@127.0.0.1:1/x",
        "postgresql+psycopg://u:hemligt@127.0.0.1:1/x",
        "sqlite:////proc/nowhere/register.db",
    ],
)
def test_a_register_that_is_not_reached_is_refused_without_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLIANCE_REGISTER_URL", url)
    assert main(["ledger", "verify"]) == Exit.UNCHECKED
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "hemligt" not in told
    assert any(words in told for words in ("COMPLIANCE_REGISTER_URL", "COMPLIANCE_STORE", "does not answer"))


@pytest.mark.parametrize("what", ["config/retention.toml", "store/evidence", "store/inbox"])
def test_what_a_file_does_not_do_is_told_with_its_name(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise PermissionError(13, "Permission denied", what)

    assert attempt(work, "en") == Exit.REFUSED
    told = say("refusal.file_failed", "en", file=what, why="Permission denied")
    assert capsys.readouterr().err == f"{told}\n"


def test_who_reads_no_further_is_not_told(capfd: pytest.CaptureFixture[str]) -> None:
    kept = os.dup(1)

    def work() -> int:
        raise BrokenPipeError(32, "Broken pipe")

    try:
        assert attempt(work, "en") == Exit.REFUSED
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--persons", "999"),
        ("--persons", "10000001"),
        ("--persons", "many"),
        ("--as-of", "2026-13-01"),
        ("--as-of", "0001-01-01"),
        ("--as-of", "9999-12-31"),
    ],
    ids=" ".join,
)
def test_a_demo_company_has_its_bounds(
    arguments: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = {"--as-of": "2026-11-24", "--out": str(tmp_path / "out"), arguments[0]: arguments[1]}
    with pytest.raises(SystemExit, match="2"):
        main(["demo", "exports", *[word for option in call.items() for word in option]])
    assert "expected a" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_what_is_looked_into_is_named_where_it_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["intake", "--explain", str(tmp_path / "nothing.csv")]) == Exit.REFUSED
    assert capsys.readouterr().err.startswith("nothing.csv: ")
