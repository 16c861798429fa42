"""The demo company's cookies: an inventory of one, scans of its site that found nothing wrong, and those of yesterday
that do: a new script sets a cookie that nobody has declared, before anybody has chosen.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from compliance.access.at import At
from compliance.cookies import verbs
from compliance.cookies.facts import Consent, Life, Listed, ScanTold, Use
from compliance.cookies.tables import Party, Phase

SITE = "www.bolaget.example"
_DAY = 86_400
_INVENTORY = (
    Listed(
        name="pe#", party=Party.FIRST, life=Life.PERSISTENT, lifetime_days=179, use=Use.COMPANIES,
        purpose="Visar vilka företag som besöker webbplatsen.", provider="Besöksanalys AB", agreement="A-2031",
        consent=Consent.ASKED,
    ),
)  # fmt: skip
_LEADS = {"pe1": 179 * _DAY}


def enter_past(at: At) -> None:
    """The inventory, and scans of twelve, eight and four weeks before: nothing is set before a yes."""
    scans = []
    for weeks in (12, 8, 4):
        made_at = at.now - dt.timedelta(weeks=weeks)
        for phase in (Phase.BEFORE_CHOICE, Phase.REFUSED, Phase.ACCEPTED):
            scans.append(_scan(made_at, phase, _LEADS if phase is Phase.ACCEPTED else {}))
    verbs.enter_invented(at, _INVENTORY, scans, at.now - dt.timedelta(weeks=14))


def enter_today(at: At) -> None:
    """Yesterday's scans: one cookie more, which waits for no choice and lives for two years."""
    made_at = at.now - dt.timedelta(days=1)
    counted = {"_ga": 2 * 365 * _DAY}
    scans = [
        _scan(made_at, phase, counted if phase is not Phase.ACCEPTED else {**_LEADS, **counted})
        for phase in (Phase.BEFORE_CHOICE, Phase.REFUSED, Phase.ACCEPTED)
    ]
    verbs.enter_invented(at, (), scans, at.now)


def _scan(made_at: dt.datetime, phase: Phase, set_for: Mapping[str, int]) -> tuple[dt.datetime, ScanTold, bytes]:
    headers = [{"name": "set-cookie", "value": f"{name}=x; Max-Age={age}; Path=/"} for name, age in set_for.items()]
    entry = {
        "startedDateTime": made_at.isoformat(),
        "time": 40,
        "request": {"url": f"https://{SITE}/", "headers": []},
        "response": {"status": 200, "headers": headers},
    }
    told = ScanTold(site=SITE, phase=phase, has_cookies=True)
    return made_at, told, json.dumps({"log": {"version": "1.2", "entries": [entry]}}).encode()
