"""Who stays out of a build, who is let in and asked about: told once more and slowly, over hits made by chance.

Written from the rules, never from the statements that apply them:

- Whoever surely is the erased one stays out, unless the record was registered after every such erasure, by today at the
  latest. Staff's accounts, and what is left of a row that its source has emptied, are nobody who came back.
- Whoever may be somebody else is let in and asked about, unless it is known: of a record as long as its name is the
  same, of what was decided with the same address or number and the name where the name is not the erased one's, and of
  a record that stood in the copy beside the erased one with the same name and what the two share.
- By a number that was one person's alone, one name is asked about at a time: first one that was before, and none while
  somebody has it who is known to be another.
- A source has whom it was to erase where the record is surely theirs by its key, or stays out by something else; of
  its own entries only.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from compliance.build.builder import workbench
from compliance.identity.normalise import one_spelling
from compliance.words import queries
from tests.identity.who import one_name

HERE, TODAY = "crm", dt.date(2026, 1, 5)
# Around the days of erasures, and around today.
ERASED, DAYS = (2, 3), (1, 2, 3, 3, 3, 4, 5, 6, 7)
NAMES = ("anna berg", "anna berg jr", "anna berg sr", "bo dahl", "jurgen mueller", "jurgen muller", None)
Row = dict[str, Any]


class Told(NamedTuple):
    """Rows that stood in the copy beside an erased person, what becomes of all hits, and which rows are bad and why."""

    stood: list[tuple[int, int]]
    hits: list[tuple[Any, ...]]
    bad: list[tuple[int, str]]


class Chance:
    """Rows that meet a few entries each, by few addresses, numbers and names, and what was asked about them before."""

    def __init__(self, seed: int, rows: int = 500, entries: int = 60) -> None:
        self.random = random.Random(seed)
        self.entries = [self._entry(number) for number in range(entries)]
        self.rows = [self._row(number) for number in range(rows)]
        self.hits = [self._hit(row, entry) for row in self.rows for entry in self._met()]
        self.old, self.further = list[Row](), list[Row]()
        for row in self.rows:
            if self.seldom(0.7):
                self._stood(row)
        self.asked = [self._asked(hit) for hit in self.hits if self.seldom(0.35)]
        self.bad = [
            (row["row_no"], reason) for row in self.rows if self.seldom(0.2) for reason in ("no_key", "no_category")
        ]
        # Of another dataset of the same run.
        self.elsewhere = [(row["row_no"], self.seldom(0.5)) for row in self.rows if self.seldom(0.2)]

    def seldom(self, share: float) -> bool:
        return self.random.random() < share

    def day(self, days: Sequence[int], share: float = 0.8) -> dt.date | None:
        return dt.date(2026, 1, self.random.choice(days)) if self.seldom(share) else None

    def _one(self, letter: str, share: float = 0.8, many: int = 3) -> str | None:
        return f"{letter}{self.random.randrange(many)}" if self.seldom(share) else None

    def _entry(self, number: int) -> Row:
        return {
            "suppression_id": number, "batch_id": number // 3, "dataset": self.random.choice((HERE, HERE, "hr")),
            "is_shared_phone": self.random.choice((True, False, False, None)),
            "category": None if self.seldom(0.8) else "PROSPECT",
            "erased_on": self.day(ERASED, 1),
        }  # fmt: skip

    def _row(self, number: int) -> Row:
        return {
            "row_no": number, "source_key": f"K{number}" if self.seldom(0.9) else None,
            "category": self.random.choice(("PROSPECT", "PROSPECT", "PROSPECT", "ENV_USER")),
            "is_identified": self.seldom(0.85), "registered_on": self.day(DAYS), "name_key": self.random.choice(NAMES),
            # Digests of a row are its own, those of names are shared.
            "record_digest": f"r{number}", "name_digest": self._one("n", 0.85, 6),
        }  # fmt: skip

    def _met(self) -> list[Row]:
        return self.random.sample(self.entries, self.random.choice((1, 1, 2, 3)))

    def _hit(self, row: Row, entry: Row) -> Row:
        by_key = self.seldom(0.15)
        # Of every other batch most are met by the number alone, and nobody was told apart, so that the names there are
        # asked about in turn.
        is_quiet = entry["batch_id"] % 2 == 0
        mail = self._one("mail", 0.1 if is_quiet else 0.4)
        call = self._one("call", 0.9 if is_quiet else 0.7)
        return {
            **{name: row[name] for name in ("row_no", "record_digest", "name_digest")},
            **{name: entry[name] for name in ("suppression_id", "batch_id", "erased_on")},
            "is_of_person": entry["category"] is None, "by_key": by_key, "is_sure": self.seldom(0.25),
            "email_key": mail, "phone_key": call, "email_name_digest": mail and self._one("m"),
            "phone_digest": call and self._one("p"), "has_name": self.seldom(0.1 if is_quiet else 0.5),
        }  # fmt: skip

    def _stood(self, row: Row) -> None:
        """What the copy before had by the row's key: mostly the same, with further addresses and numbers."""
        record_id = f"{HERE}:{row['source_key']}"
        name = row["name_key"] if self.seldom(0.6) else self.random.choice(NAMES)
        dates = {one: self.day(DAYS, 0.4) for one in ("designated_on", "registered_on", "starts_on")}
        self.old.append({
            "record_id": record_id, "dataset": HERE, "name_key": name, "email_key": self._one("mail", 0.5),
            "phone_key": self._one("call", 0.5), **dates,
        })  # fmt: skip
        for kind, letter in (("email", "mail"), ("phone", "call")):
            if self.seldom(0.3):
                self.further.append(
                    {"record_id": record_id, "dataset": HERE, "kind": kind, "key": self._one(letter, 1)}
                )

    def _asked(self, hit: Row) -> Row:
        """Most of what was asked was of the same record; some was of another, about the same erased person."""
        told = {name: hit[name] for name in ASKED[1:-1]}
        for name in ("name_digest", "email_name_digest", "phone_digest"):
            if self.seldom(0.2):
                told[name] = self._one(name[0], 0.7, 6)
        if self.seldom(0.3):
            told["record_digest"] = f"r{self.random.randrange(len(self.rows))}"
        verdicts = ("other", "other", "same", None) if hit["batch_id"] % 2 else ("same", None)
        of = self.random.choice(self.entries[hit["batch_id"] * 3 :][:3])["suppression_id"]
        return {
            "suppression_id": hit["suppression_id"] if self.seldom(0.5) else of, **told,
            "verdict": self.random.choice(verdicts),
        }  # fmt: skip


