"""Who was erased stays out of the copy, whoever was registered anew comes in, and each export proves its source."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from compliance import access, builds, ledger, runs
from compliance.access.at import At
from compliance.build import builder
from compliance.builds import vault
from compliance.intake import run, service
from compliance.intake.orders import ExportedAtFrom, FileOrder, Order, Result, Taken
from compliance.ledger.tables import ledger as ledger_table
from compliance.purge import verbs as purge
from compliance.purge.tables import batch
from compliance.register.engine import engine, writing
from compliance.requests import verbs as requests
from compliance.requests.tables import request as request_table
from compliance.sources import tasks as sources
from compliance.sources.tables import source_task
from compliance.suppression import commands, known
from compliance.suppression import entries as suppression_entries
from compliance.suppression import verbs as suppression
from compliance.suppression.tables import reappearance
from compliance.suppression.tables import suppression as suppression_table
from compliance.words import keys
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import say
from compliance.words.vocabulary import Role
from tests.world import acting

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
ERASED = dt.date(2026, 11, 1)
EXECUTED_AT = dt.datetime(2026, 11, 1, 9, 0, tzinfo=dt.UTC)
HEADERS = {
    "crm_prospekt": "Prospekt-ID;Namn;E-post;Telefon;Titel;Registrerad;Raderad",
    "crm_kontakter": "Kontakt-ID;Förnamn;Efternamn;E-post;Telefon;Befattning;Kund-ID;Kundnamn;Typ;Utsedd;Skapad",
    "crm_kunder": "Kund-ID;Kundnamn;Kundstatus",
    "crm_avtal": "Avtals-ID;Kund-ID;Avtalsstart;Avtalsslut",
    "leverantorsregister": "Person-ID;Namn;E-post;Telefon;Roll;Typ;Organisations-ID;Organisation;Relation från;Status",
    "webbesok": "visitor_id;cookie;first_set;company",
    "hr_anstallda": "Anställningsnummer;Förnamn;Efternamn;E-post;Mobil;Befattning;Anställd från;"
    "Sista anställningsdag;Status",
    "hr_verifikationer": "Verifikationsnummer;Gäller anställningsnummer;Räkenskapsår",
    "raderingsformular": "Ärendenummer;Inkom;Jag är;Ärendetyp;Namn;E-post;Telefon;Avslutad;Utfall",
}
ANNA = "P1;Anna Berg;anna.berg@kund.example;070-123 45 67;Chef;2020-05-03;"
BO = "P2;Bo Dahl;bo@kund.example;;Chef;2021-05-03;"
_uids = itertools.count(1)


def order(source_keys: list[str]) -> dict[str, Any]:
    """What a source is told to erase, as a task keeps it."""
    return {"planned": len(source_keys), "keys": sources.pack(source_keys)}


class Company:
    """An installation with a register, what was erased in it, and what its sources deliver."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.register = engine(settings)
        self.count = 0

    def batch(self, executed_at: dt.datetime = EXECUTED_AT, tasks: tuple[str, ...] = ()) -> int:
        """A purge that was carried out, with a task for the source of each dataset."""
        with writing(self.register) as connection:
            batch_id = connection.scalars(
                sa.insert(batch)
                .values(
                    uid=f"{next(_uids):032x}",
                    state="executed",
                    kind="replayed",
                    proposed_at=executed_at,
                    as_of=executed_at.date(),
                    policy_digest="0" * 64,
                    policy_version="1",
                    digest="0" * 64,
                    planned=1,
                    persons=1,
                    large=False,
                    executed_at=executed_at,
                )
                .returning(batch.c.batch_id)
            ).one()
            for dataset in tasks:
                connection.execute(
                    sa.insert(source_task).values(
                        batch_id=batch_id,
                        source=dataset.split("_")[0],
                        dataset=dataset,
                        kind="order",
                        state="done",
                        **order(["P1"]),
                    )
                )
        return int(batch_id)

    def erase(
        self,
        source_key: str,
        dataset: str = "crm_prospects",
        *,
        email: str | None = None,
        phone: str | None = None,
        name: str | None = None,
        batch_id: int | None = None,
        **values: Any,
    ) -> int:
        """Enters one erased record on the list; `email`, `phone` and `name` are its keys. Returns its batch."""
        batch_id = batch_id or self.batch()
        key = keys.suppression(self.settings)[0]
        told: dict[str, Any] = {
            "batch_id": batch_id,
            "key_id": key.key_id,
            "record_digest": key.digest(f"record|{dataset}:{source_key}"),
            "email_digest": key.digest(f"email|{email}") if email else None,
            "phone_digest": key.digest(f"phone|{phone}|{name}") if phone else None,
            "source": dataset.split("_")[0],
            "dataset": dataset,
            "erased_on": ERASED,
            "expires_on": dt.date(2036, 11, 1),
        }
        with writing(self.register) as connection:
            connection.execute(sa.insert(suppression_table).values(**{**told, **values}))
        return batch_id

    def deliver(self, *, now: dt.datetime = NOW, dated: bool = True, **exports: list[str]) -> Result:
        """Takes exports in, all at once and in the order given; a name of HEADERS -> its rows."""
        self.count += 1
        day = f"_{now.date().isoformat()}" if dated else ""
        files = []
        for name, rows in exports.items():
            folder = self.folder / str(self.count)
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{name}{day}.csv"
            path.write_text("\n".join((HEADERS[name], *rows)) + "\n", encoding="utf-8")
            made, made_from = service.exported_at(path.name, now, "file_time", now)
            files.append(FileOrder(path=path, name=path.name, exported_at=made, exported_at_from=made_from))
        run_id = runs.queue(self.register, None, now)
        result = run.execute(self.settings, self.register, run_id, Order(files=tuple(files)), lambda: now)
        for taken in (taken for file in result.files for taken in file.taken):
            assert taken.rows_in == taken.loaded + sum(taken.quarantined.values())
        return result

    def prospects(self, *rows: str, now: dt.datetime = NOW, dated: bool = True) -> Taken:
        """Delivers an export of prospects and says what became of it."""
        result = self.deliver(crm_prospekt=list(rows), now=now, dated=dated)
        assert result.all_taken, result
        return result.files[0].taken[0]

    def keys_in_copy(self, table: str = "record") -> list[str]:
        """The source keys of the current build."""
        return [str(row[0]) for row in self.rows(f"select source_key from build.{table} order by all")]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the current build, attached as `build`."""
        with self.register.connect() as connection:
            found = builds.current(self.settings, connection)
        assert found is not None
        with duckdb.connect() as con:
            vault.attach(con, found.path, "build", key=found.key, read_only=True)
            return con.execute(query).fetchall()

    def reappeared(self) -> list[tuple[Any, ...]]:
        """Kind, dataset, first and last build of all who came back."""
        columns = (
            reappearance.c.kind, reappearance.c.dataset, reappearance.c.first_build, reappearance.c.last_build,
        )  # fmt: skip
        with self.register.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*columns))]

    def lines(self, *events: ledger.Event) -> list[dict[str, Any]]:
        """The details of the ledger's lines of some events, and the chain holds."""
        with self.register.connect() as connection:
            assert ledger.verify(connection).broken_at is None
            return [
                json.loads(details)
                for details in connection.scalars(
                    sa.select(ledger_table.c.details)
                    .where(ledger_table.c.event.in_([event.value for event in events]))
                    .order_by(ledger_table.c.seq)
                )
            ]

    def told_to_erase(self, batch_id: int) -> tuple[int, list[str] | None]:
        """How many records the one source of a batch is told to erase, and by which keys, as long as they are kept."""
        columns = (source_task.c.planned, source_task.c["keys"])
        with self.register.connect() as connection:
            planned, packed = connection.execute(sa.select(*columns).where(source_task.c.batch_id == batch_id)).one()
        return planned, None if packed is None else sources.unpack(packed)

    def states(self, batch_id: int) -> tuple[str, list[tuple[Any, ...]]]:
        """The state of a batch and state, still_there and whether the keys are kept, of its tasks."""
        with self.register.connect() as connection:
            state = connection.execute(sa.select(batch.c.state).where(batch.c.batch_id == batch_id)).scalar_one()
            tasks = connection.execute(
                sa.select(source_task.c.state, source_task.c.still_there, source_task.c["keys"].is_not(None))
                .where(source_task.c.batch_id == batch_id)
                .order_by(source_task.c.dataset)
            ).all()
        return state, [(task[0], task[1], bool(task[2])) for task in tasks]

    def at(self, role: Role | None, now: dt.datetime = NOW) -> At:
        """An act of who has a role, or of nobody."""
        actor = next((one for one in access.demo_actors(self.settings) if one.role is role), None)
        return acting(self.settings, self.register, actor, now)


