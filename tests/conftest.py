"""What tests share: a store of their own, and a register on each of the two databases."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pymysql
import pytest
import sqlalchemy as sa

from compliance.purge import execute
from compliance.reading import copy
from compliance.register import engine as engines
from compliance.register.engine import engine
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from tests import elsewhere, longer, servers, shortcuts
from tests.begun import Begin, copied
from tests.purging import WriterHere

_CITUS = "COMPLIANCE_TEST_CITUS_URL"
_MARIADB = Path("/usr/sbin/mariadbd")


@pytest.fixture(scope="session", autouse=True)
def _shortcuts() -> Iterator[None]:
    """What tests/shortcuts.py has, for the whole session."""
    with pytest.MonkeyPatch.context() as patch:
        shortcuts.take(patch)
        elsewhere.watch(patch)
        if elsewhere.is_wanted():
            elsewhere.take(patch)
        yield


@pytest.fixture(autouse=True)
def _elsewhere() -> Iterator[None]:
    """What a test has in databases, and what is open of its store, goes with its folder."""
    yield
    elsewhere.clear()
    _close_what_has_gone()


def _close_what_has_gone() -> None:
    """A store that was removed is held open by nobody: thousands of them took four gigabytes of each worker."""
    for url, opened in list(engines._engines.items()):
        file = opened.url.database
        if opened.dialect.name == "sqlite" and file and not Path(file).exists():
            opened.dispose()
            del engines._engines[url]
    for place, name in list(copy._copies):
        if place.startswith("/") and not (Path(place) / name).exists():
            del copy._copies[place, name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Each report says whether a register has been asked for since the one before."""
    report = yield
    elsewhere.tell(report)
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Gathered where the session is, of all its workers."""
    elsewhere.heed(report)
    longer.heed(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What was gathered is there for the run in databases."""
    if not hasattr(session.config, "workerinput"):
        elsewhere.keep(session.config)
        longer.note(session.config)


@pytest.fixture(autouse=True)
def _writer(request: pytest.FixtureRequest) -> Iterator[None]:
    """Purges write their build in the test's own process, unless the test is marked `real_writer`.

    A process starts for a second, and it is there for the bytes of the old build, which must not get into the new one.
    What proves that, or kills, or goes the whole way as people do, is marked.
    """
    # Not by `monkeypatch`: tests undo what they have patched midway.
    with pytest.MonkeyPatch.context() as patch:
        if request.node.get_closest_marker("real_writer") is None:
            patch.setattr(execute, "new_writer", WriterHere)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """What may be left out (tests/longer.py)."""
    longer.options(parser)


# A worker that comes to one of them last would go on alone, after the others have nothing left to do.
_LONGEST = ("test_kills.py", "test_browser.py")
# The processes in which sessions were begun, as far as this one knows: mutants are tried by several in one, or forked.
_SESSIONS: list[int] = []


