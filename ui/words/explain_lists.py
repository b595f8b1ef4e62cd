"""The dialog that has the lists of many shoppers explained."""

WORDS = {
    "export.explained": {"en": "With explanations …"},
    "explain_lists.title": {"en": "Explained lists"},
    "explain_lists.purpose": {"en": "Every item of every list with a sentence and the terms that add up to its score."},
    "explain_lists.format": {"en": "File"},
    "explain_lists.html": {"en": "Page"},
    "explain_lists.csv": {"en": "CSV"},
    "explain_lists.parquet": {"en": "Parquet"},
    "explain_lists.html.help": {
        "en": "One file to read in a browser, on a phone or printed. It loads nothing from anywhere. About 25 MB for 1,000 shoppers."
    },
    "explain_lists.csv.help": {"en": "One row an item, its terms side by side. Safe to open in a spreadsheet."},
    "explain_lists.parquet.help": {"en": "One row an item, its terms as a list."},
    "explain_lists.shoppers": {"en": "Shoppers"},
    "explain_lists.some": {"en": "{n}, drawn at random"},
    "explain_lists.all": {"en": "All {n}"},
    "explain_lists.settings": {"en": "Lists of {k} items, {policy}."},
    "explain_lists.policy": {"en": "Lists"},
    "explain_lists.start": {"en": "Explain"},
    "explain_lists.ready": {"en": "{n} shoppers, {rows} explained places, {size}"},
}
