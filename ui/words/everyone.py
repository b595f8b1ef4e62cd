"""Words of everybody's lists on Compare: who changes, places, lengths of the list."""

WORDS = {
    # reasons of everybody's lists
    "shifts.title": {"en": "Which reasons carry the lists", "zh": "列表靠哪些理由支撑"},
    "shifts.caption": {
        "en": "Both lists of up to {n} shoppers drawn at random, as they are shown now; every place counts the same",
        "zh": "随机抽取最多 {n} 位顾客的两份列表，按现在展示的样子；每个位置同等计数",
    },
    "shifts.ask": {"en": "Explain the lists of {n} shoppers", "zh": "解释 {n} 位顾客的列表"},
    "shifts.asking": {"en": "Explaining two lists each of up to {n} shoppers.", "zh": "正在解释最多 {n} 位顾客的各两份列表。"},
    "shifts.before": {"en": "Before", "zh": "之前"},
    "shifts.after": {"en": "After", "zh": "之后"},
    "shifts.alt": {"en": "{sentence}", "zh": "{sentence}"},
    "shifts.read": {
        "en": "Share of everything that moves the scores of listed items. ◆ is the variant before, ● the one after.",
        "zh": "占列表商品全部分数变动的比例。◆ 为之前的方案，● 为之后的方案。",
    },
    "shifts.entered": {"en": "What entered rests on:", "zh": "新进商品的依据："},
    "shifts.left": {"en": "What left rested on:", "zh": "离开商品的依据："},
    "shifts.share": {"en": "{name} {share}", "zh": "{name} {share}"},
    # everybody's lists
    "everyone.title": {"en": "What changes for everybody", "zh": "对全体顾客的变化"},
    "everyone.caption": {
        "en": "From {before} to {after}, first {k} places, {n} held-out shoppers",
        "zh": "从 {before} 到 {after}，前 {k} 位，{n} 位测试顾客",
    },
    "everyone.nobody": {"en": "No held-out shopper has a list from both.", "zh": "没有测试顾客同时有两份列表。"},
    "everyone.of": {"en": "{value} of {k}", "zh": "{value} / {k}"},
    "everyone.entered": {"en": "New items a list", "zh": "每份列表新商品"},
    "everyone.moved": {"en": "Moved items a list", "zh": "每份列表移动商品"},
    "everyone.same": {"en": "Lists that stay the same", "zh": "不变的列表"},
    "everyone.same.help": {"en": "Share of shoppers whose list keeps every item in its place.", "zh": "列表中每件商品都在原位的顾客占比。"},
    "everyone.overlap": {"en": "Overlap", "zh": "重合度"},
    "everyone.overlap.help": {
        "en": "Rank-biased overlap: 1 is the same list, 0 has nothing in common; the top counts most.",
        "zh": "排名加权重合度：1 为相同列表，0 为毫无相同；越靠前权重越大。",
    },
    "everyone.jaccard": {"en": "Same items", "zh": "相同商品"},
    "everyone.jaccard.help": {
        "en": "Jaccard: items in both lists, as a share of the items in either; order does not count.",
        "zh": "Jaccard：两份列表共有的商品占任一列表商品的比例；不计次序。",
    },
    "everyone.kind": {"en": "Kind of shopper", "zh": "顾客类型"},
    "everyone.segments": {"en": "Overlap by kind of shopper", "zh": "按顾客类型的重合度"},
    "everyone.segments.alt": {
        "en": "Lists of {segment} shoppers change most: overlap {value}.",
        "zh": "{segment}顾客的列表变化最大：重合度 {value}。",
    },
    "everyone.changed": {"en": "Whose list changes most", "zh": "谁的列表变化最大"},
    "everyone.changed.hint": {"en": "Select a shopper to see both lists.", "zh": "选择一位顾客，查看两份列表。"},
    "everyone.changed.alt": {
        "en": "The list of shopper {shopper} changes most: {n} new items.",
        "zh": "顾客 {shopper} 的列表变化最大：{n} 件新商品。",
    },
    "everyone.unchanged": {"en": "Nobody’s list changes.", "zh": "没有人的列表变化。"},
    "everyone.col.shopper": {"en": "Shopper", "zh": "顾客"},
    "everyone.col.segment": {"en": "Kind", "zh": "类型"},
    "everyone.col.entered": {"en": "New items", "zh": "新商品"},
    "everyone.col.overlap": {"en": "Overlap", "zh": "重合度"},
    "everyone.winners": {"en": "Shown more with {name}", "zh": "{name} 展示更多"},
    "everyone.losers": {"en": "Shown less with {name}", "zh": "{name} 展示更少"},
    "everyone.item": {"en": "{change} shoppers ({before} → {after})", "zh": "{change} 位顾客（{before} → {after}）"},
    # places
    "places.most": {"en": "The first {n} variants are drawn.", "zh": "只画出前 {n} 个方案。"},
    "places.share": {"en": "Share of places", "zh": "位置占比"},
    "places.past": {"en": "Past events", "zh": "过往事件"},
    "places.equal": {"en": "All items alike", "zh": "所有商品均等"},
    "places.bands": {"en": "How popular the shown items are", "zh": "展示的商品有多热门"},
    "places.bands.caption": {
        "en": "Share of the first {k} places that go to each tenth of the items",
        "zh": "前 {k} 个位置在商品各十分位中的占比",
    },
    "places.bands.x": {"en": "Tenth of the items, 1 = the most popular", "zh": "商品十分位，1 = 最热门"},
    "places.bands.alt": {
        "en": "{name} gives {share} of its places to the most popular tenth, which had {past} of past events.",
        "zh": "{name} 把 {share} 的位置给了最热门的十分之一，它们占过往事件的 {past}。",
    },
    "places.bands.read": {
        "en": "Lines above the bars show items more often than shoppers chose them. A steep start favours best sellers.",
        "zh": "曲线高于柱子，说明这些商品展示得比顾客选择的更多。开头陡峭表示偏向畅销品。",
    },
    "places.lorenz": {"en": "How evenly places are shared", "zh": "位置分配有多均匀"},
    "places.lorenz.caption": {"en": "Lorenz curve over all items that are sold", "zh": "全部在售商品的洛伦兹曲线"},
    "places.lorenz.x": {"en": "Items, the least shown first", "zh": "商品，展示最少的在前"},
    "places.lorenz.alt": {
        "en": "{name} is the most even: a tenth of the items takes {share} of the places.",
        "zh": "{name} 最均匀：十分之一的商品占 {share} 的位置。",
    },
    "places.lorenz.read": {
        "en": "The nearer a curve is to the dashed line, the more evenly places are shared among items.",
        "zh": "曲线越靠近虚线，位置在商品间分配得越均匀。",
    },
    "places.mix": {"en": "Categories against the shoppers’ own", "zh": "类别与顾客自己的构成"},
    "places.mix.caption": {
        "en": "Mean share of each category in the lists and in what the same shoppers did before",
        "zh": "各类别在列表中与在这些顾客过往行为中的平均占比",
    },
    "places.mix.variant": {"en": "Variant", "zh": "方案"},
    "places.mix.own": {"en": "Shoppers’ own past", "zh": "顾客过往"},
    "places.mix.lists": {"en": "Their lists", "zh": "其列表"},
    "places.mix.rest": {
        "en": "All other categories together: {own} of the shoppers’ past, {lists} of the lists.",
        "zh": "其他类别合计：顾客过往 {own}，列表 {lists}。",
    },
    "places.mix.alt": {
        "en": "The largest change is {category}: {change} points against the shoppers’ own mix.",
        "zh": "变化最大的是 {category}：与顾客自己的构成相差 {change} 个百分点。",
    },
    "places.mix.distance": {
        "en": "Distance of **{name}** from each shopper’s own mix: **{value}** ({low} – {high}); 0 is the same mix.",
        "zh": "**{name}** 与每位顾客自己构成的距离： **{value}** （{low} – {high}）；0 表示构成相同。",
    },
    "places.mix.read": {
        "en": "Where the circle lies right of the diamond, the lists show more of a category than shoppers chose. "
        "The distance is Steck’s calibration, a Kullback-Leibler divergence.",
        "zh": "圆点在菱形右侧，说明列表展示该类别多于顾客的选择。距离为 Steck 校准度，即 KL 散度。",
    },
    # length of the list
    "lengths.title": {"en": "{metric} by length of the list", "zh": "{metric} 随列表长度的变化"},
    "lengths.caption": {"en": "The band is the 95% interval of {name}", "zh": "色带为 {name} 的 95% 区间"},
    "lengths.x": {"en": "Length of the list, k", "zh": "列表长度 k"},
    "lengths.alt": {
        "en": "{short} leads at {first} place, {long} at {last}.",
        "zh": "第 {first} 位时 {short} 领先，第 {last} 位时 {long} 领先。",
    },
    "lengths.read": {
        "en": "Lines that cross mean that the better variant depends on how many places you show.",
        "zh": "曲线交叉说明哪个方案更好取决于展示多少个位置。",
    },
}
