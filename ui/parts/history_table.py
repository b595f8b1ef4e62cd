"""The shopper's past events as a table in which each can be left out, or change its behaviour and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from recengine.types import EventTerm, Explanation
from recengine.types.explanations import WhatIfChoices
from ui.charts.list_charts import digits_for
from ui.parts import what_if_state as state
from ui.parts.shopper_parts import did
from ui.parts.tile import tile
from ui.parts.what_if_state import Edit
from ui.words import WT, W, numbers, one_line

MOST_EVENTS = 200
SHORT = 6  # rows up to which the table is as high as they are


@dataclass(frozen=True)
class Row:
    """One row: an event of the history, or an imagined one (place -1)."""

    place: int
    item: str
    title: str
    behaviour: str
    time: pd.Timestamp
    effect: float | None


def history_table(
    variant: str,
    shopper: str,
    item: str,
    title: str,
    events: Sequence[EventTerm],
    full: Explanation | None,
    choices: WhatIfChoices,
    titles: dict[str, str],
) -> None:
    """Draw the table; what is changed in it becomes the what-if of this tab.

    Args:
        variant: id.
        shopper: id.
        item: the item that is explained.
        title: its title.
        events: the history before all edits.
        full: the card before all edits, for the effects; None without one.
        choices: what may be changed.
        titles: of items that may be imagined.
    """
    seen = f"{variant}.{shopper}.{item}"
    key = f"history.{seen}.{state.mount()}"
    # another card, or one that was out of sight, when the browser forgets its cells: the table starts from the edits as they are
    forgotten = f"{key}.first" in st.session_state and key not in st.session_state
    if st.session_state.get("whatif.seen") != seen or forgotten:
        st.session_state["whatif.seen"] = seen
        state.remount()
        key = f"history.{seen}.{state.mount()}"
    first = st.session_state.setdefault(f"{key}.first", state.edits_of(variant, shopper))
    effects = {e.place: e.contribution for e in full.events} if full else {}
    shown = sorted(events, key=lambda e: -abs(effects.get(e.place, 0.0)))[:MOST_EVENTS]
    if len(events) > len(shown):
        st.caption(W("whatif.most", n=len(shown), all=len(events)))
    rows = [Row(e.place, e.item, e.title, e.behaviour, at(e.time), effects.get(e.place)) for e in shown]
    imagined = [edit for edit in first if edit["kind"] == "add"]
    rows = [
        *(
            Row(-1, e["item"], titles.get(e["item"]) or e["item"], e["behaviour"], at(e.get("time") or choices.latest), None)
            for e in imagined
        ),
        *rows,
    ]
    if not rows:
        return
    frame = table(rows, first)
    others = kept(rows, first)

    def changed() -> None:  # before the next run, so that the list beside this table is right at once
        edited = st.session_state[key]["edited_rows"]
        state.set_edits(variant, shopper, [*edits_in(rows, applied(frame, edited)), *others])

    options = sorted({*choices.behaviours, *(row.behaviour for row in rows)})
    drawn = _editor(frame, key, title, options, choices, changed)
    now = [*edits_in(rows, drawn), *others]
    if state.differ(now, state.edits_of(variant, shopper)):
        state.set_edits(variant, shopper, now)
        st.rerun()


def _editor(frame: pd.DataFrame, key: str, title: str, behaviours: list[str], choices: WhatIfChoices, changed: Any) -> pd.DataFrame:
    column, digits = st.column_config, min(3, digits_for(frame["effect"].dropna().tolist()))
    return st.data_editor(
        frame,
        key=key,
        hide_index=True,
        height="content" if len(frame) <= SHORT else 282,
        row_height=40,
        disabled=["tile", "title", "effect"],
        column_order=["use", "tile", "title", "effect", "did", "time"],
        on_change=changed,
        placeholder=numbers.NONE,
        alt=WT("whatif.table.alt", title=title),
        column_config={
            "use": column.CheckboxColumn(WT("whatif.col.use"), width=76),
            "tile": column.ImageColumn("", width=36),
            "title": column.TextColumn(WT("whatif.col.title"), width=150),
            "effect": column.NumberColumn(WT("whatif.col.effect"), format=f"%+.{digits}f", width=62),
            "did": column.SelectboxColumn(WT("whatif.col.did"), options=behaviours, format_func=_did, required=True, width=86),
            "time": column.DatetimeColumn(
                WT("whatif.col.time"), format="YYYY-MM-DD HH:mm", max_value=at(choices.latest), required=True, step=60, width=128
            ),
        },
    )


def _did(behaviour: Any) -> str:
    return did(str(behaviour))


def at(time: str) -> pd.Timestamp:
    """A moment as the table holds it: UTC without saying so."""
    when = numbers.moment(time)
    return pd.Timestamp(when).tz_localize(None) if when is not None else pd.NaT  # pyright: ignore[reportReturnType]


def table(rows: Sequence[Row], edits: Sequence[Edit]) -> pd.DataFrame:
    """The rows with these edits in them."""
    gone = {e["place"] for e in edits if e["kind"] == "remove"}
    changes = {e["place"]: e for e in edits if e["kind"] == "change"}
    told = [changes.get(row.place, {}) if row.place >= 0 else {} for row in rows]
    return pd.DataFrame(
        {
            "use": [row.place < 0 or row.place not in gone for row in rows],
            "tile": [tile(row.item, row.title) for row in rows],
            "title": [WT("whatif.imagined", title=row.title) if row.place < 0 else one_line(row.title) for row in rows],
            "effect": [row.effect for row in rows],
            "did": [change.get("behaviour") or row.behaviour for row, change in zip(rows, told, strict=True)],
            "time": pd.Series(
                [at(change["time"]) if change.get("time") else row.time for row, change in zip(rows, told, strict=True)],
                dtype="datetime64[s]",
            ),
        }
    ).astype({"effect": "float64"})


def applied(frame: pd.DataFrame, edited: dict[int, dict[str, Any]]) -> pd.DataFrame:
    """The table after what a browser reports of it."""
    made = frame.copy()
    for row, cells in edited.items():
        for name, value in cells.items():
            if name == "time":
                when = pd.to_datetime(value, errors="coerce", utc=True)
                value = when.tz_localize(None).as_unit("s")
            if not pd.isna(value):
                made.loc[int(row), name] = value
    return made


def edits_in(rows: Sequence[Row], frame: pd.DataFrame) -> list[Edit]:
    """What the table changes of the history; cells that were emptied change nothing."""
    made: list[Edit] = []
    for row, use, behaviour, time in zip(rows, frame["use"], frame["did"], frame["time"], strict=True):
        moved = not pd.isna(time) and time != row.time
        if row.place < 0:
            if use:
                when = time if moved else row.time
                made.append({"kind": "add", "item": row.item, "behaviour": str(behaviour or row.behaviour), "time": written(when)})
        elif not use:
            made.append({"kind": "remove", "place": row.place})
        else:
            change: Edit = {"kind": "change", "place": row.place}
            if behaviour and behaviour != row.behaviour:
                change["behaviour"] = str(behaviour)
            if moved:
                change["time"] = written(time)
            if len(change) > 2:
                made.append(change)
    return made


def kept(rows: Sequence[Row], edits: Sequence[Edit]) -> list[Edit]:
    """Edits that the table does not show: of items, and of events beyond its rows."""
    shown = {row.place for row in rows}
    return [e for e in edits if e["kind"] in ("price", "category") or (e["kind"] in ("remove", "change") and e["place"] not in shown)]


def written(time: pd.Timestamp) -> str:
    """ISO text, UTC."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
