"""The vouchers that the law keeps lose whose they were: nothing in the copy says which employee was purged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from compliance import builds
from compliance.build.builder import Builder
from compliance.purge import batches, execute
from compliance.purge.tables import State
from compliance.words import keys
from compliance.words.refusal import Refused
from tests.purging import Desk, contractors, employees, prospect, prospects, vouchers

ANNA = {
    "Anställningsnummer": "100017", "Förnamn": "Anna", "Efternamn": "Bergqvist", "E-post": "anna.b@bolaget.example",
    "Mobil": "070-174 06 05", "Anställd från": "2001-03-01", "Sista anställningsdag": "2009-06-30", "Status": "Slutat",
}  # fmt: skip
# A number so short that any file has it by chance.
BO = {
    "Anställningsnummer": "17", "Förnamn": "Bo", "Efternamn": "Ek", "E-post": "bo.ek@bolaget.example",
    "Anställd från": "2001-03-01", "Status": "Anställd",
}  # fmt: skip
# All that tells of her: as she is written, and as she is found.
ANNAS = (
    "100017", "hr_employees:100017", "Anna Bergqvist", "anna bergqvist", "anna.b@bolaget.example", "070-174 06 05",
    "+46701740605",
)  # fmt: skip


def paid(number: int, employee: str, year: str = "2024") -> dict[str, str]:
    return {"Verifikationsnummer": f"V{number}", "Gäller anställningsnummer": employee, "Räkenskapsår": year}


def copied(desk: Desk, question: str) -> list[tuple[Any, ...]]:
    """What a question of the current build gives."""
    with desk.register.connect() as connection:
        build = builds.current(desk.settings, connection)
    assert build is not None
    with duckdb.connect(str(build.path), read_only=True) as con:
        return con.execute(question).fetchall()


def relations(desk: Desk) -> dict[str, str]:
    return dict(copied(desk, "select source_key, relation_key from record where category = 'VOUCHER'"))


def spans(desk: Desk) -> list[tuple[Any, ...]]:
    return copied(desk, "select source_key, starts_on, ends_on from basis where category = 'VOUCHER' order by 1")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Anna was employed until 2009, Bo still is; the law keeps vouchers of both."""
    folder = tmp_path_factory.mktemp("hr")
    desk = Desk(folder / "store", COMPLIANCE_BUILDS="plain")
    paid_to = [paid(1, "100017"), paid(2, "17"), paid(3, "100017", "2020")]
    assert desk.take_in(employees(folder, [ANNA, BO]), vouchers(folder, paid_to)).all_taken
    desk.register.dispose()
    return folder / "store"


@pytest.fixture
def hr(made: Path, tmp_path: Path) -> Desk:
    """A copy of one's own of that."""
    return Desk(Path(shutil.copytree(made, tmp_path / "store")), COMPLIANCE_BUILDS="plain")


@pytest.fixture
def purged(hr: Desk) -> Desk:
    """Anna's employment has been purged."""
    assert hr.purge(hr.entries(category="EMPLOYEE", status="OVERDUE")).deleted == 1
    return hr


