"""Signals: a funnel's page says what was measured; other variants lead the way to a funnel."""

from __future__ import annotations

import pytest
from page_shops import Shop, filled

from recengine.testing.demo_store import make_demo_store


@pytest.fixture(scope="module")
def funnel_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The demo store with a funnel of three models."""
    folder = tmp_path_factory.mktemp("demo")
    make_demo_store(folder, shoppers=250, days=90)
    return filled(tmp_path_factory.mktemp("funnel"), folder / "events.csv", ("popularity", "funnel"))


def test_cold_page_names_the_next_step(empty_shop, open_page):
    at = open_page("signals", empty_shop)
    assert not at.exception
    assert at.button(key="empty.data").proto.type == "primary"


def test_another_model_leads_to_training_a_funnel(shop, open_page):
    at = open_page("signals", shop, variant=shop.variants["item-knn"])
    assert not at.exception
    assert at.button(key="signals.other").label == "Train a funnel"
    assert not at.get("plotly_chart")


def test_another_variant_leads_to_the_funnel_that_is_there(funnel_shop, open_page):
    at = open_page("signals", funnel_shop, variant=funnel_shop.variants["popularity"])
    assert not at.exception
    assert at.button(key="signals.other").label.startswith("Open ")


@pytest.mark.parametrize(("view", "charts"), [("groups", 1), ("segments", 2), ("signals", 2), ("pairs", 1), ("chances", 2)])
def test_every_view_draws_what_was_measured(funnel_shop, open_page, view, charts):
    at = open_page("signals", funnel_shop, {"signals.view": view}, variant=funnel_shop.variants["funnel"])
    assert not at.exception
    found = at.get("plotly_chart")
    assert len(found) >= charts
    assert all(len(chart.proto.alt) > 20 for chart in found)
    insight = funnel_shop.ws.funnel.insight(funnel_shop.variants["funnel"])
    assert at.metric[-1].value == str(len(insight.signals))
    gain = insight.judgement.gain
    word = "better" if gain.low > 0 else "alone" if gain.high < 0 else "cannot be told apart"
    assert any(word in m.value for m in at.markdown)


def test_a_chosen_signal_is_shown_in_detail(funnel_shop, open_page):
    at = open_page("signals", funnel_shop, {"signals.view": "signals"}, variant=funnel_shop.variants["funnel"])
    insight = funnel_shop.ws.funnel.insight(funnel_shop.variants["funnel"])
    second = insight.dependence[1].key
    at.selectbox(key="signals.signal").set_value(second).run()
    assert not at.exception
    help_text = next(s.help for s in insight.signals if s.key == second)
    assert any(help_text[:20] in c.value.replace("\\", "") for c in at.caption)
