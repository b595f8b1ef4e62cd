"""Encodings of many tongues are right, or asked."""

from __future__ import annotations

import pytest

from recengine.columns import Role
from recengine.ingest.encoding import detect
from recengine.ingest.importer import recognise
from recengine.ingest.questions import ASK_ENCODING_BELOW

TEXTS = {
    "ru": "пользователь,товар,название\n1,2,Белая подсвечник сердце\n2,3,Металлический фонарь\n3,4,Кружка синяя\n",
    "ja": "ユーザー,商品,名前\n1,2,白いハートのキャンドル\n2,3,金属のランタン\n",
    "zh-tw": "用戶,商品,標題\n1,2,白色心形茶燈架\n2,3,金屬燈籠和木質相框\n",
    "zh": "用户,商品,标题\n1,2,白色心形茶灯架\n2,3,金属灯笼\n",
    "ko": "사용자,상품,이름\n1,2,하얀 하트 촛대\n2,3,금속 랜턴\n",
    "pl": "klient,produkt,nazwa\n1,2,Świecznik żółty łódź\n2,3,Kubek źdźbło ąę\n",
    "de": "kunde,artikel,name\n1,2,Größe Möbel für Küche\n2,3,Tür\n",
    "fr": "client,produit,nom\n1,2,Théière d’été £5\n2,3,Café 20°C crème\n",
    "el": "χρήστης,προϊόν,όνομα\n1,2,Λευκό κερί καρδιά\n2,3,φανάρι\n",
    "tr": "müşteri,ürün,adı\n1,2,beyaz kalp mumluk\n2,3,ışıklı şamdan\n",
}
CASES = [
    *(("ru", "cp1251"), ("ru", "koi8-r"), ("ja", "shift_jis"), ("ja", "euc_jp"), ("zh-tw", "big5"), ("ko", "euc_kr"), ("pl", "cp1250")),
    *(("de", "cp1252"), ("fr", "cp1252"), ("el", "cp1253"), ("zh", "gb18030"), ("tr", "cp1254")),
]


@pytest.mark.parametrize("times", [1, 40])
@pytest.mark.parametrize(("tongue", "codec"), CASES)
def test_right_or_asked(tongue, codec, times):
    text = TEXTS[tongue] * times
    found = detect(text.encode(codec), True)
    right = text.encode(codec).decode(found.name, "strict") == text
    assert right or found.confidence < ASK_ENCODING_BELOW
    assert right or tongue == "tr"  # told from Icelandic by nobody


@pytest.mark.parametrize("text", TEXTS.values())
def test_utf8_is_never_doubted(text):
    assert detect(text.encode(), True).name == "utf-8"
    assert detect(text.encode(), True).confidence == 1.0


def test_a_sample_cut_inside_a_character_is_still_utf8():
    data = "商品".encode() * 100
    for cut in range(1, 7):
        assert detect(data[:-cut], False).name == "utf-8"


@pytest.mark.parametrize(
    ("codec", "header", "word", "when"),
    [
        ("gb18030", "会员编号,商品编码,行为类型,发生时间", "浏览", "2026年3月1日 上午9时5分"),
        ("big5", "會員編號,商品編號,行為類型,發生時間", "瀏覽", "2026年3月1日 上午9時5分"),
    ],
)
def test_known_column_names_bear_out_a_guess(tmp_path, codec, header, word, when):
    rows = "".join(f"u{n},i{n % 7},{word},{when}\n" for n in range(50))
    path = tmp_path / "log.csv"
    path.write_bytes(f"{header}\n{rows}".encode(codec))
    known = recognise(path)
    assert known.raw.encoding.name == codec
    assert known.raw.encoding.confidence >= ASK_ENCODING_BELOW
    assert [column.role for column in known.columns] == [Role.USER, Role.ITEM, Role.BEHAVIOUR, Role.TIME]
    assert known.questions == []
    assert {(row.behaviour, row.time) for row in known.preview} == {("view", "2026-03-01 09:05:00")}


def test_accents_of_the_west_are_never_borne_out():
    found = detect(("Größe, Käse, Öl; " * 9).encode("cp1252"), True)
    assert found.name == "cp1252"
    assert found.borne_out_by(["Größe"]) == found
