"""Words of the first step of an import: which files came, what they are, files on the server."""

WORDS = {
    "files.sorting": {
        "en": {"one": "Looking at the file", "other": "Looking at {n} files"},
        "zh": "正在查看 {n} 个文件",
    },
}
