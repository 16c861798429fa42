"""Writes the new build of a purge from what survived, in a process that never reads a byte of the old one.

`python -m compliance.purge.rewrite` takes its order as a line of JSON on standard input, where no other user sees the
key, and answers by its exit code. It ends at once where its input does: whoever ordered the build is gone then, and
what it went on writing would be in the way of the next run, or be left behind by it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

from compliance.build.builder import Builder
from compliance.builds import vault
from compliance.suppression import entries as suppression_entries
from compliance.words import disks, keys, queries
from compliance.words.refusal import Refused
from compliance.words.settings import ROOT

_SECONDS = 6 * 3600


class RewriteOrder(BaseModel):
    """What to write from what. `control` are strings for the twin's search to find.

    `engagements` are the suppression list's entries of erased engagements (names of its SCHEMA),
    `keys` the ids and secrets (hexadecimal) of the keys they were made with: vouchers that the law keeps have their
    clock from there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    survivors: Path
    path: Path
    key: str | None
    twin: Path
    workdir: Path
    control: tuple[str, ...]
    engagements: tuple[dict[str, Any], ...] = ()
    keys: tuple[tuple[str, str], ...] = Field((), repr=False)
    today: dt.date


class Writing(Protocol):
    """Who writes one build, as a purge sees it: a context manager that is given one order and waited for."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def begin(self, order: RewriteOrder) -> None:
        """Hands over the order. Raises Refused `rewrite_failed`."""

    def wait(self) -> None:
        """Until the build is written. Raises Refused `rewrite_failed` where it is not, OSError where no room was."""


class Writer:
    """The process that writes, from the outside. Use as a context manager; what has not ended by then is killed.

    It is started before there is an order, since loading what it needs takes as long as deciding what it is to do.
    """

    def __enter__(self) -> Writer:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "compliance.purge.rewrite"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            # What goes wrong may be told with a row in it.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def begin(self, order: RewriteOrder) -> None:
        """Hands over the order; returns while it is being carried out. Raises Refused `rewrite_failed`."""
        assert self._process.stdin is not None
        try:
            # Left open until it is done: the writer takes the end of its input for ours, and must not outlive us.
            self._process.stdin.write(order.model_dump_json().encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self.wait()

    def wait(self) -> None:
        """Until the build is written. Raises Refused `rewrite_failed` where it is not, OSError where no room was."""
        status = self._process.wait(_SECONDS)
        if status == errno.ENOSPC:
            raise OSError(status, os.strerror(status))
        if status != 0:
            raise Refused("rewrite_failed", status=status)


def rewrite(order: RewriteOrder) -> None:
    """Makes the build and its searchable twin. Derives persons and entries anew, as the next intake would."""
    entries = None
    if order.engagements:
        known = [keys.Key(key_id, bytes.fromhex(secret)) for key_id, secret in order.keys]
        entries = suppression_entries.Entries.of(map(_dated, order.engagements), known, order.today)
    with Builder(order.path, None, order.workdir, key=order.key, suppressed=entries) as builder:
        # The order of rows means nothing, and keeping it makes the file larger and writes much of it twice.
        builder.con.execute("set preserve_insertion_order = false")
        builder.con.execute("set variable survivors = $folder", {"folder": str(order.survivors)})
        builder.unlink("relations_survived")
        builder.con.execute(queries.load("fill"))
        builder.con.execute(queries.load("bring"))
        if (order.survivors / "further_identifier.parquet").exists():
            builder.con.execute(queries.load("fill_further"))
        if (order.survivors / "successor.parquet").exists():
            builder.con.execute(queries.load("fill_successors"))
        if (order.survivors / "environment.parquet").exists():
            builder.con.execute(queries.load("fill_environments"))
        if (order.survivors / "mailing.parquet").exists():
            builder.con.execute(queries.load("fill_mailings"))
        builder.finish()
        order.path.chmod(0o600)
        # Only this file's segments are to be readable; the setting counts for what is written from here on.
        builder.con.execute("set force_compression = 'uncompressed'")
        vault.attach(builder.con, order.path, "build", key=order.key, read_only=True)
        vault.attach(builder.con, order.twin, "twin")
        builder.con.execute("set variable control = $control", {"control": list(order.control)})
        builder.con.execute(queries.load("twin"))
        builder.con.execute("checkpoint twin")
        builder.con.execute("detach twin")


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    """A row that came as JSON, with its dates."""
    return {
        name: dt.date.fromisoformat(value) if isinstance(value, str) and name.endswith("_on") else value
        for name, value in row.items()
    }


def _end_with_input() -> None:
    # Not through sys.stdin: a thread that waits in there keeps the interpreter from ending.
    while os.read(0, 1):
        pass
    os._exit(1)


def main() -> int:
    """Reads the order and writes the build; its exit code is the answer."""
    # DuckDB imports it for the first value that is bound; until the order comes there is time for it.
    import pandas  # noqa: F401

    order = RewriteOrder.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_input, name="rewrite-input", daemon=True).start()
    try:
        rewrite(order)
    except Exception as error:
        told = disks.refused(error, order.path.parent)
        # No more than that there was no room: what else goes wrong may be told with a row in it.
        return errno.ENOSPC if told and told.code == "disk_full" else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
