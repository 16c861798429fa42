"""What the intake page and the command line ask for: preview, run, progress, result, saved mapping."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import sqlalchemy as sa

from compliance import ledger, runs
from compliance.access import looked_at_persons
from compliance.access.at import At
from compliance.build import dates
from compliance.build.builder import shape, tried, with_errors, workbench
from compliance.build.dialects import Dialect
from compliance.build.garbled import Garbled
from compliance.build.reader import Aside, Inspection, Lines, Skipped, stage
from compliance.intake import orders, run
from compliance.intake.orders import ExportedAtFrom, FileOrder, Order, Result
from compliance.register.engine import writing
from compliance.runs import RunRow
from compliance.sources import recognise
from compliance.sources.catalogue import Catalogue, Dataset, catalogue_of, from_columns
from compliance.sources.recognise import Because, Column, Level, Proposal, propose
from compliance.words import disks
from compliance.words import settings as settings_of
from compliance.words.files import private
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import (
    PERSONNUMMER_FIELD,
    SPECIAL_CATEGORY_FIELDS,
    Category,
    Permission,
    RecordType,
    StatedStatus,
)

# A date, and perhaps a time, as file names have them: 2026-11-24, 20261124, 2026-11-24T0530, 2026-11-24_05-30.
_STAMP = re.compile(
    r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])"
    r"(?:[T _-]?([01]\d|2[0-3])[:.\-]?([0-5]\d)(?:[:.\-]?([0-5]\d))?)?(?!\d)"
)
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_CHUNK = 10_000
# A value is shown to be recognised, not to be read.
_LONG = 28
# So many runs back it is looked for who kept what last.
_RUNS = 200
_WORDS = 24
# How far two machines' clocks may be apart.
_CLOCKS = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Upload:
    """A file that somebody handed to the page, and what they said about it."""

    name: str
    content: bytes
    dates: Mapping[str, str]
    mappings: Mapping[int, Dataset]
    skip_sheets: tuple[str, ...] = ()
    category: Category | None = None
    put_right: bool = False


@dataclass(frozen=True)
class Understood:
    """What one column was taken for, with three of its values, shortened; of dates how they are read (text, day)."""

    column: Column
    values: tuple[str, ...]
    format: str | None
    read: dates.Examples


@dataclass(frozen=True)
class Trial:
    """What would become of the rows: rows_in = loaded + the sum of quarantined + the rows of no_data. Who was purged is
    found only then.
    """

    rows_in: int
    loaded: int
    quarantined: Mapping[str, int]
    no_data: tuple[Lines, ...] = ()
    # Filled cells, by field, in which no address or number can be read.
    unread_cells: Mapping[str, int] = field(default_factory=dict)
    # Cells that came garbled, with one of each field, which may be somebody's, and how many are read as they are meant.
    garbled: Mapping[str, tuple[Garbled, ...]] = field(default_factory=dict)
    put_right: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SheetPreview:
    """One table before it is loaded.

    Either `dataset` says what it is or `proposal` what it might be; with the latter `unread` may name the column of the
    name that the mapping `nearly` does not read. `columns` and `trial` are of the proposal too; `trial` is None while a
    column is lacking without which no row can be loaded. `formats` are the date fields whose way
    of writing is clear, `questions` those that must be asked, and `readings` how each answer would read the examples
    (field -> answer -> examples). `left_out` are (column, kind) pairs. `sample` holds persons, and so may `skipped`,
    the lines above and below the rows.
    """

    number: int
    name: str | None
    headers: tuple[str, ...]
    sample: tuple[tuple[str | None, ...], ...]
    dataset: Dataset | None
    proposal: Proposal | None
    formats: Mapping[str, str]
    questions: tuple[dates.Question, ...]
    left_out: tuple[tuple[str, str], ...]
    columns: tuple[Understood, ...] = ()
    trial: Trial | None = None
    category_needed: bool = False
    unread: str | None = None
    nearly: str | None = None
    skipped: tuple[Skipped, ...] = ()
    readings: Mapping[str, Mapping[str, dates.Examples]] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """A file before it is loaded. `encoding`, `delimiter` and `dialect` are of CSV only, and of its first table.
    `aside` are its sheets and members that are not read.
    """

    name: str
    kind: str
    encoding: str | None
    delimiter: str | None
    digest: str
    exported_at: dt.datetime
    exported_at_from: ExportedAtFrom
    sheets: tuple[SheetPreview, ...]
    aside: tuple[Aside, ...] = ()
    dialect: Dialect | None = None


def exported_at(
    name: str, otherwise: dt.datetime, otherwise_from: ExportedAtFrom, now: dt.datetime
) -> tuple[dt.datetime, ExportedAtFrom]:
    """When an export was made, from a date in its file name (Stockholm time), else as the caller knows it.

    A date without a time is the start of that day: an export may not seem newer than it is. One that lies ahead of
    `now` is not believed.
    """
    for found in _STAMP.finditer(name):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            stamp = dt.datetime(year, month, day, hour, minute, second, tzinfo=_STOCKHOLM).astimezone(dt.UTC)
        except ValueError:
            continue
        # What lies ahead is no export's time: it would confirm a purge that came after it, and keep later exports out.
        if stamp <= now + _CLOCKS:
            return stamp, "file_name"
    return otherwise, otherwise_from


def preview(at: At, upload: Upload) -> Preview:
    """Looks into a file without loading it; the rows it shows are a look at persons and are recorded as one.

    Raises Refused `not_allowed`, or why the file cannot be read.
    """
    at.require(Permission.RUN_INTAKE)
    catalogue = catalogue_of(at.settings, at.register)
    seen_at = settings_of.latest(at.settings, at.now)
    made, made_from = exported_at(upload.name, seen_at, "taken_in", seen_at)
    with tempfile.TemporaryDirectory(dir=private(at.settings.inbox), prefix="preview-") as folder:
        path = Path(folder) / "upload"
        path.touch(mode=0o600)
        path.write_bytes(upload.content)
        order = FileOrder(
            path=path,
            name=upload.name,
            exported_at=made,
            exported_at_from=made_from,
            dates=upload.dates,
            mappings=upload.mappings,
            skip_sheets=upload.skip_sheets,
            category=upload.category,
            put_right=upload.put_right,
        )
        found = _looked_into(order, catalogue, Path(folder))
    looked_at_persons(at, "intake_preview", rows=_shown(found), build=None)
    return found


def explained(
    settings: Settings, register: sa.Engine, order: FileOrder, source: str | None, now: dt.datetime
) -> Preview:
    """What `preview` tells, for the command line, which nobody is signed in to; it is a recorded look all the same.

    Raises Refused where the file cannot be read.
    """
    catalogue = catalogue_of(settings, register, source)
    with tempfile.TemporaryDirectory(dir=private(settings.inbox), prefix="preview-") as folder:
        found = _looked_into(order, catalogue, Path(folder))
    with writing(register) as connection:
        ledger.append(
            connection,
            ledger.Event.PERSONS_SEEN,
            author=None,
            now=now,
            details={"what": "intake_preview", "rows": _shown(found)},
        )
    return found


def _shown(found: Preview) -> int:
    return sum(len(sheet.sample) for sheet in found.sheets)


def _looked_into(order: FileOrder, catalogue: Catalogue, folder: Path) -> Preview:
    inspection = run.inspect(order, folder)
    con = workbench(folder)
    try:
        sheets = tuple(
            _looked_into_sheet(con, order, inspection, number, dataset, folder, catalogue)
            for number, dataset in run.match(order, inspection, catalogue)
        )
    finally:
        con.close()
    if not sheets:
        raise Refused("nothing_to_read")
    is_csv = inspection.kind == "csv"
    return Preview(
        order.name,
        inspection.kind,
        inspection.encoding if is_csv else None,
        inspection.delimiter if is_csv else None,
        inspection.digest,
        order.exported_at,
        order.exported_at_from,
        sheets,
        inspection.aside,
        inspection.sheets[0].dialect if is_csv else None,
    )


def _looked_into_sheet(
    con: Any,
    order: FileOrder,
    inspection: Inspection,
    number: int,
    dataset: Dataset | None,
    folder: Path,
    catalogue: Catalogue,
) -> SheetPreview:
    sheet = inspection.sheets[number]
    nearly = dataset
    unread = recognise.unread_name(dataset, sheet.headers, sheet.sample) if dataset else None
    if dataset is not None and unread is not None:
        if number in order.mappings:
            raise Refused("name_unread", column=unread, dataset=dataset.id)
        dataset = None
    proposal = None if dataset else propose(order.name, sheet.headers, sheet.sample)
    read = dataset
    if proposal is not None:
        read = recognise.provisional(proposal, proposed_id(order.name), next(iter(catalogue.sources)), order.category)
    columns = proposal.columns if proposal else recognise.judged(read, sheet.headers, sheet.sample) if read else ()
    formats: Mapping[str, str] = {}
    questions: Sequence[dates.Question] = ()
    readings: Mapping[str, Mapping[str, dates.Examples]] = {}
    examples: Mapping[str, dates.Examples] = {}
    trial = None
    if read is not None:
        staged = stage(con, inspection, number, read.fields_for(sheet.headers), folder, put_right=order.put_right)
        formats, questions = dates.answered(dates.decide(con, from_1904=sheet.from_1904), {**read.dates, **order.dates})
        readings = {question.field: dates.readings(con, question) for question in questions}
        dates.read(con, formats)
        shape(con, key_is_email=read.key_is_email)
        examples = {field: told for field, told in dates.sampled(con).items() if field in formats}
        stays, unread_cells = tried(con, read)
        told = staged.rows_staged + staged.rows_rejected
        not_read = with_errors(unread_cells, staged)
        trial = Trial(
            staged.rows_in,
            told - sum(stays.values()),
            stays,
            staged.no_data,
            not_read,
            staged.garbled,
            staged.put_right,
        )
    return SheetPreview(
        number,
        sheet.name,
        sheet.headers,
        sheet.sample,
        dataset,
        proposal,
        formats,
        tuple(questions),
        tuple(
            (column.header, column.field.removeprefix(recognise.LEFT_OUT))
            for column in columns
            if column.field.startswith(recognise.LEFT_OUT)
        ),
        tuple(
            Understood(
                column,
                _three(row[place] if place < len(row) else None for row in sheet.sample),
                formats.get(column.field),
                examples.get(column.field, ()),
            )
            for place, column in enumerate(columns)
        ),
        trial,
        _needs_category(order, sheet.headers, dataset, proposal),
        unread,
        nearly.id if nearly and unread else None,
        sheet.skipped,
        readings,
    )


def _needs_category(
    order: FileOrder, headers: Sequence[str], dataset: Dataset | None, proposal: Proposal | None
) -> bool:
    """Whether somebody has to say in what capacity the persons of a table are stored, known to be `dataset` or not."""
    if dataset is not None:
        return dataset.needs_category(headers)
    if proposal is None or proposal.record is not RecordType.PERSON or "category" in proposal.fields:
        return False
    return (order.category or proposal.category) is None


def _three(values: Iterable[str | None]) -> tuple[str, ...]:
    """The first three different values, cut where they are long."""
    different = dict.fromkeys(value.strip() for value in values if value and value.strip())
    return tuple(shortened(value) for value in list(different)[:3])


def shortened(value: str) -> str:
    """A value, cut where it is long."""
    return value if len(value) <= _LONG else f"{value[:_LONG]}…"


def catalogue(settings: Settings, register: sa.Engine) -> Catalogue:
    """The sources and mappings that are known, saved ones included."""
    return catalogue_of(settings, register)


def proposed_id(name: str) -> str:
    """A name for a new kind of export, from its file's name without what changes from time to time."""
    stem = _STAMP.sub("", Path(name).stem).casefold().translate(str.maketrans("åäöé", "aaoe"))
    return re.sub(r"[^a-z0-9]+", "_", stem).strip("_") or "export"


