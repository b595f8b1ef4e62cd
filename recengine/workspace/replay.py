"""Replay of a variant's stored lists against what happened after the cut: click-through, conversion and revenue, offline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.columns import BEHAVIOUR_CODE
from recengine.errors import BadInput
from recengine.types import Estimate
from recengine.types.health import ReplayFigure, ReplayView
from recengine.workspace.context import Context
from recengine.workspace.policy_tuning import pool_lists, pool_of
from recengine.workspace.text import day
from recengine.workspace.tuning import Pool

if TYPE_CHECKING:
    from recengine.data.dataset import Dataset
    from recengine.data.events import EventLog
    from recengine.policy.policy import PolicySpec
    from recengine.workspace.policies import Policies

DAY_S = 86_400
CLICK_WITHIN_S, PURCHASE_WITHIN_S = DAY_S, 7 * DAY_S
CLICKS = ("view", "cart", "favourite", "purchase", "share", "rating")
LOOKS = ("view", "cart", "favourite")  # what shows that the log tells of clicks at all
TITLES = {"click_through": "Click-through", "conversion": "Conversion", "revenue": "Revenue"}


@dataclass(frozen=True, eq=False)
class Later:
    """What the known shoppers did after the cut."""

    log: EventLog  # events after the cut of all shoppers who were known before it
    row_of_user: np.ndarray  # int64 [n_users], row of the lists, -1 = has none
    kind_of_user: np.ndarray  # int8 [n_users], cold, warm or hot at the cut
    returning: int  # known shoppers with an event after the cut
    others: int  # of them without a list, who chose nothing new; in a draw of the lists, as many as belong to it
    paid: np.ndarray  # float64 [n], price of each event: its own, else the item's; NaN where neither is known

    def rows(self, names: tuple[str, ...]) -> np.ndarray:
        """bool [n]: events of these behaviours by shoppers with a list."""
        return np.isin(self.log.behaviours, [BEHAVIOUR_CODE[name] for name in names]) & (self.row_of_user[self.log.user_codes] >= 0)


class Replay:
    """What the lists of a variant would have met in the log after the cut. Nobody was shown them."""

    def __init__(self, context: Context, policies: Policies) -> None:
        self._context, self._policies = context, policies

    def of(self, variant: str, k: int = 10, policy: str | dict[str, Any] | PolicySpec | None = None) -> ReplayView:
        """Estimates with intervals, what they assume, and what the log cannot tell.

        Args:
            variant: id of a variant.
            k: places of each list, 1 to 200.
            policy: id of a saved policy (its live version, else the newest), or a policy itself; None = by score alone.

        Raises:
            NotFound: unknown variant or policy.
            BadInput: k outside its range, or a variant that was not judged on a later time.

        Cost: about a second for 10,000 shoppers and a million later events; remembered.
        """
        if not 1 <= k <= 200:
            raise BadInput(f"Lists cannot have {k} items here.", "", "Choose a length from 1 to 200.")
        record = self._context.variants.info(variant)
        if record.split_kind != "time":
            why = f"{record.name} was judged on each shopper's last item, not on a later time."
            raise BadInput("There is no later log to replay.", why, "Train it with the split time.")
        name, spec = self._policy(policy)
        return self._made(variant, k, name, spec)[0]

    def difference(self, a: str, b: str, k: int = 10, policy: str | dict[str, Any] | PolicySpec | None = None) -> dict[str, Estimate]:
        """How far variant a lies above b, paired by shopper: figure → estimate, for the figures that count hits.

        Raises:
            BadInput: other shoppers or another time; otherwise as `of`.
        """
        from recengine.evaluation.replay import hit_rate

        for variant in (a, b):
            self.of(variant, k, policy)  # raises what it has to
        records = [self._context.variants.info(variant) for variant in (a, b)]
        if records[0].dataset_fingerprint != records[1].dataset_fingerprint:
            raise BadInput("These variants were judged on different shoppers.", "", "Compare variants of one dataset and one split.")
        name, spec = self._policy(policy)
        mine, theirs = (self._made(variant, k, name, spec)[1] for variant in (a, b))
        return {key: hit_rate(mine[key] - theirs[key]) for key in mine if key in theirs}

    def _made(self, variant: str, k: int, name: str, spec: PolicySpec | None) -> tuple[ReplayView, dict[str, np.ndarray]]:
        """The view, and for each figure of hits its values, one a shopper."""
        key = ("replay", variant, k, name, None if spec is None else spec.model_dump_json())
        return self._context.views.get(key, lambda: self._replay(variant, k, name, spec))

    def _policy(self, policy: str | dict[str, Any] | PolicySpec | None) -> tuple[str, PolicySpec | None]:
        return ("", None) if policy is None else named_policy(self._policies, policy)

    def _replay(self, variant: str, k: int, name: str, spec: PolicySpec | None) -> tuple[ReplayView, dict[str, np.ndarray]]:
        dataset = self._context.dataset(self._context.variants.info(variant).dataset_id)
        pool = pool_of(self._context, variant)
        lists = pool.items[:, :k] if spec is None else pool_lists(self._context, variant, spec, k)[1].item_codes
        whole = self._context.pools.get(("pool", variant), lambda: Pool.of(self._context, variant))
        later = after_cut(dataset, pool, len(whole.items))
        figures, values, refused = _hits(lists, later)
        weighted, why = _weighted(lists, later, len(dataset.catalogue))
        view = ReplayView(
            variant,
            name,
            k,
            len(lists),
            later.returning,
            day(float(pool.targets.histories.now_s.max(initial=0))),
            day(float(later.log.times_s.max(initial=0))),
            dataset.currency,
            tuple(figures + weighted),
            _assumptions(len(whole.items), later.returning, bool(figures), bool(weighted)),
            tuple(refused + why),
        )
        return view, values


def named_policy(policies: Policies, policy: str | dict[str, Any] | PolicySpec) -> tuple[str, PolicySpec]:
    """Name and content of a saved policy (its live version, else the newest) or of one that is given. Raises NotFound, BadInput."""
    from recengine.workspace.policy_spec import parsed

    if not isinstance(policy, str):
        return "Policy", parsed(policy)
    saved = policies.get(policy)
    wanted = saved.live or saved.latest
    return saved.name, parsed(next(row.spec for row in saved.versions if row.version == wanted))


def after_cut(dataset: Dataset, pool: Pool, with_lists: int) -> Later:
    """The later events of known shoppers, and which list each shopper has.

    Args:
        dataset: the shop.
        pool: the lists that are replayed: of all held-out shoppers, or of a draw.
        with_lists: held-out shoppers in all.
    """
    from recengine.evaluation.segments import shopper_segment

    log, histories = dataset.products_log, pool.targets.histories
    cut = int(histories.now_s.max(initial=0))
    before = log.times_s < cut
    known = np.bincount(log.user_codes[before], minlength=log.n_users) > 0
    lengths = np.bincount(log.user_codes[before & log.signs], minlength=log.n_users)
    after = log.keep(~before & known[log.user_codes])
    row_of_user = np.full(log.n_users, -1, dtype=np.int64)
    row_of_user[histories.user_codes] = np.arange(len(histories))
    prices = dataset.catalogue.prices.astype(np.float64)
    own = after.prices.astype(np.float64)
    paid = np.where(np.isfinite(own), own, prices[after.item_codes])
    returning = len(np.unique(after.user_codes))
    others = round((returning - with_lists) * len(histories) / max(with_lists, 1))  # as many as belong to a draw
    return Later(after, row_of_user, shopper_segment(lengths), returning, others, paid)


def _hits(lists: np.ndarray, later: Later) -> tuple[list[ReplayFigure], dict[str, np.ndarray], list[str]]:
    """What shoppers took anyway and the lists held: figures, the values behind each, and what cannot be told."""
    from recengine.evaluation.replay import Taken, hit_rate, hit_values

    figures, refused = [], []
    values: dict[str, np.ndarray] = {}

    def told(key: str, of_shoppers: np.ndarray, unit: str, meaning: str) -> None:
        values[f"{key}.hits"] = of_shoppers
        figures.append(_figure(key, hit_rate(of_shoppers), unit, meaning))

    def taken(chosen: np.ndarray, values: np.ndarray, once: bool) -> Taken:
        rows, items = later.row_of_user[later.log.user_codes[chosen]], later.log.item_codes[chosen]
        if once:
            pairs = np.unique(rows * np.int64(later.log.n_items) + items)
            rows, items = pairs // later.log.n_items, pairs % later.log.n_items
            return Taken(rows, items, np.ones(len(rows)))
        return Taken(rows, items, values[chosen])

    if later.rows(LOOKS).any():
        looked = hit_values(lists, taken(later.rows(CLICKS), later.paid, True)) / np.maximum((lists >= 0).sum(axis=1), 1)
        meaning = "Share of the listed places that their shopper looked at or took afterwards; of shoppers who took something new."
        told("click_through", looked, "share", meaning)
    else:
        refused.append("The log holds no views, so click-through cannot be told.")
    bought = later.rows(("purchase",))
    if not bought.any():
        return figures, values, [*refused, "The log holds no purchases after the cut, so conversion and revenue cannot be told."]
    hit = hit_values(lists, taken(bought, later.paid, True)) > 0
    meaning = "Share of the shoppers who came back that bought something the list held."
    nothing = np.zeros(later.others)
    told("conversion", np.concatenate([hit, nothing]), "share", meaning)
    priced = bought & np.isfinite(later.paid)
    if priced.sum() < 0.5 * bought.sum():
        refused.append("Most purchases have no price, so revenue cannot be told.")
    else:
        money = hit_values(lists, taken(priced, later.paid, False))
        meaning = "Money spent on listed items, for each shopper who came back; one piece a purchase."
        told("revenue", np.concatenate([money, nothing]), "money", meaning)
    return figures, values, refused


def _weighted(lists: np.ndarray, later: Later, n_items: int) -> tuple[list[ReplayFigure], list[str]]:
    """What impressions of the shop's own lists say of these."""
    from recengine.evaluation.replay import Impressions, replay, shares_shown

    every = later.log.behaviours == BEHAVIOUR_CODE["impression"]
    if not every.any():
        return [], ["The log holds no impressions. Nobody knows what shoppers saw, so nothing can be weighted."]
    users, items = later.log.user_codes[every], later.log.item_codes[every].astype(np.int64)
    kinds = later.kind_of_user[users].astype(np.int64)
    chances, rows = shares_shown(items, kinds), later.row_of_user[users]
    mine = rows >= 0
    ever = np.zeros((int(later.kind_of_user.max(initial=0)) + 1, n_items), dtype=bool)
    ever[kinds, items] = True
    kind_of_row = np.zeros(len(lists), dtype=np.int64)
    kind_of_row[later.row_of_user[later.row_of_user >= 0]] = later.kind_of_user[later.row_of_user >= 0]
    covered = ever[kind_of_row[:, None], lists] & (lists >= 0)
    figures, refused = [], []
    for key, names, within in (
        ("click_through", CLICKS, CLICK_WITHIN_S),
        ("conversion", ("purchase",), PURCHASE_WITHIN_S),
        ("revenue", ("purchase",), PURCHASE_WITHIN_S),
    ):
        reward = _rewards(later, every, names, within, key == "revenue")
        if not reward[mine].any():
            event = "purchase" if names == ("purchase",) else "click"
            refused.append(f"No {event} followed an impression: no weighted {key.replace('_', '-')}.")
            continue
        shown = Impressions(rows[mine], items[mine], reward[mine], chances[mine])
        try:
            found = replay(lists, shown, covered)
        except BadInput as error:
            return figures, [*refused, f"{error.what} {error.why}"]
        figures.append(_weighted_figure(key, found, lists.shape[1]))
    return figures, refused


