"""What the demo company's data is made of: one line per scenario, with what the dashboard must make of it.

The numbers are shares of a company of some 5,500 persons; others are scaled. What each scenario leads to is its
author's intent, never the product's own
answer, so that a test can hold the two against each other.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from compliance.words.deadlines import add_months

Row = dict[str, str]
CEILING_MONTHS = 120


@dataclass
class Maker:
    """The day, the dice and the names that scenarios draw from. Nothing here is a real person's."""

    as_of: dt.date
    dice: random.Random
    given: list[str]
    family: list[str]
    persons: int = 0
    keys: dict[str, int] = field(default_factory=dict)

    def key(self, prefix: str) -> str:
        """The next key of a system, e.g. K10017."""
        self.keys[prefix] = self.keys.get(prefix, 0) + 1
        return f"{prefix}{10000 + self.keys[prefix]}"

    def person(self) -> Row:
        """A new person: no two have the same name, so that a shared number makes nobody one."""
        number = self.persons
        self.persons += 1
        given = self.given[number % len(self.given)]
        rest = number // len(self.given)
        family = self.family[rest % len(self.family)]
        double = rest // len(self.family)
        if double:
            family = f"{family}-{self.family[(double - 1) % len(self.family)]}"
        mail = f"{given}.{family}.{number}".casefold().translate(str.maketrans("åäöéü ", "aaoeu."))
        return {
            "given": given,
            "family": family,
            "mail": f"{mail}@{('bolaget', 'kommunen', 'gruppen', 'verket')[number % 4]}.example",
            # The Swedish telecom authority keeps 070-1740605 to 070-1740699 for fiction.
            "phone": f"070-17406{5 + number % 95:02d}",
        }

    def ahead(self, low: int, high: int) -> dt.date:
        """A day between `low` and `high` days from now, never a leap day, whose anniversaries move."""
        day = self.as_of + dt.timedelta(days=self.dice.randint(low, high))
        return day - dt.timedelta(days=1) if (day.month, day.day) == (2, 29) else day

    def ago(self, low: int, high: int) -> dt.date:
        """A day between `low` and `high` days back."""
        return self.ahead(-high, -low)

    def ceiling_in(self, low: int, high: int) -> dt.date:
        """A day whose ten years end between `low` and `high` days from now."""
        return add_months(self.ahead(low, high), -CEILING_MONTHS)


@dataclass(frozen=True)
class Expected:
    """One basis that a scenario leads to."""

    category: str
    status: str
    reason: str


@dataclass(frozen=True)
class Scenario:
    """So many persons (`share` per 5,000) of one kind; `make` gives the rows of each system for one of them."""

    name: str
    share: int
    bases: tuple[Expected, ...]
    make: Callable[[Maker], list[tuple[str, Row]]]
    persons: int = 1
    # Rows that stay out of the copy, by reason.
    quarantined: tuple[str, ...] = ()
    # Rows that belong to a shape the row itself cannot show: a line with too few columns.
    broken: bool = False
    # One in `fresh` is new this week.
    fresh: int = 0


def iso(day: dt.date | None) -> str:
    """A date as most systems write it."""
    return day.isoformat() if day else ""


def dotted(day: dt.date | None) -> str:
    """A date as the prospect list writes it: day first."""
    return day.strftime("%d/%m/%Y") if day else ""


RETAINED = (95, 3300)
EXPIRING = (32, 89)
DUE = (1, 29)
OVERDUE_MONTH = (-30, -1)
OVERDUE_QUARTER = (-89, -32)
OVERDUE_YEAR = (-364, -93)
OVERDUE_OLD = (-1400, -367)
_ROLES = (
    "Inköpschef",
    "Systemägare",
    "Projektkontorschef",
    "IT-chef",
    "Ekonomichef",
    "Verksamhetsutvecklare",
)


def organisation(
    maker: Maker,
    *spans: tuple[dt.date | None, dt.date | str | None],
    stated: str = "",
    key: str | None = None,
    successor: str = "",
) -> tuple[str, list[tuple[str, Row]]]:
    """A customer organisation with its contracts; returns its key and rows."""
    key = key or maker.key("K")
    trade = ("Bygg", "Energi", "Konsult", "Logistik")[maker.keys["K"] % 4]
    name = f"{maker.family[maker.keys['K'] % len(maker.family)]} {trade} AB"
    rows = [
        (
            "crm_organisations",
            {"Kund-ID": key, "Kundnamn": name, "Kundstatus": stated, "Övertagen av": successor},
        )
    ]
    for starts, ends in spans:
        rows.append(
            (
                "crm_contracts",
                {
                    "Avtals-ID": maker.key("A"),
                    "Kund-ID": key,
                    "Avtalsstart": iso(starts),
                    "Avtalsslut": ends if isinstance(ends, str) else iso(ends),
                    "Produkt": "Antura Projects",
                },
            )
        )
    return key, rows


