"""Somebody decides once who is one person; exports that come later are read by it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import ledger
from compliance.identity import verbs as identity
from compliance.identity.asks import Double
from compliance.ledger import tables as ledger_tables
from compliance.words.refusal import Refused
from tests.purging import Weekly, prospect
from tests.world import table

MAIL = {"E-post": "vd@bolaget.example"}
ANNA = prospect(1, "2020-01-25", Namn="Anna Berg", **MAIL)
BO = prospect(2, "2024-01-25", Namn="Bo Dahl", **MAIL)


class Company(Weekly):
    """A desk with two persons who share an address, and what is asked of it here."""

    def persons(self) -> int:
        """How many persons the copy has."""
        return len(table(self.reading(), "person"))

    def waiting(self) -> list[Double]:
        """The pairs that nobody has decided, which are as many as the weekly review says."""
        found = identity.waiting(self.settings, self.register, self.reading(), named=True)
        assert identity.count_waiting(self.register, self.reading()) == len(found)
        return found

    def decide(self, answer: str) -> int:
        """Decides the only pair, as Petra."""
        (pair,) = self.waiting()
        return identity.decide(self.at(self.petra), self.reading(), pair.person_a, pair.person_b, answer)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    made = Company(tmp_path / "store")
    made.folder = tmp_path / "exports"
    made.deliver(ANNA, BO)
    return made


def test_who_shares_an_address_is_two_persons_with_their_own_clocks(company: Company) -> None:
    entries = {row.name: row.deadline_on for row in company.entries()}
    assert set(entries) == {"Anna Berg", "Bo Dahl"}
    assert {name: day and day.year for name, day in entries.items()} == {"Anna Berg": 2030, "Bo Dahl": 2034}
    (pair,) = company.waiting()
    assert {pair.name_a, pair.name_b} == {"Anna Berg", "Bo Dahl"}
    # Names are for whoever asks for them.
    (unnamed,) = identity.waiting(company.settings, company.register, company.reading())
    assert (unnamed.name_a, unnamed.name_b) == (None, None)
    assert (pair.speaks_for, pair.speaks_against, pair.held) == ("email", "other_name", False)


@pytest.mark.parametrize(("answer", "persons"), [("same", 1), ("different", 2)])
def test_a_decision_is_made_once_and_survives_the_next_exports(company: Company, answer: str, persons: int) -> None:
    number = company.decide(answer)
    # At once nobody is asked any more; the copy itself is as it was until it is made anew.
    assert (company.waiting(), company.persons()) == ([], 2)
    company.deliver(ANNA, BO)
    assert (company.waiting(), company.persons()) == ([], persons)
    # New keys in the source: who they are tells that it is about them.
    company.deliver({**ANNA, "Prospekt-ID": "N1"}, {**BO, "Prospekt-ID": "N2"})
    assert (company.waiting(), company.persons()) == ([], persons)
    with company.register.connect() as connection:
        lines = connection.scalars(
            sa.select(ledger_tables.ledger.c.details).where(
                ledger_tables.ledger.c.event == ledger.Event(f"identity:{answer}").value
            )
        ).all()
    assert [json.loads(line) for line in lines] == [{"decision": number}]


def test_who_was_said_to_be_one_person_stays_one_with_nothing_in_common_any_more(company: Company) -> None:
    company.decide("same")
    for address in ("bo@annat.example", "bo.dahl@tredje.example"):
        company.deliver(ANNA, {**BO, "E-post": address})
        assert (company.waiting(), company.persons()) == ([], 1)


def test_a_purge_of_others_keeps_what_was_decided(company: Company) -> None:
    company.decide("same")
    company.deliver(ANNA, BO, prospect(3))
    company.purge(company.entries(status="OVERDUE"))
    assert (company.waiting(), company.persons()) == ([], 1)


def test_only_the_dpo_decides_and_only_about_a_pair_that_waits(company: Company) -> None:
    (pair,) = company.waiting()
    reading = company.reading()
    for actor in (company.axel, company.olle, company.gun):
        with pytest.raises(Refused, match="not_allowed"):
            identity.decide(company.at(actor), reading, pair.person_a, pair.person_b, "same")
    with pytest.raises(Refused, match="answer_unknown"):
        identity.decide(company.at(company.petra), reading, pair.person_a, pair.person_b, "maybe")
    with pytest.raises(Refused, match="pair_unknown"):
        identity.decide(company.at(company.petra), reading, pair.person_a, pair.person_a, "same")
    # What was looked at is not the copy of now.
    before = dataclasses.replace(reading, build=reading.build - 1)
    with pytest.raises(Refused, match="pair_build_changed"):
        identity.decide(company.at(company.petra), before, pair.person_a, pair.person_b, "same")
    company.decide("different")
    with company.register.connect() as connection:
        line = ledger_tables.ledger.c
        told = connection.scalars(sa.select(line.build_id).where(line.event == "identity:different"))
        assert list(told) == [reading.build]
    with pytest.raises(Refused, match="pair_unknown"):
        identity.decide(company.at(company.petra), reading, pair.person_a, pair.person_b, "same")
