"""Whether explanations are true of a model: what happens to the score when past items go in the order an explanation gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recengine.data.histories import Histories
from recengine.explain.explanation import attribute
from recengine.explain.game import Game, game_of
from recengine.explain.history import Attribution
from recengine.explain.second_opinions import rank_agreement
from recengine.explain.shapley import history_shapley
from recengine.models.base import Recommender

SHARES = np.linspace(0.0, 1.0, 11)  # of the past items that are gone, or there
LOW, HIGH = -0.5, 1.5  # a normalised score is cut here, so that one shopper cannot outweigh the rest
DRAWS = 2000
FEWEST_PLAYERS = 4
FEWEST_SAMPLED, ENUMERABLE = 9, 11  # players of the games on which sampling is held against all coalitions
MOST_ENUMERATED = 20  # shoppers, each 2,048 scores
LONG = 20  # events beyond which a history is shaken
TOP = 3
NEAR_TIE = 0.05  # terms whose sizes differ by less than this part of the larger one, or by their standard errors, are told apart by nobody


@dataclass(frozen=True)
class Gain:
    """Area between two curves, the mean over shoppers; above 0 the explanation is better than what it is compared with."""

    value: float
    low: float  # of the paired 95% interval
    high: float
    n: int


@dataclass(frozen=True, eq=False)
class Curves:
    """Mean share of the score that is left, at SHARES; by order: shapley, random, popularity."""

    deletion: dict[str, np.ndarray]  # float64 [11], past items removed, the most important first
    insertion: dict[str, np.ndarray]  # float64 [11], added to an empty history


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """What was measured for one model."""

    shoppers: int
    curves: Curves
    deletion: dict[str, Gain]  # against random and popularity
    insertion: dict[str, Gain]
    removal_agreement: float  # mean rank correlation of the effect of removing one past item with its Shapley value
    sampled_error: float  # size of the error of 256 coalitions against all of them, as a share of the size of the values; see `_sampling`
    within_four: float  # share of the sampled values within four of their standard errors
    enumerated: int  # shoppers behind the last two
    sampled: bool  # whether any history was too long to be explained exactly
    changed: float  # share of cards whose first three terms change when one old event is dropped
    changed_others: float  # the same, where it does not count that the dropped past item itself was one of the three
    changed_apart: float  # of these, without those whose exchanged terms were within `NEAR_TIE` of each other
    shaken: int  # cards behind the last three


def faithfulness(
    model: Recommender,
    histories: Histories,
    sellable: np.ndarray,
    popularity: np.ndarray,
    coalitions: int = 256,
    seed: int = 0,
    tell: Callable[[int, int], None] | None = None,
) -> Faithfulness:
    """Measure a model on some shoppers, each with the first item of its list.

    Args:
        model: fitted; any.
        histories: B rows; those with fewer than four past items, or without a list, are left out of the curves.
        sellable: bool [n_items].
        popularity: float [n_items], the order of the popularity baseline.
        coalitions: of each estimate.
        seed: of the random order, of what is dropped and of the intervals.
        tell: called with the shoppers done and all of them after each one; may raise to stop.

    Cost: some 300 scores a shopper, and up to 2,048 for 20 of them where a model is not explained in closed form.
    """
    rng = np.random.default_rng(seed)
    areas: dict[str, list[tuple[float, float]]] = {"shapley": [], "random": [], "popularity": []}
    lines: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {name: [] for name in areas}
    agreement, errors, within = list[float](), list[float](), list[float]()
    changed: list[tuple[float, float, float]] = []
    sampled_any = False
    for row in range(len(histories)):
        if tell is not None and row:
            tell(row, len(histories))
        one = histories.rows(np.array([row]))
        top = model.recommend(one, 1, exclude=one.had(len(sellable)), allow=sellable).item_codes[0]
        if top[0] < 0:
            continue
        item = top.astype(np.int64)
        game = game_of(model, one, item)
        n = len(game.players)
        if len(one.item_codes) > LONG:
            changed.append(_shaken(model, one, item, rng))
        if n < FEWEST_PLAYERS:
            continue
        found = history_shapley(model, one, item, coalitions)
        sampled_any = sampled_any or found.method == "sampled"
        if len(errors) < MOST_ENUMERATED and found.method != "closed form" and (pair := _sampling(model, game, item, coalitions)):
            errors.append(pair[0])
            within.append(pair[1])
        values = found.values[0]
        full, empty = float(found.scores[0]), float(found.base[0])
        if not full - empty > 1e-9:
            continue

        def left(there: np.ndarray, game=game, full=full, empty=empty) -> np.ndarray:  # type: ignore[no-untyped-def]
            worth = game.worth(there)[:, 0]
            return np.clip((np.where(np.isnan(worth), empty, worth) - empty) / (full - empty), LOW, HIGH)

        known = np.where((game.players >= 0) & (game.players < len(popularity)), game.players, 0)
        orders = {"shapley": values, "random": rng.random(n), "popularity": np.asarray(popularity, dtype=np.float64)[known]}
        for name, importance in orders.items():
            deletion, insertion = _curves(left, np.argsort(-importance, kind="stable"))
            lines[name].append((deletion, insertion))
            areas[name].append((float(np.trapezoid(deletion, SHARES)), float(np.trapezoid(insertion, SHARES))))
        alone = 1.0 - left(~np.eye(n, dtype=bool))
        rho = rank_agreement(alone, values)[1]
        if not np.isnan(rho):
            agreement.append(rho)
    table = {name: np.array(rows).reshape(-1, 2) for name, rows in areas.items()}
    others = ("random", "popularity")
    unstable = [float(x) for x in np.mean(changed, axis=0)] if changed else [float("nan")] * 3
    return Faithfulness(
        shoppers=len(table["shapley"]),
        curves=Curves(*({name: _mean([pair[side] for pair in rows]) for name, rows in lines.items()} for side in (0, 1))),
        deletion={name: _gain(table[name][:, 0] - table["shapley"][:, 0], seed) for name in others},
        insertion={name: _gain(table["shapley"][:, 1] - table[name][:, 1], seed) for name in others},
        removal_agreement=float(np.mean(agreement)) if agreement else float("nan"),
        sampled_error=float(np.mean(errors)) if errors else float("nan"),
        within_four=float(np.mean(within)) if within else float("nan"),
        enumerated=len(errors),
        sampled=sampled_any,
        changed=unstable[0],
        changed_others=unstable[1],
        changed_apart=unstable[2],
        shaken=len(changed),
    )


def _sampling(model: Recommender, game: Game, item: np.ndarray, coalitions: int) -> tuple[float, float] | None:
    """Size of the sampling error as a share of the values, and the share of values within four standard errors; None where not to be told.

    Longer histories are cut to their newest 11 items, so that all coalitions can be asked. Games of up to 8 are left out: there as many
    coalitions are there as are asked, and shorter histories than 12 are never sampled anyway.
    """
    if len(game.players) < FEWEST_SAMPLED:
        return None
    short = game.histories.keep_events(game.player_of < ENUMERABLE)  # players stand from the newest to the oldest
    exact = history_shapley(model, short, item, exact_up_to=1 << ENUMERABLE)
    sampled = history_shapley(model, short, item, coalitions, exact_up_to=1)
    largest = float(np.abs(exact.values).max(initial=0.0))
    if exact.method != "exact" or sampled.method != "sampled" or not largest > 0:
        return None
    gap = np.abs(sampled.values - exact.values)[0]
    share = float(np.linalg.norm(gap) / np.linalg.norm(exact.values))
    return share, float((gap <= 4 * sampled.errors[0] + 1e-6 * largest).mean())


def _mean(rows: list[np.ndarray]) -> np.ndarray:
    return np.mean(rows, axis=0) if rows else np.full(len(SHARES), np.nan)


def _curves(left: Callable[[np.ndarray], np.ndarray], order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float64 [11] twice: what is left of the score while past items go, and while they come, in an order."""
    n = len(order)
    place = np.argsort(order)
    first = place[None, :] < np.rint(SHARES * n)[:, None]  # [11, n]
    both = left(np.concatenate([~first, first]))
    return both[: len(SHARES)], both[len(SHARES) :]