def contact(maker: Maker, org: str, who: Row | None = None, /, **more: str) -> tuple[str, Row]:
    """A row of the CRM's contacts."""
    who = who or maker.person()
    row = {
        "Kontakt-ID": maker.key("C"),
        "Förnamn": who["given"],
        "Efternamn": who["family"],
        "E-post": who["mail"],
        "Telefon": who["phone"],
        "Befattning": _ROLES[maker.persons % len(_ROLES)],
        "Kund-ID": org,
        "Kundnamn": "",
        "Typ": ("Kontaktperson", "Systemadministratör", "Systemförvaltare")[maker.persons % 3],
        "Utsedd": iso(maker.ago(4000, 4300)),
        "Skapad": iso(maker.ago(4301, 4400)),
        **more,
    }
    return "crm_contacts", row


def prospect(maker: Maker, who: Row | None = None, /, **more: str) -> tuple[str, Row]:
    """A row of the CRM's prospects."""
    who = who or maker.person()
    row = {
        "Prospekt-ID": maker.key("P"),
        "Namn": f"{who['given']} {who['family']}",
        "E-post": who["mail"],
        "Telefon": who["phone"],
        "Titel": _ROLES[maker.persons % len(_ROLES)],
        "Företag": f"{who['family']}s Verkstad AB",
        "Källa": ("Mässa", "Säljmöte", "Konferens")[maker.persons % 3] if maker.persons % 40 else "Köpt lista",
        **more,
    }
    return "crm_prospects", row


def employee(maker: Maker, who: Row | None = None, /, **more: str) -> tuple[str, Row]:
    """A row of the HR system's employees."""
    who = who or maker.person()
    row = {
        "Anställningsnummer": maker.key("E"),
        "Förnamn": who["given"],
        "Efternamn": who["family"],
        "E-post": who["mail"],
        "Mobil": who["phone"],
        "Befattning": ("Utvecklare", "Konsult", "Säljare", "Supportspecialist")[maker.persons % 4],
        "Status": "Anställd",
        "Adress": f"Påhittade gatan {maker.persons % 90 + 1}",
        "Bankkonto": "0000-00 000 00",
        **more,
    }
    return "hr_employees", row


def contractor(maker: Maker, who: Row | None = None, /, **more: str) -> tuple[str, Row]:
    """A row of the HR system's contractors."""
    who = who or maker.person()
    row = {
        "Uppdrags-ID": maker.key("U"),
        "Namn": f"{who['family']}, {who['given']}",
        "E-post": who["mail"],
        "Telefon": who["phone"],
        "Roll": "Underkonsult",
        "Status": "Pågår",
        **more,
    }
    return "hr_contractors", row


def voucher(maker: Maker, employment: str, year: int | None) -> tuple[str, Row]:
    """A salary voucher of an employment."""
    return "hr_vouchers", {
        "Verifikationsnummer": maker.key("V"),
        "Gäller anställningsnummer": employment,
        "Räkenskapsår": str(year or ""),
        "Belopp": "1",
    }


def representative(maker: Maker, kind: str, **more: str) -> tuple[str, Row]:
    """A row of the supplier register."""
    who = maker.person()
    number = maker.key("S")
    row = {
        "Person-ID": number,
        "Namn": f"{who['given']} {who['family']}",
        "E-post": who["mail"],
        "Telefon": who["phone"],
        "Roll": "Kundansvarig",
        "Typ": kind,
        "Organisations-ID": f"L{int(number[1:]) // 2}",
        "Organisation": f"{who['family']} Leverans AB",
        **more,
    }
    return "supplier_register", row


def visitor(maker: Maker, low: int, high: int, cookie: str = "") -> list[tuple[str, Row]]:
    """A row of the web leads: a cookie first set so many days back."""
    number = maker.key("W")
    time = f"{maker.dice.randint(8, 16):02d}:{maker.dice.randint(0, 59):02d}"
    return [
        (
            "web_leads",
            {
                "visitor_id": number,
                "cookie": cookie or f"pe{maker.dice.randint(1, 9)}",
                "first_set": f"{iso(maker.ago(low, high))}T{time}:00Z",
                "company": "Besökande Bolag AB",
                "ip": "192.0.2.1",
            },
        )
    ]


def _customer(maker: Maker, **more: str) -> list[tuple[str, Row]]:
    org, rows = organisation(maker, (maker.ago(4100, 4400), None), stated="Aktiv kund")
    return [*rows, contact(maker, org, **more)]


