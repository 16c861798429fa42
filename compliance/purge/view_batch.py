"""How one batch is drawn: what it would do or did, its entries, and the next step for whoever may take it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import streamlit as st

from compliance import ui
from compliance.access.at import At
from compliance.holds import tables as holds_tables
from compliance.holds.verbs import Terms
from compliance.purge import batches, execute, view
from compliance.purge import rows as desk
from compliance.purge import verbs as purge_verbs
from compliance.purge.batches import Batch, Preview
from compliance.purge.rows import Row
from compliance.purge.tables import Kind, State
from compliance.reading.copy import Reading
from compliance.show import columns as tables
from compliance.show.leaving import Written, whole
from compliance.ui import Kept, Session
from compliance.words.markup import literal
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

# So many rows of an extract are in memory at once.
_PART = 20_000
_REASONS = ("check_first", "wrong_entries", "not_needed")
# Beside which field a refusal of what is to be taken out is told.
_BESIDE = {
    "hold_ground_unknown": "ground",
    **dict.fromkeys(("hold_owner_missing", "hold_owner_invalid"), "owner"),
    **dict.fromkeys(("hold_review_past", "hold_review_too_far"), "until_on"),
}
_WIDTH = 300


def _ask_for_word(session: Session, key: str) -> None:
    """The confirmation: a word and a number, typed, never filled in."""
    ui.unkept.word(session.say("purge.word"), key=f"{key}_word")
    ui.unkept.number(session.say("purge.number"), key=f"{key}_number")


def _typed(key: str) -> str:
    """What was typed, as the click finds it."""
    return str(st.session_state.get(key) or "")


def _typed_number(key: str) -> int:
    """The number that was typed, as the click finds it; one that no count can be where there is none."""
    number = st.session_state.get(key)
    return -1 if number is None else int(number)


# What the clicks do: each is given what the page showed when it was drawn, and looks at the copy anew.


def _take_out(kept: Kept, batch_id: int, basis_ids: list[str], shown: Reading) -> None:
    """Takes the entries out that were shown as chosen."""
    at, _ = ui.at_click(kept.session)
    typed = kept.values()
    terms = Terms(typed["ground"], typed["owner"] or "", typed["until_on"])
    if kept.tried(lambda: purge_verbs.take_out(at, shown, batch_id, basis_ids, terms), _BESIDE):
        kept.forget()


def _approve(session: Session, batch_id: int, seen_build: int, seen_policy: str) -> None:
    """Approves the batch by the preview that was shown."""
    at, reading = ui.at_click(session)
    word, number = _typed("approve_word"), _typed_number("approve_number")
    purge_verbs.approve(at, reading, batch_id, seen_build=seen_build, seen_policy=seen_policy, word=word, number=number)


def _confirm(session: Session, batch_id: int) -> None:
    """Confirms a large batch a second time."""
    at, reading = ui.at_click(session)
    purge_verbs.confirm(at, reading, batch_id, persons=_typed_number("confirm_persons"))


def _carry_out(session: Session, batch_id: int) -> None:
    """Starts the execution; a second click of the same person has nothing to add."""
    at, reading = ui.at_click(session)
    try:
        execute.submit(at, reading, batch_id, word=_typed("execute_word"), number=_typed_number("execute_number"))
    except Refused as refused:
        if refused.code != "batch_not_approved" or not execute.begun_by(at, batch_id):
            raise


# What the page shows.


def _show_preview(session: Session, batch: Batch, seen: Preview) -> None:
    """What goes and stays, counted now, and the entries themselves."""
    st.subheader(session.say("purge.preview"), anchor=False)
    st.caption(session.say("purge.preview_help", build=str(seen.build)))
    if seen.oldest_on:
        st.caption(session.say("purge.span", oldest=seen.oldest_on, newest=seen.newest_on))
    if seen.persons_left:
        st.caption(session.say("purge.persons_left", left=seen.persons_left, bases=seen.bases_left))
    ui.table(
        session,
        "batch_counts",
        tables.columns(
            session.language, "category_name", "source_name", "rule:wrapped", "goes", "why_stays", "bases:number",
            "oldest_on:date", "newest_on:date",
        ),
        desk.count_rows(seen, session.language, ui.source_names(session)),
    )  # fmt: skip
    stayed = desk.stayed_at_proposal(batch, session.language)
    if stayed:
        st.caption(session.say("purge.not_proposed"))
        ui.table(session, "batch_stayed", tables.columns(session.language, "why_stays", "bases:number"), stayed)
    _show_entries(session, batch)


def _show_entries(session: Session, batch: Batch) -> None:
    """The entries by reference, with names where they are asked for; those chosen can be taken out."""
    assert session.reading is not None
    st.subheader(session.say("purge.entries"), anchor=False)
    gone = batches.taken_out(session.engine, batch.batch_id)
    if gone:
        st.caption(session.say("purge.taken_out", count=gone))
    named = ui.names_wanted(session, "batch")
    page = ui.paging(session, "batch", batch.planned)
    may_take_out = batch.state is State.PROPOSED and session.may(Permission.PROPOSE_PURGE)
    reading, sources = session.reading, ui.source_names(session)

    def some(limit: int, skip: int) -> list[Row]:
        rows = batches.rows(session.at(), reading, batch.batch_id, named=named, limit=limit, skip=skip)
        return desk.entry_rows(rows, session.language, sources)

    rows = some(page.rows, page.skip)
    if named:
        ui.record_look(session, "batch", len(rows), {"batch": str(batch.batch_id)}, marks=(page.skip,))
    if may_take_out:
        st.caption(session.say("purge.choose_to_take_out"))
    names = ("name", "email", "phone") if named else ()
    chosen = ui.choose_rows(
        session,
        "batch_entries",
        tables.columns(
            session.language,
            "reference",
            *names,
            "goes",
            "status",
            "flags:wrapped",
            "category",
            "source",
            "deadline_on:date",
            "why:long",
        ),
        rows,
        by=("basis_id",),
        every_row=lambda: _in_parts(some, batch.planned),
        permission=Permission.EXTRACT_PERSONS if named else Permission.EXTRACT_FIGURES,
        select=may_take_out,
    )
    if may_take_out and chosen:
        _ask_to_take_out(session, batch, [str(row["basis_id"]) for row in chosen])


def _in_parts(some: Callable[[int, int], list[Row]], total: int) -> Iterator[list[Row]]:
    """All rows of a list, so many in memory at once; each part is decided anew, so that there are few."""
    for skip in range(0, total, _PART):
        yield some(min(_PART, total - skip), skip)


def _ask_to_take_out(session: Session, batch: Batch, basis_ids: list[str]) -> None:
    """Asks for the ground and the end that keeping something past its day needs."""
    assert session.reading is not None
    shown = session.reading
    kept = Kept(session, f"take_out_{batch.batch_id}", ("ground", "owner", "until_on"))
    kept.restore()
    with st.container(border=True):
        st.markdown(f"**{session.say('purge.take_out')}** ({len(basis_ids)})")
        st.caption(session.say("purge.take_out_help"))
        kept.told_restored()
        with st.container(horizontal=True, vertical_alignment="top"):
            with st.container(width=_WIDTH):
                kept.pick(
                    "ground", "purge.ground", list(holds_tables.Ground), ui.coded(session, "hold_ground"), first=True
                )
            with st.container(width=_WIDTH):
                kept.text("owner", "purge.owner")
            with st.container(width=_WIDTH):
                kept.day("until_on", "purge.until", unless=session.today + dt.timedelta(days=90))
        st.button(
            session.say("purge.take_out"), key="take_out_button", on_click=ui.act,
            args=(lambda: _take_out(kept, batch.batch_id, basis_ids, shown),),
        )  # fmt: skip


def _submit(
    session: Session, text: str, key: str, work: Callable[..., None], *shown: object, primary: bool = False
) -> None:
    """The button of a form, bound to what the form was drawn with."""
    st.form_submit_button(
        session.say(text),
        type="primary" if primary else "secondary",
        key=key,
        on_click=ui.act,
        args=(lambda: work(*shown),),
    )


def _next_step(session: Session, batch: Batch, seen: Preview) -> None:
    """The step that comes next, for who may take it."""
    own = batch.proposed_by == session.actor.pseudonym
    if batch.state is State.PROPOSED and own:
        st.info(session.say("purge.own"), icon=":material/group:")
    if batch.state is State.PROPOSED and session.may(Permission.APPROVE_PURGE) and not own:
        _ask_for_approval(session, batch, seen)
    if batch.state is State.APPROVED and session.may(Permission.EXECUTE_PURGE):
        large = batches.is_large_now(session.engine, batch, seen, session.parameters, session.now)
        if desk.needs_second(batch, seen, large):
            _ask_again(session, batch)
        else:
            _ask_to_execute(session, batch)
    if session.may(Permission.APPROVE_PURGE) or own:
        with st.expander(session.say("purge.refuse")):
            reason = st.selectbox(
                session.say("purge.refuse_reason"), _REASONS, format_func=ui.coded(session, "batch_reason"),
                key="refuse_reason",
            )  # fmt: skip
            st.button(
                session.say("purge.refuse"),
                key="refuse",
                on_click=ui.act,
                args=(lambda: purge_verbs.refuse(ui.at_once(session), batch.batch_id, reason=reason),),
            )


def _ask_for_approval(session: Session, batch: Batch, seen: Preview) -> None:
    """The second person's word and number."""
    with st.form("approve", border=True, enter_to_submit=False):
        st.markdown(f"**{session.say('purge.approve')}**")
        word_wanted = purge_verbs.CONFIRMATION_WORDS[session.language]
        st.caption(session.say("purge.approve_help", word=word_wanted, days=session.parameters.approval_days))
        with st.container(horizontal=True):
            _ask_for_word(session, "approve")
        shown = (session, batch.batch_id, seen.build, batch.policy_digest)
        _submit(session, "purge.approve", "approve_button", _approve, *shown, primary=True)


