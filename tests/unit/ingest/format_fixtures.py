"""A small invented file of every known format: how it looks, and what an import makes of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fixture:
    """A file and what is known of it."""

    format: str
    text: str
    roles: str  # "column=role …" of all columns with a role; "" where the file has no header
    first: tuple[str, str, int]  # shopper, item and second of the first event
    behaviours: str  # of all accepted events
    counts: tuple[int, int, int]  # accepted, rejected, skipped


SHOPIFY = """Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,\
Lineitem requires shipping,Shipping Country,Cancelled at,Vendor
#1001,ana@example.org,paid,2025-10-07 09:51:00 +0200,EUR,30.00,2025-10-07 09:50:26 +0200,2,Blue mug,10.00,MUG-1,true,DE,,Clayworks
#1001,,,,,,,1,Tea towel,10.00,TOW-9,true,,,Linum
#1002,bo@example.org,paid,,EUR,10.00,2025-10-08 08:00:00 +0200,1,Blue mug,10.00,MUG-1,true,FR,2025-10-09 10:00:00 +0200,Clayworks
#1002,,,,,,,1,Tea towel,10.00,TOW-9,true,,,Linum
#1003,cy@example.org,partially_refunded,,EUR,10.00,2025-10-09 08:00:00 +0200,1,Blue mug,10.00,,true,FR,,Clayworks
"""
WOO = """Order Number,Order Status,Order Date,Customer User ID,Email (Billing),Country Code (Billing),SKU,Item Name,Quantity,Item Cost
501,Completed,2025-03-01 10:00,77,ana@example.org,DE,MUG-1,Blue mug,2,10.00
501,,,,,,TOW-9,Tea towel,1,8.50
502,Cancelled,2025-03-02 10:00,78,bo@example.org,FR,MUG-1,Blue mug,1,10.00
503,On hold,2025-03-03 10:00,79,cy@example.org,FR,MUG-1,Blue mug,1,10.00
"""
MAGENTO = """increment_id,order_id,store_id,created_at,customer_id,status,product_id,sku,name,qty_ordered,price
000000012,12,1,2025-03-01 10:00:00,41,complete,7,MUG-1,Blue mug,2.0000,10.0000
000000013,13,1,2025-03-01 11:00:00,42,canceled,7,MUG-1,Blue mug,1.0000,10.0000
000000014,14,1,2025-03-01 12:00:00,,complete,7,MUG-1,Blue mug,1.0000,10.0000
"""
GA4 = """event_date,event_timestamp,event_name,user_pseudo_id,user_id,device.category,geo.country,ecommerce.transaction_id,items.item_id,\
items.item_name,items.item_brand,items.item_category,items.price,items.quantity
20250301,1740816000000001,view_item,813.17,,mobile,Italy,,MUG-1,Blue mug,Clayworks,Kitchen,10.0,1
20250301,1740816001000002,add_to_cart,813.17,,mobile,Italy,,MUG-1,Blue mug,Clayworks,Kitchen,10.0,1
20250301,1740816002000003,purchase,813.17,u9,mobile,Italy,T1,MUG-1,Blue mug,Clayworks,Kitchen,10.0,2
20250301,1740816002000003,purchase,813.17,u9,mobile,Italy,T1,TOW-9,Tea towel,Linum,Kitchen,8.5,1
20250301,1740816003000004,page_view,813.17,,mobile,Italy,,,,,,,
"""
GOOGLE_RETAIL = """eventType,visitorId,eventTime,productDetails.product.id,productDetails.quantity,purchaseTransaction.id,\
purchaseTransaction.revenue,purchaseTransaction.currencyCode,searchQuery
detail-page-view,v1,2025-03-01T10:00:00.5Z,MUG-1,,,,,
add-to-cart,v1,2025-03-01T10:01:00Z,MUG-1,1,,,,
purchase-complete,v1,2025-03-01T10:02:00Z,MUG-1,1,T1,18.5,EUR,
search,v1,2025-03-01T10:03:00Z,,,,,,mugs
"""
OTTO = """session,events.aid,events.ts,events.type
42,0,1661200010000,clicks
42,1,1661200020000,carts
42,1,1661200030000,orders
43,5,1661200040000,clicks
"""
TMALL = """user_id,item_id,cat_id,seller_id,brand_id,time_stamp,action_type
328862,323294,833,2882,2661,0829,0
328862,844400,1271,2882,2661,1111,2
328863,575153,1271,2882,,1031,3
328863,575153,1271,2882,,1301,1
"""
TIANCHI = """user_id,item_id,behavior_type,user_geohash,item_category,time
10001082,285259775,1,97lk14c,4076,2014-12-08 18
10001082,4368907,4,,5503,2014-12-12 12
10001083,4368907,3,,5503,2014-12-12 12
10001083,4368907,2,,5503,2014-12-13 02
"""
YOO_CLICKS = """1,2014-04-07T10:51:09.277Z,214536502,0
1,2014-04-07T10:54:09.868Z,214536500,0
2,2014-04-07T13:56:37.614Z,214662742,S
"""
YOO_BUYS = """420374,2014-04-06T18:44:58.314Z,214537888,12462,1
420374,2014-04-06T18:44:58.325Z,214537850,10471,1
281626,2014-04-06T09:40:13.032Z,214535653,0,0
"""
ALGOLIA_CSV = """userToken,timestamp,objectID,eventType,eventName
anon-1,2025-03-01T10:00:00Z,MUG-1,click,Item Opened
anon-1,2025-03-01,MUG-1,conversion,Item Bought
"""
ALGOLIA_JSON = """eventType,eventName,index,userToken,timestamp,objectIDs,queryID,positions
click,Opened,shop,anon-1,1641290601962,MUG-1,abc,1
click,Opened,shop,anon-1,1641290601962,TOW-9,abc,2
conversion,Bought,shop,anon-1,1641290701962,MUG-1,,
"""
METARANK = """event,id,timestamp,user,session,item,type,ranking
interaction,e1,1599391467000,u1,s1,MUG-1,click,r1
interaction,e2,1599391468000,u1,s1,MUG-1,purchase,r1
item,e3,1599391469000,,,MUG-1,,
"""
GORSE = """FeedbackType,UserId,ItemId,Value,Timestamp,Comment
read,u1,MUG-1,1,2025-03-01T10:00:00Z,
star,u1,TOW-9,1,2025-03-01T10:01:00Z,
buy,u2,MUG-1,1,2025-03-01 10:02:00+00:00,
"""
AIREC = """item_id,item_type,bhv_type,trace_id,bhv_time,user_id,scene_id,platform
MUG-1,item,expose,Alibaba,1740816000,u1,home,ios
MUG-1,item,click,Alibaba,1740816001,u1,home,ios
MUG-1,item,collect,Alibaba,1740816002,u1,home,ios
MUG-1,item,buy,Alibaba,1740816003,u1,home,ios
MUG-1,item,stay,Alibaba,1740816004,u1,home,ios
"""
VOLC = """user_id,goods_id,bhv_type,bhv_time,spm,scm,device_type
u1,MUG-1,click,1740816000,a.b.c,,android
u1,MUG-1,cart,1740816001,a.b.c,,android
u1,MUG-1,purchase,1740816002,a.b.c,,android
"""
AMAZON = """reviewerID,asin,reviewerName,reviewText,overall,summary,unixReviewTime,reviewTime
A1YJ,0528881469,amazdnu,"We like it, it works",5.0,Good,1370131200,"06 2, 2013"
A2XY,0528881469,,Broke,1.0,Bad,1290643200,"11 25, 2010"
"""
AMAZON_23 = """rating,title,text,asin,parent_asin,user_id,timestamp,helpful_vote,verified_purchase
5.0,Good,Works,B07AAA,B07AA0,AGKHL,1588687728923,0,True
2.0,Bad,Broke,B07AAB,B07AA0,AGKHM,1588687828923,1,False
"""
AMAZON_RATINGS = (
    "A1YJEY40YUW4SE,7806397051,3.0,1391040000\nA60XNB876KYML,B00005N7P0,5.0,1397779200\nA3G6XNM240RMWA,B00005N7P0,4.0,1378425600\n"
)
DIG_VIEWS = """sessionId;userId;itemId;timeframe;eventdate
1;NA;81766;526309;2016-05-09
1;NA;31331;1031018;2016-05-09
"""
DIG_BUYS = """sessionId;userId;timeframe;eventdate;ordernumber;itemId
150;18278;17100868;2016-05-06;16421;25911
150;18278;17100868;2016-05-06;16421;175
"""
DRESSIPI = """session_id,item_id,date
3,9655,2020-12-18 21:25:00.373
3,9655,2020-12-18 21:19:48.093
13,15654,2020-03-13 19:35:27.136
"""
HM = """t_dat,customer_id,article_id,price,sales_channel_id
2018-09-20,000058a12d,0663713001,0.0508305,2
2018-09-20,000058a12d,0541518023,0.0304915,2
"""
INSTACART = """order_id,product_id,add_to_cart_order,reordered
2,33120,1,1
2,28985,2,1
3,33754,1,1
"""
CRITEO = "".join(
    "\t".join([sale, amount, "-1", "1598890820", "-1", price, "-1", "C1", "-1", "-1", brand, "K1", *["-1"] * 7, item, "T", "P", user])
    + "\n"
    for sale, amount, price, brand, item, user in [
        ("0", "-1", "0.0", "-1", "I1", "U1"),
        ("1", "20.5", "20.5", "B7", "I1", "U1"),
        ("0", "-1", "0.0", "-1", "-1", "U2"),
    ]
)
UCI = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
c536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom
536414,22139,,56,2010-12-01 11:52:00,0,,United Kingdom
"""
ROCKET = """timestamp,visitorid,event,itemid,transactionid
1433221332117,257597,view,355908,
1433224214164,992329,addtocart,248676,
1433222276276,599528,transaction,356475,4000
"""
REES = """event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session
2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde
2019-10-01 00:00:04 UTC,remove_from_cart,3900821,2053013552326770905,,aqua,33.20,554748717,9333dfbd
"""
TAOBAO = "1,2268318,2520377,pv,1511544070\n1,2333346,2520771,buy,1511561733\n2,2576651,149192,cart,1511572885\n"
MOVIES = "1::1193::5::978300760\n1::661::3::978302109\n"
RECBOLE = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n186\t302\t3\t891717742\n"
PERSONALIZE = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu1,i1,1586731606,Purchase,\nu2,i2,1586731607,View,0.5\n"
OURS = (
    "user_id,item_id,behaviour,timestamp,quantity,price,basket_id,title,category,brand,device\n"
    "u1,i1,purchase,2024-01-05T10:00:00Z,2,9.5,b1,Lamp,lamps,Lumo,phone\nu1,i2,view,2024-01-05T10:01:00Z,,,,Cup,cups,,phone\n"
)
LISTS = "shopper_id,rank,item_id,title,score\n'=1+1,1,'-5,Lamp,0.5\n'=1+1,2,007,it's a cup,0.25\n"

