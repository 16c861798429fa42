"""A receipt adds up, names nobody, and reads well on paper."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import UndefinedError
from pydantic import ValidationError

from compliance.evidence import receipts
from compliance.evidence.receipts import Row, Step
from compliance.words.texts import say
from compliance.words.vocabulary import LANGUAGES
from tests.purges import NOW, PETRA, receipt


@pytest.mark.parametrize(
    "changes",
    [
        {"planned": 4},
        {"deleted": 3},
        {"failed": 1},
        {"by_category": (Row(name="PROSPECT", planned=2, deleted=2, held=0, changed=0, failed=0),)},
        {"by_source": (Row(name="crm", planned=3, deleted=3, held=0, changed=0, failed=0),)},
        {"reasons": {}},
        {"reasons": {"held": 2}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_receipt_that_does_not_add_up_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        receipt(**changes)


def test_a_row_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValidationError, match="planned is not"):
        Row(name="crm", planned=3, deleted=1, held=1, changed=0, failed=0)


@pytest.mark.parametrize(
    "changes",
    [
        {"policy_version": "anna@kund.example"},
        {"by_source": (("Anna Berg", 3),)},
        {"reasons": {"anna berg": 1}},
        {"reasons": {"070-123 45 67": 1}},
        {"uid": "19800101-1234"},
        {"executed": {"role": "dpo", "pseudonym": "anna@kund.example", "at": NOW}},
        {"note": "Anna Berg"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_there_is_no_room_for_a_person(changes: dict[str, Any]) -> None:
    if "by_source" in changes:
        changes = {
            "by_source": [{"name": "Anna Berg", "planned": 3, "deleted": 2, "held": 1, "changed": 0, "failed": 0}]
        }
    with pytest.raises(ValidationError):
        receipt(**changes)


def test_the_same_receipt_has_the_same_digest_however_it_was_written() -> None:
    made = receipt()
    spread = made.model_dump_json(indent=4)
    assert receipts.parse(spread) == made
    assert receipts.digest(receipts.parse(spread)) == receipts.digest(made)
    assert re.fullmatch(r"sha256-[0-9a-f]{64}", receipts.digest(made))


def test_a_receipt_of_a_copy_in_files_says_nothing_of_where_it_was() -> None:
    """So those from before it could be elsewhere keep their digest."""
    assert "copy_in" not in json.loads(receipts.canonical(receipt()))
    elsewhere = receipt(copy_in="postgresql")
    assert receipts.parse(receipts.canonical(elsewhere)) == elsewhere


def test_a_receipt_from_before_there_were_rules_keeps_its_digest() -> None:
    older = receipt(rules=())
    told = json.loads(receipts.canonical(older))
    assert "rules" not in told and receipts.parse(json.dumps(told)) == older


def test_a_changed_receipt_has_another_digest() -> None:
    assert receipts.digest(receipt()) != receipts.digest(receipt(persons_gone=1))


def test_what_is_no_receipt_is_refused() -> None:
    for content in ("", "{}", "[]", '{"version": 1}'):
        with pytest.raises(ValueError, match=r"."):
            receipts.parse(content)


class Page(HTMLParser):
    """The words of a page, its tags, and what it refers to."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.references: list[str] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)
        self.references += [name for name, _ in attrs if name in ("src", "href", "action", "data", "srcset", "style")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += f" {data}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_refers_to_nothing_outside_itself(language: str) -> None:
    content = receipts.to_html(receipt(), language)
    page = Page(content)
    assert page.open == [] and page.references == []
    assert not {"script", "link", "img", "iframe", "object", "a"} & set(page.tags)
    assert not re.search(r"url\(|@import|https?:", content)
    assert f'<html lang="{language}">' in content


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_everything_in_words(language: str) -> None:
    made = receipt()
    words = " ".join(Page(receipts.to_html(made, language)).words.split())
    assert "{" not in words and "receipt." not in words and "$" not in words
    wanted = [receipts.digest(made), made.uid, made.chain_digest, PETRA, "2026-12-24", "2026-11-24 05:00 UTC", "2026-1"]
    wanted += {
        "sv": ["Gallringsbevis för gallring 1", "2 raderade och 1 kvar", "Gallringsstopp", "inga personuppgifter"],
        "en": ["Receipt for purge 1", "2 have been erased and 1 stayed", "Hold", "no personal data"],
    }[language]
    assert [part for part in wanted if part not in words] == []
    # The rule beside its category; a category that no rule covers says so.
    rule = {"sv": "10 år, avsnittet om potentiella köpare", "en": "10 years, section on potential buyers"}[language]
    assert f"{say('category.PROSPECT', language)} {rule} 2" in words
    assert f"{say('category.EMPLOYEE', language)} – 1" in words


def test_the_counts_are_written_as_a_sum() -> None:
    words = Page(receipts.to_html(receipt(), "en")).words
    told = re.sub(r"\s+", " ", words)
    assert "Erased 2 + Held 1 + Changed 0 + Failed 0 = Planned 3" in told


def test_a_purge_of_everything_says_that_nothing_stayed() -> None:
    whole = Row(name="crm", planned=3, deleted=3, held=0, changed=0, failed=0)
    made = receipt(
        deleted=3,
        held=0,
        reasons={},
        by_source=(whole,),
        by_category=(whole.model_copy(update={"name": "PROSPECT"}),),
        proposed=Step(at=NOW),
        approved=None,
        kind="automatic",
        executed=Step(at=NOW),
    )
    words = Page(receipts.to_html(made, "en")).words
    assert (
        "Nothing stayed" in words
        and "Scheduled run" in words
        and "3 entries were to be purged" in words
        and "all have been erased" in words
    )


def test_the_page_escapes_what_it_is_given() -> None:
    # The types let no such text in; the page does not rely on it.
    evil = receipt().model_copy(update={"policy_version": "<script>alert('1')</script>&"})
    content = receipts.to_html(evil, "en")
    assert "<script>" not in content and "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;" in content


HOSTILE = "\"><img src=x onerror='alert(1)'>{{ 7 * 7 }}{% raw %}$summary&amp;"


@pytest.mark.parametrize(
    "changes",
    [
        {"uid": HOSTILE},
        {"policy_version": HOSTILE},
        {"policy_digest": HOSTILE},
        {"keys_digest": HOSTILE},
        {"chain_digest": HOSTILE},
        {"reasons": {HOSTILE: 1}},
        {"executed": Step.model_construct(role=HOSTILE, pseudonym=HOSTILE, at=NOW)},
        {"by_source": (Row.model_construct(name=HOSTILE, planned=3, deleted=2, held=1, changed=0, failed=0),)},
        {"by_category": (Row.model_construct(name=HOSTILE, planned=3, deleted=2, held=1, changed=0, failed=0),)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_stands_in_a_receipt_is_text_on_its_page(changes: dict[str, Any]) -> None:
    page = Page(receipts.to_html(receipt().model_copy(update=changes), "en"))
    assert "img" not in page.tags and page.references == [] and page.open == []
    # As it was written, but for a first letter.
    assert HOSTILE.casefold() in page.words.casefold()


def test_a_name_that_the_template_does_not_get_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        receipts._page().render(say=lambda *_, **__: "")


def test_a_code_that_has_left_the_vocabulary_is_shown_as_it_is() -> None:
    assert "Some_old_code" in receipts.to_html(receipt(reasons={"some_old_code": 1}), "sv")
