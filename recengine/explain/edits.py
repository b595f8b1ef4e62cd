"""What-if: a history or an item that differs from what is known, and the model as it would see them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.histories import Histories
from recengine.errors import BadInput
from recengine.funnel.model import Funnel
from recengine.models.base import Recommender

Kind = Literal["remove", "change", "add", "price", "category"]


@dataclass(frozen=True)
class Edit:
    """One change. remove and change name a place of the history as it is, add names an item, price and category name an item."""

    kind: Kind
    place: int = -1  # 0 = oldest event
    item: int = -1  # item code
    behaviour: str = ""  # "" leaves it as it is; an added event is a view
    time_s: int | None = None  # None leaves it as it is; an added event happens just before the question
    price: float | None = None
    category: str = ""


def edited_history(histories: Histories, edits: Sequence[Edit]) -> Histories:
    """The history (one row) after all edits of events, in the order of time.

    Raises:
        BadInput: a place outside the history, an unknown behaviour, or a time after the moment of the question.
    """
    n, now = len(histories.item_codes), int(histories.now_s[0])
    keep = np.ones(n, dtype=bool)
    items, behaviours, times = histories.item_codes.copy(), histories.behaviours.copy(), histories.times_s.copy()
    added: list[tuple[int, int, int]] = []
    for edit in edits:
        if edit.kind in ("remove", "change") and not 0 <= edit.place < n:
            raise BadInput("There is no such past event.", f"This history has {n} events.", "Choose events from the list.")
        if edit.behaviour and edit.behaviour not in BEHAVIOUR_CODE:
            raise BadInput(f"There is no behaviour called {edit.behaviour[:60]}.", "", f"Use one of: {', '.join(BEHAVIOUR_CODE)}.")
        if edit.time_s is not None and not 0 <= edit.time_s < now:
            raise BadInput("A past event cannot happen later than the list.", "", "Choose an earlier time.")
        if edit.kind == "remove":
            keep[edit.place] = False
        elif edit.kind == "change":
            behaviours[edit.place] = BEHAVIOUR_CODE[edit.behaviour] if edit.behaviour else behaviours[edit.place]
            times[edit.place] = times[edit.place] if edit.time_s is None else edit.time_s
        elif edit.kind == "add":
            added.append((edit.item, BEHAVIOUR_CODE[edit.behaviour or "view"], now - 1 if edit.time_s is None else edit.time_s))
    more = np.array(added, dtype=np.int64).reshape(-1, 3)
    items = np.concatenate([items[keep], more[:, 0].astype(items.dtype)])
    behaviours = np.concatenate([behaviours[keep], more[:, 1].astype(behaviours.dtype)])
    times = np.concatenate([times[keep], more[:, 2]])
    order = np.argsort(times, kind="stable")
    indptr = np.array([0, len(items)], dtype=np.int64)
    return replace(histories, indptr=indptr, item_codes=items[order], behaviours=behaviours[order], times_s=times[order])


def edited_model(model: Recommender, catalogue: Catalogue, edits: Sequence[Edit]) -> Recommender:
    """The model as it would be if some items had another price or category; the model itself stays as it is.

    Only the signals of the funnel read prices and categories one by one. Its generators keep what they learned.

    Raises:
        BadInput: the model reads no prices or categories, a price that is no positive number, or a category nothing is in.
    """
    wanted = [edit for edit in edits if edit.kind in ("price", "category")]
    if not wanted:
        return model
    if not isinstance(model, Funnel):
        raise BadInput(f"{model.title} reads no prices and categories one by one.", "", "Choose a funnel, or edit past events.")
    facts = model.facts
    for edit in wanted:
        columns: dict[str, np.ndarray] = {}
        if edit.kind == "price":
            if facts.log_price is None:
                raise BadInput("This variant knows no prices.", "", "Import a price column and train again.")
            if edit.price is None or not np.isfinite(edit.price) or edit.price <= 0:
                raise BadInput("A price must be above 0.", "", "Write a number such as 9.95.")
            columns["log_price"] = _with(facts.log_price, edit.item, float(np.log2(edit.price)))
            if facts.price_level is not None:
                level = facts.price_level[edit.item] + np.log2(edit.price) - facts.log_price[edit.item]
                columns["price_level"] = _with(facts.price_level, edit.item, float(level))
        else:
            alike = np.flatnonzero(catalogue.categories == edit.category)
            if facts.category is None or not edit.category or len(alike) == 0 or facts.category[alike[0]] < 0:
                raise BadInput(f"There is no category called {edit.category[:60]}.", "", "Choose one of the categories of this dataset.")
            columns["category"] = _with(facts.category, edit.item, int(facts.category[alike[0]]))
            if facts.category_trend is not None:
                columns["category_trend"] = _with(facts.category_trend, edit.item, float(facts.category_trend[alike[0]]))
            if facts.price_level is not None and facts.log_price is not None:
                middle = (facts.log_price - facts.price_level)[alike]
                usual = middle[~np.isnan(middle)][:1]
                level = facts.log_price[edit.item] - usual[0] if len(usual) else np.nan
                columns["price_level"] = _with(facts.price_level, edit.item, float(level))
        facts = replace(facts, **columns)
    seen = copy.copy(model)
    seen.facts = facts
    return seen


def _with(column: np.ndarray, item: int, value: float) -> np.ndarray:
    changed = column.copy()
    changed[item] = value
    return changed
