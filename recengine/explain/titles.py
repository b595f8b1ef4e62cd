"""Titles and dates as they are read in a sentence. Text from a file stays data: plain text, never markup."""

from __future__ import annotations

from datetime import UTC, datetime

from recengine.columns import Behaviour
from recengine.data.dataset import Catalogue

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DANGLING = {"a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to", "with"}
DID = {
    Behaviour.VIEW: "viewed",
    Behaviour.CART: "put in the cart",
    Behaviour.FAVOURITE: "saved",
    Behaviour.PURCHASE: "bought",
    Behaviour.RATING: "rated",
    Behaviour.SHARE: "shared",
    Behaviour.REMOVE: "took out of the cart",
    Behaviour.RETURN: "returned",
    Behaviour.DISLIKE: "disliked",
}


def item_title(catalogue: Catalogue, code: int) -> str:
    """Title in sentence case where the file shouts, the id where there is none, "unknown item" for a code outside."""
    if not 0 <= code < len(catalogue):
        return "unknown item"
    text = " ".join(str(catalogue.titles[code]).split())
    if not text:
        return str(catalogue.vocabulary.ids[code])
    return text.capitalize() if text.isupper() and len(text) > 4 else text


def short_title(title: str, words: int) -> str:
    """The first words of a title, without a loose end such as "of" or a comma; at least one word, at most `words`."""
    kept = [word for word in title.split() if any(letter.isalnum() for letter in word)][:words]
    while len(kept) > 1 and kept[-1].lower().strip(",.;:-") in DANGLING:
        kept.pop()
    return " ".join(kept).strip(" ,.;:-/") or title.strip()


def date(time_s: int) -> str:
    """A day in words: 8 Dec 2011 (UTC)."""
    day = datetime.fromtimestamp(int(time_s), UTC)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def moment(time_s: int) -> str:
    """ISO text in UTC, to the second."""
    return datetime.fromtimestamp(int(time_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
