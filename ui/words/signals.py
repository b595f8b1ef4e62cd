"""Signals: what the funnel looks at, what each signal adds, and how well its chances hold."""

WORDS = {
    "nav.signals": {"en": "Signals", "zh": "信号"},
    "signals.purpose": {
        "en": "What the funnel looks at, what each signal adds, and how well its chances hold.",
        "zh": "漏斗看什么，每个信号贡献多少，概率是否可靠。",
    },
    "signals.other.title": {"en": "{variant} weighs no signals", "zh": "{variant} 不权衡信号"},
    "signals.other.why": {
        "en": "Signals belong to a funnel. It joins several models and learns what to trust.",
        "zh": "信号属于漏斗模型。它汇集多个模型，并学习该信什么。",
    },
    "signals.other.open": {"en": "Open {variant}", "zh": "打开 {variant}"},
    "signals.other.train": {"en": "Train a funnel", "zh": "训练漏斗模型"},
    "signals.verdict.better": {
        "en": "The funnel ranks better than its best single model, **{best}**: NDCG@10 {value} against {other}, {gain} "
        "({low} to {high}) on {n} shoppers.",
        "zh": "漏斗优于其最佳单一模型 **{best}**：NDCG@10 {value} 对 {other}，{gain}（{low} 至 {high}），{n} 位顾客。",
    },
    "signals.verdict.unsure": {
        "en": "The funnel and its best single model, **{best}**, cannot be told apart: NDCG@10 {value} against {other}, {gain} "
        "({low} to {high}) on {n} shoppers.",
        "zh": "漏斗与其最佳单一模型 **{best}** 难分高下：NDCG@10 {value} 对 {other}，{gain}（{low} 至 {high}），{n} 位顾客。",
    },
    "signals.verdict.worse": {
        "en": "**{best}** alone ranks better than the funnel: NDCG@10 {other} against {value}, {gain} ({low} to {high}) on {n} shoppers.",
        "zh": "**{best}** 单独优于漏斗：NDCG@10 {other} 对 {value}，{gain}（{low} 至 {high}），{n} 位顾客。",
    },
    "signals.kpi.gain": {"en": "Gain in NDCG@10", "zh": "NDCG@10 提升"},
    "signals.kpi.gain.help": {
        "en": "Over the best single model, same shoppers. 95% interval {low} to {high}. {window}",
        "zh": "相对最佳单一模型，同一批顾客。95% 区间 {low} 至 {high}。{window}",
    },
    "signals.kpi.calibration": {"en": "Calibration error", "zh": "校准误差"},
    "signals.kpi.calibration.help": {
        "en": "Mean distance of predicted and observed share, ten groups of equal size. Good: under .02.",
        "zh": "预测与实际占比的平均差距，十个等大分组。良好：低于 .02。",
    },
    "signals.kpi.recall": {"en": "Choices recalled", "zh": "选择召回率"},
    "signals.kpi.recall.help": {
        "en": "Share of the chosen items that any of its models put forward. The ranker can do no better.",
        "zh": "被选商品中由任一模型提名的占比。排序器无法超过它。",
    },
    "signals.kpi.signals": {"en": "Signals", "zh": "信号"},
    "signals.kpi.signals.help": {"en": "In {n} groups. The data decides which of them exist.", "zh": "分为 {n} 组。有哪些组由数据决定。"},
    "signals.view": {"en": "Show", "zh": "显示"},
    "signals.view.groups": {"en": "Groups", "zh": "分组"},
    "signals.view.signals": {"en": "Signals", "zh": "信号"},
    "signals.view.pairs": {"en": "Pairs", "zh": "组合"},
    "signals.view.chances": {"en": "Chances", "zh": "概率"},
    "signals.view.segments": {"en": "Shoppers", "zh": "顾客"},
    "signals.segment.cold": {"en": "New", "zh": "新客"},
    "signals.segment.warm": {"en": "Regular", "zh": "常客"},
    "signals.segment.hot": {"en": "Heavy", "zh": "高频"},
    "signals.segments.size": {"en": "What counts for whom", "zh": "对谁什么重要"},
    "signals.segments.size.caption": {"en": "Mean size of what a group adds, in log-odds", "zh": "各组贡献的平均大小，对数几率"},
    "signals.segments.size.read": {
        "en": "A darker cell moves the scores of these shoppers further, up or down. "
        "New shoppers have at most 2 past items, heavy ones 20 or more.",
        "zh": "格子越深，这类顾客的分数变动越大，不分升降。新客最多 2 件过往商品，高频顾客 20 件以上。",
    },
    "signals.segments.mean": {"en": "Which way it moves them", "zh": "往哪个方向变动"},
    "signals.segments.mean.caption": {"en": "Mean of what a group adds, in log-odds", "zh": "各组贡献的均值，对数几率"},
    "signals.segments.mean.read": {
        "en": "Above zero the group raises the scores of these shoppers on average. Near zero it raises some items and lowers others.",
        "zh": "高于零表示该组平均提高这类顾客的分数。接近零表示有的提高、有的降低。",
    },
    "signals.segments.says": {
        "en": "**{segment}** shoppers ({n}): most movement comes from {first}, then from {second}.",
        "zh": "**{segment}** 顾客（{n}）：变动最多来自{first}，其次是{second}。",
    },
    "signals.segments.alt": {
        "en": "{segment} shoppers are moved most by {first}, {value} in log-odds.",
        "zh": "{segment}顾客受{first}影响最大，对数几率 {value}。",
    },
    "signals.segments.none": {
        "en": "Not measured for this variant. Funnels that are trained from now on have it.",
        "zh": "此方案未测量。今后训练的漏斗都会测量。",
    },
    "signals.shares": {"en": "What moves the scores", "zh": "什么推动分数"},
    "signals.shares.caption": {"en": "Share of all movement, {n} held-out candidates", "zh": "占全部变动的比例，{n} 件测试候选"},
    "signals.shares.alt": {
        "en": "{title} moves scores most, with {share} of all movement.",
        "zh": "{title} 推动分数最多，占全部变动的 {share}。",
    },
    "signals.shares.read": {
        "en": "Every signal moves a candidate's score up or down. A bar is the share of its group in the size of all these moves.",
        "zh": "每个信号都会抬高或压低候选商品的分数。柱为其分组在全部变动大小中的占比。",
    },
    "signals.adds": {"en": "What each group adds", "zh": "每组贡献多少"},
    "signals.adds.caption": {"en": "NDCG@10 lost without the group, {n} held-out shoppers", "zh": "去掉该组损失的 NDCG@10，{n} 位测试顾客"},
    "signals.adds.alt": {"en": "Without {title} the lists lose {value} NDCG@10.", "zh": "去掉{title}，列表损失 {value} NDCG@10。"},
    "signals.adds.read": {
        "en": "The ranker learned again without the group. Right of zero: the lists get worse without it. A bar whose line crosses zero "
        "can be chance.",
        "zh": "排序器在去掉该组后重新学习。零的右侧：去掉后列表变差。横线跨过零可能只是偶然。",
    },
    "signals.adds.none": {
        "en": "Not measured for this variant. Presets Balanced and Thorough measure it.",
        "zh": "此方案未测量。“均衡”和“深入”预设会测量。",
    },
    "signals.swarm": {"en": "How each signal moves a score", "zh": "每个信号如何推动分数"},
    "signals.swarm.caption": {"en": "Change in log-odds, one dot a candidate", "zh": "对数几率变化，每点一件候选商品"},
    "signals.swarm.alt": {
        "en": "{title} moves scores most; {n} signals are shown, most important first.",
        "zh": "{title} 推动分数最多；共显示 {n} 个信号，最重要的在前。",
    },
    "signals.swarm.read": {
        "en": "Right of zero raises the score; the signal on top matters most. Dots of stronger colour are higher values of the "
        "signal, grey ones are unknown.",
        "zh": "零的右侧提高分数；最上方的信号最重要。颜色越浓表示信号值越高，灰色为未知。",
    },
    "signals.dependence": {"en": "One signal in detail", "zh": "单个信号详情"},
    "signals.dependence.signal": {"en": "Signal", "zh": "信号"},
    "signals.dependence.y": {"en": "change in log-odds", "zh": "对数几率变化"},
    "signals.dependence.alt": {"en": "{title}: its value against what it adds to the score.", "zh": "{title}：信号值与其对分数的贡献。"},
    "signals.dependence.none": {"en": "No candidate has a known value of this signal.", "zh": "没有候选商品的该信号值已知。"},
    "signals.dependence.read": {
        "en": "Each dot is one candidate. Dots of equal value stand at different heights where other signals change what this one means.",
        "zh": "每个点是一件候选商品。值相同而高度不同，说明其他信号改变了它的含义。",
    },
    "signals.direction.up": {"en": "More can only help.", "zh": "越多只会有利。"},
    "signals.direction.down": {"en": "More can only hurt.", "zh": "越多只会不利。"},
    "signals.direction.free": {"en": "The direction was learned.", "zh": "方向由学习得出。"},
    "signals.pairs": {"en": "What two signals say only together", "zh": "两个信号合起来才说明的"},
    "signals.pairs.caption": {"en": "Mean size in log-odds", "zh": "平均大小，对数几率"},
    "signals.pairs.alt": {
        "en": "{first} and {second} do most together, {value} in log-odds.",
        "zh": "{first} 与 {second} 合力最大，对数几率 {value}。",
    },
    "signals.pairs.read": {
        "en": "A number is how far two signals move a score beyond what each does alone. Columns carry the numbers of the rows. {method}",
        "zh": "数字为两个信号合起来、超出各自单独作用的分数变动。列号对应行号。{method}",
    },
    "signals.pairs.none": {
        "en": "This ranker adds signals up, or its pairs were not measured.",
        "zh": "此排序器只把信号相加，或未测量组合。",
    },
    "signals.pairs.table": {"en": "Strongest pairs", "zh": "最强的组合"},
    "signals.pairs.first": {"en": "Signal", "zh": "信号"},
    "signals.pairs.second": {"en": "Together with", "zh": "搭配"},
    "signals.pairs.strength": {"en": "Strength", "zh": "强度"},
    "signals.chances": {"en": "Do the chances hold?", "zh": "概率可靠吗？"},
    "signals.chances.caption": {"en": "Chance of a {behaviour}, {n} held-out shoppers", "zh": "{behaviour}的概率，{n} 位测试顾客"},
    "signals.chances.behaviour": {"en": "Chance of", "zh": "哪种概率"},
    "signals.chances.x": {"en": "predicted", "zh": "预测"},
    "signals.chances.y": {"en": "observed", "zh": "实际"},
    "signals.chances.alt": {
        "en": "Predicted and observed chances of a {behaviour} are {error} apart on average.",
        "zh": "{behaviour}的预测概率与实际概率平均相差 {error}。",
    },
    "signals.chances.read": {
        "en": "Each dot is a tenth of the candidates. On the dotted line, as many were chosen as was predicted; above it, more.",
        "zh": "每个点是十分之一的候选商品。在虚线上表示与预测相符，在其上方表示实际更多。",
    },
    "signals.chances.none": {"en": "Nobody could be held out to check the chances on.", "zh": "没有可留出的顾客来检验概率。"},
    "signals.generators": {"en": "Against its own models", "zh": "与自身各模型相比"},
    "signals.generators.caption": {"en": "NDCG@10 with 95% intervals. {window}", "zh": "NDCG@10 及 95% 区间。{window}"},
    "signals.generators.alt": {
        "en": "The funnel reaches NDCG@10 {value}, its best single model {best} reaches {other}.",
        "zh": "漏斗的 NDCG@10 为 {value}，其最佳单一模型 {best} 为 {other}。",
    },
    "signals.generators.read": {
        "en": "Each model ranked the whole catalogue alone, for the same shoppers. Intervals that do not meet are a safe difference.",
        "zh": "每个模型单独为同一批顾客排列全部商品。区间不相交即为可靠的差异。",
    },
    "signals.generators.none": {
        "en": "Only variants judged on a split over time are held against their models.",
        "zh": "只有按时间划分评估的方案才与其模型相比。",
    },
    "signals.later": {"en": "The window lies after everything the judged funnel had seen.", "zh": "评估时段在该漏斗见过的一切之后。"},
    "signals.within": {"en": "Held-out shoppers of the training period.", "zh": "训练时段内留出的顾客。"},
    "signals.behaviour.purchase": {"en": "purchase", "zh": "购买"},
    "signals.behaviour.cart": {"en": "cart", "zh": "加购"},
    "signals.behaviour.view": {"en": "view", "zh": "浏览"},
    "signals.behaviour.favourite": {"en": "favourite", "zh": "收藏"},
    "signals.behaviour.rating": {"en": "rating", "zh": "评分"},
}
