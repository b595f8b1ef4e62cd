"""The first step of an import: how the bytes were read, beside the bytes, and a way to say otherwise."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from recengine.errors import BadInput
from recengine.types.reading import ReadingView
from recengine.workspace import Workspace
from ui import shell
from ui.parts.errors import error_box
from ui.parts.import_files import came_with, several, what_it_is
from ui.parts.import_sheets import sheets
from ui.parts.import_view import edits_of, keep_edits
from ui.state import workspace
from ui.words import WT, W, numbers, one_line
from ui.words.told import told

BLOCK_PX = 464  # of the table and of the bytes beside it
CELLS_SHOWN = 12  # columns of the table as read
FOUND = ""  # the choice that leaves it to the program
OF_COLUMNS = frozenset({"roles", "time_format", "day_first", "hashed"})  # what was said of columns that may be gone


@st.cache_resource(max_entries=16, show_spinner=False)
def _view(_ws: Workspace, key: str, upload: str, edits: str) -> ReadingView:  # noqa: ARG001  (a part of the key of the cache)
    return _ws.reading.view(upload, json.loads(edits))


def reading_of(ws: Workspace, upload: str) -> ReadingView:
    """The file as read with what the person said; read once for each way. Raises BadInput."""
    asked = {"reading": edits_of(upload).get("reading") or {}, "hashed": edits_of(upload).get("hashed") or []}
    return _view(ws, str(id(ws)), upload, json.dumps(asked, sort_keys=True))


def file_step(ws: Workspace, upload: str) -> bool:
    """Options, the table as read, its bytes; whether the file can be read that way."""
    try:
        view: ReadingView | None = reading_of(ws, upload)
    except BadInput as error:
        view = None
        error_box(error.what, error.why, error.fix, W("error.unchanged"))
    what_it_is(ws, upload, view)
    came_with(ws, upload)
    several(ws, upload)
    _options(ws, upload, view)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        shell.section(W("read.table"), W("read.table.caption"))
        if view is None:
            st.caption(W("read.table.none"))
        else:
            _table(view, upload)
    with right:
        if view is not None and view.sheets:
            sheets(view, upload)
        else:
            _bytes(ws, upload)
    if view is not None and view.n_left_out:
        _left_out(view, upload)
    return view is not None


def _bytes(ws: Workspace, upload: str) -> None:
    """The first lines as they lie in the file."""
    shell.section(W("read.bytes"), W("read.bytes.caption"))
    lines = ws.reading.lines(upload, hide=bool(edits_of(upload).get("hashed")))
    if lines:
        text = "\n".join(f"{line.line:>3}  {line.text}{' …' if line.cut else ''}" for line in lines)
        st.code(text, language=None, height=min(44 + 21 * len(lines), BLOCK_PX))
    else:
        st.caption(W("read.bytes.none"))


def _options(ws: Workspace, upload: str, view: ReadingView | None) -> None:
    """Encoding, delimiter and header: what was found and how sure that is, and a choice of others."""
    choices = ws.reading.choices()
    found = None if edits_of(upload).get("reading") else view
    sure = WT("read.found", what=found.encoding_words, sure=numbers.share(found.encoding_confidence, 0)) if found else WT("read.find")
    delimiters = {mark: told(name) for mark, name in choices.delimiters}
    cut = (
        WT("read.found.delimiter", what=delimiters.get(found.delimiter, found.delimiter)) if found and found.delimiter else WT("read.find")
    )
    head = WT("read.find")
    if found:
        head = WT("read.found.header", line=found.header_line) if found.header_line else WT("read.found.headless")
    with st.container(border=True, horizontal=True, gap="small", vertical_alignment="bottom"):
        if view is not None and view.sheets:
            rows = {name: WT("read.sheet.rows", name=name, n=numbers.count(n)) for name, n in view.sheets}
            _choice(upload, "sheet", {FOUND: WT("read.found.sheet", name=view.sheet) if found else WT("read.find"), **rows})
        elif view is None or view.encoding:
            _choice(upload, "encoding", {FOUND: sure, **dict(choices.encodings)})
            _choice(upload, "delimiter", {FOUND: cut, **delimiters})
        _choice(upload, "header", {FOUND: head, True: WT("read.header.yes"), False: WT("read.header.no")})
        if edits_of(upload).get("reading"):
            st.button(W("read.again"), icon=":material/undo:", key="read.again", on_click=_find_again, args=(upload,))
    if view is not None and view.encoding and not view.sheets:
        st.caption(W("read.how", words=view.encoding_words, how=told(view.encoding_how), dialect=told(view.dialect)))


def _choice(upload: str, name: str, words: dict[Any, str]) -> None:
    asked = (edits_of(upload).get("reading") or {}).get(name)
    key = f"read.{upload}.{name}.{json.dumps(asked)}"
    options = list(words)
    st.selectbox(
        W(f"read.{name}"),
        options,
        index=options.index(asked) if asked in options and asked is not None else 0,
        format_func=lambda value: one_line(words[value]),
        key=key,
        on_change=_ask,
        args=(upload, name, key),
        width=260,
    )


def _ask(upload: str, name: str, key: str) -> None:
    """Keep the wish beside everything else that was said."""
    value = st.session_state[key]
    asked = {**(edits_of(upload).get("reading") or {}), name: None if value == FOUND else value}
    _read_as(upload, {wish: said for wish, said in asked.items() if said is not None})


def _find_again(upload: str) -> None:
    _read_as(upload, {})


def _read_as(upload: str, reading: dict[str, Any]) -> None:
    """Keep how the bytes are to be read; meanings of columns that are not there any more go, everything else stays."""
    edits = {name: said for name, said in edits_of(upload).items() if name != "reading"} | ({"reading": reading} if reading else {})
    keep_edits(upload, edits)
    if not edits.get("roles"):
        return
    try:
        names = set(reading_of(workspace(), upload).names)
    except BadInput:  # said where the file is read; another way may bring the columns back
        return
    if not set(edits["roles"]) <= names:
        keep_edits(upload, {name: said for name, said in edits.items() if name not in OF_COLUMNS})


def _table(view: ReadingView, upload: str) -> None:
    names = view.names[:CELLS_SHOWN]
    columns: dict[str, list[Any]] = {"line": [row.line for row in view.rows]}
    columns |= {str(n): [one_line(row.cells[n]) for row in view.rows] for n in range(len(names))}
    config: dict[str, Any] = {str(n): st.column_config.TextColumn(one_line(name)[:60]) for n, name in enumerate(names)}
    config["line"] = st.column_config.NumberColumn(WT("import.rows.line"), width=60)
    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        height="content" if len(view.rows) < 12 else BLOCK_PX,
        column_config=config,
        alt=WT("read.table.alt", n=len(view.rows), columns=len(view.names)),
        key=f"read.table.{upload}",
    )
    if len(view.names) > CELLS_SHOWN:
        st.caption(W("read.table.more", n=CELLS_SHOWN, all=numbers.count(len(view.names))))


def _left_out(view: ReadingView, upload: str) -> None:
    """Lines that are no records of the table, and why."""
    with st.expander(W("read.left_out", n=numbers.count(view.n_left_out)), icon=":material/remove_done:"):
        frame = pd.DataFrame(
            {
                "line": [row.line for row in view.left_out],
                "reason": [one_line(told(row.reason)) for row in view.left_out],
                "text": [one_line(row.text) for row in view.left_out],
            }
        )
        config = {
            "line": st.column_config.NumberColumn(WT("import.rows.line"), width=60),
            "reason": st.column_config.TextColumn(WT("read.left_out.reason"), width=220),
            "text": st.column_config.TextColumn(WT("read.left_out.text")),
        }
        st.dataframe(frame, hide_index=True, height="content", column_config=config, alt=WT("read.left_out.alt"), key=f"read.left.{upload}")
