"""Each figure is what a count by hand says of a few rows, and what is not known is never zero."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.access.at import At
from compliance.controls.facts import Figure, Told
from compliance.controls.tables import control_entry
from compliance.cookies.tables import cookie_scan, cookie_seen
from compliance.holds import tables as holds_tables
from compliance.incidents.facts import Aware, Detected, Nature, Reported
from compliance.incidents.tables import incident, incident_step
from compliance.purge import tables as purge_tables
from compliance.reading.copy import Reading
from compliance.rectification.tables import rectification
from compliance.register import entries
from compliance.register.metadata import metadata
from compliance.requests.tables import request
from compliance.review import measures
from compliance.review.kpis import Measured, Rests, Unknown, kpis
from compliance.sources.freshness import FORM, OF_ACCESS, OF_MAILINGS, Freshness, freshness
from compliance.suppression.tables import reappearance, suppression
from compliance.words import queries
from compliance.words import settings as settings_of
from compliance.words.vocabulary import RecordType
from tests.world import TODAY, World, acting

NOW = dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC)


def day(month: int, number: int) -> dt.date:
    """A day of 2026."""
    return dt.date(2026, month, number)


def noon(month: int, number: int) -> dt.datetime:
    """An instant of that day."""
    return dt.datetime(2026, month, number, 11, tzinfo=dt.UTC)


# Today is 24 November; the last 30 days begin on 26 October.
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "open, due 20 October": {"received_on": day(9, 20)},
    "paused 4 days, due 5 November, closed on the 2nd": {
        "received_on": day(10, 1), "identity_asked_on": day(10, 2), "identity_answered_on": day(10, 6),
        "closed_on": day(11, 2), "outcome": "done",
    },
    "due 5 November, closed on the 10th": {
        "received_on": day(10, 5), "closed_on": day(11, 10), "outcome": "partial"
    },
    "withdrawn before it was due": {"received_on": day(10, 10), "closed_on": day(11, 9), "outcome": "withdrawn"},
    "open, due 12 November": {"received_on": day(10, 12)},
    "open, due today": {"received_on": day(10, 24)},
    "paused": {"received_on": day(11, 10), "identity_asked_on": day(11, 11)},
    "extended in time": {
        "received_on": day(11, 1), "extension_notice_on": day(11, 20), "extension_reason": "complex"
    },
    "extended after it was due": {
        "received_on": day(9, 15), "extension_notice_on": day(11, 1), "extension_reason": "complex"
    },
    "closed within ten days": {"received_on": day(11, 5), "closed_on": day(11, 15), "outcome": "done"},
    # A customer's to answer: five working days to pass them on.
    "passed on in time": {"received_on": day(11, 2), "forwarded_on": day(11, 4), "role": "processor"},
    "not passed on": {"received_on": day(11, 10), "role": "processor"},
    "to be passed on by the 30th": {"received_on": day(11, 23), "role": "processor"},
}  # fmt: skip
# (state, when, deleted, held, changed, failed), and of each (category, days after the last day, entries).
PURGES: Mapping[tuple[str, dt.datetime, int, int, int, int], list[tuple[str, int, int]]] = {
    ("verified", noon(11, 20), 8, 1, 1, 2): [("CUSTOMER_CONTACT", 5, 6), ("PROSPECT", -10, 2)],
    ("executed", noon(11, 1), 2, 0, 0, 0): [("PROSPECT", 40, 2)],
    ("resurfaced", noon(9, 1), 5, 0, 0, 0): [("EMPLOYEE", 3, 5)],
}
# (kind, source, first seen, last seen, confirmed)
RETURNS = [
    ("kept_out", "crm", noon(11, 20), noon(11, 20), None),
    ("possible", "crm", noon(11, 10), noon(11, 23), None),
    ("possible", "hr", noon(11, 22), noon(11, 22), noon(11, 23)),
    ("let_in", "crm", noon(11, 22), noon(11, 22), None),
    ("kept_out", "crm", noon(11, 1), noon(11, 1), None),
]
HOLDS = [
    {"owner": "Legal", "review_on": day(12, 1)},
    {"owner": " ", "review_on": day(11, 1)},
    {"owner": "Legal", "review_on": day(11, 1), "released_on": day(11, 2)},
]
# (state, asked, decided, the request that it answers)
CORRECTIONS = [
    ("awaited", noon(11, 10), None, None),
    # A month is over on a Sunday, so it was due on 2 November.
    ("verified", noon(10, 1), noon(11, 2), None),
    ("still_old", noon(10, 5), noon(11, 12), None),
    ("withdrawn", noon(10, 10), noon(11, 1), None),
    ("verified", noon(11, 10), noon(11, 20), None),
    # That one was due on 5 November.
    ("verified", noon(10, 20), noon(11, 6), 2),
]
# What a count by hand says: the value, or its share as (part, whole).
BY_HAND: Mapping[str, float | tuple[int, int] | Unknown | None] = {
    # Of the copy: two overdue prospects, one undated, one of last year, an active contact, and one who is held.
    "persons": 6, "entries": 6, "overdue": 2, "overdue_persons": 2, "in_order": 3, "in_order_share": (3, 6),
    "due_30": 0, "due_90": 0, "unclassified": 0, "undetermined": 1, "undetermined_share": (1, 6),
    "undetermined_past": 0, "held_past": 1, "findings": 0, "findings_critical": 0, "former_role": 0,
    # Of the scan below: two cookies that are not declared, one that lives too long, three before a choice, three in no
    # inventory, and no scan after a no. Of prospects: nobody knows whence, some are late, one has no day.
    # And none of the eight activities that have a rule is described.
    # Of grants and environments: one cleaned late, one without an agreement, without default settings and of which it
    # is not known whether it is cleaned; a ticket that is lacking; a last day, a review and a contract that are over.
    # Nothing says what was sent: one. Nobody is DPO or CISO; files without a record in three places, of which one was
    # counted too long ago; a mandatory field too many. What is done on customers' behalf is not described, and no
    # measures are recorded.
    "findings_open": 21 + 8 + 1 + 2 + 3 + 1 + 1 + 2, "findings_late": 0, "findings_accepted": 0,
    # Ten years after 2010-03-20; the other's were over in 2025.
    "oldest_overdue": (TODAY - dt.date(2020, 3, 20)).days,
    "purged": 10, "purge_failed": (2, 12), "purge_skipped": 2, "unverified": 1, "resurfaced": 1,
    # -10, -10, 5 six times, 40, 40: the fifth and the sixth are 5.
    "purge_lag": 5, "purge_lag_most": 40, "purge_quiet": 4,
    # 35 days: 8 entries until 25 December, 2 until the 6th.
    "backup_tail": 10, "backup_tail_days": 31,
    "open_requests": 6, "requests_in": 3, "requests_closed": 4,
    # Due in the period: one in time, one late, one still open; neither withdrawn, nor paused, nor due today.
    "on_time": (1, 3), "overdue_requests": 3, "oldest_request": 70,
    # 32, 36 and 10 days; without the pause 28, 36 and 10.
    "days_to_close": 32, "days_to_close_p95": 36, "days_to_close_net": 28,
    "extended": (1, 3), "extended_invalid": 1, "requests_due": 1, "refused": (1, 4),
    "redirected": 3, "redirected_on_time": (1, 2), "erasure_complete": (1, 2), "erasure_oldest": 23,
    "reappeared": 3, "reappeared_open": 1,
    # 32, 10 and 17 days; of three that were due, one by a request's day, one was made by its day.
    "corrections_open": 2, "days_to_correct": 17, "corrections_on_time": (1, 3),
    "holds_active": 2, "holds_late": 1, "holds_lost": 1, "holds_without_owner": 1,
    "stale_sources": 0,
    # Nothing was kept that a bridge could start from.
    "bridge_unexplained": None,
    # Nobody has opted out; by rows of their own in tests/marks.
    "opt_out_latency": None, "opt_outs_late": 0,
    # One that is known since yesterday, and of which nothing more is recorded; others in tests/incidents.
    "incidents_open": 1, "incident_clocks": 1, "incidents_undecided": 1, "breaches_on_time": None,
    "controllers_on_time": None, "hours_to_aware": None, "hours_to_contain": None, "subjects_waiting": 0,
    # One scan of five days ago, before a choice: one cookie that is declared and lives too long, and two that are not,
    # of which one is there until the browser is closed. None after a no.
    "cookies_undeclared": 2, "cookies_too_long": 1, "cookies_before_consent": 3, "cookies_after_refusal": None,
    "cookie_scan_age": 5,
    # Nobody has said where the four prospects come from, three of them have a day of registration, and nobody was told;
    # no month of theirs ended lately. Others in tests/notices.
    "notice_coverage": None, "notices_late": 3, "prospects_not_met": 4,
    # Five grants, one of them revoked, of three persons whom no staff is known beside: two of one to a customer's
    # environment, one without a ticket; one past its last day and its review, of a customer whose contract is over; one
    # to an environment without an agreement. More of them in tests/environments.
    "access_grants": 4, "access_staff": 3, "access_staff_share": None, "access_crowded": 0, "access_past_review": 1,
    "access_expired": 1, "access_without_ticket": 1, "access_without_basis": 2,
    # Of three one was cleaned within a week.
    "environments_cleaning": (1, 3), "environments_customised": 1, "environments_defaults_off": 1,
    # Nothing was taken in that says what was sent; by rows of their own in tests/mailings.
    "sent_after_opt_out": None, "sent_to_unwanted": None, "unmailed": None, "mailings_other_use": None,
    "tool_opt_out_days": None, "tool_opt_outs_late": None,
    # M1 and M2 have two files and five; M3 was counted 93 days ago.
    "orphan_files": Unknown.STALE,
    # Nothing says who was in: by sessions of their own in tests/environments.
    "sessions_without_ticket": None,
    # Four in the version that was counted last.
    "mandatory_fields_off": 1,
}  # fmt: skip
PARTS: Mapping[str, Mapping[str, float]] = {
    "purge_quiet": {"CUSTOMER_CONTACT": 4, "PROSPECT": 4, "EMPLOYEE": 84},
    "reappeared": {"crm": 2, "hr": 1},
    "persons": {"PROSPECT": 4, "CUSTOMER_CONTACT": 2},
    "undetermined": {"missing_date": 1},
}


def _register() -> sa.Engine:
    made = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    metadata.create_all(made)
    return made


def _fill(register: sa.Engine) -> None:
    with register.begin() as connection:
        for number, (name, told) in enumerate(REQUESTS.items(), 1):
            row = {"source": "form", "reference": name, "kind": "erasure", "role": "controller", **told}
            row |= {"request_id": number, "received_at": NOW, "first_seen_at": NOW, "updated_at": NOW}
            connection.execute(sa.insert(request).values(**row))
        for number, ((state, at, deleted, held, changed, failed), lags) in enumerate(PURGES.items(), 1):
            connection.execute(
                sa.insert(purge_tables.batch).values(
                    batch_id=number, uid=f"{number:032x}", state=state, kind="rule", proposed_by="a", approved_by="b",
                    proposed_at=at, executed_at=at, as_of=TODAY, policy_digest="-", policy_version="1", digest="-",
                    planned=deleted + held + changed + failed, persons=1, large=False,
                    deleted=deleted, held=held, changed=changed, failed=failed,
                )
            )  # fmt: skip
            for category, days, entries in lags:
                connection.execute(
                    sa.insert(purge_tables.batch_lag).values(
                        batch_id=number, category=category, days=days, entries=entries
                    )
                )
        for batch, answered in ((1, 2), (2, 10)):
            connection.execute(sa.insert(purge_tables.batch_request).values(batch_id=batch, request_id=answered))
        connection.execute(
            sa.insert(suppression).values(
                suppression_id=1, batch_id=1, key_id="k", record_digest="-", source="crm", dataset="crm",
                erased_on=TODAY, expires_on=TODAY,
            )
        )  # fmt: skip
        for number, (kind, source, first, last, confirmed) in enumerate(RETURNS):
            connection.execute(
                sa.insert(reappearance).values(
                    suppression_id=1, record_digest=str(number), kind=kind, source=source, dataset=source,
                    first_build=1, last_build=2, first_seen_at=first, last_seen_at=last, confirmed_at=confirmed,
                )
            )  # fmt: skip
        for number, (state, asked, decided, answers) in enumerate(CORRECTIONS, 1):
            connection.execute(
                sa.insert(rectification).values(
                    rectification_id=number, source="crm", dataset="crm", category="PROSPECT", field="phone",
                    request_id=answers, state=state, asked_by="a", asked_at=asked, decided_at=decided,
                )
            )  # fmt: skip
        for number, told in enumerate(HOLDS, 1):
            connection.execute(
                sa.insert(holds_tables.hold).values(
                    hold_id=number, scope="person", scope_key=f"p{number}", ground="claim", placed_on=day(1, 10), **told
                )
            )
        connection.execute(sa.insert(holds_tables.hold_loss).values(hold_id=1, build_id=1, lost_at=NOW))
        _enter_incident(connection, NOW - dt.timedelta(days=1))
        _enter_scan(connection, NOW - dt.timedelta(days=5))
        _enter_figures(connection)


def _enter_figures(connection: sa.Connection) -> None:
    """What the product's teams have told: files of three environments, and mandatory fields of two versions."""
    for figure, place, value, days in (
        (Figure.ORPHAN_FILES, "M1", 2, 3),
        (Figure.ORPHAN_FILES, "M2", 5, 92),
        (Figure.ORPHAN_FILES, "M3", 1, 93),
        (Figure.MANDATORY_FIELDS, "9.0", 3, 40),
        (Figure.MANDATORY_FIELDS, "9.1", 4, 10),
    ):
        told = Told(figure=figure, place=place, value=value, counted_on=TODAY - dt.timedelta(days=days), source="x")
        connection.execute(sa.insert(control_entry).values(entries.values(told, None, NOW, None)))


