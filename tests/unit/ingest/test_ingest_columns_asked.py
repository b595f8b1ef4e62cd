"""What is asked about columns: dates that could be swapped, every word of events, sheets of a workbook."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recengine.columns import Behaviour
from recengine.errors import BadInput
from recengine.ingest.event_words import event_words
from recengine.ingest.importer import recognise
from recengine.ingest.mapping import Reading
from recengine.ingest.questions import answered
from recengine.ingest.reader import read
from recengine.ingest.swapped_dates import day_in_words, ordered, span, two_readings

DAYS = [(month, day) for month in range(1, 13) for day in range(1, 13)]


def month_first(rows) -> list[str]:
    return [f"{month:02d}/{day:02d}/2025 10:00" for month, day in rows]


def test_two_readings_of_a_real_cell_are_in_words():
    assert two_readings(["05/05/2025", "03/04/2025", "12/11/2025"]) == [
        ("03/04/2025", "3 April 2025", "4 March 2025"),
        ("12/11/2025", "12 November 2025", "11 December 2025"),
    ]
    assert two_readings(["05/05/2025", "2025-03-04", "no date", "31/12/2025"]) == []


def test_the_order_of_the_rows_tells_which_comes_first():
    assert ordered(month_first(DAYS)) is False
    assert ordered([f"{month:02d}/{day:02d}/2025" for day in range(1, 13) for month in range(1, 13)]) is True
    assert ordered(month_first(reversed(DAYS))) is False, "newest first is an order too"
    assert ordered(month_first(DAYS[:20])) is None, "too few to say"
    assert ordered(["03/04/2025"] * 400) is None, "one day is no order"
    assert span(["03/04/2025", "01/12/2025"], True) == ("3 April 2025", "1 December 2025")
    assert span(["no date"], True) == ("", "")


@given(st.permutations(DAYS))
def test_shuffled_rows_say_nothing(rows):
    steps = sum(a <= b for a, b in pairwise(rows))
    if 0.2 * len(rows) < steps < 0.8 * len(rows):
        assert ordered(month_first(rows)) is None


def test_a_file_in_order_is_guessed_right_and_still_asked(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("user,item,date\n" + "".join(f"u{k % 7},i{k % 5},{cell}\n" for k, cell in enumerate(month_first(DAYS))))
    seen = recognise(path)
    assert seen.mapping.day_first is False
    [question] = [q for q in seen.questions if q.id == "day_first"]
    assert question.default == "false"
    assert dict(question.options) == {"true": "01/02/2025 10:00 → 1 February 2025", "false": "01/02/2025 10:00 → 2 January 2025"}
    assert "in the order of time" in question.note
    assert seen.preview[1].time == "2025-01-02 10:00:00"


def test_a_day_in_words_does_not_follow_the_machine():
    assert day_in_words(951_782_400) == "29 February 2000"


def test_every_word_is_counted_and_says_who_knows_it(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("user,item,time,event\n" + "u1,i1,2025-01-01,zap\n" * 3 + "u2,i2,2025-01-02,view\n" * 5 + "u3,i3,2025-01-02,\n" * 2)
    seen = recognise(path)
    words = [(w.word, w.rows, w.behaviour, w.source) for w in event_words(seen.raw, seen.mapping)]
    assert words == [("view", 5, "view", "known"), ("zap", 3, "other", "unknown"), ("", 2, "other", "unknown")]
    chosen = answered(seen.mapping, {"behaviour:zap": "cart", "behaviour:": "view", "behaviour:view": "purchase"})
    assert [(w.word, w.behaviour, w.source) for w in event_words(seen.raw, chosen)] == [
        ("view", "purchase", "chosen"),
        ("zap", "cart", "chosen"),
        ("", "view", "chosen"),
    ]
    again = recognise(path, mapping=chosen)
    assert [row.behaviour for row in again.preview[:4]] == ["cart", "cart", "cart", "purchase"]
    assert not any(q.id.startswith("behaviour:") for q in again.questions)


def test_an_answer_replaces_what_a_format_says_of_another_spelling(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("user,item,time,event\nu1,i1,2025-01-01,Add To Bag\n")
    mapping = recognise(path).mapping.model_copy(update={"behaviours": {"add_to_bag": Behaviour.CART, "x": Behaviour.VIEW}})
    assert answered(mapping, {"behaviour:Add To Bag": "purchase"}).behaviours == {"x": "view", "Add To Bag": "purchase"}


def test_words_without_a_column_of_events(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("user,item,time\nu1,i1,2025-01-01\nu2,i2,2025-01-02\n")
    seen = recognise(path)
    assert event_words(seen.raw, seen.mapping) == []


def test_a_sheet_is_read_by_its_name(tmp_path):
    from test_ingest_kinds import cells, workbook

    long = cells(1, "user", "item", "time") + "".join(cells(k, f"u{k}", f"i{k % 3}", 45_292.0 + k) for k in range(2, 30))
    short = cells(1, "user", "item", "time") + "".join(cells(k, f"r{k}", f"i{k % 3}", 45_292.0 + k) for k in range(2, 9))
    path = workbook(tmp_path / "shop.xlsx", {"Back": short, "Sold": long, "Blank": ""})
    raw = read(path)
    assert (raw.source.member, raw.table.num_rows, [name for name, _ in raw.sheets]) == ("Sold", 28, ["Back", "Sold", "Blank"])
    other = recognise(path, reading=Reading(sheet="Back"))
    assert (other.rows, other.mapping.reading.sheet, other.preview[0].shopper) == (7, "Back", "r2")
    with pytest.raises(BadInput, match="no sheet Gone"):
        read(path, sheet="Gone")
    with pytest.raises(BadInput, match="no rows"):
        read(path, sheet="Blank")
