"""Whether a store is a demo or real: remembered by the register and by the store's folder, so that neither is mistaken.

A store becomes real when it is first opened with a sign-in, and stays so: where the setting that says so is lost,
nobody may pick a role in it, and the demo company is not put in its place.
"""

from __future__ import annotations

import sqlalchemy as sa

from compliance.register.tables import Kind, installation
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

# In the store's folder: the register may lie elsewhere, and the setting that says where may be lost with the other.
_MARK = "real"
# Reserved for examples (RFC 2606): nobody real has an address there, and everybody of the demo company has.
_INVENTED = "%.example"
# By name: the area of sign-ins stands on this one.
_actor = sa.table("actor", sa.column("email"))


def check_folder(settings: Settings) -> None:
    """Raises Refused `store_is_real` for a demo in the folder of a store that is real."""
    if settings.login == "demo" and (settings.store / _MARK).exists():
        raise Refused("store_is_real", store=settings.store.name)


def check(settings: Settings, connection: sa.Connection) -> Kind | None:
    """What the register is to be marked as, None where it is already. Raises Refused `store_is_real` for a demo in one
    that is real, also in one from before there were marks that somebody real has signed in to.
    """
    known = connection.scalar(sa.select(installation.c.kind))
    if settings.login != "demo":
        return None if known == Kind.REAL else Kind.REAL
    somebody = sa.and_(_actor.c.email.not_like(_INVENTED), _actor.c.email != "")
    real = sa.select(sa.literal(1)).select_from(_actor).where(somebody).limit(1)
    if known == Kind.REAL or (known is None and connection.scalar(real)):
        raise Refused("store_is_real", store=settings.store.name)
    return Kind.DEMO if known is None else None


def mark(settings: Settings, connection: sa.Connection, kind: Kind) -> None:
    """Remembers what the store is, in the caller's transaction and in the store's folder."""
    forget(connection)
    connection.execute(sa.insert(installation).values(number=1, kind=kind))
    if kind is Kind.REAL:
        settings.store.mkdir(parents=True, exist_ok=True, mode=0o700)
        (settings.store / _MARK).touch(0o600)


def forget(connection: sa.Connection) -> Kind | None:
    """Takes the mark away, for a register that is filled from a backup, which has its own; returns what it was."""
    known = connection.scalar(sa.select(installation.c.kind))
    connection.execute(sa.delete(installation))
    return None if known is None else Kind(known)


def settle(connection: sa.Connection, before: Kind | None) -> None:
    """After a restore: real is what was real before, or was in the backup."""
    restored = forget(connection)
    kind = Kind.REAL if Kind.REAL in (before, restored) else Kind.DEMO
    connection.execute(sa.insert(installation).values(number=1, kind=kind))
