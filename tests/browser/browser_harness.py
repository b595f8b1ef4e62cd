"""Run the app as a real server and look at it in a real Chromium; shared by the browser tests and scripts/screenshots.py.

with AppServer(workspace=tmp_path) as server, chromium() as browser:
    screen = Screen.open(browser, server, "data", width=390, scheme="dark")
    screen.settle()
    screen.page.get_by_role("button", name="Import").click()
    screen.settle()
    screen.shoot(Path("data.png"))
    assert screen.problems() == []
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, Request, Response, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
INSTALL = (
    "Browser tests need Chromium and a font with Chinese characters. Debian: `apt-get install chromium fonts-noto-cjk`; "
    f"elsewhere: any Chrome or Chromium that is found as one of {', '.join(CHROMIUM)}."
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HEIGHT = {1440: 900, 390: 844}
Scheme = Literal["light", "dark"]

# Below a page's own path Streamlit's client asks for these two first, gets a 404, and asks at the root.
KNOWN_404 = re.compile(r"^http://127\.0\.0\.1:\d+/[a-z_-]+/_stcore/(health|host-config)$")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")

SETTLED = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    if (!app || app.dataset.testConnectionState !== 'CONNECTED' || app.dataset.testScriptState !== 'notRunning') return false;
    if (document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"], [data-testid="stSpinner"]')) return false;
    const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].filter(chart => chart.offsetParent !== null);
    return charts.every(chart => chart.querySelector('.main-svg'));
}"""


class AppServer:
    """`streamlit run` in a process of its own, on a free port, with a workspace of its own.

    Args:
        workspace: folder of the datasets, variants and jobs.
        script: the file to run.
        log: where the server's output goes; default `server.log` in the workspace's parent.
        port: 0 takes a free one.
    """

    def __init__(self, workspace: Path, script: Path = ROOT / "app.py", log: Path | None = None, port: int = 0) -> None:
        self.workspace = workspace
        self.script = script
        self.log = log or workspace.parent / f"{workspace.name}-server.log"
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process_id(self) -> int:
        """Of the running server."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def start(self, timeout_s: float = 90.0) -> AppServer:
        """Start and wait until the server answers its health check.

        Raises:
            RuntimeError: it ended or did not answer in time; the message holds the end of its log.
        """
        environment = {**os.environ, "MERCHLENS_WORKSPACE": str(self.workspace), "PYTHONUNBUFFERED": "1"}
        # A test runner's thread limits are not the app's.
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
            environment.pop(name, None)
        command = [sys.executable, "-m", "streamlit", "run", str(self.script), "--server.headless=true", "--server.fileWatcherType=none"]
        command += ["--server.address=127.0.0.1", f"--server.port={self.port}", "--browser.gatherUsageStats=false"]
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"The app ended with code {self._process.returncode}:\n{self.log_text()[-4000:]}")
            if answers(f"{self.url}/_stcore/health"):
                return self
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"The app did not answer within {timeout_s:.0f} s:\n{self.log_text()[-4000:]}")

    def stop(self) -> None:
        """End the server, and the workers of its workspace, which would outlive it."""
        if self._process is None:
            return
        for number, patience_s in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0)):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(patience_s)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._process = None
        for process in workers_of(self.workspace):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def log_text(self) -> str:
        """The server's output so far, without colours."""
        text = self.log.read_text(encoding="utf-8", errors="backslashreplace") if self.log.exists() else ""
        return COLOURS.sub("", text)

    def tracebacks(self) -> list[str]:
        """Every Python traceback in the server's log: an error that a page hid is still an error."""
        blocks = re.split(r"Traceback\s*\(most recent call last\)", self.log_text())[1:]
        return [block.strip()[:3000] for block in blocks]

    def __enter__(self) -> AppServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def workers_of(workspace: Path) -> list[int]:
    """Process ids of the job workers that serve this workspace; none where the system has no /proc."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = file.read_bytes().split(b"\0")
            if b"recengine.worker" in words and os.fsencode(workspace) in words:
                found.append(int(file.parent.name))
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether the address answers 200 within two seconds."""
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


