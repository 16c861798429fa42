"""The same tests with the copy in a PostgreSQL: `COMPLIANCE_TEST_COPY=postgresql make test`, or for some files alone.

Every store that a test opens gets a database of its own; a build that lies in it already, as the demo company's does,
is put there first. What a test starts as a process of its own has its copy in files, unless it is told otherwise.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Mapping
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from compliance import builds
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from tests import servers

_SETTING = "COMPLIANCE_TEST_COPY"
_load = settings_of.load
_urls: dict[str, str] = {}
_numbers = itertools.count()
_server = ExitStack()
_sockets: list[str] = []


def is_wanted() -> bool:
    """Whether the session's copies are in a PostgreSQL. Raises ValueError for a setting that means nothing."""
    told = os.environ.get(_SETTING, "files")
    if told not in ("files", "postgresql"):
        raise ValueError(f"{_SETTING} is postgresql or files, not {told}")
    return told == "postgresql"


def take(patch: pytest.MonkeyPatch) -> None:
    """Has settings name a database for the copy wherever they are loaded."""
    patch.setattr(settings_of, "load", _loaded)


def end() -> None:
    """Stops the server that was started for the copies."""
    _sockets.clear()
    _urls.clear()
    _server.close()


def _loaded(environ: Mapping[str, str] = os.environ) -> Settings:
    settings = _load(environ)
    if settings.copy_url is not None:
        return settings
    known = f"{settings.store}"
    # A store that was made anew in the place of another has a register of its own.
    if known not in _urls or not (settings.store / "register.db").exists():
        if not _sockets:
            _sockets.append(_server.enter_context(servers.postgresql("64MB", connections=2000)))
        _urls[known] = servers.create(_sockets[0], f"copy_{next(_numbers)}", "template0")
    elsewhere = dataclasses.replace(settings, copy_url=_urls[known], copy_reader_url=_urls[known])
    if (settings.store / "builds").exists():
        _publish(elsewhere)
    return elsewhere


def _publish(settings: Settings) -> None:
    """Puts the current build of a store that was made with files where it is looked for."""
    register = sa.create_engine(f"sqlite:///{settings.store / 'register.db'}", poolclass=sa.pool.NullPool)
    if not settings.register_url.startswith("sqlite"):
        register = engine(settings)
    with register.connect() as connection:
        found = builds.current(settings, connection)
    if (
        found is not None
        and found.path.exists()
        and not builds.central.stands(settings, builds.central.schema_of(found.path.name))
    ):
        builds.publish(settings, register, found)
