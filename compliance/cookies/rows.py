"""What the pages show of cookies, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from compliance.cookies import facts, state
from compliance.cookies.asks import WebLeads
from compliance.cookies.facts import Listed
from compliance.cookies.lifetimes import Lifetime
from compliance.cookies.state import Known, Scan
from compliance.cookies.tables import How, Party, Phase
from compliance.register.entries import Entry
from compliance.show.columns import Row
from compliance.words import times
from compliance.words.deadlines import cookie_declared, local_date
from compliance.words.finding import Finding, Severity
from compliance.words.policy import Parameters
from compliance.words.texts import say, show

# The words of a code: prefix of the text for each enum.
_WORDS: dict[type[StrEnum], str] = {
    facts.Life: "cookie_life",
    facts.Use: "cookie_use",
    facts.Consent: "cookie_consent",
    Party: "cookie_party",
    Phase: "cookie_phase",
    How: "cookie_how",
}
_UNITS = ((86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))


def in_words(value: Any, language: str) -> str:
    """A value as it is read; a dash where it is not known."""
    if value is None or value == "":
        return "–"
    if isinstance(value, dt.datetime):
        return times.written(value)
    if isinstance(value, StrEnum):
        return say(f"{_WORDS[type(value)]}.{value.value}", language)
    return show(value, language)


def duration(seconds: int, language: str) -> str:
    """So many seconds in the largest unit that leaves none over, or in days and what is left over of one."""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), _UNITS[-1])
    whole, rest = divmod(seconds, size)
    told = say(f"cookies.{unit}", language, count=whole)
    return f"{told} {duration(rest, language)}" if rest and size > 60 else told


def lifetime_told(lifetime: Lifetime, language: str) -> str:
    """How long a cookie lives, as far as is known."""
    if lifetime.is_session:
        return say("cookie_life.session", language)
    if lifetime.most is None:
        if not lifetime.least:
            return say("common.unknown", language)
        return say("cookies.at_least", language, time=duration(lifetime.least, language))
    if lifetime.most // 86_400 == lifetime.least // 86_400:
        return duration(lifetime.most, language)
    return f"{duration(lifetime.least, language)} – {duration(lifetime.most, language)}"


def listed_row(entry: Entry, told: Listed, language: str) -> Row:
    """A cookie of the inventory."""
    days = None if told.lifetime_days is None else say("cookies.days", language, count=told.lifetime_days)
    return {
        "entry": entry.entry_id,
        "cookie": told.name,
        "declared": say("common.yes" if cookie_declared(told.name) else "common.no", language),
        "cookie_party": in_words(told.party, language),
        "lifetime": days or in_words(told.life, language),
        "cookie_use": in_words(told.use, language),
        "cookie_purpose": told.purpose,
        "cookie_provider": told.provider,
        "cookie_agreement": told.agreement,
        "cookie_consent": in_words(told.consent, language),
        "recorded": times.written(entry.at),
    }


def scan_row(found: Known, scan: Scan, parameters: Parameters, now: dt.datetime, language: str) -> Row:
    """A scan as the list shows it."""
    counts = scan in found.newest
    if scan.set_aside_at is not None:
        stands = say("cookies.set_aside", language, reason=scan.set_aside_because)
    elif not counts:
        stands = say("cookies.replaced", language)
    elif state.is_old(scan, parameters, now):
        stands = f"▲ {say('cookies.too_old', language)}"
    else:
        stands = f"● {say('cookies.counts', language)}"
    left = "; ".join(
        say("cookies.left", language, rows=rows, reason=say(f"cookie_quarantined.{reason}", language), at=at)
        for reason, rows, at in scan.left
    )
    return {
        "scan": scan.scan_id,
        "scanned": times.written(scan.scanned_at),
        "site": scan.site,
        "cookie_phase": in_words(scan.phase, language),
        "cookies_seen": len(scan.seen),
        "cookies_wrong": len({name for _, name in state.of_scan(found, scan, parameters)}),
        "cookies_left": left,
        "stands": stands,
        "cookie_format": say(f"cookie_format.{scan.format}", language),
    }


def seen_rows(found: Known, scan: Scan, parameters: Parameters, language: str) -> list[Row]:
    """What a scan saw, what is wrong with it first."""
    wrong: dict[str, list[str]] = {}
    for code, name in state.of_scan(found, scan, parameters):
        wrong.setdefault(name, []).append(say(f"cookie_wrong.{code}", language))
    rows: list[Row] = []
    for seen in scan.seen:
        listed = found.of(seen.name)
        rows.append(
            {
                "cookie": seen.name,
                "domain": seen.domain or "–",
                "cookie_party": in_words(seen.party, language),
                "lifetime": lifetime_told(seen.lifetime, language),
                "cookie_how": in_words(seen.how, language),
                "declared": say("common.yes" if cookie_declared(seen.name) else "common.no", language),
                "cookie_purpose": "" if listed is None else listed.purpose,
                "wrong": ", ".join(wrong.get(seen.name, [])),
            }
        )
    return sorted(rows, key=lambda row: (not row["wrong"], row["cookie"], row["domain"]))


def lead_row(row: WebLeads, language: str) -> Row:
    """Web leads of one cookie."""
    return {
        "cookie": row.cookie_name or say("common.unknown", language),
        "declared": say(
            "common.yes" if row.cookie_name and cookie_declared(row.cookie_name) else "common.no", language
        ),
        "leads": row.leads,
        "companies": row.companies,
        "first_set": row.first_set_on,
        "last_set": row.last_set_on,
        "late": row.late,
    }


def sentence(findings: Sequence[Finding], found: Known, language: str) -> tuple[str, bool]:
    """How things stand, in one sentence, and whether there is something to do at once."""
    grave = [one for one in findings if one.severity is Severity.CRITICAL]
    if grave:
        return say("cookies.sentence_grave", language, grave=len(grave), others=len(findings) - len(grave)), True
    if not found.counting:
        return say("cookies.sentence_unknown", language), True
    last = found.counting[0]
    key = "cookies.sentence_some" if findings else "cookies.sentence_well"
    return say(key, language, others=len(findings), day=local_date(last.scanned_at).isoformat()), False


def refusal_values(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What fills the text of a refusal, its codes in words."""
    told = dict(values)
    if "reason" in told:
        told["reason"] = say(f"cookie_quarantined.{told['reason']}", language)
    return told
