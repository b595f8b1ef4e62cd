"""Replay: what later logs say of lists that nobody was shown. Estimates without an experiment, with what they assume.

Two ways. Hits: what shoppers took anyway and the lists held; a floor, since nobody saw the lists. Weighting: impressions of the shop's own
lists, each counted by how much more often the new lists would have shown its item; an estimate of what the lists would bring, where the
log says what was shown and chance had a hand in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.errors import BadInput
from recengine.evaluation.bootstrap import LEVEL, Estimate, bootstrap_interval, resample_weights

CLIP = 100.0  # largest weight, in multiples of the mean weight of 1
RESAMPLES = 500
FEWEST_MATCHED = 50  # impressions of items on the lists
FEWEST_EFFECTIVE = 30.0


@dataclass(frozen=True, eq=False)
class Taken:
    """What shoppers took after the lists were made; an item counts once a shopper."""

    rows: np.ndarray  # int64 [T], row of the lists
    items: np.ndarray  # int [T]
    values: np.ndarray  # float64 [T], 1 for a count, money for revenue; repeated pairs add up


@dataclass(frozen=True, eq=False)
class Impressions:
    """What the shop showed, one row an item and a moment, and what came of it."""

    rows: np.ndarray  # int64 [n], row of the lists of the shopper it was shown to
    items: np.ndarray  # int [n]
    rewards: np.ndarray  # float64 [n], 1 for a click or a purchase that followed, or its money; 0 for none
    propensities: np.ndarray  # float64 [n], chance that this impression showed this item, by what the shop knew of the shopper
    places: np.ndarray | None = None  # int [n], place in the shop's list from 0; None where the log has none


@dataclass(frozen=True)
class Replayed:
    """A weighted estimate, a mean over the places of the lists."""

    estimate: Estimate  # self-normalised; n = shoppers with impressions
    plain: float  # without normalisation: unbiased where no weight is cut, but far less steady
    matched: int  # impressions of items on their shopper's list
    effective: float  # equal impressions that would tell as much: (sum of weights)^2 / sum of squares
    clipped: float  # share of the matched impressions whose weight was cut
    covered: float  # share of the lists' places whose item was shown to somebody of the same kind
    mean_weight: float  # 1 where the propensities are right and everything listed is shown sometimes


def hit_values(lists: np.ndarray, taken: Taken) -> np.ndarray:
    """float64 [B]: the values of what each shopper took and the list held. Lists are int [B, k], -1 = no item."""
    if len(taken.rows) == 0:
        return np.zeros(len(lists))
    listed = (lists[taken.rows] == np.asarray(taken.items)[:, None]).any(axis=1) & (np.asarray(taken.items) >= 0)
    return np.bincount(taken.rows[listed], taken.values[listed], minlength=len(lists))


def hit_rate(values: np.ndarray, seed: int = 0) -> Estimate:
    """Mean of `values` (float64 [B]) over shoppers with its 95 % interval; shoppers known to have taken nothing are rows of 0."""
    return bootstrap_interval(values, seed)


def shares_shown(items: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """float64 [n]: propensities read from the log itself: share of the impressions to shoppers of one kind that showed this item.

    Right where the shop chose among items by chance, by time or by the kind alone, and not by the taste of the single shopper.

    Args:
        items: int [n], what was shown.
        kinds: int [n], kind of the shopper it was shown to.
    """
    items, kinds = np.asarray(items, dtype=np.int64), np.asarray(kinds, dtype=np.int64)
    _, which, shown = np.unique(kinds * (items.max(initial=0) + 1) + items, return_inverse=True, return_counts=True)
    _, kind, total = np.unique(kinds, return_inverse=True, return_counts=True)
    return shown[which] / total[kind]


def replay(
    lists: np.ndarray,
    shown: Impressions,
    covered: np.ndarray | None = None,
    examination: np.ndarray | None = None,
    clip: float = CLIP,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Replayed:
    """What a place of the lists would bring, had the shop shown them.

    Each impression is a draw of one item by the shop; the lists would have drawn each of their items equally often. An impression of a
    listed item weighs 1 / (length of the list x its propensity), any other 0. The estimate is the weighted mean reward.

    Args:
        lists: int [B, k], -1 = no item.
        shown: logged impressions of these shoppers.
        covered: bool [B, k], the item of this place was shown to somebody of the shopper's kind; None takes all as shown.
        examination: float [>= k and >= the places logged], relative chance that a place is looked at; with it and logged places, rewards
            are moved to the place that the item has on the new list.
        clip: largest weight.
        seed: of the interval.
        resamples: times the shoppers are drawn anew.

    Returns:
        The estimate with a 95 % interval from resampling shoppers with all their impressions.

    Raises:
        BadInput: fewer than 50 impressions of listed items, an effective sample below 30, or a propensity outside (0, 1].

    Source: Horvitz & Thompson 1952; self-normalised: Swaminathan & Joachims, NeurIPS 2015; clipped: Ionides 2008; effective sample: Kish
    1965; examination: Joachims, Swaminathan & Schnabel, WSDM 2017. Cost: 100,000 impressions of 2,000 shoppers in 0.3 s.
    """
    p = np.asarray(shown.propensities, dtype=np.float64)
    if len(p) and not ((p > 0) & (p <= 1)).all():
        raise BadInput(
            "The chances of being shown are wrong.", "Each must lie above 0 and not above 1.", "Leave them out: they are estimated."
        )
    at = lists[shown.rows] == np.asarray(shown.items)[:, None]  # [n, k]
    matched = at.any(axis=1) & (np.asarray(shown.items) >= 0)
    if int(matched.sum()) < FEWEST_MATCHED:
        what = "Too little of what the lists hold was ever shown."
        raise BadInput(
            what, f"{int(matched.sum()):,} impressions match, {FEWEST_MATCHED} are needed.", "Import a longer log of impressions."
        )
    length = (lists >= 0).sum(axis=1)
    raw = np.where(matched, 1.0 / (np.maximum(length[shown.rows], 1) * p), 0.0)
    weight = np.minimum(raw, clip)
    reward = np.asarray(shown.rewards, dtype=np.float64)
    if examination is not None and shown.places is not None:
        look = np.asarray(examination, dtype=np.float64)
        reward = reward * np.where(matched, look[at.argmax(axis=1)] / look[shown.places], 0.0)
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    if effective < FEWEST_EFFECTIVE:
        what = "A handful of impressions would decide the estimate."
        raise BadInput(what, f"They tell as much as {effective:.0f} equal ones; {FEWEST_EFFECTIVE:.0f} are needed.", "Import a longer log.")
    people, person = np.unique(shown.rows, return_inverse=True)
    gained, weighed = (np.bincount(person, values, minlength=len(people)) for values in (weight * reward, weight))
    value = float(gained.sum() / weighed.sum())
    draws = []
    for counts in resample_weights(len(people), resamples, seed):
        below = counts @ weighed
        draws.append(np.divide(counts @ gained, below, out=np.full(len(below), np.nan), where=below > 0))
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(np.concatenate(draws), [tail, 1 - tail])
    places = lists >= 0
    return Replayed(
        Estimate(value, float(low), float(high), len(people)),
        float((weight * reward).sum() / len(p)),
        int(matched.sum()),
        effective,
        float((raw > clip).sum() / matched.sum()),
        1.0 if covered is None else float(covered[places].mean()) if places.any() else 0.0,
        float(weight.mean()),
    )


def followed(
    shown: tuple[np.ndarray, np.ndarray, np.ndarray], events: tuple[np.ndarray, np.ndarray, np.ndarray], within_s: int
) -> np.ndarray:
    """int64 [E]: the impression each event followed from, the latest of the same shopper and item up to `within_s` before; -1 = none.

    Args:
        shown: shopper, item and moment (s) of each impression.
        events: shopper, item and moment (s) of each later event.
        within_s: how long an impression is remembered.
    """
    n_items = int(max(shown[1].max(initial=0), events[1].max(initial=0))) + 1
    key = shown[0].astype(np.int64) * n_items + shown[1]
    order = np.lexsort((shown[2], key))
    key, time_s = key[order], shown[2][order]
    wanted = events[0].astype(np.int64) * n_items + events[1]
    start = int(min(time_s.min(initial=0), events[2].min(initial=0)))
    span = np.int64(max(time_s.max(initial=0), events[2].max(initial=0)) - start + 1)
    _, coded = np.unique(np.concatenate([key, wanted]), return_inverse=True)  # so that pair and moment fit into one number
    joint, asked = coded[: len(key)] * span + (time_s - start), coded[len(key) :] * span + (events[2] - start)
    place = np.searchsorted(joint, asked, side="right") - 1
    if not len(key):
        return np.full(len(wanted), -1, dtype=np.int64)
    before = np.maximum(place, 0)
    fits = (place >= 0) & (key[before] == wanted) & (events[2] - time_s[before] <= within_s)
    return np.where(fits, order[before], -1)
