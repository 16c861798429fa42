"""A purge proves that it would have found something and lost nobody, and an approval is good through its last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from compliance import builds
from compliance.builds import Build
from compliance.purge import batches, execute, rewrite, select
from compliance.purge import verbs as purge_verbs
from compliance.purge.select import Search
from compliance.purge.tables import State
from compliance.words import keys
from compliance.words.refusal import Refused
from tests.purging import Desk, prospect, prospects, request, requests_made
from tests.world import TODAY


@pytest.fixture
def small(tmp_path: Path) -> Desk:
    """Six prospects who must be gone, and six who may stay."""
    desk = Desk(tmp_path / "data" / "store", tmp_path / "data" / "exports")
    late = [prospect(number) for number in range(6)]
    kept = [prospect(number, "2024-05-21") for number in range(6, 12)]
    assert desk.take_in(prospects(tmp_path / "data" / "exports", [*late, *kept])).all_taken
    return desk


def approved(desk: Desk, number: int = 3) -> batches.Batch:
    return desk.approve(desk.propose(desk.entries(status="OVERDUE")[:number]))


def claimed(desk: Desk, number: int = 3) -> batches.Batch:
    batch = approved(desk, number)
    if batch.large:
        desk.confirm(batch)
    return desk.claim(batch)


def unproven(desk: Desk, batch: batches.Batch) -> Refused:
    """The refusal of a batch whose proof fails, after making sure that nothing has happened."""
    build, entries = desk.reading().build, desk.entries()
    with pytest.raises(Refused) as caught:
        desk.carry_out(batch)
    assert caught.value.code == "proof_failed"
    assert batches.find(desk.register, batch.batch_id).state is State.APPROVED
    assert (desk.reading().build, desk.entries()) == (build, entries)
    return caught.value


# The proof


@pytest.mark.real_writer
def test_a_search_that_would_have_found_nothing_proves_nothing(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = claimed(small)
    begin = execute.Writer.begin

    def blind(writer: execute.Writer, order: rewrite.RewriteOrder) -> None:
        # Nothing of what is left to be found is written, as where the searched file holds no plain text at all.
        begin(writer, order.model_copy(update={"control": order.control[1:]}))

    monkeypatch.setattr(execute.Writer, "begin", blind)
    assert unproven(small, batch).values == {"rows": 0, "strings": 0}


@pytest.mark.parametrize("lost", ["crm_prospects:P9", "crm_prospects:P11"])
def test_a_build_that_lost_somebody_who_stays_is_not_taken(
    small: Desk, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    batch = claimed(small)
    write = execute.Selection.write_survivors

    def losing(selection: execute.Selection, folder: Path) -> None:
        write(selection, folder)
        written = folder / "record.parquet"
        selection.con.execute(f"create table kept as from read_parquet('{written}') where record_id <> '{lost}'")
        selection.con.sql("from kept").write_parquet(str(written))

    monkeypatch.setattr(execute.Selection, "write_survivors", losing)
    assert unproven(small, batch).values["rows"] == 1


def test_a_count_that_the_new_build_does_not_bear_out_is_not_told(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = claimed(small)
    build, compare = small.reading().build, execute.Selection.compare

    def one_short(selection: execute.Selection, fresh: Build) -> Mapping[str, int]:
        counted = compare(selection, fresh)
        return {**counted, "deleted": counted["deleted"] - 1}

    monkeypatch.setattr(execute.Selection, "compare", one_short)
    # No receipt may say of three that went and of two that were counted that they are the same.
    with pytest.raises(ValueError, match="the rows of deleted are not the total"):
        small.carry_out(batch)
    after = batches.find(small.register, batch.batch_id)
    assert (after.state, after.receipt) == (State.APPROVED, None)
    assert small.reading().build == build


@pytest.mark.parametrize("window", [1, 5, 8, 64])
def test_a_string_is_found_wherever_windows_part_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    monkeypatch.setattr(select, "_WINDOW", window)
    # The longest has bytes that are not letters, and parts of it may lie in either window.
    sought = Search(("åsa@k.se", "bo", "no@k.se"))
    path = tmp_path / "file"
    for at in range(2 * window + 1):
        for text in ("åsa@k.se", "bo"):
            content = b"." * at + text.encode() + b"." * 3
            path.write_bytes(content)
            found = sought.of(path)
            assert (set(found.strings), found.searched) == ({text}, len(content)), at


def test_what_is_searched_for_is_what_tells_of_those_who_go_and_of_nobody_else(tmp_path: Path) -> None:
    exports = tmp_path / "data" / "exports"
    desk = Desk(tmp_path / "data" / "store", exports)
    goes = prospect(
        0,
        Namn="Anna Gren",
        **{"E-post": "anna@ett.example, Gren@Ett.example", "Telefon": "08-123 456 78, 070-174 06 05"},
    )
    namesake = prospect(1, Namn="Bo Lind", Telefon="08-123 456 78, 070-174 06 10")
    asked = prospect(2, **{"E-post": "ture@ett.example"})
    stays = prospect(
        7, "2024-05-21", **{"E-post": "cia@ett.example, Gren@Ett.example", "Telefon": "08-123 456 78, 070-174 06 05"}
    )
    rows = [goes, namesake, asked, stays, prospect(8, "2024-05-21", Namn="Bo Lind")]
    assert desk.take_in(
        prospects(exports, rows), requests_made(exports, [request(1, 2, **{"E-post": "ture@ett.example"})])
    ).all_taken
    entries = desk.entries(status="OVERDUE")
    assert len(entries) == 3
    with desk.register.connect() as connection:
        build = builds.at_hand(desk.settings, connection)
    assert build is not None
    doomed = [str(row.basis_id) for row in entries]
    with select.Selection(build, doomed, tmp_path, key=keys.suppression(desk.settings)[0]) as selection:
        found = set(selection.strings())
    assert found >= {
        "Anna Gren", "anna gren", "anna@ett.example", "anna@ett.example, gren@ett.example", "person1@bolaget.example",
        "+46701740610",
        "crm_prospects:P0", "crm_prospects:P1", "crm_prospects:P2", "Person2 Provsson",
    }  # fmt: skip
    # A second address and a number that somebody has who stays, the name of another, and by what somebody asks.
    assert not found & {
        "Gren@Ett.example", "gren@ett.example", "08-123 456 78", "+46812345678", "+46701740605", "Bo Lind", "bo lind",
        "ture@ett.example", "crm_prospects:P7", "cia@ett.example", "Person7 Provsson",
    }  # fmt: skip


# The approval


def test_an_approval_may_be_claimed_and_carried_out_on_its_last_day(small: Desk) -> None:
    batch = approved(small)
    assert batch.approved_until == TODAY + dt.timedelta(days=14)
    small.confirm(batch)
    small.on(TODAY + dt.timedelta(days=14))
    assert purge_verbs.expire(small.register, TODAY + dt.timedelta(days=14), small.clock()) == 0
    assert small.claim(batch).state is State.EXECUTING
    assert small.carry_out(batch).deleted == 3


def in_parts(desk: Desk, **numbers: float) -> None:
    """Lets parts of a purge pass that are a sixth of the category, unless told otherwise."""
    desk.parameters = desk.parameters.model_copy(update={"large_batch_share": 0.2, **numbers})


def test_what_is_large_at_once_is_large_in_parts(small: Desk) -> None:
    in_parts(small)
    entries = small.entries(status="OVERDUE")
    first = approved(small, 2)
    assert not first.large and small.carry_out(small.claim(first)).deleted == 2
    second = small.approve(small.propose(entries[2:4]))
    assert second.large
    with pytest.raises(Refused, match="batch_not_confirmed"):
        small.claim(second)
    small.confirm(second)
    assert small.carry_out(small.claim(second)).deleted == 2
    # A week later what went before counts no more; a day before, it does.
    for days, large in ((6, True), (8, False)):
        small.on(TODAY + dt.timedelta(days=days))
        third = small.propose(small.entries(status="OVERDUE")[:1])
        assert third.large is large
        purge_verbs.refuse(small.at(small.axel), third.batch_id, reason="not_needed")


def test_parts_that_wait_side_by_side_are_counted_together_at_the_click(small: Desk) -> None:
    in_parts(small)
    entries = small.entries(status="OVERDUE")
    first = approved(small, 2)
    second = small.approve(small.propose(entries[2:4]))
    assert (first.large, second.large) == (False, True)
    for batch in (first, second):
        with pytest.raises(Refused, match="batch_not_confirmed"):
            small.claim(batch)
    # Once one of them is ended, the other is no more than itself; what it was approved as stays.
    purge_verbs.refuse(small.at(small.axel), second.batch_id, reason="not_needed")
    assert small.claim(first).state is State.EXECUTING


@pytest.mark.parametrize(("most", "large"), [(3, True), (4, False)])
def test_persons_are_counted_over_the_parts_of_one_person(small: Desk, most: int, large: bool) -> None:
    in_parts(small, large_batch_share=1, large_batch_persons=most)
    entries = small.entries(status="OVERDUE")
    small.approve(small.propose(entries[:2]))
    # What somebody else proposes is theirs.
    small.approve(small.propose(entries[4:6], small.olle))
    assert small.propose(entries[2:4]).large is large


def test_an_approval_that_was_claimed_is_carried_out_through_its_last_day_and_no_longer(small: Desk) -> None:
    small.confirm(first := approved(small, 2))
    small.confirm(second := small.approve(small.propose(small.entries(status="OVERDUE")[2:4])))
    small.claim(first)
    small.on(TODAY + dt.timedelta(days=14))
    assert small.carry_out(first).state is State.EXECUTED
    small.claim(second)
    small.on(TODAY + dt.timedelta(days=15))
    assert small.carry_out(second).state is State.EXPIRED
    assert len(small.entries(status="OVERDUE")) == 4
