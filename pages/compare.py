"""Compare: which variant is better, for whom, and is the difference real?"""

import streamlit as st

from ui import session as tab
from ui import shell
from ui.parts import compare_parts as parts
from ui.parts.compare_deeper import Deeper, deeper
from ui.parts.compare_figures import figures
from ui.parts.empty import empty, need_variant
from ui.parts.errors import guard
from ui.words import W

session = shell.enter()
shopper = tab.checked_shopper(session)  # before the header, which says what was not found
shell.header(session, W("nav.compare"), W("compare.purpose"))


def page() -> None:
    sentence = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=760):
            chosen = parts.choose_variants(session)
        metrics = parts.metrics_of(tuple(session.ws.variants.get(v) for v in chosen), parts.ACCURACY)
        start = metrics.index("ndcg@10") if "ndcg@10" in metrics else 0
        metric = st.selectbox(
            W("compare.metric"),
            metrics,
            index=start,
            key="compare.metric",
            format_func=parts.metric_name,
            help=W("compare.metric.help"),
            width=190,
            persist_state="session",
        )
    with sentence:
        with st.spinner(W("compare.opening")):
            view = session.ws.comparison.compare(chosen, metric or "ndcg@10")
        parts.verdict(view)
    shell.section(W("compare.variants"), W("compare.table.hint", protocol=view.protocol, k=view.metric.partition("@")[2]))
    selected = parts.variant_table(view, f"compare.table.{hash(tuple(v.id for v in view.variants))}")
    if len(view.variants) < 2:
        words = (W("compare.one.title"), W("compare.one.why"), W("compare.one.button"))
        if empty(shell.ICONS["train"], *words, "compare.one", action_icon=":material/play_arrow:"):
            shell.go("train")
        return
    figures(view)
    parts.settings_table(view)
    pair = selected if len(selected) == 2 else [v.id for v in view.variants[:2]]
    deeper(Deeper(session, shopper, view, before=pair[1], after=pair[0]))


if need_variant(session):
    with guard():
        page()
