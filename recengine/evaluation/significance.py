"""Is the difference between two models more than chance? Paired over the same shoppers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import erfc
from statistics import NormalDist

import numpy as np

from recengine.errors import BadInput
from recengine.evaluation.bootstrap import CELLS, bootstrap_interval, mean_estimates
from recengine.evaluation.metrics.registry import metric_of
from recengine.evaluation.result import Evaluation

__all__ = ["PairedResult", "bootstrap_interval", "compare", "holm", "paired_test", "paired_tests", "shoppers_needed"]

FLIPS = 9_999
EXACT_UP_TO = 13  # 2^13 = 8,192 sign patterns: cheaper to list than to draw
ALPHA = 0.05
NORMAL = NormalDist()  # of the standard library: scipy would take half a second to import for two constants
NORMAL_FROM = 20_000  # differing shoppers beyond which the flipped mean is normal to four digits


@dataclass(frozen=True)
class PairedResult:
    """How much A lies above B, over shoppers judged under both."""

    difference: float  # mean of A - B
    low: float  # 95 % interval
    high: float
    p_value: float  # sign-flip permutation test, two-sided
    n: int  # shoppers judged under both
    verdict: str  # "better", "worse" or "no clear difference"
    p_adjusted: float  # Holm-corrected when several figures are compared, else p_value


def paired_test(a: np.ndarray, b: np.ndarray, seed: int = 0, higher_is_better: bool = True) -> PairedResult:
    """Paired bootstrap interval and sign-flip permutation test of mean(a - b).

    Args:
        a, b: float64 [n], the same shopper in the same place; shoppers that are NaN in either are left out.
        seed: of both resamplings.
        higher_is_better: decides the word of the verdict.

    Returns:
        "better" or "worse" only where p < 0.05 and the interval excludes 0.
        With at most 13 differing shoppers all sign patterns are listed; with over 20,000 the normal limit is used.

    Cost: 2,000 shoppers in about 0.2 s. Source: Smucker, Allan & Carterette, CIKM 2007.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"paired figures need one length, got {a.shape} and {b.shape}")
    d = (a - b)[np.isfinite(a) & np.isfinite(b)]
    if len(d) == 0:
        return PairedResult(np.nan, np.nan, np.nan, np.nan, 0, "no clear difference", np.nan)
    interval = bootstrap_interval(d, seed)
    p = _sign_flip(d, seed)
    result = PairedResult(interval.value, interval.low, interval.high, p, len(d), "", p)
    return replace(result, verdict=_verdict(result, higher_is_better))


def paired_tests(differences: np.ndarray, seed: int = 0, higher_is_better: bool = True) -> list[PairedResult]:
    """`paired_test` of many pairs at once: they share the shoppers that are drawn and the signs that are flipped.

    Args:
        differences: float64 [n, M], a - b of pair m and shopper i; NaN = not judged in both, or not in the group that is asked about.
        seed: of both resamplings.
        higher_is_better: decides the word of the verdict.

    Returns:
        M results as of `paired_test`; each p-value is right by itself, none is corrected for the number of pairs.

    Cost: 5,000 shoppers and 19 pairs in about 0.5 s, a tenth of 19 calls. Sharing the signs keeps ties between pairs tied.
    """
    d = np.asarray(differences, dtype=np.float64)
    known = np.isfinite(d)
    p = _sign_flips(np.where(known, d, 0.0), seed)
    results = []
    for column, interval in enumerate(mean_estimates(d, seed)):
        if interval.n == 0:
            results.append(PairedResult(np.nan, np.nan, np.nan, np.nan, 0, "no clear difference", np.nan))
            continue
        result = PairedResult(interval.value, interval.low, interval.high, p[column], interval.n, "", p[column])
        results.append(replace(result, verdict=_verdict(result, higher_is_better)))
    return results


def holm(p_values: Sequence[float]) -> np.ndarray:
    """float64 [m]: p-values corrected for m comparisons by Holm's step-down (1979); NaN stays NaN and does not count."""
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)))
    return adjusted


