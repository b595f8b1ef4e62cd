"""Vectors of the items of a catalogue from a language model, with words for people where there are none."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from recengine.errors import NotFound, TrainingFailed
from recengine.settings import Settings
from recengine.text.encoder import TextEncoder, text_encoder
from recengine.text.tfidf import Described, item_texts

TELL_EVERY_S = 1.0


def shop_texts(catalogue: Described) -> list[str]:
    """One text an item; texts in capitals alone are read in small letters, which language models know better."""
    return [text.lower() if text.isupper() else text for text in item_texts(catalogue)]


def encoder_for_training(wanted: str, device: str, settings: Settings | None = None) -> TextEncoder:
    """The encoder called `wanted`. Raises TrainingFailed where it is not on this machine."""
    try:
        return text_encoder(wanted, device, settings)
    except NotFound as error:
        raise TrainingFailed(error.what, error.why, error.fix) from error


def language_vectors(
    catalogue: Described,
    encoder: TextEncoder,
    note: Callable[[str], None] = lambda text: None,
    stop_if_asked: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """float32 [n_items, dim], rows of length 1; zero rows where an item has no text.

    Raises:
        TrainingFailed: no item has a text, or the model cannot be loaded.
    """
    texts = shop_texts(catalogue)
    if not any(text.strip() for text in texts):
        raise TrainingFailed(
            "There is no text to read.",
            "The items have no titles, categories or brands.",
            "Map a title column when you import, or train another model.",
        )
    told = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_EVERY_S:
            told = time.monotonic()
            note(f"Reading item texts: {done:,} of {of:,}")

    try:
        return encoder.encode(texts, tell, stop_if_asked)
    except NotFound as error:
        raise TrainingFailed(error.what, error.why, error.fix) from error