def _ask_again(session: Session, batch: Batch) -> None:
    """The second confirmation of a large batch."""
    with st.form("confirm", border=True, enter_to_submit=False):
        st.markdown(f"**{session.say('purge.large')}**")
        st.caption(session.say("purge.large_help", days=session.parameters.large_batch_days))
        ui.unkept.number(session.say("purge.persons_number"), key="confirm_persons")
        _submit(session, "purge.large", "confirm_button", _confirm, session, batch.batch_id, primary=True)


def _ask_to_execute(session: Session, batch: Batch) -> None:
    """The last word before what cannot be undone."""
    with st.form("execute", border=True, enter_to_submit=False):
        st.markdown(f"**{session.say('purge.execute')}**")
        st.caption(session.say("purge.execute_help", word=purge_verbs.CONFIRMATION_WORDS[session.language]))
        st.caption(session.say("purge.execute_files"))
        with st.container(horizontal=True):
            _ask_for_word(session, "execute")
        _submit(session, "purge.execute", "execute_button", _carry_out, session, batch.batch_id, primary=True)


@st.fragment(run_every=1.0)
def _follow(session: Session, batch_id: int) -> None:
    """The run as it goes; redraws the page once the batch has left its state."""
    batch = batches.find(session.engine, batch_id)
    if batch.state is not State.EXECUTING or execute.interrupted(session.engine, batch, ui.now()):
        st.rerun()
    row = execute.progress(session.engine, batch)
    if row is None or row.state == "queued":
        st.progress(0.0, session.say("purge.waits"))
    else:
        st.progress(row.share, session.say(f"intake.step.{row.step}"))


