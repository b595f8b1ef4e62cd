"""How a waiting file was understood: file card, meaning of each column, questions, first rows. Edits are re-read at once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from recengine.errors import BadInput
from recengine.types import ImportCheck, ImportPreview, SampleRow, caption
from recengine.workspace import Workspace
from ui import session as tab
from ui import shell
from ui.state import workspace
from ui.words import WT, W, has, numbers, one_line, plain
from ui.words.told import told

CELL_SHOWN = 36  # letters of a name or word in a table
ROWS_SHOWN, ROWS_HIGH = 20, 10  # those beyond are scrolled to


def edits_of(upload: str) -> dict[str, Any]:
    """What the person changed about this file so far; read from the workspace where this tab does not know it yet."""
    key = f"edits.{upload}"
    if key not in st.session_state:
        st.session_state[key] = workspace().reading.edits(upload)
    return st.session_state[key]


def keep_edits(upload: str, edits: dict[str, Any]) -> None:
    """Take these in their place, and keep them beside the file."""
    st.session_state[f"edits.{upload}"] = edits
    workspace().reading.keep_edits(upload, edits)


@st.cache_resource(max_entries=16, show_spinner=False)
def _preview(_ws: Workspace, key: str, upload: str, edits: str) -> ImportPreview:  # noqa: ARG001  (a part of the key of the cache)
    return _ws.datasets.preview(upload, json.loads(edits) or None)


def preview_of(ws: Workspace, upload: str) -> ImportPreview:
    """The file as understood with the person's edits; read once for each set of edits."""
    return _preview(ws, str(id(ws)), upload, json.dumps(edits_of(upload), sort_keys=True))


def preview_as_said(ws: Workspace, upload: str) -> tuple[ImportPreview, BadInput | None]:
    """The same; where what the person said does not fit, the file as guessed under the meanings that were said, and why not.

    Raises:
        BadInput: the file itself cannot be read.
    """
    try:
        return preview_of(ws, upload), None
    except BadInput as error:
        edits = edits_of(upload)
        asked = {name: said for name, said in edits.items() if name == "reading"}
        view = _preview(ws, str(id(ws)), upload, json.dumps(asked, sort_keys=True))
        roles = edits.get("roles") or {}
        columns = tuple(
            c
            if roles.get(c.column, c.role) == c.role
            else replace(c, role=str(roles[c.column]), confidence=1.0, reason=WT("import.chosen"))
            for c in view.columns
        )
        return replace(view, columns=columns, questions=(), rows=(), words=()), error


@st.cache_resource(max_entries=16, show_spinner=False)
def _check(_ws: Workspace, key: str, upload: str, edits: str) -> ImportCheck:  # noqa: ARG001  (a part of the key of the cache)
    return _ws.datasets.check(upload, json.loads(edits) or None)


def check_of(ws: Workspace, upload: str) -> ImportCheck:
    """What the import would do with every record; counted once for each set of edits."""
    return _check(ws, str(id(ws)), upload, json.dumps(edits_of(upload), sort_keys=True))


def file_card(view: ImportPreview) -> None:
    """Name, size, how it was read, what it was recognised as."""
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width=620, gap=None):
            st.markdown(f":material/description: **{plain(view.file_name, 60)}**")
            size = numbers.size(view.size_bytes)
            packed = size if view.compression in ("", "none") else W("import.packed", size=size, how=view.compression)
            facts = [packed, plain(told(view.dialect)), plain(view.encoding)]
            if view.physical_rows:
                facts.append(W("import.records", n=numbers.count(view.physical_rows)))
            st.caption(" · ".join(facts))
            sure = numbers.share(view.confidence, 0)
            known = view.recognised != "generic"
            st.caption(W("import.looks_like", title=view.recognised_title, sure=sure) if known else W("import.generic", sure=sure))
        if st.button(W("import.replace"), icon=":material/swap_horiz:", key="import.replace"):
            tab.choose(upload=None, step=None)
            st.rerun()
    for note in view.notes:
        st.caption(f":material/info: {plain(told(note))}")


def short(text: str) -> str:
    """On one line, cut where it would push the other columns of a table away."""
    line = one_line(text)
    return line if len(line) <= CELL_SHOWN else line[: CELL_SHOWN - 1] + "…"


def _result(result: str) -> str:
    """accepted, or "rejected: reason", in the words of the page."""
    kind, stop, reason = result.partition(": ")
    name = WT(f"report.{kind}") if has(f"report.{kind}") else kind
    return one_line(f"{name}{stop}{told(reason)}")


def behaviour_name(behaviour: object) -> str:
    """View, Cart, Purchase … for the engine's names."""
    return WT(f"behaviour.{behaviour}") if has(f"behaviour.{behaviour}") else one_line(behaviour)


def questions(view: ImportPreview) -> None:
    """What only a person can know, as pills; the guess is chosen. Words of events have a table of their own."""
    asked = [question for question in view.questions if not question.id.startswith("behaviour:")]
    if asked:
        shell.section(W("data.ask"), W("data.ask.caption"))
    for question in asked:
        with st.container(border=True, gap="small"):
            st.markdown(f":orange[:material/help:] **{plain(told(question.text))}**")
            key = f"question.{view.upload}.{question.id}"
            events = question.id == "default_behaviour"
            words = {value: plain(behaviour_name(value) if events else told(text)) for value, text in question.options}
            st.pills(
                plain(told(question.text)),
                list(words),
                default=question.default if question.default in words else None,
                required=True,
                format_func=words.__getitem__,
                label_visibility="collapsed",
                key=key,
                on_change=_keep_answer,
                args=(key, view.upload, question.id),
            )
            if question.note:
                st.caption(plain(told(question.note)))


def _keep_answer(key: str, upload: str, question: str) -> None:
    if (answer := st.session_state.get(key)) is not None:
        edits = edits_of(upload)
        keep_edits(upload, {**edits, "answers": {**edits.get("answers", {}), question: answer}})


def first_rows(view: ImportPreview) -> None:
    """The first rows as the import would take them."""
    shell.section(W("import.rows"), W("import.rows.caption", n=min(ROWS_SHOWN, len(view.rows))))
    shown = view.rows[:ROWS_SHOWN]
    names = ("line", "shopper", "item", "title", "time", "behaviour", "price", "result")
    frame = pd.DataFrame({name: [getattr(r, name) if name == "line" else one_line(getattr(r, name)) for r in shown] for name in names})
    frame["behaviour"] = [behaviour_name(row.behaviour) for row in shown]
    frame["result"] = [_result(row.result) for row in shown]
    configs = {name: st.column_config.TextColumn(WT(f"import.rows.{name}"), help=caption(SampleRow, name)) for name in names[1:]}
    configs["line"] = st.column_config.NumberColumn(WT("import.rows.line"), help=caption(SampleRow, "line"), width=60)
    height = "content" if len(shown) <= ROWS_HIGH else 36 * (ROWS_HIGH + 1)
    st.dataframe(frame, hide_index=True, height=height, column_config=configs, alt=WT("import.rows.alt", n=len(shown)), key="import.rows")
