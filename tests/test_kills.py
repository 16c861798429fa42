"""A short run of tests/kills.py: whatever is killed wherever, nothing is half done and a resume ends it."""

from __future__ import annotations

import pytest

from tests import kills

# Another seed on each run would make a failure nobody's; the long run takes its own.
SEED, ROUNDS = 20261124, 10


@pytest.mark.timeout(600)
def test_a_killed_purge_or_intake_is_never_half_done(capfd: pytest.CaptureFixture[str]) -> None:
    code = kills.main(["--rounds", str(ROUNDS), "--seed", str(SEED)])
    told = capfd.readouterr().out
    assert code == 0, told
    assert f"{ROUNDS} rounds kept every promise, 0 did not" in told
