"""Ids outside, codes inside: one sorted list of ids, converted once at each edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Ids in ascending order of their text; the position is the code. Ids are text and never altered."""

    ids: np.ndarray  # object (str) [n], sorted, distinct

    @staticmethod
    def build(ids: Iterable[str]) -> Vocabulary:
        """The distinct ids, sorted, so that codes do not depend on the order of a file."""
        return Vocabulary(np.array(sorted(set(ids)), dtype=object))

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def _code_of(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.ids)}

    def encode(self, ids: Iterable[str]) -> np.ndarray:
        """int32 [m], -1 where an id is unknown."""
        return np.array([self._code_of.get(name, -1) for name in ids], dtype=np.int32)

    def code(self, name: str) -> int:
        """The code of one id, -1 where it is unknown."""
        return self._code_of.get(name, -1)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """object (str) [m]; raises IndexError for a code outside 0 … n - 1."""
        if len(codes) and (np.min(codes) < 0 or np.max(codes) >= len(self)):
            raise IndexError("a code is outside the vocabulary")
        return self.ids[np.asarray(codes, dtype=np.int64)]
