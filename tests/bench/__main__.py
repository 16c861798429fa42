"""Measures intake, the status statement, an extract, a page's rerun, memory and a purge, and prints how each compares.

Nothing here passes or fails: a machine that is busy is slow on both sides of a ratio, and the aims are aims.
`python -m tests.bench --persons 100000` for a quicker look; `python -m tests.bench load` measures sessions alone,
`python -m tests.bench peers` the statements beside other engines, `python -m tests.bench scale` how they and the
product's acts grow there.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from tests.bench import extract, load, purge, stores

TODAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC)
ROOT = Path(__file__).parent.parent.parent


def timed(work: Callable[[], object], times: int = 3) -> float:
    """The best of a few runs, in seconds."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def bare_read(file: Path, folder: Path) -> Callable[[], object]:
    """DuckDB's own reading of the same file into a table of a file."""

    def read() -> None:
        path = folder / "bare.duckdb"
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path), config={"threads": 2}) as con:
            con.execute("create table bare as from read_csv($file, all_varchar = true)", {"file": str(file)})
            con.execute("checkpoint")

    return read


def peak_megabytes() -> float:
    """The most memory this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_intake(folder: Path) -> dict[str, float]:
    """One whole run of intake: inspect, stage, decide, load, find persons, make bases, move the pointer, ledger."""
    from compliance import runs
    from compliance.intake import orders, run, service
    from compliance.register.engine import engine
    from compliance.words import settings as settings_of

    settings = settings_of.load()
    register = engine(settings)
    files = []
    for path in sorted(folder.glob("*.csv")):
        made, made_from = service.exported_at(path.name, NOW, "file_time", NOW)
        files.append(orders.FileOrder(path=path, name=path.name, exported_at=made, exported_at_from=made_from))
    order = orders.Order(files=tuple(files))
    run_id = runs.queue(register, None, NOW)
    # DuckDB imports pandas for its first bound table; how long a process takes to start is not what is compared.
    import pandas  # noqa: F401

    start = time.perf_counter()
    result = run.execute(settings, register, run_id, order, lambda: NOW)
    seconds = time.perf_counter() - start
    assert result.all_taken and result.changes
    return {"seconds": seconds, "megabytes": peak_megabytes(), "bases": result.changes.bases}


def measure_status() -> dict[str, float]:
    """The status statement against a plain grouped count over the same bases."""
    import sqlalchemy as sa

    from compliance.reading import copy
    from compliance.register.engine import engine
    from compliance.words import queries
    from compliance.words import settings as settings_of
    from tests.world import shipped_parameters, shipped_policy

    settings = settings_of.load()
    parameters = shipped_parameters()
    reading = copy.current(settings, engine(settings), TODAY, shipped_policy(), parameters)
    assert reading is not None
    binds = {
        "as_of": TODAY,
        "notice_days": parameters.notice_days,
        "lead_days": parameters.planned_purge_lead_days,
        "grace_days": parameters.hold_release_grace_days,
    }
    counted = f"select status, count(*) from ({queries.load('status')}) as decided group by status"
    plain = "select category, source, count(*) from basis group by category, source"
    with reading._engine.connect() as connection:
        status = timed(lambda: connection.execute(sa.text(counted), binds).fetchall())
        group = timed(lambda: connection.execute(sa.text(plain)).fetchall())
    return {"status": status, "group": group, "megabytes": peak_megabytes()}


def measure_page() -> dict[str, float]:
    """A rerun of two pages by the real app, warm: what a reader waits for after the first look."""
    import logging

    logging.disable(logging.CRITICAL)
    from streamlit.testing.v1 import AppTest

    found: dict[str, float] = {}
    for page in ("weekly", "expiries"):
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=300)
        app.session_state["signed_in_email"] = "petra.dpo@antura.example"
        app.session_state["language"] = "en"
        app.run()
        app.switch_page(f"pages/review/{page}.py").run()
        assert not app.exception
        reruns = []
        for _ in range(7):
            start = time.perf_counter()
            app.run()
            reruns.append(time.perf_counter() - start)
        found[page] = statistics.median(reruns)
    found["megabytes"] = peak_megabytes()
    return found


def measure_first() -> dict[str, float]:
    """The agenda's first opening by the real app after a new copy and after midnight, each once it was made ready as
    the server does by itself, and its reruns then.
    """
    import logging

    logging.disable(logging.CRITICAL)
    from streamlit.testing.v1 import AppTest

    from compliance import warm
    from compliance.words import settings as settings_of

    warm.imports()
    found: dict[str, float] = {}
    for what, day in (("copy", None), ("midnight", TODAY + dt.timedelta(days=1))):
        start = time.perf_counter()
        warm.ready(settings_of.load(), NOW, day)
        found[f"ready_{what}"] = time.perf_counter() - start
        warm._rest(NOW)
        warm._prove(settings_of.load(), dt.datetime.now(dt.UTC))
        os.environ["COMPLIANCE_TODAY"] = (day or TODAY).isoformat()
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=300)
        app.session_state["signed_in_email"] = "petra.dpo@antura.example"
        app.session_state["language"] = "en"
        start = time.perf_counter()
        app.run()
        found[what] = time.perf_counter() - start
        assert not app.exception
    found["rerun"] = timed(app.run, 7)
    return found


def measure_person() -> dict[str, float]:
    """The page of one person by the real app, warm: each time of somebody who was not looked at before."""
    import logging

    import sqlalchemy as sa

    logging.disable(logging.CRITICAL)
    from streamlit.testing.v1 import AppTest

    from compliance.reading import copy
    from compliance.register.engine import engine
    from compliance.words import settings as settings_of
    from tests.world import shipped_parameters, shipped_policy

    settings = settings_of.load()
    reading = copy.current(settings, engine(settings), TODAY, shipped_policy(), shipped_parameters())
    assert reading is not None
    with reading._engine.connect() as connection:
        chosen = sa.text("select person_id from person order by md5(person_id) limit 21")
        persons = list(connection.execute(chosen).scalars())
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=300)
    app.session_state["signed_in_email"] = "petra.dpo@antura.example"
    app.session_state["language"] = "en"
    app.run()
    app.switch_page("pages/person/person.py").run()
    looks = []
    for person in persons:
        app.session_state["person_chosen"] = person
        start = time.perf_counter()
        app.run()
        looks.append(time.perf_counter() - start)
        assert not app.exception and app.subheader
    return {"person": statistics.median(looks[1:])}


def contacts_only(folder: Path, persons: int) -> Path:
    """An export of so many prospects and nothing else: one large file, as a CRM would give it."""
    from compliance.demo.generate import HEADERS

    path = folder / f"crm_prospekt_{TODAY}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        writer = csv.writer(sink, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADERS["crm_prospects"])
        for number in range(persons):
            registered = TODAY - dt.timedelta(days=number % 3900)
            writer.writerow(
                [
                    f"P{number}", f"Person{number % 977} Provsson{number}", f"p{number}@bolag{number % 5000}.example",
                    f"070-17406{number % 95 + 5:02d}", "Systemägare", f"Bolag {number % 5000} AB", "Mässa",
                    f"{registered:%d/%m/%Y}", f"{registered:%d/%m/%Y}" if number % 3 == 0 else "", "", "", "",
                    "24/12" if number % 200 == 0 else "", "",
                ]
            )  # fmt: skip
    return path


MEASURES: dict[str, Callable[[], dict[str, float]]] = {
    "status": measure_status,
    "page": measure_page,
    "first": measure_first,
    "person": measure_person,
    "bare": purge.measure_bare,
    "day": purge.measure_day,
    "extract": extract.measure,
    "propose": purge.measure_proposal,
    "purge": purge.measure_purge,
}


def main() -> int:
    """Makes the data, measures, prints."""
    # Whoever ends this from outside ends the servers that it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if sys.argv[1:2] == ["load"]:
        return load.main(sys.argv[2:])
    if sys.argv[1:2] == ["peers"]:
        from tests.bench import peers

        return peers.main(sys.argv[2:])
    if sys.argv[1:2] == ["scale"]:
        from tests.bench import scale

        return scale.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("what", nargs="?", choices=["intake", *MEASURES])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument(
        "--ten-million", action="store_true", help="sessions at ten million persons too, which takes hours"
    )
    given = parser.parse_args()
    if given.what == "intake":
        print(json.dumps(measure_intake(given.folder)))
        return 0
    if given.what:
        print(json.dumps(MEASURES[given.what]()))
        return 0
    with tempfile.TemporaryDirectory() as name:
        compare(Path(name), given.persons, ten_million=given.ten_million)
    with tempfile.TemporaryDirectory() as name:
        compare_purge(Path(name), given.persons)
    return 0


def compare(folder: Path, persons: int, *, ten_million: bool = False) -> None:
    """All measurements, large beside small."""
    one = folder / "one"
    one.mkdir()
    file = contacts_only(one, persons)
    bare = timed(bare_read(file, folder))
    turns = [stores.measured("intake", folder / f"s{turn}", str(one)) for turn in range(2)]
    intake = min(turns, key=lambda got: got["seconds"])
    print(
        f"intake of {persons:,} rows ({file.stat().st_size / 1e6:.0f} MB): {intake['seconds']:.2f} s, bare read"
        f" {bare:.2f} s, ratio {intake['seconds'] / bare:.1f} (aim 2.5), {intake['megabytes']:.0f} MB"
    )
    made: dict[int, Path] = {}
    for size in (1_000, persons):
        exports = folder / f"exports{size}"
        stores.write(exports, size)
        made[size] = folder / f"store{size}"
        whole = stores.measured("intake", made[size], str(exports))
        print(f"intake of the whole company, {size:,} persons: {whole['seconds']:.2f} s, {whole['bases']:,.0f} bases,"
              f" {whole['megabytes']:.0f} MB")  # fmt: skip
    status = stores.measured("status", made[persons])
    print(f"status statement {status['status']:.2f} s, plain grouped count {status['group']:.3f} s,"
          f" ratio {status['status'] / status['group']:.0f}")  # fmt: skip
    print(extract.told(stores.measured("extract", made[persons])))
    small, large = (stores.measured("page", made[size]) for size in (1_000, persons))
    for page in ("weekly", "expiries"):
        print(f"rerun of {page}: {large[page] * 1000:.0f} ms with {persons:,} persons, {small[page] * 1000:.0f} ms"
              f" with 1,000, ratio {large[page] / small[page]:.2f} (aim 1.2)")  # fmt: skip
    print(f"memory of the dashboard with {persons:,} persons: {large['megabytes']:.0f} MB (aim 1,200)")
    usual = stores.measured("first", stores.made(folder, 5_000))
    first = stores.measured("first", made[persons])
    print(f"first opening of the agenda with {persons:,} persons: {first['copy']:.2f} s after a new copy (ready in"
          f" {first['ready_copy']:.1f} s), {first['midnight']:.2f} s after midnight (aim 1); rerun"
          f" {first['rerun'] * 1000:.0f} ms, {usual['rerun'] * 1000:.0f} ms with 5,000, ratio"
          f" {first['rerun'] / usual['rerun']:.2f} (aim 1.5)")  # fmt: skip
    few, many = (stores.measured("person", made[size])["person"] for size in (1_000, persons))
    print(f"the page of a person: {many * 1000:.0f} ms among {persons:,}, {few * 1000:.0f} ms among 1,000,"
          f" ratio {many / few:.2f} (aim 1.5)")  # fmt: skip
    # In a process of its own, since the engines' memory would be this one's.
    subprocess.run([sys.executable, "-m", "tests.bench", "peers", "--store", str(made[persons])], cwd=ROOT, check=False)
    load.compare(folder, made, persons, ten_million=ten_million)


def compare_purge(folder: Path, persons: int) -> None:
    """A purge of a tenth beside a bare export and import of the same build."""
    exports, store = folder / "exports", folder / "store"
    exports.mkdir()
    purge.prospects(exports, persons, TODAY)
    stores.measured("intake", store, str(exports))
    bare = stores.measured("bare", store)
    asked = stores.measured("propose", store)
    done = stores.measured("purge", store)
    print("until a batch of {entries:,.0f} is claimed: propose {propose:.2f} s, preview {preview:.2f} s, approve"
          " {approve:.2f} s, confirm {confirm:.2f} s, claim {claim:.2f} s".format(**asked))  # fmt: skip
    print(f"purge of {done['deleted']:,.0f} from {persons:,} persons: {done['seconds']:.2f} s, bare export"
          f" {bare['export']:.2f} s and import {bare['import']:.2f} s, ratio {done['seconds'] / bare['seconds']:.1f}"
          f" (aim 2), {done['megabytes']:.0f} MB and the writer {done['child_megabytes']:.0f} MB")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
