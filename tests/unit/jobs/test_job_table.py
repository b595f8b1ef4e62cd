"""The job table: who may write what, and when a job counts as lost."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from recengine.errors import BadInput, NotFound
from recengine.jobs import table as tables
from recengine.jobs.database import Database
from recengine.jobs.job import JobError, JobState, StaleToken
from recengine.jobs.process import ProcessIdentity
from recengine.jobs.table import JobTable

ME = ProcessIdentity.of(os.getpid())
DEAD = ProcessIdentity(ME.pid, ME.started - 1, ME.boot_id)


@pytest.fixture
def table(tmp_path: Path) -> JobTable:
    return JobTable(Database(tmp_path / "state.sqlite"), lease_s=5.0)


def claimed(table: JobTable) -> tuple[str, int]:
    table.submit("count", {"n": 1}, "Count")
    job = table.claim()
    assert job is not None
    return job.id, job.token


def test_the_oldest_waiting_job_is_claimed_first_and_only_as_many_as_may_run(table: JobTable) -> None:
    first, second, third = (table.submit("count", {"n": n}, f"{n}") for n in range(3))
    job = table.claim(2)
    assert job is not None
    assert (job.id, job.state, job.token, job.process) == (first, JobState.RUNNING, 1, None)
    assert table.waiting()
    taken = table.claim(2)
    assert taken is not None
    assert taken.id == second
    assert table.claim(2) is None
    table.finish(first, 1, {})
    taken = table.claim(2)
    assert taken is not None
    assert taken.id == third
    assert not table.waiting()
    assert [job.id for job in table.list()] == [third, second, first]
    assert [job.id for job in table.list(state=JobState.DONE)] == [first]
    assert len(table.list(limit=2)) == 2


def test_many_threads_and_connections_claim_each_job_once(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    jobs = {JobTable(Database(path)).submit("count", {}, str(n)) for n in range(30)}
    got: list[str] = []

    def take() -> None:
        mine = JobTable(Database(path))
        while (job := mine.claim(1000)) is not None:
            got.append(job.id)

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(jobs)


def test_what_was_written_is_read_back(table: JobTable) -> None:
    job_id, token = claimed(table)
    table.attach(job_id, token, ME)
    assert table.heartbeat(job_id, token, fraction=0.25, phase="Reading", eta_s=9.5) is False
    table.report(job_id, token, 1, 10, 0.5, {"ndcg@10": 0.1, "hr@10": None})
    job = table.get(job_id)
    assert (job.fraction, job.phase, job.eta_s, job.epoch, job.of, job.process) == (0.25, "Reading", 9.5, 1, 10, ME)
    assert table.reports(job_id)[0].metrics == {"ndcg@10": 0.1, "hr@10": None}
    table.finish(job_id, token, {"variant": "va-1", "läßt": [1, None]})
    job = table.get(job_id)
    assert job.result == {"variant": "va-1", "läßt": [1, None]}
    assert (job.state, job.fraction, job.eta_s, job.error) == (JobState.DONE, 1.0, None, None)
    assert not job.can_resume
    with pytest.raises(ValueError, match="not progress"):
        table.heartbeat(job_id, token, state="done")


WRITES: list[Callable[[JobTable, str, int], object]] = [
    lambda table, job, token: table.attach(job, token, ME),
    lambda table, job, token: table.heartbeat(job, token, fraction=0.9),
    lambda table, job, token: table.cancel_asked(job, token),
    lambda table, job, token: table.report(job, token, 1, 2, None, {}),
    lambda table, job, token: table.reserve(job, token, "va"),
    lambda table, job, token: table.finish(job, token, {"stolen": True}),
    lambda table, job, token: table.fail(job, token, JobError("stale")),
]


@pytest.mark.parametrize("write", WRITES)
def test_a_stale_worker_writes_nothing(table: JobTable, write: Callable[[JobTable, str, int], object]) -> None:
    job_id, old = claimed(table)
    table.give_up(job_id, old, "gone")
    interrupted = table.get(job_id)
    with pytest.raises(StaleToken):
        write(table, job_id, old)
    assert table.get(job_id) == interrupted
    table.resume(job_id)
    with pytest.raises(StaleToken):
        write(table, job_id, old)
    job = table.claim()
    assert job is not None
    assert job.token > old
    with pytest.raises(StaleToken):
        write(table, job_id, old)
    with pytest.raises(StaleToken):
        write(table, job_id, job.token + 1)
    assert table.get(job_id) == job
    assert table.give_up(job_id, old, "late verdict") == job
    with pytest.raises(StaleToken), table.owned(job_id, old):
        raise AssertionError("inside a fence that should have fallen")


def test_a_fence_rolls_back_with_its_block(table: JobTable) -> None:
    job_id, token = claimed(table)

    def fails() -> None:
        with table.owned(job_id, token) as rows:
            rows.execute("DELETE FROM jobs")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert table.get(job_id).state is JobState.RUNNING


def test_cancelling(table: JobTable) -> None:
    waiting = table.submit("count", {}, "Waits")
    assert table.request_cancel(waiting).state is JobState.CANCELLED
    assert table.claim() is None
    job_id, token = claimed(table)
    assert table.cancel_asked(job_id, token) is False
    assert table.request_cancel(job_id).cancel_requested
    asked = table.running()[0][1]
    time.sleep(0.02)
    table.request_cancel(job_id)  # asking twice does not start the count anew
    again = table.running()[0][1]
    assert asked is not None
    assert again is not None
    assert again >= asked + 0.02
    assert table.cancel_asked(job_id, token) is True
    assert table.heartbeat(job_id, token) is True
    assert table.give_up(job_id, token, "killed").state is JobState.CANCELLED
    assert table.request_cancel(job_id).state is JobState.CANCELLED
    table.retry(job_id)
    job = table.claim()
    assert job is not None
    assert not job.cancel_requested


def test_only_ended_jobs_that_did_not_succeed_start_again(table: JobTable) -> None:
    job_id = table.submit("count", {}, "Count")
    for again in (table.retry, table.resume):
        with pytest.raises(BadInput):
            again(job_id)
    job = table.claim()
    assert job is not None
    with pytest.raises(BadInput):
        table.retry(job_id)
    with pytest.raises(BadInput):
        table.delete(job_id)
    table.finish(job_id, job.token, {})
    with pytest.raises(BadInput):
        table.resume(job_id)
    table.delete(job_id)
    with pytest.raises(NotFound):
        table.get(job_id)


def test_resume_keeps_the_curve_and_the_reserved_id_and_retry_drops_them(table: JobTable) -> None:
    job_id, token = claimed(table)
    reserved = table.reserve(job_id, token, "va")
    assert table.reserve(job_id, token, "va") == reserved
    assert table.reserve(job_id, token, "ds").startswith("ds-")
    for epoch in (1, 2, 3):
        table.report(job_id, token, epoch, 5, 1 / epoch, {})
    table.fail(job_id, token, JobError("Broken.", "why", "fix"))
    assert table.get(job_id).error == JobError("Broken.", "why", "fix")
    job = table.resume(job_id)
    assert (job.state, job.resumed, job.attempt, job.error, job.epoch) == (JobState.QUEUED, True, 2, None, 3)
    job = table.claim()
    assert job is not None
    assert job.resumed
    assert table.reserve(job_id, job.token, "va") == reserved
    table.report(job_id, job.token, 2, 5, 0.4, {})  # went on from epoch 1: 2 and 3 are done again
    assert [(r.epoch, r.loss) for r in table.reports(job_id)] == [(1, 1.0), (2, 0.4)]
    assert [r.seq for r in table.reports(job_id, after=0)] == [1]
    table.fail(job_id, job.token, JobError("Broken."))
    job = table.retry(job_id)
    assert (job.resumed, job.attempt, job.epoch, job.fraction) == (False, 3, None, None)
    assert table.reports(job_id) == []
    job = table.claim()
    assert job is not None
    assert table.reserve(job_id, job.token, "va") != reserved


def test_a_dead_process_another_boot_and_silence_are_noticed(table: JobTable) -> None:
    job_id, token = claimed(table)
    table.attach(job_id, token, ME)
    assert table.mark_lost() == []
    with table.database.write() as rows:
        rows.execute("UPDATE jobs SET lease_until = 0")
    [lost] = table.mark_lost()
    assert lost.state is JobState.INTERRUPTED
    assert lost.error is not None
    assert "silent for 5 seconds" in lost.error.why
    for process, words in ((DEAD, "ended without a word"), (ProcessIdentity(ME.pid, ME.started, "other"), "restarted")):
        table.resume(job_id)
        job = table.claim()
        assert job is not None
        table.attach(job_id, job.token, process)
        [lost] = table.mark_lost()
        assert lost.error is not None
        assert words in lost.error.why
        assert lost.state is JobState.INTERRUPTED
    assert table.mark_lost() == []


def test_a_claim_whose_supervisor_died_goes_back_to_the_queue(table: JobTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "START_LEASE_S", 0.0)
    job_id, token = claimed(table)
    time.sleep(0.01)
    [job] = table.mark_lost()
    assert (job.state, job.attempt) == (JobState.QUEUED, 1)
    with pytest.raises(StaleToken):
        table.attach(job_id, token, ME)
    monkeypatch.setattr(tables, "START_LEASE_S", 60.0)
    assert table.claim() is not None
    assert table.mark_lost() == []


def test_attached_jobs_run_beside_the_queue(table: JobTable) -> None:
    job = table.start_attached("count", {}, "Here")
    assert (job.state, job.attached, job.process) == (JobState.RUNNING, True, ME)
    assert table.mark_lost() == []
    table.submit("count", {}, "Waits")
    assert table.claim(1) is None
    table.finish(job.id, job.token, {})
    claimed_job = table.claim(1)
    assert claimed_job is not None
    assert not claimed_job.attached


@pytest.mark.parametrize("text", ["", "..", "job-0000000000-0000", "' OR 1=1 --", "job-0000000000-0000\n", None])
def test_hostile_ids_name_no_job(table: JobTable, text: str) -> None:
    table.submit("count", {}, "There")
    for call in (table.get, table.request_cancel, table.retry, table.resume, table.delete):
        with pytest.raises(NotFound):
            call(text)
    assert len(table.list()) == 1


def test_hostile_titles_and_arguments_are_only_text(table: JobTable) -> None:
    title = "'); DROP TABLE jobs; -- <script> \x00 行"
    job = table.get(table.submit(title, {title: [title]}, title))
    assert (job.title, job.kind, job.arguments) == (title, title, {title: [title]})
    with pytest.raises(ValueError, match="JSON"):
        table.submit("count", {"n": float("nan")}, "Not JSON")
