"""Signals: what the funnel looks at, what each signal adds, and how well its chances hold."""

WORDS = {
    "nav.signals": {"en": "Signals"},
    "signals.purpose": {"en": "What the funnel looks at, what each signal adds, and how well its chances hold."},
    "signals.other.title": {"en": "{variant} weighs no signals"},
    "signals.other.why": {"en": "Signals belong to a funnel. It joins several models and learns what to trust."},
    "signals.other.open": {"en": "Open {variant}"},
    "signals.other.train": {"en": "Train a funnel"},
    "signals.verdict.better": {
        "en": "The funnel ranks better than its best single model, **{best}**: NDCG@10 {value} against {other}, {gain} "
        "({low} to {high}) on {n} shoppers."
    },
    "signals.verdict.unsure": {
        "en": "The funnel and its best single model, **{best}**, cannot be told apart: NDCG@10 {value} against {other}, {gain} "
        "({low} to {high}) on {n} shoppers."
    },
    "signals.verdict.worse": {
        "en": "**{best}** alone ranks better than the funnel: NDCG@10 {other} against {value}, {gain} ({low} to {high}) on {n} shoppers."
    },
    "signals.kpi.gain": {"en": "Gain in NDCG@10"},
    "signals.kpi.gain.help": {"en": "Over the best single model, same shoppers. 95% interval {low} to {high}. {window}"},
    "signals.kpi.calibration": {"en": "Calibration error"},
    "signals.kpi.calibration.help": {"en": "Mean distance of predicted and observed share, ten groups of equal size. Good: under .02."},
    "signals.kpi.recall": {"en": "Choices recalled"},
    "signals.kpi.recall.help": {"en": "Share of the chosen items that any of its models put forward. The ranker can do no better."},
    "signals.kpi.signals": {"en": "Signals"},
    "signals.kpi.signals.help": {"en": "In {n} groups. The data decides which of them exist."},
    "signals.view": {"en": "Show"},
    "signals.view.groups": {"en": "Groups"},
    "signals.view.signals": {"en": "Signals"},
    "signals.view.pairs": {"en": "Pairs"},
    "signals.view.chances": {"en": "Chances"},
    "signals.view.segments": {"en": "Shoppers"},
    "signals.segment.cold": {"en": "New"},
    "signals.segment.warm": {"en": "Regular"},
    "signals.segment.hot": {"en": "Heavy"},
    "signals.segments.size": {"en": "What counts for whom"},
    "signals.segments.size.caption": {"en": "Mean size of what a group adds, in log-odds"},
    "signals.segments.size.read": {
        "en": "A darker cell moves the scores of these shoppers further, up or down. "
        "New shoppers have at most 2 past items, heavy ones 20 or more."
    },
    "signals.segments.mean": {"en": "Which way it moves them"},
    "signals.segments.mean.caption": {"en": "Mean of what a group adds, in log-odds"},
    "signals.segments.mean.read": {
        "en": "Above zero the group raises the scores of these shoppers on average. Near zero it raises some items and lowers others."
    },
    "signals.segments.says": {"en": "**{segment}** shoppers ({n}): most movement comes from {first}, then from {second}."},
    "signals.segments.alt": {"en": "{segment} shoppers are moved most by {first}, {value} in log-odds."},
    "signals.segments.none": {"en": "Not measured for this variant. Funnels that are trained from now on have it."},
    "signals.shares": {"en": "What moves the scores"},
    "signals.shares.caption": {"en": "Share of all movement, {n} held-out candidates"},
    "signals.shares.alt": {"en": "{title} moves scores most, with {share} of all movement."},
    "signals.shares.read": {
        "en": "Every signal moves a candidate's score up or down. A bar is the share of its group in the size of all these moves."
    },
    "signals.adds": {"en": "What each group adds"},
    "signals.adds.caption": {"en": "NDCG@10 lost without the group, {n} held-out shoppers"},
    "signals.adds.alt": {"en": "Without {title} the lists lose {value} NDCG@10."},
    "signals.adds.read": {
        "en": "The ranker learned again without the group. Right of zero: the lists get worse without it. A bar whose line crosses zero "
        "can be chance."
    },
    "signals.adds.none": {"en": "Not measured for this variant. Presets Balanced and Thorough measure it."},
    "signals.swarm": {"en": "How each signal moves a score"},
    "signals.swarm.caption": {"en": "Change in log-odds, one dot a candidate"},
    "signals.swarm.alt": {"en": "{title} moves scores most; {n} signals are shown, most important first."},
    "signals.swarm.read": {
        "en": "Right of zero raises the score; the signal on top matters most. Dots of stronger colour are higher values of the "
        "signal, grey ones are unknown."
    },
    "signals.dependence": {"en": "One signal in detail"},
    "signals.dependence.signal": {"en": "Signal"},
    "signals.dependence.y": {"en": "change in log-odds"},
    "signals.dependence.alt": {"en": "{title}: its value against what it adds to the score."},
    "signals.dependence.none": {"en": "No candidate has a known value of this signal."},
    "signals.dependence.read": {
        "en": "Each dot is one candidate. Dots of equal value stand at different heights where other signals change what this one means."
    },
    "signals.direction.up": {"en": "More can only help."},
    "signals.direction.down": {"en": "More can only hurt."},
    "signals.direction.free": {"en": "The direction was learned."},
    "signals.pairs": {"en": "What two signals say only together"},
    "signals.pairs.caption": {"en": "Mean size in log-odds"},
    "signals.pairs.alt": {"en": "{first} and {second} do most together, {value} in log-odds."},
    "signals.pairs.read": {
        "en": "A number is how far two signals move a score beyond what each does alone. Columns carry the numbers of the rows. {method}"
    },
    "signals.pairs.none": {"en": "This ranker adds signals up, or its pairs were not measured."},
    "signals.pairs.table": {"en": "Strongest pairs"},
    "signals.pairs.first": {"en": "Signal"},
    "signals.pairs.second": {"en": "Together with"},
    "signals.pairs.strength": {"en": "Strength"},
    "signals.chances": {"en": "Do the chances hold?"},
    "signals.chances.caption": {"en": "Chance of a {behaviour}, {n} held-out shoppers"},
    "signals.chances.behaviour": {"en": "Chance of"},
    "signals.chances.x": {"en": "predicted"},
    "signals.chances.y": {"en": "observed"},
    "signals.chances.alt": {"en": "Predicted and observed chances of a {behaviour} are {error} apart on average."},
    "signals.chances.read": {
        "en": "Each dot is a tenth of the candidates. On the dotted line, as many were chosen as was predicted; above it, more."
    },
    "signals.chances.none": {"en": "Nobody could be held out to check the chances on."},
    "signals.generators": {"en": "Against its own models"},
    "signals.generators.caption": {"en": "NDCG@10 with 95% intervals. {window}"},
    "signals.generators.alt": {"en": "The funnel reaches NDCG@10 {value}, its best single model {best} reaches {other}."},
    "signals.generators.read": {
        "en": "Each model ranked the whole catalogue alone, for the same shoppers. Intervals that do not meet are a safe difference."
    },
    "signals.generators.none": {"en": "Only variants judged on a split over time are held against their models."},
    "signals.later": {"en": "The window lies after everything the judged funnel had seen."},
    "signals.within": {"en": "Held-out shoppers of the training period."},
    "signals.behaviour.purchase": {"en": "purchase"},
    "signals.behaviour.cart": {"en": "cart"},
    "signals.behaviour.view": {"en": "view"},
    "signals.behaviour.favourite": {"en": "favourite"},
    "signals.behaviour.rating": {"en": "rating"},
}
