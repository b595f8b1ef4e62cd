"""Data: how a file was understood, its import, and the dataset versions with their charts."""

import streamlit as st

from recengine.errors import BadInput, NotFound
from ui import session as tab
from ui import shell
from ui.parts.add_data import sample_buttons, uploader
from ui.parts.dataset_list import dataset_list
from ui.parts.errors import attempt, error_box, guard
from ui.parts.first_training import train_first
from ui.parts.import_report import expected, outcome, verdict
from ui.parts.import_view import check_of, column_table, edits_of, file_card, first_rows, preview_of, questions
from ui.parts.job_card import active, job_card, live_jobs
from ui.parts.overview_cards import overview_charts, overview_kpis
from ui.parts.steps import steps
from ui.words import W, numbers

session = shell.enter()
ws = session.ws


def review(upload: str) -> None:
    """A file waits: show how it was understood and add it with one button."""
    try:
        with st.spinner(W("data.reading")):
            view = preview_of(ws, upload)
        with st.spinner(W("data.counting")):
            check = check_of(ws, upload)
    except BadInput as error:
        unreadable(upload, error)
        return
    steps(W("data.step.file"), W("data.step.columns"), W("data.step.add"), at=1)
    file_card(view)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        column_table(view)
        if view.questions:
            shell.section(W("data.ask"), W("data.ask.caption"))
            questions(view)
    with right:
        expected(check, upload)
        verdict(check)
        st.text_input(W("data.name"), value=ws.datasets.suggested_name(upload), key=f"name.{upload}", help=W("data.name.help"))
    first_rows(view)
    with st.bottom, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(W("data.add.caption"), width="content")
        label = W("data.add", n=numbers.count(check.rows.accepted))
        st.button(label, type="primary", icon=":material/check:", key="add", on_click=add, args=(upload,))


def unreadable(upload: str, error: BadInput) -> None:
    """The file, or what was changed about it, cannot be used: say why, and two ways on."""
    error_box(error.what, error.why, error.fix, W("error.unchanged"))
    with st.container(horizontal=True, gap="xsmall"):
        if edits_of(upload):
            st.button(W("data.guess"), type="primary", icon=":material/undo:", key="review.guess", on_click=edits_of(upload).clear)
        st.button(W("import.replace"), icon=":material/swap_horiz:", key="review.replace", on_click=tab.choose, kwargs={"upload": None})


def add(upload: str) -> None:
    """Start the import as a job; the page then shows its progress."""
    job = attempt(ws.datasets.submit_import, upload, st.session_state.get(f"name.{upload}", ""), edits_of(upload) or None)
    if job is not None:
        tab.choose(upload=None, importing=job)


def importing(job_id: str) -> None:
    """An import of this tab: its progress, then on to its report, or what went wrong."""
    job = ws.jobs.get(job_id)
    steps(W("data.step.file"), W("data.step.columns"), W("data.step.add"), at=2)
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
            review(upload)
        elif job_id := tab.param("importing"):
            importing(job_id)
        else:
            versions()
    except NotFound:
        tab.choose(upload=None, importing=None, report=None)
        raise
