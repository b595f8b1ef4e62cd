from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from recengine.funnel.trees import TreeEnsemble


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4000, 7))
    rows[:, 5] = rng.integers(0, 4, 4000)
    rows[rng.random(rows.shape) < 0.08] = np.nan
    clean = np.nan_to_num(rows)
    label = (clean[:, 0] * clean[:, 1] + clean[:, 2] + (clean[:, 5] > 2) + rng.normal(size=4000) > 0.5).astype(int)
    model = HistGradientBoostingClassifier(
        max_iter=40, max_depth=6, max_leaf_nodes=31, monotonic_cst=[0, 0, 1, 0, 0, 0, 0], early_stopping=False, random_state=0
    ).fit(rows, label)
    return rows, model, TreeEnsemble.of(model)


def test_predicts_what_scikit_learn_predicts(problem):
    rows, model, trees = problem
    hostile = rows[:200].copy()
    hostile[0] = np.nan
    hostile[1] = 1e300
    hostile[2] = -1e300
    hostile[3] = trees.threshold[trees.feature >= 0][: hostile.shape[1]]
    for sample in (rows, hostile):
        np.testing.assert_allclose(trees.predict(sample), model._raw_predict(sample)[:, 0], atol=1e-9)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_shapley_values_equal_the_shap_library(problem):
    import shap

    rows, model, trees = problem
    oracle = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    np.testing.assert_allclose(trees.shap(rows[:300]), oracle.shap_values(rows[:300]), atol=1e-6)
    assert trees.expected == pytest.approx(float(np.ravel(oracle.expected_value)[0]), abs=1e-6)


def test_shapley_values_add_up(problem):
    rows, _, trees = problem
    np.testing.assert_allclose(trees.expected + trees.shap(rows).sum(1), trees.predict(rows), atol=1e-9)


def test_shapley_values_equal_the_definition_over_all_coalitions(problem):
    rows, _, trees = problem
    row = rows[11]
    n = len(row)

    def worth(inside, node):
        if trees.feature[node] < 0:
            return trees.value[node]
        left, right = trees.left[node], trees.right[node]
        if trees.feature[node] in inside:
            x = row[trees.feature[node]]
            goes_left = trees.missing_left[node] if np.isnan(x) else x <= trees.threshold[node]
            return worth(inside, left if goes_left else right)
        return (trees.cover[left] * worth(inside, left) + trees.cover[right] * worth(inside, right)) / trees.cover[node]

    def total(inside):
        return sum(worth(inside, root) for root in trees.roots[:-1])

    values = {frozenset(c): total(frozenset(c)) for size in range(n + 1) for c in itertools.combinations(range(n), size)}
    for f in range(n):
        expected = sum(
            math.factorial(len(c)) * math.factorial(n - 1 - len(c)) / math.factorial(n) * (values[c | {f}] - values[c])
            for c in values
            if f not in c
        )
        assert trees.shap(row[None])[0, f] == pytest.approx(expected, abs=1e-9)


def test_a_split_between_known_and_unknown_alone():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(3000, 2))
    rows[rng.random(3000) < 0.5, 0] = np.nan
    label = np.isnan(rows[:, 0]) ^ (rng.random(3000) < 0.1)
    model = HistGradientBoostingClassifier(max_iter=5, max_depth=3, early_stopping=False).fit(rows, label)
    trees = TreeEnsemble.of(model)
    assert np.isinf(trees.threshold).any()
    np.testing.assert_allclose(trees.predict(rows), model._raw_predict(rows)[:, 0], atol=1e-9)
    np.testing.assert_allclose(trees.expected + trees.shap(rows).sum(1), trees.predict(rows), atol=1e-9)


def test_arrays_are_the_whole_ensemble(problem):
    rows, _, trees = problem
    again = TreeEnsemble(**{name: array.copy() for name, array in trees.arrays().items()})
    np.testing.assert_array_equal(again.predict(rows), trees.predict(rows))


def test_paths_deeper_than_the_tables_are_refused():
    rng = np.random.default_rng(1)
    rows = rng.random((4000, 12))
    label = (rows.prod(1) > np.median(rows.prod(1))).astype(int)
    model = HistGradientBoostingClassifier(max_iter=3, max_leaf_nodes=400, min_samples_leaf=2, early_stopping=False).fit(rows, label)
    with pytest.raises(ValueError, match="at most"):
        TreeEnsemble.of(model).shap(rows[:2])
