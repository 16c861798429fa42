"""What was decided about who is one person follows the two, and is let go where it is about nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.build.builder import Builder, Report
from compliance.identity import verbs as identity
from compliance.identity.tables import identity_decision, identity_trace
from compliance.ledger import state
from compliance.ledger import tables as ledger_tables
from compliance.purge.tables import Stays
from compliance.words.refusal import Refused
from tests.identity.test_decisions import ANNA, BO, Company
from tests.purging import prospect

# Anna's other entry, by another address, has her number; Bo has hers by the address that they share.
PHONE = {"Telefon": "070-174 06 05"}
CALLED = {**ANNA, **PHONE}
OTHER = prospect(9, "2010-01-25")
Row = dict[str, str]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    made = Company(tmp_path / "store")
    made.folder = tmp_path / "exports"
    made.deliver(CALLED, BO)
    return made


def traces(company: Company) -> int:
    with company.register.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(identity_trace)) or 0


def told(company: Company, event: ledger.Event) -> int:
    table = ledger_tables.ledger
    with company.register.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).where(table.c.event == event.value)) or 0


def lost(company: Company) -> list[int]:
    return [one.decision_id for one in identity.lost(company.register)]


def is_covered(company: Company) -> bool:
    """Whether the register's rows are as the ledger's lines say."""
    with company.register.connect() as connection:
        return not state.differences(connection, company.settings, state.latest(connection)[0])


@pytest.mark.parametrize(("answer", "persons"), [("same", 1), ("different", 2)])
def test_a_decision_follows_what_the_source_says_step_by_step(company: Company, answer: str, persons: int) -> None:
    company.decide(answer)
    steps: list[Row] = [
        {"Prospekt-ID": "N1"},
        {"Prospekt-ID": "N1", "Telefon": "070-174 06 99"},
        # Of what it was decided by nothing is left.
        {"Prospekt-ID": "N2", "Telefon": "070-174 06 99", "E-post": "vd@bolaget.example, anna@annan.example"},
        {"Prospekt-ID": "N2", "Telefon": "", "E-post": "vd@bolaget.example, anna@annan.example"},
        {"Prospekt-ID": "N3", "Telefon": "", "E-post": "anna@annan.example, vd@bolaget.example"},
        # Another name, by the key and an address of her own.
        {"Prospekt-ID": "N3", "Namn": "Anna Ek", "E-post": "anna@annan.example, vd@bolaget.example"},
        {"Prospekt-ID": "N4", "Namn": "Anna Ek", "E-post": "anna@annan.example, vd@bolaget.example"},
    ]
    for step in steps:
        company.deliver({**CALLED, **step}, BO)
        assert (company.waiting(), company.persons()) == ([], persons), step
    assert (lost(company), told(company, ledger.Event.IDENTITY_LOST)) == ([], 0)
    assert is_covered(company)


def test_whoever_is_given_the_key_is_nobody_of_whom_it_was_decided(company: Company) -> None:
    number = company.decide("same")
    stranger = {**CALLED, "Namn": "Ulf Grip", "E-post": "ulf@grip.example", "Telefon": "070-174 06 77"}
    for _ in range(3):
        company.deliver(stranger, BO, prospect(3))
        assert company.persons() == 3
        assert lost(company) == [number]
    assert told(company, ledger.Event.IDENTITY_LOST) == 1
    # As she is there again, by what she was known by last.
    company.deliver(stranger, {**CALLED, "Prospekt-ID": "N1"}, BO, prospect(3))
    assert (company.persons(), lost(company)) == (3, [])


def test_a_decision_that_has_lost_somebody_is_let_go_by_the_dpo(company: Company) -> None:
    number = company.decide("same")
    with pytest.raises(Refused, match="decision_not_lost"):
        identity.let_go(company.at(company.petra), number)
    company.deliver({**CALLED, "Prospekt-ID": "N1", "E-post": "anna@annan.example", "Telefon": ""}, BO)
    assert (company.persons(), lost(company)) == (2, [number])
    with pytest.raises(Refused, match="not_allowed"):
        identity.let_go(company.at(company.axel), number)
    identity.let_go(company.at(company.petra), number)
    assert (lost(company), traces(company), told(company, ledger.Event.IDENTITY_OVER)) == ([], 0, 1)
    with pytest.raises(Refused, match="decision_not_lost"):
        identity.let_go(company.at(company.petra), number)
    assert is_covered(company)


@pytest.mark.parametrize(("answer", "left"), [("different", (CALLED,)), ("same", ())])
def test_a_decision_waits_for_the_dpo_once_it_has_lost_somebody(
    company: Company, answer: str, left: tuple[Row, ...]
) -> None:
    number = company.decide(answer)
    for others in ((prospect(3),), (prospect(3), prospect(4))):
        company.deliver(*left, *others)
        assert (lost(company), told(company, ledger.Event.IDENTITY_LOST)) == ([number], 1)
    # As they are there again nobody is missed, and it is as it was decided.
    company.deliver(CALLED, BO)
    assert (lost(company), told(company, ledger.Event.IDENTITY_FOUND)) == ([], 1)
    assert (company.waiting(), company.persons()) == ([], 1 if answer == "same" else 2)
    assert (traces(company) > 0, told(company, ledger.Event.IDENTITY_OVER)) == (True, 0)
    assert is_covered(company)


OLD = {"Registrerad": "25/01/2010"}


def pair(n: int) -> tuple[Row, Row]:
    """Two who share an address: Anna with a number of her own, and Bo."""
    mail = {"E-post": f"vd{n}@bolaget.example", **OLD}
    anna = {**CALLED, **mail, "Prospekt-ID": f"A{n}", "Namn": f"Anna{n} Berg", "Telefon": f"070-174 06 {n}"}
    return anna, {**BO, **mail, "Prospekt-ID": f"B{n}", "Namn": f"Bo{n} Dahl"}


def test_what_may_be_whom_a_lost_decision_was_about_is_not_purged(tmp_path: Path) -> None:
    """What the source says of two later, and who may be the one that is found no longer, or is left of the two."""
    company = Company(tmp_path / "store")
    company.folder = tmp_path / "exports"
    pairs = {n: pair(n) for n in range(11, 17)}
    company.deliver(*(row for two in pairs.values() for row in two), OTHER)
    for one in company.waiting():
        number = int((one.name_a or "").split()[0].strip("AnaBo"))
        answer = "same" if number % 2 else "different"
        identity.decide(company.at(company.petra), company.reading(), one.person_a, one.person_b, answer)
    a, b = ({n: two[side] for n, two in pairs.items()} for side in (0, 1))
    later: list[Row] = [
        # Nothing is left that tells who she is.
        {**a[11], "Prospekt-ID": "N11", "Namn": "Anna11 Ek", "E-post": "anna@annan.example", "Telefon": ""}, b[11],
        {**a[12], "Prospekt-ID": "N12", "Namn": "Anna12 Ek", "E-post": "eva@annan.example", "Telefon": ""}, b[12],
        # The key leads to somebody else, as far as the source says.
        {**a[13], "Namn": "Ulf Grip", "E-post": "ulf@grip.example", "Telefon": "070-174 06 77"}, b[13],
        # The source has made one row of the two, under either key.
        {**b[14], "E-post": "vd14@bolaget.example, anna14@annan.example"},
        {**a[15], "Namn": "Bo15 Dahl", "Telefon": ""},
        # Nothing has changed.
        *pairs[16],
    ]  # fmt: skip
    company.deliver(*later, OTHER)
    assert len(lost(company)) == 5
    for _ in range(2):
        reasons = company.stays()
        may_be = {"Anna11 Ek", "Bo11 Dahl", "Anna12 Ek", "Bo12 Dahl", "Ulf Grip", "Bo13 Dahl", "Bo14 Dahl", "Bo15 Dahl"}
        assert {name for name, why in reasons.items() if why == Stays.DECISION_LOST} == may_be
        # Whoever was there before goes as they would.
        assert {name for name, why in reasons.items() if why is None} == {
            "Anna16 Berg",
            "Bo16 Dahl",
            "Person9 Provsson",
        }
        company.deliver(*later, OTHER, prospect(8, "2026-01-21"))
    for one in lost(company):
        identity.let_go(company.at(company.petra), one)
    assert set(company.stays().values()) == {None}


def test_what_is_decided_while_an_intake_runs_is_decided(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    finish = Builder.finish

    def decide_first(builder: Builder) -> Report:
        company.decide("same")
        return finish(builder)

    with monkeypatch.context() as patch:
        patch.setattr(Builder, "finish", decide_first)
        company.deliver(CALLED, BO, prospect(3))
    assert (company.waiting(), lost(company), company.persons()) == ([], [], 3)
    company.deliver(CALLED, BO, prospect(4))
    assert (company.waiting(), lost(company), company.persons()) == ([], [], 2)


@pytest.mark.parametrize("answer", ["same", "different"])
@pytest.mark.parametrize("is_settled", [True, False])
def test_a_purge_takes_what_was_known_of_whom_it_takes(tmp_path: Path, answer: str, is_settled: bool) -> None:
    company = Company(tmp_path / "store")
    company.folder = tmp_path / "exports"
    old = {"Registrerad": "25/01/2010"}
    company.deliver({**CALLED, **old}, {**BO, **old}, prospect(3))
    company.decide(answer)
    if is_settled:
        company.deliver({**CALLED, **old}, {**BO, **old}, prospect(3), prospect(4))
    # Of others nothing changes, and nobody is asked again.
    company.purge([row for row in company.entries() if str(row.name).startswith("Person")])
    assert (company.waiting(), traces(company) > 0) == ([], True)
    company.purge(
        [row for row in company.entries() if row.name == ("Anna Berg" if answer == "different" else row.name)]
    )
    assert (company.waiting(), traces(company)) == ([], 0)
    with company.register.connect() as connection:
        kept = connection.execute(sa.select(identity_decision.c.one_key, identity_decision.c.other_key)).all()
    assert kept == [("", "")]
    assert is_covered(company)


@pytest.mark.parametrize("answer", ["same", "different"])
def test_a_decision_is_told_where_the_source_makes_one_row_of_the_two_and_found_where_it_parts_them_again(
    company: Company, answer: str
) -> None:
    number = company.decide(answer)
    both = "vd@bolaget.example, anna@bolaget.example"
    company.deliver({**BO, "E-post": both, **PHONE})
    assert (company.persons(), lost(company)) == (1, [number])
    company.deliver(CALLED, BO)
    assert (company.persons(), lost(company), company.waiting()) == (1 if answer == "same" else 2, [], [])


@pytest.mark.parametrize(("answer", "persons"), [("same", 1), ("different", 2)])
def test_a_decision_holds_where_the_source_makes_two_rows_of_one(company: Company, answer: str, persons: int) -> None:
    company.decide(answer)
    # One has the number, the other the address; then the old key goes.
    halves = [{**CALLED, "E-post": ""}, {**CALLED, "Prospekt-ID": "N1", "E-post": "anna@annan.example"}]
    company.deliver(*halves, BO)
    assert (company.persons(), lost(company), company.waiting()) == (persons, [], [])
    company.deliver({**halves[0], "Prospekt-ID": "N2"}, halves[1], BO)
    assert (company.persons(), lost(company), company.waiting()) == (persons, [], [])
