"""The durable list of jobs. Every change is one transaction; every change by a worker proves that it still owns the job.

Leases count monotonic seconds, which all processes of one boot share and which neither a changed clock nor a suspended
laptop moves.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from recengine.errors import BadInput, NotFound
from recengine.ids import check_id, new_id
from recengine.jobs.database import Database
from recengine.jobs.job import Job, JobError, JobReport, JobState, StaleToken
from recengine.jobs.process import ProcessIdentity, boot_id

START_LEASE_S = 60.0  # for a worker to import its libraries and say hello


@dataclass(frozen=True)
class Lost:
    """A running job that nobody works on any more."""

    job: Job
    why: str
    silent: bool  # only its heartbeat stopped; its process may still be there


class JobTable:
    """Jobs of one workspace.

    Args:
        database: the workspace's state file.
        lease_s: seconds without a heartbeat after which a worker counts as lost.
    """

    def __init__(self, database: Database, lease_s: float = 30.0) -> None:
        self.database, self.lease_s = database, lease_s

    # What people ask for

    def submit(self, kind: str, arguments: dict[str, Any], title: str) -> str:
        """Put a job at the end of the queue; returns its id."""
        return self._insert(kind, arguments, title, JobState.QUEUED).id

    def start_attached(self, kind: str, arguments: dict[str, Any], title: str) -> Job:
        """A job that this process runs itself, at once, outside the queue."""
        return self._insert(kind, arguments, title, JobState.RUNNING)

    def get(self, job_id: str) -> Job:
        """One job. Raises NotFound."""
        with self.database.read() as rows:
            return Job.from_row(_row(rows, job_id))

    def list(self, limit: int = 100, state: JobState | None = None) -> list[Job]:
        """The newest jobs, newest first."""
        where, values = ("", []) if state is None else ("WHERE state = ?", [state])
        with self.database.read() as rows:
            found = rows.execute(f"SELECT * FROM jobs {where} ORDER BY created DESC, id DESC LIMIT ?", (*values, limit)).fetchall()
        return [Job.from_row(row) for row in found]

    def reports(self, job_id: str, after: int = -1) -> list[JobReport]:
        """The live curve, oldest first; `after` skips what the caller has."""
        with self.database.read() as rows:
            found = rows.execute("SELECT * FROM job_reports WHERE job = ? AND seq > ? ORDER BY seq", (check_id(job_id), after)).fetchall()
        return [JobReport(r["seq"], r["epoch"], r["epochs"], r["loss"], json.loads(r["metrics"]), r["t"]) for r in found]

    def request_cancel(self, job_id: str) -> Job:
        """Ask a job to stop: one that waits is cancelled at once, one that runs within seconds. Nothing happens to others."""
        with self.database.write() as rows:
            state = _row(rows, job_id)["state"]
            if state == JobState.QUEUED:
                _end(rows, job_id, JobState.CANCELLED, error=_CANCELLED)
            elif state == JobState.RUNNING:
                rows.execute("UPDATE jobs SET cancel_requested = coalesce(cancel_requested, ?) WHERE id = ?", (time.monotonic(), job_id))
            return Job.from_row(_row(rows, job_id))

    def retry(self, job_id: str) -> Job:
        """Queue an ended job again, from its beginning. Raises BadInput when it is not failed, cancelled or interrupted."""
        return self._again(job_id, resumed=False)

    def resume(self, job_id: str) -> Job:
        """Queue an ended job again, from its checkpoint if it has one. Raises BadInput as `retry` does."""
        return self._again(job_id, resumed=True)

    def delete(self, job_id: str) -> None:
        """Remove an ended job and its curve from the list. Raises BadInput while it waits or runs."""
        with self.database.write() as rows:
            if not JobState(_row(rows, job_id)["state"]).ended:
                raise BadInput("This job has not ended.", "", "Cancel it first.")
            rows.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    # What a supervisor does

    def claim(self, max_running: int = 1) -> Job | None:
        """Take the oldest waiting job, None when there is none or enough are running. Nobody else can take the same one."""
        with self.database.write() as rows:
            if rows.execute("SELECT count(*) FROM jobs WHERE state = 'running'").fetchone()[0] >= max_running:
                return None
            row = rows.execute("SELECT id FROM jobs WHERE state = 'queued' ORDER BY created, id LIMIT 1").fetchone()
            if row is None:
                return None
            _start(rows, row["id"], START_LEASE_S)
            return Job.from_row(_row(rows, row["id"]))

    def launched(self, job_id: str, token: int, process: ProcessIdentity) -> None:
        """Note the process of a claimed job before it can say hello itself; nothing happens when the job moved on."""
        with self.database.write() as rows:
            row = _row(rows, job_id)
            if row["state"] == JobState.RUNNING and row["token"] == token and row["pid"] is None:
                _set_process(rows, job_id, process, START_LEASE_S)

    def waiting(self) -> bool:
        """Whether any job waits; cheap, writes nothing."""
        with self.database.read() as rows:
            return rows.execute("SELECT 1 FROM jobs WHERE state = 'queued' LIMIT 1").fetchone() is not None

    def running(self) -> list[tuple[Job, float | None]]:
        """Running jobs, each with the seconds since its cancellation was asked for (None = it was not)."""
        with self.database.read() as rows:
            found = rows.execute("SELECT * FROM jobs WHERE state = 'running' ORDER BY created, id").fetchall()
        now = time.monotonic()
        return [(Job.from_row(row), None if row["cancel_requested"] is None else now - row["cancel_requested"]) for row in found]

    def give_up(self, job_id: str, token: int, why: str, state: JobState = JobState.INTERRUPTED) -> Job:
        """End a job whose worker is gone: cancelled if that was asked for, else `state`. A stale token changes nothing."""
        with self.database.write() as rows:
            row = _row(rows, job_id)
            if row["state"] == JobState.RUNNING and row["token"] == token:
                if row["cancel_requested"] is not None:
                    _end(rows, job_id, JobState.CANCELLED, error=_CANCELLED)
                else:
                    what = "The job was interrupted." if state is JobState.INTERRUPTED else "The job could not run."
                    _end(rows, job_id, state, error=JobError(what, why, _RESUME))
            return Job.from_row(_row(rows, job_id))

    def lost(self) -> list[Lost]:
        """Running jobs whose worker is dead, silent for too long, or from before a restart of the machine; changes nothing."""
        return [found for job, _ in self.running() if (found := self._lost(job)) is not None]

    def end_lost(self, found: Lost) -> Job:
        """End a lost job; one that never got a worker goes back to the queue. A job that moved on is left alone."""
        job = found.job
        if job.process is None and not job.cancel_requested:
            return self._back_to_queue(job)
        return self.give_up(job.id, job.token, found.why)

    def mark_lost(self) -> list[Job]:
        """End every lost job; returns them as they are now."""
        return [self.end_lost(found) for found in self.lost()]

    # What a worker does, proving its token each time

    def attach(self, job_id: str, token: int, process: ProcessIdentity) -> Job:
        """Name the process that works on a job. Raises StaleToken."""
        with self.owned(job_id, token) as rows:
            _set_process(rows, job_id, process, self.lease_s)
            return Job.from_row(_row(rows, job_id))

    def heartbeat(self, job_id: str, token: int, **progress: Any) -> bool:
        """Stay alive and write progress (fraction, phase, epoch, epochs, eta_s); returns whether to stop. Raises StaleToken."""
        unknown = set(progress) - _PROGRESS
        if unknown:
            raise ValueError(f"not progress: {sorted(unknown)}")
        with self.owned(job_id, token) as rows:
            sets = "".join(f", {name} = :{name}" for name in progress)
            now = time.monotonic()
            values = {"job": job_id, "beat": time.time(), "until": now + self.lease_s, **progress}
            rows.execute(
                f"UPDATE jobs SET heartbeat = :beat, lease_until = max(coalesce(lease_until, 0), :until){sets} WHERE id = :job", values
            )
            return _row(rows, job_id)["cancel_requested"] is not None

    def cancel_asked(self, job_id: str, token: int) -> bool:
        """Whether the worker should stop; cheap, writes nothing. Raises StaleToken."""
        with self.database.read() as rows:
            _check(rows, job_id, token)
            return _row(rows, job_id)["cancel_requested"] is not None

    def report(self, job_id: str, token: int, epoch: int, of: int, loss: float | None, metrics: dict[str, float | None]) -> None:
        """Add a point to the live curve; an epoch that is done again replaces the old curve from there on. Raises StaleToken."""
        with self.owned(job_id, token) as rows:
            rows.execute("DELETE FROM job_reports WHERE job = ? AND epoch >= ?", (job_id, epoch))
            last = rows.execute("SELECT coalesce(max(seq), -1) FROM job_reports WHERE job = ?", (job_id,)).fetchone()[0]
            values = (job_id, last + 1, epoch, of, loss, json.dumps(metrics), time.time())
            rows.execute("INSERT INTO job_reports VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            rows.execute("UPDATE jobs SET epoch = ?, epochs = ? WHERE id = ?", (epoch, of, job_id))

    def reserve(self, job_id: str, token: int, prefix: str) -> str:
        """The id under which the job publishes its one result of this kind: the same again after a resume. Raises StaleToken."""
        with self.owned(job_id, token) as rows:
            reserved = json.loads(_row(rows, job_id)["reserved"])
            if prefix not in reserved:
                reserved[prefix] = new_id(prefix)
                rows.execute("UPDATE jobs SET reserved = ? WHERE id = ?", (json.dumps(reserved), job_id))
            return reserved[prefix]

    def finish(self, job_id: str, token: int, result: dict[str, Any]) -> None:
        """End a job well. Raises StaleToken."""
        with self.owned(job_id, token) as rows:
            _end(rows, job_id, JobState.DONE, result=result)

    def fail(self, job_id: str, token: int, error: JobError, state: JobState = JobState.FAILED) -> None:
        """End a job otherwise: failed, cancelled or interrupted. Raises StaleToken."""
        with self.owned(job_id, token) as rows:
            _end(rows, job_id, state, error=error)

    @contextmanager
    def owned(self, job_id: str, token: int) -> Iterator[sqlite3.Connection]:
        """A transaction that starts by proving the token; also the fence around a publication. Raises StaleToken."""
        with self.database.write() as rows:
            _check(rows, job_id, token)
            yield rows

    def _insert(self, kind: str, arguments: dict[str, Any], title: str, state: JobState) -> Job:
        job_id = new_id("job")
        with self.database.write() as rows:
            rows.execute(
                "INSERT INTO jobs (id, kind, arguments, title, state, attempt, created) VALUES (?, ?, ?, ?, 'queued', 1, ?)",
                (job_id, kind, json.dumps(arguments, allow_nan=False), title, time.time()),
            )
            if state == JobState.RUNNING:
                _start(rows, job_id, self.lease_s)
                _set_process(rows, job_id, ProcessIdentity.of(os.getpid()), self.lease_s, attached=True)
            return Job.from_row(_row(rows, job_id))

    def _again(self, job_id: str, resumed: bool) -> Job:
        with self.database.write() as rows:
            if not Job.from_row(_row(rows, job_id)).can_resume:
                raise BadInput("This job cannot be started again.", "It waits, runs or has ended well.", "Start a new one.")
            fresh = "" if resumed else ", fraction = NULL, epoch = NULL, epochs = NULL, reserved = '{}'"
            rows.execute(
                "UPDATE jobs SET state = 'queued', attempt = attempt + 1, resumed = ?, token = token + 1, pid = NULL, pid_started = NULL,"
                " lease_until = NULL, cancel_requested = NULL, phase = '', eta_s = NULL, result = NULL, error = NULL, started = NULL,"
                f" ended = NULL{fresh} WHERE id = ?",
                (int(resumed), job_id),
            )
            if not resumed:
                rows.execute("DELETE FROM job_reports WHERE job = ?", (job_id,))
            return Job.from_row(_row(rows, job_id))

    def _back_to_queue(self, job: Job) -> Job:
        with self.database.write() as rows:
            row = _row(rows, job.id)
            if row["state"] == JobState.RUNNING and row["token"] == job.token and row["pid"] is None:
                rows.execute(
                    "UPDATE jobs SET state = 'queued', token = token + 1, lease_until = NULL, started = NULL WHERE id = ?", (job.id,)
                )
            return Job.from_row(_row(rows, job.id))

    def _lost(self, job: Job) -> Lost | None:
        silent = job.lease_until is None or job.lease_until < time.monotonic()
        if job.boot_id != boot_id():
            return Lost(job, "The machine was restarted.", silent=False)
        if job.process is not None and not job.process.is_alive():
            return Lost(job, "Its process ended without a word.", silent=False)
        if silent:
            return Lost(job, f"Its process has been silent for {self.lease_s:.0f} seconds.", silent=True)
        return None


_PROGRESS = {"fraction", "phase", "epoch", "epochs", "eta_s"}
_RESUME = "Resume it, or start it again."
_CANCELLED = JobError("The job was cancelled.", "Somebody asked it to stop.", "Start it again when you want it.")


def _row(rows: sqlite3.Connection, job_id: str) -> sqlite3.Row:
    row = rows.execute("SELECT * FROM jobs WHERE id = ?", (check_id(job_id),)).fetchone()
    if row is None:
        raise NotFound("There is no job with this id.", f"{job_id} is not in this workspace.", "Choose one from the list.")
    return row


def _check(rows: sqlite3.Connection, job_id: str, token: int) -> None:
    row = rows.execute("SELECT state, token FROM jobs WHERE id = ?", (check_id(job_id),)).fetchone()
    if row is None or row["state"] != JobState.RUNNING or row["token"] != token:
        raise StaleToken(job_id)


def _start(rows: sqlite3.Connection, job_id: str, lease_s: float) -> None:
    rows.execute(
        "UPDATE jobs SET state = 'running', token = token + 1, pid = NULL, pid_started = NULL, boot_id = ?, lease_until = ?, started = ?,"
        " cancel_requested = NULL, attached = 0, phase = 'Starting' WHERE id = ?",
        (boot_id(), time.monotonic() + lease_s, time.time(), job_id),
    )


def _set_process(rows: sqlite3.Connection, job_id: str, process: ProcessIdentity, lease_s: float, attached: bool | None = None) -> None:
    rows.execute(
        "UPDATE jobs SET pid = ?, pid_started = ?, boot_id = ?, lease_until = ?, attached = coalesce(?, attached) WHERE id = ?",
        (process.pid, process.started, process.boot_id, time.monotonic() + lease_s, attached, job_id),
    )


def _end(
    rows: sqlite3.Connection, job_id: str, state: JobState, result: dict[str, Any] | None = None, error: JobError | None = None
) -> None:
    rows.execute(
        "UPDATE jobs SET state = ?, result = ?, error = ?, ended = ?, lease_until = NULL, eta_s = NULL,"
        " fraction = CASE WHEN ? = 'done' THEN 1.0 ELSE fraction END WHERE id = ?",
        (
            state,
            None if result is None else json.dumps(result, allow_nan=False),
            None if error is None else json.dumps(asdict(error)),
            time.time(),
            state,
            job_id,
        ),
    )
