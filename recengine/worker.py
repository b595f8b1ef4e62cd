"""The process that runs one job: `python -m recengine.worker --workspace DIR --job ID --token N`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from recengine.jobs.database import Database
from recengine.jobs.job import JobState
from recengine.jobs.runner import Terminated, UseCase, run_job
from recengine.jobs.table import JobTable
from recengine.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; returns 0 when it is done, 1 otherwise (how it ended is in the job table)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--job", required=True)
    parser.add_argument("--token", type=int, required=True)
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings(workspace=given.workspace)
    table = JobTable(Database(settings.state_file), settings.lease_s)

    def use_cases() -> Mapping[str, UseCase]:
        from recengine.workspace import Workspace

        if settings.threads:
            # Both run on one pool of threads, and the first parallel loop of numba would set it back to every core.
            os.environ["NUMBA_NUM_THREADS"] = str(settings.threads)
            import torch

            torch.set_num_threads(settings.threads)
        return Workspace(given.workspace).use_cases()

    state = run_job(table, given.job, given.token, use_cases, settings.jobs_dir, settings.logs_dir, _stoppable)
    return 0 if state is JobState.DONE else 1


def _stoppable(on: bool) -> None:
    """SIGTERM ends the use case wherever it stands, but never the writing of how it ended."""
    signal.signal(signal.SIGTERM, _terminate if on else signal.SIG_IGN)


def _terminate(_number: int, _frame: FrameType | None) -> Any:
    raise Terminated


if __name__ == "__main__":
    raise SystemExit(main())
