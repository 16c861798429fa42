"""What the pages show of requests, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from compliance.requests.backlog import BacklogItem, Reasons
from compliance.requests.facts import RequestFacts
from compliance.requests.period import Kept
from compliance.requests.steps import Facts, Found, Recorded
from compliance.requests.tables import Step
from compliance.show.columns import Row
from compliance.words.references import reference
from compliance.words.texts import has, listed, say, show

# Where the words of a step's facts stand.
WORDS = {
    "kind": "request_kind",
    "channel": "request_channel",
    "requester": "request_requester",
    "doubt": "request_doubt",
    "reason": "extension_reason",
    "decision": "request_decision",
    "category": "category",
    "why": "request_why",
    "ground": "mark_ground",
    "telling": "request_telling",
    "outcome": "request_outcome",
    "clock": "request_clock",
    "resumes": "request_resumes",
    "verdict": "request_verdict",
    "letter": "letter_kind",
}


def request_row(item: BacklogItem, language: str, own: str | None = None) -> Row:
    """A request as the queue shows it, without who it is from; `own` is the pseudonym of who looks."""
    told = ("provisional", "extension_valid", "extension_void")
    remarks = [say(f"remark.{name}", language) for name in told if getattr(item, name)]
    if item.repeats is not None:
        remarks.append(say("remark.repeats", language, other=str(item.repeats)))
    possible = dict.fromkeys(possible_match(reasons, language) for reasons in item.possible)
    return {
        "request_id": item.request_id,
        "source": item.source,
        "request": str(item.request_id),
        "reference": item.reference,
        "kind": say(f"request_kind.{item.kind}", language),
        "channel": say(f"request_channel.{item.channel}", language),
        "request_state": say(f"request_state.{item.state.value}", language),
        "received_on": item.received_on,
        "due_on": item.due_on,
        "days_left": item.days_left,
        "age_days": item.age_days,
        "next": say(f"request_next.{item.next.value}", language),
        "waits_for": say(f"request_waits.{item.waits_for.value}", language),
        "handler": who(item.handler, own, language) if item.handler else "–",
        "blocks": "; ".join(say(f"block.{block.value}", language) for block in item.blocks) or "–",
        # Until somebody has said who it is from, "none" would be wrong.
        "persons_found": item.persons_found or (None if item.possible else item.persons_found),
        "bases": item.bases or (None if item.possible else item.bases),
        "remark": "; ".join([*remarks, *possible]),
    }


def period_row(one: Kept, language: str) -> Row:
    """A request of a period as its list shows it: open or closed, how long it took, and whether it was in time."""
    return {
        "request": str(one.request_id),
        "kind": say(f"request_kind.{one.kind}", language),
        "received_on": one.received_on,
        "due_on": one.due_on,
        "request_closed_on": one.closed_on,
        "outcome": say(f"request_outcome.{one.outcome}", language) if one.outcome else "–",
        "in_time": say("common.yes" if one.in_time else "common.no", language),
        "took_days": None if one.closed_on is None else one.days,
        "paused_days": one.pause_days,
        "is_extended": say("common.yes" if one.is_extended else "common.no", language),
    }


def possible_match(reasons: Reasons, language: str) -> str:
    """That somebody may be who a request is from, with what speaks for it and what against."""
    pro = listed([say(f"speaks_for.{word}", language) for word in reasons.speaks_for], language)
    contra = listed([say(f"speaks_against.{word}", language) for word in reasons.speaks_against], language)
    key = "possible_but" if pro and contra else "possible_with" if pro else "possible"
    return say(f"erasure.{key}", language, pro=pro, contra=contra)


def who(pseudonym: str | None, own: str | None, language: str) -> str:
    """Who recorded something: the reader, a colleague by reference, or no person."""
    if pseudonym is None:
        return say("request_page.by_nobody", language)
    return say("request_page.by_you", language) if pseudonym == own else reference(pseudonym)


def step_rows(told: RequestFacts, language: str, own: str | None) -> list[Row]:
    """The steps of a request, also those that others have taken the place of, and by which."""
    return [
        {
            "step_no": one.step_id,
            "happened_on": one.happened_on,
            "act": say(f"request_act.{one.step.value}", language),
            "facts": facts_in_words(one.facts, language),
            "by": who(one.recorded_by, own, language),
            "recorded_on": one.recorded_at,
            "remark": "; ".join(_remarks(one, language)),
        }
        for one in told.shown
    ]


def _remarks(one: Recorded, language: str) -> Iterator[str]:
    if one.corrects is not None:
        yield say("request_page.corrects", language, step=str(one.corrects))
    if one.corrected_by is not None:
        yield say("request_page.corrected", language, step=str(one.corrected_by))


def facts_in_words(facts: Facts, language: str) -> str:
    """What is known of a step, fact by fact."""
    told = []
    for name, value in facts:
        if value is None or name in ("digest", "language"):
            continue
        words = f"{WORDS[name]}.{value}" if name in WORDS else ""
        shown = (
            say(words, language)
            if words and has(words)
            else str(value)
            if isinstance(value, int)
            else show(value, language)
        )
        told.append(f"{say(f'request_page.fact.{name}', language)}: {shown}")
    return " · ".join(told) or "–"


def clock_marks(told: RequestFacts, ours: bool, language: str) -> list[tuple[dt.date, str]]:
    """The days of a request's clock in their order, each with what it is."""
    law = told.standing.law
    days: list[tuple[dt.date | None, str]] = [
        (told.received_on, "received"),
        (told.standing.starts_on if told.standing.starts_on != told.received_on else None, "anew"),
        (told.standing.effect_due_on, "effect"),
        (law.internal_target_on if ours else None, "target"),
        (told.extension_notice_on, "extended" if law.extension_valid else "extended_void"),
        (law.due_on if ours else told.standing.due_on, "due" if ours else "forward"),
        (told.answered_on, "answered"),
        (told.closed_on, "closed"),
    ]
    return sorted((day, say(f"request_page.clock.{name}", language)) for day, name in days if day is not None)


def stands(told: RequestFacts, item: BacklogItem | None, language: str) -> str:
    """The sentence that matters: where the request stands, and what comes next."""
    state = say(f"request_state.{told.standing.state.value}", language)
    if item is None:
        outcome = say(f"request_outcome.{told.outcome}", language) if told.outcome else state
        return say("request_page.ended", language, outcome=outcome, day=told.closed_on or told.received_on)
    return say(
        f"request_page.{'late' if item.days_left < 0 else 'stands'}",
        language,
        state=state,
        due=item.due_on,
        days=abs(item.days_left),
        next=say(f"request_next.{item.next.value}", language),
        waits=say(f"request_waits.{item.waits_for.value}", language),
    )


def came_later(told: RequestFacts, language: str) -> str | None:
    """That a build has brought somebody whom an open request may be from; None where somebody has answered since."""
    entered_at = next((one.recorded_at for one in told.shown if one.step is Step.RECEIVED), None)
    found = [one for one in told.shown if isinstance(one.facts, Found)]
    if not found or found[-1].recorded_by is not None or found[-1].recorded_at == entered_at:
        return None
    last = found[-1]
    assert isinstance(last.facts, Found)
    return say("request_page.came_later", language, persons=last.facts.persons or 0, day=last.happened_on)
