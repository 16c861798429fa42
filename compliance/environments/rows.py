"""What the page shows of grants and environments, in words."""

from __future__ import annotations

from compliance.environments.asks import EnvironmentRow
from compliance.environments.state import Access, Grant, Order, Room, Session
from compliance.environments.tables import OPEN
from compliance.show.columns import Row
from compliance.words import times
from compliance.words.deadlines import local_date
from compliance.words.references import reference
from compliance.words.texts import say

_MARKS = {Access.OPEN: "●", Access.EXPIRED: "▲", Access.REVOKED: "×", Access.PLANNED: "○"}


def sentence(room: Room, findings: int, language: str) -> str:
    """How the room stands, in one sentence."""
    if not room.grants and not room.environments:
        return say("environments.sentence_nothing", language)
    persons = len({one.who for one in room.open_grants})
    return say(
        "environments.sentence", language, grants=len(room.open_grants), persons=persons,
        environments=len(room.open_environments), findings=findings,
    )  # fmt: skip


def grant_row(grant: Grant, language: str) -> Row:
    """A grant as the list shows it: whose it is by reference, and by name where that was asked for."""
    row = grant.row
    return {
        "source": row.source,
        "grant": row.grant_key,
        "access_state": f"{_MARKS[grant.access]} {say(f'access_state.{grant.access.value}', language)}",
        "environment": row.environment_key,
        "customer": grant.environment.org_name if grant.environment else None,
        "holder": holder(grant, language),
        "name": row.name,
        "account": row.account,
        "purpose": say(f"access_purpose.{row.purpose}", language) if row.purpose else None,
        "ticket": row.ticket,
        "approver": approver(grant, language),
        "granted_on": row.granted_on,
        "valid_until": row.valid_until,
        "review_due": grant.review_due,
        "days_past_review": grant.days_past_review if grant.is_open else None,
        "uncovered_days": grant.uncovered_days if grant.is_open else None,
        "revoked_on": row.revoked_on,
        "order_state": say(f"revocation_state.{grant.order.state.value}", language) if grant.order else None,
        "restricted": row.restricted,
    }


def holder(grant: Grant, language: str) -> str:
    """Who holds a grant, without a name."""
    row = grant.row
    if row.person_id is None:
        return say(f"access_holder.{row.holder_is}", language)
    known = reference(row.person_id)
    return known if row.holder_is == "staff" else f"{known} ({say(f'access_holder.{row.holder_is}', language)})"


def approver(grant: Grant, language: str) -> str | None:
    """Who approved it, without a name."""
    row = grant.row
    if row.approver is None:
        return say("common.unknown", language) if "approver" in row.unread else None
    return reference(row.approver_id) if row.approver_id is not None else say("access_holder.unknown", language)


def session_row(session: Session, room: Room, language: str) -> Row:
    """A session as the list shows it: within a grant or not, and of nobody by name."""
    if not session.is_granted:
        mark, code = ("■", "ungranted") if session.is_known else ("?", "unknown")
    else:
        mark, code = ("●", "granted") if session.ran_beyond(room.as_of) is None else ("■", "beyond")
    return {
        "session": session.reference,
        "environment": session.environment_key,
        "stands": f"{mark} {say(f'environments.session_{code}', language)}",
        "session_started": times.written(session.started_at),
        "session_ended": None if session.ended_at is None else times.written(session.ended_at),
        "ticket": session.ticket,
        "grant": ", ".join(sorted({one.row.grant_key for one in session.grants})),
    }


def environment_row(environment: EnvironmentRow, room: Room, language: str) -> Row:
    """An environment as the list shows it; what is not told is unknown, never no."""
    return {
        "environment": environment.environment_key,
        "customer": environment.org_name,
        "contract_key": environment.contract_key,
        "agreement": environment.agreement,
        "default_settings": _truth(environment.has_defaults, language),
        "auto_clean": _truth(environment.auto_clean, language),
        "cleaned_on": environment.cleaned_on,
        "default_days": environment.default_days,
        "period_days": environment.period_days,
        "period_customised": _truth(environment.period_customised, language),
        "period_changed_on": environment.period_changed_on,
        "restore_tested_on": environment.restore_tested_on,
        "access_grants": len(room.by_environment.get(environment.environment_key, ())),
        "closed_on": environment.closed_on,
    }


def order_row(order: Order, language: str) -> Row:
    """An order to revoke as the list shows it."""
    return {
        "revocation": str(order.revocation_id),
        "grant": order.grant_key,
        "environment": order.environment_key,
        "order_state": say(f"revocation_state.{order.state.value}", language),
        "ordered_on": local_date(order.asked_at),
        "fetched_on": local_date(order.fetched_at) if order.fetched_at else None,
        "settled_on": local_date(order.decided_at) if order.decided_at else None,
    }


def review_rows(room: Room, language: str) -> list[Row]:
    """All reviews of the grants that are in the copy, the newest first."""
    found = [(review, grant) for grant in room.grants for review in grant.reviews]
    return [
        {
            "grant": grant.row.grant_key,
            "environment": grant.row.environment_key,
            "reviewed_on": local_date(review.at),
            "is_kept": say("environments.kept" if review.is_kept else "environments.not_kept", language),
            "review_reason": review.reason,
            "reviewed_by": say(f"role.{review.role}", language),
        }
        for review, grant in sorted(found, key=lambda one: one[0].at, reverse=True)
    ]


def waiting(room: Room) -> list[Order]:
    """The orders that somebody is to carry out."""
    return [one for one in room.orders if one.state in OPEN]


def _truth(value: bool | None, language: str) -> str:
    return say("common.unknown" if value is None else "common.yes" if value else "common.no", language)
