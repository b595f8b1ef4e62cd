"""Export of all shoppers' lists: a job, then a download whose name holds the content's digest."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from recengine.types import JobView
from recengine.types.policies import PolicyUse
from recengine.workspace.lists import use_of_arguments
from ui.parts.errors import guard
from ui.parts.explain_lists import explain_lists_dialog
from ui.parts.job_card import ACTIVE, job_card, live_jobs
from ui.parts.policy_use import use_words
from ui.session import Session
from ui.words import WT, W, numbers, plain

FORMATS = ("csv", "parquet")
EXPLAINED = "explained"
MIME = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "html": "text/html"}
_JOB = "export.job"


def export_button(session: Session, variant: str, k: int, live: PolicyUse | None, shown: PolicyUse | None) -> None:
    """Choose a format, start the job, which writes lists under the published policy; explained lists are asked for in a dialog.

    Args:
        session: what the tab looks at.
        variant: the variant.
        k: length of the lists.
        live: the published policy; None = by score alone.
        shown: the policy of the page, which explained lists may take instead.
    """
    chosen = st.menu_button(
        W("export.button"),
        [*FORMATS, EXPLAINED],
        key="export.menu",
        icon=":material/download:",
        help=W("export.help", policy=plain(use_words(live))),
        format_func=lambda f: WT(f"export.{f}"),
    )
    if chosen == EXPLAINED:
        explain_lists_dialog(session, variant, k, live, shown, _JOB)
    elif chosen:
        with guard():
            st.session_state[_JOB] = session.ws.lists.submit_export(variant, chosen, k, live)


def export_status(session: Session) -> None:
    """The export of this tab: its progress while it runs, then the download."""
    job_id = st.session_state.get(_JOB)
    if not job_id:
        return
    with guard():
        job = session.ws.jobs.get(job_id)
        if job.state in ACTIVE:
            live_jobs(session.ws, [job], "export")
        elif job.state == "done":
            _download(job)
        else:
            job_card(session.ws, job, "export")
            _close()


def _download(job: JobView) -> None:
    path = Path(job.result["path"])
    digest = job.result["sha256"]
    kind = path.suffix.removeprefix(".")
    # two big files of equal length and samples would share one address, so the name holds the digest
    explained = job.kind == "explain-lists"
    name = f"{'explained-' if explained else ''}lists-{digest[:12]}.{kind}"
    words = {"rows": numbers.count(job.result["rows"]), "size": numbers.size(job.result["size_bytes"])}
    ready = W("explain_lists.ready", n=numbers.count(job.result["shoppers"]), **words) if explained else W("export.ready", **words)
    with (
        st.container(border=True),
        st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="content"):
            st.markdown(f":green[:material/check_circle:] {ready}")
            st.caption(W("export.digest", digest=digest[:12], policy=plain(_capital(use_words(_policy_of(job))))))
        with st.container(horizontal=True, width="content", gap="xsmall"):
            key, label = f"export.download.{digest[:12]}", W("export.download", file=name)
            st.download_button(label, path.read_bytes(), name, MIME[kind], key=key, icon=":material/download:", on_click="ignore")
            _close()


def _policy_of(job: JobView) -> PolicyUse | None:
    """The policy that the file was made under, as the job says it."""
    found = job.result.get("policy") or job.result.get("use")
    return use_of_arguments({"policy": found}) if found else None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _close() -> None:
    if st.button(W("export.dismiss"), key="export.close", type="tertiary", icon=":material/close:"):
        st.session_state.pop(_JOB, None)
        st.rerun()
