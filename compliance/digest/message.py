"""A digest as a mail: the same in plain text and in simple HTML, with nothing that is fetched from anywhere."""

from __future__ import annotations

import datetime as dt
import email.policy
import hashlib
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from compliance.digest.content import Told
from compliance.words.texts import say


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("mail.html.jinja")


def plain(told: Told) -> str:
    """The digest as text."""
    lines = [told.opening, ""]
    for section in told.sections:
        lines += [section.title.upper(), ""]
        for item in section.items:
            lines.append(f"- {item.text}")
            lines += [f"  {more}" for more in (item.note, item.link) if more]
        lines.append("")
    lines += [say("digest.open", told.language), told.link, "", *told.closing]
    return "\n".join(lines) + "\n"


def html(told: Told) -> str:
    """The digest as a page, with what is told written out as text."""
    return _template().render(told=told, open=say("digest.open", told.language))


def content_digest(told: Told) -> str:
    """What tells one digest from another: SHA-256 of what it says."""
    return hashlib.sha256(f"{told.subject}\n\n{plain(told)}".encode()).hexdigest()


def mail(told: Told, sender: str, address: str, name: str, now: dt.datetime) -> EmailMessage:
    """The mail for one address. `name` tells it from every other mail, and from none that says the same again."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"] = told.subject
    message["From"] = sender
    message["To"] = address
    message["Date"] = now
    # Of a mail that was sent twice, as after a crash, a reader's program shows one.
    message["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    # Nobody's answering machine answers.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(plain(told), charset="utf-8", cte="quoted-printable")
    message.add_alternative(html(told), subtype="html", charset="utf-8", cte="quoted-printable")
    # Set before, it would be of the first part alone.
    message["Content-Language"] = told.language
    return message
