"""What can happen to a request, with its facts, and what a request is by what has happened to it.

Nothing is unwritten: a step that is wrong is named by the one that corrects it, and only steps that no other corrects
count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from compliance import ledger
from compliance.marks.tables import Ground
from compliance.requests.tables import (
    AT_ONCE,
    LENGTHS,
    Channel,
    Clock,
    Decision,
    Doubt,
    ExtensionReason,
    Kind,
    Outcome,
    Requester,
    Resumed,
    Role,
    Step,
    Telling,
    Verdict,
    Why,
    request_step,
)
from compliance.words.deadlines import Pause
from compliance.words.refusal import Refused
from compliance.words.vocabulary import LANGUAGES, Category


class Facts(BaseModel):
    """What is known of a step besides its day: codes, days, numbers and names of organisations, never of a person."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Received(Facts):
    """What was asked for, how, by whom in what capacity, and of which organisation's environment they are a user."""

    kind: Kind
    channel: Channel
    requester: Requester | None = None
    customer: str | None = Field(default=None, min_length=1, max_length=LENGTHS["customer"])

    @property
    def role(self) -> Role:
        """Who answers: a user of a customer's environment is the customer's data subject."""
        return Role.PROCESSOR if self.requester is Requester.ENV_USER else Role.CONTROLLER


class IdentityAsked(Facts):
    """Why there was doubt."""

    doubt: Doubt


class Found(Facts):
    """What was said of a person whom the request may be from, and how many entries of theirs there were; or how many
    persons were found by what it gives.
    """

    verdict: Verdict
    bases: int | None = None
    persons: int | None = None


class Extended(Facts):
    """Why the answer takes longer, as the requester was told."""

    reason: ExtensionReason


class Decided(Facts):
    """What was decided, of all or of one category; what is kept or refused with its ground, and until when. A person
    who is restricted is so as a whole, on a ground of article 18 and until it is reviewed.
    """

    decision: Decision
    category: Category | None = None
    why: Why | None = None
    until_on: dt.date | None = None
    ground: Ground | None = None
    review_on: dt.date | None = None


class Executed(Facts):
    """The purge that carried it out, and whether all is gone; neither where no purge was asked for."""

    batch: int | None = None
    outcome: Outcome | None = None


class Recipient(Facts):
    """Who has to be told (article 19): a source or an organisation."""

    recipient: str = Field(min_length=1, max_length=LENGTHS["recipient"])


class RecipientTold(Recipient):
    """What became of telling them."""

    telling: Telling


class Forwarded(Facts):
    """The organisation whose request it is."""

    customer: str = Field(min_length=1, max_length=LENGTHS["customer"])


class Letter(Facts):
    """A letter that went out, by its kind and the digest of its text."""

    letter: str = Field(pattern=r"[a-z_]{1,40}")
    language: str = Field(pattern="|".join(LANGUAGES))
    digest: str = Field(pattern=r"[0-9a-f]{64}")


class Closed(Facts):
    """How it ended."""

    outcome: Outcome


class Reopened(Facts):
    """From when the month runs, and what has ended of what kept something, where an erasure is taken up again."""

    clock: Clock
    resumes: Resumed | None = None


class Linked(Facts):
    """The number of the request that it repeats."""

    other: int = Field(ge=1)


class Nothing(Facts):
    """No facts but the day."""


FACTS: Mapping[Step, type[Facts]] = {
    **dict.fromkeys(Step, Nothing),
    Step.RECEIVED: Received,
    Step.IDENTITY_ASKED: IdentityAsked,
    Step.FOUND: Found,
    Step.EXTENDED: Extended,
    Step.DECIDED: Decided,
    Step.EXECUTED: Executed,
    Step.RECIPIENT_DUE: Recipient,
    Step.RECIPIENT_TOLD: RecipientTold,
    Step.FORWARDED: Forwarded,
    Step.LETTER: Letter,
    Step.CLOSED: Closed,
    Step.REOPENED: Reopened,
    Step.LINKED: Linked,
}

