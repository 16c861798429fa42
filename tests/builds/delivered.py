"""An installation whose register and copy are in databases of their own, for those who attack it from two sides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from compliance.reading import copy
from tests import servers
from tests.purging import Weekly, prospect


@contextmanager
def delivered(server: str, names: tuple[str, str], empty_register: str, folder: Path) -> Iterator[Weekly]:
    """It has taken in three prospects, two of them overdue. `names` are those of the register's database and of the
    copy's, which go with it.
    """
    urls = [servers.create(server, name, of) for name, of in zip(names, (empty_register, None), strict=True)]
    made = Weekly(folder / "store", COMPLIANCE_REGISTER_URL=urls[0], COMPLIANCE_COPY_URL=urls[1])
    made.folder = folder / "exports"
    made.deliver(prospect(1), prospect(2), prospect(9, "2026-01-05"))
    yield made
    made.register.dispose()
    copy._copies.clear()
    for name in names:
        servers.drop(server, name)
