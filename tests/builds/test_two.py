"""Two dashboards' processes on one register and one copy in a PostgreSQL: what each sees of what the other does."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from compliance import runs
from compliance.access import sessions
from compliance.access.sign_in import Identity
from compliance.holds import verbs as holds
from compliance.holds.tables import Scope
from compliance.policy import verbs as policy
from compliance.runs.tables import State
from compliance.show import leaving
from compliance.words import keys
from compliance.words.refusal import Refused
from tests.browsing import ROOT
from tests.builds.delivered import delivered
from tests.purging import Weekly, prospect
from tests.world import TODAY

Ask = Callable[..., Any]
_NAMES = ("two_register", "two_copy")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, postgresql: str, empty_register: str) -> Iterator[Weekly]:
    """This process, one of the two: it has taken in three prospects, two of them overdue."""
    with delivered(postgresql, _NAMES, empty_register, tmp_path_factory.mktemp("two")) as made:
        yield made


@pytest.fixture(scope="module")
def other(desk: Weekly) -> Iterator[Ask]:
    """The other one, which goes on from test to test, with what it remembers."""
    urls = (desk.settings.register_url, desk.settings.copy_url or "")
    command = [sys.executable, "-m", "tests.builds.second", str(desk.settings.store), *urls]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    asks, answers = process.stdin, process.stdout

    def ask(*told: str) -> Any:
        asks.write(json.dumps(told) + "\n")
        asks.flush()
        return json.loads(answers.readline())

    yield ask
    asks.close()
    assert process.wait(30) == 0
    answers.close()


def test_a_build_and_a_hold_and_a_purge_of_one_are_the_others_at_once(desk: Weekly, other: Ask) -> None:
    first, second, third = (f"person{number}@bolaget.example" for number in (1, 2, 9))
    assert other("build") == [1, {first: "OVERDUE", second: "OVERDUE", third: "RETAINED"}]
    desk.deliver(prospect(1), prospect(2), prospect(9, "2026-01-05"), prospect(10, "2026-01-05"))
    assert other("build")[0] == 2 and "person10@bolaget.example" in other("build")[1]
    held = next(row for row in desk.entries() if row.email == first)
    terms = holds.Terms("legal_claim", "legal", TODAY + dt.timedelta(days=30))
    holds.place(desk.at(desk.petra), desk.reading(), holds.Target(Scope.PERSON, held.person_id), terms)
    assert other("build")[1][first] == "HELD"
    desk.purge(desk.entries(status="OVERDUE"))
    number, told = other("build")
    assert number == 3 and (told[first], second in told) == ("HELD", False)


def test_while_one_takes_in_the_other_may_not(desk: Weekly, other: Ask) -> None:
    run_id = runs.queue(desk.register, None, desk.now)
    runs.claim(desk.register, run_id, desk.now)
    assert other("claim") == "intake_running"
    with desk.register.begin() as connection:
        runs.end(connection, run_id, State.FAILED, "{}", None, desk.now)
    assert other("claim") == "claimed"


def test_a_session_that_one_has_ended_is_over_in_the_other(desk: Weekly, other: Ask) -> None:
    for ends_here in (True, False):
        identity = Identity(desk.petra.email, f"sign-in {ends_here}")
        assert other("session", identity.key) == "dpo"
        assert sessions.touch(desk.settings, desk.register, identity, desk.now) == desk.petra
        if ends_here:
            sessions.sign_out(desk.register, identity, desk.now)
            assert other("session", identity.key) == "session_signed_out"
        else:
            other("sign_out", identity.key)
            with pytest.raises(Refused, match="session_signed_out"):
                sessions.touch(desk.settings, desk.register, identity, desk.now)


def test_rules_that_one_has_approved_are_in_force_in_the_other(desk: Weekly, other: Ask) -> None:
    assert other("rules") == "2026-1"
    change = policy.propose(desk.at(desk.petra), {"PROSPECT.period": "P3Y"}, holds_from=TODAY, reason="Shorter")
    assert other("rules") == "2026-1"
    assert policy.approve(desk.at(desk.axel), change) == other("rules") == "2026-1+1"
    # Who became overdue by it is so there.
    assert other("build")[1] == {row.email: row.status for row in desk.entries()}


def test_a_key_that_one_has_replaced_is_the_others_too(desk: Weekly, other: Ask) -> None:
    before = other("key")
    keys.replace_signing(desk.settings)
    assert other("key") == keys.name_of(keys.signing(desk.settings).public_key()) != before


def test_the_address_of_a_file_leads_to_it_once_and_where_it_was_made(other: Ask) -> None:
    """The balancer keeps a browser with its dashboard; elsewhere it leads nowhere, and stays good where it was made."""
    file = leaving.Leaving("entries.csv", "text/csv", "sv", lambda: leaving.whole(b"one"))
    bound = leaving.bound_to("a browser", "")
    token = leaving.ask(file, bound, time.monotonic())
    assert other("take", token, bound) is False
    assert leaving.take(token, bound, time.monotonic()) is file
    assert leaving.take(token, bound, time.monotonic()) is None
    assert other("take", token, bound) is False
