"""Whom an entry of the suppression list meets in an export, and whether it is surely who was erased."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pytest

from compliance.build.builder import workbench
from compliance.identity.normalise import one_spelling
from compliance.suppression.entries import Entries
from compliance.words import queries
from compliance.words.keys import Key

KEY, OTHER_KEY = Key("new", b"k" * 32), Key("other", b"o" * 32)
ANNA = {"name_key": "anna berg", "full_name": "Anna Berg"}
NAMELESS: dict[str, Any] = {"name_key": None, "full_name": None}
# By the record's own key, and surely; None where the entry does not meet the row.
Met = tuple[bool, bool] | None
SURE, POSSIBLE, BY_KEY = (False, True), (False, False), (True, True)


@dataclass(frozen=True)
class Case:
    """One row and one entry, which have nothing in common with those of other cases."""

    name: str
    met: Met
    row: Mapping[str, Any] = field(default_factory=dict)
    entry: Mapping[str, Any] = field(default_factory=dict)


def mail(address: str, name: str | None = "anna berg") -> dict[str, Any]:
    """What an entry says of an address that was one person's."""
    return {"email": address, "email_name": name, "is_shared_email": False}


def call(number: str, name: str = "anna berg") -> dict[str, Any]:
    return {"phone": number, "phone_name": name, "is_shared_phone": False}


def mobile(number: str, name: str = "anna berg") -> dict[str, Any]:
    """What an entry says of a number that is known without the name too."""
    return {**call(number, name), "number": number}


