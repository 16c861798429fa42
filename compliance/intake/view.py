"""How taking in is drawn: the files that are handed in, what must be asked of them, the run, and its result."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TypeVar

import pandas as pd
import streamlit as st

from compliance import ui
from compliance.access.at import At
from compliance.build.dates import Question
from compliance.intake import explain, service
from compliance.intake import rows as intake_rows
from compliance.intake.service import Preview, SheetPreview, Understood, Upload
from compliance.runs import RunRow
from compliance.show import columns as tables
from compliance.show.extract import Sheet, Stamp, extract, file_name, parts_of
from compliance.show.leaving import Written
from compliance.sources import catalogue as mapping
from compliance.sources import verbs as sources_verbs
from compliance.sources.recognise import Level
from compliance.ui import Session, at_fetch
from compliance.words import settings as settings_of
from compliance.words.markup import Marked, bold, literal
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Category, Permission, RecordType, StatedStatus

T = TypeVar("T", bound=str)
_BADGES: Mapping[Level, str] = {Level.SURE: "green", Level.LIKELY: "orange", Level.UNKNOWN: "red"}
_COLOURS: Mapping[str, Mapping[Level, str]] = {
    "light": {Level.SURE: "#1f6b41", Level.LIKELY: "#8a5200", Level.UNKNOWN: "#a8322a"},
    "dark": {Level.SURE: "#6fd09b", Level.LIKELY: "#f0b35e", Level.UNKNOWN: "#f28b82"},
}
# So many columns are shown before their table scrolls within itself.
_SHOWN = 14


def _quarantine_csv(session: Session, run: RunRow, dataset: str) -> None:
    """The rows of a dataset that stayed out in a run, for those who may take persons out."""
    if not session.may(Permission.EXTRACT_PERSONS) or session.actor.categories is not None:
        return
    # Of the build that the run made, whichever is current by now.
    stamp = Stamp(run.build_id, settings_of.today(session.settings, run.started_at), dataset)
    shown = [tables.Column(name, session.say(f"intake.result.{name}")) for name in ("row", "reason", "line")]

    def written(at: At) -> Written:
        columns, chunks = service.quarantined_rows(at, dataset)
        if not service.keeps_quarantine(at.register, run.run_id, dataset):
            # A later export has replaced them since the page was drawn.
            raise Refused("extract_changed")
        rows = (
            [intake_rows.quarantined(dict(zip(columns, row, strict=True)), session.language) for row in chunk]
            for chunk in chunks
        )
        sheet = Sheet(f"quarantine_{dataset}", shown, session.language, "excel", stamp)
        return extract(at, sheet, parts_of(sheet, rows), Permission.EXTRACT_PERSONS, ui.now)

    ui.download(
        session,
        Marked(f"{session.say('intake.result.csv')}: {literal(dataset)}"),
        key=f"csv_quarantine_{dataset}",
        name=file_name(f"{session.say('extract_name.quarantine')}-{dataset}", stamp, session.language),
        mime="text/csv",
        permission=Permission.EXTRACT_PERSONS,
        at=at_fetch,
        write=written,
        type="tertiary",
    )


def _previewed(session: Session, upload: Upload) -> Preview:
    """The preview of an upload, made once for the same file and answers: each one is a recorded look at persons."""
    known = st.session_state.setdefault("previews", {})
    mappings = [(number, one.model_dump_json()) for number, one in sorted(upload.mappings.items())]
    told = (
        upload.name,
        hash(upload.content),
        repr(mappings),
        upload.skip_sheets,
        upload.category,
        repr(upload.dates),
        upload.put_right,
    )
    if told not in known:
        known[told] = service.preview(session.at(), upload)
    found: Preview = known[told]
    return found


def _columns(session: Session, columns: Sequence[Understood], key: str) -> None:
    """Columns with what they are read as, how sure that is by colour and by words, and three values of each."""
    table = pd.DataFrame(
        [intake_rows.understood(one, session.language) for one in columns],
        columns=[session.say(f"intake.columns.{name}") for name in intake_rows.UNDERSTOOD],
    )
    sure = table.columns[0]
    theme = _COLOURS["dark" if st.context.theme.type == "dark" else "light"]
    colours = {intake_rows.level_in_words(level, session.language): colour for level, colour in theme.items()}
    st.dataframe(
        table.style.map(lambda told: f"color: {colours[told]}", subset=[sure]),
        hide_index=True,
        key=key,
        height="content" if len(columns) <= _SHOWN else 38 + 35 * _SHOWN,
    )


def _counted(session: Session, columns: Sequence[Understood]) -> None:
    """How many columns are sure, likely and unknown."""
    told = [
        _badge(session, level, f": {number}")
        for level in Level
        if (number := sum(one.column.level is level for one in columns))
    ]
    st.markdown(f"{session.say('intake.columns.counted', columns=len(columns))} {Marked(' '.join(told))}")


def _badge(session: Session, level: Level, more: str = "") -> Marked:
    """How sure something is, in words on its colour."""
    return Marked(f":{_BADGES[level]}-badge[{intake_rows.level_in_words(level, session.language)}{more}]")


def _ask_for_column(session: Session, one: Understood, choices: Mapping[str, str], key: str) -> str:
    """What one column is, with what speaks for it."""
    with st.container(border=True, key=f"ask_{key}"):
        words, choice = st.columns([3, 2], vertical_alignment="center")
        level = one.column.level
        with words:
            st.markdown(f"{bold(one.column.header)} {_badge(session, level)}")
            because = session.say(f"intake.because.{one.column.because}")
            st.caption(f"{because[:1].upper()}{because[1:]}. {session.say('intake.columns.values')}:")
            # As text: an address would be drawn as a link.
            st.text(" · ".join(one.values) or session.say("intake.columns.no_values"))
        return choice.selectbox(
            session.say("intake.mapping.column", column=one.column.header),
            list(choices),
            index=list(choices).index(one.column.field),
            format_func=choices.__getitem__,
            key=key,
            label_visibility="collapsed",
        )


def _ask_for_words(
    session: Session,
    sheet: SheetPreview,
    fields: Sequence[str],
    field: str,
    known: Mapping[str, T],
    choices: Sequence[T],
    key: str,
) -> dict[str, T]:
    """What the words of a column mean, where it tells the category or the status."""
    words = service.words_in(sheet, fields, field)
    if not words:
        return {}
    label = {None: session.say(f"intake.words.{field}_none")} | {
        one: session.say(f"category.{one}" if field == "category" else f"intake.words.{one}") for one in choices
    }
    options: list[T | None] = [None, *choices]
    st.caption(session.say(f"intake.words.{field}"))
    said: dict[str, T] = {}
    with st.container(horizontal=True):
        for number, word in enumerate(words):
            chosen = st.selectbox(
                literal(word), options, index=options.index(known.get(word)), format_func=label.__getitem__,
                key=f"{key}_{field}_{number}", width=230,
            )  # fmt: skip
            if chosen is not None:
                said[word] = chosen
    return said


def _ask_for_category(session: Session, proposed: Category | None, key: str) -> Category | None:
    """In what capacity the persons of a file are stored; None until somebody has said it."""
    known = [one for one in Category if one in session.policy.rules]
    return st.selectbox(
        session.say("intake.mapping.category"),
        known,
        index=known.index(proposed) if proposed in known else None,
        placeholder=session.say("intake.mapping.category_choose"),
        format_func=ui.coded(session, "category"),
        key=f"{key}_category",
    )


def _ask_for_mapping(session: Session, key: str, name: str, sheet: SheetPreview) -> mapping.Dataset | None:
    """Lets a person say what an unknown table's columns are; None while it does not fit together."""
    proposal = sheet.proposal
    assert proposal is not None
    st.info(session.say("intake.preview.unknown"), icon=":material/help:")
    if sheet.unread:
        ui.explain(Refused("name_unread", column=sheet.unread, dataset=sheet.nearly))
    st.markdown(f"**{session.say('intake.part.rows')}**")
    catalogue = service.catalogue(session.settings, session.engine)
    sources = list(catalogue.sources)
    with st.container(horizontal=True):
        record = st.selectbox(
            session.say("intake.mapping.record"),
            [*RecordType],
            index=list(RecordType).index(proposal.record),
            format_func=ui.coded(session, "intake.record"),
            key=f"{key}_record",
        )
        source = st.selectbox(
            session.say("intake.mapping.source"),
            sources,
            index=sources.index(service.likely_source(proposal, sources)),
            format_func=lambda one: catalogue.sources[one].name[session.language],
            key=f"{key}_source",
        )
        dataset_id = st.text_input(
            session.say("intake.mapping.id"),
            service.proposed_id(name),
            help=session.say("intake.mapping.id_help"),
            key=f"{key}_id",
        )
    st.caption(literal(explain.system_in_words(proposal, session.language)))
    st.markdown(f"**{session.say('intake.part.columns')}**")
    _counted(session, sheet.columns)
    choices = intake_rows.mapping_choices(record, session.language)
    asked = [place for place, one in enumerate(sheet.columns) if service.is_asked(one)]
    if asked:
        st.markdown(session.say("intake.columns.to_ask", columns=len(asked)))
    fields = list(proposal.fields)
    for place in asked:
        fields[place] = _ask_for_column(session, sheet.columns[place], choices, f"{key}_column_{place}")
    listed = st.container()
    others = st.multiselect(
        session.say("intake.columns.change"),
        [place for place in range(len(sheet.columns)) if place not in asked],
        format_func=lambda place: sheet.headers[place],
        placeholder=session.say("intake.columns.change_help"),
        key=f"{key}_change",
    )
    for place in others:
        fields[place] = _ask_for_column(session, sheet.columns[place], choices, f"{key}_column_{place}")
    with listed:
        _listed(session, service.said(sheet.columns, fields), key)
    by_email = False
    if "source_key" not in fields and "email" in fields and record is RecordType.PERSON:
        by_email = st.checkbox(session.say("intake.mapping.key_is_email"), value=True, key=f"{key}_by_email")
    categories: dict[str, Category] = {}
    category: Category | None = None
    if record is RecordType.PERSON and "category" in fields:
        known = [one for one in Category if one in session.policy.rules]
        categories = _ask_for_words(session, sheet, fields, "category", proposal.category_values, known, key)
    elif record is RecordType.PERSON:
        category = _ask_for_category(session, proposal.category, key)
    statuses = _ask_for_words(session, sheet, fields, "status", proposal.status_values, list(StatedStatus), key)
    try:
        return service.mapping_of(
            dataset_id, source, record, category, sheet.headers, fields, name,
            category_values=categories, status_values=statuses, key_is_email=by_email,
        )  # fmt: skip
    except Refused as refused:
        ui.explain(refused)
        return None


