"""Replay: what later logs say of lists that nobody was shown."""

WORDS = {
    "compare.deeper.replay": {"en": "Replay", "zh": "回放"},
    "replay.title": {"en": "What the lists would have met", "zh": "这些列表会遇到什么"},
    "replay.caption": {
        "en": "Later log from {first} to {last}, first {k} places, {n} shoppers with a list",
        "zh": "{first} 至 {last} 的后续日志，前 {k} 位，{n} 位有列表的顾客",
    },
    "replay.offline": {"en": "Offline estimate", "zh": "离线估计"},
    "replay.offline.help": {
        "en": "Nobody was shown these lists. Only an experiment proves what they bring.",
        "zh": "没有人真正看到过这些列表。只有实验才能证明它们的效果。",
    },
    "replay.policy": {"en": "Policy", "zh": "策略"},
    "replay.policy.none": {"en": "By score alone", "zh": "只按分数"},
    "replay.figure": {"en": "Figure", "zh": "指标"},
    "replay.figure.hits": {"en": "{title}, hits", "zh": "{title}，命中"},
    "replay.figure.snips": {"en": "{title}, weighted", "zh": "{title}，加权"},
    "replay.none": {"en": "This log cannot tell what the lists would bring.", "zh": "这份日志无法说明列表会带来什么。"},
    "replay.verdict": {
        "en": "{title}: **{name}** is highest with **{value}** ({interval}).",
        "zh": "{title}： **{name}** 最高，为 **{value}** （{interval}）。",
    },
    "replay.leads": {
        "en": "{title}: **{name}** leads with **{value}**, {lead} ({low} to {high}) above {rival}, more than chance.",
        "zh": "{title}： **{name}** 以 **{value}** 领先，比 {rival} 高 {lead}（{low} 至 {high}），并非偶然。",
    },
    "replay.unsure": {
        "en": "{title}: **{name}** leads with **{value}**, {lead} ({low} to {high}) above {rival}. That can be chance.",
        "zh": "{title}： **{name}** 以 **{value}** 领先，比 {rival} 高 {lead}（{low} 至 {high}），可能只是偶然。",
    },
    "replay.dots": {"en": "{title} by variant", "zh": "各方案的{title}"},
    "replay.dots.alt": {
        "en": "{name} has the highest {title}, {value} ({interval}).",
        "zh": "{name} 的{title}最高，为 {value}（{interval}）。",
    },
    "replay.read": {
        "en": "Each dot is one variant on the same later log, its bar the 95% interval over shoppers.",
        "zh": "每个点是一个方案在同一份后续日志上的结果，横线为顾客间的 95% 区间。",
    },
    "replay.all": {"en": "All figures", "zh": "全部指标"},
    "replay.alt": {"en": "{n} figures of {variants} variants.", "zh": "{variants} 个方案的 {n} 项指标。"},
    "replay.col.variant": {"en": "Variant", "zh": "方案"},
    "replay.cell": {"en": "{value} ({interval})", "zh": "{value}（{interval}）"},
    "replay.effective": {"en": "Equal impressions", "zh": "等效展示数"},
    "replay.effective.help": {
        "en": "Weighted impressions tell as much as so many equal ones.",
        "zh": "加权展示所含的信息相当于这么多次等权展示。",
    },
    "replay.covered": {"en": "Ever shown", "zh": "曾被展示"},
    "replay.covered.help": {
        "en": "Share of the listed places whose item the shop showed to shoppers of the same kind.",
        "zh": "列表位置中，店铺曾向同类顾客展示过该商品的占比。",
    },
    "replay.assumed": {"en": "What this assumes", "zh": "依据的假设"},
    "replay.refused": {"en": "What this log cannot tell", "zh": "这份日志无法说明的"},
}
