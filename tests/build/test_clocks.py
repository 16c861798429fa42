"""Clocks do not begin again because a source says so: the earlier date stays until somebody accepts the new one."""

from __future__ import annotations

import datetime as dt
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.build.test_build import Intake

PROSPECTS = "Prospekt-ID;Namn;E-post;Telefon;Befattning;Företag;Källa;Registrerad;Senaste möte\n"
EVA = "P1;Eva Ek;eva@bolaget.example;;;;;{};{}\n"
BO = "P2;Bo Al;bo@bolaget.example;;;;;{};\n"
BEFORE = PROSPECTS + EVA.format("2010-03-01", "") + BO.format("2014-03-01")
AFTER = PROSPECTS + EVA.format("2026-11-15", "") + BO.format("2026-11-15")
EMPLOYEES = "Anställningsnummer;Namn;E-post;Anställd från;Sista anställningsdag\n"


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(tmp_path)


def moved(intake: Intake, dataset: str, text: str) -> int:
    """Takes an export in and says how many rows it moved for the first time."""
    return intake.take_in(**{dataset: text})[1][dataset].moved


def dates(intake: Intake, *columns: str) -> list[tuple[Any, ...]]:
    return intake.rows(f"select source_key, {', '.join(columns)} from basis order by source_key")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_a_migration_moves_no_registration(intake: Intake) -> None:
    assert moved(intake, "crm_prospects", BEFORE) == 0
    assert moved(intake, "crm_prospects", AFTER) == 2
    assert dates(intake, "registered_on", "moved_field", "moved_to") == [
        ("P1", day("2010-03-01"), "registered_on", day("2026-11-15")),
        ("P2", day("2014-03-01"), "registered_on", day("2026-11-15")),
    ]


def test_the_same_move_is_told_once_and_its_date_stays_for_later_exports(intake: Intake) -> None:
    for text in (BEFORE, AFTER):
        moved(intake, "crm_prospects", text)
    assert moved(intake, "crm_prospects", AFTER) == 0
    assert moved(intake, "crm_prospects", AFTER) == 0
    assert dates(intake, "registered_on", "moved_build") == [("P1", day("2010-03-01"), 2), ("P2", day("2014-03-01"), 2)]
    # Another date again is another move, of that row alone.
    later = PROSPECTS + EVA.format("2026-11-16", "") + BO.format("2026-11-15")
    assert moved(intake, "crm_prospects", later) == 1
    assert dates(intake, "registered_on", "moved_build") == [("P1", day("2010-03-01"), 5), ("P2", day("2014-03-01"), 2)]


def test_a_move_that_is_taken_back_leaves_nothing(intake: Intake) -> None:
    part = PROSPECTS + EVA.format("2026-11-15", "") + BO.format("2014-03-01")
    moved(intake, "crm_prospects", BEFORE)
    assert moved(intake, "crm_prospects", part) == 1
    assert dates(intake, "moved_build") == [("P1", 2), ("P2", None)]
    assert moved(intake, "crm_prospects", BEFORE) == 0
    assert dates(intake, "registered_on", "moved_build", "told") == [
        ("P1", day("2010-03-01"), None, None),
        ("P2", day("2014-03-01"), None, None),
    ]


def test_accepted_dates_are_taken_by_the_next_build_and_are_what_later_ones_are_compared_with(intake: Intake) -> None:
    for text in (BEFORE, AFTER):
        moved(intake, "crm_prospects", text)
    intake.accepted = {("crm_prospects", 2, 0)}
    # Another export alone makes the build: this one's rows are carried over.
    intake.take_in(hr_employees=EMPLOYEES + "E1;Ida Ek;ida@antura.example;2015-01-01;\n")
    assert dates(intake, "registered_on", "moved_build") == [
        ("E1", None, None),
        ("P1", day("2026-11-15"), None),
        ("P2", day("2026-11-15"), None),
    ]
    assert moved(intake, "crm_prospects", AFTER) == 0
    assert moved(intake, "crm_prospects", PROSPECTS + EVA.format("2026-11-20", "")) == 1


def test_accepted_dates_are_taken_with_the_next_export_of_the_same_source(intake: Intake) -> None:
    for text in (BEFORE, AFTER):
        moved(intake, "crm_prospects", text)
    intake.accepted = {("crm_prospects", 2, 0)}
    assert moved(intake, "crm_prospects", AFTER) == 0
    assert dates(intake, "registered_on", "moved_build")[0] == ("P1", day("2026-11-15"), None)


