"""An act has one object: whose role is asked at the click, whose instant is one, and that stands in for its parts."""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from streamlit.runtime.context import StreamlitHeaders
from streamlit.testing.v1 import AppTest

from compliance import access, ledger
from compliance.access.at import At, at_command
from compliance.access.sign_in import Identity
from compliance.holds import verbs as holds
from compliance.holds.tables import Ground, Scope
from compliance.ledger.tables import ledger as ledger_table
from compliance.purge import batches
from compliance.purge import verbs as purge_verbs
from compliance.purge.tables import State
from compliance.register.engine import engine
from compliance.ui import session as ui_session
from compliance.ui.session import Session
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused
from compliance.words.texts import refusal
from compliance.words.vocabulary import LANGUAGES, Permission, Role
from tests.purging import Desk, prospect, prospects, request, requests_made
from tests.world import TODAY

ROOT = Path(__file__).parents[2]
NOW = dt.datetime(2026, 11, 24, 23, 30, tzinfo=dt.UTC)
PETRA = "petra@bolaget.example"
LOOSE = {"settings", "register", "reading", "actor", "policy", "parameters", "now", "today"}
# Functions that may take four or more of them, as file:name, and why.
ALLOWED = {"access/sessions.py:_begun": "a session begins before anybody can act in it"}


