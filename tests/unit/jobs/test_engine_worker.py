"""The engine's own worker process: attaches, reports a failure in words, leaves on SIGTERM."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from recengine.jobs.database import Database
from recengine.jobs.job import JobState
from recengine.jobs.table import JobTable
from recengine.settings import Settings

ROOT = Path(__file__).resolve().parents[3]


def work(workspace: Path, job_id: str, token: int) -> int:
    command = [sys.executable, "-m", "recengine.worker", "--workspace", str(workspace), "--job", job_id, "--token", str(token)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False).returncode


def test_the_worker_asks_the_workspace_for_use_cases(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "workspace")
    table = JobTable(Database(settings.state_file))
    table.submit("dance", {}, "No such use case")
    job = table.claim()
    assert job is not None
    assert work(settings.workspace, job.id, job.token) == 1
    job = table.get(job.id)
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert "dance" in job.error.why


def test_the_worker_refuses_a_stale_token(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "workspace")
    table = JobTable(Database(settings.state_file))
    table.submit("train", {}, "Train")
    job = table.claim()
    assert job is not None
    assert work(settings.workspace, job.id, job.token + 1) == 1
    assert table.get(job.id) == job
