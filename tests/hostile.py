"""A store whose every text from outside would be a picture, a link, a script or a formula if anybody let it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import sqlalchemy as sa

from compliance import access, runs
from compliance.controls import verbs as controls
from compliance.controls.facts import Figure, Measure, Office, Result, Sort, Tested, Told
from compliance.controls.facts import Held as ControlHeld
from compliance.cookies import verbs as cookies
from compliance.cookies.facts import Consent, Life, Listed, ScanTold, Use
from compliance.cookies.tables import Party, Phase
from compliance.environments import sessions
from compliance.findings import gather
from compliance.findings import verbs as findings
from compliance.findings.tables import Owner
from compliance.holds import listing, verbs
from compliance.holds import tables as holds_tables
from compliance.incidents import facts as incident_facts
from compliance.incidents import verbs as incidents
from compliance.incidents.facts import Aware, Cause, Caused, Detected, Nature, Reported, Side
from compliance.incidents.facts import Customer as IncidentCustomer
from compliance.intake import orders, run
from compliance.notices import verbs as notices
from compliance.notices.facts import Informed, Meant, Origin
from compliance.processing import verbs as processing
from compliance.processing.facts import Described, Entrusted
from compliance.processing.tables import Transfer
from compliance.reading import copy
from compliance.register.engine import engine, writing
from compliance.words import settings as settings_of
from compliance.words.settings import Settings
from compliance.words.vocabulary import Category, Role
from tests.world import TODAY, acting

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
HOST = "evil.example"
PICTURE = f"![x](http://{HOST}/1)"
VALUES = (
    PICTURE,
    f"[l](http://{HOST}/2)",
    ":material/skull: $x^2$ :red[r]",
    f"<img src=http://{HOST}/3>",
    "<script>pwned=1</script>",
    f"www.{HOST} a@{HOST}",
    ":streamlit: a->b `c",
    "# t | - x ~~s~~ **b**",
)
# Headers of a file are cut at nothing, its name is that of a file.
HEADER = f"{PICTURE} :red[h]"
FILE = ":red[f] ![x](data:,x) :material:skull: www.evil.example.csv"


def store(folder: Path) -> Path:
    """Makes such a store in a folder and returns it."""
    path = folder / "store"
    settings = settings_of.load({"COMPLIANCE_STORE": str(path), "COMPLIANCE_TODAY": TODAY.isoformat()})
    register = engine(settings)
    exports = folder / "exports"
    exports.mkdir()
    _write(exports / "crm_kunder.csv", "Kund-ID;Kundnamn;Kundstatus", [f"K{n};{told};Avslutad" for n, told in _told()])
    _write(exports / "crm_avtal.csv", "Avtals-ID;Kund-ID;Avtalsstart;Avtalsslut", [
        f"A{n};K{n};2001-01-01;2004-01-01" for n, _ in _told()
    ])  # fmt: skip
    contacts = "Kontakt-ID;Förnamn;Efternamn;E-post;Befattning;Kund-ID;Kundnamn;Typ;Skapad"
    _write(exports / "crm_kontakter.csv", contacts, [
        f"P{n};{told};{told};p{n}@{HOST};{told};K{n};{told};Kontaktperson;{'2003-01-01' if n else told}"
        for n, told in _told()
    ])  # fmt: skip
    _write(exports / "crm_prospekt.csv", "Prospekt-ID;Namn;E-post;Telefon;Företag;Registrerad;Källa", [
        # Two of one name are put before somebody; one row has no key and stays out.
        *(f"L{n};{told};l{n}@{HOST};;{told};2003-01-01;{told}" for n, told in _told()),
        f"L8;{PICTURE};l0@{HOST};0701740605;{PICTURE};2003-01-01;",
        f";{PICTURE};x@{HOST};;;2003-01-01;",
    ])  # fmt: skip
    environments = "Miljö-ID;Kund-ID;Avtals-ID;PUB-avtal;Standardinställningar;Stängd"
    _write(exports / "kundmiljoer.csv", environments, [f"{told};K{n};A{n};{told};Ja;" for n, told in _told()])
    grants = "Behörighets-ID;Miljö-ID;Innehavare;Förvaltningskonto;Syfte;Ärende;Godkänd av;Beviljad;Giltig till"
    _write(exports / "supportatkomst.csv", grants, [
        f"{told};{told};{told};{told};{told};{told};{told};2026-01-01;2026-02-01" for _, told in _told()
    ])  # fmt: skip
    _write(exports / "utskick.csv", "Utskicksrad;Utskick;Mottagare;Skickat;Ändamål", [
        f"U{n};{told};l{n}@{HOST};2026-11-01;{told}" for n, told in _told()
    ])  # fmt: skip
    _write(exports / "raderingsformular.csv", "Ärendenummer;Inkom;Jag är;Ärendetyp;Namn;E-post", [
        f"R{n};2026-11-01;Kund;Radering;{told};p{n}@{HOST}" for n, told in _told()
    ])  # fmt: skip
    files = tuple(
        orders.FileOrder(path=file, name=file.name, exported_at=NOW, exported_at_from="taken_in")
        for file in sorted(exports.iterdir())
    )
    run.execute(settings, register, runs.queue(register, None, NOW), orders.Order(files=files), lambda: NOW)
    later = TODAY + dt.timedelta(days=30)
    with writing(register) as connection:
        verbs.enter(connection, [
            listing.Entry(
                holds_tables.Scope.ORGANISATION.value, f"crm:K{n}", holds_tables.Ground.LEGAL_CLAIM.value, told[:60],
                TODAY, later, case_ref=VALUES[n % 2][:40],
            )
            for n, told in _told()[:4]
        ])  # fmt: skip
    _rooms(settings, register)
    register.dispose()
    return path


def _rooms(settings: Settings, register: sa.Engine) -> None:
    """What people write in the rooms that keep entries of their own, in every field that takes a text."""
    by_role = {actor.role: actor for actor in access.demo_actors(settings)}
    at = acting(settings, register, by_role[Role.DPO], NOW)
    reading = copy.current(settings, register, TODAY, at.policy, at.parameters)
    assert reading is not None
    said = [told for told in VALUES if "@" not in told]
    for number, told in enumerate(said):
        # Two that are called the same are one.
        one = incidents.report(
            at, Reported(called=f"{told}{number}", what=told, natures=(Nature.LOSS,), sides=tuple(Side))
        )
        for step in (
            Detected(detected_at=NOW, how=told), Aware(aware_at=NOW, reason=told), IncidentCustomer(customer=told),
            incident_facts.Measure(measure=told), Caused(cause=Cause.HUMAN, explained=told),
        ):  # fmt: skip
            incidents.record(at, one, step)
        place = f"{told}{number}"
        measure = Measure(name=place, sort=Sort.TECHNICAL, guards=told, owner=Owner.IT, test_months=1)
        guard = controls.record(at, measure)
        controls.record(at, Tested(measure=guard, tested_on=TODAY, result=Result.FAILED, evidence=told))
        controls.tell(at, Told(figure=Figure.ORPHAN_FILES, place=place, value=9, counted_on=TODAY, source=told))
        cookies.record(
            at,
            Listed(
                name=place, party=Party.FIRST, life=Life.SESSION, use=Use.COMPANIES, purpose=told, provider=told,
                agreement=told[:40], consent=Consent.ASKED,
            ),
        )  # fmt: skip
        seen = {"name": place, "domain": "www.bolaget.example", "session": True}
        cookies.take_in(
            at, json.dumps([seen]).encode(),
            ScanTold(site="www.bolaget.example", phase=Phase.BEFORE_CHOICE, scanned_at=NOW, has_cookies=True),
        )  # fmt: skip
        notices.record(at, Meant(word=told, origin=Origin.BOUGHT))
        notices.record(
            at,
            Informed(
                source="crm", word=told, registered_from=dt.date(2003, 1, 1), registered_until=TODAY, informed_on=TODAY,
                how=told,
            ),
        )  # fmt: skip
    for office in Office:
        controls.record(at, ControlHeld(office=office, holder=PICTURE, from_on=TODAY))
    for category in (Category.PROSPECT, Category.CUSTOMER_CONTACT):
        processing.describe(
            at, category,
            Described(
                recipients=said[0], transfers=Transfer.THIRD_COUNTRY, safeguards=said[1], measures=said[2],
                lia_reference=said[3], reviewed_on=TODAY,
            ),
        )  # fmt: skip
    processing.describe_assigned(
        at, Entrusted(categories=said[0], subprocessors=said[1], transfers=Transfer.NONE, reviewed_on=TODAY)
    )
    processing.make_version(at, reading, PICTURE)
    log = "\n".join(["Sessions-ID;Miljö-ID;Innehavare;Startad;Slutad;Ärende", *(
        f"S{n}{told};{told};{told};2026-11-01 10:00;2026-11-01 11:00;{told}" for n, told in enumerate(said)
    )])  # fmt: skip
    sessions.take_in_by_command(acting(settings, register, None, NOW), log.encode())
    judged = gather.judged(at, reading)
    for number, found in enumerate(judged.findings):
        code, thing = found.known_as
        findings.assign(at, judged, code, thing, owner=Owner.IT, mend_by=None, note=said[number % len(said)])
        findings.propose(at, judged, code, thing, until=TODAY, reason=said[number % len(said)])


def _told() -> list[tuple[int, str]]:
    return list(enumerate(VALUES))


def _write(path: Path, header: str, lines: list[str]) -> None:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
