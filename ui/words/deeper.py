"""Deeper looks at one explanation: the fewest past items behind a place, exact shares, second opinions."""

WORDS = {
    "deeper.title": {"en": "Look deeper"},
    "deeper.fewest": {"en": "Fewest past items behind it"},
    "deeper.history": {"en": "Shapley values of past items"},
    "deeper.opinions": {"en": "Second opinions"},
    "deeper.working": {"en": "Asking the variant about parts of the history."},
    "deeper.fewest.proved": {"en": "proved: no smaller set"},
    "deeper.fewest.greedy": {"en": "a smaller set may exist"},
    "deeper.fewest.after": {"en": "Place {before} becomes {after}."},
    "deeper.fewest.gone": {"en": "Place {before} becomes one beyond 500."},
    "deeper.history.exact": {"en": "Exact: base {base} plus {n} past items gives {score}."},
    "deeper.history.sampled": {
        "en": "Sampled from {coalitions} parts of the history, standard error at most {error}. Base {base} plus {n} past items: {score}."
    },
    "deeper.history.more": {"en": "Ask twice as many parts"},
    "deeper.history.item": {"en": "Past item"},
    "deeper.history.did": {"en": "Did"},
    "deeper.history.adds": {"en": "Adds"},
    "deeper.history.error": {"en": "± error"},
    "deeper.history.alt": {"en": "{title} adds most to the score, {value}."},
    "deeper.opinion.attention": {"en": "Attention of the model: where it looked, which need not be what decided."},
    "deeper.opinion.lime": {"en": "LIME: a straight line through scores of parts of the history. It explains {fit} of their variance."},
    "deeper.opinion.agree": {"en": "Agreement with the Shapley values in order: {agreement} of 1."},
    "deeper.opinion.unknown": {"en": "Agreement cannot be told from so few past items."},
    "deeper.opinion.none": {"en": "There is no second opinion on this score."},
    "deeper.opinion.item": {"en": "Past item"},
    "deeper.opinion.weight": {"en": "Weight"},
    "deeper.opinion.alt": {"en": "{title} weighs most, {value}."},
}
