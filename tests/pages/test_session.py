"""What a tab looks at: the address wins, choices stay, an automatic variant gives way, the first deep link shows the frame."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "app.py"


def one(at: AppTest, name: str) -> str | None:
    value = at.query_params.get(name)
    return value[0] if isinstance(value, list) else value


@pytest.fixture
def app(shop, monkeypatch):
    monkeypatch.setenv("MERCHLENS_WORKSPACE", str(shop.path))
    return AppTest.from_file(str(APP), default_timeout=60)


def test_the_best_variant_is_in_use_and_stands_in_the_address(shop, app):
    app.run()
    assert not app.exception
    best = max(shop.ws.variants.list(shop.dataset), key=lambda v: v.metrics["ndcg@10"].value)
    assert one(app, "variant") == best.id
    assert one(app, "dataset") == shop.dataset


def test_the_address_wins(shop, app):
    app.query_params["variant"] = shop.variants["item-knn"]
    app.run()
    assert one(app, "variant") == shop.variants["item-knn"]


def test_an_automatic_variant_gives_way_but_a_chosen_one_stays(shop, app):
    other = shop.variants["item-knn"]
    app.query_params["variant"] = other
    app.run()
    app.session_state["session.automatic_variant"] = other
    app.run()
    best = max(shop.ws.variants.list(shop.dataset), key=lambda v: v.metrics["ndcg@10"].value)
    assert one(app, "variant") == best.id
    app.selectbox(key="chip.variant").set_value(other).run()
    assert one(app, "variant") == other
    app.run()
    assert one(app, "variant") == other


def test_choices_follow_to_another_page(shop, app):
    app.query_params["variant"] = shop.variants["transitions"]
    app.run()
    app.query_params.clear()
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert one(app, "variant") == shop.variants["transitions"]


def test_a_page_that_runs_without_the_app_gets_its_frame_and_keeps_its_address(shop, open_page):
    at = open_page("jobs", shop, variant=shop.variants["item-knn"])
    assert not at.exception
    assert at.session_state["navigation.ran"]
    assert one(at, "variant") == shop.variants["item-knn"]
