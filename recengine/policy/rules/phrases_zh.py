"""Chinese phrases of rules, each with what it tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from recengine.policy.rules.phrases import (
    MARK,
    NUMBER,
    Phrase,
    Texts,
    amount,
    between,
    compared,
    counted,
    dated,
    dates,
    day_told,
    field_of,
    fixed,
    listed,
)

ZH_FIELDS = {"编号": "id", "商品编号": "id", "标题": "title", "名称": "title", "价格": "price", "售价": "price", "库存": "stock"}
ZH_FIELDS |= {"类别": "category", "分类": "category", "品类": "category", "品牌": "brand"}
VALUES = rf"{MARK}(?:\s*[、，,和或]\s*{MARK})*"
FIELD = rf"(?:(?P<zh>{'|'.join(ZH_FIELDS)})|字段(?P<own>{MARK}))\s*"
MONEY = rf"[£$€¥￥]?\s*(?:{NUMBER})"
UNIT = r"\s*(?:元|块|英镑|美元)?"
DAY = r"\d{4}-\d{2}-\d{2}"
ZH_DAY = r"(?P<y>\d{4})年(?P<mo>\d{1,2})月(?P<da>\d{1,2})日"
FIRST = r"(?:首次售出|上架)"
MIXED = "且……或"
OR = re.compile("或")
RESERVED_WORDS = "首页 商品页 购物车 邮件 商品 类别 分类 品牌 价格 标题 库存 编号 新品 缺货 有货 顾客"
RESERVED = frozenset(RESERVED_WORDS.split())
FILLERS = re.compile("请|把|将|的|商品|产品|所有|全部|并|且|或|和|在|中|里|上|以及|是")

Tells = Callable[[dict[str, str], Texts], dict[str, Any] | None]


def _named(tells: Tells) -> Tells:
    """The same with the Chinese name of a field in the place of the English one."""
    return lambda told, texts: tells({**told, "name": ZH_FIELDS[told["zh"]]} if "zh" in told else told, texts)


def _phrase(pattern: str, tells: Tells) -> Phrase:
    return Phrase(re.compile(pattern, re.IGNORECASE), tells)


def _field(pattern: str, tells: Tells) -> Phrase:
    return _phrase(FIELD + pattern, _named(tells))


def _written(key: str) -> Tells:
    """A date such as 2026年3月1日."""

    def tells(told: dict[str, str], _: Texts) -> dict[str, Any] | None:
        text = f"{int(told['y']):04d}-{int(told['mo']):02d}-{int(told['da']):02d}"
        return {key: text} if day_told(text) else None

    return tells


def _cheaper(op: str) -> Tells:
    return lambda told, texts: {"field": "price", "op": op, "number": amount(told["n"])}


# Longer phrases stand before those that they contain.
PHRASES: tuple[Phrase, ...] = (
    _phrase(rf"{FIRST}不早于(?P<d>{DAY})", dated("since")),
    _phrase(rf"{FIRST}早于(?P<d>{DAY})", dated("before")),
    _phrase(rf"(?:{FIRST})?在?最近\s*(?P<n>{NUMBER})\s*天内(?:上架|售出)?", dated("newer_than")),
    _phrase(rf"{FIRST}在?\s*(?P<n>{NUMBER})\s*天以?前", dated("older_than")),
    _phrase(rf"{FIRST}已知", fixed(field="first_sold", op="known")),
    _phrase(rf"{FIRST}未知", fixed(field="first_sold", op="unknown")),
    _phrase("缺货|无货|售罄", fixed(field="stock", op="at_most", number=0.0)),
    _phrase("有货|现货", fixed(field="stock", op="above", number=0.0)),
    _field("未知", lambda told, texts: {"field": field_of(told, texts), "op": "unknown"}),
    _field("已知", lambda told, texts: {"field": field_of(told, texts), "op": "known"}),
    _field(rf"(?:在|介于)\s*(?P<n>{MONEY})\s*(?:到|至|和|-)\s*(?P<m>{MONEY}){UNIT}之间", between),
    _field(rf"(?:不低于|不少于|至少|大于等于)\s*(?P<n>{MONEY}){UNIT}", compared("at_least")),
    _field(rf"(?:不高于|不超过|至多|小于等于)\s*(?P<n>{MONEY}){UNIT}", compared("at_most")),
    _field(rf"(?:低于|小于|少于)\s*(?P<n>{MONEY}){UNIT}", compared("below")),
    _field(rf"(?:高于|大于|超过|多于)\s*(?P<n>{MONEY}){UNIT}", compared("above")),
    _phrase(rf"(?P<n>{MONEY}){UNIT}以下", _cheaper("below")),
    _phrase(rf"(?P<n>{MONEY}){UNIT}以上", _cheaper("at_least")),
    _field(rf"(?:不含有?|不包含)(?P<v>{VALUES})(?:中任何一个)?", listed("lacks")),
    _field(rf"(?:含有?|包含)(?P<v>{VALUES})(?:之一)?", listed("contains")),
    _field(rf"(?:不为|不是)(?P<v>{VALUES})(?:中任何一个)?", listed("is_not")),
    _field(rf"(?:为|是|:|：)?\s*(?P<v>{VALUES})(?:之一)?", listed("is")),
    _phrase(rf"(?P<v>{VALUES})(?P<zh>分类|类别|品类|品牌)", _named(listed("is"))),
    _phrase(r"(?:商品)?(?P<zh>编号)(?:为|是)?\s*(?P<bare>[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*)", _named(listed("is"))),
    _phrase(r"(?:提升|提高|加权)\s*(?P<n>\d+)\s*%", lambda told, texts: {"action": "boost", "strength": int(told["n"])}),
    _phrase(r"(?:降低|降权|压低)\s*(?P<n>\d+)\s*%", lambda told, texts: {"action": "bury", "strength": int(told["n"])}),
    _phrase(r"(?:置顶|固定|放)(?:到|在|至)?第\s*(?P<n>\d+)\s*位", lambda told, texts: {"action": "pin", "position": int(told["n"])}),
    _phrase(r"优先级\s*(?:为|是)?\s*(?P<n>[-+]?\d+)", counted("priority")),
    _phrase(rf"(?:从|自)\s*(?P<d>{DAY})\s*(?:起|开始)?", dates("start")),
    _phrase(rf"(?:到|至|截至)\s*(?P<d>{DAY})\s*(?:为止|止)?", dates("end")),
    _phrase(rf"(?:从|自)\s*{ZH_DAY}\s*(?:起|开始)?", _written("start")),
    _phrase(rf"(?:到|至|截至)\s*{ZH_DAY}\s*(?:为止|止)?", _written("end")),
    _phrase(rf"对\s*(?P<v>{VALUES})\s*的?(?:顾客|人群|用户)", lambda told, texts: {"segments": list(texts(told["v"]))}),
    _phrase("（已停用）", fixed(enabled=False)),
    _phrase("首页|主页", fixed(scenes=["home"])),
    _phrase("商品详情页|商品页|详情页", fixed(scenes=["product"])),
    _phrase("购物车", fixed(scenes=["cart"])),
    _phrase("电子邮件|邮件", fixed(scenes=["email"])),
    _phrase("只展示|只显示|仅展示|仅显示", fixed(action="include")),
    _phrase("屏蔽|不再展示|永不展示|隐藏", fixed(action="block")),
    _phrase("排除|过滤掉?", fixed(action="exclude")),
    _phrase("提升|提高|加权", fixed(action="boost")),
    _phrase("降低|降权|压低", fixed(action="bury")),
    _phrase("置顶|固定", fixed(action="pin")),
)
