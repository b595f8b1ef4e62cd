"""A policy measured on the test shoppers: the lists it makes of the stored pool, their figures, and what each step did to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from recengine.types import Estimate
from recengine.types.policies import PolicyPoint, PolicyProblem, PolicyStep
from recengine.workspace.context import Context
from recengine.workspace.policy_lists import policy_shop, segments_of
from recengine.workspace.tuning import SEED, Pool

if TYPE_CHECKING:
    from recengine.evaluation.metrics.base import Judged
    from recengine.policy.policy import Policy, PolicyLists, PolicySpec
    from recengine.policy.rules.rule import Rule
    from recengine.policy.shop import PolicyShop

MOST_SHOPPERS = 10_000  # more are measured by a fixed draw of this many
RESAMPLES = 200  # a standard deviation from 200 draws is good to 5 %
REVENUE = "revenue"


@dataclass(frozen=True, eq=False)
class Measured:
    """Everything that is known of one policy's lists, so that two policies can be held against each other shopper by shopper."""

    lists: np.ndarray  # int32 [B, k], -1 = the list ended
    table: np.ndarray  # float64 [B, M], the figures of every shopper, NaN = cannot be judged
    names: tuple[str, ...]  # M names of its columns
    whole: dict[str, tuple[float, np.ndarray]]  # figure of all lists together → its value and float64 [RESAMPLES], resampled
    point: PolicyPoint
    steps: tuple[PolicyStep, ...]
    draws: tuple[np.ndarray, ...]  # chunks of float64 [r, B], RESAMPLES rows in all; the same for every policy


def pool_of(context: Context, variant: str) -> Pool:
    """The stored places of the shoppers that are measured: all of them, or a fixed draw of 10,000."""
    whole = context.pools.get(("pool", variant), lambda: Pool.of(context, variant))
    return context.views.get(("measured pool", variant), lambda: whole.at_most(MOST_SHOPPERS))


def pool_lists(
    context: Context, variant: str, spec: PolicySpec, k: int = 10, scene: str = "home", day: date | None = None
) -> tuple[Policy, PolicyLists]:
    """Lists of the test shoppers under a policy, chosen from the model's 200 best places as of the test cut.

    Popularity, age and taste are those before the cut. Rules are in force as they are for the lists that are shown: on `day`, by default
    the day after the last event. Items that only a pin brings in count as the last candidate: the model that was judged is not there to
    score them.

    Cost: about 0.3 s for 10,000 shoppers once the variant is open.
    """
    from recengine.policy.policy import Policy
    from recengine.policy.rules.conditions import day_after
    from recengine.policy.shop import Situation, Visitors

    record = context.variants.info(variant)
    dataset = context.dataset(record.dataset_id)
    pool = pool_of(context, variant)
    shop = context.views.get(("policy shop", variant), lambda: _shop_before_cut(context, variant))
    shown = day or day_after(policy_shop(context, dataset.id).now_s)
    key = ("policy", variant, spec.model_dump_json(), scene, shown)
    policy = context.views.get(key, lambda: Policy(spec, shop, Situation(scene, shown, aged_s=shop.now_s)))
    histories = pool.targets.histories
    segments = context.views.get(("segments", variant), lambda: segments_of(dataset, histories))
    return policy, policy.apply(pool.items, pool.scores, k, Visitors(histories, segments))


def measured(context: Context, variant: str, spec: PolicySpec, k: int = 10, scene: str = "home", day: date | None = None) -> Measured:
    """A policy's lists with all their figures.

    Cost: about 0.5 s for 10,000 shoppers once the variant is open.
    """
    from recengine.evaluation.bootstrap import mean_estimates, spread_estimate
    from recengine.evaluation.metrics.base import Judged, ShopperMetric
    from recengine.evaluation.metrics.registry import metrics
    from recengine.policy.checks import problems, problems_of_lists

    policy, found = pool_lists(context, variant, spec, k, scene, day)
    pool, lists = pool_of(context, variant), found.item_codes
    judged = Judged(lists, pool.targets, pool.shop, pool.vectors)
    wanted = [m for m in metrics().values() if m.applies(judged)]
    columns = {m.key: m.values(judged, k) for m in wanted if isinstance(m, ShopperMetric)}
    if (revenue := revenue_at(judged, policy.shop.catalogue.prices)) is not None:
        columns[REVENUE] = revenue
    table = np.column_stack(list(columns.values()))
    draws = resamples_of(context, len(lists))
    means = dict(zip(columns, mean_estimates(table, SEED, RESAMPLES, draws), strict=True))
    whole = _whole(judged, k, draws)
    means |= {name: spread_estimate(value, drawn, len(lists)) for name, (value, drawn) in whole.items()}
    order = [m.key for m in wanted if m.key in means] + [REVENUE] * (REVENUE in means)
    estimates = {name: Estimate(e.value, e.low, e.high, e.n) for name in order for e in [means[name]]}
    changed = int(_other_items(lists, pool.items[:, :k]).sum())
    wrong = tuple(
        PolicyProblem(row.kind, row.text, row.text_zh, row.rules) for row in (*problems(policy), *problems_of_lists(policy, found))
    )
    protocol = context.variants.info(variant).protocol.get("text", "")
    point = PolicyPoint(variant, k, estimates, len(lists), changed, wrong, protocol)
    return Measured(lists, table, tuple(columns), whole, point, _steps(policy, found, pool.items[:, :k]), draws)


