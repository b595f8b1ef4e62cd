"""A rule as a plain Chinese sentence; `grammar_zh` reads the same sentences back."""

from __future__ import annotations

from recengine.policy.rules.conditions import Condition
from recengine.policy.rules.rule import Rule
from recengine.policy.rules.words import number, quoted

FIELDS = {"id": "编号", "title": "标题", "category": "类别", "brand": "品牌", "price": "价格", "stock": "库存", "first_sold": "首次售出"}
SCENES = {"home": "首页", "product": "商品页", "cart": "购物车", "email": "邮件"}
NUMBERS = {"below": "低于{0}", "above": "高于{0}", "at_least": "不低于{0}", "at_most": "不高于{0}"}
DATES = {"since": "不早于{0}", "before": "早于{0}", "newer_than": "在最近{0}天内", "older_than": "在{0}天以前"}


def sentence(rule: Rule) -> str:
    """What the rule does, to which items, where, for whom and when."""
    items = ("或" if rule.match == "any" else "且").join(condition_words(row) for row in rule.conditions) + "的商品"
    acts = {
        "pin": f"把{items}置顶到第{rule.position}位",
        "boost": f"把{items}提升{rule.strength}%",
        "bury": f"把{items}降低{rule.strength}%",
        "block": f"屏蔽{items}",
        "include": f"只展示{items}",
        "exclude": f"排除{items}",
    }
    parts: list[str] = []
    if rule.scenes:
        parts.append("在" + "和".join(SCENES[scene] for scene in rule.scenes))
    if rule.segments:
        parts.append("对" + "、".join(quoted(name) for name in rule.segments) + "的顾客")
    if rule.start:
        parts.append(f"从{rule.start.isoformat()}起")
    if rule.end:
        parts.append(f"到{rule.end.isoformat()}为止")
    parts.append(acts[rule.action])
    if rule.priority:
        parts.append(f"优先级{rule.priority}")
    return "，".join(parts) + ("。" if rule.enabled else "（已停用）。")


def condition_words(condition: Condition) -> str:
    """One condition, such as: 价格低于20."""
    return (FIELDS.get(condition.field) or f"字段{quoted(condition.field)}") + _said(condition)


def _said(condition: Condition) -> str:
    op = condition.op
    if condition.values:
        verb = {"is": "为", "is_not": "不为", "contains": "含有", "lacks": "不含"}[op]
        values = "、".join(quoted(value) for value in condition.values)
        several = len(condition.values) > 1
        return f"{verb}{values}{('之一' if op in ('is', 'contains') else '中任何一个') if several else ''}"
    if op == "between":
        return f"在{number(condition.number)}到{number(condition.number_to)}之间"
    if op in NUMBERS:
        return NUMBERS[op].format(number(condition.number))
    if op in DATES:
        return DATES[op].format(condition.day.isoformat() if condition.day else number(condition.number))
    return "已知" if op == "known" else "未知"
