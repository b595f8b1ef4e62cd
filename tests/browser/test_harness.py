"""The harness waits for the right moment and sees what goes wrong; without that, a green browser test means nothing."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import browser_harness
import pytest
from browser_harness import AppServer, Browser, Screen

TINY = Path(__file__).with_name("tiny_app.py")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    folder = tmp_path_factory.mktemp("tiny")
    # Streamlit serves the folder `static` beside the script; the theme's fonts are in it.
    shutil.copytree(browser_harness.ROOT / "static", folder / "static")
    script = Path(shutil.copy(TINY, folder))
    server = AppServer(workspace=folder / "workspace", script=script).start()
    yield server
    server.stop()


def test_settle_waits_for_a_slow_script(tiny: AppServer, look: Callable[..., Screen]) -> None:
    screen = look(tiny)
    for count in (1, 2):
        screen.page.get_by_role("button", name="Count slowly").click()
        screen.settle()
        assert f"Count: {count}" in screen.text()
    assert screen.problems() == []


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(13, 16, 19)")])
def test_the_theme_follows_the_system(tiny: AppServer, look: Callable[..., Screen], scheme: str, ground: str) -> None:
    assert look(tiny, scheme=scheme).background() == ground


@pytest.mark.parametrize("width", [1440, 390])
def test_a_picture_has_the_width_of_the_window(tiny: AppServer, look: Callable[..., Screen], tmp_path: Path, width: int) -> None:
    screen = look(tiny, width=width)
    file = screen.shoot(tmp_path / "tiny.png", whole=True)
    png_width, png_height = struct.unpack(">II", file.read_bytes()[16:24])
    assert png_width == width
    assert png_height >= browser_harness.HEIGHT[width]
    assert screen.overflow_px() == 0


def test_a_foreign_request_and_a_failed_one_are_problems(tiny: AppServer, look: Callable[..., Screen]) -> None:
    screen = look(tiny)
    screen.page.get_by_role("button", name="Ask a foreign host").click()
    screen.settle()
    screen.page.evaluate("fetch('/app/static/no-such-file.png').then(() => console.error('said on purpose'))")
    screen.page.wait_for_timeout(500)
    found = "\n".join(screen.problems())
    assert "merchlens.invalid" in found
    assert "404 for" in found
    assert "said on purpose" in found


def test_an_exception_is_a_problem_on_the_page_and_in_the_log(tiny: AppServer, look: Callable[..., Screen]) -> None:
    assert tiny.tracebacks() == []
    screen = look(tiny)
    screen.page.get_by_role("button", name="Break the page").click()
    screen.settle()
    assert any("exception on the page" in problem for problem in screen.problems())
    assert any("broken on purpose" in traceback for traceback in tiny.tracebacks())


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = AppServer(workspace=tmp_path / "workspace", script=tmp_path / "missing.py")
    with pytest.raises(RuntimeError, match=r"missing\.py"):
        server.start()


def test_stop_leaves_no_process(tmp_path: Path) -> None:
    server = AppServer(workspace=tmp_path / "workspace", script=TINY).start()
    server.stop()
    assert not browser_harness.answers(f"{server.url}/_stcore/health")


def test_without_chromium_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(RuntimeError, match="apt-get install chromium fonts-noto-cjk"):
        browser_harness.chromium_path()


def test_the_system_has_chinese_characters(browser: Browser) -> None:
    """Without a CJK font every character is the same empty box; two different ones then have the same picture."""
    page = browser.new_page()
    page.set_content("<p id=a style='font-size:40px'>店</p><p id=b style='font-size:40px'>铺</p>")
    assert page.locator("#a").screenshot() != page.locator("#b").screenshot(), browser_harness.INSTALL
    page.close()


def test_the_install_script_is_valid_shell() -> None:
    script = browser_harness.ROOT / "scripts" / "install_browser.sh"
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
