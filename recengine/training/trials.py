"""The trials of a sweep, kept as JSON in the job's folder: written after every trial, read by whoever watches."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from recengine.artefacts import plain, told_when_disk_fails, write_atomically
from recengine.errors import Corrupt

FILE = "trials.json"
DONE, PRUNED, FAILED = "done", "pruned", "failed"


@dataclass(frozen=True)
class Trial:
    """One configuration that was tried."""

    number: int  # from 0; 0 is the configuration the sweep began with
    state: str  # done, pruned (worse than most by then) or failed
    settings: dict[str, Any]  # of the dimensions
    value: float | None  # best validation NDCG@10, None where nothing was measured
    epochs: int  # of that best value; 1 for models without epochs
    curve: list[dict[str, Any]] = field(default_factory=list)  # entries as a training's history
    seconds: float = 0.0
    reason: str = ""  # why it failed, or ended early


def write_trials(folder: Path, trials: list[Trial], spent_s: float, ended: str = "") -> None:
    """Replace the list; `ended` says why no more are tried, "" while they are."""
    body = {"trials": [asdict(trial) for trial in trials], "spent_s": spent_s, "ended": ended}
    with told_when_disk_fails():
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / FILE, json.dumps(plain(body), allow_nan=False).encode())


def read_trials(folder: Path) -> tuple[list[Trial], float, str]:
    """The trials so far, the seconds they took, and why they ended; nothing where none were written.

    Raises:
        Corrupt: the file is not what `write_trials` writes.
    """
    try:
        body = json.loads((folder / FILE).read_bytes())
    except FileNotFoundError:
        return [], 0.0, ""
    except ValueError as error:
        raise Corrupt("The trials of this sweep are damaged.", f"{error}.", "Start the sweep again from the beginning.") from None
    return trials_of(body["trials"]), float(body["spent_s"]), str(body["ended"])


def trials_of(rows: list[dict[str, Any]]) -> list[Trial]:
    """Trials from their JSON."""
    return [Trial(**row) for row in rows]


def best_trial(trials: list[Trial]) -> Trial | None:
    """The finished trial with the highest value; the earliest of equals. Pruned ones count with what they reached."""
    measured = [trial for trial in trials if trial.state != FAILED and trial.value is not None]
    return max(measured, key=lambda trial: (trial.value, -trial.number), default=None)
