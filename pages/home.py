"""Home: the way in while there is no data, afterwards what changed and what to look at next."""

import streamlit as st

from recengine.types import DatasetOverview, DatasetRow
from ui import shell
from ui.charts.data_charts import weeks_bars
from ui.parts.attention import matters, show_matters
from ui.parts.errors import guard
from ui.parts.first_training import train_first
from ui.parts.home_cold import cold
from ui.parts.home_kpis import home_kpis
from ui.parts.job_card import active, live_jobs
from ui.parts.overview_cards import behaviour_name, events_a_week
from ui.parts.reason_card import reason_card
from ui.parts.shopper_table import shopper_table
from ui.words import WT, W, numbers

EXAMPLES = 5
ORDERS = "purchase"

session = shell.enter()
ws = session.ws


def warm(dataset: DatasetRow) -> None:
    """Figures, matters that need attention, running work, shoppers, one chart and one reason."""
    view = ws.datasets.overview(dataset.id)
    jobs = ws.jobs.list()
    running = active(jobs)
    home_kpis(session, view)
    if not session.variants and not running:
        train_first(ws, dataset, "home")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        shell.section(W("home.attention"), W("home.attention.caption"))
        with guard():
            show_matters(matters(session, jobs))
        if running:
            shell.section(W("home.running"))
            live_jobs(ws, running, "home")
        with guard():
            reason_card(session)
    with right:
        with guard():
            shell.section(W("home.shoppers"), W("home.shoppers.caption"))
            shopper_table(ws.shoppers.examples(dataset.id, n=EXAMPLES), "home.shoppers")
        weeks(view)


def weeks(view: DatasetOverview) -> None:
    """Orders a week, or all events where the data has no orders."""
    if not len(view.weeks):
        return
    only = view.weekly_events.get(ORDERS)
    values = only if only is not None else events_a_week(view)
    shell.section(W("home.weeks", what=behaviour_name(ORDERS) if only is not None else W("home.weeks.events")), W("home.weeks.caption"))
    peak = int(values.argmax())
    alt = WT("home.weeks.alt", peak=numbers.count(int(values[peak])), week=numbers.date(view.weeks[peak]))
    shell.chart(weeks_bars(view.weeks, values), f"weeks.{view.dataset.id}", alt)
    shell.read(W("home.weeks.read"))


with guard():
    if session.dataset is None:
        shell.say_pending()
        cold(ws)
        live_jobs(ws, active(ws.jobs.list()), "home")
    else:
        shell.header(session, W("nav.home"), W("home.purpose"))
        warm(session.dataset)
