"""Findings: what, how many, which rows, and the rule that does something about it; hand-made logs with known oddities."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from recengine.columns import BEHAVIOUR_CODE, Behaviour
from recengine.ingest.cleaning import Cleaning, CodedEvents, clean
from recengine.ingest.findings import Log, find
from recengine.ingest.oddities import DAY_S, bot_limit, find_oddities, usual_days
from recengine.ingest.raw import REJECT_SCHEMA

DAY_0 = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
QUIET = {
    "duplicates": 0,
    "price_outliers": 0,
    "similar_items": [],
    "similar_shoppers": [],
    "similar_item_groups": 0,
    "similar_shopper_groups": 0,
    "suspect_items": [],
}


def plain_log(n_shoppers: int = 40, n_events: int = 20) -> dict[str, list]:
    """Every shopper has an event of item k on day k."""
    pairs = [(user, k) for user in range(n_shoppers) for k in range(n_events)]
    return {
        "users": [user for user, _ in pairs],
        "items": [k % 7 for _, k in pairs],
        "times_s": [DAY_0 + k * DAY_S + user * 60 for user, k in pairs],
        "prices": [5.0 + k % 7 for _, k in pairs],
        "quantities": [1.0] * len(pairs),
        "lines": [2 + n for n in range(len(pairs))],
    }


def as_log(columns: dict[str, list], user_ids: list[str] | None = None, item_ids: list[str] | None = None) -> Log:
    users, items = np.array(columns["users"], np.int32), np.array(columns["items"], np.int32)
    user_ids = user_ids or [f"u{k:03d}" for k in range(int(users.max()) + 1)]
    item_ids = item_ids or [f"i{k:03d}" for k in range(int(items.max()) + 1)]
    times = np.array(columns["times_s"], np.int64)
    order = np.lexsort((items, times, users))
    view = np.full(len(users), BEHAVIOUR_CODE[Behaviour.VIEW], np.int8)
    return Log(
        users[order],
        items[order],
        view,
        times[order],
        np.array(columns["prices"], np.float32)[order],
        np.array(columns["quantities"], np.float32)[order],
        np.full(len(users), -1, np.int32),
        np.array(columns["lines"], np.int32)[order],
        pa.array(user_ids),
        pa.array(item_ids),
        pa.array([f"Title {k}" for k in range(len(item_ids))]),
    )


def rejects(*rows: tuple[int, str, str, str]) -> pa.Table:
    cells = [
        {"file": "f.csv", "line": line, "offset": -1, "column": column, "value": value, "reason": reason, "kind": "rejected"}
        for line, column, value, reason in rows
    ]
    return pa.Table.from_pylist(cells, REJECT_SCHEMA)


def found(log: Log, told: pa.Table | None = None, hide: tuple[str, ...] = (), dated: bool = True, **quality) -> dict:
    from dataclasses import asdict

    odd = find_oddities(log.users, log.user_ids, log.items, log.item_ids, log.behaviours, log.times_s, log.quantities, dated)
    empty = quality.pop("empty", ())
    rows = find(log, told if told is not None else rejects(), QUIET | {"oddities": asdict(odd)} | quality, empty, dated, frozenset(hide))
    return {finding.code: finding for finding in rows}


def test_a_plain_log_has_no_finding():
    assert found(as_log(plain_log())) == {}


def add(columns: dict[str, list], n: int, **cells) -> None:
    for k in range(n):
        for name, values in columns.items():
            value = cells.get(name, {"quantities": 1.0, "prices": 5.0, "lines": 10_000 + len(values)}.get(name))
            values.append(value(k) if callable(value) else value)


def test_dates_of_unset_clocks_and_of_the_future_are_named_with_the_day_to_start_and_end_on():
    columns = plain_log()
    add(columns, 30, users=3, items=1, times_s=0)
    add(columns, 4, users=5, items=2, times_s=int(datetime(2099, 1, 1, tzinfo=UTC).timestamp()))
    told = found(as_log(columns))
    assert (told["early"].events, told["early"].cleaning) == (30, {"first_day": "2026-01-01"})
    assert told["early"].rows[0][1:] == ("u003", "i001", "1970-01-01 00:00:00")
    assert (told["future"].events, told["future"].cleaning) == (4, {"last_day": "2026-01-20"})
    events = as_log(columns)
    coded = CodedEvents(events.users, events.items, events.behaviours, events.times_s, events.quantities, events.baskets)
    for finding in (told["early"], told["future"]):
        assert int((~clean(coded, Cleaning.model_validate(finding.cleaning)).keep).sum()) == finding.events


@pytest.mark.parametrize(
    ("strangers", "usual"),
    [
        ([], (100, 119)),
        ([0] * 300, (100, 119)),  # 1970, however many
        ([100 + 2 * 365] * 19, (100, 119)),  # a tenth of the others, a year away
        ([100 + 2 * 365] * 60, (100, 830)),  # a third of the others: too many to be a mistake
        ([100 + 2 * 365] * 300, (100, 830)),
        ([100 + 200] * 19, (100, 300)),  # not far enough to be one
    ],
)
def test_usual_days(strangers, usual):
    base = 20_000
    days = np.repeat(np.arange(100, 120), 10)
    given = np.array([base + day if day else 0 for day in strangers], np.int64)
    first, last = usual_days(np.concatenate([base + days, given]) * DAY_S)
    assert (first - base, last - base) == usual


def test_only_a_clock_that_was_never_set():
    assert usual_days(np.zeros(50, np.int64)) == (0, 0)


def test_a_bot_is_named_and_the_offered_rule_hits_it_alone():
    columns = plain_log()
    add(columns, 900, users=7, items=lambda k: k % 7, times_s=lambda k: DAY_0 + 40 + k * 20)
    log = as_log(columns)
    bot = found(log)["bots"]
    assert (bot.things, bot.rows[0][1:]) == (1, ("u007", 920, 901))
    assert bot.cleaning == {"max_events_a_day": bot_limit(log.users, log.times_s), "bots": "drop"}
    coded = CodedEvents(log.users, log.items, log.behaviours, log.times_s, log.quantities, log.baskets)
    gone = ~clean(coded, Cleaning.model_validate(bot.cleaning)).keep
    assert set(log.users[gone].tolist()) == {7}
    assert int(gone.sum()) == bot.events == 920


def test_repeated_lines_show_the_second_of_each_pair():
    columns = plain_log()
    for k in (5, 17, 300):
        for values in columns.values():
            values.append(values[k])
    columns["lines"][-3:] = [900, 901, 902]
    again = found(as_log(columns), duplicates=3)["duplicates"]
    assert (again.events, again.cleaning) == (3, {"merge_seconds": 0})
    assert len(again.rows) == 3
    assert {row[0] for row in again.rows} <= {900, 901, 902, columns["lines"][5], columns["lines"][17], columns["lines"][300]}
    assert "duplicates" not in found(as_log(plain_log(300, 10)), duplicates=2), "two of three thousand are no finding"


def test_double_clicks_are_counted_as_the_rule_would_merge_them():
    columns = plain_log()
    add(columns, 100, users=lambda k: k % 40, items=lambda k: k % 7, times_s=lambda k: DAY_0 + (k % 7) * DAY_S + (k % 40) * 60 + 1)
    log = as_log(columns)
    quick = found(log)["quick_repeats"]
    coded = CodedEvents(log.users, log.items, log.behaviours, log.times_s, log.quantities, log.baskets)
    assert quick.events == int((~clean(coded, Cleaning(merge_seconds=2)).keep).sum()) > 40


def test_prices_and_pieces_far_off_stand_beside_the_usual_ones():
    columns = plain_log()
    columns["prices"][10], columns["quantities"][11] = 1e9, 80_000.0
    told = found(as_log(columns), price_outliers=1)
    assert told["prices"].rows == ((12, "i003", 1e9, 8.0),)
    assert told["pieces"].rows == ((13, "i004", 80_000.0, 1.0),)
    assert not told["prices"].cleaning


def test_twins_are_told_by_the_rarer_spelling():
    columns = plain_log()
    nfc, nfd = "Caf\u00e9", unicodedata.normalize("NFD", "Caf\u00e9")
    add(columns, 2, users=1, items=7, times_s=DAY_0 + 100)
    told = found(as_log(columns, item_ids=[nfc, "b", "c", "d", "e", "f", "g", nfd]), similar_items=[(nfd, nfc)], similar_item_groups=1)
    assert told["similar_items"].rows == ((10_000 + 800, nfd, nfc, 2),)


def test_postage_can_be_marked_byte_for_byte():
    log = as_log(plain_log(), item_ids=["POST (UK)", "b", "c", "d", "e", "f", "g"])
    told = found(log, suspect_items=[("POST (UK)", "Postage", 120)])["suspects"]
    from recengine.ingest.convert import sellable_pattern

    pattern = sellable_pattern(told.not_products)
    assert pattern is not None
    assert pattern.match("POST (UK)")
    assert not pattern.match("POST UK")


def test_cells_that_cannot_be_read_are_shown_by_kind():
    rows = rejects(
        (4, "when", "2106-02-07", "time not understood"),
        (9, "paid", "n/a", "price is not a number"),
        (11, "", "a;b", "2 cells instead of 5"),
        (12, "who", "", "no shopper id"),
    )
    told = found(as_log(plain_log()), rows)
    assert told["bad_times"].rows == ((4, "when", "2106-02-07"),)
    assert told["bad_numbers"].rows == ((9, "paid", "n/a"),)
    assert told["bad_cells"].rows == ((11, "2 cells instead of 5", "a;b"),)
    assert len(told) == 3
    hidden = found(as_log(plain_log()), rows, hide=("when",))
    assert hidden["bad_times"].rows == ((4, "when", "21…07"),)
    assert hidden["bad_numbers"].rows == told["bad_numbers"].rows
    assert hidden["bad_cells"].rows == ((11, "2 cells instead of 5", "…"),), "which of its cells is which is not known"


def test_empty_cells_are_told_from_five_percent_on():
    told = found(as_log(plain_log()), empty=(("title", 0.5), ("price", 0.04), ("brand", 0.06)))
    assert told["empty"].rows == (("title", 0.5), ("brand", 0.06))


def test_personal_ids_are_shown_with_their_middle_hidden():
    columns = plain_log()
    add(columns, 900, users=7, items=1, times_s=lambda k: DAY_0 + 40 + k * 20)
    ids = [f"kunde{k:02d}@example.org" for k in range(40)]
    told = found(as_log(columns, user_ids=ids), hide=("shopper",))
    assert told["bots"].rows[0][1] == "ku…rg"
    twins = found(as_log(columns, user_ids=[" " + ids[1], *ids[1:]]), hide=("shopper",), similar_shoppers=[(" " + ids[1], ids[1])],
                  similar_shopper_groups=1)["similar_shoppers"]  # fmt: skip
    assert set(twins.rows[0][1:3]) == {" ku…rg", "ku…rg"}, "the blank that sets them apart stays visible"


def test_without_times_nothing_is_said_of_time():
    columns = plain_log()
    add(columns, 900, users=7, items=1, times_s=0)
    assert found(as_log(columns), dated=False) == {}
