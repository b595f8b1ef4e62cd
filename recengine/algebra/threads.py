"""How many threads a compiled loop gets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numba


@contextmanager
def threads_for(n_rows: int, worth_sharing: int) -> Iterator[None]:
    """One thread below `worth_sharing` rows, all above: waking threads costs more than a few rows, most of all on a busy machine."""
    before = numba.get_num_threads()
    if n_rows < worth_sharing:
        numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)