def pytest_configure(config: pytest.Config) -> None:
    """What a session makes lies in a folder of its own, which ends with it; its processes keep what Python compiled."""
    if hasattr(config, "workerinput"):
        # A worker is started with what the session has set.
        return
    folder = shortcuts.folder()
    before = (os.environ.get("TMPDIR"), tempfile.tempdir)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    # What failed is kept for a look at it, as pytest keeps it, and so not in a folder that is removed.
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder.parent)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    config.add_cleanup(lambda: _put_back(*before))
    if elsewhere.is_wanted():
        elsewhere.start(config)
    _SESSIONS.append(os.getpid())
    if os.getpid() == _SESSIONS[0]:
        # What tests make once is there for the next session of this process, and for those of processes that it forks.
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    else:
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: each waits for a browser, a dashboard or a server for a part of its time."""
    return len(os.sched_getaffinity(0)) + 1


def _put_back(environ: str | None, folder: str | None) -> None:
    """As it was before the session: another may begin in this process."""
    tempfile.tempdir = folder
    if environ is None:
        os.environ.pop("TMPDIR", None)
    else:
        os.environ["TMPDIR"] = environ


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is there by now stays until the session ends: nobody looks through it again and again for what may go."""
    gc.collect()
    gc.freeze()
    session.config.add_cleanup(gc.unfreeze)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The files whose tests take longest come first; all others keep their order."""
    place = {name: number for number, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))
    longer.choose(config, items)
    if elsewhere.is_wanted():
        elsewhere.choose(config, items)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A demo installation with an empty store."""
    return settings_of.load({"COMPLIANCE_STORE": str(tmp_path / "store")})


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The folder of the socket of a PostgreSQL that lives as long as the tests."""
    if not servers.installed():
        reason = "no PostgreSQL in /usr/lib/postgresql: install the package postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with servers.postgresql() as socket:
        yield socket


@pytest.fixture(scope="session")
def copies(request: pytest.FixtureRequest) -> str:
    """Where copies in a database lie: the Citus that COMPLIANCE_TEST_CITUS_URL names, or else `postgresql`.

    What it names is a database of the coordinator's that holds nothing else, with the extension and its hosts.
    """
    return os.environ.get(_CITUS) or str(request.getfixturevalue("postgresql"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not asked is told."""
    if not os.environ.get(_CITUS):
        terminalreporter.write_line(f"No Citus was asked: {_CITUS} names none.")
    longer.tell(terminalreporter)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    """The socket of a MariaDB that lives as long as the tests."""
    if not _MARIADB.exists():
        reason = f"no MariaDB in {_MARIADB}: install the package mariadb-server"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="maria"))
    # MariaDB does not run as root.
    as_user = ["--user=mysql"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "mysql")
    socket = folder / "socket"
    data = ["--no-defaults", f"--datadir={folder / 'data'}", f"--tmpdir={folder}", *as_user]
    try:
        install = ["mariadb-install-db", *data, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=120)
        options = [f"--socket={socket}", "--skip-networking", "--innodb-buffer-pool-size=16M"]
        server = subprocess.Popen([str(_MARIADB), *data, *options, f"--log-error={folder / 'log'}"], cwd="/")
        try:
            _wait_for_mariadb(socket, server)
            yield str(socket)
        finally:
            # Nothing in it is needed any more.
            server.kill()
            server.wait(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_mariadb(socket: Path, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "MariaDB did not start"
        try:
            pymysql.connect(unix_socket=str(socket), user="root").close()
            return
        except pymysql.err.OperationalError:
            time.sleep(0.1)
    raise TimeoutError("MariaDB does not answer")


@pytest.fixture(scope="session")
def empty_register(postgresql: str) -> str:
    """The name of a database with every table and no row, of which others are copies: sooner than they are made."""
    name = "empty_register"
    opened = sa.create_engine(servers.create(postgresql, name), poolclass=sa.NullPool)
    with opened.begin() as connection:
        engines.migrate(connection)
    servers.leave(postgresql, name)
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def register_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An installation with an empty register, once per database."""
    environ = {"COMPLIANCE_STORE": str(tmp_path / "store")}
    if request.param == "postgresql":
        socket = request.getfixturevalue("postgresql")
        empty = request.getfixturevalue("empty_register")
        environ["COMPLIANCE_REGISTER_URL"] = servers.create(socket, f"t{uuid.uuid4().hex}", empty)
    return settings_of.load(environ)


@pytest.fixture(params=["sqlite", "postgresql"])
def begun(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Begin], Settings]]:
    """Gives an installation as a function leaves it (tests/begun.py), once per database."""
    given: list[Settings] = []

    def give(begin: Begin) -> Settings:
        server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
        given.append(copied(begin, tmp_path, server))
        return given[-1]

    yield give
    for settings in given:
        engine(settings).dispose()


@pytest.fixture
def register(register_settings: Settings) -> Iterator[sa.Engine]:
    """The register of `register_settings`, migrated."""
    opened = engine(register_settings)
    yield opened
    opened.dispose()


@pytest.fixture
def unguarded() -> Callable[[sa.Engine], None]:
    """Takes the ledger's triggers away, as somebody with the database's password could."""

    def take_away(register: sa.Engine) -> None:
        names = (
            ("ledger_no_update", "ledger_no_delete")
            if register.dialect.name == "sqlite"
            else ("ledger_no_change", "ledger_no_truncate")
        )
        on = "" if register.dialect.name == "sqlite" else " on ledger"
        with register.begin() as connection:
            for name in names:
                connection.execute(sa.text(f"drop trigger {name}{on}"))

    return take_away
