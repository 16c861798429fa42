"""Legal holds: Petra and Axel place, review and release them; Olle, Agnes and Ada may not. By real intakes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance import access, ledger, runs
from compliance.access import Actor
from compliance.access.at import At
from compliance.build.builder import Builder, Report
from compliance.holds import listing
from compliance.holds import tables as holds_tables
from compliance.holds import verbs as holds
from compliance.holds.listing import HoldRow
from compliance.holds.tables import Ground, Scope
from compliance.intake import run
from compliance.intake.orders import FileOrder, Order
from compliance.ledger import tables as ledger_tables
from compliance.operations import backup
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register.engine import engine, writing
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal
from compliance.words.vocabulary import LANGUAGES, Role
from tests.begun import Begin
from tests.world import TODAY, acting, shipped_parameters, shipped_policy, table

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
PARAMETERS = shipped_parameters()
REVIEW = dt.date(2027, 5, 23)
ORGANISATIONS = ("K1;Bolaget Ett", "K2;Bolaget Två")
CONTRACTS = ("A1;K1;2008-01-01;2015-09-30", "A2;K2;2008-01-01;2015-09-30")
# Both customers ended in 2015, so that their contacts' last lawful day was 2025-09-30.
BERIT = "C1;Berit;Ek;berit@ett.example;;K1;Kontaktperson;2010-01-01"
CARL = "C2;Carl;Lund;carl@ett.example;;K1;Kontaktperson;2010-01-01"
DORA = "C3;Dora;Öst;dora@tva.example;;K2;Kontaktperson;2010-01-01"
ANNA = "P1;Anna Berg;anna@kund.example;;Chef;2015-05-03"
HEADERS = {
    "crm_kunder": "Kund-ID;Kundnamn",
    "crm_avtal": "Avtals-ID;Kund-ID;Avtalsstart;Avtalsslut",
    "crm_kontakter": "Kontakt-ID;Förnamn;Efternamn;E-post;Telefon;Kund-ID;Typ;Utsedd",
    "crm_prospekt": "Prospekt-ID;Namn;E-post;Telefon;Titel;Registrerad",
}


class Company:
    """The company's exports, its register, and what the copy says of it."""

    def __init__(self, settings: Settings, register: sa.Engine, folder: Path) -> None:
        self.settings, self.register, self._folder = settings, register, folder
        self._day = dt.date(2026, 11, 2)

    def begin(self) -> None:
        """Takes in the exports that every test begins with."""
        self._day -= dt.timedelta(days=1)
        self.take_in(
            crm_kunder=ORGANISATIONS, crm_avtal=CONTRACTS, crm_kontakter=(BERIT, CARL, DORA), crm_prospekt=(ANNA,)
        )

    def take_in(self, **exports: tuple[str, ...]) -> None:
        """Takes in one export per name, a day newer than those before."""
        self._day += dt.timedelta(days=1)
        files: list[FileOrder] = []
        for name, rows in exports.items():
            path = self._folder / f"{name}_{self._day}.csv"
            path.write_text("\n".join((HEADERS[name], *rows)) + "\n", encoding="utf-8")
            made = dt.datetime.combine(self._day, dt.time(5), tzinfo=dt.UTC)
            files.append(FileOrder(path=path, name=path.name, exported_at=made, exported_at_from="file_name"))
        run_id = runs.queue(self.register, None, NOW)
        result = run.execute(self.settings, self.register, run_id, Order(files=tuple(files)), lambda: NOW)
        assert result.all_taken and result.changes is not None

    def reading(self, as_of: dt.date = TODAY) -> Reading:
        found = copy.current(self.settings, self.register, as_of, shipped_policy(), PARAMETERS)
        assert found is not None
        return found

    def row(self, key: str, as_of: dt.date = TODAY) -> dict[str, Any]:
        """Where the entry of one record stands, by the key it has in the CRM."""
        reading = self.reading(as_of)
        basis = {row["source_key"]: row["basis_id"] for row in table(reading, "basis_record")}
        return next(row for row in table(reading, "basis_status") if row["basis_id"] == basis[key])

    def status(self, key: str, as_of: dt.date = TODAY) -> str:
        return str(self.row(key, as_of)["status"])

    def actor(self, role: Role) -> Actor:
        return next(one for one in access.demo_actors(self.settings) if one.role is role)

    def at(self, role: Role, today: dt.date = TODAY) -> At:
        return acting(self.settings, self.register, self.actor(role), NOW, today=today)

    def place(self, scope: str, key: str, role: Role = Role.DPO, today: dt.date = TODAY, **more: Any) -> int:
        values = {"ground": "legal_claim", "owner": "legal", "review_on": today + dt.timedelta(days=180), **more}
        reading = values.pop("reading", None) or self.reading()
        return holds.place(self.at(role, today), reading, holds.Target(scope, key), holds.Terms(**values))

    def release(self, hold: int, today: dt.date = TODAY) -> None:
        holds.release(self.at(Role.CISO, today), hold, reading=self.reading())

    def review(self, hold: int, review_on: dt.date) -> None:
        holds.review(self.at(Role.DPO), hold, review_on)

    def listed(self, as_of: dt.date = TODAY) -> dict[int, HoldRow]:
        return {one.hold_id: one for one in listing.listing(self.register, self.reading(as_of), as_of)}

    def lines(self, event: ledger.Event) -> list[dict[str, Any]]:
        with self.register.connect() as connection:
            assert ledger.verify(connection).broken_at is None
            query = sa.select(ledger_tables.ledger.c.details).where(ledger_tables.ledger.c.event == event.value)
            return [json.loads(text) for text in connection.scalars(query.order_by(ledger_tables.ledger.c.seq))]


