"""Kills every act with SIGKILL wherever it may hurt, and checks that nothing is ever half done.

`python -m tests.kills --rounds 200 [--seed N] [--postgresql]`; exit code 1 and the round, where a promise is broken.

A round is a store of its own with some hundred persons, an act that is killed, what must be true then, a resume, and
what must be true after it. Half of the rounds kill an act at a place in the code, counted in an undisturbed one (before
and after each commit, each removed file, each step); the others kill its process at a random moment: of a random step
of a purge or an intake, with its writer, without it, or the writer alone. Some resumes are killed as well. With the
register and the copy in a PostgreSQL a third process reads all the while, as a dashboard of another host does, and must
never see anything but what was before or what comes after. Nothing here has a database open when it forks.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import hashlib
import json
import multiprocessing
import os
import pickle
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any, NoReturn

import duckdb

# DuckDB imports it when it first hands out rows: once here, instead of in every process of every round.
import pandas  # noqa: F401
import pytest
import sqlalchemy as sa

from compliance import builds, evidence, ledger, runs, wipe
from compliance.build import builder as build
from compliance.build import reader
from compliance.builds import central, vault
from compliance.builds import tables as builds_tables
from compliance.holds import tables as holds_tables
from compliance.holds import verbs as holds
from compliance.intake import commands as intake_line
from compliance.intake import orders, run
from compliance.ledger import tables as ledger_tables
from compliance.operations import backup
from compliance.operations import commands as operations_line
from compliance.operations import verify as check
from compliance.purge import batches, execute, select
from compliance.purge import commands as purge_line
from compliance.purge import tables as purge_tables
from compliance.reading import copy
from compliance.register import areas
from compliance.requests import desk as requests_desk
from compliance.requests import tables as requests_tables
from compliance.requests import verbs as requests
from compliance.review import asks as review_asks
from compliance.runs import tables as runs_tables
from compliance.show import asks as show_asks
from compliance.show.columns import Column
from compliance.show.entries import entry_binds
from compliance.show.extract import Sheet, Stamp, extract, parts_of
from compliance.sources import tables as sources_tables
from compliance.sources import tasks as sources
from compliance.sources import verification
from compliance.suppression import tables as suppression_tables
from compliance.suppression import verbs as suppression
from compliance.words import files, keys, texts
from compliance.words.command import Exit
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Permission
from tests import servers, shortcuts
from tests.purging import (
    Desk,
    WriterHere,
    contacts,
    contracts,
    files_with,
    organisations,
    prospect,
    prospects,
    request,
    requests_made,
)
from tests.world import CONFIG, TODAY

_BATCH = 1
# A look at the register costs a millisecond or two, of which what is looked at would be short.
_LOOK_EVERY = 0.01
_SILENCE = dt.timedelta(minutes=5)
# Nothing hangs: far longer than a step takes where others are at work on the machine.
_ROUND_SECONDS = 600
# Small, so that a file is overwritten in many pieces as a large one is.
_PIECE = 16_384
_TABLES = ("record", "basis", "basis_record", "person", "organisation", "contract", "quarantined", "field_count")
_DONE = "ended"
_URLS = ("COMPLIANCE_REGISTER_URL", "COMPLIANCE_COPY_URL")
_NEWEST = "select run_id, state, step from intake_run order by started_at desc limit 1"


# A world, made once and copied for every round


@dataclass(frozen=True)
class Place:
    """The folders of one installation. `exports` and the store are what a purge wipes; `incoming` waits for intake.

    Its register and its copy are files in the store, or databases of their own in the PostgreSQL that listens in the
    folder `server`.
    """

    folder: Path
    server: str | None = None

    @property
    def database(self) -> str:
        """The name of the register's database."""
        return f"kills_{hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]}"

    @property
    def databases(self) -> tuple[str, str]:
        """The names of the register's database and of the copy's."""
        return self.database, f"{self.database}_copy"

    @property
    def data(self) -> Path:
        """Everything that the dashboard keeps."""
        return self.folder / "data"

    @property
    def crm(self) -> Path:
        """The database of a source system."""
        return self.folder / "crm.db"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of every process of the installation."""
        return {
            "COMPLIANCE_STORE": str(self.data / "store"),
            "COMPLIANCE_EXPORTS": str(self.data / "exports"),
            "COMPLIANCE_CONFIG": str(self.folder / "config"),
            "COMPLIANCE_TODAY": TODAY.isoformat(),
            "CRM_DATABASE_URL": f"sqlite:///{self.crm}",
            **(dict(zip(_URLS, self._urls(self.server), strict=True)) if self.server else {}),
        }

    def _urls(self, server: str) -> list[str]:
        return [servers.url(server, one) for one in self.databases]

    def incoming(self) -> list[str]:
        """The exports that wait to be taken in."""
        return sorted(str(path) for path in (self.folder / "incoming").iterdir())

    @property
    def backup(self) -> Path:
        """A backup of the register from before the purge."""
        return self.folder / "before.db"

    def desk(self, times: int = 1) -> Desk:
        """Its desk, some minutes from now, when whoever was killed counts as dead; more, where two were killed."""
        os.environ.update(self.environ)
        desk = Desk(self.data / "store", None, **self.environ)
        desk.now = dt.datetime.now(dt.UTC) + times * _SILENCE
        return desk

    def copied(self, to: Path) -> Place:
        """A copy of it."""
        shutil.copytree(self.folder, to)
        other = Place(to, self.server)
        if self.server:
            for mine, its in zip(self.databases, other.databases, strict=True):
                servers.leave(self.server, mine)
                servers.create(self.server, its, mine)
        return other

    def settled(self) -> None:
        """Waits until the register has ended what a killed process was at."""
        if self.server:
            for one in self.databases:
                servers.leave(self.server, one)

    def remove(self) -> None:
        """Removes all of it."""
        if self.server:
            for one in self.databases:
                servers.drop(self.server, one)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def newest_run(self) -> Iterator[Callable[[], tuple[Any, ...] | None]]:
        """Asks for the newest run's id, state and step as another reader of the register."""
        if self.server:
            with servers.connect(self.server, self.database) as connection:
                yield lambda: connection.execute(_NEWEST).fetchone()
            return

        def ask() -> tuple[Any, ...] | None:
            # Opened anew each time: a file that is held open is not removed.
            register = f"file:{self.data / 'store' / 'register.db'}?mode=ro"
            try:
                with contextlib.closing(sqlite3.connect(register, uri=True, timeout=5)) as opened:
                    row: tuple[Any, ...] | None = opened.execute(_NEWEST).fetchone()
                    return row
            except sqlite3.OperationalError:
                return None

        yield ask


