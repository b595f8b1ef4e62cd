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

# Keys of the terms of a score; models by the name under which they generate candidates
SIGNALS = {
    "transitions": "常在其后被选购",
    "item-knn": "相似顾客也选购",
    "ease": "与过往商品相配",
    "als": "符合顾客口味",
    "popularity": "当前热门",
    "content": "描述相似",
    "found_by": "各模型的一致程度",
    "category": "对该类别的兴趣",
    "brand": "对该品牌的兴趣",
    "price_gap": "价格与平常消费之差",
    "price_level": "在本类别中的价位",
    "reach": "近期选购人数",
    "trend": "需求升降",
    "category_trend": "类别需求升降",
    "conversion": "浏览者的购买率",
    "age_days": "在店时间",
    "idle_days": "距上次售出的时间",
    "words": "标题与过往商品相似",
    "companion": "与上次到访相配",
    "hour": "适合该时段",
    "weekday": "适合该星期",
    "season": "适合该季节",
    "rating": "评分",
    "away_days": "距上次到访的时间",
    "history": "历史长度",
    "pace": "顾客的选购频率",
}


def signal_name(key: str, otherwise: str) -> str:
    """Name of a term in Chinese; the given one where a signal has none yet."""
    return SIGNALS.get(key, otherwise)


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
    "trend": lambda c: f"它在全店需求中的份额28天内约{_growth(c.number)}",
    "age.new": lambda c: f"它最早在{_days(c.number)}被选购",
    "age.old": lambda c: f"它已在店内{c.number:,.0f}天",
    "idle": lambda c: f"它最近一次在{_days(c.number)}被选购",
    "found_by": lambda c: f"{c.of:.0f}个模型中有{c.number:.0f}个把它列入名单",
    "popularity": lambda c: f"它在热门商品中排第{c.number:.0f}",
    "category_trend": lambda c: f"“{c.name}”类在全店需求中的份额28天内约{_growth(c.number)}",
    "companion": lambda c: f"它与上次到访的商品一起或随后被选购的频率是平常的{c.number:.1f}倍",
    "hour": lambda c: f"它在这个时段的需求份额是平常的{c.number:.1f}倍",
    "weekday": lambda c: f"它在一周这一天的需求份额是平常的{c.number:.1f}倍",
    "season": lambda c: f"它在这个月份的需求份额是平常的{c.number:.1f}倍",
    "words": lambda c: f"它的标题与近期商品的标题有{c.number:.0%}相似",
    "nothing.cold": lambda c: "这位顾客还没有历史记录：所有新顾客的分数相同",
    "nothing.against": lambda c: f"没有明显支持它的因素；最不利的是：{signal_name(c.signal, c.name)}",
    "nothing.below": lambda c: "没有过往商品支持它；分数低于起点",
    "nothing.same": lambda c: "所有顾客的分数相同：没有过往商品改变它",
}
