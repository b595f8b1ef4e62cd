"""Proofs that policies do what they promise on planted truths: variety lowers planted sameness, calibration restores planted mixes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from recengine.data.dataset import Dataset
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import Recommender
from recengine.policy.policy import Policy, PolicyLists, PolicySpec
from recengine.policy.shop import PolicyShop, Visitors
from recengine.testing.demo_shoppers import FAVOURITE_SHARES
from recengine.testing.planted_proofs import PlantedStore
from recengine.text.item_vectors import item_vectors

PLANTED = ("category", "style", "brand")
POOL = 200


@dataclass(frozen=True, eq=False)
class PolicyProof:
    """A fitted model on the planted store, and some of its shoppers."""

    store: PlantedStore
    model: Recommender
    users: np.ndarray  # int [B]

    @cached_property
    def shop(self) -> PolicyShop:
        """The store as policies see it; the planted styles are not in it."""
        n = self.store.log.n_users
        ids = Vocabulary(np.array([f"u{code}" for code in range(n)], dtype=object))
        dataset = Dataset("ds-0000000000-0000", "Planted", "", self.store.log, self.store.catalogue, ids, np.full(n, "", dtype=object))
        return PolicyShop.of(dataset, item_vectors(self.store.catalogue, self.store.log))

    @cached_property
    def histories(self) -> Histories:
        """What these shoppers bought."""
        return Histories.from_log(self.store.purchases, self.users, self.store.end_s)

    @cached_property
    def candidates(self) -> tuple[np.ndarray, np.ndarray]:
        """int32 [B, 200], float64 [B, 200]: what the model offers."""
        n = len(self.store.catalogue)
        owned = self.histories.had(n)
        found = self.model.recommend(self.histories, POOL, exclude=owned, allow=self.store.catalogue.sellable)
        return np.asarray(found.item_codes), np.asarray(found.scores, dtype=np.float64)

    def lists(self, spec: dict[str, object], k: int = 10) -> PolicyLists:
        """Lists under a policy."""
        return Policy(PolicySpec.model_validate(spec), self.shop).apply(*self.candidates, k, Visitors(self.histories))

    @cached_property
    def planted(self) -> np.ndarray:
        """object (str) [n_items, 3]: category, style and brand of each item as they were planted."""
        rows = [self.store.truth.items[str(name)] for name in self.store.catalogue.vocabulary.ids]
        return np.array([[str(row[part]) for part in PLANTED] for row in rows], dtype=object)

    def sameness(self, lists: np.ndarray) -> float:
        """How much of category, style and brand two items of one list share, on average: 0 … 1. Lists are int [B, k]."""
        pairs = [(lists[:, a], lists[:, b]) for a, b in combinations(range(lists.shape[1]), 2)]
        same = [(self.planted[a] == self.planted[b])[(a >= 0) & (b >= 0)].mean() for a, b in pairs]
        return float(np.mean(same))

    def distance_to_planted_mix(self, lists: np.ndarray) -> float:
        """Half the sum of |share of a category in the lists of a planted segment - its planted share of that segment's interest|.

        The mean over segments. A single shopper's past is too short to show a mix of twelve categories; that of a segment is not.
        """
        categories = sorted({str(name) for name in self.planted[:, 0]})
        place = {name: n for n, name in enumerate(categories)}
        category = np.array([place[str(name)] for name in self.planted[:, 0]])
        return float(
            np.mean([0.5 * np.abs(self._mix(lists[rows], category) - self._interest(name, place)).sum() for name, rows in self._parts])
        )

    @property
    def _parts(self) -> list[tuple[str, np.ndarray]]:
        """Planted segment and the rows of its shoppers."""
        named = np.array([str(self.store.truth.shoppers[self.store.user_ids[user]]["segment"]) for user in self.users.tolist()])
        return [(str(name), np.flatnonzero(named == name)) for name in np.unique(named)]

    @staticmethod
    def _mix(lists: np.ndarray, category: np.ndarray) -> np.ndarray:
        listed = lists[lists >= 0]
        return np.bincount(category[listed], minlength=int(category.max()) + 1) / max(len(listed), 1)

    def _interest(self, segment: str, place: dict[str, int]) -> np.ndarray:
        """float64 [categories]: what a planted segment likes."""
        favourites = self.store.truth.segments[segment]["favourites"]
        out = np.full(len(place), (1.0 - sum(FAVOURITE_SHARES)) / (len(place) - len(FAVOURITE_SHARES)))
        for name, share in zip(favourites, FAVOURITE_SHARES, strict=True):  # type: ignore[call-overload]
            out[place[str(name)]] = share
        return out


def steady_shoppers(store: PlantedStore, fewest: int = 8) -> np.ndarray:
    """int64: shoppers who are no bots, keep their segment, and bought at least so many items."""
    bought = np.diff(store.purchases.indptr)
    steady = [
        code
        for code, name in enumerate(store.user_ids)
        if bought[code] >= fewest
        and not store.truth.shoppers[name]["bot"]
        and store.truth.shoppers[name]["segment"] == store.truth.shoppers[name]["later_segment"]
    ]
    return np.array(steady, dtype=np.int64)
