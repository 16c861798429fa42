"""How the rules are drawn: what others would do, how they are proposed and decided, and where the policy falls short of
the law.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from compliance import ui
from compliance.access import rules as rules_of
from compliance.access.at import At
from compliance.policy import changes, verbs
from compliance.policy import rows as policy_rows
from compliance.policy.changes import Change
from compliance.policy.what_if import WhatIf, what_if
from compliance.show import columns as tables
from compliance.show.leaving import Written, whole
from compliance.show.why import field_in_words
from compliance.ui import Kept, Session, charts
from compliance.words import policy, versions
from compliance.words.markup import literal
from compliance.words.refusal import Refused
from compliance.words.versions import Rules, Value
from compliance.words.vocabulary import COUNTED_FIELDS, PERSONNUMMER_FIELD, Category, Permission

_PARAMETERS = "parameters"
# What a rule is about: keys and dates of a record are kept by none.
_FIELDS = ("name", "role", "email", "phone", *COUNTED_FIELDS, PERSONNUMMER_FIELD)
_UNITS = ("Y", "M", "D")
_ASKED, _DRAFT = "rules_what_if", "draft_"
# Beside which field a refusal is told.
_BESIDE = dict.fromkeys(("rule_change_reason_missing", "rule_change_reason_invalid"), "reason")
_WIDTH, _LIST_WIDTH = 230, 720


def where_files_stray(session: Session) -> None:
    """Where a file has come to say something else than a version: which of them holds, and what to do."""
    found = changes.strayed(session.settings, session.engine)
    if not found:
        return
    st.warning(session.say("policy_page.strayed", count=len(found)), icon=":material/priority_high:")
    ui.table(
        session,
        "strayed",
        tables.columns(
            session.language, "rule_setting:wide", "decided", "rule_version", "in_file", "holds_now:wrapped"
        ),
        policy_rows.strayed_rows(found, session.language),
    )


def waiting(session: Session, known: list[Change]) -> None:
    """The proposals that wait, each with what it would do and the buttons of those who may decide."""
    for one in policy_rows.proposals(known):
        with st.container(border=True, key=f"change_{one.change_id}"):
            st.markdown(
                session.say(
                    "policy_page.change", number=one.change_id, day=session.show(one.holds_from), why=one.reason
                )
            )
            for line in policy_rows.differences_in_words(one.differences, session.language):
                st.markdown(f"- {literal(line)}")
            _warn(session, one.values)
            on = max(one.holds_from, session.today)
            before = rules_of.in_force(session.settings, session.engine, on)
            try:
                _ask_what_if(session, str(one.change_id), on, before, before.changed(one.values))
            except Refused as refused:
                ui.explain(refused)
            if session.may(Permission.CHANGE_RULES):
                _decide(session, one)


def _decide(session: Session, one: Change) -> None:
    number = one.change_id
    kept = Kept(session, f"decide_{number}", ("reason",))
    kept.restore()
    own = one.proposed_by == session.actor.pseudonym
    if own:
        st.caption(session.say("policy_page.own"))
    kept.told_restored()
    kept.text("reason", "policy_page.decide_reason", verbs.REASON_LENGTH, width=_LIST_WIDTH)

    def approve() -> None:
        version = verbs.approve(ui.at_once(session), number)
        kept.forget()
        ui.done(session.say("policy_page.approved", number=number, version=version))

    def end() -> None:
        at, why = ui.at_once(session), str(kept.values()["reason"] or "")
        if kept.tried(lambda: (verbs.withdraw if own else verbs.refuse)(at, number, why), _BESIDE):
            kept.forget()
            ui.done(session.say("policy_page.withdrawn" if own else "policy_page.refused", number=number))

    with st.container(horizontal=True):
        if not own:
            _button(session, "policy_page.approve", f"approve_{number}", approve, primary=True)
        _button(session, "policy_page.withdraw" if own else "policy_page.refuse", f"end_{number}", end)


def _button(session: Session, text: str, key: str, work: Callable[[], None], *, primary: bool = False) -> None:
    st.button(
        session.say(text), key=key, on_click=ui.act, args=(work,), type="primary" if primary else "secondary"
    )  # fmt: skip


def draft(session: Session) -> None:
    """Asks for other rules and shows what they would do; whoever may proposes them then."""
    kept = Kept(session, "draft", ("subject", "day_on"))
    kept.restore()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=_WIDTH):
            kept.pick(
                "subject", "policy_page.subject", [*session.policy.rules, _PARAMETERS],
                lambda one: session.plain("policy_page.parameters" if one == _PARAMETERS else f"category.{one}"),
                first=True,
            )  # fmt: skip
        with st.container(width=_WIDTH):
            kept.day("day_on", "policy_page.holds_from", unless=session.today, since=session.today)
    subject, day = kept.values()["subject"], kept.values()["day_on"]
    if not isinstance(day, dt.date):
        return
    # As they are on that day: what is approved already, and holds from then, is no change.
    before = rules_of.in_force(session.settings, session.engine, day)
    # Another version's draft is another draft: what was typed was typed over other values.
    form = f"draft_{before.policy.version}_{subject}"
    if subject == _PARAMETERS:
        typed = Kept(session, form, ("which", *versions.PARAMETERS))
        fields = _parameter_fields(typed, before)
    else:
        typed = Kept(session, form, ("count", "unit", "owner", "approval", "fields"))
        fields = _rule_fields(typed, before, Category(subject))
    values = {setting: value for setting, value in fields.items() if value != before.value(setting)}
    try:
        after = before.changed(values)
    except Refused:
        # Told at its field.
        return
    if not values:
        st.caption(session.say("policy_page.nothing_changed"))
        return
    for line in policy_rows.differences_in_words(
        [changes.Difference(setting, before.value(setting), value) for setting, value in values.items()],
        session.language,
    ):
        st.markdown(f"- {literal(line)}")
    _warn(session, values)
    shown = _ask_what_if(session, _DRAFT, day, before, after)
    if shown and session.may(Permission.CHANGE_RULES):
        _propose(kept, typed, values, day)


def _propose(kept: Kept, typed: Kept, values: Mapping[str, Value], day: dt.date) -> None:
    session = kept.session
    # It comes and goes with what is counted.
    why = Kept(session, "draft_why", ("reason",))
    why.restore()
    why.text(
        "reason", "policy_page.reason", verbs.REASON_LENGTH, width=_LIST_WIDTH,
        help=session.say("policy_page.reason_help"),
    )  # fmt: skip

    def propose() -> None:
        at, reason, proposed = ui.at_once(session), str(why.values()["reason"] or ""), list[int]()
        if not why.tried(lambda: proposed.append(verbs.propose(at, values, holds_from=day, reason=reason)), _BESIDE):
            return
        for one in (why, kept, typed):
            one.forget()
        for field in typed.fields:
            # It begins with what holds by then.
            st.session_state.pop(typed.key(field), None)
        ui.done(session.say("policy_page.proposed", number=proposed[0]))

    _button(session, "policy_page.propose", "propose_rules", propose, primary=True)


def _rule_fields(kept: Kept, before: Rules, category: Category) -> dict[str, Value]:
    """The fields of a category's rule that can be changed, each with what it is refused for beside it."""
    session, found = kept.session, dict[str, Value]()
    rule = before.policy.rules[category]
    number, unit = _split(rule.period)
    allowed = list(rule.allowed_fields)
    kept.restore(
        {"count": number, "unit": unit, "owner": rule.owner, "approval": rule.approval, "fields": allowed}
    )  # fmt: skip
    kept.told_restored()
    with st.container(horizontal=True):
        with st.container(width=_WIDTH):
            with st.container(horizontal=True, vertical_alignment="bottom"):
                st.number_input(
                    session.say("rule_setting.period"), min_value=0, step=1, key=kept.key("count"), width=120,
                    on_change=ui.act, args=(kept.save,),
                )  # fmt: skip
                with st.container(width=94):
                    kept.pick(
                        "unit", "policy_page.unit", _UNITS, lambda one: session.plain(f"policy_page.unit_{one}"),
                        first=True,
                    )  # fmt: skip
            # As it is written, unless somebody has asked for another.
            asked = kept.values()
            is_other = (asked["count"], asked["unit"]) != (number, unit)
            period = f"P{asked['count']}{asked['unit']}" if is_other else rule.period
            _checked(session, before, found, f"{category}.period", period)
        for name, known in (("owner", policy.OWNERS), ("approval", policy.APPROVALS)):
            with st.container(width=_WIDTH):
                kept.pick(name, f"rule_setting.{name}", known, ui.coded(session, name), first=True)
                _checked(session, before, found, f"{category}.{name}", kept.values()[name])
    options = [*allowed, *(one for one in _FIELDS if one not in allowed)]
    kept.several(
        "fields", "rule_setting.allowed_fields", options, lambda name: field_in_words(name, session.language),
        placeholder=session.plain("policy_page.no_fields"), width=_LIST_WIDTH,
    )  # fmt: skip
    fields = kept.values()["fields"]
    # In the order of the rule: another one would be a change that nobody has made.
    told = [one for one in allowed if one in fields] + [one for one in fields if one not in allowed]
    _checked(session, before, found, f"{category}.allowed_fields", told)
    return found


