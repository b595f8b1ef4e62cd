"""The search of lists as an installation is set: exact unless asked for, from so many items on, with the measured recall in the list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from recengine.data.histories import Histories
from recengine.errors import BadInput
from recengine.models.als import Als
from recengine.models.popularity import Popularity
from recengine.scoring import approximate_topk
from recengine.settings import Settings
from recengine.workspace.list_search import list_recall, search_as_set


class Shop:
    """A log of as many shoppers as there are histories."""

    def __init__(self, rows: list[list[int]]) -> None:
        self._rows = rows
        self.log = self
        self.indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])

    def histories(self, users: np.ndarray) -> Histories:
        return Histories.of_items([self._rows[user] for user in users.tolist()])


@pytest.fixture
def shop() -> Shop:
    rng = np.random.default_rng(0)
    return Shop([rng.integers(0, 3000, 6).tolist() for _ in range(120)])


@pytest.fixture
def als() -> Als:
    model = Als()
    factors = torch.from_numpy(np.random.default_rng(1).normal(size=(3000, 16)).astype(np.float32)) * 0.1
    model.load_state({"factors": factors, "seen": torch.ones(3000)})
    return model


def settings(**changes: object) -> Settings:
    return Settings(workspace=Path("never-made"), **changes)  # type: ignore[arg-type]


def test_exact_unless_asked_for(als: Als, shop: Shop) -> None:
    search_as_set(als, shop, settings(approximate_from=1))  # type: ignore[arg-type]
    assert als._index is None
    search_as_set(als, shop, settings(list_search="approximate"))  # type: ignore[arg-type]
    assert als._index is None, "3,000 items are few"
    assert list_recall(als) == 1.0


def test_an_index_is_measured_and_its_lists_are_as_good_as_told(als: Als, shop: Shop) -> None:
    rows = shop.histories(np.arange(120))
    exact = als.recommend(rows, 20, exclude=rows.to_csr(3000, binary=True))
    search_as_set(als, shop, settings(list_search="approximate", approximate_from=3000))  # type: ignore[arg-type]
    assert als._index is not None
    assert 0.95 <= list_recall(als) <= 1.0
    found = als.recommend(rows, 20, exclude=rows.to_csr(3000, binary=True))
    share = np.mean([len(np.intersect1d(a, b)) / 20 for a, b in zip(found.item_codes, exact.item_codes, strict=True)])
    assert abs(share - list_recall(als)) < 0.05
    both = {(row, code): place for row in range(120) for place, code in enumerate(exact.item_codes[row])}
    for row in range(120):
        for place, code in enumerate(found.item_codes[row]):
            if (row, code) in both:
                assert found.scores[row, place] == exact.scores[row, both[row, code]], "scores are exact"


def test_an_index_that_finds_too_little_is_not_used(als: Als, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approximate_topk, "PROBED", (1,))
    assert als.search_approximately(shop.histories(np.arange(120))) < 0.95
    assert als._index is None
    assert list_recall(als) == 1.0


def test_nobody_to_measure_with(als: Als) -> None:
    assert np.isnan(als.search_approximately(Histories.of_items([[], []])))
    assert als._index is None


def test_models_without_vectors_stay_exact(shop: Shop) -> None:
    model = Popularity()
    model.load_state({"share": torch.tensor([0.5, 0.5], dtype=torch.float64)})
    search_as_set(model, shop, settings(list_search="approximate", approximate_from=1))  # type: ignore[arg-type]
    assert list_recall(model) == 1.0


def test_asked_for_and_not_installed(als: Als, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approximate_topk, "PACKAGE", "no_such_package_of_vectors")
    with pytest.raises(BadInput, match="faiss-cpu"):
        search_as_set(als, shop, settings(list_search="approximate", approximate_from=1))  # type: ignore[arg-type]


def test_any_other_word_is_refused() -> None:
    with pytest.raises(ValueError, match="list_search"):
        settings(list_search="fast")
