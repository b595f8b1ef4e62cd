"""Words of the Train page."""

WORDS = {
    "train.purpose": {"en": "Fit models on this dataset and watch them learn. You can leave this page."},
}