def first_week(settings: Settings) -> None:
    Company(settings, engine(settings), settings.store.parent).begin()


@pytest.fixture
def company(begun: Callable[[Begin], Settings], tmp_path: Path) -> Company:
    settings = begun(first_week)
    return Company(settings, engine(settings), tmp_path)


def test_without_a_hold_they_are_overdue(company: Company) -> None:
    assert [company.status(key) for key in ("C1", "C2", "C3", "P1")] == ["OVERDUE"] * 4


def test_a_hold_holds_what_it_is_on_and_nothing_else(company: Company) -> None:
    for scope, key, held in (
        ("category", "CUSTOMER_CONTACT", {"C1", "C2", "C3"}),
        ("organisation", "crm:K1", {"C1", "C2"}),
        ("person", company.row("C1")["person_id"], {"C1"}),
        ("basis", company.row("P1")["basis_id"], {"P1"}),
    ):
        number = company.place(scope, key, case_ref="T-1/26")
        assert {one for one in ("C1", "C2", "C3", "P1") if company.status(one) == "HELD"} == held
        covered = company.listed()[number].coverage
        assert covered == listing.Coverage(len(held), len(held), len(held), len(held))
        assert listing.summary(company.register, company.reading(), TODAY).total == covered
        company.release(number)


def test_the_ledger_tells_of_a_hold_but_not_whom_it_is_on(company: Company) -> None:
    person = company.row("C1")["person_id"]
    number = company.place("person", person, owner="juridik", review_on=REVIEW)
    holds.review(company.at(Role.DPO), number, dt.date(2027, 1, 1), reading=company.reading())
    company.release(number)
    told = {"hold": number, "scope": "person", "ground": "legal_claim", "bases": 1}
    assert company.lines(ledger.Event.HOLD_PLACED) == [{**told, "review_on": "2027-05-23", "persons": 1}]
    assert company.lines(ledger.Event.HOLD_REVIEWED) == [{**told, "review_on": "2027-01-01"}]
    assert company.lines(ledger.Event.HOLD_RELEASED) == [{**told, "review_on": "2027-01-01"}]
    with company.register.connect() as connection:
        everything = str(connection.execute(sa.select(ledger_tables.ledger)).all())
        of_build = sa.select(ledger_tables.ledger.c.build_id).where(ledger_tables.ledger.c.event == "hold:reviewed")
        assert connection.scalars(of_build).one() == company.reading().build
        kept = connection.execute(sa.select(holds_tables.hold)).mappings().one()
    assert person not in everything
    assert kept["placed_by"] == company.actor(Role.DPO).pseudonym
    assert (kept["released_on"], kept["released_by"]) == (TODAY, company.actor(Role.CISO).pseudonym)


