"""What is held by ids of one build is found in the next: counted once more, record by record, over two small builds."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from compliance.builds import Build
from compliance.identity.normalise import name_key
from compliance.reading.copy import Copy
from compliance.reading.tracer import Tracer
from compliance.words import keys
from compliance.words import settings as settings_of
from tests.world import World

MOBILE, SWITCHBOARD = "+4670174", "+468465"
SCOPES = {"person": "person_id", "basis": "basis_id", "organisation": "org_id"}
PEOPLE = ("person", "basis")
Ids = tuple[str, str]


def put(world: World, key: str, name: str | None, mail: str | None, phone: str | None = None, **told: Any) -> None:
    """A prospect, unless another category is told, with further identifiers as `more`."""
    category, more = told.pop("category", "PROSPECT"), told.pop("more", ())
    told = {"registered_on": "2010-01-01", "dataset": None} | told
    world.person(
        category, key, name=name, email=f"{mail}@bolaget.example" if mail else None, phone_key=phone,
        name_key=name_key(name) if name else None, **told,
    )  # fmt: skip
    dataset = told["dataset"] or f"crm_{category.lower()}"
    for kind, value in more:
        world._add("further_identifier", record_id=f"{dataset}:{key}", dataset=dataset, kind=kind, key=value)


def org(world: World, key: str, name: str, successor: str | None = None, source: str = "crm") -> str:
    heir = f"{source}:{successor}" if successor else None
    world._add(
        "organisation", dataset=f"{source}_organisations", source=source, org_id=f"{source}:{key}", org_name=name,
        successor_id=heir,
    )  # fmt: skip
    return f"{source}:{key}"


def before_in(folder: Path) -> Copy:
    world = World(folder)
    # As they stay; a record that goes, its person too; one that is erased.
    put(world, "stay", "Sten Stig", "stay", f"{MOBILE}01")
    put(world, "gone", "Gun Gren", "gone", f"{MOBILE}02", more=[("email", "gun@privat.example")])
    put(world, "erased", None, None, erased_on="2020-01-01")
    put(world, "erased_gone", None, None, erased_on="2020-01-01")
    put(world, "erased_later", "Erik Ek", "later", f"{MOBILE}19")
    # Another key, another address, both; with a number without a name and an address without one.
    put(world, "key1", "Anna Berg", "anna", f"{MOBILE}03")
    put(world, "mail", "Bo Dahl", "bo", f"{MOBILE}04")
    put(world, "both1", "Cilla Ek", "cilla", f"{MOBILE}05", more=[("phone", f"{MOBILE}99")])
    put(world, "nameless1", None, "nameless", f"{MOBILE}06")
    put(world, "numbered1", None, None, f"{MOBILE}07")
    put(world, "renamed1", "Dora Falk", "dora", f"{MOBILE}08")
    # A person with entries of two kinds, which go apart, and one of several records of a kind.
    put(world, "two", "Eva Gren", "eva", f"{MOBILE}09")
    put(world, "two_staff", "Eva Gren", "eva", f"{MOBILE}09", category="PARTNER_REP")
    put(world, "two_hr", "Eva Gren", "eva", f"{MOBILE}09", category="EMPLOYEE")
    for key in ("many1", "many2"):
        put(world, key, "Filip Holm", "filip", f"{MOBILE}10")
    # Keys that are somebody else's later, by name and address, or by one of them alone.
    put(world, "given", "Gerda Ivar", "gerda", f"{MOBILE}11")
    put(world, "given_role", "Hans Jonsson", None, "+46846501", more=[("email", "info@hans.example")])
    put(world, "given_line", "Ida Krok", "info", "+46846502")
    put(world, "given_mail", "Jan Lind", "jan", f"{MOBILE}12")
    put(world, "given_phone", "Karin Moe", "karin", f"{MOBILE}13")
    put(world, "given_more", "Lars Nord", "lars", more=[("email", "lars@privat.example")])
    put(world, "given_moved", "Nils Quist", "nils", more=[("email", "nils@privat.example")])
    put(world, "given_part", "Maja Olsson", "maja")
    put(world, "given_whole", "Maja Maria Olsson", "maja_maria")
    put(world, "given_nobody", "Nora Palm", "nora")
    # Addresses under another key later: with more of a name, or less, of somebody else, and of nobody beside them.
    put(world, "longer1", "Olga Rask", "longer1")
    put(world, "shorter1", "Olof Erik Sund", "shorter1")
    put(world, "succeeded1", "Pia Torp", "succeeded1")
    put(world, "shared1", "Rolf Udd", "shared1")
    # People of organisations: of one that goes, one that is taken over, one that stays.
    for key, successor in (("K1", None), ("K2", None), ("K3", None), ("K4", None), ("K5", None), ("K9", None)):
        org(world, key, f" Bolaget {key} AB ", successor)
    org(world, "K6", "Kontoret", source="mail")
    org(world, "K7", "Verket")
    for key, name, number in (("o1", "Ola Prim", 20), ("o2", "Per Qvist", 21), ("o3", None, 22), ("o4", "Rut Ros", 23)):
        put(world, key, name, f"mail{key}", f"{MOBILE}{number}", org_id="crm:K1", category="PARTNER_REP")
    put(world, "o5", "Siv Ström", None, f"{MOBILE}24", org_id="crm:K1", category="PARTNER_REP")
    put(world, "o11", "Ove Alm", "ove", org_id="crm:K1", category="PARTNER_REP")
    put(world, "o10", "Zara Alm", "zara", f"{MOBILE}26", org_id="crm:K1", category="PARTNER_REP")
    put(world, "o6", "Tor Udd", "tor", org_id="crm:K3", category="PARTNER_REP")
    put(world, "o7", "Ulf Vik", "ulf", org_id="crm:K4", category="PARTNER_REP")
    put(world, "o8", "Vera Wik", "vera", org_id="crm:K9", category="PARTNER_REP", erased_on="2020-01-01")
    put(world, "o9", "Ylva Zon", "ylva", f"{MOBILE}25", org_id="crm:K5", category="PARTNER_REP")
    sides_in(world, [(1, "one", "stay"), (1, "other", "gone"), (2, "one", "gone"), (2, "one", "stay"),
                     (12, "one", "erased")])  # fmt: skip
    return world.made()[0]


def now_in(folder: Path) -> Copy:
    world = World(folder)
    put(world, "stay", "Sten Stig", "stay", f"{MOBILE}01")
    put(world, "erased", None, None, erased_on="2020-01-01")
    put(world, "erased_later", None, None, erased_on="2026-01-01")
    put(world, "key2", "Anna Berg", "anna", f"{MOBILE}03")
    # By the same address in another capacity there is no entry of the kind.
    put(world, "key3", "Anna Berg", "anna", category="PARTNER_REP")
    put(world, "mail", "Bo Dahl", "bo_new", f"{MOBILE}04", more=[("email", "bo@privat.example")])
    put(world, "both2", "Cilla Ek", "cilla_new", f"{MOBILE}98", more=[("phone", f"{MOBILE}05")])
    put(world, "both3", None, "cilla_other", more=[("phone", f"{MOBILE}05"), ("email", "cilla@annat.example")])
    put(world, "nameless2", None, None, f"{MOBILE}06", more=[("email", "nameless@bolaget.example")])
    put(world, "numbered2", None, None, f"{MOBILE}07")
    put(world, "renamed2", "Dora Grip", "dora", f"{MOBILE}08")
    put(world, "two", "Eva Gren", "eva_new")
    put(world, "two_staff", "Eva Gren", "eva_staff", f"{MOBILE}09", category="PARTNER_REP")
    put(world, "many0", "Filip Holm", "filip", f"{MOBILE}10")
    put(world, "many1", "Filip Holm", "filip", f"{MOBILE}10")
    put(world, "many2", "Filip Holm", "filip", f"{MOBILE}10")
    # Whoever has the key by now has an address that somebody else had.
    put(world, "given", "Stig Ny", "gone")
    put(world, "given_role", "Stig Ny", None, "+46846501")
    put(world, "given_line", "Stig Ny", "info", "+46846502")
    put(world, "given_mail", "Stig Ny", "jan")
    put(world, "given_phone", "Stig Ny", "stig", f"{MOBILE}13")
    put(world, "given_more", "Stig Ny", "lars_new", more=[("email", "lars@privat.example")])
    put(world, "given_moved", "Stig Ny", "stig", more=[("email", "nils@bolaget.example")])
    put(world, "given_part", "Maja Maria Olsson", "maria")
    put(world, "given_whole", "Maja Olsson", "olsson")
    put(world, "given_nobody", None, "nobody")
    put(world, "longer2", "Olga Maria Rask", "longer1")
    put(world, "shorter2", "Olof Sund", "shorter1")
    put(world, "succeeded2", "Stig Ny", "succeeded1")
    put(world, "shared2", "Stig Ny", "shared1")
    put(world, "shared3", None, "shared1")
    put(world, "new", "Olle Ny", "olle", more=[("phone", f"{MOBILE}30")])
    for key, name, successor in (
        ("K2", "bolaget K2 ab", "K3"), ("K3", "Bolaget K3 AB", None), ("K4", "Bolaget K4 AB", "K4"),
        ("K8", "bolaget k1, Aktiebolag", None), ("K9", "Annat", None), ("K10", "KONTORET", None),
        ("K11", "verket ", None), ("K12", "AB  Bolaget K9", None), ("K22", "Bolaget K1 HB", None),
    ):  # fmt: skip
        org(world, key, name, successor)
    put(world, "o1", "Ola Prim", "mailo1", org_id="crm:K12", category="PARTNER_REP")
    put(world, "o11", "Ove Alm", "ove", org_id="crm:K12", category="PARTNER_REP")
    # Under another key, by address with the name or without one there; by number with the name alone.
    put(world, "p2", "Per Qvist", "mailo2", org_id="crm:K13", category="PARTNER_REP")
    put(world, "p2_other", "Per Annan", "mailo2", org_id="crm:K14", category="PARTNER_REP")
    put(world, "p3", "Någon Ny", "mailo3", org_id="crm:K15", category="PARTNER_REP")
    put(world, "p4", "Rut Ros", "annan", f"{MOBILE}23", org_id="crm:K16", category="PARTNER_REP")
    put(world, "p4_other", "Rut Annan", "annan2", f"{MOBILE}23", org_id="crm:K17", category="PARTNER_REP")
    put(world, "p5", "Siv Ström", "siv", f"{MOBILE}24", org_id="crm:K21", category="PARTNER_REP")
    put(world, "p10", "Zara Alm", "alm", f"{MOBILE}27", org_id="crm:K20", category="PARTNER_REP")
    put(world, "p6", "Ola Prim", "mailo1", f"{MOBILE}20", org_id="crm:K18", category="PARTNER_REP")
    put(world, "p7", "Per Qvist", "annan3", f"{MOBILE}21", category="PARTNER_REP")
    put(world, "o6", "Tor Udd", "tor", org_id="crm:K19", category="PARTNER_REP")
    put(world, "k3", "Ulla Alm", "ulla", org_id="crm:K3", category="PARTNER_REP")
    put(world, "o7", "Ulf Vik", "ulf", org_id="crm:K4", category="PARTNER_REP")
    put(world, "o8", "Vera Wik", "vera", org_id="crm:K9", category="PARTNER_REP", erased_on="2020-01-01")
    put(world, "o9", "Ylva Zon", "ylva", f"{MOBILE}25", category="PARTNER_REP")
    sides_in(
        world,
        [(1, "one", "stay"), (1, "other", "new"), (2, "one", "key2"), (2, "other", "crm_partner_rep:key3"),
         (3, "one", "many0"), (3, "other", "many1"), (3, "one", "many1")],
    )  # fmt: skip
    for reference, who, is_sure, speaks_for, against in (
        ("R1", "a", True, ["email", "name"], []), ("R1", "b", False, ["email"], ["other_name"]),
        ("R2", "a", True, ["email"], []), ("R2", "b", True, ["phone", "name"], []),
        ("R3", "a", False, ["email"], ["shared_email", "other_name"]), ("R3", "b", False, ["phone"], []),
        ("R4", "a", True, ["email", "name"], ["shared_email"]),
    ):  # fmt: skip
        for source in ("form", "post") if reference == "R4" else ("form",):
            world._add(
                "request_person", source=source, reference=reference, person_id=who, is_sure=is_sure,
                speaks_for=speaks_for, speaks_against=against,
            )  # fmt: skip
    world._add(
        "request_person", source="post", reference="R1", person_id="c", is_sure=True, speaks_for=["email"],
        speaks_against=[],
    )  # fmt: skip
    return world.made()[0]


def sides_in(world: World, told: Iterable[tuple[int, str, str]]) -> None:
    for number, side, key in told:
        record_id = key if ":" in key else f"crm_prospect:{key}"
        world._add("decided_record", decision_id=number, answer="same", record_id=record_id, side=side)


@dataclass(frozen=True)
class Told:
    """A build as rows, and what can be said of it by going through them."""

    records: Mapping[str, Mapping[str, Any]]
    bases: Sequence[Mapping[str, Any]]
    further: Sequence[Mapping[str, Any]]
    organisations: Sequence[Mapping[str, Any]]
    sides: Sequence[Mapping[str, Any]]
    requests: Sequence[Mapping[str, Any]]
    behind: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]

    def ids(self) -> set[Ids]:
        return {(scope, row[column]) for row in self.bases for scope, column in SCOPES.items() if row[column]}

    def of(self, scope: str, key: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """The entries and records behind an id of a person or an entry."""
        return (pair for pair in self.behind if pair[0][SCOPES[scope]] == key)

    def identifiers(self, record: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Every address, and every number of whom there is a name."""
        found = [("email", record["email_key"]), ("phone", record["phone_key"])]
        found += [(row["kind"], row["key"]) for row in self.further if row["record_id"] == record["record_id"]]
        return [(kind, key) for kind, key in found if key and (kind == "email" or record["name_key"])]

    def identities(self, record: Mapping[str, Any], category: str) -> list[str]:
        name = record["name_key"] or ""
        return [f"held|{category}|{kind}|{key}|{name}" for kind, key in self.identifiers(record)]

    def known_by(self, record: Mapping[str, Any]) -> list[tuple[str, bool]]:
        name = record["name_key"] or ""
        texts = [(f"held|{record['record_id']}", False), (f"held|name|{record['record_id']}|{name}", True)]
        return texts + [(text, True) for text in self.identities(record, "")]


