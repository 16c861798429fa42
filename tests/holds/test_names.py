"""Whoever is held, restricted or decided about is found again however the next export writes the name."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.holds import losses
from compliance.holds import verbs as holds
from compliance.holds.tables import Ground, Scope
from compliance.identity import verbs as identity
from compliance.marks import tables as marks_tables
from compliance.marks import verbs as marks
from tests.purging import Weekly, prospect
from tests.world import TODAY, table

MOBILE = "070-174 06 05"
NAMES = [
    ("Jürgen Müller", "Mueller, Juergen"),
    ("Mueller Juergen", "Jürgen Müller"),
    ("Søren Sørensen", "Soerensen, Soeren"),
    ("Åsa Öberg", unicodedata.normalize("NFD", "Öberg, Åsa")),
    ("Aasa Oeberg", "Åsa Öberg"),
    ("Dr Lisa Holmqvist", "Holmqvist Lisa"),
]


@pytest.fixture
def desk(tmp_path: Path) -> Weekly:
    made = Weekly(tmp_path / "store")
    made.folder = tmp_path / "in"
    return made


def row(number: int, name: str, phone: str = MOBILE, mail: str = "") -> dict[str, str]:
    return prospect(number, Namn=name, Telefon=phone, **{"E-post": mail})


def persons(desk: Weekly) -> dict[str, str]:
    return {one["source_key"]: one["person_id"] for one in table(desk.reading(), "basis")}


def hold(desk: Weekly, key: str, scope: Scope = Scope.PERSON) -> None:
    (entry,) = (one for one in table(desk.reading(), "basis") if one["source_key"] == key)
    terms = holds.Terms(Ground.DISPUTE, "legal", TODAY + dt.timedelta(days=60))
    target = holds.Target(scope, entry["person_id" if scope is Scope.PERSON else "basis_id"])
    holds.place(desk.at(desk.axel), desk.reading(), target, terms)


def held(desk: Weekly) -> set[str | None]:
    return {one.name for one in desk.entries(status="HELD")}


@pytest.mark.parametrize(("was", "now"), NAMES)
@pytest.mark.parametrize("scope", [Scope.PERSON, Scope.BASIS])
def test_a_hold_holds_under_another_key_and_spelling(desk: Weekly, was: str, now: str, scope: Scope) -> None:
    desk.deliver(row(1, was), row(9, "Zed Zander", "070-999 99 99"))
    hold(desk, "P1", scope)
    # Somebody else with a name that is none of these, at the same number, is not held.
    desk.deliver(row(2, now), row(3, "Mats Mo"), row(9, "Zed Zander", "070-999 99 99"))
    assert len(held(desk)) == 1 and not held(desk) & {"Mats Mo", "Zed Zander"}
    assert losses.waiting(desk.register) == []


@pytest.mark.parametrize(("was", "now"), NAMES)
def test_whoever_keeps_the_key_in_another_spelling_is_nobody_else(desk: Weekly, was: str, now: str) -> None:
    desk.deliver(row(1, was, "", "a@x.example"))
    hold(desk, "P1")
    desk.deliver(row(1, now, "070-111 22 33", "b@y.example"))
    assert len(held(desk)) == 1
    assert losses.waiting(desk.register) == []


@pytest.mark.parametrize(("was", "now"), NAMES)
def test_a_restriction_stays_under_another_key_and_spelling(desk: Weekly, was: str, now: str) -> None:
    desk.deliver(row(1, was), row(9, "Zed Zander", "070-999 99 99"))
    ground, until = marks_tables.Ground.ACCURACY_CONTESTED, TODAY + dt.timedelta(days=60)
    terms = marks.Terms(marks_tables.Kind.RESTRICTED, TODAY, ground, until)
    marks.place(desk.at(desk.petra), desk.reading(), persons(desk)["P1"], terms)
    desk.deliver(row(2, now), row(9, "Zed Zander", "070-999 99 99"))
    with desk.register.connect() as connection:
        on = set(connection.scalars(sa.select(marks_tables.mark_person.c.person_id)))
    assert on == {persons(desk)["P2"]}


@pytest.mark.parametrize(("was", "now"), NAMES)
def test_what_was_decided_of_two_stays_under_another_key_and_spelling(desk: Weekly, was: str, now: str) -> None:
    mail = "paret@hem.example"
    desk.deliver(row(1, was, "", mail), row(2, "Mats Mo", "", mail))
    at, there = desk.at(desk.petra), persons(desk)
    assert there["P1"] != there["P2"]
    identity.decide(at, desk.reading(), there["P1"], there["P2"], "same")
    desk.deliver(row(1, was, "", mail), row(2, "Mats Mo", "", mail))
    assert len(set(persons(desk).values())) == 1
    desk.deliver(row(3, now, "", mail), row(2, "Mats Mo", "", mail))
    assert len(set(persons(desk).values())) == 1
