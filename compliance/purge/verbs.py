"""What becomes of a batch until it is carried out: proposed, approved, taken out of, claimed, given back, refused."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

import sqlalchemy as sa

from compliance import evidence, ledger
from compliance.access import Actor
from compliance.access.at import At
from compliance.builds import tables as builds_tables
from compliance.holds import verbs as holds
from compliance.purge import asks, tables
from compliance.purge.batches import (
    _CHUNK,
    Batch,
    _categories,
    _decided,
    automatic,
    digest_of,
    find,
    find_in,
    is_large,
    items,
    preview,
    previewed,
    require_unaltered,
)
from compliance.purge.tables import OPEN, Kind, State, Stays
from compliance.reading.copy import Item, Reading
from compliance.register.engine import writing
from compliance.requests import asks as requests_asks
from compliance.requests import record as requests_record
from compliance.requests import rest
from compliance.requests import steps as requests_steps
from compliance.requests import tables as requests_tables
from compliance.sources import verification
from compliance.suppression import verbs as suppression
from compliance.suppression.tables import Verdict
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category, Permission

CONFIRMATION_WORDS = {"sv": "GALLRA", "en": "PURGE"}


@dataclass(frozen=True)
class _Wanted:
    """What a batch is to be made of. `requests` are (source, reference), of the rows `request_ids`."""

    kind: Kind
    items: Sequence[Item]
    filters: Mapping[str, Any]
    left_aside: Counter[str] = field(default_factory=Counter)
    requests: Sequence[tuple[str, str]] = ()
    request_ids: Sequence[int] = ()


class Candidate(Protocol):
    """An entry that somebody would have purged, as a list showed it."""

    @property
    def basis_id(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def deadline_on(self) -> dt.date | None: ...


def propose(
    at: At,
    reading: Reading,
    candidates: Sequence[Candidate],
    *,
    filters: Mapping[str, Any] | None = None,
    picked: bool = False,
) -> tuple[Batch, Mapping[str, int]]:
    """Makes a batch of the candidates that may go now; the others are counted by why they stay.

    Entries that cannot be determined are taken only where somebody
    `picked` them one by one, and none that an open batch has already: two clicks make one batch.
    Raises Refused `not_allowed`, `not_owned` for a data owner's candidates outside the own categories, `batch_empty`
    where nothing may go, and `batch_twice` where somebody else proposes it just now.
    """
    actor = at.require(Permission.PROPOSE_PURGE)
    _require_owned(actor, {row.category for row in candidates})
    pseudonyms = keys.pseudonyms(at.settings)
    left_aside = Counter(Stays.UNDETERMINED.value for row in candidates if row.status == "UNDETERMINED" and not picked)
    items = (_item(pseudonyms, row) for row in candidates if picked or row.status != "UNDETERMINED")
    wanted = {item.basis_key: item for item in items}
    with at.register.connect() as connection:
        proposed = _proposed(connection)
    left_aside[Stays.IN_BATCH] = len(proposed & wanted.keys())
    fresh = [item for basis_key, item in wanted.items() if basis_key not in proposed]
    return _propose(at, reading, _Wanted(Kind.RULE, fresh, filters or {}, left_aside))


def propose_for_requests(
    at: At, reading: Reading, references: Sequence[tuple[str, str]]
) -> tuple[Batch, Mapping[str, int]]:
    """Makes a batch of everything stored of those who ask for erasure by the requests (source, reference), or of whom
    that was decided since they object.

    Raises Refused `not_allowed`, `not_owned` for a data owner (a request belongs to no category), `request_unknown`,
    `request_not_erasure` for one that asks for something else or is a customer's to answer, `request_already_closed`,
    `request_identity_open` while its sender has not answered who they are, `request_undecided` while nobody has said
    which of the persons that it may be from it is, `request_not_found` where it is from nobody in the copy,
    `request_proposed` where an open batch answers it already, and `batch_empty`.
    """
    if at.require(Permission.PROPOSE_PURGE).categories is not None:
        raise Refused("not_owned")
    with at.register.connect() as connection:
        request_ids = [_erasable(connection, source, reference) for source, reference in references]
    wanted_of = set(references)
    persons = [
        row
        for row in reading.rows(requests_asks.REQUEST_PERSONS, **requests_asks.ALL)
        if (row.source, row.reference) in wanted_of
    ]
    undecided = sorted({row.reference for row in persons if not row.is_sure})
    if undecided:
        raise Refused("request_undecided", requests=", ".join(undecided))
    if {(row.source, row.reference) for row in persons} != wanted_of:
        # Nothing would be purged for it, and closing it as done would say otherwise.
        raise Refused("request_not_found")
    pseudonyms = keys.pseudonyms(at.settings)
    wanted = {
        item.basis_key: item
        for person in persons
        for item in (_item(pseudonyms, row) for row in reading.rows(asks.PERSON_BASES, person=person.person_id))
    }
    filters = {"requests": len(references)}
    chosen = _Wanted(Kind.REQUEST, list(wanted.values()), filters, requests=tuple(references), request_ids=request_ids)
    return _propose(at, reading, chosen)


def propose_automatic(at: At, reading: Reading, category: Category) -> Batch:
    """Makes the batch of a rule that is marked automatic; it needs no approval and has a limit.

    Raises Refused `command_line_only`, `rule_not_automatic`, `batch_empty`, or `limit_exceeded` where more would go
    than may at once.
    """
    at.require_nobody()
    rule = at.policy.rules.get(category)
    if rule is None or rule.approval != "automatic":
        raise Refused("rule_not_automatic", category=category.value)
    pseudonyms, limit = keys.pseudonyms(at.settings), at.parameters.automatic_max
    due = reading.rows(asks.PURGE_DUE, category=category.value, rows=limit + 1)
    if len(due) > limit:
        raise Refused("limit_exceeded", category=category.value, limit=limit)
    items = [_item(pseudonyms, row) for row in due]
    batch, _ = _propose(at, reading, _Wanted(Kind.AUTOMATIC, items, {"category": category.value}))
    return batch


def supersede_automatic(register: sa.Engine, category: Category, now: dt.datetime) -> int:
    """Ends the automatic batches of a category that were not carried out, so that a new one stands alone.

    What they held is still due and comes with the new one. Returns how many there were.
    """
    ended = 0
    for batch in automatic(register, category, (State.PROPOSED, State.APPROVED)):
        with writing(register) as connection:
            ended += _end(connection, batch, None, "superseded", now)
    return ended


def _propose(at: At, reading: Reading, wanted: _Wanted) -> tuple[Batch, Mapping[str, int]]:
    with at.register.connect() as connection:
        kept = rest.stays(connection, wanted.requests, reading.as_of)
    with reading.choosing(keys.pseudonyms(at.settings), wanted.items, wanted.requests, kept) as choice:
        choice.decide(wanted.kind)
        seen = previewed(reading, choice)
        going = {row.basis_key for row in choice.rows(asks.PURGE_DOOMED) if row.stays is None}
    chosen = sorted((item for item in wanted.items if item.basis_key in going), key=lambda item: item.basis_key)
    stays = dict(wanted.left_aside + Counter(seen.staying))
    if not chosen:
        raise Refused("batch_empty", stays=stays or {Stays.GONE.value: 0})
    author = at.author
    with writing(at.register) as connection:
        # Somebody may have been quicker since the look at what others have proposed.
        if wanted.kind is Kind.RULE and _proposed(connection) & {item.basis_key for item in chosen}:
            raise Refused("batch_twice")
        batch_id = connection.scalars(
            sa.insert(tables.batch)
            .values(
                uid=uuid4().hex,
                state=State.PROPOSED,
                kind=wanted.kind,
                filters=json.dumps({**wanted.filters, "stayed": stays}, sort_keys=True),
                proposed_by=author.pseudonym if author else None,
                proposed_role=author.role if author else None,
                proposed_at=at.now,
                build_id=reading.build,
                as_of=reading.as_of,
                policy_digest=at.policy.digest,
                policy_version=at.policy.version,
                digest=digest_of(item.basis_key for item in chosen),
                planned=len(chosen),
                persons=seen.persons,
                large=is_large(connection, seen, author.pseudonym if author else None, at.parameters, at.now),
            )
            .returning(tables.batch.c.batch_id)
        ).one()
        _insert_items(connection, batch_id, chosen)
        for request_id in wanted.request_ids:
            _not_proposed(connection, request_id)
            connection.execute(sa.insert(tables.batch_request).values(batch_id=batch_id, request_id=request_id))
        _record(
            connection, ledger.Event.BATCH_PROPOSED, batch_id, author, at.now, reading.build,
            kind=wanted.kind.value, entries=len(chosen), persons=seen.persons, stayed=sum(stays.values()),
        )  # fmt: skip
        return find_in(connection, batch_id), stays


def take_out(at: At, reading: Reading, batch_id: int, basis_ids: Sequence[str], terms: holds.Terms) -> int:
    """Takes entries out of a proposed batch and holds them on `terms`; returns how many.

    `basis_ids` are of `reading`. Keeping something past its last lawful day needs a ground and an end, so taking out is
    placing a hold. Raises Refused `not_allowed`, `not_owned`, `batch_not_proposed`, `build_changed` where `reading` is
    not of the current build (a hold on its ids might hold nothing), `hold_...`, or `batch_would_be_empty`.
    """
    actor = at.require(Permission.PROPOSE_PURGE)
    pseudonyms = keys.pseudonyms(at.settings)
    wanted = {pseudonyms.digest(f"basis|{basis_id}"): basis_id for basis_id in basis_ids}
    table = tables.batch_item
    with writing(at.register) as connection:
        batch = _in_state(connection, batch_id, State.PROPOSED, "batch_not_proposed")
        current = connection.scalar(sa.select(builds_tables.pointer.c.build_id))
        if current != reading.build:
            raise Refused("build_changed", seen=str(reading.build), current=str(current))
        known = connection.execute(
            sa.select(table.c.basis_key, table.c.category).where(
                table.c.batch_id == batch_id,
                table.c.basis_key.in_(list(wanted)),
                table.c.outcome.is_distinct_from("taken_out"),
            )
        ).all()
        _require_owned(actor, {row.category for row in known})
        if not known:
            return 0
        found = [row.basis_key for row in known]
        connection.execute(
            sa.update(table)
            .where(table.c.batch_id == batch_id, table.c.basis_key.in_(found))
            .values(outcome="taken_out", reason=terms.ground)
        )
        holds.take_out(connection, at, reading, [wanted[basis_key] for basis_key in found], terms)
        left = items(connection, batch_id)
        if not left:
            raise Refused("batch_would_be_empty")
        connection.execute(
            sa.update(tables.batch)
            .where(tables.batch.c.batch_id == batch_id)
            .values(planned=len(left), digest=digest_of(item.basis_key for item in left))
        )
        _record(
            connection, ledger.Event.BATCH_TAKEN_OUT, batch_id, at.author, at.now, batch.build_id,
            entries=len(found), ground=terms.ground, until=terms.review_on.isoformat(),
        )  # fmt: skip
        return len(found)


def approve(
    at: At,
    reading: Reading,
    batch_id: int,
    *,
    seen_build: int,
    word: str,
    number: int,
    seen_policy: str | None = None,
) -> Batch:
    """Approves a proposed batch after its preview on `seen_build`; the approval is good for some days.

    What that preview says will stay is not approved, and stays when the batch is carried out, whatever has ended since.

    Raises Refused `not_allowed`, `not_owned`, `own_batch`, `batch_not_proposed`, `build_changed` where the preview
    that was seen is not of the current build, `policy_changed` after taking the batch back to a new preview or where
    the one that was seen is by other rules (`seen_policy` is their digest), `confirmation_wrong` where the typed
    word or number is not the one asked for, and `batch_altered` where its entries are not those that were proposed.
    """
    actor = at.require(Permission.APPROVE_PURGE)
    batch = find(at.register, batch_id)
    _require_owned(actor, _categories(at.register, batch_id))
    if batch.state is not State.PROPOSED:
        raise Refused("batch_not_proposed")
    if batch.proposed_by == actor.pseudonym:
        raise Refused("own_batch")
    if seen_build != reading.build:
        raise Refused("build_changed", seen=str(seen_build), current=str(reading.build))
    _same_policy(at, reading, batch)
    if seen_policy not in (None, batch.policy_digest):
        raise Refused("policy_changed", version=batch.policy_version)
    with _decided(at.settings, at.register, reading, batch) as choice:
        seen = previewed(reading, choice)
        staying = {row.basis_key: row.stays for row in choice.rows(asks.PURGE_DOOMED) if row.stays is not None}
    _confirmed(word, number, seen.going)
    if not seen.going:
        raise Refused("batch_empty", stays=seen.staying)
    until = reading.as_of + dt.timedelta(days=at.parameters.approval_days)
    with writing(at.register) as connection:
        current = _in_state(connection, batch_id, State.PROPOSED, "batch_not_proposed")
        # Others may have been approved since the preview was made, and the batch taken back to a new one.
        if current.policy_digest != batch.policy_digest:
            raise Refused("policy_changed", version=current.policy_version)
        require_unaltered(current, items(connection, batch_id))
        connection.execute(
            sa.update(tables.batch)
            .where(tables.batch.c.batch_id == batch_id, tables.batch.c.state == State.PROPOSED)
            .values(
                state=State.APPROVED,
                approved_by=actor.pseudonym,
                approved_role=actor.role.value,
                approved_at=at.now,
                approved_until=until,
                large=is_large(connection, seen, batch.proposed_by, at.parameters, at.now, batch_id),
            )
        )
        _mark(connection, batch_id, staying)
        _record(
            connection, ledger.Event.BATCH_APPROVED, batch_id, at.author, at.now, reading.build,
            entries=seen.going, until=until.isoformat(),
        )  # fmt: skip
        return find_in(connection, batch_id)


def confirm(at: At, reading: Reading, batch_id: int, *, persons: int) -> Batch:
    """The second confirmation of a large batch: how many persons it concerns, typed by who will carry it out.

    Raises Refused `not_allowed`, `batch_not_approved` or `confirmation_wrong`.
    """
    actor = at.require(Permission.EXECUTE_PURGE)
    seen = preview(at.settings, at.register, reading, batch_id)
    if persons != seen.persons:
        raise Refused("confirmation_wrong")
    with writing(at.register) as connection:
        _in_state(connection, batch_id, State.APPROVED, "batch_not_approved")
        connection.execute(
            sa.update(tables.batch)
            .where(tables.batch.c.batch_id == batch_id)
            .values(confirmed_by=actor.pseudonym, confirmed_role=actor.role.value, confirmed_at=at.now)
        )
        _record(connection, ledger.Event.BATCH_CONFIRMED, batch_id, at.author, at.now, reading.build, persons=persons)
        return find_in(connection, batch_id)


def refuse(at: At, batch_id: int, *, reason: str) -> Batch:
    """Ends a batch that is not being carried out; nothing of it goes. `reason` is a code of `batch_reason.<code>`.

    Whoever proposed it may take it back. Raises Refused `not_allowed`, `not_owned` or `batch_not_open`.
    """
    actor = at.require_one_of(Permission.APPROVE_PURGE, Permission.PROPOSE_PURGE)
    batch = find(at.register, batch_id)
    at.require(Permission.PROPOSE_PURGE if batch.proposed_by == actor.pseudonym else Permission.APPROVE_PURGE)
    _require_owned(actor, _categories(at.register, batch_id))
    with writing(at.register) as connection:
        if not _end(connection, batch, at.author, reason, at.now):
            raise Refused("batch_not_open")
        return find_in(connection, batch_id)


def _end(connection: sa.Connection, batch: Batch, author: ledger.Author | None, reason: str, now: dt.datetime) -> bool:
    """Ends a batch that is not being carried out; says whether it was one."""
    table = tables.batch
    ended = connection.execute(
        sa.update(table)
        .where(table.c.batch_id == batch.batch_id, table.c.state.in_([State.PROPOSED, State.APPROVED]))
        .values(
            state=State.REFUSED,
            ended_by=author.pseudonym if author else None,
            ended_at=now,
            ended_reason=reason,
        )
    ).rowcount
    if ended:
        _forget_items(connection, batch.batch_id)
        _record(connection, ledger.Event.BATCH_REFUSED, batch.batch_id, author, now, batch.build_id, reason=reason)
    return bool(ended)


def expire(register: sa.Engine, today: dt.date, now: dt.datetime) -> int:
    """Ends the batches whose approval is no longer good; returns how many."""
    table = tables.batch
    over = sa.and_(table.c.state == State.APPROVED, table.c.approved_until < today)
    with register.connect() as connection:
        if not connection.scalars(sa.select(table.c.batch_id).where(over)).all():
            return 0
    with writing(register) as connection:
        found = connection.scalars(sa.select(table.c.batch_id).where(over)).all()
        for batch_id in found:
            expire_one(connection, batch_id, now)
        return len(found)


def expire_one(connection: sa.Connection, batch_id: int, now: dt.datetime) -> None:
    """Ends a batch whose approval is no longer good, in the caller's transaction."""
    connection.execute(
        sa.update(tables.batch)
        .where(tables.batch.c.batch_id == batch_id)
        .values(state=State.EXPIRED, ended_at=now, ended_reason="approval_expired")
    )
    _forget_items(connection, batch_id)
    _record(connection, ledger.Event.BATCH_EXPIRED, batch_id, None, now, None)


