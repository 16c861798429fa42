"""A form made from what it asks for: a pydantic model's fields, each with what is wrong with it below it.

What was typed stays until it has been handed on, beyond the window too.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import streamlit as st
from pydantic import AwareDatetime, BaseModel, ValidationError
from pydantic.fields import FieldInfo

from compliance.ui.acts import act
from compliance.ui.kept import Kept
from compliance.ui.session import Session
from compliance.words import times
from compliance.words.refusal import Refused

M = TypeVar("M", bound=BaseModel)

_WIDTH, _SHORT, _AREA = 640, 320, 90
# What is wrong with no field alone is told below all of them.
_ALL = ""
# A text longer than this is written in an area of several lines.
_LINE = 320


def form(
    session: Session,
    key: str,
    model: type[M],
    hand_on: Callable[[M], None],
    *,
    words: str,
    code: Callable[[Any], str],
    button: str,
    before: M | None = None,
    below: Mapping[str, Callable[[Any], None]] | None = None,
    primary: bool = True,
) -> None:
    """The fields of `model` and a button that hands what they say on.

    `words` is the prefix of their labels' texts, `button` the key of its own, `code` puts a code into words, `before`
    fills the fields, `below` draws something below a field by its value. `hand_on` may raise Refused: one whose value
    `field` names a field is told below that, any other below all. The fields are text, whole numbers, days, instants by
    the Stockholm clock, yes or no, codes of a StrEnum, and several of them; a text over a line long has several lines.
    """
    kept = Kept(session, key, tuple(model.model_fields))
    if any(kept.key(name) not in st.session_state for name in kept.fields):
        # Fields that were not drawn meanwhile are empty by now, and nothing is wrong with what nobody has typed.
        kept.begin()
        _fill_in(kept, model, before)
    kept.told_restored()
    for name, field in model.model_fields.items():
        _draw(kept, name, f"{words}.{name}", field, code)
        if below and name in below:
            below[name](st.session_state[kept.key(name)])
        kept.beside(name)
    kept.beside(_ALL)
    st.button(
        session.say(button),
        key=f"{key}_button",
        type="primary" if primary else "secondary",
        on_click=act,
        args=(lambda: _try(kept, model, hand_on),),
    )


def _fill_in(kept: Kept, model: type[M], before: M | None) -> None:
    """What was typed before and not handed on, else what the form begins with."""
    typed = _restorable(model, kept.find())
    for name, field in model.model_fields.items():
        # What somebody had emptied is empty.
        value = None if typed else field.get_default() if before is None else getattr(before, name)
        st.session_state.setdefault(kept.key(name), typed.get(name, _shown(value, field.annotation)))
    st.session_state[kept.key("was_restored")] = bool(typed)


def _try(kept: Kept, model: type[M], hand_on: Callable[[M], None]) -> None:
    """Hands on what the fields say, or keeps what is wrong with which of them. A second click on what the first has
    handed on finds no fields any more, and is none.
    """
    if any(kept.key(name) not in st.session_state for name in kept.fields):
        return
    values: dict[str, Any] = {}
    wrong: dict[str, Refused] = {}
    for name, field in model.model_fields.items():
        try:
            values[name] = _read(st.session_state[kept.key(name)], field.annotation)
        except Refused as refused:
            wrong.setdefault(name, refused)
    try:
        # All that is wrong is told at once: of a field that could not be read, that comes first.
        told = model.model_validate(values)
        if not wrong:
            hand_on(told)
    except ValidationError as error:
        for fault in error.errors():
            is_long = fault["type"] == "string_too_long"
            code = "field_too_long" if is_long else "field_missing"
            name = str(fault["loc"][0])
            wrong.setdefault(name, Refused(code, most=fault.get("ctx", {}).get("max_length", 0)))
    except Refused as refused:
        name = str(refused.values.get("field", _ALL))
        wrong.setdefault(name if name in kept.fields else _ALL, refused)
    kept.begin()
    for name, why in wrong.items():
        kept.refuse(name, why)
    if not wrong:
        kept.forget()
        for name in kept.fields:
            st.session_state.pop(kept.key(name), None)


def _restorable(model: type[BaseModel], typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept, as its fields take it; without what none of them takes any more."""
    found: dict[str, Any] = {}
    for name, value in typed.items():
        if name not in model.model_fields:
            continue
        kind, _ = _kind(model.model_fields[name].annotation)
        is_several = get_origin(kind) is tuple
        codes = get_args(kind)[0] if is_several else kind
        if not _is_code(codes):
            found[name] = value
            continue
        known = {one.value: one for one in codes}
        if is_several:
            found[name] = [known[one] for one in value if one in known]
        elif value in known:
            found[name] = known[value]
    return found


