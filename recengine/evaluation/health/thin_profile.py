"""What shoppers with one past item are shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recengine.data.histories import UNKNOWN
from recengine.evaluation.health.base import EXAMPLES, Check, Examined, Instance, Measured, share_of_shoppers


class ThinProfile(Check):
    """Share of shoppers with a single past item who do not get a full list."""

    key, title = "thin_profile", "Thin profiles"
    question = "Does somebody who bought one thing get a full list?"
    meaning = "Share of shoppers without a full list when only the last of their past items is known."
    amber, red = 0.02, 0.20
    reason = "A gap in a page is seen by everyone. In most shops half of the shoppers have one or two items."
    asks = True

    def obstacle(self, examined: Examined) -> str:
        """Needs somebody with a past item."""
        return "" if len(examined.some_rows()) else "Nobody has a past item."

    def measure(self, examined: Examined) -> Measured:
        """Asks once for up to 200 shoppers, as nobody in particular."""
        assert examined.ask is not None
        chosen = examined.some_rows()
        histories = examined.targets.histories.rows(chosen).last(1)
        histories = replace(histories, user_codes=np.full(len(histories), UNKNOWN, dtype=np.int32))
        lists = examined.ask(histories, examined.k)
        wanted = min(examined.k, int(examined.catalogue.sellable.sum()) - 1)
        places = (lists >= 0).sum(axis=1)
        short = places < wanted
        different = len(np.unique(lists, axis=0))
        detail = f"{len(chosen):,} profiles of one item get {different:,} different lists."
        last = histories.item_codes
        instances = tuple(
            Instance(int(chosen[row]), -1, int(last[row]), f"{int(places[row])} of {wanted} places are filled.")
            for row in np.flatnonzero(short)[:EXAMPLES]
        )
        return Measured(share_of_shoppers(short.astype(np.float64), examined.seed), detail, instances)
