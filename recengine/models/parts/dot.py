"""Models whose score is a dot product: a vector made of the history, against a vector of each item."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from recengine.data.histories import Histories
from recengine.models.base import LIST_ROWS, Recommender, TopK, gather_candidates
from recengine.scoring.approximate_topk import ApproximateIndex
from recengine.scoring.screened_topk import best_screened
from recengine.scoring.streaming_topk import BestSoFar, best_products, pair_products
from recengine.scoring.topk import ExactScores, lists_in_batches

LEAST_RECALL = 0.95  # of an index that is used


class DotProduct(Recommender):
    """score(j) = shopper vector · item vector j + offset j. Lists of such models are found without keeping all scores.

    Lists are exact unless `search_approximately` was asked for, as it pays beyond a million items.
    """

    list_recall: float = 1.0  # share of the exact lists that its lists hold, as measured; 1 = the search is exact
    _index: ApproximateIndex | None = None

    @abstractmethod
    def shopper_vectors(self, histories: Histories) -> tuple[Tensor, Tensor]:
        """float32 [B, d] on the device of the items, and bool [B]: False where the history says nothing (scores are NaN)."""

    @abstractmethod
    def item_vectors(self) -> tuple[Tensor, Tensor | None, Tensor]:
        """float32 [n_items, d], float32 [n_items] offsets or None, bool [n_items] on the CPU: False = cannot be scored (NaN)."""

    def score(self, histories: Histories, candidates: np.ndarray | None = None) -> Tensor:
        """See the base. Cost: one matrix product."""
        with torch.no_grad():
            shoppers, informed = self.shopper_vectors(histories)
            items, offsets, scored = self.item_vectors()
            scores = shoppers @ items.T  # [B, n_items]
            if offsets is not None:
                scores = scores + offsets
            scores = scores.float().cpu()
            scores[:, ~scored] = torch.nan
            scores[~informed.cpu()] = torch.nan
        return gather_candidates(scores, candidates)

    def recommend(
        self, histories: Histories, k: int, exclude: sp.csr_matrix | None = None, allow: np.ndarray | None = None, batch: int = LIST_ROWS
    ) -> TopK:
        """See the base. The scores of a list are float64 products of the float32 vectors; scores of other items are never all held."""

        def show(rows: Histories, best: BestSoFar) -> ExactScores:
            with torch.no_grad():
                shoppers, informed = self.shopper_vectors(rows)
                items, offsets, scored = self.item_vectors()
                return show_products(best, shoppers.float(), informed, items.float(), offsets, scored, self._index)

        return lists_in_batches(self.n_items, histories, k, exclude, allow, batch, show)

    def search_approximately(self, histories: Histories, k: int = 20) -> float:
        """Find lists with an index from now on, if it finds enough; on the CPU only. Scores stay exact. Call it once the model is fitted.

        Args:
            histories: a few hundred, to choose how much is read and to measure what is found.
            k: length of the lists that are compared with exact ones.

        Returns:
            Share of the exact lists that is found, 0 to 1; below `LEAST_RECALL` lists stay exact. NaN: too few histories to measure.

        Raises:
            BadInput: faiss-cpu is not installed.
        """
        self._index, self.list_recall = None, 1.0
        with torch.no_grad():
            shoppers, informed = self.shopper_vectors(histories)
            items, offsets, scored = self.item_vectors()
            if items.device.type != "cpu":
                return 1.0  # exact lists take milliseconds there
            shoppers, items = shoppers.float()[informed], items.float().contiguous()
            index = ApproximateIndex(items, offsets, scored)
            if len(shoppers) < 2 or not scored.any():
                return float("nan")
            recall = index.choose(shoppers, items, offsets, k)
        if recall >= LEAST_RECALL:
            self._index, self.list_recall = index, recall
        return recall


def show_products(
    best: BestSoFar,
    shoppers: Tensor,
    informed: Tensor,
    items: Tensor,
    offsets: Tensor | None,
    scored: Tensor,
    index: ApproximateIndex | None = None,
) -> ExactScores:
    """Show `best` the products of vectors, on the device they are on; returns what scores chosen pairs in float64.

    Args:
        best: takes the products in.
        shoppers: float32 [B, d].
        informed: bool [B], False = no list.
        items: float32 [n_items, d].
        offsets: float32 [n_items] or None.
        scored: bool [n_items] on the CPU, False = never listed.
        index: finds them instead where it is made of these items.
    """
    shoppers, items, offsets = shoppers.detach(), items.detach(), None if offsets is None else offsets.detach()
    best.block(~scored.cpu().numpy())
    rows = np.flatnonzero(informed.cpu().numpy())
    if shoppers.device.type == "cpu" and index is not None and index.is_of(items):
        index.show(shoppers, items, offsets, best)
    elif shoppers.device.type == "cpu":
        best_products(shoppers, items, offsets, best)
    else:
        best_screened(shoppers, items, offsets, best)
    best.forget(np.setdiff1d(np.arange(len(shoppers)), rows))
    return lambda codes: pair_products(shoppers, items, offsets, codes)