def _ask_for_dates(session: Session, sheet: SheetPreview, question: Question, key: str, *, named: bool) -> str | None:
    """How a column's dates are written, with what each answer makes of three values; None until somebody says it."""
    readings = sheet.readings[question.field]
    if named and sheet.name:
        st.caption(session.say("intake.preview.sheet", sheet=sheet.name))
    header = next((one.column.header for one in sheet.columns if one.column.field == question.field), "")
    return st.radio(
        session.say("intake.question.label", column=header, field=session.plain(f"field.{question.field}")),
        question.orders,
        index=None,
        format_func=lambda order: literal(explain.date_order(order, session.language)),
        captions=[literal(explain.dates_in_words(readings[order])) for order in question.orders],
        key=key,
    )


def _listed(session: Session, columns: Sequence[Understood], key: str) -> None:
    """The columns that are read, and behind a click those that are not."""
    read = [one for one in columns if not service.is_left_out(one)]
    left_out = [one for one in columns if service.is_left_out(one)]
    # What nobody knows stands first.
    out = sorted(left_out, key=lambda one: -list(Level).index(one.column.level))
    st.caption(session.say("intake.preview.rows_help"))
    _columns(session, read, f"{key}_read")
    critical = [one for one in out if service.is_critical(one)]
    if critical:
        told = ", ".join(f"{one.column.header} ({explain.kind(one, session.language)})" for one in critical)
        st.warning(session.say("intake.columns.critical", columns=told), icon=":material/priority_high:")
    if out:
        with st.expander(session.say("intake.columns.left_out", columns=len(out))):
            st.caption(session.say("intake.result.left_out_why"))
            _columns(session, out, f"{key}_out")


