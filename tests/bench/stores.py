"""Stores of the invented company for measurements, made by its generator and the real intake."""

from __future__ import annotations

import datetime as dt
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
        command = [sys.executable, "-m", "tests.bench", "intake", str(exports)]
        subprocess.run(command, cwd=ROOT, env=environment(store), check=True, stdout=subprocess.DEVNULL)
    return store
