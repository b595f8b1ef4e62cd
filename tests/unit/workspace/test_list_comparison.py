"""Lists of two variants for everybody, and who gets the places, on a small shop with known variants."""

from __future__ import annotations

import numpy as np
import pytest

from recengine.errors import BadInput, NotFound
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.workspace import Workspace
from recengine.workspace.list_comparison import LENGTHS, _categories


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, str]]:
    folder = tmp_path_factory.mktemp("comparison")
    make_demo_store(folder / "demo", seed=5, shoppers=150, days=60)
    ws = Workspace(folder / "ws")
    report = ws.datasets.import_now(ws.datasets.stage_path(folder / "demo" / "events.csv", "demo"))
    found = {}
    for model in ("popularity", "item-knn"):
        asked = TrainingRequest(report.dataset, model, preset="quick", device="cpu")
        found[model] = ws.run_attached("train", ws.training.arguments(asked), model)["variant"]
    asked = TrainingRequest(report.dataset, "popularity", preset="quick", device="cpu", split="leave-last")
    found["other split"] = ws.run_attached("train", ws.training.arguments(asked), "other")["variant"]
    return ws, found


def test_a_variant_agrees_wholly_with_itself(shop):
    ws, variants = shop
    found = ws.list_comparison.agreement(variants["item-knn"], variants["item-knn"])
    assert found.same == found.shoppers > 0
    assert (found.entered, found.moved, found.rbo.value, found.jaccard.value) == (0.0, 0.0, pytest.approx(1.0), 1.0)
    assert found.most_changed == found.winners == found.losers == ()


def test_agreement_is_what_the_stored_lists_say(shop):
    ws, variants = shop
    a, b = variants["popularity"], variants["item-knn"]
    found = ws.list_comparison.agreement(a, b, 5)
    first, second = (ws.comparison.evaluation(v).lists[:, :5] for v in (a, b))
    entered = [len(set(y[y >= 0]) - set(x[x >= 0])) for x, y in zip(first, second, strict=True)]
    assert found.entered == pytest.approx(np.mean(entered))
    assert found.most_changed[0].rbo == min(row.rbo for row in found.most_changed)
    assert [row.rbo for row in found.most_changed] == sorted(row.rbo for row in found.most_changed)
    assert max(row.after - row.before for row in found.winners) == found.winners[0].after - found.winners[0].before > 0
    assert found.losers[0].after < found.losers[0].before


def test_exposure_adds_up_and_popularity_shows_the_popular(shop):
    ws, variants = shop
    chosen = [variants["popularity"], variants["item-knn"]]
    found = ws.list_comparison.exposure(chosen)
    for variant in chosen:
        assert sum(found.bands[variant]) == pytest.approx(1)
        assert sum(found.listed[variant]) == pytest.approx(1)
        assert found.lorenz[variant][-1] == pytest.approx(1)
    assert found.bands[chosen[0]][0] > found.bands[chosen[1]][0]
    assert found.miscalibration[chosen[0]].value > found.miscalibration[chosen[1]].value
    assert [sum(found.past), sum(found.chosen)] == pytest.approx([1, 1])


def test_curves_pass_through_the_reported_figures(shop):
    ws, variants = shop
    found = ws.list_comparison.by_length([variants["item-knn"]], "ndcg@10")
    reported = ws.variants.get(variants["item-knn"]).metrics
    for k in (5, 10, 20):
        assert found.values[variants["item-knn"]][LENGTHS.index(k)].value == pytest.approx(reported[f"ndcg@{k}"].value)


def test_what_cannot_be_compared_is_said(shop):
    ws, variants = shop
    with pytest.raises(BadInput, match="different splits"):
        ws.list_comparison.agreement(variants["popularity"], variants["other split"])
    with pytest.raises(BadInput, match="cannot have 0"):
        ws.list_comparison.agreement(variants["popularity"], variants["item-knn"], 0)
    with pytest.raises(BadInput, match="every length"):
        ws.list_comparison.by_length([variants["popularity"]], "coverage")
    with pytest.raises(BadInput, match="nothing to compare"):
        ws.list_comparison.exposure([])
    with pytest.raises(NotFound):
        ws.list_comparison.exposure(["va-none"])


def test_categories_beyond_the_first_are_one():
    names = np.array([f"c{i:02d}" for i in range(13)] + [""], dtype=object)
    past = np.concatenate([np.full(20 - i, i) for i in range(13)] + [np.full(50, 13)])
    shown, code = _categories(names, past)
    assert shown == (*(f"c{i:02d}" for i in range(11)), "")
    assert code.tolist() == [*range(11), 11, 11, -1]
    few, code = _categories(names[[0, 1, 13]], np.array([0, 0, 1]))
    assert few == ("c00", "c01")
    assert code.tolist() == [0, 1, -1]
