"""Another dashboard's process without its pages: `python -m tests.builds.second STORE REGISTER COPY`.

It is asked by a line of JSON, a word and what belongs to it, and answers by one. What it remembers it remembers from
one line to the next, as a dashboard does.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from compliance import runs
from compliance.access import sessions
from compliance.access.sign_in import Identity
from compliance.reading import copy
from compliance.runs.tables import State
from compliance.show import leaving
from compliance.words import keys
from compliance.words.refusal import Refused
from tests.purging import Desk


class Second(Desk):
    """What it is asked."""

    def build(self) -> Any:
        """Which build is read, and where its entries stand, by address."""
        number = copy.retried(self.reading).build
        return [number, {row.email: row.status for row in copy.retried(self.entries)}]

    def session(self, key: str) -> Any:
        """By which role a sign-in is let in."""
        actor = sessions.touch(self.settings, self.register, Identity(self.petra.email, key), self.clock())
        return actor.role.value if actor else None

    def sign_out(self, key: str) -> None:
        """Leaves."""
        sessions.sign_out(self.register, Identity(self.petra.email, key), self.clock())

    def claim(self) -> Any:
        """Begins an intake, and ends it at once."""
        run_id = runs.queue(self.register, None, self.clock())
        try:
            runs.claim(self.register, run_id, self.clock())
        except Refused as refused:
            runs.refuse(self.register, run_id, refused.code, self.clock())
            raise
        with self.register.begin() as connection:
            runs.end(connection, run_id, State.FAILED, "{}", None, self.clock())
        return "claimed"

    def rules(self) -> Any:
        """The version of the rules in force."""
        return self.policy.version

    def key(self) -> Any:
        """The name of the key that signs."""
        return keys.name_of(keys.signing(self.settings).public_key())

    def take(self, token: str, bound: str) -> Any:
        """Whether an address of a file leads to one."""
        return leaving.take(token, bound, time.monotonic()) is not None


def main() -> None:
    store, register, place = sys.argv[1:]
    second = Second(Path(store), COMPLIANCE_REGISTER_URL=register, COMPLIANCE_COPY_URL=place)
    asked: Mapping[str, Callable[..., Any]] = {
        name: getattr(second, name) for name in ("build", "session", "sign_out", "claim", "rules", "key", "take")
    }
    for line in sys.stdin:
        name, *told = json.loads(line)
        try:
            answer = asked[name](*told)
        except Refused as refused:
            answer = refused.code
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
