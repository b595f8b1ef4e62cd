"""The demo store: a synthetic shop whose truths are planted, so that what a model or an explanation finds can be checked.

Planted: segments with tastes, purses, hours and weekdays; drift of some shoppers; styles; brand loyalty; pairs of items where the
second follows the first; season; Zipf popularity; consumables bought again; new shoppers and new items; bots.
Planted as noise: the device, the label "Bestseller".
"""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from recengine.testing.demo_catalogue import BRAND_NAMES, CATEGORY_NAMES, STYLE_NAMES, DemoItems, make_items
from recengine.testing.demo_shoppers import SEGMENTS, DemoShoppers, describe, hour_profile, make_shoppers
from recengine.testing.demo_visits import (
    PAIR_DAYS,
    PAIR_PROBABILITY,
    Rows,
    join,
    pair_items,
    simulate_bots,
    simulate_follow_ups,
    simulate_visits,
    without_second_purchases,
)

START_S = 1_736_121_600  # Monday 2025-01-06 00:00
DAY_S = 86_400
HEADER = (
    "user_id", "item_id", "behaviour", "timestamp", "quantity", "price", "basket_id", "title", "category", "brand", "device"
)  # fmt: skip
BEHAVIOURS = ("view", "favourite", "cart", "purchase")
DEVICES = ("phone", "desktop", "tablet")


@dataclass(frozen=True)
class PlantedPair:
    """Whoever buys `first` buys `second` with `probability` within `within_days`."""

    first: str
    second: str
    probability: float
    within_days: int
    follow_ups: int  # times it happened in these data


@dataclass(frozen=True)
class DemoTruth:
    """What was planted, by the ids of the file."""

    seed: int
    days: int
    events: int
    shoppers: dict[str, dict[str, object]]  # id → segment, later_segment, style, loyal_brand, loyal_category, bot
    items: dict[str, dict[str, object]]  # id → category, brand, style, price, labelled, consumable, launched_s
    segments: dict[str, dict[str, object]]  # name → favourites, price_sensitivity, hours (24 shares), weekdays (7 shares)
    pairs: tuple[PlantedPair, ...]
    drift_at_s: int  # the moment at which some shoppers change their segment
    noise: tuple[str, ...] = ("device", "label Bestseller in the title")

    @staticmethod
    def read(folder: Path) -> DemoTruth:
        """The truth beside the events that `make_demo_store` wrote."""
        row = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        pairs = tuple(PlantedPair(**pair) for pair in row.pop("pairs"))
        return DemoTruth(**(row | {"pairs": pairs, "noise": tuple(row["noise"])}))


def make_demo_store(folder: Path, seed: int = 7, shoppers: int = 1200, days: int = 120) -> DemoTruth:
    """Write `events.csv` and `truth.json` into `folder`; the same arguments give the same bytes.

    Args:
        folder: made where it is missing; files of these two names are replaced.
        seed: of everything.
        shoppers: at least 10, bots among them.
        days: at least 14; the period starts on Monday 2025-01-06.

    Cost: 1,200 shoppers and 120 days are about 80,000 events in one to two seconds.
    """
    if shoppers < 10 or days < 14:
        raise ValueError(f"the demo store needs 10 shoppers and 14 days, got {shoppers} and {days}")
    rng = np.random.default_rng(seed)
    items = make_items(rng)
    people = make_shoppers(rng, shoppers, items)
    firsts, seconds = pair_items(rng, items)
    visits = without_second_purchases(simulate_visits(rng, people, items, days), items)
    follow_ups = simulate_follow_ups(rng, visits, firsts, seconds, days)
    rows = without_second_purchases(join(visits, follow_ups), items)
    happened = _follow_ups_kept(rows, seconds)
    rows = join(rows, simulate_bots(rng, people, items, days)).by_time()
    truth = _truth(seed, days, rows, people, items, firsts, seconds, happened)
    folder.mkdir(parents=True, exist_ok=True)
    _write_events(folder / "events.csv", rows, people, items)
    (folder / "truth.json").write_text(json.dumps(asdict(truth), ensure_ascii=False, indent=1), encoding="utf-8", newline="\n")
    return truth


def _write_events(path: Path, rows: Rows, people: DemoShoppers, items: DemoItems) -> None:
    times = np.datetime_as_string((rows.time_s + START_S).astype("datetime64[s]")).tolist()
    described = [
        (f"{price:.2f}", title, CATEGORY_NAMES[c], BRAND_NAMES[b])
        for price, title, c, b in zip(items.price, items.titles, items.category, items.brand, strict=True)
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        columns = zip(
            rows.shopper.tolist(), rows.item.tolist(), rows.kind.tolist(), times, rows.quantity.tolist(), rows.basket.tolist(),
            rows.device.tolist(), strict=True,
        )  # fmt: skip
        for shopper, item, kind, time, quantity, basket, device in columns:
            price, title, category, brand = described[item]
            many, paid = (quantity, f"B{basket:06d}") if BEHAVIOURS[kind] == "purchase" else ("", "")
            who, what = people.ids[shopper], items.ids[item]
            writer.writerow((who, what, BEHAVIOURS[kind], time, many, price, paid, title, category, brand, DEVICES[device]))


def _follow_ups_kept(rows: Rows, seconds: np.ndarray) -> np.ndarray:
    """int [pairs]: follow-up purchases that are still there after second purchases were dropped."""
    kept = (rows.kind == BEHAVIOURS.index("purchase")) & rows.follow_up
    return np.array([int((rows.item[kept] == second).sum()) for second in seconds])


def _truth(
    seed: int, days: int, rows: Rows, people: DemoShoppers, items: DemoItems, firsts: np.ndarray, seconds: np.ndarray, happened: np.ndarray
) -> DemoTruth:
    hours = hour_profile()
    return DemoTruth(
        seed=seed,
        days=days,
        events=len(rows.shopper),
        shoppers={name: describe(people, i) for i, name in enumerate(people.ids)},
        items={
            name: {
                "category": CATEGORY_NAMES[items.category[i]],
                "brand": BRAND_NAMES[items.brand[i]],
                "style": STYLE_NAMES[items.style[i]],
                "price": float(items.price[i]),
                "labelled": bool(items.labelled[i]),
                "consumable": bool(items.consumable[i]),
                "launched_s": START_S + round(float(items.launch[i]) * days * DAY_S),
            }
            for i, name in enumerate(items.ids)
        },
        segments={
            segment.name: {
                "favourites": list(segment.favourites),
                "price_sensitivity": segment.price_sensitivity,
                "hours": [round(float(x), 6) for x in hours[s]],
                "weekdays": [round(w / sum(segment.weekdays), 6) for w in segment.weekdays],
            }
            for s, segment in enumerate(SEGMENTS)
        },
        pairs=tuple(
            PlantedPair(items.ids[a], items.ids[b], PAIR_PROBABILITY, PAIR_DAYS, int(n))
            for a, b, n in zip(firsts, seconds, happened, strict=True)
        ),
        drift_at_s=START_S + days * DAY_S // 2,
    )
