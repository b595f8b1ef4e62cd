"""Merchlens: `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from ui.navigation import navigate

STATIC = Path(__file__).parent / "static"

st.set_page_config(page_title="Merchlens", page_icon=str(STATIC / "logo.svg"), layout="wide", initial_sidebar_state=232)
st.logo(str(STATIC / "logo_wide.svg"), size="large", icon_image=str(STATIC / "logo.svg"))
page = navigate()

from ui.parts.errors import guard  # noqa: E402  (heavy: the menu is on the screen before it)

with guard():
    page.run()
