"""The register of what is known and asked of sources: mappings that people saved, and what each was told to erase."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class Kind(StrEnum):
    """Who erases: the dashboard in the source's database, or the system's owner by an order.

    Texts: `task_kind.<value>`.
    """

    DATABASE = "database"
    ORDER = "order"


class State(StrEnum):
    """Where a task stands; the last two are a later export's word. Texts: `task_state.<value>`."""

    OPEN = "open"
    FETCHED = "fetched"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    VERIFIED = "verified"
    RESURFACED = "resurfaced"


class Reason(StrEnum):
    """Why a source database was left as it was. Texts: `task_reason.<value>`.

    `uncertain` alone says something else: contact was lost while the source confirmed, or a process died,
    and nobody has been able to look since. The next attempt looks first.
    """

    UNREACHABLE = "unreachable"
    MAPPING = "mapping"
    NO_TRANSACTIONS = "no_transactions"
    COUNT_DIFFERS = "count_differs"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


class Word(StrEnum):
    """What was decided of the dates that an export moved. Texts: `moved_word.<value>`."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


# One decision for all that an export moved, by the build that saw it first.
moved_clock = sa.Table(
    "moved_clock",
    metadata,
    sa.Column("dataset", sa.String(60), primary_key=True),
    sa.Column("build_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("word", sa.String(10), nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    one_of("word", Word, name="moved_clock_word"),
)

# The same of one person alone, whose earlier date is of a row that bore another name: whose it is. The number is the
# build's, and names nobody.
moved_person = sa.Table(
    "moved_person",
    metadata,
    sa.Column("dataset", sa.String(60), primary_key=True),
    sa.Column("build_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("word", sa.String(10), nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    one_of("word", Word, name="moved_person_word"),
)

# What was said of all these, as dataset, build, number and word: the number is 0 for all that an export moved at once.
moves_said = sa.select(moved_clock.c.dataset, moved_clock.c.build_id, sa.literal(0), moved_clock.c.word).union_all(
    sa.select(moved_person.c.dataset, moved_person.c.build_id, moved_person.c.number, moved_person.c.word)
)

saved_mapping = sa.Table(
    "saved_mapping",
    metadata,
    sa.Column("mapping_id", sa.String(60), primary_key=True),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("saved_at", Instant, nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
)

source_task = sa.Table(
    "source_task",
    metadata,
    sa.Column("task_id", sa.Integer, primary_key=True),
    sa.Column("batch_id", sa.ForeignKey("batch.batch_id"), nullable=False),
    sa.Column("source", sa.String(60), nullable=False),
    sa.Column("dataset", sa.String(60), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("planned", sa.Integer, nullable=False),
    sa.Column("affected", sa.Integer),
    # The source's own keys, compressed; they go once a later export has decided.
    sa.Column("keys", sa.LargeBinary),
    sa.Column("fetched_by", sa.String(32)),
    sa.Column("fetched_at", Instant),
    # Since when an order that somebody has fetched names fewer records: whoever has it may erase one that is to stay.
    sa.Column("order_changed_at", Instant),
    sa.Column("done_at", Instant),
    sa.Column("reason", sa.String(40)),
    sa.Column("decided_build", sa.Integer),
    sa.Column("still_there", sa.Integer),
    # The build of an export that confirms the erasure but for rows in quarantine that may be anybody's, and how many.
    sa.Column("unread_build", sa.Integer),
    sa.Column("unread_rows", sa.Integer),
    # Where else the source's database still has what was erased: names of tables, no persons.
    sa.Column("left_over", sa.Text),
    sa.UniqueConstraint("batch_id", "dataset", name="source_task_once"),
    one_of("kind", Kind, name="source_task_kind"),
    one_of("state", State, name="source_task_state"),
)
