"""What a run of intake is asked to do, and what came of it. Results hold counts and reasons, no persons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from compliance import ledger
from compliance.builds import vault
from compliance.sources.catalogue import Dataset
from compliance.words.files import private
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Category

_FILE = "order.json"
# How the time of an export is known. Texts: `intake.exported_at_from.<value>`.
ExportedAtFrom = Literal["file_name", "file_time", "taken_in"]
# What became of a file. Texts: `intake.outcome.<value>`.
Outcome = Literal["taken", "unchanged", "refused"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileOrder(_Frozen):
    """One file to take in. `name` is its name where it came from; `path` is where it lies now.

    `dates` answers questions (date field -> one of its orders), `mappings` are a person's own for sheets by their
    number, `skip_sheets` are sheets of a workbook not to be read. `category` says in what capacity persons are stored
    where neither the mapping nor a column does. With `put_right`, letters that were written twice are read as they were
    meant. With `url` it is a table of a source database. `seen`: it lay there
    when it was asked for.
    """

    path: Path
    name: str
    exported_at: dt.datetime
    exported_at_from: ExportedAtFrom
    dates: Mapping[str, str] = {}
    mappings: Mapping[int, Dataset] = {}
    skip_sheets: tuple[str, ...] = ()
    category: Category | None = None
    put_right: bool = False
    url: SecretStr | None = None
    seen: bool = False


class Order(_Frozen):
    """All that one run takes in. `source` limits matching to the datasets of one source."""

    files: tuple[FileOrder, ...]
    pseudonym: str | None = None
    role: str | None = None
    source: str | None = None
    allow_older: bool = False

    @property
    def author(self) -> ledger.Author | None:
        """Who asked, as the ledger names them; None for the command line."""
        return ledger.Author(self.pseudonym, self.role) if self.pseudonym and self.role else None


class Refusal(_Frozen):
    """A refusal as it is kept: the text `refusal.<code>` with its values."""

    code: str
    values: Mapping[str, Any] = {}

    @classmethod
    def of(cls, refused: Refused) -> Refusal:
        """The refusal of an exception. Values that JSON does not know become text."""
        plain = (str, int, float, bool, type(None))
        return cls(
            code=refused.code,
            values={k: v if isinstance(v, plain) else str(v) for k, v in refused.values.items()},
        )


class LeftOut(_Frozen):
    """A column that was not loaded: what kind of data it holds, and how often it was filled."""

    column: str
    field: str
    filled: int


class NoDataLines(_Frozen):
    """Lines of a file that are no data, for one reason: how many, and the first of them. Texts: `no_data.<reason>`."""

    reason: str
    rows: int
    lines: tuple[int, ...]


class LeftAside(_Frozen):
    """A sheet or a member of an archive that was not read: its place in the file, from 1, since its name may be a
    person's, and why. Texts: `aside.<reason>`.
    """

    place: int
    reason: str


class Taken(_Frozen):
    """What became of one table of a file: rows_in = loaded + the sum of quarantined + the rows of no_data.

    `unread_keys` are rows in quarantine of which nobody can say whose they are, so that the export confirms no erasure.
    `unread_cells` are filled cells of loaded rows, by field, in which no address or number could be read; `twice` those
    whose letters were written twice, `lost` those that lack letters, `put_right` those that are read as they are
    meant. `moved` rows keep an earlier date than the export tells, for the first time; `moved_overdue` of their entries
    are overdue by it. `contracts_moved` contracts do so for a customer's time.
    """

    dataset: str
    source: str
    exported_at: dt.datetime
    exported_at_from: ExportedAtFrom
    rows_in: int
    loaded: int
    quarantined: Mapping[str, int]
    left_out: tuple[LeftOut, ...]
    no_data: tuple[NoDataLines, ...] = ()
    unread_keys: int = 0
    unread_cells: Mapping[str, int] = Field(default_factory=dict)
    twice: Mapping[str, int] = Field(default_factory=dict)
    lost: Mapping[str, int] = Field(default_factory=dict)
    put_right: Mapping[str, int] = Field(default_factory=dict)
    moved: int = 0
    moved_overdue: int = 0
    contracts_moved: int = 0


class FileResult(_Frozen):
    """What became of one file; `number` is its place in the order, from 0. No digest: it was not read.

    `before_purge` is the newest purge since the export of a file whose rows were not looked at, which may hold those
    whom that has removed.
    """

    number: int
    outcome: Outcome
    digest: str | None = None
    datasets: tuple[str, ...] = ()
    taken: tuple[Taken, ...] = ()
    aside: tuple[LeftAside, ...] = ()
    refused: Refusal | None = None
    before_purge: str | None = None

    @property
    def purged(self) -> int:
        """How many rows hold somebody who was purged; they were kept out, and stand in the file."""
        return sum(table.quarantined.get("suppressed", 0) for table in self.taken)


class Changes(_Frozen):
    """What the new build holds, and what is new or gone since the one before it (None: there was none)."""

    persons: int
    bases: int
    new_persons: int | None
    gone_persons: int | None
    new_bases: int | None
    gone_bases: int | None
    new_requests: int = 0
    updated_requests: int = 0


class Result(_Frozen):
    """What a run came to. `refused` is set where the run as a whole was refused or failed."""

    files: tuple[FileResult, ...] = ()
    changes: Changes | None = None
    refused: Refusal | None = None

    @property
    def all_taken(self) -> bool:
        """Whether every file is in the copy now."""
        return self.refused is None and all(one.outcome != "refused" for one in self.files)


def inbox(settings: Settings, run_id: str) -> Path:
    """Where the files of a run wait; it goes with the run."""
    return settings.inbox / run_id


def write(settings: Settings, run_id: str, order: Order) -> None:
    """Leaves the order for the process that will carry it out."""
    private(settings.inbox)
    path = private(inbox(settings, run_id)) / _FILE
    path.touch(mode=0o600)
    path.write_text(order.model_dump_json(), encoding="utf-8")


def read(settings: Settings, run_id: str) -> Order:
    """The order of a run. Raises Refused `run_unknown`."""
    # An id from the command line must not lead out of the inbox.
    if not run_id.isalnum():
        raise Refused("run_unknown", run=run_id)
    try:
        return Order.model_validate_json((inbox(settings, run_id) / _FILE).read_bytes())
    except FileNotFoundError:
        raise Refused("run_unknown", run=run_id) from None


def clean(settings: Settings, run_id: str) -> None:
    """Overwrites and removes what a run left in the inbox."""
    vault.shred_all(inbox(settings, run_id))
