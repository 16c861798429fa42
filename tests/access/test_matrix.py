"""Who may call what: every service that takes an act, for every role and for nobody, by direct call.

A service is found by its signature, so that a new one cannot be forgotten; what it is called with gives way at a touch,
so that whoever is refused has been refused before anything was read.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import pytest

import compliance
from compliance.access import Actor
from compliance.access.at import At
from compliance.words.refusal import Refused
from compliance.words.texts import refusal
from compliance.words.vocabulary import LANGUAGES, Category, Permission, Role
from tests.world import TODAY

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
_REFUSALS = ("not_allowed", "not_owned", "not_signed_in", "command_line_only")

# D: DPO, C: CISO, O: data owner of everything, S: data owner of some categories, U: auditor, A: administrator,
# -: nobody, as the command line, cron, and whoever has signed out.
PEOPLE: Mapping[str, tuple[Role, frozenset[Category] | None] | None] = {
    "D": (Role.DPO, None),
    "C": (Role.CISO, None),
    "O": (Role.OWNER, None),
    "S": (Role.OWNER, frozenset({Category.PROSPECT})),
    "U": (Role.AUDITOR, None),
    "A": (Role.ADMIN, None),
    "-": None,
}


@dataclass(frozen=True)
class Call:
    """A service with what its answer depends on, and who may."""

    service: str
    may: str
    given: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.service, *(f"{name}={value}" for name, value in self.given.items())])


CALLS = (
    Call("access.looked_at_persons", "DOS", {"what": "subjects"}),
    Call("access.looked_at_persons", "DA", {"what": "intake_preview"}),
    Call("access.limits.extend", "DC"),
    Call("controls.verbs.record", "DC"),
    Call("controls.verbs.tell", "DCA"),
    Call("controls.verbs.tell_by_command", "-"),
    Call("cookies.verbs.enter_invented", "-", {"listed": (), "scans": ()}),
    Call("cookies.verbs.record", "DC"),
    Call("cookies.verbs.set_aside", "DC"),
    Call("cookies.verbs.take_in", "DC"),
    Call("cookies.verbs.take_in_by_command", "-"),
    Call("demo.cookies.enter_past", "-"),
    Call("demo.cookies.enter_today", "-"),
    Call("demo.sessions_made.enter", "-"),
    Call("demo.incidents.enter_past", "-"),
    Call("demo.incidents.enter_running", "-"),
    # These read the copy before they enter anything by who acts.
    Call("demo.corrections.ask", "DCOSUA-"),
    Call("demo.corrections.ask_today", "DCOSUA-"),
    Call("demo.erased.carry_out", "DCOSUA-"),
    Call("demo.requests_desk.enter", "DCOSUA-"),
    Call("demo.letters_made.send", "DCOSUA-"),
    # They enter by who acts, who is asked there.
    Call("demo.controls.enter", "DC"),
    Call("demo.processing.enter", "D"),
    Call("demo.past.enter", "DCOSUA-"),
    Call("digest.calendar.made", "DCOSUA-"),
    Call("digest.calendar.write", "-"),
    # What every page of figures tells; it leaves by the next one.
    Call("digest.content.look", "DCOSUA-"),
    Call("digest.content.tell", "DCOSUA-"),
    Call("digest.verbs.send", "-"),
    # What every page of figures tells.
    Call("findings.gather.judged", "DCOSUA-"),
    Call("findings.gather.rooms", "DCOSUA-"),
    Call("findings.gather.standing", "DCOSUA-"),
    Call("findings.verbs.accept", "DC"),
    Call("findings.verbs.assign", "DC", {"note": ""}),
    Call("findings.verbs.end", "DC", {"reason": "Skäl."}),
    # A look is taken whenever figures are kept, whoever is there.
    Call("findings.verbs.look", "DCOSUA-"),
    Call("findings.verbs.propose", "DC", {"reason": "Skäl."}),
    Call("findings.verbs.refuse", "DC", {"reason": "Skäl."}),
    # What every page of figures tells, with names for whoever may see them.
    Call("environments.state.room", "DCOSUA-", {"named": False}),
    Call("environments.sessions.take_in_by_command", "-"),
    Call("environments.verbs.order", "DCA"),
    Call("environments.verbs.review", "DC"),
    Call("holds.candidates.recognise", "DC"),
    Call("holds.losses.settle", "DC"),
    Call("holds.verbs.place", "DC"),
    Call("holds.verbs.release", "DC"),
    Call("holds.verbs.release_case", "DC"),
    Call("holds.verbs.review", "DC"),
    # An entry that is left out of a purge is held; whoever proposes may.
    Call("holds.verbs.take_out", "DCOS"),
    Call("identity.verbs.decide", "D"),
    Call("identity.verbs.let_go", "D"),
    Call("incidents.verbs.enter_invented", "-", {"told": ()}),
    Call("incidents.verbs.record", "DC"),
    Call("incidents.verbs.record_by_command", "-"),
    Call("incidents.verbs.report_by_command", "-"),
    Call("incidents.verbs.report", "DC"),
    Call("intake.service.preview", "DA"),
    # What stayed out belongs to no category.
    Call("intake.service.quarantined_rows", "DO"),
    Call("intake.service.submit", "DA"),
    Call("marks.mailing.may_not_be_mailed", "DO", {"plain": True}),
    Call("marks.mailing.may_not_be_mailed", "D", {"plain": False}),
    # Beside the buttons of those two.
    Call("marks.mailing.only_digests", "DCOSUA-"),
    Call("marks.mailing.write", "-"),
    Call("notices.verbs.record", "D"),
    Call("marks.verbs.lift", "D"),
    Call("marks.verbs.lift_in", "D"),
    Call("marks.verbs.place", "D"),
    Call("marks.verbs.place_address_in", "D"),
    Call("marks.verbs.place_in", "D"),
    Call("marks.verbs.review", "D"),
    Call("marks.verbs.settle", "D"),
    # What a person is told must be all that is stored.
    Call("letters.verbs.leave", "DO"),
    Call("letters.verbs.sent", "DO"),
    Call("person.bundle.of", "DO"),
    Call("person.bundle.open_requests", "DO"),
    Call("person.files.write", "DO"),
    Call("person.timeline.events", "DOS"),
    Call("policy.verbs.approve", "DC"),
    # What the files say is kept by whoever looks first.
    Call("policy.verbs.note_files", "DCOSUA-"),
    Call("policy.verbs.propose", "DC"),
    Call("policy.verbs.refuse", "DC"),
    Call("policy.verbs.withdraw", "DC"),
    Call("purge.batches.rows", "DOS", {"named": True}),
    Call("purge.batches.rows", "DCOSUA", {"named": False}),
    Call("purge.batches.stayed", "DCOSUA"),
    Call("purge.execute.begun_by", "DC"),
    Call("purge.execute.go_on", "DC"),
    Call("purge.execute.receipt", "DCOSUA"),
    Call("purge.execute.submit", "DC"),
    Call("purge.execute.wipe_left", "DC"),
    Call("purge.verbs.approve", "DCOS"),
    # A run that carries a batch out acts as nobody, and gives it back where the rules are others.
    Call("purge.verbs.back_to_preview", "DCOS-"),
    Call("purge.verbs.claim", "DC"),
    Call("purge.verbs.confirm", "DC"),
    Call("purge.verbs.confirm_return", "DO"),
    Call("purge.verbs.decide", "DO"),
    Call("purge.verbs.propose", "DOS"),
    Call("purge.verbs.propose_automatic", "-"),
    Call("purge.verbs.propose_for_requests", "DO"),
    Call("purge.verbs.refuse", "DCOS"),
    # Batches of other rules go back whoever is here, or nobody.
    Call("purge.verbs.return_changed", "DCOSUA-"),
    Call("purge.verbs.take_out", "DOS"),
    Call("purge.verbs.vouch", "DO"),
    Call("rectification.verbs.ask", "D"),
    Call("rectification.verbs.order", "D"),
    Call("rectification.verbs.tell", "D"),
    Call("rectification.verbs.withdraw", "D"),
    Call("report.files.write", "-"),
    # The command line records too.
    Call("requests.desk.correct", "DO-"),
    Call("requests.desk.decide_in", "DO-"),
    Call("requests.desk.give_sender", "DO-"),
    Call("requests.desk.match", "DO-"),
    Call("requests.desk.register", "DO-"),
    Call("requests.desk.take_up", "DO-"),
    Call("requests.desk.write", "DO-"),
    Call("requests.desk.write_each", "DO-"),
    # Whom they may mark, marks.verbs says, which they call.
    Call("requests.effects.follow", "DCOSUA-"),
    Call("requests.effects.take", "DCOSUA-"),
    Call("requests.forget.forget_closed", "-"),
    Call("requests.verbs.choose", "D"),
    Call("requests.verbs.offered", "DO"),
    Call("requests.verbs.person_of", "DO"),
    # What every page of figures tells, to whoever may see figures.
    Call("review.bridges.between", "DCOSUA-"),
    Call("review.decisions.decisions", "DCOSUA-"),
    # The figures of the day are kept by whoever comes first, or by nobody.
    Call("review.measures.measure", "DCOSUA-"),
    Call("processing.verbs.describe_assigned", "D"),
    Call("processing.verbs.describe", "D"),
    Call("processing.verbs.make_version", "D", {"note": ""}),
    Call("review.measures.of_corrections", "DCOSUA-"),
    Call("review.measures.of_findings", "DCOSUA-"),
    Call("review.measures.of_cookies", "DCOSUA-"),
    Call("review.measures.of_incidents", "DCOSUA-"),
    Call("review.measures.remembered", "DCOSUA-"),
    Call("review.verbs.countersign", "DC"),
    Call("review.verbs.enter_invented", "DCOSUA-", {"past": ()}),
    Call("review.verbs.ensure_snapshot", "DCOSUA-"),
    Call("review.verbs.keep", "DCOSUA-"),
    Call("review.verbs.sign", "D"),
    Call("review.verbs.sign_late", "D"),
    Call("show.extract.extract", "DCOSUA", {"permission": Permission.EXTRACT_FIGURES}),
    Call("show.extract.extract", "DOS", {"permission": Permission.EXTRACT_PERSONS}),
    Call("show.extract.to_file", "-"),
    Call("sources.tasks.fetch", "DA"),
    Call("sources.tasks.retry", "DC"),
    Call("sources.verbs.decide_moved", "D"),
    Call("sources.verbs.save_mapping", "DA"),
    Call("suppression.verbs.back_since", "DCOSUA-"),
    Call("suppression.verbs.confirm_return", "DO"),
    Call("suppression.verbs.decide", "DO"),
    Call("suppression.verbs.doubts", "DO"),
    Call("suppression.verbs.forget_expired", "-"),
    Call("suppression.verbs.prune", "-"),
    Call("suppression.verbs.returned", "DO"),
    Call("suppression.verbs.rotate", "-"),
    Call("suppression.verbs.waiting_persons", "DO"),
)


class Touched(Exception):
    """Something was read, asked or called."""


class Trap:
    """What nobody may touch who is refused."""

    def _sprung(self, *_given: object, **_named: object) -> NoReturn:
        raise Touched

    __getattr__ = __getitem__ = __iter__ = __call__ = __len__ = __bool__ = __str__ = __contains__ = _sprung
    __enter__ = __exit__ = __lt__ = __gt__ = __format__ = _sprung
    __eq__ = __ne__ = __hash__ = _sprung  # type: ignore[assignment]


def services() -> dict[str, Callable[..., object]]:
    """Every public function below compliance that takes an act, by its address."""
    found = {}
    for module in pkgutil.walk_packages(compliance.__path__, "compliance."):
        if module.name.endswith("__main__") or ".migrations." in module.name:
            continue
        for name, one in vars(importlib.import_module(module.name)).items():
            if not inspect.isfunction(one) or one.__module__ != module.name or name.startswith("_"):
                continue
            if any(annotation in (At, "At", "At | None") for annotation in inspect.get_annotations(one).values()):
                found[f"{module.name.removeprefix('compliance.')}.{name}"] = one
    # What gives an act takes none.
    return {name: one for name, one in found.items() if _takes(one)}


def _takes(service: Callable[..., object]) -> list[str]:
    told = inspect.get_annotations(service)
    return [name for name, annotation in told.items() if name != "return" and annotation in (At, "At", "At | None")]


def acting(person: str) -> At:
    """An act of somebody, of which all but who acts and when gives way."""
    told = PEOPLE[person]
    actor = None if told is None else Actor("somebody@bolaget.example", told[0], told[1], "pseudonym")
    trap: Any = Trap()
    return At(trap, trap, actor, trap, trap, NOW, TODAY)


def refused(call: Call, person: str) -> bool:
    """Whether a service refuses somebody for who they are, before it has touched anything."""
    service = services()[call.service]
    (act,) = _takes(service)
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(service).parameters.items():
        assert parameter.kind is not inspect.Parameter.VAR_POSITIONAL
        given[name] = call.given.get(name, Trap())
    try:
        service(**{**given, act: acting(person)})
    except Refused as why:
        assert why.code in _REFUSALS, why
        assert all("{" not in refusal(why.code, language, why.values) for language in LANGUAGES)
        return True
    except (Touched, TypeError):
        return False
    return False


def test_no_service_is_forgotten() -> None:
    assert sorted({call.service for call in CALLS}) == sorted(services())
    # Whoever changes something has to be asked who they are; so an act is told once, and as what it is.
    assert {len(_takes(one)) for one in services().values()} == {1}


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_service_is_for_those_whom_the_table_names(call: Call) -> None:
    assert "".join(person for person in PEOPLE if not refused(call, person)) == call.may
