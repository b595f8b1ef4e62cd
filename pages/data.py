"""Data: how a file was understood, its import, and the dataset versions with their charts."""

import streamlit as st

from recengine.errors import NotFound
from ui import session as tab
from ui import shell
from ui.parts.add_data import sample_buttons, uploader
from ui.parts.clean_version import clean_version
from ui.parts.errors import guard
from ui.parts.import_done import done_step
from ui.parts.import_steps import review
from ui.parts.import_waiting import waiting_list
from ui.parts.job_card import active, job_card, live_jobs
from ui.parts.overview_cards import overview_charts, overview_kpis
from ui.parts.steps import step_bar
from ui.parts.version_list import version_list
from ui.words import W

JOBS_LOOKED_AT = 50  # newest first; those that run are among them

session = shell.enter()
ws = session.ws


def importing(job_id: str) -> None:
    """An import of this tab: its progress, then on to its report, or what went wrong."""
    job = ws.jobs.get(job_id)
    if job.kind == "import":
        step_bar("done")
    if job.state == "done":
        if job.result.get("already"):
            tab.notice(W("data.already"))
        tab.choose(importing=None, dataset=job.result["dataset"], report=job.result["dataset"])
        st.rerun()
    elif active([job]):
        live_jobs(ws, [job], "importing")
        st.caption(W("data.importing"))
    else:
        job_card(ws, job, "importing")
        back = job.arguments.get("upload")
        words = W("data.importing.back") if back else W("data.importing.close")
        if st.button(words, icon=":material/arrow_back:", key="importing.back"):
            tab.choose(importing=None, upload=back)
            st.rerun()


def versions() -> None:
    """What runs and what waits, every version, the charts of the chosen one, and a way to add more."""
    running = active([job for job in ws.jobs.list(JOBS_LOOKED_AT) if job.kind in ("import", "version")])
    live_jobs(ws, running, "data")
    if session.dataset is None:
        st.markdown(f":material/database: **{W('empty.data.title')}**")
        st.caption(W("empty.data.why"))
        sample_buttons(ws, primary=True)
        uploader(ws, "first")
        waiting_list(ws)
        return
    chosen = tab.param("report")
    if chosen:
        with guard():
            done_step(ws, chosen)
        waiting_list(ws)
    view = ws.datasets.overview(session.dataset.id)
    shell.section(W("data.overview", name=session.dataset.name))
    overview_kpis(view)
    overview_charts(view)
    if not chosen and st.button(W("data.report.show"), type="tertiary", icon=":material/fact_check:", key="report.show"):
        tab.choose(report=session.dataset.id)
        st.rerun()
    shell.section(W("data.versions"), W("data.versions.caption", n=len(session.datasets)))
    version_list(session)
    left, right = st.columns(2, gap="medium")
    with left:
        shell.section(W("data.more"), W("data.more.caption"))
        uploader(ws, "more")
        sample_buttons(ws, primary=False)
    with right:
        if not chosen:
            waiting_list(ws)


shell.header(session, W("nav.data"), W("data.purpose"), context=tab.param("upload") is None)
with guard():
    try:
        if upload := tab.param("upload"):
            review(ws, upload)
        elif job_id := tab.param("importing"):
            importing(job_id)
        elif cleaned := tab.param("cleaning"):
            clean_version(ws, cleaned)
        else:
            versions()
    except NotFound:
        tab.choose(upload=None, importing=None, report=None, cleaning=None)
        raise
