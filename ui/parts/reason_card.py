"""A real example of a reason: the first item of an example shopper, its sentence and how its score adds up."""

from __future__ import annotations

import streamlit as st

from recengine.types import Explanation
from recengine.workspace import Workspace
from ui import shell
from ui.charts import forms
from ui.parts.tile import show_tile
from ui.session import Session
from ui.words import WT, W, numbers, plain, spoken, told_name

TERMS_SHOWN = 6
IMPERSONAL = "popularity"  # its score is the same for everybody, so there is no reason to show


@st.cache_resource(max_entries=32, show_spinner=False)
def _example(_ws: Workspace, key: str, dataset: str, variant: str) -> Explanation | None:  # noqa: ARG001  (a part of the key)
    shoppers = _ws.shoppers.examples(dataset, n=1)
    if not shoppers:
        return None
    items = _ws.lists.recommend(variant, shoppers[0].shopper, k=1).items
    return _ws.lists.explain(variant, shoppers[0].shopper, items[0].item) if items else None


def reason_card(session: Session) -> None:
    """The best variant that looks at the shopper explains its first place; nothing is drawn without one."""
    personal = next((v for v in session.variants if v.model != IMPERSONAL), None)
    if session.dataset is None or personal is None:
        return
    found = _example(session.ws, str(id(session.ws)), session.dataset.id, personal.id)
    if found is None:
        return
    shell.section(W("reason.title"), W("reason.caption", shopper=found.shopper, variant=personal.name))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            show_tile(found.item, found.title, width=56)
            with st.container(gap=None):
                st.markdown(f"**{plain(found.title)}**")
                st.markdown(plain(spoken(found.sentence, found.sentence_zh)))
        labels, steps = shortened(found)
        figure = forms.waterfall(labels, steps, found.base, WT("reason.base"), WT("reason.total"))
        alt = WT("reason.alt", base=numbers.metric(found.base), score=numbers.metric(found.score))
        shell.chart(figure, f"reason.{personal.id}", alt)
        with st.container(horizontal=True, gap="xsmall"):
            shell.read(W("reason.read"))
            if st.button(W("reason.open"), icon=":material/lightbulb:", type="tertiary", key="reason.open"):
                shell.go("recommendations", shopper=found.shopper, variant=personal.id)


def shortened(found: Explanation) -> tuple[list[str], list[float]]:
    """The largest terms by name, the rest as one, so that the bars still add up."""
    terms = sorted(found.terms, key=lambda t: -abs(t.contribution))
    shown, rest = terms[:TERMS_SHOWN], terms[TERMS_SHOWN:]
    labels, steps = [told_name(t.name) for t in shown], [t.contribution for t in shown]
    if rest:
        labels.append(WT("reason.rest", n=len(rest)))
        steps.append(sum(t.contribution for t in rest))
    return labels, steps
