"""Views of shoppers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.types.base import said


@dataclass(frozen=True)
class ShopperRow:
    shopper: str = said("Shopper id.")
    events: int = said("Events.")
    baskets: int = said("Distinct moments of purchase.")
    first: str = said("First event, ISO date.")
    last: str = said("Last event, ISO date.")
    items: int = said("Distinct items.")
    spend: float | None = said("Price times quantity of everything purchased; none without prices.")
    feature: str = said("The shopper's attribute, such as a country.")
    last_title: str = said("Title of the newest product.")


@dataclass(frozen=True, eq=False)
class ShopperView:
    row: ShopperRow = said("The shopper in one line.")
    times: np.ndarray = said("Time of every event, datetime64[s] [E].")
    items: tuple[str, ...] = said("Item id of every event.")
    titles: tuple[str, ...] = said("Item title of every event.")
    behaviours: tuple[str, ...] = said("Behaviour of every event.")
    prices: np.ndarray = said("Price of every event, float64 [E], NaN where unknown.")
    categories: tuple[tuple[str, float, float], ...] = said("Category, share of the shopper's events, share of the shop's; largest first.")
    brands: tuple[tuple[str, float, float], ...] = said("Brand, share of the shopper's events, share of the shop's.")
    category_source: str = said("file, title (derived from titles) or none.")
    price_quantiles: tuple[float, ...] = said("The shopper's 10, 25, 50, 75 and 90% price.")
    shop_price_quantiles: tuple[float, ...] = said("The shop's 10, 25, 50, 75 and 90% price.")
    hours: np.ndarray = said("Events by weekday (Monday first) and hour, int64 [7, 24].")
    days_between: float | None = said("Median days between two visits.")
    repeat_share: float = said("Share of events on an item the shopper already had.")
