"""What must be right before anybody can open the dashboard."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import sqlalchemy as sa

from compliance import access
from compliance.access import sign_in
from compliance.register.engine import engine
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings


def check(settings: Settings, address: str | None) -> sa.Engine:
    """The register, once all is as it must be for a server that listens at `address`.

    Raises Refused: `demo_not_local`, what compliance.register.engine does, `key_missing`, `key_open_to_others`,
    `roles_unreadable`, and what compliance.access.sign_in.secret does.
    """
    if settings.login == "demo":
        if not access.demo_allowed(settings, address):
            raise Refused("demo_not_local")
        return engine(settings)
    register = engine(settings)
    keys.pseudonyms(settings)
    for path in (settings.key_file, settings.suppression_keys, settings.signing_key, settings.proxy_secret):
        if path is not None:
            _check_key(path)
    access.check_roles(settings)
    sign_in.secret(settings)
    return register


def _check_key(path: Path) -> None:
    if os.name == "posix" and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        # What others may have read is no secret any more: somebody decides, so it is not put right in silence.
        raise Refused("key_open_to_others", file=path.name, command=f"chmod 600 {path}")
