"""A small grammar: a plain sentence, English or Chinese, read into the form of a rule. What is not understood is named, never guessed.

A sentence is read in three steps. Texts in quotes and names of the catalogue become marks. Phrases of the language are looked up in
the marked sentence and cut out. What is left, apart from words that say nothing, was not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from recengine.errors import BadInput
from recengine.policy.rules import phrases, phrases_zh
from recengine.policy.rules.phrases import MARK, Phrase
from recengine.policy.rules.rule import Rule

if TYPE_CHECKING:
    from recengine.data.dataset import Catalogue

QUOTED = re.compile(r'“((?:[^”]|””)*)”|"([^"]*)"|「([^」]*)」|『([^』]*)』')
HAN = re.compile(r"[\u3400-\u9fff]")
MAX_LENGTH = 5_000
FIRST_MARK = 0xE000  # the private use area of Unicode: no text of a person holds these


Marks = Mapping[str, tuple[str, bool]]  # private character → the text, and whether it stood in quotes
Placed = list[tuple[int, int, dict[str, Any]]]  # conditions with the place in the sentence that told them


@dataclass(frozen=True)
class Names:
    """Texts that may stand without quotes, because the shop has them: field → names."""

    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def field_of(self, text: str) -> str:
        """The one field that has this name, "" where none or several have it."""
        found = [name for name, known in self.fields.items() if text.casefold() in known]
        return found[0] if len(found) == 1 else ""


@dataclass(frozen=True)
class Read:
    """What was understood of a sentence."""

    rule: Rule | None  # the whole rule, None while something is missing or was not understood
    form: dict[str, Any]  # what was understood
    unknown: tuple[str, ...]
    missing: tuple[str, ...]


def names_of(catalogue: Catalogue, segments: Iterable[str] = ()) -> Names:
    """Names of a catalogue: categories, brands, ids and segments."""
    ids = frozenset(str(value).casefold() for value in catalogue.vocabulary.ids)
    category, brand = (
        frozenset(str(v).strip().casefold() for v in set(values)) - {""} for values in (catalogue.categories, catalogue.brands)
    )
    return Names({"category": category, "brand": brand, "id": ids, "segment": frozenset(name.casefold() for name in segments)})


def read_rule(sentence: str, names: Names | None = None) -> Read:
    """The rule that a sentence tells.

    Args:
        sentence: English or Chinese, one rule.
        names: names of the shop that need no quotes.

    Returns:
        The form with everything that was understood, the parts that were not, and the fields that are still open.

    Raises:
        BadInput: more than 5,000 characters.
    """
    if len(sentence) > MAX_LENGTH:
        raise BadInput("The sentence is too long.", f"It has {len(sentence)} characters.", f"Use at most {MAX_LENGTH}.")
    names = names or Names()
    text, marks = _marked(sentence, names)
    language = phrases_zh if HAN.search(text) else phrases
    draft: dict[str, Any] = {}
    conditions: Placed = []
    for phrase in language.PHRASES:
        text = _take(text, phrase, marks, draft, conditions)
    text = _bare_names(text, marks, names, conditions)
    conditions.sort(key=lambda row: row[0])
    joints = [text[one[1] : two[0]] for one, two in pairwise(conditions)]
    either = [bool(language.OR.search(joint)) for joint in joints]
    unknown = [] if len(set(either)) < 2 else [language.MIXED]
    form = {**draft, "conditions": [row[2] for row in conditions]}
    if any(either):
        form["match"] = "any"
    unknown += _left(text, marks, language.FILLERS)
    missing = _missing(form)
    rule = None
    if not unknown and not missing:
        try:
            rule = Rule.model_validate(form)
        except ValidationError as error:
            unknown = [row["msg"].removeprefix("Value error, ") for row in error.errors()]
    return Read(rule, form, tuple(unknown), missing)


def _marked(sentence: str, names: Names) -> tuple[str, dict[str, tuple[str, bool]]]:
    """The sentence with one private character for every quoted text and every known name; what they stand for, and whether quoted."""
    marks: dict[str, tuple[str, bool]] = {}

    def mark(text: str, quoted: bool) -> str:
        sign = chr(FIRST_MARK + len(marks))
        marks[sign] = (text, quoted)
        return sign

    sentence = re.sub(r"[\ue000-\uf8ff]", " ", sentence)
    text = QUOTED.sub(lambda m: mark(next(g for g in m.groups() if g is not None).replace("””", "”"), True), sentence)
    known = sorted({name for kind, group in names.fields.items() if kind != "id" for name in group}, key=len, reverse=True)
    low = text.casefold()
    if len(low) == len(text):  # a few letters change their length when folded; such sentences need quotes
        for name in known:
            if name in phrases.RESERVED or name in phrases_zh.RESERVED or name not in low:
                continue
            edge = "" if HAN.search(name) else r"(?<!\w)", "" if HAN.search(name) else r"(?!\w)"
            for found in reversed(list(re.finditer(edge[0] + re.escape(name) + edge[1], low))):
                sign = mark(text[found.start() : found.end()], False)
                text = text[: found.start()] + sign + text[found.end() :]
                low = low[: found.start()] + sign + low[found.end() :]
    return text, marks


def _take(
    text: str,
    phrase: Phrase,
    marks: Marks,
    draft: dict[str, Any],
    conditions: Placed,
) -> str:
    """Cut every place where a phrase stands out of the text, unless the form has another answer to it already."""
    for found in phrase.pattern.finditer(text):
        if not text[found.start() : found.end()].strip():
            continue
        values = {name: value for name, value in found.groupdict().items() if value is not None}
        told = phrase.tells(values, lambda signs: tuple(marks[sign][0] for sign in re.findall(MARK, signs)))
        if told is None:
            continue
        if "field" in told:
            conditions.append((found.start(), found.end(), told))
        elif any(draft.get(key, value) != value and key not in ("scenes", "segments") for key, value in told.items()):
            continue
        else:
            for key, value in told.items():
                draft[key] = [*draft.get(key, []), *(v for v in value if v not in draft.get(key, []))] if isinstance(value, list) else value
        text = text[: found.start()] + " " * (found.end() - found.start()) + text[found.end() :]
    return text


def _bare_names(text: str, marks: Marks, names: Names, conditions: Placed) -> str:
    """A name that stands alone means its field, where only one field has it."""
    for found in re.finditer(MARK, text):
        value, _ = marks[found.group()]
        kind = names.field_of(value)
        if kind and kind != "segment":
            conditions.append((found.start(), found.end(), {"field": kind, "op": "is", "values": [value]}))
            text = text[: found.start()] + " " + text[found.end() :]
    return text


def _left(text: str, marks: Marks, fillers: re.Pattern[str]) -> list[str]:
    """The parts of the text that no phrase took, without words that say nothing."""
    rest = fillers.sub(" ", text)
    parts = [part.strip(" ,.;:，。；：、()（）") for part in re.split(r"\s{2,}|[,.;:，。；：、()（）](?:\s|$)", rest)]
    return [re.sub(MARK, lambda m: f"“{marks[m.group()][0]}”", part) for part in parts if re.search(rf"\w|{MARK}|[^\s\w]", part)]


def _missing(form: Mapping[str, Any]) -> tuple[str, ...]:
    """Fields that a rule of this action needs and the form does not have."""
    needed = ["action", "conditions"]
    needed += {"pin": ["position"], "boost": ["strength"], "bury": ["strength"]}.get(form.get("action", ""), [])
    return tuple(name for name in needed if not form.get(name))
