"""A short table of shoppers; choosing one opens their page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recengine.types import ShopperRow, caption
from ui import shell
from ui.parts.tile import tile
from ui.words import WT, numbers, one_line, told


def shopper_table(rows: Sequence[ShopperRow], key: str) -> None:
    """Tile of the newest item, id, newest item, events; a selected row opens the shopper's recommendations."""
    frame = pd.DataFrame(
        {
            "tile": [tile(r.last_title, r.last_title) for r in rows],
            "shopper": [one_line(r.shopper) for r in rows],
            "last": [one_line(r.last_title) for r in rows],
            "events": [r.events for r in rows],
        }
    )
    column = st.column_config
    picked = st.dataframe(
        frame,
        hide_index=True,
        row_height=44,
        height="content",
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        placeholder=numbers.NONE,
        alt=WT("home.recent.alt", n=len(rows)),
        column_config={
            "tile": column.ImageColumn("", width=44),
            "shopper": column.TextColumn(WT("home.recent.shopper"), help=told(caption(ShopperRow, "shopper")), width=72),
            "last": column.TextColumn(WT("home.recent.last"), help=told(caption(ShopperRow, "last_title")), width=168),
            "events": column.NumberColumn(WT("home.recent.events"), format="localized", width=64),
        },
    )
    if picked.selection.rows:
        shopper = rows[picked.selection.rows[0]].shopper
        st.session_state.pop(key, None)
        shell.go("recommendations", shopper=shopper)
