"""Compare: which variants, by which metric; the baselines among them, or a button that trains them."""

from __future__ import annotations

import streamlit as st

from recengine.types import TrainingRequest, VariantRow
from ui import shell
from ui.parts import compare_parts as parts
from ui.parts.errors import attempt
from ui.session import Session
from ui.words import WT, W, one_line

BASELINES = ("popularity", "item-knn")
TITLES = {"popularity": "Popularity", "item-knn": "Item-kNN"}
TAGS, METRIC = "compare.tags", "compare.metric"


def variants_key(dataset: str, split: str) -> str:
    """State of the chooser; a dataset and split remember their own choice."""
    return f"compare.variants.{dataset}.{split}"


def choose(session: Session) -> tuple[list[str], str]:
    """Ids of the variants that are compared, and the metric that orders them."""
    marked = session.ws.marks.tags()
    everything = {v.id: v for v in session.ws.variants.list()}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=580):
            chosen = _variants(session, everything, marked)
        metrics = parts.metrics_of(tuple(everything[v] for v in chosen), parts.ACCURACY)
        if st.session_state.get(METRIC) not in metrics:
            st.session_state[METRIC] = "ndcg@10" if "ndcg@10" in metrics else metrics[0]
        metric = st.selectbox(
            W("compare.metric"),
            metrics,
            key=METRIC,
            format_func=parts.metric_name,
            help=W("compare.metric.help"),
            width=140,
            persist_state="session",
        )
        if every := sorted({tag for tags in marked.values() for tag in tags}):
            st.multiselect(W("compare.tags"), every, key=TAGS, help=W("compare.tags.help"), width=220, persist_state="session")
    _baselines(session, everything[chosen[0]], everything)
    return chosen, metric or "ndcg@10"


def _variants(session: Session, everything: dict[str, VariantRow], marked: dict[str, tuple[str, ...]]) -> list[str]:
    """What is chosen, and the baselines of the same dataset and split."""
    here = session.variant
    assert here is not None
    wanted = set(st.session_state.get(TAGS) or ())
    offered = {i: v for i, v in everything.items() if not wanted or wanted & set(marked.get(i, ()))}
    names = dict(zip(everything, parts.distinct_text([_described(v, here) for v in everything.values()]), strict=True))
    key = variants_key(here.dataset, here.split) + "".join(f".{tag}" for tag in sorted(wanted))
    st.session_state.setdefault(key, [v.id for v in session.variants if v.split == here.split and v.id in offered])
    chosen = st.multiselect(W("compare.variants"), list(offered), key=key, format_func=names.__getitem__, help=W("compare.variants.help"))
    first = everything[chosen[0]] if chosen else here
    newest = {v.model: v.id for v in sorted(_alike(first, everything), key=lambda v: v.created)}
    have = {everything[i].model for i in chosen}
    return [*chosen, *[newest[m] for m in BASELINES if m in newest and m not in have]] or [here.id]


def _alike(first: VariantRow, everything: dict[str, VariantRow]) -> list[VariantRow]:
    return [v for v in everything.values() if (v.dataset, v.split) == (first.dataset, first.split)]


def _baselines(session: Session, first: VariantRow, everything: dict[str, VariantRow]) -> None:
    """Without a baseline nobody can tell whether a figure is high: say which is missing, and train it."""
    missing = [m for m in BASELINES if m not in {v.model for v in _alike(first, everything)}]
    if not missing:
        return
    names = ", ".join(TITLES[m] for m in missing)
    queued = st.session_state.get("compare.baselines") == first.dataset
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":orange[:material/warning:] {W('compare.baselines.queued' if queued else 'compare.baselines.missing', names=names)}")
        if not queued and st.button(W("compare.baselines.train", names=names), icon=":material/play_arrow:", key="compare.baselines.train"):
            asked = [TrainingRequest(first.dataset, model, preset="quick", split=first.split) for model in missing]
            if all(attempt(session.ws.training.submit, request) is not None for request in asked):
                st.session_state["compare.baselines"] = first.dataset
            st.rerun()
        if queued:
            shell.link("jobs", W("compare.baselines.jobs"))


def _described(row: VariantRow, here: VariantRow) -> str:
    if row.dataset != here.dataset:
        return WT("compare.variant.elsewhere", name=row.name, dataset=row.dataset_name)
    return WT("compare.variant.split", name=row.name, split=row.split) if row.split != here.split else one_line(row.name)
