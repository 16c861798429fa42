"""The rules that people change: proposals with what became of them, and the files that all begins with."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register.metadata import Instant, metadata, one_of


class State(StrEnum):
    """Where a change of the rules stands. Texts: `rule_change_state.<value>`."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


rule_change = sa.Table(
    "rule_change",
    metadata,
    # The number of the version, once it is approved.
    sa.Column("change_id", sa.Integer, primary_key=True),
    sa.Column("state", sa.String(10), nullable=False),
    # As it was asked for; `in_force_from` is later where it was approved later.
    sa.Column("holds_from", sa.Date, nullable=False),
    sa.Column("reason", sa.String(400), nullable=False),
    sa.Column("proposed_by", sa.String(32), nullable=False),
    sa.Column("proposed_role", sa.String(10), nullable=False),
    sa.Column("proposed_at", Instant, nullable=False),
    sa.Column("decided_by", sa.String(32)),
    sa.Column("decided_role", sa.String(10)),
    sa.Column("decided_at", Instant),
    sa.Column("decided_because", sa.String(400)),
    sa.Column("in_force_from", sa.Date),
    one_of("state", State, name="rule_change_state"),
    # Whatever the code believes: no rule changes by one person's will.
    sa.CheckConstraint(
        "state not in ('approved', 'refused') or (decided_by is not null and decided_by <> proposed_by)",
        name="rule_change_two_persons",
    ),
    sa.CheckConstraint(
        "state <> 'withdrawn' or (decided_by is not null and decided_by = proposed_by)", name="rule_change_own"
    ),
    sa.CheckConstraint("(state = 'proposed') = (decided_at is null)", name="rule_change_decided"),
    sa.CheckConstraint("(state = 'approved') = (in_force_from is not null)", name="rule_change_in_force"),
    sa.CheckConstraint("in_force_from is null or in_force_from >= holds_from", name="rule_change_not_before"),
    sa.CheckConstraint(
        "reason <> '' and (state not in ('refused', 'withdrawn') or coalesce(decided_because, '') <> '')",
        name="rule_change_says_why",
    ),
)

rule_change_value = sa.Table(
    "rule_change_value",
    metadata,
    sa.Column("change_id", sa.ForeignKey("rule_change.change_id"), primary_key=True),
    # As compliance.words.versions names it; values are JSON.
    sa.Column("setting", sa.String(80), primary_key=True),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.CheckConstraint("before <> after", name="rule_change_value_changes"),
)

# What the files said, from when it was first seen to when they said something else.
rule_file = sa.Table(
    "rule_file",
    metadata,
    sa.Column("file_id", sa.Integer, primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    # All settings that can be changed here, as JSON: the digest is over the rest too.
    sa.Column("settings", sa.Text, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
)
