"""The check of a variant's explanations."""

WORDS = {
    "jobs.kind.check-explanations": {"en": "Checks", "zh": "检验"},
    "checks.open": {"en": "Check", "zh": "检验"},
    "checks.title": {"en": "Are the explanations true?", "zh": "解释是否真实？"},
    "checks.purpose": {
        "en": "A true explanation names the past items that carry the score: without them it falls fastest, "
        "with them alone it comes back first.",
        "zh": "真实的解释会点出撑起分数的过往商品：去掉它们分数降得最快，只留它们分数最先回来。",
    },
    "checks.none": {
        "en": "Not checked yet. The check takes seconds for simple models and some minutes for large ones.",
        "zh": "尚未检验。简单模型只需几秒，大模型需几分钟。",
    },
    "checks.start": {"en": "Check the explanations", "zh": "检验解释"},
    "checks.again": {"en": "Check again", "zh": "重新检验"},
    "checks.running": {"en": "The check runs as a job; it may go on while this is closed.", "zh": "检验以任务方式运行，关闭后也会继续。"},
    "checks.look": {"en": "Look again", "zh": "再看一次"},
    "checks.made": {
        "en": "{n} shoppers with at least four past items, checked {when}.",
        "zh": "{n} 位至少有四件过往商品的顾客，检验于 {when}。",
    },
    "checks.too_few": {"en": "No shopper had enough past items to check the explanations on.", "zh": "没有顾客有足够的过往商品可供检验。"},
    "checks.verdict.true": {
        "en": "**They are.** Removing the named past items first beats removing any at random by **{value}** of the curve "
        "({low} to {high}). It beats removing the most popular first by {other} ({other_low} to {other_high}).",
        "zh": "**真实。** 先去掉所点出的过往商品，比随机去掉多 **{value}** 的曲线面积（{low} 至 {high}）；比先去掉最热门的多 "
        "{other}（{other_low} 至 {other_high}）。",
    },
    "checks.verdict.partly": {
        "en": "**Better than chance.** Removing the named past items first beats removing any at random by **{value}** of the curve "
        "({low} to {high}). Against the most popular first it is not sure: {other} ({other_low} to {other_high}).",
        "zh": "**好于随机。** 先去掉所点出的过往商品，比随机去掉多 **{value}** 的曲线面积（{low} 至 {high}）。"
        "与先去掉最热门的相比尚不确定：{other}（{other_low} 至 {other_high}）。",
    },
    "checks.verdict.unsure": {
        "en": "**Not shown.** Removing the named past items first cannot be told from removing any at random: {value} of the curve "
        "({low} to {high}).",
        "zh": "**未能证明。** 先去掉所点出的过往商品与随机去掉没有可分辨的差别：曲线面积 {value}（{low} 至 {high}）。",
    },
    "checks.deletion": {"en": "Past items removed", "zh": "去掉过往商品"},
    "checks.insertion": {"en": "Past items added", "zh": "加入过往商品"},
    "checks.deletion.x": {"en": "share of past items removed", "zh": "已去掉的过往商品占比"},
    "checks.insertion.x": {"en": "share of past items there", "zh": "已加入的过往商品占比"},
    "checks.y": {"en": "share of the score", "zh": "分数占比"},
    "checks.order.shapley": {"en": "As explained", "zh": "按解释"},
    "checks.order.random": {"en": "At random", "zh": "随机"},
    "checks.order.popularity": {"en": "Most popular first", "zh": "最热门在先"},
    "checks.deletion.alt": {
        "en": "With a fifth of the past items removed as explained {own} of the score is left, at random {other}.",
        "zh": "按解释去掉五分之一的过往商品后，分数剩 {own}；随机去掉剩 {other}。",
    },
    "checks.insertion.alt": {
        "en": "With a fifth of the past items there as explained {own} of the score is reached, at random {other}.",
        "zh": "按解释加入五分之一的过往商品后，分数达 {own}；随机加入达 {other}。",
    },
    "checks.read": {
        "en": "The lower the line while items are removed, and the higher while they are added, the truer the order.",
        "zh": "去掉时线越低、加入时线越高，次序越真实。",
    },
    "checks.agreement": {"en": "Agreement", "zh": "一致度"},
    "checks.agreement.help": {
        "en": "Rank correlation of what an explanation gives a past item and what the score loses when it alone is removed. 1 is best.",
        "zh": "解释给过往商品的值与单独去掉它时分数损失的秩相关。1 为最好。",
    },
    "checks.error": {"en": "Sampling error", "zh": "抽样误差"},
    "checks.error.exact": {"en": "Exact", "zh": "精确"},
    "checks.error.exact.help": {"en": "This model's contributions are computed, not sampled.", "zh": "此模型的贡献是计算得出，不是抽样。"},
    "checks.error.help": {
        "en": "Size of the error of sampled contributions, on {n} short histories where all parts could be asked.",
        "zh": "抽样贡献的误差大小，取自 {n} 段可以问遍所有组合的短历史。",
    },
    "checks.changed": {"en": "Unstable cards", "zh": "不稳的卡片"},
    "checks.changed.help": {
        "en": "Share of {n} cards that name other first three reasons when one old event is dropped. "
        "{others} without reasons that were that event's own; {apart} without reasons as good as equal in size.",
        "zh": "去掉一条旧事件后，{n} 张卡片中前三条理由改变的占比。不计该事件自身的理由为 {others}；再不计大小几乎相等的为 {apart}。",
    },
}
