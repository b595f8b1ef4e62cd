"""Compare: verdict, intervals, tests, segments and lists come from the facade; what cannot be compared is refused in its words."""

from __future__ import annotations


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def test_cold_page_names_the_next_step(empty_shop, open_page):
    at = open_page("compare", empty_shop)
    assert not at.exception
    assert at.button(key="empty.data").proto.type == "primary"


def test_without_a_variant_the_next_step_is_training(untrained_shop, open_page):
    at = open_page("compare", untrained_shop)
    assert not at.exception
    assert at.button(key="empty.variant").proto.type == "primary"


def test_verdict_stands_on_top_in_the_engine_s_words(shop, open_page):
    at = open_page("compare", shop)
    assert not at.exception
    view = shop.ws.comparison.compare(shop.by_time)
    bare = [unescaped(m.value).replace("**", "") for m in at.markdown]
    assert any(view.sentence in text for text in bare)


def test_table_shows_value_and_interval_of_every_variant_and_marks_the_best(shop, open_page):
    at = open_page("compare", shop)
    view = shop.ws.comparison.compare(shop.by_time)
    table = at.dataframe[0].value
    assert list(table["ndcg@10"]) == [v.metrics["ndcg@10"].value for v in view.variants]
    assert table["name"].iloc[0].startswith("★")
    assert not table["name"].iloc[1:].str.startswith("★").any()
    first = view.variants[0].metrics["ndcg@10"]
    assert table["interval"].iloc[0] == f"{first.low:.3f} – {first.high:.3f}"


def test_another_metric_orders_and_tests_anew(shop, open_page):
    at = open_page("compare", shop)
    at.selectbox(key="compare.metric").set_value("recall@20").run()
    assert not at.exception
    view = shop.ws.comparison.compare(shop.by_time, "recall@20")
    assert list(at.dataframe[0].value["recall@20"]) == [v.metrics["recall@20"].value for v in view.variants]
    assert any("Recall@20" in unescaped(c.value) for c in at.caption)


def test_paired_tests_and_segments_are_drawn(shop, open_page):
    at = open_page("compare", shop)
    view = shop.ws.comparison.compare(shop.by_time)
    tests = at.dataframe[1].value
    assert len(tests) == len(view.pairs) == 2
    assert set(tests["verdict"]) <= {"Better", "Worse", "Cannot tell"}
    charts = at.get("plotly_chart")
    assert len(charts) == 4
    assert all(len(c.proto.alt) > 20 for c in charts)


def test_baselines_stay_when_they_are_taken_out(shop, open_page):
    at = open_page("compare", shop)
    at.multiselect[0].set_value([shop.variants["transitions"]]).run()
    assert not at.exception
    assert len(at.dataframe[0].value) == 3


def test_another_split_is_refused_in_the_engine_s_words(shop, open_page):
    at = open_page("compare", shop)
    at.multiselect[0].set_value([shop.variants["item-knn"], shop.variants["leave-last"]]).run()
    assert not at.exception
    assert any("different splits" in unescaped(m.value) for m in at.markdown)
    assert not at.dataframe


def test_lists_of_the_two_selected_rows_are_compared(shop, open_page):
    at = open_page("compare", shop, shopper=shop.shopper)
    order = [v.id for v in shop.ws.comparison.compare(shop.by_time).variants]
    table = at.dataframe[0]
    at.session_state["compare.deeper"] = "one"
    at.session_state[table.key] = {"selection": {"rows": [0, 2], "columns": [], "cells": []}}
    at.run()
    assert not at.exception
    diff = shop.ws.comparison.list_diff(order[2], order[0], shop.shopper)
    common = next(m for m in at.metric if m.label == "In common")
    assert common.value == f"{diff.common} / 10"


def test_hostile_names_stay_text(hostile_shop, open_page):
    at = open_page("compare", hostile_shop)
    assert not at.exception
    for chart in at.get("plotly_chart"):
        assert "<script" not in chart.proto.spec


def test_tests_say_how_many_shoppers_a_difference_needs(shop, open_page):
    at = open_page("compare", shop)
    view = shop.ws.comparison.compare(shop.by_time)
    assert list(at.dataframe[1].value["needed"].fillna(0)) == [p.needed for p in view.pairs]
    assert max(p.needed for p in view.pairs) > 0


def deeper(at, choice):
    at.session_state["compare.deeper"] = choice
    return at.run()


def test_everybodys_lists_are_compared_and_a_changed_shopper_opens(shop, open_page):
    at = deeper(open_page("compare", shop), "everybody")
    assert not at.exception
    after, before = (v.id for v in shop.ws.comparison.compare(shop.by_time).variants[:2])
    view = shop.ws.list_comparison.agreement(before, after)
    assert f"{view.entered:.1f} of 10" in [m.value for m in at.metric]
    table = next(d for d in at.dataframe if "rbo" in d.value)
    assert list(table.value["shopper"]) == [row.shopper for row in view.most_changed]
    at.session_state[table.key] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    at.run()
    assert not at.exception


def test_who_gets_the_places_is_drawn_with_its_finding(shop, open_page):
    at = deeper(open_page("compare", shop), "places")
    assert not at.exception
    charts = [c.proto.alt for c in at.get("plotly_chart")]
    assert sum("tenth" in alt for alt in charts) == 2
    assert any("own mix" in alt for alt in charts)
    assert any("Distance of" in m.value for m in at.markdown)


def test_a_lead_is_shown_at_every_length(shop, open_page):
    at = deeper(open_page("compare", shop), "lengths")
    assert not at.exception
    assert any("leads at 1 place" in c.proto.alt for c in at.get("plotly_chart"))
