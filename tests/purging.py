"""A purge desk for tests: a store of one's own, people who act at it, and the day moved by hand."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import errno
import io
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import ahocorasick_rs
import sqlalchemy as sa

from compliance import access, runs
from compliance.access import Actor, rules
from compliance.access.at import At
from compliance.demo.generate import HEADERS
from compliance.intake import orders, run, service
from compliance.intake.orders import Result
from compliance.purge import asks as purge_asks
from compliance.purge import batches, execute, rewrite
from compliance.purge import verbs as purge_verbs
from compliance.purge.batches import Batch
from compliance.reading import copy
from compliance.reading.copy import Item, Reading
from compliance.register.engine import engine
from compliance.show import asks as show_asks
from compliance.show.entries import entry_binds
from compliance.words import disks, keys
from compliance.words import settings as settings_of
from compliance.words.policy import Policy, load_parameters
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from tests.demo_store import NOW
from tests.world import TODAY, acting

ALL_ROWS = 1_000_000


class Desk:
    """One installation. Petra proposes (DPO), Axel approves (CISO), Gun may nothing (auditor), Olle owns sales."""

    def __init__(self, store: Path, exports: Path | None = None, **environ: str) -> None:
        given = {"COMPLIANCE_STORE": str(store), "COMPLIANCE_TODAY": TODAY.isoformat(), **environ}
        if exports is not None:
            given["COMPLIANCE_EXPORTS"] = str(exports)
        self.settings: Settings = settings_of.load(given)
        self.register: sa.Engine = engine(self.settings)
        self.now = NOW
        by_role = {actor.role.value: actor for actor in access.demo_actors(self.settings)}
        self.petra: Actor = by_role["dpo"]
        self.axel: Actor = by_role["ciso"]
        self.olle: Actor = by_role["owner"]
        self.gun: Actor = by_role["auditor"]
        self.parameters = load_parameters(self.settings.config / "parameters.toml")

    @property
    def policy(self) -> Policy:
        """The rules in force on the installation's day."""
        return rules.in_force(self.settings, self.register, settings_of.today(self.settings, self.now)).policy

    def clock(self) -> dt.datetime:
        """Each look at the clock is a second later."""
        self.now += dt.timedelta(seconds=1)
        return self.now

    def on(self, day: dt.date) -> None:
        """Moves the installation to another day."""
        self.now += day - settings_of.today(self.settings, self.now)
        self.settings = dataclasses.replace(self.settings, today_override=day)

    def at(self, actor: Actor | None = None) -> At:
        """An act of somebody, or of nobody, as a click makes it."""
        return acting(self.settings, self.register, actor, self.clock(), parameters=self.parameters)

    def reading(self) -> Reading:
        """The current copy as of the installation's day."""
        today = settings_of.today(self.settings, self.now)
        found = copy.current(self.settings, self.register, today, self.policy, self.parameters)
        assert found is not None
        return found

    def entries(self, **filters: str) -> list[show_asks.Entry]:
        """The entries that a list with these filters shows, with names."""
        binds = entry_binds(filters, named=True)
        return self.reading().rows(show_asks.ENTRIES, rows=ALL_ROWS, skip=0, **binds)

    def stays(self) -> dict[str | None, str | None]:
        """Why each entry that a rule would have gone stays where it is, by name; None where it goes."""
        rows = [row for row in self.entries() if row.status in ("OVERDUE", "HELD")]
        key = keys.pseudonyms(self.settings)
        items = [
            Item(key.digest(f"basis|{row.basis_id}"), row.category, row.source, row.status, row.deadline_on)
            for row in rows
        ]
        names = {row.basis_id: row.name for row in rows}
        with self.reading().choosing(key, items) as choice:
            choice.decide("rule")
            return {names[str(row.basis_id)]: row.stays for row in choice.rows(purge_asks.PURGE_DOOMED)}

    def propose(
        self, rows: Sequence[purge_verbs.Candidate], actor: Actor | None = None, *, picked: bool = False
    ) -> Batch:
        """A batch of these entries, proposed by Petra unless told otherwise."""
        batch, _ = purge_verbs.propose(self.at(actor or self.petra), self.reading(), rows, picked=picked)
        return batch

    def propose_for(self, *references: str, source: str = "erasure_form") -> Batch:
        """A batch that answers the requests with these references, proposed by Petra."""
        asked = [(source, one) for one in references]
        batch, _ = purge_verbs.propose_for_requests(self.at(self.petra), self.reading(), asked)
        return batch

    def going(self, batch: Batch) -> int:
        """How many entries of a batch would go now."""
        return batches.preview(self.settings, self.register, self.reading(), batch.batch_id).going

    def approve(self, batch: Batch, actor: Actor | None = None, **changes: Any) -> Batch:
        """Approves a batch as who saw its preview and typed it right, but for `changes`; Axel unless told otherwise."""
        given: dict[str, Any] = {"seen_build": self.reading().build, "word": "PURGE"}
        if "number" not in changes:
            given["number"] = self.going(batch)
        at = self.at(actor or self.axel)
        return purge_verbs.approve(at, self.reading(), batch.batch_id, **{**given, **changes})

    def confirm(self, batch: Batch) -> Batch:
        """Confirms a large batch, as Axel."""
        seen = batches.preview(self.settings, self.register, self.reading(), batch.batch_id)
        return purge_verbs.confirm(self.at(self.axel), self.reading(), batch.batch_id, persons=seen.persons)

    def claim(self, batch: Batch, actor: Actor | None = None, **changes: Any) -> Batch:
        """What the page does on the click, without starting the process."""
        run_id = runs.queue(self.register, None, self.clock(), kind="purge")
        given: dict[str, Any] = {"word": "GALLRA"}
        if "number" not in changes:
            given["number"] = self.going(batch)
        at = self.at(actor or self.axel)
        return purge_verbs.claim(at, self.reading(), batch.batch_id, run_id, **{**given, **changes})

    def carry_out(self, batch: Batch) -> Batch:
        """Carries out a batch that was claimed, in this process."""
        return execute.carry_out(self.settings, self.register, batch.batch_id, self.clock)

    def purge(self, rows: Sequence[purge_verbs.Candidate], *, picked: bool = False) -> Batch:
        """The whole way from a list to an executed batch."""
        return self.finish(self.propose(rows, picked=picked))

    def finish(self, batch: Batch) -> Batch:
        """From a proposed batch to an executed one."""
        # Looked at once: that each step looks for itself is what tests ask that take the steps themselves.
        number = self.going(batch)
        approved = self.approve(batch, number=number)
        if approved.large:
            self.confirm(approved)
        self.claim(approved, number=number)
        return self.carry_out(approved)

    def take_in(self, *paths: Path, allow_older: bool = False) -> Result:
        """Takes exports in, made now unless their names say otherwise."""
        files = []
        for path in paths:
            made, made_from = service.exported_at(path.name, self.clock(), "file_time", self.now)
            files.append(orders.FileOrder(path=path, name=path.name, exported_at=made, exported_at_from=made_from))
        order = orders.Order(files=tuple(files), allow_older=allow_older)
        run_id = runs.queue(self.register, None, self.clock())
        return run.execute(self.settings, self.register, run_id, order, self.clock)


