"""Full-ranking evaluation: every sellable item competes for every list, and every figure carries its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import scipy.sparse as sp

from recengine.data.dataset import Catalogue
from recengine.data.histories import Histories
from recengine.data.split import Split, Targets
from recengine.evaluation.bootstrap import RESAMPLES, Estimate, mean_estimates, resample_weights, spread_estimate
from recengine.evaluation.metrics.base import Judged, Shop, ShopMetric, ShopperMetric, contains
from recengine.evaluation.metrics.registry import metrics
from recengine.evaluation.result import Evaluation, Segment
from recengine.evaluation.segments import ITEM_RULES, SEGMENTS, SHOPPER_RULES, item_segment, recall_by_item_segment, shopper_segment

if TYPE_CHECKING:
    from recengine.models.base import TopK

KS = (5, 10, 20)
SHOP_RESAMPLES = 200  # a standard deviation from 200 draws is good to 5 %


class Recommends(Protocol):
    """Anything that makes lists: a model, a blend, a whole funnel."""

    def recommend(self, histories: Histories, k: int, exclude: sp.csr_matrix | None = None, allow: np.ndarray | None = None) -> TopK: ...


def evaluate(
    model: Recommends,
    split: Split,
    catalogue: Catalogue,
    item_vectors: np.ndarray | None = None,
    ks: Sequence[int] = KS,
    batch: int = 1024,
    seed: int = 0,
    part: str = "test",
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Judge a fitted model on the answers of a split.

    Args:
        model: fitted on `split.past` (part "test") or `split.train` (part "valid").
        split: questions and answers.
        catalogue: only its sellable items are ever listed.
        item_vectors: float [n_items, d] for the diversity of lists; None leaves that figure out.
        ks: list lengths to judge at.
        batch: shoppers asked at once; the figures do not depend on it.
        seed: of the intervals.
        part: "test" for reported figures, "valid" for choosing settings.
        progress: called with (shoppers done, of); may raise to stop.

    Returns:
        Lists of max(ks) without the items of the shopper's own history, and the figures of every registered metric.

    Raises:
        ValueError: the model returned a repeated, forbidden or already owned item.
    """
    if part not in ("test", "valid"):
        raise ValueError(f"part is {part!r}, expected 'test' or 'valid'")
    targets, past = (split.test, split.past) if part == "test" else (split.valid, split.train)
    n, k, n_items = len(targets), max(ks), len(catalogue)
    lists, scores = np.full((n, k), -1, dtype=np.int32), np.full((n, k), np.nan)
    for start in range(0, n, batch):
        rows = slice(start, min(start + batch, n))
        histories = targets.histories.rows(rows)
        owned = histories.had(n_items)
        made = model.recommend(histories, k, exclude=owned, allow=catalogue.sellable)
        _check(made.item_codes, owned, catalogue.sellable)
        lists[rows, : made.item_codes.shape[1]], scores[rows, : made.scores.shape[1]] = made.item_codes, made.scores
        if progress is not None:
            progress(rows.stop, n)
    shop = Shop.of(past, catalogue.sellable)
    unreachable = _unreachable(targets, catalogue.sellable)
    protocol = (
        f"{split.summary} Full ranking of {int(catalogue.sellable.sum()):,} sellable items; "
        f"items of the shopper's own history are left out. "
        f"95 % intervals from resampling the shoppers {RESAMPLES:,} times."
        + (f" {unreachable:,} answers were already owned or are not sold, so no list can hold them." if unreachable else "")
    )
    return judge(lists, scores, targets, shop, item_vectors, ks, seed, protocol)


