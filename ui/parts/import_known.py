"""A file of a known shape: what the last one was imported with is taken over, and one click appends it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from recengine.errors import BadInput
from recengine.types.versions import AppendCheck, Remembered
from recengine.workspace import Workspace
from ui import session as tab
from ui import shell
from ui.charts import data_charts
from ui.parts.errors import attempt, error_box
from ui.parts.import_files import came_with
from ui.parts.import_plan import keep_plan, plan_of
from ui.parts.import_view import edits_of, file_card, first_rows, keep_edits, preview_of
from ui.parts.steps import go, step_bar
from ui.parts.version_words import rules as rules_words
from ui.words import WT, Markdown, W, numbers, plain

NEW = ""  # the choice of a dataset of its own


def append_of(ws: Workspace, upload: str, base: str) -> AppendCheck:
    """What appending would do; remembered by the workspace. Raises BadInput or NotFound."""
    found = ws.versions.look(upload, edits_of(upload) or None, base).append
    assert found is not None  # there is one for every base
    return found


@st.cache_data(max_entries=64, show_spinner=False)
def _seen(_ws: Workspace, key: str, upload: str, versions: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG001
    return _ws.versions.seen(upload)


def seen_in(ws: Workspace, upload: str) -> tuple[str, ...]:
    """Versions that hold exactly these bytes, newest first; asked once as long as the versions stay the same."""
    return _seen(ws, str(id(ws)), upload, tuple(row.id for row in ws.datasets.list()))


def known_shape(ws: Workspace, upload: str) -> Remembered | None:
    """How the last file of this shape was imported; its mapping is taken over where nobody has said anything yet."""
    known = ws.versions.remembered(upload)
    said = edits_of(upload)
    if known is not None and not said.keys() - {"kind"}:
        keep_edits(upload, said | _as_edits(known.mapping))
    return known


def _as_edits(mapping: dict[str, Any]) -> dict[str, Any]:
    """A saved mapping as edits; how to read the bytes only where that was said."""
    reading = {name: value for name, value in (mapping.get("reading") or {}).items() if value is not None}
    return {name: value for name, value in mapping.items() if name != "reading"} | ({"reading": reading} if reading else {})


def first_look(ws: Workspace, upload: str) -> str | None:
    """Draw what is known of the file before it is looked at column by column.

    Returns:
        The version that it adds to, "" for none; None where nothing is known or somebody reviews it, and nothing was drawn.
    """
    if tab.param("step"):
        return None
    seen = seen_in(ws, upload)
    known = known_shape(ws, upload)
    if not seen and known is None:
        return None
    step_bar("columns")
    view = preview_of(ws, upload)
    file_card(view)
    came_with(ws, upload)
    if seen:
        _seen_card(ws, upload, seen[0])
    elif known is not None and known.dataset:
        _append_card(ws, upload, known)
    elif known is not None:
        _gone_card(ws, upload, known)
    first_rows(view)
    return known.dataset if known is not None else ""


def _seen_card(ws: Workspace, upload: str, dataset: str) -> None:
    """The very same bytes are in a version already."""
    row = ws.datasets.get(dataset)
    with st.container(border=True, gap="small"):
        st.markdown(f":material/content_copy: **{W('known.seen', name=row.name)}**")
        st.caption(W("known.seen.why", when=numbers.ago(row.created)))
        with st.container(horizontal=True, gap="xsmall"):
            wish = {"upload": None, "step": None, "dataset": dataset, "report": dataset}
            label = W("known.seen.open", name=row.name)
            st.button(
                label, type="primary", icon=":material/visibility:", key="known.open", on_click=_open_instead, args=(ws, upload, wish)
            )
            st.button(W("known.seen.anyway"), icon=":material/tune:", key="known.review", on_click=go, args=("columns",))


def _open_instead(ws: Workspace, upload: str, wish: dict[str, str | None]) -> None:
    """The copy is not needed any more."""
    ws.datasets.discard(upload)
    tab.choose(**wish)


def _gone_card(ws: Workspace, upload: str, known: Remembered) -> None:
    """The shape is known, but nothing is left to append to."""
    with st.container(border=True, gap="small"):
        _looks_like(known)
        st.caption(W("known.gone"))
        with st.container(horizontal=True, gap="xsmall"):
            wish = {"cleaning": known.cleaning or None}
            button = {"type": "primary", "icon": ":material/check:", "key": "known.add", "on_click": start, "args": (ws, upload)}
            st.button(W("known.add"), **button, kwargs=wish)
            st.button(W("known.review"), icon=":material/tune:", key="known.review", on_click=_review, args=(upload, NEW, known.cleaning))


def _looks_like(known: Remembered) -> None:
    said = W("known.looks_like", file=plain(known.file_name, 60), when=numbers.ago(known.when))
    st.markdown(f":material/history: **{said}**")


def _append_card(ws: Workspace, upload: str, known: Remembered) -> None:
    """What appending would do, and one click that does it."""
    with st.container(border=True, gap="small"):
        _looks_like(known)
        st.caption(W("known.taken_over"))
        try:
            with st.spinner(W("data.counting")):
                check = append_of(ws, upload, known.dataset)
        except BadInput as error:
            error_box(error.what, error.why, error.fix, W("error.unchanged"))
            st.button(W("known.review"), type="primary", icon=":material/tune:", key="known.review", on_click=go, args=("columns",))
            return
        append_facts(check, upload)
        overlap_choice(check, upload)
        n = to_append(ws, upload, known.dataset, check)
        name = plain(known.dataset_name, 40)
        with st.container(horizontal=True, gap="xsmall"):
            label = W("known.append", n=numbers.count(n), name=name) if n else W("known.append.nothing")
            st.button(
                label,
                type="primary",
                icon=":material/playlist_add:",
                key="known.append",
                disabled=not n,
                on_click=start,
                args=(ws, upload),
                kwargs={"base": known.dataset},
            )
            st.button(W("known.review"), icon=":material/tune:", key="known.review", on_click=_review, args=(upload, known.dataset, None))
            cleaning = known.cleaning or None
            st.button(
                W("known.new"),
                type="tertiary",
                icon=":material/add:",
                key="known.new",
                on_click=_review,
                args=(upload, NEW, cleaning, "check"),
            )


def append_facts(check: AppendCheck, upload: str) -> None:
    """Rows, period and who is new, in two lines and one bar."""
    rows = check.rows
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(W("append.rows", n=numbers.count(rows.accepted)), icon=":material/check:", color="green")
        if check.overlap:
            st.badge(W("append.overlap", n=numbers.count(check.overlap)), icon=":material/content_copy:", color="gray")
        if others := rows.skipped - check.overlap:
            st.badge(W("append.skipped", n=numbers.count(others)), icon=":material/redo:", color="gray")
        if rows.rejected:
            st.badge(W("append.rejected", n=numbers.count(rows.rejected)), icon=":material/block:", color="orange")
    parts = [(WT(f"report.{kind}"), getattr(rows, kind)) for kind in ("accepted", "skipped", "rejected")]
    alt = WT("report.alt", share=numbers.share(rows.accepted / max(1, rows.physical)))
    shell.chart(data_charts.outcome_bar(parts), f"append.{upload}", alt)
    _who_is_new(check)


def _who_is_new(check: AppendCheck) -> None:
    facts = [W("append.period", first=numbers.date(check.first), last=numbers.date(check.last))] if check.first else []
    facts += [W("append.new", shoppers=numbers.count(check.new_shoppers), items=numbers.count(check.new_items))]
    st.caption(" · ".join(facts))


def overlap_choice(check: AppendCheck, upload: str) -> None:
    """Events that are there already: leave them out, or add them once more."""
    if not check.overlap:
        return
    key = f"overlap.{upload}"
    n = numbers.count(check.overlap)
    words: dict[str, Markdown] = {"skip": W("overlap.skip", n=n), "keep": W("overlap.keep", n=n)}
    st.pills(
        W("overlap.ask"),
        list(words),
        default=plan_of(upload)["overlap"],
        required=True,
        format_func=words.__getitem__,
        key=key,
        on_change=_keep_overlap,
        args=(key, upload),
    )


def _keep_overlap(key: str, upload: str) -> None:
    keep_plan(upload, overlap=st.session_state[key])


def to_append(ws: Workspace, upload: str, base: str, check: AppendCheck) -> int:
    """Events that will be added, less those that the cleaning rules of the version leave out; that is said where it is so."""
    overlap = plan_of(upload)["overlap"]
    told = check.rows.accepted + (check.overlap if overlap == "keep" else 0)
    rules = ws.versions.cleaning(base)
    if not rules:
        return told
    added = ws.versions.try_cleaning(rules, upload, edits_of(upload) or None, base, overlap).added
    left_out = W("append.cleaned", n=numbers.count(told - added))
    st.caption(f":material/mop: {' · '.join((*rules_words(rules), left_out))}")
    return added


def _review(upload: str, base: str, cleaning: dict[str, Any] | None, to: str = "columns") -> None:
    keep_plan(upload, base=base, cleaning=cleaning)
    go(to)


def start(ws: Workspace, upload: str, **wishes: Any) -> None:
    """Start the import as a job; the page then shows its progress."""
    job = attempt(ws.versions.submit, upload, mapping=edits_of(upload) or None, **{**plan_of(upload), **wishes})
    if job is not None:
        tab.choose(upload=None, step=None, importing=job)


def destination(ws: Workspace, upload: str) -> None:
    """Where the events go: a dataset of their own, or the newest version of one that is there."""
    newest = newest_versions(ws)
    if not newest:
        return
    base = plan_of(upload)["base"]
    options = [NEW, *newest]
    if base and base not in newest:  # an older version was asked for, or a newer one came meanwhile
        options.append(base)
    key = f"base.{upload}.{base}"
    with st.container(border=True, gap="small"):
        st.selectbox(
            W("append.to"),
            options,
            index=options.index(base),
            format_func=lambda value: _place(ws, value),
            key=key,
            on_change=_keep_base,
            args=(key, upload),
            help=W("append.to.help"),
        )
        if not base:
            return
        try:
            with st.spinner(W("data.counting")):
                check = append_of(ws, upload, base)
        except BadInput as error:
            error_box(error.what, error.why, error.fix, W("error.unchanged"))
            return
        _who_is_new(check)
        if not check.same_shape:
            st.caption(f":material/info: {W('append.other_shape')}")
        overlap_choice(check, upload)


def newest_versions(ws: Workspace) -> list[str]:
    """The newest version of every family, the one that was changed last first."""
    newest: dict[str, str] = {}
    for row in ws.versions.list():
        newest.setdefault(row.root, row.dataset.id)
    return list(newest.values())


def _place(ws: Workspace, dataset: str) -> str:
    if not dataset:
        return WT("append.to.new")
    row = ws.datasets.get(dataset)
    return WT("append.to.one", name=row.name, events=numbers.count(row.events), last=numbers.date(row.last))


def _keep_base(key: str, upload: str) -> None:
    keep_plan(upload, base=st.session_state[key])
