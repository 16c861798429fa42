"""The demo company's store, made once per test session and copied for those who change it."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import pickle
import shutil
import tempfile
from functools import cache
from pathlib import Path

from compliance.demo.generate import Manifest
from compliance.demo.start import prepare
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from tests import elsewhere
from tests.world import TODAY

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)


@cache
def made() -> tuple[Path, Manifest]:
    """A store with the demo company as of TODAY, and what it was made to hold. Read it, do not change it.

    The processes of one test session share it: whoever needs it first makes it, and the others wait.
    """
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if session is None:
        folder = Path(tempfile.mkdtemp(prefix="demo-"))
        return folder, _make(folder)
    folder = Path(tempfile.gettempdir()) / f"demo-{session}"
    folder.mkdir(mode=0o700, exist_ok=True)
    told = folder / "manifest"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_bytes(pickle.dumps(_make(folder)))
    manifest: Manifest = pickle.loads(told.read_bytes())
    return folder, manifest


def _make(folder: Path) -> Manifest:
    settings = settings_of.load({"COMPLIANCE_STORE": str(folder / "store"), "COMPLIANCE_TODAY": TODAY.isoformat()})
    manifest = prepare(settings, NOW, folder / "exports")
    assert manifest is not None
    # Nobody has its register open when it is copied.
    engine(settings).dispose()
    elsewhere.leave(folder / "store")
    return manifest


def copied(to: Path) -> Path:
    """A store of one's own, as fresh from the demo."""
    folder, _ = made()
    shutil.copytree(folder / "store", to / "store")
    return to / "store"


def behind(login: str, folder: Path, roles: str) -> dict[str, str]:
    """What a dashboard process needs that people with these roles sign in to by `login`; its store is in `folder`."""
    (folder / "roles.toml").write_text(roles, encoding="utf-8")
    (folder / "key").write_bytes(bytes(range(32)))
    (folder / "key").chmod(0o600)
    return {
        **environment(folder / "store"),
        "COMPLIANCE_LOGIN": login,
        "COMPLIANCE_ROLES": str(folder / "roles.toml"),
        "COMPLIANCE_KEY_FILE": str(folder / "key"),
    }


def environment(store: Path) -> dict[str, str]:
    """What a dashboard process of the demo needs."""
    return elsewhere.environ({**os.environ, "COMPLIANCE_STORE": str(store), "COMPLIANCE_TODAY": TODAY.isoformat()})