def test_a_voucher_names_a_purged_employee_by_no_number(hr: Desk) -> None:
    before = spans(hr)
    assert relations(hr)["V1"] == "100017"
    done = hr.purge(hr.entries(category="EMPLOYEE", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    digest = keys.suppression(hr.settings)[0].digest("record|hr_employees:100017")
    assert relations(hr) == {"V1": digest, "V2": "17", "V3": digest}
    # The clock of the employment goes on counting for them.
    assert spans(hr) == before
    columns = "coalesce(columns(*)::varchar, '')"
    for table in ("record", "basis", "person", "further_identifier"):
        told = "|".join(map(str, copied(hr, f"select {columns} from {table}")))
        assert not [text for text in ANNAS if text in told], table


def test_a_voucher_of_a_contractor_who_was_purged_keeps_its_clock_too(tmp_path: Path) -> None:
    desk, folder = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain"), tmp_path / "in"
    karl = {
        "Uppdrags-ID": "700017", "Namn": "Karl Konsult", "E-post": "karl@konsult.example", "Från": "2001-01-01",
        "Till": "2009-06-30", "Status": "Avslutat", "Roll": "Konsult",
    }  # fmt: skip
    assert desk.take_in(contractors(folder, [karl]), vouchers(folder, [paid(1, "700017")])).all_taken
    before = spans(desk)
    assert before[0][1] is not None
    done = desk.purge(desk.entries(category="CONTRACTOR", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    digest = keys.suppression(desk.settings)[0].digest("record|hr_contractors:700017")
    assert (relations(desk), spans(desk)) == ({"V1": digest}, before)


def test_no_later_export_brings_the_number_back(purged: Desk, tmp_path: Path) -> None:
    before = relations(purged)
    spoilt = paid(4, "100017") | {"Verifikationsnummer": ""}
    assert purged.take_in(
        vouchers(tmp_path / "in2", [paid(1, "100017"), paid(2, "17"), spoilt], "2026-11-24T0600")
    ).all_taken
    assert relations(purged) == {"V1": before["V1"], "V2": "17"}
    kept = [path.read_bytes() for path in purged.settings.quarantine.iterdir()]
    assert kept and not any(b"100017" in content for content in kept)
    # Nor one of something else, with which the vouchers are carried over.
    assert purged.take_in(prospects(tmp_path / "in2", [prospect(1)], "2026-11-24T0700")).all_taken
    assert relations(purged)["V1"] == before["V1"]


def test_a_build_that_still_has_the_number_loses_it_with_the_next(purged: Desk, tmp_path: Path) -> None:
    with purged.register.connect() as connection:
        build = builds.current(purged.settings, connection)
    assert build is not None
    # As an earlier version left it.
    with duckdb.connect(str(build.path)) as con:
        con.execute("update record set relation_key = '100017' where source_key = 'V1'")
    assert purged.take_in(prospects(tmp_path / "in2", [prospect(1)], "2026-11-24T0700")).all_taken
    assert relations(purged)["V1"] == keys.suppression(purged.settings)[0].digest("record|hr_employees:100017")


def test_a_number_that_is_somebodys_again_links_again(purged: Desk, tmp_path: Path) -> None:
    anew = ANNA | {"Förnamn": "Cilla", "Efternamn": "Dahl", "E-post": "cilla@bolaget.example", "Mobil": ""}
    anew |= {"Anställd från": "2026-11-24", "Sista anställningsdag": "", "Status": "Anställd"}
    assert purged.take_in(employees(tmp_path / "in2", [anew, BO], "2026-11-24T0600")).all_taken
    assert relations(purged) == {"V1": "100017", "V2": "17", "V3": "100017"}


def test_a_number_that_an_employee_has_too_stays_the_employees(tmp_path: Path) -> None:
    """Whoever else had the number in another export of the source, and was purged, takes no vouchers along."""
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    anna = ANNA | {"Sista anställningsdag": "", "Status": "Anställd"}
    karl = {
        "Uppdrags-ID": "100017", "Namn": "Karl Konsult", "E-post": "karl@konsult.example", "Från": "2001-01-01",
        "Till": "2009-06-30", "Status": "Avslutat", "Roll": "Konsult",
    }  # fmt: skip
    folder = tmp_path / "in"
    paid_to = [paid(1, "100017"), paid(2, "17")]
    assert desk.take_in(employees(folder, [anna, BO]), contractors(folder, [karl]), vouchers(folder, paid_to)).all_taken
    clocks = "select source_key, person_id, starts_on, ends_on from basis where category = 'VOUCHER' order by 1"
    before = copied(desk, clocks)
    [(hers,)] = copied(desk, "select person_id from basis where category = 'EMPLOYEE' and source_key = '100017'")
    assert before[0][1] == hers

    def stays_hers() -> bool:
        return relations(desk) == {"V1": "100017", "V2": "17"} and copied(desk, clocks) == before

    done = desk.purge(desk.entries(category="CONTRACTOR", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    assert stays_hers()
    # As the source tells of them anew, one of them without its own number: what the row says is there to put it right.
    spoilt = paid(4, "100017") | {"Verifikationsnummer": ""}
    assert desk.take_in(vouchers(folder, [*paid_to, spoilt], "2026-11-24T0700")).all_taken
    assert stays_hers()
    [(line,)] = duckdb.sql(f"select line from '{desk.settings.quarantine}/hr_vouchers.parquet'").fetchall()
    assert "100017" in line
    # And carried over from a build that has lost whose they are already.
    digest = keys.suppression(desk.settings)[0].digest("record|hr_contractors:100017")
    with desk.register.connect() as connection:
        build = builds.current(desk.settings, connection)
    assert build is not None
    with duckdb.connect(str(build.path)) as con:
        con.execute("update record set relation_key = ? where source_key = 'V1'", [digest])
    assert desk.take_in(prospects(folder, [prospect(1)], "2026-11-24T0800")).all_taken
    assert stays_hers()


def test_a_digest_that_a_purge_writes_tells_of_nobody(purged: Desk, tmp_path: Path) -> None:
    """Whose key happens to stand in it is purged all the same."""
    digest = relations(purged)["V1"]
    chance = {"Prospekt-ID": digest[3:11]}
    assert purged.take_in(prospects(tmp_path / "in2", [prospect(1, **chance)], "2026-11-24T0600")).all_taken
    with purged.register.connect() as connection:
        build = builds.current(purged.settings, connection)
    assert build is not None
    # As an earlier version left it: the purge is the first to write the digest.
    with duckdb.connect(str(build.path)) as con:
        con.execute("update record set relation_key = '100017' where relation_key = ?", [digest])
    done = purged.purge(purged.entries(category="PROSPECT", status="OVERDUE"))
    assert (done.state, done.deleted) == (State.EXECUTED, 1)
    assert relations(purged) == {"V1": digest, "V2": "17", "V3": digest}


Leave = Callable[[execute.Selection, Path], None]


def unproven(desk: Desk, monkeypatch: pytest.MonkeyPatch, batch: batches.Batch, leave: Leave) -> None:
    """Something is left of Anna, and the purge does not happen."""
    write = execute.Selection.write_survivors

    def leaving(selection: execute.Selection, folder: Path) -> None:
        write(selection, folder)
        leave(selection, folder)

    with monkeypatch.context() as patch:
        patch.setattr(execute.Selection, "write_survivors", leaving)
        desk.claim(batch)
        with pytest.raises(Refused, match="proof_failed"):
            desk.carry_out(batch)
    assert batches.find(desk.register, batch.batch_id).state is State.APPROVED


def approved(desk: Desk) -> batches.Batch:
    batch = desk.approve(desk.propose(desk.entries(category="EMPLOYEE", status="OVERDUE")))
    return desk.confirm(batch) if batch.large else batch


def test_whatever_of_a_purged_person_is_left_with_somebody_else_fails_the_purge(
    hr: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = approved(hr)
    left = {"role": "var Anna Bergqvist", "phone_key": "+46701740605", "org_name": "nr 100017"}
    for column, value in left.items():

        def leave(selection: execute.Selection, folder: Path, column: str = column, value: str = value) -> None:
            written = folder / "record.parquet"
            selection.con.execute(f"create table kept as from read_parquet('{written}')")
            selection.con.execute(f"update kept set {column} = ? where source_key = '17'", [value])
            selection.con.sql("from kept").write_parquet(str(written))

        unproven(hr, monkeypatch, batch, leave)


def test_a_voucher_that_still_names_a_purged_employee_fails_the_purge(
    hr: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Builder, "unlink", lambda *_: None)

    def leave(selection: execute.Selection, folder: Path) -> None:
        told = "from old.record anti join doomed_record using (record_id)"
        selection.con.sql(told).write_parquet(str(folder / "record.parquet"))

    unproven(hr, monkeypatch, approved(hr), leave)


def test_what_is_too_short_for_bytes_is_looked_for_among_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path / "store", COMPLIANCE_BUILDS="plain")
    gone = BO | {"Sista anställningsdag": "2009-06-30", "Status": "Slutat"}
    assert desk.take_in(
        employees(tmp_path / "in", [gone, ANNA | {"Sista anställningsdag": "", "Status": "Anställd"}])
    ).all_taken

    def leave(selection: execute.Selection, folder: Path) -> None:
        written = folder / "record.parquet"
        selection.con.execute(f"create table kept as from read_parquet('{written}')")
        selection.con.execute("update kept set name = 'Bo Ek'")
        selection.con.sql("from kept").write_parquet(str(written))

    unproven(desk, monkeypatch, approved(desk), leave)
