"""Twelve encodings: read right, or asked about. Files that change on the way are told, wherever they change."""

from __future__ import annotations

import random

import pytest

from recengine.columns import Reject
from recengine.errors import BadInput
from recengine.ingest.questions import ASK_ENCODING_BELOW
from recengine.ingest.reader import read

WORDS = {
    "fr": "théière été café crème fenêtre garçon forêt naïve élégante lampe bois chaîne sœur brûlée à pois déjà",
    "de": "Größe Möbel Küche Tür Stühle grün schön Fußmatte Lampe Holz weiß Gläser Schüssel für Körbe",
    "es": "niño señal cojín lámpara sillón baño camión azúcar mañana color mesa jardín corazón",
    "zh": "白色 心形 茶灯架 金属灯笼 木质相框 复古 咖啡杯 红色 雨伞 儿童 餐具 圣诞 装饰 玻璃 星星",
    "tw": "白色 心形 茶燈架 金屬燈籠 木質相框 復古 咖啡杯 紅色 雨傘 兒童 餐具 聖誕 裝飾 玻璃 星星",
    "ja": "白い ハート キャンドル 金属の ランタン 木製 フレーム コーヒー カップ 赤い 傘 子供 食器 クリスマス 飾り",
    "ko": "하얀 하트 촛대 금속 랜턴 나무 액자 커피잔 빨간 우산 어린이 식기 크리스마스 장식 유리 별",
    "ru": "Белый подсвечник сердце Металлический фонарь Кружка синяя красный зонт детская посуда украшение стекло звезда",
}
CODECS = {
    "utf-8": tuple(WORDS),
    "utf-8-sig": ("zh", "fr"),
    "utf-16-le": tuple(WORDS),
    "utf-16-be": tuple(WORDS),
    "gb18030": ("zh",),
    "big5": ("tw",),
    "shift_jis": ("ja",),
    "euc_kr": ("ko",),
    "cp1252": ("fr", "de", "es"),
    "cp1251": ("ru",),
    "latin-1": ("de", "es"),
    "mac_roman": ("fr", "de", "es"),
}
ASKED_AT_MOST = {"mac_roman", "big5"}  # the others are read right, whatever the length
CASES = [(codec, tongue) for codec, tongues in CODECS.items() for tongue in tongues]


def shop(tongue: str, n: int, plain: int = 0, seed: int = 1) -> list[str]:
    rng, words = random.Random(seed), WORDS[tongue].split()
    rows = [f"{rng.randint(1, 9999)},{rng.randint(1, 999)},plain title,2020-01-0{rng.randint(1, 9)}" for _ in range(plain)]
    rows += [
        f"{rng.randint(1, 9999)},{rng.randint(1, 999)},{' '.join(rng.sample(words, 3))},2020-01-0{rng.randint(1, 9)}" for _ in range(n)
    ]
    return ["user,item,title,time", *rows]


def lines_of(raw) -> list[str]:
    return [",".join(row.values()) for row in raw.table.to_pylist()]


@pytest.mark.parametrize("n", [1, 5, 200])
@pytest.mark.parametrize(("codec", "tongue"), CASES)
def test_right_or_asked(tmp_path, codec, tongue, n):
    check(tmp_path, codec, n, shop(tongue, n))


@pytest.mark.parametrize(("codec", "tongue"), [case for case in CASES if not case[0].startswith("utf")])
def test_right_or_asked_where_the_first_megabyte_is_plain(tmp_path, codec, tongue):
    check(tmp_path, codec, 300, shop(tongue, 300, 36_000))


def check(tmp_path, codec, n, rows):
    path = tmp_path / "shop.csv"
    path.write_bytes(("\n".join(rows) + "\n").encode(codec))
    raw = read(path)
    right = lines_of(raw) == rows[1:]
    assert right or raw.encoding.confidence < ASK_ENCODING_BELOW
    assert right or codec in ASKED_AT_MOST or (codec, n) == ("cp1251", 1)


def changing(tmp_path, first: str, codec: str, then: str, other: str, megabytes: float = 1.3):
    head, tail = shop(first, 3_000), shop(then, 3_000, seed=2)[1:]
    block = ("\n".join(head[1:]) + "\n").encode(codec)
    path = tmp_path / "changing.csv"
    with path.open("wb") as file:
        file.write((head[0] + "\n").encode(codec))
        written = 0
        while written < megabytes * 2**20:
            written += file.write(block)
        file.write(("\n".join(tail) + "\n").encode(other))
    return path, written // len(block) * 3_000


