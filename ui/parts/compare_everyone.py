"""Compare: what changes for everybody when one variant takes the place of another."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recengine.types import Estimate, Exposure, ListAgreement
from ui import session as tab
from ui import shell
from ui.charts.exposure_charts import agreement_bars
from ui.charts.run_charts import reason_pairs
from ui.parts.compare_parts import segment_name
from ui.session import Session
from ui.words import WT, W, numbers, one_line, plain, told, told_name

EXPLAINED = 12  # shoppers whose lists are explained on demand


def everybody(session: Session, before: str, after: str, names: dict[str, str], k: int) -> None:
    """Overlap, who changes most, and which items gain and lose."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        heading = st.container(width=560)
        segment = kind_picker()
    view = session.ws.list_comparison.agreement(before, after, k, segment)
    with heading:
        caption = W("everyone.caption", before=plain(names[before]), after=plain(names[after]), n=numbers.count(view.shoppers), k=k)
        shell.section(W("everyone.title"), caption)
    if not view.shoppers:
        st.caption(W("everyone.nobody"))
        return
    with st.container(horizontal=True, gap="small"):
        st.metric(W("everyone.entered"), WT("everyone.of", value=numbers.metric(view.entered, 1), k=k), border=True)
        st.metric(W("everyone.moved"), WT("everyone.of", value=numbers.metric(view.moved, 1), k=k), border=True)
        st.metric(W("everyone.same"), numbers.share(view.same / view.shoppers), border=True, help=W("everyone.same.help"))
        st.metric(W("everyone.overlap"), _with_interval(view.rbo), border=True, help=W("everyone.overlap.help"))
        st.metric(W("everyone.jaccard"), _with_interval(view.jaccard), border=True, help=W("everyone.jaccard.help"))
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        _by_segment(view)
        _changed(view)
    with right, st.container(border=True, height="stretch"):
        _moved_places(view, plain(names[after]))
    reasons(session, before, after, k, segment)


def kind_picker() -> str:
    """All shoppers, or one kind of them."""
    kinds = ("all", "cold", "warm", "hot")
    chosen = st.selectbox(
        W("everyone.kind"),
        kinds,
        key="compare.kind",
        width=200,
        format_func=lambda kind: WT("real.all") if kind == "all" else segment_name(kind),
    )
    return chosen or "all"


def _with_interval(estimate: Estimate) -> str:
    return numbers.metric(estimate.value, 2)


def reasons(session: Session, before: str, after: str, k: int, segment: str) -> None:
    """Which reasons carry the new lists and which carried the old ones; explained when asked, as it takes some seconds."""
    with st.container(border=True):
        shell.section(W("shifts.title"), W("shifts.caption", n=EXPLAINED))
        key = f"shifts.{before}.{after}.{k}.{segment}"
        if not st.session_state.get(key) and not st.button(W("shifts.ask", n=EXPLAINED), icon=":material/lightbulb:", key=f"{key}.ask"):
            return
        st.session_state[key] = True
        with st.spinner(W("shifts.asking", n=EXPLAINED), show_time=True):
            found = session.ws.list_moves.shifts(before, after, k, segment, EXPLAINED)
        if not found.rows:
            st.caption(W("everyone.nobody"))
            return
        st.markdown(f"**{plain(told(found.sentence))}**")
        fig = reason_pairs(found, WT("shifts.before"), WT("shifts.after"))
        shell.chart(fig, key, WT("shifts.alt", sentence=told(found.sentence)), tools=True)
        shell.read(W("shifts.read"))
        for title, rows in ((W("shifts.entered"), found.entered), (W("shifts.left"), found.left)):
            said = " · ".join(WT("shifts.share", name=told_name(name), share=numbers.share(share, 0)) for name, share in rows)
            st.caption(f"**{title}** {plain(said, 400)}" if rows else f"**{title}** {W('compare.nobody')}")


def _by_segment(view: ListAgreement) -> None:
    st.markdown(f"**{W('everyone.segments')}**")
    there = {s: e for s, e in view.segments.items() if e.n}
    fig = agreement_bars([segment_name(s) for s in there], *([getattr(e, end) for e in there.values()] for end in ("value", "low", "high")))
    least = min(there, key=lambda s: there[s].value)
    alt = WT("everyone.segments.alt", segment=segment_name(least), value=f"{there[least].value:.2f}")
    shell.chart(fig, "everyone.segments", alt, tools=True)


def _changed(view: ListAgreement) -> None:
    """A row a shopper; choosing one shows that shopper's two lists."""
    st.markdown(f"**{W('everyone.changed')}**")
    if not view.most_changed:
        st.caption(W("everyone.unchanged"))
        return
    st.caption(W("everyone.changed.hint"))
    rows = view.most_changed
    column = st.column_config
    key = f"everyone.changed.{view.a}.{view.b}.{view.k}.{rows[0].shopper}.{len(rows)}"

    def chosen() -> None:
        picked = st.session_state[key]["selection"]["rows"]
        if picked:
            tab.choose(shopper=rows[picked[0]].shopper)
            st.session_state["compare.deeper"] = "one"

    st.dataframe(
        pd.DataFrame(
            {
                "shopper": [one_line(r.shopper) for r in rows],
                "segment": [segment_name(r.segment) for r in rows],
                "entered": [r.entered for r in rows],
                "rbo": [r.rbo for r in rows],
            }
        ),
        key=key,
        hide_index=True,
        height=290,
        on_select=chosen,
        selection_mode="single-row",
        alt=WT("everyone.changed.alt", shopper=rows[0].shopper, n=rows[0].entered),
        column_config={
            "shopper": column.TextColumn(WT("everyone.col.shopper")),
            "segment": column.TextColumn(WT("everyone.col.segment"), width=90),
            "entered": column.NumberColumn(WT("everyone.col.entered"), width=90),
            "rbo": column.NumberColumn(WT("everyone.col.overlap"), format="%.2f", width=90),
        },
    )


def _moved_places(view: ListAgreement, after: str) -> None:
    for title, rows in ((W("everyone.winners", name=after), view.winners), (W("everyone.losers", name=after), view.losers)):
        st.markdown(f"**{title}**")
        for row in rows:
            _item(row)
        if not rows:
            st.caption(W("compare.nobody"))


def _item(row: Exposure) -> None:
    change = numbers.signed(row.after - row.before, 0)
    words = {"before": numbers.count(row.before), "after": numbers.count(row.after)}
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.markdown(plain(row.title, 48), width="content")
        st.caption(W("everyone.item", change=change, **words), width="content")
