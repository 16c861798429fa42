"""Who was erased and returns with nothing but the mobile number, under another name, is asked about; a number that many
have raises no alarm for each of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.evidence import content
from compliance.intake import service
from compliance.operations import verify
from compliance.purge import verbs as purge_verbs
from compliance.suppression import tables
from compliance.suppression import verbs as suppression
from compliance.suppression.tables import Verdict
from compliance.suppression.verbs import Doubt
from compliance.words import keys
from compliance.words.settings import Settings
from compliance.words.vocabulary import Role
from tests.purging import Desk, Weekly, prospect
from tests.suppression.test_suppression import BO, Company
from tests.world import table

MOBILE, SWITCHBOARD = "070-174 06 05", "08-465 00 00"


def row(number: int, name: str, phone: str = MOBILE, mail: str = "") -> dict[str, str]:
    return prospect(number, "2012-02-25", Namn=name, Telefon=phone, **{"E-post": mail})


ANNA = row(1, "Anna Berg", mail="anna.berg@bolaget.example")
ZED = row(99, "Zed Zander", "070-999 99 99", "zed@z.example")
LIND = row(2, "Anna Lind", "+46 (0)70 174 06 05", "anna.lind@annat.example")


@pytest.fixture
def desk(tmp_path: Path) -> Weekly:
    """A week without anybody who was erased."""
    made = Weekly(tmp_path / "store")
    made.folder = tmp_path / "in"
    return made


def purge(desk: Weekly, stays: Sequence[dict[str, str]] = (), *, gone: Sequence[str] = ("Anna Berg",)) -> int:
    """Takes in Anna and who stays, and purges whose names are given; the batch."""
    desk.deliver(ANNA, ZED, *stays)
    return desk.purge([one for one in desk.entries() if one.name in gone], picked=True).batch_id


def stored(desk: Desk) -> dict[str, str]:
    return {one["source_key"]: one["person_id"] for one in table(desk.reading(), "basis")}


def asked(desk: Desk) -> dict[str, Doubt]:
    """The doubts that wait, by the source key of the record."""
    at = desk.at(desk.petra)
    behind, persons = suppression.waiting_persons(at, desk.reading()), {one: key for key, one in stored(desk).items()}
    return {persons[behind[one.number]]: one for one in suppression.doubts(at)}


def decide(desk: Desk, verdict: Verdict, *keys_of: str) -> None:
    waiting = asked(desk)
    purge_verbs.decide(desk.at(desk.petra), desk.reading(), [waiting[key].number for key in keys_of], verdict)


def key(one: dict[str, str]) -> str:
    return one["Prospekt-ID"]


@pytest.mark.parametrize("back", [LIND, row(3, ""), row(4, "Okänd"), row(5, "Annika Berg", "08-1234567; 0701740605")])
def test_whoever_has_the_mobile_number_under_another_name_is_in_and_asked_about(
    desk: Weekly, back: dict[str, str]
) -> None:
    purge(desk)
    desk.deliver(ZED, back)
    assert stored(desk).keys() == {key(ZED), key(back)}
    (doubt,) = asked(desk).values()
    named = back["Namn"] not in ("", "Okänd")
    assert (doubt.speaks_for, doubt.speaks_against) == (("phone",), ("other_name",) if named else ())

    decide(desk, Verdict.SAME, key(back))
    again = {**back, "Prospekt-ID": "P777", "E-post": "ny@annat.example"}
    desk.deliver(ZED, back, again)
    # By the number together with the name by now, whatever the key and the address are.
    assert stored(desk).keys() == {key(ZED)}
    assert asked(desk) == {}


def test_what_was_said_of_somebody_elses_number_holds_under_another_key(desk: Weekly) -> None:
    purge(desk)
    desk.deliver(ZED, LIND)
    decide(desk, Verdict.OTHER, key(LIND))
    desk.deliver(ZED, {**LIND, "Prospekt-ID": "P778"})
    assert (asked(desk), key(ZED) in stored(desk), "P778" in stored(desk)) == ({}, True, True)


def test_the_erased_name_itself_stays_out_by_the_number(desk: Weekly) -> None:
    purge(desk)
    desk.deliver(ZED, row(7, "Berg, Anna"), row(8, "Anna Berg", mail="anna@hem.example"), LIND)
    assert stored(desk).keys() == {key(ZED), key(LIND)}
    assert asked(desk).keys() == {key(LIND)}


def test_of_several_names_at_one_number_one_is_asked_about_at_a_time(desk: Weekly) -> None:
    purge(desk)
    several = [row(10 + place, name) for place, name in enumerate(("Bo Ek", "Cia Ek", "Dan Ek"))]
    desk.deliver(ZED, *several)
    first = asked(desk)
    assert len(first) == 1
    # The same ones again, in whatever order the source has them.
    desk.deliver(*reversed(several), ZED)
    assert asked(desk).keys() == first.keys()
    # While one of them is known to be somebody else, the number tells nothing of the others.
    decide(desk, Verdict.OTHER, *first)
    desk.deliver(ZED, *several)
    assert asked(desk) == {}
    # Without that one the next is asked about, and after it was said to be the erased one, the last.
    left = [one for one in several if key(one) not in first]
    desk.deliver(ZED, *left)
    second = asked(desk)
    assert second and not second.keys() & first.keys()
    decide(desk, Verdict.SAME, *second)
    desk.deliver(ZED, *left)
    third = asked(desk)
    assert third and not third.keys() & (first.keys() | second.keys())
    assert stored(desk).keys() == {key(ZED)} | {key(one) for one in left if key(one) not in second}


def test_a_row_that_is_not_asked_about_takes_nobodys_turn(desk: Weekly) -> None:
    purge(desk)
    # Registered after the purge, and in quarantine: neither is a question.
    anew = {**row(20, "Aa Aa"), "Registrerad": "24/11/2026"}
    desk.on(dt.date(2026, 11, 25))
    unread = {**row(21, "Ab Ab"), "Prospekt-ID": ""}
    desk.deliver(ZED, LIND, anew, unread, row(22, "Zz Zz"))
    assert len(asked(desk)) == 1
    names = {one: LIND["Namn"] if one == key(LIND) else "Zz Zz" for one in asked(desk)}
    assert set(names.values()) <= {"Anna Lind", "Zz Zz"}


def test_a_number_that_many_had_or_a_fixed_line_is_nobodys(desk: Weekly) -> None:
    at_office = [row(30 + place, f"Person{place} Provsson") for place in range(2)]
    karin = row(40, "Karin Ek", SWITCHBOARD)
    purge(desk, [*at_office, karin], gone=("Anna Berg", "Karin Ek"))
    desk.deliver(ZED, *at_office, LIND, row(41, "Karin Lind", SWITCHBOARD))
    assert asked(desk) == {}


def test_the_other_half_of_a_couple_is_known_and_whoever_is_new_at_their_number_asked_about(desk: Weekly) -> None:
    per = row(50, "Per Berg")
    purge(desk, [per])
    desk.deliver(ZED, per, LIND)
    assert asked(desk).keys() == {key(LIND)}
    assert asked(desk)[key(LIND)].speaks_against == ("shared_phone", "other_name")
    # Who of a couple stood there is known by name alone, so that nobody waits for a turn.
    desk.deliver(ZED, per, LIND, row(51, "Eva Ny"))
    assert asked(desk).keys() == {key(LIND), "P51"}


def test_the_digest_is_under_the_signature_and_the_chain_covers_it(desk: Weekly) -> None:
    batch_id = purge(desk)
    entry = tables.suppression.c
    (secret,) = keys.suppression(desk.settings)
    with desk.register.connect() as connection:
        assert list(connection.scalars(sa.select(entry.number_digest))) == [secret.digest("number|+46701740605")]
        _, told = content.gather(connection, batch_id)
    assert [one["number_digest"] for one in told["suppression"]] == [secret.digest("number|+46701740605")]
    assert verify.register(desk.settings, desk.register).faults == ()
    with desk.register.begin() as connection:
        connection.execute(sa.update(tables.suppression).values(number_digest=None))
    assert [(one.code, one.values["field"]) for one in verify.register(desk.settings, desk.register).faults] == [
        ("rows_changed", "number_digest")
    ]


def test_entries_of_an_earlier_version_are_counted_and_those_of_a_decision_are_not(desk: Weekly) -> None:
    purge(desk)
    assert suppression.without_number(desk.register) == 0
    desk.deliver(ZED, LIND)
    decide(desk, Verdict.SAME, key(LIND))
    assert suppression.without_number(desk.register) == 0
    with desk.register.begin() as connection:
        connection.execute(sa.update(tables.suppression).values(number_digest=None))
    assert suppression.without_number(desk.register) == 1
    # Nor those that know a number as others', or none.
    for known in ({"is_shared_phone": True}, {"is_shared_phone": False, "phone_digest": None}):
        with desk.register.begin() as connection:
            connection.execute(sa.update(tables.suppression).values(**known))
        assert suppression.without_number(desk.register) == 0


@pytest.mark.parametrize("line", ["P77;Cia Lind;070-174 06 05", "070-174 06 05"])
def test_a_number_in_a_row_that_cannot_be_read_keeps_an_export_from_verifying(company: Company, line: str) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    (secret,) = keys.suppression(company.settings)
    number = "+46701740605"
    company.erase(
        "P1", phone=number, name="anna berg", batch_id=batch_id,
        is_shared_phone=False, number_digest=secret.digest(f"number|{number}"),
    )  # fmt: skip
    assert sum(company.prospects(BO, line).quarantined.values()) == 1
    assert company.states(batch_id)[0] == "executed"
    _, chunks = service.quarantined_rows(company.at(Role.DPO), "crm_prospects")
    assert [told[-1] for chunk in chunks for told in chunk] == [None]


@pytest.fixture
def company(settings: Settings, tmp_path: Path) -> Company:
    return Company(settings, tmp_path / "in")
