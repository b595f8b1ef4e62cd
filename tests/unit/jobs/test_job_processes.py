"""The job machinery with real processes: runs, cancels, kills, resumes, several supervisors."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recengine import artefacts
from recengine.jobs import supervisor as supervision
from recengine.jobs.database import Database
from recengine.jobs.job import Job, JobState
from recengine.jobs.process import ProcessIdentity
from recengine.jobs.supervisor import Supervisor
from recengine.jobs.table import JobTable

WORKER = Path(__file__).with_name("demo_worker.py")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def table(tmp_path: Path) -> JobTable:
    return JobTable(Database(tmp_path / "state.sqlite"), lease_s=5.0)


@pytest.fixture
def supervisor(table: JobTable) -> Iterator[Supervisor]:
    made = make_supervisor(table)
    made.start()
    yield made
    for job, _ in table.running():
        table.request_cancel(job.id)
        if job.process is not None:
            job.process.signal_group(signal.SIGKILL)
    made.stop()


def make_supervisor(table: JobTable, max_running: int = 1, lease_s: float = 5.0) -> Supervisor:
    folder = table.database.path.parent
    command = [sys.executable, str(WORKER), "--workspace", str(folder), "--lease", str(lease_s)]
    return Supervisor(table, command, folder / "logs", max_running, tick_s=0.05)


def wait(table: JobTable, job_id: str, until: Callable[[Job], bool], seconds: float = 20.0) -> Job:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = table.get(job_id)
        if until(job):
            return job
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {table.get(job_id)}\n{log_of(table, job_id)}")


def until(true: Callable[[], bool], seconds: float = 4.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def log_of(table: JobTable, job_id: str) -> str:
    path = table.database.path.parent / "logs" / f"{job_id}.log"
    return path.read_text() if path.exists() else ""


def ended(job: Job) -> bool:
    return job.state.ended


def at_epoch(epoch: int) -> Callable[[Job], bool]:
    return lambda job: (job.epoch or 0) >= epoch


def test_a_job_runs_to_its_end_in_a_process_of_its_own(table: JobTable, supervisor: Supervisor) -> None:
    job_id = table.submit("count", {"n": 5}, "Count to five")
    job = wait(table, job_id, ended)
    assert job.state is JobState.DONE
    assert job.result == {"counted": 5, "from": 0}
    assert job.fraction == 1.0
    assert job.phase == "Counting"
    assert (job.epoch, job.of, job.attempt) == (5, 5, 1)
    assert job.process is not None
    assert job.process.pid != os.getpid()
    assert job.created_s <= (job.started_s or 0) <= (job.ended_s or 0)
    reports = table.reports(job_id)
    assert [(r.seq, r.epoch, r.of, r.loss) for r in reports] == [(i, i + 1, 5, 1 / (i + 1)) for i in range(5)]
    until(lambda: not (table.database.path.parent / "jobs" / job_id).exists())  # nothing to resume
    assert supervisor.alive
    before = supervisor._thread
    supervisor.start()
    assert supervisor._thread is before


@pytest.mark.usefixtures("supervisor")
def test_a_loop_that_asks_is_cancelled_within_two_seconds(table: JobTable) -> None:
    job_id = table.submit("count", {"n": 10_000}, "Count for long")
    wait(table, job_id, at_epoch(2))
    asked = time.monotonic()
    table.request_cancel(job_id)
    job = wait(table, job_id, ended)
    assert time.monotonic() - asked < 2.0
    assert job.state is JobState.CANCELLED
    assert job.error is not None
    assert job.error.what == "The job was cancelled."


@pytest.mark.usefixtures("supervisor")
@pytest.mark.parametrize(("kind", "at_least_s", "at_most_s"), [("deaf", 1.0, 2.9), ("stubborn", 3.0, 6.0)])
def test_one_that_does_not_ask_gets_signals_after_one_and_three_seconds(
    table: JobTable, kind: str, at_least_s: float, at_most_s: float
) -> None:
    job_id = table.submit(kind, {}, kind)
    wait(table, job_id, lambda job: job.process is not None and "demo_worker" in command_of(job.process.pid))
    time.sleep(1.0)  # until it is inside its use case
    asked = time.monotonic()
    table.request_cancel(job_id)
    job = wait(table, job_id, ended)
    assert at_least_s <= time.monotonic() - asked < at_most_s
    assert job.state is JobState.CANCELLED


def command_of(pid: int) -> str:
    path = Path(f"/proc/{pid}/cmdline")
    return path.read_text().replace("\0", " ") if path.exists() else ""


@pytest.mark.usefixtures("supervisor")
def test_a_killed_worker_is_interrupted_and_resumes_from_its_checkpoint(table: JobTable) -> None:
    job_id = table.submit("count", {"n": 40}, "Count, die, count on")
    job = wait(table, job_id, at_epoch(5))
    assert job.process is not None
    os.kill(job.process.pid, signal.SIGKILL)
    killed = time.monotonic()
    job = wait(table, job_id, ended)
    assert time.monotonic() - killed < 5.0
    assert job.state is JobState.INTERRUPTED
    assert job.error is not None
    assert "signal 9" in job.error.why or "memory" in job.error.why
    assert job.can_resume
    table.resume(job_id)
    job = wait(table, job_id, ended)
    assert job.state is JobState.DONE, log_of(table, job_id)
    assert job.result is not None
    assert job.result["from"] >= 4
    assert job.attempt == 2
    assert [report.epoch for report in table.reports(job_id)] == list(range(1, 41))


@pytest.mark.usefixtures("supervisor")
def test_retry_starts_from_the_beginning(table: JobTable) -> None:
    job_id = table.submit("count", {"n": 10, "pause_s": 0.1}, "Count twice")
    wait(table, job_id, at_epoch(3))
    table.request_cancel(job_id)
    wait(table, job_id, ended)
    table.retry(job_id)
    job = wait(table, job_id, ended)
    assert job.result == {"counted": 10, "from": 0}
    assert [report.epoch for report in table.reports(job_id)] == list(range(1, 11))


@pytest.mark.usefixtures("supervisor")
def test_one_that_leaves_without_a_word_has_failed(table: JobTable) -> None:
    job = wait(table, table.submit("exits", {"status": 3}, "Leave"), ended)
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert "status 3" in job.error.why


@pytest.mark.usefixtures("supervisor")
def test_no_process_is_left_as_a_zombie(table: JobTable) -> None:
    pids = []
    for _ in range(3):
        job = wait(table, table.submit("exits", {"status": 1}, "Leave"), ended)
        assert job.process is not None
        pids.append(job.process.pid)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


APP = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_job_processes import make_supervisor
from recengine.jobs.database import Database
from recengine.jobs.table import JobTable
table = JobTable(Database(Path({folder!r}) / "state.sqlite"), lease_s={lease_s})
make_supervisor(table, {max_running}, {lease_s}).start()
print("up", flush=True)
time.sleep(60)
"""


