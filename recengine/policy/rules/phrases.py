"""English phrases of rules, each with what it tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

MARK = "[\ue000-\uf8ff]"  # stands for a quoted text or a known name
Texts = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True)
class Phrase:
    """A pattern, and what a place where it stands tells: fields of the form, or one condition (with "field"); None = nothing."""

    pattern: re.Pattern[str]
    tells: Callable[[dict[str, str], Texts], dict[str, Any] | None]


NUMBER = r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
MONEY = rf"[£$€¥￥]?\s?(?:{NUMBER})"
DAY = r"\d{4}-\d{2}-\d{2}"
VALUES = rf"{MARK}(?:\s*(?:,|or|,\s*or)\s*{MARK})*"
NAMED = r"(?P<name>id|item id|code|title|name|category|brand|price|stock)"
FIELD = rf"(?:whose\s+|with\s+(?:an?\s+)?|(?:in|of|from)\s+(?:the\s+)?)?(?:{NAMED}|field\s+(?P<own>{MARK}))"
FIELDS = {"item id": "id", "code": "id", "name": "title"}
FIRST = r"(?:whose\s+)?(?:first\s+(?:sale|sold)|new|added)"
BELOW = r"below|under|less than|cheaper than|lower than"
ABOVE = r"above|over|more than|higher than|dearer than|more expensive than"
MIXED = "and … or"
OR = re.compile(r"\bor\b", re.IGNORECASE)
RESERVED_WORDS = """
home cart product products page pages items item boost bury block pin show hide only price brand category title stock id new first sale
field in on of from until for with whose and or is not at by the a an priority email e-mail newsletter basket
"""
RESERVED = frozenset(RESERVED_WORDS.split())
FILLERS = re.compile(
    r"\b(?:please|the|an?|items?|products?|articles?|things?|all|any|that|which|are|is|whose|with|and|or|of|to|for|by|everything)\b",
    re.IGNORECASE,
)


def field_of(told: dict[str, str], texts: Texts) -> str:
    """The field that a condition names."""
    if "own" in told:
        return texts(told["own"])[0]
    name = " ".join(told.get("name", "").lower().split())
    return FIELDS.get(name, name)


def amount(text: str) -> float:
    """The number in a text such as £20."""
    return float(re.sub(r"[£$€¥￥\s]", "", text))


def day_told(text: str) -> date | None:
    """A date that the calendar has, else None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def compared(op: str) -> Callable[[dict[str, str], Texts], dict[str, Any] | None]:
    """A condition with one number."""
    return lambda told, texts: {"field": field_of(told, texts) or "price", "op": op, "number": amount(told["n"])}


def listed(op: str) -> Callable[[dict[str, str], Texts], dict[str, Any] | None]:
    """A condition with texts."""

    def tells(told: dict[str, str], texts: Texts) -> dict[str, Any] | None:
        values = texts(told["v"]) if "v" in told else (told["bare"],)
        field = field_of(told, texts)
        # Of a title only words are asked for, and a number needs a comparison.
        return (
            {"field": field, "op": op, "values": list(values)}
            if field not in ("price", "stock") and all(v.strip() for v in values)
            else None
        )

    return tells


def dated(op: str) -> Callable[[dict[str, str], Texts], dict[str, Any] | None]:
    """A condition on the first sale, by date or by days."""

    def tells(told: dict[str, str], _: Texts) -> dict[str, Any] | None:
        if "n" in told:
            return {"field": "first_sold", "op": op, "number": amount(told["n"])}
        return {"field": "first_sold", "op": op, "day": told["d"]} if day_told(told["d"]) else None

    return tells


def between(told: dict[str, str], texts: Texts) -> dict[str, Any]:
    """A condition with two numbers."""
    return {"field": field_of(told, texts) or "price", "op": "between", "number": amount(told["n"]), "number_to": amount(told["m"])}


def fixed(**fields: Any) -> Callable[[dict[str, str], Texts], dict[str, Any]]:
    """Always the same fields."""
    return lambda told, texts: dict(fields)


def dates(key: str) -> Callable[[dict[str, str], Texts], dict[str, Any] | None]:
    """A date of the scope."""
    return lambda told, texts: {key: told["d"]} if day_told(told["d"]) else None


def counted(key: str) -> Callable[[dict[str, str], Texts], dict[str, Any]]:
    """A whole number of the form."""
    return lambda told, texts: {key: int(told["n"])}


def _phrase(pattern: str, tells: Callable[[dict[str, str], Texts], dict[str, Any] | None]) -> Phrase:
    return Phrase(re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE), tells)


def _known(op: str) -> Callable[[dict[str, str], Texts], dict[str, Any]]:
    return lambda told, texts: {"field": "first_sold" if "first" in told else field_of(told, texts), "op": op}


