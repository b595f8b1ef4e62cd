"""What fairness and health checks say, in Chinese; see `told`."""

CHECKS = {
    # fairness
    "There are not two groups of at least {n} shoppers to compare.": "没有两组至少 {n} 位顾客可供比较。",
    "No group is served better than another beyond what chance does.": "没有哪组顾客得到的服务好过另一组，差异不超出偶然。",
    "{group} shoppers are served worse: their {figure} is {ratio} of that of {best}.": (
        "{group!t}顾客得到的服务较差：其{figure!t}为{best!t}的 {ratio}。"
    ),
    "Cold": "新客",
    "Warm": "常客",
    "Hot": "高频",
    "cold": "新客",
    "warm": "常客",
    "hot": "高频",
    "Every {by} was chosen too rarely for a verdict.": "每个{by!t}被选都太少，无法下结论。",
    "No {by} is shown more or less than it is chosen, beyond what chance does.": "没有{by!t}的展示与被选不相称，差异不超出偶然。",
    "{name} is shown less than it is chosen: {shown} against {chosen}.": "{name} 展示少于被选：{shown} 对 {chosen}。",
    "{name} is shown more: {shown} against {chosen}.": "{name} 展示更多：{shown} 对 {chosen}。",
    "{less} is shown less than it is chosen: {a} against {b}; {more} is shown more: {c} against {d}.": (
        "{less} 展示少于被选：{a} 对 {b}；{more} 展示更多：{c} 对 {d}。"
    ),
    "{group} already has {share} of the attention; nothing needs to change.": "{group} 已有 {share} 的注意力，无需更改。",
    "With {did}, {group} gets {after} of the attention instead of {before}.": "{did!t}后，{group} 得到 {after} 的注意力，原为 {before}。",
    "a boost of {amount} %": "提升 {amount}%",
    "a floor of {amount} of {k} places in every list": "每份列表 {k} 个位置中至少给 {amount} 个",
    "{share} cannot be reached: too few shoppers have its items among their candidates.": "达不到 {share}：候选中有其商品的顾客太少。",
    "NDCG {moves} by {value} ({low} to {high}).": "NDCG {moves!t} {value}（{low} 至 {high}）。",
    "NDCG {moves} by {value} ({low} to {high}), which can be chance.": "NDCG {moves!t} {value}（{low} 至 {high}），可能只是偶然。",
    "falls": "下降",
    "rises": "上升",
    "category": "类别",
    "brand": "品牌",
    "price band": "价格带",
    # health checks
    "Best sellers only": "只有畅销品",
    "Is this just the best-seller list?": "这不就是畅销榜吗？",
    "Just bought, shown again": "刚买又推荐",
    "Do we offer the kettle to somebody who bought the kettle last week?": "上周刚买水壶的人，还在给他推荐水壶吗？",
    "Cocoon": "信息茧房",
    "Do lists lock shoppers into one corner of the shop?": "列表会把顾客困在店铺一角吗？",
    "Probably out of stock": "可能已断货",
    "Do we show things that have stopped selling?": "会展示已停售的商品吗？",
    "Narrower over time": "越推越窄",
    "If shoppers follow the lists, do the lists get narrower and narrower?": "顾客照着列表选，列表会越来越窄吗？",
    "The same thing twice": "重复商品",
    "Do lists show the same thing twice in other words?": "列表会换个说法重复同一件商品吗？",
    "New visitors": "新访客",
    "Does a visitor we know nothing of get a list at all?": "一无所知的访客能得到列表吗？",
    "Not for sale": "非卖品",
    "Do we show things that nobody can buy?": "会展示买不到的东西吗？",
    "Order of the profile": "历史的次序",
    "If a shopper's past ran backwards, would the list stay the same?": "把顾客的历史倒过来，列表还一样吗？",
    "Price jumps": "价格跳跃",
    "Do we show a £200 lamp to somebody who buys £5 candles?": "会给买 5 英镑蜡烛的人推荐 200 英镑的灯吗？",
    "Personal lists": "个性化列表",
    "Does everybody see the same list?": "人人看到的列表都一样吗？",
    "Thin profiles": "历史很短的顾客",
    "Does somebody who bought one thing get a full list?": "只买过一件的人能得到完整列表吗？",
    "Wrong order": "次序颠倒",
    "Do we offer a TV to somebody who has just bought the cable?": "刚买了线的人，还在给他推荐电视吗？",
    "Share of places that the shopper's own best-seller list holds too: the most taken items that they do not have.": (
        "也出现在该顾客畅销榜（其尚未拥有的最热门商品）上的位置占比。"
    ),
    "Share of lists with an item bought in the 30 days before, or with one of the same title.": (
        "含有前 30 天内已购商品或同名商品的列表占比。"
    ),
    "Chance that two items of the list are of one category, minus the same chance in the shopper's own past.": (
        "列表中两件商品属同一类别的概率，减去该顾客自己历史中的同一概率。"
    ),
    "Share of places with an item that sold regularly and then not at all for so long that chance is below 1 in 10,000.": (
        "商品原本常有售出、之后长期无售出（偶然概率低于万分之一）的位置占比。"
    ),
    "Chance that two items of a list are of one category, after a shopper took the two best items four times, minus before.": (
        "顾客四次选走最好的两件后，列表中两件商品属同一类别的概率，减去之前的概率。"
    ),
    "Share of places with nearly the same text as a place above: the same title, or a likeness of 0.98 or more.": (
        "与上方某位置文字几乎相同（同名或相似度不低于 0.98）的位置占比。"
    ),
    "Share of places that stay empty for an empty profile.": "历史为空时留空的位置占比。",
    "Share of lists with at least one item that is not sold.": "至少含有一件非卖品的列表占比。",
    "Share of lists that keep every item when the past items change places in time: last first.": (
        "把过往商品的时间次序倒过来后，商品全部不变的列表占比。"
    ),
    "Personalisation: 1 minus the share of a list that two shoppers have in common, on average over all pairs.": (
        "个性化程度：1 减去两位顾客列表的共同占比，取所有配对的平均。"
    ),
    "{n} of {k} are best sellers.": "{k} 件中有 {n} 件是畅销品。",
    "{share} of the lists hold nothing else.": "{share} 的列表只有畅销品。",
    "Nobody has a history.": "没有顾客有历史。",
    "The very item.": "就是同一件。",
    "Another number, the same title.": "编号不同，标题相同。",
    "{n} shoppers had bought lately.": "{n} 位顾客近期有购买。",
    "The items have no categories.": "商品没有类别。",
    "Two items of the list: {listed} of one category; of the own past: {own}.": "列表中两件同类的概率 {listed}；自己历史中为 {own}。",
    "Lists {listed}, own past {own}.": "列表 {listed}，自己历史 {own}。",
    "The log is shorter than two weeks.": "日志不足两周。",
    "Last taken {n} days before.": "上次选购在 {n} 天前。",
    "{n} of {all} items have gone quiet.": "{all} 件商品中有 {n} 件已无人问津。",
    "From {a} to {b} of pairs in one category.": "同类配对从 {a} 变为 {b}。",
    "Round by round: {course}.": "逐轮：{course}。",
    "The items have no titles.": "商品没有标题。",
    "{n} of {k} places repeat one above; this is place {place}.": "{k} 个位置中有 {n} 个与上方重复；这是第 {place} 位。",
    "Place {place} for a new visitor.": "给新访客的第 {place} 位。",
    "{n} of {k} places are filled.": "{k} 个位置中填了 {n} 个。",
    "Place {place} is not sold.": "第 {place} 位不在售。",
    "This variant does not read the order of the past; nothing should change.": "此方案不看历史次序，理应没有变化。",
    "Nobody has five different past items.": "没有顾客有五件不同的过往商品。",
    "Nothing changes.": "没有变化。",
    "The log has no prices.": "日志没有价格。",
    "Costs {price}; the shopper usually pays {usual}.": "售价 {price}；该顾客平常花 {usual}。",
    "{listed} of the places jump, {own} of the shoppers' own next choices.": "{listed} 的位置跳价；顾客自己之后的选择为 {own}。",
    "Fewer than two shoppers have a list.": "有列表的顾客不足两位。",
}
