"""Deeper looks at one explanation: the fewest past items behind a place, exact shares, second opinions."""

WORDS = {
    "deeper.title": {"en": "Look deeper", "zh": "深入查看"},
    "deeper.fewest": {"en": "Fewest past items behind it", "zh": "背后最少的过往商品"},
    "deeper.history": {"en": "Shapley values of past items", "zh": "过往商品的 Shapley 值"},
    "deeper.opinions": {"en": "Second opinions", "zh": "其他看法"},
    "deeper.working": {"en": "Asking the variant about parts of the history.", "zh": "正在用部分历史询问方案。"},
    "deeper.fewest.proved": {"en": "proved: no smaller set", "zh": "已证明：没有更小的组合"},
    "deeper.fewest.greedy": {"en": "a smaller set may exist", "zh": "可能存在更小的组合"},
    "deeper.fewest.after": {"en": "Place {before} becomes {after}.", "zh": "第 {before} 位变为第 {after} 位。"},
    "deeper.fewest.gone": {"en": "Place {before} becomes one beyond 500.", "zh": "第 {before} 位变为 500 位以外。"},
    "deeper.history.exact": {
        "en": "Exact: base {base} plus {n} past items gives {score}.",
        "zh": "精确：基准 {base} 加 {n} 件过往商品，得到 {score}。",
    },
    "deeper.history.sampled": {
        "en": "Sampled from {coalitions} parts of the history, standard error at most {error}. Base {base} plus {n} past items: {score}.",
        "zh": "由 {coalitions} 组部分历史抽样得出，标准误差至多 {error}。基准 {base} 加 {n} 件过往商品：{score}。",
    },
    "deeper.history.more": {"en": "Ask twice as many parts", "zh": "询问两倍的组合"},
    "deeper.history.item": {"en": "Past item", "zh": "过往商品"},
    "deeper.history.did": {"en": "Did", "zh": "行为"},
    "deeper.history.adds": {"en": "Adds", "zh": "贡献"},
    "deeper.history.error": {"en": "± error", "zh": "± 误差"},
    "deeper.history.alt": {"en": "{title} adds most to the score, {value}.", "zh": "{title} 对分数贡献最大，为 {value}。"},
    "deeper.opinion.attention": {
        "en": "Attention of the model: where it looked, which need not be what decided.",
        "zh": "模型的注意力：它看了哪里，未必是决定因素。",
    },
    "deeper.opinion.lime": {
        "en": "LIME: a straight line through scores of parts of the history. It explains {fit} of their variance.",
        "zh": "LIME：对部分历史的分数拟合直线，解释了 {fit} 的方差。",
    },
    "deeper.opinion.agree": {
        "en": "Agreement with the Shapley values in order: {agreement} of 1.",
        "zh": "与 Shapley 值的次序一致度：{agreement}（满分 1）。",
    },
    "deeper.opinion.unknown": {"en": "Agreement cannot be told from so few past items.", "zh": "过往商品太少，无法判断一致度。"},
    "deeper.opinion.none": {"en": "There is no second opinion on this score.", "zh": "这个分数没有其他看法。"},
    "deeper.opinion.item": {"en": "Past item", "zh": "过往商品"},
    "deeper.opinion.weight": {"en": "Weight", "zh": "权重"},
    "deeper.opinion.alt": {"en": "{title} weighs most, {value}.", "zh": "{title} 权重最大，为 {value}。"},
}