CASES = (
    Case("nothing in common", None, {"email_keys": ["bo@x"]}, mail("anna@x")),
    # The record's own key, whatever else there is.
    Case("the key", BY_KEY, {"source_key": "P1"}, {"record": "P1"}),
    Case("the key of another record", None, {"source_key": "P2"}, {"record": "P1"}),
    Case("the key, and an address that others had too", BY_KEY, {"source_key": "P1", "email_keys": ["info@x"]},
         {"record": "P1", **mail("info@x"), "is_shared_email": True}),
    Case("the key in another category", BY_KEY, {"source_key": "P1", "category": "EMPLOYEE"},
         {"record": "P1", "category": "PROSPECT"}),
    # An address.
    Case("address and name", SURE, {"email_keys": ["anna@x"]}, mail("anna@x")),
    Case("the second of two addresses", SURE, {"email_keys": ["new@x", "anna@x"]}, mail("anna@x")),
    Case("address, another name", POSSIBLE, {"email_keys": ["anna@x"], "name_key": "bo dahl"}, mail("anna@x")),
    Case("address, no name now", SURE, {"email_keys": ["anna@x"], **NAMELESS}, mail("anna@x")),
    Case("address, no name then", SURE, {"email_keys": ["anna@x"]}, mail("anna@x", None)),
    Case("address of several", POSSIBLE, {"email_keys": ["info@x"]}, {**mail("info@x"), "is_shared_email": True}),
    Case("address of several, no name", POSSIBLE, {"email_keys": ["info@x"], **NAMELESS},
         {**mail("info@x"), "is_shared_email": True}),
    Case("address of an entry that says nothing of others", SURE, {"email_keys": ["anna@x"], "name_key": "bo dahl"},
         {**mail("anna@x"), "is_shared_email": None}),
    # Somebody has decided about the address with the name, and about nobody else who reads it.
    Case("decided to be the same", SURE, {"email_keys": ["new@x", "info@x"]}, {**mail("info@x"), "is_decided": True}),
    Case("decided to be the same, the name in another spelling", SURE,
         {"email_keys": ["info@x"], "name_key": "jurgen mueller"},
         {**mail("info@x", "jurgen muller"), "is_decided": True}),
    Case("decided to be the same, the name as an entry of before has it", SURE,
         {"email_keys": ["info@x"], "name_key": "berg joel"}, {**mail("info@x", "berg joel"), "is_decided": True}),
    Case("decided of another name", None, {"email_keys": ["info@x"], "name_key": "bo dahl"},
         {**mail("info@x"), "is_decided": True}),
    Case("decided of somebody, no name now", None, {"email_keys": ["info@x"], **NAMELESS},
         {**mail("info@x"), "is_decided": True}),
    Case("decided to be the same, in another category", None, {"email_keys": ["info@x"]},
         {**mail("info@x"), "is_decided": True, "category": "EMPLOYEE"}),
    # A number that is known with the name alone.
    Case("number and name", SURE, {"phone_keys": ["+461"]}, call("+461")),
    Case("the second of two numbers", SURE, {"phone_keys": ["+462", "+461"]}, call("+461")),
    Case("number, another name", None, {"phone_keys": ["+461"], "name_key": "bo dahl"}, call("+461")),
    Case("number without a name", None, {"phone_keys": ["+461"], **NAMELESS}, call("+461")),
    Case("number of several", POSSIBLE, {"phone_keys": ["+461"]}, {**call("+461"), "is_shared_phone": True}),
    Case("number of an entry of before, the name as it was read then", SURE,
         {"phone_keys": ["+461"], "full_name": "Berg Anna", "name_key": "anna berg"},
         {**call("+461", "berg anna"), "is_shared_phone": None}),
    Case("number of an entry of before, the name as it is read now", None,
         {"phone_keys": ["+461"], "full_name": "Berg Anna", "name_key": "anna berg"},
         {**call("+461", "anna berg"), "is_shared_phone": None}),
    Case("number of an entry of today, the name as it was read before", None,
         {"phone_keys": ["+461"], "full_name": "Berg Anna", "name_key": "anna berg"}, call("+461", "berg anna")),
    # A number that is known by itself as well: who has it may be the erased one under another name.
    Case("own number and name", SURE, {"phone_keys": ["+461"]}, mobile("+461")),
    Case("own number, another name", POSSIBLE, {"phone_keys": ["+461"], "name_key": "bo dahl"}, mobile("+461")),
    Case("own number among others, another name", POSSIBLE, {"phone_keys": ["+462", "+461"], "name_key": "bo dahl"},
         mobile("+461")),
    Case("own number without a name", POSSIBLE, {"phone_keys": ["+461"], **NAMELESS}, mobile("+461")),
    Case("own number, a word for no name", POSSIBLE, {"phone_keys": ["+461"], "name_key": None, "full_name": "okänd"},
         mobile("+461")),
    Case("own number, the name in another spelling", SURE, {"phone_keys": ["+461"], "name_key": "jurgen mueller"},
         mobile("+461", "jurgen muller")),
    Case("own number, another name with two spellings", POSSIBLE, {"phone_keys": ["+461"], "name_key": "mueller ny"},
         mobile("+461")),
    Case("own number that a couple had, another name", POSSIBLE, {"phone_keys": ["+461"], "name_key": "bo dahl"},
         {**mobile("+461"), "is_shared_phone": True}),
    Case("another number, another name", None, {"phone_keys": ["+462"], "name_key": "bo dahl"}, mobile("+461")),
    Case("own number, another name, and the key", (True, True), {"source_key": "P1", "phone_keys": ["+461"]},
         {"record": "P1", **mobile("+461", "bo dahl")}),
    Case("own number, another name, in another category", None, {"phone_keys": ["+461"], "name_key": "bo dahl"},
         {**mobile("+461"), "category": "EMPLOYEE"}),
    Case("own number, another name, as the erased prospect's", POSSIBLE,
         {"phone_keys": ["+461"], "name_key": "bo dahl", "category": "CUSTOMER_CONTACT", "counts_as_prospect": True},
         {**mobile("+461"), "category": "PROSPECT"}),
    Case("decided to be the same by the number, without a name", SURE, {"phone_keys": ["+461"], **NAMELESS},
         call("+461", "")),
    # Names are compared in one spelling; an entry of before that has them as they were.
    Case("address, the name in another spelling", SURE, {"email_keys": ["j@x"], "name_key": "jurgen mueller"},
         mail("j@x", "jurgen muller")),
    Case("address, the name as an entry of before has it", SURE, {"email_keys": ["j@x"], "name_key": "berg joel"},
         mail("j@x", "berg joel")),
    Case("number, the name in another spelling", SURE, {"phone_keys": ["+461"], "name_key": "jurgen mueller"},
         call("+461", "jurgen muller")),
    Case("number, the name as an entry of before has it", SURE, {"phone_keys": ["+461"], "name_key": "berg joel"},
         call("+461", "berg joel")),
    Case("the key and the name", BY_KEY, {"source_key": "P1", "name_key": "a key"}, {"record": "P1", "name": "a key"}),
    Case("the key, no name now", BY_KEY, {"source_key": "P1", **NAMELESS}, {"record": "P1", "name": "b key"}),
    Case("the key of somebody else now", (True, False), {"source_key": "P1", "name_key": "c key"},
         {"record": "P1", "name": "d key"}),
    Case("the key, the name in another spelling", BY_KEY, {"source_key": "P1", "name_key": "mueller key"},
         {"record": "P1", "name": "muller key"}),
    Case("the key, the name as an entry of before has it", BY_KEY, {"source_key": "P1", "name_key": "joel key"},
         {"record": "P1", "name": "joel key"}),
    # Which of two of one name somebody is: who was called neither may be either, and entries of before did not say it.
    # The number is kept with the name alone.
    Case("address, the younger of before", SURE, {"email_keys": ["k@x"], "name_key": "berg jr karl"},
         mail("k@x", "berg karl")),
    Case("address, the younger", SURE, {"email_keys": ["k@x"], "name_key": "berg jr karl"},
         mail("k@x", "berg jr karl")),
    Case("address, the younger by the name alone", SURE, {"email_keys": ["k@x"], "name_key": "berg karl"},
         mail("k@x", "berg jr karl")),
    Case("address, the younger for the elder", POSSIBLE, {"email_keys": ["k@x"], "name_key": "berg jr karl"},
         mail("k@x", "berg karl sr")),
    Case("address, the younger as an earlier version read it", SURE,
         {"email_keys": ["k@x"], "name_key": "berg jr karl", "earlier_name": "berg d karl y"},
         mail("k@x", "berg d karl y")),
    Case("address, another record of one name", SURE, {"email_keys": ["k@x"], "name_key": "2 anna berg"},
         mail("k@x", "anna berg")),
    Case("number, the younger", SURE, {"phone_keys": ["+461"], "name_key": "berg jr karl"},
         {**call("+461", "berg karl"), "name": "berg jr karl"}),
    Case("number, the younger by the name alone", SURE, {"phone_keys": ["+461"], "name_key": "berg karl"},
         {**call("+461", "berg karl"), "name": "berg jr karl"}),
    Case("number, the younger of before", SURE, {"phone_keys": ["+461"], "name_key": "berg jr karl"},
         {**call("+461", "berg karl"), "name": "berg karl"}),
    Case("number, the younger for the elder", POSSIBLE, {"phone_keys": ["+461"], "name_key": "berg jr karl"},
         {**call("+461", "berg karl"), "name": "berg karl sr"}),
    Case("number, the younger as an earlier version read it", SURE,
         {"phone_keys": ["+461"], "name_key": "berg jr karl", "earlier_name": "berg d karl y"},
         {**call("+461", "berg d karl y"), "name": "berg d karl y"}),
    Case("number, another record of one name", SURE, {"phone_keys": ["+461"], "name_key": "2 berg dora"},
         {**call("+461", "berg dora"), "name": "berg dora"}),
    Case("own number, the younger for the elder", POSSIBLE, {"phone_keys": ["+461"], "name_key": "berg jr karl"},
         {**mobile("+461", "berg karl"), "name": "berg karl sr"}),
    Case("decided to be the same, the younger of before", SURE, {"email_keys": ["info@x"], "name_key": "berg jr karl"},
         {**mail("info@x", "berg karl"), "is_decided": True}),
    Case("the key, the younger of before", BY_KEY, {"source_key": "P1", "name_key": "jr key karl"},
         {"record": "P1", "name": "key karl"}),
    Case("the key, the younger for the elder", (True, False), {"source_key": "P1", "name_key": "jr key olle"},
         {"record": "P1", "name": "key olle sr"}),
    # The key of a record that was kept out as theirs, where nothing of them was left and their name is known.
    Case("a key that was kept out", BY_KEY, {"source_key": "P2", "name_key": "kept anna"},
         {"record": "P1", "kept": "P2", "name": "kept anna"}),
    Case("a key that was kept out, no name now", BY_KEY, {"source_key": "P2", **NAMELESS},
         {"record": "P1", "kept": "P2", "name": "kept bo"}),
    Case("a key that was kept out, somebody else's now", (True, False), {"source_key": "P2", "name_key": "kept eva"},
         {"record": "P1", "kept": "P2", "name": "kept gun"}),
    Case("the key itself beside one that was kept out", BY_KEY, {"source_key": "P1", "name_key": "kept ulf"},
         {"record": "P1", "kept": "P2", "name": "kept ulf"}),
    Case("the key of another than was kept out", None, {"source_key": "P3"},
         {"record": "P1", "kept": "P2", "name": "kept siv"}),
    Case("a key that was kept out as somebody's without a name", None, {"source_key": "P2"},
         {"record": "P1", "kept": "P2"}),
    Case("a key that was kept out, of one category", None,
         {"source_key": "P2", "name_key": "kept ida", "email_keys": ["ida@x"]},
         {"record": "P1", "kept": "P2", "name": "kept ida", "category": "PROSPECT"}),
    Case("the name alone, the younger by the name", POSSIBLE, {"name_key": "alone karl"}, {"name": "alone jr karl"}),
    # Nothing but the name.
    Case("the name alone", POSSIBLE, {"name_key": "alone anna"}, {"name": "alone anna"}),
    Case("the name alone, nothing readable in the cells", POSSIBLE,
         {"name_key": "alone bo", "email_keys": [], "phone_keys": []}, {"name": "alone bo"}),
    Case("the name alone, in another spelling", POSSIBLE, {"name_key": "alone mueller"}, {"name": "alone muller"}),
    Case("the name alone, as an entry of before has it", POSSIBLE, {"name_key": "alone joel"}, {"name": "alone joel"}),
    Case("the name, and an address of another", None, {"name_key": "alone eva", "email_keys": ["eva@x"]},
         {"name": "alone eva"}),
    Case("the name, and a number of another", None, {"name_key": "alone gun", "phone_keys": ["+46"]},
         {"name": "alone gun"}),
    Case("the name alone, of another source", None, {"name_key": "alone siv"}, {"name": "alone siv", "dataset": "hr"}),
    Case("the name alone, in another category", None, {"name_key": "alone ulf"},
         {"name": "alone ulf", "category": "EMPLOYEE"}),
    # Several ways at once: one that is sure is enough.
    Case("shared address and own number", SURE, {"email_keys": ["info@x"], "phone_keys": ["+461"]},
         {**mail("info@x"), "is_shared_email": True, **call("+461")}),
    Case("address and number of several", POSSIBLE, {"email_keys": ["info@x"], "phone_keys": ["+461"]},
         {**mail("info@x"), "is_shared_email": True, **call("+461"), "is_shared_phone": True}),
    *(
        Case(f"{how} with {row}, erased as {erased}", met, {**there, **row}, {**entry, "category": erased})
        for how, there, entry in (("address", {"email_keys": ["anna@x"]}, mail("anna@x")),
                                  ("number", {"phone_keys": ["+461"]}, call("+461")))
        for row, erased, met in (
            ({}, "PROSPECT", SURE),
            ({}, "EMPLOYEE", None),
            ({"category": "EMPLOYEE"}, "EMPLOYEE", SURE),
            ({"category": "EMPLOYEE"}, "PROSPECT", None),
            ({"category": "CUSTOMER_CONTACT"}, "PROSPECT", None),
            ({"category": "CUSTOMER_CONTACT", "counts_as_prospect": True}, "PROSPECT", SURE),
            ({"category": "CUSTOMER_CONTACT", "counts_as_prospect": True}, "EMPLOYEE", None),
            ({"category": "EMPLOYEE"}, None, SURE),
        )
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = workbench(tmp_path_factory.mktemp("hits"))
    yield opened
    opened.close()


def own(number: int, value: Any) -> Any:
    """An identifier of one case, which no other case has."""
    if isinstance(value, list):
        return [own(number, one) for one in value]
    return None if value is None else f"{number}.{value}"


def row_of(number: int, case: Case) -> tuple[Any, ...]:
    row: dict[str, Any] = {"category": "PROSPECT", "counts_as_prospect": False, **ANNA, **case.row}
    keys = [own(number, row.get(name)) for name in ("source_key", "email_keys", "phone_keys")]
    return (
        number,
        keys[0],
        row["category"],
        row["counts_as_prospect"],
        *keys[1:],
        row["name_key"],
        row["full_name"],
        row.get("earlier_name"),
    )


def entry_of(number: int, case: Case, key: Key) -> dict[str, Any]:
    told = case.entry
    address, line = own(number, told.get("email")), own(number, told.get("phone"))
    return {
        "suppression_id": number,
        "batch_id": number,
        "key_id": key.key_id,
        "record_digest": key.digest(f"record|crm:{own(number, told.get('record', 'nobody'))}"),
        "name_digest": key.digest(f"name|{told['name']}") if told.get("name") else None,
        "email_digest": key.digest(f"email|{address}") if address and not told.get("is_decided") else None,
        "email_name_digest": key.digest(f"email|{address}|{told['email_name']}") if told.get("email_name") else None,
        "phone_digest": key.digest(f"phone|{line}|{told['phone_name']}") if line else None,
        "number_digest": key.digest(f"number|{line}") if told.get("number") else None,
        **{name: told.get(name) for name in ("is_shared_email", "is_shared_phone", "category")},
        "source": "crm",
        "dataset": told.get("dataset", "crm"),
        "erased_on": dt.date(2026, 1, 1),
        "expires_on": dt.date(2036, 1, 1),
    }


def met_in(con: duckdb.DuckDBPyConnection, cases: Sequence[Case], key: Key = KEY) -> dict[tuple[int, int], Met]:
    """Which rows meet which entries; asked with KEY alone, whatever key the entries are of."""
    con.execute(
        "create or replace temp table guarded (row_no bigint, source_key varchar, category varchar, "
        "counts_as_prospect boolean, email_keys varchar[], phone_keys varchar[], name_key varchar, full_name varchar, "
        "earlier_name varchar)"
    )
    con.executemany(
        "insert into guarded values (?, ?, ?, ?, ?, ?, ?, ?, ?)", [*itertools.starmap(row_of, enumerate(cases))]
    )
    kept = [
        {"suppression_id": number, "record_digest": key.digest(f"record|crm:{own(number, case.entry['kept'])}")}
        for number, case in enumerate(cases)
        if "kept" in case.entry
    ]
    entries = Entries.of(
        [entry_of(number, case, key) for number, case in enumerate(cases)],
        [KEY, OTHER_KEY],
        dt.date(2026, 11, 24),
        kept=kept,
    )
    entries.stage(con)
    con.execute(queries.load("guarded_hit"))
    for _ in Entries.of([entry_of(0, CASES[0], KEY)], [KEY], dt.date(2026, 11, 24)).each_key(con):
        con.execute(queries.load("guarded_hits"), {"dataset": "crm", "key_id": KEY.key_id})
    result = con.execute("select * from guarded_hit")
    names = [column[0] for column in result.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    for hit in found:
        assert (hit["suppression_id"], hit["erased_on"]) == (hit["batch_id"], dt.date(2026, 1, 1))
        row, case = row_of(hit["row_no"], cases[hit["row_no"]]), cases[hit["suppression_id"]]
        assert hit["record_digest"] == KEY.digest(f"record|crm:{row[1] or ''}")
        name = spelled(row[6], case.entry.get("name"), row[8])
        assert hit["name_digest"] == (KEY.digest(f"name|{name}") if name else None)
        assert hit["is_of_person"] is (case.entry.get("category") is None)
        assert {name: hit[name] for name in WAYS} == ways(hit["suppression_id"], case), case.name
    told: dict[tuple[int, int], Met] = {
        (hit["row_no"], hit["suppression_id"]): (hit["by_key"], hit["is_sure"]) for hit in found
    }
    assert len(told) == len(found)
    return told


WAYS = ("email_key", "phone_key", "email_name_digest", "phone_digest", "has_name")


def spelled(name: str | None, erased: str | None, earlier: str | None = None) -> str | None:
    """A row's name as an entry has it: in one spelling, without what is said of which record or which of two it is, as
    it was read earlier, or of whichever of two where the row says nothing of that; else as it is.
    """
    if not name or not erased:
        return name
    words, bare = name.split(), {name, name.removeprefix("2 ")}
    if {"jr", "sr"} & set(words):
        bare |= {" ".join(word for word in words if word not in ("jr", "sr"))}
    else:
        bare |= {" ".join(sorted([*one.split(), age])) for one in bare for age in ("jr", "sr")}
    return erased if erased in {earlier, *bare, *map(one_spelling, bare)} else name


def ways(number: int, case: Case) -> dict[str, Any]:
    """By which address and number an entry meets the row of its own case, and whether the name is the same."""
    row: dict[str, Any] = {"category": "PROSPECT", "counts_as_prospect": False, **ANNA, **case.row}
    entry, name = case.entry, row["name_key"]
    erased = entry.get("category")
    fits = erased in (None, row["category"]) or (erased == "PROSPECT" and row["counts_as_prospect"])
    address, line = entry.get("email"), entry.get("phone")
    decided = entry.get("is_decided", False)
    if (
        not fits
        or address not in row.get("email_keys", ())
        or (decided and spelled(name, entry["email_name"]) != entry["email_name"])
    ):
        address = None
    is_old = entry.get("is_shared_phone", True) is None
    earlier = row.get("earlier_name")
    called = (
        row["full_name"].lower()
        if is_old and row["full_name"]
        else spelled(name, entry.get("phone_name"), earlier) or ""
    )
    is_called = called == entry.get("phone_name")
    name = spelled(name, entry.get("email_name"), earlier)
    if not fits or line not in row.get("phone_keys", ()) or not (is_called or "number" in entry):
        line = None
    if not is_called:
        called = one_spelling(called)
    email = own(number, address)
    return {
        "email_key": email,
        "phone_key": own(number, line),
        "email_name_digest": KEY.digest(f"email|{email}|{name}") if email and name else None,
        "phone_digest": KEY.digest(f"phone|{own(number, line)}|{called}") if line else None,
        "has_name": (line is not None and is_called)
        or (address is not None and name is not None and name == entry.get("email_name")),
    }


def wrong(con: duckdb.DuckDBPyConnection, cases: Sequence[Case] = CASES) -> dict[str, tuple[Met, Met]]:
    """Where rows and entries do not meet as the cases say, by the case's name."""
    found = met_in(con, cases)
    pairs = {(number, number): case.met for number, case in enumerate(cases) if case.met is not None}
    return {
        f"{cases[one].name} and {cases[two].name}": (pairs.get((one, two)), found.get((one, two)))
        for one, two in pairs.keys() | found.keys()
        if pairs.get((one, two)) != found.get((one, two))
    }


def test_an_entry_meets_whom_it_is_of_and_says_how_sure_that_is(con: duckdb.DuckDBPyConnection) -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert wrong(con) == {}


def test_entries_of_today_alone_are_asked_with_names_as_they_are_read_now(con: duckdb.DuckDBPyConnection) -> None:
    assert wrong(con, [case for case in CASES if case.entry.get("is_shared_phone", True) is not None]) == {}


def test_an_entry_of_before_is_asked_where_it_is_the_only_one(con: duckdb.DuckDBPyConnection) -> None:
    assert wrong(con, [case for case in CASES if case.entry.get("is_shared_phone", True) is None]) == {}


def test_an_entry_of_another_key_waits_for_that_key(con: duckdb.DuckDBPyConnection) -> None:
    assert met_in(con, CASES, OTHER_KEY) == {}
