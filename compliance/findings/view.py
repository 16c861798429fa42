"""How findings are drawn: the list, and of a chosen one what was said to it and what can be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import streamlit as st
from pydantic import BaseModel, ConfigDict, Field

from compliance import ui
from compliance.access.at import At
from compliance.findings import gather, rows, verbs
from compliance.findings.state import Standing, State, Which, belongs
from compliance.findings.tables import Owner, StepKind
from compliance.show.columns import columns
from compliance.ui import Session
from compliance.words.finding import Judged, Severity
from compliance.words.markup import literal
from compliance.words.vocabulary import Permission

_CHOSEN = "finding_chosen"


class _Assign(BaseModel):
    model_config = ConfigDict(frozen=True)

    owner: Owner
    mend_by: dt.date | None = None
    note: Annotated[str, Field(max_length=verbs.REASON_CHARACTERS)] = ""


class _Propose(BaseModel):
    model_config = ConfigDict(frozen=True)

    until: dt.date
    reason: Annotated[str, Field(min_length=1, max_length=verbs.REASON_CHARACTERS)]


class _Why(BaseModel):
    model_config = ConfigDict(frozen=True)

    reason: Annotated[str, Field(min_length=1, max_length=verbs.REASON_CHARACTERS)]


M = TypeVar("M", bound=BaseModel)


def listing(session: Session, found: Sequence[Standing]) -> None:
    """The list, narrowed as the URL says; a chosen finding is told below it."""
    places = st.columns(2)
    with places[0]:
        which = ui.choice(session, "findings", list(Which), ui.coded(session, "findings_which"))
    with places[1]:
        severity = ui.choice(session, "severity", list(Severity), ui.coded(session, "severity"))
    # What is mended is looked up, not looked at every week.
    shown = [
        one
        for one in found
        if (one.state is not State.MENDED if which is None else belongs(one, Which(which), session.today))
        and severity in (None, one.severity.value)
    ]
    sources = ui.source_names(session)
    ui.table(
        session,
        "findings_list",
        columns(
            session.language, "severity", "finding:long", "finding_state", "since_on:date", "waited:number", "owner",
            "mend_by:date", "accepted_until:date", "thing", "mended_on:date", "build:number", "times:number",
        ),
        rows.listing(shown, session.today, session.language, sources),
        filters={"findings": which, "severity": severity},
        order=(
            "severity", "finding", "since_on", "waited", "owner", "mend_by", "finding_state", "accepted_until",
        ),
        empty="findings.empty",
    )  # fmt: skip
    if not shown:
        return
    told = {"|".join(one.known_as): one for one in shown}
    # Set where it has to be and no oftener: what is set goes to the browser, over what was chosen there meanwhile.
    if st.session_state.get(_CHOSEN) not in (None, *told):
        st.session_state[_CHOSEN] = None
    chosen = st.selectbox(
        session.say("findings.choose"),
        list(told),
        format_func=lambda key: literal(rows.text(told[key], session.language, sources)),
        index=None,
        key=_CHOSEN,
        placeholder=session.plain("forms.choose"),
    )
    if chosen is not None:
        _one(session, told[chosen])


def _one(session: Session, one: Standing) -> None:
    told = rows.text(one, session.language, ui.source_names(session))
    st.subheader(literal(told), anchor=False)
    st.caption(session.say(f"finding_help.{one.code}"))
    if one.now is not None:
        st.page_link(
            f"pages/{one.now.page}.py",
            label=session.say("findings.show"),
            query_params=dict(one.now.filters),
            icon=":material/arrow_forward:",
        )
    if session.may(Permission.HANDLE_FINDINGS) and one.state is not State.MENDED:
        _say(session, one)
    if one.steps:
        ui.table(
            session,
            "finding_steps",
            columns(
                session.language, "recorded", "finding_step", "owner", "mend_by:date", "accepted_until:date",
                "reason:long", "role", "recorded_by",
            ),
            rows.step_rows(one.steps, session.language),
            free=("reason",),
        )  # fmt: skip


def _say(session: Session, one: Standing) -> None:
    """What whoever may can say to it: an answer to a proposal first, then what is left."""
    key = f"finding_{one.code}_{one.thing}"
    number, proposal = one.finding_id, one.proposal
    if proposal is not None and number is not None:
        step_id = proposal.step_id
        st.info(
            session.say("findings.proposed", until=proposal.until, reason=proposal.reason), icon=":material/how_to_reg:"
        )
        if session.actor.pseudonym == proposal.by:
            st.caption(session.say("findings.own"))
        else:
            st.button(
                session.say("findings.accept"), key=f"{key}_accept", type="primary", on_click=ui.act,
                args=(lambda: _do(session, "accepted", lambda at, _: verbs.accept(at, number, step_id)),),
            )  # fmt: skip
        with st.expander(session.say("findings.refuse")):
            _form(
                session, f"{key}_refuse", _Why, "findings.refuse",
                lambda at, _, told: verbs.refuse(at, number, step_id, reason=told.reason), "refused",
            )  # fmt: skip
    elif one.state is State.ACCEPTED and number is not None:
        with st.expander(session.say("findings.end")):
            _form(
                session, f"{key}_end", _Why, "findings.end",
                lambda at, _, told: verbs.end(at, number, reason=told.reason), "ended",
            )  # fmt: skip
    if one.now is None:
        return
    code, thing = one.known_as
    with st.expander(session.say("findings.assign")):
        _form(
            session, f"{key}_assign", _Assign, "findings.assign",
            lambda at, judged, told: verbs.assign(
                at, judged, code, thing, owner=told.owner, mend_by=told.mend_by, note=told.note
            ),
            "assigned",
        )  # fmt: skip
    if proposal is None:
        with st.expander(session.say("findings.propose")):
            st.caption(session.say("findings.propose_help", months=session.parameters.finding_accepted_months))
            _form(
                session, f"{key}_propose", _Propose, "findings.propose",
                lambda at, judged, told: verbs.propose(
                    at, judged, code, thing, until=told.until, reason=told.reason
                ),
                "proposed",
            )  # fmt: skip


def _form(
    session: Session, key: str, model: type[M], button: str, work: Callable[[At, Judged, M], None], kind: str
) -> None:
    ui.form(
        session, key, model, lambda told: _do(session, kind, lambda at, judged: work(at, judged, told)),
        words="finding_field", code=lambda value: session.plain(f"owner.{value}"), button=button, primary=False,
    )  # fmt: skip


def _do(session: Session, kind: str, work: Callable[[At, Judged], None]) -> None:
    at, reading = ui.at_once_with_copy(session)
    work(at, gather.judged(at, reading))
    ui.done(session.plain(f"finding_done.{StepKind(kind)}"))
