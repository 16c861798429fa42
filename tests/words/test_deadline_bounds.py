"""A notice of extension is in time through the last day, the one that it was moved to."""

from __future__ import annotations

import datetime as dt

import pytest

from compliance.words.deadlines import Pause, request_deadline
from compliance.words.policy import Parameters


@pytest.mark.parametrize(
    ("received", "notice", "due", "valid"),
    [
        pytest.param("2026-01-31", "2026-02-28", "2026-04-30", True, id="on the Saturday"),
        pytest.param("2026-01-31", "2026-03-02", "2026-04-30", True, id="on the Monday that it moved to"),
        pytest.param("2026-01-31", "2026-03-03", "2026-03-02", False, id="on the Tuesday"),
        pytest.param("2026-03-05", "2026-04-07", "2026-06-05", True, id="on the day after Easter"),
        pytest.param("2026-03-05", "2026-04-08", "2026-04-07", False, id="a day after that"),
    ],
)
def test_a_notice_on_the_day_that_the_deadline_moved_to_is_in_time(
    received: str, notice: str, due: str, valid: bool
) -> None:
    found = request_deadline(
        dt.date.fromisoformat(received),
        Parameters(),
        extension_notice_on=dt.date.fromisoformat(notice),
        extension_reason="complex",
    )
    assert (found.due_on, found.extension_valid) == (dt.date.fromisoformat(due), valid)


@pytest.mark.parametrize(("notice", "valid"), [("2026-04-20", True), ("2026-04-21", False)])
def test_a_notice_is_in_time_through_the_last_day_after_a_pause(notice: str, valid: bool) -> None:
    # 10 April and eight paused days: Saturday the 18th, moved to Monday the 20th.
    found = request_deadline(
        dt.date(2026, 3, 10),
        Parameters(),
        pauses=[Pause(dt.date(2026, 3, 11), dt.date(2026, 3, 19))],
        extension_notice_on=dt.date.fromisoformat(notice),
        extension_reason="complex",
    )
    assert found.extension_valid is valid
