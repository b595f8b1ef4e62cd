"""What this data can and cannot train, in plain sentences."""

from __future__ import annotations

import time
from typing import Literal

from recengine.ingest.mapping import Mapping
from recengine.ingest.quality import QualityReport, Verdict
from recengine.ingest.times import TimeFormat, TimeGuess

DAY_S = 86_400
MIN_SHOPPERS, MIN_ITEMS, MIN_EVENTS = 200, 50, 2_000  # below these, held-out figures are mostly noise


def verdicts(report: QualityReport, mapping: Mapping, times: TimeGuess | None) -> list[Verdict]:
    """Judgements in order of weight: models, time, new shoppers, behaviours, then what is missing or odd."""
    out = [_models(report), _time(report, mapping), _new_shoppers(report), *_behaviours(report)]
    if report.prices_share == 0:
        out.append(Verdict("no", "Prices", "not in this file, so no revenue and no price sensitivity."))
    if report.titles_share == 0:
        out.append(Verdict("no", "Titles", "not in this file; lists show item ids, and texts cannot be used."))
    elif report.titles_share < 0.9:
        out.append(Verdict("warn", "Titles", f"{1 - report.titles_share:.0%} of the items have none."))
    if report.categories_share == 0:
        text = "not in this file; kinds are derived from the titles." if report.titles_share else "not in this file."
        out.append(Verdict("warn", "Categories", text))
    out += _oddities(report)
    if report.duplicates > 0.001 * report.events:
        out.append(Verdict("warn", "Repeated lines", f"{report.duplicates:,} lines repeat another one exactly; they are kept."))
    if report.price_outliers:
        out.append(Verdict("warn", "Odd prices", f"{report.price_outliers:,} prices are ten times off the usual price of their item."))
    if report.suspect_items:
        names = ", ".join(item for item, _, _ in report.suspect_items[:5])
        out.append(Verdict("warn", "Odd items", f"{len(report.suspect_items)} ids look like no products: {names}."))
    for groups, n, word in (
        (report.similar_items, report.similar_item_groups, "item"),
        (report.similar_shoppers, report.similar_shopper_groups, "shopper"),
    ):
        if n:
            text = f"{n:,} groups differ only by case, spaces or Unicode form, such as {' and '.join(groups[0][:2])}; they stay apart."
            out.append(Verdict("warn", f"Similar {word} ids", text))
    if mapping.time_format is TimeFormat.TEXT and times is not None and not times.zoned:
        out.append(Verdict("ok", "Time zone", "the times name none; they count as UTC."))
    return out


def _oddities(report: QualityReport) -> list[Verdict]:
    odd, out = report.oddities, []
    if odd.bot_shoppers:
        who = "1 shopper" if odd.bot_shoppers == 1 else f"{odd.bot_shoppers:,} shoppers"
        text = f"{who} with {odd.bot_events:,} events do more on a day than people can, such as {odd.bots[0][0]} with {odd.bots[0][2]:,}."
        out.append(Verdict("warn", "Bots", text))
    if odd.busy_days:
        day, n = odd.busy_days[0]
        out.append(Verdict("warn", "Busy days", f"{len(odd.busy_days)} days have ten times the usual events, such as {day} with {n:,}."))
    if odd.quick_repeats_share > 0.05:
        out.append(Verdict("warn", "Repeated at once", f"{odd.quick_repeats_share:.0%} of the events repeat one within two seconds."))
    if odd.far_dates:
        text = f"{odd.far_dates:,} events lie far outside the others, such as on {odd.far_examples[0]}."
        out.append(Verdict("warn", "Dates far outside", text))
    if odd.quantity_outliers:
        item, pieces = odd.quantity_examples[0]
        text = f"{odd.quantity_outliers:,} lines have fifty times the usual pieces of their item, such as {pieces:,.0f} of {item}."
        out.append(Verdict("warn", "Odd numbers of pieces", text))
    for found in report.personal:
        text = f"column {found.column} holds {found.words}; replace it by a keyed hash unless you need it."
        out.append(Verdict("warn", "Personal data", text))
    return out


def _models(report: QualityReport) -> Verdict:
    topic = "Item-to-item, matrix and sequence models"
    mean = report.events_per_shopper["mean"]
    facts = f"{report.shoppers:,} shoppers with {mean:,.0f} events each on average"
    if report.shoppers < 20 or report.items < 10 or mean < 1.5:
        return Verdict("no", topic, f"too little. {facts}, {report.items:,} items; only popular items can be shown.")
    if report.shoppers < MIN_SHOPPERS or report.items < MIN_ITEMS or report.events < MIN_EVENTS or mean < 3:
        return Verdict("warn", topic, f"they will train, but comparisons are shaky. {facts}.")
    return Verdict("ok", topic, f"enough. {facts}.")


def _time(report: QualityReport, mapping: Mapping) -> Verdict:
    topic = "Comparison over time"
    if mapping.time_format is TimeFormat.ROW_ORDER:
        return Verdict("warn", topic, "the file has no times; the order of the rows stands for it.")
    days = (report.last_s - report.first_s) // DAY_S
    if report.last_s > time.time() + DAY_S:
        return Verdict("warn", topic, "some events lie in the future; check the time column.")
    if days < 2:
        return Verdict("no", topic, "all events lie within two days, so nothing can be held out by date.")
    held = max(1, min(14, days // 5))
    level: Literal["ok", "warn"] = "ok" if days >= 28 else "warn"
    return Verdict(level, topic, f"{days:,} days, the last {held} can be held out.")


def _new_shoppers(report: QualityReport) -> Verdict:
    once, word = report.one_event_shoppers, "one event"
    if report.one_basket_shoppers is not None:
        once, word = report.one_basket_shoppers, "one basket or visit"
    share = once / report.shoppers
    if share >= 0.2:
        return Verdict("warn", "New shoppers", f"{share:.0%} have {word} only; expect popular items for them.")
    return Verdict("ok", "New shoppers", f"{share:.0%} have {word} only.")


def _behaviours(report: QualityReport) -> list[Verdict]:
    views, carts = report.behaviours.get("view", 0), report.behaviours.get("cart", 0)
    bought, rated = report.behaviours.get("purchase", 0), report.behaviours.get("rating", 0)
    out = []
    if views or carts:
        out.append(Verdict("ok", "Views and carts", f"{views:,} views and {carts:,} carts."))
    else:
        out.append(Verdict("no", "Views and carts", "not in this file, so no click model."))
    if not bought and not rated:
        out.append(Verdict("no", "Purchases", "not in this file; the aim will be the next event of any kind."))
    return out
