"""Guesses for files that nobody has seen before."""

from __future__ import annotations

import pytest

from recengine.columns import BEHAVIOURS, Behaviour, Role
from recengine.errors import BadInput
from recengine.ingest.behaviours import behaviour_of
from recengine.ingest.importer import ingest, recognise
from recengine.ingest.mapping import Mapping
from recengine.ingest.questions import answered
from recengine.ingest.side.read import recognise_side
from recengine.ingest.times import TimeFormat


def write(tmp_path, text: str | bytes):
    path = tmp_path / "upload.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def roles(tmp_path, text: str) -> dict[str, str]:
    mapping = recognise(write(tmp_path, text)).mapping
    return {name: role.value for name, role in mapping.roles.items() if role is not Role.UNUSED}


@pytest.mark.parametrize(
    ("header", "row", "want"),
    [
        ("shopper,sku,when,what", "a,007,2020-01-01,view", "user item time behaviour"),
        (
            "用户,商品,行为,时间,类目,品牌,价格,数量",
            "张,鞋,购买,2020-01-01,a,b,1.5,2",
            "user item behaviour time category brand price quantity",
        ),
        ("Kunde,Artikel,Datum,Preis,Menge", "7,007,01.12.2020,1.5,2", "user item time price quantity"),
        (
            "order id,customer no,product name,product sku,order date,unit price",
            "1,7,x,5,2020-01-01,1.2",
            "basket user title item time price",
        ),
        ("custmer_id,prodct_id,timestmp", "1,2,2020-01-01", "user item time"),
        ("buyerId,productCode,eventTime,eventType", "1,2,2020-01-01,view", "user item time behaviour"),
    ],
)
def test_names_in_many_tongues(tmp_path, header, row, want):
    assert list(roles(tmp_path, f"{header}\n{row}\n").values()) == want.split()


def test_values_alone_when_names_say_nothing(tmp_path):
    text = "".join(f"{k % 7},{k % 5 + 100},{['view', 'cart', 'buy'][k % 3]},{1_586_731_606 + k}\n" for k in range(60))
    assert list(roles(tmp_path, text).values()) == ["user", "item", "behaviour", "time"]
    assert roles(tmp_path, "a,b,c,d\n" + text) == {"a": "user", "b": "item", "c": "behaviour", "d": "time"}


def test_pairs_without_times_are_ordered_by_their_rows(tmp_path):
    done = ingest(write(tmp_path, "user,item\n5,9\n5,8\n6,9\n"))
    assert done.mapping.time_format is TimeFormat.ROW_ORDER
    assert done.events["time_s"].to_pylist() == [2, 3, 4]
    assert any("order of the rows" in verdict.text for verdict in done.quality.verdicts)


def test_unknown_words_are_asked_and_obeyed(tmp_path):
    path = write(tmp_path, "user,item,time,action\n1,2,2020-01-01,zap\n1,3,2020-01-02,buy\n1,4,2020-01-02,Zap\n")
    seen = recognise(path)
    assert [(q.id, q.default) for q in seen.questions] == [("behaviour:zap", "other"), ("behaviour:Zap", "other")]
    done = ingest(path, mapping=seen.mapping.model_copy(update={"behaviours": {"zap": Behaviour.VIEW}}))
    assert [BEHAVIOURS[code].value for code in done.events["behaviour"].to_pylist()] == ["view", "purchase", "view"]


@pytest.mark.parametrize(
    ("word", "want"),
    [
        ("Add To Cart", Behaviour.CART),
        ("ADD-TO-CART", Behaviour.CART),
        ("加购", Behaviour.CART),
        ("浏览", Behaviour.VIEW),
        ("点击", Behaviour.VIEW),
        ("收藏", Behaviour.FAVOURITE),
        ("下单", Behaviour.PURCHASE),
        ("purchase-complete", Behaviour.PURCHASE),
        ("remove_from_cart", Behaviour.REMOVE),
        ("曝光", Behaviour.IMPRESSION),
        ("退货", Behaviour.RETURN),
        ("ｖｉｅｗ", Behaviour.VIEW),
        ("zap", None),
        ("", None),
    ],
)
def test_event_words(word, want):
    assert behaviour_of(word) is want


def test_dates_that_could_be_either_are_asked(tmp_path):
    path = write(tmp_path, "user,item,date\n1,2,01/02/2020\n3,4,03/04/2020\n")
    seen = recognise(path)
    question = next(q for q in seen.questions if q.id == "day_first")
    assert question.default == "true"
    assert "01/02/2020" in question.text
    assert seen.preview[0].time == "2020-02-01 00:00:00"
    turned = recognise(path, mapping=seen.mapping.model_copy(update={"day_first": False}))
    assert turned.preview[0].time == "2020-01-02 00:00:00"
    sure = recognise(write(tmp_path, "user,item,date\n1,2,01/02/2020\n3,4,13/04/2020\n"))
    assert not any(q.id == "day_first" for q in sure.questions)


def test_negative_quantities_are_asked(tmp_path):
    seen = recognise(write(tmp_path, "user,item,time,quantity\n1,2,2020-01-01,-3\n1,2,2020-01-01,4\n"))
    question = next(q for q in seen.questions if q.id == "cancellations")
    assert question.text == "quantity is negative in 1 line. What are they?"
    assert question.default == "skip"


