"""Compare, "Look deeper": health checks as a matrix with examples one click away, and replay with what it assumes."""

from __future__ import annotations

import pytest


def unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def deeper(open_page, shop, choice: str):
    at = open_page("compare", shop)
    at.session_state["compare.deeper"] = choice
    return at.run()


@pytest.fixture(scope="module")
def checked(shop):
    """The three variants judged over time, each with its checks."""
    return {variant: shop.ws.health.run(variant, 10, 40) for variant in shop.by_time}


def matrix(at):
    return next(d for d in at.dataframe if "check" in d.value)


def click(at, row: int, column: str):
    at.session_state[matrix(at).key] = {"selection": {"rows": [], "columns": [], "cells": [(row, column)]}}
    return at.run()


def test_what_was_never_checked_is_offered_and_queued(hostile_shop, open_page):
    at = deeper(open_page, hostile_shop, "health")
    assert not at.exception
    at.button(key="health.start").click().run()
    assert not at.exception
    jobs = [j for j in hostile_shop.ws.jobs.list() if j.kind == "health"]
    assert {j.arguments["variant"] for j in jobs} == set(hostile_shop.by_time)
    for job in jobs:
        hostile_shop.ws.jobs.cancel(job.id)


def test_the_matrix_holds_every_check_of_every_variant_with_sign_and_value(shop, checked, open_page):
    at = deeper(open_page, shop, "health")
    assert not at.exception
    table = matrix(at).value
    assert set(table.columns) == {"check", *checked}
    titles = [c.title for c in shop.ws.health.checks()]
    assert list(table["check"]) == titles
    signs = {"green": "✓", "amber": "▲", "red": "✕", "none": "–"}
    for variant, view in checked.items():
        for row in view.results:
            assert table[variant][titles.index(row.check.title)].startswith(signs[row.verdict])
    best = shop.ws.comparison.compare(shop.by_time).variants[0]
    passed = sum(r.verdict == "green" for r in checked[best.id].results)
    assert any(f"passes {passed} of" in m.value or "passes all" in m.value for m in at.markdown)


def test_a_value_opens_its_examples_with_a_link_to_the_shopper(shop, checked, open_page):
    at = deeper(open_page, shop, "health")
    variant = shop.variants["popularity"]
    keys = [c.key for c in shop.ws.health.checks()]
    at = click(at, keys.index("best_sellers_only"), variant)
    assert not at.exception
    row = next(r for r in checked[variant].results if r.check.key == "best_sellers_only")
    texts = [unescaped(m.value) for m in at.markdown]
    assert f"**{row.check.question}**" in texts
    assert row.examples
    for example in row.examples:
        assert any(example.title in text for text in texts)
        assert example.text in texts
    links = at.get("page_link")
    assert any(row.examples[0].shopper in link.proto.label for link in links)
    assert any(f"shopper={row.examples[0].shopper}" in link.proto.query_string for link in links)


@pytest.mark.usefixtures("checked")
def test_a_name_opens_its_thresholds_and_keeps_others(shop, open_page):
    at = deeper(open_page, shop, "health")
    keys = [c.key for c in shop.ws.health.checks()]
    at = click(at, keys.index("best_sellers_only"), "check")
    assert not at.exception
    at.number_input(key="health.amber.best_sellers_only").set_value(100.0)
    at.number_input(key="health.red.best_sellers_only").set_value(100.0)
    at.button(key="health.keep").click().run()
    assert not at.exception
    card = next(c for c in shop.ws.health.checks() if c.key == "best_sellers_only")
    assert (card.amber, card.red, card.changed) == (1.0, 1.0, True)
    shop.ws.health.set_thresholds("best_sellers_only")


def test_replay_shows_figures_what_they_assume_and_what_cannot_be_told(shop, open_page):
    at = deeper(open_page, shop, "replay")
    assert not at.exception
    best = shop.ws.comparison.compare(shop.by_time).variants[0].id
    view = shop.ws.replay.of(best)
    texts = " ".join(unescaped(m.value) for m in at.markdown)
    for text in (*view.assumptions, *view.refused):
        assert text in texts
    table = next(d for d in at.dataframe if "conversion.hits" in d.value).value
    assert len(table) == 3
    conversion = next(f for f in view.figures if f.key == "conversion.hits")
    assert f"{conversion.estimate.value:.1%}" in " ".join(table["conversion.hits"])
    at.session_state["replay.figure"] = "revenue.hits"
    at.run()
    assert not at.exception
    assert any("Revenue, hits" in unescaped(m.value) for m in at.markdown)


def test_hostile_titles_stay_text(hostile_shop, open_page):
    for variant in hostile_shop.by_time:
        hostile_shop.ws.health.run(variant, 5, 10)
    at = deeper(open_page, hostile_shop, "health")
    assert not at.exception
    for key_row in range(len(matrix(at).value)):
        at = click(at, key_row, hostile_shop.by_time[0])
        assert not at.exception
        for text in at.markdown:
            assert "<script>" not in text.value
    at = deeper(open_page, hostile_shop, "replay")
    assert not at.exception