LATE = range(120)
KEPT = range(120, 300)


def _exports(folder: Path, stamp: str, *, later: bool = False) -> list[Path]:
    """Overdue prospects and contacts, some with two records or with another entry that stays, and some in quarantine.

    `later`: some are gone, some are new, one has another address, and a contract was signed anew.
    """
    people = [prospect(number) for number in LATE]
    people += [prospect(number) | {"Prospekt-ID": f"P{1000 + number}"} for number in range(10)]
    people += [prospect(number) | {"Prospekt-ID": ""} for number in range(5)]
    people += [prospect(number, "2024-05-21") for number in KEPT if not (later and number < 130)]
    if later:
        people += [prospect(number, "2025-05-21") for number in range(400, 450)]
        people = [one | {"E-post": "annan@bolaget.example"} if one["Prospekt-ID"] == "P140" else one for one in people]
    at_firms = [
        {
            "Kontakt-ID": f"C{number}",
            "Förnamn": "Kim",
            "Efternamn": f"Prov{number}",
            # The active customer's first ten contacts are overdue prospects as well.
            "E-post": f"person{number + 70}@bolaget.example" if 30 <= number < 40 else f"kim{number}@firman.example",
            "Kund-ID": "K1" if number < 30 else "K2",
            "Typ": "Kontaktperson",
            "Utsedd": "2011-02-01",
        }
        for number in range(60)
    ]
    firms = [
        {"Kund-ID": "K1", "Kundnamn": "Gamla AB", "Kundstatus": "Aktiv kund" if later else "Tidigare kund"},
        {"Kund-ID": "K2", "Kundnamn": "Firman AB", "Kundstatus": "Aktiv kund"},
    ]
    signed = [
        {"Avtals-ID": "A1", "Kund-ID": "K1", "Avtalsstart": "2010-01-01", "Avtalsslut": "2014-10-31"},
        {"Avtals-ID": "A2", "Kund-ID": "K2", "Avtalsstart": "2010-01-01", "Avtalsslut": ""},
    ]
    if later:
        signed.append({"Avtals-ID": "A3", "Kund-ID": "K1", "Avtalsstart": "2025-01-01", "Avtalsslut": ""})
    return [
        prospects(folder, people, stamp),
        contacts(folder, at_firms, stamp),
        organisations(folder, firms, stamp),
        contracts(folder, signed, stamp),
    ]


def _stamp(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%dT%H%M}"


def make(folder: Path, server: str | None) -> None:
    """Two installations: `purge` with a batch that is claimed, `intake` where it was carried out and exports wait."""
    place = Place(folder / "purge", server)
    if server:
        for one in place.databases:
            servers.create(server, one)
    shutil.copytree(CONFIG, place.folder / "config", ignore=shutil.ignore_patterns("store", "demo"))
    catalogue = place.folder / "config" / "sources.toml"
    told = catalogue.read_text(encoding="utf-8")
    mark = 'private_phone = ["Privat telefon"]\n'
    assert told.count(mark) == 1
    erased = 'url = "CRM_DATABASE_URL"\ntable = "prospects"\nkey = "id"\nmode = "delete"\n'
    catalogue.write_text(told.replace(mark, f"{mark}[dataset.erase]\n{erased}"), encoding="utf-8")
    desk = place.desk()
    start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3)
    desk.now = start
    taken = desk.take_in(*_exports(place.data / "exports", _stamp(start - dt.timedelta(days=1))))
    assert taken.all_taken
    _fill_crm(place)
    batch = desk.propose(desk.entries(status="OVERDUE"))
    desk.approve(batch)
    (held,) = [row for row in desk.entries() if row.email == "person50@bolaget.example"]
    _hold(desk, held.person_id)
    desk.confirm(batch)
    desk.claim(batch)
    # Made now, so that every round's digests are the same.
    keys.suppression(desk.settings)
    keys.signing(desk.settings)
    backup.save(desk.register, place.backup, desk.clock())
    _leave(desk)
    second = place.copied(folder / "intake")
    desk = second.desk()
    desk.now = start + dt.timedelta(hours=1)
    desk.carry_out(batch)
    (held,) = [row for row in desk.entries() if row.email == "person140@bolaget.example"]
    _hold(desk, held.person_id)
    _exports(second.folder / "incoming", _stamp(start + dt.timedelta(hours=2)), later=True)
    _leave(desk)


def _leave(desk: Desk) -> None:
    """Lets go of the register and of the copy, which are about to be copied."""
    desk.register.dispose()
    copy._copies.clear()
    if central.is_used(desk.settings):
        central.reader(desk.settings).dispose()


def _fill_crm(place: Place) -> None:
    with contextlib.closing(sqlite3.connect(place.crm)) as crm, crm:
        crm.execute("create table prospects (id text primary key)")
        keys = [f"P{number}" for number in (*LATE, *KEPT, *range(1000, 1010))]
        crm.executemany("insert into prospects values (?)", [(key,) for key in keys])


def _hold(desk: Desk, person_id: str) -> None:
    terms = holds.Terms(holds_tables.Ground.LEGAL_CLAIM, "legal", TODAY + dt.timedelta(days=90))
    holds.place(desk.at(desk.axel), desk.reading(), holds.Target("person", person_id), terms)


# Places in the code where a run may die


