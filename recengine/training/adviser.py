"""Which models can learn from a log, and why, from the log's figures and what each model declares."""

from __future__ import annotations

import math
from dataclasses import dataclass

from recengine.models.base import ModelConfig, Needs, Recommender
from recengine.training.figures import DataFigures
from recengine.training.memory import plan_memory

GOOD, POSSIBLE, CANNOT = "good", "possible", "cannot"
LEVELS = (GOOD, POSSIBLE, CANNOT)
FAMILIES = ("baseline", "neighbours", "order", "factors", "graph", "text", "combined")
ORDER_TELLS = 1.3  # pairs repeat so much more often than in shuffled histories
ORDER_SILENT = 1.1
MANY_NEW = 0.1  # of the newest choices are on new items
SINGLE_MOMENTS = 0.5  # of the events have a moment of their own
FEW_TEXTS = 0.5


@dataclass(frozen=True)
class Advice:
    """One model against one log."""

    model: str
    level: str  # good, possible or cannot
    reason: str  # one sentence
    rank: float  # higher is advised first within a level


def family_of(model: type[Recommender]) -> str:
    """The heading a model stands under: what it declares, else what its capabilities suggest."""
    can = model.can
    if model.family:
        return model.family
    if can.features and can.cold_items:
        return "text"
    if can.order:
        return "order"
    if can.epochs:
        return "factors"
    return "neighbours" if can.linear and not can.cold_users else "baseline" if can.cold_users else "neighbours"


def needs_of(model: type[Recommender]) -> Needs:
    """What a model declares, else what its capabilities suggest: networks need events, readers of the order long histories."""
    can = model.can
    if model.needs is not None:
        return model.needs
    return Needs(
        median_events=4.0 if can.order and can.epochs else 3.0 if can.order and not can.cold_users else 2.0 if can.epochs else 0.0,
        events=5_000 if can.order and can.epochs else 1_000 if can.epochs else 0,
        texts=can.features and can.cold_items,
    )


def advise(models: dict[str, type[Recommender]], configs: dict[str, ModelConfig], data: DataFigures, device: str = "cpu") -> list[Advice]:
    """Every model with a verdict and one sentence why, the best advised first.

    Args:
        models: name → class.
        configs: the settings each would be trained with.
        data: of the log.
        device: cpu or cuda; decides which memory is looked at.
    """
    found = [_advice(model, configs[name], data, device) for name, model in models.items()]
    simple = next((models[a.model].title for a in sorted(found, key=_order) if a.level == GOOD and _is_simple(models[a.model])), "")
    found = [Advice(a.model, a.level, a.reason.replace("{simple}", f" Take {simple}." if simple else ""), a.rank) for a in found]
    return sorted(found, key=_order)


def _order(advice: Advice) -> tuple[int, float, str]:
    return LEVELS.index(advice.level), -advice.rank, advice.model


def _is_simple(model: type[Recommender]) -> bool:
    return family_of(model) == "neighbours" and not model.can.epochs


def _advice(model: type[Recommender], config: ModelConfig, data: DataFigures, device: str) -> Advice:
    impossible = _impossible(model, config, data, device)
    if impossible:
        return Advice(model.name, CANNOT, impossible, 0.0)
    level, reason, rank = _worth(model, data)
    return Advice(model.name, level, reason, rank)