@pytest.fixture
def company(settings: Settings, tmp_path: Path) -> Company:
    return Company(settings, tmp_path / "in")


@pytest.fixture
def either(register_settings: Settings, tmp_path: Path) -> Company:
    """The same, once with its register on SQLite and once on PostgreSQL."""
    return Company(register_settings, tmp_path / "in")


# Who is recognised


@pytest.mark.parametrize(
    "written",
    ["anna.berg@kund.example", "ANNA.Berg@Kund.EXAMPLE", "  anna.berg@kund.example  ", "anna.berg+massa@kund.example"],
)
def test_an_address_is_recognised_however_it_is_written(company: Company, written: str) -> None:
    company.erase("P1", email="anna.berg@kund.example")
    taken = company.prospects(f"P77;Anna B;{written};;Chef;2020-05-03;", BO)
    assert taken.quarantined == {"suppressed": 1}
    assert company.keys_in_copy() == ["P2"]


@pytest.mark.parametrize("written", ["anna@företag.example", "Anna@FÖRETAG.example", "anna@xn--fretag-wxa.example"])
def test_a_domain_outside_ascii_is_recognised(company: Company, written: str) -> None:
    company.erase("P1", email="anna@xn--fretag-wxa.example")
    company.prospects(f"P77;Anna B;{written};;Chef;2020-05-03;", BO)
    assert company.keys_in_copy() == ["P2"]


@pytest.mark.parametrize(
    "written",
    ["0701234567", "070-123 45 67", "+46 70 123 45 67", "0046701234567", "+46 (0)70 123 45 67", "tel 0701234567"],
)
def test_a_number_is_recognised_however_it_is_written(company: Company, written: str) -> None:
    company.erase("P1", phone="+46701234567", name="anna berg")
    company.prospects(f"P77;Berg, Anna;;{written};Chef;2020-05-03;", BO)
    assert company.keys_in_copy() == ["P2"]


def test_a_number_alone_is_nobody(company: Company) -> None:
    company.erase("P1", phone="+46701234567", name="anna berg")
    company.prospects("P77;Cia Ek;;070-123 45 67;Chef;2020-05-03;")
    assert company.keys_in_copy() == ["P77"]


def test_a_record_is_recognised_by_its_key_whoever_it_says_it_is(company: Company) -> None:
    company.erase("P1", email="anna.berg@kund.example")
    company.prospects("P1;Någon Annan;ny@kund.example;;Chef;2020-05-03;", BO)
    assert company.keys_in_copy() == ["P2"]


@pytest.mark.parametrize(
    ("of", "name", "kept_out"),
    [({}, "anna berg", True), ({"category": "PROSPECT"}, "anna berg", False), ({}, None, False)],
    ids=["nothing left", "left in another category", "a name that is not known"],
)
def test_under_a_key_that_was_kept_out_nobody_comes_back_with_less(
    company: Company, of: dict[str, str], name: str | None, kept_out: bool
) -> None:
    digest = keys.suppression(company.settings)[0].digest
    of_name = {"name_digest": name and digest(f"name|{name}"), **of}
    company.erase("P1", phone="+46701234567", name="anna berg", **of_name)
    company.prospects("P7;Anna Berg;anna@ny.example;070-123 45 67;Chef;2020-05-03;", BO)
    assert company.keys_in_copy() == ["P2"]
    company.prospects("P7;Berg, Anna;anna@ny.example;;Chef;2020-05-03;", BO, now=NOW + dt.timedelta(days=1))
    assert company.keys_in_copy() == (["P2"] if kept_out else ["P2", "P7"])
    # Given to somebody else, it is a question.
    company.prospects("P7;Cia Ek;cia@ny.example;;Chef;2020-05-03;", BO, now=NOW + dt.timedelta(days=2))
    assert company.keys_in_copy() == ["P2", "P7"]
    assert suppression.count_doubts(company.register) == int(kept_out)


def test_the_same_key_of_another_dataset_is_another_record(company: Company) -> None:
    company.erase("P1", "crm_contacts")
    company.prospects(ANNA)
    assert company.keys_in_copy() == ["P1"]


def test_another_source_does_not_bring_anybody_back(company: Company) -> None:
    company.erase("P1", email="anna.berg@kund.example")
    company.deliver(
        leverantorsregister=[
            "L1;Anna Berg;Anna.Berg@kund.example;;Säljare;Leverantör;O1;Bolaget;2020-01-01;Pågår",
            "L2;Dan Ek;dan@bolaget.example;;Säljare;Leverantör;O1;Bolaget;2020-01-01;Pågår",
        ]
    )
    assert company.keys_in_copy() == ["L2"]
    assert suppression.kept_out(company.register) == {"suppliers": 1}


def test_who_was_erased_from_one_category_stays_in_the_others(company: Company) -> None:
    company.erase("P1", email="anna.berg@kund.example", category="PROSPECT")
    company.deliver(
        leverantorsregister=["L1;Anna Berg;anna.berg@kund.example;;Säljare;Leverantör;O1;Bolaget;2020-01-01;Pågår"],
        crm_prospekt=["P77;Anna Berg;anna.berg@kund.example;;Chef;2020-05-03;", BO],
    )
    assert company.keys_in_copy() == ["L1", "P2"]


CONTACT = "C1;Anna;Berg;anna.berg@kund.example;;Chef;{org};Kund;Kontaktperson;2019-01-01;2019-01-01"


@pytest.mark.parametrize("first", ["contacts", "customers"])
@pytest.mark.parametrize(
    ("org", "kept"),
    [("K1", ["C1"]), ("K2", []), ("K3", ["C1"])],
    ids=["customer", "never a customer", "unknown organisation"],
)
def test_an_erased_prospect_does_not_come_back_as_the_contact_of_no_customer(
    company: Company, org: str, kept: list[str], first: str
) -> None:
    company.erase("P1", email="anna.berg@kund.example", category="PROSPECT")
    exports = {"crm_kunder": ["K1;Ett;Aktiv", "K2;Två;"], "crm_avtal": ["A1;K1;2019-01-01;"]}
    contacts = {"crm_kontakter": [CONTACT.format(org=org)]}
    result = company.deliver(**({**contacts, **exports} if first == "contacts" else {**exports, **contacts}))
    assert result.all_taken
    assert company.keys_in_copy() == kept


def test_customers_that_are_carried_over_are_known_too(company: Company) -> None:
    company.deliver(crm_kunder=["K1;Ett;Aktiv", "K2;Två;"], crm_avtal=["A1;K1;2019-01-01;"])
    company.erase("P1", email="anna.berg@kund.example", category="PROSPECT")
    company.deliver(crm_kontakter=[CONTACT.format(org="K2"), CONTACT.replace("C1", "C2").format(org="K1")])
    assert company.keys_in_copy() == ["C2"]


def test_a_contact_of_a_customer_erased_as_such_stays_out_whatever_its_organisation(company: Company) -> None:
    company.erase("C9", "crm_contacts", email="anna.berg@kund.example", category="CUSTOMER_CONTACT")
    company.deliver(crm_kontakter=[CONTACT.format(org="K2")], crm_kunder=["K2;Två;"])
    assert company.keys_in_copy() == []