@pytest.fixture
def small(tmp_path: Path) -> Desk:
    """Six prospects who must be gone, of whom one has asked for it, and six who may stay."""
    desk = Desk(tmp_path / "data" / "store", tmp_path / "data" / "exports")
    exports = tmp_path / "data" / "exports"
    rows = [prospect(number) for number in range(6)] + [prospect(number, "2024-05-21") for number in range(6, 12)]
    assert desk.take_in(prospects(exports, rows), requests_made(exports, [request(1, 0)])).all_taken
    return desk


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A page that was drawn for Petra while the roles file called her the DPO."""
    roles, key = tmp_path / "roles.toml", tmp_path / "key"
    roles.write_text(f'dpo = ["{PETRA}"]\n', encoding="utf-8")
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    settings = settings_of.load(
        {
            "COMPLIANCE_STORE": str(tmp_path / "store"),
            "COMPLIANCE_LOGIN": "proxy",
            "COMPLIANCE_ROLES": str(roles),
            "COMPLIANCE_KEY_FILE": str(key),
        }
    )
    headers = StreamlitHeaders([(settings.proxy_header, PETRA)])
    window = SimpleNamespace(context=SimpleNamespace(headers=headers, ip_address=None), session_state={})
    monkeypatch.setattr(ui_session, "st", window)
    identity = ui_session.identity_now(settings)
    assert identity is not None
    petra = access.actor_for(PETRA, settings)
    assert petra is not None and petra.role is Role.DPO
    at = at_command(settings, engine(settings), NOW)
    return Session(identity, petra, "en", settings, at.register, at.policy, at.parameters, None, NOW)


def since(desk: Desk, seq: int) -> list[tuple[str, dt.datetime]]:
    """The lines of the ledger after one, with their instants."""
    with desk.register.connect() as connection:
        wanted = sa.select(ledger_table.c.event, ledger_table.c.at).where(ledger_table.c.seq > seq)
        return [(event, at) for event, at in connection.execute(wanted.order_by(ledger_table.c.seq))]


def last(desk: Desk) -> int:
    with desk.register.connect() as connection:
        return ledger.last(connection).seq


@pytest.mark.parametrize("gone", ['auditor = ["petra@bolaget.example"]', 'dpo = ["gun@bolaget.example"]'])
@pytest.mark.parametrize("asked", [Session.at, ui_session.at_once, ui_session.at_fetch, ui_session.at_extract])
def test_a_role_that_was_taken_away_since_the_page_was_drawn_is_refused(
    drawn: Session, asked: Callable[[Session], At], gone: str
) -> None:
    assert asked(drawn).require(Permission.PROPOSE_PURGE).email == PETRA
    roles = drawn.settings.roles_file
    assert roles is not None
    as_it_was = roles.read_text(encoding="utf-8")
    roles.write_text(gone, encoding="utf-8")
    with pytest.raises(Refused, match="session_role"):
        asked(drawn)
    # It has ended: to give the role back is not to sign in again.
    roles.write_text(as_it_was, encoding="utf-8")
    with pytest.raises(Refused, match="session_role"):
        asked(drawn)


def test_a_list_leaves_only_as_long_as_its_categories_are_the_readers(drawn: Session) -> None:
    roles = drawn.settings.roles_file
    assert roles is not None
    roles.write_text(f'[owner]\n"{PETRA}" = ["PROSPECT", "EMPLOYEE"]\n', encoding="utf-8")
    owner = access.actor_for(PETRA, drawn.settings)
    assert owner is not None
    # A session of her own, so that it is not the role that has changed.
    identity = dataclasses.replace(drawn.identity, key="another window")
    seen = dataclasses.replace(drawn, actor=owner, identity=identity)
    assert ui_session.at_extract(seen).require(Permission.EXTRACT_PERSONS).categories == owner.categories
    roles.write_text(f'[owner]\n"{PETRA}" = ["PROSPECT"]\n', encoding="utf-8")
    with pytest.raises(Refused, match="extract_changed"):
        ui_session.at_extract(seen)


def test_a_list_leaves_only_while_it_is_true(small: Desk) -> None:
    def drawn() -> Session:
        at = small.at(small.petra)
        identity = Identity(small.petra.email, "a window")
        return Session(
            identity, small.petra, "en", small.settings, at.register, at.policy, at.parameters, small.reading(), at.now
        )

    before = drawn()
    assert ui_session.at_extract(before).require(Permission.EXTRACT_PERSONS).email == small.petra.email
    # A hold makes what the list says of its entries untrue, a purge takes away whom it names.
    terms = holds.Terms(Ground.EXTENSION, "legal", TODAY + dt.timedelta(days=60))
    entries = small.entries(status="OVERDUE")
    holds.place(small.at(small.petra), small.reading(), holds.Target(Scope.PERSON, entries[0].person_id), terms)
    held = drawn()
    small.purge([row for row in entries if not row.open_request][1:3])
    for seen in (before, held):
        with pytest.raises(Refused, match="extract_changed"):
            ui_session.at_extract(seen)
    assert ui_session.at_extract(drawn()).author is not None


def test_a_click_of_the_page_is_refused_once_the_role_is_gone(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLIANCE_STORE", str(small.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    batch = small.propose(small.entries(status="OVERDUE"))
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    app.session_state["signed_in_email"] = small.petra.email
    app.session_state["language"] = "en"
    app.run()
    app.query_params["batch"] = str(batch.batch_id)
    app.switch_page("pages/purge/batch.py").run()
    assert not app.exception and not app.error
    app.session_state["signed_in_email"] = small.gun.email
    app.button(key="refuse").click().run()
    told = refusal("not_allowed", "en", {"role": "auditor", "permission": Permission.APPROVE_PURGE.value})
    assert [error.value for error in app.error] == [told]
    assert batches.find(small.register, batch.batch_id).state is State.PROPOSED


def test_nobody_signed_in_may_nothing_that_needs_a_person(small: Desk) -> None:
    at = at_command(small.settings, small.register, NOW)
    assert at.author is None and at.today == settings_of.today(small.settings, NOW)
    for permission in Permission:
        with pytest.raises(Refused, match="not_signed_in"):
            at.require(permission)
    rows = small.entries(status="OVERDUE")
    with pytest.raises(Refused, match="not_signed_in"):
        purge_verbs.propose(at, small.reading(), rows)
    assert batches.listing(small.register) == []
    assert all("{" not in refusal("not_signed_in", language, {}) for language in LANGUAGES)


def test_the_lines_of_one_act_have_one_instant(small: Desk) -> None:
    rows = [row for row in small.entries(status="OVERDUE") if not row.open_request]
    batch, before = small.propose(rows), last(small)
    at = small.at(small.petra)
    terms = holds.Terms(Ground.EXTENSION, "legal", TODAY + dt.timedelta(days=60))
    assert purge_verbs.take_out(at, small.reading(), batch.batch_id, [rows[0].basis_id], terms) == 1
    assert since(small, before) == [("hold:placed", at.now), ("batch:taken_out", at.now)]


def test_a_purge_that_is_settled_is_settled_at_one_instant(small: Desk) -> None:
    # The clock of a desk is a second later at each look.
    batch = small.approve(small.propose_for("R1"))
    if batch.large:
        small.confirm(batch)
    small.claim(batch)
    before = last(small)
    done = small.carry_out(batch)
    assert done.state is State.EXECUTED
    settled = since(small, before)
    assert {"batch:executed", "request:closed"} <= {event for event, _ in settled}
    assert {at for _, at in settled} == {done.executed_at}


def test_nothing_takes_the_parts_of_an_act_one_by_one() -> None:
    found = set()
    for path in sorted((ROOT / "compliance").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if len(LOOSE.intersection(one.arg for one in taken)) >= 4:
                    found.add(f"{path.relative_to(ROOT / 'compliance').as_posix()}:{node.name}")
    assert found == set(ALLOWED)