# What a step says of the request: the columns of `request` that are the desk's once it was recorded, whatever an export
# says of them.
COLUMNS: Mapping[Step, tuple[str, ...]] = {
    Step.RECEIVED: ("kind", "role", "requester", "channel", "received_on"),
    Step.TAKEN: ("handler",),
    Step.IDENTITY_ASKED: ("identity_asked_on", "identity_answered_on"),
    Step.IDENTITY_ANSWERED: ("identity_answered_on",),
    Step.EXTENDED: ("extension_notice_on", "extension_reason"),
    Step.EFFECTIVE: ("effect_on",),
    Step.EXECUTED: ("effect_on",),
    Step.FORWARDED: ("forwarded_on", "customer"),
    Step.ANSWERED: ("answered_on",),
    Step.CLOSED: ("closed_on", "outcome"),
    Step.WITHDRAWN: ("closed_on", "outcome"),
    Step.REOPENED: ("closed_on", "outcome", "clock_from"),
    Step.LINKED: ("repeats",),
}
# What begins again where the month does, whatever an export goes on saying of the time before.
_ANEW = (
    "identity_asked_on", "identity_answered_on", "extension_notice_on", "extension_reason", "effect_on", "answered_on",
)  # fmt: skip


def about(step: Step, facts: Facts) -> tuple[str, ...]:
    """The columns of `request` that a step says something of."""
    is_anew = isinstance(facts, Reopened) and facts.clock is Clock.ANEW
    return (*COLUMNS.get(step, ()), *(_ANEW if is_anew else ()))


@dataclass(frozen=True)
class Recorded:
    """A step as it was recorded. `recorded_by` is a pseudonym; None of what an export, a run or a command told.

    `step_id` is None where only an export has said it. `corrected_by` is the step that has taken its place.
    """

    step_id: int | None
    step: Step
    happened_on: dt.date
    facts: Facts
    corrects: int | None = None
    recorded_at: dt.datetime | None = None
    recorded_by: str | None = None
    corrected_by: int | None = None


def facts_from(step: Step, given: Mapping[str, Any]) -> Facts:
    """The facts of a step. Raises Refused `request_fact_wrong` with the name of the one that is missing or no such
    fact, and `request_fact_personal` for one that looks like an address or a number of a person.
    """
    try:
        facts = FACTS[step].model_validate(dict(given))
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        raise Refused("request_fact_wrong", fact=str(where[0]) if where else "-") from None
    for name, value in facts:
        if isinstance(value, str) and ledger.looks_personal(value):
            raise Refused("request_fact_personal", fact=name)
    return facts


def history(connection: sa.Connection, which: sa.ColumnElement[bool] | None = None) -> dict[int, list[Recorded]]:
    """Every recorded step of requests, also those that others correct, in the order in which they happened."""
    chosen = sa.select(request_step).order_by(request_step.c.step_id)
    rows = list(connection.execute(chosen if which is None else chosen.where(which)).mappings())
    corrected = {row["corrects"]: row["step_id"] for row in rows if row["corrects"] is not None}
    found: dict[int, list[Recorded]] = {}
    for row in rows:
        found.setdefault(row["request_id"], []).append(
            Recorded(
                row["step_id"],
                Step(row["step"]),
                row["happened_on"],
                FACTS[Step(row["step"])].model_validate_json(row["facts"]),
                row["corrects"],
                row["recorded_at"],
                row["recorded_by"],
                corrected.get(row["step_id"]),
            )
        )
    return {number: in_order(steps) for number, steps in found.items()}


def in_order(steps: Iterable[Recorded]) -> list[Recorded]:
    """By the day on which they happened; on one day, a correction stands where what it corrects stood."""
    steps = list(steps)
    first: dict[int, int] = {}
    for one in sorted(steps, key=lambda one: one.step_id or 0):
        first[one.step_id or 0] = first.get(one.corrects or 0, one.step_id or 0) if one.corrects else one.step_id or 0
    return sorted(steps, key=lambda one: (one.happened_on, first[one.step_id or 0], one.step_id or 0))


