"""Entries of a build, made once more and slowly from the records that were taken in, over rows made by chance.

Written from what the schema promises, never from the statements that make the tables: time as a customer, records that
are one entry, vouchers that follow an engagement, and what a source has moved.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from compliance.build.builder import Builder
from tests.world import let_speak

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = dt.timedelta(days=1)
NEVER = dt.date(9999, 12, 31)
STAFF, REPS = ("EMPLOYEE", "CONTRACTOR"), ("SUPPLIER_REP", "PARTNER_REP")
CATEGORIES = ("CUSTOMER_CONTACT",) * 4 + ("PROSPECT",) * 2 + STAFF * 2 + REPS + ("UNCLASSIFIED",)
DATES = ("registered_on", "designated_on", "met_on", "inbound_on", "left_org_on", "starts_on", "ends_on", "replaced_on",
         "opted_out_on", "role_until")  # fmt: skip
CONTACTS = ("met_on", "inbound_on")
CLOCKS = ("registered_on", "left_org_on", "starts_on", "ends_on", "replaced_on", *CONTACTS)
TOLD = ("registered_on", "designated_on", "left_org_on", "starts_on", "ends_on", "replaced_on", *CONTACTS)
Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]


class Chance:
    """Rows with few days, organisations and persons, so that much falls together."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self._organisations()
        self._persons()
        self._vouchers()

    def seldom(self, share: float) -> bool:
        return self.random.random() < share

    def day(self) -> dt.date:
        return dt.date(2020, 2, 26) + self.random.randrange(12) * DAY

    def maybe(self, share: float = 0.6) -> dt.date | None:
        return self.day() if self.seldom(share) else None

    def moved(self, fields: Sequence[str], told: Sequence[str], share: float = 0.25) -> Row:
        """What stands beside a row of which a source has moved a date."""
        if not self.seldom(share):
            return {"moved_build": None, "moved_field": None, "moved_to": None, "told": None}
        return {
            "moved_build": self.random.randrange(1, 4),
            "moved_field": self.random.choice(fields),
            "moved_to": self.maybe(0.7),
            "told": {name: self.maybe(0.7) for name in told},
        }

    def fault(self, fields: Sequence[str], share: float = 0.15) -> Row:
        if not self.seldom(share):
            return {"fault_code": None, "fault_field": None, "fault_value": None}
        return {
            "fault_code": "unreadable_date",
            "fault_field": self.random.choice(fields),
            "fault_value": f"v{self.random.randrange(3)}",
        }

    def _organisations(self) -> None:
        keys = [f"crm:O{number}" for number in range(40)]
        # A chain of mergers, and others that may go round in a circle.
        chain = [f"crm:C{number}" for number in range(11)]
        heirs = dict(zip(chain, [*chain[1:], None], strict=True))
        heirs |= {key: self.random.choice(keys) if self.seldom(0.35) else None for key in keys}
        for key, heir in heirs.items():
            self.rows["organisation"].append({
                "dataset": "crm_organisations", "source": "crm", "org_id": key,
                "org_name": f"Bolaget {key}" if self.seldom(0.9) else None,
                "stated_status": self.random.choice(("open", "ended", None)), "successor_id": heir,
            })  # fmt: skip
            # Most have no contract of their own.
            for _ in range(0 if key in chain[:-1] else self.random.choice((0, 0, 1, 2, 3, 4)) or (key == chain[-1])):
                self._contract(key)
        for _ in range(3):
            self._contract("crm:unknown")
        self.orgs = [*keys, *chain, "crm:unknown", "crm:nobody", None]

    def _contract(self, org_id: str) -> None:
        start = self.day()
        end = start + self.random.randrange(3) * DAY if self.seldom(0.8) else None
        told = self.moved(("contract.starts_on", "contract.ends_on"), ("starts_on", "ends_on"))
        if told["told"] and not any(told["told"].values()):
            told["told"]["starts_on"] = self.day()
        self.rows["contract"].append({
            "dataset": "crm_contracts", "source": "crm", "contract_key": f"A{self.random.randrange(10**6):06}",
            "org_id": org_id, "starts_on": None if end and self.seldom(0.2) else start, "ends_on": end,
            **told, **self.fault(("contract.starts_on", "contract.ends_on"), 0.06),
        })  # fmt: skip

    def _persons(self) -> None:
        keys = [f"{number:04}" for number in range(900)]
        self.random.shuffle(keys)
        for number in range(220):
            source = self.random.choice(("crm", "hr"))
            # Several records of a person are mostly of one kind, of one source and of one organisation.
            kinds = self.random.choice(CATEGORIES), self.random.choice(CATEGORIES)
            orgs = self.random.choice(self.orgs), self.random.choice(self.orgs)
            for _ in range(self.random.choice((1, 1, 2, 3, 4))):
                category = kinds[self.seldom(0.2)]
                of = source if self.seldom(0.85) else "mail"
                self._record(number, keys.pop(), category, of, orgs[self.seldom(0.2)])

    def _record(self, number: int, key: str, category: str, source: str, org_id: str | None) -> None:
        days = {name: self.maybe(0.3 if name == "designated_on" else 0.6) for name in DATES}
        if category in STAFF and days["starts_on"] and days["ends_on"] and self.seldom(0.8):
            days["ends_on"] = days["starts_on"] + self.random.randrange(3) * DAY
        erased = self.maybe(0.05)
        named = {"name": f"Person {number}", "name_key": f"{number} person"}
        named |= dict.fromkeys(("email", "email_key"), f"p{number}@bolaget.example")
        if erased:
            named = {}
        dataset = f"{source}_{category.lower()}"
        self.rows["record"].append({
            **dict.fromkeys(("name", "name_key", "email", "email_key")), **named, **days,
            "record_id": f"{dataset}:{key}", "dataset": dataset, "source": source, "source_key": key,
            "category": category, "role": self.random.choice(("vd", "inköp", None)),
            "org_id": None if self.seldom(0.15) else org_id,
            "org_name": self.random.choice((f"Firma {key}", None)), "erased_on": erased, "set_at": None,
            "stated_status": self.random.choice(("open", "ended", None, None)), "cookie_name": None,
            "fiscal_year": None, "relation_key": None,
            **self.fault(("designated_on", "left_org_on", "erased_on", "starts_on")), **self.moved(CLOCKS, TOLD),
        })  # fmt: skip

    def _vouchers(self) -> None:
        staff = [row for row in self.rows["record"] if row["category"] in STAFF and row["source"] == "hr"]
        # Some have an assignment by the key of an employment, and keys are given by each source on its own.
        for row in staff[::5]:
            category = next(one for one in STAFF if one != row["category"])
            for its_category, source in ((category, "hr"), (row["category"], "mail"), ("PROSPECT", "hr")):
                self._record(900 + len(self.rows["record"]), row["source_key"], its_category, source, None)
        gone = [f"gone{number}" for number in range(8)]
        keys = [*(row["source_key"] for row in staff), *gone, "nobody"]
        for key in (*gone, *gone[2:], *gone[4:], *(row["source_key"] for row in staff[::5])):
            self.rows["erased_engagement"].append(
                {"source": "hr", "source_key": key, "starts_on": self.maybe(), "ends_on": self.maybe()}
            )
        self.rows["erased_engagement"].append(
            {"source": "mail", "source_key": "gone1", "starts_on": None, "ends_on": None}
        )
        nothing = dict.fromkeys(
            (*DATES, "erased_on", "name", "name_key", "email", "email_key", "role", "org_id", "org_name", "moved_build",
             "moved_field", "moved_to", "told")
        )  # fmt: skip
        for number in range(220):
            self.rows["record"].append({
                **nothing, "record_id": f"hr_vouchers:V{number}", "dataset": "hr_vouchers", "source": "hr",
                "source_key": f"V{number}", "category": "VOUCHER", "stated_status": None, "set_at": None,
                "cookie_name": None, "fiscal_year": self.random.choice((2012, 2019)),
                "relation_key": self.random.choice((*keys, None)), **self.fault(("fiscal_year",), 0.1),
            })  # fmt: skip
        for number in range(12):
            at = dt.datetime.combine(self.day(), dt.time(0, 30), STOCKHOLM)
            self.rows["record"].append({
                **nothing, "record_id": f"web_leads:W{number}", "dataset": "web_leads", "source": "web",
                "source_key": f"W{number}", "category": "WEB_VISITOR", "stated_status": None, "set_at": at,
                "cookie_name": "pe1", "fiscal_year": None, "relation_key": None, **self.fault(("set_at",), 0.2),
            })  # fmt: skip


