"""Past moments to learn from: everything before one, and what shoppers newly chose after it, by behaviour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.columns import BEHAVIOUR_CODE, BEHAVIOUR_WEIGHT, BEHAVIOURS, Behaviour
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.split import window_targets

HEADS = (Behaviour.PURCHASE, Behaviour.CART, Behaviour.VIEW)  # predicted wherever the log has enough of them
FEWEST_EVENTS = 300  # of a behaviour that is to rank


@dataclass(frozen=True, eq=False)
class Window:
    """A past moment and the shoppers who newly chose something after it, by any of the behaviours."""

    past: EventLog  # everything before the moment
    histories: Histories  # [B], as of the moment
    answers: dict[str, np.ndarray]  # behaviour → int64, row * n_items + item, ascending: new items chosen in the window

    def __len__(self) -> int:
        return len(self.histories)

    def chosen(self, behaviour: str) -> np.ndarray:
        """int64 [B]: new items that each shopper chose."""
        return np.bincount(self.answers[behaviour] // self.past.n_items, minlength=len(self))

    def labels(self, behaviour: str, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
        """bool [P]: whether each pair of row and item was chosen."""
        return np.isin(rows * np.int64(self.past.n_items) + items, self.answers[behaviour])

    @staticmethod
    def of(log: EventLog, start_s: int, end_s: int, sellable: np.ndarray, behaviours: tuple[str, ...]) -> Window:
        """The window [start_s, end_s) of a log. Only the answers and who gave one come from events after `start_s`."""
        n_items = np.int64(log.n_items)
        given: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for name in behaviours:
            targets = window_targets(log, start_s, end_s, sellable, log.behaviours == BEHAVIOUR_CODE[name])
            owners = np.repeat(targets.histories.user_codes, np.diff(targets.truth_indptr)).astype(np.int64)
            given[name] = owners, targets.truth_items
        users = np.unique(np.concatenate([owners for owners, _ in given.values()]))
        answers = {name: np.searchsorted(users, owners) * n_items + items for name, (owners, items) in given.items()}
        return Window(log.keep(log.times_s < start_s), Histories.from_log(log, users.astype(np.int32), start_s), answers)


def behaviours_of(log: EventLog, target: str = "auto") -> tuple[str, ...]:
    """What the heads predict, the one that ranks first: `target`, then purchases, carts and views where the log has any.

    With "auto" purchases rank where there is one; else the strongest behaviour that occurs often enough, else the most frequent.
    """
    counts = np.bincount(log.behaviours[log.weights > 0], minlength=len(BEHAVIOURS))
    present = [b for b in BEHAVIOURS if counts[BEHAVIOUR_CODE[b.value]] > 0 and BEHAVIOUR_WEIGHT[b] > 0]
    if target != "auto":
        first = Behaviour(target)
    elif Behaviour.PURCHASE in present:
        first = Behaviour.PURCHASE
    else:
        often = [b for b in present if counts[BEHAVIOUR_CODE[b.value]] >= FEWEST_EVENTS]
        by_strength = sorted(often, key=lambda b: (-BEHAVIOUR_WEIGHT[b], -counts[BEHAVIOUR_CODE[b.value]]))
        first = (by_strength or sorted(present, key=lambda b: -counts[BEHAVIOUR_CODE[b.value]]) or [Behaviour.PURCHASE])[0]
    return (first.value, *(b.value for b in HEADS if b in present and b is not first))


def windows_before(
    train: EventLog, sellable: np.ndarray, share: float, n: int, choices: int, behaviours: tuple[str, ...] | None = None
) -> list[Window]:
    """The newest windows in which somebody known chose something new, newest first: at most `n`, until there are enough choices.

    Args:
        train: the log.
        sellable: bool [n_items].
        share: length of a window as a share of the whole period.
        n: windows at most.
        choices: new choices by the first behaviour after which no older window is added.
        behaviours: see `behaviours_of`, by default those of `train`.
    """
    if len(train) == 0:
        return []
    wanted = behaviours or behaviours_of(train)
    first, last = int(train.times_s.min()), int(train.times_s.max()) + 1
    length = max(1, round((last - first) * share))
    found: list[Window] = []
    for k in range(1, n + 1):
        if sum(len(window.answers[wanted[0]]) for window in found) >= choices:
            break
        cut = last - k * length
        window = Window.of(train, cut, cut + length, sellable, wanted)
        if len(window.answers[wanted[0]]):
            found.append(window)
    return found
