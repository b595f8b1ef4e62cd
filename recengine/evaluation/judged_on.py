"""What a model was judged on, in a few numbers: two variants compare when these are equal."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from recengine.data.split import Split


def judged_on(split: Split, sellable: np.ndarray) -> dict[str, Any]:
    """The judgement's identity, for the manifest of a variant.

    Args:
        split: whose `test` part the variant was judged on.
        sellable: bool [n_items], the items that lists were chosen from.

    Returns:
        JSON: kind of the split, moment of its cut (0 = none), number of shoppers and candidates, and SHA-256 prefixes over the shoppers
        with their answers and over the candidates.
    """
    test = split.test
    answers = (test.histories.user_codes.astype(np.int64), test.truth_indptr.astype(np.int64), test.truth_items.astype(np.int64))
    return {
        "split": split.kind,
        "cut_s": int(split.cut_s),
        "shoppers": len(test),
        "answers": _digest(*answers),
        "candidates": int(sellable.sum()),
        "candidate_set": _digest(np.packbits(sellable), np.array([len(sellable)], dtype=np.int64)),
    }


def _digest(*arrays: np.ndarray) -> str:
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()[:16]
