"""Rules: which items they mean, and how they read as sentences and tables, there and back."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_shops import small_shop
from pydantic import ValidationError

from recengine.errors import BadInput
from recengine.policy.rules.conditions import Condition, day_of, meant
from recengine.policy.rules.grammar import Names, names_of, read_rule
from recengine.policy.rules.rule import Rule, numbered
from recengine.policy.rules.table import COLUMNS, read_rules, write_rules
from recengine.policy.rules.words import number, sentence
from recengine.policy.rules.words_zh import sentence as sentence_zh

COLOUR = np.array(["red", "", "Red", "blue"] * 3, dtype=object)
STOCK = np.array([0, 1, np.nan, 5] * 3)
SHOP = small_shop(12, {"colour": COLOUR, "stock": STOCK})
TODAY = day_of(SHOP.now_s)


def items(*conditions, match="all"):
    return np.flatnonzero(meant([Condition.model_validate(row) for row in conditions], match, SHOP, TODAY)).tolist()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"field": "id", "op": "is", "values": ["i03", "I04", "i99"]}, [3]),
        ({"field": "category", "op": "is", "values": ["TEA "]}, [0, 1, 2, 3]),
        ({"field": "category", "op": "is_not", "values": ["tea", "pots"]}, [8, 9, 10, 11]),
        ({"field": "title", "op": "contains", "values": ["green tea"]}, [0, 1, 2, 3]),
        ({"field": "title", "op": "contains", "values": ["tea green"]}, []),
        ({"field": "title", "op": "contains", "values": ["te"]}, []),
        ({"field": "title", "op": "contains", "values": ["1", "壶"]}, [1, 8, 9, 10, 11]),
        ({"field": "title", "op": "lacks", "values": ["tea", "茶"]}, [4, 5, 6, 7]),
        ({"field": "price", "op": "below", "number": 3}, [0, 1]),
        ({"field": "price", "op": "at_most", "number": 3}, [0, 1, 2]),
        ({"field": "price", "op": "above", "number": 11}, [11]),
        ({"field": "price", "op": "at_least", "number": 11}, [10, 11]),
        ({"field": "price", "op": "between", "number": 4, "number_to": 6}, [3, 4, 5]),
        ({"field": "stock", "op": "at_most", "number": 0}, [0, 4, 8]),
        ({"field": "stock", "op": "unknown"}, [2, 6, 10]),
        ({"field": "colour", "op": "is", "values": ["red"]}, [0, 2, 4, 6, 8, 10]),
        ({"field": "colour", "op": "unknown"}, [1, 5, 9]),
        ({"field": "size", "op": "is", "values": ["L"]}, []),
        ({"field": "size", "op": "unknown"}, list(range(12))),
        ({"field": "brand", "op": "known"}, list(range(12))),
        ({"field": "first_sold", "op": "newer_than", "number": 16}, [10, 11]),  # first sold on 2 and on 1 of the last 16 days
        ({"field": "first_sold", "op": "older_than", "number": 81}, [0]),
    ],
)
def test_conditions_mean_these_items(condition, expected):
    assert items(condition) == expected


def test_dates_of_first_sales():
    last = date(2026, 4, 10)  # i11 is first sold on the last day, each item before it 8 days earlier
    assert items({"field": "first_sold", "op": "since", "day": (last - timedelta(days=8)).isoformat()}) == [10, 11]
    assert items({"field": "first_sold", "op": "before", "day": (last - timedelta(days=8)).isoformat()}) == list(range(10))


@pytest.mark.parametrize("op", ["newer_than", "older_than"])
@pytest.mark.parametrize("number", [-1, 36_501, 800_000, 1e12])
def test_ages_beyond_a_century_are_refused(op, number):
    with pytest.raises(ValidationError, match="0 to 36500 days"):
        Condition(field="first_sold", op=op, number=number)


@pytest.mark.parametrize("today", [date.min, date(2026, 4, 11), date.max])
def test_the_largest_age_is_a_day_of_the_calendar(today):
    condition = Condition(field="first_sold", op="newer_than", number=36_500)
    assert meant([condition], "all", SHOP, today).all() == (today != date.max)


def test_a_sentence_with_an_age_beyond_all_days_makes_no_rule():
    found = read_rule("boost by 20 % items first sold in the last 800000 days")
    assert found.rule is None


def test_all_or_any():
    tea, cheap = {"field": "category", "op": "is", "values": ["tea"]}, {"field": "price", "op": "below", "number": 3}
    blue = {"field": "colour", "op": "is", "values": ["blue"]}
    assert items(tea, cheap) == [0, 1]
    assert items(cheap, blue, match="any") == [0, 1, 3, 7, 11]
    assert not meant([], "all", SHOP, TODAY).any()


def test_ids_are_given_once():
    rule = Rule.model_validate({"action": "block", "conditions": [{"field": "id", "op": "known"}]})
    named = rule.model_copy(update={"id": "r2"})
    assert [row.id for row in numbered((rule, named, rule, named))] == ["r1", "r2", "r3", "r4"]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Co", "Cc"]), min_size=1, max_size=12).filter(lambda text: text.strip())
NUMBERS = st.one_of(st.integers(-(10**6), 10**6).map(float), st.floats(-1e12, 1e12, allow_nan=False))
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
OWN = TEXT.filter(lambda text: text not in ("id", "title", "category", "brand", "price", "stock", "first_sold"))
VALUES = st.lists(TEXT, min_size=1, max_size=3)
TEXTS = st.builds(
    lambda field, op, values: {"field": field, "op": op, "values": values},
    st.one_of(st.sampled_from(["id", "title", "category", "brand"]), OWN), st.sampled_from(["is", "is_not", "contains", "lacks"]), VALUES,
)  # fmt: skip
AMOUNTS = st.builds(
    lambda field, op, n: {"field": field, "op": op, "number": n},
    st.sampled_from(["price", "stock", "weight"]), st.sampled_from(["below", "above", "at_least", "at_most"]), NUMBERS,
)  # fmt: skip
RANGES = st.builds(lambda a, b: {"field": "price", "op": "between", "number": min(a, b), "number_to": max(a, b)}, NUMBERS, NUMBERS)
SALES = st.one_of(
    st.builds(lambda op, d: {"field": "first_sold", "op": op, "day": d}, st.sampled_from(["since", "before"]), DAYS),
    st.builds(
        lambda op, n: {"field": "first_sold", "op": op, "number": n}, st.sampled_from(["newer_than", "older_than"]), st.integers(1, 999)
    ),
)
KNOWN = st.builds(
    lambda field, op: {"field": field, "op": op},
    st.one_of(st.sampled_from(["brand", "price", "first_sold"]), OWN), st.sampled_from(["known", "unknown"]),
)  # fmt: skip


@st.composite
def any_rule(draw) -> Rule:
    action = draw(st.sampled_from(["pin", "boost", "bury", "block", "include", "exclude"]))
    form = {"action": action, "conditions": draw(st.lists(st.one_of(TEXTS, AMOUNTS, RANGES, SALES, KNOWN), min_size=1, max_size=3))}
    if action == "pin":
        form["position"] = draw(st.integers(1, 500))
    if action in ("boost", "bury"):
        form["strength"] = draw(st.integers(1, 100))
    days = sorted(draw(st.lists(DAYS, min_size=2, max_size=2)))
    form |= {"start": days[0]} if draw(st.booleans()) else {}
    form |= {"end": days[1]} if draw(st.booleans()) else {}
    form |= {"match": draw(st.sampled_from(["all", "any"]))} if len(form["conditions"]) > 1 else {}
    form |= {"scenes": draw(st.lists(st.sampled_from(["home", "product", "cart", "email"]), unique=True))}
    form |= {"segments": draw(st.lists(TEXT, unique=True, max_size=2)), "priority": draw(st.integers(-100, 100))}
    return Rule.model_validate(form | {"enabled": draw(st.booleans())})


def ordered(rule: Rule) -> Rule:
    return rule.model_copy(update={"scenes": tuple(sorted(rule.scenes))})


@settings(max_examples=250, deadline=None)
@given(any_rule())
def test_every_rule_reads_back_from_its_own_sentence(rule):
    for said in (sentence(rule), sentence_zh(rule)):
        found = read_rule(said)
        assert found.unknown == ()
        assert found.missing == ()
        assert found.rule is not None
        assert ordered(found.rule) == ordered(rule)


def test_sentences_as_they_are_read():
    rule = Rule.model_validate(
        {
            "action": "boost",
            "strength": 40,
            "conditions": [{"field": "category", "op": "is", "values": ["tea", "茶具"]}, {"field": "price", "op": "below", "number": 20}],
            "scenes": ["home", "cart"],
            "segments": ["new"],
            "end": "2026-12-31",
            "priority": 3,
        }
    )
    assert sentence(rule) == (
        "Boost by 40 % items whose category is one of “tea”, “茶具” and whose price is below 20 on the home page and in the cart "
        "for shoppers of “new” until 2026-12-31, priority 3."
    )
    assert (
        sentence_zh(rule)
        == "在首页和购物车，对“new”的顾客，到2026-12-31为止，把类别为“tea”、“茶具”之一且价格低于20的商品提升40%，优先级3。"
    )


NAMES = Names({"category": frozenset({"tea", "茶具", "green tea"}), "brand": frozenset({"acme & co", "tea"}), "id": frozenset({"22423"})})


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Boost green tea by 30% on the home page until 2026-12-31",
         "Boost by 30 % items whose category is “green tea” on the home page until 2026-12-31."),
        ("please hide out of stock items", "Never show items whose stock is at most 0."),
        ("pin item id 22423 at position 1", "Pin to place 1 items whose id is “22423”."),
        ("bury brand Acme & Co by 20 percent in the cart", "Bury by 20 % items whose brand is “Acme & Co” in the cart."),
        ('show only items cheaper than £5 or with "tea" in the title',
         "Show only items whose price is below 5 or whose title contains “tea”."),
        ("never show products more expensive than 9.50, priority 4", "Never show items whose price is above 9.5, priority 4."),
        ("exclude items added in the last 7 days", "Leave out items whose first sale is within the last 7 days."),
        ("把“茶具”分类提升30%", "Boost by 30 % items whose category is “茶具”."),
        ("把编号22423的商品置顶到第1位", "Pin to place 1 items whose id is “22423”."),
        ("屏蔽缺货商品", "Never show items whose stock is at most 0."),
        ("首页只展示价格低于20元的商品", "Show only items whose price is below 20 on the home page."),
        ("从2026年3月1日起屏蔽20元以下的茶具", "Never show items whose price is below 20 and whose category is “茶具” from 2026-03-01."),
    ],
)  # fmt: skip
def test_typed_sentences(typed, said):
    found = read_rule(typed, NAMES)
    assert found.unknown == ()
    assert found.rule is not None
    assert sentence(found.rule) == said


@pytest.mark.parametrize(
    ("typed", "unknown", "missing"),
    [
        ("Boost candles by 30%", ("candles",), ("conditions",)),
        ("Boost tea by 30%", ("“tea”",), ("conditions",)),  # a category and a brand have this name
        ("Boost green tea", (), ("strength",)),
        ("pin green tea", (), ("position",)),
        ("Make everything nicer", ("Make", "nicer"), ("action", "conditions")),
        ("提升便宜的商品", ("便宜",), ("conditions", "strength")),
        ("boost green tea and price above 3 or id 22423 by 3%", ("and … or",), ()),
        ("block green tea until 2026-02-31", ("until 2026-02-31",), ()),
        ("block green tea and boost id 22423 by 3%", ("boost",), ()),
        ("hide green tea with price “cheap”", ("price “cheap”",), ()),
        ("", (), ("action", "conditions")),
    ],
)
def test_what_is_not_understood_is_named_and_nothing_is_invented(typed, unknown, missing):
    found = read_rule(typed, NAMES)
    assert found.rule is None
    assert (found.unknown, found.missing) == (unknown, missing)


def test_sentences_that_ask_for_trouble():
    with pytest.raises(BadInput, match="too long"):
        read_rule("boost " * 1_000)
    assert read_rule("boost id i1 by 900%").unknown != ()
    assert read_rule("\ue000 boost “\ue001” by 3%").rule is None
    for typed in ("“", "”””", "“”", "((((" * 100, "whose " * 500, "1" * 4_000, "把" * 4_000):
        assert read_rule(typed).rule is None


def test_names_come_from_the_catalogue():
    names = names_of(SHOP.catalogue, ["New"])
    assert (names.field_of("TEA"), names.field_of("i03"), names.field_of("new"), names.field_of("nothing")) == (
        "category",
        "id",
        "segment",
        "",
    )
    found = read_rule("bury 茶具 by 5%", names)
    assert found.form["conditions"] == [{"field": "category", "op": "is", "values": ["茶具"]}]


@settings(max_examples=60, deadline=None)
@given(st.lists(any_rule(), max_size=4))
def test_rules_come_back_from_their_table(tmp_path_factory, rules):
    rules = list(numbered(tuple(rules)))
    file = tmp_path_factory.mktemp("rules") / "rules.csv"
    write_rules(rules, file)
    assert read_rules(file) == (rules, [])


def test_tables_of_rules_are_safe_and_say_what_is_wrong(tmp_path):
    file = tmp_path / "rules.csv"
    bad = Rule.model_validate(
        {"id": "=1+1", "name": "+cmd", "action": "block", "conditions": [{"field": "id", "op": "is", "values": ["@x"]}]}
    )
    write_rules([bad], file)
    raw = file.read_text("utf-8-sig")
    assert '"\'=1+1"' in raw
    assert '"\'+cmd"' in raw
    assert read_rules(file)[0] == [bad]
    head = ",".join(COLUMNS)
    file.write_text(
        f"{head}\nr1,,boost,,30,,,,,,,,category,is,tea,,,\nr1,,,,,,,,,,,,price,below,,20,,\nr2,,boost,,,,,,,,,,category,is,tea,,,\n"
        f"r3,,pin,x,,,,,,,,,category,is,tea,,,\nr4,,block,,,,,,,,,maybe,category,is,tea,,,\nr5,,fly,,,,,,,,,,category,is,tea,,,\n",
        encoding="utf-8",
    )
    rules, rejected = read_rules(file)
    assert [sentence(rule) for rule in rules] == ["Boost by 30 % items whose category is “tea” and whose price is below 20."]
    assert [line.partition(":")[0] for line in rejected] == ["Line 4", "Line 5", "Line 6", "Line 7"]
    assert "needs a strength" in rejected[0]
    assert "yes or no" in rejected[2]
    for content in (b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"PK\x03\x04"):
        file.write_bytes(content)
        with pytest.raises(BadInput, match="no table of rules"):
            read_rules(file)


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back(value):
    assert float(number(value)) == value


def test_a_rule_is_refused_where_it_makes_no_sense():
    for wrong in ({"scenes": ["home", "home"]}, {"scenes": ["shop"]}, {"position": 3}, {"priority": 1000}, {"colour": "red"}):
        with pytest.raises(ValidationError):
            Rule.model_validate({"action": "block", "conditions": [{"field": "id", "op": "known"}], **wrong})