REFUSALS: list[tuple[str, str, dict[str, Any], str]] = [
    ("everybody", "x", {}, "hold_scope_unknown"),
    ("category", "EMPLOYEE", {}, "hold_key_unknown"),
    ("category", "NONSENSE", {}, "hold_key_unknown"),
    ("organisation", "crm:K9", {}, "hold_key_unknown"),
    ("person", "0" * 32, {}, "hold_key_unknown"),
    ("basis", "", {}, "hold_key_unknown"),
    ("category", "PROSPECT", {"ground": "because"}, "hold_ground_unknown"),
    ("category", "PROSPECT", {"review_on": TODAY}, "hold_review_past"),
    ("category", "PROSPECT", {"review_on": REVIEW + dt.timedelta(days=1)}, "hold_review_too_far"),
    ("category", "PROSPECT", {"owner": " \t"}, "hold_owner_missing"),
    ("category", "PROSPECT", {"owner": "berit@ett.example"}, "hold_owner_invalid"),
    ("category", "PROSPECT", {"owner": "x" * 61}, "hold_owner_invalid"),
    *(
        ("category", "PROSPECT", {"case_ref": case}, "hold_case_invalid")
        for case in ("", "A", "-A1", "T 1", "T-1\n", "å1", "x" * 41, "19800101-1234", "070-1234567", "a@b.se")
    ),
]


def test_a_hold_is_refused_with_a_reason_in_words(company: Company) -> None:
    for scope, key, values, code in REFUSALS:
        with pytest.raises(Refused) as refused:
            company.place(scope, key, **values)
        assert refused.value.code == code, (scope, key, values)
        for language in LANGUAGES:
            assert "{" not in refusal(code, language, refused.value.values)
    assert company.listed() == {} and company.lines(ledger.Event.HOLD_PLACED) == []


def test_who_does_not_manage_holds_can_do_nothing_to_them(company: Company) -> None:
    number, reading = company.place("category", "PROSPECT", case_ref="T-1"), company.reading()
    attempts: list[Callable[[Actor], Any]] = [
        lambda actor: company.place("organisation", "crm:K1", actor.role),
        lambda actor: holds.review(company.at(actor.role), number, REVIEW),
        lambda actor: holds.release(company.at(actor.role), number),
        lambda actor: holds.release_case(company.at(actor.role), "T-1"),
        lambda actor: listing.organisations(reading, actor, "Bolaget"),
        lambda actor: listing.persons(reading, actor, "Berit"),
    ]
    for role in (Role.OWNER, Role.AUDITOR, Role.ADMIN):
        for attempt in attempts:
            with pytest.raises(Refused, match="not_allowed"):
                attempt(company.actor(role))
    assert [one.active for one in company.listed().values()] == [True]


def test_the_same_hold_is_placed_once_per_case(company: Company) -> None:
    first = company.place("organisation", "crm:K1", case_ref="T-1")
    with pytest.raises(Refused, match="hold_twice") as refused:
        company.place("organisation", "crm:K1", case_ref="T-1", ground="audit")
    assert refused.value.values == {"hold": str(first)}
    company.place("organisation", "crm:K1", case_ref="T-2")
    company.place("organisation", "crm:K1")
    with pytest.raises(Refused, match="hold_twice"):
        company.place("organisation", "crm:K1")
    company.release(first)
    company.place("organisation", "crm:K1", case_ref="T-1", owner="x" * 60)


def test_a_key_of_an_older_copy_is_looked_up_again(company: Company) -> None:
    seen = company.reading()
    company.take_in(crm_prospekt=(ANNA, "P2;Bo Dahl;bo@kund.example;;Chef;2021-05-03"))
    with pytest.raises(Refused, match="hold_build_changed"):
        company.place("category", "PROSPECT", reading=seen)


def test_a_release_gives_fourteen_days_to_what_passed_its_last_day_under_the_hold(company: Company) -> None:
    number = company.place("organisation", "crm:K1", today=dt.date(2025, 1, 10))
    assert company.status("C1") == "HELD"
    company.release(number, today=dt.date(2026, 11, 10))
    row = company.row("C1")
    assert (row["status"], row["deadline_on"]) == ("DUE", dt.date(2026, 11, 24))
    assert company.status("C1", dt.date(2026, 11, 25)) == "OVERDUE"
    assert company.status("C1", dt.date(2026, 11, 9)) == "HELD"


def test_a_release_gives_none_to_what_was_late_before(company: Company) -> None:
    number = company.place("organisation", "crm:K1", today=dt.date(2026, 1, 10))
    assert company.status("C1") == "HELD"
    company.release(number)
    assert company.status("C1") == "OVERDUE"