def effective(steps: Iterable[Recorded]) -> list[Recorded]:
    """The steps that count: those that no other corrects, without the corrections that only take one back."""
    return [one for one in steps if one.corrected_by is None and one.step is not Step.NOT_SO]


# A request cannot be without these; one that is closed is reopened.
_LASTING = (Step.RECEIVED, Step.CLOSED, Step.WITHDRAWN, Step.REOPENED)


def may_correct(one: Recorded) -> bool:
    """Whether the desk may put another step in the place of one: it counts, and is not the purge's nor about whom."""
    by_purge = isinstance(one.facts, Executed) and one.facts.batch is not None
    return one.corrected_by is None and one.step not in (Step.FOUND, Step.NOT_SO) and not by_purge


def may_strike(one: Recorded) -> bool:
    """Whether the desk may say of a step that it did not happen."""
    return may_correct(one) and one.step not in _LASTING


def is_acted_on(steps: Iterable[Recorded]) -> bool:
    """Whether something was decided or done for whoever a request is from."""
    return any(one.step in (Step.DECIDED, Step.EFFECTIVE, Step.EXECUTED) for one in effective(steps))


def acts(facts: Facts) -> bool:
    """Whether to decide so is to do it."""
    return isinstance(facts, Decided) and facts.decision in (Decision.RESTRICT, Decision.STOP)


def erases(kind: str, steps: Iterable[Recorded]) -> bool:
    """Whether something is to be erased: that is asked for, or was decided of somebody who objects."""
    decided = (one.facts for one in effective(steps) if isinstance(one.facts, Decided))
    return kind == Kind.ERASURE or any(one.decision is Decision.ERASE for one in decided)


def may_go_later(kind: str, outcome: str | None, steps: Iterable[Recorded]) -> bool:
    """Whether a closed erasure kept something only as long as something lasts: until a day, a hold's release, or the
    lifting of a restriction.
    """
    counted = effective(steps)
    decided = [one.facts for one in counted if isinstance(one.facts, Decided)]
    is_kept = outcome in (Outcome.PARTIAL, Outcome.REFUSED)
    return is_kept and erases(kind, counted) and any(ends(one) for one in decided)


def ends(decided: Decided) -> bool:
    """Whether what is kept by a decision is kept only as long as something lasts."""
    stays = decided.decision in (Decision.KEEP, Decision.REFUSE)
    return decided.decision is Decision.RESTRICT or (
        stays and (decided.why is Why.HOLD or decided.until_on is not None)
    )


def is_purged(steps: Iterable[Recorded]) -> bool:
    """Whether a purge has carried something out."""
    return any(isinstance(one.facts, Executed) and one.facts.batch is not None for one in effective(steps))


def has_acted(steps: Iterable[Recorded]) -> bool:
    """Whether something was done to whoever a request is from, for what the request asks."""
    return any(one.step in (Step.EFFECTIVE, Step.EXECUTED) or acts(one.facts) for one in effective(steps))


