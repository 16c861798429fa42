"""Measures what people wait for: real sessions over WebSockets at a real server, with time to think between clicks.

`python -m tests.bench load --sessions 25 --think 5 --seconds 60 --persons 5000`, or `--store FOLDER` for one that is
there. A rerun lasts from the message that asks for it to the word that the script has finished. Every answer is
looked at: one that is not the page is a failure, and with failures the times are worth nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import math
import os
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.bench import stores

# By url path, with the kinds of elements that a page has at least: fewer are not that page.
PAGES: Mapping[str, Mapping[str, int]] = {
    "weekly": {"metric": 8, "dataframe": 1},
    "subjects": {"plotly_chart": 1, "dataframe": 4, "selectbox": 3},
    "expiries": {"plotly_chart": 1, "dataframe": 2, "selectbox": 7},
    "erasure": {"plotly_chart": 1, "dataframe": 1, "selectbox": 1},
    "risk": {"metric": 8, "plotly_chart": 3, "dataframe": 3},
    "purge": {"metric": 3},
}
START = "weekly"
# People leaf between pages as often as they work on one; of that, half is a filter.
_LEAF, _FILTER = 0.5, 0.75
# Longer than anybody waits; a server that never answers must not hold up the run.
_GIVE_UP = 60.0
_ALONE = 10
# Alone, each rerun waits until the server has tidied up after the one before.
_REST = 0.6
# One session thinks shorter, so that it has reruns enough for a percentile; there is nobody it could get in the way of.
_THINK_ALONE = 1.0
# A browser keeps what it was sent for so many runs, and tells the server, which then sends it no more.
_KEPT_RUNS = 2
_SMALL = 10_000
# Of p95 in ms, by the number of sessions; the first for a company of usual size, the second for a large one.
_AIMS: Mapping[int, tuple[int, int]] = {25: (300, 500), 50: (1000, 1000)}
_FIRST_AIM, _TIMES, _TIMES_TEN_MILLION = 1.0, 1.2, 3.0


@dataclass(frozen=True)
class Rerun:
    """One answer: how long it took, and why it was not the page, if it was not."""

    page: str
    seconds: float
    failure: str | None = None


@dataclass(frozen=True)
class Load:
    """What a number of sessions got, and what it cost the server."""

    sessions: int
    reruns: Sequence[Rerun]
    wall: float
    cpu: float
    client_cpu: float
    # How much of the machine others had meanwhile, as a share.
    others: float
    megabytes: float
    peak_megabytes: float

    @property
    def failures(self) -> list[Rerun]:
        """The answers that were not the page."""
        return [one for one in self.reruns if one.failure]


@dataclass(frozen=True)
class Alone:
    """Each page while nothing else goes on: opened first, then again and again. Seconds, and the server's CPU."""

    first: Sequence[Rerun]
    first_cpu: Mapping[str, float]
    again: Mapping[str, Sequence[Rerun]]
    cpu: Mapping[str, float]

    @property
    def failures(self) -> list[Rerun]:
        """The answers that were not the page."""
        return [one for one in itertools.chain(self.first, *self.again.values()) if one.failure]


# The server


