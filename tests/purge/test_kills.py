"""A short run of tests/kills.py: whatever is killed wherever, nothing is half done and a resume ends it."""

from __future__ import annotations

import pytest

from tests import kills

# Another seed on each run would make a failure nobody's; the long run takes its own.
SEED = 20261124


@pytest.mark.timeout(600)
@pytest.mark.real_writer
@pytest.mark.parametrize(("database", "rounds"), [("sqlite", 10), ("postgresql", 5)])
def test_a_killed_purge_or_intake_is_never_half_done(
    request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str], database: str, rounds: int
) -> None:
    where = ["--postgresql", request.getfixturevalue("postgresql")] if database == "postgresql" else []
    code = kills.main(["--rounds", str(rounds), "--seed", str(SEED), *where])
    told = capfd.readouterr().out
    assert code == 0, told
    assert f"{rounds} rounds kept every promise, 0 did not" in told