def columns_of(steps: Sequence[Recorded]) -> dict[str, Any]:
    """What steps say of their request's row: nothing of columns that none of them is about."""
    values: dict[str, Any] = dict.fromkeys(
        column for one in steps for column in about(one.step, one.facts) if column not in COLUMNS[Step.RECEIVED]
    )
    by_number = {one.step_id: one for one in steps}

    def first_by(one: Recorded) -> str | None:
        """Who recorded a step, whoever has corrected it since."""
        while one.corrects is not None:
            one = by_number[one.corrects]
        return one.recorded_by

    received = next((one for one in steps if one.step is Step.RECEIVED), None)
    if received is not None and "handler" in values:
        # Whoever entered it has it, until somebody takes it.
        values["handler"] = first_by(received)
    for one in effective(steps):
        facts, day = one.facts, one.happened_on
        match one.step:
            case Step.RECEIVED:
                assert isinstance(facts, Received)
                values |= {
                    "kind": facts.kind.value,
                    "role": facts.role.value,
                    "requester": facts.requester and facts.requester.value,
                    "channel": facts.channel.value,
                    "received_on": day,
                }
                if any(isinstance(one.facts, Received) and one.facts.customer for one in steps):
                    values["customer"] = values.get("customer") or facts.customer
            case Step.TAKEN:
                values["handler"] = first_by(one)
            case Step.IDENTITY_ASKED:
                values |= {"identity_asked_on": day, "identity_answered_on": None}
            case Step.IDENTITY_ANSWERED:
                values["identity_answered_on"] = day
            case Step.EXTENDED:
                assert isinstance(facts, Extended)
                values |= {"extension_notice_on": day, "extension_reason": facts.reason.value}
            case Step.EFFECTIVE | Step.EXECUTED:
                values["effect_on"] = values["effect_on"] or day
            case Step.FORWARDED:
                assert isinstance(facts, Forwarded)
                values |= {"forwarded_on": day, "customer": facts.customer}
            case Step.ANSWERED:
                values["answered_on"] = day
            case Step.CLOSED:
                assert isinstance(facts, Closed)
                values |= {"closed_on": day, "outcome": facts.outcome.value}
            case Step.WITHDRAWN:
                values |= {"closed_on": day, "outcome": Outcome.WITHDRAWN.value}
            case Step.REOPENED:
                assert isinstance(facts, Reopened)
                values |= {"closed_on": None, "outcome": None}
                if facts.clock is Clock.ANEW:
                    values |= {**dict.fromkeys(_ANEW), "clock_from": day}
            case Step.LINKED:
                assert isinstance(facts, Linked)
                values["repeats"] = facts.other
            case _:
                pass
    return values


def of_row(row: Mapping[str, Any], steps: Sequence[Recorded]) -> list[Recorded]:
    """The steps that only an export has told, which a request's row says and no recorded step does."""
    told = {one.step for one in steps}
    found: list[tuple[Step, dt.date | None, Facts]] = [
        (Step.RECEIVED, row["received_on"], _received(row)),
        (Step.IDENTITY_ASKED, row["identity_asked_on"], IdentityAsked(doubt=Doubt.OTHER)),
        (Step.IDENTITY_ANSWERED, row["identity_answered_on"], Nothing()),
        (
            Step.EXTENDED,
            row["extension_notice_on"] if row["extension_reason"] else None,
            Extended(reason=row["extension_reason"] or ExtensionReason.OTHER),
        ),
        (Step.FORWARDED, row["forwarded_on"], Forwarded(customer=row["customer"] or "–")),
        (Step.CLOSED, row["closed_on"], Closed(outcome=row["outcome"] or Outcome.OTHER)),
    ]
    if Step.IDENTITY_ASKED in told:
        told.add(Step.IDENTITY_ANSWERED)
    if {Step.WITHDRAWN, Step.REOPENED} & told:
        told.add(Step.CLOSED)
    return [Recorded(None, step, day, facts) for step, day, facts in found if day is not None and step not in told]


def _received(row: Mapping[str, Any]) -> Received:
    return Received(kind=row["kind"], channel=row["channel"], requester=row["requester"])


def pauses(row: Mapping[str, Any], steps: Sequence[Recorded]) -> list[Pause]:
    """When the requester was asked who they are, and answered."""
    found: list[Pause] = []
    for one in effective(steps):
        if one.step is Step.IDENTITY_ASKED:
            found.append(Pause(one.happened_on, None))
        elif one.step is Step.IDENTITY_ANSWERED and found and found[-1].answered_on is None:
            found[-1] = Pause(found[-1].asked_on, one.happened_on)
    if not found and row["identity_asked_on"] is not None:
        found = [Pause(row["identity_asked_on"], row["identity_answered_on"])]
    return found


