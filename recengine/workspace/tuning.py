"""Diversity: what each setting costs and brings shop-wide, and the settings that were saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from recengine.errors import BadInput, Corrupt
from recengine.explain.titles import item_title
from recengine.types import Estimate, Exposure, PolicyRow, Tradeoff, TradeoffPoint
from recengine.workspace.context import Cache, Context
from recengine.workspace.families import family
from recengine.workspace.text import iso

if TYPE_CHECKING:
    from recengine.data.split import Targets
    from recengine.evaluation.metrics.base import Shop

SETTINGS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8)
SETTINGS_KEPT = 16  # lists of one setting for all test shoppers
SEED = 0


class Tuning:
    """Trade-offs of the diversity slider, measured on the test shoppers with the lists as of the test cut."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def tradeoff(self, variant: str, k: int = 10, settings: Sequence[float] = SETTINGS) -> Tradeoff:
        """Shop-wide figures at several settings."""
        points = tuple(self.at(variant, diversity, k) for diversity in settings)
        pool = self._pool(variant)
        return Tradeoff(variant, k, points, len(pool.items), self._context.variants.info(variant).protocol.get("text", ""))

    def at(self, variant: str, diversity: float, k: int = 10) -> TradeoffPoint:
        """Shop-wide figures at one setting, with intervals; a fraction of a second once the variant is open."""
        if not 0 <= diversity <= 1:
            raise BadInput(f"Diversity cannot be {diversity}.", "", "Choose a value from 0 to 1.")
        return self._context.views.get(("point", variant, round(diversity, 4), k), lambda: self._measure(variant, diversity, k))

    def exposure(self, variant: str, diversity: float, k: int = 10, top: int = 4) -> list[Exposure]:
        """Items whose audience grows most, then those whose audience shrinks most, against diversity 0."""
        catalogue = self._context.dataset(self._context.variants.info(variant).dataset_id).catalogue
        pool = self._pool(variant)
        n_items = len(catalogue)
        before = np.bincount(_listed(pool.lists(0.0, k)), minlength=n_items)
        after = np.bincount(_listed(pool.lists(diversity, k)), minlength=n_items)
        change = after - before
        order = np.lexsort((np.arange(n_items), -change))
        chosen = [code for code in order[:top] if change[code] > 0] + [code for code in order[::-1][:top][::-1] if change[code] < 0]
        return [
            Exposure(str(catalogue.vocabulary.ids[code]), item_title(catalogue, int(code)), int(before[code]), int(after[code]))
            for code in chosen
        ]

    def policies(self, dataset: str) -> list[PolicyRow]:
        """Saved settings of one dataset, oldest first; all versions of its data share them."""
        ids = family(self._context, dataset)
        rows = [row for row in reversed(self._context.policies.list()) if row.policy["dataset"] in ids]
        return [PolicyRow(row.id, row.name, float(row.policy["diversity"]), iso(row.created_s)) for row in rows]

    def save_policy(self, dataset: str, name: str, diversity: float) -> PolicyRow:
        """Save a setting under a name; kept in the audit trail.

        Raises:
            BadInput: no name, or a value outside 0 to 1.
        """
        if not name.strip():
            raise BadInput("The policy has no name.", "", "Write a name, such as Home page.")
        if not 0 <= diversity <= 1:
            raise BadInput(f"Diversity cannot be {diversity}.", "", "Choose a value from 0 to 1.")
        self._context.datasets.info(dataset)
        policy = self._context.policies.save(name.strip(), {"dataset": dataset, "diversity": float(diversity)})
        return next(row for row in self.policies(dataset) if row.id == policy)

    def delete_policy(self, policy: str) -> None:
        """Remove a saved setting. Raises NotFound."""
        self._context.policies.delete(policy)

    def _pool(self, variant: str) -> Pool:
        return self._context.pools.get(("pool", variant), lambda: Pool.of(self._context, variant))

    def _measure(self, variant: str, diversity: float, k: int) -> TradeoffPoint:
        from recengine.evaluation.protocol import judge

        pool = self._pool(variant)
        lists = pool.lists(diversity, k)
        evaluation = judge(lists, np.zeros(lists.shape), pool.targets, pool.shop, pool.vectors, (k,), SEED, resamples=200)
        metrics = {name.partition("@")[0]: Estimate(e.value, e.low, e.high, e.n) for name, e in evaluation.estimates.items()}
        return TradeoffPoint(diversity, metrics, int((np.sort(lists, 1) != np.sort(pool.lists(0.0, k), 1)).any(axis=1).sum()))


