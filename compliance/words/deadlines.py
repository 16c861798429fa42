"""Dates that the law and the policy set, each a pure function of what it is given.

Counting follows Regulation 1182/71 as the Swedish authority applies it: a month ends on the same date, or on
the last day of a shorter month; a last day on a Saturday, Sunday or public holiday moves to the next
working day. Retention ceilings never move. Hours of a breach are elapsed hours.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays
from holidays.constants import DE_FACTO, PUBLIC

from compliance.words.policy import Parameters

# So many days, the day itself included, are a figure over a period of.
PERIOD_DAYS = 30
STOCKHOLM = ZoneInfo("Europe/Stockholm")
_DECLARED_COOKIE = re.compile(r"pe(#|\d+)")


class RequestState(StrEnum):
    """Where a request stands, in the order in which the states win."""

    CLOSED = "CLOSED"
    REDIRECTED = "REDIRECTED"
    PAUSED = "PAUSED"
    OVERDUE = "OVERDUE"
    DUE_SOON = "DUE_SOON"
    OPEN = "OPEN"


@dataclass(frozen=True)
class Pause:
    """The requester was asked who they are, and answered or has not yet."""

    asked_on: dt.date
    answered_on: dt.date | None


@dataclass(frozen=True)
class RequestDeadline:
    """When a request must be answered.

    `nominal_on` is `due_on` before the move to a working day. `provisional`: a pause is still running, counted up to
    the day on which this is seen, so the date moves later day by day.
    """

    due_on: dt.date
    nominal_on: dt.date
    pause_days: int
    extension_valid: bool
    internal_target_on: dt.date
    provisional: bool


def add_months(day: dt.date, months: int) -> dt.date:
    """The same date `months` later, or the last day of that month. Always add to the original date."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def local_date(instant: dt.datetime) -> dt.date:
    """The date in Stockholm of an instant with a time zone."""
    return instant.astimezone(STOCKHOLM).date()


@cache
def _public_holidays(year: int, eves: bool) -> frozenset[dt.date]:
    categories = (PUBLIC, DE_FACTO) if eves else (PUBLIC,)
    return frozenset(holidays.country_holidays("SE", years=year, categories=categories))


def is_working_day(day: dt.date, *, eves: bool = False) -> bool:
    """Whether `day` is neither Saturday, Sunday, Swedish public holiday nor, with `eves`, one of the eves."""
    return day.weekday() < 5 and day not in _public_holidays(day.year, eves)


@lru_cache(maxsize=4096)
def next_working_day(day: dt.date, *, eves: bool = False) -> dt.date:
    """`day` itself if it is a working day, else the next one."""
    while not is_working_day(day, eves=eves):
        day += dt.timedelta(days=1)
    return day


# Of each open request on every page that tells of them.
@lru_cache(maxsize=4096)
def add_working_days(day: dt.date, count: int, *, eves: bool = False) -> dt.date:
    """The `count`-th working day after `day`."""
    for _ in range(count):
        day = next_working_day(day + dt.timedelta(days=1), eves=eves)
    return day


def request_deadline(
    received_on: dt.date,
    parameters: Parameters,
    *,
    pauses: Iterable[Pause] = (),
    extension_notice_on: dt.date | None = None,
    extension_reason: str | None = None,
    seen_on: dt.date | None = None,
) -> RequestDeadline:
    """When a request received on a Stockholm date must be answered (GDPR articles 12.3 and 12.6).

    A pause counts only if identity was asked for without undue delay; paused days are added before the last
    day is rolled, once. One that nobody has answered counts up to `seen_on`, without which it counts no day yet.
    An extension counts only with a reason and a notice sent by the first deadline.
    """
    eves = parameters.eves_as_holidays
    latest_ask = add_working_days(received_on, parameters.id_ask_max_working_days, eves=eves)
    counted = [pause for pause in pauses if pause.asked_on <= latest_ask]
    pause_days = _paused_days(received_on, counted, seen_on)

    def nominal(months: int) -> dt.date:
        return add_months(received_on, months) + dt.timedelta(days=pause_days)

    last = nominal(parameters.request_months)
    in_time = extension_notice_on is not None and extension_notice_on <= next_working_day(last, eves=eves)
    extended = in_time and bool((extension_reason or "").strip())
    if extended:
        # Counted from receipt, not from the first deadline: the two differ at the end of a short month.
        last = nominal(parameters.request_months + parameters.extension_months)
    return RequestDeadline(
        due_on=next_working_day(last, eves=eves),
        nominal_on=last,
        pause_days=pause_days,
        extension_valid=extended,
        internal_target_on=received_on + dt.timedelta(days=parameters.internal_target_days),
        provisional=any(pause.answered_on is None for pause in counted),
    )


def _paused_days(received_on: dt.date, pauses: Iterable[Pause], seen_on: dt.date | None) -> int:
    """Days on which at least one question was open: overlapping pauses count once, and a pause whose answer precedes
    its question gives nothing and takes nothing."""
    days, counted_to = 0, received_on
    for pause in sorted(pauses, key=lambda pause: pause.asked_on):
        until = pause.answered_on or seen_on
        if until is not None:
            days += max(0, (until - max(pause.asked_on, counted_to)).days)
            counted_to = max(counted_to, until)
    return days


