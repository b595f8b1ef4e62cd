"""Every greedy reranker against its definition written down plainly, and what all rerankers share."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.data.histories import Histories
from recengine.errors import BadInput, NotFound
from recengine.policy.rerankers.base import Candidates, CountLimit, ShopItems, Taste, price_bands
from recengine.policy.rerankers.likeness import Likeness, LikenessConfig
from recengine.policy.rerankers.registry import make_reranker, rerankers
from recengine.policy.rerankers.relevance import relevance_of

N_ITEMS = 40
NAMES = ("balanced", "by-score", "calibrated", "dpp", "mmr", "spread", "xquad")


def shop(seed: int) -> ShopItems:
    """Vectors of four ±0.5: every cosine is a multiple of 0.5, so no rounding can decide a tie."""
    rng = np.random.default_rng(seed)
    vectors = rng.choice([-0.5, 0.5], size=(N_ITEMS, 4)).astype(np.float32)
    vectors[rng.random(N_ITEMS) < 0.2] = 0
    group = [rng.integers(-1, 5, N_ITEMS).astype(np.int32) for _ in range(3)]
    return ShopItems(vectors, *group)


def case(seed: int, width: int = 25, hostile: bool = True) -> Candidates:
    rng = np.random.default_rng(seed + 1)
    codes = rng.permutation(N_ITEMS)[:width].astype(np.int32)
    scores = rng.integers(0, 17, width) / 16.0
    if hostile:
        codes[rng.random(width) < 0.1] = -1
        scores[rng.random(width) < 0.1] = np.nan
    history = Histories.of_items([rng.integers(0, N_ITEMS, rng.integers(0, 9)).tolist()])
    return Candidates(codes[None], scores[None], shop(seed), histories=history)


def plain(name: str, config, candidates: Candidates, k: int) -> list[int]:
    """One row by the definition: at each place the whole sum of every candidate, nothing kept from the place before."""
    codes, scores, items = candidates.item_codes[0], candidates.scores[0], candidates.items
    relevance = candidates.relevance[0]
    left = [c for c in range(len(codes)) if codes[c] >= 0 and np.isfinite(relevance[c])]
    span = 1 + max((relevance[c] for c in left), default=0) - min((relevance[c] for c in left), default=0)
    likeness = Likeness.of(items, config).matrix(np.maximum(codes, 0)) if isinstance(config, LikenessConfig) else None
    group = items.group(getattr(config, "by", "category"))[np.maximum(codes, 0)]
    taste = candidates.taste(getattr(config, "by", "category"))
    own = dict(zip(taste.groups.tolist(), taste.shares.tolist(), strict=True))
    chosen: list[int] = []

    def divergence(listed: list[int]) -> float:
        total = 0.0
        for g, p in own.items():
            q = sum(group[c] == g for c in listed) / len(listed) if listed else 0.0
            total += p * math.log(p / ((1 - config.smoothing) * q + config.smoothing * p))
        return total

    def rest(c: int) -> float:
        """What is left of an item after projecting it off the span of the list: 1 - s' S^+ s, S the likeness of the list."""
        if not chosen:
            return 1.0
        s = likeness[np.ix_(chosen, [c])][:, 0]
        return float(1 - s @ np.linalg.pinv(likeness[np.ix_(chosen, chosen)], rcond=1e-5, hermitian=True) @ s)

    def total(c: int) -> float:
        if name == "by-score":
            return relevance[c]
        if name == "mmr":
            near = max([0.0] + [likeness[c, o] for o in chosen])
            return (1 - config.diversity) * relevance[c] - config.diversity * near
        if name == "dpp":
            return (1 - config.diversity) * relevance[c] + config.diversity * math.log(max(rest(c), 1e-6))
        if name == "calibrated":
            return (1 - config.strength) * relevance[c] + config.strength * (divergence(chosen) - divergence([*chosen, c]))
        if name == "xquad":
            met = sum(group[o] == group[c] for o in chosen)
            return (1 - config.strength) * relevance[c] + config.strength * own.get(group[c], 0.0) * (1 - config.satisfied) ** met
        if name == "balanced":
            return relevance[c] - span * (sum(group[o] == group[c] for o in chosen) // config.a_turn if group[c] >= 0 else 0)
        near = sum(likeness[c, o] >= config.alike_from for o in chosen[max(0, len(chosen) - config.window + 1) :])
        return relevance[c] - span * near

    while left and len(chosen) < k:
        # Sums that differ by rounding alone are equal; the definition then takes relevance, score and code.
        best = max(left, key=lambda c: (round(total(c), 9), relevance[c], scores[c], -codes[c]))
        chosen.append(best)
        left.remove(best)
    return chosen


CONFIGS = st.one_of(
    st.tuples(st.just("mmr"), st.fixed_dictionaries({"diversity": st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])})),
    st.tuples(st.just("mmr"), st.just({"diversity": 0.5, "text": 1.0, "category": 0.5, "brand": 0.5})),
    st.tuples(st.just("spread"), st.fixed_dictionaries({"window": st.integers(1, 6)})),
    st.tuples(st.just("spread"), st.just({"window": 3, "text": 1.0, "category": 0.0, "alike_from": 0.5})),
    st.tuples(st.just("balanced"), st.fixed_dictionaries({"a_turn": st.integers(1, 3), "by": st.sampled_from(["category", "price"])})),
    st.tuples(st.just("by-score"), st.just({})),
)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(0, 35), CONFIGS)
def test_equals_the_definition_to_the_last_tie(seed, width, k, chosen):
    name, config = chosen
    candidates = case(seed, width)
    reranker = make_reranker(name, config)
    found = reranker.choose(candidates, k)
    expected = plain(name, reranker.config, candidates, k)
    assert found.order[0, : len(expected)].tolist() == expected
    assert (found.order[0, len(expected) :] == -1).all()
    assert found.item_codes[0, : len(expected)].tolist() == candidates.item_codes[0][expected].tolist()


