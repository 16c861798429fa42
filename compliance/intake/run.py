"""One run of intake: exports in, one new build out, and the pointer on it; or nothing at all.

The old build stays current until one transaction of the register moves the pointer, writes the ledger and
ends the run. What a killed run leaves behind (an unfinished build, uploads, pending quarantine files) the next
run clears.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import fnmatch
import hashlib
import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from compliance import builds, evidence, ledger, runs, wipe
from compliance.access.at import at_command
from compliance.build import dates, reader
from compliance.build.builder import Builder, ExportMeta, Report, shape
from compliance.builds import tables as builds_tables
from compliance.builds import vault
from compliance.environments import along as environments_along
from compliance.holds import losses
from compliance.holds.along import take_along
from compliance.identity import along as identity_along
from compliance.identity import decisions
from compliance.intake import orders
from compliance.intake.orders import (
    Changes,
    FileOrder,
    FileResult,
    LeftAside,
    LeftOut,
    NoDataLines,
    Order,
    Refusal,
    Result,
    Taken,
)
from compliance.marks import along as marks_along
from compliance.purge import along as purge_along
from compliance.purge import batches
from compliance.purge import verbs as purge_verbs
from compliance.purge.tables import EXECUTED
from compliance.reading import copy as reading
from compliance.reading.tracer import Tracer
from compliance.rectification import along as rectification_along
from compliance.register.engine import writing
from compliance.requests import along as requests_along
from compliance.requests import later as requests_later
from compliance.requests import verbs as requests
from compliance.runs import Clock, Progress, TakenOver
from compliance.runs import tables as runs_tables
from compliance.runs.tables import State, Step
from compliance.sources import asks as sources_asks
from compliance.sources import recognise, verification
from compliance.sources import verbs as sources
from compliance.sources.catalogue import Catalogue, Dataset, catalogue_of
from compliance.sources.tables import Word
from compliance.suppression import entries as suppression_entries
from compliance.suppression import verbs as suppression
from compliance.words import disks, queries, times
from compliance.words import settings as settings_of
from compliance.words.files import private
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import RecordType

_log = logging.getLogger(__name__)
# Folders of the inbox that belong to no run are those of previews; a preview takes seconds.
_FORGOTTEN = dt.timedelta(hours=1)
# How the time of a run is shared out among its steps.
_READ, _MATCHED = 0.7, 0.95
# What a build takes that holds nobody.
_EMPTY_BUILD = 2_000_000


@dataclass(frozen=True)
class _Table:
    """One table of a file, staged and ready to be loaded."""

    dataset: Dataset
    mapping: str
    headers: Sequence[str]
    # What each column that is not read holds.
    kinds: Sequence[str]
    staged: reader.Staged
    # The number under which its rows are set aside, and its place in its file.
    aside: int
    place: int
    digest: str
    file: FileOrder


@dataclass(frozen=True)
class _Known:
    """What the current build holds of a dataset."""

    digest: str
    mapping: str
    exported_at: dt.datetime


def execute(settings: Settings, register: sa.Engine, run_id: str, order: Order, clock: Clock) -> Result:
    """Carries out a queued run and returns what came of it, which the register holds too.

    Raises Refused `intake_running` while another run is alive (the run stays queued), and TakenOver where
    another run took this one for dead. Everything else that goes wrong is in the result, and the old build
    stands.
    """
    runs.claim(register, run_id, clock())
    try:
        with Progress(register, run_id, clock) as progress:
            return _Run(settings, register, run_id, order, clock, progress).carry_out()
    except TakenOver:
        raise
    except Exception as error:
        # First, since a full disk has no room else for what follows; that it failed must be said in any case.
        with suppress(OSError):
            orders.clean(settings, run_id)
        told = error if isinstance(error, Refused) else disks.refused(error, settings.store)
        refusal = Refusal.of(told) if told else Refusal(code="intake_failed")
        runs.log_fault(_log, f"intake {run_id}", told or error)
        result = Result(refused=refusal)
        with writing(register) as connection:
            now = clock()
            runs.end(connection, run_id, State.FAILED, result.model_dump_json(), None, now)
            builds.fail_unfinished(connection)
            ledger.append(
                connection,
                ledger.Event.INTAKE_FAILED,
                author=order.author,
                now=now,
                details={"run": run_id, "reason": refusal.code, "error": type(error).__name__},
            )
        return result
    finally:
        try:
            orders.clean(settings, run_id)
        except OSError as error:
            # What came of the run stands. The next one clears it.
            runs.log_fault(_log, f"clearing after intake {run_id}", error)


def inspect(file: FileOrder, workdir: Path | None = None) -> reader.Inspection:
    """Looks at a file or a table of a source database. Raises Refused where it cannot be read, and `file_gone` for one
    that was there when it was asked for.

    What has to be unpacked stays in `workdir` for whoever stages it.
    """
    if file.url is not None:
        return reader.inspect_table(file.url.get_secret_value(), file.name)
    try:
        return reader.inspect(file.path, file.name, workdir=workdir)
    except FileNotFoundError:
        raise Refused("file_gone" if file.seen else "file_missing") from None
    except OSError as error:
        # What is unpacked is written beside what is read.
        full = disks.refused(error, workdir or file.path.parent)
        raise (full if full and full.code == "disk_full" else Refused("file_missing")) from None


def match(file: FileOrder, inspection: reader.Inspection, catalogue: Catalogue) -> list[tuple[int, Dataset | None]]:
    """For each sheet that is to be read, its number and what it is; None where nothing known fits.

    Where nothing else tells in what capacity its persons are stored, the file's own answer does.
    """
    found: list[tuple[int, Dataset | None]] = []
    for number, sheet in enumerate(inspection.sheets):
        if sheet.name is not None and sheet.name in file.skip_sheets:
            continue
        dataset = file.mappings.get(number) or _known_as(file.name, sheet, catalogue)
        if dataset is not None and file.category is not None and dataset.needs_category(sheet.headers):
            dataset = dataset.model_copy(update={"category": file.category})
        found.append((number, dataset))
    return found


def _known_as(name: str, sheet: reader.Sheet, catalogue: Catalogue) -> Dataset | None:
    """What a table is by its headers and by the name of its file; one in an archive has a name of its own."""
    if sheet.file is not None:
        return catalogue.match(sheet.file, sheet.headers) or catalogue.match(name, sheet.headers)
    return catalogue.match(name, sheet.headers, sheet.name)


def missing_columns(name: str, headers: Sequence[str], catalogue: Catalogue) -> tuple[Dataset, list[str]] | None:
    """The dataset that a file's name speaks of and the headers it lacks; None where the name says nothing."""
    for dataset in catalogue.datasets:
        if any(fnmatch.fnmatch(name.casefold(), pattern.casefold()) for pattern in dataset.files):
            fields = dataset.fields_for(headers)
            return dataset, [dataset.headers[word][0] for word in dataset.required if word not in fields]
    return None


