"""How taking in is drawn: the files that are handed in, what must be asked of them, the run, and its result."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from compliance import ui
from compliance.intake import rows as intake_rows
from compliance.intake import service
from compliance.intake.service import Preview, SheetPreview, Upload
from compliance.show import columns as tables
from compliance.show.extract import Sheet, Stamp, extract, file_name
from compliance.sources import catalogue as mapping
from compliance.sources import verbs as sources_verbs
from compliance.ui import Session, at_fetch
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category, Permission, RecordType


def _sample(headers: Sequence[str], rows: Sequence[Sequence[str | None]], key: str) -> None:
    """The first rows of a file as they are, before anything is loaded."""
    st.dataframe(pd.DataFrame([list(row) for row in rows], columns=list(headers)), hide_index=True, key=f"sample_{key}")


def _quarantine_csv(session: Session, dataset: str) -> None:
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


def _previewed(session: Session, upload: Upload) -> Preview:
    """The preview of an upload, made once for the same file and answers: each one is a recorded look at persons."""
    known = st.session_state.setdefault("previews", {})
    mappings = [(number, one.model_dump_json()) for number, one in sorted(upload.mappings.items())]
    told = (upload.name, hash(upload.content), repr(mappings), upload.skip_sheets)
    if told not in known:
        known[told] = service.preview(session.at(), upload)
    found: Preview = known[told]
    return found


def _ask_for_mapping(session: Session, key: str, name: str, sheet: SheetPreview) -> mapping.Dataset | None:
    """Lets a person say what an unknown table's columns are; None while it does not fit together."""
    assert sheet.proposal is not None
    st.info(session.say("intake.preview.unknown"), icon=":material/help:")
    catalogue = service.catalogue(session.settings, session.engine)
    with st.container(horizontal=True):
        source = st.selectbox(
            session.say("intake.mapping.source"),
            list(catalogue.sources),
            format_func=lambda one: catalogue.sources[one].name[session.language],
            key=f"{key}_source",
        )
        record = st.selectbox(
            session.say("intake.mapping.record"),
            [*RecordType],
            index=list(RecordType).index(sheet.proposal.record),
            format_func=ui.coded(session, "intake.record"),
            key=f"{key}_record",
        )
        category: Category | None = None
        if record is RecordType.PERSON:
            category = st.selectbox(
                session.say("intake.mapping.category"),
                [one for one in Category if one in session.policy.rules],
                format_func=ui.coded(session, "category"),
                key=f"{key}_category",
            )
        dataset_id = st.text_input(
            session.say("intake.mapping.id"),
            service.proposed_id(name),
            help=session.say("intake.mapping.id_help"),
            key=f"{key}_id",
        )
    choices = intake_rows.mapping_choices(record, session.language)
    with st.container(horizontal=True):
        fields = [
            st.selectbox(
                session.say("intake.mapping.column", column=header),
                list(choices),
                index=list(choices).index(proposed),
                format_func=choices.__getitem__,
                key=f"{key}_column_{place}",
                width=330,
            )
            for place, (header, proposed) in enumerate(zip(sheet.headers, sheet.proposal.fields, strict=True))
        ]
    try:
        return service.mapping_of(dataset_id, source, record, category, sheet.headers, fields, name)
    except Refused as refused:
        ui.explain(refused)
        return None