def claim(at: At, reading: Reading, batch_id: int, run_id: str, *, word: str, number: int) -> Batch:
    """Makes the approved batch the run's, once: the first of two clicks has it, the second is refused.

    Raises Refused `not_allowed`, `batch_not_approved`, `approval_expired`, `policy_changed`, `batch_not_confirmed`
    for a large batch without its second confirmation, `confirmation_wrong`, and `batch_altered` where its entries are
    not those that were proposed.
    """
    actor = at.require(Permission.EXECUTE_PURGE)
    expire(at.register, reading.as_of, at.now)
    batch = find(at.register, batch_id)
    if batch.state is State.EXPIRED:
        raise Refused("approval_expired")
    if batch.state is not State.APPROVED:
        raise Refused("batch_not_approved")
    _same_policy(at, reading, batch)
    seen = preview(at.settings, at.register, reading, batch_id)
    _confirmed(word, number, seen.going)
    with writing(at.register) as connection:
        # Of two that are large together and carried out at once, one sees the other.
        batch = _in_state(connection, batch_id, State.APPROVED, "batch_not_approved")
        require_unaltered(batch, items(connection, batch_id))
        large = batch.large or is_large(connection, seen, batch.proposed_by, at.parameters, at.now, batch_id)
        if large and batch.confirmed_by is None:
            raise Refused("batch_not_confirmed")
        _take(connection, batch_id, State.APPROVED, run_id, executed_by=actor.pseudonym, executed_role=actor.role.value)
        _record(connection, ledger.Event.BATCH_CLAIMED, batch_id, at.author, at.now, reading.build, entries=seen.going)
        return find_in(connection, batch_id)


