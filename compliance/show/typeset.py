"""Documents as PDF: drawn by Typst, which needs neither a browser nor a font of the machine, in vectors."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst


def pdf(template: Path, told: Mapping[str, Any], made_at: dt.datetime) -> bytes:
    """A document as PDF. All that is told comes to the template as data (`sys.inputs.data`, JSON), so nothing of it can
    be markup. The same data of the same instant makes the same bytes.
    """
    made: bytes = typst.compile(
        template,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(told, ensure_ascii=False, sort_keys=True)},
        timestamp=int(made_at.timestamp()),
    )
    return made
