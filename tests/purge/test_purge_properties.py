"""Whatever happens in whatever order: what is held stays, who was purged stays away, counts add up, the chain holds.

A small CRM lives beside a model of what was promised: who is held, who was purged and when. A longer run:
PURGE_EXAMPLES=400 PURGE_STEPS=60 python -m pytest tests/purge/test_purge_properties.py --timeout 0
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from compliance import ledger
from compliance.demo.requests_made import HEADERS as FORM
from compliance.holds import tables as holds_tables
from compliance.holds import verbs as holds
from compliance.operations import backup, replay
from compliance.operations import verify as check
from compliance.purge import batches, execute
from compliance.purge import tables as purge_tables
from compliance.purge import verbs as purge_verbs
from compliance.purge.batches import Batch
from compliance.purge.tables import EXECUTED, State
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.register import engine as engines
from compliance.review import asks as review_asks
from compliance.suppression import verbs as suppression
from compliance.words import keys
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from tests.purging import Desk, WriterHere, contacts, contracts, organisations, prospect, prospects
from tests.world import TODAY, table

EXAMPLES = int(os.environ.get("PURGE_EXAMPLES", "3"))
STEPS = int(os.environ.get("PURGE_STEPS", "14"))
# None of these is somebody's mistake or bad luck: the program itself went wrong.
FAULTS = {"proof_failed", "rewrite_failed", "facts_keep_changing", "intake_failed", "build_unreadable", "intake_died",
          "evidence_damaged", "receipt_missing", "receipt_damaged", "key_missing", "request_unreadable"}  # fmt: skip
ORGS = ("K1", "K2", "K3")
LATEST = TODAY + dt.timedelta(days=5 * 365)
_STOCKHOLM = ZoneInfo("Europe/Stockholm")

Row = dict[str, str]
some = st.integers(0, 1000)


@dataclasses.dataclass(frozen=True)
class Stored:
    """A record as a build holds it."""

    basis_id: str
    person_id: str
    category: str
    org_id: str | None
    email: str | None


@dataclasses.dataclass
class Hold:
    """A hold that is on: what it is on, and the records that it held when it was placed and that stayed since.

    `records` is None after a restore: what the ids of an older register mean shows with the next intake.
    """

    scope: str
    key: str
    records: set[str] | None


class Source:
    """The CRM and the form, as they export."""

    def __init__(self) -> None:
        self.prospects: dict[str, Row] = {}
        self.contacts: dict[str, Row] = {}
        self.contracts: dict[str, Row] = {}
        self.requests: dict[str, Row] = {}
        for number in range(14):
            self.add_prospect(number, "2010-03-21" if number % 2 else "2024-05-21")
        for number in range(10):
            self.add_contact(number, ORGS[number % 2], number % 4)
        self.contracts["A1"] = _contract("A1", "K1", "2008-01-01", "2014-10-31")
        self.contracts["A2"] = _contract("A2", "K2", "2010-01-01", "")

    def add_prospect(self, number: int, registered: str, email: int | None = None) -> None:
        """A prospect; with the address of another where `email` says so."""
        key = f"P{len(self.prospects)}-{number}"
        row = prospect(number if email is None else email, registered)
        self.prospects[key] = {**row, "Prospekt-ID": key}

    def add_contact(self, number: int, org: str, email: int | None = None) -> None:
        """A contact at an organisation; with the address of a prospect where `email` says so."""
        key = f"C{len(self.contacts)}-{number}"
        address = f"kim{number}@firman.example" if email in (None, 0) else f"person{email}@bolaget.example"
        self.contacts[key] = {
            "Kontakt-ID": key, "Förnamn": "Kim", "Efternamn": f"Prov{number}", "E-post": address, "Kund-ID": org,
            "Typ": "Kontaktperson", "Utsedd": "2009-02-01",
        }  # fmt: skip

    def registered(self, record_id: str) -> dt.date:
        """When a record says that it was registered, by its id in the copy."""
        dataset, _, key = record_id.partition(":")
        if dataset == "crm_prospects":
            return dt.datetime.strptime(self.prospects[key]["Registrerad"], "%d/%m/%Y").date()
        return dt.date.fromisoformat(self.contacts[key]["Utsedd"])


def _contract(key: str, org: str, start: str, end: str) -> Row:
    return {"Avtals-ID": key, "Kund-ID": org, "Avtalsstart": start, "Avtalsslut": end}


def _organisations() -> list[Row]:
    return [{"Kund-ID": key, "Kundnamn": f"Firman {key} AB"} for key in ORGS]


@cache
def _base() -> Path:
    """A store with the first exports, made once."""
    folder = Path(tempfile.mkdtemp(prefix="properties-"))
    source = Source()
    desk = Desk(folder / "store", COMPLIANCE_BUILDS="plain")
    result = desk.take_in(
        prospects(folder, source.prospects.values()), contacts(folder, source.contacts.values()),
        organisations(folder, _organisations()), contracts(folder, source.contracts.values()),
    )  # fmt: skip
    assert result.all_taken
    keys.suppression(desk.settings)
    desk.register.dispose()
    return folder


class Purging(RuleBasedStateMachine):
    """Everything that people and exports may do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="property-"))
        shutil.copytree(_base() / "store", self.folder / "store")
        self.desk = Desk(self.folder / "store", COMPLIANCE_BUILDS="plain")
        self.desk.now += dt.timedelta(minutes=10)
        self.source = Source()
        self.holds: dict[int, Hold] = {}
        # Records and addresses that were purged, and the last day on which they were.
        self.purged: dict[str, dt.date] = {}
        self.gone: dict[str, dt.date] = {}
        self.loaded: dict[str, dt.date] = {}
        self.saved: list[tuple[Path, dict[int, Hold]]] = []
        self.exports = 0

    def teardown(self) -> None:
        """Lets the store go."""
        self.desk.register.dispose()
        engines._engines.pop(self.desk.settings.register_url, None)
        for place in [place for place in copy._copies if self.folder in Path(place[0]).parents]:
            del copy._copies[place]
        shutil.rmtree(self.folder)

    # What is there

    @property
    def today(self) -> dt.date:
        """The installation's day."""
        return settings_of.today(self.desk.settings, self.desk.now)

    def reading(self) -> Reading | None:
        """The copy as it is shown; None where there is none, or not before a replay."""
        try:
            desk = self.desk
            return copy.current(desk.settings, desk.register, self.today, desk.policy, desk.parameters)
        except Refused as refused:
            assert refused.code == "replay_needed"
            return None

    def stored(self, reading: Reading | None) -> dict[str, Stored]:
        """The records of the copy."""
        if reading is None:
            return {}
        bases = {row["basis_id"]: row for row in table(reading, "basis")}
        emails = {row["record_id"]: row["email_key"] for row in table(reading, "record")}
        found: dict[str, Stored] = {}
        for row in table(reading, "basis_record"):
            basis = bases[row["basis_id"]]
            found[row["record_id"]] = Stored(
                row["basis_id"], basis["person_id"], basis["category"], basis["org_id"], emails[row["record_id"]]
            )
        assert found.keys() == emails.keys()
        return found

    def batch(self, number: int, *states: State) -> Batch | None:
        """One of the batches in the states."""
        found = batches.listing(self.desk.register, states)
        return found[number % len(found)] if found else None

    @contextmanager
    def may_be_refused(self) -> Iterator[None]:
        """A refusal is an answer; all else is a failure, and so are refusals that nobody could have brought about."""
        try:
            yield
        except Refused as refused:
            assert refused.code not in FAULTS, refused

    # What the source does

    @rule(number=some, old=st.booleans(), shares=st.booleans())
    def somebody_is_added(self, number: int, old: bool, shares: bool) -> None:
        self.source.add_prospect(number, "2011-01-01" if old else f"{self.today}", number % 14 if shares else None)

    @rule(number=some, org=st.sampled_from(ORGS), shares=st.booleans())
    def a_contact_is_added(self, number: int, org: str, shares: bool) -> None:
        self.source.add_contact(number, org, number % 14 if shares else None)

    @rule(number=some)
    def somebody_is_removed(self, number: int) -> None:
        people = self.source.contacts if number % 2 else self.source.prospects
        if people:
            del people[sorted(people)[number % len(people)]]

    @rule(number=some)
    def somebody_has_another_address(self, number: int) -> None:
        if self.source.prospects:
            key = sorted(self.source.prospects)[number % len(self.source.prospects)]
            self.source.prospects[key]["E-post"] = f"{'a' if number % 2 else 'z'}{number}@bolaget.example"

    @rule(number=some, day=st.dates(dt.date(2009, 1, 1), dt.date(2026, 11, 1)))
    def a_date_is_changed(self, number: int, day: dt.date) -> None:
        if self.source.prospects:
            key = sorted(self.source.prospects)[number % len(self.source.prospects)]
            self.source.prospects[key]["Registrerad"] = f"{day:%d/%m/%Y}"

    @rule(number=some)
    def somebody_is_registered_anew(self, number: int) -> None:
        known = [key for key in sorted(self.source.prospects) if f"crm_prospects:{key}" in self.purged]
        if known:
            self.source.prospects[known[number % len(known)]]["Registrerad"] = f"{self.today:%d/%m/%Y}"

    @rule(org=st.sampled_from(ORGS))
    def a_contract_is_signed_again(self, org: str) -> None:
        key = f"A{len(self.source.contracts) + 1}"
        self.source.contracts[key] = _contract(key, org, "2024-01-01", "")

    @rule(number=some)
    def a_contract_ends(self, number: int) -> None:
        key = sorted(self.source.contracts)[number % len(self.source.contracts)]
        self.source.contracts[key]["Avtalsslut"] = "2015-06-30" if number % 2 else "2024-06-30"
        if self.source.contracts[key]["Avtalsstart"] > self.source.contracts[key]["Avtalsslut"]:
            self.source.contracts[key]["Avtalsstart"] = "2012-01-01"

    # What the company does

    @rule(which=st.sets(st.sampled_from(["prospects", "contacts", "contracts"]), min_size=1))
    def exports_are_taken_in(self, which: set[str]) -> None:
        self.take_in(which)

    def take_in(self, which: set[str]) -> None:
        """Takes what the source exports now into the copy."""
        self.desk.now += dt.timedelta(minutes=2)
        self.exports += 1
        stamp = f"{self.desk.now.astimezone(_STOCKHOLM):%Y-%m-%dT%H%M}"
        folder = self.folder / f"export-{self.exports}"
        paths: list[Path] = []
        if "prospects" in which:
            bad = {"Prospekt-ID": "", "Namn": "Utan Nyckel", "Registrerad": "01/01/2012"}
            paths.append(prospects(folder, [*self.source.prospects.values(), bad], stamp))
        if "contacts" in which:
            paths.append(contacts(folder, self.source.contacts.values(), stamp))
        if "contracts" in which:
            paths += [organisations(folder, _organisations(), stamp),
                      contracts(folder, self.source.contracts.values(), stamp)]  # fmt: skip
        if "form" in which:
            path = folder / f"raderingsformular_{stamp}.csv"
            folder.mkdir(exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, FORM, restval="")
                writer.writeheader()
                writer.writerows(self.source.requests.values())
            paths.append(path)
        with self.may_be_refused():
            result = self.desk.take_in(*paths)
            for told in (result.refused, *(file.refused for file in result.files)):
                assert told is None or told.code not in FAULTS, told
            for file in result.files:
                for taken in file.taken:
                    assert taken.rows_in == taken.loaded + sum(taken.quarantined.values())
                    self.remember_dates(taken.dataset)
        self.follow_holds()

    def remember_dates(self, dataset: str) -> None:
        """What the loaded export says of when its records were registered."""
        people = {"crm_prospects": self.source.prospects, "crm_contacts": self.source.contacts}.get(dataset, {})
        for key in people:
            self.loaded[f"{dataset}:{key}"] = self.source.registered(f"{dataset}:{key}")

    def follow_holds(self) -> None:
        """A hold goes on holding the records that stayed; one of an older register those that its id means now."""
        reading = self.reading()
        if reading is None:
            return
        stored = self.stored(reading)
        for hold in self.holds.values():
            if hold.records is None:
                hold.records = _meant(stored, hold.scope, hold.key)
            else:
                hold.records &= stored.keys()

    @rule(number=some)
    def somebody_asks_to_be_erased(self, number: int) -> None:
        people = [*self.source.prospects.values(), *self.source.contacts.values()]
        if not people:
            return
        key = f"R-{len(self.source.requests):03d}"
        received = self.desk.now - dt.timedelta(days=1)
        self.source.requests[key] = {
            "Ärendenummer": key, "Inkom": received.isoformat(timespec="seconds"), "Jag är": "Prospekt",
            "Ärendetyp": "Radering", "Namn": "Någon", "E-post": people[number % len(people)]["E-post"],
        }  # fmt: skip
        self.take_in({"form"})

    @rule(scope=st.sampled_from(list(holds_tables.Scope)), number=some)
    def a_hold_is_placed(self, scope: holds_tables.Scope, number: int) -> None:
        reading = self.reading()
        stored = self.stored(reading)
        if reading is None or not stored:
            return
        one = stored[sorted(stored)[number % len(stored)]]
        key = {"basis": one.basis_id, "person": one.person_id, "category": one.category}.get(scope, one.org_id)
        if key is None:
            return
        desk = self.desk
        with self.may_be_refused():
            terms = holds.Terms(holds_tables.Ground.LEGAL_CLAIM, "legal", self.today + dt.timedelta(days=90))
            placed = holds.place(desk.at(desk.axel), reading, holds.Target(scope, key), terms)
            self.holds[placed] = Hold(scope.value, key, _meant(stored, scope, key))

    @precondition(lambda self: self.holds)
    @rule(number=some)
    def a_hold_is_released(self, number: int) -> None:
        hold_id = sorted(self.holds)[number % len(self.holds)]
        with self.may_be_refused():
            holds.release(self.desk.at(self.desk.axel), hold_id)
            released = self.holds.pop(hold_id)
            assert released is not None
            with self.desk.register.connect() as connection:
                on = sa.select(holds_tables.hold.c.hold_id).where(
                    holds_tables.hold_number == hold_id, holds_tables.hold.c.released_on.is_(None)
                )
                assert connection.execute(on).first() is None

    @rule(days=st.sampled_from([1, 7, 15, 40, 200]))
    def days_pass(self, days: int) -> None:
        if self.today < LATEST:
            self.desk.on(self.today + dt.timedelta(days=days))

    # The purge desk

    @rule(filters=st.sampled_from([{"status": "OVERDUE"}, {"status": "DUE"}, {"category": "PROSPECT"}, {}]))
    def what_a_list_shows_is_proposed(self, filters: Mapping[str, str]) -> None:
        if self.reading() is not None:
            with self.may_be_refused():
                self.desk.propose(self.desk.entries(**filters))

    @rule(numbers=st.lists(some, min_size=1, max_size=4))
    def some_are_picked_and_proposed(self, numbers: list[int]) -> None:
        if self.reading() is not None and (rows := self.desk.entries()):
            with self.may_be_refused():
                self.desk.propose([rows[number % len(rows)] for number in numbers], picked=True)

    @precondition(lambda self: self.source.requests)
    @rule(number=some)
    def a_request_is_proposed(self, number: int) -> None:
        if self.reading() is not None:
            with self.may_be_refused():
                self.desk.propose_for(sorted(self.source.requests)[number % len(self.source.requests)])

    def with_batch(self, number: int, states: tuple[State, ...], work: Callable[[Batch], object]) -> None:
        """Does something with one of the batches in the states, where there is a copy to see it in."""
        batch = self.batch(number, *states)
        if batch is not None and self.reading() is not None:
            with self.may_be_refused():
                work(batch)

    @rule(number=some)
    def a_batch_is_approved(self, number: int) -> None:
        self.with_batch(number, (State.PROPOSED,), self.desk.approve)

    @rule(number=some)
    def a_batch_is_refused(self, number: int) -> None:
        at = self.desk.at(self.desk.axel)
        self.with_batch(
            number, purge_tables.OPEN, lambda batch: purge_verbs.refuse(at, batch.batch_id, reason="check_first")
        )

    @rule(number=some)
    def a_batch_is_claimed(self, number: int) -> None:
        self.with_batch(number, (State.APPROVED,), self.claim)

    def claim(self, batch: Batch) -> None:
        """As the page does, with the second confirmation where one is asked for."""
        if batch.large:
            self.desk.confirm(batch)
        self.desk.claim(batch)

    @rule(number=some)
    def a_batch_is_carried_out(self, number: int) -> None:
        self.with_batch(number, (State.EXECUTING,), self.carry_out)

    @rule(number=some)
    def a_batch_goes_all_the_way(self, number: int) -> None:
        batch = self.batch(number, State.PROPOSED)
        if batch is not None and self.reading() is not None:
            with self.may_be_refused():
                self.desk.approve(batch)
                self.claim(batches.find(self.desk.register, batch.batch_id))
                self.carry_out(batch)

    def carry_out(self, batch: Batch) -> None:
        """Carries a batch out and checks what went."""
        reading = self.reading()
        before = self.stored(reading)
        assert reading is not None
        with self.desk.register.connect() as connection:
            planned = {item.basis_key for item in batches.items(connection, batch.batch_id)}
        if execute.interrupted(self.desk.register, batches.find(self.desk.register, batch.batch_id), self.desk.now):
            # Its run did not come along with the register that was brought back.
            execute.resume(self.desk.register, batch.batch_id, self.desk.clock())
        done = self.desk.carry_out(batch)
        if done.state is not State.EXECUTED:
            return
        after = self.stored(self.reading())
        went = {record_id: one for record_id, one in before.items() if record_id not in after}
        pseudonyms = keys.pseudonyms(self.desk.settings)
        assert {pseudonyms.digest(f"basis|{one.basis_id}") for one in went.values()} <= planned
        assert len({one.basis_id for one in went.values()}) == done.deleted
        assert not {one.basis_id for one in went.values()} & {one.basis_id for one in after.values()}
        assert done.planned == (done.deleted or 0) + (done.held or 0) + (done.changed or 0) + (done.failed or 0)
        for record_id, one in went.items():
            for hold_id, hold in self.holds.items():
                assert not self.is_held(hold, record_id, one), f"{record_id} was held by {hold_id}: {hold}"
        left = {one.person_id for one in before.values()} - {one.person_id for one in went.values()}
        left |= {before[record_id].person_id for record_id in after}
        # Whoever shares an address with somebody who went is not known to be the same.
        shared = {one.email for one in after.values()}
        for record_id, one in went.items():
            self.purged[record_id] = self.today
            if one.person_id not in left and one.email and one.email not in shared:
                self.gone[one.email] = self.today
        for hold in self.holds.values():
            if hold.records is not None:
                hold.records &= after.keys()

    def is_held(self, hold: Hold, record_id: str, one: Stored) -> bool:
        """Whether a record must not have gone."""
        if hold.scope == "category":
            return one.category == hold.key
        if hold.scope == "organisation":
            return one.org_id == hold.key
        return hold.records is not None and record_id in hold.records

    # The register is saved and brought back

    @rule()
    def the_register_is_backed_up(self) -> None:
        file = self.folder / f"backup-{len(self.saved)}"
        backup.save(self.desk.register, file, self.desk.clock())
        kept = {hold_id: dataclasses.replace(hold, records=None) for hold_id, hold in self.holds.items()}
        self.saved.append((file, kept))

    @precondition(lambda self: self.saved)
    @rule(number=some)
    def a_backup_is_brought_back(self, number: int) -> None:
        file, kept = self.saved[number % len(self.saved)]
        desk = self.desk
        desk.settings.evidence.mkdir(exist_ok=True)
        # One that is saved aside has its time in its name.
        desk.now += dt.timedelta(seconds=2)
        restored = backup.restore(desk.settings, desk.register, file, desk.clock(), replace=True)
        assert restored.replaced is not None
        self.holds = {hold_id: dataclasses.replace(hold) for hold_id, hold in kept.items()}

    @rule()
    def purges_are_replayed(self) -> None:
        self.desk.settings.evidence.mkdir(exist_ok=True)
        replay.replay(self.desk.settings, self.desk.register, self.desk.clock())

    @rule()
    def the_copy_is_thrown_away(self) -> None:
        copy._copies.clear()
        shutil.rmtree(self.desk.settings.builds, ignore_errors=True)
        for hold in self.holds.values():
            hold.records = None

    # What is always true

    @initialize()
    def the_first_exports_are_known(self) -> None:
        for dataset in ("crm_prospects", "crm_contacts"):
            self.remember_dates(dataset)

    @invariant()
    def nobody_purged_shows_again_unless_registered_later_or_asked_about(self) -> None:
        reading = self.reading()
        asked = (
            set()
            if reading is None
            else set(suppression.waiting_persons(self.desk.at(self.desk.petra), reading).values())
        )
        for record_id, one in self.stored(reading).items():
            since = self.loaded.get(record_id)
            if record_id in self.purged:
                assert since is not None and since > self.purged[record_id], record_id
            if one.email in self.gone and one.person_id not in asked:
                assert since is not None and since > self.gone[one.email], (record_id, one.email)

    @invariant()
    def figures_agree(self) -> None:
        reading = self.reading()
        if reading is not None:
            entries = self.desk.entries()
            assert reading.one(review_asks.WEEKLY).bases == len(entries)
            assert {row.basis_id for row in entries} == {one.basis_id for one in self.stored(reading).values()}

    @invariant()
    def the_register_is_whole(self) -> None:
        report = check.register(self.desk.settings, self.desk.register)
        assert report.faults == ()
        table = purge_tables.batch
        with self.desk.register.connect() as connection:
            assert ledger.verify(connection).broken_at is None
            for row in connection.execute(sa.select(table).where(table.c.state.in_(EXECUTED))):
                assert row.planned == row.deleted + row.held + row.changed + row.failed
                assert row.receipt_digest


def _meant(stored: Mapping[str, Stored], scope: str, key: str) -> set[str]:
    """The records that a hold on a person or an entry is on."""
    if scope == holds_tables.Scope.PERSON:
        return {record_id for record_id, one in stored.items() if one.person_id == key}
    if scope == holds_tables.Scope.BASIS:
        return {record_id for record_id, one in stored.items() if one.basis_id == key}
    return set()


@pytest.mark.timeout(1200)
def test_in_any_order_everything_that_was_promised_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    # The writer's process is for the bytes, which are not the point here, and costs a second.
    monkeypatch.setattr(execute, "new_writer", WriterHere)
    run_state_machine_as_test(
        Purging,
        settings=hypothesis_settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