class Places:
    """Counts the places that a run passes, and kills the process at one of them."""

    def __init__(self, die_at: tuple[str, int] | None = None) -> None:
        self.passed: Counter[str] = Counter()
        self._die_at = die_at
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        with self._lock:
            self.passed[name] += 1
            if (name, self.passed[name]) == self._die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, attribute: str, name: str) -> None:
        """Makes a function's beginning and its end two places."""
        whole = getattr(owner, attribute)

        def passing(*arguments: Any, **named: Any) -> Any:
            self(f"before {name}")
            result = whole(*arguments, **named)
            self(f"after {name}")
            return result

        setattr(owner, attribute, passing)

    def _slow_bytes(self, size: int) -> bytes:
        self("in shred")
        return bytes(size)

    def everywhere(self) -> None:
        """Marks the places, for what is left of this process."""
        dialect = sa.engine.default.DefaultDialect
        for owner, attribute in (
            (dialect, "do_commit"), (os, "fsync"), (ledger, "append"), (copy, "current"), (copy, "facts_of"),
            (vault, "shred"), (vault, "shred_all"), (vault, "attach"), (files, "settle"),
            (runs, "claim"), (runs, "end"), (builds, "begin"), (builds, "make_current"), (builds, "recover"),
            (builds, "remove_files"), (builds, "forget_keys"), (evidence, "write"), (wipe, "settle"),
            (wipe, "raw_exports"), (wipe, "quarantine"), (sources, "plan"), (sources, "carry_out"), (sources, "_erase"),
            (execute, "_prove"), (select.Selection, "write_survivors"), (select.Selection, "suppression"),
            (build.Builder, "load"), (build.Builder, "finish"), (reader, "stage"), (run._Run, "_write_quarantine"),
            (run._Run, "_settle_quarantine"), (run._Run, "_recover"), (suppression, "record"), (verification, "decide"),
            (requests, "register_form_rows"), (holds, "follow"), (orders, "clean"), (Path, "unlink"),
            (builds, "publish"), (builds, "clear_central"), (central, "stream"), (central, "hand_over"),
            (central, "drop"), (central, "attach"),
        ):  # fmt: skip
            self.around(owner, attribute, attribute.strip("_"))
        # The writer is a process of its own; here it is a call, so that its places are counted too.
        self.around(WriterHere, "begin", "rewrite")
        execute.new_writer = WriterHere
        vault._CHUNK = _PIECE
        setattr(vault, "bytes", self._slow_bytes)  # noqa: B010 - the name is the module's own from now on


def _run_purge(place: Place) -> None:
    os.environ.update(place.environ)
    assert purge_line.main(["run", str(_BATCH)]) == Exit.DONE


def _run_intake(place: Place) -> None:
    os.environ.update(place.environ)
    assert intake_line.main(place.incoming()) == Exit.DONE


RUNS: Mapping[str, Callable[[Place], None]] = {"purge": _run_purge, "intake": _run_intake}
COMMANDS = {"purge": purge_line.main, "intake": intake_line.main}


def _arguments(kind: str, place: Place) -> list[str]:
    return ["run", str(_BATCH)] if kind == "purge" else place.incoming()


# Acts that make no build of their own


@dataclass(frozen=True)
class Act:
    """Something that people do at an installation `base`, once it is `ready`, and do again where it was killed.

    `whole` acts are one transaction; the others leave lines of what they began. Other dashboards go on reading
    meanwhile; where it `hides`, they may be told that there is nothing to read until it is done.
    """

    base: str
    do: Callable[[Place], None]
    ready: Callable[[Place], None] = lambda _place: None
    whole: bool = True
    hides: bool = False
    # What verify may say where the register was brought back and is not yet told of the purge.
    until_done: str = " "


def _place_hold(place: Place) -> None:
    desk = place.desk()
    (held,) = [row for row in desk.entries() if row.email == "person160@bolaget.example"]
    _hold(desk, held.person_id)


def _extract(place: Place) -> None:
    desk = place.desk()
    reading = desk.reading()
    rows = [row._asdict() for row in reading.rows(show_asks.ENTRIES, **_everything())]
    sheet = Sheet("entries", [Column("source", "Source")], "en", "plain", Stamp(reading.build, TODAY, ""))
    parts = parts_of(sheet, [rows[start : start + 40] for start in range(0, len(rows), 40)])
    for _ in extract(desk.at(desk.petra), sheet, parts, Permission.EXTRACT_PERSONS, desk.clock):
        pass


def _ask(place: Place) -> None:
    desk = place.desk()
    of = requests_desk.Asked("erasure", "phone", TODAY, name="Person160 Provsson", email="person160@bolaget.example")
    requests_desk.register(desk.at(desk.petra), desk.reading(), of)


def _decide(place: Place) -> None:
    desk = place.desk()
    with desk.register.connect() as connection:
        number = connection.execute(sa.select(requests_tables.request.c.request_id)).scalar_one()
    told = {"decision": requests_tables.Decision.ERASE}
    requests_desk.write(
        desk.at(desk.petra), number, requests_tables.Step.DECIDED, TODAY, told, reading=desk.reading()
    )  # fmt: skip


def _form(place: Place) -> None:
    rows = [request(number, 200 + number) for number in range(1, 8)]
    form = requests_made(place.folder / "form", rows, _stamp(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)))
    os.environ.update(place.environ)
    assert intake_line.main([str(form)]) == Exit.DONE


def _line(*arguments: str) -> Callable[[Place], None]:
    def do(place: Place) -> None:
        os.environ.update(place.environ)
        told = [str(place.folder / one) if one.endswith(".db") else one for one in arguments]
        assert operations_line.register(told) == Exit.DONE

    return do


def _save(place: Place) -> None:
    target = place.folder / "saved.db"
    if target.exists():
        # What has the name is whole, whoever was killed.
        with backup._checked(target):
            pass
        # What was left beside it goes with the next night's, which has another name.
        target = place.folder / "again.db"
    _line("backup", target.name)(place)


