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

USER = "test"
_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def installed() -> bool:
    """Whether there is one to start."""
    return bool(_BINARIES)


@contextlib.contextmanager
def postgresql(shared_buffers: str = "16MB", connections: int = 100) -> Iterator[str]:
    """The folder of the socket of a server that nobody else uses, with room for so many connections."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    # PostgreSQL does not run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")

    def run(binary: str, *arguments: str) -> None:
        command = [*as_user, str(_BINARIES[-1] / binary), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=120)

    try:
        run("initdb", "--auth=trust", f"--username={USER}", "--no-sync", "--encoding=UTF8", "--locale=C")
        told = {"fsync": "off", "shared_buffers": shared_buffers, "max_connections": connections}
        options = f"-k {folder} -c listen_addresses= " + " ".join(f"-c {name}={value}" for name, value in told.items())
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield str(folder)
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def connect(socket: str, database: str = "postgres") -> psycopg.Connection:
    """A connection whose every statement is a transaction."""
    return psycopg.connect(host=socket, user=USER, dbname=database, autocommit=True)


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


def drop(socket: str, database: str) -> None:
    """Removes a database, whoever is in it."""
    with connect(socket) as connection:
        connection.execute(f"drop database if exists {database} with (force)")


def create(socket: str, database: str, template: str | None = None) -> str:
    """Makes a database, a copy of another that nobody is in where one is named; returns its SQLAlchemy URL."""
    copied = f" template {template}" if template else ""
    with connect(socket) as connection:
        connection.execute(f"create database {database}{copied}")
    return url(socket, database)


def url(socket: str, database: str) -> str:
    """The SQLAlchemy URL of a database."""
    return f"postgresql+psycopg://{USER}@/{database}?host={socket}"
