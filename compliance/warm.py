"""Has ready what the pages need before anybody asks: the copy as of today, its figures, and a quiet garbage collector.

Nobody sees anything else by it: every page asks for the copy as it is at that moment. Where that is not ready, it waits
a little, and then shows the build before and says so (copy.shown).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
import importlib
import logging
import pkgutil
import threading
import time
from collections.abc import Callable
from itertools import product

import sqlalchemy as sa

import compliance
from compliance import evidence, runs, wipe
from compliance.access.at import at_command
from compliance.identity import asks as identity_asks
from compliance.policy import verbs as policy
from compliance.purge import verbs as purge
from compliance.reading import asks as reading_asks
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine as register_engine
from compliance.requests import asks as requests_asks
from compliance.requests import backlog
from compliance.review import asks as review_asks
from compliance.review import figures, measures, rows
from compliance.review import ledger as ledger_page
from compliance.review import verbs as review_verbs
from compliance.show import asks as show_asks
from compliance.show.entries import entry_binds
from compliance.sources import asks as sources_asks
from compliance.words import settings as settings_of
from compliance.words.deadlines import STOCKHOLM, is_working_day
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES

Clock = Callable[[], dt.datetime]

_EVERY = 2.0
# Before midnight the next day's copy is made: the first visitor of a day waits no longer than others.
_AHEAD = dt.timedelta(minutes=15)
_TIDY_EVERY = 600.0
_MONTHS, _WEEKS, _ROWS = 24, 13, 50
_REMEMBERED = 20
# What their users load when they are first used.
_AT_FIRST_USE = (
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "pandas",
    "plotly.io._json",
    "plotly.offline",
    "plotly.tools",
    "pyarrow.pandas_compat",
    "streamlit.material_icon_names",
    "streamlit.runtime.scriptrunner.magic_funcs",
)
_ready: list[str] = []
_log = logging.getLogger(__name__)


def imports() -> Clock:
    """Loads what every page loads, which takes seconds: at the start, where nobody waits for it yet. Returns the clock
    that the pages go by.
    """
    for name in _AT_FIRST_USE:
        importlib.import_module(name)
    clock: Clock = importlib.import_module("compliance.ui.session").now
    return clock


def _rest(now: dt.datetime) -> None:
    """Loads what single pages load, and does once what is slow only the first time."""
    for module in pkgutil.walk_packages(compliance.__path__, "compliance."):
        if not any(part in module.name for part in (".__main__", ".demo", ".migrations", ".operations")):
            importlib.import_module(module.name)
    # By name: only views draw, and here nobody looks.
    charts = importlib.import_module("compliance.ui.charts")
    for language in LANGUAGES:
        say("app.title", language)
        charts.stacked(["1"], {"PROSPECT": [1234]}, {"PROSPECT": "1"}, language)
        charts.heat(["1"], ["1"], [[1]], language)
    is_working_day(now.date())


def tidy() -> None:
    """Collects garbage and has the collector leave alone all that is left.

    Streamlit collects all garbage after every run of a page, which looks through 230,000 objects that live as long as
    the server (modules, types, texts): 71 % of a rerun's processor time, while nobody else is served. It is told not to
    (runner.postScriptGC in .streamlit/config.toml), and what is frozen here is not looked through by Python's own
    collections either; they take 5 ms then, not 130. What is frozen is never given back if it dies in a cycle, as
    sessions and database engines do: so everything is thawed first, each time that a reading has come and every ten
    minutes, and at most that much waits for the next time. Tables of a reading do not wait: they go with its last user.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def ready(settings: Settings, now: dt.datetime, day: dt.date | None = None) -> str | None:
    """Makes today's copy, or that of `day`, with the figures that pages show unfiltered; returns its key.

    None where there is nothing to read. Raises Refused and copy.Retired as for a page.
    """
    if not settings.builds.exists():
        # Nothing was taken in yet, and to make the register is the first visitor's business.
        return None
    engine = register_engine(settings)
    at = at_command(settings, engine, now)
    if day is not None:
        at = dataclasses.replace(at, today=day).by_rules_of(day)
    reading = copy.current(settings, engine, at.today, at.policy, at.parameters)
    if reading is None:
        return None
    if day is None:
        # Rules begin to hold, and files are changed, while nobody looks.
        purge.return_changed(at, reading)
        policy.note_files(at)
    if reading.key not in _ready:
        reading.press()
        backlog.remembered(engine, reading, reading.as_of, at.parameters)
        compute(reading)
        # What the figures of all rooms rest on, whether or not a snapshot of them is kept below.
        measures.measure(at, reading, ())
        if day is None:
            # Each new build has its figures kept, whether or not anybody looks at it.
            review_verbs.ensure_snapshot(at, reading)
        _ready.append(reading.key)
        del _ready[:-_REMEMBERED]
    return reading.key


