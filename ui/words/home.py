"""Words of the Home page."""

WORDS = {
    "home.purpose": {"en": "What changed lately, and what to look at next."},
}
