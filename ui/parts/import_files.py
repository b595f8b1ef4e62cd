"""Which files wait, what they are, what came with them; the first thing that the first step of an import shows."""

from __future__ import annotations

import streamlit as st

from recengine.errors import BadInput
from recengine.types.reading import ReadingView
from recengine.types.versions import FileKind
from recengine.workspace import Workspace
from ui import session as tab
from ui import shell
from ui.parts.errors import attempt
from ui.parts.import_kind import KINDS, kind_name, kind_of, say_kind
from ui.parts.import_view import edits_of, keep_edits
from ui.words import WT, W, numbers, one_line, plain
from ui.words.told import told

FOUND = ""  # the choice that leaves it to the program
LIST_PX = 260  # height from which a list of files scrolls
MANY_FILES = 5
KEPT_KINDS = frozenset({"mended"})  # nobody needs to choose it


def what_it_is(ws: Workspace, upload: str, view: ReadingView | None) -> None:
    """Name, size, what was recognised and how sure that is, and a way to say otherwise."""
    files = ws.datasets.files(upload)
    kind = _kind(ws, upload) if view is not None else None
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width=620, gap=None):
            st.markdown(f":material/description: **{plain(ws.datasets.title(upload), 60)}**")
            facts = [numbers.size(ws.datasets.size(upload))]
            if view is not None:
                facts.append(W("import.records", n=numbers.count(view.records)))
            if len(files) > 1:
                facts.append(W("files.as_one", n=len(files)))
            st.caption(" · ".join(facts))
            if kind is not None:
                said = bool(edits_of(upload).get("kind"))
                sure = W("files.said") if said else W("files.sure", sure=numbers.share(kind.confidence, 0))
                st.markdown(f"{_named(kind)} · {sure}")
                if kind.reason and not said:
                    st.caption(_sentence(told(kind.reason)))
        if kind is not None and kind.kind not in KEPT_KINDS:
            _kind_choice(upload, kind)


def _kind(ws: Workspace, upload: str) -> FileKind | None:
    try:
        return kind_of(ws, upload)
    except BadInput:  # the table stands below, and says what is wrong with it
        return None


def _named(kind: FileKind) -> str:
    """A log of events: UCI Online Retail."""
    name = kind_name(kind.kind)
    own = kind.title and not kind.title.startswith("a table of")
    return f"**{plain(name)}**" + (f": {plain(kind.title, 80)}" if own and kind.kind != "mended" else "")


def _sentence(text: str) -> str:
    return plain(text[:1].upper() + text[1:] + (W("files.stop") if not text.endswith((".", "。")) else ""))


def _kind_choice(upload: str, kind: FileKind) -> None:
    said = edits_of(upload).get("kind") or FOUND
    options = [FOUND, *KINDS]
    found = WT("read.find") if said else WT("files.found", what=kind_name(kind.kind))
    key = f"files.kind.{upload}.{said}"
    st.selectbox(
        W("files.kind"),
        options,
        index=options.index(said) if said in options else 0,
        format_func=lambda value: kind_name(value) if value else found,
        key=key,
        on_change=lambda: say_kind(upload, st.session_state[key]),
        width=240,
    )


def several(ws: Workspace, upload: str) -> None:
    """The files that are read as one, each with a way out; nothing where there is one."""
    files = ws.datasets.files(upload)
    if len(files) < 2:
        return
    shell.section(W("files.several"), W("files.several.caption"))
    with st.container(border=True, gap=None, height=LIST_PX if len(files) > MANY_FILES else "content"):
        for place, file in enumerate(files):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.markdown(f"{plain(file.name, 40)} :gray[· {numbers.size(file.path.stat().st_size)}]", width="content")
                out = {"key": f"files.out.{place}", "on_click": _take_out, "args": (ws, upload, place)}
                st.button(W("files.out"), type="tertiary", icon=":material/remove_circle:", help=W("files.out.help"), **out)


def _take_out(ws: Workspace, upload: str, place: int) -> None:
    alone = attempt(ws.arrivals.take_out, upload, place)
    if alone is not None:
        st.cache_resource.clear()  # what was read of all of them
        keep_edits(upload, {name: said for name, said in edits_of(upload).items() if name != "roles"})


def came_with(ws: Workspace, upload: str) -> None:
    """Why other files were not read together with this one, and what waits; nothing where it came alone."""
    arrival = ws.arrivals.of(upload)
    beside = ws.reading.plan(upload)["tables"]
    beside = [entry for entry in beside if entry["upload"] != upload]
    if not (arrival.waiting or arrival.differ or beside):
        return
    with st.container(border=True, gap="small"):
        for entry in beside:
            name = plain(ws.datasets.title(entry["upload"]), 60)
            st.markdown(f":material/table: {W('files.beside', name=name, kind=kind_name(entry['kind']))}")
        for other in arrival.differ:
            parts = [W("files.lacks", columns=", ".join(map(one_line, other.missing)))] if other.missing else []
            parts += [W("files.has_more", columns=", ".join(map(one_line, other.more)))] if other.more else []
            st.markdown(f":orange[:material/call_split:] {W('files.differ', name=plain(other.file, 60))} {' '.join(parts)}")
        if arrival.waiting:
            names = ", ".join(one_line(ws.datasets.title(handle))[:60] for handle in arrival.waiting[:4])
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.markdown(f":material/hourglass_empty: {W('files.wait', n=len(arrival.waiting), names=names)}", width="content")
                wish = {"upload": arrival.waiting[0], "step": "file"}
                st.button(W("files.next"), icon=":material/arrow_forward:", key="files.next", on_click=tab.choose, kwargs=wish)
