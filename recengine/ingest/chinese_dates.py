"""Dates as Chinese files write them → dates of digits: 2026年11月22日 下午3:05, full-width digits."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

MORNING, AFTERNOON = "(凌晨|清晨|早上|早晨|上午)", "(中午|下午|傍晚|晚上)"
CLOCK = r"(\d{1,2}(?::\d{2}){0,2})"
STEPS = (
    (r"\s*[(（]?(?:星期|周|週|礼拜|禮拜)[一二三四五六日天][)）]?\s*", " "),
    (r"(\d)\s*年\s*(\d)", r"\1-\2"),
    (r"(\d)\s*月\s*(\d)", r"\1-\2"),
    (r"(\d)\s*[日号號]\s*", r"\1 "),
    (r"(\d)\s*[时時点點]\s*整?\s*(\d)", r"\1:\2"),
    (r"(\d)\s*[时時点點]\s*整?\s*$", r"\1:00"),
    (r"(\d)\s*分\s*(\d)", r"\1:\2"),
    (r"(\d)\s*[分秒]\s*$", r"\1"),
    *2 * ((r":(\d)(:|\s|$)", r":0\1\2"),),  # 9时5分; twice, as minutes and seconds share a colon
    (MORNING + r"\s*" + CLOCK, r" \2 AM"),
    (AFTERNOON + r"\s*" + CLOCK, r" \2 PM"),
    (r" (0{1,2}|1[3-9]|2[0-3])((?::\d{2}){0,2}) [AP]M", r" \1\2"),  # 下午15:05 says it twice
)


def plain_dates(words: pa.Array) -> pa.Array:
    """The same dates in digits; words that are ASCII already stay as they are.

    Args:
        words: string [n].

    Cost: nothing for ASCII, else thirteen replacements a word (1 µs each).
    """
    odd = pc.fill_null(pc.invert(pc.string_is_ascii(words)), False)
    if not pc.any(odd).as_py():
        return words
    text = pc.utf8_normalize(words.filter(odd), "NFKC")
    for pattern, to in STEPS:
        text = pc.replace_substring_regex(text, pattern, to)
    return pc.replace_with_mask(words, odd, pc.utf8_trim_whitespace(pc.replace_substring_regex(text, r"\s+", " ")))