def claim_automatic(register: sa.Engine, batch_id: int, run_id: str, now: dt.datetime) -> None:
    """Makes an automatic batch the run's. Raises Refused `batch_not_approved` for any other kind or state."""
    if find(register, batch_id).kind is not Kind.AUTOMATIC:
        raise Refused("batch_not_approved")
    with writing(register) as connection:
        _take(connection, batch_id, State.PROPOSED, run_id)
        _record(connection, ledger.Event.BATCH_CLAIMED, batch_id, None, now, None)


def take_over(register: sa.Engine, batch_id: int, dead_run: str, run_id: str, now: dt.datetime) -> None:
    """Gives a batch whose run died to another run. Raises Refused `batch_not_approved` where somebody was first."""
    table = tables.batch
    with writing(register) as connection:
        taken = connection.execute(
            sa.update(table)
            .where(table.c.batch_id == batch_id, table.c.state == State.EXECUTING, table.c.run_id == dead_run)
            .values(run_id=run_id)
        ).rowcount
        if not taken:
            raise Refused("batch_not_approved")
        _record(connection, ledger.Event.BATCH_CLAIMED, batch_id, None, now, None, resumed=True)


def give_back(
    connection: sa.Connection, batch: Batch, author: ledger.Author | None, now: dt.datetime, *, reason: str
) -> None:
    """Takes a batch whose run did not carry it out back to where it came from, in the caller's transaction."""
    connection.execute(
        sa.update(tables.batch)
        .where(tables.batch.c.batch_id == batch.batch_id)
        .values(
            state=State.PROPOSED if batch.kind is Kind.AUTOMATIC else State.APPROVED,
            run_id=None,
            executed_by=None,
            executed_role=None,
        )
    )
    _record(connection, ledger.Event.BATCH_STOPPED, batch.batch_id, author, now, batch.build_id, reason=reason)


