"""Maximal marginal relevance: trade an item's score against its likeness to what the list already holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from recengine.funnel.threads import threads_for


@dataclass(frozen=True, eq=False)
class MmrLists:
    """Chosen items, best first, with the sum that chose each one; -1 and NaN beyond the end of a short list."""

    order: np.ndarray  # int32 [B, k], column of `item_codes` that was chosen
    item_codes: np.ndarray  # int32 [B, k]
    relevance: np.ndarray  # float64 [B, k], (1 - diversity) x normalised relevance, >= 0
    diversity: np.ndarray  # float64 [B, k], -diversity x similarity, <= 0; relevance + diversity was the largest at that place
    similarity: np.ndarray  # float64 [B, k], cosine to the nearest item chosen before, 0 for the first and for unlike items
    nearest: np.ndarray  # int32 [B, k], code of that item, -1 where the similarity is 0


def mmr(item_codes: np.ndarray, scores: np.ndarray, vectors: np.ndarray, k: int, diversity: float) -> MmrLists:
    """Choose k of C candidates a row, one by one, each with the largest (1 - d) x relevance - d x similarity.

    Relevance is the score scaled to 0 … 1 between the row's lowest and highest candidate (1 for all where they are equal).
    Similarity is the cosine to the nearest chosen item, not below 0. Equal sums go to the higher score, then the lower code,
    so that the order of the candidates never matters and d = 0 is exactly the order of the scores.

    Args:
        item_codes: int [B, C], distinct in a row, -1 = no candidate.
        scores: float [B, C]; NaN = no candidate.
        vectors: float [n_items, d], rows of length 1 or 0 (an item of which nothing is known is like no other).
        k: length of the lists.
        diversity: 0 … 1.

    Returns:
        The lists with their trail; rows with fewer than k candidates are padded.

    Cost: about 50,000 rows of 200 candidates to 20 a second on two cores (likeness is computed only for items that can still win).
    Source: Carbonell and Goldstein, SIGIR 1998; lazy evaluation after Minoux, 1978 (a sum can only fall while the list grows).
    """
    codes = np.ascontiguousarray(item_codes, dtype=np.int32)
    values = np.ascontiguousarray(scores, dtype=np.float64)
    if codes.shape != values.shape or codes.ndim != 2:
        raise ValueError("item_codes and scores must both be [B, C]")
    if not 0.0 <= diversity <= 1.0:
        raise ValueError("diversity must lie between 0 and 1")
    if codes.size and codes.max() >= len(vectors):
        raise IndexError("an item code has no vector")
    n_rows = len(codes)
    order = np.full((n_rows, k), -1, dtype=np.int32)
    nearest = np.full((n_rows, k), -1, dtype=np.int32)
    relevance, similarity = np.full((n_rows, k), np.nan), np.full((n_rows, k), np.nan)
    if n_rows and k and codes.shape[1]:
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        with threads_for(n_rows, 64):
            _choose(codes, values, rows, float(diversity), order, relevance, similarity, nearest)
    picked = np.where(order >= 0, np.take_along_axis(codes, np.maximum(order, 0), axis=1), -1) if codes.shape[1] else order.copy()
    return MmrLists(
        order=order,
        item_codes=picked.astype(np.int32),
        relevance=(1.0 - diversity) * relevance,
        diversity=-diversity * similarity,
        similarity=similarity,
        nearest=nearest,
    )


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """float32 [n, d]: every row scaled to length 1; rows of zeros and rows that are not finite become 0."""
    rows = np.asarray(vectors, dtype=np.float64)
    rows = np.where(np.isfinite(rows).all(axis=1, keepdims=True), rows, 0.0)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 0).astype(np.float32)


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _dot(a: np.ndarray, b: np.ndarray) -> np.float32:
    total = np.float32(0.0)
    for j in range(a.shape[0]):
        total += a[j] * b[j]
    return total


@njit(cache=True)
def _best_first(codes, scores):  # type: ignore[no-untyped-def]
    """Columns of the usable candidates, highest score first, then lowest code."""
    usable = np.flatnonzero((codes >= 0) & np.isfinite(scores))
    for i in range(1, len(usable)):
        here, before = usable[i], usable[i - 1]
        if scores[here] > scores[before] or (scores[here] == scores[before] and codes[here] < codes[before]):
            usable = usable[np.argsort(codes[usable], kind="mergesort")]
            return usable[np.argsort(-scores[usable], kind="mergesort")]
    return usable


@njit(cache=True, parallel=True)
def _choose(codes, scores, vectors, diversity, order, relevance, similarity, nearest):  # type: ignore[no-untyped-def]
    for row in prange(len(codes)):
        ranked = _best_first(codes[row], scores[row])
        n = len(ranked)
        if n == 0:
            continue
        low, high = scores[row, ranked[n - 1]], scores[row, ranked[0]]
        rel = np.ones(n)
        if high > low:
            for i in range(n):
                rel[i] = (scores[row, ranked[i]] - low) / (high - low)
        like = np.zeros(n)  # largest cosine to the first `compared` chosen items
        like_code = np.full(n, -1, np.int32)
        compared = np.zeros(n, np.int64)
        taken = np.zeros(n, np.bool_)
        for place in range(min(order.shape[1], n)):
            best, best_sum = -1, -np.inf
            for i in range(n):
                if taken[i]:
                    continue
                # Likeness is never negative and only grows, so stale sums are bounds: nobody further down can win either.
                if (1.0 - diversity) * rel[i] <= best_sum:
                    break
                if (1.0 - diversity) * rel[i] - diversity * like[i] <= best_sum:
                    continue
                code = codes[row, ranked[i]]
                for earlier in range(compared[i], place):
                    other = codes[row, order[row, earlier]]
                    cosine = _dot(vectors[code], vectors[other])
                    if cosine > like[i]:
                        like[i], like_code[i] = cosine, other
                compared[i] = place
                total = (1.0 - diversity) * rel[i] - diversity * like[i]
                if total > best_sum:
                    best, best_sum = i, total
                if diversity == 0.0:
                    break  # scores one rounding step apart may share a relevance: the order of the scores decides
            taken[best] = True
            order[row, place] = ranked[best]
            relevance[row, place], similarity[row, place] = rel[best], like[best]
            nearest[row, place] = like_code[best]
