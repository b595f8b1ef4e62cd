"""The frame of every page: navigation, header with the context in use, sections, charts with words under them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from plotly.graph_objects import Figure

from ui import session as tab
from ui.charts import template
from ui.navigation import ICONS, ensure, navigate, page
from ui.parts.errors import show_failure
from ui.session import Session
from ui.words import W, numbers, plain

__all__ = ["ICONS", "chart", "enter", "go", "header", "link", "navigate", "page", "read", "say_pending", "section"]


def enter() -> Session:
    """First line of every page: make sure the frame is around it, then say what this tab looks at."""
    ensure()
    return tab.current()


def go(name: str, **choices: str | None) -> None:
    """Open another page with these ids; the tab's other choices stay."""
    tab.choose(**choices)
    st.switch_page(page(name))


def link(name: str, label: str, icon: str | None = None) -> None:
    """A link to another page that keeps the tab's choices."""
    st.page_link(page(name), label=label, icon=icon or ICONS[name], query_params={k: v for k in tab.KEYS if (v := tab.param(k))})


def header(session: Session, title: str, purpose: str, context: bool = True) -> None:
    """Title, one line of purpose, the dataset, variant and policy in use, and what is to be said once."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        with st.container(width=480, gap=None):
            st.title(title, anchor=False)
            st.caption(purpose)
        if context and session.datasets:
            with st.container(horizontal=True, width="content", gap="xsmall"):
                _chips(session)
    say_pending()


def say_pending() -> None:
    """What was to be said once: fallbacks of the address, failures of an action. `header` does it; a page without one calls it itself."""
    show_failure()
    for text in tab.notices():
        st.warning(text, icon=":material/warning:")


def _chips(session: Session) -> None:
    data, variant, policy = session.dataset, session.variant, session.policy
    if data is not None:
        with st.popover(plain(data.name, 28), icon=ICONS["data"], help=W("shell.dataset.help")):
            _chooser("dataset", {d.id: d for d in session.datasets}, data.id, lambda d: f"{d.name} · {numbers.clock(d.created)}")
            st.caption(
                W(
                    "shell.dataset.facts",
                    events=numbers.count(data.events),
                    shoppers=numbers.count(data.shoppers),
                    items=numbers.count(data.items),
                )
            )
            st.caption(W("shell.dataset.period", first=numbers.date(data.first), last=numbers.date(data.last)))
    if variant is not None:
        with st.popover(plain(variant.name, 28), icon=ICONS["train"], help=W("shell.variant.help")):
            _chooser("variant", {v.id: v for v in session.variants}, variant.id, _variant_label)
            st.caption(W("shell.variant.facts", model=variant.model_title, when=numbers.clock(variant.created)))
    if session.policies:
        with st.popover(plain(policy.name, 28) if policy else W("shell.policy.menu"), icon=ICONS["tune"], help=W("shell.policy.help")):
            options = {"": None} | {p.id: p for p in session.policies}
            _chooser("policy", options, policy.id if policy else "", lambda p: p.name if p else W("shell.policy.none"))
            st.caption(W("shell.policy.facts", diversity=numbers.metric(policy.diversity if policy else 0.0, 2)))


def _variant_label(row: Any) -> str:
    best = row.metrics.get(tab.RANKING)
    return f"{row.name} · NDCG@10 {numbers.metric(best.value)}" if best else row.name


def _chooser(kind: str, rows: dict[str, Any], chosen: str, label: Callable[[Any], str]) -> None:
    key = f"chip.{kind}"
    ids = list(rows)
    st.session_state[key] = chosen  # the address wins over what the widget remembers
    st.selectbox(
        W(f"shell.{kind}.choose"),
        ids,
        key=key,
        format_func=lambda i: label(rows[i]),
        on_change=lambda: tab.choose(**{kind: st.session_state[key] or None}),
    )


def section(title: str, caption: str | None = None) -> None:
    """A heading in sentence case with one line under it: unit, period or sample size."""
    with st.container(gap=None):
        st.subheader(title, anchor=False)
        if caption:
            st.caption(caption)


def chart(fig: Figure, key: str, alt: str, tools: bool = False, **options: Any) -> Any:
    """Draw a figure of `ui.charts` in the colours of the theme; `alt` states the finding in a sentence.

    The key holds the theme, because the browser replaces colour tokens once per mounted chart. Options go to `st.plotly_chart`, such as
    `on_select="rerun", selection_mode="points"`; its return value is handed back.
    """
    config = template.CONFIG_TOOLS if tools else template.CONFIG
    return st.plotly_chart(fig, key=f"{key}-{st.context.theme.type}", alt=alt, theme="streamlit", config=config, **options)


def read(text: str) -> None:
    """How to read the chart above, in at most two sentences."""
    with st.popover(W("shell.read"), icon=":material/help:", type="tertiary"):
        st.markdown(text)
