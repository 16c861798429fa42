"""Who may do what. Roles come by e-mail address from the configuration; every service asks again."""

from __future__ import annotations

import datetime as dt
import ipaddress
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from compliance import ledger
from compliance.access import limits
from compliance.access.sign_in import Account, Identity
from compliance.access.tables import actor as actor_table
from compliance.register.engine import writing
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.vocabulary import Category, Permission, Role

if TYPE_CHECKING:
    from compliance.access.at import At

_FIGURES = frozenset({Permission.SEE_FIGURES, Permission.EXTRACT_FIGURES})
_PERSONS = frozenset({Permission.SEE_PERSONS, Permission.EXTRACT_PERSONS})
_PURGE = frozenset(
    {Permission.SEE_BATCHES, Permission.PROPOSE_PURGE, Permission.APPROVE_PURGE, Permission.EXECUTE_PURGE}
)

# The README holds this table too; a test compares them.
TABLE: Mapping[Role, frozenset[Permission]] = {
    Role.DPO: _FIGURES
    | _PERSONS
    | _PURGE
    | {
        Permission.SEE_LEDGER,
        Permission.RUN_INTAKE,
        Permission.MANAGE_HOLDS,
        Permission.MARK_PERSONS,
        Permission.CORRECT_PERSONS,
        Permission.FETCH_ORDERS,
        Permission.HANDLE_REQUESTS,
        Permission.DECIDE_IDENTITY,
        Permission.DECIDE_MOVED,
        Permission.EXTEND_LIMITS,
        Permission.CHANGE_RULES,
        Permission.SIGN_REVIEW,
        Permission.COUNTERSIGN_REVIEW,
        Permission.HANDLE_INCIDENTS,
        Permission.HANDLE_FINDINGS,
        Permission.HANDLE_COOKIES,
        Permission.RECORD_NOTICES,
        Permission.DESCRIBE_PROCESSING,
        Permission.REVIEW_ACCESS,
        Permission.RECORD_CONTROLS,
        Permission.TELL_FIGURES,
    },
    Role.CISO: _FIGURES
    | {
        Permission.SEE_LEDGER,
        Permission.SEE_BATCHES,
        Permission.APPROVE_PURGE,
        Permission.EXECUTE_PURGE,
        Permission.MANAGE_HOLDS,
        Permission.EXTEND_LIMITS,
        Permission.CHANGE_RULES,
        Permission.COUNTERSIGN_REVIEW,
        Permission.HANDLE_INCIDENTS,
        Permission.HANDLE_FINDINGS,
        Permission.HANDLE_COOKIES,
        Permission.REVIEW_ACCESS,
        Permission.RECORD_CONTROLS,
        Permission.TELL_FIGURES,
    },
    Role.OWNER: _FIGURES
    | _PERSONS
    | {Permission.SEE_BATCHES, Permission.PROPOSE_PURGE, Permission.APPROVE_PURGE, Permission.HANDLE_REQUESTS},
    Role.AUDITOR: _FIGURES | {Permission.SEE_LEDGER, Permission.SEE_BATCHES},
    # Not a purger: who runs the systems does not decide what leaves them.
    Role.ADMIN: _FIGURES
    | {Permission.RUN_INTAKE, Permission.SEE_BATCHES, Permission.FETCH_ORDERS, Permission.TELL_FIGURES},
}

# What an entry of the roles file begins with that names an account instead of an address.
_ACCOUNT = "sub:"
# An address, account or value of the claim, its role, and the categories that it owns; None for all.
_Entry = tuple[str, Role, frozenset[Category] | None]
_Granted = tuple[Role, frozenset[Category] | None]

_DEMO: tuple[tuple[str, Role, tuple[Category, ...] | None], ...] = (
    ("petra.dpo@antura.example", Role.DPO, None),
    ("axel.ciso@antura.example", Role.CISO, None),
    ("olle.owner@antura.example", Role.OWNER, (Category.CUSTOMER_CONTACT, Category.PROSPECT)),
    ("agnes.auditor@antura.example", Role.AUDITOR, None),
    ("ada.admin@antura.example", Role.ADMIN, None),
)