def likely_source(proposal: Proposal, sources: Sequence[str]) -> str:
    """Which of the known sources an unknown file is probably of; the first one where it is none of them."""
    return proposal.system.source if proposal.system.source in sources else sources[0]


def is_left_out(one: Understood) -> bool:
    """Whether a column is not read."""
    return one.column.field.startswith(recognise.LEFT_OUT)


def is_critical(one: Understood) -> bool:
    """Whether a column holds what may hardly ever be kept."""
    kind = one.column.field.removeprefix(recognise.LEFT_OUT)
    return kind in (*SPECIAL_CATEGORY_FIELDS, PERSONNUMMER_FIELD)


def is_asked(one: Understood) -> bool:
    """Whether a person has to look at a column: it is to be read and not sure, or contradicts itself."""
    level = one.column.level
    if one.column.because is Because.CONTRADICTION:
        return True
    return level is not Level.SURE and not is_left_out(one)


def said(columns: Sequence[Understood], fields: Sequence[str]) -> list[Understood]:
    """The columns as they are now that a person has said what they are."""
    return [
        one
        if one.column.field == field
        else dataclasses.replace(
            one, column=one.column.model_copy(update={"field": field, "confidence": 1.0, "because": Because.SAID})
        )
        for one, field in zip(columns, fields, strict=True)
    ]