@pytest.mark.parametrize(
    ("before", "after", "kept", "field"),
    [
        # An end that was over vanishes, or moves.
        (("2010-01-01", "2015-06-30"), ("2010-01-01", ""), ("2010-01-01", "2015-06-30"), "ends_on"),
        (("2010-01-01", "2015-06-30"), ("2010-01-01", "-"), ("2010-01-01", "2015-06-30"), "ends_on"),
        (("2010-01-01", "2015-06-30"), ("2010-01-01", "2026-11-15"), ("2010-01-01", "2015-06-30"), "ends_on"),
        (("2010-01-01", "2015-06-30"), ("2010-01-01", "2015-07-31"), ("2010-01-01", "2015-06-30"), "ends_on"),
        # A start moves.
        (("2010-01-01", ""), ("2026-11-15", ""), ("2010-01-01", None), "starts_on"),
        (("2010-01-01", "2015-06-30"), ("2012-01-01", "2015-06-30"), ("2010-01-01", "2015-06-30"), "starts_on"),
        # No move: an employment goes on, one that was to end goes on, dates go back, somebody is employed again.
        (("2010-01-01", ""), ("2010-01-01", "2026-06-30"), ("2010-01-01", "2026-06-30"), None),
        (("2010-01-01", "2027-06-30"), ("2010-01-01", ""), ("2010-01-01", None), None),
        (("2010-01-01", "2015-06-30"), ("2009-01-01", "2015-05-31"), ("2009-01-01", "2015-05-31"), None),
        (("2010-01-01", "2015-06-30"), ("2024-02-01", ""), ("2024-02-01", None), None),
    ],
)
def test_ends_that_were_over_and_starts_stay(
    intake: Intake,
    before: tuple[str, str],
    after: tuple[str, str],
    kept: tuple[str, str | None],
    field: str | None,
) -> None:
    row = "E1;Ida Ek;ida@antura.example;{};{}\n"
    moved(intake, "hr_employees", EMPLOYEES + row.format(*before))
    assert moved(intake, "hr_employees", EMPLOYEES + row.format(*after)) == (field is not None)
    assert dates(intake, "starts_on", "ends_on", "moved_field") == [
        ("E1", *(day(one) if one else None for one in kept), field)
    ]


def test_many_who_begin_on_one_day_after_their_end_are_a_migration(intake: Intake) -> None:
    row = "E{0};Ida Ek{0};ida{0}@antura.example;{1};{2}\n"
    before = "".join(row.format(one, "2010-01-01", "2015-06-30") for one in range(4))
    after = "".join(row.format(one, "2026-11-15", "") for one in range(4))
    moved(intake, "hr_employees", EMPLOYEES + before)
    assert moved(intake, "hr_employees", EMPLOYEES + after) == 4
    assert set(intake.rows("select starts_on, ends_on from basis")) == {(day("2010-01-01"), day("2015-06-30"))}


def test_a_new_meeting_is_no_move(intake: Intake) -> None:
    moved(intake, "crm_prospects", BEFORE)
    met = PROSPECTS + EVA.format("2010-03-01", "2026-11-10") + BO.format("2014-03-01")
    assert moved(intake, "crm_prospects", met) == 0
    assert dates(intake, "registered_on", "met_on", "moved_build")[0] == (
        "P1",
        day("2010-03-01"),
        day("2026-11-10"),
        None,
    )


