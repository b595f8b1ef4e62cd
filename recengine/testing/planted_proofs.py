"""Proofs that a model finds what was planted in the demo store: order, complementary pairs, new items, the time of day.

Each proof gives a figure that is 0 where nothing was found, with a floor that a model of the family has to pass.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow.csv as pa_csv
import pyarrow.types as pa_types

from recengine.columns import BEHAVIOUR_CODE
from recengine.data.dataset import Catalogue
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.models.base import FitContext, Recommender
from recengine.testing.demo_store import START_S, DemoTruth, make_demo_store

DAY_S, HOUR_S = 86_400, 3_600
CONTROLS = 8  # items of the same category that a planted cause is compared with
LISTED = 20
ORDER_FLOOR, PAIR_FLOOR, TEXT_FLOOR, HOUR_FLOOR = 0.08, 0.3, 0.1, 0.05


@dataclass(frozen=True, eq=False)
class PlantedStore:
    """The demo store in memory, with what was planted in it."""

    log: EventLog
    catalogue: Catalogue
    truth: DemoTruth
    user_ids: tuple[str, ...] = ()  # id of each shopper code

    @cached_property
    def purchases(self) -> EventLog:
        """What was bought alone: small enough for every model."""
        return self.log.keep(self.log.behaviours == BEHAVIOUR_CODE["purchase"])

    @cached_property
    def pairs(self) -> np.ndarray:
        """int64 [pairs, 2]: codes of the first and second item of the pairs that happened at least ten times."""
        names = [(pair.first, pair.second) for pair in self.truth.pairs if pair.follow_ups >= 10]
        return np.stack([self.catalogue.vocabulary.encode([pair[side] for pair in names]) for side in (0, 1)], axis=1).astype(np.int64)

    @cached_property
    def launched_s(self) -> np.ndarray:
        """int64 [n_items]: the first moment at which each item is sold."""
        return np.array([self.truth.items[str(name)]["launched_s"] for name in self.catalogue.vocabulary.ids], dtype=np.int64)  # type: ignore[arg-type]

    @property
    def end_s(self) -> int:
        """The moment after the last event."""
        return int(self.log.times_s.max()) + 1

    def with_log(self, log: EventLog) -> PlantedStore:
        """The same truth over other events."""
        return PlantedStore(log, self.catalogue, self.truth, self.user_ids)


def planted_store(shoppers: int = 800, days: int = 90, seed: int = 7) -> PlantedStore:
    """The demo store as arrays. Cost: 60,000 events in about three seconds."""
    with tempfile.TemporaryDirectory() as folder:
        truth = make_demo_store(Path(folder), seed, shoppers, days)
        table = pa_csv.read_csv(Path(folder) / "events.csv")
    columns = {name: table[name].to_numpy() for name in ("user_id", "item_id", "behaviour", "title", "category", "brand")}
    moment = table["timestamp"]
    times = moment.to_numpy() if pa_types.is_timestamp(moment.type) else np.array(moment.to_pylist(), dtype="datetime64[s]")
    times_s = times.astype("datetime64[s]").astype(np.int64)
    users, items = (Vocabulary.build(np.unique(columns[name].astype(str))) for name in ("user_id", "item_id"))
    item_codes = items.encode(columns["item_id"])
    behaviours = np.array([BEHAVIOUR_CODE[str(name)] for name in columns["behaviour"]])
    first = np.unique(item_codes, return_index=True)[1]
    prices = table["price"].to_numpy().astype(np.float32)
    log = EventLog.build(users.encode(columns["user_id"]), item_codes, times_s, len(users), len(items), behaviours, prices)
    title, category, brand = (columns[name][first].astype(object) for name in ("title", "category", "brand"))
    catalogue = Catalogue(items, title, category, brand, prices[first], np.ones(len(items), dtype=bool), "file")
    return PlantedStore(log, catalogue, truth, tuple(users.ids.tolist()))


def fitted(model: Recommender, store: PlantedStore, log: EventLog) -> Recommender:
    """The model, fitted on a log of the store."""
    model.fit_all(log, FitContext(store.catalogue))
    return model


def order_found(model: Recommender, store: PlantedStore) -> float:
    """How much more a purchase raises what was planted to follow it than what was planted to come before it.

    Both as the gain in place (share of the catalogue) over histories of other items of the same category; the mean over the pairs.
    """
    forward = np.mean([_lift(model, store, first, second) for first, second in store.pairs])
    backward = np.mean([_lift(model, store, second, first) for first, second in store.pairs])
    return float(forward - backward)


def pairs_found(model: Recommender, store: PlantedStore) -> float:
    """Share of the planted pairs whose second item is among the first 20 for somebody who has the first, less those of the controls."""
    found, chance = [], []
    for first, second in store.pairs:
        place = _places(model, store, np.array([first, *_controls(store, first, second)]), second)
        found.append(place[0] < LISTED)
        chance.append((place[1:] < LISTED).mean())
    return float(np.mean(found) - np.mean(chance))


def new_items_found(model: Recommender, store: PlantedStore, cut_s: int) -> float:
    """How far above the middle of all new items those stand that a shopper goes on to take; the model has seen nothing after `cut_s`.

    Half a catalogue at best, 0 by chance.
    """
    new = np.flatnonzero(store.launched_s >= cut_s)
    late = store.log.keep((store.log.times_s >= cut_s) & np.isin(store.log.item_codes, new))
    pairs = np.unique(late.user_codes.astype(np.int64) * store.log.n_items + late.item_codes)
    users, inverse = np.unique(pairs // store.log.n_items, return_inverse=True)
    histories = Histories.from_log(store.log, users, cut_s)
    known = (histories.lengths >= 5)[inverse]
    pairs, inverse = pairs[known], inverse[known]
    scores = np.nan_to_num(model.score(histories, np.tile(new, (len(users), 1))).numpy(), nan=-np.inf)  # [B, new]
    own = scores[inverse, np.searchsorted(new, pairs % store.log.n_items)]
    below = (scores[inverse] < own[:, None]).mean(1) + 0.5 * (scores[inverse] == own[:, None]).mean(1)
    return float(below.mean() - 0.5)


def hours_found(model: Recommender, store: PlantedStore) -> float:
    """How much more of a list is of a segment's favourite categories at the hour that is most its own than at the others' hours."""
    names = list(store.truth.segments)
    share = np.array([store.truth.segments[name]["hours"] for name in names], dtype=np.float64)  # [segments, 24]
    own_hour = (share / share.sum(0)).argmax(1)
    midnight = START_S + (store.end_s - START_S) // (7 * DAY_S) * 7 * DAY_S  # the same weekday for all
    asked = Histories.of_items([[] for _ in names])
    asked = replace(asked, now_s=(midnight + own_hour * HOUR_S + HOUR_S // 2).astype(np.int64))
    lists = model.recommend(asked, LISTED).item_codes  # [segments, 20]
    categories = np.array([str(category) for category in store.catalogue.categories])[lists]
    gains = []
    for s, name in enumerate(names):
        inside = np.isin(categories, list(store.truth.segments[name]["favourites"])).mean(1)  # type: ignore[call-overload]
        gains.append(inside[s] - np.delete(inside, s).mean())
    return float(np.mean(gains))


def _lift(model: Recommender, store: PlantedStore, cause: int, effect: int) -> float:
    place = _places(model, store, np.array([cause, *_controls(store, cause, effect)]), effect)
    return float(place[1:].mean() - place[0]) / store.log.n_items


def _controls(store: PlantedStore, cause: int, effect: int) -> np.ndarray:
    """int64: the best sellers of the category of `cause`, without the two."""
    sold = np.bincount(store.purchases.item_codes, minlength=store.log.n_items)
    alike = np.flatnonzero(store.catalogue.categories == store.catalogue.categories[cause])
    alike = alike[(alike != cause) & (alike != effect)]
    return alike[np.argsort(-sold[alike], kind="stable")[:CONTROLS]]


def _places(model: Recommender, store: PlantedStore, owned: np.ndarray, asked: int) -> np.ndarray:
    """float64 [len(owned)]: place of the item `asked` for somebody who bought one item an hour ago; 0 = first, equals share theirs."""
    histories = Histories.of_items([[int(code)] for code in owned], now_s=store.end_s)
    histories = replace(histories, times_s=histories.times_s - HOUR_S)
    scores = np.nan_to_num(model.score(histories).numpy(), nan=-np.inf)
    scores[np.arange(len(owned)), owned] = -np.inf
    own = scores[:, [asked]]
    return (scores > own).sum(1) + 0.5 * ((scores == own).sum(1) - 1)
