"""Files that lie on the server already: picked from the allowed folders, or named by their path."""

from __future__ import annotations

import streamlit as st

from recengine.types.reading import ServerFile, ServerFolder
from recengine.workspace import Workspace
from ui.parts.errors import guard
from ui.words import WT, W, numbers, one_line, plain


def server_files(ws: Workspace, place: str) -> list[str]:
    """A folded form; the handles of the files that were asked for with its button, [] at all other times."""
    with st.expander(W("server.title"), icon=":material/dns:"):
        st.caption(W("server.caption"))
        with guard():
            folders = ws.server_files.folders()
            if not folders:
                st.markdown(W("server.none"))
                return []
            picked = _picked(ws, folders, place)
            key = f"server.path.{place}"
            typed = st.text_input(
                W("server.path"), key=key, placeholder=WT("server.path.example", folder=folders[0].path), help=W("server.path.help")
            )
            asked = [*picked, *([typed] if typed.strip() else [])]
            read = st.button(W("server.read"), icon=":material/arrow_forward:", key=f"server.read.{place}", disabled=not asked)
            if read:
                return _staged(ws, asked)
    return []


def _picked(ws: Workspace, folders: tuple[ServerFolder, ...], place: str) -> list[str]:
    words = {folder.path: WT("server.folder.files", path=folder.path, n=folder.files) for folder in folders}
    folder = st.selectbox(W("server.folder"), list(words), format_func=words.__getitem__, key=f"server.folder.{place}")
    files = {file.path: file for file in ws.server_files.list(folder)}
    if not files:
        st.caption(W("server.empty", path=plain(folder)))
        return []
    return st.multiselect(
        W("server.files"),
        list(files),
        format_func=lambda path: _named(files[path]),
        placeholder=WT("server.files.choose"),
        key=f"server.files.{place}.{folder}",
    )


def _named(file: ServerFile) -> str:
    return f"{one_line(file.name)} · {numbers.size(file.size_bytes)} · {numbers.date(file.changed)}"


def _staged(ws: Workspace, paths: list[str]) -> list[str]:
    """All of them, or none where one cannot be read."""
    staged: list[str] = []
    try:
        for path in paths:
            staged.append(ws.server_files.stage(path))
    except BaseException:
        for upload in staged:
            ws.datasets.discard(upload)
        raise
    return staged
