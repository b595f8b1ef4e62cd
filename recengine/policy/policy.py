"""A policy: controls, rules, limits and a reranker, applied to candidates in one fixed order; see docs/policies.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from recengine.errors import MerchlensError
from recengine.policy.controls import Controls
from recengine.policy.limits import Limit
from recengine.policy.pins import MAX_ADDED, place_pins, with_pinned
from recengine.policy.rerankers.base import Candidates, CountLimit, RerankedLists
from recengine.policy.rerankers.registry import make_reranker
from recengine.policy.rerankers.relevance import relevance_of
from recengine.policy.rules.conditions import day_after, day_start_s, meant
from recengine.policy.rules.rule import Rule, numbered
from recengine.policy.shop import PolicyShop, Situation, Visitors
from recengine.policy.trail import Step, Trail, settled

REFERS = {"like": "item", "near": "item"}


class PolicySpec(BaseModel):
    """Everything a policy is; JSON in and out."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reranker: str = "by-score"
    """Name of the reranker."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Its settings; what is left out has its default."""
    controls: Controls = Controls()
    """Terms of relevance, and what is hidden."""
    limits: tuple[Limit, ...] = Field(default=(), max_length=20)
    """Caps and floors."""
    rules: tuple[Rule, ...] = Field(default=(), max_length=500)
    """Rules, each with an id of its own."""

    @field_validator("rules")
    @classmethod
    def _named(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return numbered(rules)

    @model_validator(mode="after")
    def _reranks(self) -> PolicySpec:
        try:
            make_reranker(self.reranker, self.settings)
        except MerchlensError as error:
            raise ValueError(str(error)) from None
        return self

    @staticmethod
    def of_diversity(diversity: float) -> PolicySpec:
        """The policy of the diversity slider alone."""
        return PolicySpec(reranker="mmr", settings={"diversity": float(diversity)}) if diversity else PolicySpec()


@dataclass(frozen=True, eq=False)
class PolicyLists:
    """What a policy made of B rows of candidates."""

    item_codes: np.ndarray  # int32 [B, k], -1 beyond the end of a short list
    by_score: np.ndarray  # int32 [B, k], place of the item by the model's score alone, from 0; -1 = only a pin brought it in
    trail: Trail
    usable: np.ndarray  # int64 [B], candidates that were left to choose from
    unplaced: dict[str, int]  # rule → lists that its pin should stand in and does not
    inside: dict[str, np.ndarray]  # rule for some segments → bool [B], the rows it holds for
    unmet: dict[int, int]  # number of a limit → lists in which "at least" could not be met


class Policy:
    """A policy ready for one shop and situation; read-only. Made once, applied to any number of shoppers."""

    def __init__(self, spec: PolicySpec, shop: PolicyShop, situation: Situation | None = None) -> None:
        self.spec, self.shop = spec, shop
        self.scene = situation.scene if situation else "home"
        self.anchors = situation.anchors if situation else ()
        self.day: date = (situation.day if situation else None) or day_after(shop.now_s)
        self.aged_s = situation.aged_s if situation else None
        self.today = self.day if self.aged_s is None else day_after(self.aged_s)  # from which ages are counted; `day` decides the scope
        shown_s = day_start_s(self.day) if situation and situation.day else shop.now_s
        self.now_s = shown_s if self.aged_s is None else self.aged_s
        self.rules = tuple(rule for rule in spec.rules if rule.holds(self.scene, self.day))
        self.reranker = make_reranker(spec.reranker, spec.settings)

    @cached_property
    def means(self) -> dict[str, np.ndarray]:
        """Rule in force → bool [n_items]: the items it means."""
        return {rule.id: meant(rule.conditions, rule.match, self.shop, self.today) for rule in self.rules}

    @cached_property
    def of_items(self) -> dict[str, np.ndarray]:
        """Controls that depend on the item alone."""
        return self.spec.controls.of_items(self.shop, self.now_s)

    @property
    def wanted(self) -> np.ndarray:
        """int32: items that pins bring in; the model should be asked for their scores as well."""
        pins = [np.flatnonzero(self.means[rule.id]) for rule in self.rules if rule.action == "pin"]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *(found for found in pins if len(found) <= MAX_ADDED)])).astype(np.int32)

    def apply(
        self, item_codes: np.ndarray, scores: np.ndarray, k: int, visitors: Visitors, wanted: np.ndarray | None = None
    ) -> PolicyLists:
        """Lists of k with their trail.

        Args:
            item_codes: int [B, C], distinct in a row, -1 = no candidate.
            scores: float [B, C], the model's; NaN = no candidate.
            k: length of the lists.
            visitors: the B shoppers.
            wanted: float [B, W], the model's scores of the items in `wanted`, NaN or None = it scores none. They enter a row only where a
                pin places them, and make no scale: without the pin nobody may see them.

        Cost: about 0.5 s for 10,000 shoppers, 200 candidates, lists of 10, MMR and five rules on two cores.
        """
        offered = np.where((np.asarray(item_codes) >= 0) & np.isfinite(scores), item_codes, -1).astype(np.int32)
        means = [self.means[rule.id] for rule in self.rules]
        inside = [_rows_of(rule, visitors) for rule in self.rules]
        pinning = [n for n, rule in enumerate(self.rules) if rule.action == "pin"]
        codes, n_offered = with_pinned(offered, [(means[n], inside[n]) for n in pinning]), offered.shape[1]
        lowest = np.where(offered >= 0, scores, np.inf).min(axis=1, initial=np.inf)
        own = self._own_scores(codes[:, n_offered:], wanted)
        values = np.empty(codes.shape)
        values[:, :n_offered] = np.where(offered >= 0, scores, np.nan)
        # what nobody scored counts as much as the last candidate
        values[:, n_offered:] = np.where(np.isfinite(own), own, np.where(np.isfinite(lowest), lowest, 0.0)[:, None])
        allowed = self._allowed(codes, means, inside, visitors)
        pins = place_pins(self.rules, means, inside, codes, values, allowed, k, _had(codes, n_offered, visitors))
        usable = allowed & (self._filtered(codes, means, inside) | (pins.rule_of >= 0)) if self._filters else allowed
        usable[:, n_offered:] &= pins.rule_of[:, n_offered:] >= 0
        codes = np.where(usable, codes, -1)
        relevance, unit = relevance_of(codes, values, n_offered)
        adjusted = relevance.copy()
        adjusted[:, n_offered:] = np.clip(adjusted[:, n_offered:], 0.0, 1.0)  # rerankers take logarithms of it
        lag = relevance[:, n_offered:] - adjusted[:, n_offered:]
        fixed = sum(self.of_items.values(), start=np.zeros(len(self.shop)))
        by_row = self.spec.controls.of_rows(codes, relevance, self.shop, visitors)
        for rule, mask, rows in zip(self.rules, means, inside, strict=True):
            if rows is None:
                fixed = fixed + _push(rule) * mask
            elif _push(rule):
                adjusted[rows] += _push(rule) * mask[codes[rows]]
        adjusted += fixed[codes]
        for term in by_row.values():
            adjusted += term
        limits = [limit.counted(self.shop, self.today, k) for limit in self.spec.limits]
        placed, fades = pins.at_place if pinning else None, self.spec.controls.taste_half_life
        candidates = Candidates(codes, values, self.shop.items, adjusted, visitors.histories, placed, limits, fades)
        lists = self.reranker.choose(candidates, k)
        trail = self._trail(lists, candidates, relevance, by_row, inside, pins.rule_of, unit, lag, np.isfinite(own))
        rows_of = {rule.id: rows for rule, rows in zip(self.rules, inside, strict=True) if rows is not None}
        shown = _listed(_places(offered, scores), np.where(lists.order < n_offered, lists.order, -1))
        return PolicyLists(lists.item_codes, shown, trail, usable.sum(axis=1), pins.unplaced, rows_of, _unmet(lists, limits))

    def _own_scores(self, added: np.ndarray, wanted: np.ndarray | None) -> np.ndarray:
        """float64 [B, A]: the model's scores of added items (int32 [B, A]), NaN where it scores none."""
        out = np.full(added.shape, np.nan)
        if wanted is None or not added.size:
            return out
        row, column = np.nonzero(added >= 0)
        out[row, column] = wanted[row, np.searchsorted(self.wanted, added[row, column])]
        return out

    def _allowed(self, codes: np.ndarray, means: list[np.ndarray], inside: list[np.ndarray | None], visitors: Visitors) -> np.ndarray:
        """bool [B, C]: what may be shown at all, pinned or not."""
        items = self.shop.catalogue.sellable.copy()
        items[list(self.anchors)] = False
        for rule, mask, rows in zip(self.rules, means, inside, strict=True):
            if rule.action == "block" and rows is None:
                items &= ~mask
        out = items[codes] & (codes >= 0)
        for rule, mask, rows in zip(self.rules, means, inside, strict=True):
            if rule.action == "block" and rows is not None:
                out[rows] &= ~mask[codes[rows]]
        hidden = self.spec.controls.hidden(codes, self.shop, visitors)
        return out if hidden is None else out & ~hidden

    @property
    def _filters(self) -> bool:
        return any(rule.action in ("include", "exclude") for rule in self.rules)

    def _filtered(self, codes: np.ndarray, means: list[np.ndarray], inside: list[np.ndarray | None]) -> np.ndarray:
        """bool [B, C]: what is included by one of the includes, if there are any for this row, and excluded by no exclude."""
        asked, wanted, out = np.zeros(len(codes), dtype=bool), np.zeros(codes.shape, dtype=bool), np.ones(codes.shape, dtype=bool)
        for rule, mask, rows in zip(self.rules, means, inside, strict=True):
            here = slice(None) if rows is None else rows
            if rule.action == "include":
                asked[here] = True
                wanted[here] |= mask[codes[here]]
            elif rule.action == "exclude":
                out[here] &= ~mask[codes[here]]
        return out & (wanted | ~asked[:, None])

    def _trail(
        self,
        lists: RerankedLists,
        candidates: Candidates,
        relevance: np.ndarray,
        by_row: dict[str, np.ndarray],
        inside: list[np.ndarray | None],
        rule_of: np.ndarray,
        unit: np.ndarray,
        lag: np.ndarray,
        scored: np.ndarray,
    ) -> Trail:
        order, items, offered = lists.order, lists.item_codes, relevance.shape[1] - lag.shape[1]
        listed, scale = order >= 0, unit[:, None]
        steps = [Step(key, np.where(listed, scale * term[items], np.nan)) for key, term in self.of_items.items()]
        steps += [Step(key, scale * _listed(term, order)) for key, term in by_row.items()]
        for rule, rows in zip(self.rules, inside, strict=True):
            if _push(rule):
                push = scale * _push(rule) * self.means[rule.id][items] * (1.0 if rows is None else rows[:, None])
                steps.append(Step(f"rule:{rule.id}", np.where(listed, push, np.nan)))
        if self.reranker.strength:
            steps.append(Step("weight", scale * (lists.relevance - _listed(candidates.relevance, order))))
        if lists.reason != "none":
            refers = REFERS.get(lists.reason) or getattr(self.reranker.config, "by", "")
            steps.append(Step(lists.reason, scale * lists.policy, lists.other, lists.amount, refers))
        if self.spec.limits:
            steps.append(Step("limit", scale * lists.lift, lists.limit, None, "limit"))
        pinned_by = np.where(listed, np.take_along_axis(rule_of, np.maximum(order, 0), 1), -1) if order.size and rule_of.size else order
        pinned = listed & (pinned_by >= 0)
        final = settled(lists.value, pinned)
        moved = final - lists.value
        if (moved[listed & ~pinned] != 0).any():
            steps.append(Step("order", scale * np.where(pinned, 0.0, moved)))
        if pinned.any():
            if lag.size:  # beyond the ends of the scale: the pin carries that too
                moved = moved - np.nan_to_num(_listed(lag, np.where(order >= offered, order - offered, -1)))
            steps.append(Step("pin", scale * np.where(listed, np.where(pinned, moved, 0.0), np.nan), pinned_by, None, "rule"))
        score = _listed(candidates.scores, order)
        # The sum that placed an item, brought back to its score; the steps above were looked up one by one and must add up to it.
        # Equal sums of different scores differ in the last bit: the running minimum keeps the order.
        shown = np.minimum.accumulate(score + scale * (final - _listed(relevance, order)), axis=1)
        added = np.zeros(order.shape, dtype=bool)
        if lag.size:
            added = (order >= offered) & ~np.take_along_axis(scored, np.maximum(order - offered, 0), axis=1)
        return Trail(score, shown, tuple(steps), added, unit)