@pytest.mark.parametrize(
    "after",
    [
        "N7;Eva Ek;eva@bolaget.example;;;;;2026-11-15;\nN8;Bo Al;;0701740605;;;;2026-11-15;\n",
        # A new name as well, and nobody else at that address; the name written the other way round.
        "N7;Eva Al;eva@bolaget.example;;;;;2026-11-15;\nN8;Al, Bo;;070-174 06 05;;;;2026-11-15;\n",
    ],
)
def test_rows_under_new_keys_are_known_by_who_they_are(intake: Intake, after: str) -> None:
    before = "P1;Eva Ek;eva@bolaget.example;;;;;2010-03-01;\nP2;Bo Al;;+46701740605;;;;2014-03-01;\n"
    moved(intake, "crm_prospects", PROSPECTS + before)
    assert moved(intake, "crm_prospects", PROSPECTS + after) == 2
    assert dates(intake, "registered_on") == [("N7", day("2010-03-01")), ("N8", day("2014-03-01"))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("P1;Eva Ek",), ("N7;Bo Al", "N8;Cia Lund")),
        (("P1;Eva Ek", "P2;Bo Al"), ("N7;Cia Lund",)),
    ],
    ids=["two came", "two went"],
)
def test_under_other_names_only_one_who_came_is_the_only_one_who_went(
    intake: Intake, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    def export(who: tuple[str, ...], registered: str) -> str:
        return PROSPECTS + "".join(f"{one};nya@bolaget.example;;;;;{registered};\n" for one in who)

    moved(intake, "crm_prospects", export(before, "2010-03-01"))
    assert moved(intake, "crm_prospects", export(after, "2026-11-15")) == 0


def test_who_takes_over_an_address_of_somebody_who_stayed_has_a_clock_of_their_own(intake: Intake) -> None:
    moved(intake, "crm_prospects", PROSPECTS + EVA.format("2010-03-01", ""))
    stayed = EVA.format("2010-03-01", "").replace("eva@", "ny@")
    taken_over = "N7;Bo Al;eva@bolaget.example;;;;;2026-11-15;\n"
    assert moved(intake, "crm_prospects", PROSPECTS + stayed + taken_over) == 0


def test_who_comes_after_somebody_at_a_mailbox_of_many_has_a_clock_of_their_own(intake: Intake) -> None:
    mails = [f"{name}@bolaget.example" for name in ("info", "kansli", "order", "eva")]
    # Of the mailboxes: somebody else; somebody who has married; nobody in particular. At an address of one's own a name
    # alone is not believed.
    names, ran_from = ("Bo Al", "Eva Al", "", "Bo Al"), ("2020-01-25", "2010-03-01", "2010-03-01", "2010-03-01")

    def export(key: str, names: tuple[str, ...], registered: str) -> str:
        rows = enumerate(zip(names, mails, strict=True), start=1)
        return PROSPECTS + "".join(f"{key}{n};{name};{mail};;;;;{registered};\n" for n, (name, mail) in rows)

    moved(intake, "crm_prospects", export("P", ("Eva Ek",) * 4, "2010-03-01"))
    assert moved(intake, "crm_prospects", export("N", names, "2020-01-25")) == 3
    assert dates(intake, "registered_on") == [(f"N{n}", day(one)) for n, one in enumerate(ran_from, start=1)]


VD = "{};{};vd@bolaget.example;;;;;{};\n"


def whose(intake: Intake) -> list[tuple[Any, ...]]:
    """The records of which it is asked whose date they keep."""
    return intake.rows("select record_id, dataset, build, number from successor order by record_id")


@pytest.mark.parametrize(
    ("before", "after", "is_asked"),
    [
        (("P1", "Anna Berg"), ("N1", "Bo Dahl"), True),
        # Who has married, or has the same first name: an address does not say which.
        (("P1", "Anna Berg"), ("N1", "Anna Dahl"), True),
        # Under the same key it is somebody else only if nothing of the name is the same.
        (("P1", "Anna Berg"), ("P1", "Bo Dahl"), True),
        (("P1", "Anna Berg"), ("P1", "Anna Dahl"), False),
        (("P1", "Anna Berg"), ("N1", "Berg, Anna"), False),
        (("P1", "Anna Berg"), ("N1", "Anna Maria Berg"), False),
        (("P1", "Anna Müller"), ("N1", "Anna Mueller"), False),
        (("P1", "Anna Berg"), ("P1", ""), False),
    ],
)
def test_whose_a_date_is_that_another_name_had_is_asked_of_each_alone(
    intake: Intake, before: tuple[str, str], after: tuple[str, str], is_asked: bool
) -> None:
    moved(intake, "crm_prospects", PROSPECTS + VD.format(*before, "2010-03-01") + BO.format("2014-03-01"))
    new = PROSPECTS + VD.format(*after, "2026-11-15") + BO.format("2026-11-15")
    asked = [(f"crm_prospects:{after[0]}", "crm_prospects", 2, 1)] if is_asked else []
    # The source repeats it: it is asked once, by the same number.
    for told in (2, 0):
        assert moved(intake, "crm_prospects", new) == told
        assert sorted(dates(intake, "registered_on")) == sorted(
            [(after[0], day("2010-03-01")), ("P2", day("2014-03-01"))]
        )
        assert whose(intake) == asked


def test_what_is_accepted_for_all_takes_nobody_the_date_that_may_be_theirs_and_the_other_way_round(
    intake: Intake,
) -> None:
    def export(first: str, second: str, registered: str) -> str:
        rows = VD.format(*first.split(","), registered) + VD.format(*second.split(","), registered).replace(
            "vd@", "ek@"
        )
        return PROSPECTS + rows + BO.format(registered)

    def known() -> dict[str, dt.date]:
        return dict(dates(intake, "registered_on"))

    moved(intake, "crm_prospects", export("P1,Anna Berg", "P3,Eva Ek", "2010-03-01"))
    after = export("N1,Bo Dahl", "N3,Ulf Ur", "2026-11-15")
    assert moved(intake, "crm_prospects", after) == 3
    assert [one[3] for one in whose(intake)] == [1, 2]
    was, now = day("2010-03-01"), day("2026-11-15")
    other = {"hr_employees": EMPLOYEES + "E1;Ida Ek;ida@antura.example;2015-01-01;\n"}
    # Carried over, and with the next export of the same source.
    intake.accepted = {("crm_prospects", 2, 0)}
    intake.take_in(**other)
    assert known() | {"E1": None} == {"N1": was, "N3": was, "P2": now, "E1": None}
    intake.accepted.add(("crm_prospects", 2, 2))
    intake.take_in(**other)
    assert known() | {"E1": None} == {"N1": was, "N3": now, "P2": now, "E1": None}
    assert moved(intake, "crm_prospects", after) == 0
    assert known() | {"E1": None} == {"N1": was, "N3": now, "P2": now, "E1": None}
    assert whose(intake) == [("crm_prospects:N1", "crm_prospects", 2, 1)]
    # Another date again is another move, and whose the kept one is is still to be said.
    assert (
        moved(
            intake,
            "crm_prospects",
            after.replace("vd@bolaget.example;;;;;2026-11-15", "vd@bolaget.example;;;;;2026-11-16"),
        )
        == 1
    )
    assert whose(intake) == [("crm_prospects:N1", "crm_prospects", intake.count, 1)]


def test_thousands_who_share_an_address_and_get_new_keys_are_told_apart_in_little_room(tmp_path: Path) -> None:
    # Side by side they would be four million pairs.
    intake = Intake(tmp_path, memory="150MB", spilled="100MB")
    names = [f"{first}{second}{third} Ek" for first, second, third in product("ABCDEFGHIJKLM", repeat=3)][:2000]

    def export(key: str, registered: str) -> str:
        row = "{}{};{};vaxel@bolaget.example;;;;;{};\n"
        return PROSPECTS + "".join(row.format(key, number, name, registered) for number, name in enumerate(names))

    moved(intake, "crm_prospects", export("P", "2010-03-01"))
    assert moved(intake, "crm_prospects", export("N", "2026-11-15")) == 2000


def test_a_row_of_which_a_source_makes_two_keeps_the_earlier_date_in_both(intake: Intake) -> None:
    two = "eva@bolaget.example, egen@bolaget.example"
    before = f"P1;Eva Ek;{two};;;;;2010-03-01;\nP2;Bo Al;bo@bolaget.example, al@bolaget.example;;;;;2014-03-01;\n"
    moved(intake, "crm_prospects", PROSPECTS + before)
    after = (
        "P1;Eva Ek;eva@bolaget.example;;;;;2010-03-01;\nN1;Ek, Eva;egen@bolaget.example;;;;;2026-11-15;\n"
        # By the second of his addresses too he is known under a new key.
        "N2;Bo Al;al@bolaget.example, bo@bolaget.example;;;;;2026-11-15;\n"
        # An address that is given on, and one that a new colleague shares with whoever stays, tell nothing.
        "N3;Lo Ny;egen@bolaget.example;;;;;2026-11-15;\nN4;Eva Ny;eva@bolaget.example;;;;;2026-11-15;\n"
    )
    assert moved(intake, "crm_prospects", PROSPECTS + after) == 2
    assert dates(intake, "registered_on") == [
        ("N1", day("2010-03-01")),
        ("N2", day("2014-03-01")),
        ("N3", day("2026-11-15")),
        ("N4", day("2026-11-15")),
        ("P1", day("2010-03-01")),
    ]


def test_somebody_else_at_a_shared_address_has_a_clock_of_their_own(intake: Intake) -> None:
    before = "P1;Eva Ek;kansli@bolaget.example;;;;;2010-03-01;\nP2;Bo Al;kansli@bolaget.example;;;;;2014-03-01;\n"
    after = "P2;Bo Al;kansli@bolaget.example;;;;;2014-03-01;\nP9;Lo Ny;kansli@bolaget.example;;;;;2026-11-15;\n"
    moved(intake, "crm_prospects", PROSPECTS + before + "P3;Ulf Ur;kansli@bolaget.example;;;;;2015-03-01;\n")
    assert moved(intake, "crm_prospects", PROSPECTS + after) == 0


def test_a_role_designated_anew_and_somebody_who_is_back_stay_as_they_were(intake: Intake) -> None:
    headers = "Kontakt-ID;Förnamn;Efternamn;E-post;Kund-ID;Typ;Utsedd;Slutat hos kund\n"
    organisations = "Kund-ID;Kundnamn\nK1;Kund\n"
    contracts = "Avtals-ID;Kund-ID;Avtalsstart;Avtalsslut\nA1;K1;2010-01-01;\n"
    row = "C1;Eva;Ek;eva@kund.example;K1;Kontaktperson;{};{}\n"
    intake.take_in(
        crm_organisations=organisations,
        crm_contracts=contracts,
        crm_contacts=headers + row.format("2010-03-01", "2016-05-31"),
    )
    assert moved(intake, "crm_contacts", headers + row.format("2026-11-15", "")) == 1
    assert dates(intake, "registered_on", "left_org_on", "moved_field") == [
        ("C1", day("2010-03-01"), day("2016-05-31"), "left_org_on")
    ]


def test_a_build_of_before_is_compared_with(intake: Intake) -> None:
    moved(intake, "crm_prospects", BEFORE)
    intake.forget_moves()
    assert moved(intake, "crm_prospects", AFTER) == 2
    intake.forget_moves()
    assert moved(intake, "hr_employees", EMPLOYEES + "E1;Ida Ek;ida@antura.example;2015-01-01;\n") == 0
    assert dates(intake, "registered_on")[1] == ("P1", day("2010-03-01"))


CUSTOMERS = "Kund-ID;Kundnamn\n" + "".join(f"K{one};Kund {one}\n" for one in range(4))
CONTRACTS = "Avtals-ID;Kund-ID;Avtalsstart;Avtalsslut\n"


@pytest.mark.parametrize(
    ("after", "kept", "field"),
    [
        ("2010-01-01;2015-06-30", ("2010-01-01", "2015-06-30"), None),
        # An end that was over goes away or later, a start goes later.
        ("2010-01-01;", ("2010-01-01", "2015-06-30"), "contract.ends_on"),
        ("2010-01-01;2030-01-01", ("2010-01-01", "2015-06-30"), "contract.ends_on"),
        ("2012-01-01;2015-06-30", ("2010-01-01", "2015-06-30"), "contract.starts_on"),
        ("2012-01-01;", ("2010-01-01", "2015-06-30"), "contract.ends_on"),
        # Dates that go back move no clock on, and one that begins after the end is a new contract.
        ("2009-01-01;2015-05-31", ("2009-01-01", "2015-05-31"), None),
        ("2024-02-01;", ("2024-02-01", None), None),
        # Dates that cannot be say so themselves.
        ("2016-01-01;2015-06-30", ("2016-01-01", "2015-06-30"), None),
        (";", (None, None), None),
    ],
)
def test_a_contract_that_was_over_stays_over(
    intake: Intake, after: str, kept: tuple[str | None, str | None], field: str | None
) -> None:
    other = "A2;K1;2016-01-01;2030-06-30\n"
    first = intake.take_in(crm_contracts=CONTRACTS + "A1;K1;2010-01-01;2015-06-30\n" + other)[1]["crm_contracts"]
    assert first.contracts_moved == 0
    # One that was to end goes on as it likes.
    again = CONTRACTS + f"A1;K1;{after}\nA2;K1;2016-01-01;2031-06-30\nA3;K1;2026-01-01;\n"
    for times in (1, 0, 0):
        assert intake.take_in(crm_contracts=again)[1]["crm_contracts"].contracts_moved == times * (field is not None)
    told = intake.rows("select starts_on, ends_on, moved_field, moved_build from contract where contract_key = 'A1'")
    assert told == [(*(day(one) if one else None for one in kept), field, 2 if field else None)]


def test_many_contracts_that_begin_on_one_day_after_their_end_are_a_migration(intake: Intake) -> None:
    row = "A{0};K{0};{1};{2}\n"
    before = "".join(row.format(one, "2010-01-01", "2015-06-30") for one in range(4))
    after = "".join(row.format(one, "2026-11-15", "") for one in range(4))
    intake.take_in(crm_organisations=CUSTOMERS, crm_contracts=CONTRACTS + before)
    assert intake.take_in(crm_contracts=CONTRACTS + after)[1]["crm_contracts"].contracts_moved == 4
    assert set(intake.rows("select starts_on, ends_on from island")) == {(day("2010-01-01"), day("2015-06-30"))}
    assert set(intake.rows("select starts_on, ends_on from told_island")) == {(day("2026-11-15"), None)}


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        # The same contract under a new number: it goes on although it was over, or begins later.
        ("N1;K1;2010-01-01;\n", {"N1": ("2010-01-01", "2015-06-30", "contract.ends_on")}),
        ("N1;K1;2012-01-01;2015-06-30\n", {"N1": ("2010-01-01", "2015-06-30", "contract.starts_on")}),
        ("N1;K1;2010-01-01;2015-06-30\n", {"N1": ("2010-01-01", "2015-06-30", None)}),
        # Beside one that did not change, which comes under a new number too.
        (
            "N1;K1;2020-01-01;2021-06-30\nN2;K1;2010-01-01;\n",
            {"N1": ("2020-01-01", "2021-06-30", None), "N2": ("2010-01-01", "2015-06-30", "contract.ends_on")},
        ),
        # Both at once, in their order.
        (
            "N1;K1;2020-03-01;2021-06-30\nN2;K1;2010-03-01;2015-06-30\n",
            {
                "N1": ("2020-01-01", "2021-06-30", "contract.starts_on"),
                "N2": ("2010-01-01", "2015-06-30", "contract.starts_on"),
            },
        ),
        # A new one after the old one was over, one of another customer, and one beside the old one, are themselves.
        ("N1;K1;2024-02-01;\n", {"N1": ("2024-02-01", None, None)}),
        (
            "N1;K2;2012-01-01;\n",
            {"N1": ("2012-01-01", None, None), "A1": ("2010-01-01", "2015-06-30", "contract.starts_on")},
        ),
        (
            "A1;K1;2010-01-01;2015-06-30\nN1;K1;2012-01-01;\n",
            {"A1": ("2010-01-01", "2015-06-30", None), "N1": ("2012-01-01", None, None)},
        ),
        # Dates that cannot be say so themselves.
        ("N1;K1;2016-01-01;2015-06-30\n", {"N1": ("2016-01-01", "2015-06-30", None)}),
    ],
)
def test_a_contract_that_comes_under_a_new_number_keeps_its_dates(
    intake: Intake, after: str, kept: dict[str, tuple[str, str | None, str | None]]
) -> None:
    beside = "A2;K1;2020-01-01;2021-06-30\n"
    intake.take_in(crm_contracts=CONTRACTS + "A1;K1;2010-01-01;2015-06-30\n" + beside * ("N2" in after))
    moves = sum(field is not None for _, _, field in kept.values())
    for times in (1, 0):
        assert intake.take_in(crm_contracts=CONTRACTS + after)[1]["crm_contracts"].contracts_moved == times * moves
    found = intake.rows("select contract_key, starts_on, ends_on, moved_field, moved_build from contract")
    assert {key: rest for key, *rest in found} == {
        key: [day(starts), day(ends) if ends else None, field, 2 if field else None]
        for key, (starts, ends, field) in kept.items()
    }