ASKED = (
    "suppression_id", "batch_id", "record_digest", "name_digest", "email_name_digest", "phone_digest", "verdict",
)  # fmt: skip
HIT = (
    "row_no", "suppression_id", "batch_id", "erased_on", "is_of_person", "record_digest", "name_digest", "by_key",
    "is_sure", "email_key", "phone_key", "email_name_digest", "phone_digest", "has_name",
)  # fmt: skip
_TABLES = {
    "suppressed": "suppression_id bigint, batch_id bigint, dataset varchar, is_shared_phone boolean, category varchar,"
    " erased_on date",
    "guarded": "row_no bigint, source_key varchar, category varchar, is_identified boolean, registered_on date,"
    " name_key varchar",
    "asked": ", ".join(f"{name} {'bigint' if name.endswith('_id') else 'varchar'}" for name in ASKED),
    "further": "record_id varchar, dataset varchar, kind varchar, key varchar",
    "old.record": "record_id varchar, dataset varchar, name_key varchar, email_key varchar, phone_key varchar,"
    " designated_on date, registered_on date, starts_on date",
}


class Made:
    """What the statements make of the hits, again and again."""

    def __init__(self, folder: Path, told: Chance) -> None:
        self.con = con = workbench(folder, threads=1)
        con.execute("attach ':memory:' as old")
        rows = {
            "suppressed": told.entries, "guarded": told.rows, "asked": told.asked, "further": told.further,
            "old.record": told.old,
        }  # fmt: skip
        for table, columns in _TABLES.items():
            con.execute(f"create or replace {'' if '.' in table else 'temp'} table {table} ({columns})")
            self._insert(table, [column.split()[0] for column in columns.split(", ")], rows[table])
        con.execute(queries.load("suppressed"))
        con.execute(queries.load("guarded_hit"))
        self._insert("guarded_hit", HIT, told.hits)
        con.executemany("insert into bad_row (row_no, reason) values (?, ?)", told.bad)
        con.executemany("insert into suppressed_hit (dataset, row_no, stays_out) values ('hr', ?, ?)", told.elsewhere)

    def now(self) -> Told:
        """As the statements are now."""
        con = self.con
        con.execute("begin")
        try:
            for name in ("stood_before", "suppressed_hits", "suppressed_rows"):
                binds = {"dataset": HERE, "source": "crm", "today": TODAY}
                con.execute(queries.load(name), {one: binds[one] for one in queries.binds(name)})
            stood, hits, bad = (
                con.execute(f"select {columns} from {table} order by all").fetchall()
                for columns, table in (
                    ("*", "stood_before"),
                    ("* exclude (dataset, source)", f"suppressed_hit where dataset = '{HERE}' and source = 'crm'"),
                    ("*", "bad_row"),
                )
            )
        finally:
            con.execute("rollback")
        return Told(stood, sorted(hits, key=repr), bad)

    def _insert(self, table: str, names: Sequence[str], rows: Sequence[Row]) -> None:
        self.con.executemany(
            f"insert into {table} ({', '.join(names)}) values ({', '.join('?' * len(names))})",
            [[row[name] for name in names] for row in rows],
        )

    def close(self) -> None:
        self.con.close()


