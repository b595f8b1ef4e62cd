"""How true explanations are: deletion and insertion, agreement, sampling error and stability, on the planted store."""

from __future__ import annotations

import argparse
import json
import time

import numpy as np
import record

from recengine.data.histories import Histories
from recengine.explain.faithfulness import SHARES, Faithfulness, faithfulness
from recengine.explain.shapley import history_shapley
from recengine.funnel.model import Funnel
from recengine.models.base import FitContext, Recommender
from recengine.models.registry import model_class
from recengine.testing.planted_proofs import PlantedStore, planted_store

MODELS = ("transitions", "item-knn", "ease", "als", "attention", "funnel")
SETTINGS = {"funnel": {"windows": 1, "trees": 60, "max_shoppers": 1000}}
TOP = 3


def planted_cause(model: Recommender, store: PlantedStore, most: int) -> dict[str, float]:
    """How often the first item of a planted pair is among the three past items that add most to the second.

    Asked for shoppers right after they bought the first and before they had the second, where the second is scored at all.
    """
    asked = found = listed = among = 0
    log, sellable = store.log, store.catalogue.sellable
    for first, second in store.pairs.tolist():
        bought = np.flatnonzero((log.item_codes == first) & (log.behaviours == 3))
        rows = np.random.default_rng(first).permutation(bought)[:most]
        for row in rows.tolist():
            user = int(np.searchsorted(log.indptr, row, side="right")) - 1
            history = Histories.from_log(log, np.array([user]), int(log.times_s[row]) + 60)
            if second in history.item_codes:
                continue
            made = history_shapley(model, history, np.array([second]), 256, 256)
            if np.isnan(made.scores[0]):
                continue
            asked += 1
            right = first in made.players[np.argsort(-made.values[0], kind="stable")[:TOP]]
            found += right
            top = model.recommend(history, 20, exclude=history.to_csr(len(sellable), binary=True), allow=sellable).item_codes[0]
            if second in top:
                listed += 1
                among += right
    return {"asked": asked, "share": found / max(asked, 1), "recommended": listed, "share_of_recommended": among / max(listed, 1)}


def rows_of(found: Faithfulness) -> dict[str, object]:
    def text(values: np.ndarray) -> list[float | None]:
        return [None if np.isnan(x) else round(float(x), 4) for x in values]

    def number(value: float) -> float | None:
        return None if np.isnan(value) else round(value, 4)

    gains = {
        side: {name: {"value": number(g.value), "low": number(g.low), "high": number(g.high), "n": g.n} for name, g in row.items()}
        for side, row in (("deletion", found.deletion), ("insertion", found.insertion))
    }
    return {
        "shoppers": found.shoppers,
        "area_gained": gains,
        "deletion_curve": {name: text(row) for name, row in found.curves.deletion.items()},
        "insertion_curve": {name: text(row) for name, row in found.curves.insertion.items()},
        "removal_agreement": number(found.removal_agreement),
        "sampled_error": number(found.sampled_error),
        "sampled_within_four_errors": number(found.within_four),
        "enumerated": found.enumerated,
        "cards_whose_first_three_terms_change": number(found.changed),
        "without_the_dropped_item_itself": number(found.changed_others),
        "without_terms_as_good_as_equal": number(found.changed_apart),
        "shaken": found.shaken,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shoppers", type=int, default=60)
    parser.add_argument("--per-pair", type=int, default=10)
    parser.add_argument("--models", nargs="*", default=list(MODELS))
    options = parser.parse_args()
    store = planted_store()
    log, catalogue = store.log, store.catalogue
    lengths = np.diff(log.indptr)
    users = np.random.default_rng(0).permutation(np.flatnonzero((lengths > 3) & (lengths < 300)))[: options.shoppers]
    popularity = np.bincount(log.item_codes, minlength=log.n_items).astype(np.float64)
    before = record.RESULTS / "faithfulness.json"  # models that are not asked for keep their figures
    figures: dict[str, object] = json.loads(before.read_text(encoding="utf-8")) if before.exists() else {}
    figures.pop("machine", None)
    figures |= {"goals": {"planted_share": 0.95, "changed": 0.05}, "shares": [round(float(x), 1) for x in SHARES]}
    for name in options.models:
        kind = Funnel if name == Funnel.name else model_class(name)
        model = kind(kind.Config.model_validate(SETTINGS.get(name, {})))
        model.fit_all(log, FitContext(catalogue))
        start = time.perf_counter()
        found = faithfulness(model, Histories.from_log(log, users, store.end_s), catalogue.sellable, popularity)
        figures[name] = rows_of(found) | {"planted": planted_cause(model, store, options.per_pair), "seconds": time.perf_counter() - start}
        record.write("faithfulness", figures)


if __name__ == "__main__":
    main()