def words_in(sheet: SheetPreview, fields: Sequence[str], field: str) -> list[str]:
    """The different words of a field's column in the first rows, so many as can be asked about."""
    if field not in fields:
        return []
    place = list(fields).index(field)
    words = dict.fromkeys((row[place] or "").strip() for row in sheet.sample if len(row) > place)
    return [word for word in words if word][:_WORDS]


def mapping_of(
    dataset_id: str,
    source: str,
    record: RecordType,
    category: Category | None,
    headers: Sequence[str],
    fields: Sequence[str],
    name: str,
    *,
    category_values: Mapping[str, Category] | None = None,
    status_values: Mapping[str, StatedStatus] | None = None,
    key_is_email: bool = False,
) -> Dataset:
    """The mapping that a person chose on the page. Raises Refused `mapping_...` with what does not fit."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,59}", dataset_id):
        raise Refused("mapping_name")
    return from_columns(
        dataset_id=dataset_id,
        source=source,
        record=record,
        category=category,
        headers=headers,
        fields=fields,
        files=(f"{proposed_id(name)}*",),
        category_values=category_values,
        status_values=status_values,
        key_is_email=key_is_email,
    )


def submit(at: At, uploads: Sequence[Upload], *, allow_older: bool = False) -> str:
    """Starts a run in a process of its own and returns its id; `progress` tells how it goes.

    Raises Refused `not_allowed`, `nothing_to_read`, `intake_running`, and what compliance.words.disks does.
    """
    author = at.require(Permission.RUN_INTAKE).author
    if not uploads:
        raise Refused("nothing_to_read")
    if runs.alive(at.register, at.now):
        raise Refused("intake_running")
    disks.need(at.settings.inbox, sum(len(upload.content) for upload in uploads))
    run_id = runs.queue(at.register, author, at.now)
    try:
        _leave_for_run(at, run_id, author, uploads, allow_older=allow_older)
    except OSError as error:
        orders.clean(at.settings, run_id)
        refused = disks.refused(error, at.settings.inbox)
        runs.refuse(at.register, run_id, refused.code if refused else "intake_failed", at.now)
        raise (refused or error) from None
    runs.start_process("compliance.intake", "--run", run_id)
    return run_id


def _leave_for_run(at: At, run_id: str, author: ledger.Author, uploads: Sequence[Upload], *, allow_older: bool) -> None:
    """Leaves the files and the order where the run's process finds them."""
    folder = private(orders.inbox(at.settings, run_id))
    files: list[FileOrder] = []
    seen_at = settings_of.latest(at.settings, at.now)
    for number, upload in enumerate(uploads):
        # The file's own name may hold anything; here it is only a number.
        path = folder / str(number)
        path.touch(mode=0o600)
        path.write_bytes(upload.content)
        made, made_from = exported_at(upload.name, seen_at, "taken_in", seen_at)
        files.append(
            FileOrder(
                path=path,
                name=upload.name,
                exported_at=made,
                exported_at_from=made_from,
                dates=upload.dates,
                mappings=upload.mappings,
                skip_sheets=upload.skip_sheets,
                category=upload.category,
                put_right=upload.put_right,
            )
        )
    order = Order(files=tuple(files), pseudonym=author.pseudonym, role=author.role, allow_older=allow_older)
    orders.write(at.settings, run_id, order)


