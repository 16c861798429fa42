"""Mutants are made where a statement decides, and what is said of them fits the statements and lines that are there."""

from __future__ import annotations

import pytest
from mutmut.mutation.file_mutation import mutate_file_contents

from compliance.words import queries
from tests.mutants import modules, sql
from tests.mutants.__main__ import ACCEPTED
from tests.mutants.lines import LINES, ROOT
from tests.mutants.targets import TARGETS

STATEMENT = """
select distinct person_id, min(ends_on) as ends_on,
    case when is_open then 'ACTIVE' when ends_on + 30 >= cast(:as_of as date) then 'DUE' else 'RETAINED' end as status
from basis
left join rule on rule.category = basis.category
where ends_on < cast(:as_of as date) and (not is_held or status in ('OVERDUE', 'DUE'))
"""


def test_bounds_conditions_branches_and_joins_are_changed() -> None:
    made = {one.what for one in sql.mutants(STATEMENT)}
    for what in (
        "ends_on < CAST($as_of AS DATE) -> ends_on <= CAST($as_of AS DATE)",
        "ends_on + 30 >= CAST($as_of AS DATE) -> ends_on + 30 > CAST($as_of AS DATE)",
        "30 -> 31 in ends_on + 30",
        "ends_on + 30 -> ends_on - 30",
        "NOT is_held -> is_held",
        "is_open -> NOT is_open",
        "without 'OVERDUE' in status IN ('OVERDUE', 'DUE')",
        "MIN(ends_on) -> MAX(ends_on)",
        "inner instead of LEFT JOIN rule ON rule.category = basis.category",
        "rule.category = basis.category -> rule.category <> basis.category",
        "NOT is_held OR status IN ('OVERDUE', 'DUE') -> NOT is_held",
    ):
        assert what in made
    assert sum("without CASE WHEN" in what for what in made) == 2


def test_a_mutant_is_the_statement_but_for_one_change_and_binds_as_it_does() -> None:
    plain = sql.plain(STATEMENT)
    assert ":as_of" in plain and "$" not in plain
    texts = [one.text for one in sql.mutants(STATEMENT)]
    assert len(set(texts)) == len(texts)
    assert all(text != plain and "$" not in text for text in texts)


def test_a_statement_that_is_not_understood_is_no_statement_without_mutants() -> None:
    with pytest.raises(ValueError, match="does not know"):
        sql.mutants("create or replace temp macro marked(text) as 'x' || text")


def test_a_sample_has_the_same_mutants_with_the_same_seed_and_others_with_another() -> None:
    everything = [("holds", f"placed__mutmut_{number}") for number in range(100)]
    first = modules.sampled(everything, (20, 1))
    assert len(set(first)) == 20 and list(first) == [one for one in everything if one in first]
    assert modules.sampled(everything, (20, 1)) == first != modules.sampled(everything, (20, 2))
    assert modules.sampled(everything, (200, 1)) == modules.sampled(everything, None) == everything


def test_a_mutant_is_tried_by_tests_that_come_to_where_it_differs() -> None:
    made = mutate_file_contents("one.py", "def one(told):\n    many = told\n    return many + 1\n")
    lines = made.code.splitlines()
    found = {name: modules._changed(made, name) for name in made.mutant_names}
    assert {lines[first - 1] for first, _ in found.values()} == {"def x_one__mutmut_orig(told):"}
    assert {lines[changed - 1].strip() for _, changed in found.values()} == {"many = told", "return many + 1"}


def test_what_is_changed_is_there() -> None:
    assert set(TARGETS) <= set(queries.paths())
    for line in LINES:
        assert (ROOT / line["path"]).read_text(encoding="utf-8").count(line["old"]) == 1, line["what"]
    for one in ACCEPTED:
        assert one["file"] in TARGETS or (ROOT / one["file"]).exists()
        assert one["why"] and one["mutants"]
    told = [(one["file"], mutant) for one in ACCEPTED for mutant in one["mutants"]]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("file", sorted({one["file"] for one in ACCEPTED}))
def test_what_is_accepted_could_still_be_changed_so(file: str) -> None:
    """A mutant that is gone says nothing, and what is called so by now may be another one."""
    mutants = {mutant for one in ACCEPTED if one["file"] == file for mutant in one["mutants"]}
    if file.endswith(".py"):
        assert mutants <= modules.differences(file)
    else:
        named = sql.may_be_named(queries.load(file))
        assert not {mutant for mutant in mutants if named[_base(mutant)[0]] < _base(mutant)[1]}


def _base(mutant: str) -> tuple[str, int]:
    """What a mutant of a statement changes, and the how manieth it is of those that are called so."""
    what, mark, number = mutant.rpartition(" #")
    return (what, int(number)) if mark and number.isdigit() else (mutant, 1)
