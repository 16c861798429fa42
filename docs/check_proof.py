#!/usr/bin/env python3
"""Checks receipts, evidence, an exported ledger and checkpoints with nothing but the files and the public key.

    python check_proof.py --key ledger.json.pub [--ledger ledger.jsonl] FILE...

A FILE is a receipt as it was downloaded, a file of evidence (batch-....json), or a checkpoint of the ledger. It needs
Python 3.11 or later and the package `cryptography`, and nothing of the dashboard.

What each check shows:
  evidence     was signed with the key, and holds what was signed: nobody has changed it since; with --ledger: it is
               of a purge of the register whose ledger that is
  checkpoint   was signed with the key; with --ledger: the ledger still has that line, so that nothing before it was
               cut off or written anew
  ledger       each line covers the one before it: none was changed, removed or put in between
  receipt      with --ledger: its digest stands on the line of its purge, and whether a checkpoint among the files
               covers that line: else anybody may have written that ledger; without, only its digest is told, to be
               compared by eye
Exit code 0 where everything fits, 1 where something does not, 2 for a wrong call. What is not shown: that the machine
which signed told the truth, that sources and backups are empty, and, without a checkpoint that was kept elsewhere, that
the ledger's end is there.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

# What comes of a file that is not what it should be, however it was made.
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


def canonical(told, escape=False):
    return json.dumps(told, sort_keys=True, ensure_ascii=escape, separators=(",", ":")).encode()


def once(pairs):
    """Refuses a name that is told twice: a reader would see the first, and what is checked is the last."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name is told twice")
    return dict(pairs)


def read(text):
    return json.loads(text, object_pairs_hook=once)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def say(text):
    """One line, whatever a file is called or says: what is none of its letters is told by its number."""
    print("".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text))


def is_signed(key, signature, content):
    try:
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_ledger(path):
    """The digest of each line, and what lines say of purges; or the number of the first line that does not fit."""
    digests, purges, previous = {0: "0" * 64}, {}, "0" * 64
    # By line feeds alone: other characters that end lines elsewhere may stand in a line.
    for number, text in enumerate(Path(path).read_text(encoding="utf-8").removesuffix("\n").split("\n"), 1):
        try:
            line = read(text)
            covered = {name: value for name, value in line.items() if name != "digest"}
            at = datetime.fromisoformat(covered["at"]).astimezone(UTC)
            covered["at"] = at.isoformat(timespec="microseconds")
            fits = line["seq"] == number and line["previous"] == previous
            if not fits or sha256(canonical(covered)) != line["digest"]:
                return number, {}, {}
            told = read(line["details"])
        except UNREADABLE:
            return number, {}, {}
        previous = digests[number] = line["digest"]
        if line["event"] in ("batch:executed", "batch:replayed", "evidence:renewed"):
            purge = purges.setdefault(told.get("uid"), {"receipts": {}, "evidence": set()})
            purge["receipts"][told.get("receipt")] = number
            purge["evidence"].add(told.get("evidence"))
    return None, digests, purges


def check_receipt(receipt, purges, covered):
    if not re.fullmatch("[0-9a-f]{32}", receipt["uid"]):
        raise ValueError("no purge is called so")
    digest = "sha256-" + sha256(canonical(receipt))
    if purges is None:
        return None, f"receipt of purge {receipt['uid']}, digest {digest}; not compared with a ledger"
    known = purges.get(receipt["uid"])
    if known is None or digest not in known["receipts"]:
        return f"the ledger has no line of purge {receipt['uid']} with the digest {digest}", None
    number = known["receipts"][digest]
    if number > covered:
        return None, (
            f"receipt of purge {receipt['uid']}: as line {number} of the ledger says, which no checkpoint among the"
            " files covers: whoever wrote that ledger may have written it"
        )
    return None, f"receipt of purge {receipt['uid']}: as the ledger says"


def check_evidence(told, key, digests, purges, covered):
    seal, evidence = told["seal"], told["evidence"]
    signed = {name: value for name, value in seal.items() if name != "signature"}
    if not is_signed(key, seal["signature"], b"compliance evidence 2\n" + canonical(signed)):
        return "is not signed with this key", None
    if sha256(canonical(evidence)) != seal["content"] or evidence["receipt"]["uid"] != seal["uid"]:
        return "holds something else than was signed", None
    # Evidence of an earlier version does not say whose it is.
    if digests and seal.get("register", digests.get(1)) != digests.get(1):
        return "is another register's than that of the ledger", None
    if purges is not None and seal["content"] not in purges.get(seal["uid"], {"evidence": ()})["evidence"]:
        return "holds something else than the ledger says", None
    wrong, fine = check_receipt(evidence["receipt"], purges, covered)
    return wrong, fine and f"evidence no. {seal['number']}, signed; {fine}"


def check_checkpoint(told, key, digests):
    covered = {name: value for name, value in told.items() if name != "signature" and value is not None}
    if not is_signed(key, told["signature"], b"compliance ledger checkpoint 1\n" + canonical(covered, escape=True)):
        return "is not signed with this key", None
    if digests is not None and digests.get(told["lines"]) != told["digest"]:
        return f"the ledger has not the line {told['lines']} that was signed", None
    return None, f"checkpoint of {told['lines']} lines, signed" + ("" if digests is None else "; the ledger has them")


def lines_signed(path, key, digests):
    """How many lines of the ledger a checkpoint covers; 0 for whatever is none, or does not fit."""
    try:
        told = read(Path(path).read_bytes())
        return 0 if "seal" in told or check_checkpoint(told, key, digests)[0] else told["lines"]
    except UNREADABLE:
        return 0


def check(path, key, digests, purges, covered):
    try:
        told = read(Path(path).read_bytes())
        if "seal" in told:
            return check_evidence(told, key, digests, purges, covered)
        if "lines" in told and "signature" in told:
            return check_checkpoint(told, key, digests)
        if "uid" in told and "proof" in told:
            return check_receipt(told, purges, covered)
        if "receipt" in told:
            wrong, fine = check_receipt(told["receipt"], purges, covered)
            return wrong, fine and f"evidence of an earlier version, not signed; {fine}"
    except UNREADABLE:
        pass
    return "is none of what can be checked, or damaged", None


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Checks receipts, evidence, checkpoints and an exported ledger.")
    parser.add_argument("--key", required=True, help="the public key, as it was kept apart (a .pub file)")
    parser.add_argument("--ledger", help="the ledger as `compliance ledger export` wrote it")
    parser.add_argument("files", nargs="*", metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        key = load_pem_public_key(Path(options.key).read_bytes())
    except (OSError, ValueError):
        parser.error(f"{options.key} is no public key")
    wrong_ones, digests, purges = 0, None, None
    if options.ledger:
        broken, digests, purges = read_ledger(options.ledger)
        if broken is not None:
            wrong_ones += 1
            say(f"WRONG  {options.ledger}: line {broken} does not fit; nothing after it is believed")
        else:
            say(f"fits   {options.ledger}: {len(digests) - 1} lines, each covers the one before")
    covered = 0 if digests is None else max((lines_signed(path, key, digests) for path in options.files), default=0)
    for path in options.files:
        wrong, fine = check(path, key, digests, purges, covered)
        wrong_ones += wrong is not None
        say(f"WRONG  {path}: {wrong}" if wrong else f"fits   {path}: {fine}")
    return 1 if wrong_ones else 0


if __name__ == "__main__":
    sys.exit(main())
