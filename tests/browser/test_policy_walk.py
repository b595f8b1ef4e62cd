"""A merchandiser changes a policy, saves it, publishes it, looks at the comparison and goes back: one walk in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from browser_harness import AppServer, Screen

from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.workspace import Workspace
from ui.words import WT

PICTURES = Path(__file__).resolve().parents[2] / "build" / "browser"


@dataclass
class Shop:
    """A workspace with two variants."""

    ws: Workspace
    dataset: str
    variant: str
    server: AppServer

    def policy(self):
        return self.ws.policies.list(self.dataset)[0]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("walk")
    make_demo_store(folder, shoppers=150, days=60)
    ws = Workspace(folder / "ws")
    dataset = ws.datasets.import_now(ws.datasets.stage_path(folder / "events.csv"), "Shop", None).dataset
    variants = []
    for model in ("popularity", "item-knn"):
        arguments = ws.training.arguments(TrainingRequest(dataset, model, preset="quick", device="cpu"))
        variants.append(ws.run_attached("train", arguments, ws.training.title(arguments))["variant"])
    server = AppServer(folder / "ws").start()
    yield Shop(ws, dataset, variants[-1], server)
    server.stop()
    assert server.tracebacks() == []


def figures(screen: Screen) -> list[str]:
    return screen.page.locator('[data-testid="stMetricValue"]').all_inner_texts()


def press(screen: Screen, name: str) -> None:
    """Click the last visible button that says so."""
    screen.page.get_by_role("button", name=name, exact=True).locator("visible=true").last.click()
    screen.settle()


def open_popover(screen: Screen, key: str) -> None:
    screen.keyed(key).first.get_by_role("button").first.click()
    screen.settle()


def test_tune_save_publish_compare_revert(shop: Shop, look: Callable[..., Screen]) -> None:
    screen = look(shop.server, f"tune?dataset={shop.dataset}&variant={shop.variant}")
    screen.wait_for(lambda: screen.keyed("tune.diversity").count() == 1, "the Tune page", 300)
    turn_up_diversity(screen)
    refresh_keeps_the_work(screen)
    save(screen, shop)
    publish(screen, shop)
    change_again(screen, shop)
    compare(screen)
    revert(screen, shop)
    assert screen.problems() == []


def turn_up_diversity(screen: Screen) -> None:
    """The slider moves figures and lists, and the bar says what is not saved."""
    before = figures(screen)
    thumb = screen.keyed("tune.diversity").get_by_role("slider")
    for _ in range(8):
        thumb.press("ArrowRight")
    screen.wait_for(lambda: "Diversity 0 to 0.4" in screen.text(), "all eight steps in the bar")
    assert figures(screen) != before
    assert screen.page.get_by_text("↑", exact=False).count() + screen.page.get_by_text(WT("tune.move.new")).count() > 0


def refresh_keeps_the_work(screen: Screen) -> None:
    screen.page.reload(wait_until="domcontentloaded")
    screen.wait_for(lambda: "Diversity 0 to 0.4" in screen.text(), "the same work after a refresh", 60)


def save(screen: Screen, shop: Shop) -> None:
    open_popover(screen, "tune.save")
    screen.keyed("tune.name").locator("input").fill("Home page")
    screen.keyed("tune.note").locator("input").fill("less of the same")
    screen.keyed("tune.who.field").locator("input").fill("Ann")
    press(screen, WT("tune.save.button"))
    screen.wait_for(lambda: len(shop.ws.policies.list(shop.dataset)) == 1, "the saved policy")
    screen.wait_for(lambda: screen.keyed("tune.undo").count() == 0, "nothing pending any more")
    assert [(row.state, row.who, row.note) for row in shop.policy().versions] == [("draft", "Ann", "less of the same")]


def publish(screen: Screen, shop: Shop) -> None:
    screen.page.get_by_role("radio", name=WT("tune.part.versions"), exact=True).click()
    screen.settle()
    open_popover(screen, "version.publish.1")
    press(screen, WT("versions.publish.now"))
    screen.wait_for(lambda: shop.policy().live == 1, "the published version")
    screen.wait_for(lambda: WT("versions.live", name="Home page", n=1) in screen.text(), "the page says what is live")


def change_again(screen: Screen, shop: Shop) -> None:
    """A second version, published over the first."""
    thumb = screen.keyed("tune.control.novelty").get_by_role("slider")
    for _ in range(4):
        thumb.press("ArrowRight")
    screen.wait_for(lambda: "Novelty 0 to 0.2" in screen.text(), "the second change in the bar")
    open_popover(screen, "tune.save")
    press(screen, WT("tune.save.version", n=2))
    screen.wait_for(lambda: shop.policy().latest == 2, "the second version")
    screen.wait_for(lambda: screen.keyed("version.publish.2").count() == 1, "the second version on the page")
    open_popover(screen, "version.publish.2")
    press(screen, WT("versions.publish.now"))
    screen.wait_for(lambda: shop.policy().live == 2, "the second version live")


def compare(screen: Screen) -> None:
    screen.page.get_by_test_id("stSidebarNav").get_by_text(WT("nav.compare"), exact=True).click()
    screen.wait_for(lambda: "/compare" in screen.page.url and screen.page.locator(".main-svg").count() > 0, "the comparison", 300)
    asked = parse_qs(urlparse(screen.page.url).query)
    assert asked["policy"]  # the tab still looks at the policy


def revert(screen: Screen, shop: Shop) -> None:
    """Back to the first version: its content is live again, as the newest version."""
    screen.page.get_by_test_id("stSidebarNav").get_by_text(WT("nav.tune"), exact=True).click()
    screen.wait_for(lambda: screen.keyed("tune.part").count() == 1, "the Tune page again", 60)
    if screen.keyed("version.revert.1").count() == 0:
        screen.page.get_by_role("radio", name=WT("tune.part.versions"), exact=True).click()
        screen.wait_for(lambda: screen.keyed("version.revert.1").count() == 1, "the versions")
    open_popover(screen, "version.revert.1")
    press(screen, WT("versions.revert.button", n=1))
    screen.wait_for(lambda: shop.policy().live == 3, "the first version live again")
    versions = shop.policy().versions
    assert versions[0].spec == versions[2].spec
    screen.wait_for(lambda: "0.00" in screen.keyed("tune.control.novelty").inner_text(), "the controls of the first version")


@pytest.mark.parametrize(("width", "scheme", "part"), [(1440, "light", "rules"), (1440, "dark", "exposure"), (390, "dark", "versions")])
def test_it_fits_and_stays_clean(shop: Shop, look: Callable[..., Screen], width: int, scheme: str, part: str) -> None:
    address = f"tune?dataset={shop.dataset}&variant={shop.variant}&diversity=0.5&part={part}"
    screen = look(shop.server, address, width=width, scheme=scheme)
    screen.wait_for(lambda: "Diversity" in screen.text(), "the page", 300)
    screen.shoot(PICTURES / f"tune_{part}_{width}_{scheme}.png", whole=True)
    assert screen.overflow_px() == 0
    assert screen.problems() == []
