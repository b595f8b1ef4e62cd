"""Tune: the slider moves this shopper's list and the shop's figures; saving makes a policy."""

from __future__ import annotations

import time

import pytest

from recengine.types.policies import PolicyUse


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def figures(at) -> dict[str, str]:
    return {m.label: m.value for m in at.metric}


def test_cold_page_names_the_next_step(empty_shop, open_page):
    at = open_page("tune", empty_shop)
    assert not at.exception
    assert at.button(key="empty.data").proto.type == "primary"


def test_without_a_variant_the_next_step_is_training(untrained_shop, open_page):
    at = open_page("tune", untrained_shop)
    assert not at.exception
    assert at.button(key="empty.variant").proto.type == "primary"


def test_at_the_start_nothing_moved_and_nothing_is_pending(shop, open_page):
    at = open_page("tune", shop, variant=shop.variants["item-knn"], shopper=shop.shopper)
    assert not at.exception
    assert set(at.dataframe[0].value["moved"]) == {"–"}
    assert figures(at)["Lists changed"] == "0"
    assert not [b for b in at.button if b.key == "tune.undo"]


def test_the_slider_moves_the_list_and_the_shop_s_figures(shop, open_page):
    at = open_page("tune", shop, variant=shop.variants["item-knn"], shopper=shop.shopper)
    before = figures(at)
    at.slider(key="tune.diversity").set_value(0.8).run()
    assert not at.exception
    after = figures(at)
    point = shop.ws.tuning.at(shop.variants["item-knn"], 0.8)
    assert after["Lists changed"] == f"{point.lists_changed:,}"
    assert after["NDCG@10"] == f"{point.metrics['ndcg'].value:.3f}"
    assert after["Catalogue shown"] != before["Catalogue shown"]
    expected = shop.ws.lists.recommend(shop.variants["item-knn"], shop.shopper, 10, PolicyUse.of_diversity(0.8))
    assert list(at.dataframe[0].value["title"]) == [row.title for row in expected.items]
    assert set(at.dataframe[0].value["moved"]) != {"–"}
    assert at.query_params["diversity"] == "0.8"


def test_a_slider_move_answers_within_a_second(shop, open_page):
    at = open_page("tune", shop, variant=shop.variants["item-knn"], shopper=shop.shopper)
    at.slider(key="tune.diversity").set_value(0.5).run()  # compiles the reranker
    started = time.perf_counter()
    at.slider(key="tune.diversity").set_value(0.65).run()
    assert not at.exception
    assert time.perf_counter() - started < 3.0  # one second on a quiet machine; test machines are shared


def test_deep_link_restores_the_setting(shop, open_page):
    at = open_page("tune", shop, variant=shop.variants["item-knn"], shopper=shop.shopper, diversity="0.3")
    assert not at.exception
    assert at.slider(key="tune.diversity").value == pytest.approx(0.3)
    assert len(at.get("plotly_chart")) == 2


def test_undo_goes_back_to_the_policy(shop, open_page):
    at = open_page("tune", shop, variant=shop.variants["item-knn"], diversity="0.3")
    at.button(key="tune.undo").click().run()
    assert at.slider(key="tune.diversity").value == 0.0
    assert "diversity" not in at.query_params


def test_saving_makes_a_policy_that_is_in_use(shop, open_page):
    at = open_page("tune", shop, variant=shop.variants["item-knn"], diversity="0.3")
    at.text_input(key="tune.name").set_value("Home *page* <b>")
    save = next(b for b in at.button if b.label == "Save policy")
    save.click().run()
    assert not at.exception
    policy = next(p for p in shop.ws.tuning.policies(shop.dataset) if p.name == "Home *page* <b>")
    try:
        assert policy.diversity == pytest.approx(0.3)
        assert at.query_params["policy"] == policy.id
        assert at.slider(key="tune.diversity").value == pytest.approx(0.3)
        assert not [b for b in at.button if b.key == "tune.undo"]  # nothing is pending any more
    finally:
        shop.ws.tuning.delete_policy(policy.id)


def test_a_policy_without_a_name_is_not_saved(shop, open_page):
    at = open_page("tune", shop, variant=shop.variants["item-knn"], diversity="0.3")
    before = len(shop.ws.tuning.policies(shop.dataset))
    next(b for b in at.button if b.label == "Save policy").click().run()
    assert not at.exception
    assert len(shop.ws.tuning.policies(shop.dataset)) == before
    assert any("The policy has no name" in unescaped(m.value) for m in at.markdown)


def test_moves_are_signs_and_words():
    from ui.parts.tune_parts import move

    assert [move(3, 1), move(1, 2), move(4, 4), move(None, 5)] == ["↑ 2", "↓ 1", "–", "new"]


def test_hostile_titles_stay_text(hostile_shop, open_page):
    at = open_page("tune", hostile_shop, diversity="0.8")
    assert not at.exception
    for chart in at.get("plotly_chart"):
        assert "<script" not in chart.proto.spec
    for text in (c.value for c in at.caption):
        assert "<script" not in text.replace("\\<", "")
