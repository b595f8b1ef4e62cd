"""A rule as a form: typed as a sentence or built field by field, said back in words with the items it means."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from recengine.errors import BadInput
from recengine.types.policies import ReadRule, RuleField
from ui import draft
from ui.parts.errors import attempt
from ui.parts.two_lines import both
from ui.session import Session
from ui.words import W, has, one_line, plain

ACTIONS = ("boost", "bury", "pin", "block", "include", "exclude")
FORM, EDITED, ROUND, READ, PLACE = "rule.form", "rule.edited", "rule.round", "rule.read", "rule.place"
MOST_CONDITIONS = 6
MOST_DAYS = 36_500.0
Form = dict[str, Any]


def begin(form: Form | None = None, edited: str = "") -> None:
    """Put a rule, or an empty one, into the form; `edited` is the id of the rule that it will replace."""
    st.session_state[FORM] = dict(form or {})
    st.session_state[EDITED] = edited
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1  # widgets of the last form keep what they said
    st.session_state.pop(READ, None)


def rule_form(session: Session, spec: dict[str, Any]) -> None:
    """The sentence, the fields, what they say, and the button that adds the rule."""
    place = (session.dataset.id if session.dataset else "", session.policy.id if session.policy else "")
    if st.session_state.setdefault(PLACE, place) != place:  # a rule of another policy is not put into this one
        begin()
        st.session_state["rule.sentence"] = ""
        st.session_state[PLACE] = place
    _sentence(session)
    edited = st.session_state.get(EDITED, "")
    started = st.session_state.get(FORM) or {}
    place = f"rule.build.{st.session_state.get(ROUND, 0)}"
    title = W("rules.edit.title") if edited else W("rules.build")
    build = st.expander(title, expanded=bool(started), icon=":material/build:", key=place, on_change="rerun")
    if not build.open:
        return
    with build:
        form = _fields(session, started)
        view = _preview(session, form)
        with st.container(horizontal=True, gap="xsmall"):
            st.button(
                W("rules.save" if edited else "rules.add"),
                key="rule.add",
                icon=":material/check:",
                disabled=view is None,
                on_click=_add,
                args=(session, spec, form, edited),
            )
            if started:
                st.button(W("rules.clear"), key="rule.clear", type="tertiary", on_click=begin)


def _sentence(session: Session) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.text_input(
            W("rules.sentence"), key="rule.sentence", placeholder=W("rules.sentence.placeholder"), help=W("rules.sentence.help"),
            on_change=_read, args=(session,),
        )  # fmt: skip
        st.button(W("rules.read"), key="rule.read.button", icon=":material/text_fields:", on_click=_read, args=(session,))
    found: ReadRule | None = st.session_state.get(READ)
    if found is None:
        return
    if found.unknown:
        st.warning(W("rules.unknown", words=" · ".join(f"“{word}”" for word in found.unknown)), icon=":material/help:")
    if found.missing:
        st.caption(W("rules.missing", fields=", ".join(field_label(name) for name in found.missing)))


def _read(session: Session) -> None:
    text = str(st.session_state.get("rule.sentence") or "").strip()
    if not text or session.dataset is None:
        return
    dataset = session.dataset.id
    found = attempt(lambda: session.ws.policies.read_rule(dataset, text))
    if found is not None:
        begin(found.form, st.session_state.get(EDITED, ""))
        st.session_state[READ] = found


def _fields(session: Session, started: Form) -> Form:
    """Draw the fields; returns the form as it stands."""
    assert session.dataset is not None
    place = f"rule.{st.session_state.get(ROUND, 0)}"
    form: Form = {}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        action = started.get("action") if started else ACTIONS[0]
        form["action"] = st.selectbox(
            W("rules.action"), ACTIONS, ACTIONS.index(action) if action in ACTIONS else None, key=f"{place}.action",
            format_func=lambda a: W(f"rules.action.{a}"), width=240,
        )  # fmt: skip
        if form["action"] in ("boost", "bury"):
            form["strength"] = st.slider(
                W("rules.strength"),
                1,
                100,
                int(started.get("strength") or 40),
                format="%d%%",
                key=f"{place}.strength",
                width=220,
                help=W("rules.strength.help"),
            )
        elif form["action"] == "pin":
            form["position"] = st.number_input(
                W("rules.position"), 1, 500, int(started.get("position") or 1), key=f"{place}.position", width=110
            )
            form["priority"] = st.number_input(
                W("rules.priority.label"),
                -100,
                100,
                int(started.get("priority") or 0),
                key=f"{place}.priority",
                width=110,
                help=W("rules.priority.help"),
            )
    asked = [dict(row) for row in started.get("conditions", ())]
    n = st.session_state.setdefault(f"{place}.n", max(1, len(asked)))
    fields = {field.name: field for field in session.ws.policies.rule_fields(session.dataset.id)}
    rows = [_condition(fields, asked[i] if i < len(asked) else {}, f"{place}.condition.{i}") for i in range(n)]
    form["conditions"] = [row for row in rows if row]
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if n < MOST_CONDITIONS:
            st.button(
                W("rules.condition.add"), key=f"{place}.more", type="tertiary", icon=":material/add:", on_click=_count, args=(place, n + 1)
            )
        if n > 1:
            st.button(
                W("rules.condition.less"),
                key=f"{place}.less",
                type="tertiary",
                icon=":material/remove:",
                on_click=_count,
                args=(place, n - 1),
            )
            form["match"] = st.segmented_control(
                W("rules.match"), ("all", "any"), default=started.get("match", "all"), required=True, key=f"{place}.match",
                format_func=lambda m: W(f"rules.match.{m}"), label_visibility="collapsed",
            )  # fmt: skip
    _scope(session, started, form, place)
    return form


def _scope(session: Session, started: Form, form: Form, place: str) -> None:
    """Where, for whom and when the rule holds, and its name."""
    assert session.dataset is not None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        form["scenes"] = st.pills(
            W("rules.scenes"), draft.SCENES, selection_mode="multi", default=list(started.get("scenes", ())), key=f"{place}.scenes",
            format_func=lambda s: W(f"tune.scene.{s}"), help=W("rules.scenes.help"),
        )  # fmt: skip
        segments = list(dict.fromkeys([*session.ws.policies.segments(session.dataset.id), *started.get("segments", ())]))
        form["segments"] = st.multiselect(
            W("rules.segments"),
            segments,
            list(started.get("segments", ())),
            key=f"{place}.segments",
            placeholder=W("rules.segments.all"),
            width=220,
        )
        for end in ("start", "end"):
            given = started.get(end)
            chosen = st.date_input(
                W(f"rules.{end}"), date.fromisoformat(str(given)) if given else None, key=f"{place}.{end}", format="YYYY-MM-DD", width=140
            )
            form[end] = chosen.isoformat() if isinstance(chosen, date) else None
        form["name"] = st.text_input(W("rules.name"), str(started.get("name", "")), key=f"{place}.name", max_chars=120, width=200)


def _condition(fields: dict[str, RuleField], asked: Form, place: str) -> Form:
    """One question to an item; {} while it is not complete."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        names: list[str] = list(dict.fromkeys([*fields, *([str(asked["field"])] if asked.get("field") else [])]))
        start = asked.get("field") or ("category" if "category" in fields else "title" if "title" in fields else names[0])
        name = st.selectbox(W("rules.field"), names, names.index(start), key=f"{place}.field", format_func=field_label, width=150)
        field = fields.get(name) or RuleField(name, "text", ("is", "is_not"))
        ops = list(dict.fromkeys([*field.operators, *([asked["op"]] if asked.get("field") == name and asked.get("op") else [])]))
        op = st.selectbox(
            W("rules.op"),
            ops,
            ops.index(asked["op"]) if asked.get("op") in ops else 0,
            key=f"{place}.op.{name}",
            format_func=op_label,
            width=160,
        )
        mine = asked if asked.get("field") == name else {}
        if op in ("known", "unknown"):
            return {"field": name, "op": op}
        if op in ("since", "before"):
            given = mine.get("day")
            chosen = st.date_input(
                W("rules.value"), date.fromisoformat(str(given)) if given else None, key=f"{place}.day", format="YYYY-MM-DD", width=150
            )
            return {"field": name, "op": op, "day": chosen.isoformat()} if isinstance(chosen, date) else {}
        if field.kind in ("number", "date"):
            label = W("rules.days") if field.kind == "date" else W("rules.value")
            given: float | None = mine.get("number")
            low, high = (0.0, MOST_DAYS) if field.kind == "date" else (None, None)
            if given is not None and low is not None:  # a typed sentence may say any number
                given = min(max(float(given), low), MOST_DAYS)
            number = st.number_input(label, low, high, given, key=f"{place}.number.{name}", width=120)
            if number is None:
                return {}
            if op != "between":
                return {"field": name, "op": op, "number": number}
            upper = st.number_input(W("rules.value.to"), value=mine.get("number_to"), key=f"{place}.to.{name}", width=120)
            return {"field": name, "op": op, "number": number, "number_to": upper} if upper is not None else {}
        values = list(mine.get("values", ()))
        chosen_values = st.multiselect(
            W("rules.values"), list(dict.fromkeys([*values, *field.values])), values, key=f"{place}.values.{name}", accept_new_options=True,
            placeholder=W("rules.values.placeholder"), width=320,
        )  # fmt: skip
        return {"field": name, "op": op, "values": chosen_values} if chosen_values else {}


