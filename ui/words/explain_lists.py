"""The dialog that has the lists of many shoppers explained."""

WORDS = {
    "export.explained": {"en": "With explanations …", "zh": "附带解释 …"},
    "explain_lists.title": {"en": "Explained lists", "zh": "带解释的列表"},
    "explain_lists.purpose": {
        "en": "Every item of every list with a sentence and the terms that add up to its score.",
        "zh": "每份列表的每件商品，附一句话和相加等于分数的各项。",
    },
    "explain_lists.format": {"en": "File", "zh": "文件"},
    "explain_lists.html": {"en": "Page", "zh": "网页"},
    "explain_lists.csv": {"en": "CSV", "zh": "CSV"},
    "explain_lists.parquet": {"en": "Parquet", "zh": "Parquet"},
    "explain_lists.html.help": {
        "en": "One file to read in a browser, on a phone or printed. It loads nothing from anywhere. About 25 MB for 1,000 shoppers.",
        "zh": "单个文件，可在浏览器、手机上阅读或打印，不从任何地方加载内容。1,000 位顾客约 25 MB。",
    },
    "explain_lists.csv.help": {
        "en": "One row an item, its terms side by side. Safe to open in a spreadsheet.",
        "zh": "每件商品一行，各项并列。可安全地用电子表格打开。",
    },
    "explain_lists.parquet.help": {"en": "One row an item, its terms as a list.", "zh": "每件商品一行，各项为列表。"},
    "explain_lists.shoppers": {"en": "Shoppers", "zh": "顾客"},
    "explain_lists.some": {"en": "{n}, drawn at random", "zh": "随机抽取 {n} 位"},
    "explain_lists.all": {"en": "All {n}", "zh": "全部 {n} 位"},
    "explain_lists.settings": {"en": "Lists of {k} items, {policy}.", "zh": "每份列表 {k} 件商品，{policy}。"},
    "explain_lists.policy": {"en": "Lists", "zh": "列表"},
    "explain_lists.start": {"en": "Explain", "zh": "开始解释"},
    "explain_lists.ready": {"en": "{n} shoppers, {rows} explained places, {size}", "zh": "{n} 位顾客，{rows} 个已解释的位置，{size}"},
}
