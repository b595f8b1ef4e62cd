"""A sweep in the browser: asked for, watched while it runs, and looked at when it is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from browser_harness import AppServer, Screen

from recengine.testing.demo_store import make_demo_store
from recengine.workspace import Workspace
from ui.words import WT

DONE_WITHIN_S = 600.0
TRIALS = 8


def test_a_sweep_from_the_form_to_its_charts(serve: Callable[..., AppServer], look: Callable[..., Screen], tmp_path: Path) -> None:
    """Started on a phone, looked at on the phone and at a desk."""
    make_demo_store(tmp_path, shoppers=120, days=45)
    ws = Workspace(tmp_path / "ws")
    dataset = ws.datasets.import_now(ws.datasets.stage_path(tmp_path / "events.csv"), "Shop", None).dataset
    server = serve(workspace=tmp_path / "ws")
    screen = look(server, f"train?dataset={dataset}", width=390)
    fill_in(screen)
    desk = look(server, f"train?dataset={dataset}")
    fill_in(desk)
    assert desk.keyed("sweep.start").get_by_role("button").is_enabled()
    screen.press("sweep.start")
    screen.wait_for(lambda: bool(ws.variants.list(dataset)), "the variant of the best trial", DONE_WITHIN_S)
    screen.wait_for(lambda: screen.keyed("cancel.*").count() == 0, "the end of the job")
    view = ws.sweeps.of_variant(ws.variants.list(dataset)[0].id)
    assert view is not None
    assert len(view.trials) == TRIALS
    assert_charts(screen)
    desk.goto(f"train?dataset={dataset}")
    assert_charts(desk)


def fill_in(screen: Screen) -> None:
    screen.page.get_by_text(WT("train.mode.sweep"), exact=True).click()
    screen.settle()
    trials = screen.keyed("sweep.trials").locator("input")
    trials.fill(str(TRIALS))
    trials.press("Enter")
    screen.settle()


def assert_charts(screen: Screen) -> None:
    screen.page.get_by_role("tab").filter(has_text=WT("train.tab.sweeps")).click()
    screen.wait_for(lambda: "rank" in screen.text() and "best" in screen.text(), "the verdict of the sweep")
    charts = screen.page.locator('[data-testid="stPlotlyChart"]:visible')
    screen.wait_for(lambda: charts.count() == 3, "progress, importance and all trials")
    assert screen.overflow_px() == 0
    assert screen.problems() == []
