"""How numbers are written; every expected text is written by hand."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from ui.words import numbers, plain
from ui.words.language import speaking

NAN = float("nan")


@pytest.mark.parametrize(
    ("write", "arguments", "text"),
    [
        (numbers.count, (541909,), "541,909"),
        (numbers.count, (0,), "0"),
        (numbers.count, (-10624,), "−10,624"),
        (numbers.count, (12_400_000,), "12.4 M"),
        (numbers.count, (None,), "–"),
        (numbers.count, (NAN,), "–"),
        (numbers.share, (0.384,), "38.4%"),
        (numbers.share, (1.0, 0), "100%"),
        (numbers.share, (0.00001,), "< 0.1%"),
        (numbers.share, (0.0,), "0.0%"),
        (numbers.share, (-0.05,), "−5.0%"),
        (numbers.points, (0.062,), "+6.2 pts"),
        (numbers.points, (-0.002,), "−0.2 pts"),
        (numbers.metric, (0.1314,), "0.131"),
        (numbers.metric, (-0.0001,), "0.000"),
        (numbers.metric, (0.3, 2), "0.30"),
        (numbers.signed, (0.12,), "+0.120"),
        (numbers.signed, (-0.034,), "−0.034"),
        (numbers.signed, (-0.0002,), "0.000"),
        (numbers.delta, (-0.034,), "-0.034"),
        (numbers.interval, (0.124, 0.138), "0.124 – 0.138"),
        (numbers.plus_minus, (0.124, 0.138), "± 0.007"),
        (numbers.money, (10.95, "£"), "£10.95"),
        (numbers.money, (-3, "£"), "−£3.00"),
        (numbers.money, (1234.5, "EUR"), "EUR 1,234.50"),
        (numbers.money, (2.5,), "2.50"),
        (numbers.money, (None, "£"), "–"),
        (numbers.date, ("2011-12-08T12:50:00Z",), "8 Dec 2011"),
        (numbers.date, (np.datetime64("2011-12-08"),), "8 Dec 2011"),
        (numbers.date, (np.datetime64("NaT"),), "–"),
        (numbers.date, ("",), "–"),
        (numbers.clock, ("2011-12-08T12:50:00+02:00",), "8 Dec 2011, 10:50"),
        (numbers.iso_date, ("2011-12-08T12:50:00Z",), "2011-12-08"),
        (numbers.duration, (0.42,), "0.4 s"),
        (numbers.duration, (12.3,), "12 s"),
        (numbers.duration, (120,), "2 min"),
        (numbers.duration, (4800,), "1 h 20 min"),
        (numbers.duration, (7200,), "2 h"),
        (numbers.duration, (36_000,), "10 h"),
        (numbers.duration, (math.inf,), "–"),
        (numbers.size, (512,), "512 bytes"),
        (numbers.size, (7_100_000,), "7.1 MB"),
        (numbers.size, (25_274_793_984,), "25.3 GB"),
    ],
)
def test_written_as_agreed(write, arguments, text):
    assert write(*arguments) == text


@pytest.mark.parametrize(
    ("write", "arguments", "text"),
    [
        (numbers.count, (541909,), "541,909"),
        (numbers.count, (9_999_999,), "9,999,999"),
        (numbers.count, (12_400_000,), "1,240 万"),
        (numbers.count, (-12_400_000,), "−1,240 万"),
        (numbers.count, (99_990_000,), "9,999 万"),
        (numbers.count, (124_000_000,), "1.24 亿"),
        (numbers.share, (0.384,), "38.4%"),
        (numbers.points, (0.062,), "+6.2 个百分点"),
        (numbers.points, (None,), "–"),
        (numbers.money, (10.95, "£"), "£10.95"),
        (numbers.date, ("2011-12-08T12:50:00Z",), "2011-12-08"),
        (numbers.date, ("",), "–"),
        (numbers.clock, ("2011-12-08T12:50:00+02:00",), "2011-12-08 10:50"),
        (numbers.duration, (0.42,), "0.4 秒"),
        (numbers.duration, (12.3,), "12 秒"),
        (numbers.duration, (120,), "2 分钟"),
        (numbers.duration, (4800,), "1 小时 20 分钟"),
        (numbers.duration, (7200,), "2 小时"),
        (numbers.size, (512,), "512 字节"),
        (numbers.size, (7_100_000,), "7.1 MB"),
        (numbers.axis_format, (), "%Y-%m"),
        (numbers.axis_format, (True,), "%m-%d"),
        (numbers.hover_format, (), "%Y-%m-%d"),
    ],
)
def test_written_as_agreed_in_chinese(write, arguments, text):
    with speaking("zh"):
        assert write(*arguments) == text


@pytest.mark.parametrize(
    ("when", "text"),
    [
        ("2026-03-10T11:59:30Z", "刚刚"),
        ("2026-03-10T11:55:00Z", "5 分钟前"),
        ("2026-03-10T09:00:00Z", "3 小时前"),
        ("2026-03-09T10:00:00Z", "1 天前"),
        ("2025-12-08T12:00:00Z", "2025-12-08"),
    ],
)
def test_ago_in_chinese(when, text):
    with speaking("zh"):
        assert numbers.ago(when, datetime(2026, 3, 10, 12, tzinfo=UTC)) == text


@pytest.mark.parametrize(
    ("when", "text"),
    [
        ("2026-03-10T11:59:30Z", "just now"),
        ("2026-03-10T11:55:00Z", "5 min ago"),
        ("2026-03-10T09:00:00Z", "3 h ago"),
        ("2026-03-09T10:00:00Z", "1 day ago"),
        ("2026-03-05T12:00:00Z", "5 days ago"),
        ("2025-12-08T12:00:00Z", "8 Dec 2025"),
    ],
)
def test_ago(when, text):
    assert numbers.ago(when, datetime(2026, 3, 10, 12, tzinfo=UTC)) == text


@pytest.mark.parametrize(
    "text", ["541,909", "38.4%", "0.124 – 0.138", "± 0.007", "£10.95", "8 Dec 2011", "−0.034", "12.4 M", "7.1 MB", "–", "+6.2 pts"]
)
def test_numbers_pass_the_escape_visibly_unchanged(text):
    assert plain(text).replace("\\", "") == text


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(188_300_000, "190 MB"), (92_800_000, "93 MB"), (1_234_000_000, "1.2 GB"), (12_345_000_000, "12.0 GB"), (0, "0 bytes"), (None, "–")],
)
def test_an_estimate_of_memory_has_two_digits(n_bytes, text):
    assert numbers.rough_size(n_bytes) == text
