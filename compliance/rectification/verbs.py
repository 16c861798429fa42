"""Corrections: asked for with evidence, told to the source by an order, told to whoever else has the data, withdrawn.

Whether the source has corrected it an export says (compliance.rectification.along). The ledger has the field and keyed
digests of the two values, never a value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import ledger
from compliance.access.at import At
from compliance.builds.tables import pointer
from compliance.reading.copy import Reading, refused_where_retired
from compliance.rectification import asks, values
from compliance.rectification.tables import OPEN, State, rectification, rectification_recipient
from compliance.register.engine import writing
from compliance.requests.tables import request
from compliance.show.columns import Column
from compliance.show.extract import Sheet, Stamp, extract, parts_of
from compliance.show.leaving import Written
from compliance.sources.catalogue import Catalogue, Dataset
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import Permission


@dataclass(frozen=True)
class Wanted:
    """What is to be corrected: the field of a row (by its record_id), and what it is to say (empty: nothing).

    `evidence` is the reference of what shows it, `request` the request that it answers, by its number in the register;
    `recipients` are the systems besides the source that have the data and are to be told.
    """

    record_id: str
    field: str
    value: str
    evidence: str
    request: int | None = None
    recipients: tuple[str, ...] = ()


def ask(
    at: At,
    reading: Reading,
    person_id: str,
    wanted: Wanted,
    answering: Callable[[sa.Connection, int], object] | None = None,
) -> int:
    """Asks for a correction of what is stored of a person of `reading`, and returns its number. `answering` is what
    that does to the request that it answers, in the same transaction.

    Raises Refused `not_allowed`, what compliance.rectification.values.read does, `rectification_evidence_invalid`,
    `rectification_row_gone` where the person has no such row, `rectification_value_same`, `rectification_twice` with
    the number of one that is awaited, `rectification_request_unknown`, `rectification_build_changed`, and what the key
    of pseudonyms and `answering` do.
    """
    actor = at.require_of_all(Permission.CORRECT_PERSONS)
    value = values.read(wanted.field, wanted.value)
    evidence = wanted.evidence.strip()
    if not ledger.is_case(evidence):
        raise Refused("rectification_evidence_invalid")
    with refused_where_retired("rectification_build_changed"):
        rows = [one for one in reading.rows(asks.RECTIFIABLE, record=wanted.record_id) if one.person_id == person_id]
    if not rows:
        raise Refused("rectification_row_gone")
    row = rows[0]
    old = values.told(row._asdict()[wanted.field])
    if values.same(wanted.field, old, value):
        raise Refused("rectification_value_same")
    pseudonyms = keys.pseudonyms(at.settings)
    with writing(at.register) as connection:
        if connection.scalar(sa.select(pointer.c.build_id)) != reading.build:
            raise Refused("rectification_build_changed")
        twin = connection.scalar(
            sa.select(rectification.c.rectification_id).where(
                rectification.c.dataset == row.dataset,
                rectification.c.source_key == row.source_key,
                rectification.c.field == wanted.field,
                rectification.c.state.in_(OPEN),
            )
        )
        if twin is not None:
            raise Refused("rectification_twice", rectification=str(twin))
        if wanted.request is not None and not connection.scalar(
            sa.select(sa.func.count()).where(request.c.request_id == wanted.request)
        ):
            raise Refused("rectification_request_unknown")
        number = connection.scalars(
            sa.insert(rectification)
            .values(
                source=row.source, dataset=row.dataset, category=row.category, field=wanted.field,
                source_key=row.source_key, old_value=old, new_value=value, evidence=evidence,
                request_id=wanted.request, state=State.AWAITED, asked_by=actor.pseudonym, asked_at=at.now,
            )
            .returning(rectification.c.rectification_id)
        ).one()  # fmt: skip
        others = sorted(set(wanted.recipients) - {row.source})
        if others:
            connection.execute(
                sa.insert(rectification_recipient),
                [{"rectification_id": number, "recipient": one} for one in others],
            )
        _record(connection, at, ledger.Event.RECTIFICATION_ASKED, number, build=reading.build, details={
            "field": wanted.field, "dataset": row.dataset, "source": row.source, "evidence_ref": evidence,
            "request": wanted.request,
            **{name: None if text is None else pseudonyms.digest(f"value|{text}")
               for name, text in (("old_digest", old), ("new_digest", value))},
        })  # fmt: skip
        if wanted.request is not None and answering is not None:
            answering(connection, wanted.request)
    return int(number)


def withdraw(at: At, number: int) -> None:
    """Ends a correction that nobody waits for any more: it was asked for by mistake, or the old value is right.

    Raises Refused `not_allowed`, `rectification_unknown`, `rectification_over`.
    """
    actor = at.require_of_all(Permission.CORRECT_PERSONS)
    with writing(at.register) as connection:
        _open(connection, number)
        connection.execute(
            sa.update(rectification)
            .where(rectification.c.rectification_id == number)
            .values(state=State.WITHDRAWN, decided_at=at.now, withdrawn_by=actor.pseudonym)
        )
        _record(connection, at, ledger.Event.RECTIFICATION_WITHDRAWN, number)


def tell(at: At, number: int, recipient: str) -> None:
    """Says that somebody who has the data was told of a correction (article 19).

    Raises Refused `not_allowed`, `rectification_unknown` where nobody of that name waits to be told.
    """
    actor = at.require_of_all(Permission.CORRECT_PERSONS)
    with writing(at.register) as connection:
        told = connection.execute(
            sa.update(rectification_recipient)
            .where(
                rectification_recipient.c.rectification_id == number,
                rectification_recipient.c.recipient == recipient,
                rectification_recipient.c.told_at.is_(None),
            )
            .values(told_by=actor.pseudonym, told_at=at.now)
        )
        if told.rowcount != 1:
            raise Refused("rectification_unknown")
        _record(
            connection, at, ledger.Event.RECTIFICATION_TOLD, number, details={"recipient": recipient}
        )  # fmt: skip


def order(
    at: At,
    numbers: Sequence[int],
    catalogue: Catalogue,
    language: str,
    stamp: Stamp,
    clock: Callable[[], dt.datetime],
) -> Written:
    """An order to the systems' owners as a CSV file: each row by its key, the column, what it says and is to say. It
    has persons in it, so it is recorded and limited as an extract with names; that it was fetched is recorded before
    anything of it leaves, and only where it may leave.

    Raises Refused `not_allowed`, `rectification_unknown` where none of them is awaited, `limit_extracts`.
    """
    actor = at.require_of_all(Permission.CORRECT_PERSONS)
    with at.register.connect() as connection:
        found = connection.execute(
            sa.select(rectification)
            .where(rectification.c.rectification_id.in_(list(numbers)), rectification.c.state.in_(OPEN))
            .order_by(rectification.c.dataset, rectification.c.rectification_id)
        ).all()
    if not found:
        raise Refused("rectification_unknown")
    by_id = {dataset.id: dataset for dataset in catalogue.datasets}
    names = ("rectification", "dataset", "source_key", "column_name", "old_value", "new_value")
    shown = [Column(name, say(f"column.{name}", language)) for name in names]
    rows = [
        {
            "rectification": str(one.rectification_id),
            "dataset": one.dataset,
            "source_key": one.source_key,
            "column_name": column_of(by_id.get(one.dataset), one.field),
            "old_value": one.old_value,
            "new_value": one.new_value,
        }
        for one in found
    ]
    sheet = Sheet("rectification_order", shown, language, "excel", stamp)
    written = extract(at, sheet, parts_of(sheet, [rows]), Permission.EXTRACT_PERSONS, clock)
    try:
        with writing(at.register) as connection:
            these = rectification.c.rectification_id.in_([one.rectification_id for one in found])
            connection.execute(
                sa.update(rectification).where(these).values(fetched_by=actor.pseudonym, fetched_at=at.now)
            )
            for one in found:
                _record(connection, at, ledger.Event.RECTIFICATION_ORDERED, one.rectification_id)
    except BaseException:
        # It has begun, and ends without anything of it having left.
        written.close()
        raise
    return written


def column_of(dataset: Dataset | None, field: str) -> str:
    """What the source calls the column of a field; of a name that it has in two, both."""
    headers: Mapping[str, tuple[str, ...]] = dataset.headers if dataset else {}
    parts: Iterable[str] = (field,) if field in headers or field != "name" else ("given_name", "family_name")
    return " + ".join(headers[part][0] for part in parts if part in headers) or field


def _open(connection: sa.Connection, number: int) -> None:
    state = connection.scalar(sa.select(rectification.c.state).where(rectification.c.rectification_id == number))
    if state is None:
        raise Refused("rectification_unknown")
    if state not in OPEN:
        raise Refused("rectification_over", rectification=str(number))


def _record(
    connection: sa.Connection,
    at: At,
    event: ledger.Event,
    number: int,
    *,
    build: int | None = None,
    details: Mapping[str, ledger.Detail] | None = None,
) -> None:
    told = {name: value for name, value in (details or {}).items() if value is not None}
    ledger.append(
        connection, event, author=at.author, now=at.now, build=build, details={"rectification": number, **told}
    )  # fmt: skip
