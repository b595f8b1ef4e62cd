"""Variants' lists against each other for all test shoppers: who changes, what gains, who gets the places, and how far down a lead holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from recengine.errors import BadInput
from recengine.explain.titles import item_title
from recengine.types import ChangedShopper, Estimate, ExposureView, LengthCurves, ListAgreement
from recengine.types import Exposure as Shown
from recengine.workspace.context import Context
from recengine.workspace.judged import PLACES, refuse_unlike, stored_places
from recengine.workspace.tuning import judged_with
from recengine.workspace.variants import dataset_names, variant_row

if TYPE_CHECKING:
    from recengine.data.split import Targets
    from recengine.evaluation.bootstrap import Estimate as Measured
    from recengine.evaluation.metrics.base import Shop

LENGTHS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50)
MOST_CHANGED, MOST_ITEMS = 20, 5
CATEGORIES = 11  # and all others as one


class ListComparison:
    """Everything here reads the lists that were stored when the variants were judged; a fraction of a second, then remembered."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def agreement(self, a: str, b: str, k: int = 10, segment: str = "all") -> ListAgreement:
        """What changes for everybody, or for one kind of shopper, when variant b takes the place of a.

        Args:
            a, b: ids of two variants that were judged alike.
            k: length of the lists.
            segment: all, cold, warm or hot; the overlap of each kind is in the answer whatever is asked.

        Raises:
            BadInput: other data or another split, a length beyond the stored places, an unknown kind. NotFound: an unknown variant.
        """
        return self._context.views.get(("agreement", a, b, k, segment), lambda: self._agreement(a, b, k, segment))

    def exposure(self, variants: Sequence[str], k: int = 10) -> ExposureView:
        """Who gets the places in each variant's lists. Raises as `agreement`."""
        key = ("exposure", tuple(variants), k)
        return self._context.views.get(key, lambda: self._exposure(list(variants), k))

    def by_length(self, variants: Sequence[str], metric: str = "ndcg") -> LengthCurves:
        """A metric of one shopper's list at several lengths. Raises as `agreement`; BadInput for a metric of the whole shop."""
        key = ("lengths", tuple(variants), metric)
        return self._context.views.get(key, lambda: self._by_length(list(variants), metric.partition("@")[0]))

    def _stored(self, variants: list[str], k: int) -> tuple[list[np.ndarray], Targets, Shop]:
        """The first k stored places of each variant, int32 [B, k], of the same test shoppers; what these chose, and the shop before."""
        if not variants:
            raise BadInput("There is nothing to compare.", "No variant was named.", "Train or choose at least one.")
        names = dataset_names(self._context)
        rows = [variant_row(self._context.variants.info(variant), names) for variant in variants]
        refuse_unlike(rows)
        if not 1 <= k <= PLACES:
            raise BadInput(f"Lists cannot have {k} items here.", "", f"Choose a length from 1 to {PLACES}.")
        return [stored_places(self._context, variant)[:, :k] for variant in variants], *judged_with(self._context, rows[0].id)

    def _agreement(self, a: str, b: str, k: int, segment: str) -> ListAgreement:
        from recengine.evaluation.agreement import agreement
        from recengine.evaluation.bootstrap import mean_estimates
        from recengine.evaluation.segments import SEGMENTS, shopper_segment

        (first, second), targets, _ = self._stored([a, b], k)
        dataset = self._context.dataset(self._context.variants.info(a).dataset_id)
        found = agreement(first, second)
        kinds = shopper_segment(targets.histories.sign_counts)
        if segment not in ("all", *SEGMENTS):
            raise BadInput(f"There is no kind of shopper called {segment}.", "", f"Choose all, {', '.join(SEGMENTS)}.")
        asked = np.ones(len(kinds), dtype=bool) if segment == "all" else kinds == SEGMENTS.index(segment)
        known = np.isfinite(found.rbo) & asked
        parts = [np.where(kinds == s, found.rbo, np.nan) for s in range(len(SEGMENTS))]
        own = [np.where(asked, values, np.nan) for values in (found.jaccard, found.rbo)]
        jaccard, rbo, *of_segment = (_estimate(e) for e in mean_estimates(np.stack([*own, *parts], axis=1)))
        order = np.lexsort((-found.entered, np.where(known, found.rbo, np.inf)))[: min(MOST_CHANGED, int(known.sum()))]
        users = targets.histories.user_codes
        changed = tuple(
            ChangedShopper(str(dataset.users.ids[users[i]]), SEGMENTS[kinds[i]], float(found.rbo[i]), int(found.entered[i]))
            for i in order
            if found.rbo[i] < 1  # the order holds only those that were asked about
        )
        before, after = (np.bincount(_listed(places[asked]), minlength=len(dataset.catalogue)) for places in (first, second))
        gain = after - before
        by_gain = np.lexsort((np.arange(len(gain)), -gain))

        def rows(codes: np.ndarray) -> tuple[Shown, ...]:
            catalogue = dataset.catalogue
            return tuple(
                Shown(str(catalogue.vocabulary.ids[c]), item_title(catalogue, int(c)), int(before[c]), int(after[c])) for c in codes
            )

        return ListAgreement(
            a,
            b,
            k,
            int(known.sum()),
            int(((found.entered == 0) & (found.left == 0) & (found.moved == 0) & known).sum()),
            float(found.entered[known].mean()) if known.any() else float("nan"),
            float(found.moved[known].mean()) if known.any() else float("nan"),
            jaccard,
            rbo,
            dict(zip(SEGMENTS, of_segment, strict=True)),
            changed,
            rows(by_gain[:MOST_ITEMS][gain[by_gain[:MOST_ITEMS]] > 0]),
            rows(by_gain[::-1][:MOST_ITEMS][gain[by_gain[::-1][:MOST_ITEMS]] < 0]),
        )

    def _exposure(self, variants: list[str], k: int) -> ExposureView:
        from recengine.evaluation.bootstrap import mean_estimates
        from recengine.evaluation.exposure import band_shares, category_mix, lorenz, popularity_band

        stored, targets, shop = self._stored(variants, k)
        histories = targets.histories.keep_events(targets.histories.signs)
        catalogue = self._context.dataset(self._context.variants.info(variants[0]).dataset_id).catalogue
        band = popularity_band(shop.counts, shop.sellable)
        names, category = _categories(catalogue.categories, histories.item_codes)
        mixes = [category_mix(places, histories.indptr, histories.item_codes, category) for places in stored]
        by_variant = list(zip(variants, stored, mixes, strict=True))
        past = np.bincount(band[band >= 0], weights=shop.counts[band >= 0].astype(np.float64), minlength=10)
        distances = mean_estimates(np.stack([mix.miscalibration for mix in mixes], axis=1)) if names else []
        return ExposureView(
            k,
            {v: _floats(band_shares(places, band)) for v, places, _ in by_variant},
            _floats(past / max(past.sum(), 1.0)),
            {v: _floats(lorenz(places, shop.sellable)) for v, places, _ in by_variant},
            names,
            _floats(mixes[0].chosen) if names else (),
            {v: _floats(mix.listed) if names else () for v, _, mix in by_variant},
            {v: _estimate(e) for v, e in zip(variants, distances, strict=True)} if names else {},
        )

    def _by_length(self, variants: list[str], metric: str) -> LengthCurves:
        from recengine.evaluation.bootstrap import mean_estimates
        from recengine.evaluation.metrics.base import Judged, ShopperMetric
        from recengine.evaluation.metrics.registry import metric_of

        measure = metric_of(metric)
        if not isinstance(measure, ShopperMetric) or measure.needs_vectors:
            raise BadInput(f"{measure.title} has no figure for every length.", "", "Choose an accuracy figure, such as NDCG.")
        stored, targets, shop = self._stored(variants, max(LENGTHS))
        judged = [Judged(places, targets, shop) for places in stored]
        columns = np.stack([measure.values(one, k) for one in judged for k in LENGTHS], axis=1)  # [B, variants × lengths]
        found, n = [_estimate(e) for e in mean_estimates(columns)], len(LENGTHS)
        values = {variant: tuple(found[i * n : (i + 1) * n]) for i, variant in enumerate(variants)}
        return LengthCurves(metric, LENGTHS, values)


def _categories(of_item: np.ndarray, past_items: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """The categories shoppers chose most, the others as one more, and int64 [n_items] with -1 where an item has none."""
    names, code = np.unique(of_item.astype(str), return_inverse=True)
    chosen = np.bincount(code[past_items], minlength=len(names))
    chosen[names == ""] = -1
    order = [int(i) for i in np.lexsort((names, -chosen)) if chosen[i] > 0]
    place = np.full(len(names), min(CATEGORIES, len(order)), dtype=np.int64)
    place[order[:CATEGORIES]] = np.arange(len(order[:CATEGORIES]))
    place[names == ""] = -1
    shown = [str(names[i]) for i in order[:CATEGORIES]]
    others = [""] if len(order) > CATEGORIES else []
    if not others:
        place[(place >= len(shown)) & (place >= 0)] = -1
    return tuple(shown + others), place[code]


def _listed(lists: np.ndarray) -> np.ndarray:
    return lists[lists >= 0]


def _floats(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(x) for x in values)


def _estimate(measured: Measured) -> Estimate:
    return Estimate(measured.value, measured.low, measured.high, measured.n)
