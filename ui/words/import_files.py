"""Words of the first step of an import: which files came, what they are, files on the server."""

WORDS = {
    "files.sorting": {
        "en": {"one": "Looking at the file", "other": "Looking at {n} files"},
        "zh": "正在查看 {n} 个文件",
    },
    "files.as_one": {"en": "{n} files read as one", "zh": "{n} 个文件合为一份"},
    "files.sure": {"en": "{sure} sure", "zh": "把握 {sure}"},
    "files.said": {"en": "as you said", "zh": "由你指定"},
    "files.kind": {"en": "This file is", "zh": "这个文件是"},
    "files.found": {"en": "Found: {what}", "zh": "识别为：{what}"},
    "files.several": {"en": "Files read as one", "zh": "合为一份的文件"},
    "files.several.caption": {
        "en": "They have the same columns. Their rows stand one file below the other.",
        "zh": "各文件列相同，按顺序上下相接。",
    },
    "files.out": {"en": "Take out", "zh": "移出"},
    "files.out.help": {"en": "It waits by itself then, and nothing is lost.", "zh": "移出后单独等待导入，不会丢失。"},
    "files.beside": {"en": "**{name}** ({kind}) is joined to it.", "zh": "**{name}**（{kind}）将一并关联。"},
    "files.differ": {"en": "**{name}** has other columns and is not read together with it.", "zh": "**{name}** 的列不同，没有合在一起。"},
    "files.lacks": {"en": "It lacks {columns}.", "zh": "缺少 {columns}。"},
    "files.has_more": {"en": "Only it has {columns}.", "zh": "多出 {columns}。"},
    "files.wait": {
        "en": {"one": "1 file waits for its turn: {names}", "other": "{n} files wait for their turn: {names}"},
        "zh": "还有 {n} 个文件等待处理：{names}",
    },
    "files.next": {"en": "Open the next", "zh": "打开下一个"},
}