def told_of(tracer: Tracer, base: str) -> Told:
    def rows(name: str) -> list[dict[str, Any]]:
        found = tracer.con.execute(f"from {base}.{name}")
        columns = [str(column[0]) for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    records = {row["record_id"]: row for row in rows("record")}
    bases = {row["basis_id"]: row for row in rows("basis")}
    behind = [(bases[row["basis_id"]], records[row["record_id"]]) for row in rows("basis_record")]
    return Told(
        records, list(bases.values()), rows("further_identifier"), rows("organisation"), rows("decided_record"),
        rows("request_person"), behind,
    )  # fmt: skip


class Traced:
    """Two builds, of which the second is what became of the first."""

    def __init__(self, folder: Path) -> None:
        for name in ("old", "new"):
            (folder / name).mkdir()
        self.settings = settings_of.load({"COMPLIANCE_STORE": str(folder / "store")})
        self.key = keys.pseudonyms(self.settings)
        self.old, self.new = (
            Build(number, copy._path, None)
            for number, copy in enumerate((before_in(folder / "old"), now_in(folder / "new")))
        )
        with self.tracer() as tracer:
            self.was, self.now = told_of(tracer, "old"), told_of(tracer, "build")
        ids = self.was.ids() | self.now.ids()
        # Ids are asked for in every scope, also in those that they are none of.
        self.all = sorted({(scope, key) for scope in SCOPES for _, key in ids})
        self.people = [one for one in self.all if one[0] in PEOPLE]
        held = {(scope, key) for scope, key in self.was.ids() if scope in PEOPLE}
        self.by_record = {
            (scope, key, self.key.digest(f"held|{record['record_id']}"))
            for scope, key in held
            for _, record in self.was.of(scope, key)
        }
        self.by_identity = {
            (scope, key, self.key.digest(text))
            for scope, key in held
            for basis, record in self.was.of(scope, key)
            for text in self.was.identities(record, basis["category"] if scope == "basis" else "")
        }

    def tracer(self) -> Tracer:
        return Tracer(self.settings, self.new, self.old)

    def wrong(self) -> dict[str, Any]:
        """What is told otherwise than going through the rows tells it, or not tried at all, by its name."""
        told: dict[str, tuple[Any, Any]] = {}
        with self.tracer() as tracer:
            told["before"] = (sorted(tracer.before(self.all)), self._before())
            told["moved"] = (tracer.moved(self.people), self._moved())
            told["given_on"] = (sorted(tracer.given_on(self.people)), self._given_on())
            told["organisations"] = (tracer.moved_organisations(sorted(self._orgs())), self._moved_organisations())
            stored, about = tracer.covered(self.people)
            told["covered"] = (sorted(stored), self._covered())
            told["identities"] = (sorted(about), self._identities())
            told["stored"] = (tracer.stored(self.by_record), self._stored())
            told["stored_keys"] = (sorted(tracer.stored_keys(self.all)), self._stored_keys())
            told["found"] = (tracer.found(self.by_record), self._found(self.by_record, self._record_texts))
            told["found_identities"] = (
                sorted(tracer.found_identities(self.by_identity)), self._found(self.by_identity, self.now.identities)
            )  # fmt: skip
            for scope in PEOPLE:
                found = tracer.found_identities({one for one in self.by_identity if one[0] == scope})
                told[f"found_identities in order, {scope}"] = (found, sorted(found))
            known = {(number, self.key.digest(text)) for number, text in self._choices()}
            some = sorted({row["person_id"] for row in self.now.bases})[::2]
            told["choices"] = (sorted(tracer.choices(known)), self._chosen(known, None))
            told["choices of some"] = (sorted(tracer.choices(known, some)), self._chosen(known, some))
            told["known_by"] = (tracer.known_by(some), self._known_by(some))
            told["senders"] = (sorted(tracer.senders()), self._senders())
            told["decided"] = (tracer.decided(), self._decided())
            told["decided_before"] = (
                tracer.decided_before(),
                {(one["decision_id"], one["side"]) for one in self.was.sides},
            )
            told["purged"] = (tracer.purged(), self._purged())
            told["places"] = (tracer.places_before(self._sides()), self._places())
            entries = self._basis_keys()
            told["stored_bases"] = (tracer.stored_bases(entries), self._stored_bases(entries))
        return {name: both for name, both in told.items() if both[0] != both[1] or not both[1]}

    def _orgs(self) -> set[str]:
        return {row["org_id"] for row in (*self.was.organisations, *self.now.organisations)}

    def _before(self) -> list[tuple[str, str, str, str]]:
        return sorted({
            (scope, key, row["source"], row["category"])
            for scope, key in self.all
            for row in self.was.bases
            if row[SCOPES[scope]] == key and row["erased_on"] is None
        })  # fmt: skip

    def _stored_keys(self) -> list[Ids]:
        there = {(s, row[c]) for row in self.now.bases for s, c in SCOPES.items() if row["erased_on"] is None}
        return sorted(there.intersection(self.all))

    def _covered(self) -> list[tuple[str, str, str]]:
        return sorted(
            (scope, key, self.key.digest(f"held|{record['record_id']}"))
            for scope, key in self.people
            for _, record in self.now.of(scope, key)
        )

    def _identities(self) -> list[tuple[str, str, str]]:
        return sorted({
            (scope, key, self.key.digest(text))
            for scope, key in self.people
            for basis, record in self.now.of(scope, key)
            for text in self.now.identities(record, basis["category"] if scope == "basis" else "")
        })  # fmt: skip

    def _stored(self) -> set[str]:
        there = {self.key.digest(f"held|{record_id}") for record_id in self.now.records}
        return there & {digest for _, _, digest in self.by_record}

    def _moved(self) -> list[tuple[str, str, str]]:
        return sorted({
            (scope, key, basis[SCOPES[scope]])
            for scope, key in self.people
            for _, was in self.was.of(scope, key)
            for basis, record in self.now.behind
            if record["record_id"] == was["record_id"] and basis[SCOPES[scope]] != key
        })  # fmt: skip

    @staticmethod
    def _record_texts(record: Mapping[str, Any], _: str) -> list[str]:
        return [f"held|{record['record_id']}"]

    def _found(
        self, known: set[tuple[str, str, str]], texts: Callable[[Mapping[str, Any], str], list[str]]
    ) -> list[tuple[str, str, str]]:
        by_digest = {
            (scope, self.key.digest(text), basis[SCOPES[scope]])
            for basis, record in self.now.behind
            for scope in PEOPLE
            for text in texts(record, basis["category"] if scope == "basis" else "")
        }
        return sorted({
            (scope, key, new)
            for scope, key, digest in known
            for its_scope, its_digest, new in by_digest
            if (scope, digest) == (its_scope, its_digest) and new != key
        })  # fmt: skip

    def _given_on(self) -> list[Ids]:
        given = set()
        for record_id, was in self.was.records.items():
            now = self.now.records.get(record_id)
            if not now or not was["name_key"] or not now["name_key"]:
                continue
            one, other = set(was["name_key"].split()), set(now["name_key"].split())
            had = {row["key"] for row in self.was.further if row["record_id"] == record_id}
            if was["email_key"] and not was["email_key"].startswith("info@"):
                had.add(was["email_key"])
            if was["phone_key"] and was["phone_key"].startswith(MOBILE[:5]):
                had.add(was["phone_key"])
            if not one <= other and not other <= one and not had & {key for _, key in self.now.identifiers(now)}:
                given.add(record_id)
        found = {
            (scope, key)
            for scope, key in self.people
            for _, was in self.was.of(scope, key)
            if was["record_id"] in given
        }
        for scope, key in self.people:
            pairs = [(was, now) for _, was in self.was.of(scope, key) for _, now in self.now.of(scope, key)]
            if scope == "person" and pairs and all(self._is_other(was, now) for was, now in pairs):
                found.add((scope, key))
        return sorted(found)

    @staticmethod
    def _is_other(was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
        """Whether two records are of two persons, by key and name."""
        if was["record_id"] == now["record_id"] or not was["name_key"] or not now["name_key"]:
            return False
        one, other = set(was["name_key"].split()), set(now["name_key"].split())
        return not one <= other and not other <= one

    def _moved_organisations(self) -> list[tuple[str, str, str]]:
        found = {(row["org_id"], row["successor_id"]) for row in self.now.organisations}
        with_people = {row["org_id"] for row in self.now.bases}
        empty = self._orgs() - with_people
        for was, now in itertools.product(self.was.records.values(), self.now.records.values()):
            same_name = was["name_key"] == now["name_key"]
            is_gone = was["record_id"] not in self.now.records
            by_mail = was["email_key"] and was["email_key"] == now["email_key"] and (same_name or not was["name_key"])
            by_phone = was["phone_key"] and was["phone_key"] == now["phone_key"] and same_name and was["name_key"]
            is_same = was["record_id"] == now["record_id"] or (is_gone and (by_mail or by_phone))
            if was["org_id"] in empty and is_same:
                found.add((was["org_id"], now["org_id"]))
        for was, now in itertools.product(self.was.organisations, self.now.organisations):
            words = [row["org_name"].lower().replace(",", "").split() for row in (was, now)]
            # The legal form in short, whether it stands first or last.
            names = {tuple(sorted({"aktiebolag": "ab"}.get(word, word) for word in told)) for told in words}
            if was["org_id"] in empty and len(names) == 1 and was["source"] == now["source"]:
                found.add((was["org_id"], now["org_id"]))
        return sorted(("organisation", one, new) for one, new in found if new and new != one)

    def _choices(self) -> list[tuple[int, str]]:
        """What each record was known by, as a choice of its own, by all of that and by the key alone."""
        told = []
        for number, record in enumerate(self.was.records.values()):
            told += [(number, text) for text, _ in self.was.known_by(record)]
            told.append((1000 + number, f"held|{record['record_id']}"))
        return told

    def _chosen(self, known: set[tuple[int, str]], persons: list[str] | None) -> list[tuple[int, str, bool, str]]:
        by_choice: dict[int, set[str]] = {}
        for number, digest in known:
            by_choice.setdefault(number, set()).add(digest)
        found = []
        for number, digests in by_choice.items():
            for basis, record in self.now.behind:
                texts = [(self.key.digest(text), is_identity) for text, is_identity in self.now.known_by(record)]
                met = [is_identity for digest, is_identity in texts if digest in digests]
                if met and (persons is None or basis["person_id"] in persons):
                    found += [
                        (number, basis["person_id"], any(met), digest)
                        for digest, is_identity in texts
                        if any(met) or not is_identity
                    ]
        return sorted(found)

    def _known_by(self, persons: list[str]) -> dict[str, set[str]]:
        return {
            person: {self.key.digest(text) for _, record in self.now.of("person", person) for text, _ in
                     self.now.known_by(record)}
            for person in persons
        }  # fmt: skip

    def _senders(self) -> list[tuple[str, str, str, str, bool]]:
        found = []
        for row in self.now.requests:
            of = [
                one
                for one in self.now.requests
                if (one["source"], one["reference"]) == (row["source"], row["reference"])
            ]
            by_own = "email" in row["speaks_for"] and "shared_email" not in row["speaks_against"]
            if row["is_sure"] or by_own:
                is_sole = row["is_sure"] and sum(one["is_sure"] for one in of) == 1
                found.append((row["source"], row["reference"], row["person_id"], ",".join(row["speaks_for"]), is_sole))
        return sorted(found)

    def _decided(self) -> dict[tuple[int, str], set[str]]:
        texts: dict[int, dict[str, set[str]]] = {}
        for row in self.now.sides:
            for text, _ in self.now.known_by(self.now.records[row["record_id"]]):
                texts.setdefault(row["decision_id"], {}).setdefault(text, set()).add(row["side"])
        found: dict[tuple[int, str], set[str]] = {}
        for number, sides in texts.items():
            for text, of in sides.items():
                if len(of) == 1:
                    found.setdefault((number, min(of)), set()).add(self.key.digest(text))
        return found

    def _purged(self) -> set[str]:
        gone = set()
        for person in {row["person_id"] for row in self.was.bases}:
            there = [record["record_id"] for basis, record in self.was.of("person", person) if not basis["erased_on"]]
            if there and not any(record_id in self.now.records for record_id in there):
                gone.add(self.key.digest(f"person|{person}"))
        return gone

    def _sides(self) -> list[tuple[int, str, str]]:
        """Sides of which records are known, of which a person is, of which both are, and of which nothing is."""
        persons = {basis["source_key"]: basis["person_id"] for basis, _ in self.was.behind}
        digest = {key: self.key.digest(f"person|{persons[key]}") for key in ("two", "o1", "erased")}
        return [
            (1, "one", ""), (1, "other", digest["two"]), (2, "one", ""), (2, "other", ""), (7, "one", digest["two"]),
            (8, "other", digest["o1"]), (9, "one", digest["erased"]), (10, "one", "nobody"), (11, "one", ""),
            (12, "one", ""),
        ]  # fmt: skip

    def _places(self) -> dict[tuple[int, str], list[tuple[str, str]]]:
        found: dict[tuple[int, str], set[tuple[str, str]]] = {}
        for number, side, digest in self._sides():
            known = {row["record_id"] for row in self.was.sides if (row["decision_id"], row["side"]) == (number, side)}
            for basis, record in self.was.behind:
                is_person = self.key.digest(f"person|{basis['person_id']}") == digest
                if not basis["erased_on"] and (is_person or record["record_id"] in known):
                    found.setdefault((number, side), set()).add((basis["source"], basis["category"]))
        return {key: sorted(places) for key, places in found.items()}

    def _basis_keys(self) -> set[tuple[str, str, str]]:
        """Entries as a batch knows them; one that has another category or source by now is not among them."""
        rows = (*self.was.bases, *self.now.bases)
        return {(self.key.digest(f"basis|{row['basis_id']}"), row["category"], row["source"]) for row in rows}

    def _stored_bases(self, known: set[tuple[str, str, str]]) -> set[str]:
        there = {self.key.digest(f"basis|{row['basis_id']}") for row in self.now.bases if not row["erased_on"]}
        return there & {digest for digest, _, _ in known}


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Traced:
    return Traced(tmp_path_factory.mktemp("traced"))


def test_what_is_held_by_ids_of_one_build_is_found_in_the_next(traced: Traced) -> None:
    assert traced.wrong() == {}