def judge(
    lists: np.ndarray,
    scores: np.ndarray,
    targets: Targets,
    shop: Shop,
    item_vectors: np.ndarray | None = None,
    ks: Sequence[int] = KS,
    seed: int = 0,
    protocol: str = "",
    resamples: int = RESAMPLES,
) -> Evaluation:
    """The figures of lists that are already made, such as those of a policy.

    Args:
        lists: int32 [B, K >= max(ks)], row b answers targets row b; -1 = the list ended.
        scores: float64 [B, K].
        targets: the answers.
        shop: what the training events say about the items.

    Cost: 2,000 shoppers in under a second.
    """
    judged = Judged(lists, targets, shop, item_vectors)
    wanted = [m for m in metrics().values() if (not m.needs_vectors or item_vectors is not None) and m.applies(judged)]
    per_shopper = {f"{m.key}@{k}": m.values(judged, k) for m in wanted if isinstance(m, ShopperMetric) for k in ks}
    recall_of_items = recall_by_item_segment(judged, ks)
    names, segment = list(per_shopper), shopper_segment(targets.histories.sign_counts)
    table = np.column_stack(list(per_shopper.values())) if names else np.zeros((len(lists), 0))
    inside = [np.where((segment == s)[:, None], table, np.nan) for s in range(len(SEGMENTS))]
    found = mean_estimates(np.column_stack([table, *inside, *recall_of_items]), seed, resamples)
    width = len(names)
    by_segment = [dict(zip(names, found[width * (s + 1) : width * (s + 2)], strict=True)) for s in range(len(SEGMENTS))]
    recalls, rest = [f"recall@{k}" for k in ks], found[width * (len(SEGMENTS) + 1) :]
    by_item = [dict(zip(recalls, rest[s * len(ks) : (s + 1) * len(ks)], strict=True)) for s in range(len(SEGMENTS))]
    shop_level = _shop_level([m for m in wanted if isinstance(m, ShopMetric)], judged, ks, seed, min(resamples, SHOP_RESAMPLES))
    estimates = dict(zip(names, found[:width], strict=True)) | shop_level
    order = [f"{m.key}@{k}" for m in wanted for k in ks]
    return Evaluation(
        user_codes=targets.histories.user_codes,
        lists=lists,
        scores=scores,
        truth_indptr=targets.truth_indptr,
        truth_items=targets.truth_items,
        shopper_segment=segment,
        per_shopper=per_shopper,
        estimates={name: estimates[name] for name in order},
        segments=_segments(judged, segment, by_segment, by_item),
        ks=tuple(ks),
        protocol=protocol,
    )


def _shop_level(wanted: list[ShopMetric], judged: Judged, ks: Sequence[int], seed: int, resamples: int) -> dict[str, Estimate]:
    n = len(judged.lists)
    if n == 0:
        return {f"{m.key}@{k}": Estimate(np.nan, np.nan, np.nan, 0) for m in wanted for k in ks}
    draws: dict[str, list[np.ndarray]] = {f"{m.key}@{k}": [] for m in wanted for k in ks}
    for weights in resample_weights(n, resamples, seed):
        for m in wanted:
            for k in ks:
                draws[f"{m.key}@{k}"].append(m.values(judged, k, weights))
    once = np.ones((1, n))
    return {
        f"{m.key}@{k}": spread_estimate(float(m.values(judged, k, once)[0]), np.concatenate(draws[f"{m.key}@{k}"]), n)
        for m in wanted
        for k in ks
    }


def _segments(
    judged: Judged, of_shopper: np.ndarray, by_shopper: list[dict[str, Estimate]], by_item: list[dict[str, Estimate]]
) -> tuple[Segment, ...]:
    of_item, answers = item_segment(judged.shop), judged.targets.truth_items
    rows = []
    for i, key in enumerate(SEGMENTS):
        inside = of_shopper == i
        rows.append(Segment("shoppers", key, SHOPPER_RULES[i], int(inside.sum()), int(judged.truth_counts[inside].sum()), by_shopper[i]))
    for i, key in enumerate(SEGMENTS):
        rows.append(Segment("items", key, ITEM_RULES[i], int((of_item == i).sum()), int((of_item[answers] == i).sum()), by_item[i]))
    return tuple(rows)


def _unreachable(targets: Targets, sellable: np.ndarray) -> int:
    """Answers that no list can hold; leave-last-out has them, a time split has none."""
    owned = targets.histories.had(len(sellable))
    rows = np.repeat(np.arange(len(targets)), np.diff(targets.truth_indptr))
    owned.sort_indices()
    again = contains(owned.indptr, owned.indices, targets.truth_items[:, None], rows)[:, 0]
    return int((again | ~sellable[targets.truth_items]).sum())


def _check(lists: np.ndarray, owned: sp.csr_matrix, allow: np.ndarray) -> None:
    """A model that breaks its contract must not be judged at all."""
    listed = lists >= 0
    if lists.size and int(lists.max()) >= len(allow):
        raise ValueError("the model listed an item outside the catalogue")
    if not allow[lists[listed]].all():
        raise ValueError("the model listed an item that was not allowed")
    ordered = np.sort(lists, axis=1)
    if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any():
        raise ValueError("the model listed an item twice")
    owned.sort_indices()
    if contains(owned.indptr, owned.indices, lists).any():
        raise ValueError("the model listed an item the shopper already has")
