"""Nothing in the project loads code from data, writes raw HTML, hides a failure or alters text that it cannot read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from source_tree import dotted, imported_modules, name, python_files, tree

FILES = [path for path in python_files("recengine", "ui", "pages", "scripts", "benchmarks", "app.py") if path.exists()]

# Formats that run code when they are read.
MODULES = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
CALLS = {
    "torch.load": "read safetensors instead",
    "torch.save": "write safetensors instead",
    "eval": "no code from data",
    "exec": "no code from data",
    "st.html": "stock widgets only",
    "streamlit.html": "stock widgets only",
    "components.html": "stock widgets only",
    "components.v1.html": "stock widgets only",
    "st.components.v1.html": "stock widgets only",
    "st.iframe": "stock widgets only",
    "pd.read_pickle": "no pickle",
    "pandas.read_pickle": "no pickle",
    "os.system": "no shell",
}
METHODS = {"to_pickle": "no pickle"}
ARGUMENTS = {
    ("unsafe_allow_html", True): "no raw HTML",
    ("allow_pickle", True): "no pickle",
    ("shell", True): "no shell",
    ("persist", "disk"): "Streamlit unpickles what it persisted",
    ("persist", True): "Streamlit unpickles what it persisted",
    ("trust_remote_code", True): "no code from data",
    ("errors", "replace"): "ids and titles are never altered",
    ("errors", "ignore"): "ids and titles are never altered",
}
BROAD = {"Exception", "BaseException"}


def offences(module: ast.Module) -> list[str]:
    """Everything forbidden in one file, as "line 3: torch.load: read safetensors instead"."""
    found = [
        f"line {line}: import {imported}"
        for line, imported in imported_modules(module)
        if imported.partition(".")[0] in MODULES or imported in {"torch.load", "torch.save"}
    ]
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            found += _call_offences(node)
        elif isinstance(node, ast.ExceptHandler) and _swallows(node):
            found.append(f"line {node.lineno}: a broad except that hides the failure")
    return found


def _call_offences(call: ast.Call) -> list[str]:
    target = dotted(call.func)
    found = []
    if target in CALLS:
        found.append(f"line {call.lineno}: {target}: {CALLS[target]}")
    if isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
        found.append(f"line {call.lineno}: {call.func.attr}: {METHODS[call.func.attr]}")
    if target.endswith("suppress") and any(dotted(argument) in BROAD for argument in call.args):
        found.append(f"line {call.lineno}: suppress of everything hides the failure")
    for keyword in call.keywords:
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        # True == 1, so that the type is compared as well.
        for (argument, forbidden), why in ARGUMENTS.items():
            if keyword.arg == argument and type(value) is type(forbidden) and value == forbidden:
                found.append(f"line {call.lineno}: {argument}={forbidden!r}: {why}")
    return found


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler of everything does nothing at all with what it caught."""
    broad = handler.type is None or dotted(handler.type) in BROAD
    return broad and all(isinstance(step, (ast.Pass, ast.Continue)) or _is_constant(step) for step in handler.body)


def _is_constant(step: ast.stmt) -> bool:
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)


@pytest.mark.parametrize("path", FILES, ids=[name(path) for path in FILES])
def test_nothing_forbidden(path: Path) -> None:
    assert offences(tree(path)) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "import torch\ntorch.load('x')",
        "from torch import load",
        "st.html('<b>')",
        "st.markdown(text, unsafe_allow_html=True)",
        "np.load('x', allow_pickle=True)",
        "open('x', errors='replace')",
        "raw.decode('utf-8', errors='ignore')",
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept:\n    pass",
        "with contextlib.suppress(Exception):\n    f()",
        "st.cache_data(persist='disk')",
        "frame.to_pickle('x')",
        "eval(text)",
    ],
)
def test_the_rule_sees(code: str) -> None:
    assert offences(ast.parse(code)) != []


@pytest.mark.parametrize(
    "code",
    [
        "import json",
        "try:\n    f()\nexcept ValueError:\n    pass",
        "try:\n    f()\nexcept Exception:\n    log.exception('failed')\n    raise",
        "pd.to_numeric(column, errors='coerce')",
        "model.eval()",
        "st.cache_data(max_entries=4)",
    ],
)
def test_the_rule_lets_pass(code: str) -> None:
    assert offences(ast.parse(code)) == []
