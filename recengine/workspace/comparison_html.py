"""The comparison as one HTML page: asks the network for nothing and runs nothing, whatever names and titles contain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from recengine.types import Comparison
from recengine.types.runs import RunCurve
from recengine.workspace.comparison_words import metric_label
from recengine.workspace.text import iso

if TYPE_CHECKING:
    from recengine.workspace.comparison_report import Gathered

SHARES = ("coverage", "tail_share", "new_items")
COLUMNS = ("recall", "hit_rate", "coverage", "novelty", "diversity", "tail_share")
SETTINGS = 60  # rows of the table of settings
KINDS = {"all": "All shoppers", "cold": "Cold: at most 2 earlier events", "warm": "Warm: 3 to 19", "hot": "Hot: 20 or more"}


def page(found: Gathered) -> str:
    """The whole file."""
    from recengine.explain.report_charts import STYLE as CHARTS
    from recengine.explain.report_html import STYLE, foot, name, opening, text

    view, names = found.view, found.names
    charts = charts_of(found)
    best = view.variants[0]
    made = iso(found.made_s).replace("T", " ").removesuffix("Z")
    parts = [
        opening(f"Comparison · {text(best.dataset_name)}", STYLE + CHARTS),
        f"<header><h1>{_title(len(names))}</h1><p>{name(best.dataset_name)}</p>",
        f"<p><b>{text(view.sentence, 600)}</b></p>",
        f'<p class="soft">{text(view.protocol, 600)} Made {text(made)} (UTC).</p></header><main>',
        _section("Variants", _variants(view, found.tags), "★ marks the best value of a column. Intervals are 95 %."),
        _section(f"{metric_label(view.metric)} with its interval", charts.get("intervals", "")),
        _section("Is the difference real?", _tests(view), "Paired by shopper; p-values are corrected for all pairs of variants."),
    ]
    if found.gains is not None:
        head = f"For whom is {names[found.gains.variant]} better than {names[found.gains.against]}?"
        parts.append(_section(text(head), f"<p>{text(found.gains.sentence, 600)}</p>{charts.get('gains', '')}{_gains(found)}"))
    parts += [
        _section("By kind of shopper", _segments(view)),
        _section("Accuracy against variety", charts.get("variety", "")),
        _section("By length of the list", charts.get("lengths", "")),
        _section("How popular the shown items are", charts.get("places", ""), "Bars are past events, tenth 1 the most popular items."),
        _section("How evenly places are shared", charts.get("lorenz", ""), "The dashed line shows all items alike."),
    ]
    if found.agreement is not None:
        parts.append(_section("List against list", _agreement(found)))
    parts += [
        _section("How they learned", charts.get("curves", "")),
        _section("What they cost", charts.get("costs", "") + _costs(found)),
        _section("What differs in the settings", _settings(view)),
        _section("Notes", _notes(found)),
        foot(),
    ]
    return "".join(parts)


def _title(n: int) -> str:
    return f"Comparison of {n} variants" if n > 1 else "Figures of one variant"


def charts_of(found: Gathered) -> dict[str, str]:
    """Name → chart as SVG text; charts without a figure are left out."""
    from recengine.explain.report_charts import interval_dots, lines, named_dots

    view, names = found.view, found.names
    shown, unit = [(v, v.metrics[view.metric]) for v in view.variants], _unit(view.metric)
    digits = _digits(view.metric)
    mid, low, high = ([unit * getattr(e, end) for _, e in shown] for end in ("value", "low", "high"))
    made = {"intervals": interval_dots([v.name for v, _ in shown], mid, low, high, digits, best=0)}
    if found.gains is not None:
        rows = [row for row in (found.gains.overall, *found.gains.segments) if row.n]
        mid, low, high = ([unit * getattr(row, end) for row in rows] for end in ("difference", "low", "high"))
        labels = [KINDS[row.segment].partition(":")[0] for row in rows]
        made["gains"] = interval_dots(labels, mid, low, high, digits, zero=True, verdicts=[row.verdict for row in rows])
    variety = f"coverage@{found.k}"
    rows = [v for v in view.variants if variety in v.metrics]
    if len(rows) > 1:
        across, up = [100 * v.metrics[variety].value for v in rows], [unit * v.metrics[view.metric].value for v in rows]
        made["variety"] = named_dots(
            [v.name for v in rows], across, up, f"{metric_label(variety)}, %", metric_label(view.metric), best=0, digits=(0, digits)
        )
    if found.lengths is not None:
        ks = [float(k) for k in found.lengths.ks]
        curves = [(names[v], ks, [e.value for e in row]) for v, row in found.lengths.values.items()]
        made["lengths"] = lines(curves, "Length of the list", metric_label(f"{found.lengths.metric}@k"), 3, log_x=True)
    tenths = [float(i + 1) for i in range(len(found.exposure.past))]
    bands = [(names[v], tenths, [100 * x for x in row]) for v, row in found.exposure.bands.items()]
    made["places"] = lines(bands, "Tenth of the items", "Share of places, %", 0, bars=[100 * x for x in found.exposure.past])
    steps = len(next(iter(found.exposure.lorenz.values()), ()))
    grid = [i / max(steps - 1, 1) for i in range(steps)]
    even = [(names[v], grid, list(row)) for v, row in found.exposure.lorenz.items()]
    made["lorenz"] = lines(even, "Share of the items, the least shown first", "Share of places", 1, equal=True)
    learned = main_curves(found.curves)
    if learned:
        drawn = [(names[c.variant], [float(e) for e in c.epochs], list(c.values)) for c in learned]
        made["curves"] = lines(drawn, "Epoch", "Training loss" if learned[0].figure == "loss" else "NDCG@10 on validation", 3)
    sizes = [c.model_bytes / 1e6 for c in found.costs]
    names_of, seconds = [names[c.variant] for c in found.costs], [c.seconds for c in found.costs]
    made["costs"] = named_dots(names_of, seconds, sizes, "Seconds", "Model, MB", 0, (0, 0))
    return {key: chart for key, chart in made.items() if chart}


def main_curves(curves: Sequence[RunCurve]) -> list[RunCurve]:
    """The curves of one figure and phase that most variants have; validation NDCG@10 before losses."""
    kinds = Counter((c.figure == "ndcg@10", c.figure == "loss", c.figure, c.phase) for c in curves)
    if not kinds:
        return []
    best = max(kinds, key=lambda kind: (kinds[kind], kind[0], kind[1]))
    return [c for c in curves if (c.figure, c.phase) == best[2:]]


def _section(title: str, body: str, note: str = "") -> str:
    """`title` is escaped already; nothing is drawn without a body."""
    under = f'<p class="soft">{note}</p>' if note else ""
    return f"<section><h2>{title}</h2>{under}{body}</section>\n" if body else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], words: bool = False) -> str:
    """Cells are escaped already; the first column is text, the others are numbers, or words too."""
    if not rows:
        return ""
    kind = ' class="t"' if words else ' class="n"'
    classes = ["", *[kind] * (len(heads) - 1)]
    top = "".join(f"<th{c}>{head}</th>" for c, head in zip(classes, heads, strict=True))
    body = "".join("<tr>" + "".join(f"<td{c}>{cell}</td>" for c, cell in zip(classes, row, strict=True)) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _variants(view: Comparison, tags: dict[str, tuple[str, ...]]) -> str:
    from recengine.explain.report_html import name, text

    k = view.metric.partition("@")[2]
    others = [m for m in (f"{f}@{k}" for f in COLUMNS) if m != view.metric and any(m in v.metrics for v in view.variants)]
    columns = (view.metric, *others)
    best = {m: _best(m, [v.metrics[m].value for v in view.variants if m in v.metrics]) for m in columns}
    rows = []
    for v in view.variants:
        marked = " ".join(f"<small>{text(tag)}</small>" for tag in tags.get(v.id, ()))
        cells = [f"{'★ ' if v.id == view.best else ''}{name(v.name)} {marked}"]
        e = v.metrics[view.metric]
        for m in columns:
            value = v.metrics[m].value if m in v.metrics else None
            star = "★ " if value is not None and value == best[m] else ""
            cells.append("–" if value is None else star + _figure(m, value))
            if m == view.metric:
                cells.append(f"{_figure(m, e.low)} – {_figure(m, e.high)}")
        rows.append([*cells, f"{v.seconds:,.1f}"])
    heads = [metric_label(view.metric), "95% interval", *(metric_label(m).replace(f"@{k}", "") for m in others)]
    return _table(["Variant", *map(text, heads), "Training, s"], rows)


def _best(metric: str, values: Sequence[float]) -> float:
    from recengine.evaluation.metrics.registry import metric_of

    return (max if metric_of(metric).higher_is_better else min)(values, default=0.0)


def _tests(view: Comparison) -> str:
    from recengine.explain.report_html import name

    names = {v.id: v.name for v in view.variants}
    rows = [
        [name(names[p.against]), p.verdict, _difference(view.metric, p), _p(p.p_value), f"{p.needed:,}" if p.needed else "–"]
        for p in view.pairs
    ]
    return _table(["The best against", "Verdict", "Difference (95%)", "p, corrected", "Shoppers needed"], rows)


def _gains(found: Gathered) -> str:
    assert found.gains is not None
    rows = [
        [KINDS[row.segment], row.verdict or "–", _difference(found.view.metric, row), _p(row.p_value), f"{row.n:,}"]
        for row in (found.gains.overall, *found.gains.segments)
        if row.n
    ]
    return _table(["Shoppers", "Verdict", "Difference (95%)", "p, corrected", "Number"], rows)


def _segments(view: Comparison) -> str:
    from recengine.explain.report_html import name

    heads = [f"{KINDS[s]} ({n:,})" for s, n in zip(view.segments, view.segment_sizes, strict=True)]
    rows = [[name(v.name), *("–" if x != x else _figure(view.metric, x) for x in view.segment_values[v.id])] for v in view.variants]
    return _table(["Variant", *heads], rows)


def _agreement(found: Gathered) -> str:
    from recengine.explain.report_html import name, text

    a = found.agreement
    assert a is not None
    said = (
        f"From {found.names[a.a]} to {found.names[a.b]}, first {a.k} places of {a.shoppers:,} held-out shoppers: "
        f"{a.entered:.1f} items of a list are new, {a.moved:.1f} stand elsewhere, {a.same:,} lists stay as they are. "
        f"Overlap: Jaccard {a.jaccard.value:.2f} ({a.jaccard.low:.2f} to {a.jaccard.high:.2f}), "
        f"rank-biased {a.rbo.value:.2f} ({a.rbo.low:.2f} to {a.rbo.high:.2f})."
    )
    changed = [[name(r.shopper, 60), r.segment, f"{r.entered}", f"{r.rbo:.2f}"] for r in a.most_changed[:10]]
    items = [[name(r.title), f"{r.before:,}", f"{r.after:,}"] for r in (*a.winners, *a.losers)]
    return (
        f"<p>{text(said, 600)}</p>"
        + _table(["Shopper whose list changes most", "Kind", "New items", "Overlap"], changed)
        + _table(["Item that gains or loses most", "Shoppers before", "Shoppers after"], items)
    )


def _costs(found: Gathered) -> str:
    from recengine.explain.report_html import name, text

    rows = [
        [
            name(found.names[c.variant]), f"{c.seconds:,.1f}", text(c.device, 40), f"{c.epochs or '–'}", f"{c.parameters:,}",
            f"{c.model_bytes / 1e6:,.1f}", "–" if c.ms_per_list is None else f"{c.ms_per_list:.2f}",
        ]
        for c in found.costs
    ]  # fmt: skip
    return _table(["Variant", "Training, s", "On", "Epochs", "Numbers", "Model, MB", "List, ms"], rows)


def _settings(view: Comparison) -> str:
    from recengine.explain.report_html import name, text

    differing = list(dict.fromkeys(key for v in view.variants for key in view.differing.get(v.id, {})))
    rows = [
        [text(key.replace("_", " ")), *(_setting(view.differing.get(v.id, {}), key) for v in view.variants)] for key in differing[:SETTINGS]
    ]
    table = _table(["Setting", *(name(v.name, 40) for v in view.variants)], rows, words=True)
    return f"<details><summary>{len(differing)} settings differ</summary>{table}</details>" if table else ""


def _setting(own: dict[str, Any], key: str) -> str:
    from recengine.explain.report_html import text

    if key not in own or own[key] is None:
        return "–"
    value = own[key]
    return text(f"{value:g}" if isinstance(value, float) else value, 60)


def _notes(found: Gathered) -> str:
    from recengine.explain.report_html import name, text

    rows = [
        [
            f"<b>{name(v.name)}</b> {text(note.text, 2_000)}",
            text(note.who, 60) or "–",
            text(note.written.replace("T", " ").removesuffix("Z")),
        ]
        for v in found.view.variants
        for note in found.notes.get(v.id, ())
    ]
    return _table(["Note", "Who", "When, UTC"], rows, words=True)


def _unit(metric: str) -> float:
    return 100.0 if metric.partition("@")[0] in SHARES else 1.0


def _digits(metric: str) -> int:
    family = metric.partition("@")[0]
    return 1 if family in SHARES or family == "novelty" else 2 if family == "diversity" else 3


def _figure(metric: str, value: float) -> str:
    return f"{_unit(metric) * value:.{_digits(metric)}f}{'%' if _unit(metric) > 1 else ''}"


def _difference(metric: str, row: Any) -> str:
    from recengine.explain.report_html import MINUS

    def signed(x: float) -> str:
        return f"{'+' if x > 0 else MINUS if x < 0 else ''}{abs(_unit(metric) * x):.{_digits(metric)}f}"

    value, low, high = (signed(x) for x in (row.difference, row.low, row.high))
    return f"{value} ({low} to {high})"


def _p(p: float) -> str:
    return "&lt; 0.001" if p < 0.001 else f"{p:.3f}"