def shoppers_needed(a: np.ndarray, b: np.ndarray, power: float = 0.8) -> int:
    """Shoppers with which a paired test at 5 % would find a difference as large as the one seen, four times in five; 0 where there is none.

    Args:
        a, b: float64 [n], the same shopper in the same place; shoppers that are NaN in either are left out.
        power: chance of finding it, between 0.5 and 1.

    Source: n = ((z_.975 + z_power) sd / mean)^2, Cohen, Statistical power analysis, 1988; the normal limit, so right for hundreds.
    """
    d = (a - b)[np.isfinite(a) & np.isfinite(b)]
    if len(d) < 2 or abs(d.mean()) < 1e-12:
        return 0
    return int(np.ceil(((NORMAL.inv_cdf(1 - ALPHA / 2) + NORMAL.inv_cdf(power)) * d.std(ddof=1) / d.mean()) ** 2))


def compare(a: Evaluation, b: Evaluation, names: Sequence[str], seed: int = 0) -> dict[str, PairedResult]:
    """Paired tests of several figures ("ndcg@10", …) of two evaluations, with Holm's correction over them.

    Raises:
        BadInput: the two were judged on different shoppers or answers.
    """
    same = np.array_equal(a.user_codes, b.user_codes) and np.array_equal(a.truth_items, b.truth_items)
    if not (same and np.array_equal(a.truth_indptr, b.truth_indptr)):
        raise BadInput(
            "These two variants were judged on different shoppers.",
            f"{len(a):,} and {len(b):,} shoppers, or other answers.",
            "Evaluate both on the same dataset and split.",
        )
    results = [paired_test(a.per_shopper[n], b.per_shopper[n], seed, metric_of(n).higher_is_better) for n in names]
    adjusted = holm([r.p_value for r in results])
    out = {}
    for name, result, p in zip(names, results, adjusted, strict=True):
        corrected = replace(result, p_adjusted=float(p))
        out[name] = replace(corrected, verdict=_verdict(corrected, metric_of(name).higher_is_better))
    return out


def _verdict(result: PairedResult, higher_is_better: bool) -> str:
    if not (result.p_adjusted < ALPHA and (result.low > 0 or result.high < 0)):
        return "no clear difference"
    return "better" if (result.difference > 0) == higher_is_better else "worse"


def _sign_flip(d: np.ndarray, seed: int) -> float:
    """Share of sign patterns whose |sum| is at least that observed. Shoppers without a difference change nothing."""
    d = d[d != 0]
    return _sign_flips(d[:, None], seed)[0] if len(d) else 1.0


def _sign_flips(d: np.ndarray, seed: int) -> list[float]:
    """The same of each column of float64 [n, M]."""
    moving = (d != 0).sum(axis=0)
    observed = np.abs(d.sum(axis=0))
    # sums of the same terms in another order must count as equal
    reached = observed - 1e-9 * np.abs(d).sum(axis=0) / np.maximum(moving, 1)
    p = np.ones(d.shape[1])
    drawn = np.flatnonzero((moving > EXACT_UP_TO) & (moving <= NORMAL_FROM))
    for column in np.flatnonzero((moving > 0) & (moving <= EXACT_UP_TO)):
        m, values = moving[column], d[d[:, column] != 0, column]
        signs = 1.0 - 2.0 * ((np.arange(2**m)[:, None] >> np.arange(m)) & 1)
        p[column] = (np.abs(signs @ values) >= reached[column]).mean()
    for column in np.flatnonzero(moving > NORMAL_FROM):
        p[column] = erfc(observed[column] / np.sqrt((d[:, column] ** 2).sum()) / np.sqrt(2.0))
    if len(drawn):
        # rows without a difference stay in: a pair's probability must not depend on which other pairs are asked about
        extreme = _flipped(np.ascontiguousarray(d[:, drawn]), reached[drawn], seed)
        p[drawn] = (extreme + 1) / (FLIPS + 1)
    return [float(x) for x in p]


def _flipped(d: np.ndarray, reached: np.ndarray, seed: int) -> np.ndarray:
    """int64 [M]: how many of the drawn sign patterns reach |sum|, for float64 [m, M]."""
    m, total = len(d), d.sum(axis=0)
    rng = np.random.default_rng(seed)
    extreme, step = np.zeros(d.shape[1], dtype=np.int64), max(1, CELLS // m)
    for start in range(0, FLIPS, step):
        r = min(step, FLIPS - start)
        bits = np.unpackbits(np.frombuffer(rng.bytes(r * ((m + 7) // 8)), dtype=np.uint8).reshape(r, -1), axis=1)[:, :m]  # [r, m]
        extreme += (np.abs(2.0 * (bits.astype(np.float64) @ d) - total) >= reached).sum(axis=0)
    return extreme