def _enter_scan(connection: sa.Connection, at: dt.datetime) -> None:
    """Three cookies that were set before anybody had chosen."""
    connection.execute(
        sa.insert(cookie_scan).values(
            scan_id=1, site="www.bolaget.example", phase="before_choice", scanned_at=at, format="har",
            file_digest="-", taken_in_at=at,
        )
    )  # fmt: skip
    for place, (name, seconds) in enumerate((("pe1", 179 * 86_400 + 1), ("_ga", 0), ("_gid", 60)), 1):
        connection.execute(
            sa.insert(cookie_seen).values(
                scan_id=1, place=place, name=name, domain="", how="set", is_session=not seconds, least_s=seconds,
                most_s=seconds,
            )
        )  # fmt: skip


def _enter_incident(connection: sa.Connection, known: dt.datetime) -> None:
    """One that is known since then, and of which nothing more is recorded."""
    connection.execute(sa.insert(incident).values(incident_id=1, opened_at=known))
    for step in (
        Reported(called="x", what="x", natures=(Nature.LOSS,)),
        Detected(detected_at=known, how="x"),
        Aware(aware_at=known, reason="x"),
    ):
        connection.execute(
            sa.insert(incident_step).values(
                incident_id=1, kind=step.KIND, facts=step.model_dump_json(), recorded_at=known
            )
        )


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> At:
    settings = settings_of.load({"COMPLIANCE_STORE": str(tmp_path_factory.mktemp("kpis"))})
    register = _register()
    _fill(register)
    return acting(settings, register, None, NOW, today=TODAY)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    world = World(tmp_path_factory.mktemp("world"))
    for key, registered in (("old", "2010-03-20"), ("late", "2015-03-20"), ("undated", None), ("new", "2025-11-20")):
        world.person("PROSPECT", key, registered_on=registered)
    customer = world.customer("2020-01-01")
    world.person("CUSTOMER_CONTACT", "active", org_id=customer, registered_on="2020-01-01")
    former = world.customer("2005-01-01", "2013-02-05")
    world.person("CUSTOMER_CONTACT", "held", org_id=former, registered_on="2005-01-01")
    world.hold("organisation", former, "2022-01-10")
    settings = {"agreement": "P1", "has_defaults": True, "auto_clean": True, "cleaned_on": "2026-11-20"}
    settings["restore_tested_on"] = "2026-05-01"
    world.environment("M1", customer, **settings)
    world.environment("M2", former, **settings | {"cleaned_on": "2026-11-16", "period_customised": True})
    world.environment("M3", customer, **settings | {"agreement": None, "has_defaults": False, "auto_clean": None})
    told = {
        "ticket": "T1",
        "purpose": "assist",
        "approver": "z",
        "granted_on": "2026-09-01",
        "valid_until": "2026-12-31",
        "revoked_on": None,
    }
    world.grant("B1", "M1", "a", **told)
    world.grant("B2", "M1", "a", **told | {"ticket": None})
    world.grant("B3", "M2", "b", **told | {"granted_on": "2026-06-01", "valid_until": "2026-11-23"})
    world.grant("B4", "M3", "c", **told | {"revoked_on": "2026-11-01"})
    world.grant("B5", "M3", "c", **told)
    return world.reading()


