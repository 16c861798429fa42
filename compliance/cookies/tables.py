"""The register of cookies: entries of the inventory, scans, and what each scan saw."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

from compliance.register import entries
from compliance.register.metadata import Instant, metadata, one_of


class EntryKind(StrEnum):
    """What an entry of the inventory says. Texts: `cookie_kind.<value>`."""

    LISTED = "listed"
    # The cookie is used no more, or the entry was never right.
    STRUCK = "struck"


class Phase(StrEnum):
    """What the visitor had chosen when a scan was made. Texts: `cookie_phase.<value>`."""

    BEFORE_CHOICE = "before_choice"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"


class Party(StrEnum):
    """Whose domain a cookie belongs to. Texts: `cookie_party.<value>`."""

    FIRST = "first"
    THIRD = "third"


class How(StrEnum):
    """How a scan came to know a cookie. Texts: `cookie_how.<value>`."""

    # An answer set it.
    SET = "set"
    # A request had it with it, and no answer of the recording set it: a script did, or an earlier visit.
    SENT = "sent"
    # The scanner or the browser lists it.
    STORED = "stored"


class Quarantined(StrEnum):
    """Why a part of a scan's file could not be read. Texts: `cookie_quarantined.<value>`."""

    NO_NAME = "no_name"
    NAME_UNREADABLE = "name_unreadable"
    NAME_TOO_LONG = "name_too_long"
    NAME_PERSONAL = "name_personal"
    NOT_A_COOKIE = "not_a_cookie"
    NO_TIME = "no_time"
    # The cookie itself is kept, with a lifetime that is not known.
    LIFETIME_UNREADABLE = "lifetime_unreadable"


cookie_entry = sa.Table("cookie_entry", metadata, *entries.columns_of("cookie_entry", EntryKind))

cookie_scan = sa.Table(
    "cookie_scan",
    metadata,
    sa.Column("scan_id", sa.Integer, primary_key=True),
    # The host that was visited.
    sa.Column("site", sa.String(120), nullable=False),
    sa.Column("phase", sa.String(20), nullable=False),
    sa.Column("scanned_at", Instant, nullable=False),
    # What the file was, and its digest: the same file is taken in once.
    sa.Column("format", sa.String(20), nullable=False),
    sa.Column("file_digest", sa.String(64), nullable=False),
    sa.Column("taken_in_at", Instant, nullable=False),
    sa.Column("taken_in_by", sa.String(32)),
    sa.Column("taken_in_role", sa.String(10)),
    sa.Column("set_aside_at", Instant),
    sa.Column("set_aside_by", sa.String(32)),
    sa.Column("set_aside_because", sa.String(400)),
    one_of("phase", Phase, name="cookie_scan_phase"),
    sa.CheckConstraint(
        "(set_aside_at is null) = (set_aside_because is null)", name="cookie_scan_set_aside_with_reason"
    ),
)

# Grain: one row per scan x cookie. Its name and domain, never its value.
cookie_seen = sa.Table(
    "cookie_seen",
    metadata,
    sa.Column("scan_id", sa.ForeignKey("cookie_scan.scan_id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("domain", sa.String(255), nullable=False),
    sa.Column("party", sa.String(10)),
    sa.Column("how", sa.String(10), nullable=False),
    sa.Column("is_session", sa.Boolean, nullable=False),
    # Between so many seconds and so many it lives, from when it was first set; most is null where nobody can tell.
    sa.Column("least_s", sa.BigInteger, nullable=False),
    sa.Column("most_s", sa.BigInteger),
    one_of("party", Party, name="cookie_seen_party"),
    one_of("how", How, name="cookie_seen_how"),
    sa.CheckConstraint("least_s >= 0 and (most_s is null or most_s >= least_s)", name="cookie_seen_lifetime"),
)

# Grain: one row per scan x reason. What could not be read is counted; the rows themselves may hold values.
cookie_quarantined = sa.Table(
    "cookie_quarantined",
    metadata,
    sa.Column("scan_id", sa.ForeignKey("cookie_scan.scan_id"), primary_key=True),
    sa.Column("reason", sa.String(20), primary_key=True),
    sa.Column("rows", sa.Integer, nullable=False),
    # Where the first of them stands: the row, or the entry of a recording, counted from 1.
    sa.Column("first_at", sa.Integer, nullable=False),
    one_of("reason", Quarantined, name="cookie_quarantined_reason"),
)
