"""The demo company's mailings and opt-outs: one a quarter to contacts and prospects, and each finding once or more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

Row = dict[str, str]
MAILINGS = ("Utskicksrad", "Utskick", "Mottagare", "Skickat", "Ändamål")
OPT_OUTS = ("Avregistrerings-ID", "Adress", "Avregistrerad", "Verkar från")
_MOST = 240
# Days back, what it is called by, and what it was for.
_SENT = (
    (300, "Nyheter vintern", "Nyhetsbrev"), (210, "Nyheter våren", "Nyhetsbrev"), (120, "Kundnytt", "Kundinformation"),
    (30, "Nyheter hösten", "Nyhetsbrev"),
)  # fmt: skip
# Of those who opted out so many days back: since when it acted, and whether something was sent afterwards.
_OPTED_OUT = ((200, 200, False), (150, 149, False), (60, 52, False), (45, 45, True), (40, 39, True))


@dataclass
class Sent:
    """Addresses that mailings went to."""

    addresses: list[str] = field(default_factory=list)

    def offer(self, scenario: str, rows: list[tuple[str, Row]]) -> None:
        """Keeps the first addresses of contacts and prospects who are nobody's special case."""
        if len(self.addresses) >= _MOST or not scenario.startswith(("contact", "prospect")):
            return
        self.addresses += [
            row["E-post"]
            for dataset, row in rows
            if dataset in ("crm_contacts", "crm_prospects")
            and "@" in row.get("E-post", "")
            and not row.get("Avregistrerad")
        ]


def rows(as_of: dt.date, sent: Sent, *, this_week: bool) -> Iterator[tuple[str, Row]]:
    """The rows of both exports. A week earlier the last list had not been made yet."""

    def day(back: int) -> str:
        return (as_of - dt.timedelta(days=back)).isoformat()

    out = dict(zip(sent.addresses[:: max(len(sent.addresses) // len(_OPTED_OUT), 1)], _OPTED_OUT, strict=False))
    number = 0
    for back, called, use in _SENT:
        for address in sent.addresses:
            told = out.get(address)
            if told is None or back > told[1] or told[2]:
                number += 1
                row = {"Utskick": called, "Mottagare": address, "Skickat": day(back), "Ändamål": use}
                yield "mailings", {"Utskicksrad": f"U{number:06d}", **row}
    if this_week:
        for address in sent.addresses[:3]:
            number += 1
            row = {
                "Utskick": "Lista till partner",
                "Mottagare": address,
                "Skickat": day(3),
                "Ändamål": "Partnerkampanj",
            }
            yield "mailings", {"Utskicksrad": f"U{number:06d}", **row}
    for place, (address, (asked, acts, _)) in enumerate(out.items(), 1):
        row = {"Adress": address, "Avregistrerad": day(asked), "Verkar från": day(acts)}
        yield "opt_outs", {"Avregistrerings-ID": f"A{place:04d}", **row}
