"""Compiling ahead: the process ends well and leaves the compiled loop where another process finds it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOOK = """
from recengine.workspace.compile_process import main
import numpy as np
from recengine.policy.rerankers import greedy
assert main() == 0
compiled = [f for f in vars(greedy).values() if hasattr(f, "stats") and hasattr(f, "signatures") and f.signatures]
assert compiled, "nothing was compiled"
print(sum(sum(f.stats.cache_hits.values()) for f in compiled), sum(sum(f.stats.cache_misses.values()) for f in compiled))
"""


def test_a_second_process_finds_what_the_first_compiled():
    root = str(Path(__file__).resolve().parents[3])
    environment = {**os.environ, "PYTHONPATH": root}
    first = subprocess.run([sys.executable, "-m", "recengine.workspace.compile_process"], cwd=root, env=environment, check=False)
    assert first.returncode == 0
    second = subprocess.run([sys.executable, "-c", LOOK], cwd=root, env=environment, capture_output=True, text=True, check=True)
    hits, misses = map(int, second.stdout.split())
    assert hits > 0
    assert misses == 0
