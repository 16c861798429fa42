"""Somebody who opens a page of a running dashboard with headers of their choice, as no browser would let them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

Headers = Sequence[tuple[str, str]]


@dataclass
class Seen:
    """What a page came to: its headings, what it refused, the pages of its menu, and all other text that was sent."""

    titles: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    menu: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    whole: bytes = b""


def visit(url: str, page: str = "", headers: Headers = (), protocols: Sequence[str] = ()) -> Seen:
    """Opens a page by its address, first of all, in a window of its own, in English.

    Streamlit reads cookies only where the second protocol is what its cookie against forged requests says.
    """
    asked = BackMsg()
    asked.rerun_script.page_name = page
    asked.rerun_script.context_info.locale = "en-GB"
    asked.rerun_script.context_info.url = f"{url}/{page}"
    address = f"{url.replace('http', 'ws')}/_stcore/stream"
    found = Seen()
    offered = [Subprotocol(one) for one in protocols] or None
    # As a browser says it: which page has opened the connection.
    with connect(
        address,
        origin=Origin(url),
        additional_headers=list(headers),
        subprotocols=offered,
        max_size=None,
        proxy=None,
    ) as socket:
        socket.send(asked.SerializeToString())
        while True:
            content = socket.recv(timeout=60)
            assert isinstance(content, bytes)
            message = ForwardMsg.FromString(content)
            kind = message.WhichOneof("type")
            found.whole += content
            if kind == "navigation":
                found.menu = [one.url_pathname for one in message.navigation.app_pages]
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                found.kinds.append(str(element.WhichOneof("type")))
                if element.WhichOneof("type") == "heading" and element.heading.tag == "h1":
                    found.titles.append(element.heading.body)
                if element.WhichOneof("type") == "alert" and element.alert.format == Alert.ERROR:
                    found.errors.append(element.alert.body)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return found
