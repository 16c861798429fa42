"""The demo company's offices, measures and figures: a DPO who answers for IT too, measures of which one was never
tested and one too long ago, and files that one environment has without a record.
"""

from __future__ import annotations

import datetime as dt

from compliance.access.at import At
from compliance.controls import verbs
from compliance.controls.facts import Figure, Held, Measure, Office, Result, Sort, Tested, Told
from compliance.findings.tables import Owner

# Of each: name, kind, what it guards, owner, months between tests, days since its last test, and what that came to.
_MEASURES: tuple[tuple[str, Sort, str, Owner | None, int, int | None, Result], ...] = (
    ("Behörighet per roll", Sort.ORGANISATIONAL, "Var och en når det som uppgiften kräver; prövas mot personallistan.",
     Owner.SECURITY, 6, 60, Result.PASSED),
    ("Kryptering i vila och under överföring", Sort.TECHNICAL, "Data går inte att läsa utan nyckel.",
     Owner.IT, 12, 200, Result.PASSED),
    ("Återläsning av säkerhetskopior", Sort.TECHNICAL, "Data går att få tillbaka inom en dag.",
     Owner.IT, 12, 420, Result.PASSED),
    ("Loggade uttag", Sort.TECHNICAL, "Det går att se vem som har tagit ut vad.",
     Owner.SECURITY, 12, 30, Result.PARTLY),
    ("Övning av incidentrutinen", Sort.ORGANISATIONAL, "En incident når rätt personer inom en timme.",
     Owner.DATA_PROTECTION, 12, None, Result.PASSED),
    ("Genomgång av underbiträden", Sort.ORGANISATIONAL, "Biträdenas skydd är som avtalen säger.",
     None, 12, 100, Result.PASSED),
    ("Signerad instruktion för supportåtkomst", Sort.ORGANISATIONAL,
     "Var och en med behörighet har skrivit under tystnadsplikt och instruktion; prövas mot listan över behörigheter.",
     Owner.SECURITY, 3, 40, Result.PASSED),
    ("Raderingsformuläret kan nås", Sort.TECHNICAL, "Den som vill bli raderad kan säga det utan att logga in.",
     Owner.DATA_PROTECTION, 1, 9, Result.PASSED),
)  # fmt: skip
_FILES = (("M-001", 0), ("M-002", 14))


def enter(at: At) -> None:
    """Enters all of it as who acts. Raises what compliance.controls.verbs do."""

    def ago(days: int) -> dt.date:
        return at.today - dt.timedelta(days=days)

    verbs.record(at, Held(office=Office.CISO, holder="Anställning 1042", from_on=ago(900)))
    verbs.record(at, Held(office=Office.DPO, holder="Avtal D-77", from_on=ago(1400), until_on=ago(401)))
    verbs.record(at, Held(office=Office.DPO, holder="Anställning 1107", from_on=ago(400), functions=(Owner.IT,)))
    for name, sort, guards, owner, months, tested, result in _MEASURES:
        told = Measure(name=name, sort=sort, guards=guards, owner=owner, test_months=months)
        number = verbs.record(at, told)
        if tested is not None:
            verbs.record(at, Tested(measure=number, tested_on=ago(tested), result=result, evidence=f"PROV-{number}"))
    for place, files in _FILES:
        told_files = Told(
            figure=Figure.ORPHAN_FILES, place=place, value=files, counted_on=ago(20), source="Driftens nattjobb"
        )
        verbs.tell(at, told_files)
    verbs.tell(
        at,
        Told(figure=Figure.MANDATORY_FIELDS, place="9.1", value=3, counted_on=ago(35), source="Produktteamet"),
    )
    verbs.tell(
        at, Told(figure=Figure.OPEN_PAGES, place="9.1", value=0, counted_on=ago(35), source="Penetrationstest 2026")
    )
    verbs.tell(at, Told(figure=Figure.BACKUP_DAYS, value=35, counted_on=ago(50), source="Driften"))
