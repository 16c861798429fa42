"""The demo company's sessions in customers' environments: most within a grant, one after its last day, one by an
account that has none, and one without a ticket.
"""

from __future__ import annotations

import datetime as dt

from compliance.access.at import At
from compliance.environments import sessions

# Of each: environment, account, days ago, minutes, ticket.
_SESSIONS = (
    ("M-001", "fk-001-01", 40, 35, "SUP-1301"),
    ("M-001", "fk-001-02", 21, 50, "SUP-1309"),
    ("M-002", "fk-002-03", 9, 20, "SUP-1317"),
    ("M-003", "fk-003-05", 5, 15, "SUP-1320"),
    ("M-004", "fk-004-08", 4, 60, ""),
    ("M-002", "fk-002-99", 2, 10, "SUP-1322"),
)


def enter(at: At) -> None:
    """Takes the log of sessions in, as cron would. Raises what compliance.environments.sessions does."""
    lines = ["Sessions-ID;Miljö-ID;Förvaltningskonto;Startad;Avslutad;Ärende"]
    for number, (environment, account, ago, minutes, ticket) in enumerate(_SESSIONS, 1):
        started = at.now - dt.timedelta(days=ago)
        ended = started + dt.timedelta(minutes=minutes)
        told = (f"S-{number:04d}", environment, account, started.isoformat(), ended.isoformat(), ticket)
        lines.append(";".join(told))
    sessions.take_in_by_command(at, "\n".join(lines).encode())