GONE = ("2010-01-01", "2015-06-30", "contract.starts_on", 2)


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        ("A2;K2;2012-01-01;\n", {"A1@K1": GONE, "A2@K2": ("2012-01-01", None, None, None)}),
        # Another customer's by now, under the same number.
        ("A1;K3;2010-01-01;2015-06-30\nA2;K2;2012-01-01;\n", {"A1@crm:K1@K1": GONE}),
        # Its row stays out.
        ("A1;;2010-01-01;2015-06-30\nA2;K2;2012-01-01;\n", {"A1@K1": GONE}),
        # One that goes on, with nothing in its place.
        ("A1;K1;2010-01-01;2015-06-30\n", {"A2@K2": ("2012-01-01", None, "contract.starts_on", 2)}),
        # Something new is in its place, whatever it says.
        ("N1;K1;2024-02-01;\nA2;K2;2012-01-01;\n", {"N1@K1": ("2024-02-01", None, None, None)}),
        (
            "N1;K1;2024-02-01;2031-12-31\nA2;K2;2012-01-01;\n",
            {"N1@K1": ("2024-02-01", "2031-12-31", None, None)},
        ),
        # Its days cannot be read: that is told as before.
        ("A1;K1;2010-01-01;x\nA2;K2;2012-01-01;\n", {"A1@K1": ("2010-01-01", None, None, None)}),
    ],
)
def test_a_contract_that_is_missing_is_kept_as_it_was_told(
    intake: Intake, after: str, kept: dict[str, tuple[str | None, str | None, str | None, int | None]]
) -> None:
    intake.take_in(crm_contracts=CONTRACTS + "A1;K1;2010-01-01;2015-06-30\nA2;K2;2012-01-01;\n")
    moves = sum(build is not None for *_, build in kept.values())
    for times in (1, 0, 0):
        assert intake.take_in(crm_contracts=CONTRACTS + after)[1]["crm_contracts"].contracts_moved == times * moves
        key = "contract_key || '@' || substr(org_id, 5)"
        found = intake.rows(f"select {key}, starts_on, ends_on, moved_field, moved_build, told from contract")
        assert len({key for key, *_ in found}) == len(found)
        assert {key: tuple(rest) for key, *rest, _ in found if key in kept} == {
            key: (day(starts) if starts else None, day(ends) if ends else None, field, build)
            for key, (starts, ends, field, build) in kept.items()
        }
        # By the source's word there is none.
        assert {str(told) for *_, build, told in found if build} <= {str({"starts_on": None, "ends_on": None})}


