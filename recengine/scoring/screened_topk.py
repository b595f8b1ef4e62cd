"""Exact lists from products made in bf16: a screen finds more items than needed, float32 vectors decide, and a bound proves it.

For devices whose bf16 products are many times faster than float32. A row that the bound cannot prove is made again in float32.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from recengine.scoring.streaming_topk import BestSoFar, pair_products

BLOCK_BYTES = 1 << 30  # of scores held at once
BLOCK_ITEMS = 1 << 17
CHUNK = 64
SCREENED = 4  # times the length of the lists


def best_screened(shoppers: Tensor, items: Tensor, offsets: Tensor | None, best: BestSoFar, block_items: int = BLOCK_ITEMS) -> int:
    """Fill `best` with the best products of everybody; returns the number of rows that had to be made again in float32.

    Args:
        shoppers: float32 [B, d].
        items: float32 [n, d] on the same device.
        offsets: float32 [n] or None.
        best: its blocked and excluded items are left out.
        block_items: items multiplied at once.

    The proof: with e the vectors' rounding errors, |u·v - u'·v'| <= |e_u| max|v| + |u'| max|e_v|, plus the rounding of the sum.
    Every item outside the screen scores at most the screen's lowest score plus that; where the k-th exact score is higher, the list
    is the true one.
    """
    n, k = len(items), best.codes.shape[1]
    width = min(n, SCREENED * k)
    few_items, error = items.bfloat16(), (items - items.bfloat16().float()).norm(dim=1).max()
    largest = items.norm(dim=1).max()
    loosest = 0.0 if offsets is None else float(offsets.abs().max())
    height = max(1, BLOCK_BYTES // (8 * min(n, block_items)))
    again = 0
    for first in range(0, len(shoppers), height):
        rows = shoppers[first : first + height]
        few = rows.bfloat16()
        values, codes = _screen(few, few_items, offsets, best, first, width, block_items)
        exact = _exact(rows, items, offsets, values, codes)  # [b, width]
        own = few.float().norm(dim=1)
        slack = (rows - few.float()).norm(dim=1) * largest + own * error
        slack += 2.0**-8 * (own * largest + loosest)  # where the product itself is rounded to bf16
        order = torch.argsort(exact, dim=1, descending=True, stable=True)  # codes rise, so ties fall to the lower one
        codes, exact = codes.gather(1, order)[:, :k], exact.gather(1, order)[:, :k]
        lowest = values.amin(1)
        unproven = (exact[:, -1].float() <= lowest + slack) & (lowest > -torch.inf) & (width < n)
        redo = unproven.nonzero().squeeze(1)
        again += len(redo)
        if len(redo):
            kept, found = _screen(rows[redo], items, offsets, best, first, width, block_items, redo)
            sure = _exact(rows[redo], items, offsets, kept, found)
            order = torch.argsort(sure, dim=1, descending=True, stable=True)
            codes[redo], exact[redo] = found.gather(1, order)[:, :k], sure.gather(1, order)[:, :k]
        part = slice(first, first + len(rows))
        best.codes[part] = torch.where(exact > -torch.inf, codes, -1).int().cpu().numpy()
        best.values[part] = exact.float().cpu().numpy()
    return again


def _screen(
    rows: Tensor,
    items: Tensor,
    offsets: Tensor | None,
    best: BestSoFar,
    first: int,
    width: int,
    block_items: int,
    only: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """float32 [b, width] and int64 [b, width]: the best products in the dtype of the vectors, codes rising; -inf where there are fewer.

    `only` (int64 [b]) tells which rows after `first` these are.
    """
    device = rows.device
    blocked = torch.from_numpy(best.blocked).to(device)
    owner, owned = _owned(best, first, len(rows), only)
    owner, owned = owner.to(device), owned.to(device)
    values = torch.full((len(rows), width), -torch.inf, device=device)
    codes = torch.zeros(len(rows), width, dtype=torch.int64, device=device)
    for left in range(0, len(items), block_items):
        block = items[left : left + block_items]
        scores = _product(rows, block)  # [b, w]
        if offsets is not None:
            scores += offsets[left : left + block_items]
        scores.masked_fill_(blocked[left : left + block_items] | torch.isnan(scores), -torch.inf)
        inside = (owned >= left) & (owned < left + len(block))
        scores[owner[inside], owned[inside] - left] = -torch.inf
        found, places = _block_max(scores, min(width, len(block)))
        together, all_codes = torch.cat([values, found], 1), torch.cat([codes, places + left], 1)
        values, kept = together.topk(width, dim=1)
        codes = all_codes.gather(1, kept)
    codes, order = codes.sort(1)
    return values.gather(1, order), codes


def _owned(best: BestSoFar, first: int, n_rows: int, only: Tensor | None) -> tuple[Tensor, Tensor]:
    if only is None:
        rows, codes = best.owned(first, first + n_rows)
        return torch.from_numpy(rows), torch.from_numpy(codes)
    parts = [best.owned(first + row, first + row + 1)[1] for row in only.tolist()]
    rows = np.repeat(np.arange(n_rows), [len(part) for part in parts])
    return torch.from_numpy(rows), torch.from_numpy(np.concatenate([*parts, np.zeros(0, dtype=np.int64)]))


def _product(rows: Tensor, block: Tensor) -> Tensor:
    if rows.dtype == torch.bfloat16 and rows.device.type == "cuda":
        return torch.mm(rows, block.T, out_dtype=torch.float32)
    return (rows @ block.T).float()


def _block_max(scores: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest of each row and their places; chunks of 64 are first cut to the k with the largest maxima."""
    width = scores.shape[1]
    if width < 4 * k * CHUNK:
        found, places = scores.topk(k, dim=1)
        return found, places
    whole = width // CHUNK * CHUNK
    maxima = scores[:, :whole].unflatten(1, (-1, CHUNK)).amax(2)  # [b, chunks]
    chunks = maxima.topk(k, dim=1).indices
    places = (chunks.unsqueeze(2) * CHUNK + torch.arange(CHUNK, device=scores.device)).flatten(1)  # [b, k * CHUNK]
    places = torch.cat([places, torch.arange(whole, width, device=scores.device).expand(len(scores), -1)], 1)
    found, chosen = scores.gather(1, places).topk(k, dim=1)
    return found, places.gather(1, chosen)


def _exact(rows: Tensor, items: Tensor, offsets: Tensor | None, values: Tensor, codes: Tensor) -> Tensor:
    exact = torch.from_numpy(pair_products(rows, items, offsets, codes.cpu().numpy())).to(rows.device)
    return torch.where(values > -torch.inf, exact, -torch.inf)
