"""Every text a person reads exists in both languages, is used, and says the same in both."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from compliance.holds import tables as holds_tables
from compliance.intake import orders
from compliance.ledger import Event
from compliance.purge import tables as purge_tables
from compliance.requests import backlog, steps
from compliance.requests import tables as requests_tables
from compliance.review import ledger as ledger_page
from compliance.review import rows as review_rows
from compliance.runs import tables as runs_tables
from compliance.show import why
from compliance.show.asks import Entry
from compliance.show.entries import entry_columns
from compliance.sources import recognise
from compliance.sources import tables as sources_tables
from compliance.words import policy, vocabulary
from compliance.words.deadlines import RequestState
from compliance.words.texts import catalogue, has, say, show, show_share
from compliance.words.vocabulary import LANGUAGES

ROOT = Path(__file__).parents[2]
# Migrations say nothing to anybody: what looks like a key there is a column.
SOURCES = [
    path
    for path in (ROOT / "dashboard.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "compliance").rglob("*.py"))
    if "migrations" not in path.parts
]
_LITERAL = re.compile(r"""["']([a-z_]+(?:\.[A-Za-z0-9_:-]+)+)["']""")
_PREFIX = re.compile(r"""f["']([a-z_]+(?:\.[a-z_]+)*)[._]\{""")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def code() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)


def values(*enums: type[StrEnum]) -> Iterator[str]:
    for enum in enums:
        yield from (str(one) for one in enum)


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_a_text_has_both_languages_and_the_same_gaps_in_both(key: str) -> None:
    text = catalogue()[key]
    assert set(text) == set(LANGUAGES)
    assert all(text[language].strip() for language in LANGUAGES)
    gaps = [set(_PLACEHOLDER.findall(text[language])) for language in LANGUAGES]
    assert gaps[0] == gaps[1]


def test_every_text_that_the_code_names_exists() -> None:
    areas = {key.partition(".")[0] for key in catalogue()}
    named = {key for key in _LITERAL.findall(code()) if key.partition(".")[0] in areas}
    files = re.compile(r"\.(toml|py|sql|json|csv|key|db|jinja|typ)$")
    groups = {key.rpartition(".")[0] for key in catalogue()}
    missing = sorted(key for key in named - groups if key not in catalogue() and not files.search(key))
    assert missing == []


def test_every_text_is_used() -> None:
    source = code()
    prefixes = set(_PREFIX.findall(source))
    unused = [
        key
        for key in catalogue()
        if f'"{key}"' not in source
        and f"'{key}'" not in source
        and not any(key.startswith((f"{prefix}.", f"{prefix}_")) for prefix in prefixes)
        and f'"{key.rpartition(".")[0]}"' not in source
        and not (key.endswith(".title") and f'"{key.removesuffix(".title")}"' in source)
        and key.partition(".")[0] not in {"refusal", "column"}
    ]
    assert unused == []


def test_every_refusal_in_the_code_has_words_and_every_word_a_refusal() -> None:
    source = code()
    codes = set(re.findall(r'Refused\(\s*"([a-z_0-9]+)"', source))
    codes |= set(re.findall(r'Refusal\(code="([a-z_]+)"', source)) | {"unknown"}
    told = {key.removeprefix("refusal.") for key in catalogue() if key.startswith("refusal.")}
    assert codes - told == set()
    assert {word for word in told - codes if f'"{word}"' not in source} == set()


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("status", list(values(vocabulary.Status))),
        ("category", list(values(vocabulary.Category))),
        ("reason", list(values(vocabulary.Reason))),
        ("role", list(values(vocabulary.Role))),
        ("permission", list(values(vocabulary.Permission))),
        ("event", list(values(Event))),
        ("start_event", list(values(vocabulary.StartEvent))),
        ("request_state", list(values(RequestState))),
        ("request_kind", list(values(requests_tables.Kind))),
        ("block", list(values(backlog.Block))),
        ("backlog_bucket", list(values(backlog.Bucket))),
        ("intake.state", list(values(runs_tables.State))),
        ("intake.step", list(values(runs_tables.Step))),
        ("intake.record", list(values(vocabulary.RecordType))),
        ("intake.level", list(values(recognise.Level))),
        ("intake.because", list(values(recognise.Because))),
        ("batch_state", list(values(purge_tables.State))),
        ("batch_kind", list(values(purge_tables.Kind))),
        ("stays", list(values(purge_tables.Stays))),
        ("task_kind", list(values(sources_tables.Kind))),
        ("task_state", list(values(sources_tables.State))),
        ("task_reason", list(values(sources_tables.Reason))),
        ("ground", list(policy.GROUNDS)),
        ("age", list(review_rows.AGES)),
        ("hold_ground", list(values(holds_tables.Ground))),
        ("hold_scope", list(values(holds_tables.Scope))),
        ("doubt", [str(doubt) for doubt in review_rows.DOUBTS]),
        (
            "field",
            [
                *vocabulary.STORED_FIELDS,
                *vocabulary.COUNTED_FIELDS,
                *vocabulary.SPECIAL_CATEGORY_FIELDS,
                *vocabulary.FURTHER_FIELDS,
                vocabulary.PERSONNUMMER_FIELD,
            ],
        ),
    ],
)
def test_every_word_of_the_vocabulary_has_a_text(prefix: str, words: list[str]) -> None:
    assert [word for word in words if f"{prefix}.{word}" not in catalogue()] == []


def test_every_column_of_a_table_has_a_label() -> None:
    for named in (True, False):
        for language in LANGUAGES:
            labels = [column.label for column in entry_columns(language, named=named)]
            assert labels and all(labels)


