"""Who asked the demo company for a correction asks to be erased instead: two people carry it out; answered, closed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from compliance import runs
from compliance.access import demo_actors
from compliance.access.at import At
from compliance.demo import letters_made
from compliance.demo.corrections import Follows, record_of
from compliance.purge import batches, execute
from compliance.purge import verbs as purge
from compliance.reading import copy
from compliance.reading.copy import Reading
from compliance.rectification import asks
from compliance.requests import desk, record
from compliance.requests.desk import Asked
from compliance.requests.tables import SOURCE, Step
from compliance.words.vocabulary import Role


def carry_out(at: At, reading: Reading, asked: Mapping[str, tuple[Follows, str]]) -> None:
    """Enters the request of whoever was `asked` for and is to be erased, by who acts; the CISO approves and carries out
    what was decided.
    """
    key = next((key for key, (follows, _) in asked.items() if follows is Follows.ERASED), None)
    stored = reading.rows(asks.RECTIFIABLE, record=record_of(key)) if key is not None else []
    if not stored:
        return
    told = Asked("erasure", "phone", at.today, "prospect", name=stored[0].name, email=stored[0].email)
    number = desk.register(at, reading, told)
    desk.write(at, number, Step.DECIDED, at.today, {"decision": "erase"}, reading=reading)
    with at.register.connect() as connection:
        reference = record.row_of(connection, number)["reference"]
    found = _reading(at)
    batch, _ = purge.propose_for_requests(at, found, [(SOURCE, reference)])
    ciso = dataclasses.replace(at, actor=next(one for one in demo_actors(at.settings) if one.role is Role.CISO))
    going = batches.preview(at.settings, at.register, found, batch.batch_id).going
    word = purge.CONFIRMATION_WORDS["sv"]
    purge.approve(ciso, found, batch.batch_id, seen_build=found.build, word=word, number=going)
    run_id = runs.queue(at.register, ciso.author, at.now, kind="purge")
    purge.claim(ciso, found, batch.batch_id, run_id, word=word, number=going)
    execute.carry_out(at.settings, at.register, batch.batch_id, lambda: at.now)
    letters_made.send(at, number)
    desk.write(at, number, Step.ANSWERED, at.today)
    desk.write(at, number, Step.CLOSED, at.today, {"outcome": "done"}, reading=_reading(at))


def _reading(at: At) -> Reading:
    found = copy.current(at.settings, at.register, at.today, at.policy, at.parameters)
    assert found is not None
    return found
