"""What is counted of cookies."""

from __future__ import annotations

import datetime as dt

from compliance.cookies import state
from compliance.cookies.state import Code, Known
from compliance.cookies.tables import Phase
from compliance.words.policy import Parameters, Policy


def figures(found: Known, policy: Policy, parameters: Parameters, now: dt.datetime) -> dict[str, float | None]:
    """Every figure of compliance/review/kpis.toml that is of cookies, as they are known at `now`; None where no scan
    says it.
    """
    findings = state.judged(found, policy, parameters, now).findings
    ages: dict[str, int] = {}
    for scan in found.newest:
        ages[scan.site] = min(state.days_old(scan, now), ages.get(scan.site, state.days_old(scan, now)))

    def counted(code: Code, *phases: Phase) -> int | None:
        told = [scan for phase in phases for scan in state.scans_of(found, phase)]
        return state.count(findings, code) if told else None

    return {
        "cookies_undeclared": counted(Code.UNDECLARED, *Phase),
        "cookies_too_long": counted(Code.TOO_LONG, *Phase),
        "cookies_before_consent": counted(Code.BEFORE_CONSENT, Phase.BEFORE_CHOICE),
        "cookies_after_refusal": counted(Code.AFTER_REFUSAL, Phase.REFUSED),
        "cookie_scan_age": max(ages.values(), default=None),
    }
