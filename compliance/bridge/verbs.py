"""Keeps where bridges start, and takes out of it whom a purge removes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from compliance.bridge import digests
from compliance.bridge.tables import Place, bridge_start
from compliance.words.settings import Settings


@dataclass(frozen=True)
class Start:
    """Where a bridge starts: how many entries were overdue, how many of them a purge has removed since, and the digests
    of all that are left, by where they stood.
    """

    number: int
    overdue: int
    purged: int
    left: Mapping[Place, tuple[str, ...]]


def enter(connection: sa.Connection, number: int, found: Mapping[Place, Collection[str]]) -> None:
    """Keeps the entries of a snapshot, by their digests."""
    connection.execute(
        sa.insert(bridge_start),
        [
            {
                "snapshot_id": number,
                "place": place.value,
                "entries": len(found.get(place, ())),
                "digests": digests.pack(found.get(place, ())),
            }
            for place in Place
        ],
    )


def take_out(connection: sa.Connection, settings: Settings, basis_ids: Iterable[str]) -> None:
    """Forgets entries that a purge removes, in its transaction; only how many they were stays."""
    secret = digests.secret(settings)
    gone = {digests.digest(secret, basis_id) for basis_id in basis_ids}
    if not gone:
        return
    for row in connection.execute(sa.select(bridge_start)).all():
        known = digests.unpack(row.digests)
        left = [one for one in known if one not in gone]
        if len(left) < len(known):
            connection.execute(
                sa.update(bridge_start)
                .where(bridge_start.c.snapshot_id == row.snapshot_id, bridge_start.c.place == row.place)
                .values(digests=digests.pack(left), purged=row.purged + len(known) - len(left))
            )


def keep_only(connection: sa.Connection, numbers: Collection[int]) -> None:
    """Forgets where no bridge starts any more: all but the snapshots of those numbers."""
    connection.execute(sa.delete(bridge_start).where(bridge_start.c.snapshot_id.not_in(list(numbers))))


def start(register: sa.Engine, number: int) -> Start | None:
    """Where a bridge from that snapshot starts; None where its entries are not kept any more, or never were."""
    with register.connect() as connection:
        rows = connection.execute(sa.select(bridge_start).where(bridge_start.c.snapshot_id == number)).all()
    if not rows:
        return None
    by_place = {Place(row.place): row for row in rows}
    return Start(
        number,
        by_place[Place.OVERDUE].entries,
        by_place[Place.OVERDUE].purged,
        {place: tuple(digests.unpack(row.digests)) for place, row in by_place.items()},
    )
