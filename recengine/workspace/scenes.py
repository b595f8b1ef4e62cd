"""Lists for a place of the shop: similar and complementary items of a product page, what goes with a cart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from recengine.errors import BadInput
from recengine.explain.titles import item_title
from recengine.types import ListItem
from recengine.types.policies import PolicyUse
from recengine.types.scenes import SceneList
from recengine.workspace.context import Context, LoadedVariant
from recengine.workspace.edits import item_code
from recengine.workspace.policy_lists import POOL, place_view, ready_policy, segments_of
from recengine.workspace.text import known

if TYPE_CHECKING:
    from recengine.data.histories import Histories
    from recengine.policy.policy import PolicyLists

RELATIONS = {"product": ("similar", "goes"), "cart": ("goes", "similar")}


def related_list(
    context: Context,
    loaded: LoadedVariant,
    histories: Histories,
    use: PolicyUse | None,
    scene: str,
    relation: str,
    anchors: Sequence[str],
    shopper: str,
    k: int,
) -> SceneList:
    """Items like some anchors, or taken together with them, as a policy shapes the list. Anchors themselves are never listed.

    Args:
        context: the workspace.
        loaded: the variant, for its shop.
        histories: one row, the shopper's past or that of the anchors; what policies read of a shopper.
        use: the policy; None = by score alone.
        scene: product or cart.
        relation: similar (cosine of the item vectors, mean over the anchors) or goes (how many times as often as usual an item is taken
            in one visit with an anchor or at the next, less 1, mean over the anchors; nothing is listed that never was).
        anchors: ids.
        shopper: id to carry through.
        k: length of the list.

    Raises:
        NotFound: an unknown anchor.
        BadInput: no anchor, or another relation.

    Cost: some ms; the first call for a dataset counts what goes together, 0.3 s for 400,000 events.
    """
    from recengine.policy.policy import PolicySpec
    from recengine.policy.shop import Visitors
    from recengine.workspace.policy_spec import parsed

    if not anchors:
        raise BadInput("There is no item to start from.", f"The {scene} scene needs one.", "Name the item of the page, or the cart.")
    if relation not in RELATIONS[scene]:
        raise BadInput(f"There is no relation called {relation[:30]}.", "", f"Choose one of: {', '.join(RELATIONS[scene])}.")
    codes = np.array([item_code(loaded, anchor) for anchor in dict.fromkeys(anchors)], dtype=np.int64)
    by_anchor = _likeness(context, loaded, codes) if relation == "similar" else _together(context, loaded, codes)  # [A, n_items]
    scores = by_anchor.mean(axis=0)
    open_items = loaded.dataset.catalogue.sellable & (scores > 0)
    open_items[codes] = False
    offered = np.flatnonzero(open_items)
    offered = offered[np.lexsort((offered, -scores[offered]))][: max(POOL, k)].astype(np.int32)
    spec = parsed(use.content) if use else PolicySpec()
    policy = ready_policy(context, loaded.dataset.id, spec, scene, use.day if use else None, tuple(codes.tolist()))
    visitors = Visitors(histories, segments_of(loaded.dataset, histories))
    found = policy.apply(offered[None], scores[offered][None], k, visitors)
    rows = tuple(_row(loaded, found, place, by_anchor, codes, relation) for place in range(int((found.item_codes[0] >= 0).sum())))
    if use is not None:
        placed = [place_view(policy, found, 0, place) for place in range(len(rows))]
        rows = tuple(_with_policy(row, view) for row, view in zip(rows, placed, strict=True))
    note = "" if len(rows) == k else _short(len(rows), relation)
    ids = tuple(str(loaded.dataset.catalogue.vocabulary.ids[code]) for code in codes)
    kind = "likeness" if relation == "similar" else "times"
    return SceneList(loaded.record.id, scene, relation, ids, shopper, rows, kind, replace(use, scene=scene) if use else None, note)


def _likeness(context: Context, loaded: LoadedVariant, codes: np.ndarray) -> np.ndarray:
    """float64 [A, n_items]: cosine to each anchor, 0 where below."""
    vectors = context.item_vectors(loaded.dataset.id)
    return np.maximum(vectors[codes].astype(np.float64) @ vectors.T.astype(np.float64), 0.0)


def _together(context: Context, loaded: LoadedVariant, codes: np.ndarray) -> np.ndarray:
    """float64 [A, n_items]: how many times as often as usual an item comes with each anchor, less 1."""
    from recengine.funnel.visits import companions

    dataset = loaded.dataset.id
    table: sp.csr_matrix = context.views.get(("companions", dataset), lambda: companions(context.dataset(dataset).products_log))
    return np.asarray(table[codes].todense(), dtype=np.float64)


def _row(loaded: LoadedVariant, found: PolicyLists, place: int, by_anchor: np.ndarray, codes: np.ndarray, relation: str) -> ListItem:
    catalogue, code = loaded.dataset.catalogue, int(found.item_codes[0, place])
    nearest = int(by_anchor[:, code].argmax())
    amount, title = float(by_anchor[nearest, code]), item_title(catalogue, int(codes[nearest]))
    if amount <= 0:
        reason = "Chosen by the policy"
    else:
        reason = f"{amount:.0%} like {title}" if relation == "similar" else f"{1 + amount:.1f} times as often with {title}"
    score = float(found.trail.score[0, place])
    return ListItem(
        rank=place + 1,
        item=str(catalogue.vocabulary.ids[code]),
        title=item_title(catalogue, code),
        category=str(catalogue.categories[code]),
        brand=str(catalogue.brands[code]),
        price=known(float(catalogue.prices[code])),
        score=score,
        reason=reason,
        rank_by_score=int(found.by_score[0, place]) + 1,
        shown=score,
    )


def _with_policy(row: ListItem, view: object) -> ListItem:
    from recengine.explain.policy import policy_terms
    from recengine.types.policies import PolicyPlace

    assert isinstance(view, PolicyPlace)
    return replace(row, shown=view.final, policy=policy_terms(view))


def _short(n: int, relation: str) -> str:
    what = "items that are alike" if relation == "similar" else "items that were taken together with it"
    return f"There are {n or 'no'} {what} and may be shown."
