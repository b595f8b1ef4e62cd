"""The one what-if of this tab: a list of edits for a variant and shopper, which list, card and deeper looks follow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st

Edit = dict[str, Any]  # as `Explanations.what_if` takes it; places are those of the history before all edits
ORDER = ("remove", "change", "add", "price", "category")
_MOUNT = "whatif.mount"


def edits_of(variant: str, shopper: str) -> tuple[Edit, ...]:
    """What is changed now."""
    return st.session_state.get(_key(variant, shopper), ())


def set_edits(variant: str, shopper: str, edits: Sequence[Edit]) -> None:
    """Change exactly this, from the next list on."""
    placed = sorted(edits, key=lambda edit: (ORDER.index(edit["kind"]), edit.get("place", 0)))
    st.session_state[_key(variant, shopper)] = tuple(placed)


def differ(one: Sequence[Edit], other: Sequence[Edit]) -> bool:
    """Whether two what-ifs are not the same, in whatever order."""
    first, second = (sorted(json.dumps(edit, sort_keys=True) for edit in edits) for edits in (one, other))
    return first != second


def add_edit(variant: str, shopper: str, edit: Edit) -> None:
    """Change this too; an earlier price or category of the same item is forgotten. Tables of the history are drawn anew."""
    same = {"price", "category"} & {edit["kind"]}
    kept = [e for e in edits_of(variant, shopper) if not (e["kind"] in same and e["kind"] == edit["kind"] and e["item"] == edit["item"])]
    set_edits(variant, shopper, [*kept, edit])
    remount()


def drop_edit(variant: str, shopper: str, place: int) -> None:
    """Take back one of `edits_of`."""
    edits = edits_of(variant, shopper)
    set_edits(variant, shopper, [edit for i, edit in enumerate(edits) if i != place])
    remount()


def reset(variant: str, shopper: str) -> None:
    """Put everything back."""
    set_edits(variant, shopper, ())
    remount()


def mount() -> int:
    """Changes whenever tables of the history must be drawn from the edits as they are now."""
    return st.session_state.get(_MOUNT, 0)


def remount() -> None:
    """Draw tables of the history anew."""
    st.session_state[_MOUNT] = mount() + 1


def _key(variant: str, shopper: str) -> str:
    return f"whatif.{variant}.{shopper}"
