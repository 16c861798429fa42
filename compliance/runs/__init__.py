"""The register's rows of intake: at most one run at a time, its progress and its result, for whoever looks.

A run is queued, claimed in one statement, and ended once. A run whose process died is buried by the next one.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from uuid import uuid4

import sqlalchemy as sa

from compliance import ledger
from compliance.register.engine import writing
from compliance.register.lock import AtWork, at_work
from compliance.runs.tables import State, Step, intake_run
from compliance.words.processes import lives
from compliance.words.refusal import Refused
from compliance.words.settings import ROOT

Clock = Callable[[], dt.datetime]

# A run that has said nothing for so long is dead if its process is gone too, and after the longer time in any
# case: its process number may belong to another program by then, and a run that wakes up cannot end any more.
SILENT = dt.timedelta(minutes=2)
LOST = dt.timedelta(minutes=30)
_HEARTBEAT_SECONDS = 10.0


@dataclass(frozen=True)
class RunRow:
    """A run as the register knows it. `result` is JSON of compliance.intake.run.Result once it has ended."""

    run_id: str
    state: State
    step: Step
    share: float
    started_at: dt.datetime
    heartbeat_at: dt.datetime
    ended_at: dt.datetime | None
    process: int | None
    build_id: int | None
    result: str
    # Whether its process, on whatever host, is known to be at it.
    is_at_work: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in (State.DONE, State.REFUSED, State.FAILED)


class TakenOver(Exception):
    """Another run has taken this one for dead; it must not change anything any more."""


def log_fault(log: logging.Logger, what: str, error: Exception) -> None:
    """Logs that something failed, and where: the message of an error may quote a row, so it is left out.

    Of a refusal, whose reason whoever asked is told in words, no more than its code.
    """
    if isinstance(error, Refused):
        log.warning("%s refused: %s", what, error.code)
        return
    places = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", what, type(error).__name__, places)


def start_process(module: str, *arguments: str) -> None:
    """Runs `python -m module arguments` as a process that outlives the page."""
    process = subprocess.Popen(  # noqa: S603 - module and arguments are the callers' own words and numbers
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    # An ended child that nobody waited for would still look alive.
    threading.Thread(target=process.wait, name=f"{module}-wait", daemon=True).start()


def queue(register: sa.Engine, author: ledger.Author | None, now: dt.datetime, kind: str = "intake") -> str:
    """Enters a run and returns its id; `kind` is intake or purge."""
    # Without dashes: the ledger takes some digits around a dash for a personnummer.
    run_id = uuid4().hex
    with writing(register) as connection:
        connection.execute(
            sa.insert(intake_run).values(
                run_id=run_id,
                kind=kind,
                state=State.QUEUED,
                step=Step.WAITING,
                share=0.0,
                started_at=now,
                heartbeat_at=now,
                actor=author.pseudonym if author else None,
                result="{}",
            )
        )
    return run_id


def claim(register: sa.Engine, run_id: str, now: dt.datetime) -> None:
    """Makes a queued run the running one. Raises Refused `intake_running` while another one is alive.

    Runs that died are marked failed first.
    """
    try:
        with writing(register) as connection:
            _bury(connection, run_id, now)
            other = intake_run.alias("other")
            claimed = connection.execute(
                sa.update(intake_run)
                .where(
                    intake_run.c.run_id == run_id,
                    intake_run.c.state == State.QUEUED,
                    ~sa.exists().where(other.c.state == State.RUNNING),
                )
                .values(state=State.RUNNING, step=Step.READING, heartbeat_at=now, process=os.getpid())
            ).rowcount
            if not claimed:
                # It still waits, and is not dead.
                connection.execute(
                    sa.update(intake_run)
                    .where(intake_run.c.run_id == run_id, intake_run.c.state == State.QUEUED)
                    .values(heartbeat_at=now, process=os.getpid())
                )
    except sa.exc.IntegrityError:
        # Two claims at the same instant on PostgreSQL: the unique index lets one of them through.
        claimed = 0
    if not claimed:
        raise Refused("intake_running")


def alive(register: sa.Engine, now: dt.datetime) -> RunRow | None:
    """The run that is running now, if there is one and it is not dead."""
    with register.connect() as connection:
        for row in _rows(connection, intake_run.c.state == State.RUNNING):
            if not _dead(row, now):
                return row
    return None


def find(register: sa.Engine, run_id: str) -> RunRow | None:
    """The run of that id."""
    with register.connect() as connection:
        return next(iter(_rows(connection, intake_run.c.run_id == run_id)), None)


def latest(register: sa.Engine, count: int) -> list[RunRow]:
    """The last runs of intake, newest first."""
    with register.connect() as connection:
        return _rows(connection, intake_run.c.kind == "intake", count)


def dead(row: RunRow, now: dt.datetime) -> bool:
    """Whether a run that has not ended never will."""
    return not row.ended and _dead(row, now)


def refuse(register: sa.Engine, run_id: str, code: str, now: dt.datetime) -> None:
    """Ends a run that never began, with why."""
    with writing(register) as connection:
        connection.execute(
            sa.update(intake_run)
            .where(intake_run.c.run_id == run_id, intake_run.c.state == State.QUEUED)
            .values(
                state=State.REFUSED,
                step=Step.ENDED,
                ended_at=now,
                result=json.dumps({"refused": {"code": code}}),
            )
        )


def end(
    connection: sa.Connection, run_id: str, state: State, result: str, build_id: int | None, now: dt.datetime
) -> None:
    """Ends the run in the caller's transaction. Raises TakenOver where it is not this process's any more."""
    ended = connection.execute(
        sa.update(intake_run)
        .where(
            intake_run.c.run_id == run_id,
            intake_run.c.state == State.RUNNING,
            intake_run.c.process == os.getpid(),
        )
        .values(
            state=state,
            step=Step.ENDED,
            share=1.0,
            ended_at=now,
            heartbeat_at=now,
            result=result,
            build_id=build_id,
        )
    ).rowcount
    if not ended:
        raise TakenOver(run_id)


def end_all(connection: sa.Connection, now: dt.datetime) -> None:
    """No run of a register that was brought back is under way."""
    under_way = intake_run.c.state.in_([State.QUEUED, State.RUNNING])
    connection.execute(sa.update(intake_run).where(under_way).values(state=State.FAILED, ended_at=now))


class Progress:
    """Tells the register how far a run has come, and that it lives. Use as a context manager."""

    def __init__(self, register: sa.Engine, run_id: str, clock: Clock) -> None:
        self._register = register
        self._run_id = run_id
        self._clock = clock
        self._step = Step.READING
        self._share = 0.0
        self._told = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._unheard = False
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._beating = threading.Thread(target=self._beat, name="intake-heartbeat", daemon=True)
        self._at_work = AtWork(register, run_id)

    def __enter__(self) -> Progress:
        self._at_work.keep()
        self._beating.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._beating.join()
        self._at_work.end()

    def __call__(self, step: Step, share: float) -> None:
        """Says where the run stands; `share` is of the whole run. Writes at most twice a second."""
        changed = step is not self._step
        self._step, self._share = step, min(max(share, self._share), 1.0)
        # Nobody works faster for waiting with each word for a register that does not answer: the heartbeat does.
        if not self._unheard and (changed or self._clock() - self._told > dt.timedelta(seconds=0.5)):
            self._tell()

    def _beat(self) -> None:
        # One statement may take minutes, in which nobody calls.
        while not self._stop.wait(_HEARTBEAT_SECONDS):
            self._at_work.keep()
            self._tell()

    def _tell(self) -> None:
        with self._lock:
            self._unheard = True
            # A register that does not answer for a while stops no run: what a run comes to must be written, not this.
            with suppress(Refused), writing(self._register) as connection:
                self._told = self._clock()
                connection.execute(
                    sa.update(intake_run)
                    .where(intake_run.c.run_id == self._run_id, intake_run.c.state == State.RUNNING)
                    .values(step=self._step, share=self._share, heartbeat_at=self._told)
                )
                self._unheard = False


def _bury(connection: sa.Connection, own: str, now: dt.datetime) -> None:
    open_states = intake_run.c.state.in_([State.QUEUED, State.RUNNING])
    for row in _rows(connection, sa.and_(open_states, intake_run.c.run_id != own)):
        if _dead(row, now):
            connection.execute(
                sa.update(intake_run)
                .where(intake_run.c.run_id == row.run_id)
                .values(
                    state=State.FAILED,
                    step=Step.ENDED,
                    ended_at=now,
                    result=json.dumps({"refused": {"code": "intake_died"}}),
                )
            )
            ledger.append(
                connection,
                ledger.Event.INTAKE_FAILED,
                author=None,
                now=now,
                details={"run": row.run_id, "reason": "intake_died"},
            )


def _dead(row: RunRow, now: dt.datetime) -> bool:
    silent = now - row.heartbeat_at
    if row.is_at_work:
        # Whatever the clocks of two hosts make of it.
        return silent > LOST
    # Whoever was heard of in the future was so before the clock was set back: how long ago, nobody can tell any more.
    doubtful = abs(silent) > SILENT
    return silent > LOST or (doubtful and not (row.process is not None and lives(row.process)))


def _rows(connection: sa.Connection, condition: sa.ColumnElement[bool], count: int | None = None) -> list[RunRow]:
    found = (
        connection.execute(
            sa.select(intake_run)
            .where(condition)
            # Builds are numbered as they are made: of two runs that began in one instant the later build is the newer.
            .order_by(intake_run.c.started_at.desc(), intake_run.c.build_id.desc().nulls_last(), intake_run.c.run_id)
            .limit(count)
        )
        .mappings()
        .all()
    )
    at_it = at_work(connection, [row["run_id"] for row in found if row["state"] == State.RUNNING])
    return [
        RunRow(
            row["run_id"],
            State(row["state"]),
            Step(row["step"]),
            row["share"],
            row["started_at"],
            row["heartbeat_at"],
            row["ended_at"],
            row["process"],
            row["build_id"],
            row["result"],
            row["run_id"] in at_it,
        )
        for row in found
    ]