def test_another_hold_keeps_holding(company: Company) -> None:
    first = company.place("organisation", "crm:K1", case_ref="T-1")
    company.place("person", company.row("C1")["person_id"], case_ref="T-2")
    company.release(first)
    assert [company.status(key) for key in ("C1", "C2")] == ["HELD", "OVERDUE"]


def test_a_released_hold_can_be_neither_released_nor_reviewed(company: Company) -> None:
    number = company.place("category", "PROSPECT")
    company.release(number)
    with pytest.raises(Refused, match="hold_released"):
        company.release(number)
    for wanted in (number, number + 1):
        with pytest.raises(Refused, match="hold_released" if wanted == number else "hold_unknown"):
            holds.review(company.at(Role.DPO), wanted, REVIEW)


def test_a_case_is_released_as_a_whole(company: Company) -> None:
    for key in ("crm:K1", "crm:K2"):
        company.place("organisation", key, case_ref="T-1")
    other = company.place("category", "PROSPECT", case_ref="T-2")
    assert holds.release_case(company.at(Role.CISO), "T-1") == 2
    assert [number for number, one in company.listed().items() if one.active] == [other]
    assert company.lines(ledger.Event.HOLD_RELEASED) == [{"case": "T-1", "holds": 2}]
    with pytest.raises(Refused, match="hold_case_unknown"):
        holds.release_case(company.at(Role.CISO), "T-1")


def test_a_hold_is_past_review_on_the_day_after_its_review(company: Company) -> None:
    placed = dt.date(2026, 1, 10)
    late = company.place("category", "PROSPECT", today=placed)  # H01: review due 2026-07-09
    company.place("organisation", "crm:K1")
    assert company.listed()[late].entry.review_on == dt.date(2026, 7, 9)
    assert not company.listed(dt.date(2026, 7, 9))[late].past_review
    assert company.listed(dt.date(2026, 7, 10))[late].past_review
    assert next(iter(company.listed())) == late
    assert company.listed()[late].days_to_review == -138
    found = listing.summary(company.register, company.reading(), TODAY)
    assert (found.active, found.past_review, found.without_owner) == (2, 1, 0)
    holds.review(company.at(Role.CISO), late, REVIEW)
    assert listing.summary(company.register, None, TODAY).past_review == 0
    assert company.listed()[late].entry.reviewed_on == TODAY


def test_an_entry_under_two_holds_is_counted_once(company: Company) -> None:
    company.place("organisation", "crm:K1")
    company.place("category", "CUSTOMER_CONTACT")
    total = listing.summary(company.register, company.reading(), TODAY).total
    assert total == listing.Coverage(bases=3, persons=3, held=3, past_ceiling=3)
    assert [one.coverage.bases for one in company.listed().values() if one.coverage] == [2, 3]


def test_what_is_taken_out_of_a_purge_is_held_with_the_purge_or_not_at_all(company: Company) -> None:
    chosen = [company.row(key)["basis_id"] for key in ("C1", "P1")]

    def take_out(connection: sa.Connection, role: Role = Role.OWNER, **more: Any) -> int:
        values: dict[str, Any] = {"ground": Ground.EXTENSION, "owner": "sales", "review_on": REVIEW, **more}
        return holds.take_out(connection, company.at(role), company.reading(), chosen, holds.Terms(**values))

    with pytest.raises(RuntimeError), writing(company.register) as connection:
        take_out(connection)
        raise RuntimeError
    assert company.listed() == {} and company.status("C1") == "OVERDUE"
    with writing(company.register) as connection:
        assert take_out(connection) == 2
    assert [company.status(key) for key in ("C1", "C2", "P1")] == ["HELD", "OVERDUE", "HELD"]
    assert company.lines(ledger.Event.HOLD_PLACED) == [
        {"scope": "basis", "ground": "extension", "review_on": "2027-05-23", "holds": 2, "bases": 2}
    ]
    with writing(company.register) as connection:
        assert take_out(connection) == 0
    # One that was released is none; whoever manages holds may, without proposing purges.
    company.release(min(company.listed()))
    with writing(company.register) as connection:
        assert take_out(connection, Role.CISO) == 1
    for role, more, code in (
        (Role.AUDITOR, {}, "not_allowed"),
        (Role.OWNER, {"review_on": REVIEW + dt.timedelta(days=1)}, "hold_review_too_far"),
    ):
        with pytest.raises(Refused, match=code), writing(company.register) as connection:
            take_out(connection, role, **more)