# Scores without ties, since logarithms of different libraries may differ in the last bit.
UNTIED = st.one_of(
    st.tuples(st.just("dpp"), st.fixed_dictionaries({"diversity": st.floats(0.05, 0.95)})),
    st.tuples(st.just("dpp"), st.just({"diversity": 0.3, "text": 0.5, "category": 0.25, "brand": 0.25})),
    st.tuples(st.just("calibrated"), st.fixed_dictionaries({"strength": st.floats(0.05, 0.95), "smoothing": st.floats(0.005, 0.4)})),
    st.tuples(st.just("calibrated"), st.just({"strength": 0.7, "by": "brand"})),
    st.tuples(st.just("xquad"), st.fixed_dictionaries({"strength": st.floats(0.05, 0.95), "satisfied": st.floats(0.05, 0.99)})),
)


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(0, 35), UNTIED)
def test_equals_the_definition_where_logarithms_are_taken(seed, width, k, chosen):
    name, config = chosen
    rng = np.random.default_rng(seed)
    drawn = case(seed, width)
    vectors = rng.normal(size=(N_ITEMS, 24))
    vectors[rng.random(N_ITEMS) < 0.1] = 0
    items = ShopItems.of_arrays(vectors, drawn.items.category, drawn.items.brand, drawn.items.price)
    scores = np.where(np.isnan(drawn.scores), np.nan, rng.random(drawn.scores.shape))
    candidates = Candidates(drawn.item_codes, scores, items, histories=drawn.histories)
    reranker = make_reranker(name, config)
    expected = plain(name, reranker.config, candidates, min(k, 20))  # places before the list spans everything
    found = reranker.choose(candidates, min(k, 20))
    assert found.order[0, : len(expected)].tolist() == expected


@pytest.mark.parametrize("name", NAMES)
def test_the_sum_of_the_trail_chose_every_place(name):
    candidates = case(5, 25, hostile=False)
    found = make_reranker(name, {}).choose(candidates, 12)
    relevance = np.take_along_axis(candidates.relevance, found.order, 1)
    strength = {"mmr": 0.3, "dpp": 0.3, "calibrated": 0.5, "xquad": 0.5}.get(name, 0.0)
    np.testing.assert_allclose(found.relevance, (1 - strength) * relevance, atol=1e-12)
    assert (found.lift == 0).all()
    assert (found.limit == -1).all()
    if name in ("mmr", "dpp", "by-score"):  # sums that only fall: nobody is better than who stands above
        assert (np.diff(found.value[0]) <= 1e-9).all()
    if name == "by-score":
        assert (found.policy == 0).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_order_of_the_candidates_never_matters(name, order):
    candidates = case(11)
    shuffled = np.random.default_rng(order).permutation(candidates.item_codes.shape[1])
    again = Candidates(candidates.item_codes[:, shuffled], candidates.scores[:, shuffled], candidates.items, histories=candidates.histories)
    reranker = make_reranker(name, {})
    np.testing.assert_array_equal(reranker.choose(candidates, 15).item_codes, reranker.choose(again, 15).item_codes)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("codes", "scores", "k"), [([[]], [[]], 3), ([[-1, -1]], [[1.0, 2.0]], 3), ([[0, 1]], [[np.nan, 1.0]], 0)])
def test_nothing_to_choose_from(name, codes, scores, k):
    found = make_reranker(name, {}).choose(Candidates(np.array(codes, np.int32), np.array(scores), shop(0)), k)
    assert found.order.shape == (1, k)
    assert (found.item_codes == -1).all()
    assert np.isnan(found.value).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_shop_without_anything_known_follows_the_scores(name):
    unknown = np.full(9, -1, np.int32)
    items = ShopItems(np.zeros((9, 4), np.float32), unknown, unknown, unknown)
    candidates = Candidates(np.arange(9, dtype=np.int32)[None], np.arange(9.0)[None], items, histories=Histories.of_items([[1, 2]]))
    assert make_reranker(name, {}).choose(candidates, 20).item_codes[0, :9].tolist() == list(range(8, -1, -1))