def _ask_for_all_dates(session: Session, preview: Preview, key: str) -> dict[tuple[int, str], str | None]:
    """How the dates of each table are written that cannot tell it themselves: by its number and the field."""
    return {
        (sheet.number, question.field): _ask_for_dates(
            session, sheet, question, f"{key}_{sheet.number}_{question.field}", named=len(preview.sheets) > 1
        )
        for sheet in preview.sheets
        for question in sheet.questions
    }


def _asked_to_put_right(session: Session, preview: Preview, key: str) -> bool:
    """Whether somebody says that letters which were written twice are to be read as they were meant."""
    trials = [sheet.trial for sheet in preview.sheets if sheet.trial is not None]
    twice = sum(
        one.rows for trial in trials for told in trial.garbled.values() for one in told if one.meant is not None
    )
    return twice > 0 and st.checkbox(session.say("intake.garbled.ask", rows=twice), key=f"{key}_put_right")


def _said_of(answers: Mapping[tuple[int, str], str | None], number: int) -> dict[str, str]:
    """What was said of one table's dates."""
    return {field: answer for (sheet, field), answer in answers.items() if answer and sheet == number}


def ask_about(session: Session, number: int, name: str, content: bytes) -> Upload | None:
    """Shows one file and asks what must be asked; None while something is open."""
    key = f"file_{number}"
    st.subheader(literal(name), anchor=False)
    upload = Upload(name, content, {}, {})
    try:
        preview = _previewed(session, upload)
        st.caption(literal(explain.file_in_words(preview, session.language)))
        if preview.exported_at_from == "taken_in":
            st.caption(session.say("intake.preview.made.taken_in"))
        mappings: dict[int, mapping.Dataset] = {}
        skipped: list[str] = []
        category: Category | None = None
        for sheet in preview.sheets:
            if sheet.name and len(preview.sheets) > 1:
                st.markdown(f"**{session.say('intake.preview.sheet', sheet=sheet.name)}**")
            if sheet.dataset is not None:
                if sheet.category_needed:
                    st.warning(session.say("intake.explain.category_needed"), icon=":material/help:")
                    category = _ask_for_category(session, None, f"{key}_{sheet.number}")
                    if category is None:
                        return None
                continue
            # A workbook may hold sheets that are no export; a person says which.
            skip = session.say("intake.preview.skip_sheet")
            if sheet.name and len(preview.sheets) > 1 and st.checkbox(skip, key=f"{key}_{sheet.number}_skip"):
                skipped.append(sheet.name)
                continue
            chosen = _ask_for_mapping(session, f"{key}_{sheet.number}", name, sheet)
            if chosen is None:
                return None
            mappings[sheet.number] = chosen
        if mappings or skipped or category:
            upload = Upload(name, content, {}, mappings, tuple(skipped), category)
            preview = _previewed(session, upload)
        answers = _ask_for_all_dates(session, preview, key)
        by_sheet = {
            number: one.model_copy(update={"dates": {**one.dates, **_said_of(answers, number)}})
            for number, one in mappings.items()
        }
        by_field = {field: answer for (number, field), answer in answers.items() if answer and number not in mappings}
        if any(answers.values()):
            upload = dataclasses.replace(upload, dates=by_field, mappings=by_sheet)
            preview = _previewed(session, upload)
        if _asked_to_put_right(session, preview, key):
            upload = dataclasses.replace(upload, put_right=True)
            preview = _previewed(session, upload)
    except Refused as refused:
        ui.explain(refused)
        return None
    for sheet in preview.sheets:
        _show_sheet(session, sheet, f"{key}_{sheet.number}", mapped=sheet.number in mappings)
    if None in answers.values():
        st.warning(session.say("intake.question.open"))
        return None
    return upload