def _gain(differences: np.ndarray, seed: int) -> Gain:
    n = len(differences)
    if n == 0:
        return Gain(float("nan"), float("nan"), float("nan"), 0)
    rng = np.random.default_rng(seed)
    means = differences[rng.integers(0, n, (DRAWS, n))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Gain(float(differences.mean()), float(low), float(high), n)


def _shaken(model: Recommender, one: Histories, item: np.ndarray, rng: np.random.Generator) -> tuple[float, float, float]:
    """Whether the first three terms are others without one random event of the older half: `changed`, `_others` and `_apart` as 0 or 1."""
    gone = np.zeros(len(one.item_codes), dtype=bool)
    gone[rng.integers(0, len(gone) // 2)] = True
    rest = one.keep_events(~gone)
    before, after = (term_sizes(attribute(model, h, item)[0], h) for h in (one, rest))
    dropped = int(one.item_codes[gone][0])
    missing = "" if dropped in rest.item_codes else str(dropped)  # no card can name what is no longer there
    others = {key: size for key, size in before.items() if key != missing}
    changed, moved = top_of(before) != top_of(after), top_of(others) != top_of(after)
    return float(changed), float(moved), float(moved and not near_tie(others, top_of(others), top_of(after)))


def term_sizes(part: Attribution, histories: Histories) -> dict[str, tuple[float, float]]:
    """Size and standard error of every term: signals, or past items for models that have nothing else."""
    if part.terms:
        return {term.key: (abs(term.contribution), term.error) for term in part.terms}
    codes, of_event = np.unique(histories.item_codes, return_inverse=True)
    total = np.bincount(of_event, part.events, minlength=len(codes))
    error = np.zeros(len(codes)) if part.errors is None else np.bincount(of_event, part.errors, minlength=len(codes))
    return {str(code): (abs(float(t)), float(e)) for code, t, e in zip(codes.tolist(), total, error, strict=True) if t != 0}


def top_of(sizes: dict[str, tuple[float, float]], n: int = TOP) -> frozenset[str]:
    """Keys of the n largest terms; of equal ones those whose key comes first."""
    return frozenset(sorted(sizes, key=lambda key: (-sizes[key][0], key))[:n])


def near_tie(sizes: dict[str, tuple[float, float]], first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether all terms that are in one of two sets alone are as good as equal in size: within `NEAR_TIE`, or their errors together."""
    apart = [sizes.get(key, (0.0, 0.0)) for key in first ^ second]
    if not apart:
        return True
    largest, smallest = max(apart), min(apart)
    return largest[0] - smallest[0] <= max(NEAR_TIE * largest[0], largest[1] + smallest[1])
