"""What the engine says of versions, tables beside a log and mended rows, English to Chinese; see `ui.words.told`."""

VERSIONS = {
    "Joining table {n} of {all}": "正在关联第 {n} 张表，共 {all} 张",
    "Putting the version together": "正在组合版本",
    "Reading the table": "正在读取表格",
    "the version has no such file": "版本中没有这份文件",
    "a later row has the same id": "后面的行有相同编号",
    "no id": "没有编号",
    "already in the dataset": "数据集中已有",
    "No mended row can be used.": "没有可用的已修正记录。",
    "They are rejected as before, or were mended already.": "它们仍被拒绝，或先前已修正。",
    "Look at the reasons beside them.": "查看旁边的原因。",
    "{n} more ids would meet if zeros in front, a .0 behind, case and blanks did not count.": (
        "忽略前导零、末尾的 .0、大小写和空格后，还有 {n} 个编号可以对应。"
    ),
    "{n} variants need this dataset.": "有 {n} 个方案需要这个数据集。",
    "Delete the variants first.": "先删除这些方案。",
    "A job works on this dataset.": "有任务正在使用这个数据集。",
    "Wait for it, or cancel it first.": "等它完成，或先取消任务。",
    "{n} cells of {name} are no numbers and stay unknown, such as {cells}.": "{name} 有 {n} 个单元格不是数字，按未知处理，例如 {cells}。",
}
