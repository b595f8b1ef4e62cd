"""The adviser and the presets: what a log is like, and what follows from it for every model."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from pydantic import Field

from recengine.data.dataset import Catalogue, Dataset
from recengine.data.events import EventLog
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import Capabilities, ModelConfig, Needs
from recengine.models.registry import model_class, single_models
from recengine.training.adviser import FAMILIES, advise, family_of, needs_of
from recengine.training.figures import DataFigures, figures_of, order_lift
from recengine.training.presets import PRESETS, preset_settings, suggested_preset

RICH = DataFigures(5000, 3000, 400_000, 40.0, 200.0, 0.02, 0.3, 0.9, 2.5, 0.2, 1.0, 1.0, 3, 365.0)


def of_model(data: DataFigures, name: str):
    models = single_models()
    found = advise(models, {key: kind.Config() for key, kind in models.items()}, data)
    assert {advice.model for advice in found} == set(models)
    return next(advice for advice in found if advice.model == name)


def dataset(log: EventLog, titles: str = "") -> Dataset:
    bare = Catalogue.bare(Vocabulary.build([f"i{code}" for code in range(log.n_items)]))
    catalogue = replace(bare, titles=np.full(log.n_items, titles, dtype=object))
    shoppers = Vocabulary.build([f"u{code}" for code in range(log.n_users)])
    return Dataset("ds", "Shop", "f", log, catalogue, shoppers, np.full(log.n_users, "", dtype=object))


def test_the_figures_of_a_log_by_hand():
    # Shopper 0: items 0, 1 at one moment, 0 again later. Shopper 1: item 2, then, on the last day, item 3, which is new.
    log = EventLog.build([0, 0, 0, 1, 1], [0, 1, 0, 2, 3], [0, 0, 86_400, 0, 10 * 86_400], 3, 4)
    found = figures_of(dataset(log, "Tin"))
    assert (found.shoppers, found.items, found.events) == (2, 4, 5)
    assert found.median_events == 2.5
    assert found.density == pytest.approx(4 / 8)
    assert found.repeat_share == pytest.approx(1 / 5)
    assert found.moment_share == pytest.approx(2 / 3)
    assert found.new_item_share == 1.0  # of one choice after day 8.5
    assert found.titled_share == 1.0
    assert found.categorised_share == 0.0
    assert found.days == 10.0
    assert np.isnan(found.order_lift)


@pytest.mark.parametrize(("ordered", "low", "high"), [(True, 3.0, np.inf), (False, 0.8, 1.2)])
def test_order_is_told_from_chance(ordered: bool, low: float, high: float):
    draw = np.random.default_rng(2)
    users = np.repeat(np.arange(300), 12)
    start = np.repeat(draw.integers(0, 600, 300), 12)
    steps = np.tile(np.arange(12), 300)
    items = (start + steps) % 600 if ordered else draw.integers(0, 60, len(users))
    log = EventLog.build(users, items, steps * 1000, 300, 600)
    assert low <= order_lift(log) <= high


def test_orders_of_many_items_tell_no_order_by_themselves():
    users = np.repeat(np.arange(50), 20)
    items = np.tile(np.arange(20), 50)
    log = EventLog.build(users, items, np.zeros(1000, dtype=np.int64), 50, 20)
    assert np.isnan(order_lift(log))


def test_two_events_a_shopper_are_too_few_for_sequence_models():
    short = replace(RICH, median_events=2.0, long_events=4.0)
    advice = of_model(short, "sasrec")
    assert advice.level == "cannot"
    assert advice.reason == "Your log has 2 events per shopper: models of order cannot learn from it. Take Item-kNN."
    assert of_model(short, "item-knn").level == "good"
    assert of_model(RICH, "sasrec").level == "good"
    assert "2.5 times as often" in of_model(RICH, "sasrec").reason


def test_order_that_tells_nothing_lowers_models_of_order():
    assert of_model(replace(RICH, order_lift=1.0), "sasrec").level == "possible"
    assert of_model(replace(RICH, moment_share=0.05, order_lift=1.0), "transitions").level == "good"  # it counts baskets as well
    baskets = replace(RICH, moment_share=0.05, order_lift=0.9)
    told = {name: of_model(baskets, name) for name in ("sasrec", "attention", "bpr")}
    assert {name: advice.level for name, advice in told.items()} == {"sasrec": "possible", "attention": "good", "bpr": "good"}
    assert told["sasrec"].reason == "95% of the events share their moment with another: orders of many items, with little order to learn."
    assert told["attention"].reason.endswith("it learns what is taken together as well as what came before.")


def test_a_catalogue_beyond_the_limit_and_items_without_text():
    assert of_model(replace(RICH, items=40_000), "ease").reason == "Your catalogue has 40,000 items; this model stops at 15,000."
    blind = replace(RICH, titled_share=0.0, categorised_share=0.0)
    assert of_model(blind, "content").level == "cannot"
    assert of_model(RICH, "content").level == "good"
    assert "20% of the newest choices" in of_model(RICH, "content").reason
    assert of_model(replace(RICH, new_item_share=0.01), "content").level == "possible"


@pytest.mark.parametrize("data", [replace(RICH, events=0), replace(RICH, shoppers=1)], ids=["no events", "one shopper"])
def test_nothing_to_learn_from_is_said_of_every_model(data: DataFigures):
    models = single_models()
    assert {a.level for a in advise(models, {n: m.Config() for n, m in models.items()}, data)} == {"cannot"}


def test_what_is_advised_first_suits_and_every_reason_is_a_short_sentence():
    models = single_models()
    configs = {name: kind.Config() for name, kind in models.items()}
    for data in (RICH, replace(RICH, median_events=1.0), replace(RICH, order_lift=float("nan")), replace(RICH, events=300)):
        found = advise(models, configs, data)
        levels = [("good", "possible", "cannot").index(advice.level) for advice in found]
        assert levels == sorted(levels)
        assert levels[0] == 0
        for advice in found:
            assert advice.reason.endswith(".")
            assert "{" not in advice.reason
            assert all(len(sentence.split()) <= 20 for sentence in advice.reason.split(". "))


def test_every_model_has_a_family_and_declared_needs_win():
    assert {family_of(kind) for kind in single_models().values()} <= set(FAMILIES)

    class Choosy(model_class("item-knn")):  # type: ignore[misc]
        needs = Needs(median_events=100.0)
        family = "order"

    assert needs_of(Choosy).median_events == 100.0
    assert family_of(Choosy) == "order"
    found = advise({"item-knn": Choosy}, {"item-knn": Choosy.Config()}, RICH)
    assert found[0].level == "possible"
    assert "from 100 on" in found[0].reason


class NetConfig(ModelConfig):
    epochs: int = Field(default=30, ge=1, le=50)
    """Passes."""
    batch_size: int = Field(default=256, ge=1, le=65_536)
    """Examples."""
    max_length: int = Field(default=100, ge=1, le=2000)
    """Events."""


class Net(model_class("popularity")):  # type: ignore[misc]
    Config = NetConfig
    can = Capabilities(epochs=True)
    presets: ClassVar = {"quick": {"epochs": 7}}


def test_presets_follow_the_data_and_never_overrule_the_model():
    assert preset_settings(Net, "quick", None) == {"epochs": 7}
    assert preset_settings(Net, "thorough", None) == {"epochs": 50}  # twice 30, within the bounds
    assert preset_settings(Net, "balanced", None) == {}
    short = replace(RICH, long_events=14.0)
    assert preset_settings(Net, "balanced", short)["max_length"] == 20
    assert "max_length" not in preset_settings(Net, "balanced", RICH)  # never longer than the default
    assert preset_settings(Net, "balanced", RICH)["batch_size"] == 64  # 5,000 histories / 64 = 78 steps an epoch
    assert preset_settings(Net, "balanced", replace(RICH, shoppers=10**6, events=10**7))["batch_size"] == 512
    assert preset_settings(Net, "balanced", replace(RICH, shoppers=10**6, events=10**6), "cuda")["batch_size"] == 1024


@pytest.mark.parametrize("name", sorted(single_models()))
def test_every_preset_of_every_model_is_valid(name: str):
    kind = single_models()[name]
    for preset in PRESETS:
        for data in (None, RICH, replace(RICH, shoppers=2, events=3, long_events=2.0)):
            settings = preset_settings(kind, preset, data)
            kind.Config.model_validate(settings)
            assert kind.presets.get(preset, {}).items() <= settings.items()


def test_the_suggested_preset_follows_size_and_device():
    assert suggested_preset(replace(RICH, events=100_000), "cpu") == "thorough"
    assert suggested_preset(RICH, "cpu") == "balanced"
    assert suggested_preset(RICH, "cuda") == "thorough"
    assert suggested_preset(replace(RICH, events=10**7), "cpu") == "quick"
    assert suggested_preset(replace(RICH, events=10**7), "cuda") == "balanced"
