"""How rules change: proposed by one person, approved by another, and never before today."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from compliance import ledger
from compliance.access import Actor, rules
from compliance.access.at import At
from compliance.policy import changes
from compliance.policy.changes import Change
from compliance.policy.tables import State, rule_change, rule_change_value, rule_file
from compliance.purge import verbs as purge
from compliance.reading import copy
from compliance.register.engine import writing
from compliance.words import versions as versions_of
from compliance.words.refusal import Refused
from compliance.words.versions import Value
from compliance.words.vocabulary import Permission

REASON_LENGTH = 400


def propose(at: At, values: Mapping[str, Value], *, holds_from: dt.date, reason: str) -> int:
    """Proposes other settings from a day on, and returns the number of the change.

    What is as it already is on that day is left out. Raises Refused `not_allowed`, `rule_change_past`,
    `rule_change_reason_missing`, `rule_change_reason_invalid`, `rule_change_nothing`, and what the files are refused
    for.
    """
    actor = at.require(Permission.CHANGE_RULES)
    why = _reason(reason)
    if holds_from < at.today:
        raise Refused("rule_change_past", today=at.today)
    note_files(at)
    with writing(at.register) as connection:
        before = rules.in_force_in(at.settings, connection, holds_from)
        told = {setting: value for setting, value in values.items() if value != before.value(setting)}
        if not told:
            raise Refused("rule_change_nothing")
        before.changed(told)
        number = connection.scalars(
            sa.insert(rule_change)
            .values(
                state=State.PROPOSED,
                holds_from=holds_from,
                reason=why,
                proposed_by=actor.pseudonym,
                proposed_role=actor.role.value,
                proposed_at=at.now,
            )
            .returning(rule_change.c.change_id)
        ).one()
        connection.execute(
            sa.insert(rule_change_value),
            [
                {
                    "change_id": number,
                    "setting": setting,
                    "before": json.dumps(before.value(setting)),
                    "after": json.dumps(value),
                }
                for setting, value in told.items()
            ],
        )
        _record(
            connection, ledger.Event.RULES_PROPOSED, at,
            {"change": number, "settings": ", ".join(sorted(told)), "from": holds_from.isoformat()},
        )  # fmt: skip
    return int(number)


def approve(at: At, change_id: int) -> str:
    """Makes a proposal a version, and returns what the rules are called then. It holds from the day that was asked for,
    or from today where that has passed; where it holds today, open purges go back to their preview.

    Raises Refused `not_allowed`, `rule_change_unknown`, `rule_change_closed`, `rule_change_own`,
    `rule_change_overtaken` where a setting is no longer what it was when it was proposed, and what the files are
    refused for.
    """
    actor = at.require(Permission.CHANGE_RULES)
    note_files(at)
    with writing(at.register) as connection:
        change = _open(connection, change_id)
        if change.proposed_by == actor.pseudonym:
            raise Refused("rule_change_own")
        from_on = max(change.holds_from, at.today)
        before = rules.in_force_in(at.settings, connection, from_on)
        for one in change.differences:
            if not before.has(one.setting) or before.value(one.setting) != one.before:
                raise Refused("rule_change_overtaken", setting=one.setting)
        before.changed(change.values)
        _decide(connection, change, State.APPROVED, actor, at.now, in_force_from=from_on)
        label = versions_of.labelled(before.policy.version, change_id)
        _record(
            connection, ledger.Event.RULES_APPROVED, at,
            {"change": change_id, "version": label, "from": from_on.isoformat()},
        )  # fmt: skip
    if from_on == at.today:
        _return_batches(at.by_rules_of(at.today))
    return label


def withdraw(at: At, change_id: int, reason: str) -> None:
    """Takes back what one has proposed oneself.

    Raises Refused `not_allowed`, `rule_change_unknown`, `rule_change_closed`, `rule_change_not_own` and, for the
    reason, what `propose` does.
    """
    actor = at.require(Permission.CHANGE_RULES)
    why = _reason(reason)
    with writing(at.register) as connection:
        change = _open(connection, change_id)
        if change.proposed_by != actor.pseudonym:
            raise Refused("rule_change_not_own")
        _decide(connection, change, State.WITHDRAWN, actor, at.now, decided_because=why)
        _record(connection, ledger.Event.RULES_WITHDRAWN, at, {"change": change_id})


def refuse(at: At, change_id: int, reason: str) -> None:
    """Refuses what somebody else has proposed.

    Raises Refused `not_allowed`, `rule_change_unknown`, `rule_change_closed`, `rule_change_own` and, for the reason,
    what `propose` does.
    """
    actor = at.require(Permission.CHANGE_RULES)
    why = _reason(reason)
    with writing(at.register) as connection:
        change = _open(connection, change_id)
        if change.proposed_by == actor.pseudonym:
            raise Refused("rule_change_own")
        _decide(connection, change, State.REFUSED, actor, at.now, decided_because=why)
        _record(connection, ledger.Event.RULES_REFUSED, at, {"change": change_id})


def note_files(at: At) -> bool:
    """Keeps what the files say where they say something else than when they were last looked at; says whether they did.

    Whoever has the server's disk changes them, and is nobody that is known here. Raises what the files are refused for.
    """
    start = versions_of.start(at.settings.config)
    told = json.dumps(start.settings(), sort_keys=True)
    digest = hashlib.sha256(f"{start.policy.digest}|{start.parameters.as_json}".encode()).hexdigest()
    newest = sa.select(rule_file.c.digest).order_by(rule_file.c.file_id.desc()).limit(1)
    with at.register.connect() as connection:
        if connection.scalar(newest) == digest:
            return False
    with writing(at.register) as connection:
        if connection.scalar(newest) == digest:
            return False
        connection.execute(
            sa.insert(rule_file).values(
                version=start.policy.version, digest=digest, settings=told, seen_at=at.now
            )
        )  # fmt: skip
        ledger.append(
            connection,
            ledger.Event.RULES_FILE,
            author=None,
            now=at.now,
            details={"version": start.policy.version, "digest": digest},
        )
    return True


def _return_batches(at: At) -> None:
    # What keeps the copy from being read keeps no version from holding: whoever opens the desk takes them back then.
    with contextlib.suppress(Refused):
        reading = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
        if reading is not None:
            purge.return_changed(at, reading)


def _open(connection: sa.Connection, change_id: int) -> Change:
    change = changes.find(connection, change_id)
    if change.state is not State.PROPOSED:
        raise Refused("rule_change_closed", number=change_id)
    return change


def _decide(
    connection: sa.Connection, change: Change, state: State, actor: Actor, now: dt.datetime, **more: Any
) -> None:
    connection.execute(
        sa.update(rule_change)
        .where(rule_change.c.change_id == change.change_id)
        .values(state=state, decided_by=actor.pseudonym, decided_role=actor.role.value, decided_at=now, **more)
    )


def _reason(text: str) -> str:
    told = " ".join(text.split())
    if not told:
        raise Refused("rule_change_reason_missing")
    if len(told) > REASON_LENGTH or ledger.looks_personal(told):
        raise Refused("rule_change_reason_invalid", length=REASON_LENGTH)
    return told


def _record(connection: sa.Connection, event: ledger.Event, at: At, details: Mapping[str, ledger.Detail]) -> None:
    ledger.append(connection, event, author=at.author, now=at.now, details=details)