def chromium_path() -> str:
    """The system's Chromium.

    Raises:
        RuntimeError: there is none; the message says what to install.
    """
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    raise RuntimeError(INSTALL)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; one a test session is enough, every `Screen` has its own profile in it."""
    path = chromium_path()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        except Error as error:
            raise RuntimeError(f"{path} does not start. {INSTALL}\n{error}") from error
        yield browser
        browser.close()


class Screen:
    """One tab with its own profile, and everything that went wrong in it."""

    def __init__(self, page: Page, server: AppServer) -> None:
        self.page = page
        self.server = server
        self._problems: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._problems.append(f"script error: {error}"))
        page.on("response", self._on_response)
        page.on("request", self._on_request)

    @staticmethod
    def open(browser: Browser, server: AppServer, path: str = "", width: int = 1440, scheme: Scheme = "light", zh: bool = False) -> Screen:
        """Open `path` (such as "data" or "compare?dataset=…"; "" is the first page) in a new profile.

        Args:
            width: of the window in pixels: 1440 is a desk, 390 a phone.
            scheme: what the system is said to prefer; the app follows it.
            zh: whether the browser asks for Chinese.
        """
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT.get(width, 900)},
            color_scheme=scheme,
            locale="zh-CN" if zh else "en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        screen = Screen(context.new_page(), server)
        screen.goto(path)
        return screen

    def goto(self, path: str = "") -> None:
        """Load an address of the app cold, as a link from elsewhere would, and wait until the page has settled."""
        self.page.goto(f"{self.server.url}/{path.lstrip('/')}", wait_until="domcontentloaded")
        self.settle()

    def settle(self, timeout_s: float = 120.0, quiet_s: float = 0.4) -> None:
        """Wait until the script has run, nothing spins, visible charts are drawn, and that has held for `quiet_s`.

        Raises:
            AssertionError: not within `timeout_s`; the message holds the state and the end of the server's log.
        """
        deadline = time.monotonic() + timeout_s
        quiet_since: float | None = None
        while time.monotonic() < deadline:
            if self._evaluates(SETTLED):
                quiet_since = quiet_since or time.monotonic()
                if time.monotonic() - quiet_since >= quiet_s:
                    return
            else:
                quiet_since = None
            self.page.wait_for_timeout(50)
        raise AssertionError(
            f"{self.page.url} did not settle within {timeout_s:.0f} s; problems: {self._problems}\n{self.server.log_text()[-3000:]}"
        )

    def _evaluates(self, expression: str) -> bool:
        """False while the document is being replaced."""
        try:
            return bool(self.page.evaluate(expression))
        except Error as error:
            if "context was destroyed" in str(error) or "navigation" in str(error):
                return False
            raise

    def keyed(self, key: str) -> Locator:
        """The element that the app drew with `key=`; a key that ends in "*" matches every key that begins so."""
        name = "st-key-" + re.sub(r"[^A-Za-z0-9_-]", "-", key.removesuffix("*"))
        return self.page.locator(f'[class*="{name}"]' if key.endswith("*") else f".{name}")

    def press(self, key: str) -> None:
        """Click the first button of a keyed element and wait until the page has settled."""
        self.keyed(key).first.get_by_role("button").first.click()
        self.settle()

    def wait_for(self, condition: Callable[[], bool], what: str, timeout_s: float = 120.0) -> None:
        """Wait until the condition holds, then until the page has settled.

        Raises:
            AssertionError: not within `timeout_s`; the message names `what`, the page's problems and the end of the server's log.
        """
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"Not within {timeout_s:.0f} s: {what}; {self.problems()}\n{self.server.log_text()[-3000:]}")
            self.page.wait_for_timeout(200)
        self.settle()

    def text(self) -> str:
        """All text of the page that can be seen."""
        return self.page.locator('[data-testid="stApp"]').inner_text()

    def problems(self) -> list[str]:
        """What went wrong so far: errors on the console, failed or foreign requests, exceptions shown on the page."""
        shown = self.page.locator('[data-testid="stException"]').all_inner_texts()
        return self._problems + [f"exception on the page: {text[:300]}" for text in shown]

    def background(self) -> str:
        """Computed background colour of the app, such as "rgb(255, 255, 255)"."""
        return str(self.page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"))

    def overflow_px(self) -> int:
        """How many pixels the page is wider than the window: 0 where nothing is cut off or scrolls sideways."""
        measure = """() => {
            const main = document.querySelector('[data-testid="stMain"]');
            return Math.max(document.documentElement.scrollWidth - window.innerWidth, main ? main.scrollWidth - main.clientWidth : 0);
        }"""
        return max(0, int(self.page.evaluate(measure)))

    def shoot(self, file: Path, whole: bool = False) -> Path:
        """Save what the window shows as PNG; with `whole`, the window first grows to the page's full height."""
        file.parent.mkdir(parents=True, exist_ok=True)
        before = self.page.viewport_size
        if whole and before:
            # The page scrolls inside stMain, so that a full-page picture of the document would show one window of it.
            height = int(self.page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 0"))
            self.page.set_viewport_size({"width": before["width"], "height": min(max(height, before["height"]), 8000)})
            self.settle()
        self.page.screenshot(path=file, animations="disabled", caret="hide")
        if whole and before:
            self.page.set_viewport_size(before)
        return file

    def close(self) -> None:
        self.page.context.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not KNOWN_404.match(message.location.get("url", "")):
            self._problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and not KNOWN_404.match(response.url):
            self._problems.append(f"{response.status} for {response.url}")

    def _on_request(self, request: Request) -> None:
        if request.url.startswith(("http", "ws")) and f"//127.0.0.1:{self.server.port}/" not in request.url:
            self._problems.append(f"a request to a foreign host: {request.url}")