def test_a_web_lead_is_recognised_by_its_key_unless_its_cookie_is_new(company: Company) -> None:
    for key in ("V1", "V2"):
        company.erase(key, "web_leads", source="web")
    company.deliver(
        webbesok=["V1;pe1;2026-10-01 10:00:00;Ett", "V2;pe2;2026-11-10 10:00:00;Två", "V3;pe3;2026-10-01 10:00:00;Tre"]
    )
    assert company.keys_in_copy() == ["V2", "V3"]


def test_an_erased_voucher_stays_out(company: Company) -> None:
    company.erase("V1", "hr_vouchers")
    company.deliver(hr_verifikationer=["V1;E1;2014", "V2;E1;2024"])
    assert company.keys_in_copy() == ["V2"]


# Who is let in


@pytest.mark.parametrize(
    ("registered", "kept"),
    [
        ("2026-10-31", []),
        ("2026-11-01", []),
        ("2026-11-02", ["P1"]),
        ("2026-11-24", ["P1"]),
        ("2026-11-25", []),
        ("", []),
    ],
    ids=["before", "on the day", "after", "today", "in the future", "without a date"],
)
def test_who_was_registered_after_the_erasure_is_let_in(company: Company, registered: str, kept: list[str]) -> None:
    company.erase("P9", email="anna.berg@kund.example")
    taken = company.prospects(f"P1;Anna Berg;anna.berg@kund.example;;Chef;{registered};")
    assert company.keys_in_copy() == kept
    assert taken.quarantined == ({} if kept else {"suppressed": 1})


def test_who_was_erased_twice_must_be_registered_after_both(company: Company) -> None:
    company.erase("P8", email="anna.berg@kund.example", erased_on=dt.date(2026, 11, 10))
    company.erase("P9", email="anna.berg@kund.example")
    company.prospects("P1;Anna Berg;anna.berg@kund.example;;Chef;2026-11-05;")
    assert company.keys_in_copy() == []
    assert [one[0] for one in company.reappeared()] == ["kept_out"]
    company.prospects("P1;Anna Berg;anna.berg@kund.example;;Chef;2026-11-15;", now=NOW + dt.timedelta(days=1))
    assert company.keys_in_copy() == ["P1"]
    assert [one[0] for one in company.reappeared()] == ["kept_out", "let_in", "let_in"]


def test_being_designated_counts_before_being_created(company: Company) -> None:
    company.erase("C9", "crm_contacts", email="anna.berg@kund.example")
    row = "C1;Anna;Berg;anna.berg@kund.example;;Chef;K1;Kund;Kontaktperson;{};{}"
    company.deliver(crm_kontakter=[row.format("2019-01-01", "2026-11-10")])
    assert company.keys_in_copy() == []
    company.deliver(crm_kontakter=[row.format("2026-11-10", "2019-01-01")], now=NOW + dt.timedelta(days=1))
    assert company.keys_in_copy() == ["C1"]


def test_a_new_employment_lets_in(company: Company) -> None:
    company.erase("E1", "hr_employees", email="anna@bolaget.example")
    company.deliver(
        hr_anstallda=[
            "E1;Anna;Berg;anna@bolaget.example;;Utvecklare;2001-01-01;2010-01-01;Avslutad",
            "E2;Anna;Berg;anna@bolaget.example;;Utvecklare;2026-11-15;;Anställd",
        ]
    )
    assert company.keys_in_copy() == ["E2"]


def test_an_entry_that_has_expired_keeps_nobody_out(company: Company) -> None:
    company.erase("P1", email="anna.berg@kund.example", expires_on=dt.date(2026, 11, 23))
    company.erase("P2", email="bo@kund.example", expires_on=dt.date(2026, 11, 24))
    company.prospects(ANNA, BO)
    assert company.keys_in_copy() == ["P1"]


def test_who_returned_waits_for_the_dpo_and_stays_in(either: Company) -> None:
    batch_id = either.erase("P9", email="anna.berg@kund.example")
    anew = "P1;Anna Berg;anna.berg@kund.example;;Chef;2026-11-10;"
    either.prospects(anew, BO)
    (waiting,) = suppression.returned(either.at(Role.DPO))
    assert (waiting.source, waiting.dataset, waiting.batch_id, waiting.first_seen_at) == (
        "crm",
        "crm_prospects",
        batch_id,
        NOW,
    )
    for reason in ("", "because"):
        with pytest.raises(Refused, match="return_reason_missing"):
            purge.confirm_return(either.at(Role.DPO), waiting.reappearance_id, reason)
    purge.confirm_return(either.at(Role.DPO), waiting.reappearance_id, "meeting")
    assert suppression.returned(either.at(Role.DPO)) == []
    with either.register.connect() as connection:
        kept = connection.execute(sa.select(reappearance).where(reappearance.c.kind == "let_in")).mappings().one()
    assert kept["reason"] == "meeting"
    # Nothing of whom they are is kept beside the record's own digest.
    assert (kept["name_digest"], kept["email_name_digest"], kept["phone_digest"]) == (None, None, None)
    with pytest.raises(Refused, match="return_unknown"):
        purge.confirm_return(either.at(Role.DPO), waiting.reappearance_id, "meeting")
    # The entry goes on keeping the old record out, and the new one goes on being new.
    either.prospects(anew, BO, "P9;Anna Berg;anna.berg@kund.example;;Chef;2020-01-01;", now=NOW + dt.timedelta(days=1))
    assert either.keys_in_copy() == ["P1", "P2"]
    assert suppression.returned(either.at(Role.DPO)) == []
    assert either.reappeared() == [("kept_out", "crm_prospects", 2, 2), ("let_in", "crm_prospects", 1, 2)]
    assert either.lines(ledger.Event.RETURN_CONFIRMED) == [
        {
            "reappearance": waiting.reappearance_id,
            "source": "crm",
            "dataset": "crm_prospects",
            "return_reason": "meeting",
        }
    ]
    assert [(line["rows"], line["new"]) for line in either.lines(ledger.Event.PERSONS_RETURNED)] == [(1, 1), (1, 0)]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DPO])
def test_nobody_but_the_dpo_confirms_a_return(company: Company, role: Role) -> None:
    company.erase("P9", email="anna.berg@kund.example")
    company.prospects("P1;Anna Berg;anna.berg@kund.example;;Chef;2026-11-10;")
    (waiting,) = suppression.returned(company.at(Role.DPO))
    with pytest.raises(Refused, match="not_allowed"):
        suppression.returned(company.at(role))
    with pytest.raises(Refused, match="not_allowed"):
        purge.confirm_return(company.at(role), waiting.reappearance_id, "meeting")
    assert len(suppression.returned(company.at(Role.DPO))) == 1


def test_who_was_kept_out_cannot_be_confirmed(company: Company) -> None:
    company.erase("P1")
    company.prospects(ANNA, BO)
    with company.register.connect() as connection:
        kept = connection.execute(sa.select(reappearance.c.reappearance_id)).scalar_one()
    with pytest.raises(Refused, match="return_unknown"):
        purge.confirm_return(company.at(Role.DPO), kept, "meeting")


# What is counted and kept


def test_those_kept_out_are_counted_by_source_in_each_datasets_newest_export(either: Company) -> None:
    for key, email in (("P1", "anna.berg@kund.example"), ("P2", "bo@kund.example")):
        either.erase(key, email=email)
    either.deliver(
        crm_prospekt=[ANNA, BO, "P3;Cia Ek;cia@kund.example;;Chef;2021-05-03;"],
        leverantorsregister=["L1;Bo Dahl;bo@kund.example;;Säljare;Leverantör;O1;Bolaget;2020-01-01;Pågår"],
    )
    assert suppression.kept_out(either.register) == {"crm": 2, "suppliers": 1}
    assert [(line["source"], line["rows"], line["new"]) for line in either.lines(ledger.Event.PERSONS_KEPT_OUT)] == [
        ("crm", 2, 2),
        ("suppliers", 1, 1),
    ]
    either.prospects(BO, "P3;Cia Ek;cia@kund.example;;Chef;2021-05-03;", now=NOW + dt.timedelta(days=1))
    assert suppression.kept_out(either.register) == {"crm": 1, "suppliers": 1}
    assert either.reappeared() == [
        ("kept_out", "crm_prospects", 1, 1),
        ("kept_out", "crm_prospects", 1, 2),
        ("kept_out", "supplier_register", 1, 1),
    ]
    either.prospects("P3;Cia Ek;cia@kund.example;;Chef;2021-05-03;", now=NOW + dt.timedelta(days=2))
    assert suppression.kept_out(either.register) == {"suppliers": 1}
    assert either.rows("select reason, sum(rows) from build.quarantined group by reason") == [("suppressed", 1)]


