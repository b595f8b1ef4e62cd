"""Whether a variant's explanations are true: start the check, see its result."""

from __future__ import annotations

import streamlit as st

from recengine.types import JobView, VariantRow
from recengine.types.explanations import FaithfulnessView
from ui import shell
from ui.charts.faithfulness_charts import ORDERS, order_curves
from ui.parts.errors import attempt, guard
from ui.parts.job_card import ACTIVE, progress_text
from ui.parts.kpis import kpis
from ui.session import Session
from ui.words import WT, W, numbers

KIND = "check-explanations"
FIFTH = 2  # place of 20% in the shares


def checks_dialog(session: Session, row: VariantRow) -> None:
    """Open the check of one variant."""

    @st.dialog(W("checks.title"), width="large", icon=":material/verified:")
    def show() -> None:
        with guard():
            checks(session, row.id)

    show()


def checks(session: Session, variant: str) -> None:
    """The result that is kept, or the way to one."""
    st.caption(W("checks.purpose"))
    job = _running(session, variant)
    if job is not None:
        st.progress(min(1.0, max(0.0, job.fraction or 0.0)), text=progress_text(job))
        st.caption(W("checks.running"))
        st.button(W("checks.look"), key="checks.look", type="tertiary", icon=":material/refresh:")
    view = session.ws.checks.kept(variant)
    if view is not None:
        result(view)
    elif job is None:
        st.markdown(W("checks.none"))
    if job is None:
        options = {"key": "checks.start", "type": "tertiary" if view else "primary", "icon": ":material/play_arrow:"}
        label = W("checks.again") if view else W("checks.start")
        st.button(label, on_click=attempt, args=(session.ws.checks.submit, variant), **options)  # type: ignore[arg-type]


def result(view: FaithfulnessView) -> None:
    """One number in words, the curves, and three figures."""
    st.caption(W("checks.made", n=numbers.count(view.shoppers), when=numbers.ago(view.made)))
    if not view.shoppers:
        st.info(W("checks.too_few"), icon=":material/info:")
        return
    _verdict(view)
    left, right = st.columns(2, gap="medium")
    names = {name: WT(f"checks.order.{name}") for name in ORDERS}
    for side, place, curves in (("deletion", left, view.deletion), ("insertion", right, view.insertion)):
        with place:
            shell.section(W(f"checks.{side}"))
            fig = order_curves(view.shares, curves, names, WT(f"checks.{side}.x"), WT("checks.y"))
            if fig is not None:
                own, other = (numbers.share(curves[name][FIFTH], 0) for name in ("shapley", "random"))
                shell.chart(fig, f"checks.{side}", WT(f"checks.{side}.alt", own=own, other=other))
    shell.read(W("checks.read"))
    shares = {"others": numbers.share(view.changed_others), "apart": numbers.share(view.changed_apart)}
    exact = not view.sampled
    kpis(
        [
            {"label": W("checks.agreement"), "value": numbers.metric(view.removal_agreement, 2), "help": W("checks.agreement.help")},
            {
                "label": W("checks.error"),
                "value": WT("checks.error.exact") if exact else numbers.share(view.sampled_error),
                "help": W("checks.error.exact.help") if exact else W("checks.error.help", n=view.enumerated),
            },
            {
                "label": W("checks.changed"),
                "value": numbers.share(view.changed_others),
                "help": W("checks.changed.help", n=view.shaken, **shares),
            },
        ]
    )


def _verdict(view: FaithfulnessView) -> None:
    random, popular = view.deletion_gain["random"], view.deletion_gain["popularity"]
    key = "unsure" if not random.low > 0 else "true" if popular.low > 0 else "partly"
    icon = {"true": ":material/check_circle:", "partly": ":material/check:", "unsure": ":material/help:"}[key]
    words = {
        "value": numbers.share(random.value, 0),
        "low": numbers.share(random.low, 0),
        "high": numbers.share(random.high, 0),
        "other": numbers.share(popular.value, 0),
        "other_low": numbers.share(popular.low, 0),
        "other_high": numbers.share(popular.high, 0),
    }
    with st.container(border=True):
        st.markdown(f"{icon} {W(f'checks.verdict.{key}', **words)}")


def _running(session: Session, variant: str) -> JobView | None:
    return next((j for j in session.ws.jobs.list() if j.kind == KIND and j.state in ACTIVE and j.arguments.get("variant") == variant), None)
