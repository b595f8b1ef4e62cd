"""Which policy shapes the list of the page: said in a line, switched, tried from the why-not dialog, exported as published."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from recengine.types.policies import PUBLISHED, PolicyUse


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def told(at: AppTest) -> str:
    return " ".join(unescaped(m.value) for m in (*at.markdown, *at.caption))


def titles(at: AppTest) -> list[str]:
    return list(at.dataframe[0].value["title"])


def as_table(at: AppTest) -> AppTest:
    return at.button_group(key="recommendations.view").set_value("table").run()


def only(item: str) -> list[dict]:
    return [{"field": "id", "op": "is", "values": [item]}]


@pytest.fixture
def page(shop, open_page):
    """The page on the demo store with item-kNN; policies and drafts that a test leaves behind are removed."""

    def opened(**address: str) -> AppTest:
        at = open_page("recommendations", shop, variant=shop.variants["item-knn"], **{"shopper": shop.shopper, **address})
        assert not at.exception
        return at

    yield opened
    for policy in shop.ws.policies.list(shop.dataset):
        shop.ws.policies.delete(policy.id)
    for draft in shop.ws.drafts.list(shop.dataset):
        shop.ws.drafts.discard(draft.id)


def listed(shop, use: PolicyUse | None) -> list[str]:
    return [row.title for row in shop.ws.lists.recommend(shop.variants["item-knn"], shop.shopper, 10, use).items]


def test_without_a_policy_the_list_is_by_score_and_says_so(shop, page):
    at = page()
    assert "[:material/tune:] By score" in told(at)
    assert "policy.use" not in [group.key for group in at.button_group]
    assert titles(as_table(at)) == listed(shop, None)


def test_the_published_policy_shapes_the_list_until_the_scores_are_asked_for(shop, page):
    first = shop.ws.lists.recommend(shop.variants["item-knn"], shop.shopper, 10).items[0].item
    rule = {"action": "block", "conditions": only(first), "name": "Not this"}
    saved = shop.ws.policies.save(shop.dataset, "Home page", {"rules": [rule], "controls": {"novelty": 0.3}})
    shop.ws.policies.publish(saved.id)
    at = as_table(page())
    assert "Published: **Home page** v1" in told(at)
    assert titles(at) == listed(shop, PUBLISHED) != listed(shop, None)
    drawn = at.dataframe[0].value
    assert set(drawn.columns) >= {"shown", "by_score"}
    at.button_group(key="policy.use").set_value("score").run()
    assert not at.exception
    assert titles(at) == listed(shop, None)
    assert at.query_params["use"] == "score"
    assert "[:material/tune:] By score" in told(at)
    at.button_group(key="policy.use").set_value("published").run()
    assert titles(at) == listed(shop, PUBLISHED)


def test_a_draft_is_named_with_its_changes_and_its_terms_are_on_the_card(shop, page):
    saved = shop.ws.policies.save(shop.dataset, "Home page", {"controls": {"novelty": 0.3}})
    shop.ws.policies.publish(saved.id)
    at = page()
    assert "Rarely bought" in " ".join(str(chart.proto) for chart in at.get("plotly_chart"))
    at.slider(key="recommendations.diversity").set_value(0.4).run()
    assert not at.exception
    assert "Draft, not saved: " in told(at)
    assert "0.4" in told(at)
    assert at.query_params["draft"]
    spec = shop.ws.drafts.list(shop.dataset)[0].spec
    assert (spec["reranker"], spec["settings"]["diversity"], spec["controls"]["novelty"]) == ("mmr", 0.4, 0.3)
    assert titles(as_table(at)) == listed(shop, PolicyUse.of(spec))
    at.button_group(key="policy.use").set_value("published").run()
    assert at.slider(key="recommendations.diversity").value == 0.0
    assert titles(at) == listed(shop, PUBLISHED)


def test_another_reranker_is_not_overwritten_by_the_slider(shop, page):
    saved = shop.ws.policies.save(shop.dataset, "Mix", {"reranker": "calibrated"})
    at = page(policy=saved.id)
    assert at.slider(key="recommendations.diversity").disabled
    assert "Saved: **Mix** v1, not published" in told(at)


def test_scene_and_day_are_said_and_decide_the_list(shop, page):
    first = shop.ws.lists.recommend(shop.variants["item-knn"], shop.shopper, 10).items[0].item
    spec = {"rules": [{"action": "block", "conditions": only(first), "scenes": ["cart"]}]}
    saved = shop.ws.policies.save(shop.dataset, "Cart", spec)
    shop.ws.policies.publish(saved.id)
    at = page(scene="cart")
    assert "v1 · cart" in told(at)
    assert titles(as_table(at)) == listed(shop, PolicyUse(scene="cart")) != listed(shop, PUBLISHED)


def test_why_not_names_the_rule_and_trying_the_way_out_makes_a_draft(shop, page):
    target = shop.ws.lists.recommend(shop.variants["item-knn"], shop.shopper, 10).items[2]
    rule = {"action": "block", "conditions": only(target.item), "name": "Sold out"}
    saved = shop.ws.policies.save(shop.dataset, "Home page", {"rules": [rule]})
    shop.ws.policies.publish(saved.id)
    at = page()
    at.session_state["whynot.item"] = target.item
    at.button(key="whynot.button").click().run()
    assert not at.exception
    text = told(at)
    assert "is kept off the list by the rule “Sold out”" in text
    assert "Kept off by the rule “Sold out”" in text
    assert "Without the rule “Sold out”" in text
    at.session_state["whynot.item"] = target.item
    at.button(key="whynot.button").click()
    at.button(key="whynot.policy.0").click().run()
    assert not at.exception
    assert "Draft, not saved: Rule “Sold out” removed" in told(at)
    assert target.title in titles(as_table(at))


@pytest.mark.usefixtures("page")
def test_the_export_takes_what_is_published_and_its_file_says_so(shop, open_page):
    from ui.parts import export_lists

    saved = shop.ws.policies.save(shop.dataset, "Home page", {"controls": {"novelty": 0.3}})
    shop.ws.policies.publish(saved.id)
    job = shop.ws.lists.submit_export(shop.variants["popularity"], "csv", 5)
    shop.ws.jobs.cancel(job)
    from recengine.workspace.lists import use_arguments

    live = shop.ws.lists.policy(shop.variants["popularity"], "published")
    arguments = {"variant": shop.variants["popularity"], "format": "csv", "k": 5, "policy": use_arguments(live)}
    done = shop.ws.run_attached("export", arguments, "Lists of Popularity")
    assert done["policy"]["name"] == "Home page"
    newest = next(j for j in shop.ws.jobs.list() if j.kind == "export" and j.state == "done" and j.result["sha256"] == done["sha256"])
    at = open_page("recommendations", shop, state={export_lists._JOB: newest.id})
    assert not at.exception
    assert "Under the policy Home page v1 · SHA-256" in told(at)


def test_the_export_is_for_the_home_page_whatever_scene_and_day_are_previewed(shop, page, monkeypatch):
    from ui.parts import export_lists

    rule = {"action": "block", "conditions": only("x"), "scenes": ["home"], "name": "Not on the home page"}
    saved = shop.ws.policies.save(shop.dataset, "Home page", {"rules": [rule]})
    shop.ws.policies.publish(saved.id)
    asked = []
    monkeypatch.setattr(export_lists.st, "menu_button", lambda *_, **told: asked.append(told["help"]))
    handed = []
    real = export_lists.export_button
    monkeypatch.setattr(export_lists, "export_button", lambda *given: (handed.append(given[3:]), real(*given)))
    at = page(scene="cart", day="2024-12-24", hour="9")
    live, shown = handed[0]
    assert (live.policy, live.scene, live.day, live.hour) == (saved.id, "home", None, None)
    assert (shown.scene, str(shown.day), shown.hour) == ("cart", "2024-12-24", 9)
    assert "cart" not in asked[0]
    assert "· cart · 24 Dec 2024 · 09:00" in told(at)
