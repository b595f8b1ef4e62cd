"""A policy measured on the test shoppers: the lists it makes of the stored pool, and the shop-wide figures of those lists."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from recengine.types import Estimate
from recengine.types.policies import PolicyPoint, PolicyProblem
from recengine.workspace.context import Context
from recengine.workspace.policy_lists import segments_of
from recengine.workspace.tuning import SEED, Pool

if TYPE_CHECKING:
    from recengine.policy.policy import Policy, PolicyLists, PolicySpec
    from recengine.policy.shop import PolicyShop


def pool_lists(
    context: Context, variant: str, spec: PolicySpec, k: int = 10, scene: str = "home", day: date | None = None
) -> tuple[Policy, PolicyLists]:
    """Lists of all test shoppers under a policy, chosen from the model's 200 best places as of the test cut.

    Popularity, age and taste are those before the cut. Items that only a pin brings in count as the last candidate: the model that was
    judged is not there to score them.

    Cost: about 0.5 s for 10,000 shoppers once the variant is open.
    """
    from recengine.policy.policy import Policy
    from recengine.policy.shop import Situation, Visitors

    record = context.variants.info(variant)
    dataset = context.dataset(record.dataset_id)
    pool = context.pools.get(("pool", variant), lambda: Pool.of(context, variant))
    shop = context.views.get(("policy shop", variant), lambda: _shop_before_cut(context, variant))
    key = ("policy", variant, spec.model_dump_json(), scene, day)
    policy = context.views.get(key, lambda: Policy(spec, shop, Situation(scene, day)))
    histories = pool.targets.histories
    return policy, policy.apply(pool.items, pool.scores, k, Visitors(histories, segments_of(dataset, histories)))


def measure(context: Context, variant: str, spec: PolicySpec, k: int = 10, scene: str = "home", day: date | None = None) -> PolicyPoint:
    """Shop-wide figures under a policy, with intervals, and what is wrong with it; remembered."""
    key = ("policy point", variant, spec.model_dump_json(), k, scene, day)
    return context.views.get(key, lambda: _measure(context, variant, spec, k, scene, day))


def _measure(context: Context, variant: str, spec: PolicySpec, k: int, scene: str, day: date | None) -> PolicyPoint:
    from recengine.evaluation.protocol import judge
    from recengine.policy.checks import problems, problems_of_lists

    policy, found = pool_lists(context, variant, spec, k, scene, day)
    pool = context.pools.get(("pool", variant), lambda: Pool.of(context, variant))
    lists = found.item_codes
    evaluation = judge(lists, np.zeros(lists.shape), pool.targets, pool.shop, pool.vectors, (k,), SEED, resamples=200)
    metrics = {name.partition("@")[0]: Estimate(e.value, e.low, e.high, e.n) for name, e in evaluation.estimates.items()}
    changed = int((np.sort(lists, axis=1) != np.sort(pool.items[:, :k], axis=1)).any(axis=1).sum())
    wrong = tuple(
        PolicyProblem(row.kind, row.text, row.text_zh, row.rules) for row in (*problems(policy), *problems_of_lists(policy, found))
    )
    protocol = context.variants.info(variant).protocol.get("text", "")
    return PolicyPoint(variant, k, metrics, len(lists), changed, wrong, protocol)


def _shop_before_cut(context: Context, variant: str) -> PolicyShop:
    from recengine.data.split import leave_last_out, time_split
    from recengine.policy.shop import PolicyShop

    record = context.variants.info(variant)
    dataset = context.dataset(record.dataset_id)
    log = dataset.products_log
    split = time_split(log, dataset.catalogue.sellable) if record.split_kind == "time" else leave_last_out(log)
    return PolicyShop.of(dataset, context.item_vectors(dataset.id), past=split.past)
