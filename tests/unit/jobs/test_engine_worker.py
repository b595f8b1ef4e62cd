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


def test_the_worker_runs_use_cases_of_the_workspace(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "workspace")
    table = JobTable(Database(settings.state_file))
    unknown, lost = table.submit("dance", {}, "No such use case"), table.submit("train", {"dataset": "../../etc"}, "No such dataset")
    for job_id, words in ((unknown, "dance"), (lost, "")):
        job = table.claim()
        assert job is not None
        assert job.id == job_id
        assert work(settings.workspace, job_id, job.token) == 1
        job = table.get(job_id)
        assert job.state is JobState.FAILED
        assert job.error is not None
        assert words in job.error.why
        assert "unexpectedly" not in job.error.what or (settings.logs_dir / f"{job_id}.log").read_text()


def test_the_worker_refuses_a_stale_token(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "workspace")
    table = JobTable(Database(settings.state_file))
    table.submit("train", {}, "Train")
    job = table.claim()
    assert job is not None
    assert work(settings.workspace, job.id, job.token + 1) == 1
    assert table.get(job.id) == job
