"""What one act goes by: who acts, on which register, by which rules, and when."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from compliance import access, ledger
from compliance.access import Actor, rules
from compliance.words import settings as settings_of
from compliance.words.policy import Parameters, Policy
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Permission


@dataclass(frozen=True)
class At:
    """One act. Made at the click, where who acts is asked again, and kept for none after it.

    `now` is the instant of the whole act: every line that it writes to the ledger has it, and `today` is its day.
    `actor` is None where nobody acts, as for cron.
    """

    settings: Settings
    register: sa.Engine
    actor: Actor | None
    policy: Policy
    parameters: Parameters
    now: dt.datetime
    today: dt.date

    @property
    def author(self) -> ledger.Author | None:
        """How the ledger names who acts; None for nobody."""
        return self.actor.author if self.actor else None

    def again(self, now: dt.datetime) -> At:
        """Another act of the same, at `now`: for a run that goes on for long. By the rules of that day, where it is
        another one. Raises what compliance.access.rules.in_force does.
        """
        today = settings_of.today(self.settings, now)
        again = dataclasses.replace(self, now=now, today=today)
        return again if today == self.today else again.by_rules_of(today)

    def by_rules_of(self, day: dt.date) -> At:
        """The same act by the rules of a day. Raises what compliance.access.rules.in_force does."""
        found = rules.in_force(self.settings, self.register, day)
        return dataclasses.replace(self, policy=found.policy, parameters=found.parameters)

    def require(self, permission: Permission) -> Actor:
        """Who acts. Raises Refused `not_allowed` where they may not, `not_signed_in` where it is nobody."""
        if self.actor is None:
            raise Refused("not_signed_in")
        access.require(self.actor, permission)
        return self.actor

    def require_of_all(self, permission: Permission) -> Actor:
        """Who acts, of all categories. Raises Refused as `require`, and `not_allowed` where they may in some only."""
        actor = self.require(permission)
        if actor.categories is not None:
            raise Refused("not_allowed", permission=permission.value, role=actor.role.value)
        return actor

    def require_one_of(self, *permissions: Permission) -> Actor:
        """Who acts, where they may any of it. Raises Refused as `require`, for the first of them."""
        held = (one for one in permissions if self.actor is not None and access.may(self.actor, one))
        return self.require(next(held, permissions[0]))

    def require_nobody(self) -> None:
        """That it is the command line or cron that acts. Raises Refused `command_line_only` for somebody, whoever."""
        if self.actor is not None:
            raise Refused("command_line_only")


def at_command(settings: Settings, register: sa.Engine, now: dt.datetime) -> At:
    """An act of the command line or of cron, by nobody, by the rules of the day.

    Raises what compliance.access.rules.in_force does.
    """
    today = settings_of.today(settings, now)
    found = rules.in_force(settings, register, today)
    return At(settings, register, None, found.policy, found.parameters, now, today)
