"""The sentence in Chinese, from the same parts as the English one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from recengine.explain.past import PastItem
from recengine.explain.sentence_parts import Clause, SentenceParts

DID = {
    "viewed": "浏览了",
    "put in the cart": "加购了",
    "saved": "收藏了",
    "bought": "购买了",
    "rated": "评价了",
    "shared": "分享了",
    "took out of the cart": "移出购物车了",
    "returned": "退回了",
    "disliked": "不喜欢",
    "used": "用过",
}


def render(parts: SentenceParts) -> str:
    """The parts as a sentence of plain text."""
    return "；".join(SAID[clause.key](clause) for clause in parts.clauses) + "。"


def _date(time_s: int) -> str:
    day = datetime.fromtimestamp(int(time_s), UTC)
    return f"{day.year}年{day.month}月{day.day}日"


def _told(item: PastItem) -> str:
    when = _date(item.last_s) if item.times == 1 else f"{item.times}次，最近一次{_date(item.last_s)}"
    return f"{DID[item.did]}“{item.title}”（{when}）"


def _past(clause: Clause) -> str:
    return f"这位顾客{'，并'.join(_told(item) for item in clause.items)}，是过往商品中最支持它的"


def _growth(log2_ratio: float) -> str:
    ratio = 2.0**log2_ratio
    return f"上升了{ratio - 1:.0%}" if ratio < 2 else f"升至{ratio:.0f}倍"


def _days(value: float) -> str:
    days = round(value)
    return "今天" if days < 1 else "昨天" if days == 1 else f"{days}天前"


SAID: dict[str, Callable[[Clause], str]] = {
    "past.one": _past,
    "past.two": _past,
    "category": lambda c: f"这位顾客近期行为中有{c.number:.0%}属于“{c.name}”类",
    "brand": lambda c: f"这位顾客近期行为中有{c.number:.0%}属于“{c.name}”品牌",
    "price_gap": lambda c: "价格接近这位顾客的日常消费",
    "reach": lambda c: f"近28天内每1000位活跃顾客中有{c.number:.0f}位选了它",
    "trend": lambda c: f"它在全店需求中的份额28天内{_growth(c.number)}",
    "age.new": lambda c: f"它最早在{_days(c.number)}被选购",
    "age.old": lambda c: f"它已在店内{c.number:,.0f}天",
    "idle": lambda c: f"它最近一次在{_days(c.number)}被选购",
    "found_by": lambda c: f"{c.of:.0f}个模型中有{c.number:.0f}个把它列入名单",
    "popularity": lambda c: f"它在热门商品中排第{c.number:.0f}",
    "companion": lambda c: f"它与上次到访的商品一起或随后被选购的频率是平常的{c.number:.2g}倍",
    "words": lambda c: f"它的标题与近期商品的标题有{c.number:.0%}相似",
    "nothing.cold": lambda c: "这位顾客还没有历史记录：所有新顾客的分数相同",
    "nothing.against": lambda c: f"没有明显支持它的因素；最不利的是：{c.name}",
    "nothing.below": lambda c: "没有过往商品支持它；分数低于起点",
    "nothing.same": lambda c: "所有顾客的分数相同：没有过往商品改变它",
}
