"""What the signals add: importance, dependence, interactions, and how much worse the list gets without each group."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import rankdata

from recengine.evaluation.segments import SEGMENTS, shopper_segment
from recengine.funnel.interactions import interactions
from recengine.funnel.judging import estimate
from recengine.funnel.learning import Checked, Taught, ndcg_values
from recengine.funnel.model import Funnel
from recengine.funnel.rankers.base import Lesson, ranker_class
from recengine.funnel.rankers.trees import TreeRanker
from recengine.funnel.signals import FAMILIES, TIMES, Signal
from recengine.types import Estimate
from recengine.types.funnel import Dependence, FamilyWeight, FunnelInsight, Interaction, SegmentFamily, SegmentWeights, SignalWeight

SAMPLE, SAMPLED = 3000, 150  # candidates of exact and of sampled Shapley values
A_SEGMENT, A_SEGMENT_SAMPLED = 1000, 50  # candidates of each segment of shoppers
PAIRED = 300  # candidates behind the interactions
DRAWN = 300  # points of a dependence plot
MOST_SIGNALS, MOST_PAIRS = 12, 15  # with a dependence plot; interactions told
REFIT_TREES, REFIT_ROWS = 25, 16_000  # of a ranker that is learned without a group


def what_signals_add(model: Funnel, taught: Taught, seed: int = 0) -> FunnelInsight:
    """Look into the ranking head.

    Args:
        model: fitted.
        taught: what that head learned from and was checked on: `model.taught` after a fit.
        seed: of samples and intervals.

    Cost: 1 s, and with `config.ablation` one short fit a group: together some 5 s for trees.
    """
    signals, checked, exact = model.signals, taught.held, model.ranker.exact
    rng = np.random.default_rng(seed)
    sample = np.sort(rng.permutation(len(checked.rows))[: SAMPLE if exact else SAMPLED])
    rows = checked.rows[sample]
    phi = model.ranker.shap(rows)  # [n, n_signals], log-odds
    sizes = np.abs(phi).mean(axis=0)
    total = float(sizes.sum()) or 1.0
    weights = [
        SignalWeight(
            s.key, s.title, s.family, s.help, s.direction, float(sizes[i]), float(sizes[i]) / total, _tendency(rows[:, i], phi[:, i])
        )
        for i, s in enumerate(signals)
    ]
    order = sorted(range(len(signals)), key=lambda i: (-sizes[i], signals[i].key))
    adds = _without_each(model, taught, seed) if model.config.ablation else {}
    core = model.ranker.core
    pairs = _interactions(signals, model.ranker.slope * interactions(core.trees, rows[:PAIRED])) if isinstance(core, TreeRanker) else ()
    method = "Exact Shapley interaction values." if isinstance(core, TreeRanker) else ""
    if model.config.ranker == "logistic":
        method = "None: logistic regression adds signals up."
    families = _families(signals, phi, adds, total)
    return FunnelInsight(
        target=model.target,
        ranker=model.config.ranker,
        exact=exact,
        candidates=len(rows),
        shoppers=int((checked.chosen[np.unique(checked.shopper)] > 0).sum()),
        signals=tuple(weights[i] for i in order),
        families=families,
        ablation=_how(model) if adds else "",
        dependence=tuple(_dependence(signals[i], rows[:DRAWN, i], phi[:DRAWN, i]) for i in order[:MOST_SIGNALS]),
        interactions=pairs,
        interaction_method=method,
        segments=segment_weights(model, checked, tuple(f.family for f in families), rng),
    )


def segment_weights(model: Funnel, checked: Checked, families: tuple[str, ...], rng: np.random.Generator) -> tuple[SegmentWeights, ...]:
    """What each group of signals adds for new, regular and heavy shoppers.

    Args:
        model: fitted.
        checked: candidates of held-out shoppers.
        families: groups, in the order of the answer.
        rng: draws up to 1,000 candidates a segment (50 where Shapley values are sampled).

    Returns:
        One entry a segment that has candidates; segments by distinct past items, as `shopper_segment` divides events.
    """
    keys = [s.key for s in model.signals]
    of_row = shopper_segment(checked.rows[:, keys.index("history")])
    at = [[i for i, s in enumerate(model.signals) if s.family == family] for family in families]
    found = []
    for segment, name in enumerate(SEGMENTS):
        own = np.flatnonzero(of_row == segment)
        if len(own) == 0:
            continue
        drawn = np.sort(rng.permutation(own)[: A_SEGMENT if model.ranker.exact else A_SEGMENT_SAMPLED])
        phi = model.ranker.shap(checked.rows[drawn])  # [n, n_signals], log-odds
        sums = [phi[:, columns].sum(axis=1) for columns in at]
        weights = tuple(SegmentFamily(f, float(np.abs(x).mean()), float(x.mean())) for f, x in zip(families, sums, strict=True))
        found.append(SegmentWeights(name, len(np.unique(checked.shopper[drawn])), len(drawn), weights))
    return tuple(found)


def _families(signals: tuple[Signal, ...], phi: np.ndarray, adds: dict[str, Estimate], total: float) -> tuple[FamilyWeight, ...]:
    found = []
    for family, title in FAMILIES.items():
        at = [i for i, s in enumerate(signals) if s.family == family]
        if at:
            size = float(np.abs(phi[:, at].sum(axis=1)).mean())
            share = float(np.abs(phi[:, at]).mean(axis=0).sum()) / total
            found.append(FamilyWeight(family, title, len(at), size, share, adds.get(family)))
    return tuple(sorted(found, key=lambda f: (-f.importance, f.family)))


def _tendency(values: np.ndarray, phi: np.ndarray) -> float:
    """Spearman's rank correlation over the known values; 0 where either is the same everywhere."""
    known = ~np.isnan(values)
    if known.sum() < 3 or np.ptp(values[known]) == 0 or np.ptp(phi[known]) == 0:
        return 0.0
    return float(np.corrcoef(rankdata(values[known]), rankdata(phi[known]))[0, 1])


