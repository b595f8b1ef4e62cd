"""A drawn picture of an item: constants only, its colour from the item id, so that one knows an item again across lists."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache

import streamlit as st

GIFT = '<rect x="12" y="20" width="24" height="20" rx="2"/><path d="M10 14h28v6H10zM24 14v26M24 14c-8 0-8-7-3-6s3 6 3 6 0-5 3-6 5 6-3 6"/>'
GLYPHS = (
    (r"\b(bag|handbag|backpack|purse)s?\b", '<path d="M14 18h20l3 22H11z"/><path d="M18 20v-5a6 6 0 0 1 12 0v5"/>'),
    (r"\b(clock|watch)e?s?\b", '<circle cx="24" cy="25" r="14"/><path d="M24 16v9l6 4"/>'),
    (r"\b(heart|lantern|light|lamp|candle|t-light)s?\b", '<path d="M24 39S10 30 10 20a7 7 0 0 1 14-2 7 7 0 0 1 14 2c0 10-14 19-14 19z"/>'),
    (r"\b(cake|baking|cookie|bread|cakestand)s?\b", '<path d="M11 26h26l-3 14H14z"/><path d="M11 26c0-9 6-12 13-12s13 3 13 12M24 14v-4"/>'),
    (r"\b(tin|jar|box|boxe|case|drawer)s?\b", '<rect x="12" y="16" width="24" height="24" rx="3"/><path d="M10 12h28v6H10z"/>'),
    (
        r"\b(cup|teacup|mug|tea|bowl)s?\b",
        '<path d="M10 17h22v11a9 9 0 0 1-9 9h-4a9 9 0 0 1-9-9z"/><path d="M32 20h3a5 5 0 0 1 0 10h-3M9 41h26"/>',
    ),
    (
        r"\b(sign|art|chalkboard|frame|doormat|poster|mat)s?\b",
        '<rect x="9" y="14" width="30" height="22" rx="2"/><path d="M15 22h18M15 28h12"/>',
    ),
    (r"\b(scale)s?\b", '<path d="M12 40h24l-3-14H15zM10 14h28l-5 8H15z"/><circle cx="24" cy="33" r="3"/>'),
    (r"\b(jug|bottle|vase)s?\b", '<path d="M17 10h12v6l4 6v18H15V22l2-6zM33 22h4v10h-4"/>'),
    (r"\b(pencil|notebook|card|book|pen)s?\b", '<path d="M12 36l3-10L32 9l7 7-17 17zM29 12l7 7"/>'),
    (r"\b(bunting|chain|ribbon|wrap|garland)s?\b", '<path d="M6 14c12 6 24 6 36 0M10 16l4 12 5-10M20 18l4 13 5-13M30 18l5 10 4-12"/>'),
    (r"\b(shirt|dress|jacket|coat|shoe|hat|sock)e?s?\b", '<path d="M16 12l-9 6 4 7 4-2v17h18V23l4 2 4-7-9-6c-2 4-14 4-16 0z"/>'),
)


@lru_cache(maxsize=8192)
def tile(item: str, title: str = "") -> str:
    """A data URI of an SVG; nothing of `item` or `title` stands in it, they only choose hue and shape.

    Args:
        item: Item id; decides the hue.
        title: Item title; decides which of the drawn shapes is used.
    """
    shape = next((drawn for words, drawn in GLYPHS if re.search(words, title.lower())), GIFT)
    hue = int.from_bytes(hashlib.blake2s(item.encode(), digest_size=2).digest()) % 360
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="64" height="64">'
        f'<rect width="48" height="48" rx="10" fill="hsl({hue},38%,88%)"/><g transform="translate(6 6) scale(.75)" fill="none" '
        f'stroke="hsl({hue},45%,30%)" stroke-width="2.6" stroke-linejoin="round" stroke-linecap="round">{shape}</g></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def show_tile(item: str, title: str = "", width: int = 40) -> None:
    """Draw the tile; it repeats what the title beside it says, so it has no text of its own."""
    st.image(tile(item, title), width=width, alt="")
