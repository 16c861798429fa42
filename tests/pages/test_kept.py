"""Every form of every page keeps what is typed, and says beside its field what is wrong with it.

The forms are found by walking the pages: what somebody can type into is one of a form that keeps it, unless the field
itself bears the sign of those that keep nothing (`ui.unkept`) or leafs through a list.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ElementTree

from compliance import access
from compliance.access.at import at_command
from compliance.drafts.tables import draft
from compliance.incidents import verbs as incidents
from compliance.incidents.facts import Nature, Reported
from compliance.purge import batches
from compliance.purge.tables import State
from compliance.reading import copy
from compliance.requests import desk
from compliance.show import asks as show_asks
from compliance.show.entries import entry_binds
from compliance.ui import PERSON_CHOSEN, unkept
from compliance.words import settings as settings_of
from compliance.words.vocabulary import Role
from tests import demo_store
from tests.pages.test_pages import OF_ONE, PAGES, ROOT, opened, register, store

__all__ = ["store"]
pytestmark = pytest.mark.usefixtures("store")
_TYPED = ("text_input", "text_area", "number_input", "date_input")
_CHOSEN = ("selectbox", "radio")
_FIELDS = (*_TYPED, *_CHOSEN, "multiselect", "checkbox", "toggle")
# An address of a person: right where one is asked for, wrong where a reason, a day, a number or a case is.
_TEXT = "kim@hem.example"
_LEAFING = ("page_", "size_")
# Some forms are about what a list is narrowed to.
_NARROWING = "filter_"


@dataclass(frozen=True)
class Node:
    """Something that is drawn: what it is, and the way to it through the blocks around it."""

    kind: str
    way: tuple[int, ...]
    what: Any

    @property
    def key(self) -> str:
        return str(self.what.key)


def nodes(app: AppTest) -> list[Node]:
    """All that a page has drawn, in the order of the page."""

    def below(one: Any, way: tuple[int, ...]) -> Iterator[Node]:
        for number, child in getattr(one, "children", {}).items():
            yield Node(child.type, (*way, number), child)
            yield from below(child, (*way, number))

    return list(below(app.main, ()))


def typed_into(app: AppTest) -> dict[str, Node]:
    """The fields that are to be kept, by key."""
    found = [one for one in nodes(app) if one.kind in _TYPED and not one.what.proto.disabled]
    signs = (unkept.SEARCH, unkept.BY_HAND)
    return {
        one.key: one
        for one in found
        if getattr(one.what.proto, "icon", "") not in signs and not one.key.startswith(_LEAFING)
    }


def type_in(one: Node) -> Any:
    """Types something else than what stands in a field, and returns it."""
    now = one.what.value
    value: Any = _TEXT
    if one.kind == "number_input":
        value = now - 1 if now else 1
    elif one.kind == "date_input":
        day = now or dt.date(2026, 11, 20)
        value = day - dt.timedelta(days=1)
        value = value if one.what.min is None or value >= one.what.min else day + dt.timedelta(days=1)
    one.what.set_value(value)
    return value


def kept(pseudonym: str | None = None) -> dict[str, Any]:
    """What the register keeps of forms, by the key of the field."""
    with register().connect() as connection:
        rows = connection.execute(sa.select(draft)).mappings().all()
    return {
        f"{row['form']}_{name}": value
        for row in rows
        if pseudonym in (None, row["pseudonym"])
        for name, value in json.loads(row["typed"]).items()
    }


def written(value: Any) -> Any:
    """A value as it is kept."""
    return value.isoformat() if isinstance(value, dt.date) else value


def forms() -> dict[str, str]:
    """Which form each kept field is of, by the field's key."""
    with register().connect() as connection:
        rows = connection.execute(sa.select(draft.c.form, draft.c.typed)).all()
    return {f"{form}_{name}": form for form, typed in rows for name in json.loads(typed)}


