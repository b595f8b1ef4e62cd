"""Every known format is recognised from a small file and read with the right meaning."""

from __future__ import annotations

import pytest

from recengine.columns import BEHAVIOURS, Role
from recengine.ingest.formats.registry import known_formats
from recengine.ingest.importer import ingest

UCI_1 = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
c536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom
536370,POST,POSTAGE,3,2010-12-01 08:45:00,18,12583.0,France
536414,22139,,56,2010-12-01 11:52:00,0,,United Kingdom
"""
UCI_2 = """Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country
489434,85048,15CM CHRISTMAS GLASS BALL,12,01/12/2009 07:45,6.95,13085,United Kingdom
C489449,22087,PAPER BUNTING,-12,13/12/2009 10:33,2.95,16321,Australia
"""
ROCKET = """timestamp,visitorid,event,itemid,transactionid
1433221332117,257597,view,355908,
1433224214164,992329,addtocart,248676,
1433222276276,599528,transaction,356475,4000
"""
REES = """event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session
2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde
2019-10-01 00:00:01 UTC,cart,3900821,2053013552326770905,appliances.water_heater,aqua,33.20,554748717,9333dfbd
2019-10-01 00:00:04 UTC,remove_from_cart,3900821,2053013552326770905,,aqua,33.20,554748717,9333dfbd
2019-10-01 00:00:09 UTC,purchase,3900821,2053013552326770905,,aqua,33.20,554748717,9333dfbd
"""
TAOBAO = """1,2268318,2520377,pv,1511544070
1,2333346,2520771,buy,1511561733
2,2576651,149192,cart,1511572885
2,3830808,4181361,fav,1511593493
"""
ML_CSV = "userId,movieId,rating,timestamp\n1,307,3.5,1256677221\n1,481,3.5,1256677456\n"
ML_DAT = "1::1193::5::978300760\n1::661::3::978302109\n"
ML_TAB = "196\t242\t3\t881250949\n186\t302\t3\t891717742\n"
RECBOLE = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n186\t302\t3\t891717742\n"
PERSONALIZE = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu1,i1,1586731606,Purchase,\nu2,i2,1586731607,View,0.5\n"
OURS = (
    "user_id,item_id,behaviour,timestamp,quantity,price,basket_id,title,category,brand,device\n"
    "u1,i1,purchase,2024-01-05T10:00:00Z,2,9.5,b1,Lamp 台灯,lamps,Lumo,phone\nu1,i2,view,2024-01-05T10:01:00Z,,,,Cup,cups,,phone\n"
)

CASES = [
    ("uci_online_retail", UCI_1, "17850.0", "85123A", 1_291_191_960, ["purchase", "purchase"], (2, 1, 1)),
    ("uci_online_retail", UCI_2, "13085", "85048", 1_259_653_500, ["purchase"], (1, 0, 1)),
    ("retailrocket", ROCKET, "257597", "355908", 1_433_221_332, ["view", "cart", "purchase"], (3, 0, 0)),
    ("rees46", REES, "541312140", "44600062", 1_569_888_000, ["view", "cart", "remove", "purchase"], (4, 0, 0)),
    ("taobao_user_behavior", TAOBAO, "1", "2268318", 1_511_544_070, ["view", "purchase", "cart", "favourite"], (4, 0, 0)),
    ("movielens", ML_CSV, "1", "307", 1_256_677_221, ["rating", "rating"], (2, 0, 0)),
    ("movielens", ML_DAT, "1", "1193", 978_300_760, ["rating", "rating"], (2, 0, 0)),
    ("movielens", ML_TAB, "196", "242", 881_250_949, ["rating", "rating"], (2, 0, 0)),
    ("recbole", RECBOLE, "196", "242", 881_250_949, ["rating", "rating"], (2, 0, 0)),
    ("personalize", PERSONALIZE, "u1", "i1", 1_586_731_606, ["purchase", "view"], (2, 0, 0)),
    ("merchlens", OURS, "u1", "i1", 1_704_448_800, ["purchase", "view"], (2, 0, 0)),
]


def load(tmp_path, text: str):
    path = tmp_path / "upload"
    path.write_text(text, encoding="utf-8")
    return ingest(path)


@pytest.mark.parametrize(("name", "text", "user", "item", "time_s", "behaviours", "counts"), CASES)
def test_a_known_format(tmp_path, name, text, user, item, time_s, behaviours, counts):
    done = load(tmp_path, text)
    assert done.mapping.format == name
    assert done.recognition.confidence >= 0.85
    first = done.events.to_pylist()[0]
    assert (first["user_id"], first["item_id"], first["time_s"]) == (user, item, time_s)
    assert [BEHAVIOURS[code].value for code in done.events["behaviour"].to_pylist()] == behaviours
    assert (done.accepted, done.rejected, done.skipped) == counts
    assert done.recognition.format_title == known_formats()[name].title


def test_traps_of_the_gift_shop(tmp_path):
    done = load(tmp_path, UCI_1)
    assert done.currency == "£"
    assert done.unsellable_item_ids == ["POST"]
    assert [(r["line"], r["reason"], r["kind"]) for r in done.rejects.to_pylist()] == [
        (3, "cancellation or return", "skipped"),
        (5, "no shopper id", "rejected"),
    ]
    kept = ingest(tmp_path / "upload", mapping=done.mapping.model_copy(update={"cancellations": "keep"}))
    assert [BEHAVIOURS[code].value for code in kept.events["behaviour"].to_pylist()] == ["purchase", "return", "purchase"]


def test_only_whole_codes_are_no_products(tmp_path):
    header = UCI_1.splitlines()[0]
    ids = ["POST", "m", "M", "D", "gift_0001_20", "PADS", "DCGS0003", "POST1", "15D", "BANK CHARGES", "DOT2", "ADJUST2", "22139M"]
    done = load(tmp_path, header + "\n" + "".join(f"5,{item},t,1,2010-12-01 08:26:00,1,7,UK\n" for item in ids))
    assert done.unsellable_item_ids == sorted(set(ids) - {"15D", "22139M", "DCGS0003", "DOT2", "POST1"})


def test_our_own_store_fills_every_column(tmp_path):
    first, second = load(tmp_path, OURS).events.to_pylist()
    want = {
        "quantity": 2,
        "price": 9.5,
        "basket_id": "b1",
        "title": "Lamp 台灯",
        "category": "lamps",
        "brand": "Lumo",
        "user_feature": "phone",
    }
    assert {name: first[name] for name in want} == want
    assert second["quantity"] != second["quantity"]  # not a number: unknown
    assert second["basket_id"] == ""


def test_a_header_that_only_resembles_a_format_is_generic(tmp_path):
    done = load(tmp_path, "user_id,item_id,timestamp\nu,i,1586731606\nv,j,1586731607\n")
    assert done.mapping.format == "generic"
    assert done.mapping.roles == {"user_id": Role.USER, "item_id": Role.ITEM, "timestamp": Role.TIME}
