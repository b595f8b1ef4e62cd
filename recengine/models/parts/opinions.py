"""Scores of different models brought to one scale, so that they can be added."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from recengine.data.histories import Histories
from recengine.scoring.topk import NEVER, best_codes

FLAT = 1e-6  # a spread below this share of the largest score is rounding


def standardised(scores: Tensor) -> Tensor:
    """float32 [B, n]: (score - mean) / deviation over the items of the row that have a score; 0 in rows without spread, NaN stays."""
    known = ~torch.isnan(scores)
    values = torch.nan_to_num(scores, nan=0.0).double()  # [B, n]
    count = known.sum(1, keepdim=True).clamp(min=1)
    mean = values.sum(1, keepdim=True) / count
    off = torch.where(known, values - mean, 0.0)
    deviation = ((off**2).sum(1, keepdim=True) / count).sqrt()
    spread = deviation > FLAT * values.abs().amax(1, keepdim=True)
    z = torch.where(spread, off / deviation.clamp(min=1e-300), 0.0)
    return z.float().masked_fill_(~known, torch.nan)


def reciprocal_ranks(scores: Tensor, histories: Histories, constant: float, depth: int) -> Tensor:
    """float32 [B, n]: (constant + 1) / (constant + rank), 0 beyond `depth`; NaN stays.

    The rank counts the items that the history does not hold and that score higher, from 1; ties by the lower code. So items of a
    history take no place from the others. Source: Cormack, Clarke, Büttcher, Reciprocal Rank Fusion, SIGIR 2009, scaled to 1 for the first.
    """
    n_rows, n = scores.shape
    held = torch.zeros(scores.shape, dtype=torch.bool)
    known = np.flatnonzero((histories.item_codes >= 0) & (histories.item_codes < n))
    rows = torch.from_numpy(histories.row_of_event[known])
    held[rows, torch.from_numpy(histories.item_codes[known].astype(np.int64))] = True
    unknown = torch.isnan(scores)
    best = best_codes(torch.where(held | unknown, NEVER, scores), min(depth, n))  # [B, depth]
    by_place = (constant + 1.0) / (constant + torch.arange(1.0, best.shape[1] + 1.0))  # [depth]
    out = torch.zeros(n_rows, n + 1)  # the last column takes what is no item
    out.scatter_(1, torch.where(best >= 0, best, n), by_place.expand(n_rows, -1))
    out = out[:, :n]
    # Items of the history stand where they would stand if they were asked about.
    row, item = held.nonzero(as_tuple=True)
    listed = torch.where(best >= 0, scores.gather(1, best.clamp(min=0)), NEVER)  # [B, depth]
    higher = (listed[row] > scores[row, item].unsqueeze(1)).sum(1)
    out[row, item] = torch.where(higher < len(by_place), by_place[higher.clamp(max=len(by_place) - 1)], 0.0)
    return out.masked_fill_(unknown, torch.nan)
