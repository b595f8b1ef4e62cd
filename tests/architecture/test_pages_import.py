"""Pages are scripts: they ask the workspace through `ui`, lay out, and know no part of the engine."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from source_tree import imported_modules, name, python_files, tree

PAGES = [path for path in python_files("pages", "app.py") if path.exists()]
ALLOWED = {"streamlit", "ui"}
ALLOWED_ENGINE = ("recengine.types", "recengine.columns", "recengine.errors")


def foreign_imports(module: ast.Module) -> list[str]:
    """Imports of a page that break the rule, as "line 3: recengine.models"."""
    found = []
    for line, imported in imported_modules(module):
        top = imported.partition(".")[0]
        allowed_engine = any(imported == part or imported.startswith(part + ".") for part in ALLOWED_ENGINE)
        # `from recengine.types import X` also yields the bare package of the from; `from recengine import types` yields "recengine".
        if top in ALLOWED or top in sys.stdlib_module_names or allowed_engine:
            continue
        if imported == "recengine" and _imports_only_allowed(module, line):
            continue
        found.append(f"line {line}: {imported}")
    return found


def _imports_only_allowed(module: ast.Module, line: int) -> bool:
    """Whether the `from recengine import …` on this line names allowed modules only."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.lineno == line:
            return all(f"recengine.{alias.name}" in ALLOWED_ENGINE for alias in node.names)
    return False


@pytest.mark.parametrize("path", PAGES, ids=[name(path) for path in PAGES])
def test_page_asks_only_the_workspace(path: Path) -> None:
    assert foreign_imports(tree(path)) == []


@pytest.mark.parametrize("path", [path for path in PAGES if path.name != "app.py"], ids=lambda path: path.name)
def test_page_enters_the_shell_first(path: Path) -> None:
    """A deep link right after a start runs the page without app.py; only `shell.enter()` then sets up the navigation."""
    calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    assert any(isinstance(call, ast.Attribute) and call.attr == "enter" for call in calls), f"{name(path)} never calls shell.enter()"


@pytest.mark.parametrize(
    ("code", "broken"),
    [
        ("import streamlit as st\nfrom ui import shell", False),
        ("from recengine.types import DatasetView", False),
        ("from recengine import types", False),
        ("from recengine import models", True),
        ("import torch", True),
        ("import pandas as pd", True),
        ("from recengine.models.registry import model_class", True),
        ("def f():\n    import recengine.workspace", True),
    ],
)
def test_the_rule_itself(code: str, broken: bool) -> None:
    assert bool(foreign_imports(ast.parse(code))) is broken
