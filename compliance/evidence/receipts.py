"""Receipts: what proves one purge, without personal data. As JSON for machines and as a page to print.

A receipt names counts, codes and pseudonyms only; its types leave no room for a name, an address or a number of a
person. Its digest stands in the ledger line of the purge, and it names the line before it: neither can change alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from compliance import ledger
from compliance.words.texts import has, rule_in_words, say, show

_COUNTS = ("planned", "deleted", "held", "changed", "failed")


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)


def _impersonal(text: str) -> str:
    if ledger.looks_personal(text):
        raise ValueError("looks like personal data")
    return text


Count = Annotated[int, Field(ge=0)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,79}$")]
Digest = Annotated[str, Field(pattern=r"^(sha256-)?[0-9a-f]{32,64}$")]
Pseudonym = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
Version = Annotated[str, Field(max_length=40), AfterValidator(_impersonal)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Frozen):
    """Who did what when: a role and a pseudonym, both absent where a schedule did it."""

    role: Code | None = None
    pseudonym: Pseudonym | None = None
    at: Instant


class Counts(_Frozen):
    """What was planned and what became of it, counted afterwards. Refuses counts that do not add up."""

    planned: Count
    deleted: Count
    held: Count
    changed: Count
    failed: Count

    @model_validator(mode="after")
    def _adds_up(self) -> Counts:
        if self.planned != self.deleted + self.held + self.changed + self.failed:
            raise ValueError("planned is not deleted + held + changed + failed")
        return self

    @property
    def stayed(self) -> int:
        """How many entries were planned and not deleted."""
        return self.planned - self.deleted


class Row(Counts):
    """The counts of one category or one source."""

    name: Code


class Rule(_Frozen):
    """The rule of a category as the purge applied it."""

    category: Code
    start_event: Code
    period: Code
    section: Code


class Proof(_Frozen):
    """What was looked for afterwards, and what the same search found where there was something to find.

    The files are those found at execution, to be removed after it: whether they were is not known to a receipt.
    """

    rows_left: Count
    strings_searched: Count
    strings_found: Count
    control_searched: Count
    control_found: Count
    bytes_searched: Count
    raw_files_removed: Count
    quarantine_removed: Count


class SourcePlan(_Frozen):
    """What a source system has to do in its turn."""

    source: Code
    dataset: Code
    kind: Literal["database", "order"]
    planned: Count


class Receipt(Counts):
    """One purge. Refuses totals that are not the sum of their rows, and an entry that stayed without a reason."""

    version: Literal[1] = 1
    uid: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    batch: Annotated[int, Field(ge=1)]
    kind: Literal["rule", "request", "automatic"]
    proposed: Step
    approved: Step | None = None
    confirmed: Step | None = None
    executed: Step
    build_before: int
    build_after: int
    as_of: dt.date
    policy_version: Version
    policy_digest: Digest
    # Of the keys of the batch's entries: the same entries give the same digest, and nobody can tell whose they are.
    keys_digest: Digest
    by_category: tuple[Row, ...]
    by_source: tuple[Row, ...]
    # A category without a rule has none here.
    rules: tuple[Rule, ...] = ()
    reasons: dict[Code, Count]
    # Persons of whom nothing is left.
    persons_gone: Count
    proof: Proof
    suppression_entries: Count
    requests_closed: Count
    sources: tuple[SourcePlan, ...] = ()
    backups_until: dt.date
    copy_in: Literal["files", "postgresql"] = "files"
    # The ledger's last line before those of the purge.
    chain_seq: Count
    chain_digest: Digest

    @model_serializer(mode="wrap")
    def _as_it_was_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = handler(self)
        if not self.rules:
            # Receipts from before there were rules in them keep their digest.
            del told["rules"]
        if self.copy_in == "files":
            # And those from before a copy could be elsewhere.
            del told["copy_in"]
        return told

    @model_validator(mode="after")
    def _rows_add_up(self) -> Receipt:
        for rows in (self.by_category, self.by_source):
            for count in _COUNTS:
                if sum(getattr(row, count) for row in rows) != getattr(self, count):
                    raise ValueError(f"the rows of {count} are not the total")
        if sum(self.reasons.values()) != self.stayed:
            raise ValueError("the reasons do not explain every entry that stayed")
        return self


def canonical(receipt: Receipt) -> bytes:
    """The receipt as JSON, always the same bytes for the same receipt."""
    return json.dumps(
        receipt.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    ).encode()


def digest(receipt: Receipt) -> str:
    """What the ledger line of the purge says: sha256-<64 hexadecimal digits>."""
    return f"sha256-{hashlib.sha256(canonical(receipt)).hexdigest()}"


def parse(content: str | bytes) -> Receipt:
    """A receipt from its JSON. Raises ValueError for anything that is none."""
    return Receipt.model_validate_json(content)


class _Table(NamedTuple):
    """A table in words; the first `texts` cells of a row are texts and the others numbers."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str]
    texts: int = 1


@cache
def _page() -> Template:
    # Everything that is filled in is escaped, and a name that nobody fills in is an error rather than a gap.
    folder = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=folder, autoescape=True, undefined=StrictUndefined).get_template("receipt.html.jinja")


