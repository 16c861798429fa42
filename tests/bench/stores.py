"""Stores of the invented company for measurements, made by its generator and the real intake."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path

TODAY = dt.date(2026, 11, 24)
ROOT = Path(__file__).parent.parent.parent


def environment(store: Path, **more: str) -> dict[str, str]:
    """What a process of the dashboard needs to work on a store as of TODAY, and none of this shell's own settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    return {**inherited, "COMPLIANCE_STORE": str(store), "COMPLIANCE_TODAY": TODAY.isoformat(), **more}


def measured(what: str, store: Path, *arguments: str, **environ: str) -> dict[str, float]:
    """Runs one measurement of `python -m tests.bench` in a fresh process, so that its memory is its own."""
    command = [sys.executable, "-m", "tests.bench", what, *arguments]
    given = environment(store, **environ)
    output = subprocess.run(command, cwd=ROOT, env=given, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


def write(exports: Path, persons: int) -> None:
    """The company's exports as text files: a workbook is read by another library, at its own speed."""
    from compliance.demo.generate import write_exports

    write_exports(exports, persons, TODAY)
    for workbook in exports.glob("*.xlsx"):
        workbook.unlink()


def made(folder: Path, persons: int) -> Path:
    """A store of so many persons below `folder`; one that was made there before is taken as it is."""
    store, exports = folder / f"store{persons}", folder / f"exports{persons}"
    if not (store / "register.db").exists():
        write(exports, persons)
        measured("intake", store, str(exports))
    return store
