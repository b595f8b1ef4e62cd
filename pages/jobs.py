"""Jobs & settings: what runs and how it ended, the state of this machine, saved policies."""

import streamlit as st

from ui import shell
from ui.parts.doctor_card import doctor_card
from ui.parts.empty import empty
from ui.parts.errors import guard
from ui.parts.job_card import ACTIVE, active, job_card, live_jobs
from ui.parts.policy_list import policy_list
from ui.words import W, numbers

FILTERS = {"all": None, "active": ACTIVE, "done": ("done",), "stopped": ("failed", "cancelled", "interrupted")}
SHOWN = 30

session = shell.enter()
ws = session.ws


def history(jobs: list) -> None:
    """Jobs by state, running ones live, each with the end of its log on demand."""
    kinds = sorted({job.kind for job in jobs})
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        state = st.segmented_control(
            W("jobs.state"),
            list(FILTERS),
            default="all",
            required=True,
            format_func=lambda f: W(f"jobs.filter.{f}"),
            key="jobs.state",
            bind="query-params",
        )
        if len(kinds) > 1:
            kind = st.pills(W("jobs.kind"), kinds, format_func=lambda k: W(f"jobs.kind.{k}"), key="jobs.kind")
            jobs = [job for job in jobs if kind is None or job.kind == kind]
    wanted = [job for job in jobs if FILTERS[state] is None or job.state in FILTERS[state]]
    if not wanted:
        st.caption(W("jobs.filter.nothing"))
    live_jobs(ws, active(wanted), "jobs", foot=log)
    ended = [job for job in wanted if job.state not in ACTIVE]
    for job in ended[:SHOWN]:
        job_card(ws, job, "jobs", log)
    if len(ended) > SHOWN:
        st.caption(W("jobs.more", n=numbers.count(len(ended) - SHOWN)))


def log(job) -> None:
    """The last lines of a job's log, read only when it is opened."""
    with st.expander(W("jobs.log"), icon=":material/terminal:", type="compact", key=f"log.{job.id}", on_change="rerun") as box:
        if box.open:
            st.code(ws.jobs.log_tail(job.id) or W("jobs.log.nothing"), language=None, wrap_lines=True)
            st.caption(W("jobs.facts", id=job.id, attempt=job.attempt, created=numbers.clock(job.created)))


shell.header(session, W("nav.jobs"), W("jobs.purpose"))
with guard():
    left, right = st.columns([7, 5], gap="medium")
    with left, guard():
        shell.section(W("jobs.title"), W("jobs.caption"))
        jobs = ws.jobs.list(200)
        if jobs:
            history(jobs)
        elif empty(shell.ICONS["jobs"], W("jobs.none"), W("jobs.none.why"), W("empty.data.button"), "jobs.none"):
            shell.go("home")
    with right, guard():
        doctor_card(ws)
        if session.dataset is not None:
            policy_list(session)
