"""Files beside the log: recognised, every row accounted for, joins told."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from recengine.columns import Reject
from recengine.errors import BadInput
from recengine.ingest.formats.registry import known_tables
from recengine.ingest.side.coverage import coverage
from recengine.ingest.side.kinds import Field, TableKind
from recengine.ingest.side.read import recognise_side, take_in

# name → (file, first row as taken in, (accepted, rejected, skipped))
KNOWN: dict[str, tuple[str, dict[str, object], tuple[int, int, int]]] = {
    "shopify_products": (
        "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Variant SKU,Variant Price,Variant Inventory Qty,Image Src\n"
        "mug,Blue mug,<p>Stoneware</p>,Clayworks,Home > Kitchen,Mug,blue,MUG-1,10.00,4,http://x/1.jpg\n"
        "mug,,,,,,,MUG-2,12.00,0,\nmug,,,,,,,,,,http://x/2.jpg\n",
        {"id": "MUG-1", "title": "Blue mug", "brand": "Clayworks", "category": "Home > Kitchen", "price": 10.0, "stock": 4.0},
        (2, 1, 0),
    ),
    "shopify_products_new": (
        "Title,URL handle,Description,Vendor,Product category,SKU,Price,Inventory quantity,Product image URL\n"
        "Blue mug,mug,Stoneware,Clayworks,Home > Kitchen,MUG-1,10.00,4,http://x/1.jpg\n,mug,,,,MUG-2,11.00,2,\n",
        {"id": "MUG-1", "title": "Blue mug", "description": "Stoneware", "picture": "http://x/1.jpg", "stock": 4.0},
        (2, 0, 0),
    ),
    "woocommerce_products": (
        "ID,SKU,Name,Description,Regular price,Stock,Categories,Images\n7,MUG-1,Blue mug,Stoneware,10.00,4,Home > Kitchen,http://x/1.jpg\n",
        {"id": "MUG-1", "title": "Blue mug", "category": "Home > Kitchen", "price": 10.0, "stock": 4.0},
        (1, 0, 0),
    ),
    "retailrocket_properties": (
        "timestamp,itemid,property,value\n1435460400000,460429,categoryid,1338\n1441508400000,206783,888,1116713 960601 n277.200\n"
        "1442113200000,460429,categoryid,1400\n1439089200000,460429,790,n39588.000\n1431226800000,460429,available,1\n"
        "1442113200000,206783,available,0\n",
        {"id": "460429", "category": "1400", "price": 39588.0, "stock": 1.0},
        (2, 0, 4),
    ),
    "movielens_movies": (
        'movieId,title,genres\n1,Toy Story (1995),Adventure|Animation\n2,"American President, The (1995)",(no genres listed)\n',
        {"id": "1", "title": "Toy Story (1995)", "category": "Adventure|Animation"},
        (2, 0, 0),
    ),
    "recbole_items": (
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n1\tToy Story\t1995\tAnimation Comedy\n",
        {"id": "1", "title": "Toy Story", "category": "Animation Comedy", "release_year:token": "1995"},
        (1, 0, 0),
    ),
    "recbole_users": (
        "user_id:token\tage:token\tgender:token\n1\t24\tM\n2\t53\tF\n",
        {"id": "1", "age:token": "24", "gender:token": "M"},
        (2, 0, 0),
    ),
    "personalize_items": (
        "ITEM_ID,PRICE,CATEGORY_L1,CATEGORY_L2,PRODUCT_DESCRIPTION,CREATION_TIMESTAMP\nI1,10.5,Home,Kitchen,A mug,1586731606\n",
        {"id": "I1", "price": 10.5, "category": "Home > Kitchen", "description": "A mug"},
        (1, 0, 0),
    ),
    "hm_articles": (
        "article_id,product_code,prod_name,product_type_name,product_group_name,detail_desc\n"
        "0108775015,0108775,Top,Vest top,Upper,Jersey\n",
        {"id": "0108775015", "title": "Top", "category": "Vest top", "description": "Jersey", "product_code": "0108775"},
        (1, 0, 0),
    ),
    "hm_customers": (
        "customer_id,FN,Active,club_member_status,age\n00000dbacae5,,,ACTIVE,49\n",
        {"id": "00000dbacae5", "club_member_status": "ACTIVE", "age": "49"},
        (1, 0, 0),
    ),
    "instacart_orders": (
        "order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order\n2539329,1,prior,1,2,08,\n",
        {"id": "2539329", "account": "1"},
        (1, 0, 0),
    ),
    "instacart_products": (
        "product_id,product_name,aisle_id,department_id\n1,Chocolate Cookies,61,19\n",
        {"id": "1", "title": "Chocolate Cookies", "category": "19"},
        (1, 0, 0),
    ),
    "gorse_items": (
        "ItemId,IsHidden,Categories,Timestamp,Labels,Comment\nMUG-1,false,kitchen,2025-03-01,blue,Blue mug\n",
        {"id": "MUG-1", "category": "kitchen", "title": "Blue mug", "Labels": "blue"},
        (1, 0, 0),
    ),
    "gorse_users": ("UserId,Labels,Comment\nu1,vip,\n", {"id": "u1", "Labels": "vip"}, (1, 0, 0)),
    "airec_items": (
        "item_id,item_type,status,scene_id,title,category_path,brand_id,price\nMUG-1,item,1,home,Blue mug,1_2,b7,10\n",
        {"id": "MUG-1", "title": "Blue mug", "category": "1_2", "brand": "b7", "price": 10.0},
        (1, 0, 0),
    ),
    "volcengine_goods": (
        "goods_id,status,title,category,brand,current_price,stock\nMUG-1,1,Blue mug,kitchen,Clayworks,10,3\n",
        {"id": "MUG-1", "title": "Blue mug", "price": 10.0, "stock": 3.0},
        (1, 0, 0),
    ),
    "volcengine_users": (
        "user_id,age,city,gender,register_time,tags\nu1,30,Rome,f,1622476800,a$##$b\n",
        {"id": "u1", "city": "Rome", "tags": "a$##$b"},
        (1, 0, 0),
    ),
    "pai_rec_users": (
        "user_id,gender,age,city,item_cnt,follow_cnt,follower_cnt,register_time,tags,ds\nu1,f,30,Rome,1,2,3,1622476800,a,20250301\n",
        {"id": "u1", "gender": "f", "city": "Rome"},
        (1, 0, 0),
    ),
    "amazon_review_texts": (
        "reviewerID,asin,reviewText,overall,unixReviewTime\nA1,0528881469,We like it,5.0,1370131200\nA2,0528881469,,1.0,1290643200\n",
        {"item": "0528881469", "shopper": "A1", "text": "We like it", "rating": 5.0, "time_s": 1_370_131_200.0},
        (1, 1, 0),
    ),
    "amazon_items": (
        "asin,title,description,brand,price,imUrl\nB1,Blue mug,Stoneware,Clayworks,10,http://x\n",
        {"id": "B1", "title": "Blue mug", "description": "Stoneware", "picture": "http://x"},
        (1, 0, 0),
    ),
    "dressipi_features": (
        "item_id,feature_category_id,feature_value_id\n2,56,365\n2,62,801\n3,56,1\n",
        {"id": "2", "feature_value_id": "801"},
        (2, 0, 1),
    ),
}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_known_table_has_a_file():
    assert set(KNOWN) == set(known_tables())


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_file_of_each_known_table(name, tmp_path):
    text, want, counts = KNOWN[name]
    kind = known_tables()[name].kind
    found = recognise_side(write(tmp_path, text), kind=kind if kind is TableKind.REVIEWS else None)
    assert (found.known, found.kind) == (name, kind)
    done = take_in(found)
    first = done.table.to_pylist()[0]
    assert {column: first[column] for column in want} == want
    assert (done.accepted, done.rejected, done.skipped) == counts
    assert done.physical == sum(counts)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("sku,name,brand,stock,image_url", "items"),
        ("商品ID,商品名称,品牌,库存,主图", "items"),
        ("customer_id,gender,city", "shoppers"),
        ("用户ID,性别,城市", "shoppers"),
        ("product_id,user_id,review_text,stars", "reviews"),
        ("user,search_query,timestamp", "searches"),
        ("device_id,account_id", "id_map"),
        ("campaign_name,start_date,end_date", "campaigns"),
        ("question,answer", "faq"),
        ("问题,答案", "faq"),
        ("user_id,item_id,timestamp", "events"),
        ("timestamp,visitorid,event,itemid,transactionid", "events"),
    ],
)
def test_generic_files_are_told_by_their_columns(header, kind, tmp_path):
    row = ",".join(f"v{k}" for k in range(header.count(",") + 1))
    assert recognise_side(write(tmp_path, f"{header}\n{row}\n{row}x\n")).kind.value == kind


def test_items_with_odd_cells_and_repeated_ids(tmp_path):
    text = "sku,name,price,stock,colour\n007,Mug,ask,in stock,blue\n7,Cup,2,5,red\n,Lid,1,1,\n007,Large mug,3,有货,\n"
    done = take_in(recognise_side(write(tmp_path, text)))
    assert done.table.to_pylist() == [
        {"id": "7", "title": "Cup", "price": 2.0, "stock": 5.0, "colour": "red"},
        {"id": "007", "title": "Large mug", "price": 3.0, "stock": 1.0, "colour": ""},
    ]
    assert (done.accepted, done.rejected, done.skipped, done.physical) == (2, 1, 1, 4)
    assert [(r[Reject.LINE], r[Reject.REASON], r[Reject.KIND]) for r in done.rejects.to_pylist()] == [
        (2, "a later row has the same id", "skipped"),
        (4, "no id", "rejected"),
    ]
    odd = take_in(recognise_side(write(tmp_path, "sku,name,price\n1,Mug,ask\n2,Cup,2\n")))
    assert odd.notes[-1] == "1 cells of price are no numbers and stay unknown, such as “ask”."


def test_a_person_chooses_fields_and_kind(tmp_path):
    path = write(tmp_path, "code,words\n1,Mug\n2,Cup\n")
    with pytest.raises(BadInput, match="log of events"):
        take_in(recognise_side(path))
    with pytest.raises(BadInput, match="No column holds the id"):
        take_in(recognise_side(path, kind=TableKind.ITEMS))
    done = take_in(recognise_side(path, kind=TableKind.ITEMS, fields={"code": Field.ID, "words": Field.TITLE}))
    assert done.table.to_pylist()[0] == {"id": "1", "title": "Mug"}
    with pytest.raises(BadInput, match="no column colour"):
        recognise_side(path, kind=TableKind.ITEMS, fields={"colour": Field.ATTRIBUTE})


def test_coverage_by_hand():
    found = coverage("item", pa.array(["007", "8", "9", "9", ""]), pa.array(["7", "8", "11", "12"]))
    assert (found.in_table, found.in_log, found.matched, found.of_log) == (3, 4, 1, 0.25)
    assert (found.only_table, found.only_log) == (("007", "9"), ("7", "11", "12"))
    assert found.hint == "1 more ids would meet if zeros in front, a .0 behind, case and blanks did not count."
    assert coverage("item", pa.array(["1"]), pa.array(["1"])).hint == ""
