"""Health checks and replay in a small workspace: run, kept, judged anew, on the command line; figures that can be counted."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from recengine.cli import app
from recengine.columns import BEHAVIOUR_CODE
from recengine.data.events import EventLog
from recengine.errors import BadInput, Cancelled, Corrupt, NotFound
from recengine.evaluation.health.registry import ORDER
from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.workspace import Workspace
from recengine.workspace.replay import Later, _hits, _rewards, _weighted


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, str]]:
    folder = tmp_path_factory.mktemp("health")
    make_demo_store(folder / "demo", seed=5, shoppers=200, days=60)
    ws = Workspace(folder / "ws")
    report = ws.datasets.import_now(ws.datasets.stage_path(folder / "demo" / "events.csv", "demo"))
    found = {"dataset": report.dataset}
    for model in ("popularity", "transitions"):
        asked = TrainingRequest(report.dataset, model, preset="quick", device="cpu")
        found[model] = ws.run_attached("train", ws.training.arguments(asked), model)["variant"]
    asked = TrainingRequest(report.dataset, "popularity", preset="quick", device="cpu", split="leave-last")
    found["other split"] = ws.run_attached("train", ws.training.arguments(asked), "other")["variant"]
    return ws, found


def result(view, key: str):
    return next(row for row in view.results if row.check.key == key)


def test_checks_run_as_a_job_and_are_kept(shop):
    ws, variants = shop
    assert ws.health.result(variants["popularity"]) is None
    done = ws.run_attached("health", {"variant": variants["popularity"], "k": 10, "shoppers": 50}, "Health")
    view = ws.health.result(variants["popularity"])
    assert done == {"checked": variants["popularity"], "verdict": "red"}
    assert view.verdict == "red"
    assert tuple(row.check.key for row in view.results) == ORDER
    assert result(view, "best_sellers_only").verdict == "red"
    assert result(view, "same_for_all").verdict in ("red", "amber")
    assert result(view, "order_ignored").verdict == "none"
    assert result(view, "not_for_sale").verdict == "green"
    assert view.seconds < 30
    for row in view.results:
        for example in row.examples:
            assert not example.shopper or ws.shoppers.get(variants["dataset"], example.shopper)
            assert bool(example.item) is bool(example.title)


def test_a_sequence_model_is_asked_about_order(shop):
    ws, variants = shop
    view = ws.health.run(variants["transitions"], 10, 50)
    assert repr(view) == repr(ws.health.result(variants["transitions"]))  # unlike ==, nan equals nan
    order = result(view, "order_ignored")
    assert order.verdict in ("green", "amber")
    assert order.estimate.n > 0
    assert result(view, "same_for_all").estimate.value > 0.5


def test_thresholds_judge_what_was_measured_anew(shop):
    ws, variants = shop
    ws.health.run(variants["popularity"], 10, 20)
    before = result(ws.health.result(variants["popularity"]), "best_sellers_only")
    card = ws.health.set_thresholds("best_sellers_only", 1.0, 1.0)
    assert card.changed
    after = result(ws.health.result(variants["popularity"]), "best_sellers_only")
    assert (before.verdict, after.verdict) == ("red", "green")
    assert after.estimate == before.estimate
    assert not ws.health.set_thresholds("best_sellers_only").changed
    assert result(ws.health.result(variants["popularity"]), "best_sellers_only").verdict == "red"
    for wrong in ((0.5, None), (0.8, 0.5), (float("nan"), 1.0)):
        with pytest.raises(BadInput):
            ws.health.set_thresholds("best_sellers_only", *wrong)
    with pytest.raises(BadInput):
        ws.health.set_thresholds("same_for_all", 0.3, 0.6)
    with pytest.raises(NotFound):
        ws.health.set_thresholds("nothing", 1, 2)
    (ws.root / "health.json").write_text("[1]")
    with pytest.raises(Corrupt):
        ws.health.checks()
    (ws.root / "health.json").unlink()


def test_cancelled_checks_leave_what_was_kept(shop):
    ws, variants = shop
    before = ws.health.run(variants["popularity"], 10, 20)

    class Job:
        def check(self) -> None:
            raise Cancelled

        def progress(self, *_: object) -> None: ...

    with pytest.raises(Cancelled):
        ws.health.run(variants["popularity"], 5, 20, job=Job())  # type: ignore[arg-type]
    assert repr(ws.health.result(variants["popularity"])) == repr(before)
    for k, shoppers in ((0, 10), (201, 10), (10, 0)):
        with pytest.raises(BadInput):
            ws.health.submit(variants["popularity"], k, shoppers)
    with pytest.raises(NotFound):
        ws.health.result("va-nothing")


def test_a_policy_s_lists_are_checked_too(shop):
    """Lists that are as varied as can be are less of a cocoon; what was kept of the variant stays."""
    ws, variants = shop
    plain = ws.health.run(variants["transitions"], 10, 20)
    wide = ws.health.under_policy(variants["transitions"], {"reranker": "mmr", "settings": {"diversity": 1.0}}, 10, 20)
    assert wide.policy == "Policy"
    assert repr(ws.health.result(variants["transitions"])) == repr(plain)
    assert result(wide, "cocoon").estimate.value < result(plain, "cocoon").estimate.value
    with pytest.raises(NotFound):
        ws.health.under_policy(variants["transitions"], "po-nothing")


def run(ws: Workspace, *words: str):
    return CliRunner().invoke(app, ["--workspace", str(ws.root), *words])


def test_the_command_exits_with_one_on_red(shop):
    ws, variants = shop
    red = run(ws, "health", variants["popularity"], "--shoppers", "20", "--json")
    assert red.exit_code == 1
    assert json.loads(red.stdout)["verdict"] == "red"
    assert "BAD   Best sellers only" in run(ws, "health", variants["popularity"], "--kept").stdout
    calm = [f"--threshold={row.check.key}=1,1" for row in ws.health.result(variants["popularity"]).results if row.check.higher_is_worse]
    calm.append("--threshold=same_for_all=0,0")
    green = run(ws, "health", variants["popularity"], "--kept", *calm)
    assert green.exit_code == 0, green.stdout
    assert run(ws, "health", variants["popularity"], "--threshold", "same_for_all").exit_code == 2
    assert run(ws, "health", variants["popularity"], "--threshold", "same_for_all=a,b").exit_code == 2
    (ws.root / "health.json").unlink()
    assert run(ws, "health", "va-nothing").exit_code == 2


def test_hits_are_what_the_log_says(shop):
    ws, variants = shop
    view = ws.replay.of(variants["transitions"], 5)
    assert view is ws.replay.of(variants["transitions"], 5)
    evaluation = ws.comparison.evaluation(variants["transitions"])
    dataset = ws._context.dataset(variants["dataset"])
    log, cut = dataset.products_log, int(np.datetime64(view.first).astype("datetime64[s]").astype(int))
    cut = int(ws._context.pools.get(("pool", variants["transitions"]), lambda: None).targets.histories.now_s[0])
    later = log.keep(log.times_s >= cut)
    known = np.unique(log.user_codes[log.times_s < cut])
    back = np.intersect1d(known, later.user_codes)
    assert view.returning == len(back)
    bought = later.keep(later.behaviours == BEHAVIOUR_CODE["purchase"])
    hit, money = 0, 0.0
    for user, listed in zip(evaluation.user_codes, evaluation.lists[:, :5], strict=True):
        mine = bought.user_codes == user
        inside = np.isin(bought.item_codes[mine], listed)
        hit += inside.any()
        money += float(bought.prices[mine][inside].sum())
    figures = {f.key: f.estimate for f in view.figures}
    assert figures["conversion.hits"].value == pytest.approx(hit / len(back))
    assert figures["revenue.hits"].value == pytest.approx(money / len(back), rel=1e-6)
    assert figures["conversion.hits"].n == len(back)
    assert 0 < figures["click_through.hits"].value < 1
    assert any("impressions" in text for text in view.refused)
    assert view.assumptions[0].startswith("Offline")


def test_a_difference_is_paired_by_shopper(shop):
    ws, variants = shop
    a, b = variants["transitions"], variants["popularity"]
    found = ws.replay.difference(a, b)
    values = {v: {f.key: f.estimate.value for f in ws.replay.of(v).figures} for v in (a, b)}
    for key, estimate in found.items():
        assert estimate.value == pytest.approx(values[a][key] - values[b][key])
        assert estimate.low <= estimate.value <= estimate.high
    alone = ws.replay.of(a).figures[0].estimate
    same = ws.replay.difference(a, a)["conversion.hits"]
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    assert alone.high > alone.low
    with pytest.raises(BadInput):
        ws.replay.difference(a, variants["other split"])


def test_replay_under_a_policy_and_its_refusals(shop):
    ws, variants = shop
    plain, varied = ws.replay.of(variants["transitions"]), ws.replay.of(variants["transitions"], policy={"reranker": "mmr"})
    saved = ws.policies.save(variants["dataset"], "Wide", {"reranker": "mmr"})
    by_id = ws.replay.of(variants["transitions"], policy=saved.id)
    assert (plain.policy, by_id.policy) == ("", "Wide")
    assert by_id.figures == varied.figures != plain.figures
    with pytest.raises(BadInput, match="last item"):
        ws.replay.of(variants["other split"])
    with pytest.raises(BadInput):
        ws.replay.of(variants["transitions"], 0)
    with pytest.raises(NotFound):
        ws.replay.of(variants["transitions"], policy="po-nothing")


def made_later(kinds: dict[str, np.ndarray], users: int, items: int) -> Later:
    """A later log from rows of (user, item, time) a behaviour; everybody has a list."""
    parts = [(np.asarray(rows), BEHAVIOUR_CODE[name]) for name, rows in kinds.items()]
    table = np.concatenate([rows for rows, _ in parts])
    behaviours = np.concatenate([np.full(len(rows), code) for rows, code in parts])
    log = EventLog.build(*table.T, users, items, behaviours, np.full(len(table), 2.0))
    return Later(log, np.arange(users), np.zeros(users, dtype=np.int8), users, 0, log.prices.astype(float))


def test_impressions_are_weighted_and_what_followed_is_counted():
    """Sixty shoppers see items 0 to 3 equally often; 0 is viewed within the day by all, 1 a week later, 2 is bought on the third day."""
    day = 86_400
    people = np.repeat(np.arange(60), 4)
    shown = np.column_stack([people, np.tile(np.arange(4), 60), np.zeros(240, int)])
    views = np.column_stack([np.arange(120) % 60, np.repeat([0, 1], 60), np.repeat([day - 1, 7 * day], 60)])
    buys = np.column_stack([np.arange(60), np.full(60, 2), np.full(60, 3 * day)])
    later = made_later({"impression": shown, "view": views, "purchase": buys}, 60, 4)
    every = later.log.behaviours == BEHAVIOUR_CODE["impression"]
    clicked = _rewards(later, every, ("view", "purchase"), day, False)
    assert clicked.sum() == 60
    assert _rewards(later, every, ("purchase",), 7 * day, True).sum() == 120.0
    figures, refused = _weighted(np.tile([0, 2], (60, 1)), later, 4)
    values = {f.key: f for f in figures}
    assert refused == []
    assert values["click_through.snips"].estimate.value == pytest.approx(0.5)
    assert values["conversion.snips"].estimate.value == pytest.approx(0.5)
    assert values["revenue.snips"].estimate.value == pytest.approx(2.0)  # two places of one each
    assert values["click_through.snips"].covered == 1.0
    assert _weighted(np.tile([0, 5], (60, 1)), replace(later), 6)[0][0].covered == 0.5
    none = _weighted(np.tile([0], (60, 1)), made_later({"view": views}, 60, 4), 4)
    assert none[0] == []
    assert "no impressions" in none[1][0]
    few = _weighted(np.tile([5], (60, 1)), later, 6)
    assert "0 impressions match" in few[1][0]


def test_a_log_without_views_or_prices_says_so():
    buys = np.column_stack([np.arange(30), np.zeros(30, int), np.arange(30)])
    later = made_later({"purchase": buys}, 40, 4)
    figures, _, refused = _hits(np.zeros((40, 1), dtype=int), later)
    assert [f.key for f in figures] == ["conversion.hits", "revenue.hits"]
    assert figures[0].estimate.value == pytest.approx(30 / 40)
    assert "no views" in refused[0]
    figures, _, refused = _hits(np.zeros((40, 1), dtype=int), replace(later, paid=np.full(30, np.nan)))
    assert [f.key for f in figures] == ["conversion.hits"]
    assert "no price" in refused[1]
    views = made_later({"view": buys}, 40, 4)
    assert [f.key for f in _hits(np.zeros((40, 1), dtype=int), views)[0]] == ["click_through.hits"]
