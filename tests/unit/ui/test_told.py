"""The engine's sentences in Chinese: every phrase still stands in the engine, and real sentences come out whole."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

from ui.words.language import speaking
from ui.words.told import phrases, told, told_label
from ui.words.told_labels import LABELS

ENGINE = Path(__file__).resolve().parents[3] / "recengine"
FIELD = re.compile(r"\{(\w+)(?:!\w)?\}")
HAN = re.compile(r"[\u4e00-\u9fff]")


@lru_cache(maxsize=1)
def engine_texts() -> str:
    """Every constant text of the engine, with the parts of f-strings apart."""
    found = []
    for file in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(" ".join(node.value.split()))
    return "\x00".join(found).lower()


@pytest.mark.parametrize("english", sorted(phrases()))
def test_the_engine_still_says_so(english):
    for fragment in FIELD.split(english)[::2]:
        words = fragment.strip(" .,:;()?%–")
        words = words.removeprefix("no ")  # the engine sets it before names of fields
        if len(words) > 1 and words.lower() not in engine_texts():
            pytest.fail(f"the engine says “{words}” no more: change it in ui/words/told_*.py")


@pytest.mark.parametrize("english", sorted(phrases()))
def test_the_chinese_one_uses_what_the_english_one_holds(english):
    chinese = phrases()[english]
    assert HAN.search(chinese)
    assert {m[0] for m in FIELD.findall(chinese)} <= {m[0] for m in FIELD.findall(english)}
    assert not re.search("您|用户|！", chinese)


def test_labels_are_of_settings_that_exist():
    known = set(re.findall(r"^    (\w+): .*=", "\n".join(f.read_text() for f in ENGINE.rglob("*.py")), re.MULTILINE))
    known |= set(re.findall(r'"(\w+)"', engine_texts())) | set(engine_texts().split("\x00"))
    assert set(LABELS) - known == set()
    assert all(HAN.search(label) or label == "L2" for label in LABELS.values())


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "SASRec beats EASE by 0.010 NDCG@10 (0.006 to 0.014, n 1,482, p < 0.001), and shows 6.2 points more of the catalogue.",
            "SASRec 优于 EASE：NDCG@10 高 0.010（95% 区间 0.006 至 0.014，1,482 位顾客配对检验，p < 0.001），多展示 6.2 个百分点的商品。",
        ),
        (
            "SASRec beats EASE by 0.010 NDCG@10 (0.006 to 0.014, n 1,482, p < 0.001).",
            "SASRec 优于 EASE：NDCG@10 高 0.010（95% 区间 0.006 至 0.014，1,482 位顾客配对检验，p < 0.001）。",
        ),
        (
            "A is better than B on new shoppers (+0.012 NDCG@10) and regulars (+0.004 NDCG@10); "
            "on occasional shoppers the data cannot tell.",
            "A 在新客（+0.012 NDCG@10）、高频顾客（+0.004 NDCG@10）上优于 B；常客的数据无法判断。",
        ),
        (
            "Learned before 2011-11-11, judged on the 28 days after: 1,211 shoppers. Full ranking of 3,659 sellable items; items of the "
            "shopper's own history are left out. 95 % intervals from resampling the shoppers 1,000 times.",
            "学习 2011-11-11 之前的数据，用之后 28 天评估：1,211 位顾客。对全部 3,659 件在售商品排序，不含顾客自己已有的商品。"
            "95% 区间由对顾客重抽样 1,000 次得出。",
        ),
        ("Goes with Fairy cake birthday candle", "与 Fairy cake birthday candle 相配"),
        ("New: first taken 3 days ago", "新品：3 天前首次选购"),
        (
            "Rises from 9 to 4: the chance changes by +0.31 points; the largest part is Popular now (+0.20 points).",
            "从第 9 位升到第 4 位：概率变化 +0.31 points；最大的部分为 Popular now (+0.20 points)。",
        ),
        (
            "Lamp is number 14 by score; it has 0.412, and the last item on the list 0.52. What tells it most from the last item on the "
            "list: Interest in this brand. It would be on the list, at place 7, after buying Candle. 2 in a box.",
            "Lamp 按分数第 14 位；它为 0.412，列表最后一件为 0.52。与列表最后一件差得最多的是：对该品牌的兴趣。"
            "购买 Candle. 2 in a box 之后，它会进入列表，排第 7 位。",
        ),
        ("Judging on 1,211 shoppers", "正在用 1,211 位顾客评估"),
        ("more than 500 events on one day", "一天内超过 500 条事件"),
    ],
)
def test_sentences_of_the_engine_in_chinese(english, chinese):
    with speaking("zh"):
        assert told(english) == chinese
    assert told(english) == english


@pytest.mark.parametrize("text", ["", "Blue mug", "no such sentence of the engine.", "many events", "x" * 5000, "(" * 50, "{title} {n}"])
def test_what_is_unknown_stays_as_it_is(text):
    with speaking("zh"):
        assert told(text) == text


def test_labels_of_settings():
    assert told_label("learning_rate") is None
    with speaking("zh"):
        assert told_label("learning_rate") == "学习率"
        assert told_label("unheard_of") is None
