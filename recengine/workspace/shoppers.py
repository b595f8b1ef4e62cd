"""Shoppers: find them, and see what each did."""

from __future__ import annotations

import numpy as np

from recengine.columns import BEHAVIOURS, Event
from recengine.data.dataset import Dataset
from recengine.data.split import answer_mask
from recengine.errors import NotFound
from recengine.explain.titles import item_title
from recengine.types import ShopperRow, ShopperView
from recengine.workspace.context import Context
from recengine.workspace.text import day, known


class Shoppers:
    """The people behind the events."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def list(self, dataset: str, search: str = "", limit: int = 200) -> list[ShopperRow]:
        """Shoppers whose id contains `search`, most events first."""
        data = self._context.dataset(dataset)
        codes = np.arange(len(data.users))
        if search.strip():
            wanted = search.strip().casefold()
            codes = np.array([code for code in codes if wanted in str(data.users.ids[code]).casefold()], dtype=np.int64)
        lengths = np.diff(data.log.indptr)
        order = np.lexsort((codes, -lengths[codes]))[:limit]
        return [self._row(data, int(code)) for code in codes[order]]

    def get(self, dataset: str, shopper: str) -> ShopperView:
        """What one shopper did, with the mixes that make a profile. Raises NotFound."""
        return self._context.views.get(("shopper", dataset, shopper), lambda: self._view(dataset, shopper))

    def examples(self, dataset: str, n: int = 8) -> list[ShopperRow]:
        """Shoppers worth a look: recently active, with a history long enough to explain and short enough to read."""
        data = self._context.dataset(dataset)
        lengths = np.diff(data.log.indptr)
        last = np.zeros(len(data.users), dtype=np.int64)
        np.maximum.at(last, data.log.user_codes, data.log.times_s)
        readable = np.flatnonzero((lengths >= min(10, lengths.max(initial=0))) & (lengths <= 80))
        order = readable[np.lexsort((readable, -last[readable]))][:n]
        return [self._row(data, int(code)) for code in order]

    def _row(self, data: Dataset, code: int) -> ShopperRow:
        rows = slice(int(data.log.indptr[code]), int(data.log.indptr[code + 1]))
        items, times = data.log.item_codes[rows], data.log.times_s[rows]
        chosen = self._answers(data)[rows]
        paid = self._amounts(data)[rows][chosen]
        products = items[data.catalogue.sellable[items]]
        return ShopperRow(
            shopper=str(data.users.ids[code]),
            events=len(items),
            baskets=len(np.unique(times[chosen])),
            first=day(times[0]),
            last=day(times[-1]),
            items=len(np.unique(items)),
            spend=known(float(np.nansum(paid))) if np.isfinite(paid).any() else None,
            feature=str(data.user_features[code]),
            last_title=item_title(data.catalogue, int(products[-1] if len(products) else items[-1])),
        )

    def _answers(self, data: Dataset) -> np.ndarray:
        return self._context.views.get(("answers", data.id), lambda: answer_mask(data.log))

    def _amounts(self, data: Dataset) -> np.ndarray:
        """float64 [n]: price times quantity of every event (a missing quantity is one), NaN without a price."""

        def count() -> np.ndarray:
            table = self._context.datasets.events_table(data.id)
            quantity = table[Event.QUANTITY].to_numpy().astype(np.float64)
            return table[Event.PRICE].to_numpy().astype(np.float64) * np.where(np.isnan(quantity), 1.0, quantity)

        return self._context.views.get(("amounts", data.id), count)

    def _view(self, dataset: str, shopper: str) -> ShopperView:
        from recengine.insight.profile import profile

        data = self._context.dataset(dataset)
        code = data.users.code(shopper)
        if code < 0:
            raise NotFound("There is no such shopper.", f"{shopper} is not in {data.name}.", "Search for another id.")
        facts = profile(data, code)
        vocabulary = data.catalogue.vocabulary
        return ShopperView(
            row=self._row(data, code),
            times=facts.times_s.astype("datetime64[s]"),
            items=tuple(str(vocabulary.ids[item]) for item in facts.item_codes),
            titles=tuple(item_title(data.catalogue, int(item)) for item in facts.item_codes),
            behaviours=tuple(BEHAVIOURS[b].value for b in facts.behaviours),
            prices=facts.prices.astype(np.float64),
            categories=tuple(facts.category_mix),
            brands=tuple(facts.brand_mix),
            category_source=data.catalogue.category_source,
            price_quantiles=tuple(facts.price_quantiles),
            shop_price_quantiles=tuple(facts.shop_price_quantiles),
            hours=facts.hours,
            days_between=known(facts.days_between),
            repeat_share=facts.repeat_share,
        )
