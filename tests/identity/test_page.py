"""What the pages show of decisions that have lost somebody, and how the data protection officer lets them go."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.identity import verbs as identity
from compliance.words.texts import say
from compliance.words.vocabulary import Role
from tests.identity.test_decisions import ANNA, BO, Company
from tests.pages.test_pages import frames, opened
from tests.world import TODAY


def test_a_decision_that_has_lost_somebody_is_told_and_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    company = Company(tmp_path / "store")
    company.folder = tmp_path / "exports"
    company.deliver(ANNA, BO)
    number = company.decide("same")
    company.deliver({**ANNA, "Prospekt-ID": "N1", "E-post": "anna@annan.example"}, BO)
    monkeypatch.setenv("COMPLIANCE_STORE", str(company.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())

    # Told to everybody; whoever may not see persons has no way there.
    line = say("doubles.lost_line", "en", count=1)
    week = opened(Role.AUDITOR, "en", "review/weekly", {"step": "waits"})
    assert any(say("decision.decisions_lost", "en", count=1) in shown.value for shown in week.markdown)
    seen = opened(Role.OWNER, "sv", "identity/doubles")
    assert f"let_go_{number}" not in {button.key for button in seen.button}

    app = opened(Role.DPO, "en", "identity/doubles")
    assert line in {error.value for error in app.error}
    (row,) = frames(app)[-1].to_dict("records")
    assert row[say("column.decision", "en")] == str(number)
    assert row[say("column.answer", "en")] == say("doubles.same", "en")
    app.button(key=f"let_go_{number}").click().run()
    assert not app.exception and line not in {error.value for error in app.error}
    assert identity.lost(company.register) == []
