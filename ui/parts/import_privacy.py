"""Personal data in a waiting file, and one click that replaces it by a keyed hash."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recengine.types.versions import PersonalColumn
from ui import shell
from ui.parts.import_view import edits_of, keep_edits
from ui.words import W, numbers, plain


def personal_data(upload: str, columns: Sequence[PersonalColumn], used: frozenset[str]) -> None:
    """Each column that seems to hold personal data; nothing is drawn without one.

    Args:
        upload: handle of the file.
        columns: that were found.
        used: columns that have a meaning.
    """
    if not columns:
        return
    shell.section(W("personal.title"), W("personal.caption", n=len(columns)))
    with st.container(border=True, gap="small"):
        for column in columns:
            _column(upload, column, column.column in used)
        readable = [column.column for column in columns if not column.hashed]
        if len(readable) > 1:
            st.button(
                W("personal.hash.all", n=len(readable)), icon=":material/lock:", key=f"{upload}.hash.all", on_click=_hash,
                args=(upload, readable),
            )  # fmt: skip
        st.caption(f":material/info: {W('personal.means')}")


def _column(upload: str, found: PersonalColumn, used: bool) -> None:
    name = plain(found.column, 60)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(width=620, gap=None):
            if found.hashed:
                st.markdown(f":green[:material/lock:] {W('personal.hashed', column=name)}")
            else:
                text = W(f"personal.{found.kind}", column=name, share=numbers.share(found.share, 0), example=found.example)
                st.markdown(f":orange[:material/warning:] {text}")
                if not used:
                    st.caption(W("personal.unused"))
        if found.hashed:
            key = f"{upload}.readable.{found.column}"
            st.button(W("personal.undo"), icon=":material/undo:", type="tertiary", key=key, on_click=_readable, args=(upload, found.column))
        else:
            key = f"{upload}.hash.{found.column}"
            st.button(W("personal.hash"), icon=":material/lock:", key=key, on_click=_hash, args=(upload, [found.column]))


def _hash(upload: str, columns: Sequence[str]) -> None:
    edits = edits_of(upload)
    keep_edits(upload, {**edits, "hashed": [*(name for name in edits.get("hashed", ()) if name not in columns), *columns]})


def _readable(upload: str, column: str) -> None:
    edits = edits_of(upload)
    left = [name for name in edits.get("hashed", ()) if name != column]
    keep_edits(upload, {name: value for name, value in {**edits, "hashed": left}.items() if name != "hashed" or left})
