"""Items: whose lists each item is on, and why."""

WORDS = {
    "nav.items": {"en": "Items", "zh": "商品"},
    "items.purpose": {
        "en": "Whose lists each item is on, what brings it there, and what holds it back.",
        "zh": "每件商品在谁的列表上，是什么带来的，又是什么挡住的。",
    },
    "items.start.title": {"en": "All lists have to be looked at once", "zh": "需要先查看一遍所有列表"},
    "items.start.why": {
        "en": "Whose lists an item is on is known only when the lists of all shoppers are made and explained. That takes a few minutes, "
        "and stays with the variant.",
        "zh": "只有生成并解释所有顾客的列表，才知道商品在谁的列表上。这需要几分钟，结果随方案保存。",
    },
    "items.start.button": {"en": "Look at all lists", "zh": "查看所有列表"},
    "items.again": {"en": "Look again", "zh": "重新查看"},
    "items.made": {
        "en": "Lists of {k} by score alone for {n} shoppers, looked at {when} in {time}",
        "zh": "{n} 位顾客只按分数的 {k} 件列表，查看于 {when}，用时 {time}",
    },
    "items.made.drawn": {
        "en": "Lists of {k} by score alone for {n} of {all} shoppers, drawn at random, looked at {when} in {time}",
        "zh": "随机抽取 {all} 位中 {n} 位顾客只按分数的 {k} 件列表，查看于 {when}，用时 {time}",
    },
    "items.kpi.listed": {"en": "On a list", "zh": "在列表上"},
    "items.kpi.listed.help": {
        "en": "Items on the list of at least one shopper, of those that could be.",
        "zh": "可上榜商品中，至少在一位顾客列表上的。",
    },
    "items.kpi.near": {"en": "Just missing", "zh": "差一点"},
    "items.kpi.near.help": {
        "en": "Items on no list that would be among the next ten of at least one.",
        "zh": "不在任何列表上，但至少在一份列表的后十名之内。",
    },
    "items.kpi.rest": {"en": "Out of sight", "zh": "未露面"},
    "items.kpi.rest.help": {"en": "Items that could be listed and come near no list.", "zh": "可以上榜，却离任何列表都很远的商品。"},
    "items.search": {"en": "Find items", "zh": "查找商品"},
    "items.search.placeholder": {"en": "Title, id or category", "zh": "标题、编号或类别"},
    "items.found": {"en": {"one": "{n} item", "other": "{n} items"}, "zh": "{n} 件商品"},
    "items.found.first": {"en": "The first {n}; search for others", "zh": "前 {n} 件；其余请搜索"},
    "items.found.none": {"en": "No item has {search} in its title, id or category.", "zh": "没有商品的标题、编号或类别含 {search}。"},
    "items.table.alt": {"en": "{n} items with the number of lists each is on.", "zh": "{n} 件商品及其所在列表数。"},
    "items.col.title": {"en": "Item", "zh": "商品"},
    "items.col.item": {"en": "Id", "zh": "编号"},
    "items.col.category": {"en": "Category", "zh": "类别"},
    "items.col.lists": {"en": "Lists", "zh": "列表"},
    "items.col.share": {"en": "Of all lists", "zh": "占全部列表"},
    "items.col.place": {"en": "Mean place", "zh": "平均位置"},
    "items.col.near": {"en": "Just misses", "zh": "差一点"},
    "items.col.owners": {"en": "Have it", "zh": "已拥有"},
    "items.unknown": {
        "en": "There is no item **{id}** in this dataset. Another item is shown.",
        "zh": "此数据集中没有商品 **{id}**，现显示另一件。",
    },
    "items.facts": {"en": {"one": "{n} event", "other": "{n} events"}, "zh": "{n} 条事件"},
    "items.facts.owners": {"en": "{n} shoppers have it already and never see it", "zh": "{n} 位顾客已经拥有，不会再看到"},
    "items.not_sold": {"en": "This is no product, so it is on no list.", "zh": "它不是商品，因此不在任何列表上。"},
    "items.nowhere": {
        "en": "It is on no list, and among the next ten of none. "
        "Open a shopper's list and ask Why not: it says where the item dropped out.",
        "zh": "它不在任何列表上，也不在任何列表的后十名之内。打开一位顾客的列表，用“为什么没有”看它在哪一步落选。",
    },
    "items.why_not": {"en": "Open a shopper's list", "zh": "打开一位顾客的列表"},
    "items.on": {
        "en": "On {n} of {all} lists ({share}), at place {place} on average. It just misses {near} more.",
        "zh": "在 {all} 份列表中的 {n} 份上（{share}），平均第 {place} 位。另有 {near} 份差一点。",
    },
    "items.near_only": {"en": "On no list. It just misses {near} of {all}.", "zh": "不在任何列表上。{all} 份中有 {near} 份差一点。"},
    "items.lists": {"en": "Whose lists", "zh": "在谁的列表上"},
    "items.lists.caption": {"en": "By place, of {n} lists that have it or just miss it", "zh": "按位置，含有它或差一点的 {n} 份列表"},
    "items.lists.x": {"en": "place", "zh": "位置"},
    "items.lists.y": {"en": "lists", "zh": "列表"},
    "items.lists.alt": {
        "en": "{title} is on {lists} lists and just misses {near}; its most frequent place is {place}.",
        "zh": "{title} 在 {lists} 份列表上，另有 {near} 份差一点；最常见的位置是第 {place} 位。",
    },
    "items.lists.read": {
        "en": "A bar is the number of shoppers who have the item at that place. Grey places lie beyond the list.",
        "zh": "每根柱为在该位置有此商品的顾客数。灰色位置在列表之外。",
    },
    "items.lists.table": {"en": "{n} shoppers with {title}, the best places first.", "zh": "有 {title} 的 {n} 位顾客，位置最好的在前。"},
    "items.lists.first": {"en": "The first {n} shoppers. Choose one to open the list.", "zh": "前 {n} 位顾客。选择一位打开其列表。"},
    "items.lists.choose": {"en": "Choose a shopper to open the list.", "zh": "选择一位顾客打开其列表。"},
    "items.lists.shopper": {"en": "Shopper", "zh": "顾客"},
    "items.lists.place": {"en": "Place", "zh": "位置"},
    "items.lists.score": {"en": "Score", "zh": "分数"},
    "items.brings": {"en": "What brings it there", "zh": "是什么带来的"},
    "items.brings.caption": {"en": "Mean over the {n} lists it is on", "zh": "所在 {n} 份列表的均值"},
    "items.brings.base": {"en": "Base", "zh": "基准"},
    "items.brings.total": {"en": "Mean score", "zh": "平均分数"},
    "items.rest": {"en": "Smaller terms", "zh": "较小的各项"},
    "items.brings.alt": {
        "en": "On average {name} adds most to the score of {title}, {value}.",
        "zh": "平均而言，{name} 对 {title} 的分数贡献最大，为 {value}。",
    },
    "items.brings.read": {
        "en": "The chart starts at the base and ends at the mean score on these lists: every bar is the mean of one signal's part.",
        "zh": "图表从基准开始，到这些列表的平均分数结束：每根柱为一个信号贡献的均值。",
    },
    "items.brings.none": {"en": "It is on no list yet.", "zh": "它还不在任何列表上。"},
    "items.past": {"en": "Past items that speak for it", "zh": "支持它的过往商品"},
    "items.past.caption": {"en": "Lists on which each is among the three that add most", "zh": "各过往商品列入贡献前三的列表数"},
    "items.past.alt": {"en": "{name} speaks for {title} on {lists} lists.", "zh": "{name} 在 {lists} 份列表上支持 {title}。"},
    "items.past.read": {
        "en": "These shoppers have the named item in their history, and few others add more to this item's score.",
        "zh": "这些顾客的历史中有该商品，且少有其他商品对此分数贡献更多。",
    },
    "items.past.none": {
        "en": "No past item speaks for it: the score is the same for everybody, or comes from signals alone.",
        "zh": "没有过往商品支持它：分数人人相同，或只来自信号。",
    },
    "items.holds": {"en": "What holds it back", "zh": "是什么挡住的"},
    "items.holds.caption": {
        "en": "Where it just misses: against the last item that made the list, mean of {n} lists",
        "zh": "差一点时：与列表最后一件相比，{n} 份列表的均值",
    },
    "items.holds.alt": {
        "en": "Where {title} just misses a list, {name} lacks most, {value}.",
        "zh": "{title} 差一点时，{name} 差得最多，为 {value}。",
    },
    "items.holds.read": {
        "en": "Left of zero the item has less of a signal than the last item of the list. "
        "Together the bars are the gap of {gap} in the score.",
        "zh": "零的左侧表示该信号少于列表的最后一件。各柱合计为分数差距 {gap}。",
    },
    "items.holds.score": {
        "en": "Its score is {gap} below that of the last item that made the list, on average. The past items say less for it.",
        "zh": "它的分数平均比列表最后一件低 {gap}。过往商品对它的支持更少。",
    },
    "items.holds.none": {"en": "It just misses no list.", "zh": "没有差一点的列表。"},
    "jobs.kind.item-lists": {"en": "All lists", "zh": "所有列表"},
    "jobs.kind.explain-lists": {"en": "Explained lists", "zh": "带解释的列表"},
}