def _show_sheet(session: Session, sheet: SheetPreview, key: str, *, mapped: bool) -> None:
    """What is known of one table, or was said of it by a person, and what would become of its rows."""
    assert sheet.dataset is not None
    if not mapped:
        st.success(literal(explain.sheet_in_words(sheet, session.language)), icon=":material/check_circle:")
        _counted(session, sheet.columns)
        _listed(session, sheet.columns, key)
    if sheet.trial is None:
        return
    st.markdown(f"**{session.say('intake.part.outcome')}**")
    for one in sheet.columns:
        if one.read:
            read = literal(explain.dates_in_words(one.read))
            st.caption(f"{session.say('intake.columns.dates', column=one.column.header)}: {read}")
    with ui.tiles():
        for name, value in intake_rows.trial_figures(sheet):
            ui.tile(session.say(f"intake.trial.{name}"), session.show(value), key=f"{name}_{key}")
    for line in (
        *intake_rows.stays_in_words(sheet.trial.quarantined, session.language),
        *explain.unread_in_words(sheet.trial.unread_cells, session.language),
        *explain.garbled_in_words(sheet.trial, session.language),
    ):
        st.caption(literal(line))
    _skipped(session, sheet, key)
    if mapped and st.button(session.say("intake.mapping.save"), key=f"{key}_save", icon=":material/bookmark_add:"):
        sources_verbs.save_mapping(session.at(), sheet.dataset)
        st.success(session.say("intake.mapping.saved"))


