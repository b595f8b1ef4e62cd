"""Prices on a list that are far from what the shopper pays."""

from __future__ import annotations

import numpy as np

from recengine.columns import BEHAVIOUR_CODE
from recengine.evaluation.health.base import Check, Examined, Instance, Measured, percent, share_of_shoppers, worst_rows

TIMES = 4.0
FEWEST = 3  # past prices that make a usual price


class PriceJump(Check):
    """How much more often lists jump in price than the shoppers themselves do."""

    key, title = "price_jump", "Price jumps"
    question = "Do we show a £200 lamp to somebody who buys £5 candles?"
    meaning = (
        "Share of places four times dearer or cheaper than the shopper's usual price, "
        "minus the same share of what those shoppers chose next."
    )
    unit = "points"
    amber, red = 0.05, 0.15
    reason = "Shoppers jump in price by themselves, so only what lists add counts: one place in twenty is noticed, one in seven is a fault."

    def obstacle(self, examined: Examined) -> str:
        """Needs prices."""
        return "" if np.isfinite(examined.catalogue.prices).any() else "The log has no prices."

    def measure(self, examined: Examined) -> Measured:
        """Per shopper, places and later choices with a known price alone."""
        usual = usual_prices(examined)
        prices = examined.catalogue.prices.astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            far = np.abs(np.log(prices[examined.lists] / usual[:, None]))  # [B, k]
        far = np.where(examined.lists >= 0, far, np.nan)
        known = np.isfinite(far)
        jump = known & (far > np.log(TIMES))
        truth_rows = np.repeat(np.arange(len(examined.lists)), np.diff(examined.targets.truth_indptr))
        with np.errstate(divide="ignore", invalid="ignore"):
            own_far = np.abs(np.log(prices[examined.targets.truth_items] / usual[truth_rows]))
        own_known = np.isfinite(own_far)
        n = len(examined.lists)
        own = _mean(truth_rows[own_known], own_far[own_known] > np.log(TIMES), n)
        places = np.divide(jump.sum(axis=1), known.sum(axis=1), out=np.full(n, np.nan), where=known.any(axis=1))
        extra = places - own
        instances = []
        for row in worst_rows(np.where(np.isfinite(extra) & jump.any(axis=1), np.nanmax(np.where(jump, far, -1), axis=1), np.nan)):
            place = int(np.argmax(np.where(jump[row], far[row], -1)))
            item = int(examined.lists[row, place])
            instances.append(Instance(int(row), item, -1, f"Costs {prices[item]:,.2f}; the shopper usually pays {usual[row]:,.2f}."))
        both = np.isfinite(extra)
        detail = f"{percent(_nanmean(places[both]))} of the places jump, {percent(_nanmean(own[both]))} of the shoppers' own next choices."
        return Measured(share_of_shoppers(extra, examined.seed), detail, tuple(instances))


def usual_prices(examined: Examined) -> np.ndarray:
    """float64 [B]: median list price of the different items a shopper bought (or took, without purchases); NaN below three."""
    histories = examined.targets.histories
    bought = histories.behaviours == BEHAVIOUR_CODE["purchase"]
    chosen = (bought if bought.any() else histories.weights > 0) & (histories.item_codes >= 0)
    pairs = np.unique(histories.row_of_event[chosen] * np.int64(examined.n_items) + histories.item_codes[chosen])
    rows, prices = pairs // examined.n_items, examined.catalogue.prices[pairs % examined.n_items].astype(np.float64)
    known = np.isfinite(prices) & (prices > 0)
    rows, prices = rows[known], prices[known]
    order = np.lexsort((prices, rows))
    rows, prices = rows[order], prices[order]
    counts = np.bincount(rows, minlength=len(histories))
    starts = np.cumsum(counts) - counts
    enough = counts >= FEWEST
    usual = np.full(len(histories), np.nan)
    low, high = starts[enough] + (counts[enough] - 1) // 2, starts[enough] + counts[enough] // 2
    usual[enough] = (prices[low] + prices[high]) / 2
    return usual


def _mean(rows: np.ndarray, values: np.ndarray, n: int) -> np.ndarray:
    counts = np.bincount(rows, minlength=n)
    return np.divide(np.bincount(rows, values, minlength=n), counts, out=np.full(n, np.nan), where=counts > 0)


def _nanmean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
