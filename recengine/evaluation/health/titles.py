"""Which items are the same thing under another number, by their titles."""

from __future__ import annotations

import re
from weakref import WeakKeyDictionary

import numpy as np

from recengine.data.dataset import Catalogue

_CODES: WeakKeyDictionary[Catalogue, np.ndarray] = WeakKeyDictionary()
_NOISE = re.compile(r"[\W_]+")


def title_codes(catalogue: Catalogue) -> np.ndarray:
    """int64 [n_items]: equal for items whose titles differ in case, spaces and punctuation alone; items without a title have their own."""
    if catalogue not in _CODES:
        bare = [_NOISE.sub(" ", str(title).casefold()).strip() or f"\0{code}" for code, title in enumerate(catalogue.titles)]
        _CODES[catalogue] = np.unique(np.array(bare, dtype=object), return_inverse=True)[1].astype(np.int64)
    return _CODES[catalogue]
