"""A hold finds whom it is on where keys, addresses and names change; where it cannot, it says so and stops purges."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from compliance.holds import candidates, losses
from compliance.holds import verbs as holds
from compliance.holds.tables import Ground, Scope, hold_trace
from compliance.identity import verbs as identity
from compliance.ledger.tables import ledger
from compliance.purge.tables import Stays
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import Role
from tests.pages.test_pages import frames, opened
from tests.purging import Desk, Weekly, contacts, contracts, organisations, prospect
from tests.world import TODAY

PHONE = {"Telefon": "070-174 06 05"}
ANNA = prospect(1, Namn="Anna Berg", **{"E-post": "anna@bolaget.example"}, **PHONE)
NEW_KEY = {**ANNA, "Prospekt-ID": "N77"}
OTHER = prospect(9)


class Company(Weekly):
    """A desk with somebody to hold, and what is asked of it here."""

    def hold(self, scope: Scope, name: str = "Anna Berg") -> int:
        """A hold on the person of a name or on their only entry."""
        (entry,) = (row for row in self.entries() if row.name == name)
        key = entry.person_id if scope is Scope.PERSON else entry.basis_id
        terms = holds.Terms(Ground.DISPUTE, "legal", TODAY + dt.timedelta(days=30))
        return holds.place(self.at(self.petra), self.reading(), holds.Target(scope, key), terms)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    made = Company(tmp_path / "store")
    made.folder = tmp_path / "exports"
    made.deliver(ANNA, OTHER)
    return made


def held(company: Company) -> set[str | None]:
    """Whom holds stop."""
    return {row.name for row in company.entries() if row.status == "HELD"}


@pytest.mark.parametrize("scope", [Scope.PERSON, Scope.BASIS])
@pytest.mark.parametrize(
    "now",
    [
        NEW_KEY,
        {**NEW_KEY, "E-post": "anna.berg@annat.example"},
        {**ANNA, "E-post": "anna.berg@annat.example"},
        {**NEW_KEY, "Telefon": ""},
        {**NEW_KEY, "E-post": "Anna <ANNA+crm@bolaget.example>; a@privat.example", "Telefon": ""},
        {**NEW_KEY, "Namn": "Berg, Anna", "E-post": "", "Telefon": "+46 (0)70 174 06 05"},
    ],
    ids=["key", "key and address", "address", "key and number", "key and spelling", "key, and the address is gone"],
)
def test_a_hold_goes_along(company: Company, scope: Scope, now: dict[str, str]) -> None:
    company.hold(scope)
    company.deliver(now, OTHER)
    assert len(held(company)) == 1
    assert losses.waiting(company.register) == []


def test_a_hold_on_an_entry_does_not_spread_to_the_person_s_other_entries(company: Company) -> None:
    company.hold(Scope.BASIS)
    company.deliver(ANNA, NEW_KEY, OTHER)
    # Both rows are there: they are one entry by now, and it is held.
    assert [row.status for row in company.entries() if row.name == "Anna Berg"] == ["HELD"]


def test_a_hold_holds_where_a_source_makes_one_row_of_two_or_two_of_one(tmp_path: Path) -> None:
    """Under whose key and name what is left of whom it is on may be; who is beside them goes as they would."""
    desk = Company(tmp_path / "store")
    desk.folder = tmp_path / "exports"

    def row(key: str, name: str, *mails: str, phone: str = "") -> dict[str, str]:
        mail = ", ".join(f"{one}@bolaget.example" for one in mails)
        return prospect(1, **{"Prospekt-ID": key, "Namn": name, "E-post": mail, "Telefon": phone})

    number = "070-174 06 1{}".format
    before = [
        # Each Ann, on whom a hold is, and each Bo.
        *(row(f"A{n}", f"Ann{n} Berg", f"ann{n}", f"own{n}", phone=number(n)) for n in range(1, 7)),
        *(row(f"B{n}", f"Bo{n} Dahl", f"ann{n}" if n == 2 else f"bo{n}") for n in range(1, 5)),
    ]
    desk.deliver(*before, OTHER)
    for n in range(1, 7):
        desk.hold(Scope.BASIS if n == 6 else Scope.PERSON, f"Ann{n} Berg")
    after = [
        # Bo's row has one of her addresses since; nothing tells that it has, but that they were to be decided.
        row("B1", "Bo1 Dahl", "bo1", "ann1"),
        row("B2", "Bo2 Dahl", "ann2"),
        # It has her name besides; it has another key.
        row("B3", "Ann3 Berg", "bo3", "own3"),
        row("N4", "Ann4 Berg", "bo4", "ann4"),
        # She has two rows, and one knows nothing of the other.
        *(row(f"A{n}", f"Ann{n} Berg", f"ann{n}", phone=number(n)) for n in (5, 6)),
        *(row(f"N{n}", f"Berg, Ann{n}", f"own{n}") for n in (5, 6)),
    ]
    desk.deliver(*after, OTHER)
    assert len(losses.waiting(desk.register)) == 2
    assert desk.stays() == {
        "Bo1 Dahl": Stays.HOLD_LOST,
        "Bo2 Dahl": Stays.HOLD_LOST,
        **dict.fromkeys(("Ann3 Berg", "Ann4 Berg", "Ann5 Berg", "Berg, Ann5", "Ann6 Berg", "Berg, Ann6"), Stays.HELD),
        "Person9 Provsson": None,
    }
    # Each is settled by itself.
    one, other = losses.waiting(desk.register)
    losses.settle(desk.at(desk.petra), one.hold_id)
    assert losses.waiting(desk.register) == [other]


@pytest.mark.parametrize("scope", [Scope.PERSON, Scope.BASIS])
def test_a_hold_that_covers_nothing_is_told_and_stops_what_came_new(company: Company, scope: Scope) -> None:
    number = company.hold(scope)
    married = {**NEW_KEY, "Namn": "Anna Dahl", "E-post": "anna.dahl@bolaget.example"}
    company.deliver(married, OTHER)
    (loss,) = losses.waiting(company.register)
    assert loss == losses.Loss(number, scope, company.reading().build, loss.lost_at, None)
    assert loss.lost_at.date() == TODAY
    # What was there before goes as it would; what came new may be whom the hold was on.
    assert company.stays() == {"Anna Dahl": Stays.HOLD_LOST, "Person9 Provsson": None}
    # Told once, and as long as nobody has settled it.
    company.deliver(married, OTHER)
    assert len(losses.waiting(company.register)) == 1
    assert company.stays()["Anna Dahl"] == Stays.HOLD_LOST
    losses.settle(company.at(company.petra), number)
    assert losses.waiting(company.register) == []
    assert company.stays()["Anna Dahl"] is None
    with pytest.raises(Refused, match="hold_not_lost"):
        losses.settle(company.at(company.petra), number)


def test_a_hold_that_finds_its_person_again_is_no_loss_any_more(company: Company) -> None:
    company.hold(Scope.PERSON)
    company.deliver(OTHER)
    assert len(losses.waiting(company.register)) == 1
    company.deliver(ANNA, OTHER)
    assert losses.waiting(company.register) == []
    assert held(company) == {"Anna Berg"}


@pytest.mark.parametrize("scope", [Scope.PERSON, Scope.BASIS])
@pytest.mark.parametrize("is_found", [True, False], ids=["under another key", "gone, or under another name"])
def test_a_hold_does_not_go_to_whom_a_source_gives_the_key(company: Company, scope: Scope, is_found: bool) -> None:
    number = company.hold(scope)
    anna = NEW_KEY if is_found else {**NEW_KEY, "Namn": "Anna Dahl", "E-post": "anna.dahl@annat.example", "Telefon": ""}
    newcomer = {**ANNA, "Namn": "Nils Ny", "E-post": "nils@bolaget.example", "Telefon": ""}
    for _ in range(2):
        company.deliver(newcomer, anna, OTHER)
        (loss,) = losses.waiting(company.register)
        assert (loss.hold_id, loss.is_given_on) == (number, True)
        assert company.stays() == {
            "Nils Ny": Stays.HELD,
            "Person9 Provsson": None,
            anna["Namn"]: Stays.HELD if is_found else Stays.HOLD_LOST,
        }
    losses.settle(company.at(company.petra), number)
    company.deliver(newcomer, anna, OTHER)
    assert losses.waiting(company.register) == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_hold_does_not_go_to_whom_an_address_is_given_on_to(company: Company, is_there: bool) -> None:
    number = company.hold(Scope.PERSON)
    anna = {**NEW_KEY, "Namn": "Anna Dahl", "E-post": "anna.dahl@annat.example"}
    successor = prospect(2, Namn="Bo Ek", **{"E-post": ANNA["E-post"]})
    company.deliver(successor, *([anna] if is_there else []), OTHER)
    (loss,) = losses.waiting(company.register)
    assert (loss.hold_id, loss.is_given_on) == (number, True)
    left = {"Anna Dahl": Stays.HOLD_LOST} if is_there else {}
    assert company.stays() == {"Bo Ek": Stays.HELD, "Person9 Provsson": None, **left}


def test_only_a_person_settles_whom_a_hold_covers_also_where_it_covered_nothing_in_between(company: Company) -> None:
    number = company.hold(Scope.PERSON)
    newcomer = {**ANNA, "Namn": "Nils Ny", "E-post": "nils@bolaget.example", "Telefon": ""}
    for delivered in ((newcomer, OTHER), (OTHER,), (newcomer, OTHER)):
        company.deliver(*delivered)
        (loss,) = losses.waiting(company.register)
        assert (loss.hold_id, loss.is_given_on) == (number, True)
    with company.register.connect() as connection:
        events = list(connection.scalars(sa.select(ledger.c.event).order_by(ledger.c.seq)))
    told = [event for event in events if event in ("hold:lost", "hold:given_on", "hold:found")]
    assert told == ["hold:given_on", "hold:lost", "hold:found"]
    losses.settle(company.at(company.petra), number)
    assert losses.waiting(company.register) == []


@pytest.mark.parametrize(
    "now",
    [{"Namn": "Anna Dahl"}, {"Namn": "Anna Maria Berg", "E-post": "", "Telefon": ""}, {"Namn": ""}],
    ids=["a new name", "a second given name", "no name"],
)
def test_who_has_another_name_under_the_key_may_be_who_was_there(company: Company, now: dict[str, str]) -> None:
    company.hold(Scope.PERSON)
    company.deliver({**ANNA, **now}, OTHER)
    assert losses.waiting(company.register) == []
    assert len(held(company)) == 1


def test_who_may_be_somebody_on_hold_is_not_purged(company: Company) -> None:
    company.deliver(ANNA, prospect(2, Namn="Anna Dahl", **PHONE), OTHER)
    company.hold(Scope.PERSON)
    assert company.stays() == {
        "Anna Berg": Stays.HELD, "Anna Dahl": Stays.MAYBE_HELD, "Person9 Provsson": None,
    }  # fmt: skip
    (pair,) = identity.waiting(company.settings, company.register, company.reading())
    assert pair.held
    identity.decide(company.at(company.petra), company.reading(), pair.person_a, pair.person_b, "different")
    company.deliver(ANNA, prospect(2, Namn="Anna Dahl", **PHONE), OTHER)
    assert company.stays()["Anna Dahl"] is None


class Firm(NamedTuple):
    """An organisation on hold, and what is other about it in the next export."""

    number: int
    is_merged: bool
    new_keys: bool
    new_addresses: bool
    name: str

    @property
    def is_found(self) -> bool:
        return self.is_merged or not (self.new_keys and self.new_addresses) or self.name != "Annat {}"

    def rows(self, *, later: bool = False) -> tuple[list[dict[str, str]], list[dict[str, str]], dict[str, str]]:
        """Its organisations, its people and its contract."""
        number, key = self.number, f"{'N' if later else 'K'}{self.number}"
        name = (self.name if later else "Bolaget {} AB").format(number)
        firms = [{"Kund-ID": key, "Kundnamn": name, "Övertagen av": ""}]
        if later and self.is_merged:
            firms.append({"Kund-ID": f"K{number}", "Kundnamn": f"Bolaget {number} AB", "Övertagen av": key})
        people = [
            {
                "Kontakt-ID": f"{'B' if later and self.new_keys else 'A'}{number}-{one}", "Förnamn": one,
                "Efternamn": f"Berg{number}", "Kund-ID": key, "Typ": "Kontaktperson", "Skapad": "2005-01-01",
                "E-post": f"{one}{number}@{'b' if later and self.new_addresses else 'a'}.example",
            }
            for one in ("anna", "bo")
        ]  # fmt: skip
        deal = {"Avtals-ID": f"D{number}", "Kund-ID": key, "Avtalsstart": "2005-01-01", "Avtalsslut": "2010-01-01"}
        return firms, people, deal


FIRMS = [
    Firm(number, *changes)
    for number, changes in enumerate(
        itertools.product(
            (False, True), (False, True), (False, True), ("Bolaget {} AB", "AKTIEBOLAGET  Bolaget {}", "Annat {}")
        )
    )
]
# Firms of which nothing is found again: their key, name and the address of their only person, before and after, and
# what speaks for it that they are those.
MOVED: dict[tuple[str, str, str], tuple[str, str, str, set[str]]] = {
    ("556703-7485", "Alfa AB", "anna@alfa.example"): ("SE556703748501", "Omega AB", "bo@omega.example", {"number"}),
    ("0042", "Beta AB", "bea@beta.example"): ("42", "Psi AB", "cia@psi.example", {"number"}),
    ("K3", "Gamma Bygg AB", "gun@gamma.example"): ("N3", "Gamma Bygg HB", "dag@chi.example", {"name"}),
    ("K4", "Delta AB", "info@delta.example"): ("N4", "Phi AB", "info@delta.example", {"people", "domain"}),
    ("K5", "Epsilon AB", "eva@epsilon.example"): ("N5", "Ypsilon AB", "fia@epsilon.example", {"domain"}),
    # What several had before says nothing of one of them.
    ("K6", "Zeta AB", "zoe@gratis.example"): ("N6", "Tau AB", "tor@gratis.example", set()),
    ("K7", "Eta AB", "eda@gratis.example"): ("N7", "Sigma AB", "siv@gratis.example", set()),
}  # fmt: skip


AFTER = [(key, name, mail) for key, name, mail, _ in MOVED.values()]


def take_in_firms(desk: Desk, folder: Path, rows: list[tuple[str, str, str]], letter: str, stamp: str) -> None:
    folder = folder / stamp
    assert desk.take_in(
        organisations(folder, [{"Kund-ID": key, "Kundnamn": name} for key, name, _ in rows], stamp),
        contracts(
            folder,
            [
                {"Avtals-ID": f"D{key}", "Kund-ID": key, "Avtalsstart": "2005-01-01", "Avtalsslut": "2010-01-01"}
                for key, _, _ in rows
            ],
            stamp,
        ),
        contacts(
            folder,
            [
                {
                    "Kontakt-ID": f"{letter}{key}", "Förnamn": f"{letter}{name.split()[0]}", "Efternamn": "Ek",
                    "Kund-ID": key, "Typ": "Kontaktperson", "Skapad": "2005-01-01", "E-post": mail,
                }
                for key, name, mail in rows
            ],
            stamp,
        ),
    ).all_taken  # fmt: skip


def test_what_may_be_a_lost_organisation_is_proposed_joined_by_nobody_and_decided_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path / "store")

    take_in_firms(desk, tmp_path, list(MOVED), "A", "2026-11-24T0500")
    terms = holds.Terms(Ground.DISPUTE, "legal", TODAY + dt.timedelta(days=30))
    at, reading = desk.at(desk.petra), desk.reading()
    on = {key: holds.place(at, reading, holds.Target(Scope.ORGANISATION, f"crm:{key}"), terms) for key, _, _ in MOVED}
    take_in_firms(desk, tmp_path, AFTER, "B", "2026-11-24T0600")
    assert {one.hold_id for one in losses.waiting(desk.register)} == set(on.values())
    found = {(one.hold_id, one.key): set(one.because) for one in candidates.waiting(desk.register)}
    assert found == {(on[before[0]], f"crm:{after[0]}"): after[3] for before, after in MOVED.items() if after[3]}
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    told = {"sv": "crm:SE556703748501 (samma nummer)", "en": "crm:SE556703748501 (same number)"}
    for language, may_be in told.items():
        page = opened(Role.DPO, language, "holds/holds")
        shown = frames(page)[0].set_index(say("column.hold", language)).loc[str(on["556703-7485"])]
        assert shown[say("column.hold_target", language)] == "crm:556703-7485"
        assert shown[say("column.may_be", language)] == may_be
    # Nobody is held by that, and nobody goes until it is settled.
    status = {row.name: row.status for row in desk.entries()}
    assert set(status.values()) == {"OVERDUE"}
    at = desk.at(desk.petra)
    with pytest.raises(Refused, match="hold_candidate_unknown"):
        candidates.recognise(at, on["K5"], "crm:N4")
    page.button(key=f"recognise_{on['K5']}_crm:N5").click().run()
    assert not page.exception
    with pytest.raises(Refused, match="hold_not_lost"):
        candidates.recognise(at, on["K5"], "crm:N5")
    losses.settle(at, on["K4"])
    left = set(on.values()) - {on["K4"], on["K5"]}
    assert {one.hold_id for one in losses.waiting(desk.register)} == left
    assert {one.hold_id for one in candidates.waiting(desk.register)} <= left
    assert {row.name for row in desk.entries() if row.status == "HELD"} == {"BYpsilon Ek"}


def test_what_comes_an_export_later_than_an_organisation_was_lost_is_proposed_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store")
    other = [("X1", "Kappa AB", "kim@kappa.example")]
    take_in_firms(desk, tmp_path, [*MOVED, *other], "A", "2026-11-24T0400")
    terms = holds.Terms(Ground.DISPUTE, "legal", TODAY + dt.timedelta(days=30))
    at, reading = desk.at(desk.petra), desk.reading()
    on = {key: holds.place(at, reading, holds.Target(Scope.ORGANISATION, f"crm:{key}"), terms) for key, _, _ in MOVED}

    def proposed() -> dict[tuple[int, str], set[str]]:
        return {(one.hold_id, one.key): set(one.because) for one in candidates.waiting(desk.register)}

    def traces() -> set[int]:
        with desk.register.connect() as connection:
            return set(connection.scalars(sa.select(hold_trace.c.hold_id)))

    take_in_firms(desk, tmp_path, other, "A", "2026-11-24T0430")
    assert (proposed(), traces()) == ({}, set(on.values()))
    right = {(on[before[0]], f"crm:{after[0]}"): after[3] for before, after in MOVED.items() if after[3]}
    # As long as nobody has decided, with each export.
    for stamp in ("2026-11-24T0500", "2026-11-24T0530"):
        take_in_firms(desk, tmp_path, [*AFTER, *other], "B", stamp)
        assert proposed() == right
        assert {why for name, why in desk.stays().items() if name != "AKappa Ek"} == {Stays.HOLD_LOST}
    candidates.recognise(desk.at(desk.petra), on["K5"], "crm:N5")
    losses.settle(desk.at(desk.petra), on["K4"])
    assert traces() == set(on.values()) - {on["K4"], on["K5"]}


# Of the same name but for its legal form is another organisation.
INNOCENT = Firm(0, False, True, True, "Bolaget {} HB")._replace(number=99)


def test_a_hold_on_an_organisation_goes_along_whatever_else_changes_or_says_that_it_is_lost(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "store")

    def take_in(rows: list[tuple[list[dict[str, str]], list[dict[str, str]], dict[str, str]]], stamp: str) -> None:
        folder = tmp_path / stamp
        assert desk.take_in(
            organisations(folder, [row for firms, _, _ in rows for row in firms], stamp),
            contracts(folder, [deal for _, _, deal in rows], stamp),
            contacts(folder, [row for _, people, _ in rows for row in people], stamp),
        ).all_taken

    # One on hold, and one beside it that takes it in: its own row is gone then, and its people are the other's.
    absorbed, heir = (Firm(number, False, False, False, "Bolaget {} AB") for number in (97, 98))
    take_in([firm.rows() for firm in (*FIRMS, absorbed, heir)], "2026-11-24T0500")
    terms = holds.Terms(Ground.DISPUTE, "legal", TODAY + dt.timedelta(days=30))
    at, reading = desk.at(desk.petra), desk.reading()
    targets = {firm: holds.Target(Scope.ORGANISATION, f"crm:K{firm.number}") for firm in (*FIRMS, absorbed)}
    on = {firm: holds.place(at, reading, target, terms) for firm, target in targets.items()}
    lost = [firm for firm in FIRMS if not firm.is_found]
    innocent = INNOCENT.rows(later=True)
    innocent[0][0]["Kundnamn"] = f"Bolaget {lost[0].number} HB"
    firms, people, deal = heir.rows()
    people += [{**one, "Kund-ID": firms[0]["Kund-ID"]} for one in absorbed.rows()[1]]
    take_in([*(firm.rows(later=True) for firm in FIRMS), innocent, (firms, people, deal)], "2026-11-24T0600")
    status = {row.name: row.status for row in desk.entries()}
    for firm in [*FIRMS, INNOCENT, absorbed]:
        stays = "HELD" if firm in on and firm.is_found else "OVERDUE"
        assert [status[f"{one} Berg{firm.number}"] for one in ("anna", "bo")] == [stays] * 2, firm
    assert {one.hold_id for one in losses.waiting(desk.register)} == {on[firm] for firm in lost} != set()
