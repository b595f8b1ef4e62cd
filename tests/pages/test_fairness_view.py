"""Compare, fairness: the verdicts of the engine, and a minimum exposure that becomes the draft of the tab."""

from __future__ import annotations

import pytest


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def told(at) -> str:
    return " ".join(unescaped(m.value) for m in (*at.markdown, *at.caption))


@pytest.fixture
def opened(shop, open_page):
    at = open_page("compare", shop, shopper=shop.shopper)
    at.button_group(key="compare.deeper").set_value("fairness").run()
    assert not at.exception
    yield at
    for draft in shop.ws.drafts.list(shop.dataset):
        shop.ws.drafts.discard(draft.id)


def test_the_page_says_what_the_engine_finds(shop, opened):
    variant = opened.selectbox(key="fairness.variant").value
    shoppers, items = shop.ws.fairness.groupings(variant)
    assert shop.ws.fairness.groups(variant, None, shoppers[0]).sentence in told(opened)
    assert shop.ws.fairness.suppliers(variant, items[0]).sentence in told(opened)


def test_a_minimum_is_priced_and_taken_to_tune(shop, opened):
    opened.button(key="fairness.minimum.find").click().run()
    assert not opened.exception
    assert "of the attention" in told(opened)
    group = next(box for box in opened.selectbox if (box.key or "").startswith("fairness.group."))
    share = next(box for box in opened.number_input if (box.key or "").startswith("fairness.share."))
    by = group.key.removeprefix("fairness.group.")
    variant = opened.selectbox(key="fairness.variant").value
    found = shop.ws.fairness.minimum_exposure(variant, group.value, share.value / 100, None, by)
    assert found.sentence in told(opened)
    if found.how != "nothing":
        opened.button(key="fairness.minimum.use").click().run()
        assert shop.ws.drafts.list(shop.dataset)[0].spec == shop.ws.policies.whole(found.spec)
