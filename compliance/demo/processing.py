"""The demo company's register of processing: most of it described, and a version of it."""

from __future__ import annotations

import datetime as dt

from compliance.access.at import At
from compliance.processing import verbs
from compliance.processing.facts import Described, Entrusted
from compliance.processing.tables import Transfer
from compliance.reading.copy import Reading
from compliance.words.vocabulary import Category

# What is said of which activity: recipients, transfer, safeguards, days since its review and that of its balancing.
_SAID: tuple[tuple[Category, str, Transfer, str, int, int | None], ...] = (
    (Category.CUSTOMER_CONTACT, "Supporten; leverantören av CRM som biträde", Transfer.NONE, "", 40, 40),
    (Category.PROSPECT, "Säljarna; utskickstjänsten som biträde", Transfer.THIRD_COUNTRY,
     "Standardavtalsklausuler från 2021, konsekvensbedömning DP-14", 40, 400),
    (Category.EMPLOYEE, "Lönebyrån som biträde; Skatteverket och Försäkringskassan", Transfer.NONE, "", 90, None),
    (Category.CONTRACTOR, "Ekonomi", Transfer.NONE, "", 90, None),
    (Category.VOUCHER, "Revisorn; Skatteverket vid revision", Transfer.NONE, "", 420, None),
    (Category.SUPPLIER_REP, "Inköp", Transfer.NONE, "", 90, 90),
)  # fmt: skip
_MEASURES = "Behörighet per roll, kryptering i vila och under överföring, loggade uttag, återläsning prövas varje år"


def enter(at: At, reading: Reading) -> None:
    """Describes the activities as who acts and makes the first version. Raises what compliance.processing.verbs do."""
    for category, recipients, transfers, safeguards, reviewed, balanced in _SAID:
        told = Described(
            recipients=recipients,
            transfers=transfers,
            safeguards=safeguards,
            measures=_MEASURES,
            lia_reference="" if balanced is None else f"IA-{category.value}",
            lia_reviewed_on=None if balanced is None else at.today - dt.timedelta(days=balanced),
            reviewed_on=at.today - dt.timedelta(days=reviewed),
        )
        verbs.describe(at, category, told)
    verbs.describe_assigned(
        at,
        Entrusted(
            categories="Drift, lagring, säkerhetskopiering, felsökning på kundens begäran",
            subprocessors="Driftleverantören",
            transfers=Transfer.NONE,
            reviewed_on=at.today - dt.timedelta(days=60),
        ),
    )
    verbs.make_version(at, reading, "Första versionen")
