"""What the engine says in sentences and short reasons, English to Chinese; see `ui.words.told`."""

SENTENCES = {
    # who is better
    "{best} reaches {label} {value} ({low} to {high}) on {n} shoppers.": "{best} 的 {label} 为 {value}（{low} 至 {high}），{n} 位顾客。",
    "{best} leads {rival} by {gain} {label}, but on {n} shoppers that can be chance (p {p}).": (
        "{best} 的 {label} 比 {rival} 高 {gain}，但只有 {n} 位顾客，可能只是偶然（p {p}）。"
    ),
    "{best} beats {rival} by {gain} {label} ({low} to {high}, n {n}, p {p}).": (
        "{best} 优于 {rival}：{label} 高 {gain}（95% 区间 {low} 至 {high}，{n} 位顾客配对检验，p {p}）。"
    ),
    "{best} beats {rival} by {gain} {label} ({low} to {high}, n {n}, p {p}), and shows {change} points {more} of the catalogue.": (
        "{best} 优于 {rival}：{label} 高 {gain}（95% 区间 {low} 至 {high}，{n} 位顾客配对检验，p {p}），"
        "{more!t}展示 {change} 个百分点的商品。"
    ),
    "more": "多",
    "less": "少",
    "Nobody was judged under both.": "没有顾客同时在两个方案下评估。",
    "No kind of shopper is clearly better off with {a} or {b}.": "{a} 与 {b} 之间，没有哪类顾客明显更受益。",
    "No kind of shopper is clearly better off with {a} or {b}; there are no {nobody} among the held-out ones.": (
        "{a} 与 {b} 之间，没有哪类顾客明显更受益；测试顾客中没有{nobody!l}。"
    ),
    "All shoppers together, {a} is {verdict} than {b} ({change}); no single kind shows it clearly.": (
        "就全部顾客而言，{a} {verdict!t} {b}（{change}）；没有哪一类单独明显。"
    ),
    "better": "优于",
    "worse": "不如",
    "{a} is {verdict} than {b} on {kinds}.": "{a} 在{kinds!l}上{verdict!t} {b}。",
    "{a} is {verdict} than {b} on {kinds}; on {unknown} the data cannot tell.": (
        "{a} 在{kinds!l}上{verdict!t} {b}；{unknown!l}的数据无法判断。"
    ),
    "{a} is {verdict} than {b} on {kinds} and {second} than {b} on {others}.": (
        "{a} 在{kinds!l}上{verdict!t} {b}，在{others!l}上{second!t} {b}。"
    ),
    "new shoppers": "新客",
    "occasional shoppers": "常客",
    "regulars": "高频顾客",
    "new shoppers ({change})": "新客（{change}）",
    "occasional shoppers ({change})": "常客（{change}）",
    "regulars ({change})": "高频顾客（{change}）",
    # how it was judged
    "Learned before {date}, judged on the {period} after: {n} shoppers.": ("学习 {date} 之前的数据，用之后 {period!t}评估：{n} 位顾客。"),
    "{n} days": "{n} 天",
    "{n} hours": "{n} 小时",
    "Full ranking of {n} sellable items; items of the shopper's own history are left out. "
    "95 % intervals from resampling the shoppers {k} times.": (
        "对全部 {n} 件在售商品排序，不含顾客自己已有的商品。95% 区间由对顾客重抽样 {k} 次得出。"
    ),
    "Full ranking of {n} sellable items; items of the shopper's own history are left out. "
    "95 % intervals from resampling the shoppers {k} times. {all} answers were already owned or are not sold, so no list can hold them.": (
        "对全部 {n} 件在售商品排序，不含顾客自己已有的商品。95% 区间由对顾客重抽样 {k} 次得出。"
        "{all} 个答案为已拥有或不在售商品，任何列表都无法包含。"
    ),
    "Each shopper's last item is the answer: {n} shoppers.": "以每位顾客的最后一件商品为答案：{n} 位顾客。",
    "Leave-last-out: {n} training events of other shoppers are later than the earliest answer.": (
        "留最后一次：其他顾客有 {n} 条训练事件晚于最早的答案。"
    ),
    "Compare with published figures only.": "只宜与论文公布的数值比较。",
    # moves of one list
    "{where}: its {what} stays the same, others changed.": "{where!t}：自身的{what!t}不变，是其他商品变了。",
    "{where}: the {what} changes by {size}; {words}.": "{where!t}：{what!t}变化 {size}；{words!t}。",
    "{where} although its {what} changes by {size}: {others}. In its own change {words}.": (
        "{where!t}，尽管其{what!t}变化 {size}：{others!t}。自身变化中，{words!t}。"
    ),
    "others gain more": "其他商品增加更多",
    "others lose more": "其他商品减少更多",
    "{where}: {name} cannot score it.": "{where!t}：{name} 无法给它打分。",
    "Rises from {old} to {new}": "从第 {old} 位升到第 {new} 位",
    "Falls from {old} to {new}": "从第 {old} 位降到第 {new} 位",
    "Enters at {new}": "进入第 {new} 位",
    "Enters at {new}, from {old}": "从第 {old} 位进入第 {new} 位",
    "Leaves from {old}": "离开第 {old} 位",
    "Leaves from {old}, now at {new}": "离开第 {old} 位，现第 {new} 位",
    "{where}: {b} rests on {x} ({p} of its terms), {a} rests on {y} ({q} of its terms).": (
        "{where!t}：{b} 主要依据{x!t}（占各项 {p}），{a} 主要依据{y!t}（占各项 {q}）。"
    ),
    "{where}: {b} rests on {x} ({p} of its terms).": "{where!t}：{b} 主要依据{x!t}（占各项 {p}）。",
    "the largest part{ending} {largest}": "最大的部分为 {largest!l}",
    "many small terms do it": "由许多小项合成",
    "chance": "概率",
    "score": "分数",
    "The reasons behind the lists of {a} and {b} are much the same.": "{a} 与 {b} 的列表背后的理由大体相同。",
    "With {b}, {x} carries {after} of what moves scores instead of {before}.": "{b} 中，{x!t}承担分数变动的 {after}，原为 {before}。",
    "With {b}, {x} carries {after} of what moves scores instead of {before}, and {y} {less} instead of {more}.": (
        "{b} 中，{x!t}承担分数变动的 {after}，原为 {before}；{y!t}为 {less}，原为 {more}。"
    ),
    # short reasons on a card
    "Often follows {title}": "常在 {title} 之后",
    "Goes with {title}": "与 {title} 相配",
    "Similar to {title}": "与 {title} 相似",
    "Often chooses {name}": "常选 {name}",
    "Near the usual price": "接近平常的价位",
    "Taken by {n} in 1,000 shoppers": "每 1,000 位顾客中 {n} 位选购",
    "Rising: {growth} in 28 days": "28 天上升 {growth}",
    "New: first taken {when}": "新品：{when!t}首次选购",
    "Last taken {when}": "{when!t}刚有人选购",
    "Number {rank} among popular items": "热门商品第 {rank}",
    "On the lists of {n} models": "{n} 个模型都列入",
    "Best of what is left": "其余商品中最好",
    "Popular with all shoppers": "人人都爱",
    "today": "今天",
    "yesterday": "昨天",
    "{n} days ago": "{n} 天前",
    # signals
    "Often taken next": "常在其后被选购",
    "Taken by similar shoppers": "相似顾客也选购",
    "Goes with past items": "与过往商品相配",
    "Fits the shopper's taste": "符合顾客口味",
    "Popular now": "当前热门",
    "Similar description": "描述相似",
    "Agreement of the models": "各模型的一致程度",
    "Interest in this category": "对该类别的兴趣",
    "Interest in this brand": "对该品牌的兴趣",
    "Price against the usual": "价格与平常消费之差",
    "Price in its category": "在本类别中的价位",
    "Sold to many lately": "近期选购人数",
    "Rising or falling": "需求升降",
    "Rising category": "类别需求升降",
    "Viewers who buy": "浏览者的购买率",
    "Time in the shop": "在店时间",
    "Time since last sold": "距上次售出的时间",
    "Words like the past items": "标题与过往商品相似",
    "Goes with the last visit": "与上次到访相配",
    "Fits the hour": "适合该时段",
    "Fits the weekday": "适合该星期",
    "Fits the season": "适合该季节",
    "Rated well": "评分",
    "Time since last visit": "距上次到访的时间",
    "Length of the history": "历史长度",
    "Pace of the shopper": "顾客的选购频率",
    "Models": "模型",
    "Taste": "口味",
    "Price": "价格",
    "Demand": "需求",
    "Freshness": "新鲜度",
    "Words": "文字",
    "Time": "时间",
    "Goes together": "搭配",
    "Ratings": "评分",
    "The shopper": "顾客本身",
    "Models that put the item on their list.": "把该商品列入名单的模型数。",
    "Share of recent events in the item's category.": "近期事件中属于该类别的占比。",
    "Days since the shopper's last event in the item's category.": "距该顾客上次在该类别的事件的天数。",
    "Share of the last visit in the item's category.": "上次到访中属于该类别的占比。",
    "Share of recent events on the item's brand.": "近期事件中属于该品牌的占比。",
    "Days since the shopper's last event on the item's brand.": "距该顾客上次在该品牌的事件的天数。",
    "Distance from the shopper's usual price, either way.": "与该顾客平常价位的差距，不分高低。",
    "Price as a multiple of the shopper's usual price.": "价格为该顾客平常价位的倍数。",
    "Price as a multiple of its category's middle price.": "价格为本类别中位价的倍数。",
    "Of 1,000 active shoppers, those who took it in the last 28 days.": "每 1,000 位活跃顾客中，近 28 天选购它的人数。",
    "Of 1,000 active shoppers, those who took it in 7 days.": "每 1,000 位活跃顾客中，7 天内选购它的人数。",
    "Shoppers in the last 28 days against the 28 days before.": "近 28 天的顾客数与之前 28 天之比。",
    "Shoppers of its category, 28 days against the 28 before.": "本类别的顾客数，近 28 天与之前 28 天之比。",
    "Days since the item was first taken.": "距该商品首次被选购的天数。",
    "Days since anybody took the item.": "距上次有人选购该商品的天数。",
    "Likeness of its title to the titles of recent events, 0 to 100%.": "标题与近期事件标题的相似度，0 到 100%。",
    "Likeness of its title to the titles of the last visit.": "标题与上次到访商品标题的相似度。",
    "Share of its demand at this hour of the day against that of the shop.": "该时段占其需求的比例与全店之比。",
    "Demand of the item at the hours at which this shopper comes.": "该顾客常来时段内该商品的需求。",
    "Share of its demand on this weekday against that of the shop.": "该星期占其需求的比例与全店之比。",
    "Share of its demand in this month of the year against that of the shop.": "该月份占其需求的比例与全店之比。",
    "Mean rating so far, drawn to the shop's mean.": "至今的平均评分，向全店均值收缩。",
    "Ratings so far.": "至今的评分数。",
    "Days since the shopper's last event.": "距该顾客上次事件的天数。",
    "Distinct items the shopper already has.": "该顾客已有的不同商品数。",
    "Distinct items the shopper took in the last 90 days.": "该顾客近 90 天选购的不同商品数。",
    "Score of this model, as a share of its best score for this shopper.": "此模型的分数，占其给该顾客最高分的比例。",
    "Place in this model's own list.": "在此模型自己列表中的位置。",
    "Exact Shapley interaction values.": "精确的 Shapley 交互值。",
    "None: logistic regression adds signals up.": "无：逻辑回归只把信号相加。",
    # why not
    "The shopper already has {title}.": "顾客已经有 {title}。",
    "{title} is not sold as a product.": "{title} 不作为商品出售。",
    "The model learned nothing about {title}.": "模型对 {title} 一无所知。",
    "{title} is on the list.": "{title} 在列表中。",
    "{title} is kept off the list by the policy.": "策略不让 {title} 进入列表。",
    "{title} is kept off the list by {names}.": "{names} 不让 {title} 进入列表。",
    "{title} is number {place} by score; the policy put others in its place.": "{title} 按分数第 {place} 位；策略让其他商品占了它的位置。",
    "{title} is number {place} by score; {names} put others in its place.": "{title} 按分数第 {place} 位；{names} 让其他商品占了它的位置。",
    "No model of the funnel can score {title}.": "漏斗中没有模型能给 {title} 打分。",
    "No model put {title} forward; the nearest is {near}: place {place}, and it puts forward {quota}.": (
        "没有模型提名 {title}；最接近的是 {near}：第 {place} 位，而它只提名 {quota} 件。"
    ),
    "{title} is {where} by score; it has {score}, and the last item on the list {last}.": (
        "{title} 按分数{where!t}；它为 {score}，列表最后一件为 {last}。"
    ),
    "{title} is {where} by score; the list ends at {k}.": "{title} 按分数{where!t}；列表到第 {k} 位为止。",
    "number {place}": "第 {place} 位",
    "beyond the first 500": "在前 500 位以外",
    "What tells it most from the last item on the list: {gap}.": "与列表最后一件差得最多的是：{gap!t}。",
    "It would be on the list, at place {place}, {way}.": "{way!t}，它会进入列表，排第 {place} 位。",
    "It would stand at place {place}, {way}.": "{way!t}，它会排第 {place} 位。",
    "It would not be among the candidates of the policy, {way}.": "{way!t}，它也不在策略的候选之中。",
    "The change that moves it furthest, to place {place}: {way}.": "让它上升最多的更改（到第 {place} 位）：{way!t}。",
    "without {title}": "去掉 {title}",
    "after buying {title}": "购买 {title} 之后",
    "at a price of {price}": "价格为 {price} 时",
    "Without {title}": "去掉 {title}",
    "After buying {title}": "购买 {title} 之后",
    "At a price of {price}": "价格为 {price} 时",
    "{title} is not among the first {k}.": "{title} 不在前 {k} 位。",
    "{title} stays among the first {k} whatever past items are left out.": "无论去掉哪些过往商品，{title} 都在前 {k} 位。",
    "Without {names}, {title} is no longer among the first {k}.": "去掉 {names}，{title} 便不在前 {k} 位。",
    "No smaller set does this.": "没有更小的组合能做到。",
    "A smaller set may exist.": "可能存在更小的组合。",
    # models on this data
    "It weighs several models against each other, and is seldom worse than the best of them.": "在多个模型间权衡，很少差过其中最好的。",
    "A baseline: every other model has to beat it.": "基准：其他模型都必须胜过它。",
    "What shoppers take together is counted in seconds, and {per} per shopper tell a lot.": (
        "几秒内统计顾客一起选购的商品；每位顾客 {per!t}，足以说明问题。"
    ),
    "{shared}: it counts what is taken together and what comes next.": "{shared!t}：它统计一起选购的和接下来的商品。",
    "{shared}: it learns what is taken together as well as what came before.": "{shared!t}：它既学习一起选购的，也学习之前的商品。",
    "{shared}: orders of many items, with little order to learn.": "{shared!t}：订单商品多，先后次序少，可学的不多。",
    "{share} of the events share their moment with another": "{share} 的事件与另一事件同时发生",
    "{per} per shopper are enough to find shared tastes.": "每位顾客 {per!t}，足以发现共同口味。",
    "It only counts, so that {per} per shopper are enough.": "只做统计，每位顾客 {per!t}即可。",
    "{n} events": "{n} 条事件",
    "{n} event": "{n} 条事件",
    "Only {share} of the newest choices are on new items, so that titles add little.": "最新选择中只有 {share} 是新商品，标题的帮助不大。",
    "{share} of the newest choices are on new items, which only titles can tell about.": (
        "最新选择中有 {share} 是新商品，只有标题能说明它们。"
    ),
    "Only {share} of your items have a text for it to read.": "只有 {share} 的商品有文字可读。",
    "Your catalogue has {n} items; this model stops at {limit}.": "商品有 {n} 件；此模型上限为 {limit} 件。",
    "It needs about {size} GB of {where}; {free} GB are free.": "约需 {size} GB {where!t}；可用 {free} GB。",
    "memory": "内存",
    "Your log has {per} per shopper: models of order cannot learn from it.": "日志中每位顾客只有 {per!t}：次序模型学不到东西。",
    "{n} events are few for it; it is made for {wanted} and more.": "{n} 条事件对它偏少；它适合 {wanted} 条以上。",
    "Your log has {per} per shopper; it does better from {wanted} on.": "日志中每位顾客 {per!t}；达到 {wanted} 条时效果更好。",
    "The order tells: pairs of items repeat {often} in shuffled histories.": "先后次序有规律：商品对{often!t}。",
    "{n} times as often as": "的重复次数是打乱后的 {n} 倍",
    "where they do not": "会重复，打乱后则不会",
    "Take {simple}.": "可选 {simple}。",
    "Pairs of items repeat no more often than in shuffled histories: the order tells little here.": (
        "商品对的重复不多于打乱后：先后次序在这里说明不了什么。"
    ),
    # replay
    "Share of the listed places that their shopper looked at or took afterwards; of shoppers who took something new.": (
        "列表位置中，该顾客之后浏览或选购的占比；限选购过新商品的顾客。"
    ),
    "The log holds no views, so click-through cannot be told.": "日志没有浏览，无法得知点击率。",
    "The log holds no purchases after the cut, so conversion and revenue cannot be told.": "日志在分界之后没有购买，无法得知转化率和收入。",
    "Share of the shoppers who came back that bought something the list held.": "再次到访的顾客中，买了列表中商品的占比。",
    "Most purchases have no price, so revenue cannot be told.": "多数购买没有价格，无法得知收入。",
    "Money spent on listed items, for each shopper who came back; one piece a purchase.": (
        "每位再次到访的顾客花在列表商品上的金额；每次购买按一件计。"
    ),
    "The log holds no impressions. Nobody knows what shoppers saw, so nothing can be weighted.": (
        "日志没有曝光记录。无人知道顾客看到了什么，因此无法加权。"
    ),
    "Share of shown places that are clicked within a day.": "展示位置中一天内被点击的占比。",
    "Share of shown places whose item is bought within a week.": "展示位置中一周内被购买的占比。",
    "Money within a week for each list of {k} shown.": "每份展示的 {k} 件列表一周内带来的金额。",
    "Offline: nobody was shown these lists. Only an experiment proves what they bring.": (
        "离线估计：没有人看到过这些列表。只有实验才能证明它们的效果。"
    ),
    "Hits count what shoppers took anyway, from what the shop showed them. They are a floor, best for comparing variants.": (
        "命中统计的是顾客在店铺所展示的商品中本来就会选的。这是下限，最适合比较方案。"
    ),
    "A list that differs from what the shop shows has fewer hits, even if shoppers would like it.": (
        "与店铺所展示的不同的列表命中更少，即使顾客会喜欢。"
    ),
    "{n} of {all} returning shoppers took something new and have a list here.": "{all} 位再次到访的顾客中，{n} 位选了新商品并有列表。",
    "The others took nothing new: no list could have been hit.": "其余没有选新商品，任何列表都不会命中。",
    "Weighting takes what the shop showed to depend on the kind of shopper (cold, warm, hot) and chance, not on taste.": (
        "加权假定店铺的展示取决于顾客类型（新客、常客、高频）和偶然，而非口味。"
    ),
    "Places of the shop's lists are not logged. An item is taken to be seen alike on the new list.": (
        "店铺列表的位置没有记录。假定商品在新列表上同样会被看到。"
    ),
    "Items are taken not to win clicks from each other.": "假定商品之间不互相争夺点击。",
    "Only shoppers who took something new have a list, so weighted rates are higher than those of all visitors.": (
        "只有选过新商品的顾客才有列表，因此加权比率高于全部访客。"
    ),
    "Click-through": "点击率",
    "Conversion": "转化率",
    "Revenue": "收入",
    # what columns and figures are
    "Accepted events.": "已接受的事件。",
    "Distinct shoppers.": "不同的顾客数。",
    "Distinct items.": "不同的商品数。",
    "Share of shopper-item pairs with an event, 0 to 1.": "有事件的顾客与商品组合占比，0 到 1。",
    "cpu or the GPU's name.": "CPU 或 GPU 的名称。",
    "Memory of this machine.": "本机内存。",
    "Free space on the workspace's disk.": "工作区所在磁盘的可用空间。",
    "Lists it is on.": "它所在的列表数。",
    "Lists it just misses: it would be among the next ten.": "差一点的列表数：它在后十名之内。",
    "Shoppers who already have it; it is never on their lists.": "已拥有它的顾客数；它不会出现在他们的列表上。",
    "Mean place where it is listed; empty where it never is.": "在列表上的平均位置；从未上榜则为空。",
    "Title of the newest product.": "最新商品的标题。",
    "Shopper id.": "顾客编号。",
    # what a job does now
    "Starting": "正在启动",
    "Loading the events": "正在载入事件",
    "Reading the file": "正在读取文件",
    "Checking every row": "正在检查每一行",
    "Measuring quality": "正在测量质量",
    "Storing the version": "正在保存版本",
    "Saving": "正在保存",
    "Done": "完成",
    "Tuning": "正在调参",
    "Learning from the past": "正在学习历史数据",
    "Learning from all events": "正在学习全部事件",
    "{step}: epoch {n} of up to {all}": "{step!t}：第 {n} 轮，最多 {all} 轮",
    "{step}: part {n} of {all}": "{step!t}：第 {n} 部分，共 {all} 部分",
    "Judging on {n} shoppers": "正在用 {n} 位顾客评估",
    "Opening the variant": "正在打开方案",
    "Fitting the ranker": "正在训练排序器",
    "Fitting {model}": "正在训练 {model}",
    "Recalling candidates for {n} shoppers": "正在为 {n} 位顾客召回候选",
    "Measuring what the signals add": "正在测量信号的贡献",
    "Lists of {n} of {all} shoppers": "已生成 {all} 位顾客中 {n} 位的列表",
    "Trial {n} of up to {all}": "第 {n} 次试验，最多 {all} 次",
    "Setting {n} of {all}": "第 {n} 个设置，共 {all} 个",
    "Checked {n} of {all} shoppers": "已检验 {all} 位顾客中的 {n} 位",
    # why a record was left out
    "no shopper id": "没有顾客编号",
    "{n} {cells} instead of {k}": "有 {n} 个单元格，应为 {k} 个",
    "no item id": "没有商品编号",
    "time not understood": "时间无法识别",
    "price is not a number": "价格不是数字",
    "quantity is not a number": "数量不是数字",
    "rating is not a number": "评分不是数字",
    "price is zero": "价格为零",
    "price is below zero": "价格低于零",
    "quantity is zero": "数量为零",
    "cancellation or return": "取消或退货",
    "more than {n} events on one day": "一天内超过 {n} 条事件",
}