@pytest.fixture(scope="module")
def measured(at: At, reading: Reading) -> Mapping[str, Measured]:
    return measures.measure(at, reading, ())


@pytest.mark.parametrize("code", [code for code in kpis() if code != "risk_score"])
def test_a_figure_is_what_a_count_by_hand_says(measured: Mapping[str, Measured], code: str) -> None:
    expected, found = BY_HAND[code], measured[code]
    if expected is None:
        assert found == Measured(None, Unknown.NOTHING)
    elif isinstance(expected, Unknown):
        assert found == Measured(None, expected)
    elif isinstance(expected, tuple):
        assert found.value == pytest.approx(expected[0] / expected[1])
    else:
        assert found.value == expected
    if code in PARTS:
        assert dict(found.cuts) == PARTS[code]


@pytest.mark.parametrize("stale", ["crm", FORM])
def test_a_figure_whose_source_is_too_old_is_unknown_and_never_zero(at: At, reading: Reading, stale: str) -> None:
    fresh = [Freshness(name, name, NOW, 1000 if name == stale else 1, 100) for name in ("crm", "hr", FORM)]
    found = measures.measure(at, reading, fresh)
    rests = Rests.FORM if stale == FORM else Rests.COPY
    unknown = {code for code, one in found.items() if one.unknown is Unknown.STALE} - {"orphan_files"}
    # The score rests on the form too.
    assert unknown == {code for code, kpi in kpis().items() if kpi.rests_on is rests} | {"risk_score"}
    assert all(found[code].value is None for code in unknown)
    assert found["stale_sources"].value == 1


