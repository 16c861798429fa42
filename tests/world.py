"""A small world for tests: facts put straight into a build, then read as the dashboard reads them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from compliance.access import Actor
from compliance.access.at import At, at_command
from compliance.build.builder import Builder
from compliance.reading.copy import Copy, Facts, Reading
from compliance.words.policy import Parameters, Policy, load_parameters, load_policy
from compliance.words.settings import Settings
from tests import elsewhere

CONFIG = Path(__file__).parent.parent / "data"
TODAY = dt.date(2026, 11, 24)
TAKEN_IN = dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)


def day(text: str | None) -> dt.date | None:
    """A date from its ISO form."""
    return dt.date.fromisoformat(text) if text else None


def shipped_policy() -> Policy:
    """The rules as they are shipped in data/."""
    return load_policy(CONFIG / "retention.toml")


def shipped_parameters() -> Parameters:
    """The parameters as they are shipped in data/."""
    return load_parameters(CONFIG / "parameters.toml")


def acting(settings: Settings, register: sa.Engine, actor: Actor | None, now: dt.datetime, **changes: Any) -> At:
    """An act of somebody, or of nobody, as a click makes it, but for `changes`."""
    return dataclasses.replace(at_command(settings, register, now), actor=actor, **changes)


def table(reading: Reading, name: str) -> list[dict[str, Any]]:
    """All rows of one table as the queries of pages see it."""
    with reading._engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(f"select * from {name}")).mappings()]


def let_speak(con: duckdb.DuckDBPyConnection) -> None:
    """Gives records of a build that is being made what an intake gives them: ids of their own, where they are all that
    there is.
    """
    con.execute(
        "update build.record set own_basis_id = entry_id(category, record_id),"
        " own_person_id = md5(own_identity(email_key, phone_key, name_key, record_id))"
        " where speaks_for_itself(category, org_id, designated_on, erased_on, set_at, cookie_name, fault_field)"
    )


class World:
    """Organisations, contracts and records of an invented company, made into a build once they are asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: list[tuple[str, dict[str, Any]]] = []
        self._holds: list[tuple[int, str, str, dt.date, dt.date | None]] = []
        self._requests: list[tuple[str, str]] = []
        self._choices: list[tuple[str, str, str, str, bool, str]] = []
        self._losses: list[tuple[int, str | None, str | None]] = []
        self._accepted_moves: list[tuple[str, int, int]] = []
        self._kept_moves: list[tuple[str, int, int]] = []
        self._marks: list[tuple[str, str]] = []
        self._lost_marks: list[tuple[int, str | None, str | None]] = []
        self._lost_requests: list[tuple[str, str, int, str | None, str | None]] = []
        self._lost_decisions: list[tuple[int, int, str | None, str | None]] = []
        self._builds = 0
        self._made: Copy | None = None

    def organisation(self, key: str, status: str | None = None, successor: str | None = None) -> str:
        """An organisation of the CRM; returns its org_id."""
        self._add(
            "organisation",
            dataset="crm_organisations",
            source="crm",
            org_id=f"crm:{key}",
            org_name=f"Bolaget {key}",
            stated_status=status,
            successor_id=f"crm:{successor}" if successor else None,
        )
        return f"crm:{key}"

    def contract(self, org_id: str, starts: str | None, ends: str | None = None, **more: Any) -> None:
        """A contract of an organisation, with what else the build has of it; no end means open-ended."""
        self._add(
            "contract",
            dataset="crm_contracts",
            source="crm",
            contract_key=f"A{len(self._rows)}",
            org_id=org_id,
            starts_on=day(starts),
            ends_on=day(ends),
            **more,
        )

    def customer(self, starts: str, ends: str | None = None, status: str | None = None) -> str:
        """An organisation with one contract."""
        org_id = self.organisation(f"K{len(self._rows)}", status)
        self.contract(org_id, starts, ends)
        return org_id

    def person(self, category: str, key: str | None = None, dataset: str | None = None, **values: Any) -> str:
        """A record of a person; dates as ISO text. Returns its source key."""
        key = key or f"P{len(self._rows)}"
        hr = category in {"EMPLOYEE", "CONTRACTOR", "VOUCHER"}
        dataset = dataset or f"{'hr' if hr else 'crm'}_{category.lower()}"
        source = dataset.split("_")[0]
        values = {
            name: day(value) if name.endswith("_on") or name == "role_until" else value
            for name, value in values.items()
        }
        email = values.pop("email", f"{key.lower()}@bolaget.example")
        self._add(
            "record",
            record_id=f"{dataset}:{key}",
            dataset=dataset,
            source=source,
            source_key=key,
            category=category,
            name=values.pop("name", f"Person {key}"),
            email=email,
            email_key=email,
            **values,
        )
        return key

    def environment(self, key: str, org_id: str, **told: Any) -> None:
        """A customer's environment; dates as ISO text, and what is not told is not known."""
        row = {name: day(value) if name.endswith("_on") else value for name, value in told.items()}
        self._add(
            "environment", dataset="environments", source="environments", environment_key=key,
            org_key=org_id.removeprefix("crm:"), **{"unread": [], **row},
        )  # fmt: skip

    def grant(self, key: str, environment: str | None, holder: str | None, **told: Any) -> None:
        """A grant to an environment, in the same way."""
        days = ("valid_until",)
        row = {name: day(value) if name.endswith("_on") or name in days else value for name, value in told.items()}
        self._add(
            "access_grant", dataset="access_grants", source="support_access", grant_key=key,
            environment_key=environment, holder=holder, **{"holder_erased": False, "unread": [], **row},
        )  # fmt: skip

    def erased(self, key: str, starts: str | None, ends: str | None, source: str = "hr") -> None:
        """An engagement that was erased and goes on deciding how long its vouchers are kept."""
        self._add("erased_engagement", source=source, source_key=key, starts_on=day(starts), ends_on=day(ends))

    def hold(self, scope: str, key: str, placed: str, released: str | None = None) -> None:
        """A hold of the register."""
        self._holds.append((len(self._holds) + 1, scope, key, dt.date.fromisoformat(placed), day(released)))

    def double(self, one: str, other: str) -> None:
        """Two persons, by their ids, who may be one and about whom nobody has decided."""
        self._add("possible_double", person_a=one, person_b=other, speaks_for=["email"], speaks_against=["other_name"])

    def arrived(self, dataset: str, key: str, build: int) -> None:
        """The build that was the first to have a record, and in which a hold had been lost."""
        self._add("arrival", record_id=f"{dataset}:{key}", dataset=dataset, build=build)

    def succeeds(self, dataset: str, key: str, build: int, number: int) -> None:
        """That a record keeps a date of one that bore another name, as a build told by a number."""
        self._add("successor", record_id=f"{dataset}:{key}", dataset=dataset, build=build, number=number)

    def says_whose(self, dataset: str, build: int, number: int, *, is_own: bool) -> None:
        """That somebody has said whether such a date is the record's own, or else that what its source says counts."""
        (self._kept_moves if is_own else self._accepted_moves).append((dataset, build, number))

    def loss(self, build: int, source: str | None, category: str | None) -> None:
        """What a lost hold keeps from being purged."""
        self._losses.append((build, source, category))

    def marked(self, kind: str, person_id: str) -> None:
        """A mark that is on: of a kind, on a person."""
        self._marks.append((kind, person_id))

    def lost_mark(self, build: int, source: str | None, category: str | None) -> None:
        """What a lost restriction keeps from being purged."""
        self._lost_marks.append((build, source, category))

    def lost(self, reference: str, build: int, its_source: str | None, category: str | None) -> None:
        """What an open request whose sender is found no longer keeps from being purged."""
        self._lost_requests.append(("form", reference, build, its_source, category))

    def undecided(self, number: int, build: int, source: str | None, category: str | None, *left: str) -> None:
        """What a decision that has lost somebody keeps from being purged, and whom of the two (`left`) it still knows,
        by the records (dataset:key).
        """
        self._lost_decisions.append((number, build, source, category))
        self.decided(number, *left)

    def decided(self, number: int, *records: str) -> None:
        """That a decision on doubles is about records (dataset:key) of one of the two."""
        for record_id in records:
            self._add("decided_record", decision_id=number, answer="same", record_id=record_id, side="one")

    def request(self, reference: str, email: str | None, source: str = "form", **keys: str) -> None:
        """An open request whose identity keys are in the copy."""
        self._add("request_key", dataset=source, source=source, reference=reference, email_key=email, **keys)
        self._requests.append((source, reference))

    def confirmed(self, reference: str, email: str, source: str = "form") -> None:
        """That somebody has said that a request is from the person with an address that nobody else has."""
        person_id = hashlib.md5(email.encode()).hexdigest()
        self._choices.append((source, reference, person_id, "confirmed", True, "email"))

    def rejected(self, reference: str, email: str, source: str = "form") -> None:
        """That somebody has said that a request is not from the person with an address that nobody else has."""
        person_id = hashlib.md5(email.encode()).hexdigest()
        self._choices.append((source, reference, person_id, "rejected", True, "email"))

    def reading(
        self,
        as_of: dt.date = TODAY,
        policy: Policy | None = None,
        parameters: Parameters | None = None,
    ) -> Reading:
        """Builds the world and reads it on `as_of`."""
        made, facts = self.made()
        return made.reading(as_of, policy or shipped_policy(), parameters or shipped_parameters(), facts)

    def made(self) -> tuple[Copy, Facts]:
        """The world as a build, for readings on several days, and what the register says beside it."""
        if self._made is None:
            self._builds += 1
            path = self._folder / f"{self._builds:06}-world.duckdb"
            self._build(path)
            self._made = elsewhere.opened(path, self._builds)
        facts = Facts(
            holds=tuple(self._holds),
            open_requests=tuple(self._requests),
            losses=tuple(self._losses),
            accepted_moves=tuple(self._accepted_moves),
            kept_moves=tuple(self._kept_moves),
            choices=tuple(self._choices),
            lost_requests=tuple(self._lost_requests),
            lost_decisions=tuple(self._lost_decisions),
            marks=tuple(self._marks),
            lost_marks=tuple(self._lost_marks),
        )
        return self._made, facts

    def _build(self, path: Path) -> None:
        with Builder(path, None, self._folder) as builder:
            for (table, columns), rows in groupby(self._rows, lambda row: (row[0], tuple(row[1]))):
                told = [value for _, values in rows for value in values.values()]
                marks = ", ".join([f"({', '.join('?' * len(columns))})"] * (len(told) // len(columns)))
                # What was erased stands beside the build, for as long as it is made.
                into = table if table == "erased_engagement" else f"build.{table}"
                builder.con.execute(f"insert into {into} ({', '.join(columns)}) values {marks}", told)
            let_speak(builder.con)
            builder.finish()

    def status(self, as_of: dt.date = TODAY, **kwargs: Any) -> Mapping[str, Any]:
        """The status row of the only basis that the world holds."""
        (row,) = table(self.reading(as_of, **kwargs), "basis_status")
        return row

    def _add(self, table: str, **values: Any) -> None:
        self._rows.append((table, values))
        self._made = None