def _rows_of(rule: Rule, visitors: Visitors) -> np.ndarray | None:
    """bool [B]: shoppers in one of the rule's segments; None = everybody. A segment that nobody defined holds nobody."""
    if not rule.segments:
        return None
    nobody = np.zeros(len(visitors), dtype=bool)
    return np.logical_or.reduce([nobody, *(visitors.segments[name] for name in rule.segments if name in visitors.segments)])


def _had(codes: np.ndarray, offered: int, visitors: Visitors) -> np.ndarray | None:
    """bool [B, C]: added items that the shopper took an interest in before; None where nothing was added. Cost: one look at the events."""
    added = codes[:, offered:]
    if not added.size:
        return None
    past, n_items = visitors.histories, int(max(added.max(), 0)) + 1
    asked = np.zeros(n_items + 1, dtype=bool)
    asked[added[added >= 0]] = True
    near = asked[np.where((past.item_codes >= 0) & (past.item_codes < n_items), past.item_codes, n_items)] & (past.weights > 0)
    keys = past.row_of_event[near] * np.int64(n_items) + past.item_codes[near]
    out = np.zeros(codes.shape, dtype=bool)
    out[:, offered:] = (added >= 0) & np.isin(np.arange(len(added))[:, None] * np.int64(n_items) + added, keys)
    return out


