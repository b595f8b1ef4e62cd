"""TF-IDF of short shop texts, in English and Chinese: word tokens and pairs of Chinese characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import scipy.sparse as sp

_HAN = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Chinese characters and Japanese syllables
_RUN = re.compile(rf"([{_HAN}]+)|((?:(?![{_HAN}])[^\W_])+)")  # a run of those, or of other letters and digits
_S_KEPT = ("ss", "us", "is", "as", "os")  # glass, cactus, iris, canvas and chaos are no plurals


def singular(word: str) -> str:
    """The likely singular of an English word in lower case; other words are left alone."""
    if len(word) < 4 or not word.isascii() or not word.endswith("s") or word.endswith(_S_KEPT):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def tokens(text: str) -> list[str]:
    """Words in lower case and in the singular; Chinese runs as overlapping pairs of characters."""
    found: list[str] = []
    for match in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        han, word = match.groups()
        if word:
            found.append(singular(word))
        elif len(han) == 1:
            found.append(han)
        else:
            found.extend(han[place : place + 2] for place in range(len(han) - 1))
    return found


def tfidf(texts: Sequence[str], min_items: int = 1) -> tuple[sp.csr_matrix, list[str]]:
    """Sublinear TF-IDF, each row of length 1.

    Args:
        texts: n texts; empty ones give empty rows.
        min_items: tokens in fewer texts are dropped.

    Returns:
        float32 CSR [n, V] and the V tokens in ascending order. Value: (1 + ln tf) × (ln((1 + n) / (1 + df)) + 1).
    """
    rows = [tokens(text) for text in texts]
    frequency: dict[str, int] = {}
    for row in rows:
        for token in set(row):
            frequency[token] = frequency.get(token, 0) + 1
    vocabulary = sorted(token for token, count in frequency.items() if count >= min_items)
    code = {token: place for place, token in enumerate(vocabulary)}
    owner = np.array([place for place, row in enumerate(rows) for token in row if token in code], dtype=np.int64)
    column = np.array([code[token] for row in rows for token in row if token in code], dtype=np.int64)
    matrix = sp.csr_matrix((np.ones(len(owner)), (owner, column)), shape=(len(rows), len(vocabulary)))
    matrix.sum_duplicates()
    documents = np.array([frequency[token] for token in vocabulary], dtype=np.float64)
    rarity = np.log((1.0 + len(rows)) / (1.0 + documents)) + 1.0
    matrix.data = (1.0 + np.log(matrix.data)) * rarity[matrix.indices]
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(norms, np.diff(matrix.indptr))
    return matrix.astype(np.float32), vocabulary


class Described(Protocol):
    """What is read of a catalogue (recengine.data.dataset.Catalogue is one)."""

    @property
    def titles(self) -> np.ndarray: ...  # object (str) [n_items]

    @property
    def categories(self) -> np.ndarray: ...

    @property
    def brands(self) -> np.ndarray: ...

    @property
    def category_source(self) -> str: ...


def item_texts(catalogue: Described) -> list[str]:
    """One text an item: title, category and brand, those that the file has.

    Categories derived from titles are left out: they only repeat a word (content model, NDCG@10 .073 without, .057 with).
    """
    blank = np.full(len(catalogue.titles), "", dtype=object)
    categories = catalogue.categories if catalogue.category_source == "file" else blank
    return [" ".join(part for part in parts if part) for parts in zip(catalogue.titles, categories, catalogue.brands, strict=True)]
