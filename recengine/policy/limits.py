"""Caps and floors of a list: at most two of a category in the first ten, at least 30 % of the tail, at least one new item."""

from __future__ import annotations

import math
from datetime import date
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from recengine.policy.rerankers.base import GROUPINGS, CountLimit
from recengine.policy.rules.conditions import Condition, day_start_s, meant
from recengine.policy.shop import PolicyShop


class Limit(BaseModel):
    """How many items of a kind the first places may, or should, hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Literal["at_most", "at_least"]
    """at_most is never broken, except by pins; at_least is met where candidates allow it."""
    what: Literal["category", "brand", "price", "tail", "new", "matching"]
    """Items of each category, brand or price band; items of the tail, new items, or items that meet the conditions."""
    number: int | None = Field(default=None, ge=0, le=500)
    """How many."""
    share: float | None = Field(default=None, gt=0, le=1)
    """Instead of a number: which share of the places, 0.3 = 30 %."""
    within: int | None = Field(default=None, ge=1, le=500)
    """Only the first places are counted; empty = the whole list."""
    new_days: int = Field(default=30, ge=1, le=3650)
    """Until how many days after its first event an item is new."""
    conditions: tuple[Condition, ...] = Field(default=(), max_length=20)
    """Which items "matching" means."""

    @model_validator(mode="after")
    def _complete(self) -> Limit:
        if (self.number is None) == (self.share is None):
            raise ValueError("a limit needs a number or a share, not both")
        if self.kind == "at_least" and self.what in GROUPINGS:
            raise ValueError("at_least asks for tail, new or matching items")
        if (self.what == "matching") != bool(self.conditions):
            raise ValueError("matching needs conditions, everything else has none")
        return self

    def group(self, shop: PolicyShop, today: date) -> np.ndarray:
        """int32 [n_items]: group of each item, -1 where the limit says nothing of it."""
        if self.what in GROUPINGS:
            return shop.items.group(self.what)
        if self.what == "tail":
            asked = shop.tail
        elif self.what == "new":
            asked = shop.age_days(day_start_s(today)) <= self.new_days
        else:
            asked = meant(self.conditions, "all", shop, today)
        return np.where(asked, 0, -1).astype(np.int32)

    def asked(self, k: int) -> tuple[int, int]:
        """Places that are counted, and the number of items for lists of k: a share is rounded so that it holds."""
        window = min(self.within or k, k)
        if self.number is not None:
            return window, self.number
        exact = (self.share or 0.0) * window
        near = round(exact)
        exact = near if abs(exact - near) < 1e-9 else exact
        return window, math.floor(exact) if self.kind == "at_most" else math.ceil(exact)

    def counted(self, shop: PolicyShop, today: date, k: int) -> CountLimit:
        """The limit as rerankers take it."""
        window, number = self.asked(k)
        group = self.group(shop, today)
        return CountLimit(group, most=number, window=window) if self.kind == "at_most" else CountLimit(group, least=number, window=window)