def standing(**told: Any) -> Entry:
    """An entry that is told only where it stands."""
    return Entry(**{**dict.fromkeys(Entry._fields), **told})


def test_every_reason_makes_a_sentence_in_both_languages() -> None:
    row = {
        "start_on": "2021-05-03",
        "ceiling_on": "2031-05-03",
        "deadline_on": "2031-05-03",
        "days_overdue": 3,
        "provisional_on": None,
        "hold_since": "2024-01-01",
        "statutory_until": "2027-12-31",
        "reason_value": "9999-12-31",
        "reason_field": "ends_on",
        "period": "P10Y",
        "section": "staff",
    }
    for language in LANGUAGES:
        for status in vocabulary.Status:
            if status is vocabulary.Status.PURGED:
                continue
            for reason in vocabulary.Reason:
                told = why.why(standing(**{**row, "status": status.value, "reason": reason.value}), language)
                assert "{" not in told and told.endswith(".")


def test_the_sentence_says_why_and_until_when() -> None:
    row = {
        "status": "RETAINED",
        "reason": "employment_ended",
        "start_on": "2021-05-03",
        "ceiling_on": "2031-05-03",
        "deadline_on": "2031-05-03",
        "days_overdue": None,
        "provisional_on": None,
        "hold_since": None,
        "statutory_until": None,
        "reason_value": None,
        "reason_field": None,
        "period": "P10Y",
        "section": "staff",
    }
    told = why.why(standing(**row), "en")
    for part in ("2031-05-03", "2021-05-03", "employment ended", "10 years", say("section.staff", "en")):
        assert part in told


def test_numbers_are_written_as_the_language_does() -> None:
    assert show(4998, "sv") == "4\xa0998"
    assert show(4998, "en") == "4,998"
    assert show(None, "sv") == "–"
    assert show_share(0.925, "sv") == "92,5 %"
    assert show_share(None, "en") == "–"


def test_what_became_of_a_file_has_words() -> None:
    outcomes = ("taken", "unchanged", "refused")
    assert orders.Outcome.__args__ == outcomes  # type: ignore[attr-defined]
    assert all(f"intake.outcome.{outcome}" in catalogue() for outcome in outcomes)


def test_one_and_many_are_worded_apart() -> None:
    told = {number: say("ledger.intact", "sv", lines=number) for number in (0, 1, 2)}
    assert [told[number].split(",")[0] for number in told] == ["0 rader", "1 rad", "2 rader"]
    assert say("persons.found", "en", bases=1, persons=1) == "1 entry about 1 person"
    assert say("persons.found", "en", bases=2200, persons=1) == "2,200 entries about 1 person"


def details_of_lines() -> set[str]:
    """The names of what the code writes into the ledger's lines, as far as it says them by name."""
    found: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            told: list[ast.expr | None] = []
            if isinstance(node, ast.Call):
                told = [keyword.value for keyword in node.keywords if keyword.arg == "details"]
                if (
                    path.parts[-2:] == ("purge", "verbs.py")
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "_record"
                ):
                    found |= {keyword.arg for keyword in node.keywords if keyword.arg}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "details":
                told = [node.value]
            for given in told:
                keys = (
                    [key for one in ast.walk(given) if isinstance(one, ast.Dict) for key in one.keys] if given else []
                )
                found |= {str(key.value) for key in keys if isinstance(key, ast.Constant)}
    # A request's line says what is known of its step, but for names of organisations.
    facts = {name for model in steps.FACTS.values() for name in model.model_fields} - {"customer", "recipient"}
    return found | {"decided_as" if name == "decision" else name for name in facts}


def test_whatever_a_line_of_the_ledger_says_has_its_words() -> None:
    named = details_of_lines()
    assert {"persons_gone", "still_there", "until", "outcome", "resumed"} <= named
    assert [name for name in sorted(named) if not has(f"detail.{name}")] == []


def test_a_line_of_the_ledger_says_in_words_what_it_is_about() -> None:
    seen = {"category": "PROSPECT", "rows": 1200, "status": "OVERDUE", "what": "expiries"}
    assert ledger_page.details_in_words(seen, "sv") == (
        "kategori: Potentiell köpare · rader: 1\xa0200 · status: Förfallen · vad: Kommande gallring"
    )
    made = {"run": "18f3", "persons": True, "what": "entries_subjects", "flavour": "excel"}
    assert ledger_page.details_in_words(made, "en") == (
        "persons: yes · what: entries · form: CSV for Excel · intake: 18f3"
    )
    assert (
        ledger_page.details_in_words({"kind": "request", "entries": 2}, "sv") == "slag: Begäran om radering · poster: 2"
    )
    assert ledger_page.details_in_words({"what": "request", "request": 7}, "en") == (
        "what: who a request is from · request, no. in the register: 7"
    )
    # In Swedish time, as the line's own.
    assert ledger_page.details_in_words({"exported_at": "2026-11-25T23:00+00:00"}, "en") == "exported: 2026-11-26 00:00"
    assert ledger_page.details_in_words({"exported_at": "unknown"}, "en") == "exported: unknown"
    # An old line may use words that nobody translates any more.
    assert ledger_page.details_in_words({"forgotten": "word"}, "en") == "forgotten: word"


def test_an_instant_is_written_in_one_way() -> None:
    # In a formatted string, or by strftime: what is read may be written in many ways.
    written = re.compile(r"\{[^{}]*:[^{}]*%H:%M(?!:%S)|strftime\([^)]*%H:%M(?!:%S)")
    writers = {path.name for path in SOURCES if written.search(path.read_text(encoding="utf-8"))}
    # A moment without a zone, which no instant is, is shown as it stands.
    assert writers == {"times.py", "texts.py"}