def back_to_preview(at: At, reading: Reading, batch: Batch, author: ledger.Author | None) -> None:
    """Takes an open batch back to its preview under the rules of `reading`; an approval that it had is void.

    `author` is whose act it is: a run that carries a batch out acts for who began it. Raises Refused `not_allowed` for
    somebody who may neither approve nor carry out, and `batch_not_open`.
    """
    if at.actor is not None:
        at.require_one_of(Permission.APPROVE_PURGE, Permission.EXECUTE_PURGE)
    with _decided(at.settings, at.register, reading, batch) as choice:
        seen = choice.rows(asks.PURGE_DOOMED)
    table, item = tables.batch, tables.batch_item
    with writing(at.register) as connection:
        moved = connection.execute(
            sa.update(table)
            # As it was when it was looked at: somebody may have taken it back, and gone on with it, since.
            .where(
                table.c.batch_id == batch.batch_id, table.c.state.in_(OPEN),
                table.c.policy_digest == batch.policy_digest,
            )
            .values(
                state=State.PROPOSED, policy_digest=at.policy.digest, policy_version=at.policy.version,
                as_of=reading.as_of, build_id=reading.build, run_id=None, executed_by=None, executed_role=None,
                approved_by=None, approved_role=None, approved_at=None, approved_until=None,
                confirmed_by=None, confirmed_role=None, confirmed_at=None,
            )
        ).rowcount  # fmt: skip
        if not moved:
            raise Refused("batch_not_open")
        connection.execute(
            sa.update(item)
            .where(item.c.batch_id == batch.batch_id, item.c.basis_key == sa.bindparam("its_key"))
            .values(status=sa.bindparam("its_status"), deadline_on=sa.bindparam("its_deadline"), reason=None),
            [{"its_key": row.basis_key, "its_status": row.status, "its_deadline": row.deadline_on} for row in seen],
        )
        _record(
            connection, ledger.Event.BATCH_RETURNED, batch.batch_id, author, at.now, reading.build,
            reason="policy_changed", version=at.policy.version,
        )  # fmt: skip


