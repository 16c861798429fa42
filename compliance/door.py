"""What stands before Streamlit: by which name it is asked, what every answer says, what comes in and what leaves.

An ASGI middleware and one route; compliance/serve.py puts them before Streamlit's own.
"""

from __future__ import annotations

import html
import logging
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Protocol
from urllib.parse import quote, urlsplit

import anyio
from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compliance import runs
from compliance.access import sign_in, uploads
from compliance.reading.copy import Retired
from compliance.show import leaving
from compliance.words.refusal import Refused
from compliance.words.settings import Settings
from compliance.words.texts import refusal, say

EXTRACT = "/extract/"
_UPLOAD = re.compile(r"/_stcore/upload_file/(?P<window>[^/]+)/[^/]+$")
# What Streamlit answers and nobody here asks: counts of sessions, and a way in for other programs.
_CLOSED = re.compile(r"/_stcore/(metrics|agent|script-health-check)(/|$)")
# So many files of one window, and no more than a file may have by `server.maxUploadSize` in all.
FILES = 30
_FRAMING = 10_000
# How long a file may take to come in: a minute, and what a line of two megabits a second needs for its bytes.
_PATIENCE_SECONDS = 60.0
_SLOWEST_A_SECOND = 250_000
_NO_BODY = 65_536
# A request by a script, as Streamlit makes one before a file is fetched, to see whether it is there.
_BY_SCRIPT = ("cors", "no-cors", "same-origin")
_PAGE = (
    '<!doctype html><html lang="{tongue}"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="color-scheme" content="light dark"><style>body {{ font: 1rem/1.5 sans-serif; max-width: 40rem;'
    " margin: 4rem auto; padding: 0 1rem }}</style></head><body><h1>{title}</h1><p>{text}</p></body></html>"
)
_log = logging.getLogger(__name__)

_FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope", "hid",
    "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip


class Held(Protocol):
    """What the server keeps of files that were handed in: bytes and number by window."""

    def __call__(self, window: str) -> tuple[int, int]: ...


def policy(scripts: Collection[str], host: str, secure: bool) -> str:
    """The Content-Security-Policy of every answer: only what is this server's own, and inline `scripts` by digest."""
    told = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *(f"'sha256-{one}'" for one in scripts)]),
        # Streamlit writes its styles while it runs; none of them can fetch anything from elsewhere.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        # Not every browser counts a WebSocket to the same host as 'self'.
        "connect-src": f"'self' {'wss' if secure else 'ws'}://{host}",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'self'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
        "frame-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in told.items())