def _follow_or_resume(session: Session, batch: Batch) -> None:
    """The progress of a batch, or the way on where its process has died."""
    if not execute.interrupted(session.engine, batch, session.now):
        _follow(session, batch.batch_id)
        return
    st.warning(session.say("purge.interrupted"), icon=":material/priority_high:")
    if session.may(Permission.EXECUTE_PURGE):
        st.button(
            session.say("purge.resume"), key="resume", type="primary", on_click=ui.act,
            args=(lambda: execute.go_on(ui.at_once(session), batch.batch_id),),
        )  # fmt: skip


def _ask_to_wipe(session: Session) -> None:
    """Says that old files are still there, and lets them be removed; what stands in the way is told on the click."""
    st.warning(session.say("purge.unwiped"), icon=":material/priority_high:")
    if session.may(Permission.EXECUTE_PURGE):
        st.button(
            session.say("purge.wipe"), key="wipe", on_click=ui.act,
            args=(lambda: execute.wipe_left(ui.at_once(session)),),
        )  # fmt: skip


def _show_stayed(session: Session, batch: Batch) -> None:
    """The entries that stayed when the batch was carried out, with why."""
    stayed = (batch.held or 0) + (batch.changed or 0)
    # Of one that was replayed nobody knows any more which entries it had.
    if not stayed or batch.kind is Kind.REPLAYED or session.reading is None:
        return
    st.subheader(session.say("purge.stayed"), anchor=False)
    st.caption(session.say("purge.stayed_help"))
    reading, names = session.reading, ui.source_names(session)

    def shown(limit: int, skip: int) -> list[Row]:
        rows = batches.stayed(session.at(), reading, batch.batch_id, limit=limit, skip=skip)
        return desk.entry_rows(rows, session.language, names)

    page = ui.paging(session, "batch_outcome", stayed)
    ui.table(
        session,
        "batch_outcome",
        tables.columns(
            session.language, "reference", "goes", "status", "category", "source", "deadline_on:date", "why:long"
        ),
        shown(page.rows, page.skip),
        every_row=lambda: _in_parts(shown, stayed),
        empty="purge.stayed_none",
    )


