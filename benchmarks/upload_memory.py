"""Memory of the app's server while a large log comes in through the browser, phase by phase.

A headless Chromium drops the file on the first page; the server's resident memory is read every 20 ms. The phases:

idle     the first page has been looked at, nothing is uploaded.
upload   from the drop until the first byte stands in the workspace: the browser sends, Streamlit takes in.
stage    until the file lies whole in the workspace: the page writes it there.
read     until its page has settled: the import's parser reads the file to show what it is. Not the upload's memory.
kept     the file's page is open; the server remembers what it read.
check    until the page says what an import would do.
queued   the import has begun, in a process of its own; the server has let go of the file.

`copies` is what a phase needs beside idle, in sizes of the file. Upload and stage may need 1.3 together.

    python benchmarks/upload_memory.py [--mb 500]
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import record
from ingest import make_log

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from browser_harness import AppServer, Screen, chromium  # noqa: E402  (found through the path above)

GOAL_COPIES = 1.3
ROWS_A_MB = 31_500  # of a log of this kind
PHASES = ("idle", "upload", "stage", "read", "kept", "check", "queued")


def resident_bytes(process: int) -> int:
    """Resident memory of a process."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("The server has ended.")


class Watch(threading.Thread):
    """Peak memory of the server by phase; the upload's phases are told apart by what lies in the workspace."""

    def __init__(self, process: int, workspace: Path) -> None:
        super().__init__(daemon=True)
        self.process, self.uploads = process, workspace / "uploads"
        self.phase, self.ended = "idle", threading.Event()
        self.peak: dict[str, int] = {}
        self.began = {"idle": time.monotonic()}

    def enter(self, phase: str) -> None:
        self.began[phase] = time.monotonic()
        self.phase = phase

    def run(self) -> None:
        while not self.ended.wait(0.02):
            if self.phase == "upload" and any(self.uploads.glob("*/data")):
                self.enter("stage")
            if self.phase == "stage" and any(self.uploads.glob("*/meta.json")):
                self.enter("read")
            self.peak[self.phase] = max(self.peak.get(self.phase, 0), resident_bytes(self.process))


def measure(log: Path, workspace: Path) -> dict[str, Any]:
    """Drop the log on the first page and wait until its own page stands; peaks in bytes, and seconds, by phase."""
    with AppServer(workspace) as server, chromium() as browser:
        screen = Screen.open(browser, server)
        screen.goto("data")
        screen.goto("")
        watch = Watch(server.process_id, workspace)
        watch.start()
        time.sleep(2)
        watch.enter("upload")
        screen.page.locator('input[type="file"]').first.set_input_files(log)
        screen.wait_for(lambda: "/data" in screen.page.url and screen.keyed("next").count() > 0, "the page of the file", 900)
        watch.enter("kept")
        time.sleep(5)
        held = resident_bytes(server.process_id)
        watch.enter("check")
        upload = parse_qs(urlparse(screen.page.url).query)["upload"][0]
        screen.goto(f"data?upload={upload}&step=check")
        screen.wait_for(lambda: screen.keyed("add").count() > 0, "the check", 900)
        watch.enter("queued")
        screen.press("add")
        screen.wait_for(lambda: "importing" in screen.page.url, "the import", 900)
        time.sleep(3)
        after = resident_bytes(server.process_id)
        watch.ended.set()
        watch.join()
        if problems := screen.problems() + server.tracebacks():
            raise RuntimeError(f"The upload had problems, so its figures mean nothing: {problems}")
    seconds = {name: watch.began[following] - watch.began[name] for name, following in itertools.pairwise(PHASES)}
    return {"peak": watch.peak | {"kept": held, "queued": after}, "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=int, default=500)
    given = parser.parse_args()
    os.environ["MERCHLENS_MEASURE_TIMES"] = "false"
    with tempfile.TemporaryDirectory(prefix="merchlens-bench-") as name:
        log = Path(name) / "log.csv"
        make_log(log, given.mb * ROWS_A_MB, wide=False)
        size = log.stat().st_size
        found = measure(log, Path(name) / "workspace")
    idle = found["peak"]["idle"]
    rows = {
        phase: {
            "peak_mb": round(found["peak"][phase] / 1e6, 1),
            "copies": round((found["peak"][phase] - idle) / size, 2),
            "seconds": round(found["seconds"].get(phase, 0.0), 1),
        }
        for phase in PHASES
    }
    said = {"what": "memory of the server while a log is uploaded", "file_mb": round(size / 1e6, 1), "goal_copies": GOAL_COPIES}
    record.write("upload_memory", {**said, "phases": rows})


if __name__ == "__main__":
    main()