def compute(reading: Reading) -> None:
    """Has a reading remember the figures that pages show while no filter is set."""
    nothing = {"category": None, "source": None, "owner": None}
    stale: frozenset[str] = frozenset()
    language = LANGUAGES[0]
    reading.rows(review_asks.WEEKLY)
    reading.rows(sources_asks.EXPORTS)
    reading.rows(reading_asks.STATUS_COUNTS)
    rows.stored_by_category(reading, stale, language)
    for cut in ("source", "purpose"):
        rows.stored_by(reading, cut, stale, language, {})
    rows.field_rows(reading, stale, language, {})
    for unit, starts, until in (
        ("month", figures.month_starts(reading.as_of, _MONTHS), figures.month_starts(reading.as_of, _MONTHS + 1)[-1]),
        (
            "week",
            figures.week_starts(reading.as_of, _WEEKS),
            figures.week_starts(reading.as_of, _WEEKS)[-1] + dt.timedelta(weeks=1),
        ),
    ):
        rows.expiries(reading, unit, starts, until, nothing)
    rows.overdue_by_age(reading, nothing)
    rows.person_statuses(reading)
    rows.causes(reading, stale, language)
    reading.rows(review_asks.OLDEST)
    reading.rows(identity_asks.DOUBLE_COUNT)
    reading.rows(requests_asks.UNDECIDED)
    reading.rows(sources_asks.MOVED_CLOCKS)
    for named, pressing in product((False, True), repeat=2):
        binds = entry_binds({}, named=named, pressing=pressing)
        reading.rows(show_asks.ENTRIES_COUNT, **binds)
        reading.rows(show_asks.ENTRIES_WINDOW, rows=_ROWS, skip=0, **binds)


def start(clock: Clock) -> threading.Event:
    """Keeps everything ready for as long as the process lives. What it returns is set once all is, or cannot be."""
    first = threading.Event()
    threading.Thread(target=_keep, args=(clock, first), name="warm", daemon=True).start()
    return first


def _prove(settings: Settings, now: dt.datetime) -> None:
    """Has the ledger and the register compared before the start page would have to."""
    engine = register_engine(settings)
    if ledger_page.check_rows(settings, engine, now, oldest=ledger_page.ROWS_AGAIN).at == now:
        ledger_page.check(engine, now)
        wipe_again(settings, engine, now)


def wipe_again(settings: Settings, engine: sa.Engine, now: dt.datetime) -> None:
    """Takes up again what purges have left and may not have been wiped; who may change that was told what it is."""
    if evidence.unwiped(settings, engine):
        wipe.settle(settings, engine, now)


def _keep(clock: Clock, first: threading.Event) -> None:
    key, tidied, whole = None, 0.0, False
    while True:
        now = clock()
        try:
            settings = settings_of.load()
            latest = ready(settings, now)
            ahead = (now + _AHEAD).astimezone(STOCKHOLM).date()
            if latest is not None and settings.today_override is None and ahead != settings_of.today(settings, now):
                ready(settings, now, ahead)
            fresh, key = latest != key, latest
            if latest is not None:
                _prove(settings, now)
            if not whole:
                _rest(now)
                fresh = whole = True
        except (Refused, copy.Retired):
            # Whoever opens a page is told; here it may have passed the next time.
            fresh = False
        except Exception as error:
            # Without its message, which may quote a row.
            runs.log_fault(_log, "making ready", error)
            fresh = False
        if fresh or time.monotonic() - tidied > _TIDY_EVERY:
            tidy()
            tidied = time.monotonic()
        first.set()
        time.sleep(_EVERY)
