"""The steps of a policy in words, English and Chinese."""

from __future__ import annotations

from recengine.policy.trail import Step

NAMES: dict[str, tuple[str, str]] = {
    "novelty": ("Rarely bought", "较少被购买"),
    "long_tail": ("Outside the best sellers", "非畅销商品"),
    "freshness": ("New in the shop", "新上架"),
    "price_spread": ("A price band that is rare here", "此处少见的价格带"),
    "exploration": ("Drawn by lot", "随机探索"),
    "weight": ("Gives way to variety", "为多样性让步"),
    "limit": ("Needed by a limit", "为满足下限而入选"),
    "order": ("Held back earlier", "先前被压后"),
    "pin": ("Pinned", "置顶"),
}
LIKE = ("Resembles {other}", "与{other}相似")
COPY_FREE = ("Resembles nothing in the list", "与列表中的商品都不相似")
SHARE = ("The shopper's own share of {other}", "该顾客自己的{other}占比")
TURN = ("Turn of {other}", "轮到{other}")
NEAR = ("Alike to {other} close by", "与附近的{other}相似")
APART = ("Nothing alike close by", "附近没有相似商品")


def step_words(step: Step, other: str) -> tuple[str, str]:
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
    return pair[0].replace("{other}", other), pair[1].replace("{other}", other)
