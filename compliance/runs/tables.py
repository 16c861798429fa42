"""The register of runs: what makes a build, one at a time."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class Step(StrEnum):
    """What a run is doing. Texts: `intake.step.<value>`."""

    WAITING = "waiting"
    READING = "reading"
    LOADING = "loading"
    MATCHING = "matching"
    CHOOSING = "choosing"
    EXPORTING = "exporting"
    WRITING = "writing"
    PROVING = "proving"
    SAVING = "saving"
    ENDED = "ended"


class State(StrEnum):
    """Where a run stands. Texts: `intake.state.<value>`."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


intake_run = sa.Table(
    "intake_run",
    metadata,
    sa.Column("run_id", sa.String(36), primary_key=True),
    # Whatever makes a build is a run, so that no two of them start from the same build.
    sa.Column("kind", sa.String(10), nullable=False, server_default="intake"),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("step", sa.String(40), nullable=False),
    sa.Column("share", sa.Float, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("heartbeat_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("process", sa.Integer),
    sa.Column("actor", sa.String(32)),
    sa.Column("build_id", sa.ForeignKey("build.build_id")),
    # What the page shows afterwards: counts and reasons, no persons.
    sa.Column("result", sa.Text, nullable=False, server_default="{}"),
    one_of("state", State, name="intake_run_state"),
)

# At most one run makes a build at a time, whatever the processes believe.
sa.Index(
    "one_running_intake",
    intake_run.c.state,
    unique=True,
    sqlite_where=intake_run.c.state == State.RUNNING.value,
    postgresql_where=intake_run.c.state == State.RUNNING.value,
)
