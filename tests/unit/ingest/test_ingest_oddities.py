"""What is odd in a log, planted and found; nothing is found where nothing is odd."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pytest

from recengine.ingest.importer import ingest
from recengine.ingest.oddities import DAY_S, Oddities, find_oddities

T0 = 20_000 * DAY_S


def look(users, times, items=None, quantities=None, dated=True) -> Oddities:
    n = len(users)
    items = np.arange(n) % 7 if items is None else np.asarray(items)
    quantities = np.ones(n) if quantities is None else np.asarray(quantities, dtype=float)
    ids = [pa.array([f"{word}{k}" for k in range(int(codes.max()) + 1)]) for word, codes in (("u", np.asarray(users)), ("i", items))]
    return find_oddities(np.asarray(users), ids[0], items, ids[1], np.zeros(n, np.int8), np.asarray(times), quantities, dated)


def test_a_plain_log_has_nothing_odd():
    users = np.repeat(np.arange(300), 10)
    found = look(users, T0 + np.tile(np.arange(10), 300) * DAY_S + users * 60)
    assert found == Oddities()


def test_a_bot_and_the_day_it_came():
    users = np.concatenate([np.repeat(np.arange(300), 10), np.full(900, 300)])
    times = np.concatenate(
        [T0 + np.tile(np.arange(10), 300) * DAY_S + np.repeat(np.arange(300), 10) * 60, T0 + 3 * DAY_S + np.arange(900) * 5]
    )
    found = look(users, times)
    assert (found.bot_shoppers, found.bot_events, found.bots) == (1, 900, (("u300", 900, 900),))
    assert found.busy_days == ()  # 1,200 events are four times the median day, not ten
    crowd = look(np.r_[users, np.arange(300).repeat(12)], np.r_[times, T0 + 5 * DAY_S + np.arange(3_600)])
    assert crowd.busy_days == (("2024-10-09", 3_900),)


def test_repeats_at_once_and_dates_far_outside():
    users, items = np.zeros(1_000, np.int64), np.arange(1_000) // 2
    times = T0 + np.arange(1_000) // 2 * 600 + np.arange(1_000) % 2
    assert look(users, times, items).quick_repeats_share == 0.5
    times = np.r_[T0 + np.arange(5_000) * 600, 0, T0 + 5_000 * DAY_S]
    found = look(np.arange(5_002) % 50, times)
    assert (found.far_dates, found.far_examples) == (2, ("1970-01-01", "2038-06-13"))
    assert look(np.arange(5_002) % 50, times, dated=False) == Oddities()


def test_pieces_far_off():
    items = np.repeat([0, 1], 50)
    pieces = np.r_[np.full(49, 2.0), 5_000.0, np.full(50, 500.0)]
    found = look(np.arange(100), T0 + np.arange(100) * DAY_S, items, pieces)
    assert (found.quantity_outliers, found.quantity_examples) == (1, (("i0", 5_000.0),))


def test_ids_that_differ_only_by_unicode_form_or_blanks(tmp_path):
    e_nfc, e_nfd = "caf\u00e9", unicodedata.normalize("NFD", "caf\u00e9")
    ids = [e_nfc, e_nfd, "ＡＢ１", "ab1", "x\u200by", "xy", "p q", "p\u3000q", "other"]
    path = tmp_path / "log.csv"
    path.write_text("user,item,time\n" + "".join(f"u{k},{name},2025-01-0{k % 9 + 1}\n" for k, name in enumerate(ids)), encoding="utf-8")
    done = ingest(path)
    assert done.quality.similar_item_groups == 4
    assert {frozenset(group) for group in done.quality.similar_items} == {
        frozenset({e_nfc, e_nfd}),
        frozenset({"ＡＢ１", "ab1"}),
        frozenset({"x\u200by", "xy"}),
        frozenset({"p q", "p\u3000q"}),
    }
    assert done.events["item_id"].to_pylist() == ids  # told, never changed


def test_verdicts_say_it_in_words(tmp_path):
    rows = "".join(f"u{k % 40}@example.org,i{k % 20},2025-01-{k % 28 + 1:02d},1,buy\n" for k in range(400))
    path = tmp_path / "log.csv"
    path.write_text("email,item,time,quantity,event\n" + rows + "u1@example.org,i3,2025-01-05,9000,buy\n")
    quality = ingest(path).quality
    topics = {v.topic: v.text for v in quality.verdicts}
    assert topics["Personal data"] == "column email holds e-mail addresses; replace it by a keyed hash unless you need it."
    assert topics["Odd numbers of pieces"].endswith("such as 9,000 of i3.")
    assert [p.column for p in quality.personal] == ["email"]
    levels = {v.topic.split(":")[0]: v.level for v in quality.models}
    assert levels == {
        "Popular items": "ok",
        "Neighbours": "ok",
        "Factors": "no",
        "Sequences": "no",
        "Texts and new items": "no",
        "Chance of a purchase": "warn",
    }
    assert asdict(quality)["oddities"]["quantity_outliers"] == 1


@pytest.mark.parametrize("n", [1, 2])
def test_the_smallest_logs(n):
    assert look(np.zeros(n, np.int64), np.full(n, T0)).bot_shoppers == 0