@pytest.mark.parametrize(
    ("after", "is_kept"),
    [
        # An old one under another number, and an old one that was not told before, are no contract of today.
        ("H9;K1;1998-01-01;1999-12-31\n", True),
        ("H1;K1;1998-01-01;1999-12-31\nZ1;K1;1990-01-01;1995-12-31\n", True),
        # It ended before the export that told of the missing one.
        ("H1;K1;1998-01-01;1999-12-31\nN1;K1;2001-01-01;2024-12-31\n", True),
        # The same one with its end, one that goes on, and one whose days cannot be.
        ("H1;K1;1998-01-01;1999-12-31\nN1;K1;2010-01-01;2015-06-30\n", False),
        ("H1;K1;1998-01-01;1999-12-31\nN1;K1;2024-01-01;2031-12-31\n", False),
        ("H1;K1;1998-01-01;1999-12-31\nN1;K1;2016-01-01;2015-06-30\n", False),
    ],
)
def test_only_what_may_stand_in_the_place_of_a_missing_contract_does(intake: Intake, after: str, is_kept: bool) -> None:
    others = "A2;K2;2012-01-01;\n"
    rows = "A1;K1;2010-01-01;\nH1;K1;1998-01-01;1999-12-31\n" + others
    intake.take_in(crm_organisations=CUSTOMERS, crm_contracts=CONTRACTS + rows)
    intake.take_in(crm_contracts=CONTRACTS + after + others)
    kept = intake.rows("select starts_on, ends_on, moved_build from contract where contract_key = 'A1'")
    assert kept == ([(day("2010-01-01"), None, 2)] if is_kept else [])


