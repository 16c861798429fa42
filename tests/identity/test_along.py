"""What was decided about who is one person follows the two, and is let go where it is about nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.identity import verbs as identity
from compliance.identity.tables import identity_decision, identity_trace
from compliance.ledger import state
from compliance.ledger import tables as ledger_tables
from compliance.words.refusal import Refused
from tests.identity.test_decisions import ANNA, BO, Company
from tests.purging import prospect

# Anna's other entry, by another address, has her number; Bo has hers by the address that they share.
PHONE = {"Telefon": "070-174 06 05"}
CALLED = {**ANNA, **PHONE}
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
    return [one.decision_id for one in identity.lost(company.register, company.reading())]


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
        identity.let_go(company.at(company.petra), company.reading(), number)
    company.deliver({**CALLED, "Prospekt-ID": "N1", "E-post": "anna@annan.example", "Telefon": ""}, BO)
    assert (company.persons(), lost(company)) == (2, [number])
    with pytest.raises(Refused, match="not_allowed"):
        identity.let_go(company.at(company.axel), company.reading(), number)
    identity.let_go(company.at(company.petra), company.reading(), number)
    assert (lost(company), traces(company), told(company, ledger.Event.IDENTITY_OVER)) == ([], 0, 1)
    assert is_covered(company)


@pytest.mark.parametrize(("answer", "left"), [("same", (BO,)), ("different", (CALLED,)), ("same", ())])
def test_what_nothing_needs_any_more_is_forgotten(company: Company, answer: str, left: tuple[Row, ...]) -> None:
    company.decide(answer)
    company.deliver(*left, prospect(3))
    assert (traces(company) > 0, told(company, ledger.Event.IDENTITY_LOST)) == (True, 1)
    company.deliver(*left, prospect(3), prospect(4))
    is_needed = answer == "same" and bool(left)
    assert (traces(company) > 0) is is_needed
    assert told(company, ledger.Event.IDENTITY_OVER) == (not is_needed)
    assert is_covered(company)


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
