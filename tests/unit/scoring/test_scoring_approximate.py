"""Lists found with an index: exact scores, kept masks, a recall that is that of the lists, and words where the package is missing."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from torch import Tensor

from recengine.errors import BadInput
from recengine.scoring import approximate_topk
from recengine.scoring.approximate_topk import ApproximateIndex
from recengine.scoring.streaming_topk import BestSoFar, best_products

N, D = 6000, 10


def tastes(n: int, seed: int) -> Tensor:
    """Vectors around forty tastes, of different length."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(9).normal(size=(40, D))
    return torch.from_numpy(((centres[rng.integers(0, 40, n)] + 0.4 * rng.normal(size=(n, D))) * rng.random((n, 1))).astype(np.float32))


@pytest.fixture(scope="module")
def items() -> Tensor:
    return tastes(N, 1)


@pytest.fixture(scope="module")
def offsets() -> Tensor:
    return torch.from_numpy(np.random.default_rng(2).normal(size=N).astype(np.float32)) * 0.3


@pytest.fixture(scope="module")
def scored() -> Tensor:
    return torch.from_numpy(np.random.default_rng(3).random(N) < 0.9)


@pytest.fixture(scope="module")
def index(items: Tensor, offsets: Tensor, scored: Tensor) -> ApproximateIndex:
    return ApproximateIndex(items, offsets, scored)


def exact_lists(shoppers: Tensor, items: Tensor, offsets: Tensor, best: BestSoFar) -> BestSoFar:
    same = best.of_rows(np.arange(len(shoppers)))
    best_products(shoppers, items, offsets, same)
    return same


def test_all_lists_read_is_the_exact_search(items: Tensor, offsets: Tensor, scored: Tensor) -> None:
    whole = ApproximateIndex(items, offsets, scored)
    whole.probed = 10_000
    rng, shoppers = np.random.default_rng(4), tastes(50, 5)
    owned = sp.csr_matrix((rng.random((50, N)) < 0.02).astype(np.float32))
    blocked = ~scored.numpy() | (rng.random(N) < 0.3)
    best = BestSoFar(50, 20, blocked, owned)
    again = whole.show(shoppers, items, offsets, best)
    exact = exact_lists(shoppers, items, offsets, best)
    assert again < 10
    np.testing.assert_array_equal(best.codes, exact.codes)
    np.testing.assert_allclose(best.values, exact.values, rtol=1e-5)


def test_masks_are_kept_and_scores_are_products(index: ApproximateIndex, items: Tensor, offsets: Tensor, scored: Tensor) -> None:
    index.probed = 8
    rng, shoppers = np.random.default_rng(6), tastes(40, 7)
    top = np.argsort(-(shoppers @ items.T + offsets).numpy(), axis=1)[:, :15]  # what they would get is what they have
    owned = sp.csr_matrix((np.ones(600, np.float32), (np.repeat(np.arange(40), 15), top.ravel())), (40, N))
    blocked = ~scored.numpy() | (rng.random(N) < 0.3)
    best = BestSoFar(40, 20, blocked, owned)
    index.show(shoppers, items, offsets, best)
    assert (best.codes >= 0).all()
    for row in range(40):
        codes = best.codes[row]
        assert len(set(codes.tolist())) == 20
        assert not set(codes.tolist()) & set(top[row].tolist())
        assert not blocked[codes].any()
        products = (items[torch.from_numpy(codes.astype(np.int64))].double() @ shoppers[row].double()).numpy() + offsets.numpy()[codes]
        np.testing.assert_allclose(best.values[row], products, rtol=1e-5, atol=1e-6)
        assert (np.diff(best.values[row]) <= 0).all()


def test_ties_fall_to_the_lower_code() -> None:
    items = torch.ones(300, 4)
    index = ApproximateIndex(items, None, torch.ones(300, dtype=torch.bool))
    index.probed = 1000
    best = BestSoFar(2, 300, np.zeros(300, dtype=bool), None)
    index.show(torch.ones(2, 4), items, None, best)
    assert best.codes.tolist() == [list(range(300))] * 2


def test_rows_with_too_few_finds_are_made_exactly(index: ApproximateIndex, items: Tensor, offsets: Tensor) -> None:
    index.probed = 1
    shoppers, only = tastes(5, 8), np.full(N, True)
    only[np.random.default_rng(1).choice(N, 30, replace=False)] = False  # 30 items may be listed, spread over all of the index
    best = BestSoFar(5, 20, only, None)
    assert index.show(shoppers, items, offsets, best) == 5
    np.testing.assert_array_equal(best.codes, exact_lists(shoppers, items, offsets, best).codes)


def test_one_who_owns_far_more_than_the_others_is_made_exactly(index: ApproximateIndex, items: Tensor, offsets: Tensor) -> None:
    index.probed = 8
    shoppers = tastes(40, 3)
    order = np.argsort(-(shoppers[0] @ items.T + offsets).numpy())
    owned = sp.csr_matrix((np.ones(3000, np.float32), (np.zeros(3000, int), order[:3000])), (40, N))
    best = BestSoFar(40, 10, np.zeros(N, dtype=bool), owned)
    assert index.show(shoppers, items, offsets, best) == 1
    np.testing.assert_array_equal(best.codes[0], exact_lists(shoppers, items, offsets, best).codes[0])


def test_the_recall_told_is_that_of_the_lists(index: ApproximateIndex, items: Tensor, offsets: Tensor, scored: Tensor) -> None:
    told = index.choose(tastes(600, 11), items, offsets, 20)
    best = BestSoFar(600, 20, ~scored.numpy(), None)
    shoppers = tastes(600, 12)  # others
    index.show(shoppers, items, offsets, best)
    exact = exact_lists(shoppers, items, offsets, best)
    found = np.mean([len(np.intersect1d(a, b)) / 20 for a, b in zip(best.codes, exact.codes, strict=True)])
    assert 0.95 < told <= 1.0
    assert abs(told - found) < 0.02


def test_reading_less_finds_less(index: ApproximateIndex, items: Tensor, offsets: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approximate_topk, "PROBED", (1,))
    assert index.choose(tastes(200, 11), items, offsets, 20) < 0.9


def test_the_same_index_twice(items: Tensor, offsets: Tensor, scored: Tensor) -> None:
    lists = []
    for _ in range(2):
        index, best = ApproximateIndex(items, offsets, scored), BestSoFar(30, 20, np.zeros(N, dtype=bool), None)
        index.probed = 4
        index.show(tastes(30, 13), items, offsets, best)
        lists.append(best.codes)
    np.testing.assert_array_equal(lists[0], lists[1])


def test_other_items_are_seen(index: ApproximateIndex, items: Tensor) -> None:
    assert index.is_of(items.clone())
    assert not index.is_of(items[:-1])
    assert not index.is_of(items + 1e-3)


def test_a_missing_package_is_told(items: Tensor, scored: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approximate_topk, "PACKAGE", "no_such_package_of_vectors")
    with pytest.raises(BadInput, match="faiss-cpu") as told:
        ApproximateIndex(items, None, scored)
    assert "pip install" in told.value.fix
