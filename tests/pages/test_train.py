"""Train: the form submits exactly what was chosen; jobs and variants are found by asking the workspace."""

from __future__ import annotations

import pytest
from page_shops import Shop

from recengine.testing.demo_store import make_demo_store
from recengine.workspace import Workspace
from ui.words import W, numbers


@pytest.fixture
def own_shop(tmp_path) -> Shop:
    """A dataset whose jobs nobody runs: the supervisor is not started for it."""
    make_demo_store(tmp_path, shoppers=20, days=14)
    ws = Workspace(tmp_path / "ws")
    return Shop(tmp_path / "ws", ws, ws.datasets.import_now(ws.datasets.stage_path(tmp_path / "events.csv"), "Shop", None).dataset)


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    """Submitted trainings stay queued; running them is the supervisor's test, not the page's."""
    monkeypatch.setattr(Workspace, "start_supervisor", lambda _: None)


def test_cold_page_names_the_next_step(empty_shop, open_page):
    at = open_page("train", empty_shop)
    assert not at.exception
    assert at.button(key="empty.data").proto.type == "primary"


def test_one_primary_button_says_how_many_models(own_shop, open_page):
    at = open_page("train", own_shop)
    assert not at.exception
    chosen = at.multiselect(key="train.models").value
    assert [b.label for b in at.button if b.proto.type == "primary"] == [W("train.button", n=len(chosen))]
    at.multiselect(key="train.models").set_value(["popularity"]).run()
    assert at.button(key="train.start").label == "Train 1 model"
    at.multiselect(key="train.models").set_value([]).run()
    assert at.button(key="train.start").disabled


def test_every_model_of_the_registry_can_be_chosen(own_shop, open_page):
    at = open_page("train", own_shop)
    titles = [card.title for card in own_shop.ws.training.models()]
    assert at.multiselect(key="train.models").options == titles


def test_the_form_submits_what_was_chosen(own_shop, open_page):
    at = open_page("train", own_shop)
    at.multiselect(key="train.models").set_value(["item-knn"])
    at.segmented_control(key="train.preset").set_value("quick")
    at.number_input(key="train.seed").set_value(7)
    at.selectbox(key="train.device").set_value("cpu")
    at.run()
    at.button(key="train.start").click().run()
    assert not at.exception
    jobs = own_shop.ws.jobs.list()
    assert len(jobs) == 1
    asked = jobs[0].arguments
    assert (asked["model"], asked["preset"], asked["seed"], asked["device"], asked["split"]) == ("item-knn", "quick", 7, "cpu", "time")


def test_a_waiting_training_is_found_again_and_cancelled(own_shop, open_page):
    job = own_shop.ws.training.submit(own_shop.dataset, "popularity", preset="quick")
    at = open_page("train", own_shop)
    assert any(W("job.state.queued") in m.value for m in at.markdown)
    at.button(key=f"cancel.now.{job}").click().run()
    assert not at.exception
    assert own_shop.ws.jobs.get(job).state == "cancelled"


def test_variants_stand_best_first_with_their_interval(shop, open_page):
    at = open_page("train", shop)
    assert not at.exception
    variants = sorted(shop.ws.variants.list(shop.dataset), key=lambda v: -v.metrics["ndcg@10"].value)
    best = variants[0].metrics["ndcg@10"]
    captions = [c.value for c in at.caption if c.value.startswith("NDCG@10")]
    assert captions[0].startswith(W("job.ndcg", value=numbers.metric(best.value), interval=numbers.interval(best.low, best.high)))
    assert len(captions) == len(variants)


def test_a_variant_is_renamed(own_shop, open_page):
    arguments = own_shop.ws.training.arguments(own_shop.dataset, "popularity", {}, "quick", 0, "cpu", "time", "")
    variant = own_shop.ws.run_attached("train", arguments, "x")["variant"]
    at = open_page("train", own_shop)
    at.text_input(key=f"rename.{variant}").set_value("Spring *test*").run()
    at.button(key=f"rename.do.{variant}").click().run()
    assert not at.exception
    assert own_shop.ws.variants.get(variant).name == "Spring *test*"
    assert any(m.value == r"**Spring \*test\***" for m in at.markdown)
