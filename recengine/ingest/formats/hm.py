"""H&M transactions: one row an article bought; articles and customers are files of their own."""

from recengine.columns import Behaviour, Role
from recengine.ingest.formats.base import KnownFormat
from recengine.ingest.formats.tables import KnownTable
from recengine.ingest.side.kinds import Field, TableKind
from recengine.ingest.times import TimeFormat

FORMAT = KnownFormat(
    name="hm",
    title="H&M transactions",
    columns={
        "t_dat": Role.TIME,
        "customer_id": Role.USER,
        "article_id": Role.ITEM,
        "price": Role.PRICE,
        "sales_channel_id": Role.UNUSED,
    },
    required=("t_dat", "customer_id", "article_id"),
    notes="Article ids begin with 0 and stay texts. Prices are scaled and in no currency. Every row is one piece.",
    default_behaviour=Behaviour.PURCHASE,
    time_format=TimeFormat.TEXT,
)
TABLES = (
    KnownTable(
        "hm_articles",
        "H&M articles",
        TableKind.ITEMS,
        {
            "article_id": Field.ID,
            "prod_name": Field.TITLE,
            "detail_desc": Field.DESCRIPTION,
            "product_type_name": Field.CATEGORY,
            "product_group_name": Field.UNUSED,
        },
        ("article_id", "prod_name"),
    ),
    KnownTable("hm_customers", "H&M customers", TableKind.SHOPPERS, {"customer_id": Field.ID}, ("customer_id", "club_member_status")),
)
