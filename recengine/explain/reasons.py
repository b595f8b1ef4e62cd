"""Short reasons for all cards of a list at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recengine.data.dataset import Dataset
from recengine.data.histories import Histories
from recengine.explain.history import Attribution
from recengine.explain.past import Past
from recengine.explain.wording import short_reason


def reasons_for_list(dataset: Dataset, histories: Histories, item_codes: np.ndarray, parts: Sequence[Attribution]) -> list[str]:
    """A reason of at most six words for each item (int [n]) of one history's list; "" where the model has no score.

    Args:
        dataset: titles.
        histories: one row.
        item_codes: int [n].
        parts: the score of each item taken apart, see `explanation.attribute`.
    """
    past = Past(dataset, histories)
    return ["" if np.isnan(part.score) else short_reason(past, int(code), part) for code, part in zip(item_codes, parts, strict=True)]
