"""What the purge desk shows: batches, their preview, their steps and what the sources say, in the reader's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from compliance.purge import asks
from compliance.purge.batches import Batch, Lag, Preview
from compliance.purge.tables import EXECUTED, OPEN, Kind, State
from compliance.show.entries import entry
from compliance.sources.tasks import Task
from compliance.suppression.sightings import Sighting
from compliance.suppression.verbs import Doubt, Returned
from compliance.words import times
from compliance.words.deadlines import backup_gone_on, local_date
from compliance.words.policy import Parameters
from compliance.words.references import reference
from compliance.words.texts import rule_in_words, say

Row = dict[str, Any]


def batch_rows(
    found: Sequence[Batch], parameters: Parameters, language: str, answered: Mapping[int, int] | None = None
) -> list[Row]:
    """Batches as a table: those that somebody must act on first, then the newest. Backups still hold what was erased
    for as long as `parameters` say. `answered` is how many requests each answers.
    """
    order = {State.RESURFACED: 0, State.PROPOSED: 1, State.APPROVED: 1, State.EXECUTING: 1}
    return [
        {
            "batch": batch.batch_id,
            "batch_state": in_words(batch.state, language),
            "batch_kind": say(f"batch_kind.{batch.kind}", language),
            "proposed_on": local_date(batch.proposed_at),
            "proposer": who(batch.proposed_by, batch.proposed_role, language),
            "planned": batch.planned,
            "persons": batch.persons,
            "executed_on": None if batch.executed_at is None else local_date(batch.executed_at),
            "deleted": batch.deleted,
            "stayed": None if batch.held is None or batch.changed is None else batch.held + batch.changed,
            "not_purged": batch.failed,
            "requests_answered": (answered or {}).get(batch.batch_id),
            "backups_until": backup_gone_on(local_date(batch.executed_at), parameters)
            if batch.deleted and batch.executed_at is not None
            else None,
        }
        for batch in sorted(found, key=lambda one: (order.get(one.state, 2), -one.batch_id))
    ]


def lag_rows(found: Sequence[Lag], language: str) -> list[Row]:
    """How late entries went, as a table."""
    return [
        {
            "batch": one.batch_id,
            "category_name": say(f"category.{one.category}", language),
            "lag_days": one.days,
            "bases": one.entries,
        }
        for one in found
    ]


def in_words(state: State, language: str) -> str:
    """A state with its sign, so that colour is never the only one."""
    signs = {
        State.PROPOSED: "◇", State.APPROVED: "◆", State.EXECUTING: "…", State.EXECUTED: "●",
        State.VERIFIED: "✓", State.RESURFACED: "▲", State.REFUSED: "×", State.EXPIRED: "×",
    }  # fmt: skip
    return f"{signs[state]} {say(f'batch_state.{state}', language)}"


def who(pseudonym: str | None, role: str | None, language: str) -> str:
    """Somebody by role and the start of the pseudonym; the command line where there is nobody."""
    if not pseudonym or not role:
        return say("purge.nobody", language)
    return f"{say(f'role.{role}', language)} ({reference(pseudonym)})"


def step_lines(batch: Batch, language: str) -> list[str]:
    """What happened to a batch so far, a sentence a step."""
    told = [
        say(
            "purge.step.proposed",
            language,
            who=who(batch.proposed_by, batch.proposed_role, language),
            when=times.written(batch.proposed_at),
            entries=batch.planned,
        )
    ]
    if batch.approved_at is not None:
        told.append(
            say(
                "purge.step.approved",
                language,
                who=who(batch.approved_by, batch.approved_role, language),
                when=times.written(batch.approved_at),
                until=batch.approved_until,
            )
        )
    if batch.confirmed_at is not None:
        told.append(say("purge.step.confirmed", language, when=times.written(batch.confirmed_at)))
    if batch.executed_at is not None:
        told.append(
            say(
                "purge.step.executed" if batch.build_before != batch.build_after else "purge.step.executed_nothing",
                language,
                who=who(batch.executed_by, batch.executed_role, language),
                when=times.written(batch.executed_at),
                before=str(batch.build_before),
                after=str(batch.build_after),
            )
        )
    told.append(say("purge.step.rules", language, version=batch.policy_version))
    if batch.ended_at is not None:
        told.append(
            say(
                "purge.step.ended",
                language,
                state=say(f"batch_state.{batch.state}", language),
                when=times.written(batch.ended_at),
                reason=say(f"batch_reason.{batch.ended_reason}", language),
            )
        )
    return told


def tiles(found: Sequence[Batch], unconfirmed: int) -> list[tuple[str, int]]:
    """What the desk counts, in the order of a purge's steps."""
    counts = Counter(batch.state for batch in found)
    return [
        ("proposed", counts[State.PROPOSED]),
        ("approved", counts[State.APPROVED]),
        ("unconfirmed", unconfirmed),
        ("resurfaced", counts[State.RESURFACED]),
    ]


