"""A mail server for tests that speaks TLS, signs people in, and says no where it is told to."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER, PASSWORD = "compliance", "sv4nt-och-h3mlig"


@dataclass
class Server:
    """What came to a server: each mail with the address that it was for, and what was signed in with."""

    port: int
    tls: str
    authority: Path
    came: list[tuple[str, EmailMessage]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    # What it answers for an address, or for a mail ("data"), instead of yes.
    answers: dict[str, str] = field(default_factory=dict)
    # What it does before it answers for an address.
    waits: Callable[[], None] = lambda: None

    def environ(self, folder: Path, **more: str) -> dict[str, str]:
        """The settings of an installation that mails by it; the password is written into the folder."""
        secret = folder / "mail.secret"
        secret.write_text(f"{PASSWORD}\n", encoding="ascii")
        secret.chmod(0o600)
        return {
            "COMPLIANCE_ADDRESS": "https://compliance.company.example",
            "COMPLIANCE_MAIL_HOST": HOST,
            "COMPLIANCE_MAIL_PORT": str(self.port),
            "COMPLIANCE_MAIL_TLS": self.tls,
            "COMPLIANCE_MAIL_FROM": "compliance@company.example",
            "COMPLIANCE_MAIL_USER": USER,
            "COMPLIANCE_MAIL_PASSWORD": str(secret),
            "COMPLIANCE_MAIL_CA": str(self.authority),
            **more,
        }


class _Handler:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def handle_RCPT(
        self, _smtp: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self._server.waits()
        if refused := self._server.answers.get(address):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _smtp: SMTP, _session: Session, envelope: Envelope) -> str:
        if refused := self._server.answers.get("data"):
            return refused
        assert isinstance(envelope.content, bytes)
        made = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(made, EmailMessage)
        self._server.came += [(address, made) for address in envelope.rcpt_tos]
        return "250 OK"


@contextmanager
def serving(tls: str = "starttls", *, named: str = HOST, speaks_tls: bool = True, **options: Any) -> Iterator[Server]:
    """A server under TLS with a certificate for `named`; without `speaks_tls` one that offers none."""
    context, authority = _certificate(named)
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    server = Server(port, tls, authority)

    def authenticator(_smtp: SMTP, _session: Session, _envelope: Envelope, _how: str, told: Any) -> AuthResult:
        assert isinstance(told, LoginPassword)
        server.signed_in.append(told.login.decode())
        good = (told.login, told.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    given: Mapping[str, Any] = {"ssl_context": context} if tls == "implicit" else {}
    if speaks_tls and tls == "starttls":
        given = {"tls_context": context, "require_starttls": True, "auth_require_tls": True}
    controller = Controller(
        _Handler(server), hostname=HOST, port=port, authenticator=authenticator,
        **{"auth_require_tls": False, **given, **options},
    )  # fmt: skip
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@cache
def _certificate(named: str) -> tuple[ssl.SSLContext, Path]:
    """A certificate that vouches for itself, and the file by which it is believed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, named)])
    now = dt.datetime.now(dt.UTC)
    by_address = named.replace(".", "").isdecimal()
    alternative = x509.IPAddress(ipaddress.ip_address(named)) if by_address else x509.DNSName(named)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = Path(tempfile.mkdtemp(prefix="mail-"))
    authority, chain = folder / "authority.pem", folder / "chain.pem"
    pem = made.public_bytes(serialization.Encoding.PEM)
    authority.write_bytes(pem)
    chain.write_bytes(
        pem
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    return context, authority
