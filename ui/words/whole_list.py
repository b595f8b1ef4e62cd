"""Why this list: signals and past items behind all of its items at once."""

WORDS = {
    "whole.working": {
        "en": "Asking the variant about parts of the history, for all items of the list.",
        "zh": "正在为整份列表用部分历史询问方案。",
    },
    "whole.empty": {
        "en": "There is no list to explain. Put past events back or choose another variant.",
        "zh": "没有可解释的列表。恢复过往事件，或换一个方案。",
    },
    "whole.verdict.both": {
        "en": "**{signal}** adds most to this list, {signal_adds} an item on average, and speaks for {n_up} of {n} items. "
        "Of the past items it is **{past}**, with {past_adds}.",
        "zh": "**{signal}** 对此列表贡献最大，平均每件 {signal_adds}，支持 {n} 件中的 {n_up} 件。过往商品中最大的是 **{past}** "
        "，为 {past_adds}。",
    },
    "whole.verdict.past": {
        "en": "**{past}** is the past item behind most of this list: {past_adds} an item on average, and speaks for {n_up} of {n} items.",
        "zh": "**{past}** 是支撑此列表最多的过往商品：平均每件 {past_adds}，支持 {n} 件中的 {n_up} 件。",
    },
    "whole.verdict.signal": {
        "en": "**{signal}** adds most to this list, {signal_adds} an item on average, and speaks for {n_up} of {n} items.",
        "zh": "**{signal}** 对此列表贡献最大，平均每件 {signal_adds}，支持 {n} 件中的 {n_up} 件。",
    },
    "whole.verdict.none": {
        "en": "Nothing about this shopper moves these scores: everybody gets the same list.",
        "zh": "这位顾客的任何行为都不影响这些分数：人人得到同一份列表。",
    },
    "whole.signals": {"en": "Signals behind the list", "zh": "列表背后的信号"},
    "whole.past": {"en": "Past items behind the list", "zh": "列表背后的过往商品"},
    "whole.caption": {"en": "What each adds to every item", "zh": "每一项对各商品的贡献"},
    "whole.caption.sampled": {
        "en": "What each adds to every item, sampled, ± {error} at most",
        "zh": "每一项对各商品的贡献，抽样估计，误差至多 ± {error}",
    },
    "whole.caption.first": {"en": "The {shown} largest of {all}", "zh": "{all} 项中最大的 {shown} 项"},
    "whole.signals.alt": {
        "en": "{name} adds most to the list, {adds} an item on average; {n} signals are shown.",
        "zh": "{name} 对列表贡献最大，平均每件 {adds}；共显示 {n} 个信号。",
    },
    "whole.past.alt": {
        "en": "{name} adds most to the list, {adds} an item on average; {n} past items are shown.",
        "zh": "{name} 对列表贡献最大，平均每件 {adds}；共显示 {n} 件过往商品。",
    },
    "whole.read": {
        "en": "Each dot is one item of the list, further right the more the row adds to its score; the upright mark is the mean. "
        "Orange diamonds lower a score, the ring marks the item below.",
        "zh": "每个点是列表中的一件商品，越靠右该行加分越多；竖线为均值。橙色菱形降低分数，圆环标出下方的商品。",
    },
    "whole.past.none": {"en": "No past item moves the scores of this list.", "zh": "没有过往商品影响此列表的分数。"},
    "whole.more": {"en": "Ask twice as many parts", "zh": "询问两倍的组合"},
    "whole.one": {"en": "One item of the list", "zh": "列表中的一件商品"},
    "whole.one.pick": {"en": "Item", "zh": "商品"},
    "whole.one.by": {"en": "Show", "zh": "显示"},
    "whole.one.signals": {"en": "Signals", "zh": "信号"},
    "whole.one.past": {"en": "Past items", "zh": "过往商品"},
    "whole.one.start.signals": {"en": "Starting point", "zh": "起点"},
    "whole.one.start.past": {"en": "Without a history", "zh": "没有历史时"},
    "whole.one.score": {"en": "Score", "zh": "分数"},
    "whole.one.alt": {
        "en": "{title}: from {start} to {score}; {name} moves it most, by {adds}.",
        "zh": "{title}：从 {start} 到 {score}；{name} 影响最大，为 {adds}。",
    },
    "whole.one.read": {
        "en": "Petrol parts push the score up from the left, orange parts hold it down from the right; they meet at the score. "
        "The largest parts lie nearest to it.",
        "zh": "青色部分从左把分数推高，橙色部分从右把它压低，两者在分数处相遇。最大的部分离分数最近。",
    },
    "whole.one.up": {"en": "Up: {parts}.", "zh": "提高：{parts}。"},
    "whole.one.down": {"en": "Down: {parts}.", "zh": "降低：{parts}。"},
    "whole.one.part": {"en": "{name} {adds}", "zh": "{name} {adds}"},
    "whole.one.none": {"en": "Nothing about this shopper moves this score.", "zh": "这位顾客的任何行为都不影响此分数。"},
    "whole.one.card": {"en": "Open its card", "zh": "打开其卡片"},
    "whole.other": {"en": "{n} others", "zh": "其他 {n} 项"},
    "whole.pick": {"en": "{rank}. {title}", "zh": "{rank}. {title}"},
}
