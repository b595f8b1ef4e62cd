"""Merchlens: `streamlit run app.py`."""

from ui.navigation import frame, language_switch, navigate

frame()
page = navigate()
language_switch()

from ui.parts.errors import guard  # noqa: E402  (heavy: the menu is on the screen before it)

with guard():
    page.run()
