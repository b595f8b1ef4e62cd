"""What a use case sees of the job it runs in: whether to stop, where to say how far it is, where to keep a checkpoint."""

from __future__ import annotations

import logging
import math
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from recengine.errors import Cancelled, StorageFailed
from recengine.jobs.job import StaleToken
from recengine.jobs.table import JobTable

POLL_S = 0.3  # a cancellation is seen within this time
log = logging.getLogger(__name__)


class JobContext:
    """One attempt of one job, in the process that works on it."""

    def __init__(self, table: JobTable, job_id: str, token: int, resumed: bool, folder: Path) -> None:
        self.id, self.resumed, self.checkpoint_dir = job_id, resumed, folder
        self._table, self._token = table, token
        self._stop, self._over, self._lost = threading.Event(), threading.Event(), False
        self._lock, self._news = threading.Lock(), dict[str, Any]()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {job_id}", daemon=True)

    def should_stop(self) -> bool:
        """True once somebody cancelled the job or it was given to another worker; costs nothing."""
        return self._stop.is_set()

    def check(self) -> None:
        """Raise Cancelled when the job should stop."""
        if self._stop.is_set():
            raise Cancelled

    def progress(self, fraction: float | None, phase: str = "", eta_s: float | None = None) -> None:
        """Say how far the job is; written by the heartbeat, so it may be called as often as one likes.

        Args:
            fraction: share done, 0 to 1; None when it cannot be known.
            phase: what the job does now, for people; "" leaves it.
            eta_s: seconds left.
        """
        news: dict[str, Any] = {"fraction": None if fraction is None else min(1.0, max(0.0, float(fraction))), "eta_s": eta_s}
        if phase:
            news["phase"] = phase
        with self._lock:
            self._news |= news

    def report(self, epoch: int, of: int, loss: float | None = None, metrics: dict[str, float] | None = None) -> None:
        """Add one point to the live curve. Raises Cancelled when the job was taken away."""
        known = {name: _finite(value) for name, value in (metrics or {}).items()}
        try:
            self._table.report(self.id, self._token, int(epoch), int(of), _finite(loss), known)
        except StaleToken:
            self._give_way()
            raise Cancelled from None

    def fence(self) -> AbstractContextManager[Any]:
        """Enter this around a publication: raises StaleToken, and so publishes nothing, when the job was taken away."""
        return self._table.owned(self.id, self._token)

    def reserve(self, prefix: str) -> str:
        """The id for the job's one result of this kind; a resumed attempt gets the same id and can see that it is done."""
        return self._table.reserve(self.id, self._token, prefix)

    @property
    def lost(self) -> bool:
        """Whether the job was taken away from this process."""
        return self._lost

    def start(self) -> None:
        """Begin the heartbeat."""
        self._thread.start()

    def stop(self) -> None:
        """End the heartbeat."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def flush(self) -> bool:
        """Write the heartbeat and what is new; returns whether to stop. Raises StaleToken."""
        with self._lock:
            news, self._news = self._news, {}
        try:
            return self._table.heartbeat(self.id, self._token, **news)
        except StorageFailed:
            with self._lock:
                self._news = news | self._news
            raise

    def _beat(self) -> None:
        rounds, due = 0, max(1, int(self._table.lease_s / 4 / POLL_S))
        while not self._over.wait(POLL_S):
            rounds += 1
            try:
                wanted = self.flush() if self._news or rounds % due == 0 else self._table.cancel_asked(self.id, self._token)
                if wanted:
                    self._stop.set()
            except StaleToken:
                self._give_way()
                return
            except StorageFailed as error:
                log.warning("heartbeat not written: %s", error)  # the lease allows for several of these

    def _give_way(self) -> None:
        self._lost = True
        self._stop.set()


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
