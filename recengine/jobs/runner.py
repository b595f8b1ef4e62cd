"""Runs one job in this process, and writes how it ended."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import shutil
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recengine.errors import Cancelled, MerchlensError
from recengine.ids import check_id
from recengine.jobs.context import JobContext as JobContext
from recengine.jobs.job import Job, JobError, JobState, StaleToken
from recengine.jobs.process import ProcessIdentity
from recengine.jobs.table import JobTable

UseCase = Callable[[JobContext, dict[str, Any]], dict[str, Any]]
log = logging.getLogger(__name__)


class Terminated(BaseException):
    """The process was told to end (SIGTERM). Raised by the worker's signal handler wherever the job stands."""


def run_job(
    table: JobTable, job_id: str, token: int, use_cases: Callable[[], Mapping[str, UseCase]], jobs_dir: Path, logs_dir: Path
) -> JobState | None:
    """Work on a claimed job until it ends.

    Args:
        table: the job table.
        job_id, token: the claim.
        use_cases: gives name → function; called after the job was attached, as it may import a lot.
        jobs_dir: parent of the checkpoint folders.
        logs_dir: where unexpected failures leave their traceback, as `<job>.log`.

    Returns:
        How the job ended; None when it was taken away meanwhile, and nothing was written.
    """
    check_id(job_id)
    try:
        job = table.attach(job_id, token, ProcessIdentity.of(os.getpid()))
    except StaleToken:
        log.warning("job %s is no longer this worker's", job_id)
        return None
    folder = jobs_dir / job_id
    if not job.resumed:
        shutil.rmtree(folder, ignore_errors=True)
    context = JobContext(table, job_id, token, job.resumed, folder)
    context.start()
    state, result, error = _outcome(context, job, use_cases, logs_dir)
    context.stop()
    try:
        if not context.lost:
            context.flush()
        if state is JobState.DONE:
            table.finish(job_id, token, result or {})
        else:
            table.fail(job_id, token, error or JobError("The job ended."), state)
    except StaleToken:
        log.warning("job %s was given up meanwhile; nothing was written", job_id)
        return None
    if state is JobState.DONE:
        shutil.rmtree(folder, ignore_errors=True)
    return state


def run_attached(
    table: JobTable,
    kind: str,
    arguments: dict[str, Any],
    title: str,
    use_cases: Callable[[], Mapping[str, UseCase]],
    jobs_dir: Path,
    logs_dir: Path,
) -> Job:
    """Make a job and work on it here and now, for the command line; Ctrl-C cancels it. Returns the ended job."""
    job = table.start_attached(kind, arguments, title)
    run_job(table, job.id, job.token, use_cases, jobs_dir, logs_dir)
    return table.get(job.id)


def _outcome(
    context: JobContext, job: Job, use_cases: Callable[[], Mapping[str, UseCase]], logs_dir: Path
) -> tuple[JobState, dict[str, Any] | None, JobError | None]:
    try:
        known = use_cases()
        if job.kind not in known:
            raise MerchlensError("This job cannot be run.", f"Nothing here is called {job.kind}.", "Update the program, or start anew.")
        result = known[job.kind](context, job.arguments)
        return JobState.DONE, result, None
    except (Cancelled, KeyboardInterrupt):
        return JobState.CANCELLED, None, _people(Cancelled())
    except Terminated:
        if context.should_stop():
            return JobState.CANCELLED, None, _people(Cancelled())
        return (
            JobState.INTERRUPTED,
            None,
            JobError("The job was interrupted.", "Its process was told to end.", "Resume or restart it."),
        )
    except StaleToken:
        return JobState.INTERRUPTED, None, None  # cannot be written either: the runner finds out
    except MerchlensError as error:
        _write_log(logs_dir, job, "")
        return JobState.FAILED, None, _people(error)
    except BaseException as error:
        reference = secrets.token_hex(3)
        _write_log(logs_dir, job, f"reference {reference}\n")
        return JobState.FAILED, None, _explained(error, reference)


def _explained(error: BaseException, reference: str) -> JobError:
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error) or "out of memory" in str(error).lower():
        return JobError("The job ran out of memory.", f"Reference {reference}.", "Choose a smaller model or fewer events.")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return JobError("The disk is full.", f"Nothing was published. Reference {reference}.", "Free some space, then resume the job.")
    return JobError("The job failed unexpectedly.", f"The log of this job has the details under reference {reference}.", "Start it again.")


def _people(error: MerchlensError) -> JobError:
    return JobError(error.what, error.why, error.fix)


def _write_log(logs_dir: Path, job: Job, head: str) -> None:
    """Append the traceback of the current exception to the job's log."""
    try:
        logs_dir.mkdir(parents=True, exist_ok=True)
        with (logs_dir / f"{job.id}.log").open("a", encoding="utf-8") as file:
            moment = datetime.now(UTC).isoformat(timespec="seconds")
            file.write(f"{moment} {job.kind} attempt {job.attempt} {head}{traceback.format_exc()}\n")
    except OSError as error:
        log.error("the log of job %s cannot be written: %s", job.id, error)