def test_what_is_wrong_with_a_contract_or_was_moved_before_stays_so_when_it_is_missing(intake: Intake) -> None:
    intake.take_in(crm_contracts=CONTRACTS + "A1;K1;x;y\nA2;K2;2010-01-01;2015-06-30\nA3;K3;2012-01-01;\n")
    intake.take_in(crm_contracts=CONTRACTS + "A1;K1;x;y\nA2;K2;2010-01-01;\nA3;K3;2012-01-01;\n")
    intake.take_in(crm_contracts=CONTRACTS + "A3;K3;2012-01-01;\n")
    found = intake.rows("select contract_key, fault_code, ends_on, moved_build from contract order by 1")
    # To go on although over is one move, to be missing another.
    assert found == [
        ("A1", "unreadable_date", None, 3), ("A2", None, day("2015-06-30"), 3), ("A3", None, None, None),
    ]  # fmt: skip


def test_a_contract_that_is_back_is_the_sources_again(intake: Intake) -> None:
    both = "A1;K1;2010-01-01;2015-06-30\nA2;K2;2012-01-01;\n"
    for rows in (both, "A2;K2;2012-01-01;\n", both):
        intake.take_in(crm_organisations=CUSTOMERS, crm_contracts=CONTRACTS + rows)
    assert intake.rows("select count(*) from contract where moved_build is not null or told is not null") == [(0,)]
    # Under another number, and begun anew after it was over.
    for rows, back in (("A2;K2;2012-01-01;\n", 1), ("N1;K1;2024-01-01;\nA2;K2;2012-01-01;\n", 0)):
        intake.take_in(crm_contracts=CONTRACTS + rows)
        assert intake.rows("select count(*) from contract where moved_build is not null") == [(back,)]
    assert intake.rows("select starts_on, ends_on from island where org_id = 'crm:K1'") == [(day("2024-01-01"), None)]


@pytest.mark.parametrize("is_exported_again", [True, False])
def test_a_missing_contract_goes_once_that_is_accepted(intake: Intake, is_exported_again: bool) -> None:
    left = CONTRACTS + "A2;K2;2012-01-01;\n"
    intake.take_in(crm_organisations=CUSTOMERS, crm_contracts=left + "A1;K1;2010-01-01;2015-06-30\n")
    intake.take_in(crm_contracts=left)
    assert intake.rows("select org_id from told_island") == []
    intake.accepted = {("crm_contracts", 2, 0)}
    if is_exported_again:
        assert intake.take_in(crm_contracts=left)[1]["crm_contracts"].contracts_moved == 0
    else:
        intake.take_in(hr_employees=EMPLOYEES + "E1;Ida Ek;ida@antura.example;2015-01-01;\n")
    assert intake.rows("select contract_key, moved_build from contract") == [("A2", None)]
    assert intake.rows("select org_id from island") == [("crm:K2",)]


