"""Starts the dashboard: `python -m compliance.serve [OPTION...]`, with the options of `streamlit run`."""

from __future__ import annotations

import os
import sys

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

from compliance import warm
from compliance.words.settings import ROOT

_PATIENCE_SECONDS = 60.0

if __name__ == "__main__":
    # Who has opened a connection is who did, not whom a header says it was for: the list of proxies is checked by it.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    # Until somebody's first visit Streamlit takes the folder pages/ for its older kind of pages, and would tell whoever
    # opens a view that a colleague sent that there is no such page.
    PagesManager.uses_pages_directory = False
    # Who comes first waits for nothing that could be made ready before; a copy that takes longer is waited for there.
    warm.start(warm.imports()).wait(_PATIENCE_SECONDS)
    main(["run", str(ROOT / "dashboard.py"), *sys.argv[1:]])
