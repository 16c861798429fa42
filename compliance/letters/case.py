"""A letter about a request: which one comes next, and what its facts are called in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from compliance.letters import wording
from compliance.letters.wording import MISSING, Kind, Letter
from compliance.requests.facts import RequestFacts
from compliance.requests.steps import Decided, Executed
from compliance.requests.tables import Decision, ExtensionReason, Outcome
from compliance.requests.tables import Kind as Asked
from compliance.words.deadlines import request_deadline
from compliance.words.policy import Parameters
from compliance.words.settings import Settings
from compliance.words.texts import listed, say
from compliance.words.vocabulary import Category

_OF_OUTCOME = {
    Outcome.PARTIAL: Kind.PARTLY,
    Outcome.REFUSED: Kind.REFUSED,
    Outcome.REDIRECTED: Kind.REDIRECTION,
    Outcome.NOT_IDENTIFIED: Kind.NOT_IDENTIFIED,
    Outcome.NOT_FOUND: Kind.NOT_FOUND,
}
_OF_ASKED = {
    Asked.ERASURE: Kind.DONE,
    Asked.ACCESS: Kind.ACCESS,
    Asked.PORTABILITY: Kind.ACCESS,
    Asked.RECTIFICATION: Kind.RECTIFIED,
    Asked.RESTRICTION: Kind.RESTRICTED,
    Asked.OBJECTION: Kind.OPT_OUT,
    Asked.OPT_OUT: Kind.OPT_OUT,
}
_ENDS = (Kind.REDIRECTION, Kind.NOT_IDENTIFIED, Kind.NOT_FOUND, Kind.PARTLY, Kind.REFUSED)
# What is kept or refused of a request.
_STAYS = (Decision.KEEP, Decision.RESTRICT)


class _Gap(str):
    """A fact that is not known, as it stands in the text for somebody to fill in; in a condition it is not there."""

    def __bool__(self) -> bool:
        return False


def fitting(of: RequestFacts) -> list[Kind]:
    """The letters that a request may need, that which comes next first."""
    if of.role == "processor":
        return [Kind.REDIRECTION, Kind.RECEIPT]
    own = _OF_ASKED[Asked(of.kind)]
    kinds = [
        Kind.RECEIPT, Kind.IDENTITY, Kind.EXTENSION, own, Kind.PARTLY, Kind.REFUSED, Kind.NOT_IDENTIFIED,
        Kind.NOT_FOUND, Kind.RESTRICTED, Kind.LIFTED,
    ]  # fmt: skip
    return list(dict.fromkeys([_next(of, own), *kinds]))


def _next(facts: RequestFacts, own: Kind) -> Kind:
    sent = {letter.letter for _, letter in facts.letters}
    if facts.outcome in _OF_OUTCOME:
        return _OF_OUTCOME[Outcome(facts.outcome)]
    if facts.identity_asked_on is not None and facts.identity_answered_on is None:
        return Kind.NOT_IDENTIFIED if facts.standing.unidentified else Kind.IDENTITY
    if facts.extension_notice_on is not None and Kind.EXTENSION not in sent and not facts.decided:
        return Kind.EXTENSION
    decisions = {one.decision for one in facts.decided}
    if Decision.NOT_IDENTIFIED in decisions:
        return Kind.NOT_IDENTIFIED
    if decisions and decisions <= {Decision.REFUSE}:
        return Kind.REFUSED
    if Decision.REFUSE in decisions or (decisions & set(_STAYS) and facts.kind == Asked.ERASURE):
        return Kind.PARTLY
    if decisions or facts.outcome is not None or facts.effect_on is not None:
        return own
    return Kind.RECEIPT


def write(
    settings: Settings, facts: RequestFacts, kind: Kind, language: str, parameters: Parameters, today: dt.date,
    name: str | None,
) -> Letter:  # fmt: skip
    """A letter filled in by the facts of a case; what is not known stands in it as a gap (`gaps`). `name` is who it is
    to, where the reader has asked for that.

    Raises Refused as compliance.letters.wording.fill does.
    """
    return wording.fill(settings, kind, language, _values(facts, language, parameters, today, name))


def gaps(letter: Letter, language: str) -> list[str]:
    """What is still to be filled in, as it stands in the letter."""
    begins = say("letter.gap", language, what="")[:-1]
    whole = f"{letter.heading}\n{letter.text}"
    return [begins + part.partition("]")[0] + "]" for part in whole.split(begins)[1:]]


def _values(
    facts: RequestFacts, language: str, parameters: Parameters, today: dt.date, name: str | None
) -> dict[str, Any]:
    def missing(word: str) -> str:
        return _Gap(say("letter.gap", language, what=say(f"letter_word.{word}", language)))

    known: dict[str, Any] = {
        "greeting": say("letter.greeting", language, name=name) if name else say("letter.greeting_nobody", language),
        "number": str(facts.number),
        "request": say(f"letter_request.{facts.kind}", language),
        "today": today,
        "received_on": facts.received_on,
        # A day that has passed is nothing to promise.
        "due_on": _ahead(facts.due_on, today),
        "doubt": say(f"letter_doubt.{facts.doubt}", language) if facts.doubt not in (None, "other") else None,
        "identity_asked_on": facts.identity_asked_on,
        "identity_answer_by": _ahead(
            (facts.identity_asked_on or today) + dt.timedelta(days=parameters.identity_wait_days), today
        ),
        "extended_to": facts.extended_to or _if_extended(facts, parameters, today),
        "extension_reason": _reason(facts.extension_reason, language),
        "customer": facts.customer,
        "forwarded_on": facts.forwarded_on,
        "effect_on": facts.effect_on,
        # Of a restriction that is about to end nobody has recorded a day yet.
        "lifted_on": None,
        "backups_until": _carried_out(facts, today) + dt.timedelta(days=parameters.backup_window_days),
    }
    values = {word: missing(word) if value is None else value for word, value in known.items()}
    return {
        **{word: str(value) if isinstance(value, dt.date) else value for word, value in values.items()},
        "erased": _erased(facts, language),
        "rest_erased": _is_rest_erased(facts),
        "kept": _items((one for one in facts.decided if one.decision in _STAYS), language, missing),
        "refused": _items((one for one in facts.decided if one.decision is Decision.REFUSE), language, missing),
        "recipients_open": list(facts.recipients_open),
        MISSING: missing,
    }


def _reason(reason: str | None, language: str) -> str | None:
    return None if reason in (None, ExtensionReason.OTHER) else say(f"letter_extension.{reason}", language)


def _ahead(day: dt.date, today: dt.date) -> dt.date | None:
    return day if day >= today else None


def _if_extended(facts: RequestFacts, parameters: Parameters, today: dt.date) -> dt.date | None:
    """The day that an extension would give which is told today; None where it is too late to tell."""
    found = request_deadline(
        facts.standing.starts_on, parameters, pauses=facts.standing.pauses, extension_notice_on=today,
        extension_reason=ExtensionReason.COMPLEX, seen_on=today,
    )  # fmt: skip
    return found.due_on if found.extension_valid else None


def _carried_out(facts: RequestFacts, today: dt.date) -> dt.date:
    days = [one.happened_on for one in facts.shown if isinstance(one.facts, Executed) and one.corrected_by is None]
    return max(days, default=today)


def _erased(facts: RequestFacts, language: str) -> str:
    """The capacities in which somebody was erased; empty for all."""
    if _is_rest_erased(facts):
        return ""
    categories = [one.category for one in facts.decided if one.decision is Decision.ERASE and one.category is not None]
    return listed([_inner(say(f"category.{one}", language)) for one in dict.fromkeys(categories)], language)


def _is_rest_erased(facts: RequestFacts) -> bool:
    """Whether all that was not kept was erased: it was decided so, or a purge went without a word on
    what of it.
    """
    erased = [one.category for one in facts.decided if one.decision is Decision.ERASE]
    return None in erased or bool(facts.purges and not erased)


def _items(decided: Iterable[Decided], language: str, missing: Callable[[str], str]) -> list[dict[str, Any]]:
    return [
        {
            "what": _what(one.category, language),
            "why": say(f"letter_why.{one.why}", language) if one.why is not None
            else say(f"letter_ground.{one.ground}", language) if one.ground is not None
            else missing("why"),
            "until": None if one.until_on is None else str(one.until_on),
        }
        for one in decided
    ]  # fmt: skip


def _what(category: Category | None, language: str) -> str:
    if category is None:
        return say("letter.all", language)
    if category is Category.VOUCHER:
        # Nobody is one.
        return say("letter.what_vouchers", language)
    return say("letter.what", language, category=_inner(say(f"category.{category}", language)))


def _inner(word: str) -> str:
    """A word as it stands within a sentence."""
    return word[:1].lower() + word[1:]
