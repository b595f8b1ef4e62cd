"""Words of the Jobs & settings page."""

WORDS = {
    "jobs.purpose": {"en": "What runs, what ended and how, and the state of this machine."},
}