def start_app(folder: Path, max_running: int = 1, lease_s: float = 5.0) -> subprocess.Popen[str]:
    script = APP.format(tests=str(WORKER.parent), folder=str(folder), max_running=max_running, lease_s=lease_s)
    app = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert app.stdout is not None
    assert app.stdout.readline() == "up\n"
    return app


def end_app(app: subprocess.Popen[str]) -> None:
    app.kill()
    app.wait()
    assert app.stdout is not None
    app.stdout.close()


def test_a_worker_outlives_the_app_and_the_next_app_knows_it(table: JobTable, tmp_path: Path) -> None:
    app = start_app(tmp_path)
    try:
        finishing = table.submit("count", {"n": 60, "pause_s": 0.03}, "Outlive")
        wait(table, finishing, at_epoch(2))
    finally:
        end_app(app)
    assert table.get(finishing).state is JobState.RUNNING
    job = wait(table, finishing, ended)  # nobody supervises: it ends by itself
    assert job.state is JobState.DONE
    app = start_app(tmp_path)
    try:
        orphan = table.submit("count", {"n": 10_000}, "Orphan")
        job = wait(table, orphan, at_epoch(2))
    finally:
        end_app(app)
    assert job.process is not None
    second = make_supervisor(table)
    second.start()
    try:
        os.kill(job.process.pid, signal.SIGKILL)
        killed = time.monotonic()
        job = wait(table, orphan, ended)
        assert time.monotonic() - killed < 10.0
        assert job.state is JobState.INTERRUPTED
    finally:
        second.stop()


def test_a_worker_of_an_earlier_app_can_be_cancelled(table: JobTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "TERM_AFTER_S", 0.3)
    monkeypatch.setattr(supervision, "KILL_AFTER_S", 0.8)
    app = start_app(tmp_path)
    try:
        job_id = table.submit("stubborn", {}, "Stubborn orphan")
        job = wait(table, job_id, lambda job: job.process is not None)
        time.sleep(1.0)
    finally:
        end_app(app)
    assert job.process is not None
    assert job.process.is_alive()
    second = make_supervisor(table)
    second.start()
    try:
        table.request_cancel(job_id)
        assert wait(table, job_id, ended).state is JobState.CANCELLED
    finally:
        second.stop()
    process = job.process
    until(lambda: not process.is_alive())


