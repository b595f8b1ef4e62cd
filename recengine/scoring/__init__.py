"""The best items of many shoppers, exactly: full products, streamed products, products screened in bf16."""
