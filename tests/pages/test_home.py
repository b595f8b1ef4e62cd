"""Home: cold it names the next step, warm it shows the facade's figures and facts that need attention."""

from __future__ import annotations

from ui.words import WT, W, numbers


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def test_cold_home_offers_three_ways_to_data(empty_shop, open_page):
    at = open_page("home", empty_shop)
    assert not at.exception
    assert at.title[0].value == W("home.cold.title")
    assert at.button(key="add.sample").proto.type == "primary"
    assert at.button(key="add.demo")
    assert len(at.get("file_uploader")) == 1
    assert not at.get("plotly_chart"), "no invented example"
    assert sum(b.proto.type == "primary" for b in at.button) == 1


def test_data_without_a_variant_leads_to_training(untrained_shop, open_page):
    at = open_page("home", untrained_shop)
    assert not at.exception
    primary = [b for b in at.button if b.proto.type == "primary"]
    assert [b.key for b in primary] == ["first.home"]
    assert primary[0].label == W("first.button", n=len(W_FIRST(untrained_shop)))


def W_FIRST(shop) -> list[str]:
    from ui.parts.first_training import first_models

    return first_models(shop.ws)


def test_warm_home_shows_real_figures(shop, open_page):
    at = open_page("home", shop)
    assert not at.exception
    shown = {m.label: m for m in at.metric}
    view = shop.ws.datasets.overview(shop.dataset)
    assert shown["Events, last week"].value == numbers.count(int(sum(view.weekly_events.values())[-1]))
    assert shown["Active shoppers"].value == numbers.count(int(view.weekly_shoppers[-1]))
    best = max(v.metrics["ndcg@10"].value for v in shop.ws.variants.list(shop.dataset))
    assert shown["Best NDCG@10"].value == numbers.metric(best)
    assert shown["Catalogue shown"].value.endswith("%")


def test_a_fall_starts_with_the_minus_that_streamlit_colours(shop, open_page):
    at = open_page("home", shop)
    for metric in at.metric:
        assert not metric.delta.startswith(("\\", numbers.MINUS))


def test_shoppers_are_those_of_the_facade(shop, open_page):
    at = open_page("home", shop)
    expected = [row.shopper for row in shop.ws.shoppers.examples(shop.dataset, n=5)]
    assert list(at.dataframe[0].value["shopper"]) == expected


def test_the_reason_adds_up_and_names_its_shopper(shop, open_page):
    at = open_page("home", shop)
    assert W("reason.title") in [s.value for s in at.subheader]
    assert len(at.get("plotly_chart")) == 2
    assert all(len(chart.proto.alt) > 20 for chart in at.get("plotly_chart"))


def test_unknown_ids_in_the_address_are_said_and_replaced(shop, open_page):
    at = open_page("home", shop, dataset="ds-nothing", variant="va-*nothing*")
    assert not at.exception
    assert [unescaped(w.value) for w in at.warning] == [
        WT("shell.unknown.dataset", id="ds-nothing"),
        WT("shell.unknown.variant", id="va-*nothing*"),
    ]
    assert at.query_params["dataset"] in (shop.dataset, [shop.dataset])


def test_hostile_names_and_titles_stay_text(hostile_shop, open_page):
    at = open_page("home", hostile_shop)
    assert not at.exception
    drawn = " ".join(m.value for m in [*at.markdown, *at.caption])
    assert "<b>" not in drawn.replace("\\<", "")
    assert "](javascript" not in drawn
