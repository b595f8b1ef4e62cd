"""What a job is: a row that anybody may read while a process works on it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from recengine.jobs.process import ProcessIdentity


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class JobError:
    """Why a job did not end well, for people."""

    what: str
    why: str = ""
    fix: str = ""


@dataclass(frozen=True)
class JobReport:
    """One point of a live curve."""

    seq: int
    epoch: int
    of: int
    loss: float | None
    metrics: dict[str, float | None]
    t_s: float  # seconds since 1970 UTC


@dataclass(frozen=True)
class Job:
    """A job as it stands now."""

    id: str
    kind: str  # name of a use case
    arguments: dict[str, Any]
    title: str
    state: JobState
    attempt: int  # from 1
    resumed: bool  # this attempt goes on from a checkpoint
    token: int  # grows with every claim; only the holder of the newest may write
    attached: bool  # runs in the command line that made it; never signalled
    process: ProcessIdentity | None  # None until its worker was started
    boot_id: str  # of the machine that claimed it
    lease_until: float | None  # monotonic seconds of this boot
    cancel_requested: bool
    fraction: float | None  # 0 to 1, None = not known
    phase: str  # what it does now, for people
    epoch: int | None
    of: int | None
    eta_s: float | None
    reserved: dict[str, str]  # ids this job will publish under, kept when it is resumed
    result: dict[str, Any] | None
    error: JobError | None
    created_s: float  # seconds since 1970 UTC
    started_s: float | None
    ended_s: float | None

    @property
    def can_resume(self) -> bool:
        """Whether `resume` and `retry` are allowed."""
        return self.state in (JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED)

    @staticmethod
    def from_row(row: sqlite3.Row) -> Job:
        """The job of one row of the table."""
        process = None if row["pid"] is None else ProcessIdentity(row["pid"], row["pid_started"], row["boot_id"])
        return Job(
            id=row["id"],
            kind=row["kind"],
            arguments=json.loads(row["arguments"]),
            title=row["title"],
            state=JobState(row["state"]),
            attempt=row["attempt"],
            resumed=bool(row["resumed"]),
            token=row["token"],
            attached=bool(row["attached"]),
            process=process,
            boot_id=row["boot_id"],
            lease_until=row["lease_until"],
            cancel_requested=row["cancel_requested"] is not None,
            fraction=row["fraction"],
            phase=row["phase"],
            epoch=row["epoch"],
            of=row["epochs"],
            eta_s=row["eta_s"],
            reserved=json.loads(row["reserved"]),
            result=None if row["result"] is None else json.loads(row["result"]),
            error=None if row["error"] is None else JobError(**json.loads(row["error"])),
            created_s=row["created"],
            started_s=row["started"],
            ended_s=row["ended"],
        )


class StaleToken(Exception):
    """This worker no longer owns its job: another attempt runs, or the job was given up. It must stop and write nothing."""
