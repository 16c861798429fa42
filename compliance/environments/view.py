"""How grants and environments are drawn, and how somebody reviews grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import streamlit as st
from pydantic import BaseModel, Field

from compliance import ui
from compliance.access.at import At
from compliance.environments import figures as access_figures
from compliance.environments import findings, rows, verbs
from compliance.environments.state import Grant, Room, room
from compliance.reading.copy import Reading
from compliance.show import findings as listed
from compliance.show.columns import columns
from compliance.show.extract import Stamp, file_name
from compliance.show.leaving import Written
from compliance.ui import Session
from compliance.words.finding import Finding, Severity
from compliance.words.texts import show_share
from compliance.words.vocabulary import Permission

_WIDTH = 440
_TILES = ("access_grants", "access_staff_share", "access_past_review", "access_without_basis", "environments_cleaning")


class Decision(StrEnum):
    """What a review comes to. Texts: `environments.decision_<value>`."""

    KEEP = "keep"
    REVOKE = "revoke"


class Verdict(BaseModel):
    """What somebody says who has looked at grants."""

    decision: Decision
    reason: Annotated[str, Field(min_length=1, max_length=verbs.REASON_CHARACTERS)]


def everything(session: Session, reading: Reading) -> tuple[Room, Sequence[Finding]]:
    """The room on the page's day, with names where the reader asked for them, and what is found in it."""
    named = ui.names_wanted(session, "access")
    found = room(session.at(), reading, named=named)
    if named:
        ui.record_look(session, "environments", len(found.grants), {})
    grades = list(Severity)
    told = findings.judged(found).findings
    return found, sorted(told, key=lambda one: (grades.index(one.severity), one.code, one.thing))


def figures(session: Session, found: Room, told: Sequence[Finding]) -> None:
    """How the room stands, and its figures."""
    critical = any(one.severity is Severity.CRITICAL for one in told)
    ui.sentence(rows.sentence(found, len(told), session.language), alarm=critical)
    counted = access_figures.figures(found)
    with ui.tiles():
        for name in _TILES:
            value = counted[name]
            shown = show_share(value, session.language) if name.endswith(("share", "cleaning")) else value
            ui.tile(
                session.say(f"environments.{name}"),
                session.say("common.unknown") if value is None else session.show(shown),
                key=f"environments_{name}",
                note=session.say(f"environments.{name}_help"),
            )


def found_here(session: Session, told: Sequence[Finding]) -> None:
    """What is not as it has to be, the gravest first."""
    st.caption(session.say("environments.findings_help"))
    ui.table(
        session,
        "access_findings",
        columns(session.language, *listed.COLUMNS),
        listed.listing(told, session.today, session.language, ui.source_names(session)),
        empty="environments.findings_none",
    )


def grants(session: Session, found: Room) -> None:
    """The grants, of one environment or of all, and the review of those that are chosen."""
    places = sorted({one.row.environment_key for one in found.grants if one.row.environment_key is not None})
    place = st.selectbox(
        session.say("environments.environment"), [None, *places], key="access_environment", width=_WIDTH,
        format_func=lambda key: session.plain("environments.every") if key is None else key,
    )  # fmt: skip
    shown = [one for one in found.grants if place is None or one.row.environment_key == place]
    named = any(one.row.name is not None for one in shown)
    told = columns(
        session.language, "access_state", "grant", "environment", "customer", "holder", *(["name"] if named else []),
        "account", "purpose", "ticket", "approver", "granted_on:date", "valid_until:date", "review_due:date",
        "days_past_review:number", "uncovered_days:number", "revoked_on:date", "order_state",
    )  # fmt: skip
    chosen = ui.choose_rows(
        session,
        "grants",
        told,
        [rows.grant_row(one, session.language) for one in shown],
        by=("source", "grant"),
        order=(
            "access_state",
            "grant",
            "environment",
            "customer",
            "holder",
            "name",
            "purpose",
            "valid_until",
            "review_due",
            "days_past_review",
        ),
        filters={"environment": place} if place else None,
        permission=Permission.EXTRACT_PERSONS if named else Permission.EXTRACT_FIGURES,
        select=session.may(Permission.REVIEW_ACCESS),
    )
    if session.may(Permission.REVIEW_ACCESS):
        _review(session, [one for one in shown if one.is_open], chosen, place)


