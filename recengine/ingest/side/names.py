"""Column names of files beside the event log, in English and Chinese, and what they make of a file."""

from __future__ import annotations

from recengine.columns import Role
from recengine.ingest.formats.base import key
from recengine.ingest.guess import ROLE_OF_NAME
from recengine.ingest.side.kinds import Field, TableKind

NAMES: dict[Field, str] = {
    Field.DESCRIPTION: """description desc long_description details body detail_desc product_description 描述 商品描述 详情
        商品详情 产品描述""",
    Field.STOCK: """stock stock_quantity inventory inventory_quantity qty_available available availability on_hand quantity_available
        in_stock 库存 库存量 库存数量 可售库存 现货""",
    Field.PICTURE: """image image_url image_link imageurl img picture picture_url photo thumbnail image_src 图片 主图 图片地址
        图片链接 商品图片""",
    Field.TEXT: "review review_text reviewtext text comment comments content review_body feedback 评论 评论内容 评价内容 评价 点评内容",
    Field.QUERY: """query search_query searchquery search_term searchterm search_text keyword keywords search_phrase 搜索词 关键词 查询词
        搜索内容 搜索关键词""",
    Field.RESULTS: "results result_count hits n_results num_results found 结果数 结果数量 命中数",
    Field.ACCOUNT: "account account_id accountid master_id login login_id person_id 账号 账户 主账号",
    Field.NAME: "campaign campaign_name campaign_id promotion promotion_name promo 活动 活动名称 活动id 促销 营销活动",
    Field.START: "start start_date starts start_time begin begin_date valid_from 开始 开始时间 开始日期",
    Field.END: "end end_date ends end_time valid_to finish 结束 结束时间 结束日期",
    Field.QUESTION: "question questions q 问题 提问 常见问题",
    Field.ANSWER: "answer answers a reply 答案 回答 回复",
}
DEVICE = frozenset(
    key(word)
    for word in [
        "device",
        "device_id",
        "deviceid",
        "cookie",
        "cookie_id",
        "anonymous_id",
        "anonymousid",
        "visitor_id",
        "user_pseudo_id",
        "client_id",
        "imei",
        "设备",
        "设备id",
    ]
)
FIELD_OF_NAME: dict[str, Field] = {key(word): field for field, words in NAMES.items() for word in words.split()}
OF_ROLE = {Role.TITLE: Field.TITLE, Role.CATEGORY: Field.CATEGORY, Role.BRAND: Field.BRAND, Role.PRICE: Field.PRICE}
OF_ROLE |= {Role.RATING: Field.RATING, Role.TIME: Field.TIME}


def kind_of(names: list[str]) -> tuple[TableKind, float, str]:
    """What a row of a file with these columns is about: kind, how sure (0 to 1), and why."""
    keys = {key(name) for name in names}
    fields = {field for k in keys if (field := FIELD_OF_NAME.get(k))}
    roles = {role for k in keys if (role := ROLE_OF_NAME.get(k)) and k not in DEVICE}
    item, user = Role.ITEM in roles, Role.USER in roles
    if {Field.QUESTION, Field.ANSWER} <= fields:
        return TableKind.FAQ, 0.95, "it has questions and answers"
    if keys & DEVICE and not item and (Field.ACCOUNT in fields or user) and len(names) <= 4:
        return TableKind.ID_MAP, 0.9, "it has a device and an account in each row and little else"
    if Field.QUERY in fields:
        return TableKind.SEARCHES, 0.85, "it has what people searched for"
    if Field.TEXT in fields and item and (user or Role.RATING in roles):
        return TableKind.REVIEWS, 0.85, "it has texts on items"
    if Field.NAME in fields and (Field.START in fields or Field.END in fields):
        return TableKind.CAMPAIGNS, 0.85, "it has names with a beginning or an end"
    if item and (user or keys & DEVICE):
        sure = 0.9 if roles & {Role.TIME, Role.BEHAVIOUR, Role.RATING, Role.QUANTITY} else 0.6
        return TableKind.EVENTS, sure, "it has shoppers and items"
    told = roles & {Role.TITLE, Role.CATEGORY, Role.BRAND, Role.PRICE} or fields & {Field.DESCRIPTION, Field.STOCK, Field.PICTURE}
    if (item or "id" in keys) and told:
        return TableKind.ITEMS, 0.85 if item else 0.6, "it has items and what they are, and no shoppers"
    if user and Role.TIME not in roles:
        return TableKind.SHOPPERS, 0.8, "it has shoppers, and neither items nor times"
    return TableKind.EVENTS, 0.3, "nothing in its columns tells"


def fields_of(names: list[str], kind: TableKind) -> dict[str, Field]:
    """A field for every column of a file of this kind, by name."""
    rest = Field.ATTRIBUTE if kind in (TableKind.ITEMS, TableKind.SHOPPERS) else Field.UNUSED
    out: dict[str, Field] = {}
    for name in names:
        field = _field(key(name), kind)
        taken = field is not None and field in out.values() and field is not Field.CATEGORY
        out[name] = rest if field is None or taken else field
    wanted = {TableKind.ITEMS: Field.ID, TableKind.SHOPPERS: Field.ID, TableKind.ID_MAP: Field.ID}.get(kind)
    if wanted and wanted not in out.values():
        spare = next((name for name in names if key(name).endswith("id")), None)
        if spare:
            out[spare] = wanted
    return out


def _field(name: str, kind: TableKind) -> Field | None:
    role = ROLE_OF_NAME.get(name)
    if kind is TableKind.ITEMS:
        if FIELD_OF_NAME.get(name) in (Field.DESCRIPTION, Field.STOCK, Field.PICTURE):
            return FIELD_OF_NAME[name]
        told = role is not None and role in (Role.TITLE, Role.CATEGORY, Role.BRAND, Role.PRICE)
        return Field.ID if role is Role.ITEM else OF_ROLE[role] if role is not None and told else None
    if kind is TableKind.SHOPPERS:
        return Field.ID if role is Role.USER else None
    if kind is TableKind.ID_MAP:
        return Field.ID if name in DEVICE else Field.ACCOUNT if role is Role.USER or FIELD_OF_NAME.get(name) is Field.ACCOUNT else None
    own = FIELD_OF_NAME.get(name)
    allowed = {
        TableKind.REVIEWS: (Field.TEXT,),
        TableKind.SEARCHES: (Field.QUERY, Field.RESULTS),
        TableKind.CAMPAIGNS: (Field.NAME, Field.START, Field.END),
        TableKind.FAQ: (Field.QUESTION, Field.ANSWER),
    }.get(kind, ())
    if own in allowed:
        return own
    found = {Role.ITEM: Field.ITEM, Role.USER: Field.SHOPPER}.get(role) or OF_ROLE.get(role) if role else None
    return found if found in (Field.ITEM, Field.SHOPPER, Field.RATING, Field.TIME, Field.TITLE, Field.CATEGORY) else None
