"""A row of figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st


def kpis(rows: Sequence[dict[str, Any]], min_width_px: int = 160) -> None:
    """Three to five figures side by side; each row holds arguments of `st.metric` (label ≤ 16 characters, delta ≤ 14)."""
    with st.grid(len(rows), min_column_width=min_width_px, gap="small"):
        for row in rows:
            st.metric(**row, border=True, height="stretch")
