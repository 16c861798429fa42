"""What is removed after a purge, because it holds or may hold whom the purge removed.

A batch whose evidence is not kept yet is one whose files may not be wiped yet. Everything here may be done again; an
intake does it before it begins, so that what it leaves behind is never older than a purge.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from compliance import builds, evidence, ledger
from compliance.builds import vault
from compliance.purge import tables as purge_tables
from compliance.register.lock import wiping
from compliance.runs import tables as runs_tables
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

_MARK = ".wiped"


def settle(settings: Settings, register: sa.Engine, now: dt.datetime) -> None:
    """Wipes what purges that were carried out have left, and then keeps their evidence; what was kept of others is
    written again where it is not as the register says by now.

    Where one of them removed anything, old builds, rows that stayed out of the copy, and raw exports that were taken in
    are overwritten and removed; always what runs that have ended left where they worked.

    Raises Refused `evidence_gone`, before anything is wiped, where evidence that was kept is not there; `wipe_blocked`
    with the name of a file that may not be read, overwritten or removed: everything else is wiped then, but no evidence
    is kept, so that it is tried again. The name is for whoever asked to read, and for no log: a company may have named
    its export after a person. One process wipes at a time; others wait until it has.
    """
    _clear_work(settings, register)
    evidence.refuse_gone(settings, register)
    evidence.refresh(settings, register, now)
    # Evidence is kept last, so that where none is missing nobody is wiping.
    if not evidence.missing(settings, register):
        return
    # A purge wipes after its run has ended, when an intake may begin: it waits here, or what it writes would be wiped.
    with wiping(register):
        if _removed_something(register, evidence.missing(settings, register)):
            _wipe(settings, register)
        evidence.write_missing(settings, register, now)


def _removed_something(register: sa.Engine, batch_ids: Sequence[int]) -> bool:
    """Whether a purge has made a new build. One of which everything stayed has left nobody behind to wipe."""
    batch = purge_tables.batch.c
    made = sa.select(batch.batch_id).where(batch.batch_id.in_(batch_ids), batch.build_after != batch.build_before)
    with register.connect() as connection:
        return connection.execute(made.limit(1)).first() is not None


def _wipe(settings: Settings, register: sa.Engine) -> None:
    builds.remove_files(settings, register, overwrite=True)
    rows, blocked = _files(settings.quarantine)
    blocked += [path for path in rows if not _wiped(path)]
    taken, unread = _exports(settings, register)
    blocked += [*unread, *(path for path in taken if not _wiped(path, _MARK))]
    if blocked:
        raise Refused("wipe_blocked", file=blocked[0].name, folder=str(blocked[0].parent), files=len(blocked))


def raw_exports(settings: Settings, register: sa.Engine) -> list[Path]:
    """The raw exports that were taken in and still lie in the exports' folder.

    One that waits to be taken in stays: whom it holds of the purged is kept out then.
    """
    return _exports(settings, register)[0]


def quarantine(settings: Settings) -> list[Path]:
    """The files of rows that stayed out of the copy."""
    return _files(settings.quarantine)[0]


def _exports(settings: Settings, register: sa.Engine) -> tuple[list[Path], list[Path]]:
    """The raw exports that were taken in, and what may not be read: nobody can say that it was not."""
    files, unread = _files(settings.exports) if settings.exports is not None else ([], [])
    digests = ledger.taken_exports(register) if files else frozenset()
    taken = []
    for path in files:
        try:
            if path.name.endswith(_MARK) or f"sha256-{_digest(path)}" in digests:
                taken.append(path)
        except FileNotFoundError:
            continue
        except OSError:
            unread.append(path)
    return taken, unread


def _wiped(path: Path, mark: str = "") -> bool:
    """Overwrites and removes a file, and says whether that could be done. Its name says first, by `mark`, what it is:
    half overwritten, nobody would know it for an export that was taken in any more.
    """
    try:
        if not path.name.endswith(mark):
            # One that may not be overwritten keeps the name that its owner knows.
            path.open("r+b").close()
            path = path.rename(path.with_name(path.name + mark))
        vault.shred(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _clear_work(settings: Settings, register: sa.Engine) -> None:
    """Survivors of a purge that was killed are persons too; a run that goes on keeps what is its own."""
    folders = sorted(settings.work.iterdir()) if settings.work.exists() else []
    if not folders:
        return
    run = runs_tables.intake_run.c
    with register.connect() as connection:
        going_on = set(connection.scalars(sa.select(run.run_id).where(run.state.in_(["queued", "running"]))))
    for folder in folders:
        if folder.name not in going_on:
            vault.shred_all(folder)


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files below a folder, and what may not be looked into."""
    files: list[Path] = []
    closed: list[Path] = []

    def cannot(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            closed.append(Path(str(error.filename)))

    for inner, _, names in os.walk(folder, onerror=cannot):
        for path in (Path(inner) / name for name in names):
            try:
                if path.is_file() and not path.is_symlink():
                    files.append(path)
            except OSError:
                closed.append(path)
    return sorted(files), sorted(closed)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
