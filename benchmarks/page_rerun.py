"""What a page costs beside an empty Streamlit page: the same machine, Streamlit, theme and client in the same run.

Two measures, both through the real server:

rerun   server time. A client speaks Streamlit's own protocol over the websocket, asks for the page again and waits for
        "script finished". That holds the script, the figures, the encoding and the loopback, but no browser.
load    what a person waits. A headless Chromium opens the page cold by its address; the clock stops when the script has run,
        nothing spins and the charts are drawn. Needs Chromium; `--no-browser` leaves it out.

The app has the sample shop imported and three variants trained. Pages take turns, so that a busy moment of the machine hits
all of them. The empty page is `st.title` alone, in a server of its own with the same settings. Times of trainings are not measured
beside it: on a new workspace that takes some minutes of one core.

    python benchmarks/page_rerun.py [--rounds 20] [--no-browser]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import record
from pipeline import SAMPLE, step
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from browser_harness import AppServer, Screen, chromium  # noqa: E402  (found through the path above)

MODELS = ("popularity", "item-knn", "transitions")
PAGES = ("", "data", "train", "jobs", "compare", "recommendations", "shoppers", "items", "tune")
GOALS = {"rerun": 3.0, "load": 5.0}
LOAD_ROUNDS = 5


class Tab:
    """One session of the server, as a browser tab is."""

    def __init__(self, server: AppServer, page: str, query: str = "") -> None:
        self._page, self._query = page, query
        url = f"ws://127.0.0.1:{server.port}/_stcore/stream"
        self._socket = connect(url, subprotocols=["streamlit"], max_size=None, compression=None)  # type: ignore[list-item]

    def run(self) -> float:
        """Ask for the page and wait until its script has finished; seconds.

        Raises:
            RuntimeError: the script failed, or the server does not know the page.
        """
        asked = BackMsg()
        state = asked.rerun_script
        state.page_name, state.query_string = self._page, self._query
        state.context_info.timezone, state.context_info.locale, state.context_info.color_scheme = "Europe/London", "en-GB", "light"
        started = time.perf_counter()
        self._socket.send(asked.SerializeToString())
        while True:
            message = ForwardMsg.FromString(bytes(self._socket.recv(timeout=120, decode=False)))
            kind = message.WhichOneof("type")
            if kind == "page_not_found":
                raise RuntimeError(f"The server knows no page {self._page}.")
            if kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
                raise RuntimeError(f"{self._page}: {message.delta.new_element.exception.message}")
            if kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return time.perf_counter() - started
                # The first run of a deep link ends early on purpose: the page sets up the shell and runs again.
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    raise RuntimeError(f"{self._page or 'home'} ended with status {message.script_finished}.")

    def close(self) -> None:
        self._socket.close()


def prepare(folder: Path) -> tuple[Path, str]:
    """A workspace with the sample shop and three variants; its folder and the query that chooses the last one."""
    workspace = folder / "workspace"
    dataset = step(workspace, "import", str(SAMPLE), "--name", "Online Retail")[0]["dataset"]
    trained = [step(workspace, "train", "--dataset", dataset, "--model", model)[0]["variant"] for model in MODELS]
    return workspace, f"dataset={dataset}&variant={trained[-1]}&shopper=17850"


def empty_app(folder: Path) -> Path:
    """A script with a title and nothing else, beside the same static files."""
    folder.mkdir()
    shutil.copytree(ROOT / "static", folder / "static")
    script = folder / "empty.py"
    script.write_text('import streamlit as st\n\nst.title("Empty")\n', encoding="utf-8")
    return script


def reruns(app: AppServer, empty: AppServer, query: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of each rerun, by page; "empty" is the floor. The first run of every tab is not counted: it fills the caches."""
    tabs = {"empty": Tab(empty, "")} | {page or "home": Tab(app, page, query) for page in PAGES}
    for tab in tabs.values():
        tab.run()
        tab.run()
    taken: dict[str, list[float]] = {name: [] for name in tabs}
    for _ in range(rounds):
        for name, tab in tabs.items():
            taken[name].append(tab.run())
    for tab in tabs.values():
        tab.close()
    return taken


def loads(app: AppServer, empty: AppServer, query: str, rounds: int) -> dict[str, list[float]]:
    """Seconds from asking for an address to a settled page, by page, in a browser whose cache is warm."""
    taken: dict[str, list[float]] = {}
    with chromium() as browser:
        screens = {"empty": (Screen.open(browser, empty), "")}
        screens |= {page or "home": (Screen.open(browser, app, page), f"{page}?{query}") for page in PAGES}
        for _ in range(rounds):
            for name, (screen, address) in screens.items():
                started = time.perf_counter()
                screen.page.goto(f"{screen.server.url}/{address}", wait_until="commit")
                screen.settle(quiet_s=0.0)
                taken.setdefault(name, []).append(time.perf_counter() - started)
        problems = [problem for screen, _ in screens.values() for problem in screen.problems()]
    if problems:
        raise RuntimeError(f"Pages had problems, so their times mean nothing: {problems}")
    return taken


def summary(taken: dict[str, list[float]], goal: float) -> dict[str, Any]:
    """Median and 95th percentile in milliseconds, and the ratio of medians to the empty page."""
    floor = statistics.median(taken["empty"])
    rows = {
        name: {
            "median_ms": round(statistics.median(values) * 1e3, 1),
            "p95_ms": round(sorted(values)[min(len(values) - 1, int(0.95 * len(values)))] * 1e3, 1),
            "ratio": round(statistics.median(values) / floor, 2),
        }
        for name, values in taken.items()
    }
    return {"rounds": len(taken["empty"]), "goal_ratio": goal, "pages": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--no-browser", action="store_true")
    given = parser.parse_args()
    os.environ["MERCHLENS_MEASURE_TIMES"] = "false"
    with tempfile.TemporaryDirectory(prefix="merchlens-bench-") as name:
        folder = Path(name)
        workspace, query = prepare(folder)
        with AppServer(workspace) as app, AppServer(folder / "nothing", empty_app(folder / "empty")) as empty:
            figures = {"what": "a page against an empty Streamlit page", "models": MODELS}
            figures["rerun"] = summary(reruns(app, empty, query, given.rounds), GOALS["rerun"])
            if not given.no_browser:
                figures["load"] = summary(loads(app, empty, query, LOAD_ROUNDS), GOALS["load"])
            if app.tracebacks():
                raise RuntimeError(app.tracebacks()[0])
    record.write("page_rerun", figures)


if __name__ == "__main__":
    main()
