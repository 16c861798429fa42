"""The demo company's store, made once per test session and copied for those who change it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from compliance.demo.generate import Manifest
from compliance.demo.start import prepare
from compliance.words import settings as settings_of
from tests.world import TODAY

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)


@cache
def made() -> tuple[Path, Manifest]:
    """A store with the demo company as of TODAY, and what it was made to hold. Read it, do not change it."""
    folder = Path(tempfile.mkdtemp(prefix="demo-"))
    settings = settings_of.load({"COMPLIANCE_STORE": str(folder / "store"), "COMPLIANCE_TODAY": TODAY.isoformat()})
    manifest = prepare(settings, NOW, folder / "exports")
    assert manifest is not None
    return folder, manifest


def copied(to: Path) -> Path:
    """A store of one's own, as fresh from the demo."""
    folder, _ = made()
    shutil.copytree(folder / "store", to / "store")
    return to / "store"


def environment(store: Path) -> dict[str, str]:
    """What a dashboard process of the demo needs."""
    return {**os.environ, "COMPLIANCE_STORE": str(store), "COMPLIANCE_TODAY": TODAY.isoformat()}
