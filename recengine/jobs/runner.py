"""Runs one job in this process, and writes how it ended."""

from __future__ import annotations

import errno
import json
import logging
import os
import secrets
import shutil
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recengine.errors import Cancelled, MerchlensError, StorageFailed
from recengine.ids import check_id
from recengine.jobs.context import JobContext as JobContext
from recengine.jobs.job import Job, JobError, JobState, StaleToken
from recengine.jobs.process import ProcessIdentity
from recengine.jobs.table import JobTable

UseCase = Callable[[JobContext, dict[str, Any]], dict[str, Any]]
END_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
log = logging.getLogger(__name__)


class Terminated(BaseException):
    """The process was told to end (SIGTERM). Raised by the worker's signal handler wherever the job stands."""


def run_job(
    table: JobTable,
    job_id: str,
    token: int,
    use_cases: Callable[[], Mapping[str, UseCase]],
    jobs_dir: Path,
    logs_dir: Path,
    stoppable: Callable[[bool], None] = lambda _: None,
) -> JobState | None:
    """Work on a claimed job until it ends.

    Args:
        table: the job table.
        job_id, token: the claim.
        use_cases: gives name → function; called after the job was attached, as it may import a lot.
        jobs_dir: parent of the checkpoint folders.
        logs_dir: where failures leave their traceback, as `<job>.log`.
        stoppable: called with True before and False after the time in which a signal handler may raise Terminated.

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
    state, result, error = _outcome(context, job, use_cases, logs_dir, stoppable)
    written = _write_end(context, table, token, state, result, error)
    if written and state is JobState.DONE:
        shutil.rmtree(folder, ignore_errors=True)
    context.stop()
    if not written:
        log.warning("job %s was given up meanwhile; nothing was written", job_id)
        return None
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


def _write_end(
    context: JobContext, table: JobTable, token: int, state: JobState, result: dict[str, Any] | None, error: JobError | None
) -> bool:
    """Write how the job ended, waiting for space on a full disk; False when the job is no longer this worker's."""
    for pause_s in (*END_PAUSES_S, None):
        try:
            context.flush()
            if state is JobState.DONE:
                table.finish(context.id, token, result or {})
            else:
                table.fail(context.id, token, error or JobError("The job ended."), state)
            return True
        except StaleToken:
            return False
        except StorageFailed as failure:
            if pause_s is None:
                raise
            log.warning("the end of job %s is not written yet: %s", context.id, failure)
            time.sleep(pause_s)
    return False


def _outcome(
    context: JobContext,
    job: Job,
    use_cases: Callable[[], Mapping[str, UseCase]],
    logs_dir: Path,
    stoppable: Callable[[bool], None],
) -> tuple[JobState, dict[str, Any] | None, JobError | None]:
    try:
        stoppable(True)
        known = use_cases()
        if job.kind not in known:
            raise MerchlensError("This job cannot be run.", f"Nothing here is called {job.kind}.", "Update the program, or start anew.")
        result = known[job.kind](context, job.arguments)
        stoppable(False)
        json.dumps(result, allow_nan=False)  # here, where a result that cannot be stored is a failure with a traceback
        return JobState.DONE, result, None
    except (Cancelled, KeyboardInterrupt):
        stoppable(False)
        return JobState.CANCELLED, None, _people(Cancelled())
    except Terminated:
        stoppable(False)
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
        stoppable(False)
        _write_log(logs_dir, job, "")
        return JobState.FAILED, None, _people(error)
    except BaseException as error:
        stoppable(False)
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
