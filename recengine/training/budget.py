"""How long a training may take: tuning ends while judging and fitting for use still fit."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

CAUTION = 1.1  # the later steps are planned a tenth longer than measured


@dataclass
class Budget:
    """Seconds of one training, over all its attempts.

    Args:
        seconds: what it may take in all, None = as long as it needs.
        before_s: what earlier attempts took.
    """

    seconds: float | None
    before_s: float = 0.0
    clock: Callable[[], float] = time.monotonic
    _epochs_s: list[float] = field(default_factory=list)
    _judgements_s: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._started = self.clock()

    def spent_s(self) -> float:
        """Seconds so far, earlier attempts included."""
        return self.before_s + self.clock() - self._started

    def measured(self, epoch_s: float, judgement_s: float) -> None:
        """One epoch of tuning took so long, and judging it so long."""
        self._epochs_s.append(epoch_s)
        self._judgements_s.append(judgement_s)

    def fits(self, epochs: int, later_share: float, judging_share: float, more_epochs: int = 0) -> bool:
        """Whether the later steps fit, for a tuning that kept `epochs` epochs.

        Args:
            epochs: epochs that each later step repeats.
            later_share: events that the later steps learn from, as a multiple of those of tuning.
            judging_share: test shoppers, as a multiple of the validation shoppers.
            more_epochs: epochs of tuning still to come.
        """
        if self.seconds is None or not self._epochs_s:
            return True
        epoch_s, judgement_s = statistics.median(self._epochs_s), statistics.median(self._judgements_s)
        later = epochs * epoch_s * later_share + judgement_s * judging_share
        return self.spent_s() + more_epochs * (epoch_s + judgement_s) + CAUTION * later <= self.seconds