def resamples_of(context: Context, n: int) -> tuple[np.ndarray, ...]:
    """The draws that all figures of n shoppers share: 16 MB for 10,000."""
    from recengine.evaluation.bootstrap import resample_weights

    return context.views.get(("resamples", n), lambda: tuple(resample_weights(n, RESAMPLES, SEED)))


def revenue_at(judged: Judged, prices: np.ndarray) -> np.ndarray | None:
    """float64 [B]: prices of the listed items that the shopper went on to choose; None where no item has a price.

    NaN where there is no answer. Items without a price count nothing.
    """
    if not (np.isfinite(prices) & (prices > 0)).any():
        return None
    worth = np.nan_to_num(prices.astype(np.float64))[judged.lists]
    return np.where(judged.truth_counts > 0, np.where(judged.hits, worth, 0.0).sum(axis=1), np.nan)


def _whole(judged: Judged, k: int, draws_of_all: tuple[np.ndarray, ...]) -> dict[str, tuple[float, np.ndarray]]:
    """Figures of all lists together with their resampled values; the same draws for every policy, so that differences are paired."""
    from recengine.evaluation.metrics.base import ShopMetric
    from recengine.evaluation.metrics.registry import metrics

    n = len(judged.lists)
    wanted = [m for m in metrics().values() if isinstance(m, ShopMetric) and m.applies(judged)]
    draws: dict[str, list[np.ndarray]] = {m.key: [] for m in wanted}
    for weights in draws_of_all:
        for m in wanted:
            draws[m.key].append(m.values(judged, k, weights))
    once = np.ones((1, n))
    return {m.key: (float(m.values(judged, k, once)[0]), np.concatenate(draws[m.key])) for m in wanted}


def _other_items(lists: np.ndarray, others: np.ndarray) -> np.ndarray:
    """bool [B]: the two lists hold other items; their order does not count."""
    return np.asarray((np.sort(lists, axis=1) != np.sort(others, axis=1)).any(axis=1))


def _steps(policy: Policy, found: PolicyLists, by_score: np.ndarray) -> tuple[PolicyStep, ...]:
    """What each step of a policy did, in places of all lists.

    A step with terms counts the places whose item the order of the scores alone puts elsewhere, and in which it had a part. A step that
    takes items away counts the places of the list by score that it empties.
    """
    from recengine.policy.controls import Controls
    from recengine.policy.words import NAMES

    lists, k = found.item_codes, found.item_codes.shape[1]
    of = int((lists >= 0).sum())
    elsewhere = (lists >= 0) & (found.by_score != np.arange(k))
    reranked, others = np.zeros(lists.shape, dtype=bool), np.zeros(lists.shape, dtype=bool)
    out: list[PolicyStep] = []
    for step in found.trail.steps:
        had = elsewhere & (np.nan_to_num(step.values) != 0)
        if step.key in ("weight", "like", "share", "turn", "near"):
            reranked |= had
            continue
        others |= had
        if step.key in Controls.model_fields:
            out.append(PolicyStep(f"control:{step.key}", *NAMES[step.key], "moved", int(had.sum()), of))
        elif step.key == "limit" and step.other is not None:
            at_least = [n for n, limit in enumerate(policy.spec.limits) if limit.kind == "at_least"]
            out += [PolicyStep(f"limit:{n}", "", "", "moved", int((had & (step.other == n)).sum()), of) for n in at_least]
        elif step.key == "pin" and step.other is not None:
            pins = [(n, rule) for n, rule in enumerate(policy.rules) if rule.action == "pin"]
            out += [_of_rule(rule, "moved", int((elsewhere & (step.other == n)).sum()), of) for n, rule in pins]
        elif step.key.startswith("rule:"):
            rule = next(rule for rule in policy.rules if f"rule:{rule.id}" == step.key)
            out.append(_of_rule(rule, "moved", int(had.sum()), of))
    if policy.spec.reranker != "by-score":
        out.insert(
            0,
            PolicyStep(
                "reranker", policy.reranker.title, policy.reranker.title, "moved", int((reranked | (elsewhere & ~others)).sum()), of
            ),
        )
    listed = by_score >= 0
    for rule in policy.rules:
        if rule.action in ("block", "exclude", "include"):
            means = policy.means[rule.id][by_score]
            gone = listed & (~means if rule.action == "include" else means)
            if rule.id in found.inside:
                gone &= found.inside[rule.id][:, None]
            out.append(_of_rule(rule, "removed", int(gone.sum()), of))
    for n, limit in enumerate(policy.spec.limits):
        if limit.kind == "at_most":
            window, most = limit.asked(k)
            above = _above(limit.group(policy.shop, policy.today)[by_score[:, :window]], listed[:, :window], most)
            out.append(PolicyStep(f"limit:{n}", "", "", "removed", above, of))
    return tuple(out)


