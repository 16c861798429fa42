"""What must be right before anybody can open the dashboard."""

from __future__ import annotations

import sqlalchemy as sa

from compliance import access, ledger
from compliance.access import sign_in
from compliance.register.engine import engine
from compliance.words import keys
from compliance.words.refusal import Refused
from compliance.words.settings import Settings


def check(settings: Settings, address: str | None) -> sa.Engine:
    """The register, once all is as it must be for a server that listens at `address`.

    Raises Refused: `demo_not_local`, what compliance.register.engine does, `key_lost_pseudonym` where the register has
    what was made with the key that is missing, what compliance.words.keys.read does, `roles_unreadable`, and what
    compliance.access.sign_in.secret does.
    """
    if settings.login == "demo":
        if not access.demo_allowed(settings, address):
            raise Refused("demo_not_local")
        return engine(settings)
    register = engine(settings)
    try:
        keys.pseudonyms(settings)
    except Refused as refused:
        with register.connect() as connection:
            if refused.code == "key_missing" and ledger.is_keyed(connection):
                raise Refused("key_lost_pseudonym", **refused.values) from None
        raise
    for path in (settings.suppression_keys, settings.signing_key, settings.proxy_secret):
        if path is not None:
            keys.refuse_open(path)
    access.check_roles(settings)
    sign_in.secret(settings)
    return register