def _parameter_fields(kept: Kept, before: Rules) -> dict[str, Value]:
    """The parameters that somebody wants to change, each with what it is refused for beside it."""
    session, found = kept.session, dict[str, Value]()
    kept.restore()
    kept.told_restored()
    kept.several(
        "which", "policy_page.which", list(versions.PARAMETERS),
        lambda name: session.plain(f"parameter.{name}"), width=_LIST_WIDTH,
    )  # fmt: skip
    for name in kept.values()["which"]:
        is_now = before.value(name)
        label = session.say(f"parameter.{name}")
        st.session_state.setdefault(kept.key(name), is_now)
        told: dict[str, Any] = {"key": kept.key(name), "on_change": ui.act, "args": (kept.save,)}
        value: Value
        if isinstance(is_now, bool):
            value = st.toggle(label, **told)
        elif isinstance(is_now, float):
            value = st.number_input(label, step=0.05, width=_LIST_WIDTH, **told)
        else:
            value = st.number_input(label, step=1, width=_LIST_WIDTH, **told)
        _checked(session, before, found, name, value)
    return found


def _checked(session: Session, before: Rules, found: dict[str, Value], setting: str, value: Value) -> None:
    """Takes up what somebody has asked for, and says at its field why it cannot be."""
    found[setting] = value
    try:
        before.changed({setting: value})
    except Refused as refused:
        # A file is told by its codes; here they are words.
        told = dict(refused.values)
        if "category" in told:
            told["category"] = session.plain(f"category.{told['category']}")
        if refused.code == "parameters_unreadable":
            told["name"] = session.plain(f"parameter.{told['name']}")
        ui.explain(Refused(refused.code, **told))


