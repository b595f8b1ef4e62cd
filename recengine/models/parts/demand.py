"""How much each item is wanted, as a score: of the examples of a network, and at the end of the log."""

from __future__ import annotations

import numpy as np

DAY_S = 86_400
PRIOR = 0.1  # of the mean item's share: what is believed of an item that nobody took


def fading(times_s: np.ndarray, half_life_days: float) -> np.ndarray:
    """float64 [E]: 2^(-age / half-life) at the end of the log, never quite zero; ones where the half-life is 0."""
    if half_life_days == 0:
        return np.ones(len(times_s))
    return np.maximum(np.exp2(-(times_s.max(initial=0) - times_s) / (DAY_S * half_life_days)), 1e-6)


def log_shares(item_codes: np.ndarray, weights: np.ndarray, n_items: int) -> np.ndarray:
    """float32 [n_items]: log of an item's share of the examples, 0 = the share of the mean item.

    Args:
        item_codes: int [E], items that are learned to be taken.
        weights: float [E], how much each counts.
        n_items: size of the catalogue.

    The scores of a softmax, a logistic or a pairwise loss against items drawn alike are log P(item | shopper) up to a constant, so
    these are the scores for nobody in particular: where offsets begin. Shares of recent events in their place make the scores fit the
    present demand, P'(j | x) ∝ P(j | x) × share'(j) / share(j), while what tells shoppers apart stays as the whole log taught it.

    Source: Saerens, Latinne, Decaestecker, Neural Computation 2002, equation 2.4.
    """
    total = np.bincount(item_codes, weights, minlength=n_items)
    mean = total.sum() / max(n_items, 1)
    if mean <= 0:
        return np.zeros(n_items, dtype=np.float32)
    return np.log((total / mean + PRIOR) / (1.0 + PRIOR)).astype(np.float32)
