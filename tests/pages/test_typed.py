"""What is being typed into a page stays, whatever else of it comes and goes.

A browser makes anew what stands below a line more or less, in another place of the page's tree; and what a run sets
goes before what was chosen in the browser meanwhile.
"""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from compliance.reading.copy import Retired
from compliance.ui import acts
from compliance.words.refusal import Refused
from compliance.words.texts import refusal
from compliance.words.vocabulary import LANGUAGES, Role
from tests.pages.test_pages import opened, store

__all__ = ["store"]
pytestmark = pytest.mark.usefixtures("store")
_TYPED = ("text_input", "text_area", "date_input", "number_input", "selectbox", "multiselect")


def places(app: AppTest) -> dict[str, tuple[int, ...]]:
    """Where in the page's tree each field is, by its key: the way through the blocks around it."""
    found: dict[str, tuple[int, ...]] = {}

    def walk(node: Any, way: tuple[int, ...]) -> None:
        for number, child in getattr(node, "children", {}).items():
            walk(child, (*way, number))
        if node.type in _TYPED:
            found[node.key] = way[:-1]

    walk(app.main, ())
    return found


@pytest.mark.parametrize("page", ["incidents/incidents", "cookies/cookies", "holds/holds", "requests/new"])
def test_what_a_click_came_to_moves_no_field(page: str) -> None:
    app = opened(Role.DPO, "sv", page)
    before = places(app)
    assert len(before) > 3
    app.session_state[acts._DONE], app.session_state[acts._REFUSED] = ("Klart.", ()), Refused("hold_unknown", hold=1)
    app.run()
    assert [one.value for one in app.success] == ["Klart."] and len(app.error) == 1
    assert places(app) == before
    # It is said once, and going it moves nothing either.
    app.run()
    assert not app.success and not app.error and places(app) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_click_that_a_purge_has_overtaken_is_told_in_words(language: str) -> None:
    def overtaken() -> None:
        raise Retired

    app = opened(Role.DPO, language, "holds/holds")
    with mock.patch.object(st, "session_state", {}) as kept:
        acts.act(overtaken)
    app.session_state[acts._REFUSED] = kept[acts._REFUSED]
    app.run()
    assert [one.value for one in app.error] == [refusal("copy_replaced", language, {})]


def test_who_asks_moves_no_field() -> None:
    app = opened(Role.DPO, "sv", "requests/new")
    before = places(app)
    app.selectbox(key="request_new_requester").set_value("env_user").run()
    after = places(app)
    assert "request_new_customer" in after
    assert {key: after[key] for key in before} == before


@pytest.mark.parametrize("page", ["incidents/incidents", "cookies/cookies", "holds/holds", "policy/policy"])
def test_a_run_sets_nothing_that_was_not_to_be_set(page: str) -> None:
    app = opened(Role.DPO, "sv", page)
    app.run()
    # The fields of the page are drawn a second time: a browser keeps what stands in them.
    set_again = [
        one.key
        for kind in (*_TYPED, "checkbox", "radio")
        for one in app.get(kind)
        if getattr(one.proto, "set_value", False)
    ]
    assert set_again == []
