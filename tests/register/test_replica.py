"""A server that follows those of register and copy and lags: what is decided is read from the one that is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.holds import verbs as holds
from compliance.holds.tables import Scope
from compliance.words.refusal import Refused
from tests import servers
from tests.purging import Desk, Weekly, prospect
from tests.world import TODAY

_URLS = {"COMPLIANCE_REGISTER_URL": "register", "COMPLIANCE_COPY_URL": "copy"}


def told(*sockets: str) -> dict[str, str]:
    """Settings that name servers as who has several hosts of one database names them."""
    hosts = "&".join(f"host={socket}" for socket in sockets)
    return {name: f"postgresql+psycopg://{servers.USER}@/{database}?{hosts}" for name, database in _URLS.items()}


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory, postgresql: str) -> Iterator[tuple[Weekly, str, str]]:
    """A desk, the server that it writes to, and one that follows and is behind from then on."""
    del postgresql
    with servers.postgresql() as primary:
        for database in _URLS.values():
            servers.create(primary, database)
        desk = Weekly(tmp_path_factory.mktemp("replica") / "store", **told(primary))
        desk.folder = desk.settings.store.parent / "exports"
        desk.deliver(prospect(1), prospect(2))
        with servers.replica(primary) as behind:
            yield desk, primary, behind
        desk.register.dispose()


def test_of_two_hosts_the_one_that_lags_decides_nothing(hosts: tuple[Weekly, str, str]) -> None:
    desk, primary, behind = hosts
    (row, *_) = desk.entries(status="OVERDUE")
    terms = holds.Terms("legal_claim", "legal", TODAY + dt.timedelta(days=30), "T-1")
    holds.place(desk.at(desk.petra), desk.reading(), holds.Target(Scope.PERSON, row.person_id), terms)
    with servers.connect(behind, "register") as connection:
        assert connection.execute("select count(*) from hold").fetchone() == (0,), "it does not know yet"
    other = Desk(desk.settings.store, **told(behind, primary))
    assert [one.person_id for one in other.entries(status="HELD")] == [row.person_id]
    other.register.dispose()


@pytest.mark.parametrize(("name", "code"), [("COMPLIANCE_REGISTER_URL", "register_closed"),
                                            ("COMPLIANCE_COPY_URL", "copy_closed")])  # fmt: skip
def test_a_replica_alone_is_refused_in_words(hosts: tuple[Weekly, str, str], name: str, code: str) -> None:
    desk, primary, behind = hosts
    with pytest.raises(Refused) as refused:
        Desk(Path(desk.settings.store), **{**told(primary), name: told(behind)[name]}).entries()
    assert refused.value.code == code
