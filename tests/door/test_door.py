"""The door, at a real server: by which name it is asked, what every answer says, what comes in before a sign-in."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests import demo_store
from tests.browsing import serving

pytestmark = pytest.mark.real_writer


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard of which nothing was taken in yet."""
    with serving(demo_store.environment(tmp_path_factory.mktemp("door") / "store")) as address:
        yield address


def asked(
    url: str, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    """One request with just these headers."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None and "Content_Length" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


@contextlib.contextmanager
def window(url: str, origin: str | None, **headers: str) -> Iterator[ClientConnection]:
    """A WebSocket as a page opens it."""
    with connect(
        f"{url.replace('http', 'ws')}/_stcore/stream",
        origin=None if origin is None else Origin(origin),
        additional_headers=list(headers.items()),
        max_size=None,
        proxy=None,
    ) as opened:
        yield opened


def session_of(opened: ClientConnection, url: str) -> str:
    """The number that Streamlit gives a window, which nobody has signed in to."""
    first = BackMsg()
    first.rerun_script.context_info.url = url
    opened.send(first.SerializeToString())
    while True:
        content = opened.recv(timeout=60)
        assert isinstance(content, bytes)
        message = ForwardMsg.FromString(content)
        if message.WhichOneof("type") == "new_session":
            return str(message.new_session.initialize.session_id)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/expiries?status=DUE", 200), ("/_stcore/health", 200), ("/_stcore/host-config", 200),
     ("/static/js/none.js", 200), ("/media/none.csv", 404), ("/extract/none", 410), ("/_stcore/metrics", 404),
     ("/_stcore/agent/openapi.json", 404)],
)  # fmt: skip
def test_every_answer_says_what_a_page_may_do(url: str, path: str, status: int) -> None:
    found, headers, _ = asked(url, path, Accept="text/html")
    assert found == status
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert "unsafe" not in policy["script-src"] and "*" not in headers["Content-Security-Policy"]
    assert policy["connect-src"] == f"'self' ws://{urlsplit(url).netloc}"
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY" and "camera=()" in headers["Permissions-Policy"]
    assert headers["Strict-Transport-Security"] is None
    cookies = headers.get_all("Set-Cookie", [])
    assert any("compliance_browser=" in one and "HttpOnly" in one for one in cookies)
    assert all("SameSite=Lax" in one and "Secure" not in one for one in cookies)


def test_behind_tls_it_stays_there_and_so_do_its_cookies(url: str) -> None:
    _, headers, _ = asked(url, Accept="text/html", X_Forwarded_Proto="https")
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookies = headers.get_all("Set-Cookie", [])
    assert cookies and all("; Secure" in one for one in cookies)
    assert "wss://" in headers["Content-Security-Policy"]


def test_a_browser_that_is_known_gets_no_other_cookie(url: str) -> None:
    _, headers, _ = asked(url, Accept="text/html", Cookie="compliance_browser=known")
    assert not any("compliance_browser" in one for one in headers.get_all("Set-Cookie", []))


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "", "a@127.0.0.1", "127.0.0.1:x", "LOCALHOST."],
)
def test_another_name_gets_no_answer(url: str, host: str) -> None:
    status, headers, content = asked(url, Host=host, Accept="text/html")
    # What no host can be called is refused before anybody looks.
    assert status in (400, 421) and b"<html" not in content and b"evil" not in content
    if status == 421:
        assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["localhost", "LocalHost:99", "127.0.0.1", "[::1]:8501"])
def test_its_own_names_are_answered(url: str, host: str) -> None:
    assert asked(url, "/_stcore/health", Host=host)[0] == 200


def test_a_window_is_opened_by_its_own_page_alone(url: str) -> None:
    with window(url, url) as opened:
        assert session_of(opened, url)
    host = urlsplit(url).netloc
    for origin in (
        None,
        "http://evil.example",
        "null",
        f"http://evil.example/{host}",
        url.replace(host, "127.0.0.1:1"),
    ):
        with pytest.raises(InvalidStatus, match="403"), window(url, origin):
            pass
    with pytest.raises(InvalidStatus, match="400"), window(url, url, Origin=url):
        pass
    # Two names are none.
    with pytest.raises(InvalidStatus, match="400"), window(url, "http://evil.example", Host="evil.example"):
        pass


def test_nobody_hands_in_a_file_before_signing_in(url: str) -> None:
    with window(url, url) as opened:
        session = session_of(opened, url)
        token = "2|00000000|00000000000000000000000000000000|1"
        part = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n' + bytes(1000) + b"\r\n--x--\r\n"
        status, _, content = asked(
            url, f"/_stcore/upload_file/{session}/1", "PUT", part, Content_Type="multipart/form-data; boundary=x",
            Cookie=f"_streamlit_xsrf={token}", X_Xsrftoken=token,
        )  # fmt: skip
        assert (status, b"Sign in" in content) == (403, True)
        # Of two lengths the server goes by the one that is not told.
        for length in ({}, {"Content_Length": "1"}):
            status, *_ = asked(url, f"/_stcore/upload_file/{session}/1", "PUT", Transfer_Encoding="chunked", **length)
            assert status == 411


def test_nothing_else_takes_a_body(url: str) -> None:
    assert asked(url, "/", "POST", Content_Length="100000000")[0] == 413
    assert asked(url, "/extract/x", "POST", Transfer_Encoding="chunked")[0] == 413