def test_rerankers_are_found_by_folder_and_say_what_they_are():
    assert tuple(rerankers()) == NAMES
    for kind in rerankers().values():
        assert kind.title
        assert kind.summary.endswith(".")
        assert kind.source
        assert all(info.description for info in kind.Config.model_fields.values())
        assert kind.strength == "" or kind.strength in kind.Config.model_fields
        assert kind.Config.model_validate_json(kind.Config().model_dump_json()) == kind.Config()
    with pytest.raises(NotFound, match="by-score"):
        make_reranker("best", {})
    with pytest.raises(BadInput, match="diversity"):
        make_reranker("mmr", {"diversity": 2})
    with pytest.raises(BadInput, match="must count"):
        make_reranker("mmr", {"text": 0})


def test_calibration_worked_by_hand():
    """Two thirds tea, one third pots; four teas score best. After two teas a pot brings more than its score costs."""
    items = ShopItems.of_arrays(np.zeros((6, 1)), [0, 0, 0, 0, 1, 1], [-1] * 6, [-1] * 6)
    candidates = Candidates(
        np.arange(6, dtype=np.int32)[None], np.array([[1.0, 0.9, 0.8, 0.7, 0.1, 0.0]]), items, histories=Histories.of_items([[0, 1, 4]])
    )
    found = make_reranker("calibrated", {"strength": 0.5, "smoothing": 0.01}).choose(candidates, 3)
    assert found.item_codes[0].tolist() == [0, 4, 1]
    p, a = (2 / 3, 1 / 3), 0.01
    empty = sum(share * math.log(1 / a) for share in p)
    one = p[0] * math.log(p[0] / ((1 - a) + a * p[0])) + p[1] * math.log(p[1] / (a * p[1]))
    assert found.policy[0, 0] == pytest.approx(0.5 * (empty - one))
    assert found.other[0].tolist() == [0, 1, 0]
    assert found.amount[0] == pytest.approx([2 / 3, 1 / 3, 2 / 3])


def test_planted_mixes_come_back():
    """Candidates of one category score best; calibrated lists carry the shoppers' own shares, lists by score do not."""
    rng = np.random.default_rng(3)
    items = ShopItems.of_arrays(np.zeros((400, 1)), np.arange(400) % 4, [-1] * 400, [-1] * 400)
    shares = rng.dirichlet(np.ones(4), 30)
    history = Histories.of_items([rng.choice(4, 200, p=row).tolist() for row in shares])
    codes = np.stack([rng.permutation(400)[:200] for _ in range(30)]).astype(np.int32)
    scores = rng.random((30, 200)) + 0.5 * (codes % 4 == 0)

    def distance(found):
        listed = np.stack([(found.item_codes % 4 == g).mean(1) for g in range(4)], axis=1)
        return float(np.abs(listed - shares).sum(1).mean())

    candidates = Candidates(codes, scores, items, histories=history)
    assert distance(make_reranker("calibrated", {"strength": 0.99}).choose(candidates, 20)) < 0.15
    assert distance(make_reranker("by-score", {}).choose(candidates, 20)) > 0.6


def test_spread_keeps_alike_items_apart_and_balance_takes_turns():
    items = ShopItems.of_arrays(np.zeros((9, 1)), [0, 0, 0, 0, 1, 1, 1, 2, 2], [-1] * 9, [-1] * 9)
    candidates = Candidates(np.arange(9, dtype=np.int32)[None], -np.arange(9.0)[None], items)
    spread = make_reranker("spread", {"window": 3}).choose(candidates, 9)
    assert spread.item_codes[0].tolist() == [0, 4, 7, 1, 5, 8, 2, 6, 3]
    assert spread.amount[0].tolist() == [0] * 8 + [1]  # the last tea cannot avoid the tea two places above
    assert spread.other[0].tolist() == [-1] * 8 + [2]
    turns = make_reranker("balanced", {}).choose(candidates, 9)
    assert turns.item_codes[0].tolist() == [0, 4, 7, 1, 5, 8, 2, 6, 3]
    assert make_reranker("balanced", {"a_turn": 2}).choose(candidates, 6).item_codes[0].tolist() == [0, 1, 4, 5, 7, 8]


