from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.histories import Histories
from recengine.errors import BadInput
from recengine.explain.counterfactual import in_order, side_by_side, smallest_removal
from recengine.explain.edits import Edit, edited_history, edited_model
from recengine.testing.table_model import TableModel

N, SOLD = 14, np.ones(14, dtype=bool)


def additive(seed, interaction=0.0):
    rng = np.random.default_rng(seed)
    weight, pair = rng.normal(size=(N, N)), rng.normal(size=(N, N, N)) * interaction
    return TableModel(
        lambda item, there: float(sum(weight[i, item] for i in there) + sum(pair[a, b, item] for a, b in combinations(sorted(there), 2))), N
    )


def leaves(model, history, item, gone, k):
    kept = history.keep_events(~np.isin(history.item_codes, list(gone)))
    listed = model.recommend(kept, k, exclude=history.to_csr(N, binary=True), allow=SOLD).item_codes[0]
    return item not in listed


def brute_force(model, history, item, k):
    players = sorted(set(history.item_codes.tolist()))
    return next((s for s in range(1, len(players) + 1) for c in combinations(players, s) if leaves(model, history, item, c, k)), None)


@pytest.mark.parametrize("seed", range(12))
def test_the_smallest_set_is_the_one_of_brute_force(seed):
    model = additive(seed, 0.3 * (seed % 3))
    history = Histories.of_items([[0, 1, 2, 3, 4, 1, 5]], now_s=10**9)
    item = int(model.recommend(history, 1, exclude=history.to_csr(N, binary=True)).item_codes[0, 0])
    found = smallest_removal(model, history, item, SOLD, 3)
    smallest = brute_force(model, history, item, 3)
    if smallest is None:
        assert found.items == ()
        assert found.proof == "none"
        return
    assert leaves(model, history, item, found.items, 3)
    if found.proof == "proved":
        assert len(found.items) == smallest
    else:
        assert len(found.items) >= max(smallest, 5)
    assert smallest > 4 or found.proof == "proved"


def test_a_model_that_ignores_the_shopper_has_no_set():
    """What is taken out of the history must not come back into the list and push the item out by itself."""
    model = TableModel(lambda item, there: float(N - item), N)
    history = Histories.of_items([[0, 1, 2, 3]], now_s=10**9)
    for item in (4, 5, 6):
        found = smallest_removal(model, history, item, SOLD, 3)
        assert (found.items, found.proof) == ((), "none")


def test_without_checks_the_set_is_only_greedy():
    model = additive(3, 0.5)
    history = Histories.of_items([[0, 1, 2, 3, 4, 5]], now_s=10**9)
    for item in range(6, N):
        found = smallest_removal(model, history, item, SOLD, 4, checks=0)
        assert found.proof in ("none", "greedy") or len(found.items) == 1
        assert not found.items or leaves(model, history, item, found.items, 4)


def test_an_item_that_is_not_on_the_list_has_no_set():
    model = TableModel(lambda item, there: float(-item + len(there)), N)
    history = Histories.of_items([[0, 1]], now_s=10**9)
    assert smallest_removal(model, history, 13, SOLD, 3).items == ()
    assert smallest_removal(model, history, 2, SOLD, 5).proof == "none"  # it stays whatever is removed


def test_edits_of_a_history():
    history = Histories.of_items([[4, 5, 6]], now_s=1000)
    made = edited_history(
        history,
        [
            Edit("remove", 0),
            Edit("change", 1, behaviour="view", time_s=10),
            Edit("add", item=9, behaviour="cart"),
            Edit("add", item=8, time_s=11),
        ],
    )
    assert made.item_codes.tolist() == [5, 8, 6, 9]
    assert made.times_s.tolist() == [10, 11, 999, 999]
    names = ["view", "view", "purchase", "cart"]
    assert made.behaviours.tolist() == [BEHAVIOUR_CODE[name] for name in names]
    assert history.item_codes.tolist() == [4, 5, 6]
    for wrong in (Edit("remove", 3), Edit("change", -1), Edit("add", item=1, time_s=1000), Edit("change", 0, behaviour="fly")):
        with pytest.raises(BadInput):
            edited_history(history, [wrong])


def test_old_and_new_place_side_by_side():
    model = TableModel(lambda item, there: float((item in {10, 11}) * (3 in there) * item + item / 100), N)
    before = Histories.of_items([[3, 4]], now_s=1000)
    after = edited_history(before, [Edit("remove", 0)])
    found = side_by_side((model, before), (model, after), in_order(model, before, SOLD), in_order(model, after, SOLD), 2, also=(0,))
    assert found.item_codes.tolist() == [13, 12, 11, 10, 0]
    assert found.new_place.tolist() == [1, 2, 3, 4, 13]
    assert found.old_place.tolist() == [3, 4, 1, 2, 12]
    np.testing.assert_allclose(found.old_score, [0.13, 0.12, 11.11, 10.10, 0.0])
    np.testing.assert_allclose(found.new_score, [0.13, 0.12, 0.11, 0.10, 0.0])


def test_price_and_category_go_through_the_funnels_facts(judged, demo, some_users):
    model, dataset = judged[0], demo[0]
    history = dataset.histories(some_users[:1])
    item = int(model.recommend(history, 5).item_codes[0, 4])
    before = model.facts.log_price.copy()
    dear = edited_model(model, dataset.catalogue, [Edit("price", item=item, price=2.0 ** (before[item] + 5))])
    orders = [in_order(m, history, dataset.catalogue.sellable) for m in (model, dear)]
    found = side_by_side((model, history), (dear, history), *orders, 5, also=(item,))
    row = found.item_codes.tolist().index(item)
    assert found.new_score[row] < found.old_score[row]  # far from the usual price can only hurt
    np.testing.assert_array_equal(model.facts.log_price, before)
    others = np.delete(np.arange(len(found.item_codes)), row)
    np.testing.assert_allclose(found.new_score[others], found.old_score[others])
    names = dataset.catalogue.categories
    past = names[history.item_codes]
    favourite = max(sorted(set(past)), key=lambda name: (past == name).sum())
    stranger = next(int(i) for i in model.recommend(history, 200).item_codes[0] if names[i] not in set(past))
    liked = edited_model(model, dataset.catalogue, [Edit("category", item=stranger, category=str(favourite))])
    column = [signal.key for signal in model.signals].index("category")
    row = np.zeros(1, dtype=np.int64)
    share = [m.table(m.recalled(history), history, row, np.array([stranger]))[0, column] for m in (model, liked)]
    assert share[0] == 0
    assert share[1] > 0.1
    for wrong in (Edit("price", item=item, price=0.0), Edit("category", item=item, category="no such")):
        with pytest.raises(BadInput):
            edited_model(model, dataset.catalogue, [wrong])
    with pytest.raises(BadInput, match="reads no prices"):
        edited_model(model.generators["ease"], dataset.catalogue, [Edit("price", item=item, price=1.0)])
