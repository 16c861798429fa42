"""Takes exports in: hand in files, see what they hold, answer what cannot be known, follow the run, read its result."""

import streamlit as st

from compliance import ui
from compliance.intake import rows as intake_rows
from compliance.intake import service, view
from compliance.show import columns as tables
from compliance.words.refusal import Refused
from compliance.words.vocabulary import Permission

session = ui.guard(Permission.RUN_INTAKE)
tongue = session.language
ui.header(session, "intake")
run_id = st.query_params.get("run")
if run_id:
    started = service.progress(session.engine, run_id)
    if started is not None and not started.ended:
        view.follow(session, run_id)
    else:
        view.show_result(session, run_id)
        if st.button(session.say("intake.new"), key="intake_new", icon=":material/add:"):
            del st.query_params["run"]
            st.rerun()
    st.stop()

st.write(session.say("intake.lead"))
ui.let_hand_in(session)
files = st.file_uploader(
    session.say("intake.upload.label"),
    accept_multiple_files=True,
    help=session.say("intake.upload.help"),
    key="intake_files",
)
uploads = [view.ask_about(session, number, file.name, file.getvalue()) for number, file in enumerate(files)]
if uploads:
    allow_older = st.checkbox(session.say("intake.allow_older"), key="allow_older")
    ready = [upload for upload in uploads if upload is not None]
    if st.button(session.say("intake.take_in", count=len(ready)), type="primary", key="take_in", disabled=not ready):
        try:
            st.query_params["run"] = service.submit(session.at(), ready, allow_older=allow_older)
            st.rerun()
        except Refused as refused:
            ui.explain(refused)

st.subheader(session.say("intake.history.title"), anchor=False)
runs = intake_rows.run_rows(service.latest(session.engine), tongue)
if runs:
    st.caption(session.say("intake.history.help"))
columns = tables.columns(tongue, "started", "run_state", "exports:wide", "loaded:number", "quarantined:number")
chosen = ui.table(session, "runs", columns, runs, empty="intake.history.empty", select=True, by=("run_id",))
if chosen:
    st.query_params["run"] = str(chosen["run_id"])
    st.rerun()
