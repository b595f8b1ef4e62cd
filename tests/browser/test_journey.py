"""The whole way of a merchandiser, on the real sample file, in one browser: from an empty workspace to an exported list."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from browser_harness import AppServer, Screen

from ui.words import WT

TRAINED_WITHIN_S = 900.0


def query(screen: Screen) -> dict[str, str]:
    """The ids in the address."""
    return {name: values[0] for name, values in parse_qs(urlparse(screen.page.url).query).items()}


def test_from_an_empty_workspace_to_an_export(app_server: AppServer, look: Callable[..., Screen], tmp_path: Path) -> None:
    screen = look(app_server)
    load_the_sample(screen)
    train(screen)
    compare(screen)
    read_an_explanation(screen)
    move_the_slider(screen)
    export(screen, tmp_path)
    come_back_later(screen, look, app_server)
    assert screen.problems() == []


def load_the_sample(screen: Screen) -> None:
    """Home is empty and says so; the sample file shows how it was understood before anything is imported."""
    assert WT("home.cold.title") in screen.text()
    screen.press("add.sample")
    screen.wait_for(lambda: "/data" in screen.page.url and screen.keyed("add").count() > 0, "the review of the sample file", 300)
    # The button counts the events it will add: the published clean count of this file.
    assert "397,884" in screen.keyed("add").inner_text()
    grids = " ".join(screen.page.locator('[data-testid="stDataFrame"] canvas').all_text_contents())
    for column in ("CustomerID", "StockCode", "InvoiceDate"):
        assert column in grids or column in screen.text(), f"the review does not show the column {column}"
    screen.press("add")
    screen.wait_for(lambda: "dataset" in query(screen) and "397,884" in screen.text(), "the report of the import", 300)
    text = screen.text()
    assert "4,338" in text
    assert "3,665" in text


def train(screen: Screen) -> None:
    """One button trains the first set; the page shows the work and then the variants with their figures."""
    screen.press("first.report")
    screen.wait_for(lambda: "/train" in screen.page.url, "the Train page")
    screen.wait_for(lambda: screen.keyed("cancel.*").count() > 0 or screen.keyed("variant.va-*").count() > 0, "a running job")
    screen.wait_for(
        lambda: screen.keyed("cancel.*").count() == 0 and screen.keyed("variants.compare").count() == 1, "all trainings", TRAINED_WITHIN_S
    )
    assert screen.keyed("variant.va-*").count() >= 3
    assert screen.text().count("NDCG@10") >= 3
    assert WT("job.state.failed") not in screen.text()


def compare(screen: Screen) -> None:
    """The comparison says who is best in a sentence, with charts under it."""
    screen.press("variants.compare")
    screen.wait_for(lambda: "/compare" in screen.page.url and WT("compare.tests") in screen.text(), "the comparison", 300)
    assert screen.page.locator('[data-testid="stPlotlyChart"] .main-svg').count() >= 3


def read_an_explanation(screen: Screen) -> None:
    """A shopper's list of ten; another item's explanation adds up to the score on its card."""
    screen.page.get_by_test_id("stSidebarNav").get_by_text(WT("nav.shoppers")).click()
    screen.wait_for(lambda: screen.keyed("shoppers.open").count() == 1, "a shopper's profile", 300)
    shopper = query(screen)["shopper"]
    screen.press("shoppers.open")
    screen.wait_for(lambda: screen.keyed("card.*").count() >= 10, "ten cards", 300)
    assert query(screen)["shopper"] == shopper
    screen.press("why.3")
    card = screen.keyed("card.3").inner_text()
    assert WT("recommendations.shown") in card
    text = screen.text()
    assert WT("explain.adds") in text
    sign = re.escape(WT("explain.adds.no", sum="§", score="§")).replace("§", ".+")
    assert not re.search(sign, text), "the explanation does not add up"


def move_the_slider(screen: Screen) -> None:
    """More diversity changes the list and the shop's figures at once, and nothing is saved yet."""
    screen.page.get_by_test_id("stSidebarNav").get_by_text(WT("nav.tune"), exact=True).click()
    screen.wait_for(lambda: screen.keyed("tune.diversity").count() == 1 and WT("tune.tradeoff") in screen.text(), "the Tune page", 300)
    before = screen.page.locator('[data-testid="stMetricValue"]').all_inner_texts()
    assert screen.keyed("tune.undo").count() == 0
    thumb = screen.keyed("tune.diversity").get_by_role("slider")
    for _ in range(10):
        thumb.press("ArrowRight")
    screen.wait_for(lambda: screen.keyed("tune.undo").count() == 1, "the unsaved setting")
    screen.wait_for(lambda: "Diversity 0 to 0.5" in screen.text(), "all ten steps of the slider in the bar")
    assert "draft" in query(screen)  # the address opens the same work again
    after = screen.page.locator('[data-testid="stMetricValue"]').all_inner_texts()
    assert len(after) >= 4
    assert before != after


def export(screen: Screen, folder: Path) -> None:
    """All shoppers' lists as CSV: the file's name holds its digest, and its rows are lists."""
    screen.page.get_by_test_id("stSidebarNav").get_by_text(WT("nav.recommendations")).click()
    screen.wait_for(lambda: screen.keyed("export.menu").count() == 1, "the Recommendations page", 300)
    screen.keyed("export.menu").get_by_role("button").first.click()
    screen.page.get_by_text(WT("export.csv"), exact=True).last.click()
    screen.wait_for(lambda: screen.keyed("export.download.*").count() == 1, "the export", 240)
    with screen.page.expect_download() as waiting:
        screen.keyed("export.download.*").get_by_role("button").first.click()
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert digest[:12] in file.name
    with file.open(encoding="utf-8-sig", newline="") as rows:
        lists = list(csv.DictReader(rows))
    shoppers = {row["shopper_id"] for row in lists}
    assert len(shoppers) == 4338
    assert 10 * len(shoppers) * 0.9 <= len(lists) <= 10 * len(shoppers)


def come_back_later(screen: Screen, look: Callable[..., Screen], server: AppServer) -> None:
    """The address of this tab opens the same list in another browser."""
    address = urlparse(screen.page.url)
    other = look(server, f"{address.path.lstrip('/')}?{address.query}")
    other.wait_for(lambda: other.keyed("card.*").count() >= 10, "ten cards from a link", 300)
    assert query(other) == query(screen)
    assert list_of(other) == list_of(screen)
    assert other.problems() == []


def list_of(screen: Screen) -> list[list[str]]:
    """Place and price, title, and category with reason of each card; which card is explained is the tab's own matter."""
    cards = screen.keyed("card.*").all_inner_texts()
    return [[line for line in card.splitlines() if line][:3] for card in cards]