class Door:
    """Lets in what asks for this host from its own pages, adds its headers to every answer, keeps uploads small."""

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str], scripts: Collection[str], largest: int, held: Held
    ) -> None:
        """`hosts` are the names that the dashboard answers to, `largest` how many bytes a window may hand in."""
        self._app = app
        self._hosts = frozenset(hosts)
        self._scripts = tuple(scripts)
        self._largest = largest
        self._held = held
        self._coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one window's WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = _host(headers)
        known = host is not None and host in self._hosts
        if scope["type"] == "websocket":
            if known and _same(headers):
                await self._app(scope, receive, send)
            else:
                _log.warning("a WebSocket was refused: its host or origin is not this dashboard")
                await send({"type": "websocket.close", "code": 1008})
            return
        answer = self._answering(scope, headers, send, known=known)
        refused = self._refused(scope, headers, known=known)
        if refused is not None:
            await refused(scope, receive, answer)
            return
        taken = _UPLOAD.search(scope["path"])
        if taken and scope["method"] == "PUT":
            await self._take_in(taken["window"], scope, receive, answer, int(headers.get("content-length", 0)))
            return
        await self._app(scope, receive, answer)

    def _refused(self, scope: Scope, headers: Headers, *, known: bool) -> Response | None:
        """Why a request gets no answer of Streamlit's."""
        if not known:
            # The name may be anybody's: it is not told again.
            return PlainTextResponse(say("door.host", "en"), 421)
        if _CLOSED.search(scope["path"]):
            return PlainTextResponse(say("door.closed", "en"), 404)
        if _UPLOAD.search(scope["path"]) and scope["method"] == "PUT":
            # Without a length nobody can say beforehand that it is too much.
            counted = headers.get("content-length", "").isdigit() and "transfer-encoding" not in headers
            return None if counted else PlainTextResponse("", 411)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _NO_BODY or "transfer-encoding" in headers:
            return PlainTextResponse("", 413)
        return None

    async def _take_in(self, window: str, scope: Scope, receive: Receive, send: Send, length: int) -> None:
        """Lets a file in where the window may hand one in and has room for it."""
        if not await to_thread.run_sync(uploads.may, window):
            await PlainTextResponse(say("door.upload", "en"), 403)(scope, receive, send)
            return
        size, files = self._held(window)
        if size + self._coming[window] + length > self._largest + _FRAMING or files >= FILES:
            await PlainTextResponse(say("door.upload_room", "en"), 413)(scope, receive, send)
            return
        self._coming[window] += length
        begun = False

        async def answered(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            # Whoever sends a byte now and then would keep the room for ever.
            with anyio.fail_after(_PATIENCE_SECONDS + length / _SLOWEST_A_SECOND):
                await self._app(scope, receive, answered)
        except TimeoutError:
            if begun:
                raise
            await PlainTextResponse(say("door.upload_slow", "en"), 408)(scope, receive, send)
        finally:
            self._coming[window] -= length
            self._coming += Counter()

    def _answering(self, scope: Scope, headers: Headers, send: Send, *, known: bool) -> Send:
        """Sends an answer with the headers that each has."""
        secure = scope["scheme"] == "https" or headers.get("x-forwarded-proto") == "https"
        host = headers.get("host", "") if known else "localhost"
        fresh = "text/html" in headers.get("accept", "") and leaving.BROWSER not in HTTPConnection(scope).cookies

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                if fresh:
                    told.append("set-cookie", f"{leaving.BROWSER}={secrets.token_urlsafe(32)}; Path=/; HttpOnly")
                _say(told, policy(self._scripts, host, secure), secure=secure)
            await send(message)

        return answered


def _say(told: MutableHeaders, csp: str, *, secure: bool) -> None:
    told["content-security-policy"] = csp
    told["x-content-type-options"] = "nosniff"
    told["x-frame-options"] = "DENY"
    told["referrer-policy"] = "no-referrer"
    told["permissions-policy"] = ", ".join(f"{name}=()" for name in _FEATURES)
    told["cross-origin-opener-policy"] = "same-origin"
    told["cross-origin-resource-policy"] = "same-origin"
    if secure:
        told["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    # Streamlit's own cookies lack what keeps them from other pages, and behind a proxy also Secure.
    for place, (name, value) in enumerate(told.raw):
        if name == b"set-cookie":
            lower = value.lower()
            value += b"" if b"samesite" in lower else b"; SameSite=Lax"
            value += b"; Secure" if secure and b"; secure" not in lower else b""
            told.raw[place] = (name, value)


def _host(headers: Headers) -> str | None:
    """The name that a request asks for, without its port; None where it says none, or several."""
    named = headers.getlist("host")
    if len(named) != 1:
        return None
    try:
        found = urlsplit(f"//{named[0]}")
        # Looking at the port tells whether it is one.
        whole = found.port is None or found.port > 0
        return found.hostname if whole and found.netloc == named[0] and "@" not in named[0] else None
    except ValueError:
        return None


def _same(headers: Headers) -> bool:
    """Whether a WebSocket is opened by a page of the host that it asks for."""
    origins = headers.getlist("origin")
    if len(origins) != 1:
        return False
    return urlsplit(origins[0]).netloc.lower() == headers.get("host", "").lower() != ""


class _Stream(Response):
    """A file, written in a thread while it is read; whoever goes away ends it."""

    def __init__(self, written: leaving.Written, leaving_now: leaving.Leaving) -> None:
        super().__init__(
            media_type=leaving_now.mime,
            headers={"content-disposition": f"attachment; filename*=utf-8''{quote(leaving_now.name, safe='')}"},
        )
        del self.headers["content-length"]
        self.headers["cache-control"] = "no-store"
        self._written = written

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Sends chunk after chunk, never more than has been asked for."""
        async with anyio.create_task_group() as group:

            async def watch() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(watch)
            try:
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                while (chunk := await to_thread.run_sync(next, self._written, None)) is not None:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            except Exception as error:
                # Purged meanwhile, or broken: the file ends in the middle, and the browser says that it failed.
                runs.log_fault(_log, "an extract", error)
            finally:
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(self._written.close)
            group.cancel_scope.cancel()


def extracting(settings: Callable[[], Settings]) -> Callable[[Request], object]:
    """The route by which a file leaves that somebody has asked for at a click."""

    async def extract(request: Request) -> Response:
        # HEAD is asked by whoever looks at links before somebody follows them; Starlette lets it in with GET.
        if request.method != "GET" or _by_script(request.headers):
            return Response(status_code=204, headers={"cache-control": "no-store"})
        headers, tongue = request.headers, _language(request.headers)
        try:
            reader = _reader(settings(), request)
        except Refused as refused:
            return _no(headers, 403, tongue, refusal(refused.code, tongue, refused.values))
        bound = leaving.bound_to(request.cookies.get(leaving.BROWSER, ""), reader)
        found = leaving.take(request.path_params["token"], bound, time.monotonic())
        if found is None:
            return _no(headers, 410, tongue, say("door.extract_gone", tongue))
        try:
            written = await to_thread.run_sync(found.write)
        except Refused as refused:
            return _no(headers, 403, found.language, refusal(refused.code, found.language, refused.values))
        except Retired:
            return _no(headers, 409, found.language, refusal("extract_changed", found.language, {}))
        except Exception as error:
            # Without its message, which may quote a row.
            runs.log_fault(_log, "an extract", error)
            return _no(headers, 500, found.language, say("refusal.unknown", found.language))
        return _Stream(written, found)

    return extract


def _reader(settings: Settings, request: Request) -> str:
    """Whom a proxy names for the fetch itself; nobody where there is none. Raises Refused as sign_in.proxied does."""
    if settings.login != "proxy":
        return ""
    peer = request.client.host if request.client else ""
    return sign_in.proxied(settings, peer, request.headers.getlist) or ""


def _by_script(headers: Mapping[str, str]) -> bool:
    """Whether a script looks for a file, which does not use up its address."""
    mode = headers.get("sec-fetch-mode")
    if mode is not None:
        return mode in _BY_SCRIPT
    # Over plain HTTP a browser does not say, but it asks for anything.
    return headers.get("user-agent", "").startswith("Mozilla/") and headers.get("accept") == "*/*"


def _language(headers: Mapping[str, str]) -> str:
    """The language of a browser of which nobody knows what its reader has chosen."""
    return "sv" if headers.get("accept-language", "").lower().startswith("sv") else "en"


def _no(headers: Mapping[str, str], status: int, tongue: str, text: str) -> Response:
    """Why a file does not leave, as a page in the reader's language.

    A browser that follows a link to a file shows nothing of an answer that says no: it gets the page as the file.
    """
    title = html.escape(say("door.extract_none", tongue))
    page = _PAGE.format(tongue=tongue, title=title, text=html.escape(text))
    told = {"cache-control": "no-store"}
    if headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "empty":
        name = quote(f"{say('door.extract_none', tongue)}.html", safe="")
        told["content-disposition"], status = f"attachment; filename*=utf-8''{name}", 200
    return HTMLResponse(page, status, told)