def to_html(receipt: Receipt, language: str) -> str:
    """A page of its own, to print or to keep: it refers to nothing outside itself."""
    told = {"as_of": receipt.as_of, "planned": receipt.planned, "deleted": receipt.deleted, "stayed": receipt.stayed}
    return _page().render(
        language=language,
        say=partial(_say, language),
        receipt=receipt,
        summary=say("receipt.summary" if receipt.stayed else "receipt.summary_all", language, **told),
        people=_people(receipt, language),
        sum=_sum(receipt, language),
        by_category=_by_category(receipt, language),
        by_source=_by_source(receipt, language),
        reasons=_reasons(receipt, language),
        proof=_proof(receipt.proof, language),
        remains=_remains(receipt, language),
        means=[say(f"receipt.means_{what}", language) for what in ("proves", "not", "check")],
        identity=_identity(receipt, language),
    )


def _say(language: str, key: str, **values: str) -> str:
    return say(f"receipt.{key}", language, **values)


def _people(receipt: Receipt, language: str) -> list[tuple[str, str]]:
    steps = {
        "proposed": receipt.proposed,
        "approved": receipt.approved,
        "confirmed": receipt.confirmed,
        "executed": receipt.executed,
    }
    return [
        (say("receipt.kind_of", language), say(f"receipt.kind.{receipt.kind}", language)),
        *(
            (
                say(f"receipt.step.{name}", language),
                say("receipt.step_by", language, who=_who(step, language), at=step.at),
            )
            for name, step in steps.items()
            if step is not None
        ),
    ]


def _who(step: Step, language: str) -> str:
    if step.role is None:
        return say("receipt.schedule", language)
    return " ".join(part for part in (_word("role", step.role, language), step.pseudonym) if part)


def _sum(receipt: Receipt, language: str) -> _Table:
    """Written as a sum, so that a reader can add it up with a pencil."""
    *rows, total = [
        (sign, say(f"receipt.count.{name}", language), show(getattr(receipt, name), language))
        for sign, name in (("", "deleted"), ("+", "held"), ("+", "changed"), ("+", "failed"), ("=", "planned"))
    ]
    return _Table((), rows, total, texts=2)


def _by_category(receipt: Receipt, language: str) -> _Table:
    told = {rule.category: rule_in_words(rule.period, rule.section, language) for rule in receipt.rules}
    heads = [say("receipt.category", language), say("receipt.rule", language), *_count_heads(language)]
    rows = [
        [_word("category", row.name, language), told.get(row.name, "–"), *_counts(row, language)]
        for row in receipt.by_category
    ]
    return _Table(heads, rows, [say("receipt.total", language), "", *_counts(receipt, language)], texts=2)


def _by_source(receipt: Receipt, language: str) -> _Table:
    heads = [say("receipt.source", language), *_count_heads(language)]
    rows = [[_word("source", row.name, language), *_counts(row, language)] for row in receipt.by_source]
    return _Table(heads, rows, [say("receipt.total", language), *_counts(receipt, language)])


def _count_heads(language: str) -> list[str]:
    return [say(f"receipt.count.{name}", language) for name in _COUNTS]


def _counts(of: Counts, language: str) -> list[str]:
    return [show(getattr(of, name), language) for name in _COUNTS]


def _reasons(receipt: Receipt, language: str) -> _Table:
    heads = [say("receipt.reason_why", language), say("receipt.entries", language)]
    rows = [
        (_word("stays", code, language).capitalize(), show(count, language))
        for code, count in sorted(receipt.reasons.items())
        if count
    ]
    return _Table(heads, rows, (say("receipt.total", language), show(receipt.stayed, language)))


def _proof(proof: Proof, language: str) -> list[str]:
    bytes_told = say(
        "receipt.proof_bytes" if proof.strings_searched else "receipt.proof_nothing",
        language,
        bytes=proof.bytes_searched,
        searched=proof.strings_searched,
        found=proof.strings_found,
    )
    return [
        say("receipt.proof_rows", language, rows=proof.rows_left),
        bytes_told,
        say("receipt.proof_control", language, searched=proof.control_searched, found=proof.control_found),
        say("receipt.proof_files", language, raw=proof.raw_files_removed, quarantine=proof.quarantine_removed),
    ]


def _remains(receipt: Receipt, language: str) -> list[str]:
    sources = [
        say(
            f"receipt.remains_{plan.kind}",
            language,
            source=plan.source,
            dataset=plan.dataset,
            planned=plan.planned,
        )
        for plan in receipt.sources
    ]
    kept = ["remains_backups"] if receipt.copy_in == "files" else ["remains_backups", "remains_copy"]
    return [
        *(say(f"receipt.{name}", language, until=receipt.backups_until) for name in kept),
        say("receipt.remains_suppression", language, entries=receipt.suppression_entries),
        *sources,
    ]


def _identity(receipt: Receipt, language: str) -> list[tuple[str, str]]:
    line = say("receipt.chain_line", language, line=str(receipt.chain_seq))
    return [
        (say("receipt.digest", language), digest(receipt)),
        (say("receipt.chain", language), f"{line} {receipt.chain_digest}"),
        (say("receipt.uid", language), receipt.uid),
        (
            say("receipt.builds", language),
            say("receipt.before_after", language, before=str(receipt.build_before), after=str(receipt.build_after)),
        ),
        (say("receipt.as_of", language), receipt.as_of.isoformat()),
        (say("receipt.policy", language), f"{receipt.policy_version} ({receipt.policy_digest})"),
        (say("receipt.keys", language), receipt.keys_digest),
        (say("receipt.persons_gone", language), show(receipt.persons_gone, language)),
        (say("receipt.requests_closed", language), show(receipt.requests_closed, language)),
    ]


def _word(area: str, code: str, language: str) -> str:
    """The words of a code, or the code itself: a receipt is read long after a word has left the vocabulary."""
    return say(f"{area}.{code}", language) if has(f"{area}.{code}") else code