def _skipped(session: Session, sheet: SheetPreview, key: str) -> None:
    """The lines that are not loaded as rows, and why, behind a click."""
    lines = explain.skipped(sheet, session.language)
    if not lines or sheet.trial is None:
        return
    columns = [session.say(f"intake.skipped.{name}") for name in ("line", "reason", "text")]
    with st.expander(session.say("intake.skipped.title", lines=sum(one.rows for one in sheet.trial.no_data))):
        st.dataframe(pd.DataFrame(lines, columns=columns), hide_index=True, key=f"{key}_skipped")


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
        st.markdown(f"**{session.say('intake.result.file', number=number + 1)}** · {literal(title)}")
        for line in lines:
            st.caption(literal(line))
    quarantined = intake_rows.quarantined_rows(result, session.language)
    if quarantined:
        st.subheader(session.say("intake.result.quarantine_title"), anchor=False)
        columns = tables.columns(session.language, "export", "reason", "rows:number", "to_do:long")
        ui.table(session, "quarantine", columns, quarantined)
        for dataset in sorted({row["export"] for row in quarantined}):
            if service.keeps_quarantine(session.engine, run_id, dataset):
                _quarantine_csv(session, row, dataset)
            else:
                st.caption(session.say("intake.result.replaced", dataset=dataset))
    no_data = intake_rows.no_data_rows(result, session.language)
    if no_data:
        st.subheader(session.say("intake.result.no_data_title"), anchor=False)
        st.caption(session.say("intake.result.no_data_why"))
        columns = tables.columns(session.language, "export", "reason", "rows:number", "lines:wide")
        ui.table(session, "no_data", columns, no_data)
    left_out = intake_rows.left_out_rows(result, session.language)
    if left_out:
        st.subheader(session.say("intake.result.left_out_title"), anchor=False)
        st.caption(session.say("intake.result.left_out_why"))
        columns = tables.columns(session.language, "export", "column_name", "field_name", "filled:number")
        ui.table(session, "left_out", columns, left_out)