def ask_about(session: Session, number: int, name: str, content: bytes) -> Upload | None:
    """Shows one file and asks what must be asked; None while something is open."""
    key = f"file_{number}"
    st.subheader(name, anchor=False)
    upload = Upload(name, content, {}, {})
    try:
        preview = _previewed(session, upload)
        mappings: dict[int, mapping.Dataset] = {}
        skipped: list[str] = []
        for sheet in preview.sheets:
            if sheet.dataset is None:
                # A workbook may hold sheets that are no export; a person says which.
                if sheet.name and len(preview.sheets) > 1:
                    st.markdown(f"**{session.say('intake.preview.sheet', sheet=sheet.name)}**")
                    if st.checkbox(session.say("intake.preview.skip_sheet"), key=f"{key}_{sheet.number}_skip"):
                        skipped.append(sheet.name)
                        continue
                chosen = _ask_for_mapping(session, f"{key}_{sheet.number}", name, sheet)
                if chosen is None:
                    return None
                mappings[sheet.number] = chosen
                if st.button(session.say("intake.mapping.save"), key=f"{key}_{sheet.number}_save"):
                    sources_verbs.save_mapping(session.at(), chosen)
                    st.success(session.say("intake.mapping.saved"))
        if mappings or skipped:
            upload = Upload(name, content, {}, mappings, tuple(skipped))
            preview = _previewed(session, upload)
        answers = {
            question.field: st.radio(
                session.say(
                    "intake.question.label",
                    field=session.say(f"field.{question.field}"),
                    examples=", ".join(question.examples),
                ),
                ["dmy", "mdy"],
                index=None,
                format_func=ui.coded(session, "intake.question"),
                horizontal=True,
                key=f"{key}_{sheet.number}_{question.field}",
            )
            for sheet in preview.sheets
            for question in sheet.questions
        }
    except Refused as refused:
        ui.explain(refused)
        return None
    st.caption(session.say(f"intake.preview.made.{preview.exported_at_from}", when=ui.local_time(preview.exported_at)))
    for sheet in preview.sheets:
        _show_sheet(session, sheet, f"{key}_{sheet.number}", mapped=sheet.number in mappings)
    if not all(answers.values()):
        st.warning(session.say("intake.question.open"))
        return None
    return Upload(
        name, content, {field: str(answer) for field, answer in answers.items()}, upload.mappings, upload.skip_sheets
    )


def _show_sheet(session: Session, sheet: SheetPreview, key: str, *, mapped: bool) -> None:
    """What is known of one table, or `mapped` by a person, and its first rows behind a click."""
    assert sheet.dataset is not None
    if sheet.name:
        st.markdown(f"**{session.say('intake.preview.sheet', sheet=sheet.name)}**")
    st.write(
        session.say(
            "intake.preview.mapped" if mapped else "intake.preview.known",
            source=ui.source_names(session).get(sheet.dataset.source, sheet.dataset.source),
            record=session.say(f"intake.record.{sheet.dataset.record}"),
            columns=len(sheet.headers) - len(sheet.left_out),
            left_out=len(sheet.left_out),
        )
    )
    if sheet.left_out:
        columns = ", ".join(column for column, _ in sheet.left_out)
        st.caption(session.say("intake.preview.left_out", columns=columns))
    with st.expander(session.say("intake.preview.rows")):
        st.caption(session.say("intake.preview.rows_help"))
        _sample(sheet.headers, sheet.sample[:10], key)


@st.fragment(run_every=1.0)
def follow(session: Session, run_id: str) -> None:
    """The run as it goes; redraws the page once it has ended."""
    row = service.progress(session.engine, run_id)
    if row is None or row.ended:
        st.rerun()
    else:
        st.progress(row.share, session.say(f"intake.step.{row.step}"))


def show_result(session: Session, run_id: str) -> None:
    """What a run came to, row by row accounted for."""
    row = service.progress(session.engine, run_id)
    if row is None:
        ui.explain(Refused("run_unknown", run=run_id))
        return
    result = service.result_of(row)
    text, alarm = intake_rows.result_in_words(result, row.build_id, session.language)
    ui.sentence(text, alarm=alarm)
    if result.changes:
        with ui.tiles():
            for name, value in intake_rows.result_figures(result):
                ui.tile(session.say(f"intake.result.{name}"), session.show(value), key=name)
    for number, (title, lines) in enumerate(intake_rows.result_files(result, session.language)):
        st.markdown(f"**{session.say('intake.result.file', number=number + 1)}** · {title}")
        for line in lines:
            st.caption(line)
    quarantined = intake_rows.quarantined_rows(result, session.language)
    if quarantined:
        st.subheader(session.say("intake.result.quarantine_title"), anchor=False)
        ui.table(
            session, "quarantine", tables.columns(session.language, "export", "reason", "rows:number"), quarantined
        )
        for dataset in sorted({row["export"] for row in quarantined}):
            _quarantine_csv(session, dataset)
    left_out = intake_rows.left_out_rows(result, session.language)
    if left_out:
        st.subheader(session.say("intake.result.left_out_title"), anchor=False)
        st.caption(session.say("intake.result.left_out_why"))
        columns = tables.columns(session.language, "export", "column_name", "field_name", "filled:number")
        ui.table(session, "left_out", columns, left_out)
