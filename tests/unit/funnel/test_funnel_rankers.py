"""Every ranker behind the interface: it learns, obeys directions, takes unknown values, adds up, and survives a round trip."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from recengine.errors import Cancelled
from recengine.funnel.model import FunnelConfig
from recengine.funnel.ranker import sigmoid
from recengine.funnel.rankers import trees as tree_ranker
from recengine.funnel.rankers.base import RANKERS, Lesson, ranker_class
from recengine.funnel.rankers.scaled import Scale

CONFIG = FunnelConfig(trees=40, depth=4, min_rows=20)
KINDS = sorted(RANKERS)


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    """Signal 0 helps, 1 hurts, 2 helps in the data but is said to hurt, 3 bends, 4 is noise, 5 is often unknown and that tells."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(2500, 6))
    rows[rng.random(2500) < 0.5, 5] = np.nan
    odds = 1.5 * rows[:, 0] - rows[:, 1] + 0.7 * rows[:, 2] + 0.5 * rows[:, 3] ** 2 + 1.5 * np.isnan(rows[:, 5]) - 1.0
    label = rng.random(2500) < sigmoid(odds)
    rows[rng.random(2500) < 0.1, 4] = np.nan
    return Lesson(rows, label, np.ones(2500), np.array([1, -1, -1, 0, 0, 0]))


@pytest.fixture(scope="module", params=KINDS)
def fitted(request, lesson):
    return ranker_class(request.param).fit(lesson, CONFIG, 0, lambda: None)


def test_ranks_what_was_chosen_above_the_rest(fitted, lesson):
    odds = fitted.predict(lesson.rows)
    chosen, other = odds[lesson.label], odds[~lesson.label]
    assert (np.random.default_rng(1).choice(chosen, 4000) > np.random.default_rng(2).choice(other, 4000)).mean() > 0.75


def test_obeys_the_direction_of_each_signal(fitted, lesson):
    rows = np.repeat(lesson.rows[:25], 30, axis=0)
    for column, direction in enumerate(lesson.directions):
        if direction:
            swept = rows.copy()
            swept[:, column] = np.tile(np.linspace(-3, 3, 30), 25)
            steps = np.diff(fitted.predict(swept).reshape(25, 30), axis=1) * direction
            assert steps.min() >= -1e-9, column


def test_values_add_up_and_only_sampled_ones_have_an_error(fitted, lesson):
    values, errors = fitted.shap(lesson.rows[:60])
    np.testing.assert_allclose(fitted.expected + values.sum(axis=1), fitted.predict(lesson.rows[:60]), atol=1e-9)
    assert (errors.max() > 0) == (not fitted.exact)


def test_a_row_has_the_same_value_alone_and_among_others(fitted, lesson):
    together = fitted.predict(lesson.rows[:50])
    alone = np.array([fitted.predict(lesson.rows[i : i + 1])[0] for i in range(50)])
    np.testing.assert_array_equal(alone, together)
    np.testing.assert_array_equal(fitted.shap(lesson.rows[7:8])[0][0], fitted.shap(lesson.rows[:50])[0][7])


def test_unknown_and_extreme_values_are_taken(fitted, lesson):
    hostile = np.array([[np.nan] * 6, [1e300] * 6, [-1e300] * 6, [0.0] * 6])
    assert np.isfinite(fitted.predict(hostile)).all()
    known, unknown = lesson.rows[:200].copy(), lesson.rows[:200].copy()
    known[:, 5], unknown[:, 5] = 0.0, np.nan
    assert fitted.predict(unknown).mean() > fitted.predict(known).mean() + 0.5


def test_arrays_are_the_whole_ranker(fitted, lesson):
    again = type(fitted).from_arrays({name: array.copy() for name, array in fitted.arrays().items()})
    np.testing.assert_array_equal(again.predict(lesson.rows[:100]), fitted.predict(lesson.rows[:100]))
    np.testing.assert_array_equal(again.shap(lesson.rows[:5])[0], fitted.shap(lesson.rows[:5])[0])
    assert again.expected == fitted.expected


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_bits_and_a_stop_is_heard(kind, lesson):
    small = Lesson(lesson.rows[:400], lesson.label[:400], lesson.weight[:400], lesson.directions)
    first, second = (ranker_class(kind).fit(small, CONFIG, 5, lambda: None) for _ in range(2))
    np.testing.assert_array_equal(first.predict(lesson.rows[:50]), second.predict(lesson.rows[:50]))

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        ranker_class(kind).fit(small, CONFIG, 5, stop)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_count_as_repeated_rows(kind, lesson):
    """Ten times the weight on what was chosen raises the mean log-odds by ln 10."""
    heavy = Lesson(lesson.rows[:2000], lesson.label[:2000], np.where(lesson.label[:2000], 10.0, 1.0), lesson.directions)
    plain = Lesson(lesson.rows[:2000], lesson.label[:2000], np.ones(2000), lesson.directions)
    more, less = (ranker_class(kind).fit(each, CONFIG, 0, lambda: None).predict(lesson.rows[:2000]).mean() for each in (heavy, plain))
    assert more - less == pytest.approx(np.log(10), abs=0.5)


