"""Which variant is better, for whom, and at what price; and two variants' lists side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.errors import BadInput
from recengine.types import Comparison, ListDiff, PairedView, VariantRow
from recengine.types.policies import PolicyUse
from recengine.types.runs import SegmentVerdict, WhoGains
from recengine.workspace.comparison_words import gains_sentence, metric_label, verdict_sentence
from recengine.workspace.context import Context
from recengine.workspace.judged import judged_figures, refuse_other_answers, refuse_unlike
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

    def list_diff(
        self,
        a: str,
        b: str,
        shopper: str,
        k: int = 10,
        policy: PolicyUse | None = None,
        policies: tuple[PolicyUse | None, PolicyUse | None] | None = None,
    ) -> ListDiff:
        """The lists of two variants for one shopper, both under `policy`, or each under its own of `policies`. Raises NotFound."""
        one, two = policies or (policy, policy)
        first, second = self._lists.recommend(a, shopper, k, one), self._lists.recommend(b, shopper, k, two)
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

    def who_gains(self, variant: str, against: str, metric: str = "ndcg@10") -> WhoGains:
        """For whom one variant is better than another: all shoppers, then cold, warm and hot ones, tested on per-shopper figures.

        Raises:
            NotFound: an unknown variant or metric.
            BadInput: other data, split or candidates, or a metric of the whole shop.
        """
        key = ("gains", variant, against, metric, self._context.variants_stamp())
        return self._context.views.get(key, lambda: self._who_gains(variant, against, metric))

    def _who_gains(self, variant: str, against: str, metric: str) -> WhoGains:
        from recengine.evaluation.metrics.registry import metric_of
        from recengine.evaluation.significance import holm, paired_tests, shoppers_needed

        rows = [self._variants.get(variant), self._variants.get(against)]
        refuse_unlike(rows)
        a, b = (judged_figures(self._context, row.id, metric) for row in rows)
        refuse_other_answers([a, b])
        if a.values is None or b.values is None:
            raise BadInput(f"{metric_label(metric)} has no figure for single shoppers.", "", "Choose an accuracy figure, such as NDCG@10.")
        higher = metric_of(metric).higher_is_better
        inside = np.stack([np.ones(len(a.segment), bool), *(a.segment == s for s in range(len(SEGMENTS)))], axis=1)  # [B, 4]
        results = paired_tests(np.where(inside, (a.values - b.values)[:, None], np.nan), 0, higher)
        adjusted = [results[0].p_value, *holm([result.p_value for result in results[1:]])]
        found = []
        for column, (name, result, p) in enumerate(zip(("all", *SEGMENTS), results, adjusted, strict=True)):
            rows_in = inside[:, column]
            needed = shoppers_needed(a.values[rows_in], b.values[rows_in]) if result.n else 0
            verdict = _verdict(p, result.difference, result.low, result.high, higher) if result.n else ""
            found.append(SegmentVerdict(name, result.difference, result.low, result.high, float(p), result.n, verdict, needed))
        names = (rows[0].name, rows[1].name)
        return WhoGains(variant, against, metric, found[0], tuple(found[1:]), gains_sentence(*names, metric, found[0], found[1:]))

    def _compare(self, variants: list[str], metric: str) -> Comparison:
        from recengine.evaluation.all_pairs import best_against_others
        from recengine.evaluation.metrics.registry import metric_of
        from recengine.evaluation.significance import paired_tests, shoppers_needed

        rows = [self._variants.get(variant) for variant in variants]
        refuse_unlike(rows)
        unknown = [row for row in rows if metric not in row.metrics]
        if unknown:
            raise BadInput(f"{unknown[0].name} has no figure called {metric}.", "", f"Choose one of: {', '.join(rows[0].metrics)}.")
        higher = metric_of(metric).higher_is_better
        rows.sort(key=lambda row: (-row.metrics[metric].value if higher else row.metrics[metric].value, row.id))
        figures = [judged_figures(self._context, row.id, metric) for row in rows]
        refuse_other_answers(figures)
        best, first = rows[0], figures[0].values
        pairs: list[PairedView] = []
        if first is not None and len(rows) > 1:
            others = [figure.values for figure in figures[1:] if figure.values is not None]
            results = paired_tests(first[:, None] - np.stack(others, axis=1), 0, higher)
            family = best_against_others(np.stack([first, *others], axis=1)) if len(others) > 1 else np.zeros(1)
            adjusted = [max(result.p_value, float(p)) for result, p in zip(results, family, strict=True)]
            for row, values, result, p in zip(rows[1:], others, results, adjusted, strict=True):
                verdict = _verdict(float(p), result.difference, result.low, result.high, higher)
                estimate = (result.difference, result.low, result.high, float(p), result.n)
                pairs.append(PairedView(metric, best.id, row.id, *estimate, verdict, shoppers_needed(first, values)))
        segment = figures[0].segment
        by_segment = {row.id: _segment_means(f.values, segment) for row, f in zip(rows, figures, strict=True)}
        sizes = tuple(int((segment == s).sum()) for s in range(len(SEGMENTS)))
        said = verdict_sentence(rows, pairs, metric)
        return Comparison(
            tuple(rows), metric, best.id, tuple(pairs), said, SEGMENTS, sizes, by_segment, best.protocol, _differing(rows)
        )  # fmt: skip


def _verdict(p: float, difference: float, low: float, high: float, higher_is_better: bool) -> str:
    if not (p < 0.05 and (low > 0 or high < 0)):
        return "cannot tell"
    return "better" if (difference > 0) == higher_is_better else "worse"


def _segment_means(values: np.ndarray | None, segment: np.ndarray) -> tuple[float, ...]:
    if values is None:
        return (float("nan"),) * len(SEGMENTS)
    known = [values[(segment == s) & np.isfinite(values)] for s in range(len(SEGMENTS))]
    return tuple(float(inside.mean()) if len(inside) else float("nan") for inside in known)


def _differing(rows: list[VariantRow]) -> dict[str, dict[str, Any]]:
    settings = {row.id: {"model": row.model_title, "seed": row.seed, "device": row.device, **row.config} for row in rows}
    names = {name for values in settings.values() for name in values}
    missing = object()
    differ = {name for name in names if len({repr(values.get(name, missing)) for values in settings.values()}) > 1}
    return {row: {name: values[name] for name in values if name in differ} for row, values in settings.items()}