@dataclass(frozen=True)
class Server:
    """A dashboard of its own process."""

    port: int
    pid: int
    log: Path

    def cpu(self) -> float:
        """Seconds of processor time so far, of all threads that were."""
        return _cpu_of(self.pid)

    def megabytes(self) -> tuple[float, float]:
        """Its memory now, and the most it has had."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines()
        told = dict(line.split(":", 1) for line in lines)
        return int(told["VmRSS"].split()[0]) / 1024, int(told["VmHWM"].split()[0]) / 1024


@contextmanager
def serving(store: Path, users: Sequence[str]) -> Iterator[Server]:
    """Starts the dashboard on a store, with a proxy's sign-in for `users`, and stops it."""
    from compliance.words import keys
    from compliance.words import settings as settings_of

    # The demo makes the keys that are missing; with a proxy's sign-in none would be made.
    demo = settings_of.load({"COMPLIANCE_STORE": str(store)})
    keys.pseudonyms(demo)
    keys.suppression(demo)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        roles, log = folder / "roles.toml", folder / "log"
        roles.write_text("dpo = [" + ", ".join(f'"{user}"' for user in users) + "]\n", encoding="utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        told = {"COMPLIANCE_LOGIN": "proxy", "COMPLIANCE_ROLES": str(roles), "COMPLIANCE_KEYS": str(store)}
        environment = stores.environment(store, **told)
        command = [sys.executable, "-m", "compliance.serve", "--server.port", str(port)]
        with log.open("wb") as sink:
            process = subprocess.Popen(command, cwd=stores.ROOT, env=environment, stdout=sink, stderr=sink)
        try:
            _wait_for(process, port, log)
            yield Server(port, process.pid, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the dashboard did not start:\n" + log.read_text(encoding="utf-8", errors="replace")[-2000:])


def _cpu_of(pid: int) -> float:
    # What stands after the name in brackets, which may hold spaces; user and system time are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _cpu_here() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _cpu_of_machine() -> float:
    fields = [int(one) for one in Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:]]
    idle = fields[3] + fields[4]
    return (sum(fields[:8]) - idle) / os.sysconf("SC_CLK_TCK")


# A session


@dataclass
class Browser:
    """One session as a browser would have it: its page, its filters, and what it was sent before."""

    socket: ClientConnection
    port: int
    page: str = START
    _hashes: dict[str, str] = field(default_factory=dict)
    _query: str = ""
    # The filters of the page: the widget's id, what it can be set to, what it is set to.
    _filters: dict[str, tuple[Sequence[str], str]] = field(default_factory=dict)
    # Kinds of the elements that were sent once and are only named afterwards, and the run that used them last.
    _kept: dict[str, tuple[Element, int]] = field(default_factory=dict)
    _runs: int = 0

    async def open(self, page: str = START) -> Rerun:
        """A page by its address, as the first thing that the session sees."""
        self.page = page
        return await self._rerun()

    async def switch(self, page: str) -> Rerun:
        """Another page, by the menu."""
        self.page, self._query = page, ""
        self._filters.clear()
        return await self._rerun()

    async def again(self) -> Rerun:
        """The same page as it is, as after a click that changes nothing of it."""
        return await self._rerun()

    async def filter(self, rng: random.Random) -> Rerun:
        """The same page with one filter set to something, or plainly again where it has none."""
        if self._filters:
            widget = rng.choice(sorted(self._filters))
            options, _ = self._filters[widget]
            self._filters[widget] = (options, rng.choice(list(options)))
        return await self._rerun()

    def _asked(self) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self._query
        # What pages there are is told by the first answer; until then a page is asked for by its address.
        if self._hashes:
            state.page_script_hash = self._hashes[self.page]
        else:
            state.page_name = "" if self.page == START else self.page
        state.cached_message_hashes.extend(self._kept)
        state.context_info.timezone = "Europe/Stockholm"
        state.context_info.locale = "en-GB"
        state.context_info.url = f"http://127.0.0.1:{self.port}/{'' if self.page == START else self.page}"
        for widget, (_, value) in self._filters.items():
            told = state.widget_states.widgets.add()
            told.id, told.string_value = widget, value
        return message

    async def _rerun(self) -> Rerun:
        self._runs += 1
        start = time.perf_counter()
        try:
            async with asyncio.timeout(_GIVE_UP):
                await self.socket.send(self._asked().SerializeToString())
                elements, failure = await self._answer()
        except (TimeoutError, WebSocketException, OSError) as problem:
            return Rerun(self.page, time.perf_counter() - start, f"no answer: {type(problem).__name__}")
        seconds = time.perf_counter() - start
        self._kept = {name: kept for name, kept in self._kept.items() if self._runs - kept[1] < _KEPT_RUNS}
        return Rerun(self.page, seconds, failure or self._wrong(elements))

    async def _answer(self) -> tuple[list[Element], str | None]:
        """The elements of the run until it has finished, and what was wrong with how it came."""
        elements: list[Element] = []
        failure = None
        while True:
            content = await self.socket.recv()
            message = ForwardMsg.FromString(content if isinstance(content, bytes) else content.encode())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                # What came before was of a run that was broken off for this one.
                elements.clear()
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                elements.append(element)
                if message.metadata.cacheable:
                    self._kept[message.hash] = (element, self._runs)
            elif kind == "ref_hash":
                if message.ref_hash in self._kept:
                    element, _ = self._kept[message.ref_hash]
                    self._kept[message.ref_hash] = (element, self._runs)
                    elements.append(element)
                else:
                    failure = "an element that was never sent"
            elif kind == "navigation":
                # The start page has its own name's address too, which leads to it and which the menu does not use.
                pages = sorted(message.navigation.app_pages, key=lambda page: page.is_default)
                self._hashes = {
                    START if page.is_default else page.url_pathname: page.page_script_hash for page in pages
                }
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "page_not_found":
                failure = "no such page"
            elif kind == "session_event":
                failure = f"session event {message.session_event.WhichOneof('type')}"
            elif kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    failure = "the script did not finish"
                return elements, failure

    def _wrong(self, elements: Iterable[Element]) -> str | None:
        """Why the elements are not those of the page; takes up its filters."""
        from streamlit.proto.Alert_pb2 import Alert

        from compliance.words.texts import say

        counted: Counter[str] = Counter()
        title = ""
        for element in elements:
            kind = str(element.WhichOneof("type"))
            counted[kind] += 1
            if kind == "exception":
                return f"exception {element.exception.type}: {element.exception.message}"
            if kind == "alert" and element.alert.format == Alert.ERROR:
                return f"refused: {element.alert.body}"
            if kind == "heading" and element.heading.tag == "h1":
                title = element.heading.body
            if kind == "selectbox":
                self._filter(element.selectbox)
            # Where a filter leaves no row, that is said in the table's place.
            if kind == "markdown" and element.markdown.body == say("table.empty", "en") and self._is_narrowed():
                counted["dataframe"] += 1
        if title != say(f"{self.page}.title", "en"):
            return f"the title is {title!r}"
        short = {kind: counted[kind] for kind, least in PAGES[self.page].items() if counted[kind] < least}
        return f"too few elements: {short}" if short else None

    def _is_narrowed(self) -> bool:
        """Whether a filter of the page is set to something else than all, which is the first that it can be set to."""
        return any(value != options[0] for options, value in self._filters.values())

    def _filter(self, box: Any) -> None:
        if "filter_" not in box.id or not box.options:
            return
        value = box.raw_value if box.set_value else box.options[box.default]
        _, kept = self._filters.get(box.id, ((), None))
        self._filters[box.id] = (tuple(box.options), value if kept is None or box.set_value else kept)


@asynccontextmanager
async def browser(port: int, user: str) -> AsyncIterator[Browser]:
    """A session of somebody whom the proxy has signed in."""
    async with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
        # The second place is a token against forged requests, which matters only where a cookie signs in.
        subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN"],  # type: ignore[list-item]
        additional_headers={"X-Forwarded-Email": user},
        max_size=None,
        max_queue=None,
        open_timeout=_GIVE_UP,
        close_timeout=2,
    ) as connected:
        yield Browser(connected, port)


