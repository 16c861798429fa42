"""Hands a mail over to the company's server: under TLS with a certificate that is verified, or not at all.

What a server says is kept as its number alone: its words name addresses, and some repeat what they were sent.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage

from compliance.digest.tables import State, Why
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Mail

_PATIENCE_SECONDS = 30
_TRY_AGAIN = range(400, 500)


@dataclass(frozen=True)
class Outcome:
    """What became of a mail, and why it was not sent."""

    state: State
    why: Why | None = None
    answer: int | None = None


class _NotOpened(Exception):
    """The server cannot be spoken to, for nobody."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Post:
    """The server, for one run: once it cannot be spoken to, it is not asked again for every other mail."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self._closed: Outcome | None = None

    def send(self, message: EmailMessage, address: str) -> Outcome:
        """Hands a mail over for one address. Raises Refused `mail_password_unreadable` and `mail_authority_unreadable`,
        and `key_open_to_others` for a password that others can read.
        """
        if self._closed is not None:
            return self._closed
        try:
            server = self._open()
        except _NotOpened as closed:
            self._closed = closed.outcome
            return closed.outcome
        try:
            server.send_message(message, self._mail.sender, [address])
        except smtplib.SMTPRecipientsRefused as error:
            return _of_answer(next(iter(error.recipients.values()))[0], Why.RECIPIENT)
        except smtplib.SMTPResponseException as error:
            return _of_answer(error.smtp_code, Why.REFUSED)
        except OSError:
            # SMTPException is one, too.
            return Outcome(State.DELAYED, Why.BROKEN_OFF)
        finally:
            # It has the mail by now, or never will, however the parting goes.
            with suppress(OSError):
                server.quit()
            server.close()
        return Outcome(State.SENT)

    def _open(self) -> smtplib.SMTP:
        mail = self._mail
        password = _password(mail)
        context = _context(mail)
        # The machine's own name is nobody's business.
        name = mail.sender.rpartition("@")[2]
        server: smtplib.SMTP | None = None
        try:
            if mail.tls == "implicit":
                server = smtplib.SMTP_SSL(mail.host, mail.port, name, timeout=_PATIENCE_SECONDS, context=context)
            else:
                server = smtplib.SMTP(mail.host, mail.port, name, timeout=_PATIENCE_SECONDS)
                server.starttls(context=context)
            if mail.user is not None and password is not None:
                server.login(mail.user, password)
        except Exception as error:
            if server is not None:
                server.close()
            raise _NotOpened(_of_opening(error)) from None
        return server


def _of_opening(error: Exception) -> Outcome:
    """Why a server cannot be spoken to. Raises what is no fault of a server."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _of_answer(error.smtp_code, Why.SIGN_IN)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Outcome(State.FAILED, Why.NO_TLS if "STARTTLS" in str(error) else Why.NO_SIGN_IN)
    if isinstance(error, smtplib.SMTPResponseException):
        return _of_answer(error.smtp_code, Why.REFUSED)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Outcome(State.DELAYED, Why.BROKEN_OFF)
    if isinstance(error, smtplib.SMTPException):
        # No way to sign in that both know.
        return Outcome(State.FAILED, Why.NO_SIGN_IN)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Outcome(State.FAILED, Why.CERTIFICATE)
    if isinstance(error, ssl.SSLError):
        return Outcome(State.FAILED, Why.TLS)
    if isinstance(error, OSError):
        return Outcome(State.DELAYED, Why.UNREACHABLE)
    raise error


def _of_answer(code: int, why: Why) -> Outcome:
    """Come again later, as of a server that lets strangers wait (greylisting), or no."""
    if code in _TRY_AGAIN:
        return Outcome(State.DELAYED, Why.DEFERRED, code)
    return Outcome(State.FAILED, why, code)


def _password(mail: Mail) -> str | None:
    if mail.password_file is None:
        return None
    keys.refuse_open(mail.password_file)
    try:
        told = mail.password_file.read_text(encoding="ascii").strip("\r\n")
    except (OSError, UnicodeDecodeError):
        told = ""
    if not told:
        raise Refused("mail_password_unreadable", file=mail.password_file.name)
    return told


def _context(mail: Mail) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=mail.authority)
    except (OSError, ssl.SSLError):
        raise Refused("mail_authority_unreadable", file=mail.authority.name if mail.authority else "–") from None
