"""What the pages show of requests, in words."""

from __future__ import annotations

from compliance.requests.backlog import BacklogItem, Reasons
from compliance.show.columns import Row
from compliance.words.texts import listed, say


def request_row(item: BacklogItem, language: str) -> Row:
    """A request as the backlog shows it; the reference only, never who it is from."""
    remarks = [say(f"remark.{name}", language) for name in ("provisional", "extension_valid") if getattr(item, name)]
    possible = dict.fromkeys(possible_match(reasons, language) for reasons in item.possible)
    return {
        "request_id": item.request_id,
        "source": item.source,
        "reference": item.reference,
        "kind": say(f"request_kind.{item.kind}", language),
        "request_state": say(f"request_state.{item.state.value}", language),
        "received_on": item.received_on,
        "due_on": item.due_on,
        "days_left": item.days_left,
        "age_days": item.age_days,
        "blocks": "; ".join(say(f"block.{block.value}", language) for block in item.blocks) or "–",
        # Until somebody has said who it is from, "none" would be wrong.
        "persons_found": item.persons_found or (None if item.possible else item.persons_found),
        "bases": item.bases or (None if item.possible else item.bases),
        "remark": "; ".join([*remarks, *possible]),
    }


def possible_match(reasons: Reasons, language: str) -> str:
    """That somebody may be who a request is from, with what speaks for it and what against."""
    pro = listed([say(f"speaks_for.{word}", language) for word in reasons.speaks_for], language)
    contra = listed([say(f"speaks_against.{word}", language) for word in reasons.speaks_against], language)
    key = "possible_but" if pro and contra else "possible_with" if pro else "possible"
    return say(f"erasure.{key}", language, pro=pro, contra=contra)