@pytest.mark.parametrize(
    ("tells", "unknown"),
    [
        ({RecordType.MAILING}, {Rests.MAILINGS}),
        ({RecordType.ACCESS_GRANT, RecordType.ENVIRONMENT}, {Rests.ACCESS}),
        # A system for all: whoever it stores, and what it sends them.
        ({RecordType.PERSON, RecordType.OPT_OUT}, {Rests.COPY, Rests.MAILINGS}),
    ],
)
def test_a_figure_rests_on_what_the_catalogue_says_that_a_source_tells(
    at: At, reading: Reading, tells: set[RecordType], unknown: set[Rests]
) -> None:
    def stale(*fresh: Freshness) -> set[str]:
        found = measures.measure(at, reading, fresh)
        return {code for code, one in found.items() if one.unknown is Unknown.STALE}

    old = stale(Freshness("any", "any", NOW, 1000, 100, frozenset(tells))) - stale() - {"risk_score"}
    assert {kpis()[code].rests_on for code in old} == unknown


def test_what_each_source_tells_is_taken_from_the_catalogue(at: At) -> None:
    fresh = {one.source: one.tells for one in freshness(at.settings, None, NOW, "en")}
    of_access = {source for source, tells in fresh.items() if tells & OF_ACCESS}
    of_mailings = {source for source, tells in fresh.items() if tells & OF_MAILINGS}
    assert (of_access, of_mailings) == ({"environments", "support_access"}, {"mailing_tool"})


