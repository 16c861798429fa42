"""What the tests of the reading share."""

from pathlib import Path

import pytest

from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A small world of the test's own."""
    return World(tmp_path)
