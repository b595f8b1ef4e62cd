"""A worker with small use cases: what `recengine.worker` is to the engine, this is to the tests of the job machinery."""

from __future__ import annotations

import argparse
import os
import signal
import time
from pathlib import Path
from typing import Any

from recengine import artefacts
from recengine.jobs.database import Database
from recengine.jobs.runner import JobContext, Terminated, run_job
from recengine.jobs.table import JobTable


def count(job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
    """Count to `n`, remembering every step in the checkpoint folder."""
    place = job.checkpoint_dir / "step"
    first = int(place.read_text()) if job.resumed and place.exists() else 0
    for step in range(first, arguments["n"]):
        job.check()
        job.report(step + 1, arguments["n"], 1 / (step + 1), {"share": step / arguments["n"]})
        job.progress((step + 1) / arguments["n"], "Counting")
        job.checkpoint_dir.mkdir(parents=True, exist_ok=True)
        place.with_suffix(".new").write_text(str(step + 1))
        place.with_suffix(".new").replace(place)
        time.sleep(arguments.get("pause_s", 0.02))
    return {"counted": arguments["n"] - first, "from": first}


def once(job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
    """Leave one file a start, to count executions."""
    folder = Path(arguments["folder"])
    (folder / f"{job.id}.{os.getpid()}.{time.monotonic_ns()}").touch()
    time.sleep(arguments.get("pause_s", 0.05))
    return {}


def publish(job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
    """Count in steps, then publish one artefact, once however often the process is killed."""
    store, name = Path(arguments["store"]), job.reserve("ar")
    if artefacts.exists(store, name):
        return {"artefact": name}
    counted = count(job, arguments)
    with artefacts.publish(store, name, {"job": job.id, **counted}, job.fence()) as folder, artefacts.open_new(folder / "data") as file:
        file.write(b"x" * 200_000)
    return {"artefact": name}


def deaf(_job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
    """Never ask whether to stop; ends on SIGTERM only."""
    time.sleep(arguments.get("n", 600))
    return {}


def stubborn(_job: JobContext, _arguments: dict[str, Any]) -> dict[str, Any]:
    """Ignore SIGTERM as well."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
    return {}


def exits(_job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
    """Leave without a word."""
    os._exit(arguments["status"])


USE_CASES = {"count": count, "publish": publish, "once": once, "deaf": deaf, "stubborn": stubborn, "exits": exits}


def _terminate(*_: object) -> None:
    raise Terminated


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--lease", type=float, default=5.0)
    parser.add_argument("--job", required=True)
    parser.add_argument("--token", type=int, required=True)
    given = parser.parse_args()
    table = JobTable(Database(given.workspace / "state.sqlite"), given.lease)

    def stoppable(on: bool) -> None:
        signal.signal(signal.SIGTERM, _terminate if on else signal.SIG_IGN)

    run_job(table, given.job, given.token, lambda: USE_CASES, given.workspace / "jobs", given.workspace / "logs", stoppable)


if __name__ == "__main__":
    main()