def test_axel_finds_a_person_by_reference_and_petra_by_name(company: Company) -> None:
    reading, person = company.reading(), company.row("C1")["person_id"]
    axel, petra = company.actor(Role.CISO), company.actor(Role.DPO)
    for search in ("Berit", "berit@ett", person[:7], "%", "________"):
        assert listing.persons(reading, axel, search) == []
    (found,) = listing.persons(reading, axel, person[:8].upper())
    assert found == (person, None, None, 1)
    for search in ("b_rit", "ber%", "%"):
        assert listing.persons(reading, petra, search) == []
        assert listing.organisations(reading, axel, search) == []
    (found,) = listing.persons(reading, petra, "berit")
    assert (found.person_id, found.name) == (person, "Berit Ek")
    # Whatever its legal form.
    for search in ("två", "Bolaget Två AB", " bolaget två aktiebolag (publ)"):
        assert [one.org_id for one in listing.organisations(reading, axel, search)] == ["crm:K2"]
    assert [one.bases for one in listing.organisations(reading, axel, "crm:k")] == [2, 1]
    assert listing.organisations(reading, axel, "") == []


# Ids change from build to build; a hold does not lose whom it is on.


def test_a_hold_follows_a_person_whose_address_changes(company: Company) -> None:
    before = company.row("P1")["person_id"]
    number = company.place("person", before, case_ref="T-1", today=dt.date(2025, 1, 10))
    company.take_in(crm_prospekt=("P1;Anna Ny;anna@nytt.example;;Chef;2015-05-03",))
    after = company.row("P1")
    assert after["person_id"] != before and after["status"] == "HELD"
    # One hold still, on the id of now.
    (found,) = company.listed().values()
    assert (found.hold_id, found.entry.case_ref, found.entry.placed_on) == (number, "T-1", dt.date(2025, 1, 10))
    assert found.keys == (after["person_id"],)
    assert found.coverage == listing.Coverage(1, 1, 1, 1)
    assert listing.summary(company.register, company.reading(), TODAY).active == 1
    assert company.lines(ledger.Event.HOLD_MOVED) == [{"holds": 1, "active": 1}]
    # The next intake finds everything in its place.
    company.take_in(crm_prospekt=("P1;Anna Ny;anna@nytt.example;;VD;2015-05-03",))
    (again,) = company.listed().values()
    assert again.keys == found.keys and len(company.lines(ledger.Event.HOLD_MOVED)) == 1
    # Kept, refused twice and ended as the one it is.
    company.review(number, REVIEW)
    assert [one.entry.review_on for one in company.listed().values()] == [REVIEW]
    with pytest.raises(Refused) as refused:
        company.place("person", after["person_id"], case_ref="T-1")
    assert (refused.value.code, refused.value.values) == ("hold_twice", {"hold": str(number)})
    company.release(number)
    assert company.status("P1") == "DUE"
    assert [one.active for one in company.listed().values()] == [False]
    assert [line["bases"] for line in company.lines(ledger.Event.HOLD_RELEASED)] == [1]


@pytest.mark.parametrize("scope", ["person", "basis"])
def test_each_of_two_like_holds_holds_whom_both_came_to_be_on(company: Company, scope: str) -> None:
    apart = (ANNA, "P2;Eva Alm;eva@kund.example;;VD;2015-05-03")
    company.take_in(crm_prospekt=apart)
    numbers = [company.place(scope, company.row(key)[f"{scope}_id"], case_ref="T-1") for key in ("P1", "P2")]
    # They turn out to be one.
    company.take_in(crm_prospekt=(ANNA, "P2;Anna Berg;anna@kund.example;;VD;2015-05-03"))
    assert company.row("P1")["basis_id"] == company.row("P2")["basis_id"]
    for number in numbers:
        assert company.status("P1") == "HELD"
        company.release(number)
    assert company.status("P1") == "OVERDUE"


def test_a_case_ends_each_of_its_holds_once(company: Company) -> None:
    company.place("person", company.row("P1")["person_id"], case_ref="T-1")
    company.place("person", company.row("C1")["person_id"], case_ref="T-1")
    company.take_in(crm_prospekt=("P1;Anna Ny;anna@nytt.example;;Chef;2015-05-03",))
    assert holds.release_case(company.at(Role.DPO), "T-1") == 2
    assert [company.status(key) for key in ("C1", "P1")] == ["OVERDUE", "OVERDUE"]


