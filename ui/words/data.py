"""Words of the Data page."""

WORDS = {
    "data.purpose": {"en": "Check how your file was understood, then add it to the shop."},
}
