"""What evidence holds: a purge's receipt, its entries of the suppression list, the requests it closed, open orders."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, ConfigDict

from compliance.evidence import receipts
from compliance.evidence.receipts import Receipt
from compliance.evidence.tables import evidence
from compliance.purge.tables import batch, batch_request
from compliance.requests.tables import request
from compliance.sources.tables import Kind, source_task
from compliance.suppression.tables import Seen, Verdict, reappearance, suppression
from compliance.words.refusal import Refused


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Suppressed(_Frozen):
    """An entry of the suppression list, without the numbers that only one register gives it."""

    key_id: str
    record_digest: str
    email_digest: str | None
    phone_digest: str | None
    # Evidence of an earlier version lacks the next five.
    name_digest: str | None = None
    email_name_digest: str | None = None
    number_digest: str | None = None
    is_shared_email: bool | None = None
    is_shared_phone: bool | None = None
    category: str | None
    source: str
    dataset: str
    erased_on: dt.date
    expires_on: dt.date
    relation_started_on: dt.date | None
    relation_ended_on: dt.date | None


class Another(_Frozen):
    """A record that was decided to be another person's than whose an entry is, which is the `entry`th of its purge; or,
    as `let_in`, to be stored again for good reason.
    """

    entry: int
    kind: Literal[Seen.POSSIBLE, Seen.LET_IN] = Seen.POSSIBLE
    record_digest: str
    name_digest: str | None = None
    email_name_digest: str | None
    phone_digest: str | None
    source: str
    dataset: str
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime
    confirmed_by: str | None
    confirmed_at: AwareDatetime | None


class ClosedRequest(_Frozen):
    """A request that a purge closed, without who asked."""

    source: str
    reference: str
    kind: str
    role: str
    requester: str | None
    received_at: AwareDatetime
    received_on: dt.date
    closed_on: dt.date
    outcome: str | None


class Order(_Frozen):
    """What a source was told to erase and has not been shown to have erased. `packed` are its own keys, as a task keeps
    them (compliance.sources.tasks.pack).
    """

    source: str
    dataset: str
    kind: Kind
    planned: int
    packed: bytes

    @property
    def keys(self) -> bytes:
        """The keys as the register's table has them."""
        return base64.b64decode(self.packed)


class LeftBehind(_Frozen):
    """A file that may hold whom a purge removed, and may not be wiped yet. `name` is that of a file of ours.

    Of a raw export it is the digest by which the ledger's line of its intake names it, and of one that may not be read
    the digest of its name: a company may have named it after a person.
    """

    kind: Literal["build", "quarantine", "export", "unread"]
    name: str


class Evidence(_Frozen):
    """All that is kept of one purge."""

    receipt: Receipt
    suppression: tuple[Suppressed, ...]
    # Evidence of an earlier version has none.
    others: tuple[Another, ...] = ()
    requests: tuple[ClosedRequest, ...]
    # Evidence of an earlier version lacks them.
    orders: tuple[Order, ...] = ()
    # Nothing is said of it where all was wiped.
    left_behind: tuple[LeftBehind, ...] = ()


def gather(connection: sa.Connection, batch_id: int) -> tuple[str, Mapping[str, Any]]:
    """A batch's uid, and what Evidence holds of it in values that JSON has, and dates.

    Raises Refused `receipt_missing` or `receipt_damaged` for a batch without a receipt that can be read.
    """
    row = connection.execute(sa.select(batch.c.uid, batch.c.receipt).where(batch.c.batch_id == batch_id)).one_or_none()
    if row is None or row.receipt is None:
        raise Refused("receipt_missing", batch=batch_id)
    try:
        receipt = receipts.parse(row.receipt)
    except ValueError:
        raise Refused("receipt_damaged", batch=batch_id) from None
    names = list(Suppressed.model_fields)
    entries = connection.execute(
        sa.select(suppression.c.suppression_id, *(suppression.c[name] for name in names))
        .where(suppression.c.batch_id == batch_id)
        .order_by(suppression.c.suppression_id)
    ).all()
    places = {entry.suppression_id: place for place, entry in enumerate(entries)}
    others = connection.execute(
        sa.select(reappearance)
        .join(suppression, suppression.c.suppression_id == reappearance.c.suppression_id)
        .where(
            suppression.c.batch_id == batch_id,
            sa.or_(
                reappearance.c.verdict == Verdict.OTHER,
                (reappearance.c.kind == Seen.LET_IN) & reappearance.c.confirmed_at.is_not(None),
            ),
        )
        .order_by(reappearance.c.reappearance_id)
    ).mappings()
    closed = connection.execute(
        sa.select(*(request.c[name] for name in ClosedRequest.model_fields))
        .join(batch_request, batch_request.c.request_id == request.c.request_id)
        .where(batch_request.c.batch_id == batch_id, request.c.closed_on.is_not(None))
        .order_by(request.c.source, request.c.reference)
    ).mappings()
    open_orders = connection.execute(
        sa.select(*(source_task.c[name] for name in ("source", "dataset", "kind", "planned", "keys")))
        .where(source_task.c.batch_id == batch_id, source_task.c["keys"].is_not(None))
        .order_by(source_task.c.dataset)
    ).mappings()
    left = connection.scalar(sa.select(evidence.c.left_behind).where(evidence.c.batch_id == batch_id))
    return row.uid, {
        **({"left_behind": orjson.loads(left)} if left else {}),
        "receipt": receipt.model_dump(mode="json"),
        # There may be a hundred thousand, and a model for each would take longer than all else.
        "suppression": [dict(zip(names, entry[1:], strict=True)) for entry in entries],
        "others": [
            Another(
                entry=places[one["suppression_id"]],
                **{name: one[name] for name in Another.model_fields if name != "entry"},
            ).model_dump(mode="json")
            for one in others
        ],
        "requests": [ClosedRequest(**one).model_dump(mode="json") for one in closed],
        "orders": [_order(one) for one in open_orders],
    }


def _order(task: sa.RowMapping) -> dict[str, Any]:
    packed = base64.b64encode(task["keys"]).decode("ascii")
    return {**{name: task[name] for name in ("source", "dataset", "kind", "planned")}, "packed": packed}


def canonical(told: Mapping[str, Any]) -> bytes:
    """JSON that is always the same bytes for the same content: names sorted, without blanks, in UTF-8."""
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def digest_of(told: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(told).hexdigest()
