"""A table with one row that can be chosen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ui.words import numbers

ROWS_SHOWN = 6  # more rows scroll


def pick_table(
    frame: pd.DataFrame, key: str, alt: str, columns: dict[str, Any], place: int | None = None, hidden: Collection[str] = ()
) -> int | None:
    """Draw the table; returns the row that was selected just now, None where nothing new was.

    Args:
        frame: rows as shown.
        key: of the table.
        alt: what the table shows, for those who cannot see it.
        columns: how each column is drawn.
        place: the row that is chosen when the table is first drawn.
        hidden: columns that say nothing here.
    """
    event = st.dataframe(
        frame,
        key=key,
        hide_index=True,
        height=248 if len(frame) > ROWS_SHOWN else "content",
        placeholder=numbers.NONE,
        on_select="rerun",
        selection_mode="single-row",
        selection_default=None if place is None else {"selection": {"rows": [place]}},
        column_order=[name for name in frame.columns if name not in hidden],
        column_config=columns,
        alt=alt,
    )
    picked = newly_picked(key, event.selection.rows, place)
    return picked if picked is not None and picked < len(frame) else None


def newly_picked(key: str, selected: Sequence[int], start: int | None = None) -> int | None:
    """The selected row of a table when it is another one than last time; a table goes on reporting the same selection.

    Args:
        key: the table's key.
        selected: rows that the table reports.
        start: the row that was selected when the table was first drawn.
    """
    seen = f"{key}.picked"
    before = st.session_state.setdefault(seen, start)
    now = selected[0] if selected else None
    st.session_state[seen] = now
    return now if now is not None and now != before else None