class Pool:
    """The best 200 places by score of every test shopper, from the model as it was judged; made once a variant.

    They were stored when the variant was trained, so that the figures of a setting are as honest as the reported ones: the model
    behind them had seen nothing after the cut.
    """

    def __init__(self, items: np.ndarray, scores: np.ndarray, vectors: np.ndarray, targets: Targets, shop: Shop) -> None:
        self.items, self.scores, self.vectors, self.targets, self.shop = items, scores, vectors, targets, shop
        self._made = Cache(SETTINGS_KEPT)

    @staticmethod
    def of(context: Context, variant: str) -> Pool:
        """Read the stored places and the answers they are judged on."""
        record = context.variants.info(variant)
        test, shop = judged_with(context, variant)
        table = context.variants.read_evaluation(variant)["pool"]
        items = np.stack(table["items"].to_numpy()).astype(np.int32)  # [B, 200]
        scores = np.stack(table["scores"].to_numpy()).astype(np.float64)  # [B, 200]
        return Pool(items, scores, context.item_vectors(record.dataset_id), test, shop)

    def at_most(self, shoppers: int) -> Pool:
        """The same for a fixed draw of so many shoppers; itself where there are no more."""
        if len(self.items) <= shoppers:
            return self
        from recengine.data.split import Targets

        rows = np.sort(np.random.default_rng(SEED).choice(len(self.items), shoppers, replace=False))
        counts = np.diff(self.targets.truth_indptr)[rows]
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        truth = np.concatenate([self.targets.truth(int(row)) for row in rows])
        return Pool(self.items[rows], self.scores[rows], self.vectors, Targets(self.targets.histories.rows(rows), indptr, truth), self.shop)

    def lists(self, diversity: float, k: int) -> np.ndarray:
        """int32 [B, k]: the lists at one setting."""
        key = (round(diversity, 4), k)
        if diversity == 0:
            return self.items[:, :k]

        def choose() -> np.ndarray:
            from recengine.policy.rerankers.mmr import mmr

            order = mmr(self.items, self.scores, self.vectors, k, diversity).order
            picked = np.take_along_axis(self.items, np.maximum(order, 0), axis=1)
            return np.where(order >= 0, picked, -1).astype(np.int32)

        return self._made.get(key, choose)


def answers(context: Context, dataset_id: str, split_kind: str) -> tuple[Targets, Shop]:
    """The test shoppers with what they chose, and the shop before; the same for all variants of a dataset and split, and remembered."""
    return context.views.get(("answers", dataset_id, split_kind), lambda: _answers(context, dataset_id, split_kind))


def judged_with(context: Context, variant: str) -> tuple[Targets, Shop]:
    """The test shoppers of one variant as they were stored, and the shop before; `answers` where these are the same today.

    Whom a split asks has changed once: whoever was merely shown an item and bought it later is asked today, a stored judgement stays.
    """
    record = context.variants.info(variant)
    test, shop = answers(context, record.dataset_id, record.split_kind)
    return context.views.get(("judged with", variant), lambda: _as_stored(context, variant, test)), shop


def _as_stored(context: Context, variant: str, test: Targets) -> Targets:
    from recengine.data.histories import Histories
    from recengine.data.split import Targets

    record = context.variants.info(variant)
    table = context.variants.read_columns(variant, "shoppers", ("user_code", "truth")).combine_chunks()
    users, truth = table.column("user_code").to_numpy().astype(np.int32), table.column("truth").combine_chunks()
    indptr = np.asarray(truth.offsets).astype(np.int64) - truth.offsets[0].as_py()
    items = truth.flatten().to_numpy(zero_copy_only=False).astype(np.int32)
    if np.array_equal(users, test.histories.user_codes) and np.array_equal(items, test.truth_items):
        return test
    if record.split_kind != "time" or not len(test):
        raise Corrupt("The shoppers of this variant cannot be found again.", "Its data or its split has changed.", "Train it again.")
    return Targets(Histories.from_log(context.dataset(record.dataset_id).products_log, users, int(test.histories.now_s[0])), indptr, items)


def _answers(context: Context, dataset_id: str, split_kind: str) -> tuple[Targets, Shop]:
    from recengine.data.split import leave_last_out, time_split
    from recengine.evaluation.metrics.base import Shop

    dataset = context.dataset(dataset_id)
    log = dataset.products_log
    split = time_split(log, dataset.catalogue.sellable) if split_kind == "time" else leave_last_out(log)
    return split.test, Shop.of(split.past, dataset.catalogue.sellable)


def _listed(lists: np.ndarray) -> np.ndarray:
    return lists[lists >= 0]
