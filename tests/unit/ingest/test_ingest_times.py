"""Times and numbers as people and machines write them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recengine.ingest.numbers import guess_decimal, parse_numbers, written_number
from recengine.ingest.times import TimeFormat, guess_time, parse_times

DEC_1 = 1_291_191_960  # 2010-12-01 08:26:00 UTC


def one(text: str, kind: TimeFormat = TimeFormat.TEXT, day_first: bool | None = True) -> float:
    return float(parse_times(pa.array([text]), kind, day_first)[0])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1291191960", TimeFormat.EPOCH_S),
        ("1291191960.0", TimeFormat.EPOCH_S),
        ("1291191960000", TimeFormat.EPOCH_MS),
        ("1291191960999", TimeFormat.EPOCH_MS),
        ("1291191960000000", TimeFormat.EPOCH_US),
        ("1291191960000000000", TimeFormat.EPOCH_NS),
        ("2010-12-01 08:26", TimeFormat.TEXT),
        ("2010-12-01 08:26:00", TimeFormat.TEXT),
        ("2010-12-01T08:26:00", TimeFormat.TEXT),
        ("2010-12-01T08:26:00Z", TimeFormat.TEXT),
        ("2010-12-01T08:26:00.123Z", TimeFormat.TEXT),
        ("2010-12-01 08:26:00 UTC", TimeFormat.TEXT),
        ("2010-12-01T10:26:00+02:00", TimeFormat.TEXT),
        ("2010-12-01 10:26:00 +0200", TimeFormat.TEXT),
        ("2010-12-01 03:26:00-05", TimeFormat.TEXT),
        ("01/12/2010 8:26", TimeFormat.TEXT),
        ("1.12.2010 08:26", TimeFormat.TEXT),
        ("01-12-10 08:26", TimeFormat.TEXT),
        ("2010/12/1 8:26:00 AM", TimeFormat.TEXT),
        ("2010年12月1日 08:26", TimeFormat.TEXT),
        ("40513.3513888889", TimeFormat.EXCEL),
    ],
)
def test_one_moment_in_many_spellings(text, kind):
    assert guess_time([text]).format is kind
    assert one(text, kind) == DEC_1


def test_days_and_halves_of_days():
    assert one("20101201", TimeFormat.YYYYMMDD) == DEC_1 - 8 * 3600 - 26 * 60
    assert one("2010-12-01") == DEC_1 - 8 * 3600 - 26 * 60
    assert one("12/01/2010 12:00 AM", day_first=False) == one("2010-12-01")
    assert one("12/01/2010 12:30 pm", day_first=False) == one("2010-12-01 12:30")
    assert one("2000-02-29") == 951_782_400


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "2010-13-45",
        "2010-02-30",
        "2011-02-29 08:00",
        "2010-12-01 25:00",
        "31/31/2010",
        "1969-12-31",
        "2100-01-01",
        "99",
    ],
)
def test_no_times(text):
    assert np.isnan(one(text))


@pytest.mark.parametrize("kind", list(TimeFormat)[:6])
def test_garbage_is_nan_in_every_format(kind):
    values = parse_times(pa.array(["x", "", None, "-5", "1e400", "nan", "inf"]), kind, None)
    assert np.isnan(values).all()


def test_a_good_cell_survives_bad_neighbours():
    values = parse_times(pa.array(["2010-12-01 08:26:00", "2010-13-01 00:00:00", "never", None]), TimeFormat.TEXT, None)
    assert values[0] == DEC_1
    assert np.isnan(values[1:]).all()


def test_the_order_of_day_and_month_is_read_from_the_values():
    assert guess_time(["01/02/2010", "13/02/2010"]).day_first is True
    assert guess_time(["01/02/2010", "02/13/2010"]).day_first is False
    unclear = guess_time(["01/02/2010", "03/04/2010"])
    assert unclear.ambiguous
    assert unclear.day_first is True
    assert not guess_time(["13/02/2010"]).ambiguous
    assert guess_time(["2010-12-01"]).day_first is None


def test_zones_are_noticed():
    assert guess_time(["2010-12-01T08:26:00Z"]).zoned
    assert not guess_time(["2010-12-01 08:26:00"]).zoned


@given(st.integers(0, 4_102_444_799))
@settings(max_examples=100, deadline=None)
def test_every_second_round_trips(second):
    stamp = np.datetime64(second, "s")
    assert one(str(stamp)) == second
    assert one(str(stamp).replace("T", " ") + " UTC") == second
    day = str(stamp)[:10].split("-")
    assert one(f"{day[2]}/{day[1]}/{day[0]} {str(stamp)[11:]}") == second
    assert one(f"{day[1]}/{day[2]}/{day[0]} {str(stamp)[11:]}", day_first=False) == second


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("2.55", ".", 2.55),
        (" 2.55 ", ".", 2.55),
        ("£2.55", ".", 2.55),
        ("-£2.55", ".", -2.55),
        ("¥12", ".", 12),
        ("1,234.5", ".", 1234.5),
        ("1,234,567", ".", 1234567),
        ("1.234,56", ",", 1234.56),
        ("1,5", ",", 1.5),
        ("1 234,5", ",", 1234.5),
        ("(12.5)", ".", -12.5),
        ("−3", ".", -3),
        ("１２", ".", 12),
        ("1e3", ".", 1000),
        ("2.55 GBP", ".", 2.55),
        (".5", ".", 0.5),
        ("abc", ".", None),
        ("1,5", ".", None),
        ("1.5", ",", None),
        ("12-3", ".", None),
        ("nan", ".", None),
        ("inf", ".", None),
        ("--", ".", None),
        ("1e309", ".", float("inf")),
    ],
)
def test_numbers_as_written(text, decimal, value):
    got = written_number(text, decimal)
    assert got is None if value is None else got == pytest.approx(value)


def test_a_column_of_numbers_tells_empty_from_wrong():
    values, bad = parse_numbers(pa.array(["1.5", "", None, " ", "x", "NaN", "1e309", "1e39", "£2"]))
    assert bad.tolist() == [False, False, False, False, True, True, True, True, False]
    assert values[[0, 8]].tolist() == [1.5, 2.0]
    assert np.isnan(values[1:8]).all()


def test_the_decimal_mark_is_read_from_the_values():
    assert guess_decimal(["1,50", "2,75", "3"]) == ","
    assert guess_decimal(["1.50", "2.75", "1,234.50"]) == "."
    assert guess_decimal(["1.234,56"]) == ","
    assert guess_decimal(["1", "2"]) == "."