def _restored(place: Place) -> None:
    desk = place.desk()
    backup.restore(desk.settings, desk.register, place.backup, desk.now, replace=True, agree=lambda _plan: False)


ACTS: Mapping[str, Act] = {
    "hold": Act("purge", _place_hold),
    "extract": Act("purge", _extract, whole=False),
    "request": Act("intake", _form, whole=False),
    "decision": Act("purge", _decide, ready=_ask),
    "backup": Act("intake", _save, whole=False),
    "restore": Act(
        "intake",
        _line("restore", "before.db", "--replace", "--yes"),
        whole=False,
        hides=True,
        until_done="receipt_unknown",
    ),
    "replay": Act("intake", _line("replay", "--yes"), ready=_restored, hides=True, until_done="receipt_unknown"),
}
# How often each is killed, of so many rounds.
SHARES: Mapping[str, int] = {"purge": 4, "intake": 2, **dict.fromkeys(ACTS, 1)}


@dataclass
class Held:
    """What an installation's register and folders hold, as far as an act changes it."""

    rows: dict[str, int]
    faults: list[str]
    left: list[str]
    sight: dict[str, int]


def hold_of(place: Place) -> Held:
    """Counts everything, and verifies."""
    desk = place.desk()
    with desk.register.connect() as connection:
        rows = {
            table.name: int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
            for table in areas.every_table().sorted_tables
        }
        current = builds.current(desk.settings, connection)
    # The build before stands in for one that nobody has read yet; where purges are to be replayed, none is shown.
    sight = _sight_or_none(desk)
    report = check.register(desk.settings, desk.register)
    left = list(_leftovers(desk, current or builds.Build(0, desk.settings.builds, None)))
    left += sorted(path.name for path in place.folder.iterdir() if path.name.startswith("."))
    for aside in place.folder.glob(f"{place.backup.name}.before-*"):
        with backup._checked(aside):
            pass
    return Held(rows, [f"{fault.code} {fault.values}" for fault in report.faults], left, sight)


@dataclass
class KnownAct:
    """What an undisturbed act came to, the places that it passed, and how long it took."""

    before: Held
    after: Held
    places: dict[str, int]
    seconds: float


def learn_act(base: Path, act: Act, scratch: Path, server: str | None) -> KnownAct:
    """Lets an act go undisturbed."""
    place = Place(base / act.base, server).copied(scratch / "act")
    apart(lambda: act.ready(place))
    before = apart(lambda: hold_of(place))

    def undisturbed() -> tuple[dict[str, int], float]:
        places = Places()
        places.everywhere()
        began = time.monotonic()
        act.do(place)
        return dict(places.passed), time.monotonic() - began

    places, seconds = apart(undisturbed)
    after = apart(lambda: hold_of(place))
    place.remove()
    if after.faults or after.left or before.rows == after.rows:
        raise Broken(f"an undisturbed act does nothing or leaves something: {after}")
    return KnownAct(before, after, places, seconds)


def kill_act(base: Path, name: str, known: KnownAct, chance: random.Random, folder: Path, server: str | None) -> str:
    """One round of such an act; returns where it was killed. Raises Broken."""
    act = ACTS[name]
    place = Place(base / act.base, server).copied(folder)
    apart(lambda: act.ready(place))
    with beside(place, _sight_or_none if act.hides else _sight) as seen:
        if chance.random() < 0.6:
            where = chance.choice(sorted(known.places))
            number = chance.randint(1, known.places[where])

            def die() -> None:
                Places((where, number)).everywhere()
                act.do(place)

            stood = f"place: {where}" if apart(die) is None else "too late"
        else:
            share = chance.random()
            stood = "moment" if _kill_at(lambda: act.do(place), share * known.seconds) else "too late"
    place.settled()
    _require("beside it", _seen(known.before.sight, known.after.sight, seen))
    now = apart(lambda: hold_of(place))
    _require("after the kill", _killed_act(act, known, now))
    if not act.whole or now.rows != known.after.rows:
        apart(lambda: _again(act, place))
    ended = apart(lambda: hold_of(place))
    _require("after it was done again", _ended_act(act, known, ended))
    return stood


def _again(act: Act, place: Place) -> None:
    later = place.desk().clock
    intake_line._now = later
    act.do(place)


def _killed_act(act: Act, known: KnownAct, now: Held) -> Iterator[str]:
    yield from (fault for fault in now.faults if not fault.startswith(act.until_done))
    if act.whole and now.rows not in (known.before.rows, known.after.rows):
        changed = {name: count for name, count in now.rows.items() if count != known.before.rows[name]}
        yield f"half done: {changed}"


def _ended_act(act: Act, known: KnownAct, now: Held) -> Iterator[str]:
    yield from now.faults
    for path in now.left:
        yield f"left over: {path}"
    # Each attempt has its run, its build and its lines.
    counted = {"ledger", "intake_run", "build", "row_seal"} if not act.whole else set()
    for name, count in now.rows.items():
        if name not in counted and count != known.after.rows[name]:
            yield f"{name} has {count} rows, and not {known.after.rows[name]}"


def _kill_at(work: Callable[[], None], seconds: float) -> bool:
    """Kills a process of its own that does the work after so many seconds; says whether it was at it still."""
    child = os.fork()
    if child == 0:
        with Path(os.devnull).open("r+") as nowhere:
            for number in range(3):
                os.dup2(nowhere.fileno(), number)
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


# Another dashboard


