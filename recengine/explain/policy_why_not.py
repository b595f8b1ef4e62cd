"""What a policy has to do with an item that is not on a list, and which change of the policy would bring it in; each is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recengine.policy.parts import changed, moving_parts, part_words, removed_by, spec_without
from recengine.policy.policy import Policy, PolicySpec
from recengine.policy.rules.conditions import Condition
from recengine.policy.rules.rule import Rule
from recengine.policy.shop import Visitors

Order = Callable[[Policy], np.ndarray]  # a policy → codes of the list and of what follows it
MOST_WAYS = 5


@dataclass(frozen=True)
class PolicyWay:
    """A change of the policy that was tried, and where the item stands after it."""

    parts: tuple[str, ...]  # that were taken out; empty for a new rule
    text: str
    text_zh: str
    place: int  # 0 = the policy does not choose from it
    brings_in: bool
    spec: PolicySpec


@dataclass(frozen=True)
class PolicyPart:
    """What the policy did to the item."""

    removed: tuple[str, ...]  # parts that keep it off the list
    ways: tuple[PolicyWay, ...]  # those that bring it in first, the smaller change first


def policy_part(policy: Policy, item_code: int, visitor: Visitors, k: int, order: Order) -> PolicyPart:
    """Find what removed or displaced an item.

    Args:
        policy: of the list.
        item_code: not on the list.
        visitor: one shopper.
        k: list length.
        order: makes the list under a policy, and what follows it.

    Cost: a list for each part of the policy, 24 rules at most, and some ten for a boost.
    """
    removed = removed_by(policy, item_code, visitor)
    ways = []
    if removed:
        ways.append(_without(policy, removed, item_code, k, order))
    else:
        ways += [_without(policy, (part,), item_code, k, order) for part in moving_parts(policy, item_code, visitor)]
        ways = [way for way in ways if way.brings_in]
    if not any(way.brings_in for way in ways):
        start = spec_without(policy.spec, removed)
        ways += _boosted(policy, start, removed, item_code, k, order)
    return PolicyPart(removed, tuple(sorted(ways, key=lambda way: (not way.brings_in, len(way.parts)))[:MOST_WAYS]))


def _without(policy: Policy, parts: tuple[str, ...], item_code: int, k: int, order: Order) -> PolicyWay:
    spec = spec_without(policy.spec, parts)
    said = [part_words(policy.spec, part) for part in parts]
    text, text_zh = " and ".join(en for en, _ in said), "和".join(zh for _, zh in said)
    place = _place(order(changed(policy, spec)), item_code)
    return PolicyWay(parts, f"without {text}", f"去掉{text_zh}", place, 0 < place <= k, spec)


def _boosted(policy: Policy, start: PolicySpec, removed: tuple[str, ...], item_code: int, k: int, order: Order) -> list[PolicyWay]:
    """The weakest boost of the item alone that brings it in, else a pin at the last place; both are rules that a person could write."""
    item = str(policy.shop.catalogue.vocabulary.ids[item_code])
    only = (Condition(field="id", op="is", values=(item,)),)

    def tried(rule: Rule, text: str, text_zh: str) -> PolicyWay:
        spec = PolicySpec.model_validate(start.model_dump() | {"rules": [*(row.model_dump() for row in start.rules), rule.model_dump()]})
        place = _place(order(changed(policy, spec)), item_code)
        said = [part_words(policy.spec, part) for part in removed]
        if said:
            text, text_zh = f"{text}, without {' and '.join(en for en, _ in said)}", f"{text_zh}，并去掉{'和'.join(zh for _, zh in said)}"
        return PolicyWay(removed, text, text_zh, place, 0 < place <= k, spec)

    def boost(strength: int) -> PolicyWay:
        return tried(Rule(action="boost", strength=strength, conditions=only), f"boosted by {strength} %", f"提升{strength}%")

    strongest = boost(100)
    if not strongest.brings_in:
        return [tried(Rule(action="pin", position=k, conditions=only), f"pinned to place {k}", f"置顶到第{k}位")]
    low, high, best = 0, 100, strongest
    while high - low > 1:  # a stronger boost never stands lower
        middle = (low + high) // 2
        found = boost(middle)
        low, high, best = (low, middle, found) if found.brings_in else (middle, high, best)
    return [best]


def _place(order: np.ndarray, item_code: int) -> int:
    found = np.flatnonzero(order == item_code)
    return int(found[0]) + 1 if len(found) else 0
