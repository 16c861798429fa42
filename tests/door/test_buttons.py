"""The buttons by which files leave, at a real server: what one stood for when it was drawn is good at its click, though
the page is being drawn anew.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import media_file_manager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from compliance import serve
from tests import demo_store
from tests.browsing import serving

pytestmark = pytest.mark.real_writer

PETRA = "petra@bolaget.example"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard behind a proxy, of which nothing was taken in yet."""
    folder = tmp_path_factory.mktemp("buttons")
    with serving(demo_store.behind("proxy", folder, f'dpo = ["{PETRA}"]\n')) as address:
        yield address


class Window:
    """A page with a button by which a file leaves, as a browser has it open."""

    def __init__(self, socket: ClientConnection, url: str) -> None:
        self._socket = socket
        self._url = url
        self._session = ""

    def _told(self) -> Iterator[ForwardMsg]:
        while True:
            content = self._socket.recv(timeout=60)
            assert isinstance(content, bytes)
            yield ForwardMsg.FromString(content)

    def drawn(self) -> str:
        """Draws the page, to its end, and gives what its first button stands for now."""
        asked = BackMsg()
        asked.rerun_script.page_name = "ledger"
        asked.rerun_script.context_info.url = f"{self._url}/ledger"
        self._socket.send(asked.SerializeToString())
        stands_for = ""
        for message in self._told():
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._session = message.new_session.initialize.session_id
            elif kind == "delta":
                stands_for = stands_for or message.delta.new_element.download_button.deferred_file_id
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return stands_for
        raise AssertionError("the page was not drawn")

    def clicked(self, stands_for: str) -> str:
        """The address that a click gives, or none where Streamlit has forgotten what the button stood for."""
        asked = BackMsg()
        asked.backend_operation_request.request_id = uuid.uuid4().hex
        asked.backend_operation_request.session_id = self._session
        asked.backend_operation_request.deferred_file.file_id = stands_for
        self._socket.send(asked.SerializeToString())
        for message in self._told():
            if message.WhichOneof("type") == "backend_operation_response":
                return message.backend_operation_response.deferred_file.url
        raise AssertionError("nothing was answered")


@contextlib.contextmanager
def opened(url: str) -> Iterator[Window]:
    """A window of the DPO's."""
    with connect(
        f"{url.replace('http', 'ws')}/_stcore/stream",
        origin=Origin(url),
        additional_headers={"X-Forwarded-Email": PETRA},
        max_size=None,
        proxy=None,
    ) as socket:
        yield Window(socket, url)


def test_a_click_while_the_page_is_drawn_anew_gives_its_file(url: str) -> None:
    with opened(url) as window, opened(url) as other:
        first = window.drawn()
        assert window.clicked(first).startswith("/extract/")
        second = window.drawn()
        other.drawn()
        # The browser shows the first still; the second is on its way.
        assert first != second
        assert window.clicked(first).startswith("/extract/")
        assert window.clicked(second).startswith("/extract/")


def test_what_a_button_stood_for_two_pages_ago_is_kept_by_nobody(url: str) -> None:
    with opened(url) as window:
        first = window.drawn()
        window.drawn()
        window.drawn()
        assert window.clicked(first) == ""


def test_what_a_button_stood_for_goes_with_its_window(url: str) -> None:
    with opened(url) as gone:
        first = gone.drawn()
        gone.drawn()
        assert gone.clicked(first)
    with opened(url) as window:
        # The server hears a little later that the other has gone.
        assert any(window.drawn() and window.clicked(first) == "" for _ in range(20))


def test_what_a_button_stood_for_is_kept_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(serve._Buttons, "_is_there", lambda *_: True)
    monkeypatch.setattr(media_file_manager, "_get_session_id", lambda: "a window")
    buttons = serve._Buttons(serve._Addresses("/media"))
    stood_for = buttons.add_deferred(lambda: b"token", "text/csv", "0.1", element_id="csv")
    buttons.clear_session_refs("a window")
    buttons.add_deferred(lambda: b"token", "text/csv", "0.1", element_id="csv")
    buttons.remove_orphaned_files()
    clock[0] = 159.9
    buttons.remove_orphaned_files()
    assert buttons.execute_deferred(stood_for) == "/extract/token"
    clock[0] = 160.0
    buttons.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        buttons.execute_deferred(stood_for)
