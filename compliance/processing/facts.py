"""What the rules do not say of an activity, as it is described in a form."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from compliance.processing.tables import Transfer

_Text = Annotated[str, Field(min_length=1, max_length=500)]
_Perhaps = Annotated[str, Field(max_length=500)]


class Described(BaseModel):
    """An activity besides its rule. A field that may be left empty is not known then, which is a gap where the law asks
    for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # To whom, by function or system; processors among them (30.1 d).
    recipients: _Text
    transfers: Transfer
    # What guards a transfer to a third country (30.1 e).
    safeguards: _Perhaps = ""
    # Technical and organisational measures (30.1 g).
    measures: _Text
    # The balancing of interests, where the ground is legitimate interest (6.1 f).
    lia_reference: Annotated[str, Field(max_length=80)] = ""
    lia_reviewed_on: dt.date | None = None
    reviewed_on: dt.date


class Entrusted(BaseModel):
    """What is done on behalf of customers in their environments, alike in all of them (article 30.2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Of processing (30.2 b).
    categories: _Text
    # Further processors, by function or system.
    subprocessors: _Perhaps = ""
    transfers: Transfer
    # What guards a transfer to a third country (30.2 c).
    safeguards: _Perhaps = ""
    reviewed_on: dt.date
