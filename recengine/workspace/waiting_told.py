"""What a waiting log tells before it is taken in: rows, quality, findings, how much is known of each shopper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.columns import Event, Item, Role, User
from recengine.types import ImportCheck, RowCounts, VerdictView
from recengine.types.versions import AppendCheck, PersonalColumn
from recengine.types.waiting import FindingView, ModelVerdict, WaitingCheck
from recengine.workspace.text import day

if TYPE_CHECKING:
    from recengine.data.assembly import Cleanable
    from recengine.data.segments import Segment
    from recengine.ingest.cleaning import Cleaning
    from recengine.ingest.findings import Log
    from recengine.workspace.version_files import NewFile

DAY_S = 86_400


def told(file: NewFile, quality: dict[str, Any], personal: tuple[PersonalColumn, ...], append: AppendCheck | None) -> WaitingCheck:
    """The view of a log that was converted.

    Args:
        file: the log; without a segment where the version holds all its events already.
        quality: its report.
        personal: columns that seem to hold personal data.
        append: what appending it would do, where it is asked for.

    Cost: 0.4 s for 400,000 events.
    """
    from recengine.ingest.findings import find
    from recengine.ingest.oddities import usual_days
    from recengine.insight.overview import histogram

    rows, segment = file.log.told["rows"], file.log.segment
    used = file.known.mapping
    dated = used.time_format.value != "row_order"
    shares = quality["empty_shares"]
    may_be_empty = [
        (name, shares[name])
        for name, role in used.roles.items()
        if role not in (Role.UNUSED, Role.USER, Role.ITEM, Role.TIME) and name in shares
    ]
    readable = {p.column for p in personal if not p.hashed}
    named = {"shopper": Role.USER, "item": Role.ITEM, "title": Role.TITLE}
    hide = frozenset({word for word, role in named.items() if used.column(role) in readable} | readable)
    log = _log(segment) if segment is not None else None
    findings = find(log, file.log.rejects, quality, may_be_empty, dated, hide) if log is not None else []
    edges, counts = histogram(np.bincount(log.users, minlength=len(log.user_ids))) if log is not None else histogram(np.zeros(0, int))
    days = usual_days(log.times_s) if log is not None and dated else None
    reasons = tuple((kind, reason, n) for kind, reason, n in file.info["reasons"])
    return WaitingCheck(
        check=ImportCheck(
            RowCounts(**rows),
            reasons,
            segment.users.num_rows if segment is not None else 0,  # of the events that are new
            segment.items.num_rows if segment is not None else 0,
            tuple(VerdictView(*row) for row in file.info["verdicts"]),
            tuple(VerdictView(row["level"], row["topic"], row["text"]) for row in quality["models"]),
            quality,
        ),
        append=append,
        findings=tuple(FindingView(**vars(finding)) for finding in findings),
        personal=personal,
        first=day(days[0] * DAY_S) if days else "",
        last=day(days[1] * DAY_S) if days else "",
        shopper_edges=edges,
        shopper_counts=counts,
        returns_skipped=sum(n for _, reason, n in reasons if reason == "cancellation or return"),
    )


def carried(tried: Cleanable, rules: Cleaning, quality: dict[str, Any], dated: bool) -> tuple[ModelVerdict, ...]:
    """Verdicts on families of models for what the rules leave.

    Args:
        tried: the events.
        rules: to apply; where they leave nothing, all events count.
        quality: report of the file that texts are known of.
        dated: whether the events have times.
    """
    from recengine.columns import BEHAVIOURS
    from recengine.ingest.cleaning import clean
    from recengine.ingest.model_verdicts import model_verdicts
    from recengine.ingest.quality import QualityReport

    e = tried.events
    keep = clean(e, rules).keep
    keep = keep if keep.any() else np.ones(len(e), dtype=bool)
    shoppers, items = (int((np.bincount(codes[keep]) > 0).sum()) for codes in (e.users, e.items))
    kinds = np.bincount(e.behaviours[keep], minlength=len(BEHAVIOURS))
    have = {"shoppers": float(shoppers), "items": float(items), "mean": float(keep.sum() / max(1, shoppers))}
    plain = {name: value for name, value in quality.items() if name not in ("models", "oddities", "personal")}
    plain |= {"shoppers": shoppers, "items": items, "events_per_shopper": {"mean": have["mean"]}}
    plain |= {"behaviours": {b.value: int(n) for b, n in zip(BEHAVIOURS, kinds, strict=True) if n}}
    return tuple(ModelVerdict(v.level, v.code, v.figures, have) for v in model_verdicts(QualityReport(**plain), dated))


def _log(segment: Segment) -> Log:
    """The typed log that findings are looked for in."""
    from recengine.data.assembly import cleanable
    from recengine.ingest.findings import Log

    events, coded = segment.events, cleanable([segment]).events
    return Log(
        coded.users,
        coded.items,
        coded.behaviours,
        coded.times_s,
        events[Event.PRICE].to_numpy(),
        coded.quantities,
        coded.baskets,
        segment.lines,
        segment.users[User.ID].combine_chunks(),
        segment.items[Item.ID].combine_chunks(),
        segment.items[Item.TITLE].combine_chunks(),
    )