def _former_customer(maker: Maker, ended: dt.date, **more: str) -> list[tuple[str, Row]]:
    stated = "Tidigare kund" if ended < maker.as_of else "Aktiv kund"
    org, rows = organisation(maker, (add_months(ended, -60), ended), stated=stated)
    more.setdefault("Utsedd", iso(add_months(ended, -48)))
    return [*rows, contact(maker, org, **more)]


def _ended(low: int, high: int) -> Callable[[Maker], list[tuple[str, Row]]]:
    return lambda maker: _former_customer(maker, maker.ceiling_in(low, high))


def _returned(maker: Maker) -> list[tuple[str, Row]]:
    org, rows = organisation(
        maker,
        (maker.ago(4300, 4400), maker.ago(2500, 2900)),
        (maker.ago(900, 1500), None),
        stated="Aktiv kund",
    )
    return [*rows, contact(maker, org)]


def _returned_and_ended(maker: Maker) -> list[tuple[str, Row]]:
    org, rows = organisation(
        maker, (maker.ago(4300, 4400), maker.ago(3000, 3200)), (maker.ago(1500, 1800), maker.ago(300, 900))
    )
    return [*rows, contact(maker, org)]


def _returned_late(maker: Maker) -> list[tuple[str, Row]]:
    ended = maker.ceiling_in(-1200, -700)
    org, rows = organisation(maker, (add_months(ended, -48), ended), (maker.ago(200, 600), None), stated="Aktiv kund")
    return [*rows, contact(maker, org, Utsedd=iso(add_months(ended, -40)))]


def _merged_organisation(maker: Maker) -> list[tuple[str, Row]]:
    heir, rows = organisation(maker, (maker.ago(1000, 1500), None), stated="Aktiv kund")
    org, more = organisation(maker, (maker.ago(4000, 4300), maker.ago(1501, 1700)), successor=heir)
    return [*rows, *more, contact(maker, org)]


def _two_rows(maker: Maker) -> list[tuple[str, Row]]:
    who = maker.person()
    rows = _customer(maker)
    org = rows[0][1]["Kund-ID"]
    same = {"Utsedd": iso(maker.ago(2000, 2100))}
    louder = {**who, "mail": who["mail"].upper()}
    return [*rows[:-1], contact(maker, org, who, **same), contact(maker, org, louder, **same)]


def _switchboard(maker: Maker) -> list[tuple[str, Row]]:
    return _customer(maker, Telefon="08-465 004 00", **{"E-post": ""})


def _employment_with_voucher(
    maker: Maker, started: dt.date, ended: dt.date | None, year: int | None
) -> list[tuple[str, Row]]:
    row = employee(
        maker,
        **{
            "Anställd från": iso(started),
            "Sista anställningsdag": iso(ended),
            "Status": "Avslutad" if ended else "Anställd",
        },
    )
    return [row, voucher(maker, row[1]["Anställningsnummer"], year)]


def _ended_employment(low: int, high: int) -> Callable[[Maker], list[tuple[str, Row]]]:
    def make(maker: Maker) -> list[tuple[str, Row]]:
        ended = maker.ceiling_in(low, high)
        return [
            employee(
                maker,
                **{
                    "Anställd från": iso(add_months(ended, -70)),
                    "Sista anställningsdag": iso(ended),
                    "Status": "Avslutad",
                },
            )
        ]

    return make


def _ended_assignment(low: int, high: int) -> Callable[[Maker], list[tuple[str, Row]]]:
    def make(maker: Maker) -> list[tuple[str, Row]]:
        ended = maker.ceiling_in(low, high)
        return [contractor(maker, **{"Från": iso(add_months(ended, -12)), "Till": iso(ended), "Status": "Avslutat"})]

    return make


def _rehired(maker: Maker) -> list[tuple[str, Row]]:
    who = maker.person()
    break_on = maker.ago(1000, 1500)
    return [
        employee(
            maker,
            who,
            **{
                "Anställd från": iso(maker.ago(3000, 3300)),
                "Sista anställningsdag": iso(break_on),
                "Status": "Avslutad",
            },
        ),
        employee(maker, who, **{"Anställd från": iso(break_on + dt.timedelta(days=1))}),
    ]


def _employee_then_contractor(maker: Maker) -> list[tuple[str, Row]]:
    who = maker.person()
    ended = maker.ago(1200, 1500)
    louder = {**who, "mail": who["mail"].title(), "phone": "+46 (0)" + who["phone"][1:]}
    return [
        employee(
            maker,
            who,
            **{
                "Anställd från": iso(maker.ago(3300, 3600)),
                "Sista anställningsdag": iso(ended),
                "Status": "Avslutad",
            },
        ),
        contractor(maker, louder, **{"Från": iso(ended + dt.timedelta(days=1))}),
    ]


