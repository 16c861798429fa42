"""How the register of processing is drawn: the table, an activity with its gaps and its form, and the versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from compliance import ui
from compliance.access.at import At
from compliance.controls import state as controls
from compliance.controls.facts import Office
from compliance.processing import assigned, rows, state, verbs
from compliance.processing.assigned import Assigned
from compliance.processing.documents import FORMS, WHAT, Document, Form
from compliance.processing.facts import Described, Entrusted
from compliance.processing.state import Activity, Value, Version
from compliance.show.columns import columns
from compliance.show.extract import Stamp, Whole, extract
from compliance.show.leaving import Written
from compliance.show.together import MIMES
from compliance.ui import Kept, Session
from compliance.words.finding import Finding
from compliance.words.vocabulary import Permission


def show(session: Session) -> None:
    """The whole page below its title."""
    found = state.activities(session.engine, session.policy, session.reading)
    gaps = state.judged(found, session.parameters, session.today, has_copy=session.reading is not None).findings
    versions = state.versions(session.engine)
    newest = versions[0] if versions else None
    entrusted = assigned.known(session.engine, session.reading)
    gaps += assigned.judged(entrusted, session.parameters, session.today).findings
    now = {**state.content(found), **entrusted.content(newest.content if newest else {})}
    changed = state.differences(newest.content, now) if newest else []
    told = rows.sentence(found, len(gaps), newest, len(changed), session.language)
    ui.sentence(told, alarm=bool(gaps))
    _listing(session, found, gaps)
    one, others, history = st.tabs(
        [session.say(f"processing.{name}") for name in ("one", "assigned_title", "versions")]
    )
    with one:
        _activity(session, found, gaps)
    with others:
        _entrusted(session, entrusted, gaps)
    with history:
        _versions(session, versions, newest, now)
        if newest is not None:
            _leave(session, newest, entrusted)


def _listing(session: Session, found: Sequence[Activity], gaps: Sequence[Finding]) -> None:
    ui.table(
        session,
        "processing",
        columns(
            session.language, "category_name", "persons:number", "processing_lacks:wrapped",
            "processing_purpose:wrapped", "processing_ground:wrapped", "processing_period",
            "processing_recipients:wrapped", "processing_transfers", "processing_fields:wrapped",
            "processing_systems:wrapped", "processing_start_event:wrapped", "processing_measures:wrapped",
            "processing_safeguards:wrapped", "processing_lia_reference", "processing_lia_reviewed_on",
            "processing_owner", "processing_reviewed_on",
        ),
        rows.listing(found, gaps, session.language, ui.source_names(session)),
        free=[f"processing_{field}" for field in state.FREE],
        order=(
            "category_name", "persons", "processing_lacks", "processing_purpose", "processing_ground",
            "processing_period", "processing_recipients", "processing_owner", "processing_reviewed_on",
        ),
        empty="processing.empty",
    )  # fmt: skip


def _activity(session: Session, found: Sequence[Activity], gaps: Sequence[Finding]) -> None:
    """One activity: what it lacks, and for whoever may the form of what its rule does not say."""
    codes = [one.category.value for one in found]
    chosen = ui.choice(session, "category", codes, ui.coded(session, "category"), alone=True)
    one = next((one for one in found if one.category.value == chosen), None)
    for gap in gaps:
        if gap.thing in codes if one is None else gap.thing == one.category.value:
            st.markdown(f"- {session.say(f'finding_told.{gap.code}', category=session.plain(f'category.{gap.thing}'))}")
    if one is None:
        st.caption(session.say("processing.choose"))
        return
    if not session.may(Permission.DESCRIBE_PROCESSING):
        return
    category = one.category

    def hand_on(told: Described) -> None:
        verbs.describe(ui.at_once(session), category, told)
        ui.done(session.plain("processing.described", category=session.plain(f"category.{category}")))

    st.caption(session.say("processing.describe_help"))
    ui.form(
        session, f"processing_{category}", Described, hand_on, words="processing_field",
        code=ui.coded(session, "processing_transfer"), button="processing.describe", before=one.described,
    )  # fmt: skip


def _versions(
    session: Session, versions: Sequence[Version], newest: Version | None, now: Mapping[str, Mapping[str, Value]]
) -> None:
    sources = ui.source_names(session)
    if newest is not None:
        ui.table(
            session, "processing_versions",
            columns(
                session.language, "processing_version:number", "as_of:date", "note:long", "recorded", "role",
                "recorded_by",
            ),
            rows.version_rows(versions, session.language), free=("note",),
        )  # fmt: skip
        numbers = [str(one.version_id) for one in versions]
        since = numbers[0]
        if len(numbers) > 1:
            since = ui.choice(session, "version", numbers, lambda number: number, alone=True) or since
        before = next(one for one in versions if str(one.version_id) == since)
        st.caption(session.say("processing.since", version=before.version_id, day=before.as_of))
        ui.table(
            session, "processing_changes",
            columns(session.language, "category_name", "processing_field", "before:long", "after:long"),
            rows.difference_rows(
                state.differences(before.content, now), session.language, sources
            ),
            filters={"version": since},
            free=("before", "after"),
            empty="processing.nothing_changed",
        )  # fmt: skip
    if session.may(Permission.DESCRIBE_PROCESSING):
        kept = Kept(session, "processing_version", ("note",))
        kept.restore()
        kept.told_restored()
        kept.text("note", "processing.note", verbs.NOTE_CHARACTERS, width=640)
        st.button(
            session.say("processing.make_version"), key="processing_make", type="primary", on_click=ui.act,
            args=(lambda: _make(kept),),
        )  # fmt: skip


def _entrusted(session: Session, found: Assigned, gaps: Sequence[Finding]) -> None:
    """What is done on customers' behalf, and for whoever may the form of what is alike in all environments."""
    st.caption(session.say("processing.assigned_help"))
    for gap in gaps:
        if gap.code.startswith("assigned_"):
            st.markdown(f"- {session.say(f'finding_told.{gap.code}')}")
    ui.table(
        session, "processing_assigned",
        columns(
            session.language, "environment", "customer", "processing_agreement",
            "processing_categories:long", "processing_transfers", "processing_safeguards:wrapped",
            "processing_subprocessors:wrapped", "processing_reviewed_on", "processing_measures:long",
        ),
        rows.assigned_rows(found, session.language),
        free=[f"processing_{field}" for field in assigned.FREE],
        order=(
            "environment", "customer", "processing_agreement", "processing_categories", "processing_transfers",
            "processing_subprocessors", "processing_reviewed_on",
        ),
        empty="processing.no_environments",
    )  # fmt: skip
    if not session.may(Permission.DESCRIBE_PROCESSING):
        return

    def hand_on(told: Entrusted) -> None:
        verbs.describe_assigned(ui.at_once(session), told)
        ui.done(session.plain("processing.assigned_described"))

    with st.expander(session.say("processing.describe_assigned"), expanded=found.told is None):
        st.caption(session.say("processing.describe_assigned_help"))
        st.page_link("pages/controls/controls.py", label=session.say("processing.to_measures"))
        ui.form(
            session, "processing_assigned", Entrusted, hand_on, words="processing_field",
            code=ui.coded(session, "processing_transfer"), button="processing.describe", before=found.told,
        )  # fmt: skip