def _split(period: str) -> tuple[int, str]:
    """A period as a number and a unit; years and months together as months."""
    parts = {sign: int(number) for number, sign in re.findall(r"([0-9]+)([YMD])", period)}
    if parts.get("Y") and parts.get("M"):
        return parts["Y"] * 12 + parts["M"], "M"
    return next((number, sign) for sign, number in parts.items() if number)


def _warn(session: Session, values: Mapping[str, Value]) -> None:
    """What somebody should know before: rules by which people are purged without anybody's word."""
    if any(setting.endswith(".approval") and value == "automatic" for setting, value in values.items()):
        st.caption(session.say("policy_page.automatic", limit=session.parameters.automatic_max))


def _ask_what_if(session: Session, key: str, on: dt.date, before: Rules, after: Rules) -> bool:
    """Counts what other rules would do once somebody asks; says whether it is shown for just these."""
    if session.reading is None:
        st.caption(session.say("policy_page.nothing_to_count"))
        return True
    of = (session.reading.key, on, after.policy.digest, before.policy.digest, after.parameters, before.parameters)
    if st.button(session.say("policy_page.count"), key=f"count_{key}"):
        with st.spinner(session.say("policy_page.counting")):
            # One at a time: of several nobody would know which table is whose.
            st.session_state[_ASKED] = (key, of, what_if(session.settings, session.engine, on, before, after))
    whose, known, found = st.session_state.get(_ASKED, (None, None, None))
    if (whose, known) != (key, of) or found is None:
        return False
    _show_what_if(session, found)
    return True


