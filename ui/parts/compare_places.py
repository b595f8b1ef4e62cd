"""Compare: who gets the places in the lists of each variant, and how a lead changes with the length of the list."""

from __future__ import annotations

import streamlit as st

from recengine.types import Comparison, ExposureView
from ui import shell
from ui.charts.compare_charts import family, number_format
from ui.charts.exposure_charts import MOST, category_mix, length_curves, lorenz_curves, place_bands
from ui.parts.compare_parts import ACCURACY, metric_name
from ui.session import Session
from ui.words import WT, W, numbers, plain


def places(session: Session, view: Comparison, k: int) -> None:
    """Popularity of what is shown, evenness, and the mix of categories."""
    names = {v.id: v.name for v in view.variants}
    found = session.ws.list_comparison.exposure([v.id for v in view.variants], k)
    shown = list(names)[:MOST]
    if len(names) > MOST:
        st.caption(W("places.most", n=MOST))
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        shell.section(W("places.bands"), W("places.bands.caption", k=k))
        fig = place_bands(found, names, WT("places.past"), WT("places.bands.x"), WT("places.share"))
        top = max(shown, key=lambda v: found.bands[v][0])
        words = {"name": names[top], "share": numbers.share(found.bands[top][0]), "past": numbers.share(found.past[0])}
        shell.chart(fig, "places.bands", WT("places.bands.alt", **words), tools=True)
        shell.read(W("places.bands.read"))
    with right, st.container(border=True, height="stretch"):
        shell.section(W("places.lorenz"), W("places.lorenz.caption"))
        fig = lorenz_curves(found, names, WT("places.equal"), WT("places.lorenz.x"), WT("places.share"))
        half = {v: found.lorenz[v][round(0.9 * (len(found.lorenz[v]) - 1))] for v in shown}
        even = max(half, key=half.__getitem__)
        shell.chart(fig, "places.lorenz", WT("places.lorenz.alt", name=names[even], share=numbers.share(1 - half[even])), tools=True)
        shell.read(W("places.lorenz.read"))
    if found.categories:
        with st.container(border=True):
            _mix(found, names)


def _mix(found: ExposureView, names: dict[str, str]) -> None:
    shell.section(W("places.mix"), W("places.mix.caption"))
    variant = st.selectbox(W("places.mix.variant"), list(names), format_func=lambda v: names[v], key="places.mix.variant", width=240)
    fig = category_mix(found, variant, WT("places.mix.own"), WT("places.mix.lists"))
    distance = found.miscalibration[variant]
    gaps = {name: found.listed[variant][i] - found.chosen[i] for i, name in enumerate(found.categories) if name}
    most = max(gaps, key=lambda name: abs(gaps[name]))
    if fig is not None:
        alt = WT("places.mix.alt", category=most, change=numbers.signed(100 * gaps[most], 0))
        shell.chart(fig, f"places.mix.{variant}", alt, tools=True)
    if not found.categories[-1]:
        rest = {"own": numbers.share(found.chosen[-1]), "lists": numbers.share(found.listed[variant][-1])}
        st.caption(W("places.mix.rest", **rest))
    words = {"value": f"{distance.value:.2f}", "low": f"{distance.low:.2f}", "high": f"{distance.high:.2f}"}
    st.markdown(W("places.mix.distance", name=plain(names[variant]), **words))
    shell.read(W("places.mix.read"))


def lengths(session: Session, view: Comparison) -> None:
    """The metric at every length of the list."""
    metric = family(view.metric) if family(view.metric) in ACCURACY else "ndcg"
    names = {v.id: v.name for v in view.variants}
    found = session.ws.list_comparison.by_length([v.id for v in view.variants], metric)
    name = metric_name(f"{metric}@k")
    with st.container(border=True):
        shell.section(W("lengths.title", metric=name), W("lengths.caption", name=plain(view.variants[0].name)))
        if len(names) > MOST:
            st.caption(W("places.most", n=MOST))
        ends = [max(found.values, key=lambda v, place=place: found.values[v][place].value) for place in (0, -1)]
        words = {"short": names[ends[0]], "long": names[ends[1]], "first": found.ks[0], "last": found.ks[-1]}
        fig = length_curves(found, names, number_format(view.metric), WT("lengths.x"), name)
        shell.chart(fig, "lengths", WT("lengths.alt", **words), tools=True)
        shell.read(W("lengths.read"))