@dataclass(frozen=True)
class Actor:
    """Somebody who is signed in. `categories` is what a data owner owns; None means all."""

    email: str
    role: Role
    categories: frozenset[Category] | None
    pseudonym: str

    @property
    def author(self) -> ledger.Author:
        """How the ledger names this actor."""
        return ledger.Author(self.pseudonym, self.role.value)

    @property
    def category_limit(self) -> str | None:
        """The owned categories as the queries take them (joined by commas), or None for all."""
        return None if self.categories is None else ",".join(sorted(self.categories))


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor's role holds the permission."""
    return permission in TABLE[actor.role]


def require(actor: Actor, permission: Permission) -> None:
    """Raises Refused `not_allowed` where the actor may not."""
    if not may(actor, permission):
        raise Refused("not_allowed", permission=permission.value, role=actor.role.value)


def actor_for(email: str, settings: Settings, *, exact: bool = False) -> Actor | None:
    """Who an e-mail address is by the roles file; None where it has no role.

    The file has a list of addresses per role, and for data owners the categories per address:
    dpo = ["..."]  and  [owner] "..." = ["PROSPECT"]. Raises Refused `roles_unreadable`, and with `exact`
    `address_case` for an address that the file has in other letters.
    """
    wanted = email.strip().casefold()
    if settings.login == "demo":
        return next((actor for actor in demo_actors(settings) if actor.email == wanted), None)
    for address, role, limit in _entries(settings):
        if not address.startswith(_ACCOUNT) and address.strip().casefold() == wanted:
            if exact and address != email:
                raise Refused("address_case")
            return Actor(wanted, role, limit, keys.pseudonym(settings, wanted))
    return None


def who(register: sa.Engine, settings: Settings, identity: Identity) -> Actor | None:
    """Who a sign-in is, with the role that the source of roles gives at this moment; None where it gives none.

    An account of OpenID Connect is one person, whatever the address: the roles file may name it (`sub:...`) or the
    claim that gives roles its values ([claim]); else its verified address counts, once it is no other account's.
    Raises Refused `email_not_verified`, `address_of_another`, `roles_contradict` where the claim gives several roles,
    and what `actor_for` does.
    """
    account = identity.account
    if account is None:
        return actor_for(identity.email, settings, exact=identity.exact)
    granted: list[_Granted]
    by_address = False
    if account.roles is not None:
        granted = [(role, limit) for value, role, limit in _entries(settings, claim=True) if value in account.roles]
        if len({role for role, _ in granted}) > 1:
            raise Refused("roles_contradict")
    else:
        entries = _entries(settings)
        granted = [(role, limit) for told, role, limit in entries if told == f"{_ACCOUNT}{account.subject}"]
        if not granted and identity.email:
            if not account.verified:
                raise Refused("email_not_verified")
            found = actor_for(identity.email, settings)
            granted = [] if found is None else [(found.role, found.categories)]
            by_address = bool(granted)
    if not granted:
        return None
    limits = [limit for _, limit in granted]
    limit = None if None in limits else frozenset[Category]().union(*(one for one in limits if one is not None))
    pseudonym = _pseudonym(register, settings, identity, account, by_address=by_address)
    # An address that nobody has verified may be somebody else's, who would be taken for another then.
    return Actor(identity.email.casefold() if account.verified else "", granted[0][0], limit, pseudonym)


def _pseudonym(
    register: sa.Engine, settings: Settings, identity: Identity, account: Account, *, by_address: bool
) -> str:
    """The account's own; at its first sign-in that of its verified address, unless another account had that address."""
    of_address = keys.pseudonym(settings, identity.email) if identity.email and account.verified else None
    email = sa.func.lower(actor_table.c.email) == identity.email.lower()
    with register.connect() as connection:
        own = connection.scalar(sa.select(actor_table.c.pseudonym).where(actor_table.c.subject == account.key))
        taken = of_address is not None and connection.scalar(
            sa.select(sa.func.count())
            .select_from(actor_table)
            .where(sa.or_(actor_table.c.pseudonym == of_address, email), actor_table.c.subject != account.key)
        )
    if taken and by_address:
        raise Refused("address_of_another", account=f"{_ACCOUNT}{account.subject}")
    if own is not None:
        return str(own)
    return of_address if of_address and not taken else keys.pseudonym(settings, f"{account.issuer}|{account.subject}")


