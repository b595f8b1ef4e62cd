"""Conditions on the fields of an item: which items a rule means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from recengine.policy.shop import DAY_S, PolicyShop, folded

TEXT_OPS = ("is", "is_not")
WORD_OPS = ("contains", "lacks")
NUMBER_OPS = ("below", "above", "at_least", "at_most", "between")
DATE_OPS = ("since", "before", "newer_than", "older_than")
KNOWN_OPS = ("known", "unknown")
Op = Literal[
    "is", "is_not", "contains", "lacks", "below", "above", "at_least", "at_most", "between", "since", "before", "newer_than", "older_than",
    "known", "unknown",
]  # fmt: skip
TEXT_FIELDS, NUMBER_FIELDS = ("id", "title", "category", "brand"), ("price", "stock")
OWN_FIELDS = (*TEXT_FIELDS, *NUMBER_FIELDS, "first_sold")
MAX_VALUES = 1_000
AGE_OPS, MAX_DAYS = ("newer_than", "older_than"), 36_500
_HAN = re.compile(r"[\u3400-\u9fff]")


class Condition(BaseModel):
    """One question to an item."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    field: str = Field(min_length=1, max_length=60)
    """Field of the item: id, title, category, brand, price, stock, first_sold, or the name of another column of the catalogue."""
    op: Op
    """How the field is compared."""
    values: tuple[str, ...] = Field(default=(), max_length=MAX_VALUES)
    """Texts, for is, is not, contains and lacks; one of them is enough (for "is not" and "lacks": none of them may fit)."""
    number: float | None = Field(default=None, allow_inf_nan=False)
    """Number to compare with; the lower one of "between"; days, 0 to 36500, for newer_than and older_than."""
    number_to: float | None = Field(default=None, allow_inf_nan=False)
    """The higher number of "between"."""
    day: date | None = None
    """Date, for since and before."""

    @model_validator(mode="after")
    def _complete(self) -> Condition:
        if self.field == "first_sold" and self.op not in (*DATE_OPS, *KNOWN_OPS):
            raise ValueError("first_sold is compared by since, before, newer_than, older_than, known or unknown")
        if self.op in DATE_OPS and self.field != "first_sold":
            raise ValueError(f"{self.op} asks for a date, and {self.field} has none")
        if self.field in TEXT_FIELDS and self.op in NUMBER_OPS:
            raise ValueError(f"{self.field} is text and cannot be {self.op} a number")
        if self.field in NUMBER_FIELDS and self.op in (*TEXT_OPS, *WORD_OPS):
            raise ValueError(f"{self.field} is a number: use below, above, at_least, at_most or between")
        texts = self.op in (*TEXT_OPS, *WORD_OPS)
        if texts != bool(self.values) or any(not value.strip() for value in self.values):
            raise ValueError(f"{self.op} needs {'at least one text' if texts else 'no text'}")
        if (self.op in (*NUMBER_OPS, *AGE_OPS)) != (self.number is not None):
            raise ValueError(f"{self.op} needs {'no number' if self.number is not None else 'a number'}")
        if self.op in AGE_OPS and not 0 <= (self.number or 0) <= MAX_DAYS:
            raise ValueError(f"{self.op} takes 0 to {MAX_DAYS} days")
        if (self.op == "between") != (self.number_to is not None):
            raise ValueError("between needs two numbers, everything else at most one")
        if self.op == "between" and self.number is not None and self.number_to is not None and self.number > self.number_to:
            raise ValueError("the first number of between must not be above the second")
        if (self.op in ("since", "before")) != (self.day is not None):
            raise ValueError("since and before need a date, everything else none")
        return self

    def exists(self, shop: PolicyShop) -> bool:
        """Whether the data has the field at all."""
        return self.field == "first_sold" or shop.text_field(self.field) is not None or shop.number_field(self.field) is not None

    def mask(self, shop: PolicyShop, today: date) -> np.ndarray:
        """bool [n_items]: which items say yes. An unknown field says no, and yes to unknown, is not and lacks."""
        if self.field == "first_sold":
            return self._dates(shop, today)
        numbers = shop.number_field(self.field)
        if numbers is not None and self.op in (*NUMBER_OPS, *KNOWN_OPS):
            return self._numbers(numbers)
        texts = shop.text_field(self.field)
        if texts is None:
            return np.full(len(shop), self.op in ("unknown", "is_not", "lacks"))
        return self._texts(texts, shop)

    def _numbers(self, values: np.ndarray) -> np.ndarray:
        first, second = self.number or 0.0, self.number_to or 0.0
        asked: dict[str, Callable[[], np.ndarray]] = {
            "below": lambda: values < first,
            "above": lambda: values > first,
            "at_least": lambda: values >= first,
            "at_most": lambda: values <= first,
            "between": lambda: (values >= first) & (values <= second),
            "known": lambda: np.isfinite(values),
            "unknown": lambda: ~np.isfinite(values),
        }
        return asked[self.op]()

    def _dates(self, shop: PolicyShop, today: date) -> np.ndarray:
        known = shop.first_s >= 0
        if self.op in KNOWN_OPS:
            return known if self.op == "known" else ~known
        day = self.day if self.day is not None else today - timedelta(days=min(self.number or 0, today.toordinal() - 1))
        late = shop.first_s >= int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        return known & (late if self.op in ("since", "newer_than") else ~late)

    def _texts(self, texts: np.ndarray, shop: PolicyShop) -> np.ndarray:
        if self.op in KNOWN_OPS:
            known = np.fromiter((bool(text) for text in texts), bool, len(texts))
            return known if self.op == "known" else ~known
        if self.op in TEXT_OPS:
            exact = self.field == "id"
            wanted = {value.strip() if exact else value.strip().casefold() for value in self.values}
            found = np.fromiter(((text if exact else text.strip().casefold()) in wanted for text in map(str, texts)), bool, len(texts))
            return found if self.op == "is" else ~found
        lines = shop.folded_titles if self.field == "title" else [folded(str(text)) for text in texts]
        found = np.zeros(len(texts), dtype=bool)
        for value in self.values:
            # Chinese writes no blanks between words, so that it is found anywhere; other words are whole words.
            part = folded(value).strip() if _HAN.search(value) else folded(value)
            found |= np.fromiter((part in line for line in lines), bool, len(lines))
        return found if self.op == "contains" else ~found


def meant(conditions: Sequence[Condition], match: str, shop: PolicyShop, today: date) -> np.ndarray:
    """bool [n_items]: items for which all (or, with match = "any", some) of the conditions hold; nothing without conditions."""
    if not conditions:
        return np.zeros(len(shop), dtype=bool)
    masks = np.stack([condition.mask(shop, today) for condition in conditions])
    return np.asarray(masks.any(axis=0) if match == "any" else masks.all(axis=0))


def day_start_s(day: date) -> int:
    """Seconds since 1970 UTC at which a day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def day_of(moment_s: int) -> date:
    """The UTC day of a moment."""
    return date(1970, 1, 1) + timedelta(days=moment_s // DAY_S)


def day_after(now_s: int) -> date:
    """The UTC day after the last event, where the log ends one second before `now_s`: the first day of which it holds nothing."""
    return day_of(now_s - 1) + timedelta(days=1)