def test_decimal_commas_are_found(tmp_path):
    done = ingest(write(tmp_path, "user;item;time;price\n1;2;2020-01-01;1,50\n1;3;2020-01-02;1.234,75\n"))
    assert done.mapping.decimal == ","
    assert done.events["price"].to_pylist() == [1.5, 1234.75]


def test_a_mapping_survives_json(tmp_path):
    mapping = recognise(write(tmp_path, "user,item,time,action\n1,2,2020-01-01,zap\n")).mapping
    assert Mapping.model_validate_json(mapping.model_dump_json()) == mapping
    with pytest.raises(ValueError, match="Extra inputs"):
        Mapping.model_validate_json('{"surprise": 1}')


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"roles": {"user": Role.USER, "thing": Role.ITEM}}, "no column thing"),
        ({"roles": {"user": Role.USER}}, "No column holds the item"),
        ({"roles": {"item": Role.ITEM}}, "No column holds the shopper"),
        ({"roles": {"user": Role.USER, "item": Role.ITEM, "time": Role.ITEM}}, "Two columns"),
        ({"roles": {"user": Role.USER, "item": Role.ITEM}, "time_format": TimeFormat.EPOCH_S}, "time column"),
    ],
)
def test_mappings_that_do_not_fit_name_the_columns(tmp_path, change, message):
    path = write(tmp_path, "user,item,time\n1,2,2020-01-01\n")
    with pytest.raises(BadInput, match=message) as caught:
        ingest(path, mapping=Mapping(**change))
    assert "user, item, time" in caught.value.why or message == "time column"


def test_guesses_give_reasons_samples_and_empty_shares(tmp_path):
    columns = {c.column: c for c in recognise(write(tmp_path, "user,item,time\n1,2,2020-01-01\n,3,2020-01-01\n1, ,2020-01-02\n")).columns}
    assert columns["user"].samples == ("1", "(empty)")
    assert columns["user"].empty_share == pytest.approx(1 / 3)
    assert columns["item"].empty_share == pytest.approx(1 / 3)
    assert columns["time"].reason == "known column name"
    assert 0 < columns["user"].confidence <= 1


def test_answers_change_the_mapping_and_nothing_else(tmp_path):
    before = recognise(write(tmp_path, "user,item,date,action,quantity\n1,2,01/02/2020,zap,-1\n3,4,03/04/2020,buy,1\n")).mapping
    after = answered(before, {"day_first": "false", "behaviour:zap": "cart", "cancellations": "keep", "encoding": "cp1252"})
    assert (after.day_first, after.behaviours, after.cancellations, after.reading.encoding) == (False, {"zap": "cart"}, "keep", "cp1252")
    assert after.roles == before.roles
    assert Mapping.model_validate_json(after.model_dump_json()) == after
    for wrong in ({"day_first": "maybe"}, {"behaviour:zap": "dance"}, {"colour": "red"}):
        with pytest.raises(BadInput, match="does not fit"):
            answered(before, wrong)


def test_a_wrong_encoding_answer_is_refused_not_garbled(tmp_path):
    path = write(tmp_path, "user,item,title\n1,2,caf\u00e9\n3,4,th\u00e9\n".encode("cp1252"))
    seen = recognise(path)
    assert [q.id for q in seen.questions][:1] == ["encoding"]
    assert "café" in seen.questions[0].text
    with pytest.raises(BadInput):
        ingest(path, mapping=answered(seen.mapping, {"encoding": "utf-8"}))


def test_german_order_lines_are_known_by_their_names(tmp_path):
    path = tmp_path / "bestellungen.csv"
    head = "Bestellnummer;Kundennr;Artikelnr;Bezeichnung;Warengruppe;Hersteller;Bestelldatum;Menge;Einzelpreis;Land"
    rows = "".join(f"B{n};{n % 9:05d};A-{n % 7};Tasse {n % 7};Küche;Käthe;{1 + n % 28:02d}.03.2026;1;9,90;DE\n" for n in range(40))
    path.write_bytes(f"{head}\n{rows}".encode("cp1252"))
    found = {column.column: column.role for column in recognise(path).columns}
    assert list(found.values()) == [
        Role.BASKET, Role.USER, Role.ITEM, Role.TITLE, Role.CATEGORY, Role.BRAND, Role.TIME, Role.QUANTITY, Role.PRICE, Role.USER_FEATURE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "head",
    [
        "Article,Article no.,Customer no.,Order date,Order no.",
        "Artikel,Artikelnr,Kundennr,Bestelldatum,Bestellnr",
        "商品,商品编号,会员编号,下单时间,订单号",
    ],
)
def test_the_number_of_an_item_is_its_id_and_the_word_beside_it_its_title(tmp_path, head):
    path = tmp_path / "orders.csv"
    path.write_text(
        head + "\n" + "".join(f"Lamp {n % 7},A{n % 7:03d},{n % 9:05d},2026-03-{1 + n % 28:02d},O{n}\n" for n in range(60)), "utf-8"
    )
    assert [column.role for column in recognise(path).columns] == [Role.TITLE, Role.ITEM, Role.USER, Role.TIME, Role.BASKET]
    assert recognise_side(path).kind.value == "events"