# What may be decided of what is asked for. An objection to mailings is never refused (article 21.3).
_COMMON = (Decision.REDIRECT, Decision.NOT_IDENTIFIED, Decision.REFUSE)
DECISIONS: Mapping[Kind, tuple[Decision, ...]] = {
    Kind.ERASURE: (Decision.ERASE, Decision.KEEP, Decision.RESTRICT, *_COMMON),
    Kind.ACCESS: (Decision.HAND_OUT, *_COMMON),
    Kind.RECTIFICATION: (Decision.CORRECT, Decision.RESTRICT, *_COMMON),
    Kind.RESTRICTION: (Decision.RESTRICT, *_COMMON),
    Kind.OBJECTION: (Decision.STOP, Decision.ERASE, Decision.RESTRICT, *_COMMON),
    Kind.OPT_OUT: (Decision.STOP, Decision.REDIRECT, Decision.NOT_IDENTIFIED),
    Kind.PORTABILITY: (Decision.HAND_OUT, *_COMMON),
}
# On what ground: what a law or a claim keeps, and of what is refused what the articles name.
KEPT_BY = (Why.BOOKKEEPING, Why.OTHER_LAW, Why.CLAIMS, Why.HOLD, Why.EMPLOYMENT)
_REFUSED_BY: Mapping[Kind, tuple[Why, ...]] = {
    Kind.ERASURE: KEPT_BY,
    Kind.RECTIFICATION: (Why.ACCURATE,),
    Kind.OBJECTION: (Why.COMPELLING, Why.CLAIMS),
    Kind.PORTABILITY: (Why.NOT_PORTABLE,),
}


# On what grounds of article 18.1 somebody is restricted who asks for something: what a claim needs of what is to be
# erased, what is contested, and what waits for an objection to be weighed.
RESTRICTED_BY: Mapping[Kind, tuple[Ground, ...]] = {
    Kind.ERASURE: (Ground.NEEDED_FOR_CLAIMS, Ground.UNLAWFUL),
    Kind.RECTIFICATION: (Ground.ACCURACY_CONTESTED,),
    Kind.RESTRICTION: tuple(Ground),
    Kind.OBJECTION: (Ground.OBJECTION_PENDING,),
}


def grounds(kind: Kind, decision: Decision) -> tuple[Why, ...]:
    """On what grounds something may be decided; none where it needs no ground."""
    if decision is Decision.KEEP:
        return KEPT_BY
    if decision is Decision.REFUSE:
        return (*_REFUSED_BY.get(kind, ()), Why.UNFOUNDED, Why.EXCESSIVE)
    return ()


def check_decision(kind: Kind, decided: Decided, day: dt.date) -> None:
    """Raises Refused `request_decision_unfit` for what is no answer to what is asked for, `request_ground_missing`
    where the law wants a ground or the ground is none for it, `request_until_missing` where what is kept has no end, or
    one that has passed (a hold's end is not known), and `request_of_all` for a restriction of one category.
    """
    if decided.decision not in DECISIONS[kind]:
        raise Refused("request_decision_unfit")
    if decided.decision is Decision.RESTRICT:
        if decided.category is not None:
            raise Refused("request_of_all")
        if decided.ground not in RESTRICTED_BY[kind]:
            raise Refused("request_restriction_ground")
    elif decided.ground is not None or decided.review_on is not None:
        raise Refused("request_decision_unfit")
    wanted = grounds(kind, decided.decision)
    if (decided.why not in wanted) if wanted else decided.why is not None:
        raise Refused("request_ground_missing")
    is_dated = decided.decision is Decision.KEEP and decided.why is not Why.HOLD
    if (is_dated and decided.until_on is None) or (decided.until_on is not None and decided.until_on < day):
        raise Refused("request_until_missing")


def open_recipients(steps: Iterable[Recorded]) -> list[str]:
    """Who has to be told and has not been."""
    due: dict[str, None] = {}
    for one in effective(steps):
        if isinstance(one.facts, RecipientTold):
            due.pop(one.facts.recipient, None)
        elif isinstance(one.facts, Recipient):
            due[one.facts.recipient] = None
    return list(due)


def takes_effect_at_once(kind: str) -> bool:
    """Whether what is asked for takes effect before it is answered."""
    return kind in list(AT_ONCE)
