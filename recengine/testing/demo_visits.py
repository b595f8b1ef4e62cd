"""What the shoppers of the demo store do: visits with views, favourites, carts and purchases, follow-up purchases, and bots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.testing.demo_catalogue import CATEGORY_NAMES, DemoItems
from recengine.testing.demo_shoppers import SEGMENTS, DemoShoppers, hour_profile

DAY_S = 86_400
VIEW, FAVOURITE, CART, PURCHASE = range(4)
FOCUS = 0.8  # share of the views of a visit in its main category
STYLE_FACTOR = 3.0  # interest in items of the shopper's own style
LOYAL_VIEWS = 0.6  # share of the views in the loyal category that are of the loyal brand only
CART_RATE, BUY_RATE, FAVOURITE_RATE = 0.24, 0.5, 0.05
USUAL_DEVICE = 0.8
PAIR_PROBABILITY, PAIR_DAYS = 0.4, 7
# a first and a second category; the items are drawn, the first one from the best sellers
PAIR_CATEGORIES = (
    ("Coffee & Tea", "Bakeware"), ("Coffee & Tea", "Desk & Paper"), ("Kitchen", "Garden"), ("Bakeware", "Kids & Toys"),
    ("Garden", "Pet Supplies"), ("Running", "Audio"), ("Running", "Skincare"), ("Fitness", "Hair Care"), ("Skincare", "Hair Care"),
    ("Hair Care", "Fitness"), ("Desk & Paper", "Coffee & Tea"), ("Audio", "Desk & Paper"), ("Kids & Toys", "Bakeware"),
    ("Pet Supplies", "Kitchen"), ("Audio", "Running"),
)  # fmt: skip
SEASON = {"Garden": (0.4, 2.2), "Kids & Toys": (1.5, 0.7)}  # factor on interest at the first and the last day


@dataclass(frozen=True, eq=False)
class Rows:
    """Events before they are written; all arrays [n]."""

    shopper: np.ndarray  # int
    item: np.ndarray  # int
    kind: np.ndarray  # int, VIEW to PURCHASE
    time_s: np.ndarray  # int64, seconds after the start of the period
    quantity: np.ndarray  # int
    basket: np.ndarray  # int, the visit
    device: np.ndarray  # int
    link: np.ndarray  # int, the view that a cart or purchase came from
    follow_up: np.ndarray  # bool, bought because of an earlier purchase

    def take(self, index: np.ndarray) -> Rows:
        return Rows(**{name: values[index] for name, values in vars(self).items()})

    def by_time(self) -> Rows:
        return self.take(np.lexsort((self.kind, self.item, self.shopper, self.time_s)))


def join(a: Rows, b: Rows) -> Rows:
    """Both; baskets and links of `b` are numbered on from those of `a`."""
    out = {name: np.concatenate([values, vars(b)[name]]) for name, values in vars(a).items()}
    for name in ("basket", "link"):
        out[name] = np.concatenate([vars(a)[name], vars(b)[name] + vars(a)[name].max(initial=-1) + 1])
    return Rows(**out)


def simulate_visits(rng: np.random.Generator, people: DemoShoppers, items: DemoItems, days: int) -> Rows:
    """All visits of all shoppers but the bots."""
    visitor = np.repeat(np.arange(len(people.ids)), people.sessions)
    n = len(visitor)
    day = np.floor((people.first_day[visitor] + rng.random(n) * (1 - people.first_day[visitor])) * days).astype(int)
    later = (day >= days / 2).astype(int)
    segment = np.where(later, people.later_segment[visitor], people.segment[visitor])
    weekday = np.array([s.weekdays for s in SEGMENTS])
    # moving within the week keeps the arrival dates and plants the weekday
    moved = day - day % 7 + _draw(rng, weekday[segment])
    day = np.where(moved < days, moved, day)
    start = day * DAY_S + _draw(rng, hour_profile()[segment]) * 3600 + rng.integers(0, 3600, n)

    interest = people.taste[later, visitor] * _season(day / days)
    focus = _draw(rng, interest)
    views = 1 + rng.poisson(3.4, n)
    visit = np.repeat(np.arange(n), views)
    m = len(visit)
    category = np.where(rng.random(m) < FOCUS, focus[visit], _draw(rng, interest[visit]))
    item = _items_seen(rng, people, items, visitor[visit], segment[visit], category)
    step = np.arange(m) - np.repeat(np.cumsum(views) - views, views)
    time = start[visit] + step * 45 + rng.integers(0, 40, m)
    # a second look at the same item in one visit is not another view
    _, once = np.unique(visit * len(items.ids) + item, return_index=True)
    once = np.sort(once[time[once] >= items.launch[item[once]] * days * DAY_S])
    visit, item, time = visit[once], item[once], time[once]
    m = len(visit)

    sensitivity = np.array([s.price_sensitivity for s in SEGMENTS])[segment[visit]]
    wanted = np.exp(-0.25 * sensitivity * items.price_z[item])  # dear things are also left in the cart more often
    favourite = rng.random(m) < FAVOURITE_RATE
    cart = rng.random(m) < np.clip(CART_RATE * wanted, 0, 0.6)
    buy = cart & (rng.random(m) < np.clip(BUY_RATE * wanted, 0, 0.9))
    last = np.zeros(n, dtype=np.int64)
    np.maximum.at(last, visit, time)
    checkout = last[visit] + 120
    view = np.arange(m)
    which = np.concatenate([view, view[favourite], view[cart], view[buy]])
    kind = np.repeat([VIEW, FAVOURITE, CART, PURCHASE], [m, favourite.sum(), cart.sum(), buy.sum()])
    when = np.concatenate([time, time[favourite] + 9, time[cart] + 17, checkout[buy]])
    device = np.where(rng.random(n) < USUAL_DEVICE, people.device[visitor], rng.integers(0, 3, n))
    quantity = np.where((rng.random(m) < 0.3) & items.consumable[item], rng.integers(2, 5, m), 1)
    return Rows(
        visitor[visit][which], item[which], kind, np.minimum(when, days * DAY_S - 1).astype(np.int64),
        quantity[which], visit[which], device[visit][which], which, np.zeros(len(which), dtype=bool),
    )  # fmt: skip


def pair_items(rng: np.random.Generator, items: DemoItems) -> tuple[np.ndarray, np.ndarray]:
    """int [pairs] twice: the first and second item of each planted pair, no item in two pairs."""
    free = items.launch == 0
    firsts, seconds = [], []
    for first, second in PAIR_CATEGORIES:
        inside = np.flatnonzero(free & (items.category == CATEGORY_NAMES.index(first)))
        a = inside[np.argmax(items.popularity[inside])]
        free[a] = False
        inside = np.flatnonzero(free & (items.category == CATEGORY_NAMES.index(second)))
        by_popularity = inside[np.argsort(-items.popularity[inside], kind="stable")]
        b = rng.choice(by_popularity[len(by_popularity) // 3 :])  # not a best seller: nobody would find it by popularity
        free[b] = False
        firsts.append(a)
        seconds.append(b)
    return np.array(firsts), np.array(seconds)


def simulate_follow_ups(rng: np.random.Generator, visits: Rows, firsts: np.ndarray, seconds: np.ndarray, days: int) -> Rows:
    """A view, a cart and a purchase of the second item of a pair, within a week of a purchase of the first."""
    second_of = np.full(int(max(visits.item.max(initial=0), firsts.max())) + 1, -1)
    second_of[firsts] = seconds
    cause = np.flatnonzero((visits.kind == PURCHASE) & (second_of[visits.item] >= 0))
    cause = cause[rng.random(len(cause)) < PAIR_PROBABILITY]
    delay = 3_600 + rng.integers(0, PAIR_DAYS * DAY_S - 7_200, len(cause))
    inside = visits.time_s[cause] + delay + 200 < days * DAY_S
    cause, delay = cause[inside], delay[inside]
    n = len(cause)
    who = np.tile(np.arange(n), 3)
    return Rows(
        visits.shopper[cause][who], second_of[visits.item[cause]][who], np.repeat([VIEW, CART, PURCHASE], n),
        (visits.time_s[cause] + delay)[who] + np.repeat([0, 17, 140], n), np.ones(3 * n, dtype=int), who, visits.device[cause][who], who,
        np.ones(3 * n, dtype=bool),
    )  # fmt: skip


def simulate_bots(rng: np.random.Generator, people: DemoShoppers, items: DemoItems, days: int) -> Rows:
    """Bots view 250 to 400 items each, all alike, one every three seconds at night, and buy nothing."""
    views = np.where(people.bot, rng.integers(250, 401, len(people.ids)), 0)
    shopper = np.repeat(np.arange(len(people.ids)), views)
    step = np.arange(len(shopper)) - np.repeat(np.cumsum(views) - views, views)
    night = rng.integers(0, days, len(people.ids)) * DAY_S + 3 * 3600
    item = rng.integers(0, len(items.ids), len(shopper))
    when = (night[shopper] + 3 * step).astype(np.int64)
    sold = when >= items.launch[item] * days * DAY_S
    shopper, item, when = shopper[sold], item[sold], when[sold]
    n = len(shopper)
    nothing = np.zeros(n, dtype=int)
    return Rows(shopper, item, nothing + VIEW, when, nothing + 1, shopper, nothing + 1, np.arange(n), nothing > 0)


def without_second_purchases(rows: Rows, items: DemoItems) -> Rows:
    """Nobody buys a second teapot: drop later purchases, and their carts, of things that are not used up."""
    bought = np.flatnonzero(rows.kind == PURCHASE)
    bought = bought[np.lexsort((rows.link[bought], rows.time_s[bought]))]
    _, first = np.unique(rows.shopper[bought] * len(items.ids) + rows.item[bought], return_index=True)
    again = np.ones(len(bought), dtype=bool)
    again[first] = False
    drop_links = rows.link[bought[again & ~items.consumable[rows.item[bought]]]]
    return rows.take(np.flatnonzero(~(np.isin(rows.link, drop_links) & (rows.kind >= CART))))


def _items_seen(
    rng: np.random.Generator, people: DemoShoppers, items: DemoItems, shopper: np.ndarray, segment: np.ndarray, category: np.ndarray
) -> np.ndarray:
    """int [m]: one item for each view, by popularity, purse, style and brand loyalty."""
    loyal = (people.loyal_category[shopper] == category) & (rng.random(len(shopper)) < LOYAL_VIEWS)
    brand, style = np.where(loyal, people.loyal_brand[shopper], -1), people.style[shopper]
    rows = np.column_stack([segment, category, brand, style])
    kinds, which = np.unique(rows, axis=0, return_inverse=True)
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=len(kinds)))
    luck, out = rng.random(len(shopper)), np.zeros(len(shopper), dtype=int)
    for (s, c, b, look), group in zip(kinds, np.split(order, ends[:-1]), strict=True):
        inside = np.flatnonzero((items.category == c) & ((items.brand == b) | (b < 0)))
        weight = items.popularity[inside] * np.exp(-SEGMENTS[s].price_sensitivity * items.price_z[inside])
        weight = np.cumsum(weight * np.where(items.style[inside] == look, STYLE_FACTOR, 1.0))
        out[group] = inside[np.minimum(np.searchsorted(weight, luck[group] * weight[-1], side="right"), len(inside) - 1)]
    return out


def _season(progress: np.ndarray) -> np.ndarray:
    """float64 [n, categories]: factor on interest at a share of the period."""
    factor = np.ones((len(progress), len(CATEGORY_NAMES)))
    for name, (first, last) in SEASON.items():
        factor[:, CATEGORY_NAMES.index(name)] = first + (last - first) * progress
    return factor


def _draw(rng: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """int [n]: one column for each row of `weights` (float [n, m]), by weight."""
    upto = np.cumsum(weights, axis=1)
    luck = rng.random((len(weights), 1)) * upto[:, -1:]
    return np.minimum((luck >= upto).sum(axis=1), weights.shape[1] - 1)