def test_a_row_kept_out_leaves_no_text_anywhere(tmp_path: Path) -> None:
    plain = settings_of.load({"COMPLIANCE_STORE": str(tmp_path / "store"), "COMPLIANCE_BUILDS": "plain"})
    company = Company(plain, tmp_path / "in")
    told = (b"Berg", b"anna.berg", b"45 67", b"Verksamhetsarkitekt", b"P1anna")
    row = "P1anna;Anna Berg;anna.berg@kund.example;070-123 45 67;Verksamhetsarkitekt;2020-05-03;"

    def found() -> set[bytes]:
        kept = b"".join(path.read_bytes() for path in plain.store.rglob("*") if path.is_file())
        with duckdb.connect() as con:
            lines = con.execute(f"select line from '{plain.quarantine}/*.parquet' where line is not null").fetchall()
        return {word for word in told if word in kept or word in str(lines).encode()}

    company.prospects(row, BO)
    assert found() == set(told)
    company.erase("P1anna", email="anna.berg@kund.example")
    taken = company.prospects(
        row,
        BO,
        # The same key again, no key, no identity but the key, and too few columns: bad for other reasons as well.
        row,
        row.removeprefix("P1anna"),
        "P1anna;;;;Verksamhetsarkitekt;;",
        "Anna Berg;ANNA.Berg+x@kund.example",
        now=NOW + dt.timedelta(days=1),
    )
    assert taken.quarantined == {"suppressed": 4, "wrong_columns": 1}
    assert found() == set()
    assert company.keys_in_copy() == ["P2"]


@pytest.mark.parametrize("sign", ["\ufeff", "\u200b", "\u2066", "'"])
def test_a_key_of_the_list_is_found_whatever_nobody_sees_in_it(company: Company, sign: str) -> None:
    company.erase("P1", email="anna.berg@kund.example")
    row = "P1;Anna Berg;anna@ny.example;;Chef;2020-05-03;"
    # Of a row that cannot be read nothing stays that it says.
    short = "P1;kort"
    for before, now in (("", NOW), (sign, NOW + dt.timedelta(days=1))):
        taken = company.prospects(f"{before}{row}", BO, f"{before}{short}", now=now)
        assert taken.quarantined == {"suppressed": 1, "wrong_columns": 1}
        _, chunks = service.quarantined_rows(company.at(Role.DPO), "crm_prospects")
        assert "kort" not in str(list(chunks))
    assert company.keys_in_copy() == ["P2"]


def test_rows_that_are_bad_for_another_reason_keep_it_and_their_text(company: Company) -> None:
    company.erase("P1", email="anna.berg@kund.example")
    taken = company.prospects(BO, BO, ";Cia Ek;cia@kund.example;;Chef;2021-05-03;", "P4;kort")
    assert taken.quarantined == {"duplicate_key": 1, "no_key": 1, "wrong_columns": 1}
    _, chunks = service.quarantined_rows(company.at(Role.DPO), "crm_prospects")
    texts = [row[-1] for chunk in chunks for row in chunk]
    assert len(texts) == 3 and all(texts)


def test_the_register_and_the_ledger_name_nobody(company: Company) -> None:
    company.erase("P1", email="anna.berg@kund.example")
    company.prospects(ANNA, BO, "P5;Anna Berg;anna.berg@kund.example;;Chef;2026-11-10;")
    with company.register.connect() as connection:
        rows = [connection.execute(sa.select(table)).all() for table in (ledger_table, reappearance)]
    assert all(rows)
    told = str(rows)
    assert not any(word in told for word in ("nna", "erg", "P1", "P5", "kund.example"))


# Keys


def test_entries_of_an_older_key_go_on_keeping_out(company: Company) -> None:
    company.erase("P1", email="anna.berg@kund.example")
    old = keys.suppression(company.settings)[0].key_id
    new = suppression.rotate(company.at(None))
    assert [key.key_id for key in keys.suppression(company.settings)] == [new, old]
    company.erase("P2", email="bo@kund.example")
    company.prospects("P7;Anna;anna.berg@kund.example;;;2020-01-01;", BO, "P3;Cia Ek;cia@kund.example;;;2021-05-03;")
    assert company.keys_in_copy() == ["P3"]
    assert company.lines(ledger.Event.KEY_ADDED) == [{"key": new}]


def test_a_key_is_dropped_when_its_last_entry_has_expired(either: Company) -> None:
    first = keys.suppression(either.settings)[0].key_id
    either.erase("P1", email="anna.berg@kund.example")
    unused = suppression.rotate(either.at(None))
    newest = suppression.rotate(either.at(None))
    assert suppression.prune(either.at(None)) == [unused]
    assert [key.key_id for key in keys.suppression(either.settings)] == [newest, first]
    later = dt.datetime(2036, 11, 2, 9, 0, tzinfo=dt.UTC)
    assert suppression.prune(either.at(None, later)) == [first]
    assert suppression.prune(either.at(None, later)) == []
    assert either.lines(ledger.Event.KEY_DROPPED) == [{"key": unused}, {"key": first}]


def test_no_key_is_dropped_while_a_purge_is_at_work(company: Company) -> None:
    keys.suppression(company.settings)
    suppression.rotate(company.at(None))
    batch_id = company.batch()
    with writing(company.register) as connection:
        connection.execute(sa.update(batch).where(batch.c.batch_id == batch_id).values(state="executing"))
    assert suppression.prune(company.at(None)) == []
    assert len(keys.suppression(company.settings)) == 2


def test_a_long_secret_keeps_its_name_when_keys_are_rotated(company: Company) -> None:
    company.settings.store.mkdir(parents=True, exist_ok=True)
    company.settings.suppression_keys.write_text("ab" * 100)
    (known,) = keys.suppression(company.settings)
    fresh = suppression.rotate(company.at(None))
    assert [key.key_id for key in keys.suppression(company.settings)] == [fresh, known.key_id]
    assert keys.suppression(company.settings)[1] == known
    with company.register.connect() as connection:
        told = sa.select(ledger_table.c.details).where(ledger_table.c.event == ledger.Event.KEY_ADDED.value)
        assert json.loads(connection.scalars(told).one()) == {"key": fresh}


def test_the_command_line_rotates_and_prunes(
    company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(company.settings.store))
    assert commands.main(["rotate"]) == 0
    assert commands.main(["prune"]) == 0
    assert "1 keys dropped" in capsys.readouterr().out
    assert commands.main(["--language", "sv", "rotate"]) == 0
    assert commands.main(["--language", "sv", "prune"]) == 0
    rotated, pruned = capsys.readouterr().out.splitlines()
    assert rotated.startswith("spärrlistan: nya poster") and pruned.endswith("1 nycklar borttagna")
    monkeypatch.setenv("COMPLIANCE_TODAY", "yesterday")
    assert commands.main(["--language", "sv", "prune"]) == 1
    assert "Inställningen COMPLIANCE_TODAY" in capsys.readouterr().err


def elsewhere(settings: Settings) -> Settings:
    """The same installation as one with real people in it."""
    return dataclasses.replace(settings, login="proxy")