def test_who_was_released_is_not_held_again_by_the_next_intake(company: Company) -> None:
    number = company.place("person", company.row("P1")["person_id"], today=dt.date(2025, 1, 10))
    company.take_in(crm_prospekt=("P1;Anna Ny;anna@nytt.example;;Chef;2015-05-03",))
    company.release(number)
    for role in ("VD", "Chef"):
        company.take_in(crm_prospekt=(f"P1;Anna Ny;anna@nytt.example;;{role};2015-05-03",))
        assert company.status("P1") == "DUE"
    assert [one.active for one in company.listed().values()] == [False]


def test_a_hold_follows_a_person_who_turns_out_to_be_another(company: Company) -> None:
    company.place("person", company.row("C3")["person_id"])
    company.take_in(crm_prospekt=("P1;Dora Öst;anna@kund.example;;Chef;2015-05-03",))
    phone = "070-111 22 33"
    company.take_in(
        crm_kontakter=(BERIT, CARL, DORA.replace(";;", f";{phone};", 1)),
        crm_prospekt=(f"P1;Dora Öst;anna@kund.example;{phone};Chef;2015-05-03",),
    )
    assert company.row("P1")["person_id"] == company.row("C3")["person_id"]
    assert [company.status(key) for key in ("C3", "P1")] == ["HELD", "HELD"]


def test_a_hold_follows_both_when_one_person_turns_out_to_be_two(company: Company) -> None:
    phone = "070-111 22 33"
    together = (
        f"P1;Anna Berg;b@kund.example;{phone};Chef;2015-05-03",
        f"P2;Anna Berg;a@kund.example;{phone};;2015-05-03",
    )
    company.take_in(crm_prospekt=together)
    assert company.row("P1")["person_id"] == company.row("P2")["person_id"]
    company.place("person", company.row("P1")["person_id"])
    company.place("basis", company.row("P1")["basis_id"])
    company.take_in(crm_prospekt=(together[0].replace("Anna Berg", "Ann Borg"), together[1]))
    assert company.row("P1")["basis_id"] != company.row("P2")["basis_id"]
    assert [company.status(key) for key in ("P1", "P2")] == ["HELD", "HELD"]
    held = {(one.entry.scope, its_id) for one in company.listed().values() for its_id in one.keys}
    assert len(company.listed()) == 2
    for key in ("P1", "P2"):
        assert (Scope.PERSON, company.row(key)["person_id"]) in held
        assert (Scope.BASIS, company.row(key)["basis_id"]) in held


def test_the_days_of_grace_follow_too(company: Company) -> None:
    number = company.place("person", company.row("P1")["person_id"], today=dt.date(2025, 1, 10))
    company.release(number, today=dt.date(2026, 11, 12))
    company.take_in(crm_prospekt=("P1;Anna Ny;anna@nytt.example;;Chef;2015-05-03",))
    assert company.row("P1")["deadline_on"] == dt.date(2026, 11, 26)
    assert company.lines(ledger.Event.HOLD_MOVED) == [{"holds": 1, "active": 0}]


