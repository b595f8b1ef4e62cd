"""Merchlens: `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

STATIC = Path(__file__).parent / "static"

st.set_page_config(page_title="Merchlens", page_icon=str(STATIC / "logo.svg"), layout="wide", initial_sidebar_state=232)

from ui import shell  # noqa: E402  (the page configuration comes first)
from ui.parts.errors import guard  # noqa: E402

st.logo(str(STATIC / "logo_wide.svg"), size="large", icon_image=str(STATIC / "logo.svg"))

page = shell.navigate()
with guard():
    page.run()
