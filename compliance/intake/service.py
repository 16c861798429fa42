"""What the intake page and the command line ask for: preview, run, progress, result, saved mapping."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import sqlalchemy as sa

from compliance import runs
from compliance.access import looked_at_persons
from compliance.access.at import At
from compliance.build import dates
from compliance.build.builder import shape, workbench
from compliance.build.reader import stage
from compliance.intake import orders, run
from compliance.intake.orders import ExportedAtFrom, FileOrder, Order, Result
from compliance.runs import RunRow
from compliance.sources import recognise
from compliance.sources.catalogue import Catalogue, Dataset, catalogue_of, from_columns
from compliance.sources.recognise import Proposal, propose
from compliance.words import settings as settings_of
from compliance.words.files import private
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Category, Permission, RecordType

# A date, and perhaps a time, as file names have them: 2026-11-24, 20261124, 2026-11-24T0530, 2026-11-24_05-30.
_STAMP = re.compile(
    r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])"
    r"(?:[T _-]?([01]\d|2[0-3])[:.\-]?([0-5]\d)(?:[:.\-]?([0-5]\d))?)?(?!\d)"
)
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_CHUNK = 10_000
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


@dataclass(frozen=True)
class SheetPreview:
    """One table before it is loaded.

    Either `dataset` says what it is or `proposal` what it might be. `formats` are the date fields whose way
    of writing is clear, `questions` those that must be asked. `left_out` are (column, kind) pairs. `sample`
    holds persons.
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


@dataclass(frozen=True)
class Preview:
    """A file before it is loaded."""

    digest: str
    exported_at: dt.datetime
    exported_at_from: ExportedAtFrom
    sheets: tuple[SheetPreview, ...]


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
    with tempfile.TemporaryDirectory(dir=private(at.settings.inbox), prefix="preview-") as folder:
        path = Path(folder) / "upload"
        path.touch(mode=0o600)
        path.write_bytes(upload.content)
        seen_at = settings_of.latest(at.settings, at.now)
        made, made_from = exported_at(upload.name, seen_at, "taken_in", seen_at)
        order = FileOrder(
            path=path,
            name=upload.name,
            exported_at=made,
            exported_at_from=made_from,
            mappings=upload.mappings,
            skip_sheets=upload.skip_sheets,
        )
        inspection = run.inspect(order)
        sheets: list[SheetPreview] = []
        con = workbench(Path(folder))
        try:
            for number, dataset in run.match(order, inspection, catalogue):
                sheet = inspection.sheets[number]
                formats: Mapping[str, str] = {}
                questions: Sequence[dates.Question] = ()
                left_out: tuple[tuple[str, str], ...] = ()
                if dataset is not None:
                    fields = dataset.fields_for(sheet.headers)
                    stage(con, inspection, number, fields, Path(folder))
                    shape(con, key_is_email=dataset.key_is_email)
                    formats, questions = dates.answered(dates.decide(con), {**dataset.dates, **upload.dates})
                    left_out = tuple(
                        (header, kind)
                        for header, kind in zip(
                            sheet.headers, recognise.kinds_of(dataset, sheet.headers, sheet.sample), strict=True
                        )
                        if kind
                    )
                sheets.append(
                    SheetPreview(
                        number,
                        sheet.name,
                        sheet.headers,
                        sheet.sample,
                        dataset,
                        None if dataset else propose(upload.name, sheet.headers, sheet.sample),
                        formats,
                        tuple(questions),
                        left_out,
                    )
                )
        finally:
            con.close()
    if not sheets:
        raise Refused("nothing_to_read")
    looked_at_persons(
        at,
        "intake_preview",
        rows=sum(len(sheet.sample) for sheet in sheets),
        build=None,
    )
    return Preview(inspection.digest, made, made_from, tuple(sheets))


def catalogue(settings: Settings, register: sa.Engine) -> Catalogue:
    """The sources and mappings that are known, saved ones included."""
    return catalogue_of(settings, register)


def proposed_id(name: str) -> str:
    """A name for a new kind of export, from its file's name without what changes from time to time."""
    stem = _STAMP.sub("", Path(name).stem).casefold().translate(str.maketrans("åäöé", "aaoe"))
    return re.sub(r"[^a-z0-9]+", "_", stem).strip("_") or "export"


def mapping_of(
    dataset_id: str,
    source: str,
    record: RecordType,
    category: Category | None,
    headers: Sequence[str],
    fields: Sequence[str],
    name: str,
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
    )


def submit(at: At, uploads: Sequence[Upload], *, allow_older: bool = False) -> str:
    """Starts a run in a process of its own and returns its id; `progress` tells how it goes.

    Raises Refused `not_allowed`, `nothing_to_read` or `intake_running`.
    """
    author = at.require(Permission.RUN_INTAKE).author
    if not uploads:
        raise Refused("nothing_to_read")
    if runs.alive(at.register, at.now):
        raise Refused("intake_running")
    run_id = runs.queue(at.register, author, at.now)
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
            )
        )
    order = Order(files=tuple(files), pseudonym=author.pseudonym, role=author.role, allow_older=allow_older)
    orders.write(at.settings, run_id, order)
    runs.start_process("compliance.intake", "--run", run_id)
    return run_id


def progress(register: sa.Engine, run_id: str) -> RunRow | None:
    """How a run goes, or None where there is no such run."""
    return runs.find(register, run_id)


def latest(register: sa.Engine, count: int = 10) -> list[RunRow]:
    """The last runs, newest first."""
    return runs.latest(register, count)


def result_of(row: RunRow) -> Result:
    """What a run came to; empty while it has not ended."""
    return Result.model_validate_json(row.result)


def quarantined_rows(at: At, dataset: str) -> tuple[list[str], Iterator[list[tuple[object, ...]]]]:
    """The rows of a dataset's newest export that stayed out, as columns and chunks. Holds persons.

    Raises Refused `not_allowed`, or `quarantine_missing` where nothing of that dataset is kept.
    """
    at.require(Permission.EXTRACT_PERSONS)
    path = run.quarantine_file(at.settings, dataset)
    if not path.exists():
        raise Refused("quarantine_missing", dataset=dataset)
    file = pq.ParquetFile(path)

    def chunks() -> Iterator[list[tuple[object, ...]]]:
        for batch in file.iter_batches(_CHUNK):
            yield [tuple(row.values()) for row in batch.to_pylist()]

    return list(file.schema_arrow.names), chunks()
