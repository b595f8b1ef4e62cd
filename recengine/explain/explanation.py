"""The whole answer to "why this item": score, terms that add up to it, past events, a sentence, where it came from."""

from __future__ import annotations

import numpy as np

from recengine.columns import BEHAVIOURS
from recengine.data.dataset import Dataset
from recengine.data.histories import Histories
from recengine.errors import BadInput
from recengine.explain.counterfactual import in_order, place_in
from recengine.explain.history import Attribution, attribute_model
from recengine.explain.past import Past
from recengine.explain.sentence_parts import parts_of
from recengine.explain.titles import item_title, moment
from recengine.explain.wording import meaning, render
from recengine.funnel.model import Funnel
from recengine.models.base import Recommender
from recengine.types import EventTerm, Explanation, Term

TOLERANCE = 1e-6


def attribute(model: Recommender, histories: Histories, item_codes: np.ndarray) -> list[Attribution]:
    """Scores of several items (int [n]) for one history, taken apart."""
    if isinstance(model, Funnel):
        from recengine.explain.signals import attribute_funnel

        return attribute_funnel(model, histories, item_codes)
    return attribute_model(model, histories, item_codes)


def explain(
    model: Recommender,
    dataset: Dataset,
    histories: Histories,
    item_code: int,
    variant: str = "",
    shopper: str = "",
    order: np.ndarray | None = None,
) -> Explanation:
    """Why an item has its score for a shopper.

    Args:
        model: fitted.
        dataset: titles, and which items are sold.
        histories: one row.
        item_code: the item.
        variant: id to carry through.
        shopper: id to carry through.
        order: int [n], the first 500 items by score (see `counterfactual.in_order`) where they are known; None makes them.

    Returns:
        An explanation whose base and terms add up to the score within 1e-6 x max(1, |score|).

    Raises:
        BadInput: the model cannot score this item for this history.
        ArithmeticError: the parts do not add up; a fault of the program.
    """
    if len(histories) != 1:
        raise ValueError(f"one history is explained at a time, not {len(histories)}")
    parts = attribute(model, histories, np.array([item_code]))[0]
    catalogue = dataset.catalogue
    if np.isnan(parts.score):
        raise _no_score(model, dataset, histories, item_code)
    past = Past(dataset, histories)
    terms = parts.terms or _event_terms(past, parts)
    total = parts.base + sum(term.contribution for term in terms)
    if not abs(total - parts.score) <= TOLERANCE * max(1.0, abs(parts.score)):
        raise ArithmeticError(f"the parts give {total}, the score is {parts.score}")
    order = in_order(model, histories, catalogue.sellable) if order is None else order
    rank = place_in(order, item_code)
    said = parts_of(past, item_code, parts)
    probable = isinstance(model, Funnel)
    rate = model.ranker.rate if isinstance(model, Funnel) else float("nan")
    return Explanation(
        variant=variant,
        shopper=shopper,
        item=str(catalogue.vocabulary.ids[item_code]),
        title=item_title(catalogue, item_code),
        score=parts.score,
        base=parts.base,
        terms=terms,
        events=past_events(dataset, histories, parts.events, parts.errors),
        not_from_events=parts.score - parts.base - float(parts.events.sum()),
        sum=total,
        sentence=render(said),
        score_kind="probability" if probable else "score",
        rank=rank,
        provenance=parts.provenance or (((model.title, rank),) if rank else ()),
        sentence_zh=render(said, "zh"),
        meaning=meaning(parts.score, rate),
        meaning_zh=meaning(parts.score, rate, "zh"),
        shown=parts.score,
        base_log_odds=parts.base_odds,
        score_log_odds=parts.score_odds,
        category=str(catalogue.categories[item_code]),
        price=price if np.isfinite(price := float(catalogue.prices[item_code])) else None,
    )


def _event_terms(past: Past, parts: Attribution) -> tuple[Term, ...]:
    """One term a past item, for models that have nothing but the history."""
    ids, codes = past.dataset.catalogue.vocabulary.ids, past.histories.item_codes
    made = []
    for item in past.items(parts.events, by_size=True):
        if item.contribution != 0.0:
            error = 0.0 if parts.errors is None else float(parts.errors[codes == item.code].sum())
            known = error if np.isfinite(error) else -1.0
            made.append(Term("event", item.title, f"{item.did} {item.when()}", item.contribution, str(ids[item.code]), known))
    return tuple(made)


def past_events(
    dataset: Dataset, histories: Histories, adds: np.ndarray | None = None, errors: np.ndarray | None = None
) -> tuple[EventTerm, ...]:
    """Every past event of a history (one row), newest first, with what it adds (float64 [E]); events of one item stay apart."""
    ids, n = dataset.catalogue.vocabulary.ids, len(histories.item_codes)
    titles = {code: item_title(dataset.catalogue, code) for code in set(histories.item_codes.tolist())}
    adds = np.zeros(n) if adds is None else adds
    errors = np.zeros(n) if errors is None else np.where(np.isfinite(errors), errors, -1.0)
    columns = (histories.item_codes, histories.behaviours, histories.times_s, adds, errors)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    made = [
        EventTerm(
            place, str(ids[code]) if 0 <= code < len(ids) else "", titles[code], BEHAVIOURS[behaviour].value, moment(time_s), value, error
        )
        for place, (code, behaviour, time_s, value, error) in enumerate(rows)
    ]
    return tuple(reversed(made))


def _no_score(model: Recommender, dataset: Dataset, histories: Histories, item_code: int) -> BadInput:
    title = item_title(dataset.catalogue, item_code)
    if isinstance(model, Funnel) and item_code in histories.item_codes[histories.signs]:
        return BadInput(
            "This item has no score here.", f"The shopper already has {title}; only new items are scored.", "Choose another item."
        )
    if isinstance(model, Funnel) and not dataset.catalogue.sellable[item_code]:
        return BadInput("This item has no score here.", f"{title} is no product.", "Choose another item.")
    if len(histories.item_codes) == 0 and not model.can.cold_users:
        return BadInput("This item has no score here.", f"{model.title} needs a history, and this one is empty.", "Choose the funnel.")
    return BadInput("This item has no score here.", f"{model.title} learned nothing about {title}.", "Choose another item or the funnel.")