def progress(register: sa.Engine, run_id: str) -> RunRow | None:
    """How a run goes, or None where there is no such run."""
    return runs.find(register, run_id)


def latest(register: sa.Engine, count: int = 10) -> list[RunRow]:
    """The last runs, newest first."""
    return runs.latest(register, count)


def result_of(row: RunRow) -> Result:
    """What a run came to; empty while it has not ended."""
    return Result.model_validate_json(row.result)


def keeps_quarantine(register: sa.Engine, run_id: str, dataset: str) -> bool:
    """Whether the rows that stayed out in a run are kept still: the next export of the same dataset replaces them."""
    for row in latest(register, _RUNS):
        if any(taken.dataset == dataset for file in result_of(row).files for taken in file.taken) and row.build_id:
            return row.run_id == run_id
    return False


def quarantined_rows(at: At, dataset: str) -> tuple[list[str], Iterator[list[tuple[object, ...]]]]:
    """The rows of a dataset's newest export that stayed out, as columns and chunks. Holds persons.

    Raises Refused `not_allowed`, also for a data owner whose role is limited to categories, since such a row belongs to
    none; or `quarantine_missing` where nothing of that dataset is kept.
    """
    at.require_of_all(Permission.EXTRACT_PERSONS)
    path = run.quarantine_file(at.settings, dataset)
    if not path.exists():
        raise Refused("quarantine_missing", dataset=dataset)
    file = pq.ParquetFile(path)

    def chunks() -> Iterator[list[tuple[object, ...]]]:
        for batch in file.iter_batches(_CHUNK):
            yield [tuple(row.values()) for row in batch.to_pylist()]

    return list(file.schema_arrow.names), chunks()
