"""Compare: tags and notes of the selected variants, and comparisons that are kept under a name and open by a link."""

from __future__ import annotations

import streamlit as st

from recengine.errors import NotFound
from recengine.types import Comparison, VariantRow
from recengine.types.runs import SavedView
from ui import session as tab
from ui.parts import compare_parts as parts
from ui.parts.compare_runs import METRIC, TAGS, variants_key
from ui.parts.errors import attempt
from ui.session import Session
from ui.words import WT, W, numbers, one_line, plain

SHOWN = ("compare.variety", "compare.deeper", "compare.reference.start", "compare.kind")
PAIR = "compare.pair"
WHO = "compare.who"


def restore(session: Session) -> None:
    """Open the saved comparison that the address names, once; call it before any widget of the page."""
    asked = st.query_params.get("view")
    if not asked or st.session_state.get("compare.view") == asked:
        return
    st.session_state["compare.view"] = asked
    try:
        kept = session.ws.marks.view(asked)
    except NotFound:
        tab.notice(W("compare.view.unknown"))
        del st.query_params["view"]
        return
    if session.dataset is None or kept.dataset != session.dataset.id:
        st.session_state.pop("compare.view")
        tab.choose(dataset=kept.dataset)
        st.rerun()
    _open(session, kept)


def _open(session: Session, kept: SavedView) -> None:
    there = {v.id: v for v in session.ws.variants.list()}
    chosen = [v for v in kept.variants if v in there]
    if len(chosen) < len(kept.variants):
        tab.notice(W("compare.view.gone", n=len(kept.variants) - len(chosen), name=kept.name))
    if not chosen:
        return
    here = session.variant
    if here is None or (here.dataset, here.split) != (there[chosen[0]].dataset, there[chosen[0]].split):
        st.session_state.pop("compare.view")
        tab.choose(variant=chosen[0])
        st.rerun()
    st.session_state[variants_key(here.dataset, here.split) + "".join(f".{tag}" for tag in sorted(kept.tags))] = chosen
    st.session_state[TAGS], st.session_state[METRIC] = list(kept.tags), kept.metric
    for key in SHOWN:
        if key in kept.shown:
            st.session_state[key] = kept.shown[key]
    if "before" in kept.shown and "after" in kept.shown:
        st.session_state[PAIR] = [kept.shown["after"], kept.shown["before"]]


def views(session: Session, view: Comparison, pair: list[str]) -> None:
    """A popover: save this comparison, open or delete one."""
    assert session.dataset is not None
    dataset, kept = session.dataset.id, session.ws.marks.views(session.dataset.id)
    with st.popover(W("compare.views", n=len(kept)), icon=":material/bookmark:"):
        with st.form("compare.views.save", border=False, clear_on_submit=True):
            name = st.text_input(W("compare.views.name"), max_chars=80)
            who = st.text_input(W("compare.who.label"), max_chars=60, value=st.session_state.get(WHO, ""))
            pressed = st.form_submit_button(W("compare.views.save"), icon=":material/save:")
        if pressed:
            st.session_state[WHO] = who
            shown = {key: str(st.session_state[key]) for key in SHOWN if st.session_state.get(key)}
            shown |= {"after": pair[0], "before": pair[1]} if len(pair) == 2 else {}
            ids, tags = [v.id for v in view.variants], list(st.session_state.get(TAGS) or ())
            made = attempt(session.ws.marks.save_view, dataset, name or "", ids, view.metric, tags, shown, who or "")
            if made is not None:
                st.query_params["view"] = st.session_state["compare.view"] = made.id
            st.rerun()
        for row in kept:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
                with st.container(width="content", gap=None):
                    st.markdown(f"**{plain(row.name, 40)}**")
                    words = {"metric": parts.metric_name(row.metric), "when": numbers.clock(row.saved), "who": _who(row.who)}
                    st.caption(W("compare.views.row", n=len(row.variants), **words))
                st.button(W("compare.views.open"), key=f"compare.views.open.{row.id}", on_click=_ask, args=(row.id,))
                words = W("compare.views.delete", name=row.name)
                forget = (session.ws.marks.delete_view, row.id, st.session_state.get(WHO, ""))
                st.button(" ", key=f"compare.views.delete.{row.id}", icon=":material/delete:", help=words, on_click=attempt, args=forget)
        st.caption(W("compare.views.link") if kept else W("compare.views.none"))


def _ask(view: str) -> None:
    st.session_state.pop("compare.view", None)
    st.query_params["view"] = view


def marks(session: Session, rows: list[VariantRow]) -> None:
    """A popover: tags and notes of one variant, the first selected one to begin with."""
    names = {v.id: one_line(v.name) for v in rows}
    with st.popover(W("compare.marks"), icon=":material/sell:"):
        key = f"compare.marks.{'.'.join(names)}"
        variant = st.selectbox(W("compare.marks.variant"), list(names), format_func=names.__getitem__, key=key)
        every = sorted({tag for tags in session.ws.marks.tags().values() for tag in tags})
        own = list(session.ws.marks.tags().get(variant, ()))
        who = st.text_input(W("compare.who.label"), max_chars=60, key=WHO, persist_state="session", help=W("compare.who.help"))
        tags = st.multiselect(
            W("compare.marks.tags"),
            sorted({*every, *own}),
            default=own,
            key=f"compare.tags.of.{variant}.{'.'.join(own)}",
            accept_new_options=True,
            max_selections=12,
        )
        if set(tags) != set(own):
            attempt(session.ws.marks.tag, variant, tags, who or "")
            st.rerun()
        with st.form(f"compare.note.{variant}", border=False, clear_on_submit=True):
            text = st.text_area(W("compare.marks.note"), max_chars=2_000, height=90)
            if st.form_submit_button(W("compare.marks.add"), icon=":material/add_comment:"):
                attempt(session.ws.marks.note, variant, text or "", who or "")
                st.rerun()
        for note in session.ws.marks.notes(variant):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
                with st.container(width="stretch", gap=None):
                    st.markdown(plain(note.text, 2_000))
                    st.caption(WT("compare.marks.written", who=_who(note.who), when=numbers.clock(note.written)))
                remove = (session.ws.marks.remove_note, variant, note.seq, who or "")
                st.button(
                    " ", key=f"compare.note.{variant}.{note.seq}", icon=":material/delete:", help=W("compare.marks.remove"),
                    on_click=attempt, args=remove,
                )  # fmt: skip


def _who(who: str) -> str:
    return who or WT("compare.who.nobody")
