"""A store whose every text from outside would be a picture, a link, a script or a formula if anybody let it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from compliance import runs
from compliance.holds import listing, verbs
from compliance.holds import tables as holds_tables
from compliance.intake import orders, run
from compliance.register.engine import engine, writing
from compliance.words import settings as settings_of
from tests.world import TODAY

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
    _write(exports / "crm_prospekt.csv", "Prospekt-ID;Namn;E-post;Telefon;Företag;Registrerad", [
        # Two of one name are put before somebody; one row has no key and stays out.
        *(f"L{n};{told};l{n}@{HOST};;{told};2003-01-01" for n, told in _told()),
        f"L8;{PICTURE};l0@{HOST};0701740605;{PICTURE};2003-01-01",
        f";{PICTURE};x@{HOST};;;2003-01-01",
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
    register.dispose()
    return path


def _told() -> list[tuple[int, str]]:
    return list(enumerate(VALUES))


def _write(path: Path, header: str, lines: list[str]) -> None:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