class Weekly(Desk):
    """A desk whose prospects come week by week, in exports that lie below `folder`."""

    folder: Path
    week = 0

    def deliver(self, *rows: dict[str, str]) -> None:
        """Takes in the next week's export of prospects."""
        self.week += 1
        path = prospects(self.folder / str(self.week), rows, f"2026-11-24T{self.week:02d}00")
        result = self.take_in(path)
        assert result.all_taken, result


def prospects(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of prospects as the demo's CRM writes it; a row gives its columns by their headers."""
    path = folder / f"crm_prospekt_{stamp}.csv"
    return _written(path, "crm_prospects", rows)


def contacts(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of contacts as the demo's CRM writes it."""
    return _written(folder / f"crm_kontakter_{stamp}.csv", "crm_contacts", rows)


def contracts(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of contracts as the demo's CRM writes it."""
    return _written(folder / f"crm_avtal_{stamp}.csv", "crm_contracts", rows)


def organisations(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of organisations as the demo's CRM writes it."""
    return _written(folder / f"crm_kunder_{stamp}.csv", "crm_organisations", rows)


def employees(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of employees as the demo's HR system writes it."""
    return _written(folder / f"hr_anstallda_{stamp}.csv", "hr_employees", rows)


def contractors(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of contractors as the demo's HR system writes it."""
    return _written(folder / f"hr_uppdragstagare_{stamp}.csv", "hr_contractors", rows)


def vouchers(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of salary vouchers as the demo's HR system writes it."""
    return _written(folder / f"hr_verifikationer_{stamp}.csv", "hr_vouchers", rows)


def environments(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of customers' environments as the demo company's operations write it."""
    return _written(folder / f"kundmiljoer_{stamp}.csv", "environments", rows)


def grants(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of grants to customers' environments as the demo company's support writes it."""
    return _written(folder / f"supportatkomst_{stamp}.csv", "access_grants", rows)


def mailings(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of mailings as the demo company's mailing tool writes it."""
    return _written(folder / f"utskick_{stamp}.csv", "mailings", rows)


def opt_outs(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of opt-outs as the demo company's mailing tool writes it."""
    return _written(folder / f"avregistreringar_{stamp}.csv", "opt_outs", rows)


def requests_made(folder: Path, rows: Iterable[Mapping[str, str]], stamp: str = "2026-11-24T0500") -> Path:
    """An export of the erasure form as the demo's website writes it."""
    return _written(folder / f"raderingsformular_{stamp}.csv", "erasure_form", rows)


def request(number: int, person: int, **more: str) -> dict[str, str]:
    """A request for erasure by the prospect of a number, open unless told otherwise."""
    return {
        "Ärendenummer": f"R{number}",
        "Inkom": "2026-11-02 09:30",
        "Jag är": "Prospekt",
        "Ärendetyp": "Radering",
        "Namn": f"Person{person} Provsson",
        "E-post": f"person{person}@bolaget.example",
        **more,
    }


def _written(path: Path, dataset: str, rows: Iterable[Mapping[str, str]]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADERS[dataset], delimiter=";", lineterminator="\r\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    return path


def prospect(number: int, registered: str = "2010-03-21", **more: str) -> dict[str, str]:
    """A prospect that must be gone long since, unless it was registered later."""
    return {
        "Prospekt-ID": f"P{number}",
        "Namn": f"Person{number} Provsson",
        "E-post": f"person{number}@bolaget.example",
        "Registrerad": f"{dt.date.fromisoformat(registered):%d/%m/%Y}",
        **more,
    }


def files_with(folder: Path, texts: Iterable[str]) -> dict[str, set[str]]:
    """Which of the texts stand in which files below a folder; workbooks are looked into."""
    wanted = list(texts)
    # All at once: thousands of texts are looked for in dozens of files.
    search = ahocorasick_rs.BytesAhoCorasick([text.encode() for text in wanted])
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if content[:2] == b"PK":
            with zipfile.ZipFile(path) as archive:
                content += b"".join(archive.read(name) for name in archive.namelist())
        hits = {wanted[number] for number, *_ in search.find_matches_as_indexes(content, overlapping=True)}
        if hits:
            found[path.name] = hits
    return found


class WriterHere:
    """Writes the new build in this process: quicker, where it is not bytes that matter.

    It is given the order as the process would be, as JSON, and says as little of what went wrong.
    """

    def __init__(self) -> None:
        self._fault: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def begin(self, order: rewrite.RewriteOrder) -> None:
        """Writes the build. What goes wrong is told by `wait`."""
        try:
            rewrite.rewrite(rewrite.RewriteOrder.model_validate_json(order.model_dump_json()))
        except Exception as error:
            self._fault = error

    def wait(self) -> None:
        """Raises Refused `rewrite_failed` where the build was not written, and OSError where no room was."""
        if self._fault is not None:
            told = disks.refused(self._fault, Path())
            if told is not None and told.code == "disk_full":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise Refused("rewrite_failed", status=1) from self._fault
