"""Sentences of the engine in Chinese: the engine writes English, and what it writes is looked up here word for word.

A phrase is the English text with a name in braces wherever the engine puts a value. In the Chinese one, `{name}` is that value,
`{name!t}` the value looked up as a phrase itself, and `{name!l}` a list such as "a, b and c", each looked up. What stands nowhere
stays English.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ui.words.language import language
from ui.words.told_checks import CHECKS
from ui.words.told_errors import ERRORS
from ui.words.told_import import IMPORT
from ui.words.told_labels import LABELS
from ui.words.told_sentences import SENTENCES
from ui.words.told_settings import SETTINGS
from ui.words.told_versions import VERSIONS

NUMBERS = {"n", "k", "all", "place", "rank", "quota", "old", "new", "limit"}  # fields that hold digits alone
_FIELD = re.compile(r"\{(\w+)(?:!(\w))?\}")
_SENTENCE = re.compile(r"(?<=[.?])\s+(?=[A-Z“])")
_LIST = re.compile(r", | and | or ")


def phrases() -> dict[str, str]:
    """Every English phrase with its Chinese one."""
    return SENTENCES | CHECKS | SETTINGS | ERRORS | IMPORT | VERSIONS


def told(text: str) -> str:
    """A text of the engine in the language of this page; as it is where it has no translation. Plain text, as the engine's own."""
    return _told(text) if language() == "zh" and text else text


def told_name(name: str) -> str:
    """A name that the engine gives, such as that of a signal; anything else, such as a title, is not looked at further. One look-up."""
    return _exact().get(name, name) if language() == "zh" else name


def told_label(name: str) -> str | None:
    """The Chinese label of a setting by its name, such as learning_rate; None in English and for names without one."""
    return LABELS.get(name) if language() == "zh" else None


@lru_cache(maxsize=4096)
def _told(text: str) -> str:
    whole = _phrase(text)
    if whole is not None:
        return whole
    parts = _SENTENCE.split(text)
    if len(parts) == 1:
        return text
    found = [_phrase(part) for part in parts]
    if not any(found):
        return text
    out = ""
    for part, chinese in zip(parts, found, strict=True):
        out += (" " if out and not (chinese and out.endswith("。")) else "") + (chinese or part)
    return out


def _phrase(text: str) -> str | None:
    if (exact := _exact().get(text)) is not None:
        return exact
    for pattern, write in _patterns():
        if (match := pattern.fullmatch(text)) is not None:
            return write(match.groupdict())
    return None


@lru_cache(maxsize=1)
def _exact() -> dict[str, str]:
    return {english: chinese for english, chinese in phrases().items() if not _FIELD.search(english)}


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Callable[[dict[str, str]], str]], ...]:
    """Those with most fixed letters first: they say most."""
    with_fields = [(english, chinese) for english, chinese in phrases().items() if _FIELD.search(english)]
    with_fields.sort(key=lambda pair: (-len(_FIELD.sub("", pair[0])), pair[0]))
    return tuple((_pattern(english), _writer(chinese)) for english, chinese in with_fields)


def _pattern(english: str) -> re.Pattern[str]:
    out, end, seen = "", 0, set[str]()
    for field in _FIELD.finditer(english):
        out += re.escape(english[end : field.start()])
        held = r"[\d.,]+" if field[1] in NUMBERS else r"(?:(?![.?]\s+[A-Z“]).)+?"  # never more than one sentence
        out += f"(?P={field[1]})" if field[1] in seen else f"(?P<{field[1]}>{held})"
        seen.add(field[1])
        end = field.end()
    return re.compile(out + re.escape(english[end:]), re.DOTALL)


def _writer(chinese: str) -> Callable[[dict[str, str]], str]:
    def write(values: dict[str, str]) -> str:
        return _FIELD.sub(lambda field: _value(values[field[1]], field[2]), chinese)

    return write


def _value(text: str, how: str | None) -> str:
    if how == "l":
        return "、".join(_told(part) for part in _LIST.split(text) if part)
    return _told(text) if how == "t" else text
