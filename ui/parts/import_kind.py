"""What a waiting file is: a log, a table beside one, or rejected rows that come back; found out once, or as a person said."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from recengine.types.versions import FileKind
from recengine.workspace import Workspace
from ui.parts.import_plan import keep_plan, plan_of
from ui.parts.import_view import edits_of, keep_edits
from ui.words import WT, has

TABLES = ("items", "shoppers", "reviews", "searches", "id_map", "campaigns", "faq")
KINDS = ("events", *TABLES)


@st.cache_resource(max_entries=32, show_spinner=False)
def _found(_ws: Workspace, key: str, upload: str, said: str) -> FileKind:  # noqa: ARG001  (a part of the key of the cache)
    return _ws.versions.kind(upload)


def kind_of(ws: Workspace, upload: str) -> FileKind:
    """What the file is: as a person said, else as found, read once. Raises BadInput."""
    edits = edits_of(upload)
    return _found(ws, str(id(ws)), upload, json.dumps([edits.get("kind"), edits.get("reading")]))


def say_kind(upload: str, kind: str) -> None:
    """Take the file for this kind; "" = as found. What was said of its columns as another kind is forgotten."""
    reading = {name: value for name, value in edits_of(upload).items() if name == "reading"}
    keep_edits(upload, reading | ({"kind": kind} if kind else {}))
    say_table(upload)


def table_said(upload: str) -> dict[str, Any]:
    """What a person said of the file as a table: "fields", "unsold"; {} where nothing was."""
    return next((entry for entry in plan_of(upload)["tables"] if entry.get("upload") == upload), {})


def say_table(upload: str, **wishes: Any) -> None:
    """Keep what a table is to become; without wishes all of it is forgotten."""
    others = [entry for entry in plan_of(upload)["tables"] if entry.get("upload") != upload]
    mine = {"upload": upload, **table_said(upload), **wishes}
    keep_plan(upload, tables=[*others, mine] if wishes else others)


def kind_name(kind: str) -> str:
    """A table of items, Reviews … for the engine's names."""
    return WT(f"kind.{kind}") if has(f"kind.{kind}") else kind
