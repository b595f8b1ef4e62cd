"""Controls: what is added to every candidate's relevance before the list is chosen, and what is never shown again."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from pydantic import BaseModel, ConfigDict, Field

from recengine.columns import Behaviour
from recengine.policy.rerankers.base import PRICE_BANDS
from recengine.policy.shop import DAY_S, PolicyShop, Visitors, times_had

_ODD, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


class Controls(BaseModel):
    """Sliders of a policy. 0 changes nothing; 1 weighs as much as the whole distance from the worst to the best candidate."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    novelty: float = Field(default=0.0, ge=0, le=1)
    """How much rarely bought items are preferred, by their bits of surprise."""
    long_tail: float = Field(default=0.0, ge=0, le=1)
    """What an item gets for standing outside the few that hold 80 % of all events."""
    freshness: float = Field(default=0.0, ge=0, le=1)
    """How much new items are preferred, by the days since the log first shows them."""
    fresh_days: float = Field(default=30.0, ge=1, le=3650)
    """Days after which freshness has fallen to one half."""
    price_spread: float = Field(default=0.0, ge=0, le=1)
    """How much price bands are preferred that are rare among the shopper's own candidates."""
    taste_half_life: float | None = Field(default=None, ge=1, le=3650)
    """Days after which a past event counts half in the shopper's own mix; empty = all of the past counts alike.

    Only the rerankers that look at the shopper's own mix (calibrated, xQuAD) read it; what a model makes of the past is the model's own.
    """
    exploration: float = Field(default=0.0, ge=0, le=1)
    """Share of the candidates that compete with a number drawn by lot instead of their relevance."""
    exploration_seed: int = Field(default=0, ge=0, le=2**31 - 1)
    """Another seed draws other lots; the same seed gives the same lists."""
    hide_bought: bool = False
    """Never show what the shopper has bought."""
    bought_days: int | None = Field(default=None, ge=1, le=3650)
    """Bought items come back after this many days; empty = never."""
    fatigue_after: int | None = Field(default=None, ge=1, le=1000)
    """Hide what the shopper was shown this many times; empty = never. Needs impressions in the log."""
    fatigue_days: int = Field(default=14, ge=1, le=3650)
    """Only what was shown in this many days counts."""

    def of_items(self, shop: PolicyShop, now_s: int) -> dict[str, np.ndarray]:
        """Terms that depend on the item alone: control → float64 [n_items], in units of relevance."""
        terms: dict[str, np.ndarray] = {}
        if self.novelty:
            terms["novelty"] = self.novelty * shop.novelty
        if self.long_tail:
            terms["long_tail"] = self.long_tail * shop.tail.astype(np.float64)
        if self.freshness:
            terms["freshness"] = self.freshness * 0.5 ** (shop.age_days(now_s) / self.fresh_days)
        return terms

    def of_rows(self, item_codes: np.ndarray, relevance: np.ndarray, shop: PolicyShop, visitors: Visitors) -> dict[str, np.ndarray]:
        """Terms that depend on the shopper too: control → float64 [B, C], in units of relevance; 0 where there is no candidate."""
        usable = np.isfinite(relevance)
        terms: dict[str, np.ndarray] = {}
        if self.price_spread:
            band = np.where(usable, shop.items.price[item_codes], -1)
            priced = band >= 0
            rows = np.broadcast_to(np.arange(len(band))[:, None], band.shape)
            held = np.bincount((rows * PRICE_BANDS + band)[priced], minlength=len(band) * PRICE_BANDS).reshape(len(band), PRICE_BANDS)
            share = np.take_along_axis(held, np.maximum(band, 0), 1) / np.maximum(priced.sum(1, keepdims=True), 1)
            terms["price_spread"] = np.where(priced, self.price_spread * (1.0 - share), 0.0)
        if self.exploration:
            drawn, lot = lots(visitors.histories.user_codes, item_codes, self.exploration_seed)
            terms["exploration"] = np.where(usable & (drawn < self.exploration), lot - relevance, 0.0)
        return terms

    def kept_off(self, had: sp.csr_matrix, visitors: Visitors) -> sp.csr_matrix:
        """What is left out of every list (`had`, [B, n_items]), without the purchases that come back by now."""
        if not self.hide_bought or self.bought_days is None:
            return had
        n = had.shape[1]
        ever, lately = (visitors.had(n, Behaviour.PURCHASE, within)[0] for within in (None, self.bought_days * DAY_S))
        row, item = had.nonzero()
        back = np.isin(row * np.int64(n) + item, np.setdiff1d(ever, lately, assume_unique=True))
        ones = np.ones(int((~back).sum()), dtype=np.float32)
        return sp.csr_matrix((ones, (row[~back], item[~back])), shape=had.shape)

    def hidden(self, item_codes: np.ndarray, shop: PolicyShop, visitors: Visitors) -> np.ndarray | None:
        """bool [B, C]: bought before, or shown too often; None where nothing is asked for."""
        out: np.ndarray | None = None
        if self.hide_bought:
            days = self.bought_days
            keys, counts = visitors.had(len(shop), Behaviour.PURCHASE, None if days is None else days * DAY_S)
            out = times_had(keys, counts, len(shop), item_codes) > 0
        if self.fatigue_after is not None:
            keys, counts = visitors.had(len(shop), Behaviour.IMPRESSION, self.fatigue_days * DAY_S)
            tired = times_had(keys, counts, len(shop), item_codes) >= self.fatigue_after
            out = tired if out is None else out | tired
        return out


def lots(user_codes: np.ndarray, item_codes: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two float64 [B, C] in 0 … 1, drawn by hashing shopper, item and seed: the same wherever and with whomever the pair stands.

    Source: the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    """
    with np.errstate(over="ignore"):
        key = (user_codes.astype(np.int64).astype(np.uint64)[:, None] << _SHIFT) + item_codes.astype(np.int64).astype(np.uint64)
        mixed = key * _ODD + np.uint64(seed) * np.uint64(0xD1B54A32D192ED03) + _ODD
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    first, second = mixed >> _SHIFT, mixed & np.uint64(0xFFFFFFFF)
    return first.astype(np.float64) / 2**32, second.astype(np.float64) / 2**32