class Walk:
    """One session of somebody, who goes from page to page."""

    def __init__(self, role: Role, told: Told, marked: dict[str, str]) -> None:
        self.told, self.marked, self.pressed = told, marked, set[str]()
        self.app = opened(role, "sv")

    def go(self, page: str) -> None:
        """To another page, at the request, incident, purge or person that it is about."""
        self.marked.clear()
        for name in [*self.app.query_params]:
            del self.app.query_params[name]
        if page in OF_ONE:
            self.app.query_params[OF_ONE[page]] = self.told.ones[page]
        self.app.session_state[PERSON_CHOSEN] = self.told.person
        self.app.switch_page(f"pages/{page}.py")
        self.run()

    def run(self) -> None:
        self.app.run()
        assert not self.app.exception

    def open_up(self) -> None:
        """Chooses the last of all that can be chosen from, and the first row of each table: other forms are drawn then.
        A browser tells of them with every run.
        """
        is_narrowed = False
        for one in nodes(self.app):
            if one.kind in _CHOSEN and len(one.what.options) > 1 and not one.key.startswith(_LEAFING):
                if not one.key.startswith(_NARROWING):
                    self.marked[one.what.id] = one.what.options[-1]
                elif not is_narrowed:
                    # More than one would leave nothing of a list.
                    self.marked[one.what.id], is_narrowed = one.what.options[1], True
            elif one.kind == "dataframe" and one.what.proto.id:
                self.marked[one.what.proto.id] = json.dumps({"selection": {"rows": [0], "columns": [], "cells": []}})
        self.run()

    def type(self, but: Collection[str] = ()) -> dict[str, Any]:
        """Types into each other field of the page, and sees that it is kept; returns what was typed."""
        typed = {key: type_in(one) for key, one in typed_into(self.app).items() if key not in but}
        if typed:
            self.run()
        now = kept()
        assert {key: now.get(key) for key in typed} == {key: written(value) for key, value in typed.items()}
        return typed

    def check(self, typed: Mapping[str, Any]) -> None:
        """Sees that what was typed stands in the fields that are drawn."""
        shown = {key: one.what.value for key, one in typed_into(self.app).items() if key in typed}
        assert shown == {key: typed[key] for key in shown}

    def press(self, typed: dict[str, Any]) -> None:
        """Presses the button of each form. What is wrong is told beside a field, and nothing that was typed goes unless
        it was taken.
        """
        while (button := self.next_button()) is not None:
            self.pressed.add(button.key)
            before = typed_into(self.app).keys()
            button.what.click()
            self.run()
            drawn = nodes(self.app)
            apart = [one.what.value for one in drawn if one.kind == "error" and not is_beside(one, drawn)]
            assert not apart, (button.key, apart)
            if self.app.success:
                for key in typed.keys() - kept().keys():
                    del typed[key]
            self.check(typed)
            assert {key: written(value) for key, value in typed.items()}.items() <= kept().items()
            self.told.answers[button.key] = [one.what.value for one in drawn if one.kind in ("error", "success")]
            # What comes with an answer is a field too.
            typed.update(self.type(before))

    def next_button(self) -> Node | None:
        """The first button after a form that nobody has pressed, of those that act."""
        drawn, of = nodes(self.app), forms()
        for form in dict.fromkeys(of.values()):
            last = max(
                (n for n, one in enumerate(drawn) if one.kind in _TYPED and of.get(one.key) == form), default=None
            )
            if last is None:
                continue
            acts = [one for one in drawn[last:] if one.kind == "button" and one.what.proto.type != "tertiary"]
            if acts and acts[0].key not in self.pressed and not acts[0].what.proto.disabled:
                return acts[0]
        return None


@dataclass(frozen=True)
class Told:
    """What the pages of one are about, and what the buttons have answered."""

    ones: Mapping[str, str]
    person: str
    answers: dict[str, list[str]]


