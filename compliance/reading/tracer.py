"""Finds in a build what is held by ids that change from build to build."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from compliance.builds import vault
from compliance.words import queries
from compliance.words.keys import Key


class Tracer:
    """Finds in a finished build what is held by ids that change from build to build. Use as a context manager.

    Everywhere a person, basis or organisation is named by (scope, id), with the scopes of holds.
    """

    def __init__(self, new: Path, pseudonyms: Key, *, key: str | None = None) -> None:
        """`key` opens the build. Raises Refused `build_unreadable`."""
        self.con = duckdb.connect(":memory:", config={"threads": 2, "temp_directory": ""})
        vault.attach(self.con, new, "build", key=key, read_only=True)
        vault.digest_with(self.con, pseudonyms)
        # A build that an earlier version made may not tell it.
        self._tells_senders = self.con.execute(queries.load("tells_senders")).fetchone() == (True,)
        if self._tells_senders:
            self.con.execute(queries.load("identity"))

    def __enter__(self) -> Tracer:
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    def before(
        self, old: Path, wanted: Sequence[tuple[str, str]], *, key: str | None = None
    ) -> list[tuple[str, str, str, str]]:
        """Opens the build before, for the questions about moves, and says where the ids in `wanted` had entries in it,
        as (scope, id, source, category). Raises Refused `build_unreadable`.
        """
        vault.attach(self.con, old, "old", key=key, read_only=True)
        return self._rows("covered_before", _binds(wanted))

    def moved(self, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
        """Which of the ids in `wanted` the same records of the build before no longer have.

        Returns (scope, id in the old build, id in the new one), several where the records went apart.
        """
        return self._rows("moved_keys", _binds(wanted))

    def given_on(self, wanted: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the ids in `wanted`, as they were in the build before, behind which a record is somebody else's by
        now, as far as it says.
        """
        self.con.execute(queries.load("normalise"))
        is_of_today = self.con.execute(queries.load("is_of_today"), {"base": "old"}).fetchone() == (True,)
        self.con.execute(queries.load("further" if is_of_today else "no_further"))
        self.con.execute(queries.load("held_before"), _binds(wanted))
        self.con.execute(queries.load("given_on"))
        return {(scope, key) for scope, key in self._rows("given_on_held", {})}

    def moved_organisations(self, wanted: Sequence[str]) -> list[tuple[str, str, str]]:
        """Where organisations of the build before are now, as (scope, id before, id now)."""
        return self._rows("moved_organisations", {"keys": list(wanted)}) if wanted else []

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
        return self._found("found_keys", known)

    def found_identities(self, known: Collection[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        """Where those are whom digests are about that were known as (scope, id, digest), in the same form."""
        return self._found("found_identities", known)

    def _found(self, name: str, known: Collection[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        if not known:
            return []
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
        binds = {
            "choices": list(numbers),
            "digests": list(digests),
            "persons": None if persons is None else sorted(persons),
        }
        rows = self.con.execute(queries.load("found_choices"), binds).fetchall()
        return [(int(choice), str(person), bool(is_same), str(digest)) for choice, person, is_same, digest in rows]

    def decided(self) -> dict[tuple[int, str], set[str]]:
        """What those are known by about whom somebody has decided, by keyed digests, by decision and side."""
        found: dict[tuple[int, str], set[str]] = {}
        for decision, side, digest in self.con.execute(queries.load("decided_known_by")).fetchall():
            found.setdefault((int(decision), str(side)), set()).add(str(digest))
        return found

    def decided_before(self, old: Path, *, key: str | None = None) -> tuple[set[tuple[int, str]], set[str]]:
        """Opens the build before and says which sides of decisions had records in it, as (decision, side), and whom of
        it nothing is left of, by keyed digest. Raises Refused `build_unreadable`.
        """
        vault.attach(self.con, old, "old", key=key, read_only=True)
        is_of_today = self.con.execute(queries.load("is_of_today"), {"base": "old"}).fetchone() == (True,)
        sides = self.con.execute(queries.load("decided_sides_before")).fetchall() if is_of_today else []
        gone = self._rows("persons_purged", {})
        return {(int(decision), str(side)) for decision, side in sides}, {digest for (digest,) in gone}

    def senders(self) -> list[tuple[str, str, str, str, bool]]:
        """Whom requests are from by what they give, surely or by an address of their own, as (source, reference, id of
        the person, what speaks for it, joined by commas, whether it is surely from that person alone). Nobody in a
        build of an earlier version that does not tell it.
        """
        if not self._tells_senders:
            return []
        rows = self.con.execute(queries.load("found_senders")).fetchall()
        return [(str(row[0]), str(row[1]), str(row[2]), str(row[3]), bool(row[4])) for row in rows]

    def known_by(self, persons: Collection[str]) -> dict[str, set[str]]:
        """The keyed digests of what persons of the build are known by."""
        found: dict[str, set[str]] = {}
        for person, digest in self._rows("known_by", {"persons": sorted(persons)}) if persons else ():
            found.setdefault(person, set()).add(digest)
        return found

    def _rows(self, name: str, binds: Mapping[str, Any]) -> list[Any]:
        rows = self.con.execute(queries.load(name), dict(binds)).fetchall()
        return [tuple(str(value) for value in row) for row in rows]


def _binds(wanted: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    return {"scopes": [scope for scope, _ in wanted], "keys": [its_id for _, its_id in wanted]}
