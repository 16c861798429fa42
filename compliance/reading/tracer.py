"""Finds in a build what is held by ids that change from build to build."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import duckdb

from compliance.builds import Build, vault
from compliance.words import keys, queries
from compliance.words.settings import Settings


class GrantNow(NamedTuple):
    """Whether a grant was revoked; `is_unread`: it says when, and that cannot be read."""

    revoked_on: dt.date | None
    is_unread: bool


class Tracer:
    """Finds in a finished build what is held by ids that change from build to build. Use as a context manager.

    It opens the build, and the one before, when it is first asked something, and digests the records of a build once
    for all who ask. Everywhere a person, basis or organisation is named by (scope, id), with the scopes of holds.
    """

    def __init__(self, settings: Settings, build: Build, before: Build | None = None) -> None:
        """`before` is for the questions about what was there before. Whatever asks may raise Refused
        `build_unreadable`, and what the key of pseudonyms does.
        """
        self.settings, self.build, self.previous = settings, build, before
        self._digested: set[str] = set()

    def __enter__(self) -> Tracer:
        return self

    def __exit__(self, *_: object) -> None:
        if "con" in self.__dict__:
            self.con.close()

    @cached_property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The connection, with the build attached as `build` and the one before as `old`."""
        con = duckdb.connect(":memory:", config={"threads": 2, "temp_directory": ""})
        vault.attach(con, self.build.path, "build", key=self.build.key, read_only=True)
        if self.previous is not None:
            vault.attach(con, self.previous.path, "old", key=self.previous.key, read_only=True)
        vault.digest_with(con, keys.pseudonyms(self.settings))
        con.execute(queries.load("normalise"))
        if con.execute(queries.load("tells_senders")).fetchone() == (True,):
            con.execute(queries.load("identity"))
        return con

    def before(self, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str, str, str]]:
        """Where the ids in `wanted` had entries in the build before, as (scope, id, source, category)."""
        return self._rows("covered_before", _binds(wanted)) if wanted else []

    def moved(self, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
        """Which of the ids in `wanted` the same records of the build before no longer have.

        Returns (scope, id in the old build, id in the new one), several where the records went apart.
        """
        return self._rows("moved_keys", _binds(wanted))

    def given_on(self, wanted: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the ids in `wanted`, as they were in the build before, behind which a record is somebody else's by
        now, as far as it says.
        """
        self.con.execute(queries.load("further" if self._before_is_of_today else "no_further"))
        self.con.execute(queries.load("held_before"), _binds(wanted))
        self.con.execute(queries.load("given_on"))
        return {(scope, key) for scope, key in self._rows("given_on_held", {})}

    def elsewhere(self) -> list[tuple[str, str, str]]:
        """Where records are by now that say of themselves what those behind the ids said that `given_on` was asked for
        before, as (scope, id, id now).
        """
        return self._rows("identities_elsewhere", {})

    def moved_organisations(self, wanted: Sequence[str]) -> list[tuple[str, str, str]]:
        """Where organisations of the build before are now, as (scope, id before, id now)."""
        return self._rows("moved_organisations", {"keys": list(wanted)}) if wanted else []

    def possible_organisations(self, wanted: Sequence[str]) -> list[tuple[str, str, str]]:
        """Which organisations of the build may be those of the build before of which nothing is left, as (id before, id
        now, what speaks for it).
        """
        self._lost_organisations(wanted)
        return self._rows("possible_organisations", {})

    def organisation_traces(self, wanted: Sequence[str]) -> list[tuple[str, str]]:
        """What organisations of the build before may be known by in later ones, as (id, keyed digest)."""
        self._lost_organisations(wanted)
        return self._rows("organisation_traces", {})

    def organisations_traced(self, digests: Collection[str]) -> list[tuple[str, str, str]]:
        """Which organisations of the build are known by one of those digests, as (digest, id, what speaks for it)."""
        self.con.execute(queries.load("organisation_says"))
        return self._rows("organisations_traced", {"digests": sorted(digests)})

    def _lost_organisations(self, wanted: Sequence[str]) -> None:
        self.con.execute(queries.load("organisation_says"))
        self.con.execute(queries.load("lost_organisations"), {"keys": list(wanted)})

    def covered(
        self, wanted: Sequence[tuple[str, str]]
    ) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
        """The keyed digests of the records behind the persons and bases in `wanted`, as (scope, id, digest), and those
        of whom the records are about: of each identifier together with the name.
        """
        self.con.execute(queries.load("covered"), _binds(wanted))
        return self._rows("held_records", {}), self._rows("held_identities", {})

    def stored(self, known: Collection[tuple[str, str, str]]) -> set[str]:
        """Those of the digests in `known` (scope, id, digest) that are of records of the build."""
        if not known:
            return set()
        self._digest("digested_records")
        return {row[0] for row in self._rows("stored_records", {"records": [digest for _, _, digest in known]})}

    def stored_keys(self, wanted: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the ids in `wanted` that the build has entries of."""
        return {(row[0], row[1]) for row in self._rows("covered_keys", _binds(wanted))}

    def stored_bases(self, known: Collection[tuple[str, str, str]]) -> set[str]:
        """Those of the entries known as (keyed digest, category, source) that the build has, by their keyed digests."""
        if not known:
            return set()
        digests, categories, sources = map(set, zip(*known, strict=True))
        binds = {"keys": sorted(digests), "categories": sorted(categories), "sources": sorted(sources)}
        return {row[0] for row in self._rows("stored_basis_keys", binds)}

    def found(self, known: Collection[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        """Where records are that were known as (scope, id, digest), as (scope, id, id in the build), if another."""
        return self._found("found_keys", "digested_records", known)

    def found_identities(self, known: Collection[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        """Where those are whom digests are about that were known as (scope, id, digest), in the same form."""
        bases = {one for one in known if one[0] == "basis"}
        found = self._found("found_identities", "digested_identities", set(known) - bases)
        return found + self._found("found_basis_identities", None, bases)

    def _found(
        self, name: str, digested: str | None, known: Collection[tuple[str, str, str]]
    ) -> list[tuple[str, str, str]]:
        if not known:
            return []
        if digested is not None:
            self._digest(digested)
        scopes, ids, records = zip(*sorted(known), strict=True)
        return self._rows(name, {"scopes": list(scopes), "keys": list(ids), "records": list(records)})

    def choices(
        self, known: Collection[tuple[int, str]], persons: Collection[str] | None = None
    ) -> list[tuple[int, str, bool, str]]:
        """Where records are that were known as (choice, digest), among some persons of the build or among all.

        Returns (choice, id of the person, whether that is still the same by name, a digest that the record has now).
        """
        if not known:
            return []
        numbers, digests = zip(*sorted(known), strict=True)
        if persons is None:
            for name in ("digested_records", "digested_names", "digested_identities"):
                self._digest(name)
            self.con.execute(queries.load("choices_anywhere"), {"digests": list(digests)})
        else:
            self.con.execute(queries.load("choices_among"), {"persons": sorted(persons)})
        binds = {"choices": list(numbers), "digests": list(digests)}
        rows = self.con.execute(queries.load("found_choices"), binds).fetchall()
        return [(int(choice), str(person), bool(is_same), str(digest)) for choice, person, is_same, digest in rows]

    def decided(self) -> dict[tuple[int, str], set[str]]:
        """What those are known by about whom somebody has decided, by keyed digests, by decision and side."""
        found: dict[tuple[int, str], set[str]] = {}
        for decision, side, digest in self.con.execute(queries.load("decided_known_by")).fetchall():
            found.setdefault((int(decision), str(side)), set()).add(str(digest))
        return found

    def decided_before(self) -> set[tuple[int, str]]:
        """Which sides of decisions had records in the build before, as (decision, side)."""
        if not self._before_is_of_today:
            return set()
        rows = self.con.execute(queries.load("decided_sides_before")).fetchall()
        return {(int(decision), str(side)) for decision, side in rows}

    def places_before(self, wanted: Collection[tuple[int, str, str]]) -> dict[tuple[int, str], list[tuple[str, str]]]:
        """Where sides of decisions had entries in the build before, as (source, category), in order: those in `wanted`,
        each with the keyed digest of the person where it was decided in that build.
        """
        found: dict[tuple[int, str], list[tuple[str, str]]] = {}
        if not wanted or not self._before_is_of_today:
            return found
        numbers, sides, persons = zip(*sorted(wanted), strict=True)
        binds = {"decisions": list(numbers), "sides": list(sides), "persons": list(persons)}
        for decision, side, source, category in self.con.execute(queries.load("decided_places"), binds).fetchall():
            found.setdefault((int(decision), str(side)), []).append((str(source), str(category)))
        return found

    def purged(self) -> set[str]:
        """The persons of the build before of whom nothing is left in this one, by keyed digest."""
        return {digest for (digest,) in self._rows("persons_purged", {})}

    def senders(self) -> list[tuple[str, str, str, str, bool]]:
        """Whom requests are from by what they give, surely or by an address of their own, as (source, reference, id of
        the person, what speaks for it, joined by commas, whether it is surely from that person alone). Nobody in a
        build of an earlier version that does not tell it.
        """
        if self.con.execute(queries.load("tells_senders")).fetchone() != (True,):
            return []
        rows = self.con.execute(queries.load("found_senders")).fetchall()
        return [(str(row[0]), str(row[1]), str(row[2]), str(row[3]), bool(row[4])) for row in rows]

    def holders(self, keys: Collection[str]) -> dict[str, list[tuple[str, str | None]]]:
        """Who has addresses and numbers in the build, in the form that matching uses: by key, each person with every
        name that stands with it. Nobody in a build of an earlier version that does not tell all of them.
        """
        found: dict[str, list[tuple[str, str | None]]] = {}
        if keys and self.con.execute(queries.load("tells_senders")).fetchone() == (True,):
            for key, person, name in self.con.execute(queries.load("holders"), {"keys": sorted(keys)}).fetchall():
                found.setdefault(str(key), []).append((str(person), name))
        return found

    def known_by(self, persons: Collection[str]) -> dict[str, set[str]]:
        """The keyed digests of what persons of the build are known by."""
        found: dict[str, set[str]] = {}
        for person, digest in self._rows("known_by", {"persons": sorted(persons)}) if persons else ():
            found.setdefault(person, set()).add(digest)
        return found

    def addresses(self, persons: Collection[str]) -> list[tuple[str, str]]:
        """The e-mail addresses of persons of the build, as records are matched by, as (id of the person, address)."""
        return self._rows("addresses_of", {"persons": sorted(persons)}) if persons else []

    def rows_of(self, records: Collection[str]) -> dict[str, dict[str, Any]]:
        """What the rows of the build say by now that had these ids, by id: each field that can be corrected."""
        if not records:
            return {}
        found = self.con.execute(queries.load("rectified"), {"records": sorted(set(records))})
        names = [column[0] for column in found.description or ()]
        return {str(row[0]): dict(zip(names, row, strict=True)) for row in found.fetchall()}

    def rows_before(self, records: Collection[str]) -> set[str]:
        """Those of some rows, by their ids, that the build before had; none where there is no build before."""
        if not records or self.previous is None:
            return set()
        found = self.con.execute(queries.load("records_before"), {"records": sorted(set(records))})
        return {str(record) for (record,) in found.fetchall()}

    def grants(self, datasets: Collection[str]) -> dict[tuple[str, str], GrantNow]:
        """The grants of some datasets as the build has them by now, by source and key there."""
        rows = self.con.execute(queries.load("grants_now"), {"datasets": sorted(datasets)}).fetchall()
        return {(str(source), str(key)): GrantNow(day, bool(is_unread)) for source, key, day, is_unread in rows}

    def _digest(self, name: str) -> None:
        """Makes a table of the keyed digests of all records, unless it is there: they cost more than all else."""
        if name not in self._digested:
            self.con.execute(queries.load(name))
            self._digested.add(name)

    @cached_property
    def _before_is_of_today(self) -> bool:
        found = self.con.execute(queries.load("is_of_today"), {"base": "old"}).fetchone()
        return self.previous is not None and found == (True,)

    def _rows(self, name: str, binds: Mapping[str, Any]) -> list[Any]:
        rows = self.con.execute(queries.load(name), dict(binds)).fetchall()
        return [tuple(str(value) for value in row) for row in rows]


def _binds(wanted: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    return {"scopes": [scope for scope, _ in wanted], "keys": [its_id for _, its_id in wanted]}