@contextlib.contextmanager
def beside(place: Place, look_at: Callable[[Desk], dict[str, int]] | None = None) -> Iterator[list[dict[str, int]]]:
    """What another dashboard sees meanwhile: how many entries stand where, each such sight once, in order. It has
    looked once before anything else is done. Nothing where register and copy are files of one host.

    Raises Broken where it was told anything else.
    """
    seen: list[dict[str, int]] = []
    if place.server is None:
        yield seen
        return
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        with Path(os.devnull).open("r+") as nowhere:
            for number in range(3):
                os.dup2(nowhere.fileno(), number)
        os.close(out)
        signal.alarm(_ROUND_SECONDS)
        _answer(into, lambda: _look_on(place, look_at or _sight, into))
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        pipe.read(1)
        try:
            yield seen
        finally:
            os.kill(child, signal.SIGTERM)
            told = pipe.read()
            os.waitpid(child, 0)
    if not told:
        raise Broken("the dashboard beside it has ended")
    good, result = pickle.loads(told)
    if not good:
        raise Broken(result)
    seen += result


def _look_on(place: Place, look_at: Callable[[Desk], dict[str, int]], ready: int) -> list[dict[str, int]]:
    """Looks again and again until it is told to end, and once more then; says when it has looked first."""
    ends = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ends.set())
    desk, seen = place.desk(), list[dict[str, int]]()
    while True:
        is_last = ends.is_set()
        sight = copy.retried(lambda: look_at(desk))
        if sight not in seen:
            seen.append(sight)
            if len(seen) == 1:
                os.write(ready, b".")
        if is_last:
            return seen
        ends.wait(_LOOK_EVERY)


def _sight(desk: Desk) -> dict[str, int]:
    return dict(Counter(row.status for row in desk.reading().rows(show_asks.ENTRIES, **_everything())))


def _sight_or_none(desk: Desk) -> dict[str, int]:
    """The same, and nothing where there is no copy, or none that is shown."""
    with desk.register.connect() as connection:
        if builds.current(desk.settings, connection) is None:
            return {}
    try:
        return _sight(desk)
    except Refused:
        return {}


def _seen(before: dict[str, int], after: dict[str, int], seen: list[dict[str, int]]) -> Iterator[str]:
    """What another dashboard has seen is what was before, nothing where that was allowed, and then what comes after."""
    known = [before, {}, after]
    places = [known.index(one) if one in known else -1 for one in seen]
    if -1 in places or places != sorted(places):
        yield f"another dashboard saw {seen}, and not {before} and then {after}"


# Processes


class Broken(Exception):
    """A promise that was not kept."""


def _answer(into: int, work: Callable[[], Any]) -> NoReturn:
    """Ends a forked process with what `work` returns, or why it failed, told to whoever forked it."""
    try:
        told = pickle.dumps((True, work()))
    except BaseException:
        told = pickle.dumps((False, traceback.format_exc()))
    with os.fdopen(into, "wb") as pipe:
        pipe.write(told)
    os._exit(0)


def apart(work: Callable[[], Any], seconds: float = _ROUND_SECONDS) -> Any:
    """What `work` returns in a process of its own; None where that was killed. Raises Broken where it failed."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        signal.alarm(int(seconds))
        # Refusals and progress of the runs are not this script's to say.
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            if not os.environ.get("KILLS_VERBOSE"):
                os.dup2(nowhere.fileno(), 2)
        _answer(into, work)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) != signal.SIGKILL:
            raise Broken(f"ended by signal {os.WTERMSIG(status)}: it took more than {seconds} seconds")
        return None
    good, result = pickle.loads(told)
    if not good:
        raise Broken(result)
    return result


def _stage(row: tuple[Any, ...] | None, before: str) -> str:
    """Where the newest run stands; `before` is the last one of the base."""
    if row is None or row[0] == before or row[1] == "queued":
        return "starting"
    return str(row[2])


def _last(row: tuple[Any, ...] | None) -> str:
    """The last run that had ended in an installation, before one is killed."""
    return str(row[0]) if row is not None and row[1] != "queued" else ""


def _spawn(kind: str, place: Place) -> ForkProcess:
    """The command line in a process of its own, which leads a group of its own; it has loaded what it needs already."""
    process = multiprocessing.get_context("fork").Process(target=_command, args=(kind, place))
    process.start()
    with contextlib.suppress(ProcessLookupError):
        os.setpgid(_id(process), _id(process))
    return process


def _command(kind: str, place: Place) -> None:
    # Here as well as above, whoever comes first.
    os.setpgid(0, 0)
    with Path(os.devnull).open("r+") as nowhere:
        for number in range(3):
            os.dup2(nowhere.fileno(), number)
    os.environ.update(place.environ)
    sys.exit(COMMANDS[kind](_arguments(kind, place)))


def _id(process: ForkProcess) -> int:
    assert process.pid is not None
    return process.pid


def _watch(kind: str, place: Place) -> dict[str, float]:
    """How long an undisturbed process stays in each step."""
    with place.newest_run() as newest:
        before = _last(newest())
        process = _spawn(kind, place)
        stays: Counter[str] = Counter()
        last = time.monotonic()
        while process.is_alive():
            stage = _stage(newest(), before)
            now = time.monotonic()
            stays[stage] += now - last  # type: ignore[assignment]
            last = now
            time.sleep(_LOOK_EVERY)
    assert process.exitcode == 0
    return dict(stays)


def _children(process: int) -> list[int]:
    try:
        told = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in told.split()]


def _kill_process(kind: str, place: Place, stage: str, share: float, stays: float, whom: str) -> str:
    """Kills at a moment of a step; returns the step that it was in by then, or that it came too late."""
    with place.newest_run() as newest:
        before = _last(newest())
        process = _spawn(kind, place)
        passed = False
        while process.is_alive():
            now = _stage(newest(), before)
            passed = now == stage and (whom != "writer" or bool(_children(_id(process))))
            if passed or now == _DONE:
                break
            time.sleep(_LOOK_EVERY)
        if passed:
            time.sleep(share * stays)
        seen = _stage(newest(), before)
    late = not process.is_alive()
    if whom == "writer":
        for child in _children(_id(process)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    elif not late:
        os.killpg(_id(process), signal.SIGKILL) if whom == "group" else process.kill()
    process.join()
    if whom == "parent":
        # Its writer must not outlive it: it would go on writing beside whoever resumes.
        _orphans_end(_id(process))
    return "too late" if late else seen


def _orphans_end(group: int) -> None:
    """Waits for what a killed process has left running."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise Broken("a process that was left goes on for more than 30 seconds")