def environments(session: Session, found: Room) -> None:
    """The environments with their settings."""
    ui.table(
        session,
        "environments",
        columns(
            session.language, "environment", "customer", "contract_key", "agreement", "default_settings", "auto_clean",
            "cleaned_on:date", "default_days:number", "period_days:number", "period_customised",
            "period_changed_on:date", "restore_tested_on:date", "access_grants:number", "closed_on:date",
        ),
        [rows.environment_row(one, found, session.language) for one in found.environments],
        empty="environments.none",
    )  # fmt: skip


def sessions(session: Session, found: Room) -> None:
    """The sessions, each with whether a grant let somebody in."""
    st.caption(session.say("environments.sessions_help", days=session.parameters.grant_review_days))
    ui.table(
        session,
        "access_sessions",
        columns(
            session.language, "session", "environment", "stands", "session_started", "session_ended", "ticket", "grant"
        ),
        [rows.session_row(one, found, session.language) for one in found.sessions],
        empty="environments.sessions_none",
    )


def orders(session: Session, found: Room) -> None:
    """What the owners of systems are to revoke, the file for them, and every review that was made."""
    st.caption(session.say("environments.orders_help"))
    ui.table(
        session,
        "revocations",
        columns(
            session.language, "revocation", "grant", "environment", "order_state", "ordered_on:date", "fetched_on:date",
            "settled_on:date",
        ),
        [rows.order_row(one, session.language) for one in reversed(found.orders)],
        empty="environments.orders_none",
    )  # fmt: skip
    waiting = [one.revocation_id for one in rows.waiting(found)]
    if waiting and (session.may(Permission.REVIEW_ACCESS) or session.may(Permission.FETCH_ORDERS)):
        stamp = Stamp(session.reading.build if session.reading else None, session.today, "")

        def write(at: At) -> Written:
            return verbs.order(at, waiting, session.language, stamp, ui.now)

        ui.download(
            session,
            session.say("environments.order_button", count=len(waiting)),
            key="revocation_order",
            name=file_name(session.plain("extract_name.revocation_order"), stamp, session.language),
            mime="text/csv",
            permission=Permission.EXTRACT_FIGURES,
            at=ui.at_fetch,
            write=write,
        )
    st.subheader(session.say("environments.reviews"), anchor=False)
    ui.table(
        session,
        "grant_reviews",
        columns(
            session.language, "reviewed_on:date", "grant", "environment", "is_kept", "review_reason:long", "reviewed_by"
        ),
        rows.review_rows(found, session.language),
        empty="environments.reviews_none",
    )


def _review(session: Session, offered: Sequence[Grant], chosen: Sequence[Mapping[str, Any]], place: str | None) -> None:
    picked = {(row["source"], row["grant"]) for row in chosen}
    these = [one.known_as for one in offered if one.known_as in picked]
    whole = not these and place is not None
    if whole:
        these = [one.known_as for one in offered]
    st.markdown(f"#### {session.say('environments.review')}")
    if not these:
        st.caption(session.say("environments.review_choose"))
        return
    told = "environments.review_place" if whole else "environments.review_these"
    st.caption(session.say(told, count=len(these), environment=place or ""))

    def hand_on(verdict: Verdict) -> None:
        at, current = ui.at_click(session)
        done = verbs.review(at, current, these, keep=verdict.decision is Decision.KEEP, reason=verdict.reason)
        ui.choose_none("grants")
        counts = {"grants": done.grants, "orders": len(done.ordered), "withdrawn": len(done.withdrawn)}
        ui.done(session.plain("environments.reviewed", **counts))

    ui.form(
        session,
        "access_review",
        Verdict,
        hand_on,
        words="environments.review_field",
        code=lambda one: session.plain(f"environments.decision_{one.value}"),
        button="environments.review_button",
    )
