"""What is removed after a purge, because it holds or may hold whom the purge removed.

A batch whose evidence is not kept yet is one whose files may not be wiped yet. Everything here may be done again; an
intake does it before it begins, so that what it leaves behind is never older than a purge.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import sqlalchemy as sa

from compliance import evidence, ledger, vault
from compliance.register import builds
from compliance.settings import Settings


def settle(settings: Settings, register: sa.Engine) -> None:
    """Wipes what purges that were carried out have left, and then keeps their evidence.

    Old builds, rows that stayed out of the copy, and raw exports that were taken in are overwritten and removed.
    """
    if not evidence.missing(settings, register):
        return
    builds.remove_files(settings, register, overwrite=True)
    for path in (*quarantine(settings), *raw_exports(settings, register)):
        vault.shred(path)
    evidence.write_missing(settings, register)


def raw_exports(settings: Settings, register: sa.Engine) -> list[Path]:
    """The raw exports that were taken in and still lie in the exports' folder.

    One that waits to be taken in stays: whom it holds of the purged is kept out then.
    """
    if settings.exports is None:
        return []
    files = _files(settings.exports)
    taken = ledger.taken_exports(register) if files else frozenset()
    return [path for path in files if f"sha256-{_digest(path)}" in taken]


def quarantine(settings: Settings) -> list[Path]:
    """The files of rows that stayed out of the copy."""
    return _files(settings.quarantine)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
