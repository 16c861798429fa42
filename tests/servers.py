"""A PostgreSQL of one's own, for as long as it is used."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import sqlalchemy as sa

USER = "test"
_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def installed() -> bool:
    """Whether there is one to start."""
    return bool(_BINARIES)


@contextlib.contextmanager
def postgresql(shared_buffers: str = "16MB", connections: int = 100, **settings: object) -> Iterator[str]:
    """The folder of the socket of a server that nobody else uses, with room for so many connections."""
    with _folder() as folder:
        told = ("--auth=trust", f"--username={USER}", "--no-sync", "--encoding=UTF8", "--locale=C")
        _run(folder, "initdb", *told)
        with _running(folder, fsync="off", shared_buffers=shared_buffers, max_connections=connections, **settings):
            yield str(folder)


@contextlib.contextmanager
def replica(socket: str) -> Iterator[str]:
    """The folder of the socket of a server that follows another, and is an hour behind it from now on."""
    with _folder() as folder:
        _run(folder, "pg_basebackup", "-R", "-c", "fast", "--no-sync", "-h", socket, "-U", USER)
        with _running(folder, fsync="off", recovery_min_apply_delay="1h"):
            yield str(folder)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(folder: Path, **settings: object) -> Iterator[None]:
    told = " ".join(f"-c {name}={value}" for name, value in settings.items())
    options = f"-k {folder} -c listen_addresses= {told}"
    _run(folder, "pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield
    finally:
        _run(folder, "pg_ctl", "-m", "immediate", "stop")


def _run(folder: Path, binary: str, *arguments: str) -> None:
    # PostgreSQL does not run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_user, str(_BINARIES[-1] / binary), "-D", str(folder / "data"), *arguments]
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=120)


def is_url(server: str) -> bool:
    """Whether a server is told of by the address of a database in it, which stands for every database of tests."""
    return "://" in server


def connect(server: str, database: str = "postgres") -> psycopg.Connection:
    """A connection whose every statement is a transaction, to a server by its socket's folder or by its URL."""
    if is_url(server):
        told = sa.make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(told, autocommit=True)
    return psycopg.connect(host=server, user=USER, dbname=database, autocommit=True)


def leave(socket: str, database: str) -> None:
    """Waits until nobody is in a database any more: the server ends what a killed client was at first."""
    with connect(socket) as connection:
        for _ in range(300):
            found = connection.execute(
                "select count(*) from pg_stat_activity where datname = %s", [database]
            ).fetchone()
            if found == (0,):
                return
            time.sleep(0.1)
    raise TimeoutError(f"somebody is in {database} still")


def drop(server: str, database: str) -> None:
    """Removes a database, whoever is in it; of one that is told of by its URL, what tests have put there."""
    with connect(server) as connection:
        if not is_url(server):
            connection.execute(f"drop database if exists {database} with (force)")
            return
        names = "select nspname from pg_namespace where nspname ~ '^((build|reading|making)_|compliance_copy$)'"
        for (name,) in connection.execute(names).fetchall():
            connection.execute(f'drop schema "{name}" cascade')


def create(server: str, database: str, template: str | None = None) -> str:
    """Makes a database, a copy of another that nobody is in where one is named; returns its SQLAlchemy URL."""
    if is_url(server):
        drop(server, database)
        return server
    copied = f" template {template}" if template else ""
    with connect(server) as connection:
        connection.execute(f"create database {database}{copied}")
    return url(server, database)


def url(server: str, database: str) -> str:
    """The SQLAlchemy URL of a database."""
    return server if is_url(server) else f"postgresql+psycopg://{USER}@/{database}?host={server}"
