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
from tests.purges import begin, purge

DOCS = Path(__file__).parents[2] / "docs"
NIGHTLY = (DOCS / "operate" / "compliance-backup.service").read_text(encoding="utf-8")
(DRILL,) = (
    block for block in re.findall(r"```\n(.*?)```", (DOCS / "operate.md").read_text(encoding="utf-8"), re.S)
    if "/tmp/drill/store" in block
)  # fmt: skip


def calls(text: str, folder: Path) -> Iterator[list[str]]:
    """The calls of a text in their order, with a folder in place of where backups and keys are kept."""
    for words in re.findall(r"compliance ((?:register|ledger) [^'\n]+)", re.sub(r"\$\([^)]*\)", "2026-11-24", text)):
        yield re.sub(r"/srv/compliance-backup|/etc/compliance", str(folder), words).split()


def test_what_a_night_has_left_is_brought_back_and_fits_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.umask", lambda _: 0o022)
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_KEYS", str(tmp_path / "keys"))
    settings = settings_of.load()
    begin(engine(settings))
    purge(settings, engine(settings))
    kept = tmp_path / "backup"
    kept.mkdir()
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
