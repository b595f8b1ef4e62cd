"""The made-up shoppers of the demo store: five segments with tastes, purses and habits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recengine.testing.demo_catalogue import BRAND_NAMES, CATEGORY_NAMES, STYLE_NAMES, DemoItems

FAVOURITE_SHARES = (0.38, 0.22, 0.14)  # of a segment's interest; the rest is spread over the other nine categories
LOYAL_SHARE, DRIFT_SHARE, LATE_SHARE, BOT_SHARE = 0.4, 0.08, 0.4, 0.005
MEAN_SESSIONS = 17.0  # of somebody who is there from the first day


@dataclass(frozen=True)
class DemoSegment:
    """A kind of shopper."""

    name: str
    favourites: tuple[str, str, str]
    price_sensitivity: float  # one standard deviation dearer within its category multiplies interest by exp(-this)
    hours: tuple[tuple[float, float, float], ...]  # (peak hour, width in hours, weight)
    weekdays: tuple[float, ...]  # Monday to Sunday


SEGMENTS = (
    DemoSegment(
        "home cooks", ("Kitchen", "Bakeware", "Coffee & Tea"), 0.3, ((11, 2, 1), (17, 1.5, 0.7)), (1, 1, 1, 1, 1.4, 2.2, 2),
    ),
    DemoSegment(
        "active", ("Running", "Fitness", "Audio"), 0.0, ((6.5, 1, 1), (19, 1.5, 0.8)), (1.6, 1.4, 1.3, 1.2, 1, 0.8, 0.8),
    ),
    DemoSegment(
        "beauty lovers", ("Skincare", "Hair Care", "Coffee & Tea"), -0.5, ((13, 1, 0.8), (21, 1.5, 1)), (1, 1, 1, 1.2, 1.8, 1.5, 1.2),
    ),
    DemoSegment(
        "young families", ("Kids & Toys", "Pet Supplies", "Garden"), 0.8, ((9.5, 1.2, 1), (20.5, 1, 0.8)), (1.3, 1.3, 1.3, 1.3, 1, 0.7, 0.7)
    ),
    DemoSegment(
        "students", ("Desk & Paper", "Audio", "Coffee & Tea"), 1.3, ((15, 2, 0.5), (23, 1.5, 1)), (1, 1, 1.2, 1.2, 1, 1, 1.6),
    ),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class DemoShoppers:
    """n shoppers; the last few are bots."""

    ids: list[str]
    segment: np.ndarray  # int [n], index into SEGMENTS
    later_segment: np.ndarray  # int [n], the segment after the middle of the period; differs for those who drift
    taste: np.ndarray  # float64 [2, n, categories], before and after the middle, rows sum to 1
    style: np.ndarray  # int [n], index into STYLE_NAMES
    loyal_category: np.ndarray  # int [n], -1 = loyal to no brand
    loyal_brand: np.ndarray  # int [n], -1 = loyal to no brand
    sessions: np.ndarray  # int [n]
    first_day: np.ndarray  # float64 [n], share of the period before the first visit
    device: np.ndarray  # int [n], usual device; drawn apart from everything else
    bot: np.ndarray  # bool [n]


def segment_taste() -> np.ndarray:
    """float64 [segments, categories], rows sum to 1."""
    rest = (1 - sum(FAVOURITE_SHARES)) / (len(CATEGORY_NAMES) - 3)
    taste = np.full((len(SEGMENTS), len(CATEGORY_NAMES)), rest)
    for row, segment in zip(taste, SEGMENTS, strict=True):
        row[[CATEGORY_NAMES.index(name) for name in segment.favourites]] = FAVOURITE_SHARES
    return taste


def hour_profile() -> np.ndarray:
    """float64 [segments, 24]: share of a segment's visits that start in each hour, rows sum to 1."""
    hours = np.arange(24) + 0.5
    rows = []
    for segment in SEGMENTS:
        # the clock is round: 23:30 and 00:30 are an hour apart
        shape = [w * np.exp(-0.5 * (((hours - peak + 12) % 24 - 12) / width) ** 2) / width for peak, width, w in segment.hours]
        rows.append(np.sum(shape, axis=0) + 0.004)
    profile = np.array(rows)
    return profile / profile.sum(axis=1, keepdims=True)


def make_shoppers(rng: np.random.Generator, n: int, items: DemoItems) -> DemoShoppers:
    """The shoppers of one seed; at least one bot."""
    bot = np.arange(n) >= n - max(1, round(n * BOT_SHARE))
    segment = rng.integers(0, len(SEGMENTS), n)
    drifts = (rng.random(n) < DRIFT_SHARE) & ~bot
    later = np.where(drifts, (segment + rng.integers(1, len(SEGMENTS), n)) % len(SEGMENTS), segment)
    taste = np.stack([_personal(rng, segment), _personal(rng, later)])
    taste[1] = np.where(drifts[:, None], taste[1], taste[0])
    loyal = (rng.random(n) < LOYAL_SHARE) & ~bot
    loyal_category = np.where(loyal, taste[0].argmax(axis=1), -1)
    loyal_brand = np.full(n, -1)
    for category in range(len(CATEGORY_NAMES)):
        brands = np.unique(items.brand[items.category == category])
        here = np.flatnonzero(loyal_category == category)
        loyal_brand[here] = rng.choice(brands, len(here))
    sessions = 1 + rng.poisson(rng.gamma(1.6, (MEAN_SESSIONS - 1) / 1.6, n))
    first_day = np.where(rng.random(n) < LATE_SHARE, rng.random(n) * 0.97, 0.0)
    sessions = np.maximum(1, np.rint(sessions * (1 - first_day))).astype(int)
    return DemoShoppers(
        ids=[f"S{number:05d}" for number in rng.permutation(n) + 1],
        segment=segment,
        later_segment=later,
        taste=taste,
        style=rng.integers(0, len(STYLE_NAMES), n),
        loyal_category=loyal_category,
        loyal_brand=loyal_brand,
        sessions=np.where(bot, 0, sessions),
        first_day=first_day,
        device=rng.choice(3, n, p=(0.6, 0.3, 0.1)),
        bot=bot,
    )


def describe(shoppers: DemoShoppers, i: int) -> dict[str, object]:
    """The planted truth of one shopper."""
    loyal = shoppers.loyal_brand[i] >= 0
    return {
        "segment": SEGMENTS[shoppers.segment[i]].name,
        "later_segment": SEGMENTS[shoppers.later_segment[i]].name,
        "style": STYLE_NAMES[shoppers.style[i]],
        "loyal_brand": BRAND_NAMES[shoppers.loyal_brand[i]] if loyal else "",
        "loyal_category": CATEGORY_NAMES[shoppers.loyal_category[i]] if loyal else "",
        "bot": bool(shoppers.bot[i]),
    }


def _personal(rng: np.random.Generator, segment: np.ndarray) -> np.ndarray:
    """Each shopper's own mix around that of the segment: Dirichlet by normalised gamma draws."""
    draws = rng.gamma(14 * segment_taste()[segment]) + 1e-9
    return draws / draws.sum(axis=1, keepdims=True)
