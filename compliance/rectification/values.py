"""Which values of a row can be corrected, how a new one must look, and when two are the same."""

from __future__ import annotations

import datetime as dt
from typing import Any

from compliance.identity.normalise import addresses, name_key, numbers
from compliance.words.refusal import Refused

TEXTS = ("name", "email", "phone", "role", "org_name")
DATES = (
    "registered_on", "met_on", "inbound_on", "designated_on", "role_until", "left_org_on", "starts_on", "ends_on",
    "replaced_on",
)  # fmt: skip
FIELDS = (*TEXTS, *DATES)
_LONGEST = 200


def told(value: Any) -> str | None:
    """A stored value as a correction keeps it: text without surplus blanks, dates in ISO 8601, None for nothing."""
    if isinstance(value, dt.date):
        return value.isoformat()
    text = " ".join(str(value or "").split())
    return text or None


def read(field: str, text: str) -> str | None:
    """A new value as somebody typed it; None where the value is to go.

    Raises Refused `rectification_field_unknown`, `rectification_value_missing` for a person without a name,
    `rectification_value_long`, `rectification_email_invalid`, `rectification_phone_invalid`,
    `rectification_name_invalid` and `rectification_date_invalid`.
    """
    if field not in FIELDS:
        raise Refused("rectification_field_unknown")
    value = told(text)
    if value is None:
        if field == "name":
            raise Refused("rectification_value_missing")
        return None
    if len(value) > _LONGEST:
        raise Refused("rectification_value_long", characters=_LONGEST)
    if field == "email" and not addresses(value).keys:
        raise Refused("rectification_email_invalid")
    if field == "phone" and not numbers(value).keys:
        raise Refused("rectification_phone_invalid")
    if field == "name" and name_key(value) is None:
        raise Refused("rectification_name_invalid")
    if field in DATES:
        try:
            return dt.date.fromisoformat(value).isoformat()
        except ValueError:
            raise Refused("rectification_date_invalid") from None
    return value


def same(field: str, one: str | None, other: str | None) -> bool:
    """Whether two values say the same: addresses and numbers however they are spelled, all else sign by sign."""
    if one is None or other is None:
        return one is other
    if field == "email":
        return set(addresses(one).keys) == set(addresses(other).keys)
    if field == "phone":
        return set(numbers(one).keys) == set(numbers(other).keys)
    return told(one) == told(other)