# Longer phrases stand before those that they contain.
PHRASES: tuple[Phrase, ...] = (
    _phrase(rf"{FIRST} (?:is )?(?:on or after|since) (?P<d>{DAY})", dated("since")),
    _phrase(rf"{FIRST} (?:is )?before (?P<d>{DAY})", dated("before")),
    _phrase(rf"{FIRST} (?:is )?(?:within|in) the last (?P<n>{NUMBER}) days", dated("newer_than")),
    _phrase(rf"{FIRST} (?:is )?more than (?P<n>{NUMBER}) days ago", dated("older_than")),
    _phrase(r"whose (?P<first>first sale) is known", _known("known")),
    _phrase(r"whose (?P<first>first sale) is unknown", _known("unknown")),
    _phrase(r"(?:that are )?(?:out of stock|sold out)", fixed(field="stock", op="at_most", number=0.0)),
    _phrase(r"(?:that are )?in stock", fixed(field="stock", op="above", number=0.0)),
    _phrase(rf"{FIELD} (?:is )?unknown", _known("unknown")),
    _phrase(rf"{FIELD} (?:is )?known", _known("known")),
    _phrase(rf"{FIELD} (?:is )?between (?P<n>{MONEY}) and (?P<m>{MONEY})", between),
    _phrase(rf"{FIELD} (?:is )?at least (?P<n>{MONEY})", compared("at_least")),
    _phrase(rf"{FIELD} (?:is )?at most (?P<n>{MONEY})", compared("at_most")),
    _phrase(rf"{FIELD} (?:is )?(?:{BELOW}) (?P<n>{MONEY})", compared("below")),
    _phrase(rf"{FIELD} (?:is )?(?:{ABOVE}) (?P<n>{MONEY})", compared("above")),
    _phrase(rf"(?:that are )?cheaper than (?P<n>{MONEY})", compared("below")),
    _phrase(rf"(?:that are )?(?:dearer|more expensive) than (?P<n>{MONEY})", compared("above")),
    _phrase(rf"{FIELD} (?:contains none of|lacks|does not contain) (?P<v>{VALUES})", listed("lacks")),
    _phrase(rf"{FIELD} (?:contains one of|contains|containing) (?P<v>{VALUES})", listed("contains")),
    _phrase(r"(?:with )?(?P<v>" + VALUES + r") in the (?P<name>title|name)", listed("contains")),
    _phrase(rf"{FIELD} (?:is )?(?:none of|not) (?P<v>{VALUES})", listed("is_not")),
    _phrase(rf"{FIELD} (?:is )?(?:one of )?(?P<v>{VALUES})", listed("is")),
    _phrase(r"(?:items? |products? )?(?P<name>item id|id|code) (?:is )?(?P<bare>[\w-]*\d[\w-]*)", listed("is")),
    _phrase(r"(?P<n>\d+)\s*(?:%|percent)", counted("strength")),
    _phrase(r"(?:(?:to|at|in|on) )?(?:place|position|slot) (?P<n>\d+)", counted("position")),
    _phrase(r"priority (?P<n>[-+]?\d+)", counted("priority")),
    _phrase(rf"(?:starting|from|since) (?P<d>{DAY})", dates("start")),
    _phrase(rf"(?:until|till|to) (?P<d>{DAY})", dates("end")),
    _phrase(rf"for (?:shoppers of |shoppers in |the segments? |segments? )(?P<v>{VALUES})", lambda t, x: {"segments": list(x(t["v"]))}),
    _phrase(r"\(switched off\)", fixed(enabled=False)),
    _phrase(r"(?:on |in )?(?:the )?home ?page", fixed(scenes=["home"])),
    _phrase(r"(?:on |in )?(?:the )?product pages?", fixed(scenes=["product"])),
    _phrase(r"(?:on |in )?(?:the )?(?:shopping )?(?:cart|basket)", fixed(scenes=["cart"])),
    _phrase(r"(?:on |in )?(?:the )?(?:e-?mails?|newsletters?)", fixed(scenes=["email"])),
    _phrase(r"(?:never|do not|don't) show|\b(?:block|hide|ban)\b", fixed(action="block")),
    _phrase(r"show only|only show|include only", fixed(action="include")),
    _phrase(r"leave out|filter out|\bexclude\b", fixed(action="exclude")),
    _phrase(r"\b(?:boost|promote|push up|raise)\b", fixed(action="boost")),
    _phrase(r"\b(?:bury|demote|push down|lower)\b", fixed(action="bury")),
    _phrase(r"\bpin\b", fixed(action="pin")),
)  # fmt: skip
