"""Small real workspaces for page tests, made once: the demo store with three models, one without, one with hostile texts, an empty one."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from recengine.testing.demo_store import make_demo_store
from recengine.types import TrainingRequest
from recengine.workspace import Workspace

PAGES = Path(__file__).resolve().parents[2] / "pages"
HOSTILE = (
    "<script>alert(1)</script> tin",
    "**bold** $\\int x$ :red[lamp] :smile:",
    "[click](javascript:alert(1)) ![x](http://x.example/y.png)",
    "`code` ~~gone~~ # jug",
    "=HYPERLINK(1) | 礼品 \u202egnp.exe",
    "<b>cup</b> & %{y} <a href='http://x.example'>a</a>",
)


@dataclass
class Shop:
    """One workspace with at most one dataset."""

    path: Path
    ws: Workspace
    dataset: str = ""
    variants: dict[str, str] = field(default_factory=dict)  # model → id; "leave-last" was judged on another split
    shopper: str = ""

    @property
    def by_time(self) -> list[str]:
        """Variants that may be compared with each other."""
        return [variant for model, variant in self.variants.items() if model != "leave-last"]


def filled(path: Path, file: Path, models: tuple[str, ...]) -> Shop:
    """Import a file through the facade, train in this process, choose a shopper with a history that can be explained."""
    ws = Workspace(path)
    report = ws.datasets.import_now(ws.datasets.stage_path(file), "Shop <b>*one*</b>", None)
    shop = Shop(path, ws, report.dataset)
    for model in models:
        name, split = (model, "time") if model != "leave-last" else ("popularity", "leave-last")
        arguments = ws.training.arguments(TrainingRequest(report.dataset, name, preset="quick", device="cpu", split=split))
        shop.variants[model] = ws.run_attached("train", arguments, ws.training.title(arguments))["variant"]
    shop.shopper = ws.shoppers.examples(report.dataset)[0].shopper
    return shop


def write_hostile(file: Path) -> Path:
    """Fifteen shoppers, eighteen items, ids and titles that are markup; a new item every second day, so that time can be split."""
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["user_id", "item_id", "timestamp", "event_type", "price", "title"])
        for shopper in range(15):
            for day in range(28):
                item = (shopper + day // 2) % 18
                time = f"2025-03-{1 + day:02d} {9 + shopper % 8:02d}:00:00"
                rows.writerow([f"<i>s*{shopper}</i>", f"`{item}`<b>", time, "purchase", f"{item + 1}.50", f"{HOSTILE[item % 6]} {item}"])
    return file


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The demo store, 150 shoppers, with popularity, item-kNN and transitions, and popularity judged on another split."""
    folder = tmp_path_factory.mktemp("demo")
    make_demo_store(folder, shoppers=150, days=60)
    return filled(tmp_path_factory.mktemp("shop"), folder / "events.csv", ("popularity", "item-knn", "transitions", "leave-last"))


@pytest.fixture(scope="session")
def untrained_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A dataset without a variant."""
    folder = tmp_path_factory.mktemp("demo")
    make_demo_store(folder, shoppers=20, days=14)
    return filled(tmp_path_factory.mktemp("untrained"), folder / "events.csv", ())


@pytest.fixture(scope="session")
def hostile_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Ids and titles that are Markdown, HTML, LaTeX, links and bidirectional controls."""
    file = write_hostile(tmp_path_factory.mktemp("file") / "hostile.csv")
    return filled(tmp_path_factory.mktemp("hostile"), file, ("popularity", "item-knn"))


@pytest.fixture(scope="session")
def empty_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A workspace without anything."""
    path = tmp_path_factory.mktemp("empty")
    return Shop(path, Workspace(path))


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Open a page of a workspace, with `state` in the session and everything else in the address, and run it once."""

    def opened(page: str, shop: Shop, state: dict[str, object] | None = None, **address: str) -> AppTest:
        monkeypatch.setenv("MERCHLENS_WORKSPACE", str(shop.path))
        at = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=60)
        for name, value in address.items():
            at.query_params[name] = value
        for name, value in (state or {}).items():
            at.session_state[name] = value
        return at.run()

    yield opened
    st.cache_data.clear()
