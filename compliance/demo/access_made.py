"""The demo company's customer environments and who may enter them: each finding once or more, by design."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Row = dict[str, str]
ENVIRONMENTS = (
    "Miljö-ID", "Kund-ID", "Avtals-ID", "PUB-avtal", "Standardinställningar", "Automatisk rensning",
    "Egen rensningstid", "Rensningstid standard (dagar)", "Rensningstid (dagar)", "Rensningstid ändrad",
    "Senaste rensning", "Senaste återläsningstest", "Stängd", "Version",
)  # fmt: skip
GRANTS = (
    "Behörighets-ID", "Miljö-ID", "Innehavare", "Förvaltningskonto", "Syfte", "Ärende", "Godkänd av", "Beviljad",
    "Giltig till", "Senast granskad", "Återkallad",
)  # fmt: skip
_CUSTOMERS, _STAFF = 12, 9


@dataclass
class Offered:
    """Customers and staff of the exports that environments and grants can be about."""

    customers: list[Row] = field(default_factory=list)
    former: list[Row] = field(default_factory=list)
    staff: list[Row] = field(default_factory=list)
    left: list[Row] = field(default_factory=list)

    def offer(self, rows: list[tuple[str, Row]], as_of: dt.date) -> None:
        """Keeps the first customers, by their only contract, and the first of staff, who are there or have left."""
        contracts = [row for dataset, row in rows if dataset == "crm_contracts"]
        if len(contracts) == 1 and contracts[0].get("Avtalsstart"):
            end = contracts[0].get("Avtalsslut", "")
            if not end and len(self.customers) < _CUSTOMERS:
                self.customers += contracts
            elif end[:1] == "2" and end < as_of.isoformat() and not self.former:
                self.former += contracts
        for dataset, row in rows:
            if dataset != "hr_employees" or not row.get("Anställd från"):
                continue
            end = row.get("Sista anställningsdag", "")
            if not end and row["Status"] == "Anställd" and len(self.staff) < _STAFF:
                self.staff.append(row)
            elif end and end < as_of.isoformat() and not self.left:
                self.left.append(row)


def rows(as_of: dt.date, offered: Offered, *, this_week: bool) -> Iterator[tuple[str, Row]]:
    """The rows of both exports. A week earlier nothing was revoked or cleaned that was so since."""
    until = as_of if this_week else as_of - dt.timedelta(days=7)

    def day(back: int | None) -> str:
        return "" if back is None else (as_of - dt.timedelta(days=back)).isoformat()

    customers = [*offered.customers, *offered.former]
    if not customers or not offered.staff:
        return
    for number, contract in enumerate(customers, start=1):
        cleaned = {9: None, 10: 31}.get(number, 1)
        yield (
            "environments",
            {
                "Miljö-ID": f"M-{number:03d}",
                "Kund-ID": contract["Kund-ID"],
                "Avtals-ID": contract["Avtals-ID"],
                "PUB-avtal": "" if number == 8 else f"PUB-{number:03d}",
                "Standardinställningar": "nej" if number == 7 else "ja",
                "Automatisk rensning": "nej" if number == 9 else "ja",
                "Egen rensningstid": "ja" if number == 4 else "nej",
                "Rensningstid standard (dagar)": "90",
                "Rensningstid (dagar)": "180" if number == 4 else "90",
                "Rensningstid ändrad": day(400) if number == 4 else "",
                "Senaste rensning": "" if cleaned is None else (until - dt.timedelta(days=cleaned)).isoformat(),
                "Senaste återläsningstest": day({11: 800, 6: None}.get(number, 120)),
                "Version": "9.1",
            },
        )
    for number, (environment, holder, told) in enumerate(_grants(offered, len(customers), day, this_week), start=1):
        yield (
            "access_grants",
            {
                "Behörighets-ID": f"B-{number:04d}",
                "Miljö-ID": f"M-{environment:03d}",
                "Innehavare": holder,
                "Förvaltningskonto": f"fk-{environment:03d}-{number:02d}",
                "Syfte": ("Felsökning", "Support")[number % 2],
                "Ärende": f"SUP-{1200 + number}",
                "Godkänd av": offered.staff[-1]["Anställningsnummer"],
                "Beviljad": day(100),
                "Giltig till": day(-70),
                "Senast granskad": day(30),
                **told,
            },
        )


def _grants(
    offered: Offered, last: int, ago: Callable[[int | None], str], this_week: bool
) -> list[tuple[int, str, Row]]:
    who = [row["Anställningsnummer"] for row in offered.staff]
    # The address says as well who it is, as other systems have it.
    by_address = [row["E-post"] for row in offered.staff]
    nth = [who[place % len(who)] for place in range(_STAFF)]
    found: list[tuple[int, str, Row]] = [
        (1, nth[0], {}),
        (1, by_address[1 % len(who)], {}),
        (2, nth[0], {"Senast granskad": ago(125)}),
        (2, nth[2], {"Senast granskad": "", "Beviljad": ago(20)}),
        (3, nth[3], {"Giltig till": ago(12)}),
        (3, nth[4], {"Ärende": ""}),
        (4, nth[1], {"Godkänd av": ""}),
        (4, nth[8], {}),
        (6, nth[2], {"Förvaltningskonto": "fk-006"}),
        (6, nth[3], {"Förvaltningskonto": "fk-006"}),
        (8, nth[5], {}),
        (last, nth[4], {}),
        (7, nth[6], {"Giltig till": "9999-12-31"}),
        (9, "E99999", {}),
        (10, nth[0], {"Återkallad": ago(3) if this_week else ""}),
        *((5, one, {}) for one in nth[:6]),
    ]
    if offered.left:
        found.append((3, offered.left[0]["Anställningsnummer"], {"Beviljad": ago(4000), "Giltig till": ""}))
    return found
