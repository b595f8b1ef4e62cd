"""Fixtures of the browser tests; what they hand out is described in browser_harness.py and README.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser_harness import AppServer, Browser, Scheme, Screen, chromium

PICTURES = Path(__file__).resolve().parents[2] / "build" / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once. Fails, never skips, where there is none."""
    with chromium() as started:
        yield started


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., AppServer]]:
    """`serve(workspace=…, script=…)` starts another server for this test alone; its log must stay free of tracebacks."""
    servers: list[AppServer] = []

    def start(**options: Path) -> AppServer:
        options.setdefault("workspace", tmp_path_factory.mktemp("shop") / "workspace")
        servers.append(AppServer(**options))
        return servers[-1].start()

    yield start
    found = _stop_all(servers)
    assert found == [], "\n\n".join(found)


@pytest.fixture(scope="module")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app with an empty workspace, shared by the tests of one file; its log must stay free of tracebacks."""
    server = AppServer(workspace=tmp_path_factory.mktemp("shop") / "workspace").start()
    yield server
    found = _stop_all([server])
    assert found == [], "\n\n".join(found)


def _stop_all(servers: list[AppServer]) -> list[str]:
    for server in servers:
        server.stop()
    return [traceback for server in servers for traceback in server.tracebacks()]


@pytest.fixture
def look(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Screen]]:
    """`look(server, path, width=1440, scheme="light")` opens a tab; a failed test leaves a picture of each in build/browser/."""
    screens: list[Screen] = []

    def open_screen(server: AppServer, path: str = "", width: int = 1440, scheme: Scheme = "light", zh: bool = False) -> Screen:
        screens.append(Screen.open(browser, server, path, width, scheme, zh))
        return screens[-1]

    yield open_screen
    failed = getattr(request.node, "failed_in_call", False)
    for number, screen in enumerate(screens):
        if failed:
            name = re.sub(r"[^A-Za-z0-9]+", "_", request.node.name)
            PICTURES.mkdir(parents=True, exist_ok=True)
            screen.page.screenshot(path=PICTURES / f"{name}_{number}.png")
        screen.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:  # noqa: ARG001 (pytest names them)
    """Tell `look` whether the test failed."""
    report = yield
    if report.when == "call":
        item.failed_in_call = report.failed
    return report
