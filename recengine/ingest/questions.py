"""What only a person can know about a file: asked, with a default that holds until it is answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from recengine.columns import BEHAVIOURS, Behaviour, Role
from recengine.errors import BadInput
from recengine.ingest.behaviours import normal
from recengine.ingest.encoding import WORDS
from recengine.ingest.event_words import event_words
from recengine.ingest.formats.registry import known_formats
from recengine.ingest.guess import Guess
from recengine.ingest.mapping import Mapping
from recengine.ingest.numbers import parse_numbers
from recengine.ingest.reader import RawTable
from recengine.ingest.swapped_dates import ordered, span, time_cells, two_readings
from recengine.ingest.times import TimeFormat, guess_time

ASK_ENCODING_BELOW = 0.9
SHOWN = 60  # characters of an example
ENCODINGS = ("utf-8", "cp1252", "cp1250", "cp1251", "cp1254", "gb18030", "big5", "cp932", "euc_kr", "mac-roman")


@dataclass(frozen=True)
class Question:
    """One thing the file does not say."""

    id: str  # "day_first", "cancellations", "default_behaviour", "encoding", "behaviour:<word>"
    text: str
    options: tuple[tuple[str, str], ...]  # (value for the mapping, words)
    default: str
    note: str


def questions_of(raw: RawTable, mapping: Mapping, guessed: Guess) -> list[Question]:
    """The open questions of a file, most important first."""
    out = _day_first(raw, mapping, guessed)
    out += _encoding(raw)
    out += _cancellations(raw, mapping)
    for word in [word.word for word in event_words(raw, mapping) if word.source == "unknown" and word.word][:12]:
        out.append(
            Question(
                f"behaviour:{word}",
                f"What does the event “{word[:60]}” mean?",
                tuple((b.value, b.value) for b in Behaviour),
                Behaviour.OTHER.value,
                "It counts as a weak sign of interest until you say.",
            )
        )
    form = known_formats().get(mapping.format)
    asked = form is None or form.default_behaviour is None
    if asked and mapping.column(Role.BEHAVIOUR) is None and mapping.column(Role.RATING) is None:
        out.append(
            Question(
                "default_behaviour",
                "The file names no events. What does one row mean?",
                tuple((b.value, b.value) for b in (Behaviour.PURCHASE, Behaviour.VIEW, Behaviour.CART, Behaviour.FAVOURITE)),
                mapping.default_behaviour.value,
                "Purchases are our guess.",
            )
        )
    return out


def _day_first(raw: RawTable, mapping: Mapping, guessed: Guess) -> list[Question]:
    """Two readings of a real cell of the file, in words, where no date tells which is right."""
    name = mapping.column(Role.TIME)
    if name is None or name not in raw.names or mapping.time_format is not TimeFormat.TEXT:
        return []
    cells = time_cells(raw, name)
    found = guessed.time if name == guessed.mapping.column(Role.TIME) else guess_time(cells)
    if found is None or not found.ambiguous:
        return []
    readings = two_readings(cells)
    if not readings:
        return []  # the day is the month in every cell
    order = ordered(cells)
    why = "No date in the file tells; the day first is our guess."
    if order is not None:
        why = f"Read with the {'day' if order else 'month'} first, the rows are in the order of time, so that is our guess."
    cell, by_day, by_month = readings[0]
    by_day_span, by_month_span = (f"{first} to {last}" for first, last in (span(cells, True), span(cells, False)))
    if by_day_span != by_month_span:
        why += f" With the day first the dates run from {by_day_span}, with the month first from {by_month_span}."
    return [
        Question(
            "day_first",
            f"Which day is {cell} in {name}?",
            (("true", f"{cell} → {by_day}"), ("false", f"{cell} → {by_month}")),
            "true" if mapping.day_first is not False else "false",
            why,
        )
    ]


def _encoding(raw: RawTable) -> list[Question]:
    if raw.encoding.confidence >= ASK_ENCODING_BELOW:
        return []
    example = next((c for name in raw.names for c in raw.some(name, 0, 2_000).to_pylist() if c and not c.isascii()), "")
    spelled = _spellings(example[:SHOWN], raw.encoding.name)
    return [
        Question(
            "encoding",
            f"The text looks like {raw.encoding.words}. Is “{example[:SHOWN]}” spelled right?",
            tuple((name, f"{WORDS.get(name, name)}: {text}") for name, text in spelled.items()),
            raw.encoding.name,
            f"It is our guess, {raw.encoding.how.removeprefix('guessed ')}.",
        )
    ]


def _spellings(example: str, guessed: str) -> dict[str, str]:
    """The example as other encodings read its bytes, the guess first; those that cannot read it or read the same are left out."""
    found = {guessed: example}
    try:
        data = example.encode(guessed)
    except UnicodeEncodeError:  # a damaged line
        return found
    for name in ENCODINGS:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if text.isprintable() and text not in found.values():
            found[name] = text
    return found


def _cancellations(raw: RawTable, mapping: Mapping) -> list[Question]:
    name = mapping.column(Role.QUANTITY)
    if name is None:
        return []
    values, _ = parse_numbers(raw.column(name), mapping.decimal)
    with np.errstate(invalid="ignore"):
        negative = values < 0
    n = int(negative.sum())
    if not n:
        return []
    note = "Cancellations is our guess."
    if mapping.cancellation_prefix and (basket := mapping.column(Role.BASKET)):
        prefixed = pc.starts_with(raw.column(basket), mapping.cancellation_prefix, ignore_case=True).to_numpy()
        both = int((negative & np.asarray(prefixed, dtype=bool)).sum())
        note = f"{both:,} of them have a basket number that starts with {mapping.cancellation_prefix}, so cancellations is our guess."
    return [
        Question(
            "cancellations",
            f"{name} is negative in {n:,} {'line' if n == 1 else 'lines'}. What are they?",
            (("skip", "Cancellations: leave them out"), ("keep", "Returns: keep them as events")),
            mapping.cancellations,
            note,
        )
    ]


def answered(mapping: Mapping, answers: dict[str, str]) -> Mapping:
    """The mapping with a person's answers in it.

    Args:
        mapping: As guessed or saved.
        answers: Question id → one of its option values.

    Raises:
        BadInput: an answer to a question that does not exist, or a value that is none of its options.
    """
    change: dict[str, object] = {}
    words = dict(mapping.behaviours)
    for question, value in answers.items():
        if question == "day_first" and value in ("true", "false"):
            change["day_first"] = value == "true"
        elif question == "cancellations" and value in ("skip", "keep"):
            change["cancellations"] = value
        elif question == "encoding" and value:
            change["reading"] = mapping.reading.model_copy(update={"encoding": value})
        elif question == "default_behaviour" and value in BEHAVIOURS:
            change["default_behaviour"] = Behaviour(value)
        elif question.startswith("behaviour:") and value in BEHAVIOURS:
            word = question.removeprefix("behaviour:")
            words = {other: meaning for other, meaning in words.items() if normal(other) != normal(word)} | {word: Behaviour(value)}
        else:
            raise BadInput(f"The answer {value} does not fit.", f"The question was {question}.", "Choose one of its options.")
    return mapping.model_copy(update=change | {"behaviours": words})
