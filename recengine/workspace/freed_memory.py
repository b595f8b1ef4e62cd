"""Freed memory back to the system: allocators keep it for a next time that may never come."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Ask Arrow's allocator, and on Linux that of the C library, to let go of what is not used. Cost: some 10 ms a GB."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None  # glibc has it, musl has not
    if trim is not None:
        trim(0)


def give_back_from_any_thread() -> None:
    """Let Arrow take its memory from the C library: its own allocator keeps what another thread has freed. For processes that stay."""
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())