def _impossible(model: type[Recommender], config: ModelConfig, data: DataFigures, device: str) -> str:
    """Why a fit would be refused or in vain; "" where it would not."""
    needs, limit = needs_of(model), model.can.max_items
    texts = max(data.titled_share, data.categorised_share)
    if data.events == 0:
        return "The log has no views, carts or purchases to learn from."
    if data.shoppers < 2:
        return "The log has a single shopper: nobody to learn from and nobody to compare with."
    if limit is not None and data.items > limit:
        return f"Your catalogue has {data.items:,} items; this model stops at {limit:,}."
    plan = plan_memory(model, config, data.shoppers, data.items, data.events, device)
    if plan.level == "no":
        return f"It needs about {plan.needed_bytes / 1e9:.1f} GB of {plan.where}; {(plan.free_bytes or 0) / 1e9:.1f} GB are free."
    if needs.texts and texts == 0:
        return "Your items have neither titles nor categories for it to read."
    half = needs.median_events * 0.5
    if needs.median_events and data.median_events <= half and model.can.order:
        return f"Your log has {_events(data.median_events)} per shopper: models of order cannot learn from it.{{simple}}"
    return ""


def _worth(model: type[Recommender], data: DataFigures) -> tuple[str, str, float]:
    """Level, sentence and rank of a model that can be fitted."""
    family, needs, can = family_of(model), needs_of(model), model.can
    per_shopper = _events(data.median_events)
    if data.events < needs.events:
        return POSSIBLE, f"{data.events:,} events are few for it; it is made for {needs.events:,} and more.{{simple}}", 0.2
    if data.median_events < needs.median_events:
        return POSSIBLE, f"Your log has {per_shopper} per shopper; it does better from {needs.median_events:g} on.{{simple}}", 0.3
    if needs.texts and max(data.titled_share, data.categorised_share) < FEW_TEXTS:
        return POSSIBLE, f"Only {_share(max(data.titled_share, data.categorised_share))} of your items have a text for it to read.", 0.3
    if family == "baseline":
        return GOOD, "A baseline: every other model has to beat it.", 0.5
    if family == "combined":
        return GOOD, "It weighs several models against each other, and is seldom worse than the best of them.", 0.9
    if can.cold_items and data.new_item_share >= MANY_NEW:
        return GOOD, f"{_share(data.new_item_share)} of the newest choices are on new items, which only titles can tell about.", 0.85
    if can.cold_items:
        return POSSIBLE, f"Only {_share(data.new_item_share)} of the newest choices are on new items, so that titles add little.", 0.5
    if can.order:
        return _order_worth(model, data)
    if can.epochs:
        return GOOD, f"{per_shopper[:1].upper()}{per_shopper[1:]} per shopper are enough to find shared tastes.", 0.6
    if data.median_events < 3:
        rank = 0.8 if can.max_items is None else 0.6  # what fits in any catalogue does not solve for every pair of items
        return GOOD, f"It only counts, so that {per_shopper} per shopper are enough.", rank
    return GOOD, f"What shoppers take together is counted in seconds, and {per_shopper} per shopper tell a lot.", 0.7


def _order_worth(model: type[Recommender], data: DataFigures) -> tuple[str, str, float]:
    lift, learns = data.order_lift, model.can.epochs
    if not math.isnan(lift) and lift >= ORDER_TELLS:
        times = f"{lift:.1f} times as often as" if math.isfinite(lift) else "where they do not"
        return GOOD, f"The order tells: pairs of items repeat {times} in shuffled histories.", 0.8 if learns else 0.75
    if data.moment_share < SINGLE_MOMENTS:
        shared = f"{_share(1 - data.moment_share)} of the events share their moment with another"
        if learns and not model.can.attention:
            return POSSIBLE, f"{shared}: orders of many items, with little order to learn.", 0.4
        if learns:
            return GOOD, f"{shared}: it learns what is taken together as well as what came before.", 0.6
        return GOOD, f"{shared}: it counts what is taken together and what comes next.", 0.65
    if not math.isnan(lift) and lift < ORDER_SILENT:
        return POSSIBLE, "Pairs of items repeat no more often than in shuffled histories: the order tells little here.", 0.35
    return POSSIBLE, "Too few pairs of items repeat to say whether the order tells anything.", 0.45


def _events(median: float) -> str:
    return f"{median:g} {'event' if median == 1 else 'events'}"


def _share(value: float) -> str:
    return f"{100 * value:.0f}%"
