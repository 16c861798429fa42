"""The sessions of the load test tell a page from what is none."""

from __future__ import annotations

from unittest.mock import create_autospec

import pytest
from streamlit.proto.Element_pb2 import Element
from websockets.asyncio.client import ClientConnection

from compliance.words.texts import say
from tests.bench.load import Browser


def requests_page(channel: str, *, says_empty: bool) -> list[Element]:
    """The elements of the page of requests as one filter has it, with its list or with what is said in its place."""
    title, chart, box, rows = Element(), Element(), Element(), Element()
    title.heading.tag, title.heading.body = "h1", say("erasure.title", "en")
    chart.plotly_chart.id = "chart"
    box.selectbox.id, box.selectbox.set_value, box.selectbox.raw_value = "filter_channel", True, channel
    box.selectbox.options.extend(["All", "Phone"])
    if says_empty:
        rows.markdown.body = say("table.empty", "en")
    else:
        rows.dataframe.id = "rows"
    return [title, box, rows, chart]


@pytest.mark.parametrize(
    ("channel", "says_empty", "wrong"),
    [
        ("All", False, None),
        ("Phone", False, None),
        ("Phone", True, None),
        # Nobody has left anything out: the page of a company that has requests lacks its list.
        ("All", True, "too few elements: {'dataframe': 0}"),
    ],
)
def test_a_list_that_a_filter_leaves_empty_is_a_list(channel: str, says_empty: bool, wrong: str | None) -> None:
    browser = Browser(create_autospec(ClientConnection), 0, page="erasure")
    assert browser._wrong(requests_page(channel, says_empty=says_empty)) == wrong