def _rewards(later: Later, every: np.ndarray, names: tuple[str, ...], within_s: int, money: bool) -> np.ndarray:
    """float64 [impressions]: 1, or the money, where an event of these behaviours followed."""
    from recengine.evaluation.replay import followed

    log = later.log
    chosen = np.isin(log.behaviours, [BEHAVIOUR_CODE[name] for name in names])
    if money:
        chosen &= np.isfinite(later.paid)
    shown = (log.user_codes[every], log.item_codes[every], log.times_s[every])
    cause = followed(shown, (log.user_codes[chosen], log.item_codes[chosen], log.times_s[chosen]), within_s)
    known = cause >= 0
    worth = np.bincount(cause[known], later.paid[chosen][known] if money else None, minlength=int(every.sum()))
    return worth.astype(np.float64) if money else (worth > 0).astype(np.float64)


def _figure(key: str, found: Any, unit: str, meaning: str) -> ReplayFigure:
    return ReplayFigure(f"{key}.hits", TITLES[key], Estimate(found.value, found.low, found.high, found.n), unit, meaning, "hits")


def _weighted_figure(key: str, found: Any, k: int) -> ReplayFigure:
    e, times = found.estimate, k if key == "revenue" else 1
    meaning = {
        "click_through": "Share of shown places that are clicked within a day.",
        "conversion": "Share of shown places whose item is bought within a week.",
        "revenue": f"Money within a week for each list of {k} shown.",
    }[key]
    estimate = Estimate(e.value * times, e.low * times, e.high * times, e.n)
    unit = "money" if key == "revenue" else "share"
    return ReplayFigure(f"{key}.snips", TITLES[key], estimate, unit, meaning, "snips", found.effective, found.clipped, found.covered)


def _assumptions(lists: int, returning: int, hits: bool, weighted: bool) -> tuple[str, ...]:
    out = ["Offline: nobody was shown these lists. Only an experiment proves what they bring."]
    if hits:
        out.append("Hits count what shoppers took anyway, from what the shop showed them. They are a floor, best for comparing variants.")
        out.append("A list that differs from what the shop shows has fewer hits, even if shoppers would like it.")
    if returning > lists:
        others = f"{lists:,} of {returning:,} returning shoppers took something new and have a list here."
        out.append(f"{others} The others took nothing new: no list could have been hit.")
    if weighted:
        out.append("Weighting takes what the shop showed to depend on the kind of shopper (cold, warm, hot) and chance, not on taste.")
        out.append("Places of the shop's lists are not logged. An item is taken to be seen alike on the new list.")
        out.append("Items are taken not to win clicks from each other.")
        out.append("Only shoppers who took something new have a list, so weighted rates are higher than those of all visitors.")
    return tuple(out)