def test_logistic_equals_scikit_learn_where_no_sign_is_forced(lesson):
    free = Lesson(lesson.rows, lesson.label, lesson.weight, np.zeros(6, dtype=np.int64))
    ours = ranker_class("logistic").fit(free, CONFIG, 0, lambda: None)
    inputs = np.concatenate(Scale.of(lesson.rows)(lesson.rows), axis=1)
    theirs = LogisticRegression(C=1.0 / CONFIG.l2, max_iter=1000).fit(inputs, lesson.label)
    np.testing.assert_allclose(ours.predict(lesson.rows[:300]), theirs.decision_function(inputs[:300]), atol=0.02)


def test_logistic_shapley_values_are_hand_checked(lesson):
    fitted = ranker_class("logistic").fit(lesson, CONFIG, 0, lambda: None)
    scaled, unknown = fitted.scale(lesson.rows[:3])
    mean_scaled, mean_unknown = (part.mean(axis=0) for part in fitted.scale(lesson.rows))
    by_hand = fitted.weight[:6] * (scaled - mean_scaled) + fitted.weight[6:] * (unknown - mean_unknown)
    np.testing.assert_allclose(fitted.shap(lesson.rows[:3])[0], by_hand, atol=1e-12)


def test_the_error_of_sampled_values_covers_the_truth(lesson):
    """Exact values by all 64 coalitions against the same usual rows."""
    fitted = ranker_class("mlp").fit(lesson, CONFIG, 0, lambda: None)
    asked = np.concatenate(fitted.scale(lesson.rows[:3]), axis=1)
    from itertools import combinations
    from math import factorial

    for row, one in enumerate(asked):

        def worth(inside, one=one):
            mixed = fitted.usual.copy()
            columns = [c for i in inside for c in (i, i + 6)]
            mixed[:, columns] = one[columns]
            return fitted._forward(mixed).mean()

        exact = np.zeros(6)
        for i in range(6):
            others = [j for j in range(6) if j != i]
            for size in range(6):
                share = factorial(size) * factorial(5 - size) / factorial(6)
                exact[i] += share * sum(worth((*s, i)) - worth(s) for s in combinations(others, size))
        values, errors = (part[0] for part in fitted.shap(lesson.rows[row : row + 1]))
        assert (np.abs(values - exact) <= 4 * errors + 1e-9).all()


def test_scale_is_hand_checked():
    scale = Scale.of(np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [np.nan]]))
    values, unknown = scale(np.array([[-9.0], [0.0], [2.0], [3.0], [99.0], [np.nan]]))
    np.testing.assert_allclose(values[:, 0], [-1.0, -1.0, 0.0, 0.5, 1.0, 0.0], atol=1e-12)
    assert unknown[:, 0].tolist() == [0, 0, 0, 0, 0, 1]


def test_binned_trees_answer_as_trees_over_values(lesson):
    """What the trees say of values equals what scikit-learn says of the numbers of their bins, at the cuts too."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    cuts = [tree_ranker.thresholds(lesson.rows[:, c]) for c in range(6)]
    assert all(len(cut) < tree_ranker.MAX_BINS for cut in cuts)
    binned = tree_ranker.binned(lesson.rows, cuts)
    model = HistGradientBoostingClassifier(max_iter=20, max_depth=4, early_stopping=False, max_bins=64, random_state=0)
    model.fit(binned, lesson.label)
    found = tree_ranker.in_values(tree_ranker.TreeEnsemble.of(model), cuts)
    at_cuts = lesson.rows[:60].copy()
    for column, cut in enumerate(cuts):
        at_cuts[:, column] = cut[np.arange(60) % len(cut)]
    for rows in (lesson.rows, at_cuts):
        np.testing.assert_allclose(found.predict(rows), model._raw_predict(tree_ranker.binned(rows, cuts))[:, 0], atol=1e-9)
