"""Words of the check of an import: what is odd, personal data, what the data can carry."""

WORDS = {
    "quality.title": {"en": "What is odd", "zh": "异常情况"},
    "quality.caption": {
        "en": {"one": "One thing to look at.", "other": "{n} things to look at, the weightiest first."},
        "zh": "有 {n} 处需要看一看，最重要的在前。",
    },
    "quality.nothing": {
        "en": "Nothing odd: no repeats, bots, stray dates, wild prices or ids that look alike.",
        "zh": "没有异常：没有重复、机器人、离群日期、离谱价格，也没有相似的编号。",
    },
    "quality.nothing_new": {
        "en": "**Nothing is new.** The chosen version holds every event of this file already.",
        "zh": "**没有新内容。** 所选版本已包含此文件的全部事件。",
    },
    "quality.looking": {"en": "Looking for what is odd …", "zh": "正在检查异常 …"},
    "quality.line": {"en": "Line {n}", "zh": "第 {n} 行"},
    "quality.show": {"en": "Show the rows", "zh": "查看这些行"},
    "quality.show.title": {"en": "Rows of the file", "zh": "文件中的行"},
    "quality.show.caption": {
        "en": {"one": "The row, as understood.", "other": "The first {n}, the most telling first. Times are UTC."},
        "zh": "前 {n} 行，最典型的在前。时间为 UTC。",
    },
    "quality.show.alt": {"en": "{n} rows of the file that were found odd.", "zh": "文件中被认为异常的 {n} 行。"},
    "quality.undo": {"en": "Undo", "zh": "撤销"},
    "quality.done": {"en": "By a cleaning rule", "zh": "由清洗规则处理"},
    "quality.duplicates": {"en": "Repeated lines", "zh": "重复的行"},
    "quality.duplicates.text": {
        "en": "{n} lines repeat another one in every cell. As they stand, each counts as another event.",
        "zh": "{n} 行与另一行完全相同。按现状每一行都算一次事件。",
    },
    "quality.duplicates.do": {"en": "Count them once", "zh": "只计一次"},
    "quality.quick_repeats": {"en": "Repeated at once", "zh": "瞬间重复"},
    "quality.quick_repeats.text": {
        "en": "{n} events repeat the same one of the same shopper within two seconds: double clicks or double logging.",
        "zh": "{n} 个事件在两秒内重复了同一顾客的同一事件：多半是双击或重复记录。",
    },
    "quality.quick_repeats.do": {"en": "Merge them", "zh": "合并"},
    "quality.bots": {"en": "Bots", "zh": "机器人"},
    "quality.bots.text": {
        "en": {
            "one": "1 shopper does more on a day than people can, {events} events in all.",
            "other": "{n} shoppers do more on a day than people can, {events} events in all.",
        },
        "zh": "{n} 位顾客一天内的事件多得不像真人，共 {events} 个事件。",
    },
    "quality.bots.do": {"en": "Leave them out", "zh": "排除他们"},
    "quality.busy_days": {"en": "Busy days", "zh": "高峰日"},
    "quality.busy_days.text": {
        "en": {
            "one": "1 day has ten times the usual events, {events} in all.",
            "other": "{n} days have ten times the usual events, {events} in all.",
        },
        "zh": "{n} 天的事件数达到平日的十倍，共 {events} 个事件。",
    },
    "quality.busy_days.fine": {
        "en": "A sale or a mailing looks like this. Nothing needs to be done.",
        "zh": "促销或群发通常如此，无需处理。",
    },
    "quality.early": {"en": "Dates far too early", "zh": "过早的日期"},
    "quality.early.text": {
        "en": {
            "one": "1 event lies long before all others, as if a clock was never set.",
            "other": "{n} events lie long before all others, as if a clock was never set.",
        },
        "zh": "{n} 个事件远早于其他事件，像是时钟从未设置。",
    },
    "quality.early.do": {"en": "Start on {day}", "zh": "从 {day} 开始"},
    "quality.late": {"en": "Dates far too late", "zh": "过晚的日期"},
    "quality.late.text": {
        "en": {"one": "1 event lies long after all others.", "other": "{n} events lie long after all others."},
        "zh": "{n} 个事件远晚于其他事件。",
    },
    "quality.late.do": {"en": "End on {day}", "zh": "到 {day} 为止"},
    "quality.future": {"en": "Dates in the future", "zh": "未来的日期"},
    "quality.future.text": {
        "en": {
            "one": "1 event has not happened yet. Everything newest would be judged by it.",
            "other": "{n} events have not happened yet. Everything newest would be judged by them.",
        },
        "zh": "{n} 个事件尚未发生，最新数据的评估会被它们左右。",
    },
    "quality.future.do": {"en": "End on {day}", "zh": "到 {day} 为止"},
    "quality.prices": {"en": "Odd prices", "zh": "异常价格"},
    "quality.prices.text": {
        "en": {
            "one": "{events} prices of 1 item are ten times off its usual price.",
            "other": "{events} prices of {n} items are ten times off the usual price of their item.",
        },
        "zh": "{n} 件商品的 {events} 个价格与该商品的常见价格相差十倍以上。",
    },
    "quality.prices.fine": {
        "en": "Lists use the middle price of an item, so few odd ones do no harm.",
        "zh": "列表使用商品的中位价格，少数异常不影响结果。",
    },
    "quality.pieces": {"en": "Odd numbers of pieces", "zh": "异常件数"},
    "quality.pieces.text": {
        "en": {
            "one": "{events} lines of 1 item have fifty times its usual pieces.",
            "other": "{events} lines of {n} items have fifty times the usual pieces of their item.",
        },
        "zh": "{n} 件商品的 {events} 行件数达到该商品常见件数的五十倍。",
    },
    "quality.pieces.fine": {
        "en": "Wholesale orders look like this. An event counts once, whatever its pieces.",
        "zh": "批发订单通常如此。无论多少件，一个事件只计一次。",
    },
    "quality.similar_shoppers": {"en": "Shopper ids that look alike", "zh": "相似的顾客编号"},
    "quality.similar_items": {"en": "Item ids that look alike", "zh": "相似的商品编号"},
    "quality.similar.text": {
        "en": {
            "one": "1 group of ids differs only by case, spaces or Unicode form. {events} events have a rarer spelling.",
            "other": "{n} groups of ids differ only by case, spaces or Unicode form. {events} events have a rarer spelling.",
        },
        "zh": "{n} 组编号只在大小写、空格或 Unicode 形式上不同。它们保持分开，较少见的写法共有 {events} 个事件。",
    },
    "quality.similar_shoppers.fine": {
        "en": "Ids are kept byte for byte. An id map beside the log can join them.",
        "zh": "编号按字节原样保留。可以随日志附上编号对照表来合并。",
    },
    "quality.similar_items.fine": {
        "en": "Ids are kept byte for byte, so that exports fit your shop. Mend the spelling in the shop system.",
        "zh": "编号按字节原样保留，导出才能与店铺对上。请在店铺系统中修正写法。",
    },
    "quality.suspects": {"en": "Items that look like no products", "zh": "不像商品的编号"},
    "quality.suspects.text": {
        "en": {"one": "1 id looks like postage, a fee or a test.", "other": "{n} ids look like postage, fees or tests."},
        "zh": "{n} 个编号像是运费、手续费或测试。",
    },
    "quality.suspects.do": {"en": "Never recommend", "zh": "永不推荐"},
    "quality.suspects.done": {
        "en": {
            "one": "1 id is marked as no product and is never recommended.",
            "other": "{n} ids are marked as no products and are never recommended.",
        },
        "zh": "{n} 个编号已标为非商品，永不推荐。",
    },
    "quality.bad_times": {"en": "Times that cannot be read", "zh": "无法读取的时间"},
    "quality.bad_times.text": {
        "en": {
            "one": "1 record has no time between 1970 and 2100.",
            "other": "{n} records have no time between 1970 and 2100.",
        },
        "zh": "{n} 条记录没有 1970 至 2100 年之间的时间。",
    },
    "quality.bad_numbers": {"en": "Numbers that cannot be read", "zh": "无法读取的数字"},
    "quality.bad_numbers.text": {
        "en": {
            "one": "1 record has a price, quantity or rating that is no number.",
            "other": "{n} records have a price, quantity or rating that is no number.",
        },
        "zh": "{n} 条记录的价格、数量或评分不是数字。",
    },
    "quality.bad_cells": {"en": "Rows that are cut wrongly", "zh": "切分有误的行"},
    "quality.bad_cells.text": {
        "en": {"one": "1 record has not as many cells as the header.", "other": "{n} records have not as many cells as the header."},
        "zh": "{n} 条记录的单元格数与表头不符。",
    },
    "quality.bad_times.fine": {
        "en": "They are rejected. Afterwards they can be downloaded, mended and uploaded again.",
        "zh": "这些记录会被拒绝，之后可下载、修补并重新上传。",
    },
    "quality.bad_numbers.fine": {
        "en": "They are rejected. Afterwards they can be downloaded, mended and uploaded again.",
        "zh": "这些记录会被拒绝，之后可下载、修补并重新上传。",
    },
    "quality.bad_cells.fine": {
        "en": "They are rejected. Afterwards they can be downloaded, mended and uploaded again.",
        "zh": "这些记录会被拒绝，之后可下载、修补并重新上传。",
    },
    "quality.empty": {"en": "Empty cells", "zh": "空单元格"},
    "quality.empty.text": {
        "en": {"one": "1 column is often empty: {columns}.", "other": "{n} columns are often empty: {columns}."},
        "zh": "{n} 列经常为空：{columns}。",
    },
    "quality.empty.fine": {
        "en": "An empty price, text or basket counts as unknown. The event still counts.",
        "zh": "空的价格、文本或订单号视为未知，事件照常计入。",
    },
    "quality.column.line": {"en": "Line", "zh": "行号"},
    "quality.column.shopper": {"en": "Shopper", "zh": "顾客"},
    "quality.column.item": {"en": "Item", "zh": "商品"},
    "quality.column.id": {"en": "Id", "zh": "编号"},
    "quality.column.same_as": {"en": "Looks like", "zh": "看起来像"},
    "quality.column.title": {"en": "Title", "zh": "标题"},
    "quality.column.time": {"en": "Time", "zh": "时间"},
    "quality.column.price": {"en": "Price", "zh": "价格"},
    "quality.column.pieces": {"en": "Pieces", "zh": "件数"},
    "quality.column.usual": {"en": "Usual", "zh": "常见值"},
    "quality.column.events": {"en": "Events", "zh": "事件"},
    "quality.column.busiest": {"en": "On the busiest day", "zh": "最忙一天"},
    "quality.column.day": {"en": "Day", "zh": "日期"},
    "quality.column.column": {"en": "Column", "zh": "列"},
    "quality.column.value": {"en": "Cell", "zh": "单元格"},
    "quality.column.reason": {"en": "Reason", "zh": "原因"},
    "quality.column.share": {"en": "Empty", "zh": "空值占比"},
    "quality.example.events": {"en": "{n} events", "zh": "{n} 个事件"},
    "quality.example.busiest": {"en": "{n} on one day", "zh": "一天 {n} 个"},
    "quality.example.usual": {"en": "usually {n}", "zh": "通常为 {n}"},
    "quality.example.same_as": {"en": "like {id}", "zh": "与 {id} 相似"},
    "quality.facts": {"en": "What the events hold", "zh": "事件概况"},
    "quality.facts.period": {"en": "**{days} days**, {first} to {last}", "zh": "**{days} 天**，{first} 至 {last}"},
    "quality.facts.undated": {
        "en": "**No times**: the order of the rows stands for them.",
        "zh": "**没有时间**：以行的顺序代替。",
    },
    "quality.facts.kinds": {"en": "**Events:** {kinds}", "zh": "**事件：** {kinds}"},
    "quality.facts.density": {
        "en": "**Density {density}**: share of shopper and item pairs with an event",
        "zh": "**密度 {density}**：有事件的顾客与商品组合占比",
    },
    "quality.facts.once": {
        "en": "**{share} of the shoppers** have one event only; expect popular items for them",
        "zh": "**{share} 的顾客**只有一个事件，他们会看到热门商品",
    },
    "quality.facts.once_basket": {
        "en": "**{share} of the shoppers** came once only; expect popular items for them",
        "zh": "**{share} 的顾客**只来过一次，他们会看到热门商品",
    },
    "quality.facts.known": {
        "en": "**Known:** price of {prices} of the events, title of {titles} and category of {categories} of the items",
        "zh": "**已知：** {prices} 的事件有价格，{titles} 的商品有标题，{categories} 的商品有类目",
    },
    "quality.spread": {"en": "Events a shopper", "zh": "每位顾客的事件数"},
    "quality.spread.caption": {
        "en": "half have {median} or fewer, one in twenty more than {p95}.",
        "zh": "一半不超过 {median} 个，二十分之一的顾客多于 {p95} 个。",
    },
    "models.title": {"en": "What this data can carry", "zh": "这份数据能支撑什么"},
    "models.ok": {"en": "Ready to train", "zh": "可以训练"},
    "models.warn": {"en": "With limits", "zh": "有局限"},
    "models.no": {"en": "Not with this data", "zh": "这份数据不够"},
    "models.popular": {"en": "Popular items", "zh": "热门商品"},
    "models.popular.text": {"en": "always; the baseline that others must beat.", "zh": "始终可用，是其他模型要超过的基线。"},
    "models.neighbours": {"en": "Neighbours", "zh": "邻近模型"},
    "models.neighbours.who": {"en": "bought together, next item, EASE", "zh": "一起购买、下一件、EASE"},
    "models.factors": {"en": "Factors", "zh": "因子模型"},
    "models.factors.who": {"en": "iALS, BPR, graph", "zh": "iALS、BPR、图"},
    "models.sequences": {"en": "Sequences", "zh": "序列模型"},
    "models.sequences.who": {"en": "attention over a history", "zh": "对历史做注意力"},
    "models.enough": {"en": "enough shoppers, items and events.", "zh": "顾客、商品和事件都足够。"},
    "models.short": {"en": "it wants {lacks}.", "zh": "还需要 {lacks}。"},
    "models.short.shoppers": {"en": "{want} shoppers, {have} are here", "zh": "{want} 位顾客（现有 {have}）"},
    "models.short.items": {"en": "{want} items, {have} are here", "zh": "{want} 件商品（现有 {have}）"},
    "models.short.mean": {"en": "{want} events a shopper, {have} are here", "zh": "每位顾客 {want} 个事件（现有 {have}）"},
    "models.undated": {"en": "the file has no times; the order of its rows stands for them.", "zh": "文件没有时间，以行的顺序代替。"},
    "models.texts": {"en": "Texts and new items", "zh": "文本与新商品"},
    "models.texts.enough": {"en": "{share} of the items have a title.", "zh": "{share} 的商品有标题。"},
    "models.texts.short": {
        "en": "{share} of the items have a title; join a file of items.",
        "zh": "只有 {share} 的商品有标题，可附上商品表。",
    },
    "models.purchase": {"en": "Chance of a purchase", "zh": "购买概率"},
    "models.purchase.enough": {
        "en": "{looks} views and carts tell what {buys} purchases came from.",
        "zh": "{looks} 次浏览和加购说明了 {buys} 次购买的来源。",
    },
    "models.purchase.short": {
        "en": "it wants views or carts beside purchases; one kind alone is here.",
        "zh": "需要购买之外的浏览或加购，目前只有一种。",
    },
    "personal.title": {"en": "Personal data", "zh": "个人信息"},
    "personal.caption": {
        "en": {"one": "One column seems to hold it.", "other": "{n} columns seem to hold it."},
        "zh": "有 {n} 列疑似包含。",
    },
    "personal.email": {
        "en": "**{column}** holds e-mail addresses: {share} of its different cells, such as {example}",
        "zh": "**{column}** 含电子邮箱：不同单元格的 {share}，例如 {example}",
    },
    "personal.phone": {
        "en": "**{column}** holds telephone numbers: {share} of its different cells, such as {example}",
        "zh": "**{column}** 含电话号码：不同单元格的 {share}，例如 {example}",
    },
    "personal.card": {
        "en": "**{column}** holds card numbers: {share} of its different cells, such as {example}",
        "zh": "**{column}** 含银行卡号：不同单元格的 {share}，例如 {example}",
    },
    "personal.hash": {"en": "Replace by a keyed hash", "zh": "替换为带密钥的哈希"},
    "personal.hash.all": {"en": "Replace all {n}", "zh": "全部替换（{n} 列）"},
    "personal.hashed": {
        "en": "**{column}** is replaced by a keyed hash before anything is kept",
        "zh": "**{column}** 在保存前被替换为带密钥的哈希",
    },
    "personal.undo": {"en": "Keep it readable", "zh": "保留原文"},
    "personal.unused": {
        "en": "It has no meaning here. Only rejected rows, kept for mending, would hold it.",
        "zh": "该列未被使用，只有留待修补的拒绝行会包含它。",
    },
    "personal.means": {
        "en": "The same shopper stays the same shopper, and joins still work. "
        "The hash cannot be read back, and its key never leaves this workspace.",
        "zh": "同一位顾客仍是同一位顾客，关联照常可用。哈希无法还原，密钥不会离开此工作区。",
    },
}
