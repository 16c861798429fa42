"""Makes one build of the copy: staged exports in, persons and bases out, in a file of its own.

The working tables live in a DuckDB in memory; the new build and the previous one are attached to it. Nothing else
opens the new file before it is finished, and the previous one is only read.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from compliance.build import dates
from compliance.build.garbled import counted
from compliance.build.reader import Staged
from compliance.builds import vault
from compliance.identity.decisions import Decisions
from compliance.identity.normalise import read_cells, read_lines, read_rejected
from compliance.sources import recognise
from compliance.sources.catalogue import Dataset
from compliance.sources.header_words import status_words, synonyms, value_words
from compliance.suppression import entries as suppression_entries
from compliance.words import queries
from compliance.words.vocabulary import PERSONNUMMER_FIELD, RecordType

_INSERTS: Mapping[RecordType, tuple[str, ...]] = {
    RecordType.ORGANISATION: ("insert_organisation",),
    RecordType.CONTRACT: ("insert_contract",),
    RecordType.PERSON: ("insert_person",),
    RecordType.VOUCHER: ("insert_voucher",),
    RecordType.WEB_LEAD: ("insert_web_lead",),
    RecordType.ERASURE_REQUEST: ("insert_request_key", "insert_form_row"),
    RecordType.ENVIRONMENT: ("insert_environment",),
    RecordType.ACCESS_GRANT: ("insert_access_grant", "insert_told_aside"),
    RecordType.MAILING: ("insert_mailing", "insert_mailing_aside"),
    RecordType.OPT_OUT: ("insert_opt_out", "insert_mailing_aside"),
}
# What may be about somebody who was erased.
_GUARDED = (RecordType.PERSON, RecordType.VOUCHER, RecordType.WEB_LEAD)
# Why a row that was read stays out without saying whose it is.
_WITHOUT_KEY = ("no_key", "no_reference")
# What stands before the field of cells that came garbled.
_TWICE, _LOST = "twice:", "lost:"
# From so many rows on, records are put into the order of their persons: of millions, some persons are read at a time,
# and looking through all of it for each takes longer than that.
_IN_ORDER_FROM = 1_500_000
_FIND = ("islands", "identifiers", "links", "owners", "settled")


@dataclass(frozen=True)
class ExportMeta:
    """Where an export comes from and how old it is; `exported_at_from` says how that is known."""

    file_digest: str
    mapping: str
    exported_at: dt.datetime
    exported_at_from: str
    taken_in_at: dt.datetime


@dataclass(frozen=True)
class Loaded:
    """What became of the rows of one export: rows_in = loaded + the sum of quarantined, always.

    `unread_keys` are those in quarantine of which no key could be read: nobody can say whose they are.
    `moved` are the rows of which it says for the first time that a clock begins later than it said before, and
    `contracts_moved` contracts of which it says so of a customer's time. `unread_cells`
    are the filled cells of loaded rows, by field, in which no address or number could be read, and those of any row
    that a spreadsheet could not work out; `twice` those whose letters were written twice, and `lost` those that lack
    letters, as they came.
    """

    rows_in: int
    loaded: int
    quarantined: Mapping[str, int]
    left_out: Mapping[str, int]
    unread_keys: int = 0
    moved: int = 0
    contracts_moved: int = 0
    unread_cells: Mapping[str, int] = field(default_factory=dict)
    twice: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What a finished build holds, and what that is more and less than the previous one (None: there was none)."""

    persons: int
    bases: int
    new_persons: int | None
    gone_persons: int | None
    new_bases: int | None
    gone_bases: int | None


