"""How each grant and environment stands on a day: by what the exports say and by what people decided."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import sqlalchemy as sa

from compliance.access.at import At
from compliance.environments import asks
from compliance.environments.asks import CustomerTime, EnvironmentRow, GrantRow
from compliance.environments.sessions import digest_of
from compliance.environments.tables import OrderState, access_session, grant_review, revocation
from compliance.reading.copy import Reading
from compliance.words import keys
from compliance.words.deadlines import local_date, review_due_on
from compliance.words.keys import Key
from compliance.words.policy import Parameters

_DAY = dt.timedelta(days=1)


class Access(StrEnum):
    """How a grant stands. Texts: `access_state.<value>`."""

    OPEN = "open"
    # Past its last day, and nothing says that it was revoked.
    EXPIRED = "expired"
    REVOKED = "revoked"
    PLANNED = "planned"


@dataclass(frozen=True)
class Review:
    """What somebody decided of a grant. Who is a pseudonym."""

    is_kept: bool
    reason: str
    at: dt.datetime
    by: str
    role: str
    holder_digest: str | None


@dataclass(frozen=True)
class Order:
    """What the owner of a system is to revoke, and what an export says of it."""

    revocation_id: int
    source: str
    dataset: str
    grant_key: str
    environment_key: str | None
    state: OrderState
    asked_at: dt.datetime
    fetched_at: dt.datetime | None
    decided_at: dt.datetime | None


@dataclass(frozen=True)
class Grant:
    """A grant on a day. `reviews` are those of who holds it, the last one last; `order` is the newest to revoke it.

    `review_due` is None where nobody can say from when it counts. `uncovered_days` are the days of access on which the
    customer had no contract, None where either is not known; `uncovered_since` is from when on today is such a day.
    """

    row: GrantRow
    as_of: dt.date
    access: Access
    environment: EnvironmentRow | None
    reviews: tuple[Review, ...]
    order: Order | None
    review_due: dt.date | None
    uncovered_days: int | None
    uncovered_since: dt.date | None
    has_contract: bool | None

    @property
    def known_as(self) -> tuple[str, str]:
        """What tells it from all others: its source, and its key there."""
        return self.row.source, self.row.grant_key

    @property
    def is_open(self) -> bool:
        """Whether it lets somebody in, as far as anybody knows: past its last day too, until it was revoked."""
        return self.access in (Access.OPEN, Access.EXPIRED)

    @property
    def last_day(self) -> dt.date | None:
        """The last day on which it lets somebody in, as it was given and taken back; None where there is none."""
        return min((day for day in (self.row.valid_until, self.row.revoked_on) if day is not None), default=None)

    def covers(self, day: dt.date) -> bool:
        """Whether it let somebody in on a day, as far as it says."""
        begun = self.row.granted_on is None or self.row.granted_on <= day
        return begun and (self.last_day is None or day <= self.last_day)

    @property
    def days_past_review(self) -> int | None:
        """Days past the day of its review, negative before; None where that is not known."""
        return None if self.review_due is None else (self.as_of - self.review_due).days

    @property
    def who(self) -> tuple[str, str]:
        """Whose it is, so that two grants of one person are seen to be; one of nobody known is a person of its own."""
        if self.row.person_id is not None:
            return "person", self.row.person_id
        return ("told", self.row.holder) if self.row.holder is not None else ("grant", "/".join(self.known_as))

    @property
    def is_self_approved(self) -> bool:
        """Whether who holds it approved it."""
        same = self.row.approver is not None and self.row.approver == self.row.holder
        return same or (self.row.approver_id is not None and self.row.approver_id == self.row.person_id)


@dataclass(frozen=True)
class Session:
    """A time in which somebody was in an environment, with the grants that may have let them in: those of the same
    account, or of who it was. `is_known` is whether anybody can say whose it was.
    """

    reference: str
    environment_key: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    ticket: str | None
    grants: tuple[Grant, ...]
    is_known: bool

    def ran_beyond(self, as_of: dt.date) -> dt.date | None:
        """The last day of its grant where it went on after that; None where it did not."""
        begun, ended = local_date(self.started_at), local_date(self.ended_at) if self.ended_at else as_of
        lasts = [one.last_day for one in self.grants if one.covers(begun)]
        if not lasts or None in lasts:
            return None
        last = max(day for day in lasts if day is not None)
        return last if ended > last else None

    @property
    def is_granted(self) -> bool:
        """Whether a grant let somebody in on the day on which it began."""
        return any(one.covers(local_date(self.started_at)) for one in self.grants)


@dataclass(frozen=True)
class Room:
    """All grants and environments on a day, as they are known. `staff` is how many persons are of staff; `sessions` are
    those since the time that a review looks back on.
    """

    as_of: dt.date
    grants: tuple[Grant, ...]
    environments: tuple[EnvironmentRow, ...]
    orders: tuple[Order, ...]
    staff: int
    parameters: Parameters = field(repr=False)
    sessions: tuple[Session, ...] = ()

    @cached_property
    def open_grants(self) -> tuple[Grant, ...]:
        """Those that let somebody in."""
        return tuple(one for one in self.grants if one.is_open)

    @cached_property
    def by_environment(self) -> Mapping[str, tuple[Grant, ...]]:
        """The open grants of each environment, by its key."""
        found: dict[str, list[Grant]] = defaultdict(list)
        for one in self.open_grants:
            if one.row.environment_key is not None:
                found[one.row.environment_key].append(one)
        return {key: tuple(some) for key, some in found.items()}

    @property
    def open_environments(self) -> tuple[EnvironmentRow, ...]:
        """Those that are not closed."""
        return tuple(one for one in self.environments if one.closed_on is None or one.closed_on > self.as_of)

    @property
    def share_of_staff(self) -> float | None:
        """The share of staff that holds any grant; None where nobody of staff is known."""
        holders = {one.row.person_id for one in self.open_grants if one.row.holder_is == "staff"}
        return len(holders) / self.staff if self.staff else None

    def shared_accounts(self) -> dict[tuple[str, str], tuple[Grant, ...]]:
        """The open grants of accounts that more than one person has, by environment and account."""
        found: dict[tuple[str, str], list[Grant]] = defaultdict(list)
        for one in self.open_grants:
            if one.row.account is not None:
                found[(one.row.environment_key or "", one.row.account.casefold())].append(one)
        return {key: tuple(some) for key, some in found.items() if len({one.who for one in some}) > 1}

    def crowded(self) -> dict[str, int]:
        """How many persons may enter each environment that more may enter than a parameter says."""
        counted = {key: len({one.who for one in some}) for key, some in self.by_environment.items()}
        return {key: persons for key, persons in counted.items() if persons > self.parameters.env_staff_max}


def room(at: At, reading: Reading, *, named: bool) -> Room:
    """Everything on the day of a reading, with names where they are wanted. Raises what the key of pseudonyms does."""
    environments = tuple(reading.rows(asks.ENVIRONMENT_STATES))
    rows = reading.rows(asks.GRANTS_HELD, named=named, reader=None)
    times: dict[str, list[CustomerTime]] = defaultdict(list)
    for time in reading.rows(asks.CUSTOMER_TIMES):
        times[time.org_id].append(time)
    reviews, orders = decided(at.register)
    # Of each grant the newest.
    newest = {(one.source, one.grant_key): one for one in orders}
    places: dict[str, list[EnvironmentRow]] = defaultdict(list)
    for one in environments:
        places[one.environment_key].append(one)
    # Made where there is nobody to tell apart yet, a key would be made for nothing.
    pseudonyms = keys.pseudonyms(at.settings) if reviews else None
    grants = tuple(
        _grant(
            row,
            reading.as_of,
            places.get(row.environment_key or "", ()),
            times,
            reviews,
            newest,
            at.parameters,
            pseudonyms,
        )
        for row in rows
    )
    staff = reading.one(asks.STAFF_COUNT).staff
    sessions = tuple(_sessions(at, grants, reading.as_of))
    return Room(reading.as_of, grants, environments, tuple(orders), staff, at.parameters, sessions)


def _sessions(at: At, grants: Sequence[Grant], as_of: dt.date) -> Iterator[Session]:
    """The sessions of the time that a review looks back on, the newest first."""
    since = as_of - dt.timedelta(days=at.parameters.grant_review_days)
    with at.register.connect() as connection:
        newest_first = sa.select(access_session).order_by(access_session.c.started_at.desc())
        rows = [row for row in connection.execute(newest_first) if since <= local_date(row.started_at) <= as_of]
    if not rows:
        return
    pseudonyms = keys.pseudonyms(at.settings)
    by_who: dict[tuple[str, str], list[Grant]] = defaultdict(list)
    unsure = set()
    for one in grants:
        place = one.row.environment_key or ""
        # Who was erased is called by another word there than in a log of before.
        if one.row.holder_erased:
            unsure.add(place)
        digests = {digest_of(pseudonyms, one.row.account, None) if one.row.account else None}
        digests.add(digest_of(pseudonyms, None, one.row.holder) if one.row.holder else None)
        for digest in digests - {None}:
            by_who[(place, str(digest))].append(one)
    for row in rows:
        found = tuple(by_who[(row.environment_key, row.who_digest)])
        yield Session(
            row.reference, row.environment_key, row.started_at, row.ended_at, row.ticket, found,
            bool(found) or row.environment_key not in unsure,
        )  # fmt: skip


def decided(register: sa.Engine) -> tuple[dict[tuple[str, str], list[Review]], list[Order]]:
    """All reviews by grant, in their order, and all orders, the newest last."""
    reviews: dict[tuple[str, str], list[Review]] = defaultdict(list)
    with register.connect() as connection:
        for row in connection.execute(sa.select(grant_review).order_by(grant_review.c.review_id)):
            reviews[(row.source, row.grant_key)].append(
                Review(row.is_kept, row.reason, row.reviewed_at, row.reviewed_by, row.reviewed_role, row.holder_digest)
            )
        orders = [
            Order(
                row.revocation_id, row.source, row.dataset, row.grant_key, row.environment_key, OrderState(row.state),
                row.asked_at, row.fetched_at, row.decided_at,
            )
            for row in connection.execute(sa.select(revocation).order_by(revocation.c.revocation_id))
        ]  # fmt: skip
    return reviews, orders


def holder_digest(pseudonyms: Key, holder: str | None) -> str | None:
    """How a review remembers whom it was about."""
    return None if holder is None else pseudonyms.digest(f"holder|{holder}")


def access_of(row: GrantRow, as_of: dt.date) -> Access:
    """How a grant stands. One of which it cannot be read whether it was revoked is not taken for revoked."""
    if row.revoked_on is not None and row.revoked_on <= as_of:
        return Access.REVOKED
    if row.granted_on is not None and row.granted_on > as_of:
        return Access.PLANNED
    return Access.EXPIRED if row.valid_until is not None and row.valid_until < as_of else Access.OPEN


def review_due(row: GrantRow, reviews: Iterable[Review], as_of: dt.date, parameters: Parameters) -> dt.date | None:
    """By when a grant is to be reviewed: counted from its last review here or at its source, else from when it was
    given. A day to come is no day on which anybody has looked.
    """
    looked = [local_date(one.at) for one in reviews]
    looked += [row.reviewed_on] if row.reviewed_on is not None and row.reviewed_on <= as_of else []
    if not looked and row.granted_on is not None and row.granted_on <= as_of:
        looked.append(row.granted_on)
    return review_due_on(max(looked), parameters.grant_review_days) if looked else None


def uncovered(
    starts_on: dt.date, last: dt.date, times: Iterable[tuple[dt.date, dt.date | None]]
) -> tuple[int, dt.date | None]:
    """On how many days from the first to the last no time covers the day, and since when that is so on the last day
    (None where it is covered). Times may overlap.
    """
    days, reached = 0, starts_on - _DAY
    for begins, ends in sorted(times, key=lambda one: one[0]):
        end = last if ends is None else min(ends, last)
        if begins > last:
            break
        if end <= reached:
            continue
        days += max(0, (begins - reached).days - 1)
        reached = end
    days += max(0, (last - reached).days)
    return days, None if reached >= last else reached + _DAY


def _grant(
    row: GrantRow,
    as_of: dt.date,
    places: Collection[EnvironmentRow],
    times: Mapping[str, Sequence[CustomerTime]],
    reviews: Mapping[tuple[str, str], Sequence[Review]],
    orders: Mapping[tuple[str, str], Order],
    parameters: Parameters,
    pseudonyms: Key | None,
) -> Grant:
    known_as = row.source, row.grant_key
    own: tuple[Review, ...] = ()
    if pseudonyms is not None and known_as in reviews:
        digest = holder_digest(pseudonyms, row.holder)
        own = tuple(one for one in reviews[known_as] if one.holder_digest == digest)
    environment = next(iter(places)) if len(places) == 1 else None
    spans = times.get(environment.org_id or "", ()) if environment is not None else ()
    access = access_of(row, as_of)
    days: int | None = None
    since: dt.date | None = None
    if spans:
        last = row.revoked_on if access is Access.REVOKED and row.revoked_on is not None else as_of
        begun = row.granted_on
        days, since = uncovered(begun or last, last, [(one.starts_on, one.ends_on) for one in spans])
        if begun is None:
            # That today is not covered is known, and not for how long.
            days = None
        elif begun > last:
            days, since = 0, None
    return Grant(
        row=row,
        as_of=as_of,
        access=access,
        environment=environment,
        reviews=own,
        order=orders.get(known_as),
        review_due=review_due(row, own, as_of, parameters),
        uncovered_days=days,
        uncovered_since=since,
        has_contract=(since is None) if spans else None,
    )
