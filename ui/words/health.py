"""Health checks: would somebody who knows the shop show these lists?"""

WORDS = {
    "jobs.kind.health": {"en": "Health"},
    "compare.deeper.health": {"en": "Health checks"},
    "health.title": {"en": "Would you show these lists?"},
    "health.caption": {"en": "Up to {n} stored lists a variant, first {k} places. Click a value for examples, a name for its thresholds."},
    "health.legend": {
        "en": ":green[:material/check_circle:] well · :orange[:material/warning:] look at it · "
        ":red[:material/cancel:] not well · – not measured"
    },
    "health.none.title": {"en": "Not checked yet"},
    "health.none.why": {"en": "{n} questions a shop person would ask, answered in about ten seconds a variant."},
    "health.start": {"en": {"one": "Check {n} variant", "other": "Check {n} variants"}},
    "health.again": {"en": "Check all again"},
    "health.missing": {"en": "Not checked yet: {names}."},
    "health.elsewhere": {"en": "Measured on the first {k} places, {when}."},
    "health.check": {"en": "Check"},
    "health.cell.green": {"en": "✓ {value}"},
    "health.cell.amber": {"en": "▲ {value}"},
    "health.cell.red": {"en": "✕ {value}"},
    "health.cell.none": {"en": "–"},
    "health.alt": {"en": "{n} checks of {variants} variants: {red} red, {amber} amber."},
    "health.verdict.red": {
        "en": "**{name}** passes {passed} of {of} checks. Not well: {bad}.",
    },
    "health.verdict.amber": {"en": "**{name}** passes {passed} of {of} checks. Worth a look: {bad}."},
    "health.verdict.green": {"en": "**{name}** passes all {of} checks."},
    "health.verdict.none": {"en": "**{name}** could not be checked."},
    "health.word.green": {"en": "Well"},
    "health.word.amber": {"en": "Look at it"},
    "health.word.red": {"en": "Not well"},
    "health.word.none": {"en": "Not measured"},
    "health.value": {"en": "**{value}** ({interval})"},
    "health.value.exact": {"en": "**{value}**"},
    "health.examples": {"en": "Examples"},
    "health.examples.none": {"en": "No list shows it."},
    "health.example.list": {"en": "The list as a whole"},
    "health.example.other": {"en": "Past item: {title}"},
    "health.example.shopper": {"en": "Shopper {shopper}"},
    "health.example.nobody": {"en": "A visitor without a past"},
    "health.thresholds": {"en": "Thresholds"},
    "health.threshold.above": {"en": "Amber above {amber}, red above {red}."},
    "health.threshold.below": {"en": "Amber below {amber}, red below {red}."},
    "health.threshold.certain": {"en": "Red needs an interval that lies wholly beyond amber."},
    "health.amber": {"en": "Amber from, %"},
    "health.red": {"en": "Red from, %"},
    "health.keep": {"en": "Keep both thresholds"},
    "health.default": {"en": "Back to the defaults"},
    "health.read": {
        "en": "Each row asks one question of every variant’s lists. Red lists would be noticed by customers, amber ones by you."
    },
}
