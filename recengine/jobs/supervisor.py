"""Starts a process for every waiting job and notices within seconds how it ended. Several supervisors do no harm."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from recengine.errors import MerchlensError
from recengine.jobs.job import Job, JobState
from recengine.jobs.process import ProcessIdentity, out_of_memory_kills
from recengine.jobs.table import JobTable

TERM_AFTER_S, KILL_AFTER_S = 1.0, 3.0  # after a cancellation that the job does not follow by itself
REAPER_S = 1.0  # for the process that started a dead worker to say why it died
log = logging.getLogger(__name__)


class Supervisor:
    """A daemon thread over the job table.

    Workers get sessions of their own, so they outlive the process that started them; the next supervisor knows them from the
    table. Claims and verdicts are transactions of the table, so any number of supervisors may run.

    Args:
        table: the job table.
        command: how to start a worker; `--job ID --token N` is added.
        logs_dir: the output of a worker goes to `<job>.log` in here.
        max_running: jobs at the same time.
        tick_s: seconds between two looks at the table.
    """

    def __init__(self, table: JobTable, command: Sequence[str], logs_dir: Path, max_running: int = 1, tick_s: float = 0.25) -> None:
        self.table, self.command, self.logs_dir = table, list(command), Path(logs_dir)
        self.max_running, self.tick_s = max_running, tick_s
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._looked = time.monotonic()
        self._distrust_until = 0.0
        self._children: set[tuple[str, int]] = set()
        self._dead_since: dict[tuple[str, int], float] = {}
        self._signalled: dict[tuple[str, int], signal.Signals] = {}

    def start(self) -> None:
        """Begin; does nothing when it already runs."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._over.clear()
                self._looked = time.monotonic()
                self._thread = threading.Thread(target=self._loop, name="job supervisor", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the supervision; running workers go on."""
        self._over.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def tick(self) -> None:
        """One look: end lost jobs, press cancelled ones, start waiting ones."""
        now = time.monotonic()
        if now - self._looked > self.table.lease_s / 2:
            # this process was itself asleep: workers may have been too, so give them a lease to wake up
            self._distrust_until = now + self.table.lease_s
        self._looked = now
        running = self.table.running()
        if running:
            self._end_lost(now)
            self._press(running)
        while self.table.waiting():
            job = self.table.claim(self.max_running)
            if job is None:
                break
            self._launch(job)

    def _loop(self) -> None:
        while not self._over.wait(self.tick_s):
            try:
                self.tick()
            except MerchlensError as error:
                log.warning("supervisor: %s", error)  # a full disk or a busy file: look again
            except Exception:
                log.exception("supervisor: unexpected failure")

    def _end_lost(self, now: float) -> None:
        seen: dict[tuple[str, int], float] = {}
        for found in self.table.lost():
            key = (found.job.id, found.job.token)
            if found.silent:
                if now < self._distrust_until:
                    continue
            else:
                # whoever started the process learns why it died: leave it to its reaper, here or in another process
                seen[key] = self._dead_since.get(key, now)
                if key in self._children or now - seen[key] < REAPER_S:
                    continue
            self.table.end_lost(found)
            if found.silent and found.job.process is not None and not found.job.attached:
                found.job.process.signal_group(signal.SIGKILL)  # it must not go on beside a new attempt
        self._dead_since = seen

    def _launch(self, job: Job) -> None:
        before = out_of_memory_kills()
        try:
            self.logs_dir.mkdir(parents=True, exist_ok=True)
            with (self.logs_dir / f"{job.id}.log").open("ab") as output:
                worker = subprocess.Popen(
                    [*self.command, "--job", job.id, "--token", str(job.token)],
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            log.error("no process for job %s: %s", job.id, error)
            self.table.give_up(job.id, job.token, f"Its process could not be started: {error.strerror}.", JobState.FAILED)
            return
        self._children.add((job.id, job.token))
        process = ProcessIdentity.of(worker.pid)
        threading.Thread(target=self._reap, args=(worker, job, before), name=f"reaper {job.id}", daemon=True).start()
        self.table.launched(job.id, job.token, process)

    def _reap(self, worker: subprocess.Popen[bytes], job: Job, kills_before: int) -> None:
        """Wait for one child, so that it is never a zombie, and say why it ended if it could not say so itself."""
        code = worker.wait()
        self._signalled.pop((job.id, job.token), None)
        try:
            why = why_ended(code, out_of_memory_kills() > kills_before)
            self.table.give_up(job.id, job.token, why, JobState.INTERRUPTED if code < 0 else JobState.FAILED)
        except MerchlensError as error:
            log.warning("the end of job %s was not written, the next look will: %s", job.id, error)
        finally:
            self._children.discard((job.id, job.token))

    def _press(self, running: list[tuple[Job, float | None]]) -> None:
        for job, asked_s in running:
            if job.process is None or job.attached or asked_s is None:
                continue
            number = signal.SIGKILL if asked_s > KILL_AFTER_S else signal.SIGTERM if asked_s > TERM_AFTER_S else None
            if number is not None and self._signalled.get((job.id, job.token)) != number:
                self._signalled[(job.id, job.token)] = number
                job.process.signal_group(number)


def _environment() -> dict[str, str]:
    """The environment of a worker: it imports the same program, wherever this process was started."""
    root = str(Path(__file__).resolve().parents[2])
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))}


def why_ended(code: int, memory_kill: bool) -> str:
    """A sentence for the exit status of a worker that did not end its job itself."""
    if memory_kill and code in (-signal.SIGKILL, -signal.SIGTERM):
        return "The machine ran out of memory and killed its process."
    if code == -signal.SIGKILL:
        return "Its process was killed by signal 9, probably out of memory."
    if code < 0:
        return f"Its process was ended by signal {-code}."
    return f"Its process ended with status {code}; its log says more."
