"""Why an item is not on a list, the policy of the list included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from recengine.types.policies import PolicyUse
from recengine.workspace.context import Context, LoadedVariant
from recengine.workspace.edits import edited_shop
from recengine.workspace.policy_lists import segments_of
from recengine.workspace.shaped_lists import deep_order, policy_of, shaped

if TYPE_CHECKING:
    from recengine.data.histories import Histories
    from recengine.explain.edits import Edit
    from recengine.models.base import Recommender
    from recengine.policy.policy import Policy
    from recengine.types.explanations import WhyNotView


def why_not(
    context: Context, loaded: LoadedVariant, histories: Histories, code: int, k: int, use: PolicyUse | None, shopper: str
) -> WhyNotView:
    """The stage at which an item dropped out, and what would bring it in: changes of the history, of the item and of the policy.

    Args:
        context: the workspace.
        loaded: the variant, as edited.
        histories: one row, as edited.
        code: the item.
        k: list length.
        use: policy of the list; None = by score alone.
        shopper: id to carry through.
    """
    from recengine.explain.counterfactual import DEPTH
    from recengine.explain.policy_why_not import policy_part
    from recengine.explain.why_not import Stage
    from recengine.explain.why_not import why_not as asked
    from recengine.policy.parts import removed_by
    from recengine.policy.shop import Visitors
    from recengine.workspace.explanation_words import why_not_view

    policy = policy_of(context, loaded, use)
    catalogue = loaded.dataset.catalogue
    shown = shaped(loaded, histories, k, policy).item_codes[0]
    listed = shown[shown >= 0].tolist()
    if policy is None:
        found = asked(loaded.model, catalogue, histories, code, k, listed)
        return why_not_view(loaded, histories, found, shopper)

    def order(model: Recommender, made: Histories, edits: Sequence[Edit]) -> np.ndarray:
        other = replace(loaded, model=model, dataset=edited_shop(loaded.dataset, edits))
        ready = policy if other.dataset is loaded.dataset else policy_of(context, other, use)
        return deep_order(other, made, k, DEPTH, ready)

    visitor = Visitors(histories, segments_of(loaded.dataset, histories))
    removed = bool(removed_by(policy, code, visitor))
    found = asked(loaded.model, catalogue, histories, code, k, listed, True, removed, order)

    def under(other: Policy) -> np.ndarray:
        return deep_order(loaded, histories, k, DEPTH, other)

    can_enter = removed or found.stage in (Stage.RULE, Stage.DISPLACED, Stage.OUTRANKED)
    part = policy_part(policy, code, visitor, k, under) if can_enter and code not in listed and catalogue.sellable[code] else None
    return why_not_view(loaded, histories, found, shopper, use, policy, part)
