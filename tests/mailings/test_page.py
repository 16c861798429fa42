"""The page of mailings, by the real Streamlit app: what the mailing tool sent that it should not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.words.texts import say
from compliance.words.vocabulary import Role
from tests.pages.test_pages import opened
from tests.purging import Desk, mailings, opt_outs, prospect, prospects
from tests.world import TODAY

ADDRESS = "p.ett@bolaget.example"
SENT = [
    {"Utskicksrad": "1", "Utskick": "Maj", "Mottagare": ADDRESS, "Skickat": "2026-05-20", "Ändamål": "Nyhetsbrev"},
    {
        "Utskicksrad": "2",
        "Utskick": "Lista",
        "Mottagare": ADDRESS,
        "Skickat": "2026-05-01",
        "Ändamål": "Partnerkampanj",
    },
]
ASKED = [{"Avregistrerings-ID": "1", "Adress": ADDRESS, "Avregistrerad": "2026-05-05", "Verkar från": "2026-05-15"}]


def test_what_was_sent_and_should_not_have_been_stands_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path / "store")
    folder = tmp_path / "in"
    one = prospect(1, "2025-03-21", **{"E-post": ADDRESS})
    assert desk.take_in(prospects(folder, [one]), mailings(folder, SENT), opt_outs(folder, ASKED)).all_taken
    monkeypatch.setenv("COMPLIANCE_STORE", str(desk.settings.store))
    monkeypatch.setenv("COMPLIANCE_TODAY", TODAY.isoformat())
    app = opened(Role.AUDITOR, "sv", "mailings/mailings")
    assert say("mailings.sentence_wrong", "sv", sends=1, since="2025-11-24") in [one.value for one in app.warning]
    findings = list(app.dataframe[0].value[say("column.finding", "sv")])
    assert len(findings) == 3 and "{" not in "".join(findings)
    assert len(app.dataframe) == 3
