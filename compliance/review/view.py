"""How lists of entries and a single person are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from compliance.purge.view import offer_purge
from compliance.show.entries import entry, entry_binds, entry_columns, entry_page
from compliance.ui import PAGE_SIZES, Session, choose_rows, in_chunks, names_wanted, paging, record_look, source_names
from compliance.words.vocabulary import Permission


def entry_list(
    session: Session,
    key: str,
    filters: Mapping[str, str | None],
    *,
    searchable: bool = False,
    pressing: bool = False,
) -> None:
    """The entries that a filter shows, by reference; with names, logged, where the reader may and asks for them. One
    that is chosen among names shows its person.

    `pressing` leaves out what is neither late, soon, held nor doubtful, unless a status is asked for.
    """
    assert session.reading is not None
    named = names_wanted(session, key)
    search = None
    if searchable and named:
        # What is searched for may be a name, so it stays out of the URL and of the ledger.
        search = st.text_input(session.say("persons.search"), key=f"search_{key}").strip() or None
    binds = entry_binds(filters, named=named, pressing=pressing, search=search)
    if named:
        binds["owned"] = session.actor.category_limit
    found = session.reading.one("entries_count", **binds)
    st.caption(session.say("persons.found", bases=found["bases"], persons=found["persons"]))
    page = paging(session, key, found["bases"])
    rows = entry_page(session.reading, binds, page.rows, page.skip)
    if named:
        record_look(session, key, len(rows), filters, marks=(page.skip, search))
    names = source_names(session)

    def every_row() -> Iterator[list[Mapping[str, Any]]]:
        return in_chunks(
            session,
            "entries",
            {**binds, "rows": found["bases"], "skip": 0},
            lambda row: entry(row, session.language, names),
        )

    proposing = session.may(Permission.PROPOSE_PURGE)
    if rows and (proposing or named):
        st.caption(session.say("purge.choose" if proposing else "persons.choose"))
    chosen = choose_rows(
        session,
        f"entries_{key}",
        entry_columns(session.language, named=named),
        [entry(row, session.language, names) for row in rows],
        by=("basis_id",),
        filters=filters,
        every_row=every_row,
        permission=Permission.EXTRACT_PERSONS if named else Permission.EXTRACT_FIGURES,
        select=proposing or named,
    )
    if proposing:
        picked = {row["basis_id"] for row in chosen}
        offer_purge(session, key, filters, binds, found["bases"], [row for row in rows if row["basis_id"] in picked])
    if named and len(chosen) == 1:
        _person(session, str(chosen[0]["person_id"]))


def _person(session: Session, person_id: str) -> None:
    """One person: contact details, how long they may be kept, and each entry with its reason."""
    assert session.reading is not None
    found = session.reading.rows("person", person=person_id)
    if not found:
        return
    person = found[0]
    binds = entry_binds({}, named=True, person=person_id)
    binds["owned"] = session.actor.category_limit
    rows = session.reading.rows("entries", rows=PAGE_SIZES[-1], skip=0, **binds)
    record_look(session, "person", 1, {}, marks=(person_id,))
    with st.container(border=True):
        st.markdown(f"#### {person['name'] or session.say('common.unknown')}")
        until = person["core_until"]
        so_far = "open" if until is None else "past" if until < session.reading.as_of else "until"
        st.write(session.say(f"persons.core_{so_far}", until=until))
        for row in rows:
            shown = entry(row, session.language, source_names(session))
            st.markdown(f"**{shown['category']}** · {shown['source']} · {shown['status']}  \n{shown['why']}")