def test_without_its_keys_nothing_is_taken_in(company: Company) -> None:
    company.erase("P1", email="anna.berg@kund.example")
    company.prospects(BO)
    company.settings.suppression_keys.unlink()
    company.settings = elsewhere(company.settings)
    result = company.deliver(crm_prospekt=[ANNA, BO], now=NOW + dt.timedelta(days=1))
    assert result.refused is not None and result.refused.code == "key_lost_suppression"
    assert result.refused.values["setting"] == "COMPLIANCE_SUPPRESSION_KEYS"
    assert company.keys_in_copy() == ["P2"]


def test_a_key_that_was_made_anew_does_not_let_everybody_in(company: Company) -> None:
    company.erase("P1", email="anna.berg@kund.example")
    company.settings.suppression_keys.unlink()
    result = company.deliver(crm_prospekt=[ANNA, BO])
    assert result.refused is not None and result.refused.code == "key_lost_suppression"


def test_without_entries_no_key_is_asked_for_and_nothing_is_looked_up(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.settings = elsewhere(company.settings)
    ran: list[str] = []
    execute = builder._execute

    def noted(con: duckdb.DuckDBPyConnection, name: str, binds: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        ran.append(name)
        return execute(con, name, binds)

    monkeypatch.setattr(builder, "_execute", noted)
    company.prospects(ANNA, BO)
    assert company.keys_in_copy() == ["P1", "P2"]
    assert not company.settings.suppression_keys.exists()
    assert ran and not [
        name for name in ran if "suppress" in name or "guard" in name or "erased" in name or "told" in name
    ]


# Whether the sources have erased too


def test_an_export_without_them_verifies_and_one_with_them_resurfaces_either_way(either: Company) -> None:
    batch_id = either.batch(tasks=("crm_prospects",))
    either.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    either.prospects(ANNA, BO)
    assert either.states(batch_id) == ("resurfaced", [("resurfaced", 1, True)])
    either.prospects(BO, now=NOW + dt.timedelta(days=1))
    assert either.states(batch_id) == ("verified", [("verified", 0, False)])
    either.prospects(ANNA, BO, now=NOW + dt.timedelta(days=2))
    assert either.states(batch_id) == ("resurfaced", [("resurfaced", 1, False)])
    either.prospects(ANNA, BO, now=NOW + dt.timedelta(days=3))
    either.prospects(BO, now=NOW + dt.timedelta(days=4))
    assert either.states(batch_id) == ("verified", [("verified", 0, False)])
    assert [line["still_there"] for line in either.lines(ledger.Event.SOURCE_RESURFACED)] == [1, 1]
    assert [line["still_there"] for line in either.lines(ledger.Event.SOURCE_VERIFIED)] == [0, 0]
    assert [line["batch"] for line in either.lines(ledger.Event.BATCH_RESURFACED)] == [batch_id] * 2
    assert [line["batch"] for line in either.lines(ledger.Event.BATCH_VERIFIED)] == [batch_id] * 2


@pytest.mark.parametrize(
    "row",
    ["P7;Anna Berg;Anna.Berg@kund.example;;;2020-01-01;", "P7;Anna Berg;ny@kund.example;070-123 45 67;;2020-01-01;"],
    ids=["by e-mail", "by phone and name"],
)
def test_a_source_that_gave_the_person_a_new_key_has_not_erased_them(either: Company, row: str) -> None:
    batch_id = either.batch(tasks=("crm_prospects",))
    known = {"email": "anna.berg@kund.example", "phone": "+46701234567", "name": "anna berg"}
    either.erase("P1", **known, batch_id=batch_id)
    either.erase("P2", **known, batch_id=batch_id)
    assert either.prospects(row, BO.replace("P2", "P3")).quarantined == {"suppressed": 1}
    # One record is left in the source, though two that were erased there lead to it.
    assert either.states(batch_id) == ("resurfaced", [("resurfaced", 1, True)])
    either.prospects(BO.replace("P2", "P3"), now=NOW + dt.timedelta(days=1))
    assert either.states(batch_id) == ("verified", [("verified", 0, False)])


def test_who_was_erased_and_is_registered_anew_under_a_new_key_is_not_still_in_the_source(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    company.prospects("P7;Anna Berg;anna.berg@kund.example;;;2026-11-10;", BO)
    assert company.keys_in_copy() == ["P2", "P7"]
    assert company.states(batch_id) == ("verified", [("verified", 0, False)])


def test_a_source_is_asked_only_for_those_whom_it_was_to_erase(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects", "supplier_register"))
    company.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    company.erase("L2", "supplier_register", email="dan@bolaget.example", batch_id=batch_id)
    # She was erased in the CRM; the suppliers' register is to erase somebody else, and has.
    anna = "L1;Anna Berg;anna.berg@kund.example;;Säljare;Leverantör;O1;Bolaget;2020-01-01;Pågår"
    other = "L3;Eva Ek;eva@bolaget.example;;Säljare;Leverantör;O1;Bolaget;2020-01-01;Pågår"
    company.deliver(crm_prospekt=[BO], leverantorsregister=[anna, other])
    assert company.keys_in_copy() == ["L3", "P2"]
    assert company.states(batch_id) == ("verified", [("verified", 0, False)] * 2)


def test_a_record_that_is_let_in_is_still_in_the_source(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    company.prospects("P1;Anna Berg;anna.berg@kund.example;;;2026-11-10;", BO)
    assert company.keys_in_copy() == ["P1", "P2"]
    assert company.states(batch_id) == ("resurfaced", [("resurfaced", 1, True)])


def test_a_return_under_the_old_key_is_closed_by_the_dpos_word(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    # Two addresses, and an entry for each.
    for email in ("anna.berg@kund.example", "anna@hem.example"):
        company.erase("P1", email=email, batch_id=batch_id)
    anew = "P1;Anna Berg;anna.berg@kund.example;;;2026-11-10;"
    company.prospects(anew, BO)
    (waiting,) = suppression.returned(company.at(Role.DPO))
    purge.confirm_return(company.at(Role.DPO), waiting.reappearance_id, "meeting")
    assert suppression.returned(company.at(Role.DPO)) == []
    assert company.states(batch_id) == ("verified", [("verified", 0, False)])
    assert [line["still_there"] for line in company.lines(ledger.Event.SOURCE_VERIFIED)] == [0]
    assert [line["batch"] for line in company.lines(ledger.Event.BATCH_VERIFIED)] == [batch_id]
    # The next export says nothing else, unless it has the record as it was.
    company.prospects(anew, BO, now=NOW + dt.timedelta(days=1))
    assert company.states(batch_id) == ("verified", [("verified", 0, False)])
    company.prospects(ANNA, BO, now=NOW + dt.timedelta(days=2))
    assert company.states(batch_id)[0] == "resurfaced"


# Anna by her old key, registered after her erasure.
ANEW = "P1;Anna Berg;anna.berg@kund.example;;;2026-11-10;"
CIA = "P3;Cia Ek;cia@kund.example;;;2021-05-03;"


def confirm(company: Company) -> None:
    """The DPO says of the one who waits that they are stored again for good reason."""
    (waiting,) = suppression.returned(company.at(Role.DPO))
    purge.confirm_return(company.at(Role.DPO), waiting.reappearance_id, "meeting")


@pytest.mark.parametrize(
    ("task", "state"),
    [
        ({"kind": "order", "state": "open"}, "open"),
        ({"kind": "order", "state": "fetched", "fetched_at": NOW}, "fetched"),
        ({"kind": "database", "state": "open"}, "failed"),
        ({"kind": "database", "state": "failed", "reason": "unreachable"}, "failed"),
        ({"kind": "database", "state": "failed", "reason": "unreachable", "fetched_at": NOW}, "failed"),
        ({"kind": "database", "state": "done", "done_at": NOW}, "done"),
    ],
)
def test_a_return_that_is_confirmed_says_nothing_of_rows_in_quarantine(
    company: Company, task: dict[str, Any], state: str
) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    with writing(company.register) as connection:
        connection.execute(sa.update(source_task).values(task))
    company.prospects(ANEW, BO, "P3;kort")
    confirm(company)
    assert company.states(batch_id) == ("executed", [(state, None, False)])
    # Nothing is left to erase, and nothing begins by itself.
    assert company.told_to_erase(batch_id) == (0, None)
    told = say("order_changed.void", "en") in sources.tasks(company.register, batch_id)[0].told("en")
    assert told == ("fetched_at" in task)
    assert sources.unfinished(company.register) == []


def test_a_return_that_is_confirmed_verifies_nothing_while_another_may_be_who_was_erased(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    (secret,) = keys.suppression(company.settings)
    named = secret.digest("email|anna.berg@kund.example|anna berg")
    company.erase(
        "P1", email="anna.berg@kund.example", batch_id=batch_id, email_name_digest=named, is_shared_email=True
    )
    company.prospects(ANEW, BO, "P3;Cia Ek;anna.berg@kund.example;;;2021-05-03;")
    assert suppression.count_doubts(company.register) == 1
    confirm(company)
    assert company.states(batch_id) == ("executed", [("open", None, False)])


@pytest.mark.parametrize("key_is_old", [False, True], ids=["newest key", "older key"])
def test_whoever_is_back_for_good_reason_is_not_erased_in_the_source_with_the_others(
    either: Company, key_is_old: bool
) -> None:
    batch_id = either.batch(tasks=("crm_prospects",))
    either.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    either.erase("P2", email="bo@kund.example", batch_id=batch_id)
    with writing(either.register) as connection:
        connection.execute(sa.update(source_task).values(**order(["P1", "P2"])))
    if key_is_old:
        keys.add_suppression_key(either.settings)
    either.prospects(ANEW, BO)
    assert either.states(batch_id) == ("resurfaced", [("resurfaced", 2, True)])
    confirm(either)
    assert either.states(batch_id) == ("resurfaced", [("resurfaced", 1, True)])
    assert either.told_to_erase(batch_id) == (1, ["P2"])
    # Nobody has fetched the order yet, so nobody has an old one.
    assert "NOTE" not in sources.tasks(either.register, batch_id)[0].told("en")


@pytest.mark.parametrize("state", ["open", "running"])
def test_a_source_that_no_export_has_decided_about_is_not_told_to_erase_who_is_back(
    company: Company, state: str
) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    with writing(company.register) as connection:
        connection.execute(sa.update(source_task).values(kind="database", state="running"))
    company.prospects(ANEW, BO)
    with writing(company.register) as connection:
        connection.execute(sa.update(source_task).values(state=state))
    confirm(company)
    assert company.told_to_erase(batch_id) == (0, None)
    assert sources.unfinished(company.register) == []
    company.prospects(ANEW, BO, now=NOW + dt.timedelta(days=1))
    assert company.states(batch_id) == ("verified", [("verified", 0, False)])


def test_a_return_is_not_confirmed_without_the_key_that_says_whom_its_source_is_to_erase(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    company.prospects(ANEW, BO)
    keys.add_suppression_key(company.settings)
    keys.drop_suppression_keys(company.settings, ())
    with pytest.raises(Refused, match="key_lost_suppression"):
        confirm(company)
    assert len(suppression.returned(company.at(Role.DPO))) == 1
    assert company.told_to_erase(batch_id) == (1, ["P1"])


def test_who_is_back_by_an_export_that_did_not_decide_is_none_of_those_who_are_still_there(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    company.erase("P2", email="bo@kund.example", batch_id=batch_id)
    with writing(company.register) as connection:
        connection.execute(sa.update(source_task).values(**order(["P1", "P2"])))
    company.prospects(CIA, BO)
    # Nobody knows when this one was made; it may be older than the one that has Bo.
    company.prospects(ANEW, CIA, now=NOW + dt.timedelta(days=1), dated=False)
    confirm(company)
    assert company.states(batch_id) == ("resurfaced", [("resurfaced", 1, True)])
    assert company.told_to_erase(batch_id) == (1, ["P2"])
    company.prospects(ANEW, CIA, now=NOW + dt.timedelta(days=2))
    assert company.states(batch_id) == ("verified", [("verified", 0, False)])


def test_who_is_back_by_an_export_that_counts_as_many_as_the_one_before_is_one_of_them(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    company.erase("P2", email="bo@kund.example", batch_id=batch_id)
    company.prospects(CIA, BO)
    company.prospects(ANEW, CIA, now=NOW + dt.timedelta(days=1))
    confirm(company)
    assert company.states(batch_id) == ("verified", [("verified", 0, False)])


def test_a_record_that_its_source_has_emptied_is_erased(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    for key in ("P1", "P2"):
        company.erase(key, batch_id=batch_id)
    taken = company.prospects(
        "P1;;;;;2020-05-03;2026-11-02", "P2;;;;;2020-05-03;", "P3;Cia Ek;c@kund.example;;;2020-01-01;"
    )
    assert taken.quarantined == {"suppressed": 2}
    assert company.keys_in_copy() == ["P3"]
    assert company.states(batch_id) == ("verified", [("verified", 0, False)])
    assert company.reappeared() == []


def test_a_batch_is_verified_when_every_source_is(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects", "web_leads"))
    company.erase("P1", batch_id=batch_id)
    company.erase("V1", "web_leads", batch_id=batch_id)
    company.prospects(BO)
    assert company.states(batch_id) == ("executed", [("verified", 0, False), ("done", None, True)])
    company.deliver(webbesok=["V1;pe1;2026-10-01 10:00:00;Ett"])
    assert company.states(batch_id) == ("resurfaced", [("verified", 0, False), ("resurfaced", 1, True)])
    company.deliver(webbesok=["V2;pe1;2026-10-01 10:00:00;Ett"], now=NOW + dt.timedelta(days=1))
    assert company.states(batch_id)[0] == "verified"


@pytest.mark.parametrize(
    "row",
    [
        # Too few columns, too many, and the key where no key stands.
        "P1;kort",
        "P1;Anna Berg;;;Chef;2020-05-03;;för;mycket",
        "kort;P1",
        # By address and by number and name, under another key.
        "P77;Anna.Berg+x@KUND.example",
        "P77;Anna;Berg;070-123 45 67",
        "Berg, Anna;070-123 45 67",
        # A byte that no text has.
        "P1;Anna\x00Berg;;;Chef;2020-05-03;",
        # The headers, nearly.
        "Prospekt-ID;Namn;;P1;;;",
    ],
)
def test_who_is_in_quarantine_is_still_in_the_source(company: Company, row: str) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", email="anna.berg@kund.example", phone="+46701234567", name="anna berg", batch_id=batch_id)
    taken = company.prospects(BO, row)
    assert sum(taken.quarantined.values()) == 1
    assert company.states(batch_id) == ("resurfaced", [("resurfaced", 1, True)])
    _, chunks = service.quarantined_rows(company.at(Role.DPO), "crm_prospects")
    # Nothing that it says is kept.
    assert [line[-1] for chunk in chunks for line in chunk] == [None]


@pytest.mark.parametrize("row", ["P4;kort", ";Cia Ek;cia@kund.example;;Chef;2021-05-03;", "P\x004;Cia Ek;;070-1;;;"])
def test_rows_that_may_be_anybodys_keep_an_export_from_verifying(company: Company, row: str) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    assert company.prospects(BO, row).unread_keys == 1
    assert company.states(batch_id) == ("executed", [("done", None, True)])
    # A row whose key is read says whose it is not.
    assert company.prospects(BO, BO, now=NOW + dt.timedelta(days=1)).unread_keys == 0
    assert company.states(batch_id) == ("verified", [("verified", 0, False)])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("P77;Anna Berg;anna.berg@kund.example", "resurfaced"),
        ("P77;Anna;Berg;anna.berg@kund.example", "resurfaced"),
        ("P77;anna.berg@kund.example", "resurfaced"),
        ("P77;Nils Ny;anna.berg@kund.example", "executed"),
        ("P77;Nils;Ny;anna.berg@kund.example", "executed"),
    ],
)
def test_an_address_in_a_row_that_cannot_be_read_is_somebody_elses_under_another_name(
    company: Company, row: str, told: str
) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    named = keys.suppression(company.settings)[0].digest("email|anna.berg@kund.example|anna berg")
    company.erase(
        "P1", email="anna.berg@kund.example", batch_id=batch_id, email_name_digest=named, is_shared_email=False
    )
    assert sum(company.prospects(BO, row).quarantined.values()) == 1
    assert company.states(batch_id)[0] == told


def test_that_nobody_purged_is_among_rows_that_may_be_anybodys_is_said_once_by_the_dpo(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)

    def unread() -> tuple[int | None, int]:
        (task,) = sources.tasks(company.register, batch_id)
        return task.unread_rows, task.task_id

    company.prospects(BO, "P4;kort", "P5;kort")
    rows, task_id = unread()
    assert rows == 2
    for role in (role for role in Role if role is not Role.DPO):
        with pytest.raises(Refused, match="not_allowed"):
            purge.vouch(company.at(role), task_id)
    purge.vouch(company.at(Role.DPO), task_id)
    assert company.states(batch_id) == ("verified", [("verified", 0, False)])
    assert [line["rows"] for line in company.lines(ledger.Event.SOURCE_VOUCHED)] == [2]
    with pytest.raises(Refused, match="task_not_unread"):
        purge.vouch(company.at(Role.DPO), task_id)
    # The same rows again are no question, and who is there again is told.
    company.prospects(BO, "P4;kort", now=NOW + dt.timedelta(days=1))
    assert (unread()[0], company.states(batch_id)[0]) == (None, "verified")
    company.prospects(ANNA, BO, "P4;kort", now=NOW + dt.timedelta(days=2))
    assert (unread()[0], company.states(batch_id)[0]) == (None, "resurfaced")
    company.prospects(BO, "P4;kort", now=NOW + dt.timedelta(days=3))
    assert (unread()[0], company.states(batch_id)[0]) == (1, "resurfaced")
    # Whoever is there for sure by a later export is not vouched away by the rows of the one before.
    company.prospects(ANNA, BO, now=NOW + dt.timedelta(days=4))
    assert (unread()[0], company.states(batch_id)[0]) == (None, "resurfaced")
    with pytest.raises(Refused, match="task_not_unread"):
        purge.vouch(company.at(Role.DPO), task_id)
    company.prospects(BO, now=NOW + dt.timedelta(days=5))
    assert (unread()[0], company.states(batch_id)[0]) == (None, "verified")


def test_what_an_export_has_said_stands_when_the_next_one_cannot_tell(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("P1", batch_id=batch_id)
    company.prospects(ANNA, BO)
    company.prospects(BO, "P4;kort", now=NOW + dt.timedelta(days=1))
    assert company.states(batch_id) == ("resurfaced", [("resurfaced", 1, True)])


def test_an_order_on_spoilt_keys_is_not_verified(company: Company) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    company.erase("123457000001", batch_id=batch_id)
    rows = [f"1,23457E+11;Person {n};p{n}@bolaget.example;;;2015-01-01;" for n in range(5)]
    (file,) = company.deliver(crm_prospekt=rows).files
    assert file.refused is not None and file.refused.code == "file_keys_spoilt"
    assert company.states(batch_id) == ("executed", [("done", None, True)])


def test_what_is_still_there_is_counted_by_batch(company: Company) -> None:
    first, second = (company.batch(tasks=("crm_prospects",)) for _ in range(2))
    for key in ("P1", "P2"):
        company.erase(key, batch_id=first)
    company.erase("P3", batch_id=second)
    company.prospects(ANNA, BO, "P5;Dan Ek;d@kund.example;;;2020-01-01;")
    assert company.states(first) == ("resurfaced", [("resurfaced", 2, True)])
    assert company.states(second) == ("verified", [("verified", 0, False)])


@pytest.mark.parametrize("state", ["proposed", "refused"])
def test_a_purge_that_was_not_carried_out_is_not_verified(company: Company, state: str) -> None:
    batch_id = company.batch(tasks=("crm_prospects",))
    with writing(company.register) as connection:
        connection.execute(sa.update(batch).where(batch.c.batch_id == batch_id).values(state=state))
    company.prospects(BO)
    assert company.states(batch_id) == (state, [("done", None, True)])


def test_an_export_made_before_the_purge_decides_nothing(company: Company) -> None:
    # The file's name says midnight, the purge was at six.
    batch_id = company.batch(NOW, tasks=("crm_prospects",))
    company.erase("P1", batch_id=batch_id)
    company.prospects(ANNA, BO, now=NOW + dt.timedelta(hours=1))
    assert company.states(batch_id) == ("executed", [("done", None, True)])
    assert company.keys_in_copy() == ["P2"]
    company.prospects(BO, now=NOW + dt.timedelta(days=1))
    assert company.states(batch_id)[0] == "verified"


@pytest.mark.parametrize("made_from", ["taken_in", "file_time"])
def test_an_export_of_unknown_date_alarms_and_never_verifies(either: Company, made_from: ExportedAtFrom) -> None:
    """An old file looks new by the moment at which it was handed in, or copied."""
    batch_id = either.batch(tasks=("crm_prospects",))
    either.erase("P1", email="anna.berg@kund.example", batch_id=batch_id)
    later = itertools.count(1)

    def undated(*rows: str) -> None:
        path = either.folder / f"crm_prospekt_{next(later)}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join((HEADERS["crm_prospekt"], *rows)) + "\n", encoding="utf-8")
        now = NOW + dt.timedelta(days=next(later))
        file = FileOrder(path=path, name="crm_prospekt.csv", exported_at=now, exported_at_from=made_from)
        run_id = runs.queue(either.register, None, now)
        assert run.execute(either.settings, either.register, run_id, Order(files=(file,)), lambda: now).all_taken

    undated(BO)
    assert either.states(batch_id) == ("executed", [("done", None, True)])
    undated(ANNA, BO)
    assert either.states(batch_id) == ("resurfaced", [("resurfaced", 1, True)])
    undated(BO, "P3;Cia Ek;cia@kund.example;;Chef;2021-05-03;")
    assert either.states(batch_id) == ("resurfaced", [("resurfaced", 1, True)])
    # What a dated export has said stands.
    either.prospects(BO, now=NOW + dt.timedelta(days=20))
    assert either.states(batch_id)[0] == "verified"
    later = itertools.count(30)
    undated(ANNA, BO)
    assert either.states(batch_id) == ("verified", [("verified", 0, False)])


def test_a_task_at_work_is_left_to_the_next_export_and_a_batch_without_tasks_stays(company: Company) -> None:
    working, without = company.batch(tasks=("crm_prospects",)), company.batch()
    with writing(company.register) as connection:
        connection.execute(sa.update(source_task).values(state="running"))
    company.prospects(BO)
    assert company.states(working) == ("executed", [("running", None, True)])
    assert company.states(without) == ("executed", [])


def test_a_table_of_a_database_is_exported_when_it_is_read(company: Company, tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    source = sa.create_engine(f"sqlite:///{path}")
    with source.begin() as connection:
        connection.execute(sa.text('create table crm_prospekt ("Prospekt-ID" text, "Namn" text, "Registrerad" text)'))
        connection.execute(sa.text("insert into crm_prospekt values ('P2', 'Bo Dahl', '2021-05-03')"))
    batch_id = company.batch(NOW, tasks=("crm_prospects",))
    company.erase("P1", batch_id=batch_id)
    # Ordered before the purge, read after it.
    file = FileOrder(
        path=Path("crm_prospekt"),
        name="crm_prospekt",
        exported_at=NOW - dt.timedelta(minutes=1),
        exported_at_from="taken_in",
        url=f"sqlite:///{path}",  # type: ignore[arg-type]
    )
    later = NOW + dt.timedelta(minutes=1)
    run_id = runs.queue(company.register, None, later)
    result = run.execute(company.settings, company.register, run_id, Order(files=(file,)), lambda: later)
    assert result.all_taken, result
    assert company.states(batch_id)[0] == "verified"


# Vouchers that outlive their engagement


EMPLOYED = "E1;Anna;Berg;anna@bolaget.example;;Utvecklare;2001-01-01;2010-06-30;Avslutad"
VOUCHERS = ["V1;E1;2009", "V2;E2;2009"]


def voucher_spans(company: Company) -> list[tuple[Any, ...]]:
    return company.rows(
        "select source_key, starts_on, ends_on from build.basis where category = 'VOUCHER' order by source_key"
    )


def test_vouchers_keep_the_clock_of_an_erased_engagement(company: Company) -> None:
    company.deliver(hr_anstallda=[EMPLOYED], hr_verifikationer=VOUCHERS)
    span = (dt.date(2001, 1, 1), dt.date(2010, 6, 30))
    assert voucher_spans(company) == [("V1", *span), ("V2", None, None)]
    company.erase("E1", "hr_employees", relation_started_on=span[0], relation_ended_on=span[1])
    suppression.rotate(company.at(None))
    company.erase("E7", "hr_contractors", relation_started_on=span[0], relation_ended_on=span[1])
    company.deliver(hr_anstallda=[EMPLOYED], hr_verifikationer=VOUCHERS, now=NOW + dt.timedelta(days=1))
    assert company.keys_in_copy() == ["V1", "V2"]
    assert voucher_spans(company) == [("V1", *span), ("V2", None, None)]
    # Carried over, too.
    company.prospects(BO, now=NOW + dt.timedelta(days=2))
    assert voucher_spans(company) == [("V1", *span), ("V2", None, None)]


def test_an_engagement_in_the_copy_decides_before_an_erased_one(company: Company) -> None:
    company.erase("E1", "hr_employees", relation_started_on=dt.date(2001, 1, 1), relation_ended_on=dt.date(2010, 6, 30))
    anew = "E1;Anna;Berg;anna@bolaget.example;;Utvecklare;2026-11-15;;Anställd"
    company.deliver(hr_anstallda=[anew], hr_verifikationer=VOUCHERS)
    assert voucher_spans(company)[0] == ("V1", dt.date(2026, 11, 15), None)


def test_a_build_made_without_intake_keeps_the_clock_too(company: Company, tmp_path: Path) -> None:
    key = keys.suppression(company.settings)[0]
    rows = [
        {
            "key_id": key.key_id,
            "record_digest": key.digest("record|hr_employees:E1"),
            "source": "hr",
            "dataset": "hr_employees",
            "erased_on": ERASED,
            "expires_on": dt.date(2036, 11, 1),
            "relation_ended_on": dt.date(2010, 6, 30),
        }
    ]
    entries = suppression_entries.Entries.of(rows, [key], NOW.date())
    path = tmp_path / "rewritten.duckdb"
    with builder.Builder(path, None, tmp_path, suppressed=entries) as writing:
        writing.con.execute(
            "insert into build.record (record_id, dataset, source, source_key, category, relation_key, fiscal_year)"
            " values ('hr_vouchers:V1', 'hr_vouchers', 'hr', 'V1', 'VOUCHER', $digest, 2009)",
            {"digest": key.digest("record|hr_employees:E1")},
        )
        writing.finish()
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.execute("select starts_on, ends_on from basis").fetchall() == [
            (dt.date(2010, 6, 30), dt.date(2010, 6, 30))
        ]


# Requests that a purge has answered


FORM = "R{n};2026-10-0{n} 10:00;Prospekt;Radering;Anna Berg;anna{n}@kund.example;070-1234567;{closed};{outcome}"


def contact(company: Company) -> list[tuple[Any, ...]]:
    columns = (request_table.c.reference, request_table.c.name, request_table.c.email, request_table.c.phone)
    with company.register.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(columns[0]))]


@pytest.mark.parametrize("closed", ["", "2026-11-02"], ids=["open in the form", "closed in the form"])
def test_an_answered_request_gets_no_contact_details_back(either: Company, closed: str) -> None:
    rows = [FORM.format(n=n, closed="", outcome="") for n in (1, 2)]
    either.deliver(raderingsformular=rows)
    with writing(either.register) as connection:
        connection.execute(
            sa.update(request_table)
            .where(request_table.c.reference == "R1")
            .values(closed_on=ERASED, outcome="done", name=None, email=None, phone=None)
        )
    rows = [FORM.format(n=1, closed=closed, outcome="Raderad" if closed else ""), rows[1], rows[1]]
    rows += [rows[0]]
    either.deliver(raderingsformular=rows, now=NOW + dt.timedelta(days=1))
    assert contact(either) == [("R1", None, None, None), ("R2", "Anna Berg", "anna2@kund.example", "070-1234567")]
    assert either.rows("select reference, email_key from build.request_key") == [("R2", "anna2@kund.example")]
    _, chunks = service.quarantined_rows(either.at(Role.DPO), "erasure_form")
    assert [(row[-2], row[-1] is None) for chunk in chunks for row in chunk] == [
        ("duplicate_key", False),
        ("duplicate_key", True),
    ]
    # What is carried over from a build before the answer does not bring it back either.
    either.prospects(BO, now=NOW + dt.timedelta(days=2))
    assert either.rows("select reference from build.request_key") == [("R2",)]


def test_who_a_closed_request_was_from_is_never_kept(either: Company) -> None:
    closed = FORM.format(n=1, closed="2026-11-02", outcome="Raderad")
    still_open = FORM.format(n=2, closed="", outcome="")
    either.deliver(raderingsformular=[closed, still_open, closed])
    kept = ("R2", "Anna Berg", "anna2@kund.example", "070-1234567")
    assert contact(either) == [("R1", None, None, None), kept]
    assert either.rows("select reference from build.request_key") == [("R2",)]
    _, chunks = service.quarantined_rows(either.at(Role.DPO), "erasure_form")
    assert [row[-1] for chunk in chunks for row in chunk] == [None]
    either.deliver(
        raderingsformular=[closed, FORM.format(n=2, closed="2026-11-03", outcome="Avslagen")],
        now=NOW + dt.timedelta(days=1),
    )
    assert contact(either) == [("R1", None, None, None), ("R2", None, None, None)]
    assert either.rows("select reference from build.request_key") == []


def test_a_build_before_the_answer_carries_no_keys_over(company: Company) -> None:
    company.deliver(raderingsformular=[FORM.format(n=1, closed="", outcome="")])
    with writing(company.register) as connection:
        connection.execute(
            sa.update(request_table).values(closed_on=ERASED, outcome="done", name=None, email=None, phone=None)
        )
    company.prospects(BO, now=NOW + dt.timedelta(days=1))
    assert company.rows("select reference from build.request_key") == []
    with company.register.connect() as connection:
        assert requests.answered(connection) == {("erasure_form", "R1")}


def test_what_was_erased_is_told_of_somebody_however_many_records_they_have(company: Company) -> None:
    key = keys.suppression(company.settings)[0]
    told = [
        company.erase("V600", "hr_vouchers"),
        company.erase("V800", "hr_vouchers", name_digest=key.digest("name|anna berg")),
    ]
    # The source has given that key to somebody else since.
    company.erase("V700", "hr_vouchers", name_digest=key.digest("name|bo dahl"))
    records: list[Any] = [
        SimpleNamespace(record_id=f"hr_vouchers:V{number}", name_key="anna berg", email_key=None, phone_key=None)
        for number in range(1_001)
    ]
    erased, back = known.of_records(company.settings, company.register, records)
    assert ([one.batch_id for one in erased], back) == (told, [])
    nameless = SimpleNamespace(**{**vars(records[600]), "name_key": None})
    assert [one.batch_id for one in known.of_records(company.settings, company.register, [nameless])[0]] == told[:1]
