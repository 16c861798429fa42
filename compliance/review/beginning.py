"""What leads a new company from an empty store to its first figure: the steps, and which of them are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from compliance.runs.tables import State, intake_run
from compliance.sources.tables import saved_mapping
from compliance.words import keys
from compliance.words.settings import Settings


class Beginning(StrEnum):
    """The steps in their order. Texts: `beginning.<value>`."""

    KEYS = "keys"
    SIGN_IN = "sign_in"
    SOURCE = "source"
    INTAKE = "intake"
    FIGURE = "figure"


@dataclass(frozen=True)
class Step:
    """A step, and whether it is done. `told` says how it stands, by the text `beginning_told.<told>` filled with
    `values`; `filters` are those of the page that it leads to, where it leads to one.
    """

    step: Beginning
    done: bool
    told: str
    values: Mapping[str, str] = field(default_factory=dict)
    page: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)


_INTAKE = "pages/intake/intake.py"


def steps(settings: Settings, register: sa.Engine) -> list[Step]:
    """How far an installation has come of which nothing is read yet; whoever asks has signed in."""
    missing = keys.missing(settings)
    with register.connect() as connection:
        mappings = connection.scalar(sa.select(sa.func.count()).select_from(saved_mapping))
        last = (
            connection.execute(
                sa.select(intake_run.c.run_id, intake_run.c.state).order_by(intake_run.c.started_at.desc()).limit(1)
            )
            .mappings()
            .one_or_none()
        )
    is_demo = settings.login == "demo"
    return [
        Step(Beginning.KEYS, not missing, "keys_missing" if missing else "keys", {"kinds": ", ".join(missing)}),
        Step(Beginning.SIGN_IN, not is_demo, "sign_in_demo" if is_demo else "sign_in"),
        # What is known of many systems is shipped: a source is mapped by whoever takes its first export in.
        Step(Beginning.SOURCE, bool(mappings or last), "source_mapped" if mappings or last else "source", page=_INTAKE),
        _intake(last),
        Step(Beginning.FIGURE, False, "figure"),
    ]


def _intake(last: Mapping[Any, Any] | None) -> Step:
    if last is None:
        return Step(Beginning.INTAKE, False, "intake", page=_INTAKE)
    told = "intake_refused" if last["state"] in (State.REFUSED, State.FAILED) else "intake_running"
    return Step(Beginning.INTAKE, False, told, page=_INTAKE, filters={"run": last["run_id"]})