# What there is, and what must be true


@dataclass
class State:
    """What an installation holds."""

    build: dict[str, str]
    batch: dict[str, Any]
    executed_lines: list[str]
    done_lines: int
    chain_broken_at: int | None
    faults: list[str]
    suppressed: list[tuple[Any, ...]]
    reappeared: list[tuple[Any, ...]]
    tasks: list[tuple[Any, ...]]
    held: list[tuple[Any, ...]]
    crm: list[str]
    entries: int
    weekly: int
    open_runs: int
    keys: int
    sight: dict[str, int]
    left: list[str] = field(default_factory=list)


def look(place: Place) -> State:
    """Reads everything that the promises speak of."""
    desk = place.desk()
    with desk.register.connect() as connection:
        current = builds.current(desk.settings, connection)
        assert current is not None
        batch = dict(connection.execute(sa.select(purge_tables.batch)).mappings().one())
        told = connection.execute(sa.select(ledger_tables.ledger.c.event, ledger_tables.ledger.c.details)).all()
        verdict = ledger.verify(connection)
        entry = suppression_tables.suppression.c
        suppressed = connection.execute(
            sa.select(entry.record_digest, entry.email_digest, entry.phone_digest, entry.category, entry.dataset)
        ).all()
        again = suppression_tables.reappearance.c
        reappeared = connection.execute(sa.select(again.record_digest, again.kind, again.dataset)).all()
        task = sources_tables.source_task.c
        tasks = connection.execute(sa.select(task.dataset, task.kind, task.state, task.planned, task.affected)).all()
        held = connection.execute(sa.select(holds_tables.hold.c.scope, holds_tables.hold.c.scope_key)).all()
        running = sa.select(sa.func.count()).where(runs_tables.intake_run.c.state.in_(["running", "queued"]))
        open_runs = connection.execute(running).scalar_one()
        build_keys = connection.execute(sa.select(sa.func.count()).select_from(builds_tables.build_key)).scalar_one()
    reading = desk.reading()
    entries = reading.rows(show_asks.ENTRIES, **_everything())
    with contextlib.closing(sqlite3.connect(place.crm)) as crm:
        left_in_crm = [row[0] for row in crm.execute("select id from prospects order by id")]
    report = check.register(desk.settings, desk.register)
    faults = [f"{fault.code} {fault.values}" for fault in report.faults]
    if central.is_used(desk.settings):
        faults += _differs(desk.settings, current)
    return State(
        build=_content(current.path, current.key),
        batch={name: batch[name] for name in ("state", "planned", "deleted", "held", "changed", "failed", "receipt")},
        executed_lines=[json.loads(details)["uid"] for event, details in told if event == "batch:executed"],
        done_lines=sum(event == "intake:done" for event, _ in told),
        chain_broken_at=verdict.broken_at,
        faults=faults,
        suppressed=sorted((tuple(row) for row in suppressed), key=str),
        reappeared=sorted((tuple(row) for row in reappeared), key=str),
        tasks=sorted((tuple(row) for row in tasks), key=str),
        held=sorted(tuple(row) for row in held),
        crm=left_in_crm,
        entries=len(entries),
        weekly=reading.one(review_asks.WEEKLY).bases,
        open_runs=open_runs,
        keys=build_keys,
        sight=_sight(desk),
        left=list(_leftovers(desk, current)),
    )


def _everything() -> dict[str, Any]:
    """The binds of a list of everything."""
    return {"rows": 1_000_000, "skip": 0, **entry_binds({}, named=False)}


def _content(path: Path, key: str | None) -> dict[str, str]:
    """A digest of every table of a build; two builds that hold the same have the same."""
    found: dict[str, str] = {}
    with duckdb.connect(":memory:") as con:
        vault.attach(con, path, "build", key=key, read_only=True)
        for table in _TABLES:
            rows = con.execute(f"select * from build.{table}").fetchall()
            told = sorted(repr(row) for row in rows)
            found[table] = f"{len(told)} rows {hashlib.sha256(chr(10).join(told).encode()).hexdigest()[:12]}"
    return found


def _differs(settings: Settings, build: builds.Build) -> Iterator[str]:
    """Tables of a build that are not in the database of the copy as they are in its file."""
    schema = central.schema_of(build.path.name)
    with duckdb.connect(":memory:") as con:
        vault.attach(con, build.path, "build", key=build.key, read_only=True)
        central.attach(con, settings, "copy", read_only=True)
        for name in central.tables_of(con, "build", "main"):
            if central._digest(con, f"build.main.{name}") != central._digest(con, f"copy.{schema}.{name}"):
                yield f"{name} is another in the database of the copy"


def _leftovers(desk: Desk, build: builds.Build) -> Iterator[str]:
    """Files and schemas that nobody needs once a run has ended."""
    store, current = desk.settings.store, build.path
    if central.is_used(desk.settings):
        with central.maker(desk.settings).connect() as connection:
            for name in central._schemas(connection):
                if central._build_of(name) != central.schema_of(current.name) or name.startswith("making_"):
                    yield name
    for folder in (desk.settings.builds, desk.settings.work, desk.settings.inbox):
        for path in sorted(folder.rglob("*")) if folder.exists() else ():
            if path.is_file() and path != current:
                yield str(path.relative_to(store))
    for path in sorted(desk.settings.quarantine.rglob("*")) if desk.settings.quarantine.exists() else ():
        if path.suffix != ".parquet":
            yield str(path.relative_to(store))
    for path in sorted(desk.settings.evidence.rglob("*")) if desk.settings.evidence.exists() else ():
        if path.name.startswith("."):
            yield str(path.relative_to(store))


