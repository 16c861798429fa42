"""What a purge takes out of a build: survivors for the new one, digests for the suppression list, keys for the sources.

The current build is only read here. What writes the new one is a process of its own (compliance.purge.rewrite), which
never sees the old bytes: a process that has read them may leave some in the slack of the file it writes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import ahocorasick_rs
import duckdb
import pyarrow as pa

from compliance.builds import Build, vault
from compliance.words import queries
from compliance.words.keys import Key

# Tables of a build that hold no single person, or only what the next ones say of it.
_WHOLE = ("export", "left_out", "quarantined", "organisation", "contract")
# Of builds of today only.
_WHOLE_NOW = ("unread_cell",)
_PART_NOW = {
    "arrival": "surviving_arrivals",
    "further_identifier": "surviving_further",
    "decided_record": "surviving_decided",
}
# Of builds that have them.
_WHOLE_ENVIRONMENTS = ("environment",)
_PART_ENVIRONMENTS = {"access_grant": "surviving_grants"}
_PART_MAILINGS = {"mailing": "surviving_mailings", "opt_out": "surviving_opt_outs"}
_PART = {"record": "surviving_records", "request_key": "surviving_request_keys"}
_CHUNK = 50_000
# Digits alone that are fewer than a telephone number's may be anything's number.
_DIGITS_THAT_TELL = 9
_WINDOW = 1 << 26
_THREADS = 2


@dataclass(frozen=True)
class Found:
    """How many of the strings were in a file's bytes, and how many bytes were searched."""

    strings: frozenset[str]
    searched: int