def _preview(session: Session, form: Form) -> Any:
    """The rule said back in both languages, and what it means; None while it is no whole rule."""
    assert session.dataset is not None
    if not form["conditions"]:
        st.caption(W("rules.preview.none"))
        return None
    try:
        view = session.ws.policies.rules(session.dataset.id, {"rules": [complete(form)]})[0]
    except BadInput as error:
        st.caption(f":orange[:material/warning:] {plain(error.why or error.what)}")
        return None
    first, second = both(view.sentence, view.sentence_zh)
    st.markdown(f":material/visibility: **{first}**  \n{second}")
    examples = ", ".join(plain(title, 50) for title in view.examples)
    st.caption(W("rules.means", n=view.items, examples=examples) if view.items else W("rules.means.none"))
    return view


def complete(form: Form) -> Form:
    """The form as a rule: without the fields that are empty."""
    return {name: value for name, value in form.items() if value not in (None, "", [], ())}


def _add(session: Session, spec: dict[str, Any], form: Form, edited: str) -> None:
    rule = complete(form)
    old = next((row for row in spec["rules"] if row["id"] == edited), None)
    if old is not None:
        rules = [{**rule, "id": edited, "enabled": old["enabled"]} if row is old else row for row in spec["rules"]]
    else:
        rules = [*spec["rules"], rule]

    def act() -> bool:
        draft.change(session, {**spec, "rules": rules})
        return True

    if attempt(act):
        begin()
        st.session_state["rule.sentence"] = ""


def _count(place: str, n: int) -> None:
    st.session_state[f"{place}.n"] = n


def field_label(name: str) -> str:
    """Name of a field of an item."""
    return W(f"rules.field.{name}") if has(f"rules.field.{name}") else plain(one_line(name))


def op_label(op: str) -> str:
    """How a field is compared, in words."""
    return W(f"rules.op.{op}") if has(f"rules.op.{op}") else plain(op)