def _leave(session: Session, version: Version, found: Assigned) -> None:
    """The buttons by which the newest version leaves; words of people's own only with whoever may take out names."""
    is_whole = session.may(Permission.EXTRACT_PERSONS) and session.actor.categories is None
    permission = Permission.EXTRACT_PERSONS if is_whole else Permission.EXTRACT_FIGURES
    if not session.may(permission):
        return
    officer = controls.known(session.engine).holder(Office.DPO, session.today)
    document = Document(
        version, Stamp(session.reading.build if session.reading else None, version.as_of, ""), session.language,
        ui.source_names(session), {one.environment_key: one.org_name or "" for one in found.environments or ()},
        officer.holder if officer else None, is_whole,
    )  # fmt: skip

    def writer(form: Form) -> Callable[[At], Written]:
        whole = Whole(WHAT, form, document.stamp)
        return lambda at: extract(at, whole, document.parts(form), permission, ui.now)

    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(session.say("processing.leave", version=version.version_id, day=version.as_of))
        for form in FORMS:
            ui.download(
                session, session.say(f"report_form.{form}"), key=f"processing_{form}", name=document.name(form),
                mime=MIMES[form], permission=permission, at=ui.at_fetch, write=writer(form), type="tertiary",
            )  # fmt: skip


def _make(kept: Kept) -> None:
    at, reading = ui.at_once_with_copy(kept.session)
    made: list[int] = []
    if kept.tried(lambda: made.append(verbs.make_version(at, reading, kept.values()["note"] or ""))):
        kept.forget()
        ui.done(kept.session.plain("processing.made", version=made[0]))
