"""Evening out the directions of text vectors: language models put all texts of a shop into one narrow cone."""

from __future__ import annotations

import numpy as np


def whiten(vectors: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Centre vectors and divide every direction by its spread, to a power.

    Args:
        vectors: float [n, d]; zero rows (no text) are left out and stay zero.
        strength: 1 makes all directions alike wide, 0 only centres.

    Returns:
        float32 [n, d], rows of length 1, zero rows as before.

    The covariance is first pulled towards a sphere, as if d more rows lay on one: few items cannot say how wide 384 directions are.

    Source: Su et al., Whitening Sentence Representations, 2021; the pull is the posterior mean under an inverse Wishart prior worth d
    rows. On the shipped shop it ranks like no pull (NDCG@10 .080 and .081 on validation). Cost: 0.1 s for 4,000 × 384.
    """
    told = np.flatnonzero(np.abs(vectors).sum(1) > 0)
    out = np.zeros(vectors.shape, np.float32)
    if len(told) == 0:
        return out
    centred = vectors[told].astype(np.float64)
    centred -= centred.mean(0)
    covariance = shrunk_covariance(centred)
    values, directions = np.linalg.eigh(covariance)
    if values[-1] > 0:
        scale = np.maximum(values, values[-1] * 1e-10) ** (-strength / 2.0)
        centred = (centred @ directions * scale) @ directions.T
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    out[told] = np.divide(centred, norms, out=np.zeros_like(centred), where=norms > 1e-12)
    return out


def shrunk_covariance(centred: np.ndarray) -> np.ndarray:
    """float64 [d, d]: (n S + d m I) / (n + d) of centred rows [n, d], S their covariance and m its mean diagonal."""
    n, d = centred.shape
    sample = centred.T @ centred / n
    return (n * sample + np.trace(sample) * np.eye(d)) / (n + d)
