"""How a fitted funnel does in a window: against each of its generators, and how well its chances hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recengine.data.dataset import Dataset
from recengine.data.split import Split
from recengine.evaluation.bootstrap import mean_estimates
from recengine.funnel.model import Funnel
from recengine.funnel.ranker import BINS, calibration_error, equal_groups, sigmoid
from recengine.funnel.recall import batches
from recengine.funnel.windows import Window
from recengine.types import Estimate
from recengine.types.funnel import FunnelJudgement, GeneratorFigure, HeadView, ReliabilityBin

AT = 10
MAX_SHOPPERS = 5000  # drawn at random where there are more
DISCOUNT = 1.0 / np.log2(np.arange(AT) + 2.0)


def judge_later(model: Funnel, dataset: Dataset, split: Split) -> FunnelJudgement:
    """The funnel that was fitted before the test cut of a time split, in the window after it.

    The shoppers are those who newly chose anything there by one of the predicted behaviours: the chances are theirs.
    """
    log = dataset.products_log
    window = Window.of(log, split.cut_s, int(log.times_s.max()) + 1, dataset.catalogue.sellable, tuple(model.heads))
    return judge(model, window, f"The shoppers who came back in the time after {np.datetime64(split.cut_s, 's').astype('datetime64[D]')}")


def judge(model: Funnel, window: Window, text: str, later: bool = True, seed: int = 0) -> FunnelJudgement:
    """Figures of a fitted funnel in one window.

    Args:
        model: fitted; on `window.past` where the figures are to be honest.
        window: its answers must hold every head of the model.
        text: whose choices of which time these are.
        later: whether the model saw nothing of the window.
        seed: of the draw of shoppers and of the intervals.

    Returns:
        NDCG@10 over the shoppers with an answer of the ranking head; chances of every candidate that a generator put forward.

    Cost: one recall of at most 5,000 shoppers; about 3 ms each.
    """
    picked = np.arange(len(window))
    if len(picked) > MAX_SHOPPERS:
        picked = np.sort(np.random.default_rng(seed).choice(picked, MAX_SHOPPERS, replace=False))
    target, names = model.target, tuple(model.generators)
    chosen = window.chosen(target)[picked]
    ndcg = {name: np.zeros(len(picked)) for name in ("", *names)}
    chances: dict[str, list[np.ndarray]] = {name: [] for name in model.heads}
    labels: dict[str, list[np.ndarray]] = {name: [] for name in model.heads}
    for part in batches(len(picked), model.n_items, len(names)):
        here = window.histories.rows(picked[part])
        recalled = model.recalled(here)
        rows, items = recalled.pairs()
        values = model.table(recalled, here, rows, items)
        for name, ranker in model.heads.items():
            chances[name].append(sigmoid(ranker.log_odds(values)))
            labels[name].append(window.labels(name, picked[part][rows], items))
        order = np.lexsort((items, -chances[target][-1], rows))
        place = np.arange(len(order)) - np.searchsorted(rows[order], rows[order])
        hit = labels[target][-1][order] & (place < AT)
        ndcg[""][part] = np.bincount(rows[order][hit], DISCOUNT[place[hit]], minlength=len(here))
        for name, top in zip(names, recalled.top, strict=True):
            first = top[:, :AT]
            owner = np.repeat(picked[part], first.shape[1])
            hits = window.labels(target, owner, first.ravel()).reshape(first.shape) & (first >= 0)
            ndcg[name][part] = (hits * DISCOUNT[: first.shape[1]]).sum(axis=1)
    asked = chosen > 0
    ideal = np.cumsum(DISCOUNT)[np.minimum(chosen[asked], AT) - 1]
    figures = {name: values[asked] / ideal for name, values in ndcg.items()}
    best = max(names, key=lambda name: float(figures[name].mean()) if asked.any() else 0.0)
    columns = np.column_stack([figures[""], *(figures[name] for name in names), figures[""] - figures[best]])
    whole, *each, gain = (replace(e, n=int(asked.sum())) for e in mean_estimates(columns, seed))
    quotas = model.quotas(names)
    generators = [GeneratorFigure(name, model.generators[name].title, e, quotas[name]) for name, e in zip(names, each, strict=True)]
    found = sum(int(part.sum()) for part in labels[target])
    heads = tuple(
        head_view(name, name == target, np.concatenate(chances[name]), np.concatenate(labels[name]), len(picked)) for name in model.heads
    )
    return FunnelJudgement(
        window=text,
        later=later,
        target=target,
        ndcg=whole,
        generators=tuple(sorted(generators, key=lambda g: -g.ndcg.value)),
        gain=gain,
        recall=found / max(1, int(chosen.sum())),
        heads=heads,
    )


def head_view(behaviour: str, ranks: bool, chance: np.ndarray, label: np.ndarray, shoppers: int) -> HeadView:
    """The reliability of one head: ten groups of equal size by chance.

    Args:
        behaviour: what is predicted.
        ranks: whether this head ranks.
        chance: float64 [P].
        label: bool [P].
        shoppers: behind the candidates.
    """
    observed = label.astype(np.float64)
    if len(chance) == 0:
        return HeadView(behaviour, ranks, None, None, (), shoppers)
    bins = tuple(ReliabilityBin(float(chance[g].mean()), float(observed[g].mean()), len(g)) for g in equal_groups(chance, BINS))
    return HeadView(behaviour, ranks, calibration_error(chance, observed), float(observed.mean()), bins, shoppers)


def estimate(values: np.ndarray, seed: int = 0) -> Estimate:
    """Mean of float64 [S] with its bootstrap interval."""
    return replace(mean_estimates(values[:, None], seed)[0], n=len(values))