def _show_what_if(session: Session, found: WhatIf) -> None:
    day = session.show(found.on)
    st.markdown(session.say("policy_page.moved", persons=found.persons, day=day))
    if found.moves:
        ui.table(
            session,
            "what_if",
            tables.columns(session.language, "category_name", "before", "after", "persons:number", "bases:number"),
            policy_rows.moved(found, session.language),
        )
    weeks = policy_rows.week_rows(found)
    st.caption(
        session.say(
            "policy_page.year",
            **{name: sum(row[name] for row in weeks) for name in weeks[0] if name != "week"},
        )
    )
    places = [session.show(row["week"]) for row in weeks]
    series = policy_rows.week_series(found)
    labels = {
        "DUE": (session.plain("column.due_before"), session.plain("column.due_after")),
        "OVERDUE": (session.plain("column.overdue_before"), session.plain("column.overdue_after")),
    }
    told = {f"{status} {number}": values for status, pair in series.items() for number, values in enumerate(pair)}
    names = {f"{status} {number}": label for status, pair in labels.items() for number, label in enumerate(pair)}
    ui.chart(
        charts.compared(places, series, labels), charts.in_words(places, told, names, session.language), "what_if_weeks"
    )
    with st.expander(session.say("policy_page.as_table")):
        ui.table(
            session,
            "what_if_weeks",
            tables.columns(
                session.language, "week:date", "due_before:number", "due_after:number", "overdue_before:number",
                "overdue_after:number",
            ),
            weeks,
        )  # fmt: skip


def besides(session: Session, known: list[Change]) -> None:
    """What stands beside the rules in force, each behind a tab: what none covers, the versions, and the defects."""
    names = ("uncovered", "versions", "defects")
    uncovered, versions_, defects = st.tabs([session.say(f"policy_page.{name}") for name in names])
    with uncovered:
        ui.table(
            session,
            "uncovered",
            tables.columns(session.language, "category_name", "bases:number", "reason:long"),
            policy_rows.uncovered_rows(session.policy, session.reading, session.language),
        )
    with versions_:
        _history(session, known)
    with defects:
        _defects(session)


def _history(session: Session, known: list[Change]) -> None:
    """Every version, with who, when, why and what, and the rules in force as files."""
    st.caption(session.say("policy_page.versions_help"))
    ui.table(
        session,
        "versions",
        tables.columns(
            session.language, "rule_version", "rule_change_state", "holds_from:date", "differences:long",
            "change_reason:wrapped", "proposer:wrapped", "proposed_on:date", "decider:wrapped", "decided_on:date",
            "decided_because:wrapped",
        ),
        policy_rows.version_rows(known, changes.files(session.engine), session.today, session.language),
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for name, make in (
            (versions.RULES_FILE, lambda at: versions.rules_toml(at.policy)),
            (versions.PARAMETERS_FILE, lambda at: versions.parameters_toml(at.parameters)),
        ):
            ui.download(
                session, session.say("policy_page.export", file=name), key=f"export_{name}", name=name,
                mime="application/toml", permission=Permission.EXTRACT_FIGURES, at=ui.at_fetch, write=_writer(make),
                type="tertiary",
            )  # fmt: skip


def _writer(make: Callable[[At], bytes]) -> Callable[[At], Written]:
    return lambda at: whole(make(at))


def _defects(session: Session) -> None:
    """What the policy itself leaves wrong or open, each behind a click."""
    for defect in policy.DEFECTS:
        with st.expander(f"{literal(defect.upper())} · {session.say(f'policy.defect.{defect}.title')}"):
            st.write(session.say(f"policy.defect.{defect}.text"))
