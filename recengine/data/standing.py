"""Which events still stand: a return, a removal or "not interested" takes back what the same shopper did with that item before."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from recengine.columns import BEHAVIOUR_CODE, BEHAVIOUR_WEIGHT, BEHAVIOURS, NO_SIGN, Behaviour
from recengine.errors import BadInput

LOWEST, HIGHEST = -2.0, 5.0

WEIGHT_OF_CODE = np.array([BEHAVIOUR_WEIGHT[b] for b in BEHAVIOURS], dtype=np.float32)
WEIGHT_OF_CODE.flags.writeable = False

SIGN_OF_CODE = np.array([b not in NO_SIGN for b in BEHAVIOURS])
SIGN_OF_CODE.flags.writeable = False

# What takes something back, where its weight is below 0. A removal from the cart leaves what was bought or rated alone.
_EVERYTHING = np.array([b in (Behaviour.RETURN, Behaviour.DISLIKE) for b in BEHAVIOURS])
_TAKES_BACK = _EVERYTHING | np.array([b is Behaviour.REMOVE for b in BEHAVIOURS])
_OUTLASTS_REMOVAL = np.array([b in (Behaviour.PURCHASE, Behaviour.RATING) for b in BEHAVIOURS])


def weight_table(weights: Mapping[str, float]) -> np.ndarray:
    """float32 [n_behaviours]: the default strengths with some changed.

    Args:
        weights: behaviour → strength from -2 to 5; a purchase is 1 by default, 0 ignores, below 0 tells of no interest.

    Raises:
        BadInput: an unknown behaviour, or a strength that is no number in the range.
    """
    table = WEIGHT_OF_CODE.copy()
    for name, weight in weights.items():
        if name not in BEHAVIOUR_CODE:
            raise BadInput(f"There is no behaviour called {str(name)[:60]}.", "", f"Choose one of: {', '.join(BEHAVIOUR_CODE)}.")
        number = isinstance(weight, (int, float)) and not isinstance(weight, bool)
        if not number or not LOWEST <= weight <= HIGHEST:
            raise BadInput(f"The weight of {name} cannot be {str(weight)[:60]}.", "", f"Choose a number from {LOWEST:g} to {HIGHEST:g}.")
        table[BEHAVIOUR_CODE[name]] = weight
    table.flags.writeable = False
    return table


def all_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """Behaviour → strength for every behaviour, the defaults with some changed; so that later defaults change nothing."""
    return {behaviour.value: float(weights.get(behaviour.value, BEHAVIOUR_WEIGHT[behaviour])) for behaviour in BEHAVIOURS}


def standing_weights(table: np.ndarray, rows: np.ndarray, item_codes: np.ndarray, behaviours: np.ndarray) -> np.ndarray:
    """float32 [n]: strength of each event by its behaviour, 0 where a later event took it back.

    Args:
        table: float32 [n_behaviours].
        rows: int [n], whose event it is; within a row events are in the order of time.
        item_codes: int [n]; unknown items (below 0) take nothing back.
        behaviours: int8 [n].

    The latest verdict of a shopper on an item stands: a return takes back the purchase, and a purchase after it takes back the
    return. Cost: a look-up, and a sort of the events where any takes something back.
    """
    weights = table[behaviours]
    back = _TAKES_BACK & (table < 0)
    if not back.any():
        return weights
    verdict = back[behaviours] & (item_codes >= 0)
    if not verdict.any():
        return weights
    key = np.asarray(rows, dtype=np.int64) * (np.int64(item_codes.max()) + 1) + item_codes
    told = np.flatnonzero(np.isin(key, key[verdict]) & (item_codes >= 0))  # events on items with a verdict
    _, group = np.unique(key[told], return_inverse=True)
    behaviour, place = behaviours[told], np.arange(len(told))

    def last(mask: np.ndarray) -> np.ndarray:
        """The newest place of each event's group where `mask` holds, -1 without one."""
        newest = np.full(int(group.max()) + 1, -1)
        np.maximum.at(newest, group[mask], place[mask])
        return newest[group]

    ends = verdict[told]
    taken = (weights[told] > 0) & (place < last(ends & _EVERYTHING[behaviour]))
    taken |= (weights[told] > 0) & (place < last(ends)) & ~_OUTLASTS_REMOVAL[behaviour]
    taken |= ends & (place < last((weights[told] > 0) & ~taken))
    weights[told[taken]] = 0.0
    return weights