def test_a_customer_that_nobody_took_over_any_more_stays_one(intake: Intake) -> None:
    """K1 was taken over by K2, and that by K3, whose contracts are theirs too."""
    organisations = "Kund-ID;Kundnamn;Övertagen av\nK1;Ett;{}\nK2;Två;{}\nK3;Tre;\n"
    contracts = CONTRACTS + "A3;K3;2010-01-01;2015-06-30\nB3;K3;2016-01-01;\n"
    intake.take_in(crm_organisations=organisations.format("K2", "K3"), crm_contracts=contracts)
    before = intake.rows("select * from island order by all")
    kept = "select contract_key, org_id, moved_build from contract where moved_build is not null order by all"
    # Whom the one in the middle went over to is no more said, and then of the first one neither.
    both = sorted((f"{one}3@crm:{org}", f"crm:{org}", 2) for one in "AB" for org in ("K1", "K2"))
    for one, two in (("K2", ""), ("", ""), ("", "")):
        intake.take_in(crm_organisations=organisations.format(one, two))
        assert intake.rows(kept) == both
        assert intake.rows("select * from island order by all") == before
    intake.take_in(crm_contracts=contracts)
    assert intake.rows(kept) == both
    # What is accepted is gone for good.
    intake.accepted = {("crm_contracts", 2, 0)}
    intake.take_in(crm_organisations=organisations.format("", ""))
    intake.take_in(crm_organisations=organisations.format("", ""), crm_contracts=contracts)
    assert intake.rows(kept) == []
    assert {org for (org,) in intake.rows("select org_id from island")} == {"crm:K3"}


def test_a_customer_with_an_old_contract_of_its_own_stays_one_too(intake: Intake) -> None:
    organisations = "Kund-ID;Kundnamn;Övertagen av\nK1;Ett;{}\nK2;Två;\n"
    contracts = CONTRACTS + "A1;K1;2000-01-01;2012-01-31\nA2;K2;2010-01-01;\n"
    intake.take_in(crm_organisations=organisations.format("K2"), crm_contracts=contracts)
    before = intake.rows("select * from island order by all")
    kept = "select contract_key, org_id from contract where moved_build is not null"
    # Gone, there again, and gone again.
    for heir in ("", "K2", ""):
        intake.take_in(crm_organisations=organisations.format(heir))
        assert intake.rows(kept) == [("A2@crm:K1", "crm:K1")]
        assert intake.rows("select * from island order by all") == before


def test_a_customer_whose_row_was_away_meanwhile_stays_one(intake: Intake) -> None:
    organisations = "Kund-ID;Kundnamn;Övertagen av\n"
    contracts = CONTRACTS + "A2;K2;2010-01-01;\n"
    intake.take_in(crm_organisations=organisations + "K1;Ett;K2\nK2;Två;\n", crm_contracts=contracts)
    for rows in ("K2;Två;\n", "K1;Ett;\nK2;Två;\n", "K1;Ett;\nK2;Två;\n"):
        intake.take_in(crm_organisations=organisations + rows)
    assert {org for (org,) in intake.rows("select org_id from island")} == {"crm:K1", "crm:K2"}
    assert intake.rows("select count(*) from contract") == [(2,)]


def test_a_build_of_before_says_what_is_missing_too(intake: Intake) -> None:
    left = CONTRACTS + "A2;K2;2012-01-01;\n"
    intake.take_in(crm_contracts=left + "A1;K1;2010-01-01;2015-06-30\n")
    intake.forget_moves()
    assert intake.take_in(crm_contracts=left)[1]["crm_contracts"].contracts_moved == 1


def test_many_contracts_that_begin_anew_under_new_numbers_are_a_migration(intake: Intake) -> None:
    row = "{2}{0};K{0};{1}\n"
    before = "".join(row.format(one, "2010-01-01;2015-06-30", "A") for one in range(4))
    after = "".join(row.format(one, "2026-11-15;", "N") for one in range(4))
    intake.take_in(crm_organisations=CUSTOMERS, crm_contracts=CONTRACTS + before)
    assert intake.take_in(crm_contracts=CONTRACTS + after)[1]["crm_contracts"].contracts_moved == 4
    assert set(intake.rows("select starts_on, ends_on from island")) == {(day("2010-01-01"), day("2015-06-30"))}


@pytest.mark.parametrize("is_exported_again", [True, False])
def test_accepted_contracts_are_as_the_source_says(intake: Intake, is_exported_again: bool) -> None:
    moved_on = CONTRACTS + "A1;K1;2010-01-01;\n"
    intake.take_in(crm_organisations=CUSTOMERS, crm_contracts=CONTRACTS + "A1;K1;2010-01-01;2015-06-30\n")
    intake.take_in(crm_contracts=moved_on)
    intake.accepted = {("crm_contracts", 2, 0)}
    if is_exported_again:
        assert intake.take_in(crm_contracts=moved_on)[1]["crm_contracts"].contracts_moved == 0
    else:
        intake.take_in(hr_employees=EMPLOYEES + "E1;Ida Ek;ida@antura.example;2015-01-01;\n")
    assert intake.rows("select ends_on, moved_build, told from contract") == [(None, None, None)]
    assert intake.rows("select starts_on, ends_on from island") == [(day("2010-01-01"), None)]
    assert intake.rows("select count(*) from told_island") == intake.rows("select count(*) from moved_contract")


