"""What a merchandiser should look at, worked out from facts of the workspace, most important first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from recengine.types import JobView
from ui import shell
from ui.session import Session
from ui.words import Markdown, W, numbers, plain, told

RED, ORANGE, BLUE = "red", "orange", "blue"
MANY_REJECTED = 0.01  # of a file's records; below that the few are normal


@dataclass(frozen=True)
class Matter:
    """One thing to look at and the page that helps."""

    key: str
    icon: str
    colour: str
    title: Markdown
    text: str
    button: Markdown
    page: str
    choices: tuple[tuple[str, str | None], ...] = ()


def matters(session: Session, jobs: Sequence[JobView]) -> list[Matter]:
    """Rejected lines, work that stopped, data without variants, variants that are older than the newest data."""
    found = []
    data = session.dataset
    stopped = [j for j in jobs if j.state in ("interrupted", "failed")]
    if stopped:
        title = W("attention.stopped", n=numbers.count(len(stopped)))
        found.append(Matter("stopped", ":material/error:", RED, title, plain(stopped[0].title), W("attention.stopped.button"), "jobs"))
    if data is None:
        return found
    report = session.ws.datasets.report(data.id)
    if report.rows.rejected and report.rows.rejected >= MANY_REJECTED * report.rows.physical:
        worst = max((r for r in report.reasons if r[0] == "rejected"), key=lambda r: r[2], default=None)
        part = numbers.share(report.rows.rejected / report.rows.physical)
        text = W("attention.rejected.text", share=part, reason=told(worst[1].rstrip(".")) if worst else "")
        title = W("attention.rejected", n=numbers.count(report.rows.rejected))
        found.append(
            Matter("rejected", ":material/warning:", ORANGE, title, text, W("attention.rejected.button"), "data", (("report", data.id),))
        )
    newest = session.datasets[0]
    if newest.id != data.id:
        text = W("attention.newer.text", name=newest.name, events=numbers.count(newest.events), last=numbers.date(newest.last))
        button = W("attention.newer.button")
        found.append(Matter("newer", ":material/schedule:", BLUE, W("attention.newer"), text, button, "data", (("dataset", newest.id),)))
    elif not session.variants and any(d.variants for d in session.datasets):
        text = W("attention.older.text", name=data.name)
        found.append(Matter("older", ":material/schedule:", ORANGE, W("attention.older"), text, W("attention.older.button"), "train"))
    if len(session.variants) == 1:
        text = W("attention.single.text", name=session.variants[0].name)
        found.append(Matter("single", ":material/balance:", BLUE, W("attention.single"), text, W("attention.single.button"), "train"))
    return found


def show_matters(found: Sequence[Matter]) -> None:
    """One bordered line each, with its button; a calm line when there is nothing."""
    if not found:
        with st.container(border=True):
            st.markdown(f":green[:material/check_circle:] **{W('attention.none')}**")
            st.caption(W("attention.none.text"))
    for matter in found:
        with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            with st.container(width=420, gap=None):
                st.markdown(f":{matter.colour}[{matter.icon}] **{matter.title}**")
                st.caption(matter.text)
            if st.button(matter.button, key=f"attention.{matter.key}"):
                shell.go(matter.page, **dict(matter.choices))
