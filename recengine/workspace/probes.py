"""Times of trainings that nobody ran here yet, measured on samples by a process of its own (`probe_process`).

A page that asks never waits: it reads what is known and has the rest measured. Each model is tried once for its data, settings and
machine; one that takes too long or cannot learn from a sample stays without a time.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import logging
import os
import platform
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recengine.settings import Settings

if TYPE_CHECKING:
    from recengine.data.store import DatasetInfo
    from recengine.models.base import ModelConfig

log = logging.getLogger(__name__)


class Probes:
    """What was measured, in one JSON file a dataset: key → {"model", "seconds" or null, "sample_events", "sample_seconds"}."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._lock = settings, threading.Lock()
        self._running: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = False
        self._asked = set[tuple[str, str, str]]()

    def seconds(self, info: DatasetInfo, model: str, config: ModelConfig, device: str) -> float | None:
        """Measured seconds of a training; None where it was not, or could not be, measured."""
        found = self.known(info.id).get(probe_key(self._settings, info, model, config, device), {})
        return found.get("seconds")

    def known(self, dataset: str) -> dict[str, dict[str, Any]]:
        """All rows of a dataset; a file that cannot be read counts as empty, since it can be measured again."""
        file = self._file(dataset)
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            log.warning("%s cannot be read; its times are measured again", file)
            return {}
        return found if isinstance(found, dict) else {}

    def keep(self, dataset: str, key: str, row: dict[str, Any]) -> None:
        """Add one row; the file is seen whole or not at all."""
        file = self._file(dataset)
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_suffix(f".{os.getpid()}.tmp")
        aside.write_text(json.dumps({**self.known(dataset), key: row}, indent=1), encoding="utf-8")
        os.replace(aside, file)

    def _file(self, dataset: str) -> Path:
        return self._settings.probes_dir / f"{dataset}.json"

    def measure_later(self, dataset: str, preset: str, device: str) -> None:
        """Measure what is not known in a thread and a process of its own; returns at once, and asks once a dataset and preset."""
        with self._lock:
            if (dataset, preset, device) in self._asked or self._ending or (self._running is not None and self._running.is_alive()):
                return
            self._asked.add((dataset, preset, device))
            atexit.register(self.stop)
            self._running = threading.Thread(target=self._measure, args=(dataset, preset, device), name="probes", daemon=True)
            self._running.start()

    def stop(self) -> None:
        """End the process, if one runs."""
        self._ending, process = True, self._process
        if process is not None and process.poll() is None:
            process.kill()

    def measure(self, dataset: str, preset: str, device: str) -> None:
        """The same, waiting for the end."""
        self._measure(dataset, preset, device)

    def _measure(self, dataset: str, preset: str, device: str) -> None:
        line = [sys.executable, "-m", "recengine.workspace.probe_process", "--workspace", str(self._settings.workspace)]
        line += ["--dataset", dataset, "--preset", preset, "--device", device]
        self._settings.logs_dir.mkdir(parents=True, exist_ok=True)
        before = -1
        while not self._ending and len(self.known(dataset)) != before:  # each process that a model ended leaves one row more
            before = len(self.known(dataset))
            with (self._settings.logs_dir / "probes.log").open("ab") as out:
                self._process = subprocess.Popen(line, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
                ended = self._process.wait()
                self._process = None
            if ended == 0:
                return
            log.info("Measuring a model of %s ended with %s; it stays without a time", dataset, ended)


def probe_key(settings: Settings, info: DatasetInfo, model: str, config: ModelConfig, device: str) -> str:
    """Changes with the data, the settings, the device, and the machine."""
    threads = settings.threads or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    parts = [info.fingerprint, model, config.model_dump_json(), device, platform.node(), platform.machine(), str(threads)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]
