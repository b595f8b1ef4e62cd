"""Which variant is better, for whom, and at what price; and two variants' lists side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.errors import BadInput
from recengine.types import Comparison, ListDiff, PairedView, VariantRow
from recengine.workspace.context import Context
from recengine.workspace.lists import Lists
from recengine.workspace.variants import Variants

if TYPE_CHECKING:
    from recengine.evaluation.result import Evaluation

SEGMENTS = ("cold", "warm", "hot")


class ComparisonCases:
    """Compares variants of one dataset under one protocol."""

    def __init__(self, context: Context, variants: Variants, lists: Lists) -> None:
        self._context, self._variants, self._lists = context, variants, lists

    def compare(self, variants: Sequence[str], metric: str = "ndcg@10") -> Comparison:
        """Variants ordered by a metric, with paired tests of the best against every other.

        Raises:
            BadInput: different datasets, splits or test shoppers, or an unknown metric.
        """
        if not variants:
            raise BadInput("There is nothing to compare.", "No variant was named.", "Train or choose at least one.")
        key = ("compare", tuple(sorted(set(variants))), metric, self._context.variants_stamp())
        return self._context.views.get(key, lambda: self._compare(list(dict.fromkeys(variants)), metric))

    def list_diff(self, a: str, b: str, shopper: str, k: int = 10) -> ListDiff:
        """The lists of two variants for one shopper. Raises NotFound."""
        first, second = self._lists.recommend(a, shopper, k), self._lists.recommend(b, shopper, k)
        titles = {row.item: row.title for row in (*first.items, *second.items)}
        in_a, in_b = [row.item for row in first.items], [row.item for row in second.items]
        return ListDiff(
            shopper,
            first,
            second,
            titles,
            common=len(set(in_a) & set(in_b)),
            entered=tuple(item for item in in_b if item not in in_a),
            left=tuple(item for item in in_a if item not in in_b),
        )

    def evaluation(self, variant: str) -> Evaluation:
        """The stored per-shopper figures of one variant."""
        from recengine.evaluation.result import Evaluation

        tables = self._context.variants.read_evaluation(variant)
        return Evaluation.from_tables(tables["shoppers"], tables["summary"])

    def _compare(self, variants: list[str], metric: str) -> Comparison:
        from recengine.evaluation.metrics.registry import metric_of
        from recengine.evaluation.significance import holm, paired_test, shoppers_needed

        rows = [self._variants.get(variant) for variant in variants]
        _comparable(rows)
        unknown = [row for row in rows if metric not in row.metrics]
        if unknown:
            raise BadInput(f"{unknown[0].name} has no figure called {metric}.", "", f"Choose one of: {', '.join(rows[0].metrics)}.")
        higher = metric_of(metric).higher_is_better
        rows.sort(key=lambda row: (-row.metrics[metric].value if higher else row.metrics[metric].value, row.id))
        kept = {row.id: self.evaluation(row.id) for row in rows}
        best = rows[0]
        pairs: list[PairedView] = []
        if metric in kept[best.id].per_shopper and len(rows) > 1:
            others = rows[1:]
            _same_answers([kept[row.id] for row in rows])
            results = [paired_test(kept[best.id].per_shopper[metric], kept[row.id].per_shopper[metric], 0, higher) for row in others]
            adjusted = holm([result.p_value for result in results])
            for row, result, p in zip(others, results, adjusted, strict=True):
                clear = p < 0.05 and (result.low > 0 or result.high < 0)
                verdict = ("better" if (result.difference > 0) == higher else "worse") if clear else "cannot tell"
                needed = shoppers_needed(kept[best.id].per_shopper[metric], kept[row.id].per_shopper[metric])
                figures = (result.difference, result.low, result.high, float(p), result.n)
                pairs.append(PairedView(metric, best.id, row.id, *figures, verdict, needed))
        values = {row.id: tuple(_segment_mean(kept[row.id], metric, s) for s in range(len(SEGMENTS))) for row in rows}
        sizes = tuple(int((kept[best.id].shopper_segment == s).sum()) for s in range(len(SEGMENTS)))
        return Comparison(
            tuple(rows),
            metric,
            best.id,
            tuple(pairs),
            _sentence(rows, pairs, metric),
            SEGMENTS,
            sizes,
            values,
            best.protocol,
            _differing(rows),
        )


def _comparable(rows: list[VariantRow]) -> None:
    for name, words in (("dataset", "datasets"), ("split", "splits"), ("protocol", "test shoppers")):
        found = {getattr(row, name) for row in rows}
        if len(found) > 1:
            detail = " and ".join(
                sorted(f"{row.name}: {row.dataset_name if name == 'dataset' else getattr(row, name)}" for row in rows)[:2]
            )
            raise BadInput(f"These variants were judged on different {words}.", detail, "Compare variants of one dataset and one split.")


def _same_answers(evaluations: list[Evaluation]) -> None:
    first = evaluations[0]
    for other in evaluations[1:]:
        if not (np.array_equal(first.user_codes, other.user_codes) and np.array_equal(first.truth_items, other.truth_items)):
            raise BadInput("These variants were judged on different shoppers.", "", "Train them again on the same dataset.")


def _segment_mean(evaluation: Evaluation, metric: str, segment: int) -> float:
    values = evaluation.per_shopper.get(metric)
    if values is None:
        return float("nan")
    inside = values[(evaluation.shopper_segment == segment) & np.isfinite(values)]
    return float(inside.mean()) if len(inside) else float("nan")


def _sentence(rows: list[VariantRow], pairs: list[PairedView], metric: str) -> str:
    best = rows[0]
    value = best.metrics[metric]
    label = metric_label(metric)
    if not pairs:
        return f"{best.name} reaches {label} {value.value:.3f} ({value.low:.3f} to {value.high:.3f}) on {value.n:,} shoppers."
    rival, pair = rows[1], pairs[0]
    if pair.verdict == "cannot tell":
        return (
            f"{best.name} leads {rival.name} by {abs(pair.difference):.3f} {label}, "
            f"but on {pair.n:,} shoppers that can be chance (p {_p(pair.p_value)})."
        )
    text = (
        f"{best.name} beats {rival.name} by {abs(pair.difference):.3f} {label} "
        f"({min(abs(pair.low), abs(pair.high)):.3f} to {max(abs(pair.low), abs(pair.high)):.3f}, n {pair.n:,}, p {_p(pair.p_value)})"
    )
    shown, k = "coverage", metric.partition("@")[2]
    mine, theirs = best.metrics.get(f"{shown}@{k}"), rival.metrics.get(f"{shown}@{k}")
    if mine and theirs:
        change = 100 * (mine.value - theirs.value)
        text += f", and shows {abs(change):.1f} points {'more' if change >= 0 else 'less'} of the catalogue"
    return text + "."


def metric_label(metric: str) -> str:
    """ndcg@10 → NDCG@10."""
    name, _, k = metric.partition("@")
    from recengine.evaluation.metrics.registry import metric_of

    return f"{metric_of(metric).title}@{k}" if k else name


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _differing(rows: list[VariantRow]) -> dict[str, dict[str, Any]]:
    settings = {row.id: {"model": row.model_title, "seed": row.seed, "device": row.device, **row.config} for row in rows}
    names = {name for values in settings.values() for name in values}
    missing = object()
    differ = {name for name in names if len({repr(values.get(name, missing)) for values in settings.values()}) > 1}
    return {row: {name: values[name] for name in values if name in differ} for row, values in settings.items()}
