"""Events of a new log that a version holds already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import Event, Item, User
from recengine.data.segments import Segment

NUMBERS = {"behaviour": Event.BEHAVIOUR, "time_s": Event.TIME, "quantity": Event.QUANTITY, "price": Event.PRICE, "rating": Event.RATING}


def overlapping(old: Sequence[Segment], new: pa.Table) -> np.ndarray:
    """Which rows of a new log repeat an event of the old ones: shopper, item, behaviour, second, numbers and basket are the same.

    A row is matched once: where the old logs hold an event twice and the new one three times, two of the three overlap.

    Args:
        old: logs of the version.
        new: columns of `canonical.EVENT_COLUMNS`.

    Returns:
        bool [n] of the new rows.

    Cost: a sort of the new rows and of the old ones between the first and the last new second.
    """
    times = new["time_s"].to_numpy()
    if not len(times):
        return np.zeros(0, dtype=bool)
    low, high = int(times.min()), int(times.max())
    pieces = []
    for segment in old:
        at = segment.events[Event.TIME].to_numpy()
        rows = pa.array(np.flatnonzero((at >= low) & (at <= high)))
        events = segment.events.take(rows)
        texts = {
            "user_id": segment.users[User.ID].combine_chunks().take(events[Event.USER]),
            "item_id": segment.items[Item.ID].combine_chunks().take(events[Event.ITEM]),
            "basket_id": pc.fill_null(events[Event.BASKET].cast(pa.string()), ""),
        }
        pieces.append({**texts, **{name: events[column] for name, column in NUMBERS.items()}})
    n_old = sum(len(piece["time_s"]) for piece in pieces)
    if not n_old:
        return np.zeros(new.num_rows, dtype=bool)
    keys = []
    for name in ("user_id", "item_id", "basket_id"):
        chunks = [chunk for piece in pieces for chunk in _chunks(piece[name])] + _chunks(pc.fill_null(new[name].cast(pa.string()), ""))
        coded = pa.chunked_array(chunks, pa.string()).dictionary_encode().unify_dictionaries()
        keys.append(np.concatenate([chunk.indices.to_numpy(zero_copy_only=False) for chunk in coded.chunks]))
    for name in NUMBERS:
        whole = np.concatenate([np.asarray(piece[name].to_numpy()) for piece in pieces] + [np.asarray(new[name].to_numpy())])
        if whole.dtype.kind == "f":
            whole = np.where(np.isnan(whole), np.float32(-3.4e38), whole + np.float32(0)).astype(np.float32)  # unknown equals unknown
        keys.append(whole)
    is_new = np.r_[np.zeros(n_old, dtype=np.int8), np.ones(new.num_rows, dtype=np.int8)]
    order = np.lexsort([is_new, *keys])
    begins = np.zeros(len(order), dtype=bool)
    begins[0] = True
    for key in keys:
        begins[1:] |= key[order][1:] != key[order][:-1]
    group = np.cumsum(begins) - 1
    in_old = np.bincount(group[is_new[order] == 0], minlength=group[-1] + 1)
    place = np.arange(len(order)) - np.flatnonzero(begins)[group]  # old rows of a group come first
    hit = (is_new[order] == 1) & (place - in_old[group] < in_old[group])
    out = np.zeros(len(order), dtype=bool)
    out[order] = hit
    return out[n_old:]


def _chunks(column: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]
