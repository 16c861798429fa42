"""Measures a purge of a tenth of everybody against a bare export and import of the same build.

Both write every survivor once, in a fresh process; the purge adds the decision, the list, the proof, the ledger and
the wiping. What the pages do before it (propose, approve, claim) is measured beside it.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.purge import tables as purge_tables

if TYPE_CHECKING:
    from tests.purging import Desk

_LONG_DUE = dt.date(2014, 5, 1)
# A fresh process, as in the purge: the one that reads the old bytes may not be the one that writes the new ones.
_IMPORT = """
import duckdb, sys
with duckdb.connect(sys.argv[1], config={"threads": 2}) as con:
    con.execute("set enable_progress_bar = false")
    con.execute(f"import database '{sys.argv[2]}'")
    con.execute("checkpoint")
"""


def prospects(folder: Path, persons: int, today: dt.date, *, every: int = 10) -> Path:
    """An export of so many prospects, every tenth of them, or so, overdue by years and no other."""
    from compliance.demo.generate import HEADERS

    path = folder / f"crm_prospekt_{today}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        writer = csv.writer(sink, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADERS["crm_prospects"])
        for number in range(persons):
            registered = _LONG_DUE if number % every == 0 else today - dt.timedelta(days=number % 90)
            told = {
                "Prospekt-ID": f"P{number}",
                "Namn": f"Person{number % 977} Provsson{number}",
                "E-post": f"p{number}@bolag{number % 5000}.example",
                "Telefon": f"070-17406{number % 95 + 5:02d}",
                "Registrerad": f"{registered:%d/%m/%Y}",
            }
            writer.writerow([told.get(header, "") for header in HEADERS["crm_prospects"]])
    return path


def _desk() -> Desk:
    """The desk of the installation that this process's settings name."""
    from tests.purging import Desk

    told = {name: value for name, value in os.environ.items() if name.startswith("COMPLIANCE_")}
    return Desk(Path(told.pop("COMPLIANCE_STORE")), None, **told)


def measure_day() -> dict[str, float]:
    """How long a new day of a copy takes that is read already."""
    desk = _desk()
    desk.reading()
    desk.on(desk.reading().as_of + dt.timedelta(days=1))
    start = time.perf_counter()
    desk.reading()
    return {"seconds": time.perf_counter() - start}


def measure_proposal() -> dict[str, float]:
    """What the pages do until a batch is the process's to carry out, in seconds, step by step."""
    desk = _desk()
    rows = desk.entries(status="OVERDUE")
    found: dict[str, float] = {"entries": len(rows)}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        found[name] = time.perf_counter() - start

    with step("propose"):
        batch = desk.propose(rows)
    with step("preview"):
        number = desk.going(batch)
    with step("approve"):
        approved = desk.approve(batch, number=number)
    with step("confirm"):
        if approved.large:
            desk.confirm(approved)
    with step("claim"):
        desk.claim(approved, number=number)
    return found


def measure_purge() -> dict[str, float]:
    """The execution of the batch that was claimed, in this process and those that it starts."""
    # DuckDB imports pandas for its first bound value; how long a process takes to start is not what is compared.
    import pandas  # noqa: F401

    from compliance.purge import batches, execute

    desk = _desk()
    (batch,) = batches.listing(desk.register, [purge_tables.State.EXECUTING])
    start = time.perf_counter()
    done = execute.carry_out(desk.settings, desk.register, batch.batch_id, desk.clock)
    seconds = time.perf_counter() - start
    assert done.deleted == done.planned and done.receipt is not None
    return {
        "seconds": seconds,
        "deleted": done.deleted or 0,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "child_megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def measure_bare() -> dict[str, float]:
    """EXPORT DATABASE of the current build and IMPORT DATABASE of that in a fresh process: the best of three."""
    import duckdb

    from compliance import builds
    from compliance.builds import vault

    desk = _desk()
    store = desk.settings.store
    with desk.register.connect() as connection:
        build = builds.current(desk.settings, connection)
    assert build is not None
    best = {"seconds": float("inf")}
    for _ in range(3):
        exported, imported = store / "bare", store / "bare.duckdb"
        start = time.perf_counter()
        with duckdb.connect(":memory:", config={"threads": 2}) as con:
            con.execute("set enable_progress_bar = false")
            vault.attach(con, build.path, "build", key=build.key, read_only=True)
            con.execute(f"export database build to '{exported}' (format parquet, compression zstd)")
        between = time.perf_counter()
        subprocess.run([sys.executable, "-c", _IMPORT, str(imported), str(exported)], check=True)
        end = time.perf_counter()
        if end - start < best["seconds"]:
            best = {"seconds": end - start, "export": between - start, "import": end - between}
        shutil.rmtree(exported)
        imported.unlink()
    return best
