"""Why this list: signals and past items behind all of its items at once."""

WORDS = {
    "whole.working": {"en": "Asking the variant about parts of the history, for all items of the list."},
    "whole.empty": {"en": "There is no list to explain. Put past events back or choose another variant."},
    "whole.verdict.both": {
        "en": "**{signal}** adds most to this list, {signal_adds} an item on average, and speaks for {n_up} of {n} items. "
        "Of the past items it is **{past}**, with {past_adds}."
    },
    "whole.verdict.past": {
        "en": "**{past}** is the past item behind most of this list: {past_adds} an item on average, and it speaks for {n_up} of {n} items."
    },
    "whole.verdict.signal": {
        "en": "**{signal}** adds most to this list, {signal_adds} an item on average, and speaks for {n_up} of {n} items."
    },
    "whole.verdict.none": {"en": "Nothing about this shopper moves these scores: everybody gets the same list."},
    "whole.signals": {"en": "Signals behind the list"},
    "whole.past": {"en": "Past items behind the list"},
    "whole.caption": {"en": "What each adds to every item"},
    "whole.caption.sampled": {"en": "What each adds to every item, sampled, ± {error} at most"},
    "whole.caption.first": {"en": "The {shown} largest of {all}"},
    "whole.signals.alt": {"en": "{name} adds most to the list, {adds} an item on average; {n} signals are shown."},
    "whole.past.alt": {"en": "{name} adds most to the list, {adds} an item on average; {n} past items are shown."},
    "whole.read": {
        "en": "Each dot is one item of the list, further right the more the row adds to its score; the upright mark is the mean. "
        "Orange diamonds lower a score, the ring marks the item below."
    },
    "whole.past.none": {"en": "No past item moves the scores of this list."},
    "whole.more": {"en": "Ask twice as many parts"},
    "whole.one": {"en": "One item of the list"},
    "whole.one.pick": {"en": "Item"},
    "whole.one.by": {"en": "Show"},
    "whole.one.signals": {"en": "Signals"},
    "whole.one.past": {"en": "Past items"},
    "whole.one.start.signals": {"en": "Starting point"},
    "whole.one.start.past": {"en": "Without a history"},
    "whole.one.score": {"en": "Score"},
    "whole.one.alt": {"en": "{title}: from {start} to {score}; {name} moves it most, by {adds}."},
    "whole.one.read": {
        "en": "Petrol parts push the score up from the left, orange parts hold it down from the right; they meet at the score. "
        "The largest parts lie nearest to it."
    },
    "whole.one.up": {"en": "Up: {parts}."},
    "whole.one.down": {"en": "Down: {parts}."},
    "whole.one.part": {"en": "{name} {adds}"},
    "whole.one.none": {"en": "Nothing about this shopper moves this score."},
    "whole.one.card": {"en": "Open its card"},
    "whole.other": {"en": "{n} others"},
    "whole.pick": {"en": "{rank}. {title}"},
}
