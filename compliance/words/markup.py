"""What came from outside is text where it is drawn, whatever stands in it.

A page is drawn as Markdown, where a name may be a picture whose address the reader's browser fetches, a link, a formula
or an icon; a chart knows some HTML. Backslashes are not enough: links, icons and emoji are looked for in the text that
is left once they are taken away. A span of code is left as it is, and compliance/ui/frame.py draws it like other text.
"""

from __future__ import annotations

import html
import re

# Words and what stands around them in a sentence, with nothing that means more: most names, spared a span of their own.
_WORD = r"(?:[^\W_]|%)+"
_WORDS = rf"{_WORD}(?:(?:_+|[-–'’,/]|(?<=\d)[.:](?=\d)){_WORD})*"
_TOLD = rf"[(“”\"'’]?{_WORDS}[.?]?[)“”\"'’]?[.,;:?]?"
_HARMLESS = re.compile(rf"(?!\d+[.)] ){_TOLD}(?:(?:[ \u00a0\u202f]| [–·&=] ){_TOLD})*")
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_TICKS = re.compile("`+")
# Streamlit puts icons in before it reads anything else, in code too; a word joiner is not seen.
_ICON = ":material/"


class Marked(str):
    """A text that may be drawn as Markdown: one of ours, in which all that came from outside is literal."""

    __slots__ = ()


def literal(text: object) -> Marked:
    """A text as Markdown that is drawn as just that text, in one line; one that is marked already stays as it is.

    Between two of them stands something else: a text never has one placeholder right behind another.
    """
    if isinstance(text, Marked):
        return text
    told = _BLANKS.sub(" ", str(text)).strip(" ")
    if not told or _HARMLESS.fullmatch(told):
        return Marked(told)
    told = told.replace(_ICON, ":material\u2060/")
    fence = "`" * (max((len(run) for run in _TICKS.findall(told)), default=0) + 1)
    edge = " " if told.startswith("`") or told.endswith("`") else ""
    return Marked(f"{fence}{edge}{told}{edge}{fence}")


def bold(text: object) -> Marked:
    """The same, in bold."""
    return Marked(f"**{literal(text)}**")


def untagged(text: str) -> str:
    """A text as a chart draws it, which knows some tags of HTML."""
    return html.escape(text, quote=False)