def user(number: int) -> str:
    """The address of the session of a number."""
    return f"load.{number}@antura.example"


# Measuring


async def alone(server: Server, pages: Sequence[str], times: int = _ALONE) -> Alone:
    """Each page's first opening since the start of the server, then its reruns, one at a time."""
    first: list[Rerun] = []
    first_cpu: dict[str, float] = {}
    again: dict[str, list[Rerun]] = {}
    cpu: dict[str, float] = {}
    before = server.cpu()
    async with browser(server.port, user(0)) as session:
        for page in (START, *(page for page in pages if page != START)):
            first.append(await (session.switch(page) if first else session.open()))
            await asyncio.sleep(_REST)
            before, first_cpu[page] = server.cpu(), server.cpu() - before
        for page in pages:
            await session.switch(page)
            await asyncio.sleep(_REST)
            before, again[page] = server.cpu(), []
            for _ in range(times):
                again[page].append(await session.again())
                await asyncio.sleep(_REST)
            cpu[page] = (server.cpu() - before) / times
    return Alone(first, first_cpu, again, cpu)


async def _visit(
    port: int, number: int, think: float, until: float, most: int, pages: Sequence[str], done: list[Rerun]
) -> None:
    """One session from its opening to the end of the time, or of its reruns."""
    rng = random.Random(number)
    await asyncio.sleep(rng.uniform(0, think))
    try:
        async with browser(port, user(number)) as session:
            order = itertools.cycle(rng.sample(list(pages), len(pages)))
            # By the address of any page, as from a link: with the start page for all, most reruns would be of that.
            done.append(await session.open(next(order)))
            for _ in range(most):
                wait = rng.expovariate(1 / think)
                if time.monotonic() + wait > until:
                    return
                await asyncio.sleep(wait)
                step = rng.random()
                if step < _LEAF:
                    done.append(await session.switch(next(order)))
                elif step < _FILTER:
                    done.append(await session.filter(rng))
                else:
                    done.append(await session.again())
                if done[-1].failure and done[-1].failure.startswith("no answer"):
                    return
    except (WebSocketException, OSError, TimeoutError) as problem:
        done.append(Rerun("connection", 0.0, f"{type(problem).__name__}: {problem}"))


