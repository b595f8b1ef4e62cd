"""A live session or a what-if as a history: events typed or uploaded by a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from recengine.columns import BEHAVIOUR_CODE, Behaviour
from recengine.data.dataset import Dataset
from recengine.data.histories import UNKNOWN, Histories
from recengine.errors import BadInput

LATEST_S = 4_102_444_800  # 2100-01-01


def session_history(dataset: Dataset, events: Sequence[dict[str, Any]]) -> Histories:
    """One history from dicts with "item", and "behaviour" and "time" (ISO or seconds) where known, oldest first.

    Events without a time follow each other by a second and end just before the dataset's last moment.

    Raises:
        BadInput: an event without item, an unknown behaviour or time, or no item of the catalogue at all.
    """
    items, behaviours, times = [], [], []
    for place, event in enumerate(events):
        if not isinstance(event, dict) or not str(event.get("item", "")).strip():
            raise BadInput(f"Event {place + 1} names no item.", "", 'Write each event as {"item": "…"}.')
        behaviour = str(event.get("behaviour", Behaviour.VIEW.value))
        if behaviour not in BEHAVIOUR_CODE:
            raise BadInput(f"Event {place + 1} has an unknown behaviour.", behaviour, f"Use one of: {', '.join(BEHAVIOUR_CODE)}.")
        items.append(str(event["item"]))
        behaviours.append(BEHAVIOUR_CODE[behaviour])
        times.append(time_of(event.get("time"), place) if event.get("time") not in (None, "") else dataset.now_s - len(events) + place)
    codes = dataset.catalogue.vocabulary.encode(items)
    if len(codes) and (codes < 0).all():
        raise BadInput("None of these items is in the catalogue.", f"The first is {items[0]}.", f"Use item ids of {dataset.name}.")
    order = np.argsort(np.array(times, dtype=np.int64), kind="stable")
    now = max([dataset.now_s, *(time + 1 for time in times)])
    return Histories(
        np.array([0, len(items)], dtype=np.int64),
        codes[order],
        np.array(behaviours, dtype=np.int8)[order],
        np.array(times, dtype=np.int64)[order],
        np.array([now], dtype=np.int64),
        np.array([UNKNOWN], dtype=np.int32),
        dataset.log.weight_of_code,
    )


def time_of(value: Any, place: int) -> int:
    """Seconds since 1970 of ISO text or a number; `place` is named where it is not understood."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = int(value)
        else:
            moment = datetime.fromisoformat(str(value))
            seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
        if not 0 <= seconds < LATEST_S:
            raise ValueError("outside 1970 to 2100")
        return seconds
    except (ValueError, OverflowError):
        raise BadInput(f"The time of event {place + 1} is not understood.", str(value)[:80], "Write it as 2011-12-08T10:30:00.") from None