def return_changed(at: At, reading: Reading) -> int:
    """Takes every open batch that was previewed under other rules than those in force back to its preview, whoever is
    here; returns how many. One that is being carried out is looked at by its run.
    """
    table = tables.batch
    waiting = table.c.state.in_([State.PROPOSED, State.APPROVED])
    with at.register.connect() as connection:
        found = connection.scalars(
            sa.select(table.c.batch_id)
            .where(waiting, table.c.policy_digest != at.policy.digest)
            .order_by(table.c.batch_id)
        ).all()
    returned = 0
    for batch_id in found:
        # By the rules, not by anybody; and somebody may have ended it since.
        with contextlib.suppress(Refused):
            back_to_preview(dataclasses.replace(at, actor=None), reading, find(at.register, batch_id), None)
            returned += 1
    return returned


def confirm_sources(
    connection: sa.Connection,
    said: Mapping[int, State],
    *,
    build_id: int | None = None,
    run_id: str | None = None,
    author: ledger.Author | None,
    now: dt.datetime,
) -> None:
    """What the sources say of batches that were carried out, by compliance.sources.verification, in its transaction."""
    table = tables.batch
    for batch_id, state in said.items():
        changed = connection.execute(
            sa.update(table).where(table.c.batch_id == batch_id, table.c.state != state).values(state=state)
        ).rowcount
        if changed and state is not State.EXECUTED:
            event = ledger.Event.BATCH_VERIFIED if state is State.VERIFIED else ledger.Event.BATCH_RESURFACED
            told: dict[str, ledger.Detail] = {} if run_id is None else {"run": run_id}
            _record(connection, event, batch_id, author, now, build_id, **told)