async def load(server: Server, sessions: int, think: float, seconds: float, pages: Sequence[str]) -> Load:
    """So many sessions for so many seconds; each makes at most three times the reruns that its thinking allows for."""
    done: list[Rerun] = []
    most = math.ceil(3 * seconds / think) + 3
    start = time.monotonic()
    before = server.cpu(), _cpu_here(), _cpu_of_machine()
    await asyncio.gather(
        *(_visit(server.port, number, think, start + seconds, most, pages, done) for number in range(1, sessions + 1))
    )
    wall = time.monotonic() - start
    cpu, here, machine = (
        now - then for now, then in zip((server.cpu(), _cpu_here(), _cpu_of_machine()), before, strict=True)
    )
    others = max(0.0, machine - cpu - here) / (wall * (os.cpu_count() or 1))
    return Load(sessions, done, wall, cpu, here, others, *server.megabytes())


@dataclass(frozen=True)
class Measured:
    """Everything about one store."""

    persons: int
    alone: Alone
    loads: Sequence[Load]


def measure(
    store: Path,
    persons: int,
    sessions: Sequence[int],
    *,
    think: float = 5.0,
    seconds: float = 40.0,
    pages: Sequence[str] = tuple(PAGES),
    tell: Callable[[str], None] = print,
) -> Measured:
    """First openings, reruns alone, then each number of sessions, on one fresh server; tells as it goes."""
    users = [user(number) for number in range(max((*sessions, 1)) + 1)]
    with serving(store, users) as server:
        lonely = asyncio.run(alone(server, pages))
        for line in told_alone(persons, lonely):
            tell(line)
        loads = []
        for many in sessions:
            pause = min(think, _THINK_ALONE) if many == 1 else think
            loads.append(asyncio.run(load(server, many, pause, seconds, pages)))
            for line in told_load(persons, loads[-1], pause):
                tell(line)
        if lonely.failures or any(one.failures for one in loads):
            tell("the server said:\n" + server.log.read_text(encoding="utf-8", errors="replace")[-3000:])
    return Measured(persons, lonely, loads)


# Telling


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share does not exceed, by nearest rank."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _failed(reruns: Sequence[Rerun]) -> Iterator[str]:
    counted = Counter(f"{one.page}: {one.failure}" for one in reruns)
    if counted:
        yield "  FAILURES, so the times above are worth nothing:"
        for what, often in counted.most_common(10):
            yield f"    {often} x {what[:300]}"


def told_alone(persons: int, found: Alone) -> Iterator[str]:
    """First openings and reruns alone, page by page."""
    yield (
        f"{persons:,} persons, one session, nothing else going on, in ms (aim of a first opening"
        f" {_FIRST_AIM * 1000:.0f}):"
    )
    first = {one.page: one.seconds for one in found.first}
    for page, reruns in found.again.items():
        times = [one.seconds * 1000 for one in reruns]
        yield (
            f"  {page:9} first opening {first[page] * 1000:6.0f} (server CPU {found.first_cpu[page] * 1000:5.0f}),"
            f" rerun {statistics.median(times):5.0f} (most {max(times):5.0f}),"
            f" server CPU {found.cpu[page] * 1000:4.0f} per rerun"
        )
    yield from _failed(found.failures)


