"""Train: choose models, watch them learn, see what came out."""

import streamlit as st

from ui import shell
from ui.parts.empty import need_data
from ui.parts.errors import guard
from ui.parts.job_card import ACTIVE, active, job_card, live_jobs
from ui.parts.machine_panel import machine_panel
from ui.parts.model_cards import model_cards
from ui.parts.sweep_results import sweep_results
from ui.parts.training_form import chosen_preset, training_form
from ui.parts.training_now import curves_of
from ui.parts.variant_cards import variant_cards
from ui.words import W

STOPPED_SHOWN = 4
KINDS = ("train", "sweep")

session = shell.enter()
shell.header(session, W("nav.train"), W("train.purpose"))
with guard():
    if dataset := need_data(session):
        jobs = [job for job in session.ws.jobs.list() if job.kind in KINDS and job.arguments.get("dataset") == dataset.id]
        running = active(jobs)
        stopped = [job for job in jobs if job.state not in (*ACTIVE, "done")][:STOPPED_SHOWN]
        cards = session.ws.training.models()
        advice = session.ws.advice.models(dataset.id, chosen_preset())
        left, right = st.columns([4, 8], gap="medium")
        with left, guard():
            shell.section(W("train.new"))
            training_form(session.ws, dataset, cards, advice)
            machine_panel(session.ws)
        with right, guard():
            if running:
                shell.section(W("train.now"), W("train.now.caption"))
                live_jobs(session.ws, running, "now", curves_of(session))
                shell.read(W("train.now.read"))
            if stopped:
                shell.section(W("train.stopped"))
                for job in stopped:
                    job_card(session.ws, job, "stopped")
            names = [W("train.tab.variants", n=len(session.variants)), W("train.tab.models", n=len(cards)), W("train.tab.sweeps")]
            # Another key once there is a variant: the first one is shown when it is there.
            some = bool(session.variants)
            done, choice, sweeps = st.tabs(names, default=names[0 if some else 1], key=f"train.tabs.{some}")
            with done, guard():
                st.caption(W("train.done.caption"))
                variant_cards(session)
            with choice, guard():
                model_cards(cards, advice)
            with sweeps, guard():
                sweep_results(session)
