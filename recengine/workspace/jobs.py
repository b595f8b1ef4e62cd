"""Jobs for people: what runs, what ended and how, cancel, retry, resume."""

from __future__ import annotations

import time
from collections import deque

from recengine.jobs.job import Job
from recengine.types import EpochPoint, JobView
from recengine.workspace.context import Context
from recengine.workspace.text import iso

MOST_WAITING = 500


class Jobs:
    """The durable list of jobs."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def list(self, limit: int = 50) -> list[JobView]:
        """The newest jobs, newest first."""
        return [self._view(job) for job in self._context.jobs.list(limit)]

    def queue(self) -> dict[str, int]:
        """Waiting jobs in the order they will start: id → place, from 1."""
        from recengine.jobs.job import JobState

        waiting = self._context.jobs.list(MOST_WAITING, JobState.QUEUED)
        return {job.id: place for place, job in enumerate(sorted(waiting, key=lambda job: (job.created_s, job.id)), 1)}

    def settle(self) -> None:
        """Call jobs interrupted whose process is gone; a running supervisor does so by itself."""
        self._context.jobs.mark_lost()

    def get(self, job: str) -> JobView:
        """One job. Raises NotFound."""
        return self._view(self._context.jobs.get(job))

    def reports(self, job: str) -> list[EpochPoint]:
        """The live curve, oldest first."""
        started = self._context.jobs.get(job).started_s or 0.0
        return [
            EpochPoint(r.epoch, r.of, r.loss, {name: v for name, v in r.metrics.items() if v is not None}, max(0.0, r.t_s - started))
            for r in self._context.jobs.reports(job)
        ]

    def cancel(self, job: str) -> None:
        """Ask a job to stop; nothing happens to one that ended. Raises NotFound."""
        self._context.jobs.request_cancel(job)

    def retry(self, job: str) -> None:
        """Start an ended job again, from its beginning. Raises BadInput when it is not failed, cancelled or interrupted."""
        self._context.jobs.retry(job)

    def resume(self, job: str) -> None:
        """Start an ended job again, from its checkpoint if it has one. Raises BadInput as `retry` does."""
        self._context.jobs.resume(job)

    def log_tail(self, job: str, lines: int = 40) -> str:
        """The last lines a worker wrote; empty when it wrote none."""
        path = self._context.settings.logs_dir / f"{self._context.jobs.get(job).id}.log"
        if not path.is_file():
            return ""
        with path.open(encoding="utf-8", errors="backslashreplace") as file:
            return "".join(deque(file, maxlen=lines))

    def _view(self, job: Job) -> JobView:
        end = job.ended_s or time.time()
        checkpoint = self._context.settings.jobs_dir / job.id
        return JobView(
            id=job.id,
            kind=job.kind,
            title=job.title,
            state=job.state.value,
            fraction=job.fraction,
            phase=job.phase,
            eta_s=job.eta_s,
            attempt=job.attempt,
            created=iso(job.created_s),
            started=iso(job.started_s or 0),
            ended=iso(job.ended_s or 0),
            seconds=max(0.0, end - job.started_s) if job.started_s else 0.0,
            result=job.result or {},
            error=(job.error.what, job.error.why, job.error.fix) if job.error else None,
            can_resume=job.can_resume and checkpoint.is_dir() and any(checkpoint.iterdir()),
            arguments=job.arguments,
        )
