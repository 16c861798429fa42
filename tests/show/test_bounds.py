"""The head of an extract runs nothing either."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from compliance.show.extract import Flavour, Stamp, to_csv

STAMP = Stamp(1, dt.date(2026, 11, 24), "")


@pytest.mark.parametrize("text", ["=1+1", "+46", "-x", "@sum(a)", " =1", "\t=1", "＝1", "|calc"])
@pytest.mark.parametrize(("flavour", "delimiter"), [("excel", ";"), ("plain", ",")])
def test_no_head_is_a_formula(text: str, flavour: Flavour, delimiter: str) -> None:
    # A table from a database names its own columns; labels are for Excel, names for the plain form.
    columns = [("a", text), ("b", "B")] if flavour == "excel" else [(text, "A"), ("b", "B")]
    made = b"".join(to_csv(columns, [[("x", "y")]], language="en", flavour=flavour, stamp=STAMP))
    head = next(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline=""), delimiter=delimiter))
    assert head[:2] == [f"'{text}", "B" if flavour == "excel" else "b"]
