"""Who has what is stored of whom a request is from, and is to be told (article 19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance.reading.copy import Reading
from compliance.requests import asks
from compliance.words import policy as policies
from compliance.words.policy import Policy
from compliance.words.vocabulary import Category


def of(reading: Reading, policy: Policy, row: Mapping[str, Any]) -> tuple[str, ...]:
    """The systems that have what is stored of whom a request, by its row of the register, is surely from. Of nobody who
    is stored, those of all rules: what was erased was there.
    """
    places = {
        place
        for person in asks.persons_of(reading, row)
        if person.is_sure
        for place in reading.rows(asks.PERSON_PLACES, person=person.person_id)
    }
    rules = [policy.rules.get(Category(place.category)) for place in places] if places else policy.rules.values()
    return policies.recipients(rules, {place.source for place in places})
