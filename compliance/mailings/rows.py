"""What the page shows of mailings, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from compliance.mailings import asks, state
from compliance.mailings.state import Mailed, Use, Why, Wrong
from compliance.show.columns import Row
from compliance.words.policy import Parameters
from compliance.words.texts import say


def sent_row(row: asks.Sent, found: Mailed, sources: Mapping[str, str], language: str) -> Row:
    """A mailing."""
    wrong = [one for one in found.wrong if (one.source, one.mailing_key) == (row.source, row.mailing_key or "")]
    use = say(f"mailing_use.{Use(row.use)}", language) if row.use else say("common.unknown", language)
    return {
        "mailing_called": row.mailing_key or "–",
        "source_name": sources.get(row.source, row.source),
        "mailing_use": f"▲ {use}" if row.use == Use.OTHER else use,
        "mailing_first": row.first_sent_on,
        "mailing_last": row.last_sent_on,
        "mailing_sends": row.sends,
        "mailing_wrong": "; ".join(_wrong(one, language) for one in wrong),
    }


def _wrong(one: Wrong, language: str) -> str:
    return say("mailings.wrong", language, sends=one.sends, why=say(f"mailing_why.{Why(one.why)}", language))


def opt_out_row(row: asks.OptOuts, parameters: Parameters, as_of: dt.date, language: str) -> Row:
    """Opt-outs of one day."""
    if row.received_on is None:
        state_told = "unknown"
    elif state.is_late(row, parameters, as_of):
        state_told = "late"
    else:
        state_told = "waiting" if row.effective_on is None else "in_time"
    signs = {"late": "▲ ", "in_time": "● "}
    return {
        "opt_out_asked": row.received_on,
        "opt_out_acts": row.effective_on,
        "opt_out_days": state.days_to_effect(row),
        "opt_out_count": row.opt_outs,
        "opt_out_state": signs.get(state_told, "") + say(f"opt_out_state.{state_told}", language),
    }


def unmailed_row(row: asks.Unmailed, language: str) -> Row:
    """Persons of a category to whom nothing was sent."""
    return {
        "category": say(f"category.{row.category}", language),
        "unmailed_persons": row.persons,
        "unmailed_opted_out": row.opted_out,
        "unmailed_without": row.without_address,
    }


def sentence(found: Mailed, language: str) -> tuple[str, bool]:
    """How things stand, in one sentence, and whether something was sent that should not have been."""
    if not found.is_known:
        return say("mailings.sentence_unknown", language), False
    wrong = sum(one.sends for one in found.wrong)
    if wrong:
        return say("mailings.sentence_wrong", language, sends=wrong, since=found.since.isoformat()), True
    return say("mailings.sentence_well", language, since=found.since.isoformat()), False
