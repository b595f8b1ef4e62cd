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
    size = (report.shoppers, report.items, mean)
    out = [Verdict("ok", "Popular items", "always; the baseline that others must beat.")]

    def judged(topic: str, least: tuple[int, int, float], needs_times: bool = False) -> Verdict:
        if needs_times and not dated:
            return Verdict("warn", topic, "the file has no times; the order of its rows stands for them.")
        short = [
            words
            for have, want, words in zip(
                size,
                least,
                (
                    f"{size[0]:,} shoppers of {least[0]:,}",
                    f"{size[1]:,} items of {least[1]:,}",
                    f"{mean:.1f} events a shopper of {least[2]:g}",
                ),
                strict=True,
            )
            if have < want
        ]
        if not short:
            return Verdict("ok", topic, "enough shoppers, items and events.")
        level = "no" if any(have < want / 4 for have, want in zip(size, least, strict=True)) else "warn"
        return Verdict(level, topic, f"too little: {', '.join(short)} that it wants.")

    out.append(judged("Neighbours: bought together, next item, EASE", NEIGHBOURS))
    out.append(judged("Factors: iALS, BPR, graph", FACTORS))
    out.append(judged("Sequences: attention over a history", SEQUENCES, needs_times=True))
    texts = report.titles_share
    if texts >= TEXT_SHARE:
        out.append(Verdict("ok", "Texts and new items", f"{texts:.0%} of the items have a title."))
    else:
        out.append(
            Verdict("warn" if texts else "no", "Texts and new items", f"{texts:.0%} of the items have a title; join a file of items.")
        )
    looks, buys = report.behaviours.get("view", 0) + report.behaviours.get("cart", 0), report.behaviours.get("purchase", 0)
    if looks and buys:
        out.append(Verdict("ok", "Chance of a purchase", f"{looks:,} views and carts tell what {buys:,} purchases came from."))
    else:
        out.append(Verdict("warn", "Chance of a purchase", "it wants views or carts beside purchases; one kind alone is here."))
    return out
