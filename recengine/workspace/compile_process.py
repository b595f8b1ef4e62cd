"""Compiles what the first move of a slider needs, so that nobody waits for it: `python -m recengine.workspace.compile_process`.

A process of its own, since compiling would hold up every page of the server. The result lies in numba's cache beside the code; where
it is there already, this ends after a second.
"""

from __future__ import annotations

import os
import subprocess
import sys

NICENESS = 10


def main() -> int:
    """Rerank two short lists."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    import numpy as np

    from recengine.policy.rerankers.mmr import mmr

    codes = np.array([[0, 1, 2], [2, 1, 0]], dtype=np.int32)
    made = mmr(codes, np.array([[3.0, 2.0, 1.0]] * 2), np.eye(3, dtype=np.float32), 2, 0.3)
    return int((made.item_codes < 0).any())


def compile_later() -> None:
    """Start it and return at once."""
    line = [sys.executable, "-m", __name__]
    subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    raise SystemExit(main())
