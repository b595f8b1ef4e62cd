"""The quality report of a version that is put together: what is counted from its events, and what is known of its files."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.columns import BEHAVIOURS, Event, Item, User

if TYPE_CHECKING:
    from recengine.data.assembly import Assembled


def measure(made: Assembled, told: dict[str, Any], mapping: dict[str, Any]) -> tuple[dict[str, Any], list[list[str]]]:
    """Count anew what depends on all events; duplicates, empty cells and odd ids stay as told of the last file.

    Args:
        made: The version.
        told: A quality report, as kept.
        mapping: As kept.

    Returns:
        The quality report and its verdicts, as kept.
    """
    from recengine.ingest.mapping import Mapping
    from recengine.ingest.model_verdicts import model_verdicts
    from recengine.ingest.oddities import find_oddities
    from recengine.ingest.privacy import PersonalData
    from recengine.ingest.quality import QualityReport
    from recengine.ingest.times import TimeFormat
    from recengine.ingest.verdicts import verdicts

    events, items, users = made.canonical.events, made.canonical.items, made.canonical.users
    who, what = events[Event.USER].to_numpy(), events[Event.ITEM].to_numpy()
    times = events[Event.TIME].to_numpy()
    per = np.bincount(who, minlength=users.num_rows)
    quantiles = np.quantile(per, [0, 0.25, 0.5, 0.75, 0.95, 1])
    counts = np.bincount(events[Event.BEHAVIOUR].to_numpy(), minlength=len(BEHAVIOURS))
    pairs = len(np.unique(who.astype(np.int64) * items.num_rows + what))
    price = events[Event.PRICE].to_numpy()
    new = dict(told) | {
        "shoppers": users.num_rows,
        "items": items.num_rows,
        "events": events.num_rows,
        "first_s": int(times.min()),
        "last_s": int(times.max()),
        "density": pairs / (users.num_rows * items.num_rows),
        "behaviours": {b.value: int(n) for b, n in zip(BEHAVIOURS, counts, strict=True) if n},
        "events_per_shopper": dict(zip(("min", "p25", "median", "p75", "p95", "max"), map(float, quantiles), strict=True))
        | {"mean": float(per.mean())},
        "one_event_shoppers": int((per == 1).sum()),
        "titles_share": float(np.mean(items["title"].to_numpy() != "")),
        "categories_share": float(np.mean(items["category"].to_numpy() != "")),
        "prices_share": float(np.isfinite(price).mean()),
    }
    if made.cleaned is not None and any(step.rule == "merge_seconds" for step in made.cleaned.steps):
        new["duplicates"] = 0  # a line that repeats another in every cell was merged with it
    names = {field.name for field in fields(QualityReport)}
    names -= {"verdicts", "models", "oddities", "personal"}
    used = Mapping.model_validate(mapping)
    dated = used.time_format is not TimeFormat.ROW_ORDER
    ids = users[User.ID].combine_chunks(), items[Item.ID].combine_chunks()
    quantities = events[Event.QUANTITY].to_numpy()
    odd = find_oddities(who, ids[0], what, ids[1], events[Event.BEHAVIOUR].to_numpy(), times, quantities, dated)
    personal = tuple(PersonalData(**found) for found in told.get("personal", ()))
    told_again: dict[str, Any] = {name: value for name, value in new.items() if name in names}
    report = QualityReport(**told_again, oddities=odd, personal=personal)
    new |= {"oddities": asdict(odd), "models": [asdict(v) for v in model_verdicts(report, dated)]}
    return new, [[v.level, v.topic, v.text] for v in verdicts(report, used, None)]