def test_a_frozen_worker_loses_its_job_and_cannot_finish_it(table: JobTable) -> None:
    table.lease_s = 1.0
    supervisor = make_supervisor(table, lease_s=1.0)
    supervisor.start()
    try:
        job_id = table.submit("count", {"n": 100_000}, "Freeze")
        job = wait(table, job_id, at_epoch(2))
        assert job.process is not None
        os.kill(job.process.pid, signal.SIGSTOP)
        job = wait(table, job_id, ended)
        assert job.state is JobState.INTERRUPTED
        assert job.error is not None
        assert "silent" in job.error.why
        process = job.process
        assert process is not None
        until(lambda: not process.is_alive())  # killed, so that it cannot wake beside a new attempt
    finally:
        supervisor.stop()


def test_after_a_sleep_of_the_machine_silence_proves_nothing(table: JobTable) -> None:
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        supervisor = make_supervisor(table)
        job_id = table.submit("count", {}, "Asleep")
        job = table.claim()
        assert job is not None
        table.attach(job_id, job.token, ProcessIdentity.of(sleeper.pid))
        with table.database.write() as rows:
            rows.execute("UPDATE jobs SET lease_until = 0")
        supervisor._looked -= 100.0  # its last look is long ago: it was asleep itself
        supervisor.tick()
        supervisor.tick()
        assert table.get(job_id).state is JobState.RUNNING
        assert sleeper.poll() is None
        supervisor._distrust_until = 0.0
        supervisor.tick()
        assert table.get(job_id).state is JobState.INTERRUPTED
        assert sleeper.wait(5) == -signal.SIGKILL
    finally:
        sleeper.kill()
        sleeper.wait()


def test_three_supervisors_start_every_job_once(table: JobTable, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    other = start_app(tmp_path, max_running=3)
    mine = [make_supervisor(table, max_running=3) for _ in range(2)]
    try:
        for one in mine:
            one.start()
        jobs = [table.submit("once", {"folder": str(marks)}, f"Once {i}") for i in range(12)]
        for job_id in jobs:
            assert wait(table, job_id, ended, 40).state is JobState.DONE
    finally:
        end_app(other)
        for one in mine:
            one.stop()
    assert sorted(path.name.split(".")[0] for path in marks.iterdir()) == sorted(jobs)


def test_a_storm_of_kills_loses_nothing_and_publishes_once(table: JobTable, tmp_path: Path) -> None:
    """Workers are killed at random points, of publication too; every job is resumed until it is done."""
    chance, kills = random.Random(7), 0
    store = tmp_path / "store"
    supervisor = make_supervisor(table, max_running=3)
    supervisor.start()
    try:
        jobs = [table.submit("publish", {"n": 8, "pause_s": 0.06, "store": str(store)}, f"Publish {i}") for i in range(8)]
        end = time.monotonic() + 60
        while any(table.get(job_id).state is not JobState.DONE for job_id in jobs):
            assert time.monotonic() < end
            time.sleep(0.15 + chance.random() * 0.4)
            running = [job for job, _ in table.running() if job.process is not None]
            if running and kills < 20:
                victim = chance.choice(running).process
                assert victim is not None
                victim.signal_group(signal.SIGKILL)
                kills += 1
            for job_id in jobs:
                state = table.get(job_id).state
                assert state not in (JobState.FAILED, JobState.CANCELLED), log_of(table, job_id)
                if state is JobState.INTERRUPTED:
                    table.resume(job_id)
            for name in artefacts.list_artefacts(store):
                artefacts.open_verified(store / name)
    finally:
        supervisor.stop()
    results = sorted((table.get(job_id).result or {})["artefact"] for job_id in jobs)
    assert artefacts.list_artefacts(store) == results
    assert len(set(results)) == len(jobs)
    artefacts.sweep(store)
    assert not any(entry.name.startswith(".") for entry in store.iterdir())
    assert kills >= 5


def test_a_command_that_cannot_start_fails_the_job(table: JobTable, tmp_path: Path) -> None:
    supervisor = Supervisor(table, [str(tmp_path / "no such program")], tmp_path / "logs", tick_s=0.05)
    job_id = table.submit("count", {"n": 1}, "Never")
    supervisor.tick()
    job = table.get(job_id)
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert "could not be started" in job.error.why


def test_a_number_given_to_another_process_is_not_the_worker() -> None:
    me = ProcessIdentity.of(os.getpid())
    assert me.is_alive()
    assert not ProcessIdentity(me.pid, me.started - 1, me.boot_id).is_alive()
    assert not ProcessIdentity(me.pid, me.started, "another boot").is_alive()
    gone = subprocess.Popen(["true"])
    identity = ProcessIdentity.of(gone.pid)
    until(lambda: not identity.is_alive())  # a zombie until it is waited for
    gone.wait()
    assert not identity.is_alive()
