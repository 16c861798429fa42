"""Installations that many tests begin with: made once per session and database, and copied for each test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path

from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from tests import elsewhere, servers

# What is done to a new installation before it is copied: a function of a module, since it is known by itself.
Begin = Callable[[Settings], None]


def copied(begin: Begin, to: Path, server: str | None) -> Settings:
    """An installation of one's own in a folder, as `begin` leaves it; with `server`, its register lies there."""
    store, database = _made(begin, server)
    shutil.copytree(store, to / "store")
    if server is None or database is None:
        return _settings(to / "store", None)
    servers.leave(server, database)
    return _settings(to / "store", servers.create(server, _name(), database))


@cache
def _made(begin: Begin, server: str | None) -> tuple[Path, str | None]:
    store = Path(tempfile.mkdtemp(prefix="begun-")) / "store"
    database = _name() if server else None
    settings = _settings(store, servers.create(server, database) if server and database else None)
    begin(settings)
    # Nobody has its register open when it is copied.
    engine(settings).dispose()
    elsewhere.leave(store)
    return store, database


def _settings(store: Path, register: str | None) -> Settings:
    return settings_of.load(
        {"COMPLIANCE_STORE": str(store), **({"COMPLIANCE_REGISTER_URL": register} if register else {})}
    )


def _name() -> str:
    return f"t{uuid.uuid4().hex}"
