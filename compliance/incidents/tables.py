"""The register of personal data breaches: a number each, and its steps."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class StepKind(StrEnum):
    """What a step says, in the order in which an incident is told. Texts: `incident_kind.<value>`."""

    REPORTED = "reported"
    OCCURRED = "occurred"
    DETECTED = "detected"
    AWARE = "aware"
    CONTAINED = "contained"
    CAUSED = "caused"
    AFFECTED = "affected"
    CUSTOMER = "customer"
    CONTROLLER_INFORMED = "controller_informed"
    ASSESSED = "assessed"
    DECIDED = "decided"
    NOTIFIED = "notified"
    SUPPLEMENTED = "supplemented"
    SUBJECTS_DECIDED = "subjects_decided"
    SUBJECTS_INFORMED = "subjects_informed"
    MEASURE = "measure"
    NIS2 = "nis2"
    CLOSED = "closed"
    REOPENED = "reopened"
    TAKEN_BACK = "taken_back"


# Nothing but its number: what is known of it is what its steps say that are not corrected.
incident = sa.Table(
    "incident",
    metadata,
    sa.Column("incident_id", sa.Integer, primary_key=True),
    sa.Column("opened_at", Instant, nullable=False),
)

incident_step = sa.Table(
    "incident_step",
    metadata,
    sa.Column("step_id", sa.Integer, primary_key=True),
    sa.Column("incident_id", sa.ForeignKey("incident.incident_id"), nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),
    # JSON, by compliance.incidents.facts. Of no person: it is refused where it seems to be.
    sa.Column("facts", sa.Text, nullable=False),
    # The step that this one stands for; a step is corrected once at most.
    sa.Column("corrects", sa.ForeignKey("incident_step.step_id"), unique=True),
    sa.Column("recorded_at", Instant, nullable=False),
    # Null for the command line.
    sa.Column("recorded_by", sa.String(32)),
    sa.Column("recorded_role", sa.String(10)),
    one_of("kind", StepKind, name="incident_step_kind"),
)
