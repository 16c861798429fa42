"""A receipt speaks for its own batch, and the first line that names it is the one that counts."""

from __future__ import annotations

import sqlalchemy as sa

from compliance import evidence, ledger
from compliance.evidence import receipts
from compliance.evidence.receipts import Receipt
from compliance.ledger import Event
from compliance.operations import verify as ledger_check
from compliance.purge.tables import batch
from compliance.register.engine import writing
from compliance.words.settings import Settings
from tests.purges import NOW, purge


def faults(register: sa.Engine, settings: Settings) -> list[tuple[str, str]]:
    report = ledger_check.register(settings, register)
    return [(fault.code, str(fault.values["name"])) for fault in report.faults]


def put(register: sa.Engine, batch_id: int, made: Receipt) -> None:
    """Writes a receipt and its digest into a batch, as somebody with the database's password could."""
    with writing(register) as connection:
        connection.execute(
            sa.update(batch)
            .where(batch.c.batch_id == batch_id)
            .values(receipt=receipts.canonical(made).decode(), receipt_digest=receipts.digest(made))
        )


def test_a_receipt_under_another_batchs_number_is_named(register: sa.Engine, register_settings: Settings) -> None:
    first, second = purge(register_settings, register), purge(register_settings, register)
    assert faults(register, register_settings) == []
    put(register, 2, first)
    assert faults(register, register_settings) == [("receipt_changed", f"2 ({second.uid})")]


def test_the_evidence_of_another_batch_is_named(register: sa.Engine, register_settings: Settings) -> None:
    first, second = purge(register_settings, register), purge(register_settings, register)
    path = evidence.file_of(register_settings, second.uid)
    path.write_bytes(evidence.file_of(register_settings, first.uid).read_bytes())
    assert faults(register, register_settings) == [("receipt_changed", path.name)]


def test_a_second_line_that_names_a_batch_changes_no_receipt(register: sa.Engine, register_settings: Settings) -> None:
    made = purge(register_settings, register)
    forged = made.model_copy(update={"persons_gone": 1})
    with writing(register) as connection:
        details: dict[str, ledger.Detail] = {"batch": 1, "uid": made.uid, "receipt": receipts.digest(forged)}
        ledger.append(connection, Event.BATCH_EXECUTED, author=None, now=NOW, details=details)
    assert faults(register, register_settings) == []
    put(register, 1, forged)
    # What the evidence has is still what the first line says.
    assert faults(register, register_settings) == [("receipt_changed", f"1 ({made.uid})")]