def workbench(workdir: Path, *, threads: int = 2, memory: str | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory with the working tables and macros of intake, for a build or for a preview.

    What exceeds `memory`, or else compliance.builds.vault.room, spills to `workdir`, which the caller removes.
    """
    con = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": memory or vault.room(),
            "temp_directory": str(workdir),
            # Newer ways to compress write long columns of few words several times faster.
            "storage_compatibility_version": "v1.5.0",
            # What is full is written at once: holding it back costs memory, and leaves a core idle meanwhile.
            "write_buffer_row_group_count": 1,
        },
    )
    con.execute("set enable_progress_bar = false")
    for name in ("working", "dates", "opt_outs", "normalise", "heirs"):
        con.execute(queries.load(f"{name}"))
    dates.learn_words(con)
    _learn_common_words(con)
    return con


def shape(con: duckdb.DuckDBPyConnection, *, key_is_email: bool = False) -> None:
    """Gives the staged rows (`raw`) their canonical shape: the view `staged`, and with the dates that have been read of
    them the view `dated`.
    """
    con.execute(queries.load("whole_by_email" if key_is_email else "whole"))
    con.execute(queries.load("names_apart"))
    # To look through every cell again in each statement that follows costs a small file more than all else.
    beside = con.execute(queries.load("stands_beside")).fetchone()
    con.execute(queries.load("staged_beside" if beside == (True,) else "staged"))
    dates.show(con)


def tried(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> tuple[dict[str, int], dict[str, int]]:
    """How many of the staged rows, with their dates read, would stay out, by reason, without loading any; and in how
    many filled cells of the others no address or number can be read, by field.

    Who was purged is not looked for here: that is found when rows are loaded.
    """
    binds = {"record": dataset.record.value, "category": dataset.category.value if dataset.category else None}
    _fill_words(con, dataset)
    _find_bad_rows(con, dataset, binds)
    stays = {str(reason): int(rows) for reason, rows in con.execute(queries.load("tried")).fetchall()}
    return stays, _unread_cells(con, dataset, _columns(con), is_odd=read_cells(con))


def with_errors(unread: Mapping[str, int], staged: Staged) -> dict[str, int]:
    """The cells that cannot be read, by field, with those that a spreadsheet could not work out."""
    return dict(Counter(unread) + Counter(staged.errors))


def _learn_common_words(con: duckdb.DuckDBPyConnection) -> None:
    told = [("truth", word, meaning) for meaning in ("yes", "no") for word in value_words(meaning)]
    told += [("mail", word, "no") for kind in ("no", "unwanted") for word in value_words(kind)]
    told += [("mail", word, "yes") for kind in ("yes", "wanted") for word in value_words(kind)]
    told += [("mail", word, "unsaid") for word in value_words("unsaid")]
    for kind in ("purpose", "use"):
        told += [(kind, word, meaning) for meaning, words in synonyms()[kind].items() for word in words]
    kinds, words, meanings = zip(*told, strict=True)
    con.execute(
        queries.load("learn_common_words"), {"kinds": list(kinds), "words": list(words), "meanings": list(meanings)}
    )


def _find_bad_rows(con: duckdb.DuckDBPyConnection, dataset: Dataset, binds: Mapping[str, Any]) -> None:
    """Fills the table `bad_row` with the rows of the export at hand that stay out, but for those of erased persons."""
    con.execute("delete from bad_row")
    # Of others than requests no date keeps a row out, and the view of all dates is a large one.
    if dataset.record is RecordType.ERASURE_REQUEST:
        _execute(con, "find_bad_requests", binds)
    else:
        if _execute(con, "nobody", binds).fetchone() != (0,):
            con.execute(queries.load("nobody_surely"))
        _execute(con, "find_bad_rows", binds)
    _execute(con, "find_double_keys", binds)


def _execute(con: duckdb.DuckDBPyConnection, name: str, binds: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
    """Executes a query with those of the binds that it asks for."""
    return con.execute(queries.load(name), _wanted(name, binds))


def _wanted(name: str, binds: Mapping[str, Any]) -> dict[str, Any] | None:
    wanted = queries.binds(name)
    return {key: binds[key] for key in wanted} if wanted else None


def _columns(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [str(row[0]) for row in con.execute("describe raw").fetchall()]


def _unread_cells(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, columns: Collection[str], *, is_odd: bool
) -> dict[str, int]:
    """By field; `is_odd` says whether any address or number is not plain, since all others are read."""
    if dataset.record is not RecordType.PERSON:
        return {}
    told = con.execute(queries.load("unread")).fetchall() if is_odd else []
    if "mail_consent" in columns:
        told += [("mail_consent", *row) for row in con.execute(queries.load("unread_consents")).fetchall()]
    return {str(one): int(rows) for one, rows in told if rows}


def _fill_words(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    con.execute("delete from category_word")
    con.execute("delete from status_word")
    # Systems grow words that a product's mapping does not know, and many of them are told everywhere. What a person has
    # said of a column's words is all that there is: what they left out says nothing.
    common = status_words() if dataset.product else {}
    for name, known, own in (
        ("learn_category_words", {}, dataset.category_values),
        ("learn_status_words", common, dataset.status_values),
    ):
        told = {**known, **{word.casefold(): value for word, value in own.items()}}
        if told:
            con.execute(queries.load(name), {"words": list(told), "meanings": [str(value) for value in told.values()]})


@dataclass
class Builder:
    """Writes one build. Use as a context manager; without `finish` the file is no build and may be removed.

    `memory` is as for `workbench`; what does not fit spills to `workdir`, which the caller removes. `key` encrypts the
    new file, `previous_key` opens the previous one; None is a plain file. Rows that match `suppressed` are never
    written, and it keeps the clock of vouchers whose engagement was erased. `answered` are the source and reference of
    the closed requests, by which nobody may be found any more. `number` is the build's; with `arrivals` it is kept
    which records came new with it, as it is while holds are on, requests open or pairs decided. `decisions` are what
    people have decided about who is one person, and `accepted` the moves of dates (dataset, build, number) where the
    source was right.
    """

    path: Path
    previous: Path | None
    workdir: Path
    threads: int = 2
    memory: str | None = None
    key: str | None = field(default=None, repr=False)
    previous_key: str | None = field(default=None, repr=False)
    suppressed: suppression_entries.Entries | None = None
    answered: Collection[tuple[str, str]] = ()
    number: int = 0
    arrivals: bool = False
    decisions: Decisions | None = None
    accepted: Collection[tuple[str, int, int]] = ()
    con: duckdb.DuckDBPyConnection = field(init=False)
    _has_organisations: bool = field(default=False, init=False)

    def __enter__(self) -> Builder:
        self.con = workbench(self.workdir, threads=self.threads, memory=self.memory)
        vault.attach(self.con, self.path, "build", key=self.key)
        if self.previous is not None:
            vault.attach(self.con, self.previous, "old", key=self.previous_key, read_only=True)
        # The statements of the schema name no database: they are to make their tables inside the new file.
        self.con.execute("use build")
        self._run("schema")
        self.con.execute("use memory")
        if self.suppressed is not None:
            self.suppressed.stage(self.con)
            self._run("suppressed")
        if self.answered:
            self.con.executemany("insert into answered values (?, ?)", sorted(self.answered))
        if self.accepted:
            self.con.executemany("insert into accepted_move values (?, ?, ?)", sorted(self.accepted))
        if self.previous is not None:
            self._is_of_today = self._one("is_of_today", {"base": "old"}) == (True,)
            has_successors = self._one("has_table", {"base": "old", "name": "successor"}) == (True,)
            self._run("succeeded" if has_successors else "none_succeeded")
            lacks_contacts = self._one("lacks_contacts", {"base": "old"}) == (True,)
            self._run("record_before_contacts" if lacks_contacts else "record_before")
            self._run("earlier" if self._is_of_today else "earlier_unmoved")
            has_contracts = self._one("has_contracts", {"base": "old"}) == (True,)
            self._run("contracts_earlier" if has_contracts else "contracts_unmoved")
            self._run("further" if self._is_of_today else "no_further")
            self._has_environments = self._one("has_table", {"base": "old", "name": "environment"}) == (True,)
            self._has_mailings = self._one("has_table", {"base": "old", "name": "mailing"}) == (True,)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.con.close()

    def load(
        self,
        dataset: Dataset,
        meta: ExportMeta,
        staged: Staged,
        headers: Sequence[str],
        kinds: Sequence[str] | None = None,
    ) -> Loaded:
        """Takes the staged rows (tables `raw` and `reject`) into the build under `dataset`, with their dates read.

        `headers` are the file's own column names in order, and `kinds` what those that are not read hold, where more is
        known of that than the mapping says.
        """
        binds: dict[str, Any] = {
            "dataset": dataset.id,
            "source": dataset.source,
            "record": dataset.record.value,
            "category": dataset.category.value if dataset.category else None,
        }
        _fill_words(self.con, dataset)
        is_odd = read_cells(self.con)
        self._run("roles_apart")
        # Rows have their numbers by now; their order in the tables means nothing and costs time.
        self.con.execute("set preserve_insertion_order = false")
        _find_bad_rows(self.con, dataset, binds)
        if self.suppressed is not None and dataset.record in _GUARDED:
            self._keep_out(self.suppressed, dataset, binds)
        if dataset.record is RecordType.VOUCHER:
            self.unlink("relations_told", binds)
        self._run("quarantine", binds)
        self._silence(dataset, binds)
        for name in _INSERTS[dataset.record]:
            if dataset.record is RecordType.PERSON and staged.rows_staged >= _IN_ORDER_FROM:
                self.con.execute(f"{queries.load(name)}\norder by own_person_id", _wanted(name, binds))
            else:
                self._run(name, binds)
        if is_odd and dataset.record is RecordType.PERSON:
            self._run("insert_further", binds)
        columns = _columns(self.con)
        unread_cells = with_errors(_unread_cells(self.con, dataset, columns, is_odd=is_odd), staged)
        twice, lost = counted(staged.garbled)
        told = {**unread_cells, **{f"{_TWICE}{one}": rows for one, rows in twice.items()}}
        told |= {f"{_LOST}{one}": rows for one, rows in lost.items()}
        self._insert("unread_cell", [(dataset.id, dataset.source, one, rows) for one, rows in told.items()])
        moved = self._keep_clocks(binds) if dataset.record is RecordType.PERSON and self.previous else 0
        self._has_organisations |= dataset.record is RecordType.ORGANISATION
        is_contract = dataset.record is RecordType.CONTRACT
        contracts_moved = self._keep_contracts(binds) if is_contract and self.previous else 0
        quarantined = {
            str(reason): int(rows)
            for reason, rows in self.con.execute(queries.load("quarantined_here"), {"dataset": dataset.id}).fetchall()
        }
        left_out = self._left_out(dataset, binds, columns, headers, kinds or recognise.kinds_of(dataset, headers))
        self.con.execute("set preserve_insertion_order = true")
        rows_in = staged.rows_staged + staged.rows_rejected
        loaded = rows_in - sum(quarantined.values())
        unread_keys = staged.rows_rejected + sum(quarantined.get(reason, 0) for reason in _WITHOUT_KEY)
        self._insert("quarantined", [(dataset.id, dataset.source, r, n) for r, n in quarantined.items()])
        self._insert(
            "export",
            [
                (
                    dataset.id,
                    dataset.source,
                    meta.file_digest,
                    meta.mapping,
                    meta.exported_at,
                    meta.exported_at_from,
                    meta.taken_in_at,
                    rows_in,
                    loaded,
                    rows_in - loaded,
                )
            ],
        )
        return Loaded(
            rows_in, loaded, quarantined, left_out, unread_keys, moved, contracts_moved, unread_cells, twice, lost
        )

    def form_rows(self) -> Iterator[dict[str, Any]]:
        """The erasure form's rows that this run loaded, with the source each came from."""
        result = self.con.execute("from form_row")
        columns = [str(column[0]) for column in result.description or ()]
        for row in result.fetchall():
            yield dict(zip(columns, row, strict=True))

    def suppressed_hits(self) -> list[suppression_entries.Hit]:
        """The rows of this run that are on the suppression list, whatever became of them."""
        if self.suppressed is None:
            return []
        return [suppression_entries.Hit(*row) for row in self.con.execute(queries.load("hits")).fetchall()]

    def unlink(self, relations: str, binds: Mapping[str, Any] | None = None) -> None:
        """Has the vouchers that the query `relations` tells of be written with erased engagements by digest."""
        if self.suppressed is None:
            return
        self._run(relations, binds)
        for key_id in self.suppressed.each_key(self.con):
            self._run("erased_relations", {"key_id": key_id})

    def finish(self) -> Report:
        """Carries the other datasets over, finds the persons, makes the bases and closes the file."""
        self.con.execute("set preserve_insertion_order = false")
        if self.previous is not None:
            self.unlink("relations_carried")
            self._run("carry_over")
            self._run("bring")
            self._run("carry_over_successors")
            if self.accepted:
                self._run("take_told")
                self._run("take_contracts")
            if self.arrivals:
                self._run("arrivals", {"build": self.number})
            if self._has_environments:
                self._run("carry_over_environments")
            if self._has_mailings:
                self._run("carry_over_mailings")
            if self._is_of_today:
                self._run("carry_over_further")
                if self.arrivals:
                    self._run("arrivals_taken_over", {"build": self.number})
            else:
                self._run("carried_cells")
                self._run("names_apart")
                read_cells(self.con)
                self._run("rekey")
        if self.suppressed is not None:
            for key_id in self.suppressed.each_key(self.con):
                self._run("linked_again", {"key_id": key_id})
            self._run("silence_unlinked")
            self._run("erased_engagements")
            for key_id in self.suppressed.each_key(self.con):
                self._run("erased_holders", {"key_id": key_id})
                self._run("erased_addressees", {"key_id": key_id})
                self._run("erased_texts", {"key_id": key_id})
            self._run("silence_holders")
        grants, mailings = self._one("grants_and_mailings")
        if grants:
            self._run("access_grants")
        if mailings:
            self._run("mailings")
        if self.decisions is not None:
            self._run("identity")
            self.decisions.stage(self.con)
            self._run("decided")
            if self.previous is not None and self._is_of_today:
                for name in ("given_on", "decided_before", "decided_still"):
                    self._run(name)
                if self.arrivals:
                    self._run("arrivals_undecided", {"build": self.number})
            self._run("decided_records")
        self._run("decided_ties")
        if self.previous is not None and self._has_organisations:
            self._run("contracts_unlinked", {"build": self.number})
        for name in _FIND:
            self._run(name)
            if name == "links":
                self._tie()
        self._derive()
        persons, bases = self._one("size")
        changes = self._one("changes") if self.previous is not None else (None, None, None, None)
        self._run("let_go")
        self.con.execute("checkpoint build")
        self.con.execute("detach build")
        return Report(persons, bases, *changes)

    def _keep_out(self, entries: suppression_entries.Entries, dataset: Dataset, binds: Mapping[str, Any]) -> None:
        """Adds the rows on the suppression list to those that stay out, before any row is written."""
        if dataset.record is RecordType.PERSON and entries.has_prospects:
            self._run("known_customers")
            if self.previous is not None:
                self._run("known_customers_before")
            self._run("never_customer")
        self._run("guarded", binds)
        self._run("guarded_hit")
        read_rejected(self.con)
        for key_id in entries.each_key(self.con):
            self._run("guarded_hits", {**binds, "key_id": key_id})
            self._run("rejected_hits", {**binds, "key_id": key_id})
        self._run("nobody_before" if self.previous is None else "stood_before", binds)
        self._run("suppressed_hits", {**binds, "today": entries.today})
        self._run("suppressed_rows", binds)

    def _keep_clocks(self, binds: Mapping[str, Any]) -> int:
        """Keeps the earlier date where the export says that a clock begins later than the export before it said."""
        binds = {**binds, "build": self.number}
        self._run("compared", binds)
        if self._one("came_anew")[0]:
            self._run("compared_anew", binds)
        self._run("move", binds)
        told, new = self._one("moves_told", binds)
        if told:
            self._run("keep_earlier")
            self._run("keep_successors")
        return int(new)

    def _keep_contracts(self, binds: Mapping[str, Any]) -> int:
        """The same of a customer's contracts."""
        binds = {**binds, "build": self.number}
        self._run("contracts_moved", binds)
        self._run("keep_contracts")
        self._run("contracts_gone", binds)
        return int(self._one("contracts_new", binds)[0])

    def _silence(self, dataset: Dataset, binds: Mapping[str, Any]) -> None:
        """Drops the text of rows that stay out for another reason where it would bring somebody back."""
        if self.suppressed is not None:
            read_lines(self.con)
            self._run("told_addresses", binds)
            for key_id in self.suppressed.each_key(self.con):
                self._run("silence_suppressed", {**binds, "key_id": key_id})
            if dataset.record in _GUARDED:
                self._run("silence_rejected", binds)
            if dataset.record is RecordType.VOUCHER:
                self._run("unlinked_rows", binds)
        if dataset.record is RecordType.ERASURE_REQUEST:
            self._run("silence_answered", binds)

    def _tie(self) -> None:
        """Finds whose ties lead to each other; where they make one of two persons, first the weak ones go, then all."""
        self._spread_labels()
        for everything in (False, True):
            self._run("torn")
            if not self._one("torn_count")[0]:
                return
            self._run("untie", {"all": everything})
            self._run("relabelled")
            self._spread_labels()

    def _derive(self) -> None:
        """Makes bases and persons of what was found."""
        tied, vouchers, met, shared, moved, requested = self._one("to_derive")
        several = met or tied or vouchers
        if several:
            self._run("several")
        if several or moved:
            self._run("spoken_for")
        self._run("merged" if tied else "nothing_merged")
        self._run("bases")
        if tied:
            self._run("bases_merged")
        if vouchers:
            self._run("bases_of_vouchers")
        self._run("fields_filled")
        if several:
            self._run("persons_of_several")
        if requested:
            self._run("requested")
        if shared:
            self._run("possible_doubles")

    def _spread_labels(self) -> None:
        before = None
        while (now := self._one("label_sum")[0]) != before:
            before = now
            self._run("relabel")

    def _left_out(
        self,
        dataset: Dataset,
        binds: Mapping[str, Any],
        columns: Sequence[str],
        headers: Sequence[str],
        kinds: Sequence[str],
    ) -> Mapping[str, int]:
        """Counts the left-out columns into the build; returns column name -> how often it was filled."""
        places = [int(name.removeprefix("left_out_")) for name in columns if name.startswith("left_out_")]
        # A pattern that matches no column is an error in SQL, so an export without any has its own statement.
        counts = "left_out_counts" if places else "left_out_numbers"
        result = _execute(self.con, counts, binds)
        names = [str(column[0]) for column in result.description or ()]
        kept = dict(zip(dataset.fields_for(headers), headers, strict=True))
        rows: list[tuple[Any, ...]] = []
        filled: dict[str, int] = {}
        for told in result.fetchall():
            values = dict(zip(names, told, strict=True))
            # (column, kind, how often), a column twice where it holds personnummer besides what it should.
            found: list[tuple[str, str, int]] = []
            for word in ("role", "name"):
                column = kept.get(word) or kept.get("family_name") or word
                found.append((column, PERSONNUMMER_FIELD, int(values[f"number_{word}"])))
            for place in places:
                kind = kinds[place]
                times = int(values[f"filled_left_out_{place}"])
                rows.append(
                    (dataset.id, dataset.source, values["category"], headers[place], kind, times, values["rows"])
                )
                filled[headers[place]] = filled.get(headers[place], 0) + times
                if kind != PERSONNUMMER_FIELD:
                    found.append((headers[place], PERSONNUMMER_FIELD, int(values[f"number_left_out_{place}"])))
            rows.extend(
                (dataset.id, dataset.source, values["category"], column, kind, times, values["rows"])
                for column, kind, times in found
                if times
            )
        self._insert("left_out", rows)
        return filled

    def _insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self.con.executemany(f"insert into build.{table} values ({marks})", rows)  # noqa: S608 - fixed names

    def _run(self, name: str, binds: Mapping[str, Any] | None = None) -> None:
        _execute(self.con, name, binds or {})

    def _one(self, name: str, binds: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
        row = _execute(self.con, name, binds or {}).fetchone()
        if row is None:
            raise RuntimeError(f"queries/build/{name}.sql gave no row")
        return tuple(row)