def _entries(settings: Settings, *, claim: bool = False) -> tuple[_Entry, ...]:
    """Each address, account or value of the claim with its role and the categories that it owns."""
    if settings.roles_file is None:
        return ()
    try:
        return _read(settings.roles_file.read_text(encoding="utf-8"), claim)
    except (OSError, ValueError, TypeError, AttributeError, UnicodeDecodeError):
        raise Refused("roles_unreadable", file=settings.roles_file.name) from None


# Every page asks, more than once; by the whole content, as compliance.words.policy keeps the rules.
@lru_cache(maxsize=8)
def _read(text: str, claim: bool) -> tuple[_Entry, ...]:
    content: dict[str, Any] = tomllib.loads(text)
    by_claim = content.pop("claim", {})
    # Who reads by mail (compliance/access/readers.py); it gives nobody a role.
    content.pop("digest", None)
    found: list[_Entry] = []
    for name, told in (by_claim if claim else content).items():
        role = Role(name)
        if not isinstance(told, (dict, list)) or not all(isinstance(one, str) for one in told):
            raise TypeError(f"{name} is no list of texts")
        entries = told if isinstance(told, dict) else dict.fromkeys(told)
        found += [
            (one, role, None if limit is None else frozenset(map(Category, limit))) for one, limit in entries.items()
        ]
    return tuple(found)


def check_roles(settings: Settings) -> None:
    """Raises Refused `roles_unreadable` where the roles file cannot be read, or says what is no role."""
    _entries(settings)
    _entries(settings, claim=True)


def demo_actors(settings: Settings) -> tuple[Actor, ...]:
    """The invented people of the demo company, one per role."""
    return tuple(
        Actor(
            email,
            role,
            None if categories is None else frozenset(categories),
            keys.pseudonym(settings, email),
        )
        for email, role, categories in _DEMO
    )


def demo_allowed(settings: Settings, server_address: str | None) -> bool:
    """Whether anybody may pick a role: only in the demo, on a server that listens to this machine alone."""
    if settings.login != "demo" or not server_address:
        return False
    if server_address == "localhost":
        return True
    try:
        return ipaddress.ip_address(server_address).is_loopback
    except ValueError:
        return False


def remember(connection: sa.Connection, actor: Actor, now: dt.datetime, account: Account | None = None) -> None:
    """Keeps which person and account a pseudonym stands for, outside the ledger, in the caller's transaction."""
    bound = {} if account is None else {"subject": account.key, "email": actor.email}
    known = connection.execute(
        sa.update(actor_table)
        .where(actor_table.c.pseudonym == actor.pseudonym)
        .values(role=actor.role.value, last_seen_at=now, **bound)
    )
    if known.rowcount == 0:
        connection.execute(
            sa.insert(actor_table).values(
                pseudonym=actor.pseudonym,
                role=actor.role.value,
                first_seen_at=now,
                last_seen_at=now,
                **{"email": actor.email, **bound},
            )
        )


def looked_at_persons(
    at: At,
    what: str,
    *,
    rows: int,
    build: int | None,
    filters: Mapping[str, ledger.Detail] | None = None,
    search: bool = False,
) -> None:
    """Records a look at persons: which list, how many rows, by which filters, and whether it was a `search`.

    What was searched for is not a filter to pass here: it may be a name. Raises Refused `not_allowed`, and
    `limit_searches` for one search more than a day has.
    """
    at.require(Permission.SEE_PERSONS if what != "intake_preview" else Permission.RUN_INTAKE)
    with writing(at.register) as connection:
        if search:
            limits.spend(connection, at.author, limits.Limited.SEARCHES, at.parameters, at.now)
        ledger.append(
            connection,
            ledger.Event.PERSONS_SEEN,
            author=at.author,
            now=at.now,
            build=build,
            details={"what": what, "rows": rows, **({"search": True} if search else {}), **(filters or {})},
        )