def _show_receipt(session: Session, batch: Batch) -> None:
    """What proves the batch: to keep, and to print."""
    if batch.receipt is None:
        return
    st.subheader(session.say("purge.receipt"), anchor=False)
    with st.container(horizontal=True):
        for kind, mime in (("json", "application/json"), ("html", "text/html")):
            ui.download(
                session,
                session.say(f"purge.receipt_{kind}"),
                key=f"receipt_{kind}",
                name=f"receipt-{batch.uid}.{kind}",
                mime=mime,
                permission=Permission.SEE_BATCHES,
                at=ui.at_fetch,
                write=_receipt_reader(session, batch, kind),
                icon=":material/verified:",
            )


def _receipt_reader(session: Session, batch: Batch, kind: str) -> Callable[[At], Written]:
    """The receipt, recorded when somebody fetches it."""
    return lambda at: whole(execute.receipt(at, batch.batch_id, kind, session.language))


def show(session: Session, batch: Batch) -> None:
    """The batch: the sentence, the next step, then what it rests on."""
    state = literal(desk.in_words(batch.state, session.language))
    st.subheader(f"{session.say('column.batch')} {literal(batch.batch_id)} · {state}", anchor=False)
    seen = None
    if batch.state in (State.PROPOSED, State.APPROVED) and session.reading is not None:
        seen = batches.preview(session.settings, session.engine, session.reading, batch.batch_id)
    text, alarm = desk.sentence_of(batch, seen, session.language)
    ui.sentence(text, alarm=alarm)
    view.told_before(session)
    if batch.state is State.EXECUTING:
        _follow_or_resume(session, batch)
    elif seen is not None:
        _next_step(session, batch, seen)
    elif execute.unwiped(session.settings, session.engine, batch):
        _ask_to_wipe(session)
    if seen is not None:
        _show_preview(session, batch, seen)
    _show_stayed(session, batch)
    _show_receipt(session, batch)
    view.source_tasks(session, batch.batch_id)
    st.subheader(session.say("purge.steps"), anchor=False)
    for line in desk.step_lines(batch, session.language):
        st.markdown(f"- {literal(line)}")