class Made:
    """What the statements make of the rows, again and again."""

    def __init__(self, folder: Path, rows: Rows) -> None:
        self.builder = Builder(folder / "derived.duckdb", None, folder, threads=1).__enter__()
        for table, several in rows.items():
            columns = list(several[0])
            into = table if table == "erased_engagement" else f"build.{table}"
            marks = ", ".join([f"({', '.join('?' * len(columns))})"] * len(several))
            told = [row[name] for row in several for name in columns]
            self.builder.con.execute(f"insert into {into} ({', '.join(columns)}) values {marks}", told)
        let_speak(self.builder.con)

    def tables(self) -> dict[str, list[Row]]:
        """The tables that are derived, as the statements now make them."""
        con = self.builder.con
        con.execute("begin")
        try:
            for name in ("identifiers", "links"):
                self.builder._run(name)
            self.builder._tie()
            for name in ("owners", "heirs", "islands", "settled"):
                self.builder._run(name)
            # Seen before they are put together, where more of them would be multiplied.
            records, settled = con.execute(
                "select (select count(*) from build.record), count(*) from settled"
            ).fetchall()[0]
            assert settled == records
            for name in ("several", "spoken_for", "merged", "bases", "bases_merged", "bases_of_vouchers"):
                self.builder._run(name)
            return {name: self._rows(f"build.{name}") for name in
                    ("island", "told_island", "moved_contract", "basis", "merged_record")}  # fmt: skip
        finally:
            con.execute("rollback")

    def _rows(self, name: str) -> list[Row]:
        found = self.builder.con.execute(f"from {name}")
        columns = [str(column[0]) for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def close(self) -> None:
        self.builder.con.close()


def first(values: Iterable[Any]) -> Any:
    return next(iter(values), None)


def some(*values: Any) -> Any:
    """The first value that there is."""
    return first(value for value in values if value is not None)


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


class Slowly:
    """The same tables, row by row."""

    def __init__(self, rows: Rows) -> None:
        self.records = rows["record"]
        self.contracts, self.erased = rows["contract"], rows["erased_engagement"]
        self.orgs = {row["org_id"]: row for row in rows["organisation"]}
        self.of_org = {key: self._contracts(key) for key in self.orgs}
        self.island = [
            {"org_id": key, "starts_on": start, "ends_on": end}
            for key, there in self.of_org.items()
            for start, end in stretches(span(row) for row in there if not row["fault_code"])
        ]
        self.told_island = [
            {"org_id": key, "starts_on": start, "ends_on": end}
            for key, there in self.of_org.items()
            if any(row["moved_build"] for row in there)
            for start, end in stretches(span(row["told"] or row) for row in there if not row["fault_code"])
        ]
        self.moved_contract = list(self._moved_contracts())
        self.entries = [self._settled(row) for row in self.records if row["category"] != "VOUCHER"]
        groups = list(self._groups())
        self.merged_record = [
            {"basis_id": basis_id(anchor_of(group)), **{name: row[name] for name in ("record_id", "dataset", "source",
                                                                                     "source_key")}}
            for group in groups
            if len(group) > 1
            for row in group
        ]  # fmt: skip
        self.basis = [together(group) for group in groups]
        by_key: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for group, basis in zip(groups, self.basis, strict=True):
            for row in group:
                if basis["category"] in STAFF:
                    by_key[row["source"], row["source_key"]].append(basis)
        self.basis += [self._voucher(row, by_key) for row in self.records if row["category"] == "VOUCHER"]

    def tables(self) -> dict[str, list[Row]]:
        return {name: getattr(self, name) for name in
                ("island", "told_island", "moved_contract", "basis", "merged_record")}  # fmt: skip

    def _contracts(self, key: str) -> list[Row]:
        """Of the organisation, and of whoever took it over."""
        line: list[str] = []
        at: str | None = key
        while at and at not in line:
            line.append(at)
            at = self.orgs[at]["successor_id"] if at in self.orgs else None
        return [row for row in self.contracts if row["org_id"] in line]

    def _moved_contracts(self) -> Iterator[Row]:
        for key, there in self.of_org.items():
            for build in sorted({row["moved_build"] for row in there if row["moved_build"]}):
                # What the source says is still going on comes first, then the latest.
                several = sorted(
                    (row for row in there if row["moved_build"] == build), key=lambda row: row["contract_key"]
                )
                told = max(several, key=lambda row: row["moved_to"] or NEVER)
                yield {
                    "org_id": key, "dataset": "crm_contracts", "source": "crm", "build": build,
                    "field": told["moved_field"], "moved_to": told["moved_to"],
                }  # fmt: skip

    def _settled(self, row: Row) -> Row:
        is_contact = row["category"] == "CUSTOMER_CONTACT"
        org = self.orgs.get(row["org_id"])
        is_prospect = bool(is_contact and org and not self.of_org[row["org_id"]])
        person = md5(row["email_key"] or row["record_id"])
        fault = (row["fault_code"], row["fault_field"], row["fault_value"]) if row["fault_code"] else None
        if (
            is_contact
            and not row["erased_on"]
            and not is_prospect
            and row["fault_field"] not in ("erased_on", "left_org_on")
        ):
            of_contracts = sorted((one for one in self.of_org.get(row["org_id"], ()) if one["fault_code"]),
                                  key=lambda one: one["contract_key"])  # fmt: skip
            fault = first((one["fault_code"], one["fault_field"], one["fault_value"]) for one in of_contracts)
            fault = fault if org else ("unknown_organisation", "org_key", None)
        moved: Any = None
        if row["moved_build"]:
            told = row["told"]
            moved = (row["dataset"], row["moved_build"], row["moved_field"], row["moved_to"],
                     {**{name: told[name] for name in CLOCKS},
                      "registered_on": some(told["designated_on"], told["registered_on"])})  # fmt: skip
        elif is_contact:
            last = max((one for one in self.moved_contract if one["org_id"] == row["org_id"]),
                       key=lambda one: one["build"], default=None)  # fmt: skip
            own = {**{name: row[name] for name in CLOCKS},
                   "registered_on": some(row["designated_on"], row["registered_on"])}  # fmt: skip
            moved = last and (last["dataset"], last["build"], last["field"], last["moved_to"], own)
        registered = None if row["fault_field"] == "designated_on" else row["registered_on"]
        return {
            **row,
            "person_id": person,
            "category": "PROSPECT" if is_prospect else row["category"],
            "category_stated": row["category"],
            "reclassified_from": row["category"] if is_prospect else None,
            "org_name": some(org and org["org_name"], row["org_name"]),
            "stated_status": some(org and org["stated_status"], row["stated_status"])
            if is_contact
            else row["stated_status"],
            "registered_on": some(row["designated_on"], registered),
            "set_on": row["set_at"] and row["set_at"].astimezone(STOCKHOLM).date(),
            "former_role_since": row["role_until"] if is_contact else None,
            "fault": fault,
            "moved": moved,
        }

    def _groups(self) -> Iterator[list[Row]]:
        """Entries that are one, by their source key."""
        relations: dict[Any, list[Row]] = defaultdict(list)
        engaged: dict[Any, list[Row]] = defaultdict(list)
        for row in self.entries:
            who = row["person_id"], row["category"], row["source"]
            kind: Any = row["record_id"]
            if row["category"] == "CUSTOMER_CONTACT":
                since = [
                    one["starts_on"]
                    for one in self.island
                    if one["org_id"] == row["org_id"]
                    and row["registered_on"]
                    and one["starts_on"] <= row["registered_on"]
                ]
                kind = row["org_id"], max(since, default=None)
            elif row["category"] == "PROSPECT":
                kind = None
            elif row["category"] in REPS:
                kind = row["org_id"] or row["record_id"]
            elif row["category"] in STAFF and not row["fault"] and row["starts_on"] and until(row) >= row["starts_on"]:
                engaged[who].append(row)
                continue
            relations[who, kind].append(row)
        for who, several in engaged.items():
            several.sort(key=lambda row: (row["starts_on"], until(row)))
            stretch, end = 0, until(several[0])
            for row in several:
                if row["starts_on"] > end and row["starts_on"] - end > 2 * DAY:
                    stretch += 1
                end = max(end, until(row))
                relations[who, stretch].append(row)
        for group in relations.values():
            yield sorted(group, key=lambda row: row["source_key"])

    def _voucher(self, row: Row, by_key: Mapping[tuple[str, str], list[Row]]) -> Row:
        engagements = by_key.get((row["source"], row["relation_key"]), [])
        basis = first(sorted(engagements, key=lambda one: STAFF.index(one["category"])))
        staff = [one for one in self.records if one["category"] in STAFF
                 and (one["source"], one["source_key"]) == (row["source"], row["relation_key"])]  # fmt: skip
        whose = first(sorted(staff, key=lambda one: STAFF.index(one["category"])))
        gone = [
            one for one in self.erased if (one["source"], one["source_key"]) == (row["source"], row["relation_key"])
        ]
        starts = min((one["starts_on"] for one in gone if one["starts_on"]), default=None)
        ends = max((one["ends_on"] for one in gone if one["ends_on"]), default=None)
        starts = some(starts, ends)
        undated = False
        if basis:
            starts, ends = (
                some(basis["starts_on"], basis["ends_on"], dt.date(row["fiscal_year"], 1, 1)),
                basis["ends_on"],
            )
            undated = not any(basis[name] for name in ("starts_on", "ends_on", "stated_status", "registered_on"))
        return {
            **dict.fromkeys(COLUMNS),
            "basis_id": md5(f"VOUCHER|{row['record_id']}"),
            "person_id": md5(whose["email_key"] or whose["record_id"]) if whose else md5(row["record_id"]),
            "records": 1,
            **{name: row[name] for name in ("category", "dataset", "source", "source_key", "fiscal_year")},
            "starts_on": starts,
            "ends_on": ends,
            "stated_status": basis and basis["stated_status"],
            "fault_code": some(row["fault_code"], basis and basis["fault_code"], "missing_date" if undated else None),
            "fault_field": some(row["fault_field"], basis and basis["fault_field"], "ends_on" if undated else None),
            "fault_value": some(row["fault_value"], basis and basis["fault_value"]),
        }


def span(row: Row) -> tuple[dt.date, dt.date | None]:
    return some(row["starts_on"], row["ends_on"]), row["ends_on"]


def stretches(spans: Iterable[tuple[dt.date, dt.date | None]]) -> Iterator[tuple[dt.date, dt.date | None]]:
    """Spans that touch or overlap are one."""
    now: tuple[dt.date, dt.date] | None = None
    for start, end in sorted((start, end or NEVER) for start, end in spans):
        if now and (start <= now[1] or start - now[1] <= DAY):
            now = now[0], max(now[1], end)
        else:
            if now:
                yield now[0], None if now[1] == NEVER else now[1]
            now = start, end
    if now:
        yield now[0], None if now[1] == NEVER else now[1]


def until(row: Row) -> dt.date:
    return row["ends_on"] or NEVER


def anchor_of(group: Sequence[Row]) -> Row:
    return group[0]


def basis_id(anchor: Row) -> str:
    return md5(f"{anchor['category_stated']}|{anchor['record_id']}")


COLUMNS = (
    "basis_id", "person_id", "category", "dataset", "source", "source_key", "records", "reclassified_from", "org_id",
    "org_name", "role", "stated_status", "registered_on", "met_on", "inbound_on", "left_org_on", "starts_on", "ends_on",
    "replaced_on", "erased_on", "set_on", "cookie_name", "fiscal_year", "former_role_since", "opted_out_on",
    "fault_code", "fault_field", "fault_value", "moved_dataset", "moved_build", "moved_field", "moved_to", "told",
)  # fmt: skip


def together(group: Sequence[Row]) -> Row:
    """The entry that records are: what is surely over, by what was first and last."""
    anchor = anchor_of(group)
    days = {name: [row[name] for row in group] for name in DATES if name != "designated_on"}
    days["former_role_since"] = [row["former_role_since"] for row in group]
    kept = {"erased_on", "set_on", "cookie_name", "fiscal_year"} if len(group) == 1 else set()
    placed = first(sorted(group, key=lambda row: (row["org_id"] is None, row["org_name"] is None)))
    stated = {row["stated_status"] for row in group}
    fault = first(row["fault"] for row in group if row["fault"]) or (None, None, None)
    moved = sorted((row["moved"] for row in group if row["moved"]), key=lambda one: -one[1])
    told = None
    if moved:
        says = [row["moved"][4] if row["moved"] else row for row in group]
        told = {name: _of_several(name)([one[name] for one in says]) for name in CLOCKS}
    return {
        **dict.fromkeys(COLUMNS),
        **{name: anchor[name] for name in ("person_id", "category", "dataset", "source", "source_key", *kept)},
        "basis_id": basis_id(anchor),
        "records": len(group),
        "reclassified_from": first(row["reclassified_from"] for row in group if row["reclassified_from"]),
        "org_id": placed["org_id"],
        "org_name": placed["org_name"],
        "role": first(row["role"] for row in group if row["role"]),
        "stated_status": "open" if "open" in stated else "ended" if "ended" in stated else None,
        **{name: earliest(days[name]) for name in ("registered_on", "left_org_on", "starts_on", "opted_out_on")},
        **{name: latest(days[name]) for name in CONTACTS},
        **{name: ended(days[name]) for name in ("ends_on", "replaced_on", "former_role_since")},
        "fault_code": fault[0],
        "fault_field": fault[1],
        "fault_value": fault[2],
        "moved_dataset": moved[0][0] if moved else None,
        "moved_build": moved[0][1] if moved else None,
        "moved_field": moved[0][2] if moved else None,
        "moved_to": moved[0][3] if moved else None,
        "told": told,
    }


def _of_several(name: str) -> Callable[[Sequence[dt.date | None]], dt.date | None]:
    return latest if name in CONTACTS else ended if name in ("ends_on", "replaced_on") else earliest


def earliest(days: Sequence[dt.date | None]) -> dt.date | None:
    return min((day for day in days if day), default=None)


def latest(days: Sequence[dt.date | None]) -> dt.date | None:
    return max((day for day in days if day), default=None)


def ended(days: Sequence[dt.date | None]) -> dt.date | None:
    """An end counts where all have one."""
    return None if None in days else latest(days)


def differences(made: Mapping[str, list[Row]], slowly: Mapping[str, list[Row]]) -> dict[str, Any]:
    """Rows that one of the two has and the other has not, by their table."""
    found = {}
    for name, rows in slowly.items():
        one, other = ([repr(sorted(row.items())) for row in several] for several in (made[name], rows))
        if sorted(one) != sorted(other):
            found[name] = sorted(set(one) - set(other))[:5], sorted(set(other) - set(one))[:5], len(one), len(other)
    return found
