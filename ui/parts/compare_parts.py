"""Compare: choosing variants, the table of metrics, paired tests, settings, list against list."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from recengine.types import Comparison, ListDiff, PairedView, VariantRow
from ui.charts.compare_charts import SHARES, family
from ui.words import WT, W, has, numbers, one_line, plain, told

ACCURACY = ("ndcg", "recall", "hit_rate", "mrr", "map")
VARIETY = ("coverage", "diversity", "novelty", "tail_share")
STAR = "★ "  # in front, so that digits stay in line
COLUMNS = ("recall", "hit_rate", "coverage", "novelty", "diversity", "tail_share")


def metric_name(metric: str) -> str:
    """`ndcg@10` as shown; a metric without a word of its own stays as it is."""
    key = f"metric.{family(metric)}"
    return WT(key, k=metric.partition("@")[2]) if has(key) else one_line(metric)


def metric_value(metric: str, value: float) -> str:
    """A metric in its unit: shares in percent, novelty in bits, the rest with three digits."""
    if family(metric) in SHARES:
        return numbers.share(value)
    return numbers.metric(value, 1 if family(metric) == "novelty" else 3)


def metric_interval(metric: str, low: float, high: float) -> str:
    """The ends of an interval in the metric's unit."""
    return f"{metric_value(metric, low)} – {metric_value(metric, high)}"


def metrics_of(variants: tuple[VariantRow, ...], families: tuple[str, ...] | None = None) -> list[str]:
    """Metrics that every variant has, in the order of the first one."""
    if not variants:
        return []
    shared = [m for m in variants[0].metrics if all(m in v.metrics for v in variants)]
    return [m for m in shared if families is None or family(m) in families]


def distinct_text(names: list[str]) -> list[str]:
    """Names with a number behind repeated ones."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(f"{name} ({seen[name]})" if names.count(name) > 1 else name)
    return out


def verdict(view: Comparison) -> None:
    """The engine's sentence with a sign: green when the best is better than the runner-up, grey when that cannot be told."""
    second = view.variants[1].id if len(view.variants) > 1 else ""
    real = any(p.against == second and p.verdict == "better" for p in view.pairs)
    sign = ":green[:material/check_circle:]" if real else ":gray[:material/balance:]"
    sentence = told(view.sentence)
    st.markdown(f"{sign} **{plain(sentence)}**" if len(sentence) < 90 else f"{sign} {_bold_start(view, sentence)}")


def _bold_start(view: Comparison, sentence: str) -> str:
    name = next(v.name for v in view.variants if v.id == view.best)
    if sentence.startswith(name):
        return f"**{plain(name)}** {plain(sentence[len(name) :])}"
    return plain(sentence)


def variant_table(view: Comparison, key: str, tags: dict[str, tuple[str, ...]], pair: list[str]) -> list[str]:
    """Sortable metrics, the main one as a bar beside its interval, a star at the best of each column; ids of the selected rows."""
    main, rows = view.metric, view.variants
    k = main.partition("@")[2]
    tagged = any(v.id in tags for v in rows)
    families = COLUMNS if not tagged else tuple(f for f in COLUMNS if f not in ("recall", "hit_rate"))  # room for the tags
    others = [m for m in (f"{f}@{k}" for f in families) if m != main and any(m in v.metrics for v in rows)]
    names = distinct_text([one_line(v.name) for v in rows])
    frame = pd.DataFrame(
        {
            "name": [WT("compare.best", name=n) if v.id == view.best else n for n, v in zip(names, rows, strict=True)],
            main: [v.metrics[main].value for v in rows],
            "interval": [metric_interval(main, v.metrics[main].low, v.metrics[main].high) for v in rows],
            **{m: [v.metrics[m].value * _unit(m) if m in v.metrics else math.nan for v in rows] for m in others},
            **({"seconds": [v.seconds for v in rows]} if not tagged else {}),
            **({"tags": [[one_line(tag) for tag in tags.get(v.id, ())] for v in rows]} if tagged else {}),
        }
    )
    column = st.column_config
    percent = family(main) in SHARES
    config: dict[str, Any] = {
        "name": column.TextColumn(WT("compare.col.variant"), help=WT("compare.col.variant.help"), width=170),
        main: column.ProgressColumn(
            metric_name(main),
            help=_help(main),
            format="percent" if percent else "%.3f",
            min_value=0,
            max_value=1.15 * (max(v.metrics[main].value for v in rows) or 1.0),
        ),
        "interval": column.TextColumn(WT("compare.col.interval"), width=118),
        "seconds": column.NumberColumn(WT("compare.col.seconds")),
        "tags": column.ListColumn(WT("compare.tags"), width=150),
    }
    config |= {m: column.NumberColumn(WT(f"metric.{family(m)}.short"), help=_help(m)) for m in others}
    best = rows[0]
    ids = [v.id for v in rows]
    start = [ids.index(v) for v in pair if v in ids] or ([0, 1] if len(rows) > 1 else [0])
    event = st.dataframe(
        _starred(frame, {**dict.fromkeys(others, True), **({"seconds": False} if not tagged else {})}),
        key=key,
        hide_index=True,
        height="content" if len(rows) <= 15 else 560,
        placeholder=numbers.NONE,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": start}},
        column_config=config,
        alt=WT("compare.table.alt", n=len(rows), best=best.name, value=metric_value(main, best.metrics[main].value)),
    )
    return [ids[i] for i in event.selection.rows if i < len(ids)]


