"""Purges put into a register by hand as an execution leaves them, with list, closed request, line and evidence."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa

from compliance import builds, evidence, ledger
from compliance.build.builder import Builder
from compliance.evidence import receipts
from compliance.evidence.receipts import Proof, Receipt, Row, Rule, SourcePlan, Step
from compliance.ledger import tables as ledger_tables
from compliance.purge import tables as purge_tables
from compliance.register.engine import writing
from compliance.requests import tables as requests_tables
from compliance.suppression import tables as suppression_tables
from compliance.words.settings import Settings

NOW = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)
PETRA, AXEL = "a" * 32, "b" * 32


def receipt(**changes: Any) -> Receipt:
    """Three entries planned, two deleted, one held: a receipt as it should be, but for `changes`."""
    values: dict[str, Any] = {
        "uid": "0" * 32,
        "batch": 1,
        "kind": "rule",
        "proposed": Step(role="dpo", pseudonym=PETRA, at=NOW - dt.timedelta(days=1)),
        "approved": Step(role="ciso", pseudonym=AXEL, at=NOW - dt.timedelta(hours=1)),
        "executed": Step(role="dpo", pseudonym=PETRA, at=NOW),
        "build_before": 1,
        "build_after": 2,
        "as_of": NOW.date(),
        "policy_version": "2026-1",
        "policy_digest": "c" * 64,
        "keys_digest": "d" * 64,
        "planned": 3,
        "deleted": 2,
        "held": 1,
        "changed": 0,
        "failed": 0,
        "by_category": (
            Row(name="PROSPECT", planned=2, deleted=2, held=0, changed=0, failed=0),
            Row(name="EMPLOYEE", planned=1, deleted=0, held=1, changed=0, failed=0),
        ),
        "by_source": (Row(name="crm", planned=3, deleted=2, held=1, changed=0, failed=0),),
        "rules": (Rule(category="PROSPECT", start_event="last_contact", period="P10Y", section="prospect"),),
        "reasons": {"held": 1},
        "persons_gone": 2,
        "proof": Proof(
            rows_left=0,
            strings_searched=4,
            strings_found=0,
            control_searched=4,
            control_found=4,
            bytes_searched=1_048_576,
            raw_files_removed=2,
            quarantine_removed=1,
        ),
        "suppression_entries": 2,
        "requests_closed": 1,
        "sources": (SourcePlan(source="crm", dataset="crm_prospekt", kind="order", planned=2),),
        "backups_until": dt.date(2026, 12, 24),
        "chain_seq": 0,
        "chain_digest": ledger.GENESIS,
    }
    return Receipt(**{**values, **changes})


def begin(register: sa.Engine) -> None:
    """The line that a register begins with, always the same, so that two that have it are one and a backup of it."""
    with writing(register) as connection:
        ledger.append(connection, ledger.Event.SIGNED_OUT, author=None, now=NOW - dt.timedelta(days=2))


def ask(register: sa.Engine, reference: str = "F-1") -> None:
    """An open request of somebody who gave contact details."""
    with writing(register) as connection:
        connection.execute(
            sa.insert(requests_tables.request).values(
                source="form",
                reference=reference,
                kind="erasure",
                role="controller",
                received_at=NOW,
                received_on=NOW.date(),
                name="Anna Berg",
                email="anna@kund.example",
                phone="+46701234567",
                first_seen_at=NOW,
                updated_at=NOW,
            )
        )


def propose(register: sa.Engine, state: str = "approved") -> str:
    """A batch that is not yet executed; returns its uid."""
    uid = uuid.uuid4().hex
    with writing(register) as connection:
        connection.execute(sa.insert(purge_tables.batch).values(**_proposal(uid, state)))
    return uid


def purge(
    settings: Settings,
    register: sa.Engine,
    *,
    uid: str | None = None,
    closes: str | None = None,
    now: dt.datetime = NOW,
    keep: bool = True,
) -> Receipt:
    """Executes a batch, a proposed one by its `uid` or a new one, and keeps its evidence unless told otherwise."""
    uid = uid or propose(register)
    with writing(register) as connection:
        batch_id = connection.scalars(
            sa.select(purge_tables.batch.c.batch_id).where(purge_tables.batch.c.uid == uid)
        ).one()
        head = connection.execute(
            sa.select(ledger_tables.ledger.c.seq, ledger_tables.ledger.c.digest)
            .order_by(ledger_tables.ledger.c.seq.desc())
            .limit(1)
        ).one_or_none()
        made = receipt(
            uid=uid,
            batch=batch_id,
            chain_seq=head.seq if head else 0,
            chain_digest=head.digest if head else ledger.GENESIS,
            executed=Step(role="dpo", pseudonym=PETRA, at=now),
            requests_closed=1 if closes else 0,
        )
        counts = {name: getattr(made, name) for name in ("deleted", "held", "changed", "failed")}
        connection.execute(
            sa.update(purge_tables.batch)
            .where(purge_tables.batch.c.uid == uid)
            .values(
                state="executed",
                approved_by=AXEL,
                approved_role="ciso",
                approved_at=NOW - dt.timedelta(hours=1),
                executed_by=PETRA,
                executed_role="dpo",
                executed_at=now,
                receipt=receipts.canonical(made).decode(),
                receipt_digest=receipts.digest(made),
                **counts,
            )
        )
        connection.execute(
            sa.insert(suppression_tables.suppression), [_entry(int(batch_id or 0), uid, number) for number in range(2)]
        )
        if closes:
            request = requests_tables.request
            request_id = connection.scalars(
                sa.update(request)
                .where(request.c.reference == closes)
                .values(closed_on=now.date(), outcome="done", name=None, email=None, phone=None)
                .returning(request.c.request_id)
            ).one()
            connection.execute(sa.insert(purge_tables.batch_request).values(batch_id=batch_id, request_id=request_id))
        ledger.append(
            connection,
            ledger.Event.BATCH_EXECUTED,
            author=ledger.Author(PETRA, "dpo"),
            now=now,
            details={
                "batch": batch_id,
                "uid": uid,
                "receipt": receipts.digest(made),
                "planned": made.planned,
                **counts,
                **evidence.enter(connection, int(batch_id or 0)),
            },
        )
    if keep:
        evidence.write(settings, register, made.batch, now)
    return made


def make_build(settings: Settings, register: sa.Engine, now: dt.datetime = NOW) -> builds.Build:
    """An empty build, made current as intake does it."""
    with writing(register) as connection:
        build = builds.begin(settings, connection, uuid.uuid4().hex, now)
    settings.builds.mkdir(parents=True, exist_ok=True)
    with Builder(build.path, None, settings.builds, key=build.key) as builder:
        builder.finish()
    builds.publish(settings, register, build)
    with writing(register) as connection:
        builds.make_current(connection, build.build_id, author=None, now=now)
    return build


def _entry(batch_id: int, uid: str, number: int) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "key_id": "e" * 16,
        "record_digest": uuid.uuid5(uuid.UUID(uid), f"record {number}").hex,
        "email_digest": uuid.uuid5(uuid.UUID(uid), f"email {number}").hex,
        "phone_digest": None,
        "category": None if number else "PROSPECT",
        "source": "crm",
        "dataset": "crm_prospekt",
        "erased_on": NOW.date(),
        "expires_on": dt.date(2036, 11, 24),
        "relation_started_on": None,
        "relation_ended_on": dt.date(2020, 1, 31),
    }


def _proposal(uid: str, state: str) -> dict[str, Any]:
    return {
        "uid": uid,
        "state": state,
        "kind": "rule",
        "proposed_by": PETRA,
        "proposed_role": "dpo",
        "proposed_at": NOW - dt.timedelta(days=1),
        "as_of": NOW.date(),
        "policy_digest": "c" * 64,
        "policy_version": "2026-1",
        "digest": "d" * 64,
        "planned": 3,
        "persons": 3,
        "large": False,
        **({"approved_by": AXEL, "approved_role": "ciso", "approved_at": NOW} if state != "proposed" else {}),
    }
