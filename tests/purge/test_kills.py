"""A short run of tests/kills.py (`make soak`): nothing that is killed is half done, and a resume ends it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from compliance.words.settings import ROOT

# Another seed on each run would make a failure nobody's; the long run takes its own. With these each round kills
# another kind of act: a purge, a replay, an intake and a hold, and where another dashboard looks on a purge, a decision
# of a request and an intake.
SEEDS = {"sqlite": 20264007, "postgresql": 20265752}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("database", "rounds"), [("sqlite", 4), ("postgresql", 3)])
def test_what_is_killed_is_never_half_done(request: pytest.FixtureRequest, database: str, rounds: int) -> None:
    where = ["--postgresql", request.getfixturevalue("postgresql")] if database == "postgresql" else []
    # Forked from here, its processes would have open what other tests of this one have left open.
    told = ["--rounds", str(rounds), "--seed", str(SEEDS[database]), "--short-cuts", *where]
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills", *told],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{rounds} rounds kept every promise, 0 did not" in done.stdout