def vouch(at: At, task_id: int) -> None:
    """Says of the rows in quarantine that alone keep an export from confirming an erasure that nobody who was purged is
    among them.

    Raises Refused `not_allowed` for everybody but the DPO, and what compliance.sources.verification.vouch does.
    """
    at.require_of_all(Permission.PROPOSE_PURGE)
    with writing(at.register) as connection:
        said = verification.vouch(connection, task_id, at.author, at.now)
        confirm_sources(connection, said, author=at.author, now=at.now)


def confirm_return(at: At, reappearance_id: int, reason: str) -> None:
    """Says that somebody who was let in is stored again, and for what reason. Where the source has them by their old
    key, it is no longer told to erase them, nor said to have whom it was to erase.

    Raises what compliance.suppression.verbs.confirm_return and compliance.evidence.write do.
    """
    at.require_of_all(Permission.PROPOSE_PURGE)
    with writing(at.register) as connection:
        told = suppression.confirm_return(connection, at, reappearance_id, reason)
        if told.is_by_old_key:
            said = verification.confirm_return(connection, told, author=at.author, now=at.now)
            confirm_sources(connection, said, author=at.author, now=at.now)
        evidence.rewrite(at.settings, connection, [told.batch_id], author=at.author, now=at.now)


def decide(at: At, reading: Reading, numbers: Sequence[int], verdict: Verdict) -> None:
    """Says of records by their `Doubt.number` whether they are somebody's who was purged (`same`) or not (`other`).
    Where another person has the key of a purged record, the source is no longer told to erase it.

    Raises what compliance.suppression.verbs.decide and compliance.evidence.write do.
    """
    at.require_of_all(Permission.PROPOSE_PURGE)
    with writing(at.register) as connection:
        told = suppression.decide(connection, at, reading, numbers, verdict)
        for one in told.others:
            verification.withdraw(connection, one, at.now)
        evidence.rewrite(at.settings, connection, told.batches, author=at.author, now=at.now)


