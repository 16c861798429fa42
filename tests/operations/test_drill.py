"""The drill of docs/operate.md, on what the nightly unit has left: both are run as they are written there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.command import main
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.command import Exit
from compliance.words.settings import Settings
from tests.purges import ask, begin, purge

DOCS = Path(__file__).parents[2] / "docs"
VERIFIED = (DOCS / "operate" / "compliance-verify.service").read_text(encoding="utf-8")
NIGHTLY = (DOCS / "operate" / "compliance-backup.service").read_text(encoding="utf-8")
(DRILL,) = (
    block for block in re.findall(r"```\n(.*?)```", (DOCS / "operate.md").read_text(encoding="utf-8"), re.S)
    if "/tmp/drill/store" in block
)  # fmt: skip


def calls(text: str, folder: Path, day: str = "2026-11-24") -> Iterator[list[str]]:
    """The calls of a text in their order, with a folder in place of where backups and keys are kept."""
    for words in re.findall(r"compliance ((?:register|ledger) [^'\n]+)", re.sub(r"\$\([^)]*\)", day, text)):
        yield re.sub(r"/srv/compliance-backup|/etc/compliance", str(folder), words).split()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with a purge, and a folder for its backups."""
    monkeypatch.setattr("os.umask", lambda _: 0o022)
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_KEYS", str(tmp_path / "keys"))
    (tmp_path / "backup").mkdir()
    made = settings_of.load()
    begin(engine(made))
    purge(made, engine(made))
    return made


@pytest.mark.files("the register's file is put back by hand")
def test_an_older_register_put_in_place_is_found_the_next_night(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (nightly_check,) = calls(VERIFIED, tmp_path / "backup")
    # Where no night has left anything, nobody can say that all is as it was.
    assert main(nightly_check) == Exit.UNCHECKED

    def night(day: str) -> int:
        assert [main(one) for one in calls(NIGHTLY, tmp_path / "backup", day)] == [Exit.DONE, Exit.DONE]
        return main(nightly_check)

    assert night("2026-11-24") == Exit.DONE
    engine(settings).dispose()
    older = (settings.store / "register.db").read_bytes()
    # A request comes in, and somebody would rather that it had not.
    ask(engine(settings))
    assert night("2026-11-25") == Exit.DONE
    engine(settings).dispose()
    (settings.store / "register.db").write_bytes(older)
    capsys.readouterr()
    assert night("2026-11-26") == Exit.REFUSED
    told = capsys.readouterr().out
    assert "ledger-2026-11-25.json: line" in told and "ledger-2026-11-26.json: intact" in told


def test_what_a_night_has_left_is_brought_back_and_fits_its_checkpoint(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "backup"
    nightly = list(calls(NIGHTLY, kept))
    assert {one[0] for one in nightly} == {"register", "ledger"}
    assert [main(one) for one in nightly] == [Exit.DONE, Exit.DONE]
    shutil.copy(next(kept.glob("*.pub")), kept / "ledger.pub")

    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "drill" / "store"))
    monkeypatch.setenv("COMPLIANCE_EVIDENCE", str(shutil.copytree(settings.evidence, tmp_path / "drill" / "evidence")))
    drill = list(calls(DRILL, kept))
    assert [one[:2] for one in drill] == [["register", "restore"], ["ledger", "verify"]]
    assert [main(one) for one in drill] == [Exit.DONE, Exit.DONE]
    assert "ledger-2026-11-24.json: intact" in capsys.readouterr().out
