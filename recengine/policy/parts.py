"""The parts of a policy one by one: which of them removes an item from a list, and the policy without a part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recengine.policy.controls import Controls
from recengine.policy.policy import Policy, PolicySpec
from recengine.policy.rerankers.registry import reranker_class
from recengine.policy.rules.rule import Rule
from recengine.policy.shop import Situation, Visitors
from recengine.policy.words import limit_words, rule_name

CONTROLS = {
    "novelty": ("rarely bought items first", "较少被购买的商品优先"),
    "long_tail": ("items outside the best sellers first", "非畅销商品优先"),
    "freshness": ("new items first", "新品优先"),
    "price_spread": ("a spread of prices", "价格分散"),
    "exploration": ("exploration by lot", "随机探索"),
    "hide_bought": ("hide what was bought", "隐藏已购商品"),
    "fatigue_after": ("hide what was shown often", "隐藏多次展示的商品"),
}
HIDING = ("hide_bought", "fatigue_after")


def removed_by(policy: Policy, item_code: int, visitor: Visitors) -> tuple[str, ...]:
    """Parts that keep an item off every place of a shopper's list, whatever its score: blocks, filters and hiding controls.

    Args:
        policy: ready.
        item_code: the item.
        visitor: one shopper.

    Returns:
        Keys of parts: `rule:<id>` or `control:<name>`; of include rules all, where none means the item.
    """
    here = [rule for rule in policy.rules if _concerns(rule, visitor)]
    means = {rule.id: bool(policy.means[rule.id][item_code]) for rule in here}
    out = [f"rule:{rule.id}" for rule in here if rule.action in ("block", "exclude") and means[rule.id]]
    including = [rule for rule in here if rule.action == "include"]
    if including and not any(means[rule.id] for rule in including):
        out += [f"rule:{rule.id}" for rule in including]
    for name in HIDING:
        alone = Controls.model_validate({**policy.spec.controls.model_dump(), **{n: off(n) for n in HIDING if n != name}})
        hidden = alone.hidden(np.array([[item_code]]), policy.shop, visitor)
        if hidden is not None and hidden[0, 0]:
            out.append(f"control:{name}")
    return tuple(out)


def moving_parts(policy: Policy, item_code: int, visitor: Visitors, most_rules: int = 24) -> tuple[str, ...]:
    """Parts that can put other items before one: the reranker, limits, controls, and rules that bury it, pin or lift others.

    Rules that bury the item come first, then pins, then boosts; at most `most_rules` of them.
    """
    out = ["reranker"] if policy.spec.reranker != "by-score" else []
    out += [f"limit:{number + 1}" for number in range(len(policy.spec.limits))]
    out += [f"control:{name}" for name in CONTROLS if name not in HIDING and getattr(policy.spec.controls, name)]
    rank = {"bury": 0, "pin": 1, "boost": 2}
    rules = [
        rule
        for rule in policy.rules
        if rule.action in rank and _concerns(rule, visitor) and (rule.action == "bury") == bool(policy.means[rule.id][item_code])
    ]
    return (*out, *(f"rule:{rule.id}" for rule in sorted(rules, key=lambda rule: rank[rule.action])[:most_rules]))


def spec_without(spec: PolicySpec, parts: Sequence[str]) -> PolicySpec:
    """The policy without some parts: `rule:<id>`, `limit:<number from 1>`, `control:<name>` or `reranker`."""
    gone = set(parts)
    controls = spec.controls.model_copy(update={name: off(name) for name in CONTROLS if f"control:{name}" in gone})
    made = spec.model_copy(
        update={
            "rules": tuple(rule for rule in spec.rules if f"rule:{rule.id}" not in gone),
            "limits": tuple(limit for number, limit in enumerate(spec.limits, 1) if f"limit:{number}" not in gone),
            "controls": controls,
        }
    )
    return made.model_copy(update={"reranker": "by-score", "settings": {}}) if "reranker" in gone else made


def changed(policy: Policy, spec: PolicySpec) -> Policy:
    """Another policy for the same shop and situation; what its rules mean is looked up only where it is not known yet."""
    made = Policy(spec, policy.shop, Situation(policy.scene, policy.day, policy.anchors, policy.aged_s))
    made.now_s = policy.now_s
    same = {rule: policy.means[rule.id] for rule in policy.rules}
    if all(rule in same for rule in made.rules):
        made.__dict__["means"] = {rule.id: same[rule] for rule in made.rules}  # where cached_property looks
    return made


def part_words(spec: PolicySpec, part: str) -> tuple[str, str]:
    """`the rule “Not this one”`; English and Chinese."""
    kind, _, name = part.partition(":")
    if kind == "rule":
        said, said_zh = rule_name(next(rule for rule in spec.rules if rule.id == name))
        return f"the rule “{said}”", f"规则“{said_zh}”"
    if kind == "limit":
        said, said_zh = limit_words(spec.limits[int(name) - 1])
        return f"the limit “{said}”", f"限制“{said_zh}”"
    if kind == "control":
        return f"the control “{CONTROLS[name][0]}”", f"控制项“{CONTROLS[name][1]}”"
    title = reranker_class(spec.reranker).title
    return f"the reranker “{title}”", f"重排“{title}”"


def off(control: str) -> object:
    """The value at which a control does nothing."""
    return {"hide_bought": False, "fatigue_after": None}.get(control, 0.0)


def _concerns(rule: Rule, visitor: Visitors) -> bool:
    return not rule.segments or any(bool(visitor.segments[name][0]) for name in rule.segments if name in visitor.segments)
