"""What a step of an incident says, by its kind: one model each, from which the form on the page is made too."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from compliance.incidents.tables import StepKind
from compliance.words.vocabulary import Category


class Side(StrEnum):
    """In what role the company answers for the data. Texts: `incident_side.<value>`."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"


class Nature(StrEnum):
    """What happened to the data (GDPR article 4.12). Texts: `incident_nature.<value>`."""

    DISCLOSURE = "disclosure"
    ACCESS = "access"
    ALTERATION = "alteration"
    LOSS = "loss"
    DESTRUCTION = "destruction"


class Cause(StrEnum):
    """Why it happened. Texts: `incident_cause.<value>`."""

    HUMAN = "human"
    TECHNICAL = "technical"
    ATTACK = "attack"
    ROUTINE = "routine"
    SUPPLIER = "supplier"
    UNKNOWN = "unknown"


class DataKind(StrEnum):
    """What kinds of personal data are affected. Texts: `incident_data.<value>`."""

    IDENTITY = "identity"
    CONTACT = "contact"
    CREDENTIALS = "credentials"
    PERSONNUMMER = "personnummer"
    FINANCIAL = "financial"
    EMPLOYMENT = "employment"
    LOCATION = "location"
    FILES = "files"
    SPECIAL = "special"
    CRIMINAL = "criminal"
    OTHER = "other"


class Risk(StrEnum):
    """What it may come to for the persons (GDPR articles 33.1 and 34.1). Texts: `incident_risk.<value>`."""

    UNLIKELY = "unlikely"
    RISK = "risk"
    HIGH = "high"


class Verdict(StrEnum):
    """Whether the persons are informed, or why not (GDPR article 34.3). Texts: `incident_verdict.<value>`."""

    INFORM = "inform"
    NOT_HIGH = "not_high"
    UNINTELLIGIBLE = "unintelligible"
    AVERTED = "averted"
    PUBLIC = "public"


class Nis2Stage(StrEnum):
    """What is sent to the authority for network security. Texts: `incident_nis2.<value>`."""

    WARNING = "warning"
    NOTIFICATION = "notification"
    REPORT = "report"


def _in_utc(instant: dt.datetime) -> dt.datetime:
    return instant.astimezone(dt.UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Note = Annotated[str, Field(max_length=4000)]
Short = Annotated[str, Field(min_length=1, max_length=80)]
Reference = Annotated[str, Field(max_length=80)]


class Facts(BaseModel):
    """What one step says. Instants are aware."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    KIND: ClassVar[StepKind]
    # Whether several of the kind stand beside each other; else a second one must correct the first.
    SEVERAL: ClassVar[bool] = False


class Reported(Facts):
    """An incident begins: what it is called by, and what is known of it at first. A drill counts in no figure."""

    KIND = StepKind.REPORTED
    called: Short
    what: Text
    sides: Annotated[tuple[Side, ...], Field(min_length=1)] = (Side.CONTROLLER,)
    natures: Annotated[tuple[Nature, ...], Field(min_length=1)]
    is_drill: bool = False


class Occurred(Facts):
    """When it began and ended; None is not known, or not ended."""

    KIND = StepKind.OCCURRED
    began_at: Instant | None = None
    ended_at: Instant | None = None


class Detected(Facts):
    """When and how somebody saw it."""

    KIND = StepKind.DETECTED
    detected_at: Instant
    how: Text


class Aware(Facts):
    """When it was reasonably certain that personal data are affected: from then the hours count. Who says so is who
    records the step.
    """

    KIND = StepKind.AWARE
    aware_at: Instant
    reason: Text


class Contained(Facts):
    """When it was stopped from going on, and how."""

    KIND = StepKind.CONTAINED
    contained_at: Instant
    how: Text


class Caused(Facts):
    """Why it happened."""

    KIND = StepKind.CAUSED
    cause: Cause
    explained: Text


class Affected(Facts):
    """Whom it concerns and what of theirs. `persons` is None as long as nobody knows."""

    KIND = StepKind.AFFECTED
    persons: Annotated[int, Field(ge=0)] | None = None
    categories: tuple[Category, ...] = ()
    data: Annotated[tuple[DataKind, ...], Field(min_length=1)]
    is_abroad: bool = False


class Customer(Facts):
    """A customer whose data are affected: it is the controller, and must be told."""

    KIND = StepKind.CUSTOMER
    SEVERAL = True
    customer: Short


class ControllerInformed(Facts):
    """A customer has been told (GDPR article 33.2)."""

    KIND = StepKind.CONTROLLER_INFORMED
    SEVERAL = True
    customer: Short
    informed_at: Instant
    how: Text


class Assessed(Facts):
    """How likely it is that persons come to harm, and why."""

    KIND = StepKind.ASSESSED
    risk: Risk
    reason: Text
    consequences: Text


class Decided(Facts):
    """Whether the authority is notified, and why."""

    KIND = StepKind.DECIDED
    notify: bool
    reason: Text


class Notified(Facts):
    """The authority has been notified. Later than it had to be, the reason is told (GDPR article 33.1)."""

    KIND = StepKind.NOTIFIED
    notified_at: Instant
    reference: Reference = ""
    late_reason: Note = ""
    supplements: bool = False


class Supplemented(Facts):
    """More has been sent to the authority (GDPR article 33.4)."""

    KIND = StepKind.SUPPLEMENTED
    SEVERAL = True
    sent_at: Instant
    what: Text
    is_last: bool = False


class SubjectsDecided(Facts):
    """Whether the persons are informed, or why not (GDPR article 34)."""

    KIND = StepKind.SUBJECTS_DECIDED
    verdict: Verdict
    reason: Text


class SubjectsInformed(Facts):
    """The persons have been informed: when, how many, and how."""

    KIND = StepKind.SUBJECTS_INFORMED
    informed_at: Instant
    persons: Annotated[int, Field(ge=0)] | None = None
    how: Text


class Measure(Facts):
    """What is done, or will be, so that it goes no further and does not come again."""

    KIND = StepKind.MEASURE
    SEVERAL = True
    measure: Text
    is_done: bool = False


class Nis2(Facts):
    """What has been sent to the authority for network security, where the company counts that clock."""

    KIND = StepKind.NIS2
    SEVERAL = True
    stage: Nis2Stage
    sent_at: Instant
    reference: Reference = ""


class Closed(Facts):
    """Nothing is left to do; what was learnt."""

    KIND = StepKind.CLOSED
    learnt: Text


class Reopened(Facts):
    """There is more to do after all."""

    KIND = StepKind.REOPENED
    reason: Text


class TakenBack(Facts):
    """A step was wrong, and nothing stands in its place."""

    KIND = StepKind.TAKEN_BACK
    reason: Text


MODELS: dict[StepKind, type[Facts]] = {
    model.KIND: model
    for model in (
        Reported, Occurred, Detected, Aware, Contained, Caused, Affected, Customer, ControllerInformed, Assessed,
        Decided, Notified, Supplemented, SubjectsDecided, SubjectsInformed, Measure, Nis2, Closed, Reopened, TakenBack,
    )
}  # fmt: skip


# Steps are never changed, and each page of the start reads all of them.
@lru_cache(maxsize=10_000)
def read(kind: str, facts: str) -> Facts:
    """The facts of a step as the register keeps them."""
    return MODELS[StepKind(kind)].model_validate_json(facts)
