"""The suppression list from the command line."""

from __future__ import annotations

import argparse
import datetime as dt
import sys

from compliance.access.at import at_command
from compliance.register import engine as register_engine
from compliance.suppression.verbs import forget_expired, prune, rotate
from compliance.words import settings as settings_of
from compliance.words.refusal import Refused


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m compliance.suppression",
        description="Tends the suppression list: rotate adds a key, prune removes expired entries and unused keys.",
    )
    parser.add_argument("action", choices=["rotate", "prune"])
    action = parser.parse_args(arguments).action
    now = dt.datetime.now(dt.UTC)
    try:
        settings = settings_of.load()
        at = at_command(settings, register_engine.engine(settings), now)
        if action == "rotate":
            sys.stdout.write(f"suppression: new entries use key {rotate(at)}\n")
        else:
            entries = forget_expired(at)
            dropped = prune(at)
            sys.stdout.write(f"suppression: {entries} entries expired, {len(dropped)} keys dropped\n")
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    return 0
