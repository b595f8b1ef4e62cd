"""What the engine says of a waiting file comes out whole in Chinese."""

from __future__ import annotations

import pytest

from ui.words.language import speaking
from ui.words.told import told


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("comma-separated, header in line 3", "以逗号分隔，列名在第 3 行"),
        ("tab-separated, no header", "以制表符分隔，没有列名"),
        ("guessed from 89,242 bytes outside ASCII, and by the name 会员编号", "根据 89,242 个非 ASCII 字节推断，并参考列名 会员编号"),
        ("known column name, but the values do not fit", "常见的列名，但内容不符"),
        ("first column left that could hold shopper ids", "剩下的列中第一个像顾客编号的"),
        ("03/04/2025 → 3 April 2025", "03/04/2025 即 2025年4月3日"),
        (
            "No date in the file tells; the day first is our guess. With the day first the dates run from 3 April 2025 to 1 May 2025, with "
            "the month first from 4 March 2025 to 5 January 2026.",
            "文件中的日期都看不出来，暂按先日后月。先日后月时，日期从2025年4月3日到2025年5月1日；先月后日时，从2025年3月4日到2026年1月5日。",
        ),
        ("holds milliseconds since 1970", "内容是1970 年起的毫秒数"),
    ],
)
def test_sentences_of_the_import(english, chinese):
    with speaking("zh"):
        assert told(english) == chinese
    with speaking("en"):
        assert told(english) == english