def quarantine_file(settings: Settings, dataset: str) -> Path:
    """Where the rows of a dataset's newest export that stayed out are kept."""
    return settings.quarantine / f"{dataset}.parquet"


class _Run:
    def __init__(
        self,
        settings: Settings,
        register: sa.Engine,
        run_id: str,
        order: Order,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self._settings = settings
        self._register = register
        self._run_id = run_id
        self._order = order
        self._clock = clock
        self._progress = progress
        self._taken_in_at = clock()
        self._suppressed: suppression_entries.Entries | None = None
        # Tables that are loaded when all files have been read, each with the number of its file.
        self._waiting: list[tuple[int, _Table]] = []
        # Purges whose files were not wiped yet when this run began.
        self._unwiped: Sequence[int] = ()

    def carry_out(self) -> Result:
        catalogue = catalogue_of(self._settings, self._register, self._order.source)
        self._recover()
        with self._register.connect() as connection:
            # No purge adds to the list meanwhile: it is a run too, and one runs at a time.
            today = settings_of.today(self._settings, self._taken_in_at)
            self._suppressed = suppression_entries.load(self._settings, connection, today)
            answered = requests.answered(connection)
            moves = sources.decided_moves(connection)
        previous = self._previous()
        disks.need(self._settings.builds, self._size(previous))
        build = self._begin()
        try:
            with builds.or_nothing(self._register, build):
                result = self._make(build, previous, catalogue, answered, moves)
        except BaseException:
            with suppress(Refused, OSError):
                self._settle_quarantine()
            raise
        if result.changes is None:
            return result
        try:
            self._settle_quarantine()
            builds.remove_files(self._settings, self._register)
            evidence.refresh(self._settings, self._register, self._clock())
        except (Refused, OSError) as error:
            # All is in the copy. What is left is cleared by the next run, which says first what keeps it from that.
            runs.log_fault(_log, f"clearing after intake {self._run_id}", error)
        return result

    def _make(
        self,
        build: builds.Build,
        previous: builds.Build | None,
        catalogue: Catalogue,
        answered: Collection[tuple[str, str]],
        moves: Mapping[tuple[str, int, int], Word],
    ) -> Result:
        """Writes the build and makes it current, where there is something to take in."""
        workdir = private(orders.inbox(self._settings, self._run_id) / "work")
        report = None
        form_rows: list[dict[str, Any]] = []
        hits: list[suppression_entries.Hit] = []
        decided = self._decisions()
        with Builder(
            build.path,
            previous.path if previous else None,
            workdir,
            key=build.key,
            previous_key=previous.key if previous else None,
            suppressed=self._suppressed,
            answered=answered,
            decisions=decided,
            number=build.build_id,
            arrivals=self._may_lose(),
            accepted=[move for move, word in moves.items() if word is Word.ACCEPTED],
        ) as builder:
            files = self._take_in(builder, catalogue, known=_known(builder) if previous else {})
            taken = [table for file in files for table in file.taken]
            if taken:
                self._progress(Step.MATCHING, _READ)
                form_rows = list(builder.form_rows())
                hits = builder.suppressed_hits()
                report = builder.finish()
                self._progress(Step.SAVING, _MATCHED)
                self._write_quarantine(builder, build.build_id, [table.dataset for table in taken])
        if report is None:
            build.path.unlink(missing_ok=True)
            return self._end_without(build.build_id, files)
        build.path.chmod(0o600)
        files = self._with_overdue(build, files)
        builds.publish(self._settings, self._register, build)
        return self._move_pointer(previous, build, files, report, form_rows, hits, decided.numbers if decided else ())

    def _size(self, previous: builds.Build | None) -> int:
        """About how many bytes are written before the old build goes: measured, a first build takes three times its
        files, and a later one what the one before it took besides what is new.
        """
        files = sum(file.path.stat().st_size for file in self._order.files if file.path.is_file())
        return max((previous.path.stat().st_size if previous else _EMPTY_BUILD) + files, 3 * files)

    def _begin(self) -> builds.Build:
        """Enters the build that is to come."""
        private(self._settings.builds)
        with writing(self._register) as connection:
            build = builds.begin(self._settings, connection, self._run_id, self._clock())
            self._record(connection, ledger.Event.INTAKE_STARTED, files=len(self._order.files))
        return build

    def _take_in(self, builder: Builder, catalogue: Catalogue, known: Mapping[str, _Known]) -> list[FileResult]:
        """What became of each file, in the order's order."""
        results: dict[int, FileResult] = {}
        sizes = [max(file.path.stat().st_size, 1) if file.path.exists() else 1 for file in self._order.files]
        done = 0
        # The newest first, so that of two exports of the same data the newer one is taken.
        newest_first = sorted(enumerate(self._order.files), key=lambda one: one[1].exported_at, reverse=True)
        for number, file in newest_first:

            def tick(share: float, done: int = done, size: int = sizes[number]) -> None:
                self._progress(Step.READING, _READ * (done + share * size) / sum(sizes))

            before = {name for result in results.values() for name in result.datasets}
            results[number] = self._take_in_file(builder, number, file, catalogue, known, before, tick)
            done += sizes[number]
        for number, table in self._waiting:
            taken = list(results[number].taken)
            taken.insert(table.place, self._load(builder, table))
            results[number] = results[number].model_copy(update={"taken": tuple(taken)})
        return [results[number] for number in sorted(results)]

    def _waits(self, table: _Table) -> bool:
        """Whether a table is loaded last: who was erased as a prospect may come back as the contact of an organisation
        that never was a customer, and that is known once the organisations and contracts of every file are loaded.
        """
        entries = self._suppressed
        return entries is not None and entries.has_prospects and table.dataset.record is RecordType.PERSON

    def _take_in_file(
        self,
        builder: Builder,
        number: int,
        file: FileOrder,
        catalogue: Catalogue,
        known: Mapping[str, _Known],
        before: set[str],
        tick: Callable[[float], None],
    ) -> FileResult:
        digest = None
        try:
            inspection = inspect(file, builder.workdir)
            digest = inspection.digest
            matched = _all_matched(file, inspection, catalogue)
            names = tuple(dataset.id for _, dataset in matched)
            for place, name in enumerate(names):
                if name in before or name in names[:place]:
                    raise Refused("dataset_twice", dataset=name)
            mappings = {dataset.id: _mapping(dataset, file) for _, dataset in matched}
            # A table's digest tells its columns only, so its rows are always read.
            if inspection.kind != "database" and all(
                name in known
                and (known[name].digest, known[name].mapping) == (digest, mappings[name])
                and not _delivered_later(file, known[name])
                for name in names
            ):
                since = self._purged_since(file)
                return FileResult(number=number, outcome="unchanged", digest=digest, datasets=names, before_purge=since)
            if not self._order.allow_older:
                _refuse_older(file, names, known)
            tables = self._stage(builder, file, inspection, matched, mappings, tick)
        except Refused as refused:
            told = Refusal.of(refused)
            if refused.code == "file_gone" and (batch := self._wiped_by(file)) is not None:
                told = Refusal(code="file_wiped", values={"batch": batch})
            since = self._purged_since(file) if refused.code == "export_older" else None
            return FileResult(number=number, outcome="refused", digest=digest, refused=told, before_purge=since)
        taken = tuple(self._load(builder, table) for table in tables if not self._waits(table))
        self._waiting.extend((number, table) for table in tables if self._waits(table))
        aside = tuple(LeftAside(place=one.place, reason=one.reason) for one in inspection.aside)
        return FileResult(number=number, outcome="taken", digest=digest, datasets=names, taken=taken, aside=aside)

    def _wiped_by(self, file: FileOrder) -> str | None:
        """The purge that wiped a file since this run was asked for; None where none did."""
        exports, row = self._settings.exports, runs.find(self._register, self._run_id)
        if exports is None or row is None or not file.path.is_relative_to(exports):
            return None
        for batch in batches.listing(self._register, EXECUTED):
            late = batch.executed_at is not None and batch.executed_at >= row.started_at
            if batch.build_after != batch.build_before and (late or batch.batch_id in self._unwiped):
                return str(batch.batch_id)
        return None

    def _purged_since(self, file: FileOrder) -> str | None:
        """The newest purge that has removed anybody since a file was exported; None where none has."""
        for batch in batches.listing(self._register, EXECUTED):
            if batch.executed_at is not None and batch.executed_at > file.exported_at and batch.deleted:
                return str(batch.batch_id)
        return None

    def _stage(
        self,
        builder: Builder,
        file: FileOrder,
        inspection: reader.Inspection,
        matched: Sequence[tuple[int, Dataset]],
        mappings: Mapping[str, str],
        tick: Callable[[float], None],
    ) -> list[_Table]:
        """Reads every table of the file before any is loaded, so that a bad one keeps the others out too."""
        tables: list[_Table] = []
        # Above the numbers of those that wait; what a refused file has left is written over.
        above = 1 + max((table.aside for _, table in self._waiting), default=-1)
        for place, (number, dataset) in enumerate(matched):
            sheet = inspection.sheets[number]
            headers = sheet.headers
            staged = reader.stage(
                builder.con,
                inspection,
                number,
                dataset.fields_for(headers),
                builder.workdir,
                file.url.get_secret_value() if file.url else None,
                lambda share, place=place: tick((place + share) / len(matched)),  # type: ignore[misc]
                put_right=file.put_right,
            )
            decided = dates.decide(builder.con, from_1904=sheet.from_1904)
            formats, questions = dates.answered(decided, {**dataset.dates, **file.dates})
            if questions:
                raise Refused(
                    "dates_undecided",
                    dataset=dataset.id,
                    fields=", ".join(f"{one.field} ({', '.join(one.orders)})" for one in questions),
                )
            dates.read(builder.con, formats)
            dates.set_aside(builder.con, above + place)
            reader.set_aside(builder.con, above + place)
            tables.append(
                _Table(
                    dataset,
                    mappings[dataset.id],
                    headers,
                    recognise.kinds_of(dataset, headers, sheet.sample),
                    staged,
                    above + place,
                    place,
                    inspection.digest,
                    file,
                )
            )
        return tables

    def _load(self, builder: Builder, table: _Table) -> Taken:
        reader.bring_back(builder.con, table.aside)
        dates.bring_back(builder.con, table.aside)
        shape(builder.con, key_is_email=table.dataset.key_is_email)
        self._progress(Step.LOADING, 0.0)
        file = table.file
        meta = ExportMeta(table.digest, table.mapping, file.exported_at, file.exported_at_from, self._taken_in_at)
        loaded = builder.load(table.dataset, meta, table.staged, table.headers, table.kinds)
        return Taken(
            dataset=table.dataset.id,
            source=table.dataset.source,
            exported_at=file.exported_at,
            exported_at_from=file.exported_at_from,
            rows_in=table.staged.rows_in,
            loaded=loaded.loaded,
            quarantined=loaded.quarantined,
            no_data=tuple(
                NoDataLines(reason=one.reason, rows=one.rows, lines=one.lines) for one in table.staged.no_data
            ),
            unread_keys=loaded.unread_keys,
            left_out=tuple(
                LeftOut(column=column, field=kind, filled=loaded.left_out.get(column, 0))
                for column, kind in zip(table.headers, table.kinds, strict=True)
                if kind
            ),
            moved=loaded.moved,
            contracts_moved=loaded.contracts_moved,
            unread_cells=loaded.unread_cells,
            twice=loaded.twice,
            lost=loaded.lost,
            put_right=table.staged.put_right,
        )

    def _with_overdue(self, build: builds.Build, files: Sequence[FileResult]) -> list[FileResult]:
        """The same, with how many of the entries whose dates an export moved are overdue by the earlier ones."""
        if not any(table.moved or table.contracts_moved for file in files for table in file.taken):
            return list(files)
        at = at_command(self._settings, self._register, self._taken_in_at)
        with self._register.connect() as connection:
            facts = reading.facts_of(connection)
        with reading.opened(build.path, build.build_id, key=build.key) as copy:
            told = copy.reading(at.today, at.policy, at.parameters, facts).rows(sources_asks.MOVED_CLOCKS)
        overdue = {one.dataset: one.overdue for one in told if one.build == build.build_id}

        def counted(table: Taken) -> Taken:
            is_moved = table.moved or table.contracts_moved
            return table.model_copy(update={"moved_overdue": overdue.get(table.dataset, 0) if is_moved else 0})

        return [file.model_copy(update={"taken": tuple(map(counted, file.taken))}) for file in files]

    def _end_without(self, build_id: int, files: Sequence[FileResult]) -> Result:
        result = Result(files=tuple(files))
        state = State.DONE if result.all_taken else State.REFUSED
        with writing(self._register) as connection:
            runs.end(connection, self._run_id, state, result.model_dump_json(), None, self._clock())
            builds.abandon(connection, build_id)
            self._record_files(connection, None, files)
        return result

    def _move_pointer(
        self,
        previous: builds.Build | None,
        build: builds.Build,
        files: Sequence[FileResult],
        report: Report,
        form_rows: Sequence[Mapping[str, Any]],
        hits: Sequence[suppression_entries.Hit],
        decided: Collection[int],
    ) -> Result:
        now = self._clock()
        build_id = build.build_id
        author = self._order.author
        parameters = at_command(self._settings, self._register, now).parameters
        with Tracer(self._settings, build, previous) as tracer, writing(self._register) as connection:
            take_along(connection, tracer, author=author, now=now)
            requests_along.remember(self._settings, connection, previous, now=now)
            counts = requests.register_form_rows(connection, form_rows, author=self._order.author, now=now)
            identity_along.take_along(connection, tracer, author=author, now=now, made_with=decided)
            # After the form, which closes requests and says who others are from.
            late = requests_along.take_along(connection, tracer, author=author, now=now)
            requests_later.look(connection, tracer, now=now, late=late)
            marks_along.take_along(connection, tracer, author=author, now=now)
            purge_along.forget_done(connection, tracer)
            exported = self._exported(files)
            corrected = rectification_along.decide(connection, tracer, exported, author=author, now=now)
            requests_later.carried_out(connection, self._settings, corrected, now=now)
            environments_along.decide(
                connection, tracer, exported, today=settings_of.today(self._settings, now), author=author, now=now
            )
            rectification_along.forget_old(connection, parameters, author=author, now=now)
            changes = Changes(**dataclasses.asdict(report), new_requests=counts.new, updated_requests=counts.updated)
            result = Result(files=tuple(files), changes=changes)
            runs.end(connection, self._run_id, State.DONE, result.model_dump_json(), build_id, now)
            builds.make_current(connection, build_id, author=self._order.author, now=now)
            self._record_files(connection, build_id, files)
            who: dict[str, Any] = {
                "build_id": build_id,
                "run_id": self._run_id,
                "author": self._order.author,
                "now": now,
            }
            suppression.record(connection, hits, **who)
            purge_verbs.confirm_sources(connection, verification.decide(connection, exported, hits, **who), **who)
            self._record(connection, ledger.Event.INTAKE_DONE, build_id, persons=report.persons, bases=report.bases)
        return result

    def _exported(self, files: Sequence[FileResult]) -> dict[str, verification.Exported]:
        """When what was taken in was exported: a table of a source database when it was read.

        Of files, only a date in the name is certain. A file's time of change is new again once it is copied or
        downloaded, and the time at which it was handed in says nothing.
        """
        return {
            taken.dataset: verification.Exported(self._taken_in_at, certain=True, unread_keys=taken.unread_keys)
            if self._order.files[file.number].url is not None
            else verification.Exported(
                taken.exported_at,
                certain=taken.exported_at_from == "file_name",
                unread_keys=taken.unread_keys,
            )
            for file in files
            for taken in file.taken
        }

    def _record_files(self, connection: sa.Connection, build_id: int | None, files: Sequence[FileResult]) -> None:
        for file in files:
            # The prefix keeps a digest from looking like a phone number.
            digest = f"sha256-{file.digest}" if file.digest else None
            for taken in file.taken:
                self._record(
                    connection,
                    ledger.Event.EXPORT_TAKEN,
                    build_id,
                    dataset=taken.dataset,
                    digest=digest,
                    exported_at=taken.exported_at.isoformat(timespec="minutes"),
                    rows_in=taken.rows_in,
                    loaded=taken.loaded,
                    quarantined=sum(taken.quarantined.values()),
                    no_data=sum(one.rows for one in taken.no_data),
                )
                if taken.moved or taken.contracts_moved:
                    self._record(
                        connection,
                        ledger.Event.CLOCKS_MOVED,
                        build_id,
                        dataset=taken.dataset,
                        rows=taken.moved + taken.contracts_moved,
                        overdue=taken.moved_overdue,
                    )
            if file.refused:
                self._record(
                    connection,
                    ledger.Event.EXPORT_REFUSED,
                    build_id,
                    digest=digest,
                    reason=file.refused.code,
                )
        if build_id is None:
            refused = any(file.refused for file in files)
            event = ledger.Event.INTAKE_REFUSED if refused else ledger.Event.INTAKE_DONE
            self._record(connection, event, unchanged=sum(file.outcome == "unchanged" for file in files))

    def _record(
        self,
        connection: sa.Connection,
        event: ledger.Event,
        build_id: int | None = None,
        **details: ledger.Detail,
    ) -> None:
        ledger.append(
            connection,
            event,
            author=self._order.author,
            now=self._clock(),
            build=build_id,
            details={"run": self._run_id, **details},
        )

    def _decisions(self) -> decisions.Decisions | None:
        with self._register.connect() as connection:
            return decisions.load(self._settings, connection)

    def _may_lose(self) -> bool:
        """Whether a hold or a restriction may lose whom it is on, a request whom it is from, or a decision somebody it
        is about: what came new then must be told from what was there.
        """
        with self._register.connect() as connection:
            return any(area.possible(connection) for area in (losses, requests_along, identity_along, marks_along))

    def _previous(self) -> builds.Build | None:
        """The current build; None where there is none or the copy was thrown away, which it may be."""
        with self._register.connect() as connection:
            return builds.at_hand(self._settings, connection)

    def _recover(self) -> None:
        """Clears what runs that died have left."""
        self._unwiped = evidence.unwiped(self._settings, self._register)
        try:
            wipe.settle(self._settings, self._register, self._clock())
        except Refused as refused:
            if refused.code != "wipe_blocked":
                raise
            # What a run came to is kept; the name of a file, which may be a person's, is not.
            raise Refused("files_unwiped", files=refused.values["files"]) from None
        builds.recover(self._settings, self._register)
        run = runs_tables.intake_run.c
        with self._register.connect() as connection:
            known = {run_id: State(state) for run_id, state in connection.execute(sa.select(run.run_id, run.state))}
        private(self._settings.inbox)
        for folder in self._settings.inbox.iterdir():
            if folder.name in known:
                forgotten = known[folder.name] not in (State.QUEUED, State.RUNNING)
            else:
                forgotten = self._clock().timestamp() - folder.stat().st_mtime > _FORGOTTEN.total_seconds()
            if forgotten:
                vault.shred_all(folder)
        self._settle_quarantine()

    def _write_quarantine(self, builder: Builder, build_id: int, datasets: Sequence[str]) -> None:
        """Writes the rows that stayed out beside the ones they will replace once the build is current."""
        folder = private(self._settings.quarantine)
        for dataset in datasets:
            path = folder / f"{dataset}.parquet.{build_id}"
            rows = builder.con.sql(queries.load("quarantined_rows"), params={"dataset": dataset})
            rows.write_parquet(str(path), compression="zstd")
            path.chmod(0o600)

    def _settle_quarantine(self) -> None:
        with self._register.connect() as connection:
            done = set(
                connection.execute(
                    sa.select(builds_tables.build.c.build_id).where(
                        builds_tables.build.c.state.in_(["current", "retired"])
                    )
                ).scalars()
            )
        for path in sorted(private(self._settings.quarantine).glob("*.parquet.*")):
            if int(path.suffix[1:]) in done:
                path.replace(path.with_suffix(""))
            else:
                path.unlink()


def _known(builder: Builder) -> dict[str, _Known]:
    rows = builder.con.execute(queries.load("current_exports")).fetchall()
    return {str(row[0]): _Known(str(row[1]), str(row[2]), row[3]) for row in rows}


def _all_matched(file: FileOrder, inspection: reader.Inspection, catalogue: Catalogue) -> list[tuple[int, Dataset]]:
    matched: list[tuple[int, Dataset]] = []
    for number, dataset in match(file, inspection, catalogue):
        sheet = inspection.sheets[number]
        if dataset is not None:
            unread = recognise.unread_name(dataset, sheet.headers, sheet.sample)
            if unread is not None:
                raise Refused("name_unread", column=unread, dataset=dataset.id)
            if dataset.needs_category(sheet.headers):
                raise Refused("category_needed", dataset=dataset.id)
            matched.append((number, dataset))
            continue
        if sheet.name is not None and len(inspection.sheets) > 1:
            raise Refused("sheet_unknown", sheet=sheet.name)
        lacking = missing_columns(sheet.file or file.name, sheet.headers, catalogue)
        if lacking and lacking[1]:
            raise Refused("columns_missing", dataset=lacking[0].id, columns=", ".join(lacking[1]))
        raise Refused("file_unknown")
    if not matched:
        raise Refused("nothing_to_read")
    return matched


def _mapping(dataset: Dataset, file: FileOrder) -> str:
    """Names exactly how an export was read: the same file read in another way is another export."""
    answers = {name: value for name, value in file.dates.items() if name in dataset.headers}
    # How records are erased in their system changes nothing in how its exports are read.
    told = json.dumps([dataset.model_dump(mode="json", exclude={"erase"}), answers], sort_keys=True)
    return f"{dataset.id}@{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _delivered_later(file: FileOrder, known: _Known) -> bool:
    """Whether the same content was exported again, which keeps its source fresh.

    The moment at which somebody hands in a file says nothing about when it was exported.
    """
    return file.exported_at_from != "taken_in" and file.exported_at > known.exported_at


def _refuse_older(file: FileOrder, names: Sequence[str], known: Mapping[str, _Known]) -> None:
    for name in names:
        if name in known and file.exported_at < known[name].exported_at:
            raise Refused(
                "export_older",
                dataset=name,
                exported=times.written(file.exported_at),
                loaded=times.written(known[name].exported_at),
            )