def test_of_nothing_no_share_and_no_middle_is_zero(at: At, tmp_path: Any) -> None:
    world = World(tmp_path)
    found = measures.measure(acting(at.settings, _register(), None, NOW, today=TODAY), world.reading(), ())
    nothing = {code for code, one in found.items() if one == Measured(None, Unknown.NOTHING)}
    assert nothing == {
        "in_order_share", "undetermined_share", "purge_failed", "purge_lag", "purge_lag_most", "purge_quiet",
        "on_time", "days_to_close", "days_to_close_p95", "days_to_close_net", "extended", "refused",
        "redirected_on_time", "erasure_complete", "bridge_unexplained", "breaches_on_time", "controllers_on_time",
        "hours_to_aware", "hours_to_contain", "opt_out_latency", "cookies_undeclared", "cookies_too_long",
        "cookies_before_consent", "cookies_after_refusal", "cookie_scan_age", "notice_coverage", "sent_after_opt_out",
        "sent_to_unwanted", "unmailed", "mailings_other_use", "tool_opt_out_days", "tool_opt_outs_late",
        "days_to_correct", "corrections_on_time",
        *(code for code, kpi in kpis().items() if kpi.rests_on is Rests.ACCESS),
    }  # fmt: skip
    # Nobody has told what only the product's teams know.
    untold = {code for code, one in found.items() if one == Measured(None, Unknown.NOT_MEASURED)}
    assert untold == {"orphan_files", "mandatory_fields_off"}
    # That no site was ever scanned is found, that nothing says what was sent, that none of eight activities is
    # described, and that nobody is DPO or CISO.
    assert found["findings_open"].value == 12
    assert {one.value for code, one in found.items() if code not in {*nothing, *untold, "findings_open"}} == {0}


def test_the_page_that_lists_a_figures_rows_is_there() -> None:
    root = Path(measures.__file__).parents[2]
    assert [kpi.code for kpi in kpis().values() if kpi.way is not None and not (root / kpi.way.page).exists()] == []


@pytest.mark.parametrize("code", kpis())
def test_what_is_said_to_measure_a_figure_is_there(code: str) -> None:
    measured_by = kpis()[code].measured_by
    counted = getattr(measures, f"_{measured_by}", None) or getattr(measures, measured_by, None)
    assert measured_by in queries.names() or callable(counted)


def test_a_figure_of_hours_is_asked_anew_once_they_have_run_out(at: At, reading: Reading) -> None:
    register = _register()
    with register.begin() as connection:
        _enter_incident(connection, NOW - dt.timedelta(hours=71))
    before = acting(at.settings, register, None, NOW, today=TODAY)
    assert measures.remembered(before, reading, ())["breaches_on_time"] == Measured(None, Unknown.NOTHING)
    # Nothing has happened but that 72 hours are over.
    after = dataclasses.replace(before, now=NOW + dt.timedelta(hours=2))
    assert measures.remembered(after, reading, ())["breaches_on_time"].value == 0
