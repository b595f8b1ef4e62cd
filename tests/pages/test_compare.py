"""Compare: verdict, intervals, tests, segments and lists come from the facade; what cannot be compared is refused in its words."""

from __future__ import annotations

from recengine.workspace.training import Training
from ui.words import plain


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


def test_for_whom_the_best_is_better_is_said_in_words_first(shop, open_page):
    at = open_page("compare", shop)
    order = [v.id for v in shop.ws.comparison.compare(shop.by_time).variants]
    found = shop.ws.comparison.who_gains(order[0], order[1])
    assert any(found.sentence in unescaped(m.value).replace("**", "") for m in at.markdown)
    table = next(d.value for d in at.dataframe if "kind" in d.value)
    assert list(table["n"]) == [found.overall.n, *(row.n for row in found.segments if row.n)]


def test_learning_and_cost_has_a_row_a_variant(shop, open_page):
    at = deeper(open_page("compare", shop), "learning")
    assert not at.exception
    table = next(d.value for d in at.dataframe if "parameters" in d.value)
    costs = shop.ws.runs.costs([v.id for v in shop.ws.comparison.compare(shop.by_time).variants])
    assert list(table["parameters"]) == [c.parameters for c in costs]
    at.button(key="learning.measure").click().run()
    assert not at.exception
    table = next(d.value for d in at.dataframe if "parameters" in d.value)
    assert table["ms"].notna().all()


def test_moves_of_one_list_are_explained(shop, open_page):
    at = open_page("compare", shop, state={"compare.deeper": "one"}, shopper=shop.shopper)
    assert not at.exception
    after, before = (v.id for v in shop.ws.comparison.compare(shop.by_time).variants[:2])
    rows = shop.ws.list_moves.moves(before, after, shop.shopper, 10).rows
    assert rows
    assert any(rows[0].sentence in unescaped(m.value) for m in at.markdown)
    choice = next(s for s in at.selectbox if s.key and s.key.startswith("moves."))
    choice.set_value(rows[-1].item).run()
    assert not at.exception
    assert any(rows[-1].sentence in unescaped(m.value) for m in at.markdown)


def test_one_kind_of_shopper_alone(shop, open_page):
    at = deeper(open_page("compare", shop), "everybody")
    at.selectbox(key="compare.kind").set_value("hot").run()
    assert not at.exception
    after, before = (v.id for v in shop.ws.comparison.compare(shop.by_time).variants[:2])
    view = shop.ws.list_comparison.agreement(before, after, 10, "hot")
    assert f"{view.entered:.1f} of 10" in [m.value for m in at.metric]
    asked = next(b for b in at.button if b.key and b.key.startswith("shifts."))
    asked.click().run()
    assert not at.exception
    found = shop.ws.list_moves.shifts(before, after, 10, "hot", 12)
    assert any(found.sentence in unescaped(m.value).replace("**", "") for m in at.markdown)


def test_only_differences_are_shown_until_all_are_asked_for(shop, open_page):
    at = open_page("compare", shop)
    few = next(d.value for d in at.dataframe if "setting" in d.value)
    view = shop.ws.comparison.compare(shop.by_time)
    assert set(few["setting"]) == {name.replace("_", " ") for values in view.differing.values() for name in values}
    at.toggle(key="compare.settings.only").set_value(False).run()
    assert not at.exception
    assert len(next(d.value for d in at.dataframe if "setting" in d.value)) >= len(few)


def test_tags_are_written_shown_and_chosen_by(shop, open_page):
    variant = shop.by_time[0]
    try:
        shop.ws.marks.tag(variant, ["live <b>now</b>"], "Ann")
        shop.ws.marks.note(variant, "<script>x</script> *Better*", "Ann")
        at = open_page("compare", shop, state={"compare.tags": ["live <b>now</b>"]})
        assert not at.exception
        assert at.multiselect[0].options == [shop.ws.variants.get(variant).name]
        assert ["live <b>now</b>"] in [list(tags) for tags in at.dataframe[0].value["tags"]]
        next(b for b in at.selectbox if b.key and b.key.startswith("compare.marks.")).set_value(variant).run()
        assert plain("<script>x</script> *Better*", 2_000) in [m.value for m in at.markdown]
    finally:
        shop.ws.marks.tag(variant, [])
        for note in shop.ws.marks.notes(variant):
            shop.ws.marks.remove_note(variant, note.seq)


def test_a_saved_view_opens_by_its_link(shop, open_page):
    two = [shop.variants["popularity"], shop.variants["item-knn"]]
    pair = {"after": two[0], "before": two[1]}
    kept = shop.ws.marks.save_view(shop.dataset, "Baselines", two, "recall@20", [], {"compare.deeper": "lengths", **pair})
    try:
        at = open_page("compare", shop, view=kept.id)
        assert not at.exception
        assert at.selectbox(key="compare.metric").value == "recall@20"
        assert len(at.dataframe[0].value) == 2
        assert at.session_state["compare.deeper"] == "lengths"
        assert any("leads at 1 place" in c.proto.alt for c in at.get("plotly_chart"))
        shop.ws.marks.delete_view(kept.id)
        gone = open_page("compare", shop, view=kept.id)
        assert not gone.exception
        assert any("does not exist any more" in w.value for w in gone.warning)
    finally:
        for row in shop.ws.marks.views(shop.dataset):
            shop.ws.marks.delete_view(row.id)


def test_a_missing_baseline_is_said_with_a_button(shop, open_page, monkeypatch):
    asked = []
    # recorded only: a worker would publish into the shop that other tests share
    monkeypatch.setattr(Training, "submit", lambda self, request: asked.append(self.arguments(request)) or "jo-none")
    at = open_page("compare", shop, variant=shop.variants["leave-last"])
    assert not at.exception
    assert any("Missing here: Item-kNN" in unescaped(m.value) for m in at.markdown)
    at.button(key="compare.baselines.train").click().run()
    assert not at.exception
    assert [(job["dataset"], job["model"], job["split"]) for job in asked] == [(shop.dataset, "item-knn", "leave-last")]
    assert any("In training: Item-kNN" in unescaped(m.value) for m in at.markdown)


def test_everything_can_be_taken_away(shop, open_page):
    at = open_page("compare", shop)
    assert {b.proto.id.rpartition("-")[2] for b in at.get("download_button")} >= {"take.report", "take.all", "take.csv"}


def test_one_variant_is_compared_with_itself_under_the_policy_of_the_tab(shop, open_page):
    kept = shop.ws.policies.save(shop.dataset, "Varied", {"reranker": "mmr", "settings": {"diversity": 0.7}})
    try:
        at = open_page("compare", shop, state={"compare.deeper": "one"}, shopper=shop.shopper, policy=kept.id)
        assert not at.exception
        at.session_state["compare.lists.what"] = "policy"
        at.run()
        assert not at.exception
        best = shop.ws.comparison.compare(shop.by_time).best
        use = shop.ws.lists.policy(best, kept.id)
        rows = shop.ws.list_moves.moves(best, best, shop.shopper, 10, (None, use)).rows
        assert rows
        assert any(rows[0].sentence in unescaped(m.value) for m in at.markdown)
    finally:
        shop.ws.policies.delete(kept.id)