def test_pins_stand_where_they_are_put_and_count_as_listed():
    items = ShopItems.of_arrays(np.eye(6)[[0, 0, 1, 2, 3, 4]], [-1] * 6, [-1] * 6, [-1] * 6)
    pins = np.array([[-1, 5, -1, 0]], np.int32)
    candidates = Candidates(np.arange(6, dtype=np.int32)[None], -np.arange(6.0)[None], items, pins=pins)
    found = make_reranker("mmr", {"diversity": 0.5}).choose(candidates, 4)
    # item 1 is a copy of the pinned item 0, so that 2 and 3 come before it although they stand above the pin
    assert found.item_codes[0].tolist() == [2, 5, 3, 0]
    short = Candidates(np.array([[3, 4]], np.int32), np.array([[1.0, 0.5]]), items, pins=np.array([[-1, -1, -1, 0]], np.int32))
    assert make_reranker("mmr", {}).choose(short, 4).item_codes[0].tolist() == [4, 3, -1, -1]


def limited(limits, k=6, name="by-score", pins=None, scores=None, width=9):
    items = ShopItems.of_arrays(np.eye(width), np.arange(width) // 3, [-1] * width, [-1] * width)
    scores = -np.arange(float(width))[None] if scores is None else scores
    return make_reranker(name, {}).choose(Candidates(np.arange(width, dtype=np.int32)[None], scores, items, pins=pins, limits=limits), k)


@pytest.mark.parametrize("name", NAMES)
def test_at_most_and_at_least_hold_for_every_reranker(name):
    group = (np.arange(9) // 3).astype(np.int32)
    found = limited([CountLimit(group, most=1, window=2), CountLimit(np.where(np.arange(9) >= 8, 0, -1), least=1, window=4)], 9, name)
    listed = found.item_codes[0].tolist()
    assert len(set(group[listed[:2]])) == 2
    assert 8 in listed[:4]
    assert sorted(listed) == list(range(9))


def test_limits_worked_by_hand():
    group = (np.arange(9) // 3).astype(np.int32)
    assert limited([CountLimit(group, most=1, window=3)]).item_codes[0].tolist() == [0, 3, 6, 1, 2, 4]
    assert limited([CountLimit(group, most=1)]).item_codes[0].tolist() == [0, 3, 6, -1, -1, -1]
    assert limited([CountLimit(np.where(group == 0, 0, -1), most=0)]).item_codes[0].tolist() == [3, 4, 5, 6, 7, 8]
    tail = np.where(np.arange(9) >= 6, 0, -1).astype(np.int32)
    found = limited([CountLimit(tail, least=2)])
    assert found.item_codes[0].tolist() == [0, 1, 2, 3, 6, 7]
    # relevance is 1 - code / 8: item 6 stands where 4 would have, item 7 too, and the lift is the difference
    assert found.lift[0] == pytest.approx([0, 0, 0, 0, 2 / 8, 3 / 8])
    assert found.limit[0].tolist() == [-1, -1, -1, -1, 0, 0]
    assert limited([CountLimit(tail, least=9)]).item_codes[0].tolist() == [6, 7, 8, 0, 1, 2]  # as many as there are
    both = [CountLimit(tail, least=1), CountLimit(np.where(np.arange(9) == 5, 0, -1).astype(np.int32), least=1)]
    assert limited(both).item_codes[0].tolist() == [0, 1, 2, 3, 5, 6]
    # a pin takes no free place away: the item of the tail may wait for the last of the three
    assert limited([CountLimit(tail, least=1)], 4, pins=np.array([[-1, -1, -1, 1]], np.int32)).item_codes[0].tolist() == [0, 2, 6, 1]
    pinned = limited([CountLimit(group, most=1, window=6)], pins=np.array([[-1, -1, 1]], np.int32))
    assert pinned.item_codes[0].tolist() == [3, 6, 1, -1, -1, -1]  # the pin is the one item of its group


def test_taste_counts_interest_by_its_strength():
    group = np.array([0, 0, 1, -1], np.int32)
    taste = Taste.of(Histories.of_items([[0, 1, 2, 3], [], [3]]), group)
    assert taste.indptr.tolist() == [0, 2, 2, 2]
    assert taste.shares == pytest.approx([2 / 3, 1 / 3])


def test_relevance_and_price_bands():
    relevance, spread = relevance_of(np.array([[1, 2, -1, 3], [4, 5, 6, 7]]), np.array([[2.0, 4.0, 9.0, np.nan], [3.0] * 4]))
    np.testing.assert_array_equal(relevance, [[0, 1, np.nan, np.nan], [1, 1, 1, 1]])
    assert spread.tolist() == [2, 1]
    bands, names = price_bands(np.array([1, 2, 3, 4, 5, 5, 5, 5, 5, np.nan, 0.0]))
    assert bands.tolist() == [0, 1, 2, 2, 2, 2, 2, 2, 2, -1, -1] or bands.max() == len(names) - 1
    assert price_bands(np.full(3, 7.0))[0].tolist() == [0, 0, 0]
    assert price_bands(np.full(3, np.nan))[1] == ()
