"""Words of the second step of an import: reasons, what is missing, event words."""

WORDS = {
    "import.reason": {"en": "Why", "zh": "依据"},
    "import.chosen": {"en": "Chosen", "zh": "已指定"},
    "missing.section": {"en": "What the file does not tell", "zh": "文件里没有的信息"},
    "missing.caption": {"en": "What is done without it, and how to have it.", "zh": "缺少时如何处理，以及怎样补上。"},
    "missing.nothing": {"en": "Nothing yet.", "zh": "暂时没有。"},
    "missing.user": {"en": "No column holds the shopper.", "zh": "没有顾客列。"},
    "missing.user.fix": {
        "en": "Nothing can be added yet: give the column with shopper ids the meaning Shopper.",
        "zh": "暂时无法导入：把含顾客编号的列设为“顾客”。",
    },
    "missing.item": {"en": "No column holds the item.", "zh": "没有商品列。"},
    "missing.item.fix": {
        "en": "Nothing can be added yet: give the column with item ids the meaning Item.",
        "zh": "暂时无法导入：把含商品编号的列设为“商品”。",
    },
    "missing.time": {"en": "No time column: the order of the rows counts as time.", "zh": "没有时间列：按行的先后当作时间。"},
    "missing.time.fix": {
        "en": "If a column holds dates, give it the meaning Time. If not, sort the rows oldest first.",
        "zh": "如有日期列，设为“时间”；没有则按从旧到新排列各行。",
    },
    "missing.behaviour": {"en": "No event words: every row counts as the same event.", "zh": "没有事件词：所有行按同一种事件计。"},
    "missing.behaviour.fix": {
        "en": "If a column tells views from purchases, give it the meaning Event word.",
        "zh": "如有区分浏览和购买的列，设为“事件词”。",
    },
    "missing.title": {"en": "No item titles: lists show ids.", "zh": "没有商品标题：列表只显示编号。"},
    "missing.title.fix": {
        "en": "Give a column that meaning, or add a file of items beside this one.",
        "zh": "把相应的列设为“商品标题”，或另外加入商品表。",
    },
    "missing.category": {"en": "No category: categories are made from titles where there are any.", "zh": "没有类目：有标题时由标题归类。"},
    "missing.category.fix": {
        "en": "Give a column that meaning, or add a file of items beside this one.",
        "zh": "把相应的列设为“类目”，或另外加入商品表。",
    },
    "missing.price": {
        "en": "No price: revenue and price rules cannot work.",
        "zh": "没有价格：算不出金额，也用不了价格规则。",
    },
    "missing.price.fix": {
        "en": "Give a column that meaning, or add a file of items beside this one.",
        "zh": "把相应的列设为“价格”，或另外加入商品表。",
    },
    "words.title": {"en": "What each event word counts as", "zh": "每个事件词算作什么"},
    "words.caption": {"en": "Every word of the file. Change a meaning if it is wrong.", "zh": "文件中的全部事件词，不对可以改。"},
    "words.caption.unknown": {
        "en": {"one": "1 word is new to us; it stands first.", "other": "{n} words are new to us; they stand first."},
        "zh": "有 {n} 个词还不认识，排在最前。",
    },
    "words.word": {"en": "Word in your file", "zh": "文件中的词"},
    "words.behaviour": {"en": "Counts as", "zh": "算作"},
    "words.rows": {"en": "Records", "zh": "记录数"},
    "words.share": {"en": "Of the file", "zh": "占比"},
    "words.source": {"en": "Who says so", "zh": "依据"},
    "words.source.known": {"en": "Known word", "zh": "已知的词"},
    "words.source.format": {"en": "This format", "zh": "文件格式"},
    "words.source.chosen": {"en": "You", "zh": "已指定"},
    "words.source.unknown": {"en": "Nobody yet", "zh": "尚未指定"},
    "words.unknown": {
        "en": "{rows} records ({share}) count as a weak sign of interest until you say what their words mean.",
        "zh": "{rows} 条记录（{share}）在你说明之前，只算作微弱的兴趣信号。",
    },
    "words.alt": {
        "en": "{n} words of the event column with what they count as; {unknown} are not known yet.",
        "zh": "事件列的 {n} 个词及其含义；{unknown} 个尚不认识。",
    },
}