def _always(state: State) -> Iterator[str]:
    """What is true at any moment."""
    batch = state.batch
    if state.chain_broken_at is not None:
        yield f"the chain is broken at {state.chain_broken_at}"
    if state.weekly != state.entries:
        yield f"the weekly review counts {state.weekly} entries, the list has {state.entries}"
    executed = batch["state"] in purge_tables.EXECUTED
    if executed != (len(state.executed_lines) == 1) or len(state.executed_lines) > 1:
        yield f"batch {batch['state']} with {len(state.executed_lines)} lines"
    if executed != (batch["receipt"] is not None):
        yield f"batch {batch['state']}, receipt {batch['receipt'] is not None}"
    if executed and batch["planned"] != sum(batch[name] for name in ("deleted", "held", "changed", "failed")):
        yield "the counts of the batch do not add up"
    if executed != bool(state.suppressed):
        yield f"batch {batch['state']} with {len(state.suppressed)} entries of the suppression list"


def _killed(kind: str, before: State, after: State, now: State) -> Iterator[str]:
    """What is true once a run was killed: everything of before, or everything of after."""
    yield from _always(now)
    happened = now.batch["state"] in purge_tables.EXECUTED if kind == "purge" else now.done_lines > before.done_lines
    wanted = after if happened else before
    for table, content in now.build.items():
        if content != wanted.build[table]:
            yield f"{table} has {content}, and not {wanted.build[table]}"
    for name in ("suppressed", "reappeared", "held"):
        if getattr(now, name) != getattr(wanted, name):
            yield f"{name}: {len(getattr(now, name))}, and not {len(getattr(wanted, name))}"
    if now.crm not in (before.crm, after.crm) or (now.crm == after.crm and not happened and before.crm != after.crm):
        yield f"the source has {len(now.crm)} records"
    if kind == "purge":
        faults = [fault for fault in now.faults if not fault.startswith("receipt_missing {'name': 'batch-")]
    else:
        faults = now.faults
    yield from faults


def _ended(after: State, now: State, *, exact: bool) -> Iterator[str]:
    """What is true once a resume has ended it: what an undisturbed run comes to, and nothing left over."""
    yield from _always(now)
    yield from now.faults
    names: tuple[str, ...] = ("batch", "suppressed", "tasks", "crm", "entries", "weekly", "reappeared", "held")
    if not exact:
        names = ("suppressed", "crm", "entries", "weekly")
    for name in names:
        mine, its = getattr(now, name), getattr(after, name)
        if name == "batch":
            mine, its = ({key: one for key, one in told.items() if key != "receipt"} for told in (mine, its))
        if mine != its:
            yield f"{name} is not as it should be: {str(mine)[:200]}, and not {str(its)[:200]}"
    for table, content in now.build.items():
        if content != after.build[table] and (exact or table != "quarantined"):
            yield f"{table} has {content}, and not {after.build[table]}"
    if now.open_runs:
        yield f"{now.open_runs} runs are open"
    if now.keys != 1:
        yield f"{now.keys} keys of builds"
    for path in now.left:
        yield f"left over: {path}"


def _purged_in_files(place: Place) -> Iterator[str]:
    """The addresses of the purged are in no file any more."""
    gone = [prospect(number)["E-post"] for number in LATE if number != 50 and not 100 <= number < 110]
    # Between signs that an address cannot hold, since one may be the end of another.
    for name, hits in files_with(place.data, gone).items():
        yield f"{name} holds {len(hits)} of the purged"


# Rounds


@dataclass
class Known:
    """What an undisturbed run of a kind came to, the places that it passed, and how long its steps took."""

    before: State
    after: State
    places: dict[str, int]
    stays: dict[str, float]


@dataclass(frozen=True)
class Plan:
    """How a round kills: at a place in the code, or a process at a moment of a step."""

    kind: str
    how: str
    where: str
    number: int
    share: float
    intake_first: bool
    # Where the resume is killed too: a place and how often it was passed by then.
    again: tuple[str, int] | None = None

    @property
    def told(self) -> str:
        """In words, for the summary."""
        return f"{self.kind}, {self.how}: {self.where}"


def learn(base: Path, kind: str, scratch: Path, server: str | None) -> Known:
    """Lets a run of a kind go undisturbed, twice."""
    place = Place(base / kind, server)
    before = apart(lambda: look(place.copied(scratch / "before")))

    def undisturbed() -> dict[str, int]:
        own, places = place.copied(scratch / "counted"), Places()
        places.everywhere()
        RUNS[kind](own)
        return dict(places.passed)

    places = apart(undisturbed)
    if places is None:
        raise Broken("the undisturbed run was killed")
    after = apart(lambda: look(Place(scratch / "counted", server)))
    stays = _watch(kind, place.copied(scratch / "watched"))
    again = apart(lambda: look(Place(scratch / "watched", server)))
    problems = list(_ended(after, again, exact=True))
    if problems or before.build == after.build:
        raise Broken(f"undisturbed runs differ or do nothing: {problems}")
    for name in ("before", "counted", "watched"):
        Place(scratch / name, server).remove()
    return Known(before, after, places, stays)


def plan(chance: random.Random, kind: str, known: Known) -> Plan:
    """Chooses how the next round kills. Every place's name is as likely as any other, however often it is passed."""
    again = None
    if chance.random() < 0.3:
        where = chance.choice(sorted(known.places))
        again = where, chance.randint(1, known.places[where])
    if chance.random() < 0.6:
        where = chance.choice(sorted(known.places))
        number = chance.randint(1, known.places[where])
        return Plan(kind, "place", where, number, 0.0, kind == "purge" and chance.random() < 0.25, again)
    how = chance.choice(["group", "parent", "writer"] if kind == "purge" else ["group"])
    where = "writing" if how == "writer" else chance.choice(sorted(known.stays))
    if how == "parent" and chance.random() < 0.5:
        where = "writing"
    return Plan(kind, how, where, 0, chance.random(), kind == "purge" and chance.random() < 0.25, again)


