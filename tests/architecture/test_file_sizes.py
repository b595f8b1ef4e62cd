"""A file holds one idea: engine and screen files stop at 400 lines, pages at 150."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_tree import name, python_files

LIMITS = [(path, 400) for path in python_files("recengine", "ui", "scripts", "benchmarks")]
LIMITS += [(path, 150) for path in python_files("pages")]
LIMITS += [(path, 60) for path in python_files("app.py") if path.exists()]


@pytest.mark.parametrize(("path", "limit"), LIMITS, ids=[name(path) for path, _ in LIMITS])
def test_file_is_short_enough(path: Path, limit: int) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= limit, f"{name(path)} has {lines} lines, {limit} is the limit: split it by idea."
