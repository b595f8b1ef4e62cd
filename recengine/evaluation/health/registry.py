"""Finds health checks by folder: every module of `recengine.evaluation.health` that defines a Check with a key."""

from __future__ import annotations

from functools import lru_cache

from recengine.by_folder import one_of_each
from recengine.errors import NotFound
from recengine.evaluation.health.base import Check

# Order of display: what a shopper would laugh at first. A check that is not named here comes last.
ORDER = (
    "wrong_order", "price_jump", "not_for_sale", "gone_quiet", "bought_again", "near_duplicates",
    "same_for_all", "best_sellers_only", "cocoon", "narrowing", "order_ignored", "thin_profile", "new_visitor",
)  # fmt: skip


@lru_cache(maxsize=1)
def checks() -> dict[str, Check]:
    """Key → check, in the order of display."""
    return one_of_each("recengine.evaluation.health", Check, "key", ORDER)


def check_of(key: str) -> Check:
    """One check. Raises NotFound; the message lists those that exist."""
    if key not in checks():
        raise NotFound(f"There is no health check called {key}.", "", f"Choose one of: {', '.join(checks())}.")
    return checks()[key]