def _employee_now_contact(maker: Maker) -> list[tuple[str, Row]]:
    who = maker.person()
    ended = maker.ceiling_in(-300, -40)
    # The CRM knows only the number, written in another way.
    abroad = {**who, "mail": "", "phone": "0046 " + who["phone"][1:]}
    rows = _customer(maker)
    return [
        employee(
            maker,
            who,
            **{
                "Anställd från": iso(add_months(ended, -50)),
                "Sista anställningsdag": iso(ended),
                "Status": "Avslutad",
            },
        ),
        *rows[:-1],
        contact(maker, rows[0][1]["Kund-ID"], abroad),
    ]


def _prospect_and_contact(maker: Maker) -> list[tuple[str, Row]]:
    who = maker.person()
    rows = _customer(maker)
    return [
        prospect(maker, who, Registrerad=dotted(maker.ago(1800, 2500))),
        *rows[:-1],
        contact(maker, rows[0][1]["Kund-ID"], who),
    ]


def _pair(maker: Maker, one: Row, other: Row) -> list[tuple[str, Row]]:
    return [prospect(maker, who, Registrerad=dotted(maker.ceiling_in(*RETAINED))) for who in (one, other)]


def _other_family(maker: Maker, who: Row) -> str:
    return next(name for name in reversed(maker.family) if name not in who["family"])


def _info_mailbox(maker: Maker) -> list[tuple[str, Row]]:
    one, other = maker.person(), maker.person()
    mail = f"info@{one['mail'].split('@')[0]}.example"
    return _pair(maker, {**one, "mail": mail}, {**other, "mail": mail, "family": _other_family(maker, one)})


def _couple(maker: Maker) -> list[tuple[str, Row]]:
    one, other = maker.person(), maker.person()
    home = {"family": one["family"], "mail": f"familjen.{one['mail']}"}
    return _pair(maker, {**one, **home}, {**other, **home})


def _new_name(maker: Maker) -> list[tuple[str, Row]]:
    one, other = maker.person(), maker.person()
    # Kept for fiction too, in another part of the country, where nobody else of this company is.
    mine = {"given": one["given"], "phone": f"031-39006{maker.persons % 100:02d}"}
    return _pair(maker, {**one, **mine}, {**other, **mine, "family": _other_family(maker, one)})


def _met(low: int, high: int) -> Callable[[Maker], list[tuple[str, Row]]]:
    def make(maker: Maker) -> list[tuple[str, Row]]:
        met = maker.ceiling_in(low, high)
        return [prospect(maker, **{"Registrerad": dotted(add_months(met, -6)), "Senaste möte": dotted(met)})]

    return make


def _undated(field_name: str, text: str) -> Callable[[Maker], list[tuple[str, Row]]]:
    return lambda maker: [prospect(maker, **{"Registrerad": dotted(maker.ago(900, 2000)), field_name: text})]


def _tombstone_contact(maker: Maker) -> list[tuple[str, Row]]:
    rows = _former_customer(maker, maker.ceiling_in(*OVERDUE_OLD), Raderad=iso(maker.ago(100, 300)))
    for name in ("Förnamn", "Efternamn", "E-post", "Telefon", "Befattning"):
        rows[-1][1][name] = ""
    return rows


def _tombstone_prospect(maker: Maker) -> list[tuple[str, Row]]:
    dataset, row = prospect(maker, Raderad=dotted(maker.ago(100, 300)))
    return [(dataset, {**row, "Namn": "", "E-post": "", "Telefon": "", "Titel": "", "Företag": ""})]


def _nobody(maker: Maker) -> list[tuple[str, Row]]:
    rows = _customer(maker)
    for name in ("Förnamn", "Efternamn", "E-post", "Telefon"):
        rows[-1][1][name] = ""
    return rows


def _twice_the_key(maker: Maker) -> list[tuple[str, Row]]:
    rows = _customer(maker)
    return [*rows, contact(maker, rows[0][1]["Kund-ID"], **{"Kontakt-ID": rows[-1][1]["Kontakt-ID"]})]


def _one(category: str, status: str, reason: str) -> tuple[Expected, ...]:
    return (Expected(category, status, reason),)


_C, _P, _E, _U, _V, _W = "CUSTOMER_CONTACT", "PROSPECT", "EMPLOYEE", "CONTRACTOR", "VOUCHER", "WEB_VISITOR"
_ACTIVE_CONTACT = _one(_C, "ACTIVE", "open_contract")
_TWO_PROSPECTS = 2 * _one(_P, "RETAINED", "registered")

