"""What is wrong with a policy, in words: rules that never mean anything, rules that contradict each other, lists that come out empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from recengine.policy.policy import Policy, PolicyLists
from recengine.policy.rules.conditions import meant
from recengine.policy.rules.rule import Rule
from recengine.policy.rules.words import quoted

READS_TASTE = ("calibrated", "xquad")
FEW = 20  # items that are left: fewer than a list needs to have a choice


@dataclass(frozen=True)
class Problem:
    """One warning."""

    kind: str  # never, field, scope, conflict, empty, short, unplaced, unmet
    text: str
    text_zh: str
    rules: tuple[str, ...] = ()


def problems(policy: Policy) -> list[Problem]:
    """What can be seen without a single list: of the rules, and of the shop that is left in this scene on this day.

    Cost: one look at the catalogue a rule.
    """
    return [*_of_controls(policy), *_of_single_rules(policy), *_of_pairs(policy), *_of_what_is_left(policy)]


def problems_of_lists(policy: Policy, found: PolicyLists) -> list[Problem]:
    """What happened in finished lists: empty and short ones, pins without a place, floors that could not be met."""
    out: list[Problem] = []
    n_rows, k = found.item_codes.shape
    lengths = (found.item_codes >= 0).sum(axis=1)
    empty, short = int((lengths == 0).sum()), int(((lengths > 0) & (lengths < k)).sum())
    if empty and k:
        out.append(Problem("empty", f"{empty} of {n_rows} lists are empty.", f"{n_rows} 个列表中有 {empty} 个为空。"))
    if short:
        out.append(
            Problem("short", f"{short} of {n_rows} lists have fewer than {k} items.", f"{n_rows} 个列表中有 {short} 个不足 {k} 件。")
        )
    for rule, lists in found.unplaced.items():
        if lists:
            name = _name(policy, rule)
            text = f"{name} has no item to pin in {lists} of {n_rows} lists."
            out.append(Problem("unplaced", text, f"{name}：{n_rows} 个列表中有 {lists} 个没有可置顶的商品。", (rule,)))
    for number, lists in found.unmet.items():
        if lists:
            text = f"Limit {number + 1} asks for more than {lists} of {n_rows} lists can hold."
            out.append(Problem("unmet", text, f"第 {number + 1} 条限制：{n_rows} 个列表中有 {lists} 个无法满足。"))
    return out


def _of_controls(policy: Policy) -> Iterator[Problem]:
    if policy.spec.controls.taste_half_life is not None and policy.spec.reranker not in READS_TASTE:
        text = "The half-life of the past has no effect: this reranker does not look at the shopper's own mix."
        yield Problem("never", text, "历史半衰期不起作用：当前重排方式不看顾客自己的偏好构成。")


def _of_single_rules(policy: Policy) -> Iterator[Problem]:
    shop = policy.shop
    for rule in policy.spec.rules:
        name, about = _name(policy, rule.id), (rule.id,)
        lacking = sorted({condition.field for condition in rule.conditions if not condition.exists(shop)})
        if lacking:
            field = quoted(lacking[0])
            yield Problem("field", f"{name} asks for {field}, which this data does not have.", f"{name}：数据中没有字段 {field}。", about)
        elif not meant(rule.conditions, rule.match, shop, policy.today).any():
            yield Problem("never", f"{name} means no item of this shop.", f"{name}：没有符合条件的商品。", about)
        if rule.enabled and rule.end is not None and rule.end < policy.day:
            yield Problem("scope", f"{name} ended on {rule.end.isoformat()}.", f"{name}：已于 {rule.end.isoformat()} 结束。", about)


def _of_pairs(policy: Policy) -> Iterator[Problem]:
    for one, two in combinations(policy.rules, 2):
        if not _same_shoppers(one, two):
            continue
        first, second = _name(policy, one.id), _name(policy, two.id)
        both = int((policy.means[one.id] & policy.means[two.id]).sum())
        actions = {one.action, two.action}
        about = (one.id, two.id)
        if actions == {"pin"} and one.position == two.position:
            lower = second if one.priority >= two.priority else first
            text = f"{first} and {second} want the same place; {lower} takes the next free one."
            yield Problem("conflict", text, f"{first}与{second}要求同一位置；{lower}顺延到下一个空位。", about)
        elif actions == {"pin"} and both and _alone(policy, one) and _alone(policy, two):
            text = f"{first} and {second} pin the same item; it stands at one place."
            yield Problem("conflict", text, f"{first}与{second}置顶了同一商品；它只占一个位置。", about)
        elif actions == {"pin", "block"} and both:
            text = f"{first} and {second} mean {both} items in common; blocked items are never shown."
            yield Problem("conflict", text, f"{first}与{second}涉及 {both} 件相同商品；被屏蔽的商品不会展示。", about)
        elif actions == {"boost", "bury"} and both:
            text = f"{first} and {second} move {both} items both ways; the strengths are added up."
            yield Problem("conflict", text, f"{first}与{second}对 {both} 件商品方向相反；强度相加。", about)
        elif actions in ({"boost", "block"}, {"boost", "exclude"}, {"include", "exclude"}, {"include", "block"}) and both:
            text = f"{first} and {second} mean {both} items in common; those are not shown."
            yield Problem("conflict", text, f"{first}与{second}涉及 {both} 件相同商品；这些商品不会展示。", about)


def _of_what_is_left(policy: Policy) -> Iterator[Problem]:
    shop = policy.shop
    left = shop.catalogue.sellable.copy()
    everywhere = [rule for rule in policy.rules if not rule.segments]
    including = [policy.means[rule.id] for rule in everywhere if rule.action == "include"]
    if including:
        left &= np.logical_or.reduce(including)
    for rule in everywhere:
        if rule.action in ("block", "exclude"):
            left &= ~policy.means[rule.id]
    n = int(left.sum())
    about = tuple(rule.id for rule in everywhere if rule.action in ("block", "exclude", "include"))
    if about and n == 0:
        yield Problem("empty", "The rules leave no item of this shop.", "这些规则没有留下任何商品。", about)
    elif about and n < FEW:
        yield Problem("empty", f"The rules leave only {n} items of this shop.", f"这些规则只留下 {n} 件商品。", about)


def _same_shoppers(one: Rule, two: Rule) -> bool:
    return not one.segments or not two.segments or bool(set(one.segments) & set(two.segments))


def _alone(policy: Policy, rule: Rule) -> bool:
    """Whether the pin names its item, rather than choosing one of many."""
    return int(policy.means[rule.id].sum()) == 1


def _name(policy: Policy, rule: str) -> str:
    number, found = next((n, row) for n, row in enumerate(policy.spec.rules, 1) if row.id == rule)
    return quoted(found.name) if found.name else f"Rule {number}"
