"""What people have asked the demo company for, through its form: every state of a request, by design."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

Row = dict[str, str]
HEADERS = (
    "Ärendenummer", "Inkom", "Jag är", "Ärendetyp", "Namn", "E-post", "Telefon", "Identitet efterfrågad",
    "Identitet besvarad", "Förlängning meddelad", "Skäl för förlängning", "Vidarebefordrad", "Avslutad", "Utfall",
    "Meddelande",
)  # fmt: skip
_KEPT = (
    "customer",
    "registered",
    "on_hold",
    "voucher_kept_by_law",
    "employment_ended",
    "employee_then_contractor",
)


@dataclass(frozen=True)
class _Case:
    """So many requests (`share` per 5,000 persons) in one state; days are counted back from the day."""

    state: str
    share: int
    received: int
    whose: str = "customer"
    asked: int | None = None
    answered: int | None = None
    extended: int | None = None
    reason: str = ""
    forwarded: int | None = None
    closed: int | None = None
    outcome: str = ""
    capacity: str = "Kundkontakt"
    kind: str = "Radering"


# Received 28 days ago is due within a week whatever the month and its holidays.
CASES = (
    # Some were due in each of the last weeks, whatever the month, so that what was answered on time is a share of many.
    _Case("CLOSED", 6, 60, closed=45, outcome="Raderad"),
    _Case("CLOSED", 6, 52, closed=27, outcome="Raderad"),
    _Case("CLOSED", 6, 45, closed=20, outcome="Raderad"),
    _Case("CLOSED", 5, 38, closed=12, outcome="Raderad"),
    _Case("CLOSED", 1, 48, closed=9, outcome="Raderad"),
    _Case("CLOSED", 2, 90, "registered", closed=40, outcome="Delvis raderad", capacity="Prospekt"),
    _Case("CLOSED", 3, 20, "registered", closed=2, outcome="Raderad", capacity="Prospekt"),
    _Case("OPEN", 4, 6),
    _Case("OPEN", 3, 10, "registered", capacity="Prospekt"),
    _Case("OPEN", 2, 3, "on_hold"),
    _Case("OPEN", 1, 9, "employment_ended", capacity="Tidigare anställd", kind="Registerutdrag"),
    _Case("OPEN", 1, 40, "registered", extended=20, reason="Komplex", capacity="Prospekt"),
    _Case("DUE_SOON", 3, 28),
    _Case("DUE_SOON", 2, 28, "employee_then_contractor", capacity="Konsult"),
    _Case("OVERDUE", 2, 50),
    _Case("OVERDUE", 1, 80, "voucher_kept_by_law", capacity="Tidigare anställd"),
    _Case("OVERDUE", 1, 70, "registered", extended=10, reason="Komplex", capacity="Prospekt"),
    _Case("PAUSED", 3, 11, "nobody", asked=10, capacity="Annan"),
    _Case("REDIRECTED", 3, 5, "nobody", capacity="Användare i kundmiljö"),
)


@dataclass
class Asked:
    """Persons that the exports hold and that a request can be about, by scenario."""

    kept: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in _KEPT})

    def offer(self, scenario: str, number: int, rows: list[tuple[str, Row]]) -> None:
        """Keeps some persons of the scenarios that requests are about; none of those who are new this week."""
        if scenario in self.kept and len(self.kept[scenario]) < 60 and number:
            row = next(row for dataset, row in rows if dataset in ("crm_contacts", "crm_prospects", "hr_employees"))
            name = row.get("Namn") or f"{row['Förnamn']} {row['Efternamn']}"
            self.kept[scenario].append({"Namn": name, "E-post": row["E-post"]})


def rows(as_of: dt.date, asked: Asked, persons: int, *, this_week: bool) -> Iterator[tuple[str, Row]]:
    """(state on `as_of`, row of the form). A week earlier, what came or was closed since is not there yet."""
    number = 0
    taken = dict.fromkeys(_KEPT, 0)
    until = as_of if this_week else as_of - dt.timedelta(days=7)
    for case in CASES:
        for _ in range(max(1, round(case.share * min(persons, 50_000) / 5000))):
            number += 1
            people = asked.kept.get(case.whose, [])
            who = {"Namn": "Okänd Avsändare", "E-post": f"okand.{number}@utomlands.example"}
            if people:
                who = people[taken[case.whose] % len(people)]
                taken[case.whose] += 1
            received = as_of - dt.timedelta(days=case.received)
            if received > until:
                continue

            def day(back: int | None) -> str:
                if back is None or as_of - dt.timedelta(days=back) > until:
                    return ""
                return (as_of - dt.timedelta(days=back)).isoformat()

            yield (
                case.state,
                {
                    "Ärendenummer": f"R-{number:05d}",
                    "Inkom": f"{received.isoformat()}T09:{number % 60:02d}:00+01:00",
                    "Jag är": case.capacity,
                    "Ärendetyp": case.kind,
                    **who,
                    "Identitet efterfrågad": day(case.asked),
                    "Identitet besvarad": day(case.answered),
                    "Förlängning meddelad": day(case.extended),
                    "Skäl för förlängning": case.reason,
                    "Vidarebefordrad": day(case.forwarded),
                    "Avslutad": day(case.closed),
                    "Utfall": case.outcome if day(case.closed) else "",
                    "Meddelande": "Hej, ta bort mig ur era system.",
                },
            )
    yield (
        "no_reference",
        {"Inkom": f"{until.isoformat()}T09:00:00+01:00", "E-post": "okand@utomlands.example"},
    )
