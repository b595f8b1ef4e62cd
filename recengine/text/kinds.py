"""A readable kind for each item from its title, for files without categories."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from recengine.text.tfidf import singular

OTHER = "Other"
MIN_ITEMS = 5
HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
WORD = re.compile(r"[^\W\d_]{3,}")
# Words that close a title without naming a thing.
NO_KIND = frozenset(
    word
    for line in (
        "and the for with from set small large medium mini pack piece pcs assorted asstd design designs colour color colours",
        "red blue green pink white black cream ivory yellow purple orange silver gold grey gray brown clear natural turquoise",
        "vintage retro antique retrospot polkadot spot spots",
    )
    for word in line.split()
)


def derive_kinds(titles: Sequence[str] | np.ndarray, min_items: int = MIN_ITEMS) -> np.ndarray:
    """The last word of a title that at least `min_items` items share and that names a thing.

    Args:
        titles: n titles; Chinese ones are read by their last two characters.
        min_items: items that must share a kind.

    Returns:
        object (str) [n], capitalised singular nouns such as "Candle"; "Other" where no word qualifies. Show them as derived.
    """
    candidates = [_last_first(str(title)) for title in titles]
    shared = Counter(word for words in candidates for word in set(words))
    kinds = [next((word for word in words if shared[word] >= min_items), OTHER) for words in candidates]
    # A kind that lost its items to a later word of the same title is too small to be read as one.
    held = Counter(kinds)
    kinds = [next((word for word in words if shared[word] >= min_items and held[word] >= min_items), OTHER) for words in candidates]
    return np.array([kind.capitalize() if kind != OTHER else OTHER for kind in kinds], dtype=object)


def _last_first(title: str) -> list[str]:
    lower = title.lower()
    # "Candle holder, set of 6" and "Lantern in grey" end in a detail: the thing is named before it.
    words = WORD.findall(re.split(r"\s+(?:with|in|of|for|w/)\s+|,|\(|-\s", lower)[0])
    words = words or WORD.findall(lower)
    found = [singular(word) for word in reversed(words) if word not in NO_KIND and word.isascii()]
    found += [singular(word) for word in reversed(WORD.findall(lower)) if word not in NO_KIND and word.isascii()]
    return found + [run[-2:] for run in reversed(HAN.findall(lower))]
