"""What the inventory says of a cookie, and what is told of a scan: the forms on the page are made from these."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from compliance.cookies.tables import EntryKind, Party, Phase
from compliance.register.entries import Facts


class Life(StrEnum):
    """How long a cookie stays. Texts: `cookie_life.<value>`."""

    SESSION = "session"
    PERSISTENT = "persistent"


class Use(StrEnum):
    """What a cookie is for. Texts: `cookie_use.<value>`."""

    NECESSARY = "necessary"
    PREFERENCES = "preferences"
    STATISTICS = "statistics"
    COMPANIES = "companies"
    MARKETING = "marketing"


class Consent(StrEnum):
    """How the visitor is asked. Going on browsing is no answer. Texts: `cookie_consent.<value>`."""

    ASKED = "asked"
    NOT_ASKED = "not_asked"
    # What was asked for cannot be given without it (LEK 9:28).
    NOT_NEEDED = "not_needed"


def _in_utc(instant: dt.datetime) -> dt.datetime:
    return instant.astimezone(dt.UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Text = Annotated[str, Field(min_length=1, max_length=400)]
Short = Annotated[str, Field(min_length=1, max_length=80)]
Reference = Annotated[str, Field(max_length=80)]


class Listed(Facts):
    """A cookie of the inventory. In `name`, # stands for digits and * for anything; `lifetime_days` is None for one
    that goes when the browser is closed.
    """

    KIND = EntryKind.LISTED
    name: Short
    party: Party
    life: Life
    lifetime_days: Annotated[int, Field(ge=0, le=40_000)] | None = None
    use: Use
    purpose: Text
    provider: Short
    agreement: Reference = ""
    consent: Consent


class Struck(Facts):
    """A cookie is used no more, or never was as the entry says."""

    KIND = EntryKind.STRUCK
    reason: Text


class ScanTold(BaseModel):
    """What is told of a scan beside its file. `scanned_at` may be left out where the file says it; `has_cookies`: the
    recording was saved with its cookies, so that one without any is a site without any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    site: Annotated[str, Field(min_length=1, max_length=200)]
    phase: Phase
    scanned_at: Instant | None = None
    has_cookies: bool = False


class SetAside(BaseModel):
    """Why a scan does not count."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    reason: Text


MODELS: dict[EntryKind, type[Facts]] = {EntryKind.LISTED: Listed, EntryKind.STRUCK: Struck}
