"""Views of lists that belong to a place of the shop: a product page, the cart."""

from __future__ import annotations

from dataclasses import dataclass

from recengine.types.base import said
from recengine.types.lists import ListItem
from recengine.types.policies import PolicyUse


@dataclass(frozen=True)
class SceneList:
    variant: str = said("Id of the variant; only lists for a shopper read it.")
    scene: str = said("home, product, cart or email.")
    relation: str = said("shopper: what the shopper may like. similar: like the anchors. goes: taken together with the anchors.")
    anchors: tuple[str, ...] = said("Ids of the item of the product page, or of what is in the cart.")
    shopper: str = said("Shopper id, empty for nobody in particular.")
    items: tuple[ListItem, ...] = said("The list, best first; the score is what the relation says.")
    score_kind: str = said("probability or score of the variant, likeness (0 to 1), or times (as often as usual, less 1).")
    use: PolicyUse | None = said("The policy that shaped the list; none: by score alone.")
    note: str = said("Why the list is short or empty; empty where it is neither.", default="")
