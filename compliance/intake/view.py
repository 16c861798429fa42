"""How files and what stayed out of the copy are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from compliance.intake import rows as intake_rows
from compliance.intake import service
from compliance.show import columns as tables
from compliance.show.extract import Sheet, Stamp, extract, file_name
from compliance.ui import Session, at_fetch
from compliance.words.vocabulary import Permission


def sample(headers: Sequence[str], rows: Sequence[Sequence[str | None]], key: str) -> None:
    """The first rows of a file as they are, before anything is loaded."""
    st.dataframe(pd.DataFrame([list(row) for row in rows], columns=list(headers)), hide_index=True, key=f"sample_{key}")


def quarantine_csv(session: Session, dataset: str) -> None:
    """The rows of a dataset that stayed out, for those who may take persons out."""
    if not session.may(Permission.EXTRACT_PERSONS) or session.reading is None:
        return
    stamp = Stamp(session.reading.build, session.reading.as_of, dataset)
    shown = [tables.Column(name, session.say(f"intake.result.{name}")) for name in ("row", "reason", "line")]

    def made() -> bytes:
        at = at_fetch(session)
        columns, chunks = service.quarantined_rows(at, dataset)
        rows = (
            [intake_rows.quarantined(dict(zip(columns, row, strict=True)), session.language) for row in chunk]
            for chunk in chunks
        )
        sheet = Sheet(f"quarantine_{dataset}", shown, session.language, "excel", stamp)
        return extract(at, sheet, rows, Permission.EXTRACT_PERSONS)

    st.download_button(
        f"{session.say('intake.result.csv')}: {dataset}",
        data=made,
        file_name=file_name(f"{session.say('extract_name.quarantine')}-{dataset}", stamp, session.language),
        mime="text/csv",
        key=f"csv_quarantine_{dataset}",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )
