from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.policy.rerankers.mmr import mmr, unit_rows


def reference(codes, scores, vectors, k, diversity):
    """The definition, one row, without any shortcut."""
    usable = [c for c in range(len(codes)) if codes[c] >= 0 and np.isfinite(scores[c])]
    if not usable:
        return []
    low, high = min(scores[c] for c in usable), max(scores[c] for c in usable)
    chosen: list[int] = []
    while usable and len(chosen) < k:
        best = None
        for c in usable:
            relevance = (scores[c] - low) / (high - low) if high > low else 1.0
            likeness = max([0.0] + [float(vectors[codes[c]] @ vectors[codes[other]]) for other in chosen])
            key = ((1 - diversity) * relevance - diversity * likeness, scores[c], -codes[c])
            if best is None or key > best[0]:
                best = (key, c)
        chosen.append(best[1])
        usable.remove(best[1])
    return chosen


def exact_vectors(rng, n_items):
    """Rows of four ±0.5: every cosine is a multiple of 0.5, so no rounding can decide a tie."""
    vectors = rng.choice([-0.5, 0.5], size=(n_items, 4)).astype(np.float32)
    vectors[rng.random(n_items) < 0.2] = 0
    return vectors


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(0, 35), st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0]))
def test_equals_the_definition(seed, width, k, diversity):
    rng = np.random.default_rng(seed)
    vectors = exact_vectors(rng, 50)
    codes = rng.permutation(50)[:width].astype(np.int32)
    scores = rng.integers(0, 17, width) / 16.0
    codes[rng.random(width) < 0.1] = -1
    scores[rng.random(width) < 0.1] = np.nan
    result = mmr(codes[None], scores[None], vectors, k, diversity)
    expected = reference(codes, scores, vectors, k, diversity)
    assert result.order[0, : len(expected)].tolist() == expected
    assert (result.order[0, len(expected) :] == -1).all()
    assert result.item_codes[0, : len(expected)].tolist() == codes[expected].tolist()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_trail_adds_up_and_order_of_input_never_matters(seed, diversity):
    rng = np.random.default_rng(seed)
    vectors = unit_rows(rng.normal(size=(60, 8)))
    codes = np.stack([rng.permutation(60)[:40] for _ in range(3)]).astype(np.int32)
    scores = rng.random((3, 40))
    result = mmr(codes, scores, vectors, 12, diversity)
    shuffled = rng.permutation(40)
    again = mmr(codes[:, shuffled], scores[:, shuffled], vectors, 12, diversity)
    np.testing.assert_array_equal(result.item_codes, again.item_codes)
    low, high = scores.min(1), scores.max(1)
    for row in range(3):
        for place in range(12):
            here = result.order[row, place]
            relevance = (scores[row, here] - low[row]) / (high[row] - low[row])
            earlier = vectors[result.item_codes[row, :place]].astype(np.float64) @ vectors[codes[row, here]].astype(np.float64)
            likeness = max(0.0, earlier.max(initial=0.0))
            assert result.relevance[row, place] == pytest.approx((1 - diversity) * relevance, abs=1e-12)
            assert result.similarity[row, place] == pytest.approx(likeness, abs=1e-6)
            assert result.diversity[row, place] == pytest.approx(-diversity * likeness, abs=1e-6)
            if likeness > 1e-6:
                assert result.nearest[row, place] == result.item_codes[row, int(np.argmax(earlier))]


def test_no_diversity_is_the_order_of_the_scores_to_the_last_bit():
    base = 0.1
    scores = np.array([[base, np.nextafter(base, 1), 1e9, np.nextafter(base, 0), base]])
    codes = np.array([[9, 3, 4, 5, 1]], np.int32)
    result = mmr(codes, scores, unit_rows(np.eye(10)), 5, 0.0)
    assert result.item_codes[0].tolist() == [4, 3, 1, 9, 5]


def test_near_copies_are_spread_out():
    vectors = unit_rows(np.array([[1, 0], [1, 0.01], [1, -0.01], [0, 1], [0.01, 1]]))
    result = mmr(np.arange(5, dtype=np.int32)[None], np.array([[1.0, 0.99, 0.98, 0.5, 0.0]]), vectors, 2, 0.5)
    assert result.item_codes[0].tolist() == [0, 3]


def test_likeness_of_the_lists_falls_with_the_slider():
    rng = np.random.default_rng(4)
    vectors = unit_rows(rng.normal(size=(500, 8)))
    codes = np.stack([rng.permutation(500)[:80] for _ in range(200)]).astype(np.int32)
    scores = rng.random((200, 80))

    def mean_likeness(diversity):
        chosen = vectors[mmr(codes, scores, vectors, 10, diversity).item_codes]  # [200, 10, 8]
        cosines = chosen @ chosen.transpose(0, 2, 1)
        return float((cosines.sum((1, 2)) - 10).mean() / 90)

    likeness = [mean_likeness(d) for d in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    assert likeness == sorted(likeness, reverse=True)
    assert likeness[-1] < likeness[0] - 0.05


@pytest.mark.parametrize(("codes", "scores", "k"), [([[]], [[]], 3), ([[-1, -1]], [[1.0, 2.0]], 3), ([[0, 1]], [[np.nan, np.nan]], 0)])
def test_nothing_to_choose_from(codes, scores, k):
    result = mmr(np.array(codes, np.int32), np.array(scores), unit_rows(np.eye(3)), k, 0.5)
    assert result.order.shape == (1, k)
    assert (result.item_codes == -1).all()
    assert np.isnan(result.relevance).all()


def test_refuses_a_code_without_a_vector_and_a_slider_out_of_range():
    with pytest.raises(IndexError):
        mmr(np.array([[7]], np.int32), np.array([[1.0]]), unit_rows(np.eye(3)), 1, 0.5)
    with pytest.raises(ValueError, match="diversity"):
        mmr(np.array([[1]], np.int32), np.array([[1.0]]), unit_rows(np.eye(3)), 1, 1.5)


def test_unknown_vectors_are_like_nothing():
    rows = unit_rows(np.array([[0.0, 0.0], [np.nan, 1.0], [3.0, 4.0]]))
    np.testing.assert_allclose(rows, [[0, 0], [0, 0], [0.6, 0.8]], atol=1e-7)
