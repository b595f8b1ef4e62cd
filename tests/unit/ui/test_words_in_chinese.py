"""Every text stands in both languages, says the same things in both, and looks as Chinese is written."""

from __future__ import annotations

import re
import string

import pytest

from ui.words import WT, W, language, spoken, table
from ui.words.language import speaking

HAN = re.compile(r"[\u4e00-\u9fff]")
NAMES = re.compile(r"NDCG|MRR|MAP|CSV|Parquet|EN|English|Merchlens|CPU|GPU|SHA|\bof\b|rules\.csv")  # the same in both languages
EMPHASIS = re.compile(r"\*\*(.+?)\*\*|(?<!\*)\*([^*]+)\*(?!\*)")
PUNCTUATION = "，。；：、？（）“”…·"


def texts(value: object) -> list[str]:
    return list(value.values()) if isinstance(value, dict) else [str(value)]


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def directives(text: str) -> list[str]:
    return sorted(re.findall(r":material/\w+:|:(?:red|green|orange|gray|blue)\[", text))


@pytest.mark.parametrize("key", sorted(table()))
def test_every_text_stands_in_both_languages(key):
    assert set(table()[key]) == {"en", "zh"}
    chinese = texts(table()[key]["zh"])
    assert len(chinese) == 1, "Chinese nouns have one form"
    words = NAMES.sub("", re.sub(r"\{\w+\}", "", texts(table()[key]["en"])[-1]))
    assert HAN.search(chinese[0]) or not re.search(r"[A-Za-z]{2}", words), "not translated"


@pytest.mark.parametrize("key", sorted(table()))
def test_both_languages_take_the_same_values_and_signs(key):
    english, chinese = texts(table()[key]["en"]), texts(table()[key]["zh"])
    assert names(chinese[0]) == set().union(*map(names, english))
    assert directives(chinese[0]) == directives(english[-1])


@pytest.mark.parametrize("key", sorted(table()))
def test_chinese_is_written_as_chinese(key):
    for text in texts(table()[key]["zh"]):
        if not HAN.search(text):
            continue
        assert not re.search(r"[\u4e00-\u9fff][,;:?!()]|[,;?!()][\u4e00-\u9fff]", text.replace(":material/", "")), "half-width punctuation"
        assert not re.search("您|用户|！", text), "one voice: 你, 顾客"
        assert not re.search(r"[\u4e00-\u9fff] [\u4e00-\u9fff]", text)


@pytest.mark.parametrize("key", [key for key in sorted(table()) if "*" in str(table()[key]["zh"])])
def test_emphasis_closes_beside_chinese(key):
    """Markdown: stars between punctuation and a letter open or close nothing, and a Chinese character is a letter."""
    text = texts(table()[key]["zh"])[0]
    for found in EMPHASIS.finditer(text):
        inner = found[1] or found[2]
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        edge = set(PUNCTUATION + "{}")  # a value may begin or end with punctuation
        assert inner[0] not in edge or not before or before.isspace() or before in PUNCTUATION, text
        assert inner[-1] not in edge or not after or after.isspace() or after in PUNCTUATION, text


def test_a_page_speaks_the_language_that_is_asked_for():
    assert language() == "en"
    with speaking("zh"):
        assert W("nav.home") == "首页"
        assert WT("train.button", n=1) == "训练 1 个模型"
        with speaking("en"):
            assert WT("train.button", n=1) == "Train 1 model"
        assert spoken("bought", "购买") == "购买"
        assert spoken("bought", "") == "bought"
    assert WT("train.button", n=2) == "Train 2 models"
    assert spoken("bought", "购买") == "bought"


def test_values_are_escaped_in_chinese_too():
    with speaking("zh"):
        assert "<b>" not in W("shell.unknown.variant", id="<b>*x*</b>").replace("\\<b\\>", "")
        assert WT("home.attention") == "需要关注"