OTHERS = EMPLOYEES + "E1;Ida Ek;ida@antura.example;2015-01-01;\n"
CONTACTED = "Prospekt-ID;Namn;E-post;Registrerad;Senaste möte;Senaste inkommande\n"
IDA = "P1;Ida Al;ida@bolaget.example;2010-03-01;{};{}\n"


@pytest.mark.parametrize(
    ("before", "after", "kept", "field"),
    [
        # The last contact vanishes or goes back: the clock would begin on an earlier day.
        (("2024-05-02", ""), ("", ""), ("2024-05-02", ""), "met_on"),
        (("2024-05-02", ""), ("-", ""), ("2024-05-02", ""), "met_on"),
        (("2024-05-02", ""), ("2014-05-02", ""), ("2024-05-02", ""), "met_on"),
        (("", "2024-05-02"), ("", "2024-05-01"), ("", "2024-05-02"), "inbound_on"),
        (("2023-01-01", "2024-05-02"), ("2023-01-01", ""), ("2023-01-01", "2024-05-02"), "inbound_on"),
        (("2023-01-01", "2024-05-02"), ("", ""), ("2023-01-01", "2024-05-02"), "inbound_on"),
        (("2024-05-02", "2024-05-02"), ("", "2022-05-02"), ("2024-05-02", "2024-05-02"), "met_on"),
        # It is the last one, whichever of the two says it: what was before it may go.
        (("2023-01-01", "2024-05-02"), ("", "2024-05-02"), ("", "2024-05-02"), None),
        (("2024-05-02", ""), ("", "2024-05-02"), ("", "2024-05-02"), None),
        (("2024-05-02", ""), ("2025-05-02", ""), ("2025-05-02", ""), None),
        (("", ""), ("2014-05-02", ""), ("2014-05-02", ""), None),
        # One that was still to come had not been.
        (("2099-05-02", ""), ("2024-05-02", ""), ("2024-05-02", ""), None),
        (("2099-05-02", "2023-01-01"), ("2022-05-02", ""), ("2022-05-02", "2023-01-01"), "inbound_on"),
    ],
)
def test_the_last_contact_with_a_prospect_stays(
    intake: Intake, before: tuple[str, str], after: tuple[str, str], kept: tuple[str, str], field: str | None
) -> None:
    moved(intake, "crm_prospects", CONTACTED + IDA.format(*before))
    for times in (1, 0):
        assert moved(intake, "crm_prospects", CONTACTED + IDA.format(*after)) == (times if field else 0)
        said = {"met_on": after[0].strip("-"), "inbound_on": after[1]}[field] if field else ""
        assert dates(intake, "met_on", "inbound_on", "moved_field", "moved_to") == [
            ("P1", *(day(one) if one else None for one in kept), field, day(said) if said else None)
        ]


def test_a_column_of_meetings_that_is_gone_takes_no_meeting_with_it(intake: Intake) -> None:
    moved(intake, "crm_prospects", CONTACTED + IDA.format("2024-05-02", ""))
    without = "Prospekt-ID;Namn;E-post;Registrerad\nP1;Ida Al;ida@bolaget.example;2010-03-01\n"
    assert moved(intake, "crm_prospects", without) == 1
    assert dates(intake, "registered_on", "met_on") == [("P1", day("2010-03-01"), day("2024-05-02"))]
    intake.accepted = {("crm_prospects", 2, 0)}
    intake.take_in(hr_employees=OTHERS)
    assert dates(intake, "met_on", "moved_build", "told")[1:] == [("P1", None, None, None)]
    assert moved(intake, "crm_prospects", without) == 0


@pytest.mark.parametrize("before", [("2024-05-02", ""), ("", "2024-05-02")])
def test_an_accepted_contact_is_taken_with_the_next_export(intake: Intake, before: tuple[str, str]) -> None:
    moved(intake, "crm_prospects", CONTACTED + IDA.format(*before))
    assert moved(intake, "crm_prospects", CONTACTED + IDA.format("", "")) == 1
    intake.accepted = {("crm_prospects", 2, 0)}
    assert moved(intake, "crm_prospects", CONTACTED + IDA.format("", "")) == 0
    assert dates(intake, "met_on", "inbound_on", "moved_build") == [("P1", None, None, None)]


def test_a_build_that_kept_no_contacts_says_of_them_what_its_source_said(intake: Intake) -> None:
    moved(intake, "crm_prospects", CONTACTED + IDA.format("2024-05-02", "2023-01-01"))
    later = IDA.format("2024-05-02", "2023-01-01").replace("2010", "2012")
    assert moved(intake, "crm_prospects", CONTACTED + later) == 1
    of_then = ("registered_on", "designated_on", "left_org_on", "starts_on", "ends_on", "replaced_on")
    intake.change(f"alter table record alter told type struct({', '.join(f'{name} date' for name in of_then)})")
    assert tuple(intake.rows("select told from record where told is not null")[0][0]) == of_then
    # Carried over, then with its own export, then accepted.
    intake.take_in(hr_employees=OTHERS)
    told = intake.rows("select told from record where told is not null")[0][0]
    assert (told["met_on"], told["inbound_on"]) == (day("2024-05-02"), day("2023-01-01"))
    assert moved(intake, "crm_prospects", CONTACTED + later) == 0
    intake.accepted = {("crm_prospects", 2, 0)}
    intake.take_in(hr_employees=OTHERS)
    assert dates(intake, "registered_on", "met_on", "inbound_on")[1:] == [
        ("P1", day("2012-03-01"), day("2024-05-02"), day("2023-01-01"))
    ]
