"""Graph filter: by hand against the formula, the low-pass against a plain decomposition, sparse products against plain algebra."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from recengine.algebra.low_rank import right_singular_vectors
from recengine.algebra.sparse_products import compressed, picked, spread, strongest_products, times_dense
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import FitContext
from recengine.models.graph_filter import GraphFilter, GraphFilterConfig


def fitted(pairs: list[tuple[int, int]], n_items: int, **settings: object) -> GraphFilter:
    users, items = np.array(pairs).T
    log = EventLog.build(users, items, np.arange(len(pairs)), int(users.max()) + 1, n_items)
    model = GraphFilter(GraphFilterConfig(**settings))  # type: ignore[arg-type]
    model.fit_all(log, FitContext(Catalogue.bare(Vocabulary.build(f"{code:04d}" for code in range(n_items)))))
    return model


PAIRS = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2)]  # item 3 has no event


def test_paths_by_hand() -> None:
    model = fitted(PAIRS, 4, pattern_weight=0.0, shopper_damping=1.0, source_damping=1.0, target_damping=0.5)
    # Takers: 2, 2, 2. Sizes: 2, 3, 1. 0 → 1 through shoppers 0 and 1: (1/2 + 1/3) / 2 / √2; 0 → 2 through shopper 1: (1/3) / 2 / √2.
    both, one, itself = (1 / 2 + 1 / 3) / 2 / 2**0.5, (1 / 3) / 2 / 2**0.5, (1 / 3 + 1) / 2 / 2**0.5
    nan = np.nan
    expected = [[both, both, one, nan], [both + one, both + one, one + itself, nan], [nan] * 4]
    np.testing.assert_allclose(model.score(Histories.of_items([[0], [0, 2], [3]])), expected, rtol=1e-6)


def test_patterns_are_the_ideal_low_pass() -> None:
    rng = np.random.default_rng(1)
    users, items = np.nonzero(rng.random((60, 24)) < 0.25)
    pairs = list(zip(users.tolist(), items.tolist(), strict=True))
    with_patterns = fitted(pairs, 24, patterns=5, pattern_weight=0.7, shopper_damping=0.8)
    without = fitted(pairs, 24, pattern_weight=0.0, shopper_damping=0.8)
    rows = np.zeros((60, 24))
    rows[users, items] = 1.0
    evened = rows.sum(1, keepdims=True) ** -0.4 * rows * rows.sum(0) ** -0.5
    basis = np.linalg.svd(evened)[2][:5].T
    filtered = 0.7 * (rows[:10] * rows.sum(0) ** -0.5) @ basis @ basis.T * rows.sum(0) ** 0.5
    histories = Histories.of_items([np.flatnonzero(row).tolist() for row in rows[:10]])
    found = with_patterns.score(histories).numpy() - without.score(histories).numpy()
    np.testing.assert_allclose(found, filtered, rtol=1e-3, atol=2e-3)


def test_only_the_strongest_neighbours_are_kept() -> None:
    model = fitted(PAIRS, 4, pattern_weight=0.0, neighbours=1, shopper_damping=0.0, source_damping=0.0, target_damping=0.0)
    # Counts of item 0: itself 2, item 1 2, item 2 1; the tie falls to the lower code.
    assert model.score(Histories.of_items([[0], [1]]))[:, :3].tolist() == [[2, 0, 0], [2, 0, 0]]


def test_contributions_add_up_and_a_longer_history_adds() -> None:
    rng = np.random.default_rng(4)
    pairs = [(int(user), int(item)) for user, item in zip(rng.integers(0, 40, 300), rng.integers(0, 20, 300), strict=True)]
    model = fitted(pairs, 20, patterns=4)
    alone, other, together = (model.exact_scores(Histories.of_items([row]), np.arange(20)[None])[0] for row in ([1, 2], [7], [1, 2, 7]))
    np.testing.assert_allclose(alone + other, together, rtol=1e-12)
    histories = Histories.of_items([[1, 2, 7], [5]])
    parts = model.contributions(histories, np.array([3, 9]))
    np.testing.assert_allclose(parts.events[:3].sum(), together[3], rtol=1e-12)
    assert parts.base.tolist() == [0.0, 0.0]


def test_weak_directions_are_left_out() -> None:
    rows = sp.csr_matrix(np.repeat(np.eye(3), 4, axis=0) @ np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]], dtype=np.float64))
    strength, vectors = right_singular_vectors(rows.astype(np.float32), 4)
    expected = np.linalg.svd(rows.toarray(), compute_uv=False)
    np.testing.assert_allclose(strength, expected[:2], rtol=1e-4)
    torch.testing.assert_close(vectors.T @ vectors, torch.eye(2), rtol=0, atol=1e-5)


LEFT = sp.random(40, 30, density=0.2, format="csr", dtype=np.float32, random_state=1)
RIGHT = sp.random(30, 50, density=0.2, format="csr", dtype=np.float32, random_state=2)


def test_sparse_times_dense() -> None:
    dense = np.random.default_rng(0).normal(size=(30, 7)).astype(np.float32)
    np.testing.assert_allclose(times_dense(LEFT, dense), LEFT @ dense, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("width", [3, 50])
def test_strongest_products(width: int) -> None:
    product = (LEFT.astype(np.float64) @ RIGHT.astype(np.float64)).toarray()
    found = strongest_products(LEFT, RIGHT, width, 5, 33)
    assert found.has_sorted_indices
    for row, line in zip(found.toarray(), product[5:33], strict=True):
        kept = np.lexsort((np.arange(50), -line))[:width]
        expected = np.zeros(50)
        expected[kept] = line[kept]
        np.testing.assert_allclose(row, expected, rtol=1e-5)


def test_rows_and_chosen_columns_of_a_sparse_matrix() -> None:
    matrix = sp.random(20, 20, density=0.4, format="csr", dtype=np.float32, random_state=6)
    matrix.sort_indices()
    indptr, items, values = np.array([0, 2, 2, 5]), np.array([3, 4, 0, 19, 3]), np.array([1.0, -0.5, 2.0, 1.0, 0.0])
    dense = matrix.toarray()
    expected = np.array([dense[3] - 0.5 * dense[4], np.zeros(20), 2 * dense[0] + dense[19]])
    np.testing.assert_allclose(spread(indptr, items, values, matrix), expected, rtol=1e-5, atol=1e-6)
    columns = np.array([[0, 19, 7], [1, 2, 3], [5, 5, 0]])
    np.testing.assert_allclose(picked(indptr, items, values, matrix, columns), np.take_along_axis(expected, columns, 1), rtol=1e-6)


def test_sharpening_weighs_each_pattern_by_its_strength() -> None:
    rng = np.random.default_rng(3)
    users, items = np.nonzero(rng.random((50, 20)) < 0.3)
    pairs = list(zip(users.tolist(), items.tolist(), strict=True))
    settings = {"patterns": 5, "pattern_weight": 0.7, "shopper_damping": 0.6}
    direct = fitted(pairs, 20, pattern_weight=0.0, shopper_damping=0.6)
    rows = np.zeros((50, 20))
    rows[users, items] = 1.0
    _, strength, basis = np.linalg.svd(rows.sum(1, keepdims=True) ** -0.3 * rows * rows.sum(0) ** -0.5)
    weight = 0.7 * np.exp(-1.5 * (strength[:5] / strength[0]) ** 2)
    filtered = (rows[:10] * rows.sum(0) ** -0.5) @ (basis[:5].T * weight) @ basis[:5] * rows.sum(0) ** 0.5
    histories = Histories.of_items([np.flatnonzero(row).tolist() for row in rows[:10]])
    found = fitted(pairs, 20, sharpening=1.5, **settings).score(histories) - direct.score(histories)
    np.testing.assert_allclose(found.numpy(), filtered, rtol=1e-3, atol=2e-3)
    plain = fitted(pairs, 20, **settings).score(histories) - direct.score(histories)
    assert np.abs(plain.numpy() - filtered).max() > 0.05, "unsharpened patterns must not pass"


def test_a_dense_matrix_is_compressed_as_scipy_does() -> None:
    dense = sp.random(30, 40, density=0.3, dtype=np.float32, random_state=8).toarray()
    dense[4], dense[:, 7] = 0.0, np.nan
    dense[2, 3] = -1.5
    for matrix in (dense, np.zeros((3, 5), dtype=np.float32)):
        found, expected = compressed(matrix), sp.csr_matrix(matrix)
        assert found.nnz == expected.nnz
        assert found.has_sorted_indices
        np.testing.assert_array_equal(found.toarray(), matrix)
