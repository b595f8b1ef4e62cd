"""How a model treats items that nobody had taken before the cut: does it rank the right ones first, and do any reach a list?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from recengine.data.histories import Histories
from recengine.data.split import Split
from recengine.evaluation.bootstrap import Estimate, bootstrap_interval, resample_weights, spread_estimate
from recengine.evaluation.protocol import Recommends
from recengine.models.base import TopK

AT = 10
RESAMPLES = 200


class Ranks(Recommends, Protocol):
    """A model with a catalogue of known size."""

    @property
    def n_items(self) -> int: ...


@dataclass(frozen=True, eq=False)
class ColdItems:
    """What became of the new items. Figures of shoppers who chose one, at 10 places."""

    items: int  # new items: sellable, without an event that tells of interest before the cut
    chosen: int  # of them that a judged shopper chose
    shoppers: int  # judged shoppers who chose one
    hr_among_new: Estimate  # new items alone compete: share of shoppers whose list holds one they chose
    ndcg_among_new: Estimate
    hr_whole: Estimate  # the whole catalogue competes
    ndcg_whole: Estimate
    rescued: Estimate  # share of the new items that are in at least one list of the judged shoppers, whole catalogue
    per_shopper: dict[str, np.ndarray]  # the four figures, float64 [shoppers], for paired tests


def new_items(split: Split, sellable: np.ndarray, part: str = "test") -> np.ndarray:
    """bool [n_items]: products without an event that tells of interest in what models learn from before `part`."""
    past = split.past if part == "test" else split.train
    told = np.bincount(past.item_codes[past.weights > 0], minlength=past.n_items) > 0
    return ~told & sellable


def cold_items(model: Ranks, split: Split, sellable: np.ndarray, part: str = "test", batch: int = 1024, seed: int = 0) -> ColdItems:
    """Judge a fitted model on the items first sold after the cut.

    Args:
        model: fitted before the cut of `part`.
        split: questions and answers.
        sellable: bool [n_items].
        part: "test" for reported figures, "valid" for choosing settings.
        batch: shoppers asked at once.
        seed: of the intervals.

    Returns:
        Estimates with 95 % intervals from resampling the shoppers; NaN where nobody chose a new item. A model that cannot score new
        items has 0 everywhere.
    """
    targets = split.test if part == "test" else split.valid
    new = new_items(split, sellable, part)
    counts = np.diff(targets.truth_indptr)
    row_of_answer = np.repeat(np.arange(len(targets)), counts)
    is_new = new[targets.truth_items]
    rows, answers = row_of_answer[is_new], targets.truth_items[is_new].astype(np.int64)
    asked = np.unique(rows)
    narrow = _lists(model, targets.histories.rows(asked), new, batch)
    wide = _lists(model, targets.histories, sellable, batch)
    per_shopper: dict[str, np.ndarray] = {}
    place = np.searchsorted(asked, rows)
    per_shopper["hr_among_new"], per_shopper["ndcg_among_new"] = _figures(narrow, place, answers, model.n_items)
    per_shopper["hr_whole"], per_shopper["ndcg_whole"] = _figures(wide[asked], place, answers, model.n_items)
    estimates = {name: bootstrap_interval(values, seed) for name, values in per_shopper.items()}
    return ColdItems(
        items=int(new.sum()),
        chosen=len(np.unique(answers)),
        shoppers=len(asked),
        rescued=_rescued(wide, new, seed),
        per_shopper=per_shopper,
        **estimates,
    )


class RandomOrder:
    """Lists items in an order of chance, another for each shopper: the floor."""

    def __init__(self, n_items: int, seed: int = 0) -> None:
        self.n_items, self._draw = n_items, np.random.default_rng(seed)

    def recommend(self, histories: Histories, k: int, exclude: sp.csr_matrix | None = None, allow: np.ndarray | None = None) -> TopK:
        """See `Recommender.recommend`; scores are the drawn numbers."""
        scores = self._draw.random((len(histories), self.n_items))
        if exclude is not None:
            scores[exclude.nonzero()] = -1.0
        if allow is not None:
            scores[:, ~allow] = -1.0
        codes = np.argsort(-scores, axis=1, kind="stable")[:, :k]  # [B, k]
        picked = np.take_along_axis(scores, codes, 1)
        return TopK(np.where(picked >= 0, codes, -1).astype(np.int32), np.where(picked >= 0, picked, np.nan))


def _lists(model: Ranks, histories: Histories, allow: np.ndarray, batch: int) -> np.ndarray:
    """int32 [B, AT], -1 where a list ended; what a shopper has is left out."""
    made = [np.full((0, AT), -1, dtype=np.int32)]
    for start in range(0, len(histories), batch):
        rows = histories.rows(slice(start, min(start + batch, len(histories))))
        made.append(model.recommend(rows, AT, exclude=rows.had(model.n_items), allow=allow).item_codes)
    return np.concatenate(made)


def _figures(lists: np.ndarray, rows: np.ndarray, answers: np.ndarray, n_items: int) -> tuple[np.ndarray, np.ndarray]:
    """HR@10 and NDCG@10 of each list, float64 [B], over the answers given as pairs (row, item)."""
    keys = np.where(lists >= 0, np.arange(len(lists))[:, None] * np.int64(n_items) + lists, -1)
    hits = np.isin(keys, rows * np.int64(n_items) + answers)  # [B, AT]
    gain = 1.0 / np.log2(np.arange(2, AT + 2))
    ideal = np.concatenate([[0.0], np.cumsum(gain)])[np.minimum(np.bincount(rows, minlength=len(lists)), AT)]
    ndcg = np.divide((hits * gain).sum(axis=1), ideal, out=np.zeros(len(lists)), where=ideal > 0)
    return np.asarray(hits.any(axis=1), dtype=np.float64), np.asarray(ndcg)


def _rescued(lists: np.ndarray, new: np.ndarray, seed: int) -> Estimate:
    """Share of the new items that stand in a list, with the spread of resampled shoppers."""
    total = int(new.sum())
    if total == 0 or len(lists) == 0:
        return Estimate(np.nan, np.nan, np.nan, len(lists))
    rows, places = np.nonzero((lists >= 0) & new[lists])
    items = lists[rows, places]
    value = len(np.unique(items)) / total
    draws = [
        [len(np.unique(items[weight[rows] > 0])) / total for weight in chunk] for chunk in resample_weights(len(lists), RESAMPLES, seed)
    ]
    return spread_estimate(value, np.concatenate(draws), len(lists))
