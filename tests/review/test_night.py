"""The figures are kept each night by command line, and of each new copy without a visitor."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import warm
from compliance.bridge.tables import bridge_start
from compliance.command import main
from compliance.register.engine import engine
from compliance.review.tables import Occasion, snapshot
from compliance.words import settings as settings_of
from compliance.words.command import Exit
from compliance.words.settings import Settings
from compliance.words.texts import refusal
from tests import demo_store
from tests.demo_store import NOW
from tests.world import TODAY


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in [name for name in os.environ if name.startswith("COMPLIANCE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMPLIANCE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    monkeypatch.setattr(os, "umask", lambda _: 0o022)
    return settings_of.load()


@pytest.fixture
def company(tmp_path: Path) -> None:
    """The demo company in the store, before anybody has opened it."""
    demo_store.copied(tmp_path)


def _kept(settings: Settings) -> list[tuple[int, str]]:
    with engine(settings).connect() as connection:
        rows = connection.execute(
            sa.select(snapshot.c.snapshot_id, snapshot.c.occasion).where(snapshot.c.as_of == TODAY)
        )
        return [(row.snapshot_id, row.occasion) for row in rows]


@pytest.mark.usefixtures("company")
def test_a_night_keeps_a_snapshot_of_its_own_and_says_its_number(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _kept(settings)
    assert main(["review", "keep"]) == Exit.DONE
    (night,) = [one for one in _kept(settings) if one not in before]
    assert night[1] == Occasion.NIGHT
    assert capsys.readouterr().out == f"review: snapshot {night[0]} of {TODAY} kept\n"
    assert main(["--language", "sv", "review", "keep"]) == Exit.DONE
    assert capsys.readouterr().out.startswith("veckogenomgång: ögonblicksbild ")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_without_a_copy_there_is_nothing_to_measure(
    settings: Settings, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    assert main(["--language", language, "review", "keep"]) == Exit.REFUSED
    assert capsys.readouterr().err.strip() == refusal("nothing_to_measure", language, {})
    # Nothing was made where nothing was.
    assert not settings.store.exists()


@pytest.mark.usefixtures("company")
def test_a_new_copy_is_measured_without_a_visitor_and_once(settings: Settings) -> None:
    with engine(settings).begin() as connection:
        connection.execute(sa.delete(bridge_start))
        connection.execute(sa.delete(snapshot).where(snapshot.c.as_of == TODAY))
    warm._ready.clear()
    for _ in range(2):
        assert warm.ready(settings, NOW) is not None
    assert [occasion for _, occasion in _kept(settings)] == [Occasion.BUILD]