def _starred(frame: pd.DataFrame, highest: dict[str, bool]) -> Any:
    """Every number in its unit, with a star before the best of its column; sorting goes by the numbers themselves."""

    def shown(name: str, best: float) -> Any:
        digits = 1 if family(name) in {*SHARES, "novelty", "seconds"} else 2 if family(name) == "diversity" else 3
        unit = "%" if family(name) in SHARES else ""

        def text(value: float) -> str:
            if not math.isfinite(value):
                return numbers.NONE
            return f"{STAR if value == best and len(frame) > 1 else ''}{value:,.{digits}f}{unit}"

        return text

    styles = {}
    for name, up in highest.items():
        known = frame[name].dropna()
        styles[name] = shown(name, (known.max() if up else known.min()) if len(known) else math.nan)
    return frame.style.format(styles)


def _unit(metric: str) -> float:
    return 100.0 if family(metric) in SHARES else 1.0


def _help(metric: str) -> str | None:
    key = f"metric.{family(metric)}.help"
    return WT(key) if has(key) else None


def tests_table(view: Comparison) -> None:
    """The best variant against every other: difference, interval, corrected p-value, verdict."""
    pairs: tuple[PairedView, ...] = view.pairs
    names = {v.id: one_line(v.name) for v in view.variants}
    digits = 1 if family(view.metric) == "novelty" else 3
    frame = pd.DataFrame(
        {
            "against": [names.get(p.against, p.against) for p in pairs],
            "verdict": [WT(f"compare.verdict.{p.verdict}") for p in pairs],
            "difference": [difference_text(p.difference, p.low, p.high, digits) for p in pairs],
            "p": [p_text(p.p_value) for p in pairs],
            "needed": [p.needed or None for p in pairs],
        }
    )
    column = st.column_config
    st.dataframe(
        frame,
        key="compare.tests",
        hide_index=True,
        height="content",
        alt=WT("compare.tests.alt", better=sum(p.verdict == "better" for p in pairs), n=len(pairs)),
        column_config={
            "against": column.TextColumn(WT("compare.col.against"), width=112),
            "verdict": column.TextColumn(WT("compare.col.verdict"), width=80),
            "difference": column.TextColumn(WT("compare.col.difference"), width=176),
            "p": column.TextColumn(WT("compare.col.p"), width=56),
            "needed": column.NumberColumn(WT("compare.needed"), help=WT("compare.needed.help"), format="localized", width=62),
        },
    )


def difference_text(difference: float, low: float, high: float, digits: int) -> str:
    """A difference with its interval."""
    value, bottom, top = (numbers.signed(x, digits) for x in (difference, low, high))
    return WT("compare.difference", value=value, low=bottom, high=top)


def p_text(p: float) -> str:
    """A chance with three digits."""
    return WT("compare.p.small") if p < 0.001 else numbers.metric(p)