def test_a_hold_placed_while_a_build_is_made_is_taken_along(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    finish = Builder.finish

    def finish_slowly(builder: Builder) -> Report:
        report = finish(builder)
        company.place("person", company.row("P1")["person_id"])
        return report

    monkeypatch.setattr(Builder, "finish", finish_slowly)
    company.take_in(crm_prospekt=("P1;Anna Ny;anna@nytt.example;;Chef;2015-05-03",))
    assert company.status("P1") == "HELD"


def test_two_cases_of_one_person_both_follow(company: Company) -> None:
    person = company.row("P1")["person_id"]
    company.place("person", person, case_ref="T-1")
    company.place("person", person, case_ref="T-2")
    company.take_in(crm_prospekt=("P1;Anna Ny;anna@nytt.example;;Chef;2015-05-03",))
    holds.release_case(company.at(Role.DPO), "T-1")
    assert company.status("P1") == "HELD"
    holds.release_case(company.at(Role.DPO), "T-2")
    assert company.status("P1") == "OVERDUE"


# A copy that is made from nothing knows no earlier ids.

ANNA_NOW = "P1;Anna Ny;anna@nytt.example;;Chef;2015-05-03"


def thrown_away(company: Company, tmp_path: Path) -> None:
    """The copy is gone as after a restore of the register, and nothing of it is left to compare with."""
    file = tmp_path / "register.backup"
    backup.save(company.register, file, NOW)
    company.settings.evidence.mkdir(exist_ok=True)
    backup.restore(company.settings, company.register, file, NOW, replace=True)
    assert copy.current(company.settings, company.register, TODAY, shipped_policy(), PARAMETERS) is None
    assert list(company.settings.builds.iterdir()) == []


@pytest.mark.parametrize("scope", ["person", "basis"])
def test_a_hold_finds_its_person_in_a_copy_that_is_made_from_nothing(
    company: Company, tmp_path: Path, scope: str
) -> None:
    # An entry put together of two records is named by the first of them.
    company.take_in(crm_prospekt=("P0;Anna Berg;anna@kund.example;;Chef;2015-05-03", ANNA))
    merged = company.row("P1")
    company.place(scope, merged[f"{scope}_id"], case_ref="T-1", today=dt.date(2025, 1, 10))
    thrown_away(company, tmp_path)
    company.take_in(crm_prospekt=(ANNA_NOW,))
    assert company.row("P1")[f"{scope}_id"] != merged[f"{scope}_id"]
    assert company.status("P1") == "HELD"
    (found,) = [one for one in company.listed().values() if company.row("P1")[f"{scope}_id"] in one.keys]
    assert (found.entry.case_ref, found.entry.placed_on) == ("T-1", dt.date(2025, 1, 10))
    assert company.lines(ledger.Event.HOLD_MOVED) == [{"holds": 1, "active": 1}]


def test_a_hold_finds_its_person_once_the_export_is_there_again(company: Company, tmp_path: Path) -> None:
    company.place("person", company.row("P1")["person_id"])
    thrown_away(company, tmp_path)
    company.take_in(crm_kunder=ORGANISATIONS, crm_avtal=CONTRACTS, crm_kontakter=(BERIT,))
    assert company.lines(ledger.Event.HOLD_MOVED) == []
    # This build has one before it, which knows nothing of her either.
    company.take_in(crm_prospekt=(ANNA_NOW,))
    assert [company.status(key) for key in ("C1", "P1")] == ["OVERDUE", "HELD"]


def test_a_hold_that_followed_finds_everybody_it_followed_to(company: Company, tmp_path: Path) -> None:
    company.place("person", company.row("P1")["person_id"])
    # What joins the person later is held too, and is so in a copy that is made from nothing.
    company.take_in(crm_prospekt=(ANNA, "P2;Anna Berg;anna@kund.example;;VD;2015-05-03"))
    thrown_away(company, tmp_path)
    company.take_in(crm_prospekt=(ANNA_NOW, "P2;Eva Alm;eva@kund.example;;VD;2015-05-03"))
    assert [company.status(key) for key in ("P1", "P2")] == ["HELD", "HELD"]


def test_the_days_of_grace_survive_a_copy_that_is_made_from_nothing(company: Company, tmp_path: Path) -> None:
    number = company.place("person", company.row("P1")["person_id"], today=dt.date(2025, 1, 10))
    company.release(number, today=dt.date(2026, 11, 12))
    thrown_away(company, tmp_path)
    company.take_in(crm_prospekt=(ANNA_NOW,))
    assert company.row("P1")["deadline_on"] == dt.date(2026, 11, 26)


def test_what_is_taken_out_of_a_purge_is_found_again_too(company: Company, tmp_path: Path) -> None:
    terms = holds.Terms(Ground.EXTENSION, "sales", REVIEW)
    with writing(company.register) as connection:
        holds.take_out(connection, company.at(Role.OWNER), company.reading(), [company.row("P1")["basis_id"]], terms)
    before = company.row("P1")["basis_id"]
    thrown_away(company, tmp_path)
    company.take_in(crm_prospekt=("P0;Anna Berg;anna@kund.example;;Chef;2015-05-03", ANNA))
    assert company.row("P1")["basis_id"] != before
    assert company.status("P1") == "HELD"


def test_nobody_without_the_key_can_tell_whose_records_are_held(company: Company) -> None:
    person = company.row("P1")["person_id"]
    number = company.place("person", person)
    company.place("organisation", "crm:K1")
    with company.register.connect() as connection:
        (kept,) = connection.execute(sa.select(holds_tables.hold_record)).all()
        assert holds.records(connection) == {("person", person, kept.record_key)}
    assert kept.hold_id == number
    assert kept.record_key == keys.pseudonyms(company.settings).digest("held|crm_prospects:P1")
