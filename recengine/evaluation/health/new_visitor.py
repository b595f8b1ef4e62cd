"""What somebody without a past is shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recengine.data.histories import Histories
from recengine.evaluation.bootstrap import Estimate
from recengine.evaluation.health.base import MADE_UP, Check, Examined, Instance, Measured


class NewVisitor(Check):
    """Share of the places that stay empty for somebody unknown."""

    key, title = "new_visitor", "New visitors"
    question = "Does a visitor we know nothing of get a list at all?"
    meaning = "Share of places that stay empty for an empty profile."
    amber, red = 0.0, 0.5
    reason = "Every empty place is a hole in the home page of a first visit; without half of the list there is no shelf."
    asks = True

    def measure(self, examined: Examined) -> Measured:
        """One question, so the answer has no spread."""
        assert examined.ask is not None
        now = examined.targets.histories.now_s.max(initial=0)
        nobody = replace(Histories.of_items([[]]), now_s=np.array([now], dtype=np.int64))
        listed = examined.ask(nobody, examined.k)[0]
        listed = listed[listed >= 0]
        empty = 1 - len(listed) / max(min(examined.k, int(examined.catalogue.sellable.sum())), 1)
        instances = tuple(Instance(MADE_UP, int(code), -1, f"Place {place} for a new visitor.") for place, code in enumerate(listed[:3], 1))
        return Measured(Estimate(empty, empty, empty, 1), f"{len(listed)} of {examined.k} places are filled.", instances)