def _push(rule: Rule) -> float:
    """What a boost or bury adds, in units of relevance."""
    return {"boost": 1.0, "bury": -1.0}.get(rule.action, 0.0) * (rule.strength or 0) / 100


def _listed(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """[B, k]: values (any [B, C]) at the chosen columns, NaN (or -1 for integers) beyond the end of a list."""
    blank = -1 if values.dtype.kind == "i" else np.nan
    if not values.shape[1]:
        return np.full(order.shape, blank, dtype=values.dtype)
    return np.where(order >= 0, np.take_along_axis(values, np.maximum(order, 0), axis=1), blank)


def _places(codes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """int32 [B, C]: place of each candidate by score, then code; cheap where they come in that order."""
    value = np.where(codes >= 0, -np.asarray(scores, dtype=np.float64), np.inf)
    later, tied = value[:, 1:] > value[:, :-1], value[:, 1:] == value[:, :-1]
    if (later | (tied & (codes[:, 1:] > codes[:, :-1])) | np.isinf(value[:, 1:])).all():
        return np.broadcast_to(np.arange(codes.shape[1], dtype=np.int32), codes.shape)
    order = np.lexsort((codes, value), axis=1)
    places = np.empty(codes.shape, dtype=np.int32)
    np.put_along_axis(places, order, np.broadcast_to(np.arange(codes.shape[1], dtype=np.int32), codes.shape), axis=1)
    return places


def _unmet(lists: RerankedLists, limits: list[CountLimit]) -> dict[int, int]:
    out: dict[int, int] = {}
    for n, limit in enumerate(limits):
        if limit.least:
            shown = lists.item_codes[:, : limit.window]
            out[n] = int((((limit.group[shown] >= 0) & (shown >= 0)).sum(axis=1) < limit.least).sum())
    return out