FIXTURES = (
    Fixture(
        "shopify_orders",
        SHOPIFY,
        "Name=basket Email=user Financial Status=behaviour Created at=time Lineitem quantity=quantity Lineitem name=title "
        "Lineitem price=price Lineitem sku=item Shipping Country=user_feature Vendor=brand",
        ("ana@example.org", "MUG-1", 1_759_823_426),
        "purchase purchase",
        (2, 1, 2),
    ),
    Fixture(
        "woocommerce_orders",
        WOO,
        "Order Number=basket Order Status=behaviour Order Date=time Customer User ID=user Country Code (Billing)=user_feature SKU=item "
        "Item Name=title Quantity=quantity Item Cost=price",
        ("77", "MUG-1", 1_740_823_200),
        "purchase purchase purchase",
        (3, 0, 1),
    ),
    Fixture(
        "magento_orders",
        MAGENTO,
        "increment_id=basket created_at=time customer_id=user status=behaviour sku=item name=title qty_ordered=quantity price=price "
        "store_id=user_feature",
        ("41", "MUG-1", 1_740_823_200),
        "purchase",
        (1, 1, 1),
    ),
    Fixture(
        "ga4_bigquery",
        GA4,
        "event_timestamp=time event_name=behaviour user_pseudo_id=user device.category=user_feature ecommerce.transaction_id=basket "
        "items.item_id=item items.item_name=title items.item_brand=brand items.item_category=category items.price=price "
        "items.quantity=quantity",
        ("813.17", "MUG-1", 1_740_816_000),
        "view cart purchase purchase",
        (4, 1, 0),
    ),
    Fixture(
        "google_retail",
        GOOGLE_RETAIL,
        "eventType=behaviour visitorId=user eventTime=time productDetails.product.id=item productDetails.quantity=quantity "
        "purchaseTransaction.id=basket",
        ("v1", "MUG-1", 1_740_823_200),
        "view cart purchase",
        (3, 1, 0),
    ),
    Fixture(
        "otto",
        OTTO,
        "session=user events.aid=item events.ts=time events.type=behaviour",
        ("42", "0", 1_661_200_010),
        "view cart purchase view",
        (4, 0, 0),
    ),
    Fixture(
        "tmall",
        TMALL,
        "user_id=user item_id=item cat_id=category brand_id=brand time_stamp=time action_type=behaviour",
        ("328862", "323294", 1_409_270_400),
        "view purchase favourite",
        (3, 1, 0),
    ),
    Fixture(
        "tianchi_mobile",
        TIANCHI,
        "user_id=user item_id=item behavior_type=behaviour user_geohash=user_feature item_category=category time=time",
        ("10001082", "285259775", 1_418_061_600),
        "view purchase cart favourite",
        (4, 0, 0),
    ),
    Fixture("yoochoose_clicks", YOO_CLICKS, "", ("1", "214536502", 1_396_867_869), "view view view", (3, 0, 0)),
    Fixture("yoochoose_buys", YOO_BUYS, "", ("420374", "214537888", 1_396_809_898), "purchase purchase", (2, 1, 0)),
    Fixture(
        "algolia_csv",
        ALGOLIA_CSV,
        "userToken=user timestamp=time objectID=item eventType=behaviour",
        ("anon-1", "MUG-1", 1_740_823_200),
        "view purchase",
        (2, 0, 0),
    ),
    Fixture(
        "algolia_insights",
        ALGOLIA_JSON,
        "userToken=user timestamp=time objectIDs=item eventType=behaviour",
        ("anon-1", "MUG-1", 1_641_290_601),
        "view view purchase",
        (3, 0, 0),
    ),
    Fixture(
        "metarank",
        METARANK,
        "timestamp=time user=user session=basket item=item type=behaviour",
        ("u1", "MUG-1", 1_599_391_467),
        "view purchase",
        (2, 1, 0),
    ),
    Fixture(
        "gorse",
        GORSE,
        "FeedbackType=behaviour UserId=user ItemId=item Timestamp=time",
        ("u1", "MUG-1", 1_740_823_200),
        "view favourite purchase",
        (3, 0, 0),
    ),
    Fixture(
        "airec",
        AIREC,
        "item_id=item bhv_type=behaviour bhv_time=time user_id=user platform=user_feature",
        ("u1", "MUG-1", 1_740_816_000),
        "impression view favourite purchase view",
        (5, 0, 0),
    ),
    Fixture(
        "volcengine",
        VOLC,
        "user_id=user goods_id=item bhv_type=behaviour bhv_time=time device_type=user_feature",
        ("u1", "MUG-1", 1_740_816_000),
        "view cart purchase",
        (3, 0, 0),
    ),
    Fixture(
        "amazon_reviews",
        AMAZON,
        "reviewerID=user asin=item overall=rating unixReviewTime=time",
        ("A1YJ", "0528881469", 1_370_131_200),
        "rating rating",
        (2, 0, 0),
    ),
    Fixture(
        "amazon_reviews_2023",
        AMAZON_23,
        "rating=rating parent_asin=item user_id=user timestamp=time",
        ("AGKHL", "B07AA0", 1_588_687_728),
        "rating rating",
        (2, 0, 0),
    ),
    Fixture("amazon_ratings", AMAZON_RATINGS, "", ("A1YJEY40YUW4SE", "7806397051", 1_391_040_000), "rating rating rating", (3, 0, 0)),
    Fixture(
        "diginetica_views", DIG_VIEWS, "sessionId=user itemId=item eventdate=time", ("1", "81766", 1_462_752_000), "view view", (2, 0, 0)
    ),
    Fixture(
        "diginetica_purchases",
        DIG_BUYS,
        "sessionId=user eventdate=time ordernumber=basket itemId=item",
        ("150", "25911", 1_462_492_800),
        "purchase purchase",
        (2, 0, 0),
    ),
    Fixture(
        "dressipi",
        DRESSIPI,
        "session_id=user item_id=item date=time",
        ("3", "9655", 1_608_326_700),
        "purchase purchase purchase",
        (3, 0, 0),
    ),
    Fixture(
        "hm",
        HM,
        "t_dat=time customer_id=user article_id=item price=price",
        ("000058a12d", "0663713001", 1_537_401_600),
        "purchase purchase",
        (2, 0, 0),
    ),
    Fixture("instacart", INSTACART, "order_id=user product_id=item", ("2", "33120", 2), "purchase purchase purchase", (3, 0, 0)),
    Fixture("criteo_sponsored_search", CRITEO, "", ("U1", "I1", 1_598_890_820), "view purchase", (2, 1, 0)),
    Fixture(
        "uci_online_retail",
        UCI,
        "InvoiceNo=basket StockCode=item Description=title Quantity=quantity InvoiceDate=time UnitPrice=price CustomerID=user "
        "Country=user_feature",
        ("17850.0", "85123A", 1_291_191_960),
        "purchase",
        (1, 1, 1),
    ),
    Fixture(
        "retailrocket",
        ROCKET,
        "timestamp=time visitorid=user event=behaviour itemid=item transactionid=basket",
        ("257597", "355908", 1_433_221_332),
        "view cart purchase",
        (3, 0, 0),
    ),
    Fixture(
        "rees46",
        REES,
        "event_time=time event_type=behaviour product_id=item category_code=category brand=brand price=price user_id=user "
        "user_session=basket",
        ("541312140", "44600062", 1_569_888_000),
        "view remove",
        (2, 0, 0),
    ),
    Fixture("taobao_user_behavior", TAOBAO, "", ("1", "2268318", 1_511_544_070), "view purchase cart", (3, 0, 0)),
    Fixture("movielens", MOVIES, "", ("1", "1193", 978_300_760), "rating rating", (2, 0, 0)),
    Fixture(
        "recbole",
        RECBOLE,
        "user_id:token=user item_id:token=item rating:float=rating timestamp:float=time",
        ("196", "242", 881_250_949),
        "rating rating",
        (2, 0, 0),
    ),
    Fixture(
        "personalize",
        PERSONALIZE,
        "USER_ID=user ITEM_ID=item TIMESTAMP=time EVENT_TYPE=behaviour",
        ("u1", "i1", 1_586_731_606),
        "purchase view",
        (2, 0, 0),
    ),
    Fixture(
        "merchlens",
        OURS,
        "user_id=user item_id=item behaviour=behaviour timestamp=time quantity=quantity price=price basket_id=basket title=title "
        "category=category brand=brand device=user_feature",
        ("u1", "i1", 1_704_448_800),
        "purchase view",
        (2, 0, 0),
    ),
    Fixture(
        "merchlens_lists",
        LISTS,
        "shopper_id=user item_id=item title=title",
        ("=1+1", "-5", 2),
        "impression impression",
        (2, 0, 0),
    ),
)