def carry_out(base: Place, known: Known, chosen: Plan, folder: Path) -> str:
    """One round; returns where the run stood when it was killed. Raises Broken."""
    place = base.copied(folder)
    with beside(place) as seen:
        if chosen.how == "place":

            def die() -> None:
                Places((chosen.where, chosen.number)).everywhere()
                RUNS[chosen.kind](place)

            stood = chosen.where if apart(die) is None else "too late"
        else:
            stood = _kill_process(
                chosen.kind, place, chosen.where, chosen.share, known.stays.get(chosen.where, 0.0), chosen.how
            )
    place.settled()
    _require("beside it", _seen(known.before.sight, known.after.sight, seen))
    now = apart(lambda: look(place))
    _require("after the kill", _killed(chosen.kind, known.before, known.after, now))
    times = 1
    if chosen.again is not None:

        def die_again() -> None:
            Places(chosen.again).everywhere()
            _resume(place, chosen)

        if apart(die_again) is None:
            stood, times = f"{stood}, then {chosen.again[0]}", 2
            place.settled()
            now = apart(lambda: look(place))
            # An intake before it has changed what there was.
            told = _always(now) if chosen.intake_first else _killed(chosen.kind, known.before, known.after, now)
            _require("after the second kill", told)
    apart(lambda: _resume(place, chosen, times))
    ended = apart(lambda: look(place))
    _require("after the resume", _ended(known.after, ended, exact=not chosen.intake_first))
    if chosen.kind == "purge":
        _require("after the resume", _purged_in_files(place))
    return stood


def _resume(place: Place, chosen: Plan, times: int = 1) -> None:
    """What people do, some minutes later."""
    desk = place.desk(times)
    purge_line._now = intake_line._now = desk.clock
    if chosen.how != "writer":
        # Quicker; where the writer was killed, the next one is a process again.
        execute.new_writer = WriterHere
    if chosen.kind == "intake":
        assert intake_line.main(place.incoming()) == Exit.DONE, "the exports were not taken in"
        return
    if chosen.intake_first:
        desk.take_in(*_exports(place.folder / "incoming", _stamp(desk.now)))
    batch = batches.find(desk.register, _BATCH)
    if batch.state is purge_tables.State.APPROVED:
        # The writer died and its run gave the batch back.
        desk.claim(batch)
        desk.carry_out(batch)
    assert purge_line.main(["resume"]) == Exit.DONE, "the resume was refused"


def _require(when: str, problems: Iterator[str]) -> None:
    found = list(problems)
    if found:
        raise Broken(f"{when}: " + "; ".join(found))


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 every promise was kept, 1 one was not."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description="Kills every act at random.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", type=int, nargs="+", metavar="ROUND", help="only these rounds of the seed")
    parser.add_argument("--short-cuts", action="store_true", help="with those of tests/shortcuts.py")
    parser.add_argument("--kinds", nargs="+", choices=SHARES, default=list(SHARES), help="kill only these")
    parser.add_argument("--minutes", type=float, default=None, help="begin no round after so many")
    parser.add_argument("--go-on", action="store_true", help="do not stop at the first broken promise")
    parser.add_argument(
        "--postgresql", nargs="?", const="", metavar="SOCKET",
        help="register and copy in the PostgreSQL whose socket is in that folder, or in one that this starts",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    own = options.postgresql == ""
    with contextlib.ExitStack() as stack:
        if options.short_cuts:
            shortcuts.take(stack.enter_context(pytest.MonkeyPatch.context()))
        server = stack.enter_context(servers.postgresql()) if own else options.postgresql
        return _rounds(options, server)


def _warm(place: Place) -> None:
    """Has this process read and compiled what every process of every round asks of texts and the register.

    Not what asks DuckDB, which has threads: what forks then might hang.
    """
    texts.catalogue()
    desk = place.desk()
    check.register(desk.settings, desk.register)
    desk.policy  # noqa: B018 - asked for what it compiles
    desk.register.dispose()


def _rounds(options: argparse.Namespace, server: str | None) -> int:
    began = time.monotonic()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}", flush=True)
    # A killed process loses nothing that it has written, on a disk or in memory, where nobody waits for it.
    folder = shortcuts.folder() if options.short_cuts else Path(tempfile.mkdtemp(prefix="kills-"))
    broken = 0
    stood: Counter[str] = Counter()
    try:
        apart(lambda: make(folder, server))
        _warm(Place(folder / "intake", server))
        known: dict[str, Known] = {}
        acts: dict[str, KnownAct] = {}
        for number in range(1, options.rounds + 1):
            if options.minutes is not None and time.monotonic() - began > 60 * options.minutes:
                break
            # A chance of its own for each round, so that one round alone is the same.
            chance = random.Random(f"{seed} {number}")
            kind = chance.choices(options.kinds, [SHARES[one] for one in options.kinds])[0]
            if options.only is None or number in options.only:
                chosen: object = kind
                try:
                    if kind in ACTS:
                        if kind not in acts:
                            acts[kind] = learn_act(folder, ACTS[kind], folder / "scratch", server)
                        where = kill_act(folder, kind, acts[kind], chance, folder / "round", server)
                    else:
                        if kind not in known:
                            known[kind] = learn(folder, kind, folder / "scratch", server)
                        chosen = planned = plan(chance, kind, known[kind])
                        where = carry_out(Place(folder / kind, server), known[kind], planned, folder / "round")
                        where = f"{planned.how}: {where}"
                    stood[f"{kind}, {where}"] += 1
                except Broken as error:
                    broken += 1
                    print(f"broken in round {number} of seed {seed}, {chosen}:\n  {error}", flush=True)
                    if not options.go_on:
                        return 1
                Place(folder / "round", server).remove()
            if number % 20 == 0:
                print(f"{number} rounds, {broken} broken promises", flush=True)
    finally:
        for kind in RUNS:
            Place(folder / kind, server).remove()
        shutil.rmtree(folder, ignore_errors=True)
    for name, times in sorted(stood.items()):
        print(f"  {times:4d}  {name}")
    print(f"{sum(stood.values())} rounds kept every promise, {broken} did not")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
