"""One job: name, state, progress that says what is left, and the one action its state allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from recengine.types import JobView
from recengine.workspace import Workspace
from ui import shell
from ui.parts.errors import attempt, guard
from ui.words import W, numbers, plain, sentences, told

ACTIVE = ("queued", "running")
BADGES: dict[str, tuple[str, Literal["gray", "blue", "green", "red", "orange"]]] = {
    "queued": (":material/schedule:", "gray"),
    "running": (":material/progress_activity:", "blue"),
    "done": (":material/check_circle:", "green"),
    "failed": (":material/error:", "red"),
    "cancelled": (":material/stop_circle:", "gray"),
    "interrupted": (":material/warning:", "orange"),
}
SECONDS_BETWEEN_LOOKS = 2
Draw = Callable[[JobView], None] | None


def active(jobs: Sequence[JobView]) -> list[JobView]:
    """Of jobs, newest first: those that wait or run, the running ones first, then in the order they were asked for."""
    oldest_first = [job for job in reversed(jobs) if job.state in ACTIVE]
    return sorted(oldest_first, key=lambda job: (job.state != "running", job.created))


def job_card(ws: Workspace, job: JobView, place: str, foot: Draw = None) -> None:
    """Draw one job.

    Args:
        ws: Where its actions go.
        job: What is drawn.
        place: Where it is drawn, so that the same job may stand twice on a page.
        foot: Draws more inside the card, such as the log.
    """
    icon, colour = BADGES[job.state]
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
            with st.container(horizontal=True, width="content", gap="xsmall", vertical_alignment="center"):
                st.markdown(f"**{plain(job.title, 60)}**", width="content")
                st.badge(W(f"job.state.{job.state}"), icon=icon, color=colour)
            _action(ws, job, f"{place}.{job.id}")
        if job.state == "running":
            st.progress(min(1.0, max(0.0, job.fraction or 0.0)), text=progress_text(job))
        elif job.state == "queued":
            place_in_queue = ws.jobs.queue().get(job.id)
            st.caption(W("job.waiting.place", n=place_in_queue) if place_in_queue else W("job.waiting"))
        elif job.error:
            what, why, fix = job.error
            st.markdown(plain(told(what)))
            st.caption(plain(sentences((told(why), told(fix)))))
            if job.can_resume:
                st.caption(W("job.kept"))
        else:
            st.caption(_outcome(job))
        if foot:
            foot(job)


def progress_text(job: JobView) -> str:
    """Epoch 14 of up to 40 · about 2 min left."""
    parts = [plain(told(job.phase)) if job.phase else W("job.working")]
    if job.eta_s is not None:
        parts.append(W("job.left", time=numbers.duration(job.eta_s)))
    return " · ".join(parts)


def _outcome(job: JobView) -> str:
    parts = []
    found = job.result.get("metrics", {}).get("ndcg@10") if isinstance(job.result.get("metrics"), dict) else None
    if found:
        value, low, high = found
        parts.append(W("job.ndcg", value=numbers.metric(value), interval=numbers.interval(low, high)))
    parts.append(W("job.took", time=numbers.duration(job.seconds), when=numbers.ago(job.ended or job.created)))
    return " · ".join(parts)


def _action(ws: Workspace, job: JobView, key: str) -> None:
    if job.state in ACTIVE:
        st.button(
            W("job.cancel"),
            key=f"cancel.{key}",
            type="tertiary",
            icon=":material/stop_circle:",
            on_click=attempt,
            args=(ws.jobs.cancel, job.id),
        )
    elif job.state == "done":
        target = _target(job)
        if target and st.button(W("job.open"), key=f"open.{key}", type="tertiary", icon=":material/open_in_new:"):
            name, choices = target
            shell.go(name, **choices)
    elif job.can_resume:
        st.button(W("job.resume"), key=f"resume.{key}", icon=":material/replay:", on_click=attempt, args=(ws.jobs.resume, job.id))
    else:
        st.button(
            W("job.retry"), key=f"retry.{key}", type="tertiary", icon=":material/replay:", on_click=attempt, args=(ws.jobs.retry, job.id)
        )


def _target(job: JobView) -> tuple[str, dict[str, str]] | None:
    if variant := job.result.get("variant"):
        return "recommendations", {"dataset": job.arguments.get("dataset"), "variant": variant}
    if dataset := job.result.get("dataset"):
        return "data", {"dataset": dataset}
    return None


def live_jobs(ws: Workspace, jobs: Sequence[JobView], place: str, details: Draw = None, foot: Draw = None) -> None:
    """Draw waiting and running jobs and look again every two seconds; when one ends, the whole page is drawn once more.

    Args:
        ws: Where jobs are looked up.
        jobs: Active jobs, as `active` orders them; nothing is drawn for none.
        place: Where they are drawn, unique on the page.
        details: Draws more under a running job, such as its curves.
        foot: Draws more inside each card.
    """
    if jobs:
        ids = tuple(job.id for job in reversed(jobs))
        st.fragment(_live, run_every=SECONDS_BETWEEN_LOOKS)(ws, ids, place, details, foot)


def _live(ws: Workspace, ids: tuple[str, ...], place: str, details: Draw, foot: Draw) -> None:
    with guard():
        jobs = [ws.jobs.get(i) for i in ids]
        if any(job.state not in ACTIVE for job in jobs):
            st.rerun()
        for job in active(jobs):
            job_card(ws, job, place, foot)
            if details and job.state == "running":
                details(job)
