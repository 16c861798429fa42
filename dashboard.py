"""Who are you, which pages may you open, run the one you chose."""

from functools import partial

import streamlit as st

from compliance import access, ui
from compliance.reading import copy
from compliance.words.refusal import Refused
from compliance.words.texts import say
from compliance.words.vocabulary import Permission, Role

PAGES = (
    ("review/weekly", "weekly", ":material/today:", Permission.SEE_FIGURES, "review"),
    ("review/subjects", "subjects", ":material/groups:", Permission.SEE_FIGURES, "review"),
    ("review/expiries", "expiries", ":material/event_upcoming:", Permission.SEE_FIGURES, "review"),
    ("person/person", "person", ":material/person_search:", Permission.SEE_PERSONS, "review"),
    ("requests/erasure", "erasure", ":material/person_remove:", Permission.SEE_FIGURES, "review"),
    ("requests/request", "request_page", ":material/contact_mail:", Permission.SEE_FIGURES, "review"),
    ("requests/new", "request_new", ":material/add:", Permission.HANDLE_REQUESTS, "act"),
    ("review/risk", "risk", ":material/monitoring:", Permission.SEE_FIGURES, "review"),
    ("findings/findings", "findings", ":material/fact_check:", Permission.SEE_FIGURES, "review"),
    ("processing/processing", "processing", ":material/list_alt:", Permission.SEE_FIGURES, "review"),
    ("controls/controls", "controls", ":material/verified_user:", Permission.SEE_FIGURES, "review"),
    ("policy/policy", "policy_page", ":material/gavel:", Permission.SEE_FIGURES, "review"),
    ("review/ledger", "ledger", ":material/receipt_long:", Permission.SEE_LEDGER, "review"),
    ("intake/intake", "intake", ":material/upload_file:", Permission.RUN_INTAKE, "act"),
    ("purge/purge", "purge", ":material/delete_sweep:", Permission.SEE_BATCHES, "act"),
    ("purge/batch", "purge", ":material/delete_sweep:", Permission.SEE_BATCHES, "act"),
    ("incidents/incidents", "incidents", ":material/emergency_home:", Permission.SEE_LEDGER, "act"),
    ("incidents/incident", "incidents", ":material/emergency_home:", Permission.SEE_LEDGER, "act"),
    ("cookies/cookies", "cookies", ":material/cookie:", Permission.SEE_FIGURES, "act"),
    ("notices/notices", "notices", ":material/campaign:", Permission.SEE_FIGURES, "act"),
    ("environments/access", "environments", ":material/key:", Permission.SEE_FIGURES, "act"),
    ("holds/holds", "holds", ":material/pan_tool:", Permission.SEE_BATCHES, "act"),
    ("marks/marks", "marks", ":material/flag:", Permission.SEE_BATCHES, "act"),
    ("mailings/mailings", "mailings", ":material/mail:", Permission.SEE_FIGURES, "act"),
    ("identity/doubles", "doubles", ":material/group_search:", Permission.SEE_PERSONS, "act"),
)
# Where somebody comes to; all others to the weekly review.
HOMES = {Role.CISO: "risk"}
# Reached from their lists, with a number in the URL where they are about one; the menu has the list alone.
HIDDEN = {
    "purge/batch": "purge", "incidents/incident": "incidents", "requests/new": "erasure", "requests/request": "erasure",
}  # fmt: skip


def lead_to(page: st.Page) -> None:
    """Opens another page by the same filters."""
    st.switch_page(page, query_params=st.query_params.to_dict())


tongue = ui.language()
st.set_page_config(page_title=say("app.title", tongue), page_icon=ui.favicon(), layout="wide")
ui.style()
actor = ui.signed_in()

home = HOMES.get(actor.role, "weekly") if actor else "weekly"
sections: dict[str, list[st.Page]] = {}
for path, name, icon, permission, section in PAGES:
    # Before the sign-in every page has its address, so that a view that a colleague sent is there afterwards.
    if actor is None or access.may(actor, permission):
        page = ui.menu_page(
            f"pages/{path}.py",
            say(f"{name}.title", tongue),
            icon,
            url="" if name == home else path.rpartition("/")[2],
            is_home=name == home,
            is_hidden=path in HIDDEN,
        )
        pages = sections.setdefault(say(f"app.section_{section}", tongue), [])
        pages.append(page)
        if name == home:
            # Streamlit knows it by the bare address alone; its name is typed and bookmarked too.
            pages.append(st.Page(partial(lead_to, page), title=page.title, url_path=name, visibility="hidden"))
# Before anything that can be clicked: a click before it would lead to the first page, wherever the address leads.
# All of them are shown: past twelve the rest would be behind a button, which speaks English alone.
chosen = st.navigation(sections, position="hidden" if actor is None else "sidebar", expanded=True)
if actor is None:
    ui.ask_to_sign_in()
    st.stop()
ui.who_is_here(actor)
listed = next((page for path, page in HIDDEN.items() if path.endswith(f"/{chosen.url_path}")), None)
if listed is not None:
    ui.mark_in_menu(listed)
if chosen.url_path == home:
    # It draws nothing, and the page that it leads to waits for a turn of its own.
    chosen.run()
try:
    with ui.turns.turn():
        chosen.run()
        drawn = ui.drawing()
        if drawn is not None:
            ui.all_tables(drawn)
except copy.Retired:
    # A purge has wiped the build that this page was reading; the new one is current by now.
    st.rerun()
except Refused as refused:
    if ui.signed_in() is None:
        # The session has ended while its page was drawn: what is drawn goes, and why is told instead.
        st.rerun()
    # The register did not answer, the disk is full, a limit is reached: whatever page it is, it says so in words.
    ui.explain(refused)
