"""Parts that are found by their folder, on a package made for it."""

from __future__ import annotations

import sys

import pytest

from recengine.by_folder import classes_by_folder, one_of_each

BASE = "class Part:\n    name = 'part'\n"


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "made_parts"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "base.py").write_text(BASE)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("made_parts")]:
        del sys.modules[name]


def write(folder, file: str, text: str) -> None:
    (folder / f"{file}.py").write_text("from made_parts.base import Part\n" + text)


def base() -> type:
    from importlib import import_module

    return import_module("made_parts.base").Part


def test_named_classes_are_found_and_nothing_else(package):
    write(package, "two", "class Two(Part):\n    name = 'zwei'\nclass Helper(Two):\n    pass\n")
    write(package, "one", "class One(Part):\n    name = 'eins'\n")
    write(package, "other", "class Stranger:\n    name = 'stranger'\nfrom made_parts.one import One\n")
    (package / "inner").mkdir()
    (package / "inner" / "__init__.py").write_text("raise RuntimeError('not looked into')")
    found = classes_by_folder("made_parts", base(), "name")
    assert list(found) == ["eins", "part", "zwei"]
    assert [kind.__name__ for kind in found.values()] == ["One", "Part", "Two"]
    assert list(one_of_each("made_parts", base(), "name", ("zwei",))) == ["zwei", "eins", "part"]


def test_one_name_for_two_is_refused(package):
    write(package, "one", "class One(Part):\n    name = 'same'\n")
    write(package, "two", "class Two(Part):\n    name = 'same'\n")
    with pytest.raises(ValueError, match=r"made_parts\.one and made_parts\.two both define same"):
        classes_by_folder("made_parts", base(), "name")