def settings_table(view: Comparison) -> None:
    """One row a setting, a column a variant; equal settings are hidden until they are asked for."""
    differing = list(dict.fromkeys(name for v in view.variants for name in view.differing.get(v.id, {})))
    every = list(dict.fromkeys([*differing, *(name for v in view.variants for name in v.config)]))
    if not every:
        return
    column = st.column_config
    with st.expander(W("compare.settings", n=len(differing)), icon=":material/settings:"):
        only = st.toggle(W("compare.settings.only", n=len(every) - len(differing)), value=True, key="compare.settings.only")
        settings = differing if only else every
        if not settings:
            st.caption(W("compare.settings.same"))
            return
        columns: dict[str, list[str | None]] = {"setting": [one_line(s).replace("_", " ") for s in settings]}
        config: dict[str, Any] = {"setting": column.TextColumn(WT("compare.col.setting"))}
        for place, (v, name) in enumerate(zip(view.variants, distinct_text([one_line(v.name) for v in view.variants]), strict=True)):
            own = {**v.config, **view.differing.get(v.id, {})}
            columns[str(place)] = [setting_text(own.get(s)) for s in settings]
            config[str(place)] = column.TextColumn(name)
        st.dataframe(
            pd.DataFrame(columns),
            key="compare.settings",
            hide_index=True,
            height="content" if len(settings) <= 15 else 560,
            placeholder=numbers.NONE,
            alt=WT("compare.settings.alt", n=len(differing)),
            column_config=config,
        )


def setting_text(value: Any) -> str | None:
    """A setting as a person writes it; None where a model has no such setting, or an empty one."""
    if isinstance(value, bool):
        return WT("compare.yes") if value else WT("compare.no")
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(filter(None, map(setting_text, value))) or None
    if isinstance(value, dict):
        return ", ".join(f"{one_line(k)} {setting_text(v)}" for k, v in value.items()) or None
    return None if value is None else one_line(value)


def reference_picker(view: Comparison) -> str | None:
    """The variant that the segments are compared with: Item-kNN, else Popularity, unless another one or none is chosen."""
    names = dict(zip([v.id for v in view.variants], distinct_text([one_line(v.name) for v in view.variants]), strict=True))
    by_model = {v.model: v.id for v in view.variants if v.id != view.best}
    start = by_model.get("item-knn") or by_model.get("popularity") or view.variants[-1].id
    options = ["", *names]
    if (kept := st.session_state.get("compare.reference.start")) in names:
        start = kept
    chosen = st.selectbox(
        W("compare.segments.reference"),
        options,
        index=options.index(start),
        key=f"compare.reference.{'.'.join(sorted(names))}",
        format_func=lambda v: names.get(v) or WT("compare.segments.values"),
        width=220,
    )
    st.session_state["compare.reference.start"] = chosen or ""
    return chosen or None


def segment_name(segment: str) -> str:
    """Cold, warm, hot as shown."""
    key = f"compare.segment.{segment}"
    return WT(key) if has(key) else one_line(segment)


def segment_sizes(view: Comparison) -> str:
    """Held-out shoppers in each segment."""
    sizes = zip(view.segments, view.segment_sizes, strict=True)
    return W(
        "compare.segments.sizes",
        sizes=" · ".join(WT("compare.segments.size", n=numbers.count(n), segment=segment_name(s).lower()) for s, n in sizes),
    )


def segment_words(view: Comparison, against: str | None) -> str:
    """The finding of the heat map: the largest gain over the reference."""
    names = {v.id: v.name for v in view.variants}
    if against is None:
        return WT("compare.segments.alt.plain", metric=metric_name(view.metric), n=len(view.variants))
    base = view.segment_values[against]
    gains = [
        (value - base[i], i, v)
        for v, values in view.segment_values.items()
        for i, value in enumerate(values)
        if v != against and math.isfinite(value - base[i])
    ]
    if not gains:
        return W("compare.segments.none")
    gain, i, v = max(gains)
    words = {"name": names[against], "value": numbers.signed(gain), "segment": segment_name(view.segments[i]), "variant": names[v]}
    return WT("compare.segments.alt", **words)


def entered_and_left(diff: ListDiff, left: str, right: str) -> None:
    """Items in one list only, with the reason of the list that has them."""
    reasons = {i.item: (right, i.reason) for i in diff.b.items} | {i.item: (left, i.reason) for i in diff.a.items if i.item in diff.left}
    with st.container(border=True, gap="xsmall"):
        for title, items in ((W("compare.entered"), diff.entered), (W("compare.left"), diff.left)):
            st.markdown(f"**{title}**")
            for item in items:
                with st.container(gap=None):
                    st.markdown(plain(diff.titles.get(item, item), 60))
                    variant, reason = reasons.get(item, ("", ""))
                    if reason:
                        st.caption(W("compare.reason", variant=variant, reason=told(reason)))
            if not items:
                st.caption(W("compare.nobody"))
