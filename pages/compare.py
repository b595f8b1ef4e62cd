"""Compare: which variant is better, for whom, and is the difference real?"""

import streamlit as st

from ui import session as tab
from ui import shell
from ui.parts import compare_parts as parts
from ui.parts.compare_deeper import Deeper, deeper
from ui.parts.compare_figures import figures
from ui.parts.compare_marks import PAIR, marks, restore, views
from ui.parts.compare_runs import choose
from ui.parts.compare_take import take
from ui.parts.empty import empty, need_variant
from ui.parts.errors import guard
from ui.words import W, told

session = shell.enter()
shopper = tab.checked_shopper(session)  # before the header, which says what was not found
restore(session)
shell.header(session, W("nav.compare"), W("compare.purpose"))


def page() -> None:
    sentence = st.container()
    chosen, metric = choose(session)
    with sentence:
        with st.spinner(W("compare.opening")):
            view = session.ws.comparison.compare(chosen, metric)
        parts.verdict(view)
    shell.section(W("compare.variants"), W("compare.table.hint", protocol=told(view.protocol), k=view.metric.partition("@")[2]))
    key = f"compare.table.{hash((view.metric, *(v.id for v in view.variants)))}"
    selected = parts.variant_table(view, key, session.ws.marks.tags(), st.session_state.get(PAIR, []))
    pair = selected if len(selected) == 2 else [v.id for v in view.variants[:2]]
    with st.container(horizontal=True, gap="small"):
        marks(session, [v for v in view.variants if v.id in selected] or list(view.variants))
        views(session, view, pair)
        if len(pair) == 2:
            take(session, view, pair)
    if len(view.variants) < 2:
        words = (W("compare.one.title"), W("compare.one.why"), W("compare.one.button"))
        if empty(shell.ICONS["train"], *words, "compare.one", action_icon=":material/play_arrow:"):
            shell.go("train")
        return
    figures(view)
    parts.settings_table(view)
    deeper(Deeper(session, shopper, view, before=pair[1], after=pair[0]))


if need_variant(session):
    with guard():
        page()
