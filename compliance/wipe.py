"""What is removed after a purge, because it holds or may hold whom the purge removed.

What may not be wiped is named by the purge's evidence, and tried again: by the server every few minutes, and by the
next purge and intake before they begin, so that what an intake leaves behind is never older than a purge.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from compliance import builds, evidence, ledger, runs
from compliance.builds import vault
from compliance.evidence.content import LeftBehind
from compliance.purge import tables as purge_tables
from compliance.register.lock import wiping
from compliance.runs import tables as runs_tables
from compliance.words import disks
from compliance.words.refusal import Refused
from compliance.words.settings import Settings

_MARK = ".wiped"


def settle(settings: Settings, register: sa.Engine, now: dt.datetime) -> None:
    """Wipes what purges that were carried out have left, and then keeps their evidence, which names what may not be
    wiped; what was kept of others is written again where it is not as the register says by now.

    Where one of them removed anything, old builds, rows that stayed out of the copy, and raw exports that were taken in
    are overwritten and removed; always what runs that have ended left where they worked.

    Raises Refused `evidence_gone`, before anything is wiped, where evidence that was kept is not there; `wipe_blocked`
    with the name of a file that may not be read, overwritten or removed: everything else is wiped then, the evidence is
    kept, and it is tried again the next time. The name is for whoever asked to read, and for no log: a company may have
    named its export after a person. One process wipes at a time; others wait until it has.
    """
    stuck = _clear_work(settings, register)
    evidence.refuse_gone(settings, register)
    evidence.refresh(settings, register, now)
    # Evidence is kept last, so that where nothing is unwiped nobody is wiping.
    if not evidence.unwiped(settings, register):
        _refuse(stuck)
        return
    # A purge wipes after its run has ended, when an intake may begin: it waits here, or what it writes would be wiped.
    with wiping(register):
        blocked: list[tuple[Path, LeftBehind]] = []
        if _removed_something(register, evidence.unwiped(settings, register)):
            blocked = _wipe(settings, register)
        left = {(one.kind, one.name): one for _, one in blocked}
        evidence.write_unwiped(settings, register, now, [left[one] for one in sorted(left)])
    _refuse([*stuck, *(path for path, _ in blocked)])


def _refuse(stays: Sequence[Path]) -> None:
    if stays:
        raise Refused("wipe_blocked", file=stays[0].name, folder=str(stays[0].parent), files=len(stays))


def make_room(settings: Settings, register: sa.Engine, now: dt.datetime) -> None:
    """Removes what runs that died have left, where the disk has hardly any room left: else nobody could even say in the
    register that they go on. The run that comes clears the rest, and says so there.
    """
    if not disks.is_short(settings.store):
        return
    # Listed before anybody is asked: what a run makes that begins from now on is not among them, and no name comes
    # twice.
    files = builds.files(settings)
    folders = _work(settings)
    if runs.alive(register, now) is not None:
        return
    builds.make_room(register, files)
    for folder in folders:
        vault.shred_all(folder)


def _removed_something(register: sa.Engine, batch_ids: Sequence[int]) -> bool:
    """Whether a purge has made a new build. One of which everything stayed has left nobody behind to wipe."""
    batch = purge_tables.batch.c
    made = sa.select(batch.batch_id).where(batch.batch_id.in_(batch_ids), batch.build_after != batch.build_before)
    with register.connect() as connection:
        return connection.execute(made.limit(1)).first() is not None


def _wipe(settings: Settings, register: sa.Engine) -> list[tuple[Path, LeftBehind]]:
    """Wipes all that may be wiped; returns what may not, with what evidence says of it."""
    old = [path for path in builds.replaced(settings, register) if not _wiped(path)]
    builds.forget_keys(register)
    rows, closed = _files(settings.quarantine)
    stays = [path for path in rows if not _wiped(path)]
    blocked = [(path, LeftBehind(kind="build", name=path.name)) for path in [*old, *_undropped(settings, register)]]
    blocked += [(path, LeftBehind(kind="quarantine", name=path.name)) for path in [*closed, *stays]]
    taken, unread = _exports(settings, register)
    blocked += [(path, LeftBehind(kind="unread", name=_digest_of_name(path))) for path in unread]
    kept = [(path, digest) for path, digest in taken.items() if not _wiped(path, _MARK)]
    return blocked + [(path, LeftBehind(kind="export", name=digest)) for path, digest in kept]


def _undropped(settings: Settings, register: sa.Engine) -> list[Path]:
    """What a central database keeps of builds that are no longer current; the database itself where it does not say."""
    try:
        schemas = builds.clear_central(settings, register)
    except Refused as refused:
        return [Path(str(refused.values.get("database")))]
    return [Path(schema) for schema in schemas]


def raw_exports(settings: Settings, register: sa.Engine) -> list[Path]:
    """The raw exports that were taken in and still lie in the exports' folder.

    One that waits to be taken in stays: whom it holds of the purged is kept out then.
    """
    return list(_exports(settings, register)[0])


def quarantine(settings: Settings) -> list[Path]:
    """The files of rows that stayed out of the copy."""
    return _files(settings.quarantine)[0]


def _exports(settings: Settings, register: sa.Engine) -> tuple[dict[Path, str], list[Path]]:
    """The raw exports that were taken in, with their digests, and what may not be read: it may have been taken in."""
    files, unread = _files(settings.exports) if settings.exports is not None else ([], [])
    digests = ledger.taken_exports(register) | evidence.left_exports(register) if files else frozenset()
    taken = {}
    for path in files:
        try:
            digest = f"sha256-{_digest(path)}"
            if path.name.endswith(_MARK) or digest in digests:
                taken[path] = digest
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


def _work(settings: Settings) -> list[Path]:
    """The folders of runs, whether they go on or not."""
    return sorted(settings.work.iterdir()) if settings.work.exists() else []


def _clear_work(settings: Settings, register: sa.Engine) -> list[Path]:
    """Survivors of a purge that was killed are persons too; a run that goes on keeps what is its own.

    Returns the folders that may not be wiped.
    """
    folders = _work(settings)
    if not folders:
        return []
    run = runs_tables.intake_run.c
    with register.connect() as connection:
        going_on = set(connection.scalars(sa.select(run.run_id).where(run.state.in_(["queued", "running"]))))
    stuck: list[Path] = []
    for folder in folders:
        if folder.name not in going_on:
            try:
                vault.shred_all(folder)
            except OSError:
                stuck.append(folder)
    return stuck


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


def _digest_of_name(path: Path) -> str:
    return f"sha256-{hashlib.sha256(path.name.encode()).hexdigest()}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