def told_load(persons: int, found: Load, think: float) -> Iterator[str]:
    """One number of sessions: all reruns, then page by page."""
    times = [one.seconds * 1000 for one in found.reruns]
    if not times:
        yield f"{persons:,} persons, {found.sessions} sessions: no rerun in the time"
        return
    aims = _AIMS.get(found.sessions)
    aim = f" (aim {aims[persons > _SMALL]})" if aims else ""
    yield (
        f"{persons:,} persons, {found.sessions} sessions, think {think:g} s: {len(times)} reruns in {found.wall:.0f} s,"
        f" {len(found.failures)} failures; p50 {percentile(times, 0.5):.0f} ms,"
        f" p95 {percentile(times, 0.95):.0f} ms{aim}, max {max(times):.0f} ms"
    )
    yield (
        f"  server CPU {found.cpu:.1f} s, {found.cpu / len(times) * 1000:.0f} ms per rerun,"
        f" {found.cpu / found.wall * 100:.0f} % of a core; memory {found.megabytes:.0f} MB"
        f" (most {found.peak_megabytes:.0f}); clients' CPU {found.client_cpu:.1f} s;"
        f" others had {found.others * 100:.0f} % of the machine"
    )
    for page in (*PAGES, "connection"):
        of_page = [one.seconds * 1000 for one in found.reruns if one.page == page]
        if of_page:
            yield (
                f"  {page:9} {len(of_page):4} reruns, p50 {percentile(of_page, 0.5):5.0f},"
                f" p95 {percentile(of_page, 0.95):5.0f}, max {max(of_page):5.0f}"
            )
    yield from _failed(found.failures)


def told_growth(small: Measured, large: Measured) -> Iterator[str]:
    """How much slower each page's rerun is for more persons."""
    aim = _TIMES_TEN_MILLION if large.persons >= 10_000_000 else _TIMES
    for page in large.alone.again:
        fast, slow = (statistics.median(one.seconds for one in of.alone.again[page]) * 1000 for of in (small, large))
        cheap, dear = small.alone.cpu[page] * 1000, large.alone.cpu[page] * 1000
        yield (
            f"rerun of {page}: {slow:.0f} ms with {large.persons:,} persons, {fast:.0f} ms with {small.persons:,},"
            f" ratio {slow / fast:.2f} (aim {aim:g}); server CPU {dear:.0f} ms and {cheap:.0f} ms"
        )


def compare(folder: Path, known: Mapping[int, Path], persons: int, *, ten_million: bool = False) -> None:
    """What `make bench` measures of sessions: the usual company, the large one, and both beside a small one."""
    found: dict[int, Measured] = {}
    wanted: dict[int, Sequence[int]] = {1_000: (), 5_000: (1, 25, 50), persons: (25, 50)}
    if ten_million:
        wanted[10_000_000] = (25,)
    for size, sessions in wanted.items():
        store = known.get(size) or stores.made(folder, size)
        found[size] = measure(store, size, sessions)
    for size, of in found.items():
        if size > 5_000:
            for line in told_growth(found[1_000], of):
                print(line)
            aim = "3,000" if size >= 10_000_000 else "1,200"
            print(f"memory of the server with {size:,} persons and 25 sessions: {of.loads[0].megabytes:.0f} MB,"
                  f" most {of.loads[0].peak_megabytes:.0f} MB (aim {aim})")  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """One store, as many sessions as asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench load")
    parser.add_argument("--sessions", type=int, nargs="*", default=[25], help="one run for each number")
    parser.add_argument("--think", type=float, default=5.0, help="mean seconds between an answer and the next click")
    parser.add_argument("--seconds", type=float, default=40.0, help="how long each run lasts")
    parser.add_argument("--persons", type=int, default=5_000, help="how many are made, or are in the given store")
    parser.add_argument("--store", type=Path, help="a store that is there, instead of one made for this run")
    parser.add_argument("--pages", nargs="*", choices=list(PAGES), default=list(PAGES))
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        store = given.store.resolve() if given.store else stores.made(Path(name), given.persons)
        found = measure(
            store, given.persons, given.sessions, think=given.think, seconds=given.seconds, pages=given.pages
        )
    return 1 if found.alone.failures or any(one.failures for one in found.loads) else 0
