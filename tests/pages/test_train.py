"""Train: the form submits exactly what was chosen; jobs and variants are found by asking the workspace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_shops import Shop

from recengine.testing.demo_store import make_demo_store
from recengine.types import Estimate, TrainingRequest, VariantRow
from recengine.workspace import Workspace
from ui.parts.since_last import since_last
from ui.parts.sweep_results import verdict
from ui.parts.variant_cards import facts
from ui.words import W, numbers, plain


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
    job = own_shop.ws.training.submit(TrainingRequest(own_shop.dataset, "popularity", preset="quick"))
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
    captions = [c.value for c in at.caption if c.value.startswith("NDCG@10 0")]
    assert captions[0].startswith(W("job.ndcg", value=numbers.metric(best.value), interval=numbers.interval(best.low, best.high)))
    assert len(captions) == len(variants)


def test_a_variant_is_renamed(own_shop, open_page):
    arguments = own_shop.ws.training.arguments(TrainingRequest(own_shop.dataset, "popularity", preset="quick", device="cpu"))
    variant = own_shop.ws.run_attached("train", arguments, "x")["variant"]
    at = open_page("train", own_shop)
    at.text_input(key=f"rename.{variant}").set_value("Spring *test*").run()
    at.button(key=f"rename.do.{variant}").click().run()
    assert not at.exception
    assert own_shop.ws.variants.get(variant).name == "Spring *test*"
    assert any(m.value == r"**Spring \*test\***" for m in at.markdown)


def test_every_model_has_a_card_with_a_verdict_under_its_family(own_shop, open_page):
    at = open_page("train", own_shop)
    advice = own_shop.ws.advice.models(own_shop.dataset)
    shown = [m.value for m in at.markdown]
    for row in advice.models:
        assert plain(row.reason) in shown
        assert at.button(key=f"choose.{row.model}")
    assert {W(f"family.{card.family}") for card in own_shop.ws.training.models()} <= {h.value for h in at.subheader}
    assert any(W("advice.time.none") in c.value for c in at.caption)


def test_a_card_puts_its_model_into_the_form_and_takes_it_out(own_shop, open_page):
    at = open_page("train", own_shop)
    at.button(key="choose.ease").click().run()
    assert not at.exception
    assert "ease" in at.multiselect(key="train.models").value
    at.button(key="choose.ease").click().run()
    assert "ease" not in at.multiselect(key="train.models").value


def test_a_time_taken_here_is_told(shop, open_page):
    at = open_page("train", shop)
    seconds = {row.model: row.seconds for row in shop.ws.advice.models(shop.dataset).models}
    told = W("advice.time.this", time=numbers.duration(seconds["item-knn"]))
    assert any(c.value.startswith(told) for c in at.caption)


def test_budget_and_weights_are_part_of_the_training(own_shop, open_page):
    at = open_page("train", own_shop)
    at.multiselect(key="train.models").set_value(["popularity"])
    at.number_input(key="train.minutes").set_value(5.0)
    view = next(s for s in at.slider if s.key.endswith(".view"))
    assert view.value == pytest.approx(0.3)
    view.set_value(0.0)
    at.checkbox(key="train.learn_weights").set_value(True)
    at.run()
    at.button(key="train.start").click().run()
    assert not at.exception
    asked = own_shop.ws.jobs.list()[0].arguments
    assert asked["minutes"] == 5.0
    assert asked["weights"] == {"view": 0.0}
    assert asked["learn_weights"]


def test_folded_settings_keep_what_was_set(own_shop, open_page):
    state = {"settings.transitions": True, "config.balanced.transitions.all": True}
    at = open_page("train", own_shop, state)
    at.multiselect(key="train.models").set_value(["transitions"]).run()
    at.number_input(key="config.balanced.transitions.recent_steps").set_value(40).run()
    at.toggle(key="config.balanced.transitions.all").set_value(False).run()
    assert not [n for n in at.number_input if n.key == "config.balanced.transitions.recent_steps"]
    at.button(key="train.start").click().run()
    assert own_shop.ws.jobs.list()[0].arguments["config"] == {"recent_steps": 40}


def test_a_sweep_is_asked_for_and_found_in_the_queue(own_shop, open_page):
    at = open_page("train", own_shop)
    at.segmented_control(key="train.mode").set_value("sweep").run()
    assert not at.exception
    at.selectbox(key="sweep.model").set_value("item-knn").run()
    at.number_input(key="sweep.trials").set_value(7)
    at.multiselect(key="sweep.vary.item-knn").set_value(["neighbours"])
    at.run()
    assert [b.label for b in at.button if b.proto.type == "primary"] == [W("sweep.button", n=7)]
    at.button(key="sweep.start").click().run()
    assert not at.exception
    job = own_shop.ws.jobs.list()[0]
    assert (job.kind, job.arguments["model"], job.arguments["trials"], job.arguments["fields"]) == ("sweep", "item-knn", 7, ["neighbours"])
    assert any(m.value.startswith("**Sweep of Item-kNN") for m in at.markdown)


def test_a_finished_sweep_is_shown_with_its_trials_and_what_changed(own_shop, open_page):
    ws = own_shop.ws
    trained = ws.training.arguments(TrainingRequest(own_shop.dataset, "popularity", {"half_life_days": 3.0}, "quick", device="cpu"))
    ws.run_attached("train", trained, "x")
    asked = ws.sweeps.arguments(TrainingRequest(own_shop.dataset, "popularity", preset="quick", device="cpu"), 4)
    done = ws.run_attached("sweep", asked, "x")
    at = open_page("train", own_shop)
    assert not at.exception
    view = ws.sweeps.of_variant(done["variant"])
    assert any(m.value == verdict(view) for m in at.markdown)
    assert any(W("sweep.table", n=4) in e.label for e in at.expander)
    assert any("since the last one: Half life days 3" in c.value for c in at.caption)


def test_the_machine_is_told(own_shop, open_page):
    at = open_page("train", own_shop)
    machine = own_shop.ws.advice.machine()
    assert any(W("machine.cpu", n=machine.threads) in m.value for m in at.markdown)
    assert bool(machine.gpu) != any(c.value == W("machine.no_gpu") for c in at.caption)


def test_hostile_names_stay_text_on_the_train_page(hostile_shop, open_page):
    at = open_page("train", hostile_shop)
    assert not at.exception


def test_changes_since_the_last_variant_by_hand():
    figures = {"ndcg@10": Estimate(0.1, 0.0, 0.2, 9)}
    first = VariantRow(
        "a", "A", "als", "iALS", "d", "D", "time", "", "2025-01-01T00:00:00", 1, 1, "cpu", 0, {"factors": 64}, figures, "", 9
    )
    better = {"ndcg@10": Estimate(0.125, 0.0, 0.2, 9)}
    second = replace(first, id="b", created="2025-01-02T00:00:00", config={"factors": 128}, metrics=better, weights={"view": 0.0})
    first = replace(first, weights={"view": 0.3})
    other = replace(first, id="c", created="2025-01-03T00:00:00", split="leave-last")
    rows = [first, second, other]
    assert since_last(first, rows) is None
    assert since_last(other, rows) is None
    assert since_last(second, rows) == r"NDCG@10 \+0.0250 since the last one: Factors 64 → 128, View 0.3 → 0"
    same = replace(second, id="e", created="2025-01-04T00:00:00")
    assert since_last(same, rows) == r"NDCG@10 0\.0000 since the last one, with the same settings"


def test_places_in_the_queue_are_in_the_order_of_asking(own_shop, open_page):
    first, second = (own_shop.ws.training.submit(TrainingRequest(own_shop.dataset, "popularity", seed=seed)) for seed in (1, 2))
    assert own_shop.ws.jobs.queue() == {first: 1, second: 2}
    at = open_page("train", own_shop)
    captions = [c.value for c in at.caption]
    assert captions.index(W("job.waiting.place", n=1)) < captions.index(W("job.waiting.place", n=2))


def test_new_items_in_lists_are_told_where_there_are_some():
    row = VariantRow("a", "A", "als", "iALS", "d", "D", "time", "", "2025-01-01T00:00:00", 1, 1, "cpu", 0, {}, {}, "", 9)
    assert "new items" not in facts(replace(row, metrics={"new_items@10": Estimate(0.0, 0.0, 0.0, 9)}))
    assert "shows 12% of new items" in facts(replace(row, metrics={"new_items@10": Estimate(0.12, 0.1, 0.2, 9)}))
