"""Compare: the lists of two variants for one shopper."""

from __future__ import annotations

import streamlit as st

from recengine.types import Comparison
from recengine.types.policies import PolicyUse
from ui import shell
from ui.charts.compare_charts import list_slope
from ui.parts.compare_moves import explained_moves
from ui.parts.compare_parts import entered_and_left
from ui.parts.policy_use import chosen, use_words
from ui.parts.shopper_parts import shopper_picker
from ui.session import Session
from ui.words import WT, W, plain


def one_shopper(session: Session, shopper: str | None, view: Comparison, before: str, after: str) -> None:
    """List against list for one shopper."""
    if shopper is None:
        return
    names = {v.id: v.name for v in view.variants}
    row = next(v for v in view.variants if v.id == after)
    use, policies, sides = chosen(session, row), (None, None), (names[before], names[after])
    if use is not None and _what(names[after], use) == "policy":
        before, policies, sides = after, (None, use), (WT("compare.lists.score"), WT("compare.lists.policy", name=use_words(use)))
    diff = session.ws.comparison.list_diff(before, after, shopper, policies=policies)
    n = max(len(diff.a.items), len(diff.b.items))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        with st.container(width=480):
            shell.section(W("compare.lists"), W("compare.lists.caption", shopper=shopper, n=n))
        shopper_picker(session, shopper, "compare.shopper", width=200)
    left, right = st.columns([7, 5], gap="medium")
    with left, st.container(border=True):
        fig = list_slope(diff, *sides, WT("compare.lists.new"), WT("compare.lists.gone"))
        if fig is None:
            st.caption(W("compare.lists.empty"))
        else:
            words = {"n": n, "common": diff.common, "entered": len(diff.entered), "left": len(diff.left)}
            shell.chart(fig, "compare.lists", WT("compare.lists.alt", **words), tools=True)
            shell.read(W("compare.lists.read"))
    with right:
        share = WT("compare.common.value", common=diff.common, n=n)
        st.metric(W("compare.common"), share, border=True, help=W("compare.common.help"))
        entered_and_left(diff, plain(sides[0]), plain(sides[1]))
    explained_moves(session, shopper, (before, after), policies, sides, n)


def _what(name: str, use: PolicyUse) -> str:
    """Two variants by score alone, or one variant without and with the policy of this tab."""
    return st.segmented_control(
        W("compare.lists.what"),
        ("variants", "policy"),
        default="variants",
        required=True,
        key="compare.lists.what",
        format_func=lambda what: WT(f"compare.lists.what.{what}", name=name, policy=use_words(use)),
        label_visibility="collapsed",
    )
