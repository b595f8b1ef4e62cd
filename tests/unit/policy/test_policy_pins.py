"""Items that only a pin may show: they enter the rows where a pin places them, and change nothing anywhere else."""

from __future__ import annotations

import numpy as np
import pytest
from policy_shops import small_shop, visitors

from recengine.policy.policy import Policy, PolicySpec

SHOP = small_shop(12)
OFFERED = np.tile(np.arange(2, 8, dtype=np.int32), (2, 1))  # the model leaves out i00 and i01, which both shoppers own, and i08 … i11
SCORES = np.tile(np.linspace(6.0, 1.0, 6), (2, 1))
WHO = visitors([[0, 1], [0, 1]], new=[True, False])


def ids(*items):
    return {"field": "id", "op": "is", "values": items}


def made(rules, k=4, own=None, offered=OFFERED, scores=SCORES, **more):
    """Lists where the model scores what pins want as `own` says, item by item."""
    policy = Policy(PolicySpec.model_validate({"rules": rules, **more}), SHOP)
    wanted = None if own is None else np.tile([own[int(code)] for code in policy.wanted], (len(offered), 1)).astype(float)
    return policy.apply(offered, scores, k, WHO, wanted)


@pytest.mark.parametrize("position", [1, 9])
def test_a_pin_for_some_shoppers_shows_its_items_to_nobody_else(position):
    pin = {"action": "pin", "position": position, "segments": ["new"], "conditions": [ids("i00", "i01", "i09")]}
    found = made([pin], own={0: 99.0, 1: 98.0, 9: 0.5})
    # the first shopper has i00 and i01 already, so that the pin takes i09; the second is in no segment of the rule
    assert found.item_codes.tolist() == [[9, 2, 3, 4] if position == 1 else [2, 3, 4, 5], [2, 3, 4, 5]]
    assert found.by_score[1].tolist() == [0, 1, 2, 3]


def test_a_pin_shows_what_the_shopper_has_where_it_means_nothing_else():
    pin = {"action": "pin", "position": 2, "conditions": [ids("i00", "i01")]}
    assert made([pin], own={0: 99.0, 1: 98.0}).item_codes[0].tolist() == [2, 0, 3, 4]


def test_a_pin_for_some_does_not_move_the_scale_of_the_others():
    boost = {"action": "boost", "strength": 50, "conditions": [ids("i05")]}
    pin = {"action": "pin", "position": 4, "segments": ["new"], "conditions": [ids("i11")]}
    alone, both = made([boost]), made([boost, pin], own={11: -500.0})
    assert both.item_codes[1].tolist() == alone.item_codes[1].tolist() == [2, 5, 3, 4]
    assert both.item_codes[0].tolist() == [2, 5, 3, 11]  # and the scale of its own row is that of what the model offered
    np.testing.assert_array_equal(both.trail.unit, [5.0, 5.0])


@pytest.mark.parametrize("reranker", ["by-score", "mmr", "dpp", "xquad"])
@pytest.mark.parametrize("own", [99.0, 3.5, -500.0, np.nan])
def test_a_pinned_item_starts_from_its_own_score_and_adds_up(reranker, own):
    pin = {"action": "pin", "position": 2, "conditions": [ids("i10")]}
    found = made([pin], own={10: own}, reranker=reranker, settings={"diversity": 0.5} if reranker in ("mmr", "dpp") else {})
    trail = found.trail
    assert (found.item_codes[:, 1] == 10).all()
    assert trail.score[:, 1].tolist() == [1.0 if np.isnan(own) else own] * 2
    assert trail.added[:, 1].tolist() == [bool(np.isnan(own))] * 2
    assert found.by_score[:, 1].tolist() == [-1, -1]
    np.testing.assert_allclose(trail.total, trail.final, atol=1e-9)
    assert (np.diff(trail.final, axis=1) <= 0).all()


def test_equal_scores_and_empty_rows_take_a_pin():
    pin = {"action": "pin", "position": 1, "conditions": [ids("i10")]}
    flat = made([pin], own={10: 7.0}, scores=np.full((2, 6), 4.0))
    assert flat.item_codes[0].tolist() == [10, 2, 3, 4]
    np.testing.assert_allclose(flat.trail.total, flat.trail.final, atol=1e-9)
    none = made([pin], own={10: 7.0}, offered=np.full((2, 2), -1, np.int32), scores=np.zeros((2, 2)))
    assert none.item_codes[0].tolist() == [10, -1, -1, -1]
    assert none.trail.final[0, 0] == pytest.approx(7.0)