class Selection:
    """A build with the entries that are to go from it. Use as a context manager."""

    def __init__(
        self,
        build: Build,
        doomed: Iterable[str],
        workdir: Path,
        asked: Sequence[tuple[str, str, str]] = (),
        *,
        key: Key,
    ) -> None:
        """`doomed` are basis_ids, `asked` the persons whom requests are or may be about, as (source, reference,
        person_id), `key` the one of the suppression list; what does not fit into memory spills to `workdir`, which the
        caller removes.

        Raises FileNotFoundError where the build is gone.
        """
        if not build.path.exists():
            raise FileNotFoundError(build.path.name)
        self.con = duckdb.connect(
            ":memory:", config={"threads": 2, "memory_limit": vault.room(), "temp_directory": str(workdir)}
        )
        self.con.execute("set enable_progress_bar = false")
        vault.attach(self.con, build.path, "old", key=build.key, read_only=True)
        frame = pa.table({"basis_id": pa.array(list(doomed), pa.string())})
        self.con.register("doomed_frame", frame)
        names = ("source", "reference", "person_id")
        told = pa.table({name: pa.array([one[at] for one in asked], pa.string()) for at, name in enumerate(names)})
        self.con.register("asked_frame", told)
        self.con.execute(queries.load("normalise"))
        self._is_of_today = bool(self._rows("is_of_today", {"base": "old"})[0]["is_of_today"])
        self.con.execute(queries.load("further" if self._is_of_today else "no_further"))
        lacks_contacts = bool(self._rows("lacks_contacts", {"base": "old"})[0]["lacks_contacts"])
        self.con.execute(queries.load("record_before_contacts" if lacks_contacts else "record_before"))
        self.con.execute(queries.load("doomed"))
        for name in ("doomed_frame", "asked_frame"):
            self.con.unregister(name)
        vault.digest_with(self.con, key)
        self.con.execute(queries.load("surviving"))
        self._has_environments = bool(self._rows("has_table", {"base": "old", "name": "environment"})[0]["has_table"])
        self._has_mailings = bool(self._rows("has_table", {"base": "old", "name": "mailing"})[0]["has_table"])
        self._find_texts()
        self.con.execute(queries.load("grants_told" if self._has_environments else "no_grants"))
        self.con.execute(queries.load("mailings_told" if self._has_mailings else "no_mailings"))

    def __enter__(self) -> Selection:
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    def write_survivors(self, folder: Path) -> None:
        """Writes what stays as Parquet files, one per table."""
        environments = _WHOLE_ENVIRONMENTS if self._has_environments else ()
        for name in (*_WHOLE, *(_WHOLE_NOW if self._is_of_today else ()), *environments):
            whole = self.con.sql(queries.load("whole_table"), params={"table": f"old.main.{name}"})
            _write(whole, folder, name)
        for name, query in _PART.items():
            _write(self.con.sql(queries.load(query)), folder, name)
        if self._is_of_today:
            for name, query in _PART_NOW.items():
                _write(self.con.sql(queries.load(query)), folder, name)
        if bool(self._rows("has_table", {"base": "old", "name": "successor"})[0]["has_table"]):
            _write(self.con.sql(queries.load("surviving_successors")), folder, "successor")
        if self._has_environments:
            for name, query in _PART_ENVIRONMENTS.items():
                _write(self.con.sql(queries.load(query)), folder, name)
        if self._has_mailings:
            for name, query in _PART_MAILINGS.items():
                _write(self.con.sql(queries.load(query)), folder, name)

    def suppression(self) -> list[dict[str, Any]]:
        """Rows for the suppression list for every record that goes, without what is the same for all of them."""
        return self._entries

    @cached_property
    def _entries(self) -> list[dict[str, Any]]:
        return self._rows("suppression_entries")

    def engagements(self) -> list[dict[str, Any]]:
        """`suppression` where anybody goes who was engaged, whom vouchers may hang on; else none of it, so that nobody
        waits for the list.
        """
        return self._entries if self._rows("dooms_engagements")[0]["dooms_engagements"] else []

    def source_keys(self) -> Mapping[str, list[str]]:
        """The sources' own keys of the records that go, per dataset."""
        found: dict[str, list[str]] = {}
        for row in self._rows("doomed_keys"):
            found.setdefault(row["dataset"], []).append(row["source_key"])
        return found

    def persons_gone(self) -> int:
        """Of how many persons nothing is left."""
        return int(self._rows("persons_gone")[0]["persons"])

    def strings(self) -> list[str]:
        """What must not be in the new file any more: names, addresses, numbers and keys that nobody who stays has.

        Without those that are so short that they stand in any file by chance (see `short_left`).
        """
        return [text for texts in self._texts("doomed_strings") for text in texts]

    def short_left(self) -> frozenset[str]:
        """What is not among `strings` because it is short, and a value of the new build all the same, once compared."""
        return frozenset(text for texts in self._texts("short_strings_left") for text in texts)

    def compare(self, fresh: Build) -> Mapping[str, int]:
        """Attaches the new build and counts `deleted`, `rows_left` of that, and `lost` of what should be there."""
        vault.attach(self.con, fresh.path, "build", key=fresh.key, read_only=True)
        return self._rows("purge_compared")[0]

    def request_leftovers(self, references: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """How many entries each request's persons still have in the new build, once compared."""
        if not references:
            return {}
        binds = {"sources": [one for one, _ in references], "references": [two for _, two in references]}
        return {(row["source"], row["reference"]): row["bases"] for row in self._rows("request_leftovers", binds)}

    def explained(self, strings: Iterable[str], digests: Iterable[str] = ()) -> frozenset[str]:
        """Those of the strings that are a part of what somebody who stays is called, or of one of the digests. Of what
        a source calls a grant or a mailing only within other words or numbers: what names somebody there for itself is
        a name that was left.
        """
        sought = Search(tuple(strings))
        found = sought.within("\n".join(digests).encode())
        for rows in self._texts("surviving_texts"):
            found |= sought.within("\n".join(rows).encode())
        named, referred = Named(sought.strings), set[str]()
        for rows in self._texts("surviving_references"):
            text = "\n".join(rows)
            referred |= sought.within(text.encode()) - found
            named.look(text)
        return frozenset(found | {text for text in referred if text.lower() not in named.found})

    def _find_texts(self) -> None:
        """Which of the texts by which sources call grants and mailings name somebody who goes."""
        told: list[Callable[[], Iterator[list[str]]]] = []
        if self._has_environments:
            told.append(lambda: self._texts("grant_texts"))
        if self._has_mailings:
            told.append(lambda: self._texts("mailing_texts"))
        found: set[str] = set()
        if any(next(texts(), None) for texts in told):
            # Made only where there is something to look through, since making it takes longer than looking.
            named = Named(self.strings())
            found.update(text for texts in told for rows in texts() for text in rows if named.look(text))
        self.con.register("naming_frame", pa.table({"text": pa.array(sorted(found), pa.string())}))
        self.con.execute(queries.load("naming_texts"))
        self.con.unregister("naming_frame")

    def _texts(self, query: str) -> Iterator[list[str]]:
        """What a query of one column of texts gives, so many at a time. By Arrow: a row of Python's for each of a
        million takes longer than looking through them.
        """
        for batch in self.con.sql(queries.load(query)).to_arrow_reader(_CHUNK):
            yield batch.column(0).to_pylist()

    def _rows(self, name: str, binds: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        result = self.con.execute(queries.load(f"{name}"), binds)
        names = [str(column[0]) for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _write(rows: duckdb.DuckDBPyRelation, folder: Path, name: str) -> None:
    rows.write_parquet(str(folder / f"{name}.parquet"), compression="zstd")


class Named:
    """Looks for strings that tell of somebody by themselves, in whatever case, where they stand for themselves: with no
    letter and no digit beside them. `found` is what has been found so far, in lower case.
    """

    def __init__(self, strings: Iterable[str]) -> None:
        told = {text.lower() for text in strings if not text.isdigit() or len(text) >= _DIGITS_THAT_TELL}
        self._strings = sorted(told)
        self._automaton = ahocorasick_rs.AhoCorasick(self._strings)
        self.found: set[str] = set()

    def look(self, text: str) -> bool:
        """Whether any of them stands in a text."""
        lower = text.lower()
        here = {
            self._strings[number]
            for number, start, end in self._automaton.find_matches_as_indexes(lower, overlapping=True)
            if not lower[max(start - 1, 0) : start].isalnum() and not lower[end : end + 1].isalnum()
        }
        self.found |= here
        return bool(here)


class Search:
    """Strings to look for in bytes; made once for several files, since making it takes as long as searching."""

    def __init__(self, strings: Sequence[str]) -> None:
        self.strings = tuple(strings)
        patterns = [text.encode() for text in self.strings]
        self._automaton = ahocorasick_rs.BytesAhoCorasick(patterns)
        self._overlap = max(map(len, patterns), default=1) - 1

    def within(self, content: bytes) -> set[str]:
        """Which of the strings stand in the bytes."""
        found = {match[0] for match in self._automaton.find_matches_as_indexes(content, overlapping=True)}
        return {self.strings[number] for number in found}

    def of(self, path: Path) -> Found:
        """Which of the strings stand somewhere in a file's bytes."""
        with path.open("rb") as file, ThreadPoolExecutor(_THREADS) as pool:
            size = os.fstat(file.fileno()).st_size

            def in_window(start: int) -> set[str]:
                # A string may begin in one window and end in the next.
                return self.within(os.pread(file.fileno(), _WINDOW + self._overlap, start))

            found = frozenset[str]().union(*pool.map(in_window, range(0, size, _WINDOW)))
        return Found(found, size)
