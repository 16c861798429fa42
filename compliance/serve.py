"""Starts the dashboard: `python -m compliance.serve [OPTION...]`, with the options of `streamlit run`.

Streamlit's ASGI application behind compliance/door.py, which every request passes.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import streamlit
from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit import config, runtime
from streamlit.runtime import Runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileKind, MediaFileStorage
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.secrets import secrets_singleton
from streamlit.starlette import App
from streamlit.web import bootstrap
from streamlit.web.cli import configurator_options

from compliance import door, warm
from compliance.access import start
from compliance.show import leaving
from compliance.ui.session import provider
from compliance.words import keys
from compliance.words import settings as settings_of
from compliance.words.command import Exit, asked_for, attempt
from compliance.words.settings import ROOT, Settings
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES

_PATIENCE_SECONDS = 60.0
_HERE = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - what is no name of a host, never listened on from here
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class _Addresses(MemoryMediaFileStorage):
    """What a click asks for is not kept: its token becomes the address of the route that writes it."""

    def load_and_get_id(
        self, path_or_data: str | bytes, mimetype: str, kind: MediaFileKind, filename: str | None = None
    ) -> str:
        """Keeps what a page shows, and nothing that leaves."""
        if kind is MediaFileKind.DOWNLOADABLE and isinstance(path_or_data, bytes):
            return f"{door.EXTRACT}{path_or_data.decode('ascii')}"
        return super().load_and_get_id(path_or_data, mimetype, kind, filename)

    def get_url(self, file_id: str) -> str:
        """The address of what is shown, or of what leaves."""
        return f"{_base()}{file_id}" if file_id.startswith(door.EXTRACT) else super().get_url(file_id)

    def delete_file(self, file_id: str) -> None:
        """Forgets what was shown; of what leaves nothing is there."""
        if not file_id.startswith(door.EXTRACT):
            super().delete_file(file_id)


class _Buttons(MediaFileManager):
    """The buttons by which files leave.

    At the end of anybody's run Streamlit forgets what a button stood for before its page was drawn anew. Whoever clicks
    while that is on its way to the browser gets no file, and an error in English. So what a button stood for last
    before is kept while an address is good. At the click is asked whether it is true still, as of all that leaves.
    """

    def __init__(self, storage: MediaFileStorage) -> None:
        super().__init__(storage)
        self._since: dict[str, float] = {}

    def _remove_orphaned_deferred_callables(self) -> None:
        """Forgets what no button stands for, or stood for last before; called with the lock.

        A run changes the buttons of its own window alone: of the others only those that are gone are looked through.
        """
        context = get_script_run_ctx()
        for session in list(self._deferred_ids_by_session):
            if context is None or session == context.session_id or not self._is_there(session):
                self._forget(session)

    def _forget(self, session: str) -> None:
        asked = self._deferred_ids_by_session[session]
        standing = asked.intersection(self._files_by_session_and_coord.get(session, {}).values())
        kept = set(standing)
        if self._is_there(session):
            now = time.monotonic()
            # The last one of each button, as they were added.
            stood = [one for one in self._deferred_callables if one in asked and one not in standing]
            before = {self._deferred_callables[one]["element_id"]: one for one in stood}
            kept.update(one for one in before.values() if now - self._since.setdefault(one, now) < leaving.SECONDS)
        for one in asked - kept:
            self._drop_deferred_id(one)

    def _drop_deferred_id(self, file_id: str) -> None:
        self._since.pop(file_id, None)
        super()._drop_deferred_id(file_id)

    @staticmethod
    def _is_there(session: str) -> bool:
        return runtime.exists() and runtime.get_instance().is_active_session(session)


class _App(App):
    """Streamlit's application with a storage and buttons of ours, which it has no argument for."""

    def _create_runtime(self) -> Runtime:
        made = super()._create_runtime()
        made._media_file_mgr = _Buttons(_Addresses(made.media_file_mgr._storage._media_endpoint))  # type: ignore[attr-defined]
        return made


