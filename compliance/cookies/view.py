"""How cookies are drawn: what is wrong, what each scan saw, the inventory and its forms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from pydantic import BaseModel

from compliance import ui
from compliance.cookies import asks, rows, state, verbs
from compliance.cookies.facts import Listed, ScanTold, SetAside, Struck
from compliance.cookies.state import Known, Scan
from compliance.register.entries import Entry
from compliance.show import findings as listed
from compliance.show import recorded
from compliance.show.columns import columns
from compliance.ui import Session
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

M = TypeVar("M", bound=BaseModel)

_FILE = "cookie_scan_file"


def show(session: Session, found: Known) -> None:
    """How things stand, what is wrong, and all else behind tabs."""
    now = ui.now()
    findings = state.judged(found, session.policy, session.parameters, now).findings
    text, alarm = rows.sentence(findings, found, session.language)
    ui.sentence(text, alarm=alarm)
    ui.table(
        session,
        "cookie_findings",
        columns(session.language, *listed.COLUMNS),
        listed.listing(findings, session.today, session.language, ui.source_names(session)),
        empty="cookies.none_found",
    )
    names = ["scans", "inventory", "leads"]
    scans, inventory, leads = st.tabs([session.say(f"cookies.tab_{name}") for name in names])
    with scans:
        _scans(session, found, now)
    with inventory:
        _inventory(session, found)
    with leads:
        _leads(session)


def _scans(session: Session, found: Known, now: dt.datetime) -> None:
    if session.may(Permission.HANDLE_COOKIES):
        _new_scan(session, found)
    chosen = ui.table(
        session,
        "cookie_scans",
        columns(
            session.language, "scan:number", "scanned", "site", "cookie_phase", "cookies_seen:number",
            "cookies_wrong:number", "cookies_left:wide", "stands:wide", "cookie_format",
        ),
        [rows.scan_row(found, scan, session.parameters, now, session.language) for scan in found.scans],
        by=("scan",),
        select=True,
        order=("scan", "scanned", "site", "cookie_phase", "cookies_seen", "cookies_wrong", "stands"),
        empty="cookies.no_scans",
    )  # fmt: skip
    scan = next((scan for scan in found.scans if chosen and scan.scan_id == chosen["scan"]), None)
    if scan is None and found.newest:
        scan = found.newest[0]
    if scan is not None:
        _scan(session, found, scan)


def _scan(session: Session, found: Known, scan: Scan) -> None:
    st.subheader(session.say("cookies.scan_heading", scan=scan.scan_id, site=scan.site), anchor=False)
    ui.table(
        session,
        "cookies_seen",
        columns(
            session.language, "cookie", "wrong:long", "domain", "cookie_party", "lifetime", "declared",
            "cookie_purpose:wide", "cookie_how",
        ),
        rows.seen_rows(found, scan, session.parameters, session.language),
        order=("cookie", "wrong", "domain", "cookie_party", "lifetime", "declared", "cookie_purpose"),
        empty="cookies.none_seen",
    )  # fmt: skip
    if session.may(Permission.HANDLE_COOKIES) and scan.set_aside_at is None:
        with st.expander(session.say("cookies.set_aside_title")):
            st.caption(session.say("cookies.set_aside_help"))
            _form(
                session, f"cookie_aside_{scan.scan_id}", SetAside,
                lambda told: verbs.set_aside(ui.at_once(session), scan.scan_id, told),
                lambda _: session.plain("cookies.was_set_aside", scan=scan.scan_id), "cookies.set_aside_button",
            )  # fmt: skip


def _new_scan(session: Session, found: Known) -> None:
    with st.expander(session.say("cookies.new_scan"), expanded=not found.scans):
        st.caption(session.say("cookies.new_scan_help"))
        ui.let_hand_in(session, Permission.HANDLE_COOKIES)
        st.file_uploader(
            session.say("cookies.file"), type=["har", "json", "csv", "txt", "tsv"], key=_FILE,
            help=session.say("cookies.file_help"),
        )  # fmt: skip

        def take_in(told: ScanTold) -> int:
            # As it is at the click, which may come before the page has been drawn with another file.
            file = st.session_state.get(_FILE)
            if file is None:
                raise Refused("scan_file_missing")
            return verbs.take_in(ui.at_once(session), file.getvalue(), told)

        before = ScanTold.model_construct(
            site=found.scans[0].site if found.scans else "", phase=None, scanned_at=None, has_cookies=False
        )
        _form(
            session, "cookie_scan_new", ScanTold, take_in,
            lambda number: session.plain("cookies.taken_in", scan=number), "cookies.take_in_button", before=before,
            primary=True,
        )  # fmt: skip


def _inventory(session: Session, found: Known) -> None:
    chosen = ui.table(
        session,
        "cookie_inventory",
        columns(
            session.language, "cookie", "declared", "cookie_party", "lifetime", "cookie_use", "cookie_purpose:wide",
            "cookie_provider", "cookie_agreement", "cookie_consent", "recorded", "entry:number",
        ),
        [
            rows.listed_row(entry, entry.facts, session.language)
            for entry in found.standing
            if isinstance(entry.facts, Listed)
        ],
        by=("entry",),
        select=session.may(Permission.HANDLE_COOKIES),
        empty="cookies.none_listed",
    )  # fmt: skip
    if session.may(Permission.HANDLE_COOKIES):
        entry = next((one for one in found.standing if chosen and one.entry_id == chosen["entry"]), None)
        if entry is None:
            st.markdown(f"#### {session.say('cookies.new_entry')}")
            st.caption(session.say("cookies.new_entry_help"))
            _list(session, None)
        else:
            st.markdown(f"#### {session.say('cookies.correct', entry=entry.entry_id)}")
            st.caption(session.say("cookies.correct_help"))
            _list(session, entry)
            with st.expander(session.say("cookies.strike")):
                _form(
                    session, f"cookie_strike_{entry.entry_id}", Struck,
                    lambda told: verbs.record(ui.at_once(session), told, corrects=entry.entry_id),
                    lambda number: session.plain("cookies.struck", entry=number), "cookies.strike_button",
                )  # fmt: skip
    with st.expander(session.say("cookies.every_entry")):
        ui.table(
            session,
            "cookie_entries",
            columns(
                session.language, "entry:number", "recorded", "cookie_kind", "told:long", "stands", "corrects:number",
                "role", "recorded_by",
            ),
            recorded.rows(found.entries, "cookie", rows.in_words, session.language),
        )  # fmt: skip


def _list(session: Session, entry: Entry | None) -> None:
    number = None if entry is None else entry.entry_id
    _form(
        session, f"cookie_entry_{number or 'new'}", Listed,
        lambda told: verbs.record(ui.at_once(session), told, corrects=number),
        lambda recorded: session.plain("cookies.recorded", entry=recorded), "cookies.record_button",
        before=None if entry is None or not isinstance(entry.facts, Listed) else entry.facts, primary=entry is None,
    )  # fmt: skip


def _leads(session: Session) -> None:
    """What the cookie is for: which companies came, by counts alone."""
    st.caption(session.say("cookies.leads_help"))
    if session.reading is None:
        st.markdown(session.say("cookies.no_copy"))
        return
    ui.table(
        session,
        "web_leads",
        columns(
            session.language, "cookie", "declared", "leads:number", "companies:number", "first_set:date",
            "last_set:date", "late:number",
        ),
        [rows.lead_row(row, session.language) for row in session.reading.rows(asks.WEB_LEADS)],
        empty="cookies.no_leads",
    )  # fmt: skip
    st.page_link(
        "pages/review/subjects.py", label=session.say("cookies.to_leads"), query_params={"category": "WEB_VISITOR"},
        icon=":material/arrow_forward:",
    )  # fmt: skip


def _form(
    session: Session,
    key: str,
    model: type[M],
    work: Callable[[M], object],
    done: Callable[[object], str],
    button: str,
    *,
    before: M | None = None,
    primary: bool = False,
) -> None:
    def hand_on(told: M) -> None:
        try:
            ui.done(done(work(told)))
        except Refused as refused:
            raise Refused(refused.code, **rows.refusal_values(refused.values, session.language)) from None

    ui.form(
        session, key, model, hand_on, words="cookie_field", code=lambda value: rows.in_words(value, session.language),
        button=button, before=before, primary=primary,
    )  # fmt: skip
