"""The one path from a variant to lists as a policy shapes them; pages, cards, what-ifs, exports and the command line all take it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from recengine.errors import BadInput, NotFound
from recengine.types.policies import PUBLISHED, PolicyPlace, PolicyUse
from recengine.workspace.context import Context
from recengine.workspace.policy_lists import POOL, place_view, policy_shop, ranked_by_policy, ready_policy

if TYPE_CHECKING:
    import scipy.sparse as sp

    from recengine.data.histories import Histories
    from recengine.policy.policy import Policy, PolicyLists
    from recengine.workspace.context import LoadedVariant
    from recengine.workspace.policies import Policies


@dataclass(frozen=True, eq=False)
class ShapedLists:
    """Lists of a batch, with what the policy did to each place; -1 and NaN padded."""

    item_codes: np.ndarray  # int32 [B, k]
    scores: np.ndarray  # float64 [B, k], the variant's own
    by_score: np.ndarray  # int32 [B, k], place by score alone from 0; -1 = none, or only a pin brought the item in
    policy: Policy | None = None  # None = by score alone
    found: PolicyLists | None = None

    def placed(self, place: int, row: int = 0) -> PolicyPlace | None:
        """What the policy did to one place (from 0); None without a policy."""
        return None if self.policy is None or self.found is None else place_view(self.policy, self.found, row, place)


def resolved(context: Context, dataset: str, use: PolicyUse | None) -> PolicyUse | None:
    """The policy that is meant: what is live in place of `PUBLISHED`; None = by score alone."""
    if use is None or use.spec:
        return use
    found = _policies(context).live(dataset)
    if found is None or found.live is None:
        return None
    return PolicyUse.of(_spec(found.versions, found.live), use.scene, use.day, found.id, found.live, found.name, use.hour)


def chosen_policy(context: Context, dataset: str, text: str, scene: str = "home", day: date | None = None) -> PolicyUse | None:
    """A policy as people name it.

    Args:
        context: the workspace.
        dataset: whose policies are meant.
        text: published, none, the id of a saved policy (its live version, else its newest), id@version, or a policy as JSON.
        scene: where the lists are shown.
        day: when; None = the day after the last event.

    Raises:
        NotFound: no such policy or version.
        BadInput: JSON that is no policy, or a policy of another dataset.
    """
    import json

    from recengine.workspace.policy_spec import parsed

    asked = text.strip()
    if asked in ("", "none"):
        return None
    if asked == "published":
        return resolved(context, dataset, replace(PUBLISHED, scene=scene, day=day))
    if asked.startswith("{"):
        try:
            spec = json.loads(asked)
        except ValueError as error:
            raise BadInput("The policy is no JSON.", f"{error}.", "Check quotes and commas.") from None
        return PolicyUse.of(parsed(spec).model_dump(mode="json"), scene, day)
    name, _, number = asked.partition("@")
    found = _policies(context).get(name)
    if found.id not in {row.id for row in _policies(context).list(dataset)}:
        raise BadInput("The policy belongs to another dataset.", f"It is {found.name}.", "Choose one of this variant's dataset.")
    if number and not number.isdigit():
        raise BadInput(f"{number[:20]} is no version.", "", "Write the policy as its id, or as id@2.")
    version = int(number) if number else found.live or found.latest
    return PolicyUse.of(_spec(found.versions, version), scene, day, found.id, version, found.name)


def policy_of(context: Context, loaded: LoadedVariant, use: PolicyUse | None) -> Policy | None:
    """The policy ready for the variant's shop; where prices or categories are edited, for the edited shop.

    Raises:
        BadInput: a policy that makes no sense, or an unknown scene.
    """
    if use is None:
        return None
    from recengine.policy.policy import Policy
    from recengine.policy.rerankers.base import ShopItems
    from recengine.policy.shop import SCENES, Situation
    from recengine.workspace.policy_spec import parsed

    if use.scene not in SCENES:
        raise BadInput(f"There is no scene called {use.scene[:30]}.", "", f"Choose one of: {', '.join(SCENES)}.")
    dataset, spec = loaded.dataset, parsed(use.content)
    if dataset.catalogue is context.dataset(dataset.id).catalogue:
        return ready_policy(context, dataset.id, spec, use.scene, use.day)
    known = policy_shop(context, dataset.id)
    shop = replace(known, catalogue=dataset.catalogue, items=ShopItems.of(dataset.catalogue, known.items.vectors))
    return Policy(spec, shop, Situation(use.scene, use.day))


def shaped(loaded: LoadedVariant, histories: Histories, k: int, policy: Policy | None, off: sp.csr_matrix | None = None) -> ShapedLists:
    """Lists of k for a batch of histories. Items that a shopper already has are left out (`off`: these instead), and what is no product.

    Cost: that of the variant's own lists of 200, and with a policy some 0.05 ms a shopper.
    """
    if policy is not None:
        found = ranked_by_policy(loaded, histories, k, policy, off)
        return ShapedLists(found.item_codes, found.trail.score, found.by_score, policy, found)
    catalogue = loaded.dataset.catalogue
    seen = histories.had(len(catalogue)) if off is None else off
    pool = loaded.model.recommend(histories, k, exclude=seen, allow=catalogue.sellable)
    places = np.broadcast_to(np.arange(pool.item_codes.shape[1], dtype=np.int32), pool.item_codes.shape)
    return ShapedLists(pool.item_codes, pool.scores, np.where(pool.item_codes >= 0, places, -1))


def deep_order(loaded: LoadedVariant, histories: Histories, k: int, depth: int, policy: Policy | None) -> np.ndarray:
    """int64 [n]: the list of k (histories: one row), and below it the items that would follow, in order.

    By score `depth` items; with a policy those that it chooses from. Pins and limits speak of a list of k, so that a longer list can
    begin otherwise: what follows is the order of the longer one without the items of the first.
    """
    if policy is None:
        codes = shaped(loaded, histories, depth, None).item_codes[0]
        return codes[codes >= 0].astype(np.int64)
    first, more = (shaped(loaded, histories, n, policy).item_codes[0] for n in (k, max(POOL, k)))
    codes = np.concatenate([first, more[~np.isin(more, first)]])
    return codes[codes >= 0].astype(np.int64)


def _policies(context: Context) -> Policies:
    from recengine.workspace.policies import Policies
    from recengine.workspace.policy_effects import PolicyEffects

    return Policies(context, PolicyEffects(context))


def _spec(versions: tuple, number: int) -> dict:  # type: ignore[type-arg]
    found = next((row.spec for row in versions if row.version == number), None)
    if found is None:
        raise NotFound("The policy has no such version.", f"Version {number} is not there.", "Choose one from the list.")
    return found
