"""Grants are reviewed, one or many at once, and what is not kept is an order to the owner of the system.

Each review is evidence that nothing unwrites. Whether a grant was revoked an export says, by
compliance.environments.along.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.builds.tables import pointer
from compliance.environments import asks
from compliance.environments.asks import GrantRow
from compliance.environments.state import Access, access_of, holder_digest
from compliance.environments.tables import OPEN, OrderState, grant_review, revocation
from compliance.reading.copy import Reading, refused_where_retired
from compliance.register.engine import writing
from compliance.show.columns import columns
from compliance.show.extract import Sheet, Stamp, extract, parts_of
from compliance.show.leaving import Written
from compliance.words import keys
from compliance.words.deadlines import local_date
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

REASON_CHARACTERS = 500


@dataclass(frozen=True)
class Reviewed:
    """What a review came to: how many grants, and the orders to revoke that it made and took back."""

    grants: int
    ordered: tuple[int, ...]
    withdrawn: tuple[int, ...]


def review(at: At, reading: Reading, wanted: Collection[tuple[str, str]], *, keep: bool, reason: str) -> Reviewed:
    """Records that somebody has looked at grants of `reading`, by (source, key there), and whether they are kept. What
    is not is ordered to be revoked, once; what is kept after all needs no order any more.

    Raises Refused `not_allowed`, `review_nothing` for none, `field_missing`, `field_too_long` and `review_personal`
    with the field `reason`, `grant_gone` for one that is not there or lets nobody in any more, `grant_own` for one's
    own, `grants_build_changed` where the copy is another by now, and what the key of pseudonyms does.
    """
    actor = at.require(Permission.REVIEW_ACCESS)
    why = _reason(reason)
    if not wanted:
        raise Refused("review_nothing")
    with refused_where_retired("grants_build_changed"):
        held = reading.rows(asks.GRANTS_HELD, named=False, reader=actor.email)
    rows = {(row.source, row.grant_key): row for row in held}
    found: list[GrantRow] = []
    for one in sorted(set(wanted)):
        row = rows.get(one)
        if row is None or access_of(row, reading.as_of) is Access.REVOKED:
            raise Refused("grant_gone", grant=one[1])
        found.append(row)
    if any(row.is_readers or row.holder == actor.email for row in found):
        raise Refused("grant_own")
    pseudonyms = keys.pseudonyms(at.settings)
    ordered: list[int] = []
    withdrawn: list[int] = []
    with writing(at.register) as connection:
        if connection.scalar(sa.select(pointer.c.build_id)) != reading.build:
            raise Refused("grants_build_changed")
        waits = _waiting(connection, found)
        for row in found:
            number = connection.scalars(
                sa.insert(grant_review)
                .values(
                    source=row.source, grant_key=row.grant_key, environment_key=row.environment_key,
                    holder_digest=holder_digest(pseudonyms, row.holder), is_kept=keep, reason=why,
                    build_id=reading.build, reviewed_at=at.now, reviewed_by=actor.pseudonym,
                    reviewed_role=actor.role.value,
                )
                .returning(grant_review.c.review_id)
            ).one()  # fmt: skip
            _record(
                connection, at, ledger.Event.GRANT_REVIEWED, reading.build,
                grant_review=number, dataset=row.dataset, is_kept=keep,
            )  # fmt: skip
            waiting = waits.get((row.source, row.grant_key))
            if keep and waiting is not None:
                _settle(connection, waiting, OrderState.WITHDRAWN, None, at.now)
                _record(connection, at, ledger.Event.REVOCATION_WITHDRAWN, reading.build, revocation=waiting)
                withdrawn.append(waiting)
            elif not keep and waiting is None:
                ordered.append(_order(connection, at, row, number, reading.build, actor.pseudonym))
    return Reviewed(len(found), tuple(ordered), tuple(withdrawn))


def order(at: At, numbers: Sequence[int], language: str, stamp: Stamp, clock: Callable[[], dt.datetime]) -> Written:
    """An order to the owners of systems as a CSV file: each grant by its key, the environment and the account, and of
    nobody by name. That it was fetched is recorded first.

    Raises Refused `not_allowed`, `revocation_unknown` where none of them waits, and what an extract does.
    """
    actor = at.require_one_of(Permission.REVIEW_ACCESS, Permission.FETCH_ORDERS)
    wanted = (revocation.c.revocation_id.in_(list(numbers)), revocation.c.state.in_(OPEN))
    with writing(at.register) as connection:
        found = connection.execute(sa.select(revocation).where(*wanted).order_by(revocation.c.revocation_id)).all()
        if not found:
            raise Refused("revocation_unknown")
        connection.execute(sa.update(revocation).where(*wanted).values(fetched_by=actor.pseudonym, fetched_at=at.now))
        for one in found:
            _record(connection, at, ledger.Event.REVOCATION_ORDERED, None, revocation=one.revocation_id)
    rows = [
        {
            "revocation": str(one.revocation_id),
            "dataset": one.dataset,
            "grant": one.grant_key,
            "environment": one.environment_key,
            "ordered_on": local_date(one.asked_at),
        }
        for one in found
    ]
    shown = columns(language, "revocation", "dataset", "grant", "environment", "ordered_on:date")
    sheet = Sheet("revocation_order", shown, language, "excel", stamp)
    return extract(at, sheet, parts_of(sheet, [rows]), Permission.EXTRACT_FIGURES, clock)


def _order(connection: sa.Connection, at: At, row: GrantRow, review_id: int, build: int, by: str) -> int:
    number = connection.scalars(
        sa.insert(revocation)
        .values(
            review_id=review_id, source=row.source, dataset=row.dataset, grant_key=row.grant_key,
            environment_key=row.environment_key, state=OrderState.AWAITED, asked_at=at.now, asked_by=by,
        )
        .returning(revocation.c.revocation_id)
    ).one()  # fmt: skip
    _record(connection, at, ledger.Event.REVOCATION_ASKED, build, revocation=number, dataset=row.dataset)
    return int(number)


def _waiting(connection: sa.Connection, rows: Sequence[GrantRow]) -> dict[tuple[str, str], int]:
    """The orders that wait, of those grants that have one."""
    told = sa.select(revocation.c.source, revocation.c.grant_key, revocation.c.revocation_id).where(
        revocation.c.grant_key.in_([row.grant_key for row in rows]), revocation.c.state.in_(OPEN)
    )
    return {(source, grant_key): number for source, grant_key, number in connection.execute(told)}


def _settle(connection: sa.Connection, number: int, state: OrderState, build: int | None, now: dt.datetime) -> None:
    connection.execute(
        sa.update(revocation)
        .where(revocation.c.revocation_id == number)
        .values(state=state, decided_build=build, decided_at=now)
    )


def _record(
    connection: sa.Connection, at: At, event: ledger.Event, build: int | None, **details: ledger.Detail
) -> None:
    ledger.append(connection, event, author=at.author, now=at.now, build=build, details=details)


def _reason(told: str) -> str:
    text = told.strip()
    if not text:
        raise Refused("field_missing", field="reason")
    if len(text) > REASON_CHARACTERS:
        raise Refused("field_too_long", field="reason", most=REASON_CHARACTERS)
    if ledger.looks_personal(text):
        raise Refused("review_personal", field="reason")
    return text
