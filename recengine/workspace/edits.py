"""What-ifs as a person or a program writes them: dicts that become edits of a history or of an item."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.columns import BEHAVIOURS, Behaviour
from recengine.errors import BadInput, NotFound
from recengine.types.explanations import WhatIfChoices
from recengine.workspace.context import LoadedVariant
from recengine.workspace.sessions import time_of

if TYPE_CHECKING:
    from recengine.data.dataset import Dataset
    from recengine.data.histories import Histories
    from recengine.explain.edits import Edit

KINDS = ("remove", "change", "add", "price", "category")


def edits_key(edits: Sequence[dict[str, Any]]) -> str:
    """The edits as text: equal for equal edits in the same order."""
    return json.dumps(list(edits), sort_keys=True, default=str)


def edited(loaded: LoadedVariant, histories: Histories, edits: Sequence[dict[str, Any]]) -> tuple[LoadedVariant, Histories]:
    """The variant and the history (one row) as they would be after all edits; the given ones stay as they are.

    Args:
        loaded: the variant.
        histories: one row.
        edits: dicts with "kind": remove ("place"), change ("place", "behaviour", "time"), add ("item", "behaviour", "time"),
            price ("item", "price") or category ("item", "category"). Places are those of the history before the edits.

    Raises:
        NotFound: unknown item.
        BadInput: an edit that cannot be made.
    """
    if not edits:
        return loaded, histories
    from recengine.explain.edits import edited_history, edited_model

    wanted = [parsed(loaded, edit, place) for place, edit in enumerate(edits)]
    model = edited_model(loaded.model, loaded.dataset.catalogue, wanted)
    return replace(loaded, model=model, dataset=edited_shop(loaded.dataset, wanted)), edited_history(histories, wanted)


def parsed(loaded: LoadedVariant, edit: dict[str, Any], place: int) -> Edit:
    """One edit; `place` is named where it is not understood. Raises as `edited`."""
    from recengine.explain.edits import Edit

    kind = str(edit.get("kind", "")) if isinstance(edit, dict) else ""
    if kind not in KINDS:
        raise BadInput(f"Edit {place + 1} is not understood.", "", "Its kind is remove, change, add, price or category.")
    item = item_code(loaded, str(edit.get("item", ""))) if kind in ("add", "price", "category") else -1
    given = edit.get("time")
    time_s = None if given in (None, "") else time_of(given, place)
    try:
        at, price = int(edit.get("place", -1)), None if edit.get("price") is None else float(edit["price"])
    except (TypeError, ValueError):
        raise BadInput(f"Edit {place + 1} has no usable number.", "", "Write places and prices as numbers.") from None
    return Edit(kind, at, item, str(edit.get("behaviour", "") or ""), time_s, price, str(edit.get("category", "") or ""))


def choices(loaded: LoadedVariant) -> WhatIfChoices:
    """What may be changed: behaviours, categories and prices that this variant reads."""
    from recengine.explain.titles import moment
    from recengine.funnel.model import Funnel

    dataset, model = loaded.dataset, loaded.model
    happened = {BEHAVIOURS[code] for code in np.unique(dataset.products_log.behaviours).tolist()}
    usual = {Behaviour.VIEW, Behaviour.CART, Behaviour.PURCHASE}
    facts = model.facts if isinstance(model, Funnel) else None
    names: set[str] = set()
    if facts is not None and facts.category is not None:
        names = {str(name) for name in dataset.catalogue.categories[facts.category >= 0]}
    return WhatIfChoices(
        behaviours=tuple(b.value for b in BEHAVIOURS if b in happened | usual),
        categories=tuple(sorted(names - {""})),
        prices=facts is not None and facts.log_price is not None,
        latest=moment(max(dataset.now_s - 1, 0)),
    )


def item_code(loaded: LoadedVariant, item: str) -> int:
    """Code of an item id. Raises NotFound."""
    code = loaded.dataset.catalogue.vocabulary.code(item)
    if code < 0:
        raise NotFound("There is no such item.", f"{item} is not in {loaded.dataset.name}.", "Choose an item of this dataset.")
    return int(code)


def edited_shop(dataset: Dataset, edits: Sequence[Edit]) -> Dataset:
    """The shop with the prices and categories of the edits, for words and policies; nothing is learned anew."""
    if not any(edit.kind in ("price", "category") for edit in edits):
        return dataset
    prices, categories = dataset.catalogue.prices.copy(), dataset.catalogue.categories.copy()
    for edit in edits:
        if edit.kind == "price":
            prices[edit.item] = edit.price
        elif edit.kind == "category":
            categories[edit.item] = edit.category
    made = replace(dataset, catalogue=replace(dataset.catalogue, prices=prices, categories=categories))
    made.__dict__["products_log"] = dataset.products_log  # where cached_property looks
    return made
