"""What a comparison says in sentences, for people who know no statistics."""

from __future__ import annotations

from collections.abc import Sequence

from recengine.types import PairedView, VariantRow
from recengine.types.runs import MoveTerm, ReasonShift, SegmentVerdict

MINUS = "\u2212"
KINDS = {"cold": "new shoppers", "warm": "occasional shoppers", "hot": "regulars"}


def verdict_sentence(rows: list[VariantRow], pairs: list[PairedView], metric: str) -> str:
    """Who wins, by how much, and at what price."""
    best = rows[0]
    value = best.metrics[metric]
    label = metric_label(metric)
    if not pairs:
        return f"{best.name} reaches {label} {value.value:.3f} ({value.low:.3f} to {value.high:.3f}) on {value.n:,} shoppers."
    rival, pair = rows[1], pairs[0]
    if pair.verdict == "cannot tell":
        return (
            f"{best.name} leads {rival.name} by {abs(pair.difference):.3f} {label}, "
            f"but on {pair.n:,} shoppers that can be chance (p {_p(pair.p_value)})."
        )
    text = (
        f"{best.name} beats {rival.name} by {abs(pair.difference):.3f} {label} "
        f"({min(abs(pair.low), abs(pair.high)):.3f} to {max(abs(pair.low), abs(pair.high)):.3f}, n {pair.n:,}, p {_p(pair.p_value)})"
    )
    shown, k = "coverage", metric.partition("@")[2]
    mine, theirs = best.metrics.get(f"{shown}@{k}"), rival.metrics.get(f"{shown}@{k}")
    if mine and theirs:
        change = 100 * (mine.value - theirs.value)
        text += f", and shows {abs(change):.1f} points {'more' if change >= 0 else 'less'} of the catalogue"
    return text + "."


def gains_sentence(a: str, b: str, metric: str, overall: SegmentVerdict, segments: Sequence[SegmentVerdict]) -> str:
    """ "A is better than B on new shoppers; on regulars the data cannot tell." """
    if not overall.n:
        return "Nobody was judged under both."
    parts = []
    for verdict in ("better", "worse"):
        kinds = [s for s in segments if s.verdict == verdict]
        if kinds:
            parts.append(f"{verdict} than {b} on {_listed([f'{KINDS[s.segment]} ({_change(s, metric)})' for s in kinds])}")
    unknown = [KINDS[s.segment] for s in segments if s.verdict == "cannot tell"]
    nobody = [KINDS[s.segment] for s in segments if not s.verdict]
    if not parts:
        text = f"No kind of shopper is clearly better off with {a} or {b}"
        if overall.verdict != "cannot tell":
            text = f"All shoppers together, {a} is {overall.verdict} than {b} ({_change(overall, metric)}); no single kind shows it clearly"
    else:
        text = f"{a} is {' and '.join(parts)}"
        if unknown:
            text += f"; on {_listed(unknown)} the data cannot tell"
    if nobody:
        text += f"; there are no {_listed(nobody)} among the held-out ones"
    return text + "."


def _change(row: SegmentVerdict, metric: str) -> str:
    return f"{'+' if row.difference >= 0 else MINUS}{abs(row.difference):.3f} {metric_label(metric)}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def metric_label(metric: str) -> str:
    """ndcg@10 → NDCG@10."""
    name, _, k = metric.partition("@")
    from recengine.evaluation.metrics.registry import metric_of

    return f"{metric_of(metric).title}@{k}" if k else name


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def move_sentence(
    change: str,
    old: int | None,
    new: int | None,
    terms: Sequence[MoveTerm],
    comparable: bool,
    a: str,
    b: str,
    score_before: float | None,
    score_after: float | None,
    chance: bool = True,
) -> str:
    """Where an item went, and which terms of its explanation differ most."""
    where = {
        "rose": f"Rises from {old} to {new}",
        "fell": f"Falls from {old} to {new}",
        "entered": f"Enters at {new}" + (f", from {old}" if old else ""),
        "left": f"Leaves from {old}" + (f", now at {new}" if new else ""),
    }[change]
    if score_before is None or score_after is None:
        return f"{where}: {a if score_before is None else b} cannot score it."
    if not comparable:
        sides = ((b, lambda t: t.after), (a, lambda t: t.before))
        parts = []
        for name, share in sides:
            most = max(terms, key=share, default=None)
            if most is not None and share(most) > 0:
                parts.append(f"{name} rests on {most.name} ({share(most):.0%} of its terms)")
        return f"{where}: {', '.join(parts)}." if parts else f"{where}."
    total = score_after - score_before
    same_way = [t for t in terms if (t.after - t.before) * total > 0 and not t.name.endswith("smaller terms")]
    told = sorted(same_way, key=lambda t: -abs(t.after - t.before))[:2]
    size, what = (_points, "chance") if chance else (_amount, "score")
    largest = _listed([f"{t.name} ({size(t.after - t.before)})" for t in told])
    words = f"the largest part{'s are' if len(told) > 1 else ' is'} {largest}" if told else "many small terms do it"
    if not total:
        return f"{where}: its {what} stays the same, others changed."
    against = (change in ("fell", "left")) == (total > 0) and total != 0
    if against:
        others = "others gain more" if total > 0 else "others lose more"
        return f"{where} although its {what} changes by {size(total)}: {others}. In its own change {words}."
    return f"{where}: the {what} changes by {size(total)}; {words}."


def shift_sentence(
    rows: Sequence[ReasonShift], entered: Sequence[tuple[str, float]], left: Sequence[tuple[str, float]], a: str, b: str
) -> str:
    """Which reason gains most and which loses most when one variant takes the place of another."""
    gains = max(rows, key=lambda row: row.after - row.before, default=None)
    loses = min(rows, key=lambda row: row.after - row.before, default=None)
    if gains is None or loses is None or gains.after - gains.before < 0.005:
        return f"The reasons behind the lists of {a} and {b} are much the same."
    text = f"With {b}, {gains.name} carries {gains.after:.0%} of what moves scores instead of {gains.before:.0%}"
    if loses.before - loses.after >= 0.005:
        text += f", and {loses.name} {loses.after:.0%} instead of {loses.before:.0%}"
    if entered:
        text += f"; what entered rests most on {entered[0][0]}"
    if left:
        text += f", what left rested most on {left[0][0]}" if entered else f"; what left rested most on {left[0][0]}"
    return text + "."


def _amount(value: float) -> str:
    return f"{'+' if value >= 0 else MINUS}{abs(value):.4g}"


def _points(value: float) -> str:
    return f"{'+' if value >= 0 else MINUS}{100 * abs(value):.2f} points"