def sentence(found: Sequence[Batch], unconfirmed: int, language: str) -> tuple[str, bool]:
    """What the desk waits for, in one sentence, and whether somebody must act on it; `unconfirmed` is how many purges
    wait for their sources.
    """
    counts = Counter(batch.state for batch in found)
    if counts[State.RESURFACED]:
        return say("purge.sentence_resurfaced", language, count=counts[State.RESURFACED]), True
    if counts[State.PROPOSED] or counts[State.APPROVED]:
        return say("purge.sentence", language, proposed=counts[State.PROPOSED], approved=counts[State.APPROVED]), False
    if unconfirmed:
        return say("purge.sentence_unconfirmed", language, count=unconfirmed), False
    return say("purge.sentence_none", language), False


def sentence_of(batch: Batch, seen: Preview | None, language: str) -> tuple[str, bool]:
    """What one batch would do or did, in one sentence, and whether it is an alarm."""
    if batch.state in EXECUTED:
        return say(
            "purge.did.kept_all" if batch.deleted == 0 else f"purge.did.{batch.state}",
            language,
            planned=batch.planned,
            deleted=batch.deleted,
            held=batch.held,
            changed=batch.changed,
            failed=batch.failed,
        ), batch.state is State.RESURFACED
    if batch.state is State.EXECUTING:
        return say("purge.did.executing", language), False
    if batch.state not in OPEN or seen is None:
        return say("purge.did.nothing", language), False
    return say(
        "purge.would",
        language,
        entries=seen.going,
        persons=seen.persons,
        gone=seen.persons_gone,
        stay=sum(seen.staying.values()),
    ), False


def count_rows(seen: Preview, language: str, sources: Mapping[str, str]) -> list[Row]:
    """What goes and what stays, per category, source and rule, with the oldest and newest deadline."""
    return [
        {
            "category_name": say(f"category.{row.category}", language),
            "source_name": sources.get(row.source, row.source),
            "rule": rule_in_words(row.period, row.section, language),
            "goes": say("purge.goes" if row.stays is None else "purge.stays", language),
            "why_stays": "" if row.stays is None else say(f"stays.{row.stays}", language),
            "bases": row.bases,
            "oldest_on": row.oldest_on,
            "newest_on": row.newest_on,
        }
        for row in seen.rows
    ]


def stayed_at_proposal(batch: Batch, language: str) -> list[Row]:
    """What the list held besides, and why it was not proposed."""
    return [
        {"why_stays": say(f"stays.{reason}", language), "bases": number}
        for reason, number in sorted(batch.filters.get("stayed", {}).items())
    ]


def entry_rows(found: Sequence[asks.PurgeRow], language: str, sources: Mapping[str, str]) -> list[Row]:
    """The entries of a batch as lists of entries show them, with what the batch does to each."""
    return [
        {
            **entry(row, language, sources),
            "goes": say("purge.goes" if row.stays is None else f"stays.{row.stays}", language),
        }
        for row in found
    ]


def task_rows(tasks: Sequence[Task], language: str, sources: Mapping[str, str]) -> list[Row]:
    """What each source was told to erase, and what it says."""
    return [
        {
            "batch": task.batch_id,
            "source_name": sources.get(task.source, task.source),
            "export": task.dataset,
            "task": task.told(language),
            "planned": task.planned,
            "affected": task.affected,
            "fetched": ""
            if task.fetched_at is None
            else f"{times.written(task.fetched_at)} · {reference(task.fetched_by or '')}",
            "still_there": task.still_there,
        }
        for task in tasks
    ]


def return_rows(found: Sequence[Returned], persons: Mapping[int, str], sources: Mapping[str, str]) -> list[Row]:
    """Who was let in again after a purge, by reference; `persons` are their person_ids as far as they are stored."""
    return [
        {
            "returned": one.reappearance_id,
            "reference": reference(persons.get(one.reappearance_id, "")) or "–",
            "source_name": sources.get(one.source, one.source),
            "export": one.dataset,
            "batch": one.batch_id,
            "seen_on": local_date(one.first_seen_at),
        }
        for one in found
    ]


def sighting_rows(found: Sequence[Sighting], sources: Mapping[str, str], language: str) -> list[Row]:
    """Rows of exports that belong, or may belong, to somebody purged, as a table of figures."""
    return [
        {
            "source_name": sources.get(one.source, one.source),
            "export": one.dataset,
            "batch": one.batch_id,
            "sighting": say(f"sighting.{one.kind}", language),
            "undecided": say("common.yes" if one.waits else "common.no", language),
            "seen_on": one.first_seen_on,
            "last_seen_on": one.last_seen_on,
            "rows": one.rows,
        }
        for one in found
    ]


def doubt_rows(
    found: Sequence[Doubt], persons: Mapping[int, str], sources: Mapping[str, str], language: str
) -> list[Row]:
    """Who may have been purged and may be somebody else, by reference, with what speaks for and against it."""
    return [
        {
            "returned": one.number,
            "reference": reference(persons.get(one.number, "")) or "–",
            "source_name": sources.get(one.source, one.source),
            "export": one.dataset,
            "batch": one.batch_id,
            "speaks_for": ", ".join(say(f"speaks_for.{word}", language) for word in one.speaks_for),
            "speaks_against": ", ".join(say(f"speaks_against.{word}", language) for word in one.speaks_against),
            "seen_on": local_date(one.first_seen_at),
        }
        for one in found
    ]


def needs_second(batch: Batch, seen: Preview, large: bool) -> bool:
    """Whether the batch waits for its second confirmation."""
    return batch.kind is not Kind.AUTOMATIC and large and batch.confirmed_by is None and seen.going > 0
