"""A refusal is a value with a reason that a page, a command line or a log can put in words."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """Something was not done, and `code` says why; nothing has changed.

    `code` names the text `refusal.<code>`; `values` fill its placeholders and hold no personal data, so that a
    refusal may be logged. `str()` gives code and values, never a sentence: a sentence needs a language.
    """

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values
        super().__init__(code, values)

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.code}({details})"
