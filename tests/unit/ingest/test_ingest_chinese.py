"""Chinese exports: headers, event words, dates, full-width digits, in GB18030."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from recengine.columns import BEHAVIOURS, Behaviour, Role
from recengine.ingest.behaviours import behaviour_of
from recengine.ingest.chinese_dates import plain_dates
from recengine.ingest.importer import ingest
from recengine.ingest.times import TimeFormat, guess_time, parse_times

LOG = """用户ID,商品ID,行为,时间,商品标题,类目,单价,数量
张三,001,浏览,2026年11月22日 下午3:05,蓝色马克杯,厨具,￥１２．５０,１
张三,001,加购,2026年11月22日 下午3:06,蓝色马克杯,厨具,￥１２．５０,１
李四,002,收藏,2026年11月22日 上午12:05,茶巾,厨具,８,２
李四,002,支付,2026年11月23日 凌晨0:30:59,茶巾,厨具,８,２
李四,002,退款,2026年11月24日 晚上8点,茶巾,厨具,８,２
"""


def test_a_chinese_export_is_understood_whole(tmp_path):
    path = tmp_path / "行为日志.csv"
    path.write_bytes(LOG.encode("gb18030"))
    done = ingest(path)
    assert dict(done.mapping.roles) == {
        "用户ID": Role.USER,
        "商品ID": Role.ITEM,
        "行为": Role.BEHAVIOUR,
        "时间": Role.TIME,
        "商品标题": Role.TITLE,
        "类目": Role.CATEGORY,
        "单价": Role.PRICE,
        "数量": Role.QUANTITY,
    }
    rows = done.events.to_pylist()
    assert [BEHAVIOURS[row["behaviour"]].value for row in rows] == ["view", "cart", "favourite", "purchase"]
    assert [datetime.fromtimestamp(row["time_s"], UTC).strftime("%d %H:%M:%S") for row in rows] == [
        "22 15:05:00",
        "22 15:06:00",
        "22 00:05:00",
        "23 00:30:59",
    ]
    assert [(row["item_id"], row["price"], row["quantity"]) for row in rows] == [("001", 12.5, 1)] * 2 + [("002", 8, 2)] * 2
    assert [(row["line"], row["reason"]) for row in done.rejects.to_pylist()] == [(6, "cancellation or return")]


@pytest.mark.parametrize(
    ("cell", "want"),
    [
        ("２０２６年１１月２２日", "2026-11-22 00:00:00"),
        ("2026年1月2日15时05分06秒", "2026-01-02 15:05:06"),
        ("2026年11月22日8点30分", "2026-11-22 08:30:00"),
        ("2026年11月22日 星期日 晚上8点", "2026-11-22 20:00:00"),
        ("2026年11月22日（周日）中午12:05", "2026-11-22 12:05:00"),
        ("2026/11/22 上午 9:05:01", "2026-11-22 09:05:01"),
        ("2026年11月22日 下午15:05", "2026-11-22 15:05:00"),
        ("2026年11月22日 凌晨12:30", "2026-11-22 00:30:00"),
        ("１６１１５４４０７０", "2021-01-25 03:07:50"),
    ],
)
def test_dates(cell, want):
    found = guess_time([cell])
    assert found is not None
    assert datetime.fromtimestamp(parse_times(pa.array([cell]), found.format, None)[0], UTC).strftime("%Y-%m-%d %H:%M:%S") == want


@pytest.mark.parametrize("cell", ["2026年13月22日", "2026年11月22日 下午25:05", "十一月二十二日", "下午3:05", ""])
def test_what_is_no_moment_stays_unknown(cell):
    seconds = parse_times(pa.array([cell]), TimeFormat.TEXT, None)[0]
    assert seconds != seconds


def test_plain_dates_leave_plain_text_alone():
    words = pa.array(["2020-01-01", None, "01.12.2020 3 PM", "2020年1月"])
    assert plain_dates(words).to_pylist()[:3] == words.to_pylist()[:3]


@pytest.mark.parametrize(
    ("word", "want"),
    [
        ("支付成功", Behaviour.PURCHASE),
        ("加入购物车", Behaviour.CART),
        ("交易关闭", Behaviour.RETURN),
        ("商品曝光", Behaviour.IMPRESSION),
        ("取消收藏", Behaviour.REMOVE),
    ],
)
def test_event_words(word, want):
    assert behaviour_of(word) is want


def test_hours_alone_and_days_without_a_year():
    assert parse_times(pa.array(["2014-12-06 02"]), TimeFormat.TEXT, None)[0] == 1_417_831_200
    days = parse_times(pa.array(["0829", "1231", "0230", "1301", "829"]), TimeFormat.MMDD, None)
    assert [None if day != day else datetime.fromtimestamp(day, UTC).strftime("%Y-%m-%d") for day in days] == [
        "2014-08-29",
        "2014-12-31",
        None,
        None,
        "2014-08-29",
    ]
