"""Recommendations: the list, the card that adds up, and what changes when a past event is left out."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from recengine.errors import MerchlensError
from recengine.types.policies import PolicyUse
from ui.parts import what_if_forms


def titles(at: AppTest) -> list[str]:
    """Titles of the list as drawn in the table view."""
    return list(at.dataframe[0].value["title"])


def as_table(at: AppTest) -> AppTest:
    return at.button_group(key="recommendations.view").set_value("table").run()


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def test_cold_page_names_the_next_step(empty_shop, open_page):
    at = open_page("recommendations", empty_shop)
    assert not at.exception
    assert at.button(key="empty.data").proto.type == "primary"
    assert not at.dataframe


def test_without_a_variant_the_next_step_is_training(untrained_shop, open_page):
    at = open_page("recommendations", untrained_shop)
    assert not at.exception
    assert at.button(key="empty.variant").proto.type == "primary"


@pytest.mark.parametrize("model", ["item-knn", "transitions", "popularity"])
def test_every_variant_is_listed_and_its_explanation_adds_up(shop, open_page, model):
    at = open_page("recommendations", shop, variant=shop.variants[model])
    assert not at.exception
    badges = [unescaped(m.value) for m in at.markdown if "badge[" in m.value]
    assert len([b for b in badges if b.startswith(":gray-badge")]) >= 10
    assert [b for b in badges if "adds up: " in b]
    assert not [b for b in badges if "does not add up" in b]


def test_deep_link_restores_shopper_variant_item_and_diversity(shop, open_page):
    ranked = shop.ws.lists.recommend(shop.variants["item-knn"], shop.shopper, 10, PolicyUse.of_diversity(0.4))
    item = ranked.items[3]
    address = {"shopper": shop.shopper, "variant": shop.variants["item-knn"], "item": item.item, "diversity": "0.4"}
    at = open_page("recommendations", shop, **address)
    assert not at.exception
    assert at.selectbox(key="recommendations.shopper").value == shop.shopper
    assert at.slider(key="recommendations.diversity").value == 0.4
    assert unescaped(at.subheader[1].value) == item.title
    assert titles(as_table(at)) == [row.title for row in ranked.items]


def test_diversity_and_length_change_the_list(shop, open_page):
    at = as_table(open_page("recommendations", shop, variant=shop.variants["item-knn"], shopper=shop.shopper))
    plain = titles(at)
    at.slider(key="recommendations.diversity").set_value(1.0).run()
    assert titles(at) != plain
    assert at.query_params["draft"]
    assert "diversity" not in at.query_params
    at.number_input(key="recommendations.k").set_value(15).run()
    assert len(titles(at)) == 15


def table_of_history(at: AppTest):
    return next(e for e in at.data_editor if (e.key or "").startswith("history."))


def edit_table(at: AppTest, rows: dict[int, dict[str, object]]) -> AppTest:
    """What the browser reports after cells of the history were changed."""
    at.session_state[str(table_of_history(at).key)] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    return at.run()


def edits_of(at: AppTest, shop, variant: str) -> tuple[dict, ...]:
    key = f"whatif.{variant}.{shop.shopper}"
    return at.session_state[key] if key in at.session_state else ()  # noqa: SIM401  (it has no get)


def told(at: AppTest) -> str:
    return " ".join(unescaped(m.value) for m in (*at.markdown, *at.caption))


def test_unticking_an_event_re_ranks_the_list_and_one_click_restores_it(shop, open_page):
    variant = shop.variants["item-knn"]
    at = as_table(open_page("recommendations", shop, variant=variant, shopper=shop.shopper))
    before = titles(at)
    edit_table(at, {0: {"use": False}, 1: {"use": False}})
    assert not at.exception
    edits = edits_of(at, shop, variant)
    assert [e["kind"] for e in edits] == ["remove", "remove"]
    places = [e["place"] for e in edits]
    expected = shop.ws.lists.recommend(variant, shop.shopper, 10, without=places)
    assert titles(at) == [row.title for row in expected.items]
    assert titles(at) != before
    found = shop.ws.explanations.what_if(variant, shop.shopper, edits, 10)
    was = {row.item: row.old_rank for row in found.rows}
    drawn = at.dataframe[0].value
    assert drawn["was"].fillna(0).tolist() == [was[r.item] for r in expected.items]
    assert "With 2 changes" in told(at)
    assert f"{found.left} left" in told(at) or not found.left
    at.button(key="whatif.reset").click().run()
    assert titles(at) == before
    assert edits_of(at, shop, variant) == ()
    assert "With 2 changes" not in told(at)


def test_another_behaviour_and_another_time_change_list_and_card(shop, open_page):
    variant = shop.variants["transitions"]
    at = as_table(open_page("recommendations", shop, variant=variant, shopper=shop.shopper))
    event = next(e for e in shop.ws.explanations.events(variant, shop.shopper) if e.behaviour == "purchase")
    row = table_of_history(at).value.reset_index(drop=True)
    place = int(row.index[(row["did"] == "purchase")][0])
    edit_table(at, {place: {"did": "view", "time": "2024-01-05T10:00:00.000"}})
    assert not at.exception
    (edit,) = edits_of(at, shop, variant)
    assert (edit["kind"], edit["behaviour"], edit["time"]) == ("change", "view", "2024-01-05T10:00:00Z")
    assert event.behaviour == "purchase"
    expected = shop.ws.lists.recommend(variant, shop.shopper, 10, edits=[edit])
    assert titles(at) == [r.title for r in expected.items]
    card = shop.ws.lists.explain(variant, shop.shopper, expected.items[0].item, edits=[edit])
    assert f"{card.score:.3f}"[:5] in told(at) or "adds up" in told(at)
    assert "Viewed, on 5 Jan 2024" in told(at)


def test_changes_stay_while_the_card_is_out_of_sight_and_for_another_item(shop, open_page):
    variant = shop.variants["item-knn"]
    at = open_page("recommendations", shop, variant=variant, shopper=shop.shopper)
    edit_table(at, {0: {"use": False}})
    edits = edits_of(at, shop, variant)
    assert len(edits) == 1
    at.button_group(key="recommendations.view").set_value("why").run()
    assert edits_of(at, shop, variant) == edits
    at.button_group(key="recommendations.view").set_value("cards").run()
    assert edits_of(at, shop, variant) == edits
    assert not table_of_history(at).value["use"].all()
    at.button(key="why.3").click().run()
    assert edits_of(at, shop, variant) == edits
    at.button(key="why.1").click().run()
    assert edits_of(at, shop, variant) == edits
    assert not at.exception


def test_an_imagined_event_enters_the_history_and_can_be_put_back(shop, open_page):
    variant = shop.variants["item-knn"]
    listed = shop.ws.lists.recommend(variant, shop.shopper, 10).items
    at = open_page("recommendations", shop, variant=variant, shopper=shop.shopper)
    at.button_group(key="whatif.form").set_value("add").run()
    at.selectbox(key="whatif.add.item").set_value(listed[4].item)
    at.selectbox(key="whatif.add.did").set_value("purchase")
    at.button(key="whatif.add.button").click().run()
    assert not at.exception
    (edit,) = edits_of(at, shop, variant)
    assert (edit["kind"], edit["item"], edit["behaviour"]) == ("add", listed[4].item, "purchase")
    as_table(at)
    assert listed[4].title not in titles(at), "what the shopper has is not recommended"
    drawn = table_of_history(at).value
    assert drawn["title"].iloc[0] == f"+ {listed[4].title}"
    edit_table(at, {0: {"use": False}})
    assert edits_of(at, shop, variant) == ()
    assert titles(at) == [row.title for row in listed]


def test_an_unknown_imagined_item_is_answered_and_changes_nothing(shop, monkeypatch):
    variant = shop.variants["item-knn"]
    session: Any = SimpleNamespace(ws=shop.ws)
    kept = ({"kind": "remove", "place": 0},)
    held = {f"whatif.{variant}.{shop.shopper}": kept, "whatif.add.time": None, "whatif.add.did": "view"}
    monkeypatch.setattr(what_if_forms.st, "session_state", held)
    for item, answer in (("no such <b>item</b>", "There is no such item."), (" ", "No item was chosen."), (None, "No item was chosen.")):
        held["whatif.add.item"] = item
        with pytest.raises(MerchlensError, match=answer):
            what_if_forms._add(session, variant, shop.shopper, shop.ws.explanations.choices(variant))
        assert held[f"whatif.{variant}.{shop.shopper}"] == kept


def test_edits_that_cannot_be_made_are_taken_back_and_said(shop, open_page):
    variant = shop.variants["item-knn"]
    broken = {f"whatif.{variant}.{shop.shopper}": ({"kind": "remove", "place": 10**6},)}
    at = open_page("recommendations", shop, state=broken, variant=variant, shopper=shop.shopper)
    assert not at.exception
    assert any("taken back" in unescaped(w.value) for w in at.warning)
    assert edits_of(at, shop, variant) == ()
    assert "adds up" in told(at)


def test_an_item_that_becomes_owned_keeps_its_card_and_the_way_back(shop, open_page):
    variant = shop.variants["transitions"]
    item = shop.ws.lists.recommend(variant, shop.shopper, 10).items[0].item
    edit = {"kind": "add", "item": item, "behaviour": "purchase", "time": shop.ws.explanations.choices(variant).latest}
    state = {f"whatif.{variant}.{shop.shopper}": (edit,)}
    at = open_page("recommendations", shop, state=state, variant=variant, shopper=shop.shopper, item=item)
    assert not at.exception
    assert table_of_history(at).value["title"].iloc[0].startswith("+ ")
    at.button(key="whatif.reset").click().run()
    assert edits_of(at, shop, variant) == ()


def test_a_variant_without_prices_says_so(shop, open_page):
    at = open_page("recommendations", shop, variant=shop.variants["item-knn"], shopper=shop.shopper)
    at.button_group(key="whatif.form").set_value("item").run()
    assert not at.exception
    assert "reads no prices and categories" in told(at)


@pytest.mark.parametrize("model", ["item-knn", "transitions", "popularity"])
def test_with_diversity_the_sum_ends_at_what_counts_for_the_place(shop, open_page, model):
    variant = shop.variants[model]
    listed = shop.ws.lists.recommend(variant, shop.shopper, 10, PolicyUse.of_diversity(0.4)).items
    for row in listed:
        card = shop.ws.lists.explain(variant, shop.shopper, row.item, policy=PolicyUse.of_diversity(0.4), k=10)
        total = card.base + sum(t.contribution for t in (*card.terms, *card.policy))
        assert total == pytest.approx(row.shown, abs=1e-6 * max(1, abs(card.score)))
        assert card.place == row.rank
    at = open_page("recommendations", shop, variant=variant, shopper=shop.shopper, diversity="0.4", item=listed[3].item)
    assert not at.exception
    assert "adds up: " in told(at)
    assert "does not add up" not in told(at)


def test_the_sentence_can_be_read_in_chinese(shop, open_page):
    variant = shop.variants["item-knn"]
    item = shop.ws.lists.recommend(variant, shop.shopper, 10).items[0].item
    card = shop.ws.lists.explain(variant, shop.shopper, item)
    at = open_page("recommendations", shop, variant=variant, shopper=shop.shopper, item=item)
    assert card.sentence in told(at)
    at.button_group(key="explain.language").set_value("zh").run()
    assert not at.exception
    assert card.sentence_zh in told(at)
    assert card.sentence not in told(at)


@pytest.mark.parametrize("model", ["item-knn", "transitions", "popularity"])
def test_why_the_whole_list(shop, open_page, model):
    variant = shop.variants[model]
    at = open_page("recommendations", shop, variant=variant, shopper=shop.shopper)
    at.button_group(key="recommendations.view").set_value("why").run()
    assert not at.exception
    view = shop.ws.explanations.whole_list(variant, shop.shopper, 10)
    if view.past:
        best = max(view.past, key=lambda t: t.mean)
        assert best.name in told(at)
        at.selectbox(key="whole.item").set_value(view.items[3].item).run()
        at.button(key="whole.card").click().run()
        assert at.query_params["item"] == view.items[3].item
        assert unescaped(at.subheader[1].value) == view.items[3].title
    else:
        assert "everybody gets the same list" in told(at)


def test_the_card_stays_with_its_item_when_a_change_moves_another_to_the_top(shop, open_page):
    variant = shop.variants["item-knn"]
    before = shop.ws.lists.recommend(variant, shop.shopper, 10).items
    first = before[0].item
    places = [p for t in shop.ws.explanations.smallest_set(variant, shop.shopper, first, 1).items for p in t.places]
    assert places
    state = {f"whatif.{variant}.{shop.shopper}": tuple({"kind": "remove", "place": place} for place in places)}
    at = open_page("recommendations", shop, state=state, variant=variant, shopper=shop.shopper)
    assert not at.exception
    assert unescaped(at.subheader[1].value) == before[0].title


def test_why_explains_another_item(shop, open_page):
    at = open_page("recommendations", shop, variant=shop.variants["item-knn"], shopper=shop.shopper)
    second = shop.ws.lists.recommend(shop.variants["item-knn"], shop.shopper, 10).items[1]
    at.button(key="why.2").click().run()
    assert at.query_params["item"] == second.item
    assert unescaped(at.subheader[1].value) == second.title


def test_selecting_a_row_of_the_table_explains_it(shop, open_page):
    at = as_table(open_page("recommendations", shop, variant=shop.variants["item-knn"], shopper=shop.shopper))
    third = shop.ws.lists.recommend(shop.variants["item-knn"], shop.shopper, 10).items[2]
    at.session_state[str(at.dataframe[0].key)] = {"selection": {"rows": [2], "columns": [], "cells": []}}
    at.run()
    assert not at.exception
    assert at.query_params["item"] == third.item
    assert unescaped(at.subheader[1].value) == third.title


def test_unknown_item_and_shopper_are_said_and_the_list_stays(shop, open_page):
    at = open_page("recommendations", shop, variant=shop.variants["item-knn"], item="<b>nothing</b>", shopper="nobody *at* all")
    assert not at.exception
    assert any("nobody *at* all" in unescaped(w.value) for w in at.warning)
    assert any("There is no such item" in unescaped(m.value) for m in at.markdown)
    assert len([b for b in at.button if (b.key or "").startswith("why.")]) == 10


@pytest.mark.parametrize("diversity", ["abc", "7", "-0.1", "nan"])
def test_a_diversity_that_is_none_falls_back_to_the_policy(shop, open_page, diversity):
    at = open_page("recommendations", shop, diversity=diversity)
    assert not at.exception
    assert at.slider(key="recommendations.diversity").value == 0.0
    assert "diversity" not in at.query_params


def test_hostile_titles_stay_text(hostile_shop, open_page):
    at = open_page("recommendations", hostile_shop)
    assert not at.exception
    drawn = [m.value for m in [*at.markdown, *at.caption, *at.subheader]]
    for text in drawn:
        bare = text.replace("\\<", "").replace("\\$", "").replace("\\[", "").replace("\\`", "")
        assert "<script" not in bare
        assert "](javascript" not in bare
        assert "$\\int" not in bare
    assert any("script" in unescaped(text) for text in drawn)


def test_export_is_a_job_whose_file_is_named_by_its_digest(shop, open_page, tmp_path: Path):
    from ui.parts import export_lists

    report = shop.ws.lists.export(shop.variants["popularity"], tmp_path / "lists.csv", 5)
    job = shop.ws.run_attached(
        "export", {"variant": shop.variants["popularity"], "format": "csv", "k": 5, "policy": None}, "Lists of Popularity"
    )
    assert job["sha256"] == report.sha256
    done = next(j for j in shop.ws.jobs.list() if j.kind == "export")
    at = open_page("recommendations", shop, state={export_lists._JOB: done.id})
    assert not at.exception
    button = at.get("download_button")[0]
    assert f"lists-{report.sha256[:12]}.csv" in unescaped(button.proto.label)


def test_why_not_names_the_step_that_stopped_an_item(shop, open_page):
    variant = shop.variants["item-knn"]
    below = shop.ws.lists.recommend(variant, shop.shopper, 14).items[12]
    at = open_page("recommendations", shop, variant=variant, shopper=shop.shopper)
    at.session_state["whynot.item"] = below.item  # every run of a test is a whole one, which closes the dialog
    at.button(key="whynot.button").click().run()
    assert not at.exception
    view = shop.ws.explanations.why_not(variant, shop.shopper, below.item, 10)
    assert view.stage == "outranked"
    told = [unescaped(m.value) for m in at.markdown]
    assert view.sentence in told
    assert [m for m in told if "stopped" in m]
    scored = next(m for m in told if m.startswith("**Scored**"))
    assert "number 13 by score" in scored


def test_a_way_in_can_be_tried_and_becomes_the_what_if(shop, open_page):
    variant = shop.variants["item-knn"]
    below = shop.ws.lists.recommend(variant, shop.shopper, 30).items
    views = [shop.ws.explanations.why_not(variant, shop.shopper, row.item, 10) for row in below[11:24]]
    view = next(v for v in views if v.ways and v.ways[0].brings_in)
    at = open_page("recommendations", shop, variant=variant, shopper=shop.shopper)
    at.session_state["whynot.item"] = view.item
    at.button(key="whynot.button").click().run()
    # a run of a test is a whole one, which closes the dialog: the same button once more, with the click on the way in it
    at.session_state["whynot.item"] = view.item
    at.button(key="whynot.button").click()
    at.button(key="whynot.try.0").click().run()
    assert not at.exception
    kinds = [e["kind"] for e in edits_of(at, shop, variant)]
    assert kinds == [e["kind"] for e in view.ways[0].edits]
    as_table(at)
    assert view.title in titles(at)


def test_a_listed_item_passes_every_step(shop, open_page):
    variant = shop.variants["item-knn"]
    first = shop.ws.lists.recommend(variant, shop.shopper, 10).items[0]
    at = open_page("recommendations", shop, variant=variant, shopper=shop.shopper)
    at.session_state["whynot.item"] = first.item  # every run of a test is a whole one, which closes the dialog
    at.button(key="whynot.button").click().run()
    told = [unescaped(m.value) for m in at.markdown]
    assert not [m for m in told if "stopped" in m]
    assert any("It is on the list." in m for m in told)


def test_an_unknown_item_is_answered_in_words(shop, open_page):
    at = open_page("recommendations", shop, variant=shop.variants["item-knn"], shopper=shop.shopper)
    at.session_state["whynot.item"] = "no such <b>item</b>"  # every run of a test is a whole one, which closes the dialog
    at.button(key="whynot.button").click().run()
    assert not at.exception
    assert any("There is no such item." in unescaped(m.value) for m in (*at.error, *at.markdown))


@pytest.mark.parametrize("look", ["fewest", "history", "opinions"])
def test_deeper_looks_say_what_the_engine_found(shop, open_page, look):
    variant = shop.variants["item-knn"]
    first = shop.ws.lists.recommend(variant, shop.shopper, 10).items[0].item
    at = open_page("recommendations", shop, variant=variant, shopper=shop.shopper, item=first)
    at.button_group(key="deeper.look").set_value(look).run()
    assert not at.exception
    told = " ".join(unescaped(m.value) for m in (*at.markdown, *at.caption))
    if look == "fewest":
        assert shop.ws.explanations.smallest_set(variant, shop.shopper, first, 10).sentence in told
    elif look == "history":
        found = shop.ws.explanations.history(variant, shop.shopper, [first]).items[0]
        assert "Exact: base" in told
        drawn = at.dataframe[-1].value["adds"].tolist()
        assert drawn == [t.contribution for t in found.terms if t.contribution][: len(drawn)]
    else:
        assert "LIME" in told


def test_hostile_titles_stay_text_in_what_ifs_and_in_why_the_list(hostile_shop, open_page):
    variant, shopper = hostile_shop.variants["item-knn"], hostile_shop.shopper
    listed = hostile_shop.ws.lists.recommend(variant, shopper, 10).items
    latest = hostile_shop.ws.explanations.choices(variant).latest
    edits = ({"kind": "remove", "place": 0}, {"kind": "change", "place": 1, "behaviour": "view"})
    edits = (*edits, {"kind": "add", "item": listed[0].item, "behaviour": "purchase", "time": latest})
    state = {f"whatif.{variant}.{shopper}": edits}
    at = open_page("recommendations", hostile_shop, state=state, variant=variant, shopper=shopper)
    assert not at.exception
    drawn = [m.value for m in (*at.markdown, *at.caption)]
    at.button_group(key="recommendations.view").set_value("why").run()
    assert not at.exception
    drawn += [m.value for m in (*at.markdown, *at.caption)]
    assert any("\\<" in text for text in drawn)
    for text in drawn:
        assert not re.search(r"(?<!\\)<(script|b|a)\b", text)
        assert not re.search(r"(?<!\\)\]\((javascript|http)", text)
    assert at.button(key="whatif.reset")


def test_hostile_titles_stay_text_in_why_not_and_deeper_looks(hostile_shop, open_page):
    variant = hostile_shop.variants["item-knn"]
    listed = hostile_shop.ws.lists.recommend(variant, hostile_shop.shopper, 10).items
    item = listed[0].item
    at = open_page("recommendations", hostile_shop, variant=variant, shopper=hostile_shop.shopper, item=item)
    at.session_state["whynot.item"] = item
    at.session_state["deeper.for"] = f"{variant}.{hostile_shop.shopper}.{item}"
    at.session_state["deeper.look"] = "fewest"
    at.session_state["deeper.parts"] = 256
    at.button(key="whynot.button").click().run()
    assert not at.exception
    told = [m.value for m in (*at.markdown, *at.caption)]
    assert any("It is on the list." in unescaped(m) for m in told)
    assert any("\\<script" in m for m in told), "the hostile title is drawn, escaped"
    for text in told:
        assert not re.search(r"(?<!\\)<(script|b|a)\b", text)
        assert not re.search(r"(?<!\\)\]\((javascript|http)", text)
