"""Names of things on disk: made here, never by a person, so that no text of a file or form can become a path."""

from __future__ import annotations

import re
import secrets
import threading
import time

from recengine.errors import NotFound

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID = re.compile(r"[a-z]{1,12}-[0-9a-z]{10}-[0-9a-z]{4}", re.ASCII)
_PREFIX = re.compile(r"[a-z]{1,12}", re.ASCII)
_lock = threading.Lock()
_last_us = 0


def new_id(prefix: str) -> str:
    """A fresh id such as `ds-1hq9x0z3k7-a4f2`: ids of one process sort by the moment they were made.

    Args:
        prefix: 1 to 12 letters a-z that tell what the id names.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"not an id prefix: {prefix!r}")
    global _last_us
    with _lock:
        _last_us = max(time.time_ns() // 1000, _last_us + 1)
        moment = _last_us
    stamp = ""
    for _ in range(10):
        moment, digit = divmod(moment, 36)
        stamp = _DIGITS[digit] + stamp
    return f"{prefix}-{stamp}-{''.join(secrets.choice(_DIGITS) for _ in range(4))}"


def check_id(text: str) -> str:
    """The id itself, when it has the form that `new_id` gives.

    Raises:
        NotFound: anything else: a path, a blank, another type.
    """
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise NotFound("There is nothing with this id.", "The id does not have the form of an id.", "Choose one from the list.")
    return text
