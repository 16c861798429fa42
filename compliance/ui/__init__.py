"""All that knows Streamlit, besides the pages and the views of areas: who is here, and how things are drawn.

Nothing that acts lives here.
"""

from compliance.ui import unkept
from compliance.ui.acts import act, done, told_before
from compliance.ui.filters import ALL, choice, coded, filter_in_words, source_names
from compliance.ui.forms import form
from compliance.ui.frame import (
    chart,
    favicon,
    folded_where_narrow,
    header,
    mark_in_menu,
    menu_page,
    nothing_to_read,
    sentence,
    something_to_read,
    style,
    tile,
    tiles,
)
from compliance.ui.kept import Kept
from compliance.ui.leave import download, let_hand_in
from compliance.ui.looks import PERSON_ASKED, PERSON_CHOSEN, names_wanted, person_button, record_look
from compliance.ui.session import (
    CHOSEN_LANGUAGE,
    Session,
    at_click,
    at_extract,
    at_fetch,
    at_once,
    at_once_with_copy,
    drawing,
    explain,
    guard,
    language,
    now,
    signed_in,
)
from compliance.ui.sign_in import ask_to_sign_in, choose_language, who_is_here
from compliance.ui.table import PAGE_SIZES, Page, all_tables, choose_none, choose_rows, paging, table
from compliance.ui.turns import turns

__all__ = [
    "ALL",
    "CHOSEN_LANGUAGE",
    "PAGE_SIZES",
    "PERSON_ASKED",
    "PERSON_CHOSEN",
    "Kept",
    "Page",
    "Session",
    "act",
    "all_tables",
    "ask_to_sign_in",
    "at_click",
    "at_extract",
    "at_fetch",
    "at_once",
    "at_once_with_copy",
    "chart",
    "choice",
    "choose_language",
    "choose_none",
    "choose_rows",
    "coded",
    "done",
    "download",
    "drawing",
    "explain",
    "favicon",
    "filter_in_words",
    "folded_where_narrow",
    "form",
    "guard",
    "header",
    "language",
    "let_hand_in",
    "mark_in_menu",
    "menu_page",
    "names_wanted",
    "nothing_to_read",
    "now",
    "paging",
    "person_button",
    "record_look",
    "sentence",
    "signed_in",
    "something_to_read",
    "source_names",
    "style",
    "table",
    "tile",
    "tiles",
    "told_before",
    "turns",
    "unkept",
    "who_is_here",
]