def _dependence(signal: Signal, values: np.ndarray, phi: np.ndarray) -> Dependence:
    multiple = signal.format in (*TIMES, "growth")
    shown = np.exp2(np.clip(values, -20.0, 20.0)) if multiple else values
    return Dependence(signal.key, tuple(None if np.isnan(v) else float(v) for v in shown), tuple(phi.tolist()), multiple)


def _interactions(signals: tuple[Signal, ...], pairs: np.ndarray) -> tuple[Interaction, ...]:
    """The strongest pairs; what two signals add together is twice an entry of the symmetric matrix."""
    strength = 2.0 * np.abs(pairs).mean(axis=0)  # [n_signals, n_signals]
    found = [
        Interaction(signals[i].key, signals[j].key, float(strength[i, j]))
        for i in range(len(signals))
        for j in range(i + 1, len(signals))
        if strength[i, j] > 0
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.strength, pair.first, pair.second))[:MOST_PAIRS])


def _how(model: Funnel) -> str:
    size = f"{min(model.config.trees, REFIT_TREES)} trees" if model.config.ranker == "trees" else "the same ranker"
    return f"Learned again without the group: {size}, about {REFIT_ROWS:,} candidates, with and without on the same held-out shoppers."


def _without_each(model: Funnel, taught: Taught, seed: int) -> dict[str, Estimate]:
    """Family → NDCG@10 with all signals less NDCG@10 without the family, paired over the held-out shoppers."""
    lesson, checked = _part_of(taught.lesson, seed), taught.held
    every = np.arange(len(model.signals))
    whole = _refit_ndcg(model, lesson, checked, every, seed)
    found: dict[str, Estimate] = {}
    for family in FAMILIES:
        kept = np.array([i for i, s in enumerate(model.signals) if s.family != family], dtype=np.int64)
        if 0 < len(kept) < len(every):
            found[family] = estimate(whole - _refit_ndcg(model, lesson, checked, kept, seed), seed)
    return found


def _part_of(lesson: Lesson, seed: int) -> Lesson:
    """Every choice, and other candidates drawn at random and weighted up: about `REFIT_ROWS` in all."""
    if len(lesson.rows) <= REFIT_ROWS:
        return lesson
    other = np.flatnonzero(~lesson.label)
    n = max(REFIT_ROWS - int(lesson.label.sum()), REFIT_ROWS // 2)
    drawn = np.random.default_rng(seed).permutation(other)[:n]
    kept = np.sort(np.concatenate([np.flatnonzero(lesson.label), drawn]))
    weight = np.where(lesson.label, lesson.weight, lesson.weight * len(other) / max(len(drawn), 1))
    return Lesson(lesson.rows[kept], lesson.label[kept], weight[kept], lesson.directions)


def _refit_ndcg(model: Funnel, lesson: Lesson, checked: Checked, columns: np.ndarray, seed: int) -> np.ndarray:
    """float64 [S]: NDCG@10 of each held-out shopper by a ranker that reads `columns` alone."""
    config = model.config.model_copy(update={"trees": min(model.config.trees, REFIT_TREES)})
    part = replace(lesson, rows=lesson.rows[:, columns], directions=lesson.directions[columns])
    core = ranker_class(config.ranker).fit(part, config, seed, lambda: None)
    return ndcg_values(checked, core.predict(checked.rows[:, columns]))[1]
