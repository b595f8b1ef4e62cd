"""Words of the first step of an import: which files came, what they are, files on the server."""

WORDS = {
    "files.sorting": {
        "en": {"one": "Looking at the file", "other": "Looking at {n} files"},
        "zh": "正在查看 {n} 个文件",
    },
    "server.title": {"en": "A file on this server", "zh": "服务器上的文件"},
    "server.caption": {
        "en": "For files too big for a browser. They are read where they are and stay there.",
        "zh": "适合浏览器传不动的大文件。文件留在原处，直接读取。",
    },
    "server.none": {
        "en": "No folder may be read. Name some in the setting import_folders.",
        "zh": "没有可读取的文件夹，可在设置 import_folders 中指定。",
    },
    "server.folder": {"en": "Folder", "zh": "文件夹"},
    "server.folder.files": {"en": "{path} ({n} files)", "zh": "{path}（{n} 个文件）"},
    "server.empty": {"en": "Nothing lies in {path} yet. Copy files there.", "zh": "{path} 里还没有文件，先把文件拷贝进去。"},
    "server.files": {"en": "Files", "zh": "文件"},
    "server.files.choose": {"en": "Choose one or several", "zh": "可选一个或多个"},
    "server.path": {"en": "Or its path", "zh": "或输入路径"},
    "server.path.example": {"en": "{folder}/log.csv", "zh": "{folder}/日志.csv"},
    "server.path.help": {"en": "Only paths inside the folders above are read.", "zh": "只读取上述文件夹内的路径。"},
    "server.read": {"en": "Read from the server", "zh": "从服务器读取"},
    "files.stop": {"en": ".", "zh": "。"},
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
