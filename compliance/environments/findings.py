"""What is not as the privacy policy has it, of grants, accounts and environments. What is not known is told as that."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator, Mapping

from compliance.environments.asks import EnvironmentRow
from compliance.environments.state import Access, Grant, Room, Session
from compliance.environments.tables import OrderState
from compliance.ledger import looks_personal
from compliance.words.deadlines import local_date
from compliance.words.finding import Finding, Judged, Severity

PAGE = "environments/access"
_DAY = dt.timedelta(days=1)

# The codes, by how grave each is. Texts: `finding_told.<code>`.
OF_GRANTS = {
    "access_past_review": Severity.MAJOR,
    "access_review_unknown": Severity.MINOR,
    "access_expired": Severity.MAJOR,
    "access_no_end": Severity.MINOR,
    "access_too_long": Severity.MINOR,
    "access_without_ticket": Severity.MINOR,
    "access_without_purpose": Severity.MINOR,
    "access_without_approver": Severity.MAJOR,
    "access_self_approved": Severity.MAJOR,
    "access_without_contract": Severity.CRITICAL,
    "access_contract_unknown": Severity.MINOR,
    "access_environment_unknown": Severity.MAJOR,
    "access_environment_closed": Severity.MAJOR,
    "access_holder_left": Severity.CRITICAL,
    "access_holder_unknown": Severity.CRITICAL,
    "access_holder_unsure": Severity.MINOR,
    "access_unread": Severity.MINOR,
    "access_still_there": Severity.CRITICAL,
}
OF_ACCESS = {
    "access_shared_account": Severity.CRITICAL,
    "access_crowded": Severity.MAJOR,
    "access_staff_share": Severity.MINOR,
    **OF_GRANTS,
}
OF_ENVIRONMENTS = {
    "environment_without_agreement": Severity.MAJOR,
    "environment_defaults_off": Severity.MAJOR,
    "environment_not_cleaning": Severity.MAJOR,
    "environment_cleaned_late": Severity.MAJOR,
    "environment_restore_late": Severity.MAJOR,
    "environment_not_told": Severity.MINOR,
}
OF_SESSIONS = {
    "session_ungranted": Severity.CRITICAL,
    "session_beyond": Severity.CRITICAL,
    "session_without_ticket": Severity.MINOR,
}
CODES = {**OF_ACCESS, **OF_ENVIRONMENTS, **OF_SESSIONS}
# Who is of staff cannot be judged before anybody of staff was taken in.
_OF_STAFF = frozenset({"access_holder_left", "access_holder_unknown", "access_holder_unsure", "access_staff_share"})


def judged(room: Room | None) -> Judged:
    """What is found in the room; None where there is no copy. What was never taken in judges nothing."""
    if room is None:
        return Judged((), frozenset(CODES))
    found: list[Finding] = []
    unjudged: set[str] = set()
    if room.environments:
        found += of_environments(room)
    else:
        unjudged |= {
            *OF_ENVIRONMENTS,
            "access_without_contract",
            "access_contract_unknown",
            "access_environment_unknown",
        }
    if room.grants:
        found += of_access(room)
        found += of_sessions(room)
    else:
        unjudged |= {*OF_ACCESS, *OF_SESSIONS}
    if not room.staff:
        unjudged |= _OF_STAFF
    return Judged(tuple(one for one in found if one.code not in unjudged), frozenset(unjudged))


def of_access(room: Room) -> list[Finding]:
    """What is found of grants, accounts and how many hold them."""
    found = [one for grant in room.grants for one in of_grant(grant, room)]
    for (environment, account), grants in room.shared_accounts().items():
        begun = [one.row.granted_on for one in grants if one.row.granted_on is not None]
        found.append(
            _finding(
                "access_shared_account",
                f"{environment}/{_digest(account)}",
                {
                    "environment": environment or "–",
                    "grants": ", ".join(_grant_reference(one) for one in grants),
                    "persons": len({one.who for one in grants}),
                },
                since=sorted(begun)[1] if len(begun) == len(grants) else None,
            )
        )
    for environment, persons in room.crowded().items():
        found.append(
            _finding("access_crowded", environment, {"persons": persons, "most": room.parameters.env_staff_max})
        )
    share = room.share_of_staff
    if share is not None and share > room.parameters.staff_share_max:
        percent = round(100 * share), round(100 * room.parameters.staff_share_max)
        found.append(_finding("access_staff_share", "staff", {"percent": percent[0], "most": percent[1]}))
    return found


def of_grant(grant: Grant, room: Room) -> Iterator[Finding]:
    """What is found of one grant. Of one that lets nobody in any more nothing is."""
    row, today = grant.row, grant.as_of
    order = grant.order
    if order is not None and order.state is OrderState.STILL_THERE and grant.is_open:
        yield _of(grant, "access_still_there", order=order.revocation_id)
    if not grant.is_open:
        return
    if grant.review_due is None:
        yield _of(grant, "access_review_unknown")
    elif grant.review_due < today:
        yield _of(grant, "access_past_review", since=grant.review_due + _DAY, days=(today - grant.review_due).days)
    yield from _of_time(grant, room)
    if row.ticket is None:
        yield _of(grant, "access_without_ticket", since=row.granted_on)
    if row.purpose is None or row.purpose == "other":
        yield _of(grant, "access_without_purpose", since=row.granted_on)
    if row.approver is None and "approver" not in row.unread:
        yield _of(grant, "access_without_approver", since=row.granted_on)
    elif grant.is_self_approved:
        yield _of(grant, "access_self_approved", since=row.granted_on)
    yield from _of_place(grant)
    if (
        room.staff
        and row.holder_is in ("left", "unknown", "unsure", "several", "erased")
        and "holder" not in row.unread
    ):
        code = {"left": "left", "erased": "left", "unknown": "unknown"}.get(row.holder_is, "unsure")
        yield _of(grant, f"access_holder_{code}")
    for name in row.unread:
        told = {"environment": _place(grant), "field": name}
        yield _finding("access_unread", f"{_grant_reference(grant)}/{name}", told)


def of_sessions(room: Room) -> list[Finding]:
    """What is found of sessions since the time that a review looks back on."""
    return [one for session in room.sessions for one in _of_session(session, room.as_of)]


def _of_session(session: Session, as_of: dt.date) -> Iterator[Finding]:
    begun = local_date(session.started_at)

    def told(code: str, since: dt.date, **values: str | int) -> Finding:
        said = {"environment": session.environment_key, "session": session.reference, **values}
        return _finding(code, session.reference, said, since=since)

    beyond = session.ran_beyond(as_of)
    if not session.is_granted and session.is_known:
        yield told("session_ungranted", begun, day=begun.isoformat())
    elif beyond is not None:
        yield told("session_beyond", beyond + _DAY, day=beyond.isoformat())
    if session.ticket is None:
        yield told("session_without_ticket", begun, day=begun.isoformat())


def of_environments(room: Room) -> list[Finding]:
    """What is found of environments that are not closed."""
    return [one for environment in room.open_environments for one in _of_environment(environment, room)]


def _of_time(grant: Grant, room: Room) -> Iterator[Finding]:
    row, most = grant.row, room.parameters.grant_max_days
    if grant.access is Access.EXPIRED and row.valid_until is not None:
        late = (grant.as_of - row.valid_until).days
        yield _of(grant, "access_expired", since=row.valid_until + _DAY, days=late)
    if row.valid_until is None:
        if "valid_until" not in row.unread:
            yield _of(grant, "access_no_end", since=row.granted_on)
    elif row.granted_on is not None and (row.valid_until - row.granted_on).days > most:
        yield _of(grant, "access_too_long", days=(row.valid_until - row.granted_on).days, most=most)


def _of_place(grant: Grant) -> Iterator[Finding]:
    environment = grant.environment
    if environment is None:
        yield _of(grant, "access_environment_unknown")
        return
    if environment.closed_on is not None and environment.closed_on <= grant.as_of:
        days = (grant.as_of - environment.closed_on).days
        yield _of(grant, "access_environment_closed", since=environment.closed_on, days=days)
    if grant.has_contract is None:
        yield _of(grant, "access_contract_unknown")
    elif not grant.has_contract:
        # Where it is not known since when there is access, it is at least today.
        days = 1 if grant.uncovered_days is None else grant.uncovered_days
        yield _of(grant, "access_without_contract", since=grant.uncovered_since, days=days)


def _of_environment(environment: EnvironmentRow, room: Room) -> Iterator[Finding]:
    key, today, parameters = environment.environment_key, room.as_of, room.parameters

    def told(code: str, since: dt.date | None = None, **values: str | int) -> Finding:
        return _finding(code, key, {"customer": environment.org_name or "–", **values}, since=since)

    if environment.agreement is None:
        grants = len(room.by_environment.get(key, ()))
        yield _finding(
            "environment_without_agreement",
            key,
            {"customer": environment.org_name or "–", "grants": grants},
            severity=Severity.CRITICAL if grants else Severity.MAJOR,
        )
    if environment.has_defaults is False:
        yield told("environment_defaults_off")
    if environment.auto_clean is False:
        yield told("environment_not_cleaning")
    cleaned, tested = _past(environment.cleaned_on, today), _past(environment.restore_tested_on, today)
    if environment.auto_clean and cleaned and (today - cleaned).days > parameters.clean_max_days:
        yield told(
            "environment_cleaned_late", cleaned + _DAY * (parameters.clean_max_days + 1), days=(today - cleaned).days
        )
    if tested and (today - tested).days > parameters.restore_test_max_days:
        since = tested + _DAY * (parameters.restore_test_max_days + 1)
        yield told("environment_restore_late", since, days=(today - tested).days)
    unknown = {
        "default_settings": environment.has_defaults is None,
        "auto_clean": environment.auto_clean is None,
        "cleaned_on": environment.auto_clean is True and cleaned is None,
        "restore_tested_on": tested is None,
        **dict.fromkeys(environment.unread, True),
    }
    for name, is_unknown in unknown.items():
        if is_unknown:
            yield _finding("environment_not_told", f"{key}/{name}", {"field": name})


def _past(day: dt.date | None, today: dt.date) -> dt.date | None:
    """A day on which something was done. Nothing was done on one that is to come."""
    return None if day is None or day > today else day


def _of(grant: Grant, code: str, since: dt.date | None = None, **values: str | int) -> Finding:
    return _finding(code, _grant_reference(grant), {"environment": _place(grant), **values}, since=since)


def _finding(
    code: str,
    thing: str,
    told: Mapping[str, str | int],
    *,
    since: dt.date | None = None,
    severity: Severity | None = None,
) -> Finding:
    owner = "it" if code in OF_ENVIRONMENTS else "security"
    return Finding(code, thing, severity or CODES[code], PAGE, since=since, owner=owner, told=told)


def _place(grant: Grant) -> str:
    return grant.row.environment_key or "–"


def _grant_reference(grant: Grant) -> str:
    return _reference(grant.row.grant_key)


def _reference(told: str) -> str:
    """What a source calls something, unless that names somebody."""
    return _digest(told) if looks_personal(told) else told


def _digest(told: str) -> str:
    """What stands for a word of a source that may name somebody, as accounts are called by who has them."""
    return f"#{zlib.crc32(told.encode()):08x}"
