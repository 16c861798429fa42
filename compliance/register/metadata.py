"""What every table of the register is made with: one list of tables, and instants that keep their zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()


class Instant(sa.TypeDecorator[dt.datetime]):
    """An instant, stored in UTC; SQLite would forget the zone. Refuses a datetime without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """To UTC, and for SQLite without the zone that it cannot keep."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        """Always aware, always UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def one_of(column: str, codes: Iterable[str], *, name: str) -> sa.CheckConstraint:
    """The constraint that a column holds one of an enum's codes, so that the two cannot come apart."""
    return sa.CheckConstraint(f"{column} in ({', '.join(repr(str(code)) for code in codes)})", name=name)
