"""Long-lived pieces of a column, laid into memory of their own: between short-lived blocks they would keep the heap from shrinking."""

from __future__ import annotations

import mmap
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

REST_BYTES = 2**16  # below that a mapping of its own wastes more than it saves


def joined_at_rest(pieces: Sequence[np.ndarray]) -> np.ndarray:
    """The pieces as one array.

    Args:
        pieces: [n] each, of one dtype or of several that fit into the widest.

    Returns:
        [sum of n], of the widest dtype.

    Cost: one copy.
    """
    dtype, n = np.result_type(*pieces), sum(map(len, pieces))
    out = np.empty(n, dtype) if n * dtype.itemsize < REST_BYTES else np.frombuffer(mmap.mmap(-1, n * dtype.itemsize), dtype)
    at = 0
    for piece in pieces:
        out[at : at + len(piece)] = piece
        at += len(piece)
    return out


def numbers_at_rest(pieces: Sequence[pa.Array]) -> pa.Array:
    """Arrow integers of one or several widths as one array of the widest; missing values stay missing."""
    wide = pa.int64() if any(piece.type == pa.int64() for piece in pieces) else pa.int32()
    values = joined_at_rest([piece.fill_null(0).to_numpy() for piece in pieces])
    if not any(piece.null_count for piece in pieces):
        return pa.array(values, wide)
    return pa.array(values, wide, mask=joined_at_rest([piece.is_null().to_numpy(zero_copy_only=False) for piece in pieces]))
