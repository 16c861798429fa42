"""What the pages show of requests, in words."""

from __future__ import annotations

from compliance.requests.backlog import BacklogItem
from compliance.show.columns import Row
from compliance.words.texts import say


def request_row(item: BacklogItem, language: str) -> Row:
    """A request as the backlog shows it; the reference only, never who it is from."""
    remarks = [name for name in ("provisional", "extension_valid") if getattr(item, name)]
    return {
        "source": item.source,
        "reference": item.reference,
        "kind": say(f"request_kind.{item.kind}", language),
        "request_state": say(f"request_state.{item.state.value}", language),
        "received_on": item.received_on,
        "due_on": item.due_on,
        "days_left": item.days_left,
        "age_days": item.age_days,
        "blocks": "; ".join(say(f"block.{block.value}", language) for block in item.blocks) or "–",
        "persons_found": item.persons_found,
        "bases": item.bases,
        "remark": "; ".join(say(f"remark.{name}", language) for name in remarks),
    }