SCENARIOS: tuple[Scenario, ...] = (
    # Customer contacts
    Scenario("customer", 1130, _ACTIVE_CONTACT, _customer, fresh=60),
    Scenario("former_role", 90, _ACTIVE_CONTACT, lambda m: _customer(m, **{"Roll t.o.m.": iso(m.ago(400, 1500))})),
    Scenario("opted_out", 60, _ACTIVE_CONTACT, lambda m: _customer(m, Avregistrerad=iso(m.ago(30, 900)))),
    Scenario(
        "contract_ends_later",
        60,
        _ACTIVE_CONTACT,
        lambda m: _former_customer(m, m.ahead(30, 400), Utsedd=iso(m.ago(300, 900))),
    ),
    Scenario("merged_organisation", 24, _ACTIVE_CONTACT, _merged_organisation),
    Scenario("returned_in_time", 30, _ACTIVE_CONTACT, _returned),
    Scenario("returned_and_ended", 20, _one(_C, "RETAINED", "contract_ended"), _returned_and_ended),
    Scenario("customer_ended", 420, _one(_C, "RETAINED", "contract_ended"), _ended(*RETAINED)),
    Scenario(
        "left_organisation",
        70,
        _one(_C, "RETAINED", "left_organisation"),
        lambda m: _customer(m, **{"Slutat hos kund": iso(m.ceiling_in(*RETAINED))}),
    ),
    Scenario("customer_expiring", 40, _one(_C, "EXPIRING", "contract_ended"), _ended(*EXPIRING)),
    Scenario("customer_due", 36, _one(_C, "DUE", "contract_ended"), _ended(*DUE)),
    Scenario("customer_overdue_month", 30, _one(_C, "OVERDUE", "contract_ended"), _ended(*OVERDUE_MONTH)),
    Scenario("customer_overdue_quarter", 24, _one(_C, "OVERDUE", "contract_ended"), _ended(*OVERDUE_QUARTER)),
    Scenario("customer_overdue_year", 20, _one(_C, "OVERDUE", "contract_ended"), _ended(*OVERDUE_YEAR)),
    Scenario("customer_overdue_old", 12, _one(_C, "OVERDUE", "contract_ended"), _ended(*OVERDUE_OLD)),
    Scenario("returned_late", 10, _one(_C, "OVERDUE", "contract_ended"), _returned_late),
    Scenario("on_hold", 25, _one(_C, "HELD", "contract_ended"), _ended(*OVERDUE_YEAR)),
    Scenario("hold_released", 6, _one(_C, "DUE", "contract_ended"), _ended(*OVERDUE_QUARTER)),
    Scenario("hold_long_over", 5, _one(_C, "OVERDUE", "contract_ended"), _ended(*OVERDUE_MONTH)),
    Scenario(
        "said_to_be_customer",
        14,
        _one(_C, "UNDETERMINED", "status_contradicts"),
        lambda m: [
            (dataset, {**row, "Kundstatus": "Aktiv kund"} if dataset == "crm_organisations" else row)
            for dataset, row in _former_customer(m, m.ceiling_in(*RETAINED))
        ],
    ),
    Scenario(
        "contract_without_real_end",
        9,
        _one(_C, "UNDETERMINED", "sentinel_date"),
        lambda m: (lambda made: [*made[1], contact(m, made[0])])(organisation(m, (m.ago(2000, 3000), "9999-12-31"))),
    ),
    Scenario(
        "organisation_unknown",
        8,
        _one(_C, "UNDETERMINED", "unknown_organisation"),
        lambda m: [contact(m, f"X{m.key('X')}")],
    ),
    Scenario(
        "left_on_a_sentinel",
        6,
        _one(_C, "UNDETERMINED", "sentinel_date"),
        lambda m: _customer(m, **{"Slutat hos kund": "1970-01-01"}),
    ),
    Scenario(
        "left_on_an_excel_number",
        6,
        _one(_C, "UNDETERMINED", "unreadable_date"),
        lambda m: _customer(m, **{"Slutat hos kund": "42698"}),
    ),
    Scenario(
        "never_a_customer",
        40,
        _one(_P, "RETAINED", "met"),
        lambda m: (lambda made: [*made[1], contact(m, made[0], **{"Senaste möte": iso(m.ceiling_in(*RETAINED))})])(
            organisation(m)
        ),
    ),
    Scenario("erased_contact", 20, _one(_C, "PURGED", "erased"), _tombstone_contact, persons=0),
    Scenario(
        "erased_but_named",
        4,
        _one(_C, "UNDETERMINED", "erased_but_present"),
        lambda m: _customer(m, Raderad=iso(m.ago(100, 300))),
    ),
    Scenario("two_rows", 15, _ACTIVE_CONTACT, _two_rows),
    Scenario(
        "not_in_the_policy",
        16,
        _one("UNCLASSIFIED", "UNDETERMINED", "no_rule"),
        lambda m: _customer(m, Typ=("Jobbsökande", "Nyhetsbrev")[m.persons % 2]),
    ),
    Scenario("number_in_a_role", 12, _ACTIVE_CONTACT, lambda m: _customer(m, Befattning="Ägare 811218-9876")),
    Scenario("number_in_its_column", 7, _ACTIVE_CONTACT, lambda m: _customer(m, Personnummer="811228-9874")),
    Scenario("health", 11, _ACTIVE_CONTACT, lambda m: _customer(m, Matpreferens="nötallergi")),
    Scenario("switchboard", 18, _ACTIVE_CONTACT, _switchboard),
    Scenario("shared_mailbox", 9, _ACTIVE_CONTACT, lambda m: _customer(m, **{"E-post": "info@bolaget.example"})),
    Scenario(
        "noted",
        60,
        _ACTIVE_CONTACT,
        lambda m: _customer(m, Anteckning="Ringde om avtalet", LinkedIn="profil"),
    ),
    # Prospects
    Scenario("met", 610, _one(_P, "RETAINED", "met"), _met(*RETAINED)),
    Scenario(
        "inbound",
        150,
        _one(_P, "RETAINED", "inbound"),
        lambda m: [
            prospect(
                m,
                **{"Registrerad": dotted(m.ago(3300, 3500)), "Senaste inkommande": dotted(m.ago(30, 3000))},
            )
        ],
    ),
    Scenario(
        "registered",
        370,
        _one(_P, "RETAINED", "registered"),
        lambda m: [prospect(m, Registrerad=dotted(m.ceiling_in(*RETAINED)))],
        fresh=40,
    ),
    Scenario("prospect_expiring", 30, _one(_P, "EXPIRING", "met"), _met(*EXPIRING)),
    Scenario("prospect_due", 30, _one(_P, "DUE", "met"), _met(*DUE)),
    Scenario("prospect_overdue_month", 40, _one(_P, "OVERDUE", "met"), _met(*OVERDUE_MONTH)),
    Scenario("prospect_overdue_quarter", 30, _one(_P, "OVERDUE", "met"), _met(*OVERDUE_QUARTER)),
    Scenario("prospect_overdue_year", 25, _one(_P, "OVERDUE", "met"), _met(*OVERDUE_YEAR)),
    Scenario("prospect_overdue_old", 15, _one(_P, "OVERDUE", "met"), _met(*OVERDUE_OLD)),
    Scenario(
        "registered_ahead",
        8,
        _one(_P, "UNDETERMINED", "future_date"),
        lambda m: [prospect(m, Registrerad=dotted(m.ahead(20, 400)))],
    ),
    Scenario("never_dated", 14, _one(_P, "UNDETERMINED", "missing_date"), lambda m: [prospect(m)]),
    Scenario(
        "met_on_a_sentinel",
        6,
        _one(_P, "UNDETERMINED", "sentinel_date"),
        _undated("Senaste möte", "01/01/1900"),
    ),
    Scenario(
        "met_on_no_day",
        5,
        _one(_P, "UNDETERMINED", "unreadable_date"),
        _undated("Senaste möte", "31/11/2019"),
    ),
    Scenario(
        "met_on_an_excel_number",
        5,
        _one(_P, "UNDETERMINED", "unreadable_date"),
        _undated("Senaste möte", "43221"),
    ),
    Scenario(
        "meeting_planned",
        10,
        _one(_P, "RETAINED", "registered"),
        lambda m: [prospect(m, **{"Registrerad": dotted(m.ago(900, 2000)), "Senaste möte": dotted(m.ahead(5, 40))})],
    ),
    Scenario("erased_prospect", 10, _one(_P, "PURGED", "erased"), _tombstone_prospect, persons=0),
    Scenario(
        "birthday_kept",
        20,
        _one(_P, "RETAINED", "registered"),
        lambda m: [prospect(m, Registrerad=dotted(m.ago(900, 2000)), Födelsedag="24/12")],
    ),
    Scenario(
        "prospect_and_contact",
        30,
        (Expected(_P, "RETAINED", "registered"), Expected(_C, "ACTIVE", "open_contract")),
        _prospect_and_contact,
    ),
    # Staff
    Scenario(
        "employed",
        420,
        _one(_E, "ACTIVE", "open_engagement"),
        lambda m: [employee(m, **{"Anställd från": iso(m.ago(30, 5000)), "Personnummer": "811228-9874"})],
        fresh=70,
    ),
    Scenario("employment_ended", 200, _one(_E, "RETAINED", "employment_ended"), _ended_employment(*RETAINED)),
    Scenario("employment_expiring", 8, _one(_E, "EXPIRING", "employment_ended"), _ended_employment(*EXPIRING)),
    Scenario("employment_due", 8, _one(_E, "DUE", "employment_ended"), _ended_employment(*DUE)),
    Scenario("employment_overdue", 14, _one(_E, "OVERDUE", "employment_ended"), _ended_employment(*OVERDUE_YEAR)),
    Scenario(
        "union_member",
        25,
        _one(_E, "ACTIVE", "open_engagement"),
        lambda m: [employee(m, **{"Anställd från": iso(m.ago(30, 5000)), "Facklig tillhörighet": "Unionen"})],
    ),
    Scenario(
        "end_before_start",
        5,
        _one(_E, "UNDETERMINED", "end_before_start"),
        lambda m: [
            employee(
                m,
                **{
                    "Anställd från": "2019-05-01",
                    "Sista anställningsdag": "2018-05-01",
                    "Status": "Avslutad",
                },
            )
        ],
    ),
    Scenario(
        "ended_without_date",
        5,
        _one(_E, "UNDETERMINED", "ended_without_date"),
        lambda m: [employee(m, **{"Anställd från": iso(m.ago(3000, 4000)), "Status": "Avslutad"})],
    ),
    Scenario(
        "ended_but_employed",
        4,
        _one(_E, "UNDETERMINED", "status_contradicts"),
        lambda m: [
            employee(m, **{"Anställd från": iso(m.ago(3000, 4000)), "Sista anställningsdag": iso(m.ago(300, 900))})
        ],
    ),
    Scenario("rehired", 6, _one(_E, "ACTIVE", "open_engagement"), _rehired),
    Scenario(
        "employee_then_contractor",
        10,
        (Expected(_E, "RETAINED", "employment_ended"), Expected(_U, "ACTIVE", "open_engagement")),
        _employee_then_contractor,
    ),
    Scenario(
        "employee_now_contact",
        12,
        (Expected(_E, "OVERDUE", "employment_ended"), Expected(_C, "ACTIVE", "open_contract")),
        _employee_now_contact,
    ),
    Scenario(
        "assigned",
        90,
        _one(_U, "ACTIVE", "open_engagement"),
        lambda m: [contractor(m, **{"Från": iso(m.ago(30, 900))})],
    ),
    Scenario("assignment_ended", 120, _one(_U, "RETAINED", "assignment_ended"), _ended_assignment(*RETAINED)),
    Scenario("assignment_overdue", 6, _one(_U, "OVERDUE", "assignment_ended"), _ended_assignment(*OVERDUE_YEAR)),
    Scenario(
        "voucher_kept_by_law",
        12,
        (Expected(_E, "OVERDUE", "employment_ended"), Expected(_V, "STATUTORY", "voucher_relation")),
        lambda m: _employment_with_voucher(m, m.ago(6000, 6200), m.ceiling_in(*OVERDUE_QUARTER), m.as_of.year - 5),
    ),
    Scenario(
        "voucher_of_an_employee",
        50,
        (Expected(_E, "ACTIVE", "open_engagement"), Expected(_V, "ACTIVE", "open_engagement")),
        lambda m: _employment_with_voucher(m, m.ago(900, 2000), None, m.as_of.year - 1),
    ),
    Scenario(
        "voucher_without_year",
        3,
        (Expected(_E, "RETAINED", "employment_ended"), Expected(_V, "UNDETERMINED", "missing_date")),
        lambda m: _employment_with_voucher(m, m.ago(3000, 3200), m.ago(900, 2000), None),
    ),
    # Suppliers and partners
    Scenario(
        "supplier",
        180,
        _one("SUPPLIER_REP", "ACTIVE", "open_relation"),
        lambda m: [representative(m, "Leverantör", **{"Relation från": iso(m.ago(100, 3000)), "Status": "Pågår"})],
    ),
    Scenario(
        "supplier_replaced",
        50,
        _one("SUPPLIER_REP", "RETAINED", "replaced"),
        lambda m: [
            representative(
                m,
                "Leverantör",
                **{"Relation från": iso(m.ago(3700, 4000)), "Ersatt": iso(m.ceiling_in(*RETAINED))},
            )
        ],
    ),
    Scenario(
        "supplier_ended",
        60,
        _one("SUPPLIER_REP", "RETAINED", "relation_ended"),
        lambda m: [
            representative(
                m,
                "Leverantör",
                **{
                    "Relation från": iso(m.ago(3700, 4000)),
                    "Relation till": iso(m.ceiling_in(*RETAINED)),
                    "Status": "Upphörd",
                },
            )
        ],
    ),
    Scenario(
        "supplier_due",
        5,
        _one("SUPPLIER_REP", "DUE", "relation_ended"),
        lambda m: [
            representative(
                m,
                "Leverantör",
                **{"Relation från": iso(m.ago(5000, 5100)), "Relation till": iso(m.ceiling_in(*DUE))},
            )
        ],
    ),
    Scenario(
        "supplier_overdue",
        10,
        _one("SUPPLIER_REP", "OVERDUE", "replaced"),
        lambda m: [
            representative(
                m,
                "Leverantör",
                **{
                    "Relation från": iso(m.ago(6000, 6100)),
                    "Ersatt": iso(m.ceiling_in(*OVERDUE_QUARTER)),
                    "Relation till": iso(m.ago(900, 2000)),
                },
            )
        ],
    ),
    Scenario(
        "supplier_undated",
        4,
        _one("SUPPLIER_REP", "UNDETERMINED", "missing_date"),
        lambda m: [representative(m, "Leverantör")],
    ),
    Scenario(
        "partner",
        90,
        _one("PARTNER_REP", "ACTIVE", "open_relation"),
        lambda m: [representative(m, "Partner", **{"Relation från": iso(m.ago(100, 3000)), "Status": "Pågår"})],
    ),
    Scenario(
        "partner_ended",
        30,
        _one("PARTNER_REP", "RETAINED", "relation_ended"),
        lambda m: [
            representative(
                m,
                "Partner",
                **{"Relation från": iso(m.ago(3700, 4000)), "Relation till": iso(m.ceiling_in(*RETAINED))},
            )
        ],
    ),
    Scenario(
        "partner_overdue",
        4,
        _one("PARTNER_REP", "OVERDUE", "relation_ended"),
        lambda m: [
            representative(
                m,
                "Partner",
                **{
                    "Relation från": iso(m.ago(6000, 6100)),
                    "Relation till": iso(m.ceiling_in(*OVERDUE_YEAR)),
                },
            )
        ],
    ),
    # Web visitors: 179 days from when the cookie was set
    Scenario("visitor", 260, _one(_W, "RETAINED", "cookie_set"), lambda m: visitor(m, 8, 87), fresh=30),
    Scenario("visitor_expiring", 60, _one(_W, "EXPIRING", "cookie_set"), lambda m: visitor(m, 91, 147)),
    Scenario("visitor_due", 40, _one(_W, "DUE", "cookie_set"), lambda m: visitor(m, 150, 178)),
    Scenario("visitor_overdue", 15, _one(_W, "OVERDUE", "cookie_set"), lambda m: visitor(m, 181, 400)),
    Scenario(
        "cookie_undeclared",
        12,
        _one("UNCLASSIFIED", "UNDETERMINED", "undeclared_cookie"),
        lambda m: visitor(m, 8, 200, "_ga"),
    ),
    # Persons who may be one, and are two until somebody has said
    Scenario("info_mailbox", 3, _TWO_PROSPECTS, _info_mailbox, 2),
    Scenario("couple", 2, _TWO_PROSPECTS, _couple, 2),
    Scenario("new_name", 3, _TWO_PROSPECTS, _new_name, 2),
    # Rows that stay out
    Scenario("row_without_key", 6, (), lambda m: _customer(m, **{"Kontakt-ID": ""}), 0, ("no_key",)),
    Scenario("row_about_nobody", 7, (), _nobody, 0, ("no_identity",)),
    Scenario("key_twice", 5, _ACTIVE_CONTACT, _twice_the_key, 1, ("duplicate_key",)),
    Scenario("row_cut_short", 4, (), lambda m: _customer(m), 0, ("wrong_columns",), broken=True),
    Scenario("customers_own_user", 11, (), lambda m: _customer(m, Typ="Användare i kundmiljö"), 0, ("env_user",)),
    Scenario(
        "contract_of_nobody",
        2,
        (),
        lambda m: [("crm_contracts", {"Avtals-ID": m.key("A"), "Avtalsstart": iso(m.ago(900, 2000))})],
        0,
        ("no_organisation_key",),
    ),
    Scenario(
        "visit_without_cookie",
        3,
        (),
        lambda m: [(d, {**r, "cookie": ""}) for d, r in visitor(m, 8, 80)],
        0,
        ("no_cookie",),
    ),
)