def request_state(
    deadline: RequestDeadline,
    as_of: dt.date,
    parameters: Parameters,
    *,
    closed_on: dt.date | None,
    redirected: bool = False,
) -> RequestState:
    """The state on `as_of` of a request with that deadline."""
    if closed_on is not None and closed_on <= as_of:
        return RequestState.CLOSED
    if redirected:
        return RequestState.REDIRECTED
    if deadline.provisional:
        return RequestState.PAUSED
    if as_of > deadline.due_on:
        return RequestState.OVERDUE
    if (deadline.due_on - as_of).days <= parameters.due_soon_days:
        return RequestState.DUE_SOON
    return RequestState.OPEN


def redirect_due_on(received_on: dt.date, parameters: Parameters) -> dt.date:
    """When a request that belongs to a customer must have been passed on (GDPR article 28.3 e)."""
    return add_working_days(received_on, parameters.redirect_working_days, eves=parameters.eves_as_holidays)


def notice_due_on(obtained_on: dt.date, first_contact_on: dt.date | None) -> dt.date:
    """When somebody whose data came from elsewhere must have been told (GDPR article 14.3); never rolled."""
    month = add_months(obtained_on, 1)
    return min(month, first_contact_on) if first_contact_on else month


def first_instant(local: dt.datetime) -> dt.datetime:
    """A Stockholm wall-clock time as an instant; of a time that happens twice, the first."""
    return local.replace(tzinfo=STOCKHOLM, fold=0).astimezone(dt.UTC)


def breach_due_at(aware_at: dt.datetime, parameters: Parameters) -> dt.datetime:
    """The latest instant to notify the authority (GDPR article 33.1): elapsed hours, no roll."""
    return aware_at.astimezone(dt.UTC) + dt.timedelta(hours=parameters.breach_hours)


def controller_due_at(aware_at: dt.datetime, parameters: Parameters) -> dt.datetime:
    """The latest instant to tell a customer of a breach in its environment (GDPR article 33.2)."""
    return aware_at.astimezone(dt.UTC) + dt.timedelta(hours=parameters.processor_breach_hours)


def supplement_due_at(notified_at: dt.datetime, parameters: Parameters) -> dt.datetime:
    """Until when the authority waits for what a notification announced, as it says itself."""
    return notified_at.astimezone(dt.UTC) + dt.timedelta(weeks=parameters.supplement_weeks)


def nis2_warning_due_at(aware_at: dt.datetime, parameters: Parameters) -> dt.datetime:
    """The latest instant of the early warning (directive 2022/2555, article 23.4 a)."""
    return aware_at.astimezone(dt.UTC) + dt.timedelta(hours=parameters.nis2_warning_hours)


def nis2_notification_due_at(aware_at: dt.datetime, parameters: Parameters) -> dt.datetime:
    """The latest instant of the notification (article 23.4 b)."""
    return aware_at.astimezone(dt.UTC) + dt.timedelta(hours=parameters.nis2_notification_hours)


def nis2_report_due_at(notified_at: dt.datetime, parameters: Parameters) -> dt.datetime:
    """The latest instant of the final report, a month after the notification by Stockholm's clock (article 23.4 d)."""
    local = notified_at.astimezone(STOCKHOLM)
    day = add_months(local.date(), parameters.nis2_report_months)
    return first_instant(dt.datetime.combine(day, local.time()))


def cookie_expires_at(set_at: dt.datetime, parameters: Parameters) -> dt.datetime:
    """The latest instant a cookie first set at `set_at` may live."""
    return set_at.astimezone(dt.UTC) + dt.timedelta(days=parameters.cookie_max_days)


def cookie_declared(name: str) -> bool:
    """Whether the privacy policy declares a cookie of that name: pe and digits, or a literal #."""
    return _DECLARED_COOKIE.fullmatch(name) is not None


def voucher_keep_until(fiscal_year_end: dt.date, years: int = 7) -> dt.date:
    """The last day a voucher must be kept (bokföringslagen 7:2)."""
    return dt.date(fiscal_year_end.year + years, 12, 31)


def review_due_on(reviewed_on: dt.date, days: int) -> dt.date:
    """When something reviewed on a day must be reviewed again."""
    return reviewed_on + dt.timedelta(days=days)


def backup_gone_on(erased_on: dt.date, parameters: Parameters) -> dt.date:
    """When backups no longer hold what was erased from the live systems."""
    return erased_on + dt.timedelta(days=parameters.backup_window_days)


def former_role_before(as_of: dt.date, parameters: Parameters) -> dt.date:
    """The day on which, or before, a contact must have left a role to be reviewed by now."""
    return add_months(as_of, -parameters.former_role_review_months)


def since(as_of: dt.date) -> dt.date:
    """The day after which the last PERIOD_DAYS begin, which figures over a period are of."""
    return as_of - dt.timedelta(days=PERIOD_DAYS)