def _of_rule(rule: Rule, kind: str, places: int, of: int) -> PolicyStep:
    from recengine.policy.rules.words import sentence
    from recengine.policy.rules.words_zh import sentence as sentence_zh

    return PolicyStep(f"rule:{rule.id}", rule.name or sentence(rule), rule.name or sentence_zh(rule), kind, places, of)


def _above(groups: np.ndarray, listed: np.ndarray, most: int) -> int:
    """Places of int [B, w] that hold more than `most` of one group, -1 = no group."""
    rows, places = np.nonzero(listed & (groups >= 0))
    if not len(rows):
        return 0
    width = np.int64(groups.max() + 1)
    _, counts = np.unique(rows * width + groups[rows, places], return_counts=True)
    return int(np.maximum(counts - most, 0).sum())


def _shop_before_cut(context: Context, variant: str) -> PolicyShop:
    from recengine.data.split import leave_last_out, time_split
    from recengine.policy.shop import PolicyShop

    record = context.variants.info(variant)
    dataset = context.dataset(record.dataset_id)
    log = dataset.products_log
    split = time_split(log, dataset.catalogue.sellable) if record.split_kind == "time" else leave_last_out(log)
    return PolicyShop.of(dataset, context.item_vectors(dataset.id), past=split.past)


def changed_figures(now: Measured, before: Measured) -> dict[str, Estimate]:
    """How much each figure rises from one policy to the other, with 95 % intervals over the same shoppers in both.

    Means are differences shopper by shopper, resampled; figures of all lists together are differences of the same resamples.
    """
    from recengine.evaluation.bootstrap import mean_estimates, spread_estimate

    both = [name for name in now.names if name in before.names]
    columns = [now.table[:, now.names.index(name)] - before.table[:, before.names.index(name)] for name in both]
    means = dict(zip(both, mean_estimates(np.column_stack(columns), SEED, RESAMPLES, now.draws), strict=True)) if both else {}
    for name in now.whole.keys() & before.whole.keys():
        (value, draws), (old, old_draws) = now.whole[name], before.whole[name]
        means[name] = spread_estimate(value - old, draws - old_draws, len(now.lists), -np.inf, np.inf)
    return {name: Estimate(e.value, e.low, e.high, e.n) for name in now.point.metrics if name in means for e in [means[name]]}


def lists_changed(now: Measured, before: Measured) -> tuple[int, int]:
    """Shoppers whose list holds other items, and those whose list holds the same in another order."""
    other = _other_items(now.lists, before.lists)
    moved = (now.lists != before.lists).any(axis=1)
    return int(other.sum()), int((moved & ~other).sum())


def shares_changed(now: Measured, before: Measured, group: np.ndarray, top: int) -> list[tuple[int, int, int, Estimate]]:
    """Groups whose places grow most, then those whose places shrink most: (group, places before, places after, change with interval).

    Args:
        now, before: lists of the same shoppers.
        group: int [n_items], -1 = none.
        top: of either direction.
    """
    from recengine.evaluation.bootstrap import mean_estimates

    n_groups = int(group.max(initial=-1)) + 1
    if not n_groups:
        return []
    after_of, before_of = (_groups(side.lists, group) for side in (now, before))
    after, old = (np.bincount(of[of >= 0], minlength=n_groups) for of in (after_of, before_of))
    change = after - old
    order = np.lexsort((np.arange(n_groups), -change))
    chosen = [g for g in order[:top] if change[g] > 0] + [g for g in order[::-1][:top][::-1] if change[g] < 0]
    if not chosen:
        return []
    n = len(now.lists)
    columns: Sequence[np.ndarray] = [(after_of == g).sum(axis=1) - (before_of == g).sum(axis=1) for g in chosen]
    found = mean_estimates(np.column_stack(columns).astype(np.float64), SEED, RESAMPLES, now.draws)
    return [
        (int(g), int(old[g]), int(after[g]), Estimate(e.value * n, e.low * n, e.high * n, n)) for g, e in zip(chosen, found, strict=True)
    ]


def _groups(lists: np.ndarray, group: np.ndarray) -> np.ndarray:
    return np.where(lists >= 0, group[lists], -1)
