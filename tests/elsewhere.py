"""The same tests with register and copy in a PostgreSQL: `make test-postgresql`, or `COMPLIANCE_TEST_ON=postgresql` and
some files alone.

One server lives as long as the session, and serves all its workers. Every store that a test opens gets two databases of
its own there, which go when the store has gone; a store that is copied takes copies of its databases with it. What
is started as a process of its own, by tests or by what they test, gets the addresses by its environment.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import subprocess
import threading
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.builds import central
from compliance.reading import copy as copies
from compliance.reading.central import CentralCopy
from compliance.reading.copy import Copy
from compliance.register import engine as engines
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from tests import servers

_SETTING = "COMPLIANCE_TEST_ON"
# By which the session's workers find its server.
_SOCKET = "COMPLIANCE_TEST_SOCKET"
_URLS = ("COMPLIANCE_REGISTER_URL", "COMPLIANCE_COPY_URL")
# In a store's folder: which databases are its own. What a test says of the register's files is not said of this one.
_MARK = "register.db-is-elsewhere"
_EMPTY = "nothing_yet"
# Databases by the thousand that live for a second: nothing tidies them up, and nobody follows what is written.
_SHORT_LIVED = {
    "autovacuum": "off", "jit": "off", "wal_level": "minimal", "max_wal_senders": 0, "full_page_writes": "off",
}  # fmt: skip
_CACHED = "compliance/asks_no_register"
_load = settings_of.load


@dataclasses.dataclass
class _Place:
    """The databases of a store, and what its folder said when they were named."""

    register: str
    copy: str
    told: str | None
    is_made: bool = False


_places: dict[Path, _Place] = {}
# The folder of the server's socket, once something is in it.
_server: list[str] = []
# Whether a register was asked for since the last report, and the files of tests that were reported, and that did.
_asked = threading.Event()
_seen: set[str] = set()
_asking: set[str] = set()


@functools.cache
def is_wanted() -> bool:
    """Whether the session has registers and copies in a PostgreSQL. Raises ValueError for a setting of no meaning.

    Tests may take the setting away from what they test, and the address of the server as well.
    """
    told = os.environ.get(_SETTING, "files")
    if told not in ("files", "postgresql"):
        raise ValueError(f"{_SETTING} is postgresql or files, not {told}")
    return told == "postgresql"


def start(config: pytest.Config) -> None:
    """Starts the server of a session, which ends with it. Raises UsageError where there is none to start."""
    if not servers.installed():
        raise pytest.UsageError("no PostgreSQL in /usr/lib/postgresql: install the package postgresql")
    stack = ExitStack()
    config.add_cleanup(stack.close)
    socket = stack.enter_context(servers.postgresql("256MB", 2000, **_SHORT_LIVED))
    os.environ[_SOCKET] = socket
    stack.callback(os.environ.pop, _SOCKET)
    opened = sa.create_engine(servers.create(socket, _EMPTY), poolclass=sa.NullPool)
    with opened.begin() as connection:
        engines.migrate(connection)
    servers.leave(socket, _EMPTY)


def watch(patch: pytest.MonkeyPatch) -> None:
    """Has it noticed whenever a register is asked for anything, or may be by a process; no copy is without one."""
    opening = engines._open

    @functools.wraps(opening)
    def opened(settings: Settings) -> sa.Engine:
        _asked.set()
        register = opening(settings)
        sa.event.listen(register, "engine_connect", lambda _: _asked.set())
        return register

    patch.setattr(engines, "_open", opened)
    starting: Any = subprocess.Popen.__init__

    @functools.wraps(starting)
    def started(self: Any, *arguments: Any, env: Mapping[str, str] | None = None, **named: Any) -> None:
        told = os.environ if env is None else env
        starting(self, *arguments, env=environ(told) if "COMPLIANCE_STORE" in told else env, **named)

    patch.setattr(subprocess.Popen, "__init__", started)


def tell(report: pytest.TestReport) -> None:
    """Has the report say whether a register was asked for since the last one."""
    if _asked.is_set():
        report.user_properties.append((_MARK, True))
    _asked.clear()


def heed(report: pytest.TestReport) -> None:
    """Takes in what a report says."""
    file = report.nodeid.partition("::")[0]
    _seen.add(file)
    if any(name == _MARK for name, _ in report.user_properties):
        _asking.add(file)


def keep(config: pytest.Config) -> None:
    """Keeps the names of the files whose tests asked no register for anything: a database changes nothing there."""
    cache = getattr(config, "cache", None)
    if cache is not None and not is_wanted():
        before = set(cache.get(_CACHED, []))
        cache.set(_CACHED, sorted((before | _seen) - _asking))


def choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what would say the same again: the files that the last run in files kept, and the register in SQLite.

    What is said of files on a disk is skipped, with its reason.
    """
    cache = getattr(config, "cache", None)
    same = set(cache.get(_CACHED, []) if cache is not None else [])
    chosen: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        twice = "sqlite" in (parameters.get(name) for name in ("register_settings", "begun", "database", "filled"))
        (left if twice or item.nodeid.partition("::")[0] in same else chosen).append(item)
        if (mark := item.get_closest_marker("files")) is not None:
            item.add_marker(pytest.mark.skip(reason=mark.args[0]))
    items[:] = chosen
    config.hook.pytest_deselected(items=left)


