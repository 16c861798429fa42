"""A store that the first landed version made opens in this one, with everything that it knew.

store_landed.zip holds the store of about sixty invented persons: its keys, its encrypted build (of small blocks,
for the zip's sake), a hold, requests, a saved mapping, an executed purge with its evidence; a backup of the register;
an export of the day after; and make.py, which made them with the code of that version. store_landed.json says what that
version counted. They are never made anew: a store of a later version comes beside them.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from compliance import evidence, runs
from compliance.holds.tables import Scope, hold, hold_record
from compliance.intake import orders, run
from compliance.operations import backup, verify
from compliance.purge import batches
from compliance.purge.tables import State
from compliance.register import areas
from compliance.register.engine import engine
from compliance.review import asks
from compliance.sources.catalogue import saved_mappings
from compliance.words import keys
from compliance.words.vocabulary import DATE_FIELDS
from tests.purging import Desk

pytestmark = pytest.mark.files("that version had its register and its copy in files")
HERE = Path(__file__).parent
TOLD: dict[str, Any] = json.loads((HERE / "store_landed.json").read_text(encoding="utf-8"))


@pytest.fixture
def landed(tmp_path: Path) -> Iterator[Desk]:
    """The installation as that version left it, opened by this one."""
    with zipfile.ZipFile(HERE / "store_landed.zip") as package:
        package.extractall(tmp_path)
    desk = Desk(tmp_path / "store")
    yield desk
    desk.register.dispose()


def rows(register: sa.Engine) -> dict[str, int]:
    """How many rows the tables have that the figures tell of."""
    tables = areas.every_table().tables
    with register.connect() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(tables[name])) or 0
            for name in TOLD["tables"]
        }


def by_status(desk: Desk) -> dict[str, int]:
    return {row.status: row.persons for row in desk.reading().rows(asks.PERSONS_BY_STATUS)}


def test_its_register_is_migrated_and_nothing_is_lost(landed: Desk) -> None:
    with landed.register.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), areas.every_table()) == []
    assert rows(landed.register) == TOLD["tables"]
    assert "massan" in {dataset.id for dataset in saved_mappings(landed.register)}


def test_its_ledger_and_receipts_are_intact(landed: Desk) -> None:
    report = verify.register(landed.settings, landed.register)
    # The receipt of its purge, in the register and in the evidence.
    assert (report.lines, report.receipts, report.faults) == (TOLD["tables"]["ledger"], 2, ())
    assert evidence.missing(landed.settings, landed.register) == []


def test_its_encrypted_build_is_read_and_says_what_it_said(landed: Desk) -> None:
    assert landed.reading().build == TOLD["build"]
    assert by_status(landed) == TOLD["by_status"]
    entries = landed.entries()
    assert len(entries) == TOLD["entries"]
    assert not {row.basis_id for row in entries} & set(TOLD["purged"])
    assert {row.status for row in entries if row.person_id == TOLD["held_person"]} == {"HELD"}


def test_its_purge_is_told_as_it_was(landed: Desk) -> None:
    (batch,) = batches.listing(landed.register)
    assert {name: getattr(batch, name) for name in TOLD["batch"]} == TOLD["batch"]
    assert batch.state in {State.EXECUTED, State.VERIFIED}


def test_it_takes_in_one_more_export_and_keeps_the_purged_out_and_the_held_held(landed: Desk, tmp_path: Path) -> None:
    before = Counter(row.category for row in landed.entries())
    path = tmp_path / "export" / "crm_prospekt_2026-11-25.csv"
    with path.open("a", encoding="utf-8", newline="") as sink:
        sink.write("P9;Ny Provsson;ny@provsson.example;;;;;24/11/2026;;;;;;\r\n")
    file = orders.FileOrder(
        path=path,
        name=path.name,
        exported_at=landed.clock(),
        exported_at_from="taken_in",
        dates=dict.fromkeys(DATE_FIELDS, "dmy"),
    )
    run_id = runs.queue(landed.register, None, landed.clock())
    result = run.execute(landed.settings, landed.register, run_id, orders.Order(files=(file,)), landed.clock)
    assert result.all_taken and result.files[0].refused is None
    assert landed.reading().build == TOLD["build"] + 1
    # Those that were purged are in that export, too, and stay out of the copy.
    (taken,) = result.files[0].taken
    assert taken.quarantined["suppressed"] == len(TOLD["purged"])
    assert Counter(row.category for row in landed.entries()) == before + Counter(PROSPECT=1)
    assert by_status(landed) == {**TOLD["by_status"], "RETAINED": TOLD["by_status"]["RETAINED"] + 1}
    assert verify.register(landed.settings, landed.register).faults == ()


def test_its_backup_comes_back(landed: Desk, tmp_path: Path) -> None:
    fresh = Desk(tmp_path / "other" / "store")
    for name in ("pseudonym.key", "suppression.keys", "evidence"):
        (landed.settings.store / name).rename(fresh.settings.store / name)
    restored = backup.restore(fresh.settings, fresh.register, tmp_path / "register.backup", fresh.clock())
    # The backup's own line, the restore's with that from which on rows are covered, and nothing to replay: the purge is
    # in the backup.
    assert restored.replayed is not None and restored.replayed.batches == 0
    assert rows(fresh.register) == {**TOLD["tables"], "ledger": TOLD["tables"]["ledger"] + 2}
    assert verify.register(fresh.settings, fresh.register).faults == ()
    with fresh.register.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).where(hold.c.scope == Scope.PERSON)) == 1
        assert connection.scalar(sa.select(sa.func.count()).select_from(hold_record)) == TOLD["tables"]["hold_record"]
    assert keys.pseudonyms(fresh.settings)
    fresh.register.dispose()
    assert engine(fresh.settings).url == fresh.register.url
