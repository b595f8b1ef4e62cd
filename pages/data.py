"""Data: how a file was understood, its import, and the dataset versions with their charts."""

import streamlit as st

from recengine.errors import NotFound
from ui import session as tab
from ui import shell
from ui.parts.add_data import sample_buttons, uploader
from ui.parts.dataset_list import dataset_list
from ui.parts.errors import guard
from ui.parts.first_training import train_first
from ui.parts.import_report import outcome, verdict
from ui.parts.import_steps import review
from ui.parts.job_card import active, job_card, live_jobs
from ui.parts.overview_cards import overview_charts, overview_kpis
from ui.parts.steps import step_bar
from ui.words import W, numbers

session = shell.enter()
ws = session.ws


def importing(job_id: str) -> None:
    """An import of this tab: its progress, then on to its report, or what went wrong."""
    job = ws.jobs.get(job_id)
    step_bar("done")
    if job.state == "done":
        tab.choose(importing=None, dataset=job.result["dataset"], report=job.result["dataset"])
        st.rerun()
    elif active([job]):
        live_jobs(ws, [job], "importing")
        st.caption(W("data.importing"))
    else:
        job_card(ws, job, "importing")
        if st.button(W("data.importing.back"), icon=":material/arrow_back:", key="importing.back"):
            tab.choose(importing=None, upload=job.arguments.get("upload"))
            st.rerun()


def report(dataset: str) -> None:
    """How the import of a version went, and the next step."""
    made = ws.datasets.report(dataset)
    st.markdown(f":green[:material/check_circle:] {W('data.added', n=numbers.count(made.rows.accepted), name=made.name)}")
    if made.already:
        st.caption(W("data.already"))
    row = ws.datasets.get(dataset)
    if not row.variants:
        train_first(ws, row, "report")
    left, right = st.columns([7, 5], gap="medium")
    with left:
        outcome(ws, made)
    with right:
        verdict(made)


def versions() -> None:
    """Every version, the charts of the chosen one, and a way to add more."""
    if session.dataset is None:
        st.markdown(f":material/database: **{W('empty.data.title')}**")
        st.caption(W("empty.data.why"))
        sample_buttons(ws, primary=True)
        uploader(ws, "first")
        return
    chosen = tab.param("report")
    if chosen:
        with guard():
            report(chosen)
    view = ws.datasets.overview(session.dataset.id)
    shell.section(W("data.overview", name=session.dataset.name))
    overview_kpis(view)
    overview_charts(view)
    if not chosen and st.button(W("data.report.show"), type="tertiary", icon=":material/fact_check:", key="report.show"):
        tab.choose(report=session.dataset.id)
        st.rerun()
    left, right = st.columns([7, 5], gap="medium")
    with left:
        shell.section(W("data.versions"), W("data.versions.caption", n=len(session.datasets)))
        dataset_list(session)
    with right:
        shell.section(W("data.more"), W("data.more.caption"))
        uploader(ws, "more")
        sample_buttons(ws, primary=False)


shell.header(session, W("nav.data"), W("data.purpose"), context=tab.param("upload") is None)
with guard():
    try:
        if upload := tab.param("upload"):
            review(ws, upload)
        elif job_id := tab.param("importing"):
            importing(job_id)
        else:
            versions()
    except NotFound:
        tab.choose(upload=None, importing=None, report=None)
        raise
