"""Every page in Chinese: nothing fails, and no sentence of the product is left in English."""

from __future__ import annotations

import re

import pytest

from recengine.preferences import FILE
from ui.words.language import speaking

PAGES = {
    "home": "首页",
    "data": "数据",
    "train": "训练",
    "compare": "对比",
    "recommendations": "推荐",
    "signals": "信号",
    "shoppers": "顾客",
    "items": "商品",
    "tune": "调优",
    "jobs": "任务与设置",
}
HAN = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[A-Za-z']{2,} [A-Za-z']{2,} [A-Za-z']{2,}.*[.?]$")
DRAWN = ("markdown", "caption", "subheader", "title", "button", "selectbox", "multiselect", "toggle", "slider", "metric", "number_input")


def texts(at) -> set[str]:
    found = set()
    for kind in DRAWN:
        for element in at.get(kind):
            found |= {text for name in ("value", "label", "help", "placeholder") if isinstance(text := getattr(element, name, None), str)}
    return found


@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_chinese(shop, open_page, page):
    at = open_page(page, shop, lang="zh", variant=shop.variants["item-knn"], shopper=shop.shopper)
    assert not at.exception
    assert at.title[0].value == PAGES[page]
    english = {text for text in texts(at) if SENTENCE.search(text) and not HAN.search(text)}
    assert not english, "say it in ui/words, or in ui/words/told_*.py where the engine says it"
    assert not (shop.path / FILE).exists(), "a link changes nothing for others"


def test_the_card_speaks_the_language_of_the_page(shop, open_page):
    variant = shop.variants["item-knn"]
    item = shop.ws.lists.recommend(variant, shop.shopper, 10).items[0].item
    card = shop.ws.lists.explain(variant, shop.shopper, item)
    at = open_page("recommendations", shop, lang="zh", variant=variant, shopper=shop.shopper, item=item)
    assert not at.exception
    shown = " ".join(text.replace("\\", "") for text in texts(at))
    assert card.sentence_zh.replace("\\", "") in shown
    with speaking("zh"):  # the test writes the options of the widgets itself, beside the page
        at.button_group(key="explain.language").set_value("en").run()
    assert not at.exception
    shown = " ".join(text.replace("\\", "") for text in texts(at))
    assert card.sentence in shown
    assert at.title[0].value == "推荐"
