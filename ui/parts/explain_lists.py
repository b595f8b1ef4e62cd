"""Explained lists of many shoppers: choose a format and how many, then a job writes the file."""

from __future__ import annotations

import streamlit as st

from recengine.types.policies import PolicyUse
from ui.parts.errors import attempt
from ui.parts.policy_use import use_words
from ui.session import Session
from ui.words import WT, W, numbers, plain

FORMATS = ("html", "csv", "parquet")
CHOICES = (100, 1_000, 2_000)
EVERYONE = 0
MOST_IN_HTML = 2_000


def explain_lists_dialog(session: Session, variant: str, k: int, live: PolicyUse | None, shown: PolicyUse | None, job_key: str) -> None:
    """Ask for format, shoppers and policy (the published one, or that of the page); the job's id goes into the session under `job_key`."""

    @st.dialog(W("explain_lists.title"), width="small", icon=":material/fact_check:")
    def ask() -> None:
        assert session.dataset is not None
        there = session.dataset.shoppers
        st.markdown(W("explain_lists.purpose"))
        chosen = st.segmented_control(
            W("explain_lists.format"),
            FORMATS,
            default="html",
            required=True,
            key="explain_lists.format",
            format_func=lambda f: WT(f"explain_lists.{f}"),
        )
        page = chosen == "html"
        counts = [n for n in CHOICES if n < there]
        if not page or there <= MOST_IN_HTML:
            counts.append(EVERYONE)
        start = next((n for n in counts if n == 1_000), counts[-1])
        shoppers = st.selectbox(
            W("explain_lists.shoppers"),
            counts,
            index=counts.index(start),
            key=f"explain_lists.shoppers.{page}",
            format_func=lambda n: WT("explain_lists.some", n=numbers.count(n)) if n else WT("explain_lists.all", n=numbers.count(there)),
        )
        st.caption(W(f"explain_lists.{chosen}.help"))
        policy = live
        if shown != live:
            names = {"live": use_words(live), "shown": use_words(shown)}
            asked = st.radio(W("explain_lists.policy"), list(names), key="explain_lists.policy", format_func=lambda name: names[name])
            policy = shown if asked == "shown" else live
        st.caption(W("explain_lists.settings", k=k, policy=plain(use_words(policy))))
        if st.button(W("explain_lists.start"), key="explain_lists.start", type="primary", icon=":material/play_arrow:", width="stretch"):
            job = attempt(session.ws.explained.submit, variant, chosen or "html", shoppers or None, k, policy)
            if job:
                st.session_state[job_key] = job
            st.rerun()

    ask()
