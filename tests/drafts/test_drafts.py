"""What somebody types is kept for them alone, and for a day."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from compliance.drafts.draft import Draft
from compliance.drafts.tables import FORM_CHARACTERS, draft
from compliance.register.engine import migrate

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
PETRA, GUN = "p" * 32, "g" * 32


def of(register: sa.Engine, whose: str = PETRA, form: str = "hold", hours: float = 0) -> Draft:
    return Draft(register, whose, form, lambda: NOW + dt.timedelta(hours=hours))


def test_what_somebody_types_is_theirs_and_of_its_form(register: sa.Engine) -> None:
    of(register).save({"owner": "Anna B"})
    of(register).save({"owner": "Anna Berg", "review_on": "2027-02-01"})
    assert of(register).find() == {"owner": "Anna Berg", "review_on": "2027-02-01"}
    assert of(register, GUN).find() == of(register, form="mark").find() == {}
    of(register, GUN).drop()
    assert of(register).find()["owner"] == "Anna Berg"
    of(register).drop()
    assert of(register).find() == {}


def test_it_is_kept_for_a_day_and_goes_with_what_anybody_types_next(register: sa.Engine) -> None:
    of(register).save({"owner": "Anna Berg"})
    assert of(register, hours=24).find() and not of(register, hours=24.1).find()
    of(register, GUN, "mark", 25).save({"case": "C-1"})
    with register.connect() as connection:
        assert connection.execute(sa.select(draft.c.pseudonym, draft.c.form)).all() == [(GUN, "mark")]
    of(register, GUN, "mark", 26).save({})
    with register.connect() as connection:
        assert connection.execute(sa.select(draft)).all() == []


def test_forms_of_long_names_are_told_apart(register: sa.Engine) -> None:
    # PostgreSQL refuses what is longer than its column.
    one, other = ("finding_" + "x" * FORM_CHARACTERS + end for end in "ab")
    of(register, form=one).save({"reason": "one"})
    of(register, form=other).save({"reason": "other"})
    assert (of(register, form=one).find(), of(register, form=other).find()) == ({"reason": "one"}, {"reason": "other"})


@pytest.mark.parametrize("name", ["request_draft", "incident_draft"])
def test_what_was_typed_into_a_form_of_before_stands_in_it_after_the_migration(name: str) -> None:
    typed = {"pseudonym": PETRA, "form": "request_new", "typed": '{"name": "Anna Berg"}', "kept_at": NOW}
    opened = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with opened.begin() as connection:
        migrate(connection, "0041")
        before = sa.table(name, sa.column("kept_at", draft.c.kept_at.type), *map(sa.column, list(typed)[:3]))
        connection.execute(sa.insert(before).values(typed))
        migrate(connection)
        assert name not in sa.inspect(connection).get_table_names()
    assert of(opened, form="request_new").find() == {"name": "Anna Berg"}
