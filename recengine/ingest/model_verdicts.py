"""Which kinds of model this data can carry, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recengine.ingest.quality import QualityReport, Verdict

# Least numbers below which a family does worse than popular items on held-out shoppers in most shops; rules of thumb, not laws.
NEIGHBOURS = (20, 10, 1.5)  # shoppers, items, mean events a shopper
FACTORS = (200, 50, 3.0)
SEQUENCES = (500, 50, 5.0)
TEXT_SHARE = 0.5


def model_verdicts(report: QualityReport, dated: bool) -> list[Verdict]:
    """One verdict a family of models: ok, warn (it trains, its figures are shaky) or no.

    Args:
        report: of an import.
        dated: whether the events have times.
    """
    from recengine.ingest.quality import Verdict

    mean = report.events_per_shopper["mean"]
    size = {"shoppers": float(report.shoppers), "items": float(report.items), "mean": mean}
    out = [Verdict("ok", "Popular items", "always; the baseline that others must beat.", "popular")]

    def judged(topic: str, code: str, least: tuple[int, int, float], needs_times: bool = False) -> Verdict:
        if needs_times and not dated:
            return Verdict("warn", topic, "the file has no times; the order of its rows stands for them.", f"{code}.undated")
        wanted = dict(zip(size, map(float, least), strict=True))
        words = {
            "shoppers": f"{report.shoppers:,} shoppers of {least[0]:,}",
            "items": f"{report.items:,} items of {least[1]:,}",
            "mean": f"{mean:.1f} events a shopper of {least[2]:g}",
        }
        short = {name: value for name, value in wanted.items() if size[name] < value}
        if not short:
            return Verdict("ok", topic, "enough shoppers, items and events.", f"{code}.enough")
        level = "no" if any(size[name] < value / 4 for name, value in wanted.items()) else "warn"
        return Verdict(level, topic, f"too little: {', '.join(words[name] for name in short)} that it wants.", f"{code}.short", short)

    out.append(judged("Neighbours: bought together, next item, EASE", "neighbours", NEIGHBOURS))
    out.append(judged("Factors: iALS, BPR, graph", "factors", FACTORS))
    out.append(judged("Sequences: attention over a history", "sequences", SEQUENCES, needs_times=True))
    texts = report.titles_share
    if texts >= TEXT_SHARE:
        out.append(Verdict("ok", "Texts and new items", f"{texts:.0%} of the items have a title.", "texts.enough", {"share": texts}))
    else:
        said = f"{texts:.0%} of the items have a title; join a file of items."
        out.append(Verdict("warn" if texts else "no", "Texts and new items", said, "texts.short", {"share": texts}))
    looks, buys = report.behaviours.get("view", 0) + report.behaviours.get("cart", 0), report.behaviours.get("purchase", 0)
    counted = {"looks": float(looks), "buys": float(buys)}
    if looks and buys:
        said = f"{looks:,} views and carts tell what {buys:,} purchases came from."
        out.append(Verdict("ok", "Chance of a purchase", said, "purchase.enough", counted))
    else:
        said = "it wants views or carts beside purchases; one kind alone is here."
        out.append(Verdict("warn", "Chance of a purchase", said, "purchase.short", counted))
    return out
