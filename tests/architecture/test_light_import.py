"""`import recengine` and the command line's help stay light: heavy libraries load where they are used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from source_tree import ROOT

HEAVY = {"torch", "transformers", "shap", "sklearn", "streamlit", "numba", "pandas"}


def loaded_by(statement: str) -> set[str]:
    """Top-level names in sys.modules of a fresh interpreter after the statement."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", ["recengine", "recengine.errors", "recengine.columns", "recengine.jobs"])
def test_import_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(f"import {module}") & HEAVY == set()


def test_the_check_sees_a_heavy_import() -> None:
    assert "pandas" in loaded_by("import pandas")
