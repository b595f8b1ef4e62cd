"""The runner: every way a use case can end, written as people should read it."""

from __future__ import annotations

import errno
import time
from pathlib import Path
from typing import Any

import pytest

from recengine import artefacts
from recengine.errors import BadInput, Cancelled, StorageFailed, TrainingFailed
from recengine.jobs import runner
from recengine.jobs.database import Database
from recengine.jobs.job import Job, JobState, StaleToken
from recengine.jobs.runner import JobContext, Terminated, UseCase, run_attached, run_job
from recengine.jobs.table import JobTable


@pytest.fixture
def table(tmp_path: Path) -> JobTable:
    return JobTable(Database(tmp_path / "state.sqlite"), lease_s=5.0)


def run(table: JobTable, use_case: UseCase, **arguments: Any) -> Job:
    root = table.database.path.parent
    return run_attached(table, "it", arguments, "It", lambda: {"it": use_case}, root / "jobs", root / "logs")


def log_of(table: JobTable, job: Job) -> str:
    path = table.database.path.parent / "logs" / f"{job.id}.log"
    return path.read_text() if path.exists() else ""


def test_a_result_comes_back_with_progress_and_curve(table: JobTable) -> None:
    def it(job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        job.progress(0.3, "Fitting", 4.0)
        job.progress(7.0)  # the phase stays, the share ends at 1
        job.report(1, 2, float("nan"), {"a": 1.0, "b": float("inf")})
        assert not job.should_stop()
        assert not job.resumed
        return {"got": arguments["x"]}

    job = run(table, it, x=5)
    assert (job.state, job.result, job.phase, job.attached) == (JobState.DONE, {"got": 5}, "Fitting", True)
    [report] = table.reports(job.id)
    assert (report.loss, report.metrics) == (None, {"a": 1.0, "b": None})
    assert log_of(table, job) == ""


def raising(error: BaseException) -> UseCase:
    def it(_job: JobContext, _arguments: dict[str, Any]) -> dict[str, Any]:
        raise error

    return it


@pytest.mark.parametrize(
    ("error", "state", "what"),
    [
        (TrainingFailed("The loss is no number.", "Epoch 3.", "Lower the rate."), JobState.FAILED, "The loss is no number."),
        (BadInput("No events."), JobState.FAILED, "No events."),
        (Cancelled(), JobState.CANCELLED, "The job was cancelled."),
        (KeyboardInterrupt(), JobState.CANCELLED, "The job was cancelled."),
        (Terminated(), JobState.INTERRUPTED, "The job was interrupted."),
        (MemoryError(), JobState.FAILED, "The job ran out of memory."),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), JobState.FAILED, "The job ran out of memory."),
        (OSError(errno.ENOSPC, "No space left on device"), JobState.FAILED, "The disk is full."),
        (SystemExit(3), JobState.FAILED, "The job failed unexpectedly."),
    ],
)
def test_every_end_has_its_state_and_words(table: JobTable, error: BaseException, state: JobState, what: str) -> None:
    job = run(table, raising(error))
    assert job.state is state
    assert job.error is not None
    assert job.error.what == what
    assert job.error.fix or isinstance(error, BadInput)


def test_an_unexpected_failure_shows_a_reference_and_keeps_its_traceback_in_the_log(table: JobTable) -> None:
    job = run(table, raising(ZeroDivisionError("secret /path/to/file")))
    assert job.state is JobState.FAILED
    assert job.error is not None
    shown = f"{job.error.what} {job.error.why} {job.error.fix}"
    assert "secret" not in shown
    assert "ZeroDivisionError" not in shown
    reference = job.error.why.rstrip(".").split()[-1]
    assert f"reference {reference}" in log_of(table, job)
    assert "ZeroDivisionError: secret /path/to/file" in log_of(table, job)


def test_a_result_that_cannot_be_stored_and_an_unknown_kind_fail(table: JobTable) -> None:
    job = run(table, lambda _job, _arguments: {"bad": object()})
    assert job.state is JobState.FAILED
    assert "not JSON serializable" in log_of(table, job)
    root = table.database.path.parent
    job = run_attached(table, "other", {}, "Other", dict, root / "jobs", root / "logs")
    assert job.error is not None
    assert "other" in job.error.why


