"""The steps of a policy in words, English and Chinese."""

from __future__ import annotations

from recengine.policy.limits import Limit
from recengine.policy.rules.rule import Rule
from recengine.policy.rules.words import condition_words, sentence
from recengine.policy.rules.words_zh import condition_words as condition_words_zh
from recengine.policy.rules.words_zh import sentence as sentence_zh
from recengine.policy.trail import Step

NAMES: dict[str, tuple[str, str]] = {
    "novelty": ("Rarely bought", "较少被购买"),
    "long_tail": ("Outside the best sellers", "非畅销商品"),
    "freshness": ("New in the shop", "新上架"),
    "price_spread": ("A price band that is rare here", "此处少见的价格带"),
    "exploration": ("Drawn by lot", "随机探索"),
    "weight": ("Gives way to variety", "为多样性让步"),
    "limit": ("Asked for: {other}", "应要求入选：{other}"),
    "order": ("Held back earlier", "先前被压后"),
    "pin": ("Pinned: {other}", "置顶：{other}"),
}
LIKE = ("Resembles {other}", "与{other}相似")
COPY_FREE = ("Resembles nothing in the list", "与列表中的商品都不相似")
SHARE = ("The shopper's own share of {other}", "该顾客自己的{other}占比")
TURN = ("Turn of {other}", "轮到{other}")
NEAR = ("Alike to {other} close by", "与附近的{other}相似")
APART = ("Nothing alike close by", "附近没有相似商品")


def step_words(step: Step, other: str, other_zh: str = "") -> tuple[str, str]:
    """A step in English and in Chinese; `other` is the title or name of what it refers to, "" where there is none."""
    if step.key == "like":
        pair = LIKE if other else COPY_FREE
    elif step.key == "near":
        pair = NEAR if other else APART
    elif step.key in ("share", "turn"):
        pair = SHARE if step.key == "share" else TURN
        other = other or "–"
    elif step.key.startswith("rule:"):
        pair = ("Rule: {other}", "规则：{other}")
    else:
        pair = NAMES[step.key]
    return pair[0].replace("{other}", other), pair[1].replace("{other}", other_zh or other)


def rule_name(rule: Rule) -> tuple[str, str]:
    """What people call a rule, else its sentence; English and Chinese."""
    if rule.name:
        return rule.name, rule.name
    return sentence(rule).rstrip("."), sentence_zh(rule).rstrip("。")


GROUPS = {
    "category": ("of each category", "每个类别"),
    "brand": ("of each brand", "每个品牌"),
    "price": ("of each price band", "每个价格带"),
    "tail": ("outside the best sellers", "非畅销"),
}


def limit_words(limit: Limit) -> tuple[str, str]:
    """`At most 2 of each category in the first 10`; English and Chinese."""
    amount = f"{limit.share:.0%}" if limit.number is None else str(limit.number)
    kind, kind_zh = ("at most", "最多") if limit.kind == "at_most" else ("at least", "至少")
    if limit.what == "new":
        what, what_zh = f"new within {limit.new_days} days", f"上架不超过{limit.new_days}天的"
    elif limit.what == "matching":
        what = " and ".join(condition_words(condition) for condition in limit.conditions)
        what_zh = "且".join(condition_words_zh(condition) for condition in limit.conditions) + "的"
    else:
        what, what_zh = GROUPS[limit.what]
    where, where_zh = (f" in the first {limit.within}", f"前{limit.within}位中") if limit.within else ("", "")
    return f"{kind} {amount} {what}{where}", f"{where_zh}{what_zh}商品{kind_zh}{amount}{'' if limit.number is None else '件'}"
