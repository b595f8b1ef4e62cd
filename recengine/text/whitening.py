"""Evening out the directions of text vectors: language models put all texts of a shop into one narrow cone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Whitening:
    """v ↦ unit((v - mean) @ matrix); learned from some vectors, used on any."""

    mean: np.ndarray  # float64 [d]
    matrix: np.ndarray  # float64 [d, d], symmetric

    @staticmethod
    def of(vectors: np.ndarray, strength: float = 1.0) -> Whitening:
        """Learn from float [n, d]; see `whiten`."""
        told = vectors[np.abs(vectors).sum(1) > 0].astype(np.float64)
        d = vectors.shape[1]
        if len(told) == 0:
            return Whitening(np.zeros(d), np.eye(d))
        mean = told.mean(0)
        values, directions = np.linalg.eigh(shrunk_covariance(told - mean))  # ascending
        if values[-1] <= 0:
            return Whitening(mean, np.eye(d))
        scale = np.maximum(values, values[-1] * 1e-10) ** (-strength / 2.0)
        return Whitening(mean, _product(directions * scale, directions.T))

    def apply(self, vectors: np.ndarray) -> np.ndarray:
        """float32 [n, d], rows of length 1; zero rows stay zero."""
        told = np.flatnonzero(np.abs(vectors).sum(1) > 0)
        out = np.zeros(vectors.shape, np.float32)
        turned = _product(vectors[told].astype(np.float64) - self.mean, self.matrix)
        norms = np.linalg.norm(turned, axis=1, keepdims=True)
        out[told] = np.divide(turned, norms, out=np.zeros_like(turned), where=norms > 1e-12)
        return out


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
    return Whitening.of(vectors, strength).apply(vectors)


def shrunk_covariance(centred: np.ndarray) -> np.ndarray:
    """float64 [d, d]: (n S + d m I) / (n + d) of centred rows [n, d], S their covariance and m its mean diagonal."""
    n, d = centred.shape
    sample = _product(centred.T, centred) / n
    return (n * sample + np.trace(sample) * np.eye(d)) / (n + d)


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b, float64, the same bits every time: where numpy's memory begins decides the last of them, torch's always begins alike."""
    import torch

    left, right = (torch.from_numpy(np.ascontiguousarray(part)).clone() for part in (a, b))
    return (left @ right).numpy()