def take(patch: pytest.MonkeyPatch) -> None:
    """Has settings name databases wherever they are loaded, which are made once a register is opened."""
    _server[:] = [os.environ[_SOCKET]]
    patch.setattr(settings_of, "load", _loaded)
    opening = engines._open

    @functools.wraps(opening)
    def opened(settings: Settings) -> sa.Engine:
        place = _places.get(settings.store)
        if place is not None and not place.is_made:
            _make(settings.store, place)
        return opening(settings)

    patch.setattr(engines, "_open", opened)


def environ(told: Mapping[str, str]) -> dict[str, str]:
    """What a process is started with, to find the databases of the store that it is told of."""
    _asked.set()
    if not is_wanted() or "COMPLIANCE_STORE" not in told:
        return dict(told)
    settings = _loaded(told)
    place = _places.get(settings.store)
    if place is not None and not place.is_made:
        _make(settings.store, place)
    return {**told, **dict(zip(_URLS, (settings.register_url, settings.copy_url or ""), strict=True))}


def opened(path: Path, number: int) -> Copy:
    """A build that a test has made itself, in a file, as it is read there or in a database of its own."""
    _asked.set()
    if not is_wanted():
        return Copy(path, number)
    place = path.parent / ".in-a-database"
    given = settings_of.load({"COMPLIANCE_STORE": str(place)})
    # Nothing is asked of the register but whose the copy is.
    central.publish(given, engine(given), path, None)
    made = CentralCopy(given, path.name, number)
    # For who compares it with its file.
    made._path = path
    return made


def leave(store: Path) -> None:
    """Whoever opens a store from now on gets copies of its databases: it is there to be copied."""
    place = _places.pop(store.resolve(), None)
    if place is not None and place.is_made:
        _free(place.register, place.copy)


def clear() -> None:
    """Drops the databases of stores that have gone."""
    for store in [store for store, place in _places.items() if place.is_made and not store.exists()]:
        place = _places.pop(store)
        for name in (place.register, place.copy):
            _let_go(name)
            servers.drop(_server[0], name)


def _loaded(environ: Mapping[str, str] = os.environ) -> Settings:
    settings = _load(environ)
    register, copy = (environ.get(name) for name in _URLS)
    if register and copy:
        return settings
    place = _place(settings.store)
    (socket,) = _server
    there = servers.url(socket, place.copy)
    return dataclasses.replace(
        settings,
        register_url=register or servers.url(socket, place.register),
        copy_url=copy or there,
        copy_reader_url=settings.copy_reader_url or there,
    )


def _place(store: Path) -> _Place:
    """Where a store's databases are, or will be once they are needed: others than before where it was made anew."""
    told = (store / _MARK).read_text("utf-8") if (store / _MARK).exists() else None
    known = _places.get(store)
    if known is not None and (known.told == told or not known.is_made):
        return known
    number = uuid.uuid4().hex
    place = _places[store] = _Place(f"register_{number}", f"copy_{number}", told)
    if told is not None:
        of, *others = json.loads(told)
        _free(*others)
        for name, other in zip((place.register, place.copy), others, strict=True):
            servers.create(_server[0], name, other)
        place.is_made = True
        if of != str(store):
            _mark(store, place)
    return place


def _make(store: Path, place: _Place) -> None:
    (socket,) = _server
    servers.create(socket, place.register, _EMPTY)
    servers.create(socket, place.copy, "template0")
    place.is_made = True
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    _mark(store, place)


def _mark(store: Path, place: _Place) -> None:
    place.told = json.dumps([str(store), place.register, place.copy])
    (store / _MARK).write_text(place.told, "utf-8")
    (store / _MARK).chmod(0o600)


def _free(*names: str) -> None:
    """Nobody is in these databases any more."""
    (socket,) = _server
    for name in names:
        _let_go(name)
        with servers.connect(socket) as connection:
            connection.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [name]
            )


def _let_go(name: str) -> None:
    """This process is not in a database any more."""
    url = servers.url(_server[0], name)
    if (opened := engines._engines.get(url)) is not None:
        opened.dispose()
    for known in [one for one in copies._copies if one[0] == url]:
        del copies._copies[known]
    central._shared(url, url).dispose()
