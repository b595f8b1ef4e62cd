from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from recengine.funnel.interactions import interactions
from recengine.funnel.trees import TreeEnsemble


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(3000, 5))
    rows[rng.random(rows.shape) < 0.05] = np.nan
    clean = np.nan_to_num(rows)
    label = (clean[:, 0] * clean[:, 1] + clean[:, 2] + rng.normal(size=3000) > 0).astype(int)
    model = HistGradientBoostingClassifier(max_iter=25, max_depth=5, early_stopping=False, random_state=0).fit(rows, label)
    return rows, model, TreeEnsemble.of(model)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_equal_the_shap_library(problem):
    import shap

    rows, model, trees = problem
    oracle = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    rows = rows[~np.isnan(rows).any(axis=1)][:60]
    np.testing.assert_allclose(interactions(trees, rows), oracle.shap_interaction_values(rows), atol=1e-5)


def test_are_symmetric_and_add_up_to_the_shapley_values(problem):
    rows, _, trees = problem
    pairs = interactions(trees, rows[:100])
    np.testing.assert_allclose(pairs, pairs.transpose(0, 2, 1), atol=1e-12)
    np.testing.assert_allclose(pairs.sum(axis=2), trees.shap(rows[:100]), atol=1e-9)


def test_the_pair_that_was_planted_does_most_together(problem):
    rows, _, trees = problem
    strength = np.abs(interactions(trees, rows[:300])).mean(axis=0)
    np.fill_diagonal(strength, 0.0)
    assert set(np.unravel_index(strength.argmax(), strength.shape)) == {0, 1}


def test_one_question_a_tree_leaves_nothing_to_share():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(500, 3))
    model = HistGradientBoostingClassifier(max_iter=10, max_depth=1, early_stopping=False).fit(rows, rows[:, 0] + rows[:, 1] > 0)
    pairs = interactions(TreeEnsemble.of(model), rows[:20])
    assert np.abs(pairs[:, ~np.eye(3, dtype=bool)]).max() == 0
