"""How a request is entered by hand."""

from __future__ import annotations

import streamlit as st

from compliance import ui
from compliance.requests import desk
from compliance.requests.desk import Asked
from compliance.requests.record import CONTACT
from compliance.requests.tables import LENGTHS, Channel, Kind, Requester
from compliance.ui import Kept, Session
from compliance.words.refusal import Refused

OPENED = "request_opened"
_FIELDS = ("kind", "channel", "requester", "received_on", "name", "email", "phone", "reference", "customer")
_WIDTH = 320


def new(session: Session) -> None:
    """The form: what is asked for, how it came, and by whom; each field with what is wrong with it."""
    kept = Kept(session, "request_new", _FIELDS)
    kept.restore()
    kept.told_restored()
    with st.container(horizontal=True, vertical_alignment="top"):
        with st.container(width=_WIDTH):
            kept.pick("kind", "request_page.field.kind", list(Kind), ui.coded(session, "request_kind"))
        with st.container(width=_WIDTH):
            kept.pick("channel", "request_page.field.channel", list(Channel), ui.coded(session, "request_channel"))
        with st.container(width=_WIDTH):
            today = session.today
            kept.day("received_on", "request_page.field.received_on", unless=today, since=desk.SINCE, until=today)
    with st.container(width=_WIDTH):
        kept.pick("requester", "request_page.field.requester", list(Requester), ui.coded(session, "request_requester"))
    # They have their places whether they are shown or not: what is typed below stays while they come and go.
    told, asked = st.empty(), st.empty()
    if st.session_state.get(kept.key("requester")) == Requester.ENV_USER:
        told.info(session.say("request_page.of_a_customer"), icon=":material/forward:")
        with asked.container(width=_WIDTH):
            kept.text("customer", "request_page.field.customer", LENGTHS["customer"])
    with st.container(horizontal=True, vertical_alignment="top"):
        for field in CONTACT:
            with st.container(width=_WIDTH):
                kept.text(field, f"request_page.field.{field}", LENGTHS[field])
    with st.container(width=_WIDTH):
        about = session.say("request_page.field.reference_help")
        kept.text("reference", "request_page.field.reference", LENGTHS["reference"], help=about)
    with st.container(horizontal=True):
        st.button(
            session.say("request_page.register"), type="primary", key="request_register", on_click=ui.act,
            args=(lambda: _register(session, kept),),
        )  # fmt: skip
        st.button(session.say("request_page.clear"), key="request_clear", on_click=ui.act, args=(kept.forget,))
    ui.told_before()


def sender(session: Session, number: int) -> None:
    """The form that says who a request is from, in the place of who was given before."""
    with st.expander(session.say("request_page.give_sender")):
        st.caption(session.say("request_page.give_sender_help"))
        kept = Kept(session, f"request_sender_{number}", CONTACT)
        kept.restore()
        kept.told_restored()
        with st.container(horizontal=True, vertical_alignment="top"):
            for field in CONTACT:
                with st.container(width=_WIDTH):
                    kept.text(field, f"request_page.field.{field}", LENGTHS[field])
        st.button(
            session.say("request_page.give_sender_button"), key="request_give_sender", on_click=ui.act,
            args=(lambda: _give_sender(session, number, kept),),
        )  # fmt: skip


def _give_sender(session: Session, number: int, kept: Kept) -> None:
    at, reading = ui.at_once_with_copy(session)
    kept.begin()
    try:
        desk.give_sender(at, reading, number, kept.values())
    except Refused as refused:
        if refused.code != "request_field_wrong":
            raise
        kept.refuse(str(refused.values["field"]), f"request_problem.{refused.values['problem']}")
        return
    kept.forget()
    ui.done(session.plain("request_page.sender_given"))


def _register(session: Session, kept: Kept) -> None:
    at, reading = ui.at_once_with_copy(session)
    kept.begin()
    asked = Asked(**kept.values())
    wrong = desk.problems(asked, at.today)
    for field, told in wrong.items():
        kept.refuse(field, f"request_problem.{told}")
    if wrong:
        return
    opened: list[int] = []
    if kept.tried(lambda: opened.append(desk.register(at, reading, asked)), {"request_known": "reference"}):
        kept.forget()
        st.session_state[OPENED] = opened[0]
