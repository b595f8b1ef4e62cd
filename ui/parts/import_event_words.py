"""What each word of the event column counts as: one table of all words, editable."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from recengine.columns import BEHAVIOURS
from recengine.types import EventWordView, ImportPreview, caption
from ui import shell
from ui.parts.import_view import behaviour_name, edits_of, keep_edits, short
from ui.words import WT, W, numbers

QUESTION = "behaviour:"


def event_words(view: ImportPreview) -> None:
    """Word, records, meaning; a change is kept and the file is read again. Nothing where no column holds event words."""
    if not view.words:
        return
    unknown = sum(word.source == "unknown" for word in view.words)
    shell.section(W("words.title"), W("words.caption.unknown", n=unknown) if unknown else W("words.caption"))
    shown = sorted(view.words, key=lambda word: word.source != "unknown")  # what nobody said yet stands first
    total = max(1, view.physical_rows)
    frame = pd.DataFrame(
        {
            "word": [short(word.word) or WT("import.empty_cell") for word in shown],
            "behaviour": [word.behaviour for word in shown],
            "rows": [word.rows for word in shown],
            "share": [word.rows / total for word in shown],
            "source": [WT(f"words.source.{word.source}") for word in shown],
        }
    )
    column = st.column_config
    key = f"words.{view.upload}.{json.dumps(edits_of(view.upload), sort_keys=True)}"
    st.data_editor(
        frame,
        hide_index=True,
        height="content" if len(shown) <= 12 else 460,
        key=key,
        disabled=["word", "rows", "share", "source"],
        alt=WT("words.alt", n=len(shown), unknown=unknown),
        on_change=_keep,
        args=(key, view.upload, shown),
        column_config={
            "word": column.TextColumn(WT("words.word"), help=caption(EventWordView, "word")),
            "behaviour": column.SelectboxColumn(
                WT("words.behaviour"),
                width=130,
                help=caption(EventWordView, "behaviour"),
                options=[behaviour.value for behaviour in BEHAVIOURS],
                required=True,
                format_func=behaviour_name,
            ),
            "rows": column.NumberColumn(WT("words.rows"), help=caption(EventWordView, "rows"), format="localized", width=90),
            "share": column.ProgressColumn(WT("words.share"), format="percent", min_value=0, max_value=1, color="gray", width=110),
            "source": column.TextColumn(WT("words.source"), help=caption(EventWordView, "source"), width=120),
        },
    )
    if unknown:
        n = sum(word.rows for word in view.words if word.source == "unknown")
        st.caption(f":orange[:material/help:] {W('words.unknown', rows=numbers.count(n), share=numbers.share(n / total))}")


def _keep(key: str, upload: str, shown: list[EventWordView]) -> None:
    edited = st.session_state[key]["edited_rows"].items()
    changes = {shown[int(row)].word: change["behaviour"] for row, change in edited if "behaviour" in change}
    edits = edits_of(upload)
    keep_edits(upload, {**edits, "answers": answers_with(edits.get("answers") or {}, changes, {word.word: word.key for word in shown})})


def answers_with(answers: dict[str, str], changes: dict[str, str], keys: dict[str, str]) -> dict[str, str]:
    """The answers with other meanings of words; another spelling (of the same key) of a changed word takes its new meaning."""
    again = {keys[word] for word in changes}
    words = {name for name in answers if name.startswith(QUESTION)}
    gone = {name for name in words if keys.get(name.removeprefix(QUESTION)) in again}
    return {name: said for name, said in answers.items() if name not in gone} | {QUESTION + word: said for word, said in changes.items()}
