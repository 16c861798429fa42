"""Carries a batch out: claims the place of the one who writes builds, decides again, writes the new build, proves it,
and changes the register in one transaction; then wipes what is left and turns to the source systems.

Until that transaction nothing has happened: whoever is killed before it leaves a batch that another run carries out.
After it everything has happened, and what is still to be done (old files, evidence, sources) is done again by the
next run, since each of those steps may be repeated.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import logging
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from compliance import builds, evidence, ledger, runs, wipe
from compliance.access.at import At, at_command
from compliance.bridge import verbs as bridge
from compliance.builds import vault
from compliance.controls import state as controls
from compliance.evidence import receipts
from compliance.holds.along import take_along
from compliance.identity import along as identity_along
from compliance.marks import along as marks_along
from compliance.purge import along, asks, batches, tables, verbs
from compliance.purge.batches import Batch
from compliance.purge.rewrite import RewriteOrder, Writer, Writing
from compliance.purge.select import Search, Selection
from compliance.purge.tables import State, Stays
from compliance.reading import copy
from compliance.reading.copy import Facts, Reading
from compliance.reading.tracer import Tracer
from compliance.rectification import along as rectification_along
from compliance.register.engine import writing
from compliance.requests import along as requests_along
from compliance.requests import asks as requests_asks
from compliance.requests import rest
from compliance.requests import verbs as requests_verbs
from compliance.requests.steps import Decided
from compliance.requests.tables import Outcome
from compliance.runs import Clock, Progress, TakenOver
from compliance.runs import tables as runs_tables
from compliance.runs.tables import Step
from compliance.sources import tasks as sources
from compliance.sources.catalogue import Catalogue, catalogue_of
from compliance.suppression import entries as suppression_entries
from compliance.suppression import verbs as suppression_verbs
from compliance.words import disks, keys
from compliance.words import settings as settings_of
from compliance.words.deadlines import STOCKHOLM, add_months, backup_gone_on
from compliance.words.files import private
from compliance.words.keys import Key
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Permission

_log = logging.getLogger(__name__)
# How often what people do meanwhile may make a run begin again before it gives the batch back.
_TRIES = 5
_CONTROLS = 10
# Of them controls are made: no number or digest of the purged lies in one by chance, which would be taken for them.
_CONSONANTS = "ghjkmnpqrstvwxz"
# Bytes that were compressed or encrypted hold what is shorter without meaning it.
_NOT_BY_CHANCE = 12
# What a purge writes before the old build goes, measured in old builds: the new one, what survives, and the twin, which
# is not compressed.
_SIZES = 4
# Who writes a new build: a process that never read the old one. Only tests of what does not depend on that, and are
# many, take another.
new_writer: Callable[[], Writing] = Writer


@dataclass(frozen=True)
class Proof:
    """What was counted and searched for after the new build was written."""

    deleted: int
    rows_left: int
    strings_searched: int
    strings_found: int
    control_searched: int
    control_found: int
    bytes_searched: int

    @property
    def holds(self) -> bool:
        """Whether nothing was found, and the search would have found something."""
        return self.rows_left == 0 and self.strings_found == 0 and self.control_found == self.control_searched


@dataclass(frozen=True)
class _Going:
    """What goes and what stays of a batch, as decided for this execution; `kept` is what was decided to stay of the
    requests that it answers.
    """

    rows: tuple[asks.Doomed, ...]
    facts: Facts
    reading: Reading
    kept: tuple[tuple[str, str, str, str], ...]

    @property
    def going(self) -> list[asks.Doomed]:
        return [row for row in self.rows if row.stays is None]


@dataclass(frozen=True)
class _Made:
    """What the final transaction needs of the new build."""

    build: builds.Build
    entries: list[dict[str, Any]]
    source_keys: Mapping[str, list[str]]
    key: Key
    proof: Proof
    persons_gone: int
    before: builds.Build
    answered: Sequence[_Answered]


@dataclass(frozen=True)
class _Answered:
    """A request that the batch answers: how many entries its persons had and have left, and how many of those stay by
    the law or as was decided; `by_law` is what the law keeps without that anybody has decided so.
    """

    source: str
    reference: str
    stored: int
    left: int
    settled: int
    by_law: Sequence[Decided]


@dataclass(frozen=True)
class _Done:
    """What the final transaction has done, as the receipt says it: `raw` and `quarantine` are files to be removed."""

    outcomes: Sequence[Mapping[str, Any]]
    counts: Mapping[str, int]
    closed: int
    raw: int
    quarantine: int


def submit(at: At, reading: Reading, batch_id: int, *, word: str, number: int) -> Batch:
    """Claims an approved batch and starts its execution in a process of its own; the batch's state tells how it goes.

    Raises what compliance.purge.verbs.claim raises, and what `wipe_left` raises.
    """
    at.require(Permission.EXECUTE_PURGE)
    # Whether the keys are there, and nothing of an earlier purge is, is asked before anything is claimed.
    keys.suppression(at.settings)
    keys.signing(at.settings)
    vault.check(at.settings)
    wipe_left(at)
    run_id = runs.queue(at.register, at.author, at.now, kind="purge")
    try:
        batch = verbs.claim(at, reading, batch_id, run_id, word=word, number=number)
    except Refused as refused:
        runs.refuse(at.register, run_id, refused.code, at.now)
        raise
    start(batch_id)
    return batch


def start(batch_id: int) -> None:
    """Carries a claimed batch out in a fresh process that outlives the page."""
    runs.start_process("compliance.purge", "run", str(batch_id))


def begun_by(at: At, batch_id: int) -> bool:
    """Whether it is who acts who began what is being carried out, or was.

    Raises Refused `not_allowed`, `batch_unknown`.
    """
    actor = at.require(Permission.EXECUTE_PURGE)
    batch = batches.find(at.register, batch_id)
    return batch.executed_by == actor.pseudonym and batch.state in (State.EXECUTING, *tables.EXECUTED)


def progress(register: sa.Engine, batch: Batch) -> runs.RunRow | None:
    """How the run of a batch goes."""
    return runs.find(register, batch.run_id) if batch.run_id else None


def interrupted(register: sa.Engine, batch: Batch, now: dt.datetime) -> bool:
    """Whether a batch is being carried out by nobody, since its process died."""
    row = progress(register, batch)
    return batch.state is State.EXECUTING and (row is None or row.ended or runs.dead(row, now))


def refuse_at_work(register: sa.Engine, batch: Batch, now: dt.datetime) -> None:
    """Raises Refused `batch_at_work`, with when that can be told, while the process of a batch may be alive."""
    if interrupted(register, batch, now):
        return
    row = progress(register, batch)
    heard = row.heartbeat_at if row else now
    told = {"heard": heard, "later": heard + runs.SILENT}
    clock = {name: f"{moment.astimezone(STOCKHOLM):%Y-%m-%d %H:%M:%S}" for name, moment in told.items()}
    raise Refused("batch_at_work", batch=str(batch.batch_id), **clock)


def resume(register: sa.Engine, batch_id: int, now: dt.datetime) -> None:
    """Gives a batch whose process died to a new run. Raises Refused `batch_not_interrupted`."""
    batch = batches.find(register, batch_id)
    if not interrupted(register, batch, now):
        raise Refused("batch_not_interrupted")
    run_id = runs.queue(register, None, now, kind="purge")
    verbs.take_over(register, batch_id, batch.run_id or "", run_id, now)


def go_on(at: At, batch_id: int) -> None:
    """Carries on, in a process of its own, with a batch whose process died.

    Raises Refused `not_allowed` or `batch_not_interrupted`.
    """
    at.require(Permission.EXECUTE_PURGE)
    resume(at.register, batch_id, at.now)
    start(batch_id)


def unwiped(settings: Settings, register: sa.Engine, batch: Batch) -> bool:
    """Whether a batch was carried out, and the files that it has left are not all wiped yet."""
    return batch.batch_id in evidence.unwiped(settings, register)


def wipe_left(at: At) -> None:
    """Wipes what earlier purges have left. Raises Refused `not_allowed`, and what compliance.wipe.settle does."""
    at.require(Permission.EXECUTE_PURGE)
    wipe.settle(at.settings, at.register, at.now)


def receipt(at: At, batch_id: int, form: str, language: str) -> bytes:
    """A batch's receipt as `json` or as a page to print (`html`); that it was fetched is recorded.

    Raises Refused `not_allowed`, `batch_unknown`, or `receipt_missing` where the batch was not carried out here.
    """
    at.require(Permission.SEE_BATCHES)
    batch = batches.find(at.register, batch_id)
    if batch.receipt is None:
        raise Refused("receipt_missing", batch=str(batch_id))
    with writing(at.register) as connection:
        ledger.append(
            connection, ledger.Event.RECEIPT_READ, author=at.author, now=at.now,
            details={"batch": batch_id, "form": form},
        )  # fmt: skip
    if form == "json":
        return batch.receipt.encode()
    return receipts.to_html(receipts.Receipt.model_validate_json(batch.receipt), language).encode()


def carry_out(settings: Settings, register: sa.Engine, batch_id: int, clock: Clock) -> Batch:
    """Carries out a batch that was claimed; returns it as it is afterwards.

    Raises Refused `intake_running` while another run makes a build (the batch stays claimed and may be tried again),
    `batch_not_executing` where it was not claimed, and TakenOver where another run took this one for dead. What else
    goes wrong gives the batch back, approved as it was, and is raised. What `follow_up` raises comes after the purge.
    """
    batch = batches.find(register, batch_id)
    if batch.state is not State.EXECUTING or batch.run_id is None:
        raise Refused("batch_not_executing")
    runs.claim(register, batch.run_id, clock())
    try:
        with Progress(register, batch.run_id, clock) as tell, _uncollected():
            _Execution(settings, register, batch, clock, tell).carry_out()
    except TakenOver:
        raise
    except Exception as error:
        # First, since a full disk has no room else for what follows.
        vault.shred_all(_workdir(settings, batch))
        of_disk = None if isinstance(error, Refused) else disks.refused(error, settings.store)
        told = of_disk or error
        reason = told.code if isinstance(told, Refused) else "purge_failed"
        runs.log_fault(_log, f"purge of batch {batch_id}", told)
        _stop(register, batch, reason, clock())
        if of_disk is not None:
            raise of_disk from error
        raise
    finally:
        vault.shred_all(_workdir(settings, batch))
    follow_up(settings, register, batch_id, clock)
    return batches.find(register, batch_id)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for objects that hold each other meanwhile: of the rows of a batch none do, and to look through
    a hundred thousand of them again and again is a tenth of a purge's time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def follow_up(settings: Settings, register: sa.Engine, batch_id: int, clock: Clock) -> None:
    """What comes after a purge and may be repeated: wipe the old files, keep the evidence, turn to the sources.

    The sources are turned to whatever became of the files. Raises what compliance.wipe.settle does.
    """
    try:
        wipe.settle(settings, register, clock())
    finally:
        sources.carry_out(register, batch_id, catalogue_of(settings, register), os.environ, clock)


def _stop(register: sa.Engine, batch: Batch, reason: str, now: dt.datetime) -> None:
    with writing(register) as connection:
        current = batches.find_in(connection, batch.batch_id)
        if current.state is State.EXECUTING and current.run_id == batch.run_id:
            _end_run(connection, batch, reason, now)
            builds.fail_unfinished(connection)
            verbs.give_back(connection, current, _author(batch), now, reason=reason)


def _end_run(connection: sa.Connection, batch: Batch, reason: str, now: dt.datetime) -> None:
    told = json.dumps({"refused": {"code": reason}})
    runs.end(connection, str(batch.run_id), runs_tables.State.FAILED, told, None, now)


def _author(batch: Batch) -> ledger.Author | None:
    return ledger.Author(batch.executed_by, batch.executed_role) if batch.executed_by and batch.executed_role else None


def _workdir(settings: Settings, batch: Batch) -> Path:
    return settings.work / str(batch.run_id)


class _Execution:
    def __init__(self, settings: Settings, register: sa.Engine, batch: Batch, clock: Clock, tell: Progress) -> None:
        self._settings = settings
        self._register = register
        self._batch = batch
        self._clock = clock
        self._tell = tell
        self._author = _author(batch)
        self._begun = at_command(settings, register, clock())
        self._parameters = self._begun.parameters
        self._catalogue: Catalogue = catalogue_of(settings, register)

    def carry_out(self) -> None:
        keys.signing(self._settings)
        wipe.settle(self._settings, self._register, self._clock())
        builds.recover(self._settings, self._register)
        for _ in range(_TRIES):
            with new_writer() as writer:
                decided = self._decide()
                if decided is None:
                    return
                made = self._make(decided, writer) if decided.going else None
            with builds.or_nothing(self._register, made.build) if made else nullcontext():
                settled = self._settle(decided, made)
            if settled:
                return
            # Somebody placed a hold, or a request came or went, while the build was written.
            if made is not None:
                with writing(self._register) as connection:
                    builds.abandon(connection, made.build.build_id)
                vault.shred(made.build.path)
        raise Refused("facts_keep_changing")

    def _decide(self) -> _Going | None:
        """The same statement as the preview's, today. None where the rules have changed: the batch goes back; and where
        the approval is no longer good, since whoever goes on after a run that died may come late: the batch ends.
        """
        self._tell(Step.CHOOSING, 0.02)
        at = self._begun.again(self._clock())
        if self._batch.approved_until is not None and self._batch.approved_until < at.today:
            with writing(self._register) as connection:
                _end_run(connection, self._batch, "approval_expired", at.now)
                verbs.expire_one(connection, self._batch.batch_id, at.now)
            return None
        with self._register.connect() as connection:
            facts = copy.facts_of(connection)
            items = batches.items(connection, self._batch.batch_id)
            batches.require_unaltered(self._batch, items)
            answered = batches.answered(connection, self._batch.batch_id)
            kept = rest.stays(connection, answered, at.today)
        reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
        if reading is None:
            raise Refused("build_missing")
        if self._batch.policy_digest != at.policy.digest:
            with writing(self._register) as connection:
                _end_run(connection, self._batch, "policy_changed", at.now)
            verbs.back_to_preview(at, reading, self._batch, self._author)
            return None
        with reading.choosing(keys.pseudonyms(self._settings), items, answered, kept) as choice:
            choice.decide(self._batch.kind)
            rows = choice.rows(asks.PURGE_DOOMED)
        return _Going(tuple(rows), facts, reading, kept)

    def _make(self, decided: _Going, writer: Writing) -> _Made:
        """Writes the new build and proves that what goes is not in it. Raises Refused `proof_failed`."""
        folder = _workdir(self._settings, self._batch)
        # An attempt that the facts overtook has left its own.
        vault.shred_all(folder)
        private(self._settings.work)
        private(folder)
        private(folder / "survivors")
        private(folder / "spill")
        key = keys.suppression(self._settings)[0]
        private(self._settings.builds)
        with self._register.connect() as connection:
            before = builds.at_hand(self._settings, connection)
        if before is None:
            raise Refused("build_missing")
        disks.need(self._settings.builds, _SIZES * before.path.stat().st_size)
        with writing(self._register) as connection:
            fresh = builds.begin(self._settings, connection, str(self._batch.run_id), self._clock())
        with builds.or_nothing(self._register, fresh):
            return self._write(decided, writer, key, before, fresh)

    def _write(self, decided: _Going, writer: Writing, key: Key, before: builds.Build, fresh: builds.Build) -> _Made:
        """The new build from what survives of the old one."""
        folder = _workdir(self._settings, self._batch)
        survivors, spill = folder / "survivors", folder / "spill"
        control = tuple("".join(secrets.choice(_CONSONANTS) for _ in range(24)) for _ in range(_CONTROLS))
        asked = decided.reading.rows(requests_asks.REQUEST_PERSONS, **requests_asks.ALL)
        whom = [(row.source, row.reference, row.person_id) for row in asked]
        doomed = [str(row.basis_id) for row in decided.going]
        with Selection(before, doomed, spill, whom, key=key) as selection:
            self._tell(Step.EXPORTING, 0.1)
            selection.write_survivors(survivors)
            engagements = selection.engagements()
            self._tell(Step.WRITING, 0.3)
            twin = folder / "twin.duckdb"
            order = RewriteOrder(
                survivors=survivors, path=fresh.path, key=fresh.key, twin=twin, workdir=spill, control=control,
                today=decided.reading.as_of, **self._engagements(key, engagements, decided.reading.as_of),
            )  # fmt: skip
            writer.begin(order)
            entries, source_keys = selection.suppression(), selection.source_keys()
            sought = Search([*selection.strings(), *control])
            writer.wait()
            self._tell(Step.PROVING, 0.8)
            # What vouchers may name engagements by that an earlier build still had by their keys.
            digests = [one["record_digest"] for one in order.engagements]
            proof = _prove(selection, fresh, twin, sought, control, digests)
            vault.shred(twin)
            if not proof.holds:
                raise Refused("proof_failed", rows=proof.rows_left, strings=proof.strings_found)
            builds.publish(self._settings, self._register, fresh)
            with self._register.connect() as connection:
                answered = set(batches.answered(connection, self._batch.batch_id))
                # One of whom it is still open whom it is from besides is not answered yet.
                answered -= {(row.source, row.reference) for row in asked if not row.is_sure}
                told = rest.told_of(connection, sorted(answered))
            left = selection.request_leftovers(sorted(answered))
            return _Made(
                fresh, entries, source_keys, key, proof, selection.persons_gone(), before,
                _answered(decided.reading, told, left),
            )  # fmt: skip

    def _settle(self, decided: _Going, made: _Made | None) -> bool:
        """The one transaction. False, and nothing has changed, where the facts are not those that were decided by."""
        self._tell(Step.SAVING, 0.95)
        now, batch = self._clock(), self._batch
        raw = len(wipe.raw_exports(self._settings, self._register)) if made else 0
        quarantine = len(wipe.quarantine(self._settings)) if made else 0
        found = Tracer(self._settings, made.build, made.before) if made else nullcontext()
        with found as tracer, writing(self._register) as connection:
            answered = batches.answered(connection, batch.batch_id)
            kept = rest.stays(connection, answered, decided.reading.as_of)
            if (copy.facts_of(connection), kept) != (decided.facts, decided.kept):
                return False
            outcomes = _outcomes(decided.rows)
            self._write_outcomes(connection, decided.rows)
            closed = 0
            if made is not None and tracer is not None:
                self._count_lags(connection, decided, settings_of.today(self._settings, now))
                gone = [row.basis_id for row in decided.going if row.basis_id is not None]
                bridge.take_out(connection, self._settings, gone)
                self._suppress(connection, made, now)
                sources.plan(connection, batch.batch_id, made.source_keys, self._catalogue, os.environ)
                closed = self._close_requests(connection, made, now)
                grace = dt.timedelta(days=self._parameters.hold_release_grace_days)
                forget_before = decided.reading.as_of - grace
                take_along(connection, tracer, author=self._author, now=now, forget_before=forget_before)
                for area in (identity_along, requests_along, marks_along):
                    area.take_along(connection, tracer, author=self._author, now=now, purged=True)
                rectification_along.forget_gone(connection, tracer, author=self._author, now=now)
            counts = {name: sum(row[name] for row in outcomes) for name in ("deleted", "held", "changed")}
            # What was decided is no proof of what was done: this is counted in the new build.
            counts["failed"] = counts["deleted"] - (made.proof.deleted if made else 0)
            counts["deleted"] -= counts["failed"]
            done = _Done(outcomes, counts, closed, raw, quarantine)
            receipt = self._receipt(connection, decided, made, done, now)
            digest = receipts.digest(receipt)
            connection.execute(
                sa.update(tables.batch)
                .where(tables.batch.c.batch_id == batch.batch_id)
                .values(
                    state=State.EXECUTED,
                    executed_at=now,
                    planned=len(decided.rows),
                    build_before=decided.reading.build,
                    build_after=made.build.build_id if made else decided.reading.build,
                    receipt=receipts.canonical(receipt).decode(),
                    receipt_digest=digest,
                    **counts,
                )
            )
            along.forget_done(connection, tracer)
            sealed = evidence.enter(connection, batch.batch_id)
            ledger.append(
                connection, ledger.Event.BATCH_EXECUTED, author=self._author, now=now,
                build=made.build.build_id if made else decided.reading.build,
                details={
                    "batch": batch.batch_id, "uid": batch.uid, "receipt": digest, "planned": len(decided.rows),
                    "persons_gone": made.persons_gone if made else 0, **counts, **sealed,
                },
            )  # fmt: skip
            purges = builds.purges(connection)
            if made is not None:
                builds.make_current(connection, made.build.build_id, author=self._author, now=now, purged=purges)
            else:
                builds.lacks(connection, decided.reading.build, purges)
            runs.end(
                connection, str(batch.run_id), runs_tables.State.DONE, "{}",
                made.build.build_id if made else decided.reading.build, now,
            )  # fmt: skip
        return True

    def _engagements(self, key: Key, entries: Sequence[Mapping[str, Any]], today: dt.date) -> dict[str, Any]:
        """The erased engagements that vouchers may hang on, those of this purge included, and the keys they need."""
        with self._register.connect() as connection:
            known = suppression_entries.load(self._settings, connection, today)
        rows = known.rows.to_pylist() if known else []
        rows += [{**entry, "key_id": key.key_id, "erased_on": today, "expires_on": today} for entry in entries]
        spans = [row for row in rows if row["relation_started_on"] or row["relation_ended_on"]]
        if not spans:
            return {}
        secrets_of = {one.key_id: one.secret.hex() for one in (key, *(known.keys if known else ()))}
        return {"engagements": spans, "keys": tuple(secrets_of.items())}

    def _write_outcomes(self, connection: sa.Connection, rows: Sequence[asks.Doomed]) -> None:
        """Says of the entries that stayed why they did; those that went are forgotten."""
        item = tables.batch_item
        staying = [
            {"its_key": row.basis_key, "its_outcome": _outcome(row.stays), "its_reason": row.stays}
            for row in rows
            if row.stays is not None
        ]
        if staying:
            connection.execute(
                sa.update(item)
                .where(item.c.batch_id == self._batch.batch_id, item.c.basis_key == sa.bindparam("its_key"))
                .values(outcome=sa.bindparam("its_outcome"), reason=sa.bindparam("its_reason")),
                staying,
            )

    def _count_lags(self, connection: sa.Connection, decided: _Going, today: dt.date) -> None:
        """Keeps how long after their last lawful day entries go: of the entries themselves nothing is kept."""
        lags = Counter(
            (row.category, None if row.deadline_on is None else (today - row.deadline_on).days) for row in decided.going
        )
        if lags:
            connection.execute(
                sa.insert(tables.batch_lag),
                [
                    {"batch_id": self._batch.batch_id, "category": category, "days": days, "entries": entries}
                    for (category, days), entries in lags.items()
                ],
            )

    def _suppress(self, connection: sa.Connection, made: _Made, now: dt.datetime) -> None:
        today = settings_of.today(self._settings, now)
        common = {
            "batch_id": self._batch.batch_id,
            "key_id": made.key.key_id,
            "erased_on": today,
            "expires_on": add_months(today, self._parameters.suppression_months),
        }
        suppression_verbs.enter(connection, [{**common, **entry} for entry in made.entries])

    def _close_requests(self, connection: sa.Connection, made: _Made, now: dt.datetime) -> int:
        """Closes the requests whose persons are gone, and in part those of whom all that is left stays by the law or as
        was decided.

        One of whom something else is left stays open, with its contact; of what went, it is told that it did.
        """
        closed = 0
        today = settings_of.today(self._settings, now)
        for one in made.answered:
            if one.left == one.stored:
                continue
            closed += requests_verbs.carried_out(
                connection, one.source, one.reference, outcome=Outcome.PARTIAL if one.left else Outcome.DONE,
                is_over=one.left <= one.settled, by_law=one.by_law, batch_id=self._batch.batch_id, today=today,
                author=self._author, now=now,
            )  # fmt: skip
        return closed

    def _receipt(
        self, connection: sa.Connection, decided: _Going, made: _Made | None, done: _Done, now: dt.datetime
    ) -> receipts.Receipt:
        batch, counts, outcomes = self._batch, done.counts, done.outcomes
        last = ledger.last(connection)
        proof = made.proof if made else Proof(0, 0, 0, 0, 0, 0, 0)
        today = settings_of.today(self._settings, now)
        return receipts.Receipt(
            uid=batch.uid,
            batch=batch.batch_id,
            kind=batch.kind.value,  # type: ignore[arg-type]
            proposed=receipts.Step(pseudonym=batch.proposed_by, role=batch.proposed_role, at=batch.proposed_at),
            approved=_step(batch.approved_by, batch.approved_role, batch.approved_at),
            confirmed=_step(batch.confirmed_by, batch.confirmed_role, batch.confirmed_at),
            executed=receipts.Step(pseudonym=batch.executed_by, role=batch.executed_role, at=now),
            build_before=decided.reading.build,
            build_after=made.build.build_id if made else decided.reading.build,
            as_of=decided.reading.as_of,
            policy_version=batch.policy_version,
            policy_digest=batch.policy_digest,
            keys_digest=batch.digest,
            planned=len(decided.rows),
            deleted=counts["deleted"],
            held=counts["held"],
            changed=counts["changed"],
            failed=counts["failed"],
            by_category=_grouped(outcomes, "category"),
            by_source=_grouped(outcomes, "source"),
            rules=tuple(
                receipts.Rule(
                    category=category.value,
                    start_event=rule.start_event.value,
                    period=rule.period,
                    section=rule.section,
                )
                for category, rule in self._begun.policy.rules.items()
                if category.value in {row["category"] for row in outcomes}
            ),
            reasons=dict(Counter(str(row.stays) for row in decided.rows if row.stays is not None)),
            persons_gone=made.persons_gone if made else 0,
            proof=receipts.Proof(
                rows_left=proof.rows_left,
                strings_searched=proof.strings_searched,
                strings_found=proof.strings_found,
                control_searched=proof.control_searched,
                control_found=proof.control_found,
                bytes_searched=proof.bytes_searched,
                raw_files_removed=done.raw,
                quarantine_removed=done.quarantine,
            ),
            suppression_entries=len(made.entries) if made else 0,
            requests_closed=done.closed,
            sources=tuple(receipts.SourcePlan(**task) for task in sources.planned(connection, batch.batch_id)),
            backups_until=backup_gone_on(today, controls.with_told(self._parameters, controls.load(connection), today)),
            copy_in="files" if self._settings.copy_url is None else "postgresql",
            chain_seq=last.seq,
            chain_digest=last.digest,
        )


# What something keeps, whatever has changed since the approval.
_KEPT = (
    Stays.HELD, Stays.HOLD_LOST, Stays.MAYBE_HELD, Stays.RESTRICTED, Stays.MARK_LOST, Stays.MAYBE_RESTRICTED,
    Stays.STATUTORY, Stays.KEPT,
)  # fmt: skip


def _outcome(stays: str | None) -> str:
    if stays is None:
        return "deleted"
    return "held" if stays in _KEPT else "changed"


def _outcomes(rows: Sequence[asks.Doomed]) -> list[dict[str, Any]]:
    counted: Counter[tuple[str, str, str]] = Counter((row.category, row.source, _outcome(row.stays)) for row in rows)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for (category, source, outcome), number in counted.items():
        row = found.setdefault(
            (category, source),
            {"category": category, "source": source, "planned": 0, "deleted": 0, "held": 0, "changed": 0, "failed": 0},
        )
        row[outcome] += number
        row["planned"] += number
    return list(found.values())


def _grouped(outcomes: Sequence[Mapping[str, Any]], by: str) -> tuple[receipts.Row, ...]:
    found: dict[str, dict[str, int]] = {}
    for row in outcomes:
        group = found.setdefault(row[by], dict.fromkeys(("planned", "deleted", "held", "changed", "failed"), 0))
        for name in group:
            group[name] += row[name]
    return tuple(receipts.Row(name=name, **counts) for name, counts in sorted(found.items()))


def _answered(
    reading: Reading, told: Mapping[tuple[str, str], Sequence[Decided]], left: Mapping[tuple[str, str], int]
) -> list[_Answered]:
    """What becomes of requests (source, reference) by what was decided of them (`told`), where their persons have so
    many entries `left`.
    """
    entries = rest.of_each(reading.rows(requests_asks.REQUEST_ENTRIES, **requests_asks.ALL))
    return [
        _Answered(
            *one, sum(entry.bases for entry in entries[one]), number,
            rest.rest(told[one], entries[one], reading.as_of).settled,
            rest.kept_by_law(told[one], entries[one], reading.as_of),
        )
        for one, number in left.items()
    ]  # fmt: skip


def _step(pseudonym: str | None, role: str | None, at: dt.datetime | None) -> receipts.Step | None:
    return receipts.Step(pseudonym=pseudonym, role=role, at=at) if at is not None else None


def _prove(
    selection: Selection,
    fresh: builds.Build,
    twin: Path,
    sought: Search,
    control: Sequence[str],
    digests: Sequence[str],
) -> Proof:
    """Counts, and searches the twin and the build itself.

    The build itself is compressed, and encrypted but for an explicit setting: worth a look, yet its bytes prove nothing
    and do not count.
    """
    counted = selection.compare(fresh)
    in_twin, in_build = sought.of(twin), sought.of(fresh.path)
    found = in_twin.strings | {text for text in in_build.strings if len(text) >= _NOT_BY_CHANCE}
    found -= set(control)
    if found:
        # One address may be the end of another, which stays; a number may stand in a digest by chance.
        found -= selection.explained(found, digests)
    found |= selection.short_left()
    return Proof(
        deleted=counted["deleted"],
        rows_left=counted["rows_left"] + abs(counted["lost"]),
        strings_searched=len(sought.strings) - len(control),
        strings_found=len(found),
        control_searched=len(control),
        control_found=len(in_twin.strings & set(control)),
        bytes_searched=in_twin.searched,
    )
