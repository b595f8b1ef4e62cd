"""Words of the first step of an import: how the bytes were read."""

WORDS = {
    "read.encoding": {"en": "Encoding", "zh": "编码"},
    "read.delimiter": {"en": "Between two cells", "zh": "单元格分隔"},
    "read.header": {"en": "Names of the columns", "zh": "列名"},
    "read.find": {"en": "Find out", "zh": "自动识别"},
    "read.found": {"en": "Found: {what} ({sure} sure)", "zh": "识别为：{what}（把握 {sure}）"},
    "read.found.delimiter": {"en": "Found: {what}", "zh": "识别为：{what}"},
    "read.found.header": {"en": "Found: in line {line}", "zh": "识别为：第 {line} 行"},
    "read.found.headless": {"en": "Found: none", "zh": "识别为：没有列名"},
    "read.header.yes": {"en": "The first row names them", "zh": "第一行是列名"},
    "read.header.no": {"en": "There are none", "zh": "没有列名"},
    "read.again": {"en": "Find out again", "zh": "重新识别"},
    "read.how": {"en": "{words}: {how}. The text is {dialect}.", "zh": "{words}：{how}。文本为 {dialect}。"},
    "read.table": {"en": "As it was read", "zh": "读取的样子"},
    "read.table.caption": {"en": "The first rows, before any column means anything.", "zh": "前几行，此时各列尚无含义。"},
    "read.table.none": {"en": "Choose another encoding or delimiter above.", "zh": "在上方选择其他编码或分隔符。"},
    "read.table.alt": {
        "en": "The first {n} rows of the file with {columns} columns, as text.",
        "zh": "文件的前 {n} 行、{columns} 列，均为文本。",
    },
    "read.table.more": {"en": "The first {n} of {all} columns.", "zh": "{all} 列中的前 {n} 列。"},
    "read.bytes": {"en": "As it lies in the file", "zh": "文件中的样子"},
    "read.bytes.caption": {
        "en": "The same lines byte by byte. \\\\x stands before a byte that is no plain letter.",
        "zh": "同样的行逐字节显示。\\\\x 后面是非普通字母的字节。",
    },
    "read.bytes.none": {"en": "This kind of file has no lines of text.", "zh": "这种文件没有文本行。"},
    "read.left_out": {"en": {"one": "1 line is no record", "other": "{n} lines are no records"}, "zh": "{n} 行不是记录"},
    "read.left_out.reason": {"en": "Why", "zh": "原因"},
    "read.left_out.text": {"en": "Line", "zh": "行"},
    "read.left_out.alt": {"en": "Lines that were left out, with the reason.", "zh": "未计入的行，附原因。"},
}