def application(settings: Settings) -> App:
    """The dashboard as an ASGI application, by the options that Streamlit has been given."""
    at_door = Middleware(
        door.Door,
        hosts=hosts(settings),
        scripts=_inline_scripts(),
        largest=int(config.get_option("server.maxUploadSize")) * 1024 * 1024,
        held=_held,
    )
    extract = Route(f"{_base()}{door.EXTRACT}{{token}}", door.extracting(settings_of.load), methods=["GET"])
    return _App(ROOT / "dashboard.py", routes=[extract], middleware=[at_door])


def hosts(settings: Settings) -> frozenset[str]:
    """The names that the dashboard answers to: those of COMPLIANCE_HOSTS, or those that its other settings name.

    In the demo only this machine's own; else also the address that it listens on, the one that Streamlit shows and the
    one that the identity provider sends people back to.
    """
    if settings.hosts:
        return settings.hosts
    if settings.login == "demo":
        return frozenset(_HERE)
    named = {str(config.get_option(name) or "") for name in ("server.address", "browser.serverAddress")}
    auth: Mapping[str, Any] = (secrets_singleton.get("auth") or {}) if secrets_singleton.load_if_toml_exists() else {}
    named.add(urlsplit(str(auth.get("redirect_uri") or "")).hostname or "")
    return frozenset({*_HERE, *(name.lower() for name in named if name not in _EVERYWHERE)})


def _base() -> str:
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def _inline_scripts() -> list[str]:
    """The digests of the scripts that stand in Streamlit's own page."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    return [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in _INLINE.findall(page)]


def _held(window: str) -> tuple[int, int]:
    """How many bytes and files of a window Streamlit keeps in memory."""
    manager = runtime.get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    files = list(manager.file_storage.get(window, {}).values())
    return sum(len(one.data) for one in files), len(files)


def _checked() -> Exit:
    """Raises Refused where anything that guards the dashboard is not as it must be."""
    settings = settings_of.load()
    start.check(settings, config.get_option("server.address"))
    if settings.login == "oidc":
        provider(settings)
        for file in config.get_option("secrets.files"):
            keys.refuse_open(Path(file))
    return Exit.DONE


@click.command(context_settings={"auto_envvar_prefix": "STREAMLIT"})
@configurator_options
@click.option("--language", type=click.Choice(LANGUAGES), help="The language of refusals; both if not given.")
@click.argument("args", nargs=-1)
def main(args: tuple[str, ...], language: str | None, **options: Any) -> None:
    """Serves the dashboard until it is stopped; all of Streamlit's options are taken."""
    # Streamlit looks for its settings beside the script, and hands the script what is left of the call.
    sys.argv = [str(ROOT / "dashboard.py"), *args]
    config._main_script_path = sys.argv[0]
    given = {name: value for name, value in options.items() if value is not None and value != ()}
    bootstrap.load_config_options(given)
    if told := attempt(_checked, *([language] if language else LANGUAGES)):
        sys.exit(told)
    application(settings_of.load()).run(config={name.replace("_", "."): value for name, value in given.items()})


def call(given: list[str]) -> None:
    """Does what a call says, and ends the process; says in words what is wrong with one."""
    try:
        main(given, standalone_mode=False)
    except click.ClickException as error:
        language = asked_for(given, "")
        for one in [language] if language else LANGUAGES:
            if isinstance(error, click.NoSuchOption):
                told = say("usage.serve_option", one, name=error.option_name)
            else:
                told = say("usage.serve_call", one, told=error.format_message())
            sys.stderr.write(f"{told}\n")
        sys.exit(Exit.USAGE)
    except click.Abort:
        sys.exit(Exit.REFUSED)


if __name__ == "__main__":
    # Who has opened a connection is who did, not whom a header says it was for: the list of proxies is checked by it.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    # Until somebody's first visit Streamlit takes the folder pages/ for its older kind of pages, and would tell whoever
    # opens a view that a colleague sent that there is no such page.
    PagesManager.uses_pages_directory = False
    # Who comes first waits for nothing that could be made ready before; a copy that takes longer is waited for there.
    warm.start(warm.imports()).wait(_PATIENCE_SECONDS)
    call(sys.argv[1:])
