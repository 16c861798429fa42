"""Sessions: begun by a sign-in, ended after a set idle time, at a set age, with the role, or by signing out.

They are kept in the register, so that what a browser has kept of one that ended opens nothing, here or at another
server.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging

import sqlalchemy as sa

from compliance import access, ledger
from compliance.access import Actor, limits, rules
from compliance.access.sign_in import Identity
from compliance.access.tables import Ended, login_session
from compliance.register.engine import writing
from compliance.words import settings as settings_of
from compliance.words.policy import Parameters
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

# A look is noted at most so often: nobody waits for the register's one writer at each click.
_NOTED = dt.timedelta(minutes=1)
# No browser keeps a sign-in for longer than Streamlit has it kept.
_KEPT = dt.timedelta(days=31)
_REFUSED_BECAUSE = {
    Ended.SIGNED_OUT: "session_signed_out",
    Ended.IDLE: "session_idle",
    Ended.AGE: "session_age",
    Ended.ROLE: "session_role",
}
_Row = sa.Row[tuple[object, ...]]
_refused: dict[tuple[str, str], dt.datetime] = {}
_log = logging.getLogger(__name__)


def touch(settings: Settings, register: sa.Engine, identity: Identity, now: dt.datetime) -> Actor | None:
    """Who acts, with the role that the source of roles gives at this moment; None for somebody without one.

    The first touch begins the session and is recorded. Raises Refused `session_idle`, `session_age`, `session_role` and
    `session_signed_out` where it has ended or ends by this look, `token_expired` where it would begin by a token
    that is too old for that, `limit_sign_ins` where it would be one more than a day has, and what
    compliance.access.who does.
    """
    actor = access.who(register, settings, identity)
    row = _row(register, identity)
    if row is None:
        if actor is not None and identity.until is not None and now > identity.until:
            raise Refused("token_expired")
        return None if actor is None else _begun(register, identity, actor, _parameters(settings, register, now), now)
    parameters = _parameters(settings, register, now)
    why = _why(row, actor, parameters, now)
    if why is not None:
        _end(register, row, why, now)
        raise Refused(_REFUSED_BECAUSE[why], **_limits(parameters))
    if now - row.seen_at >= _NOTED:
        with writing(register) as connection:
            connection.execute(
                sa.update(login_session)
                .where(login_session.c.session_key == row.session_key, login_session.c.ended_at.is_(None))
                .values(seen_at=now)
            )
    return actor


def over(settings: Settings, register: sa.Engine, identity: Identity, now: dt.datetime) -> bool:
    """Whether the next touch would find the session ended. Looking so keeps it from nothing."""
    row = _row(register, identity)
    actor = access.who(register, settings, identity)
    return row is not None and _why(row, actor, _parameters(settings, register, now), now) is not None


def sign_out(register: sa.Engine, identity: Identity, now: dt.datetime) -> None:
    """Ends a session because whoever has it wants to leave."""
    row = _row(register, identity)
    if row is not None:
        _end(register, row, Ended.SIGNED_OUT, now)


def refused(register: sa.Engine, code: str, now: dt.datetime) -> None:
    """Records that a sign-in was refused, and by which name; each reason once a minute, whoever knocks how often."""
    known = _refused.get((str(register.url), code))
    if known is not None and now - known < _NOTED:
        return
    _refused[str(register.url), code] = now
    _log.warning("sign-in refused: %s", code)
    with writing(register) as connection:
        ledger.append(connection, ledger.Event.SIGN_IN_REFUSED, author=None, now=now, details={"reason": code})


def end_all(connection: sa.Connection, now: dt.datetime) -> None:
    """Ends every session: of a register that was brought back, nobody knows which have ended since."""
    connection.execute(
        sa.update(login_session)
        .where(login_session.c.ended_at.is_(None))
        .values(ended_at=now, ended_why=Ended.SIGNED_OUT)
    )


def _why(row: _Row, actor: Actor | None, parameters: Parameters, now: dt.datetime) -> Ended | None:
    if row.ended_why is not None:
        return Ended(row.ended_why)
    if actor is None or actor.role != row.role:
        return Ended.ROLE
    # A clock that was set back makes nobody younger.
    if abs(now - row.began_at) >= dt.timedelta(hours=parameters.session_hours):
        return Ended.AGE
    if abs(now - row.seen_at) >= dt.timedelta(minutes=parameters.session_idle_minutes):
        return Ended.IDLE
    return None


def _begun(register: sa.Engine, identity: Identity, actor: Actor, parameters: Parameters, now: dt.datetime) -> Actor:
    with writing(register) as connection:
        known = connection.execute(_OF_ONE, {"key": _key(identity)}).first()
        # Two tabs that are opened at once are one session.
        if known is None:
            limits.spend(connection, actor.author, limits.Limited.SIGN_INS, parameters, now)
            connection.execute(sa.delete(login_session).where(login_session.c.seen_at < now - _KEPT))
            connection.execute(
                sa.insert(login_session).values(
                    session_key=_key(identity),
                    pseudonym=actor.pseudonym,
                    role=actor.role.value,
                    began_at=now,
                    seen_at=now,
                )
            )
            access.remember(connection, actor, now, identity.account)
            ledger.append(connection, ledger.Event.SIGNED_IN, author=actor.author, now=now)
    return actor


def _end(register: sa.Engine, row: _Row, why: Ended, now: dt.datetime) -> None:
    if row.ended_why is not None:
        return
    with writing(register) as connection:
        ended = connection.execute(
            sa.update(login_session)
            .where(login_session.c.session_key == row.session_key, login_session.c.ended_at.is_(None))
            .values(ended_at=now, ended_why=why)
        )
        if ended.rowcount:
            author = ledger.Author(row.pseudonym, row.role)
            ledger.append(connection, ledger.Event.SIGNED_OUT, author=author, now=now, details={"reason": why.value})


_OF_ONE = sa.select(login_session).where(login_session.c.session_key == sa.bindparam("key"))


def _row(register: sa.Engine, identity: Identity) -> _Row | None:
    with register.connect() as connection:
        return connection.execute(_OF_ONE, {"key": _key(identity)}).one_or_none()


def _key(identity: Identity) -> str:
    # The register can be read where the browser's own secret must not be.
    return hashlib.sha256(identity.key.encode()).hexdigest()


def _parameters(settings: Settings, register: sa.Engine, now: dt.datetime) -> Parameters:
    return rules.in_force(settings, register, settings_of.today(settings, now)).parameters


def _limits(parameters: Parameters) -> dict[str, int]:
    return {"minutes": parameters.session_idle_minutes, "hours": parameters.session_hours}