def _item(pseudonyms: keys.Key, row: Candidate) -> Item:
    return Item(pseudonyms.digest(f"basis|{row.basis_id}"), row.category, row.source, row.status, row.deadline_on)


def _insert_items(connection: sa.Connection, batch_id: int, chosen: Sequence[Item]) -> None:
    for start in range(0, len(chosen), _CHUNK):
        connection.execute(
            sa.insert(tables.batch_item),
            [
                {
                    "batch_id": batch_id,
                    "basis_key": item.basis_key,
                    "category": item.category,
                    "source": item.source,
                    "status": item.status,
                    "deadline_on": item.deadline_on,
                }
                for item in chosen[start : start + _CHUNK]
            ],
        )


def _proposed(connection: sa.Connection) -> set[str]:
    """The entries of the batches by rule that somebody has proposed and that are not carried out yet."""
    item, table = tables.batch_item, tables.batch
    rows = connection.scalars(
        sa.select(item.c.basis_key)
        .join(table, table.c.batch_id == item.c.batch_id)
        .where(table.c.state.in_(OPEN), table.c.kind == Kind.RULE, item.c.outcome.is_distinct_from("taken_out"))
    )
    return set(rows)


def _not_proposed(connection: sa.Connection, request_id: int) -> None:
    """Raises Refused `request_proposed` where an open batch answers the request already."""
    answers, table = tables.batch_request, tables.batch
    batch_id = connection.scalar(
        sa.select(table.c.batch_id)
        .join(answers, answers.c.batch_id == table.c.batch_id)
        .where(answers.c.request_id == request_id, table.c.state.in_(OPEN))
    )
    if batch_id is not None:
        raise Refused("request_proposed", batch=str(batch_id))