class Slowly:
    """The same, hit by hit."""

    def __init__(self, told: Chance) -> None:
        self.told = told
        self.entries = {one["suppression_id"]: one for one in told.entries}
        self.rows = {one["row_no"]: one for one in told.rows}
        self.old = {one["record_id"]: one for one in told.old}
        self.asked_of = {(one["suppression_id"], one["record_digest"]) for one in told.asked}
        self.other = [one for one in told.asked if one["verdict"] == "other"]
        self.bad = {row_no for row_no, _ in told.bad}

    def now(self) -> Told:
        stood = sorted((hit["row_no"], hit["suppression_id"]) for hit in self.told.hits if self._stood(hit))
        self.stood = set(stood)
        hits = list(self._hits())
        out = {hit[0] for hit in hits if hit[-1]}
        bad = [one for one in self.told.bad if one[0] not in out] + [(row_no, "suppressed") for row_no in out]
        return Told(stood, sorted(hits, key=repr), sorted(bad))

    def _stood(self, hit: Row) -> bool:
        """Whether a row's record stood there before beside whoever was erased, and so is another's."""
        row, entry = self.rows[hit["row_no"]], self.entries[hit["suppression_id"]]
        record = self.old.get(f"{HERE}:{row['source_key']}") if row["source_key"] else None
        if hit["is_sure"] or not hit["is_of_person"] or record is None:
            return False
        if (hit["suppression_id"], hit["record_digest"]) in self.asked_of:
            return False
        names = [record["name_key"], row["name_key"]]
        is_named_so = names == [None, None] if None in names else one_name(*map(one_spelling, names))
        has = {record["email_key"], record["phone_key"]}
        has |= {one["key"] for one in self.told.further if one["record_id"] == record["record_id"]}
        shared = {hit["email_key"], hit["phone_key"]} - {None}
        is_by_name_alone = not shared and not hit["by_key"]
        is_own_number = not hit["by_key"] and not hit["has_name"] and not hit["email_key"] and hit["phone_key"]
        came = record["designated_on"] or record["registered_on"] or record["starts_on"]
        return bool(
            is_named_so
            and (has & shared or is_by_name_alone)
            and (not is_own_number or entry["is_shared_phone"])
            and (came is None or came <= hit["erased_on"])
        )

    def _contested(self, hit: Row) -> list[Row]:
        """What was decided to be another's with the same address or number and the same name."""
        if hit["by_key"]:
            return []
        return [
            one for one in self.other
            if one["batch_id"] == hit["batch_id"]
            and any(hit[name] and one[name] == hit[name] for name in ("email_name_digest", "phone_digest"))
        ]  # fmt: skip

    def _is_another(self, hit: Row) -> bool:
        contested = self._contested(hit)
        if contested and (
            not hit["has_name"] or any(one["record_digest"] == hit["record_digest"] for one in contested)
        ):
            return True
        if not hit["is_sure"] and any(
            (one["suppression_id"], one["record_digest"]) == (hit["suppression_id"], hit["record_digest"])
            and (None in (one["name_digest"], hit["name_digest"]) or one["name_digest"] == hit["name_digest"])
            for one in self.other
        ):
            return True
        return (hit["row_no"], hit["suppression_id"]) in self.stood

    def _is_anew(self, hit: Row) -> bool:
        registered = self.rows[hit["row_no"]]["registered_on"]
        return registered is not None and hit["erased_on"] < registered <= TODAY

    def _stays(self, hit: Row) -> bool:
        """Whether a row would stay out if it were the erased one's."""
        row = self.rows[hit["row_no"]]
        return row["category"] != "ENV_USER" and row["is_identified"] and not self._is_anew(hit)

    def _is_by_number(self, hit: Row) -> bool:
        """By nothing but a number that was one person's alone."""
        is_shared = self.entries[hit["suppression_id"]]["is_shared_phone"]
        by_more = hit["email_key"] or hit["by_key"] or hit["has_name"]
        return bool(hit["phone_key"]) and not by_more and not is_shared

    def _hits(self) -> Iterator[tuple[Any, ...]]:
        hits = self.told.hits
        number = {id(hit): self._is_by_number(hit) for hit in hits}
        another = {id(hit): self._is_another(hit) for hit in hits}
        sure = {id(hit): hit["is_sure"] and not self._contested(hit) for hit in hits}
        of_row: dict[int, list[Row]] = {}
        for hit in hits:
            of_row.setdefault(hit["row_no"], []).append(hit)
        possible = {
            id(hit) for hit in hits
            if not another[id(hit)] and not any(sure[id(one)] for one in of_row[hit["row_no"]])
        }  # fmt: skip
        others_number = {hit["suppression_id"] for hit in hits if number[id(hit)] and another[id(hit)]}
        turn = self._turns([hit for hit in hits if number[id(hit)] and id(hit) in possible])
        for hit in hits:
            row, entry = self.rows[hit["row_no"]], self.entries[hit["suppression_id"]]
            is_sure, stays, is_bad = sure[id(hit)], self._stays(hit), hit["row_no"] in self.bad
            is_possible = id(hit) in possible and not (
                number[id(hit)] and (hit["suppression_id"] in others_number or id(hit) in turn)
            )
            surely = [one for one in of_row[hit["row_no"]] if sure[id(one)]]
            all_anew = bool(surely) and all(map(self._is_anew, surely))
            is_person = row["category"] != "ENV_USER"
            kind = None
            if stays and is_sure:
                kind = "kept_out"
            elif stays and is_possible and not is_bad:
                kind = "possible"
            elif is_person and row["is_identified"] and is_sure and all_anew and not is_bad:
                kind = "let_in"
            is_from_here = entry["dataset"] == HERE
            yield (
                *(hit[name] for name in ("row_no", "suppression_id", "batch_id", "record_digest", "name_digest")),
                hit["email_name_digest"],
                hit["phone_digest"],
                row["is_identified"] and is_from_here and is_sure and (hit["by_key"] or stays),
                stays and is_possible and is_from_here,
                kind,
                is_sure and is_person and (not all_anew or not row["is_identified"]),
            )

    def _turns(self, hits: list[Row]) -> set[int]:
        """Those of the hits by a number whose name has to wait until another one there was answered."""
        names: dict[int, dict[str | None, bool]] = {}
        asks = [hit for hit in hits if self._stays(hit) and hit["row_no"] not in self.bad]
        for hit in asks:
            there = names.setdefault(hit["suppression_id"], {})
            was = (hit["suppression_id"], hit["record_digest"]) in self.asked_of
            there[hit["name_digest"]] = there.get(hit["name_digest"], False) or was
        first = {
            entry: min(there, key=lambda name: (not there[name], name is None, name or ""))
            for entry, there in names.items()
        }
        return {id(hit) for hit in asks if hit["name_digest"] != first[hit["suppression_id"]]}
