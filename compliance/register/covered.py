"""Which rows of the register the ledger's lines cover, and which they do not, with why: all of it in this one place.

A line carries keyed digests of the rows that changed since the line before it, as they are after it
(compliance.ledger.state). Rows are told by number: that of their table, or of what they belong to.
"""

from __future__ import annotations

import sqlalchemy as sa

# The column that rows of a table are told by.
NUMBERS = {
    "access_session": "session_id",
    "actor": "pseudonym",
    "batch": "batch_id",
    "batch_item": "batch_id",
    "batch_lag": "batch_id",
    "batch_request": "batch_id",
    "bridge_start": "snapshot_id",
    "control_entry": "entry_id",
    "cookie_entry": "entry_id",
    "cookie_quarantined": "scan_id",
    "cookie_scan": "scan_id",
    "cookie_seen": "scan_id",
    "digest_sending": "sending_id",
    "evidence": "evidence_id",
    "finding": "finding_id",
    "finding_step": "step_id",
    "grant_review": "review_id",
    "hold": "hold_id",
    "hold_candidate": "hold_id",
    "hold_identity": "hold_id",
    "hold_loss": "loss_id",
    "hold_record": "hold_id",
    "hold_trace": "hold_id",
    "identity_decision": "decision_id",
    "identity_loss": "loss_id",
    "identity_trace": "decision_id",
    "incident": "incident_id",
    "incident_step": "step_id",
    "kpi_snapshot": "snapshot_id",
    "mark": "mark_id",
    "mark_address": "mark_id",
    "mark_loss": "loss_id",
    "mark_trace": "mark_id",
    "moved_clock": "dataset",
    "moved_person": "number",
    "processing_assigned": "entry_id",
    "processing_entry": "entry_id",
    "processing_version": "version_id",
    # As many as an intake lets in or keeps out.
    "reappearance": "first_build",
    "notice_entry": "entry_id",
    "rectification": "rectification_id",
    "rectification_recipient": "rectification_id",
    "request": "request_id",
    "request_choice": "choice_id",
    "request_choice_trace": "choice_id",
    "request_loss": "loss_id",
    "request_sender": "request_id",
    "request_step": "step_id",
    "review": "review_id",
    "revocation": "revocation_id",
    "rule_change": "change_id",
    "rule_change_value": "change_id",
    "rule_file": "file_id",
    "saved_mapping": "mapping_id",
    "snapshot": "as_of",
    "source_task": "task_id",
    "suppression": "batch_id",
}

# What no line covers: a table, or a column of a table that is covered.
LEFT_OUT = {
    "ledger": "it is a chain of its own",
    "installation": "written once, when a store is made and before its first line",
    "build": "a copy can be thrown away and made anew; what it lacks of purges is counted whenever it is opened",
    "build_key": "a key opens its build or does not, and a destroyed one has its line",
    "pointer": "moves with every build, which has its line",
    "intake_run": "a run's heartbeat and progress; what it came to has its lines",
    "login_session": "who is at the page just now; signing in has its line, and a session decides nothing afterwards",
    "draft": "what somebody is typing, which is nothing that was done",
    "request_choice_person": "whom a choice leads to in the current build, found anew by its traces in each",
    "mark_person": "whom a mark is on in the current build, found anew by its traces in each",
    "actor.last_seen_at": "a heartbeat: every visit",
    "reappearance.last_build": "a heartbeat: every intake that sees the row again, which counts them in its line",
    "reappearance.last_seen_at": "a heartbeat, as last_build",
    "evidence.is_kept": "whether a file lies in the folder, which is looked at there",
}

# What a row has in a column that a migration gave it since its last line; nothing, but for these. The next line of the
# row tells the column too.
GIVEN = {"hold_loss.is_given_on": False, "request.channel": "form"}


def number_of(table: sa.Table) -> sa.Column[object] | None:
    """The column that a table's rows are told by; None for a table that is not covered."""
    name = NUMBERS.get(table.name)
    return None if name is None else table.c[name]


def columns_of(table: sa.Table) -> list[sa.Column[object]]:
    """The columns of a table that is covered, but for those left out."""
    return [column for column in table.c if f"{table.name}.{column.name}" not in LEFT_OUT]