def _mark(connection: sa.Connection, batch_id: int, staying: Mapping[str, str]) -> None:
    """Says of the entries why they stay, as whoever approves was shown."""
    table = tables.batch_item
    if staying:
        connection.execute(
            sa.update(table)
            .where(table.c.batch_id == batch_id, table.c.basis_key == sa.bindparam("its_key"))
            .values(reason=sa.bindparam("its_reason")),
            [{"its_key": basis_key, "its_reason": stays} for basis_key, stays in staying.items()],
        )


def _forget_items(connection: sa.Connection, batch_id: int) -> None:
    """A batch that will never be carried out has no need of knowing whom it would have concerned."""
    connection.execute(sa.delete(tables.batch_item).where(tables.batch_item.c.batch_id == batch_id))


def _in_state(connection: sa.Connection, batch_id: int, state: State, otherwise: str) -> Batch:
    batch = find_in(connection, batch_id)
    if batch.state is not state:
        raise Refused(otherwise)
    return batch


def _take(connection: sa.Connection, batch_id: int, state: State, run_id: str, **values: Any) -> None:
    table = tables.batch
    taken = connection.execute(
        sa.update(table)
        .where(table.c.batch_id == batch_id, table.c.state == state)
        .values(state=State.EXECUTING, run_id=run_id, **values)
    ).rowcount
    if taken != 1:
        raise Refused("batch_not_approved")


def _require_owned(actor: Actor, categories: set[str]) -> None:
    if actor.categories is not None and not categories <= {category.value for category in actor.categories}:
        raise Refused("not_owned")


def _same_policy(at: At, reading: Reading, batch: Batch) -> None:
    """Takes a batch that was previewed under other rules back to its preview, and raises Refused `policy_changed`."""
    if batch.policy_digest != at.policy.digest:
        back_to_preview(at, reading, batch, at.author)
        raise Refused("policy_changed", version=at.policy.version)


def _confirmed(word: str, number: int, going: int) -> None:
    if word.strip().upper() not in CONFIRMATION_WORDS.values() or number != going:
        raise Refused("confirmation_wrong")


def _erasable(connection: sa.Connection, source: str, reference: str) -> int:
    row = connection.execute(
        sa.select(requests_tables.request).where(
            requests_tables.request.c.source == source, requests_tables.request.c.reference == reference
        )
    ).one_or_none()
    if row is None:
        raise Refused("request_unknown")
    erases = requests_steps.erases(row.kind, requests_record.recorded(connection, row.request_id))
    if not erases or row.role != "controller":
        raise Refused("request_not_erasure")
    if row.closed_on is not None:
        raise Refused("request_already_closed")
    if row.identity_asked_on is not None and row.identity_answered_on is None:
        raise Refused("request_identity_open")
    return int(row.request_id)


def _record(
    connection: sa.Connection,
    event: ledger.Event,
    batch_id: int,
    author: ledger.Author | None,
    now: dt.datetime,
    build: int | None,
    **details: ledger.Detail,
) -> None:
    ledger.append(connection, event, author=author, now=now, build=build, details={"batch": batch_id, **details})