def is_beside(told: Node, drawn: list[Node]) -> bool:
    """Whether what is told stands right after a field, in the same block."""
    block, place = told.way[:-1], told.way[-1]
    before = [one for one in drawn if one.way[:-1] == block and one.way[-1] < place]
    return any(one.kind in _FIELDS for one in before[-2:])


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is chosen, by the name of the widget, as the browser tells of it with every run."""
    chosen: dict[str, str] = {}
    told = ElementTree.get_widget_states

    def with_chosen(tree: ElementTree) -> Any:
        states = told(tree)
        known = {state.id: state for state in states.widgets}
        for name, value in chosen.items():
            state = known.get(name) or states.widgets.add()
            state.id = name
            state.string_value = value
        return states

    monkeypatch.setattr(ElementTree, "get_widget_states", with_chosen)
    return chosen


def about() -> Told:
    """One of each kind that is open."""
    app = opened(Role.DPO, "sv", "review/expiries", {"status": "OVERDUE", "category": "PROSPECT"})
    app.button(key="propose_all_expiries").click().run()
    batch = next(one for one in batches.listing(register()) if one.state is State.PROPOSED)
    settings = settings_of.load()
    petra = next(one for one in access.demo_actors(settings) if one.role is Role.DPO)
    at = dataclasses.replace(at_command(settings, register(), demo_store.NOW), actor=petra)
    reading = copy.current(settings, at.register, at.today, at.policy, at.parameters)
    assert reading is not None
    received_on = at.today - dt.timedelta(days=5)
    number = desk.register(at, reading, desk.Asked("access", "phone", received_on, "prospect", name="Kim Alm"))
    incident = incidents.report(at, Reported(called="Mejl", what="En lista.", natures=(Nature.DISCLOSURE,)))
    entry = reading.rows(show_asks.ENTRIES, rows=1, skip=0, **entry_binds({}, named=False))[0]
    ones = {"purge/batch": batch.batch_id, "requests/request": number, "incidents/incident": incident}
    return Told({page: str(one) for page, one in ones.items()}, entry.person_id, {})


def test_every_field_of_every_form_is_kept_for_who_types_it_and_told_beside_when_it_is_wrong(
    marked: dict[str, str],
) -> None:
    told = about()
    plain: dict[str, dict[str, Any]] = {}
    petra = Walk(Role.DPO, told, marked)
    for page in PAGES:
        petra.go(page)
        if typed := petra.type():
            plain[page] = typed
    # Her session has ended.
    petra = Walk(Role.DPO, told, marked)
    further: dict[str, dict[str, Any]] = {}
    for page in PAGES:
        petra.go(page)
        if page in plain:
            petra.check(plain[page])
            petra.press(dict(plain[page]))
        petra.open_up()
        if typed := petra.type():
            further[page] = typed
    petra = Walk(Role.DPO, told, marked)
    for page, typed in further.items():
        petra.go(page)
        petra.open_up()
        petra.check(typed)
        petra.press(dict(typed))
    actor = next(one for one in access.demo_actors(settings_of.load()) if one.role is Role.CISO)
    axel = Walk(Role.CISO, told, marked)
    for page in {**plain, **further}:
        if not access.may(actor, PAGES[page][1]):
            continue
        axel.go(page)
        assert _TEXT not in {one.what.value for one in typed_into(axel.app).values()}
    # No area whose views draw forms was passed by.
    areas = {
        path.parent.name
        for path in (ROOT / "compliance").glob("*/view*.py")
        if re.search(r"\b(Kept|ui\.form)\(", path.read_text(encoding="utf-8"))
    }
    walked = {page.partition("/")[0] for page in {**plain, **further}}
    walked |= {key.partition("_")[0] for typed in (*plain.values(), *further.values()) for key in typed}
    assert {one.rstrip("s") for one in areas - {"ui"}} <= {one.rstrip("s") for one in walked}
    assert sum(bool(one) for one in told.answers.values()) > len(areas)