def _draw(kept: Kept, name: str, words: str, field: FieldInfo, code: Callable[[Any], str]) -> None:
    session, place = kept.session, kept.key(name)
    told: dict[str, Any] = {"key": place, "on_change": act, "args": (kept.save,)}
    label = session.say(words)
    kind, optional = _kind(field.annotation)
    if kind is bool:
        st.checkbox(label, **told)
    elif kind is dt.datetime:
        note = session.say("forms.time_or_not" if optional else "forms.time")
        # No example, which would look like a time that is given, nor one of now: a field whose hint changes with the
        # minute is another field, and forgets what was typed.
        st.text_input(label, **told, help=note, placeholder=session.say("forms.time_shape"), width=_SHORT)
    elif kind is dt.date:
        note = session.say("forms.day_or_not" if optional else "forms.day")
        st.text_input(label, **told, help=note, placeholder=session.say("forms.day_shape"), width=_SHORT)
    elif kind is int:
        note = session.say("forms.count_or_not" if optional else "forms.count")
        st.text_input(label, **told, help=note, width=_SHORT)
    elif get_origin(kind) is tuple:
        st.multiselect(
            label, list(get_args(kind)[0]), format_func=code, **told,
            placeholder=session.plain("forms.choose"), width=_WIDTH,
        )  # fmt: skip
    elif _is_code(kind):
        st.selectbox(
            label, list(kind), index=None, format_func=code, **told,
            placeholder=session.plain("forms.choose"), width=_SHORT,
        )  # fmt: skip
    elif _most(field) > _LINE:
        st.text_area(label, **told, height=_AREA, width=_WIDTH)
    else:
        st.text_input(label, **told, width=_WIDTH)


def _most(field: FieldInfo) -> int:
    """How many characters a text may have."""
    return next((int(one.max_length) for one in field.metadata if getattr(one, "max_length", None)), 0)


def _is_code(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _kind(annotation: Any) -> tuple[Any, bool]:
    """What a field takes, and whether it may be left unknown."""
    optional = get_origin(annotation) in (Union, types.UnionType)
    kind = next(one for one in get_args(annotation) if one is not types.NoneType) if optional else annotation
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return dt.datetime if kind is AwareDatetime else kind, optional


def _shown(value: Any, annotation: Any) -> Any:
    """A value as its field takes it; nothing, where there is none yet."""
    kind, _ = _kind(annotation)
    if isinstance(value, dt.datetime):
        return times.written(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bool | StrEnum):
        return value
    if isinstance(value, str | int | dt.date):
        return str(value)
    if get_origin(kind) is tuple:
        return []
    return None if _is_code(kind) else False if kind is bool else ""


def _read(value: Any, annotation: Any) -> Any:
    """What a field says; None where it says nothing and may.

    Raises Refused `field_missing`, `field_count`, `field_day`, and what compliance.words.times.read does.
    """
    kind, optional = _kind(annotation)
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, bool | StrEnum):
        return value
    text = (value or "").strip()
    if text == "" and optional:
        return None
    if text == "" and kind is not str:
        raise Refused("field_missing")
    if kind is dt.datetime:
        # As it is written in the hour that comes twice.
        return times.read(text.split(" (")[0])
    if kind is dt.date:
        try:
            return dt.datetime.strptime(text, "%Y-%m-%d").date()
        except ValueError:
            raise Refused("field_day") from None
    if kind is int:
        digits = "".join(text.split())
        if not digits.isdecimal() or len(digits) > 12:
            raise Refused("field_count")
        return int(digits)
    return text
