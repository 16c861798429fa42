"""A desk of four prospects and what is asked of marks there."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from compliance import ledger
from compliance.ledger import tables as ledger_tables
from compliance.marks import listing
from compliance.marks import verbs as marks
from compliance.marks.tables import Ground, Kind
from compliance.show import asks as show_asks
from tests.purging import Desk, prospects
from tests.world import TODAY

REVIEW = TODAY + dt.timedelta(days=90)
Row = dict[str, str]


def stored(key: str, name: str, email: str, phone: str = "", **more: str) -> Row:
    return {"Prospekt-ID": key, "Namn": name, "E-post": email, "Telefon": phone, "Registrerad": "21/01/2010", **more}


ANNA = stored("P1", "Anna Berg", "anna@berg.example", "070-174 06 05")
BO = stored("P2", "Bo Dahl", "bo@dahl.example", "070-174 06 06")
EVA = stored("P3", "Eva Sten", "eva@sten.example", "070-174 06 15")
# The source says of her that she gets no mailings.
TOVE = stored("P4", "Tove Wik", "tove@wik.example", Avregistrerad="2020-02-02")


class Marked(Desk):
    """A desk with what is asked of it here."""

    def export(self, folder: Path, *persons: Row) -> None:
        """Takes in a newer export of the prospects."""
        self.now += dt.timedelta(hours=1)
        assert self.take_in(prospects(folder, persons, f"{self.now:%Y-%m-%dT%H%M}")).all_taken

    def whom(self, name: str) -> show_asks.Entry:
        return next(row for row in self.entries() if row.name == name)

    def place(self, name: str, kind: Kind, **more: object) -> int:
        """Petra marks somebody; a restriction since the accuracy is contested, unless told otherwise."""
        given: dict[str, object] = {"received_on": TODAY, **more}
        if kind is Kind.RESTRICTED:
            given = {"ground": Ground.ACCURACY_CONTESTED, "review_on": REVIEW, **given}
        terms = marks.Terms(kind, **given)  # type: ignore[arg-type]
        return marks.place(self.at(self.petra), self.reading(), self.whom(name).person_id, terms)

    def row(self, mark_id: int, day: dt.date = TODAY) -> listing.MarkRow:
        """One mark by its number."""
        return next(one for one in listing.listing(self.register, day) if one.entry.mark_id == mark_id)

    def flags(self) -> dict[str | None, set[str]]:
        """The flags of each person by name."""
        names = ("restricted", "opted_out", "objected")
        return {row.name: {name for name in names if getattr(row, name)} for row in self.entries()}

    def lines(self, event: ledger.Event) -> list[dict[str, object]]:
        table = ledger_tables.ledger
        with self.register.connect() as connection:
            assert ledger.verify(connection).broken_at is None
            told = connection.scalars(
                sa.select(table.c.details).where(table.c.event == event.value).order_by(table.c.seq)
            )
            return [json.loads(details) for details in told]


@cache
def made() -> tuple[Path, dt.datetime]:
    """What `desk` is copied from, and when it was made."""
    folder = Path(tempfile.mkdtemp(prefix="marked-"))
    desk = Marked(folder / "store")
    desk.export(folder / "exports", ANNA, BO, EVA, TOVE)
    desk.register.dispose()
    return folder, desk.now


def copied(folder: Path) -> Marked:
    """A desk of one's own below `folder`: four prospects who are overdue, each alone with name, address and number."""
    store, made_at = made()
    shutil.copytree(store / "store", folder / "store")
    desk = Marked(folder / "store")
    desk.now = made_at
    return desk
