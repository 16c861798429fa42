"""What is kept by its content is made anew for another content, however soon it is changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from compliance.sources.catalogue import load_catalogue
from compliance.ui import charts
from compliance.words.policy import load_parameters, load_policy
from compliance.words.refusal import Refused
from compliance.words.texts import say, show
from tests.world import CONFIG


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the shipped configuration."""
    shutil.copytree(CONFIG, tmp_path / "config", ignore=shutil.ignore_patterns("demo", "store"))
    return tmp_path / "config"


def swap(path: Path, old: str, new: str) -> None:
    """Changes a file to one as long, within the same tick of the clock."""
    stat = path.stat()
    text = path.read_text(encoding="utf-8")
    assert old in text and len(old) == len(new)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_a_changed_catalogue_is_noticed(config: Path) -> None:
    path = config / "sources.toml"
    before = load_catalogue(path)
    assert load_catalogue(path) is before
    hours = next(iter(before.sources.values())).max_age_hours
    swap(path, f"max_age_hours = {hours}", f"max_age_hours = {hours + 1}")
    assert next(iter(load_catalogue(path).sources.values())).max_age_hours == hours + 1
    path.unlink()
    with pytest.raises(Refused, match="config_missing"):
        load_catalogue(path)


def test_changed_rules_and_parameters_are_noticed(config: Path) -> None:
    path = config / "retention.toml"
    before = load_policy(path)
    assert load_policy(path) is before
    swap(path, 'version = "', 'version= " ')
    assert load_policy(path).digest != before.digest
    path.write_text("x", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(Refused):
            load_policy(path)
    parameters = config / "parameters.toml"
    lead = load_parameters(parameters).planned_purge_lead_days
    swap(parameters, f"planned_purge_lead_days = {lead}", f"planned_purge_lead_days = {lead + 1}")
    assert load_parameters(parameters).planned_purge_lead_days == lead + 1


def test_a_figure_is_drawn_once_for_the_same_counts_and_anew_for_others() -> None:
    labels = {"PROSPECT": "Prospect"}
    one = charts.stacked(["1"], {"PROSPECT": [3]}, labels, "en")
    assert charts.stacked(["1"], {"PROSPECT": [3]}, labels, "en") is one
    other = charts.stacked(["1"], {"PROSPECT": [4]}, labels, "en")
    assert other.to_json() != one.to_json()
    # What is sent of it, too, is made once, and is what Plotly would send.
    assert one.to_dict() is one.to_dict()
    assert one.to_dict() == charts.stacked.__wrapped__(["1"], {"PROSPECT": [3]}, labels, "en").to_dict()  # type: ignore[attr-defined]
    assert charts.bars(["1"], [3], "en").to_json() != charts.bars(["1"], [3], "en", "#000000").to_json()


def test_a_text_is_filled_whatever_else_is_handed_over() -> None:
    assert say("week.overdue", "en", overdue=1, oldest=2, unused=object()) == say(
        "week.overdue", "en", overdue=1, oldest=2
    )
    with pytest.raises(KeyError):
        say("week.overdue", "en", overdue=1)
    assert show(1, "sv") == "1" and show(True, "sv") != "1" and show(1.0, "sv") == "1"
