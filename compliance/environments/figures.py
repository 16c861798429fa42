"""What is counted of grants and environments."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from compliance.environments import findings
from compliance.environments.state import Access, Room


def figures(room: Room) -> dict[str, float | None]:
    """Every figure of compliance/review/kpis.toml that is of grants and environments; None where there is nothing that
    it could be of, which is so of all of them before any was taken in.
    """
    counted = Counter(one.code for one in findings.judged(room).findings)
    grants = room.open_grants
    without_basis = {
        one.known_as
        for one in grants
        if one.has_contract is False or (one.environment is not None and one.environment.agreement is None)
    }
    told = room.open_environments
    cleaned = [one for one in told if one.auto_clean and _is_recent(room, one.cleaned_on)]
    of_grants: dict[str, float | None] = {
        "access_grants": len(grants),
        "access_staff": len({one.who for one in grants}),
        "access_staff_share": room.share_of_staff,
        "access_crowded": counted["access_crowded"],
        "access_past_review": counted["access_past_review"],
        "access_expired": sum(one.access is Access.EXPIRED for one in grants),
        "access_without_ticket": counted["access_without_ticket"],
        "access_without_basis": len(without_basis),
    }
    of_environments: dict[str, float | None] = {
        "environments_cleaning": len(cleaned) / len(told) if told else None,
        "environments_customised": sum(one.period_customised is True for one in told),
        "environments_defaults_off": sum(one.has_defaults is False for one in told),
    }
    return {
        **(of_grants if room.grants else dict.fromkeys(of_grants)),
        "sessions_without_ticket": counted["session_without_ticket"] if room.sessions else None,
        **(of_environments if room.environments else dict.fromkeys(of_environments)),
    }


def _is_recent(room: Room, cleaned_on: dt.date | None) -> bool:
    return cleaned_on is not None and 0 <= (room.as_of - cleaned_on).days <= room.parameters.clean_max_days