def test_use_cases_that_cannot_be_imported_fail_the_job(table: JobTable) -> None:
    def broken() -> dict[str, UseCase]:
        raise ImportError("no such module")

    root = table.database.path.parent
    job = run_attached(table, "it", {}, "It", broken, root / "jobs", root / "logs")
    assert job.state is JobState.FAILED
    assert "no such module" in log_of(table, job)


def test_a_cancellation_reaches_the_loop(table: JobTable) -> None:
    def it(job: JobContext, _arguments: dict[str, Any]) -> dict[str, Any]:
        table.request_cancel(job.id)
        asked = time.monotonic()
        while time.monotonic() - asked < 5:
            job.check()
            time.sleep(0.01)
        return {}

    started = time.monotonic()
    assert run(table, it).state is JobState.CANCELLED
    assert time.monotonic() - started < 1.5


def test_a_job_that_was_taken_away_publishes_and_writes_nothing(table: JobTable, tmp_path: Path) -> None:
    store = tmp_path / "store"

    def it(job: JobContext, _arguments: dict[str, Any]) -> dict[str, Any]:
        mine = table.get(job.id)
        table.give_up(job.id, mine.token, "thought to be dead")
        with artefacts.publish(store, artefacts.new_id("va"), {}, job.fence()) as folder:
            (folder / "a").write_text("x")
        raise AssertionError("published behind the fence")

    job = run(table, it)
    assert job.state is JobState.INTERRUPTED
    assert job.error is not None
    assert "thought to be dead" in job.error.why
    assert list(store.iterdir()) == []

    def reports(job: JobContext, _arguments: dict[str, Any]) -> dict[str, Any]:
        table.give_up(job.id, table.get(job.id).token, "gone")
        with pytest.raises(Cancelled):
            job.report(1, 2)
        assert job.should_stop()
        assert job.lost
        with pytest.raises(StaleToken):
            job.reserve("va")
        return {"late": True}

    job = run(table, reports)
    assert (job.state, job.result) == (JobState.INTERRUPTED, None)


def test_a_resumed_attempt_sees_what_it_had_published(table: JobTable, tmp_path: Path) -> None:
    store = tmp_path / "store"
    runs = []

    def it(job: JobContext, _arguments: dict[str, Any]) -> dict[str, Any]:
        name = job.reserve("va")
        runs.append(artefacts.exists(store, name))
        if not runs[-1]:
            with artefacts.publish(store, name, {}, job.fence()):
                pass
            raise Terminated  # after the publication, before the job is done
        return {"variant": name}

    job = run(table, it)
    assert job.state is JobState.INTERRUPTED
    table.resume(job.id)
    taken = table.claim()
    assert taken is not None
    assert run_job(table, job.id, taken.token, lambda: {"it": it}, tmp_path / "jobs", tmp_path / "logs") is JobState.DONE
    assert runs == [False, True]
    assert artefacts.list_artefacts(store) == [(table.get(job.id).result or {})["variant"]]


def test_the_end_is_written_once_there_is_space_again(table: JobTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "END_PAUSES_S", (0.01, 0.01, 0.01))
    real, tries = table.finish, []

    def full_twice(*arguments: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise StorageFailed("The disk is full.")
        real(*arguments)

    monkeypatch.setattr(table, "finish", full_twice)
    assert run(table, lambda _job, _arguments: {}).state is JobState.DONE
    assert len(tries) == 3


def test_a_worker_with_an_old_token_does_not_start(table: JobTable, tmp_path: Path) -> None:
    job = table.get(table.submit("it", {}, "It"))
    ran = []

    def cases() -> dict[str, UseCase]:
        ran.append(1)
        return {}

    assert run_job(table, job.id, 1, cases, tmp_path / "jobs", tmp_path / "logs") is None
    assert ran == []
    assert table.get(job.id) == job
