"""The four figures of Home, all of them measured on the chosen dataset and its best variant."""

from __future__ import annotations

from typing import Any

from recengine.types import DatasetOverview, VariantRow
from ui.parts.kpis import kpis
from ui.session import RANKING, Session
from ui.words import WT, W, numbers, told

WEEKS_SHOWN = 26
BASELINE = "popularity"
COVERAGE = "coverage@10"


def home_kpis(session: Session, view: DatasetOverview) -> None:
    """Events and shoppers of the last whole week, best NDCG@10, catalogue shown."""
    rows = []
    if len(view.weeks):
        events = sum(view.weekly_events.values())
        rows.append(_weekly(W("home.kpi.events"), events, "bar", view))
        rows.append(_weekly(W("home.kpi.shoppers"), view.weekly_shoppers, "area", view))
    else:
        rows.append({"label": W("overview.events"), "value": numbers.count(view.dataset.events)})
        rows.append({"label": W("overview.shoppers"), "value": numbers.count(view.dataset.shoppers)})
    best = session.variants[0] if session.variants and RANKING in session.variants[0].metrics else None
    if best is None:
        rows.append({"label": W("overview.items"), "value": numbers.count(view.dataset.items)})
        rows.append({"label": W("overview.density"), "value": numbers.share(view.density, 2), "help": W("home.kpi.density.help")})
    else:
        baseline = next((v for v in session.variants if v.model == BASELINE and v.split == best.split and v.id != best.id), None)
        rows.append(_ranking(best, baseline))
        if COVERAGE in best.metrics:
            rows.append(_coverage(best, baseline))
    kpis(rows)


def _weekly(label: str, values: Any, shape: str, view: DatasetOverview) -> dict[str, Any]:
    row = {
        "label": label,
        "value": numbers.count(int(values[-1])),
        "help": W("home.kpi.week.help", week=numbers.date(view.weeks[-1])),
        "chart_data": [int(v) for v in values[-WEEKS_SHOWN:]],
        "chart_type": shape,
    }
    if len(values) > 1 and values[-2] > 0:
        change = (float(values[-1]) / float(values[-2]) - 1) * 100
        row["delta"] = WT("home.kpi.week.delta", change=f"{numbers.delta(change, 1)}%")
    return row


def _ranking(best: VariantRow, baseline: VariantRow | None) -> dict[str, Any]:
    found = best.metrics[RANKING]
    row = {
        "label": W("home.kpi.ndcg"),
        "value": numbers.metric(found.value),
        "delta_description": numbers.plus_minus(found.low, found.high),
        "help": W(
            "home.kpi.ndcg.help",
            name=best.name,
            interval=numbers.interval(found.low, found.high),
            shoppers=numbers.count(best.n_shoppers),
            protocol=told(best.protocol).rstrip(".。"),
        ),
    }
    if baseline and RANKING in baseline.metrics:
        row["delta"] = numbers.delta(found.value - baseline.metrics[RANKING].value)
        row["help"] += " " + W("home.kpi.over", name=baseline.model_title)
    return row


def _coverage(best: VariantRow, baseline: VariantRow | None) -> dict[str, Any]:
    shown = best.metrics[COVERAGE].value
    row = {"label": W("home.kpi.coverage"), "value": numbers.share(shown), "help": W("home.kpi.coverage.help", name=best.name)}
    if baseline and COVERAGE in baseline.metrics:
        points = (shown - baseline.metrics[COVERAGE].value) * 100
        row["delta"] = WT("home.kpi.points", change=numbers.delta(points, 1))
        row["help"] += " " + W("home.kpi.over", name=baseline.model_title)
    return row