CHANGES = [
    ("de", "utf-8", "de", "cp1252"),
    ("zh", "utf-8", "zh", "gb18030"),
    ("ru", "utf-8", "ru", "cp1251"),
    ("de", "cp1252", "de", "utf-8"),
    ("zh", "gb18030", "zh", "utf-8"),
    ("fr", "cp1252", "ru", "cp1251"),
    ("zh", "gb18030", "ru", "cp1251"),
    ("de", "utf-16-le", "de", "utf-8"),
]


@pytest.mark.parametrize(("first", "codec", "then", "other"), CHANGES)
def test_a_file_that_changes_its_encoding_is_caught(tmp_path, first, codec, then, other):
    path, good = changing(tmp_path, first, codec, then, other)
    if codec != "utf-8":
        with pytest.raises(BadInput):
            read(path)
        return
    raw = read(path)
    assert raw.table.num_rows == good
    bad = raw.rejects.to_pylist()
    assert len(bad) == 3_000
    assert {row[Reject.REASON] for row in bad} == {"bytes that are no UTF-8"}
    assert bad[0][Reject.LINE] == good + 2
    data = path.read_bytes()
    for row in (bad[0], bad[1_234], bad[-1]):
        assert data[row[Reject.OFFSET] - 1 : row[Reject.OFFSET]] == b"\n"
        assert data[: row[Reject.OFFSET]].count(b"\n") == row[Reject.LINE] - 1


def spoiled_late(tmp_path, tail: str, megabytes: float):
    block = "".join(f"{k},{k % 97},plain title,2020-01-01\n" for k in range(20_000)).encode()
    path = tmp_path / "late.csv"
    with path.open("wb") as file:
        file.write(b"user,item,title,time\n")
        written = 0
        while written < megabytes * 2**20:
            written += file.write(block)
        file.write(tail.encode())
    return read(path), written // len(block) * 20_000


def check_late(tmp_path, megabytes: float):
    tail = "".join(f"{k};{k % 97};plain title;2020-01-01\n" for k in range(50))
    raw, good = spoiled_late(tmp_path, tail, megabytes)
    assert (raw.table.num_rows, raw.rejects.num_rows) == (good, 50)
    assert set(raw.rejects[Reject.REASON].to_pylist()) == {"1 cell instead of 4: separated by semicolon here"}
    tail = '1,2,"never closed,2020-01-01\n' + '3,4,"nor this\n' + "5,6,fine,2020-01-01\n" * 2_000
    raw, good = spoiled_late(tmp_path, tail, megabytes)
    assert raw.table.num_rows == good + 2_001  # the first one has one reading only
    assert [(row[Reject.LINE], row[Reject.KIND]) for row in raw.rejects.to_pylist()] == [(good + 3, "rejected")]


def test_another_delimiter_or_an_open_quote_late_in_a_file_is_caught(tmp_path):
    check_late(tmp_path, 3)


@pytest.mark.slow
def test_the_same_behind_100_megabytes(tmp_path):
    check_late(tmp_path, 101)
    path, good = changing(tmp_path, "zh", "utf-8", "zh", "gb18030", 101)
    raw = read(path)
    assert (raw.table.num_rows, raw.rejects.num_rows) == (good, 3_000)
    for codec, other in (("gb18030", "utf-8"), ("utf-16-le", "utf-8")):
        with pytest.raises(BadInput):
            read(changing(tmp_path, "zh", codec, "zh", other, 101)[0])


def test_letters_in_pairs_are_no_change_of_encoding(tmp_path):
    """Größe holds two letters outside ASCII side by side; a file that has no others is as western as any."""
    rows = "who;what;when\n" + "".join(f"u{i % 9};Größe {i % 7};2025-03-{1 + i % 28:02d} 10:00\n" for i in range(200))
    path = tmp_path / "week.csv"
    path.write_bytes(rows.encode("cp1252"))
    found = read(path)
    assert found.encoding.name == "cp1252"
    assert found.table.column(1)[0].as_py() == "Größe 0"
