"""The check of a variant's explanations."""

WORDS = {
    "jobs.kind.check-explanations": {"en": "Checks"},
    "checks.open": {"en": "Check"},
    "checks.title": {"en": "Are the explanations true?"},
    "checks.purpose": {
        "en": "A true explanation names the past items that carry the score: without them it falls fastest, "
        "with them alone it comes back first."
    },
    "checks.none": {"en": "Not checked yet. The check takes seconds for simple models and some minutes for large ones."},
    "checks.start": {"en": "Check the explanations"},
    "checks.again": {"en": "Check again"},
    "checks.running": {"en": "The check runs as a job; it may go on while this is closed."},
    "checks.look": {"en": "Look again"},
    "checks.made": {"en": "{n} shoppers with at least four past items, checked {when}."},
    "checks.too_few": {"en": "No shopper had enough past items to check the explanations on."},
    "checks.verdict.true": {
        "en": "**They are.** Removing the named past items first beats removing any at random by **{value}** of the curve "
        "({low} to {high}). It beats removing the most popular first by {other} ({other_low} to {other_high})."
    },
    "checks.verdict.partly": {
        "en": "**Better than chance.** Removing the named past items first beats removing any at random by **{value}** of the curve "
        "({low} to {high}). Against the most popular first it is not sure: {other} ({other_low} to {other_high})."
    },
    "checks.verdict.unsure": {
        "en": "**Not shown.** Removing the named past items first cannot be told from removing any at random: {value} of the curve "
        "({low} to {high})."
    },
    "checks.deletion": {"en": "Past items removed"},
    "checks.insertion": {"en": "Past items added"},
    "checks.deletion.x": {"en": "share of past items removed"},
    "checks.insertion.x": {"en": "share of past items there"},
    "checks.y": {"en": "share of the score"},
    "checks.order.shapley": {"en": "As explained"},
    "checks.order.random": {"en": "At random"},
    "checks.order.popularity": {"en": "Most popular first"},
    "checks.deletion.alt": {"en": "With a fifth of the past items removed as explained {own} of the score is left, at random {other}."},
    "checks.insertion.alt": {"en": "With a fifth of the past items there as explained {own} of the score is reached, at random {other}."},
    "checks.read": {"en": "The lower the line while items are removed, and the higher while they are added, the truer the order."},
    "checks.agreement": {"en": "Agreement"},
    "checks.agreement.help": {
        "en": "Rank correlation of what an explanation gives a past item and what the score loses when it alone is removed. 1 is best."
    },
    "checks.error": {"en": "Sampling error"},
    "checks.error.exact": {"en": "Exact"},
    "checks.error.exact.help": {"en": "This model's contributions are computed, not sampled."},
    "checks.error.help": {"en": "Size of the error of sampled contributions, on {n} short histories where all parts could be asked."},
    "checks.changed": {"en": "Unstable cards"},
    "checks.changed.help": {
        "en": "Share of {n} cards that name other first three reasons when one old event is dropped. "
        "{others} without reasons that were that event's own; {apart} without reasons as good as equal in size."
    },
}
