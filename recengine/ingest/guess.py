"""Guesses what each column means: a known format first, then names in English and Chinese, then the shape of the values."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from recengine.columns import Behaviour, Role
from recengine.ingest.behaviours import behaviour_of
from recengine.ingest.formats.base import KnownFormat, key
from recengine.ingest.formats.registry import match
from recengine.ingest.mapping import Mapping, Reading
from recengine.ingest.numbers import guess_decimal, written_number
from recengine.ingest.packed_values import counted, n_blank
from recengine.ingest.reader import RawTable
from recengine.ingest.swapped_dates import ordered, time_cells
from recengine.ingest.times import TIME_WORDS, TimeFormat, TimeGuess, guess_time

SAMPLE_ROWS = 4_000

NAMES: dict[Role, str] = {
    Role.USER: """user userid uid user_id customer customerid customer_id client clientid visitor visitorid visitor_id member memberid
        member_id shopper shopperid shopper_id buyer buyerid buyer_id customer_no
        customer_number customer_nr client_no client_number member_no member_number shopper_no account_no account_number
        account accountid account_id person usertoken user_pseudo_id
        session sessionid session_id email profile_id 用户 用户id 用户编号 用户名 顾客 顾客id 客户 客户id 客户编号 会员 会员id 会员编号
买家 买家id 买家昵称 买家会员名 买家编号 客户号 会员名 会员卡号 用户标识 用户账号 账号 顾客号 消费者
        kunde kundennr kundennummer kunden_id kundenid client_id
        cliente acheteur utilisateur usuario""",
    Role.ITEM: """item itemid item_id iid product productid product_id sku skuid sku_id stockcode stock_code article articleid article_id
        goods goodsid goods_id asin movie movieid movie_id objectid aid spu spuid spu_id variant_id content_id isbn ean
        article_no article_number article_nr item_no item_number item_nr product_no product_number product_nr part_no
        part_number material_no
商品 商品id 商品编号 商品编码 物品 物品id 产品 产品id 货号 货品 宝贝 商品代码 宝贝id 宝贝编号 货品id 货品编号 款号 物料编码 单品 商品货号
        sku编码 商品sku
        artikel artikelnr artikelnummer produkt produit articulo producto""",
    Role.TIME: """time timestamp ts date datetime eventtime event_time event_timestamp createdat created_at created order_date orderdate
        purchase_date invoicedate invoice_date event_date time_stamp bhv_time when occurred_at
时间 时间戳 日期 行为时间 下单时间 购买时间 订单时间 发生时间 创建时间 成交时间 支付时间 付款时间 订单创建时间 订单付款时间 交易时间
        浏览时间 点击时间 操作时间 事件时间 行为日期 下单日期
        datum zeit zeitpunkt bestelldatum fecha horodatage""",
    Role.BEHAVIOUR: """behaviour behavior behaviortype behaviourtype behavior_type event eventtype event_type eventname event_name action
actiontype action_type bhv_type interaction activity feedbacktype 行为 行为类型 用户行为 行为名称 事件 事件名 事件名称 动作 动作类型 操作
        操作类型 事件类型 订单状态""",
    Role.QUANTITY: """quantity qty amount_units units count num number_of_items pieces pcs volume item_count 数量 件数 购买数量 个数
        商品数量
        购买件数 宝贝数量
        menge anzahl quantite cantidad""",
    Role.PRICE: """price unitprice unit_price itemprice item_price product_price saleprice sale_price cost priceusd price_gbp
        价格 单价 售价 商品价格 金额 商品单价 成交价 实付金额 支付金额 购买单价 preis einzelpreis stückpreis prix precio""",
    Role.RATING: "rating rate score stars star overall event_value eventvalue preference 评分 分数 打分 星级 评价分",
    Role.BASKET: """basket basketid basket_id invoice invoiceno invoice_no invoice_id order orderid order_id order_no order_nr
        ordernumber order_number
        transaction transactionid transaction_id receipt receiptid receipt_id cart_id bill billno
        订单 订单号 订单id 订单编号 交易号 发票号 小票号 购物篮 订单号码 交易编号 流水号 单号
        bestellnummer bestellnr auftragsnummer auftragsnr rechnungsnummer rechnungsnr belegnummer commande pedido""",
    Role.TITLE: """title description desc productname product_name itemname item_name name product_title item_title goods_name
        lineitem_name 标题 商品名 商品名称 名称 品名 产品名称 商品标题 宝贝标题 宝贝名称 货品名称 商品描述
        bezeichnung artikelbezeichnung artikelname produktname désignation designation libellé libelle nombre_producto descripción""",
    Role.CATEGORY: """category categoryid category_id categorycode category_code cat catid cat_id categories genre genres department
        product_type item_category type class 类目 类目id 品类 分类 类别 商品类别 商品类目 类目名称 一级类目 品类名称 商品分类
        kategorie warengruppe catégorie categoría categoria""",
    Role.BRAND: """brand brandid brand_id brand_name manufacturer vendor maker 品牌 品牌id 品牌名 品牌名称 厂商
        marke hersteller marque marca""",
    Role.USER_FEATURE: """country region city segment usersegment user_segment gender age age_group state tier device membership location
        国家 地区 城市 性别 年龄 省份 会员等级 设备 地域 收货省份 年龄段 渠道
        land stadt bundesland pays ville país ciudad""",
}
ITEM_NOUNS = frozenset(
    ["item", "product", "article", "goods", "artikel", "produkt", "produit", "articulo", "producto", "商品", "产品", "物品", "货品", "宝贝"]
)  # as `key` makes them
WEAK_WORDS = frozenset(["id", "ids", "code", "no", "nr", "number", "num", "key", "name", "hash", "uuid", "ref"])
ROLE_OF_NAME: dict[str, Role] = {key(word): role for role, words in NAMES.items() for word in words.split()}


@dataclass(frozen=True)
class ColumnGuess:
    """What one column seems to mean, and why."""

    column: str
    role: Role
    confidence: float  # 0 to 1
    reason: str
    samples: tuple[str, ...]  # up to three different cells, "(empty)" among them where there are empty ones
    empty_share: float  # 0 to 1, of all rows


@dataclass(frozen=True)
class Guess:
    """The whole answer for a file."""

    mapping: Mapping
    columns: list[ColumnGuess]
    format_title: str
    confidence: float
    time: TimeGuess | None
    unknown_words: tuple[str, ...]  # behaviour words without a known meaning, most frequent first


def guess(raw: RawTable) -> Guess:
    """A mapping for any file, with the reason for every column.

    Args:
        raw: The file as text.

    Returns:
        The guess; shopper or item may be missing from the mapping when nothing looks like one (`Mapping.check` says so).
    """
    sample = _sample(raw)
    cells = {name: [cell for cell in sample.column(name).to_pylist() if cell and cell.strip()] for name in raw.names}
    has_header = bool(raw.dialect.written_names)
    first_rows = [[str(cell or "") for cell in row.values()] for row in sample.slice(0, 200).to_pylist()]
    known = match(raw.names, has_header, first_rows, raw.dialect.delimiter)
    if known:
        form, sure = known
        roles = form.roles(raw.names) if has_header else _by_order(form, raw.names)
        scored = {name: (role, sure if role is not Role.UNUSED else 0.5, f"part of {form.title}") for name, role in roles.items()}
    else:
        form, sure = None, 0.0
        scored = _by_names_and_values(raw.names, cells, has_header)
        needed = [c for _, (role, c, _) in scored.items() if role in (Role.USER, Role.ITEM, Role.TIME)]
        sure = round(min(needed), 2) if needed else 0.0
    roles = {name: role for name, (role, _, _) in scored.items()}
    time_name = next((name for name, role in roles.items() if role is Role.TIME), None)
    time = guess_time(cells[time_name]) if time_name else None
    if time is not None and time_name is not None and time.ambiguous and (in_order := ordered(time_cells(raw, time_name))) is not None:
        time = replace(time, day_first=in_order)
    mapping = _mapping(form, roles, time_name, time, cells)
    columns = [
        ColumnGuess(name, role, round(c, 2), reason, _samples(raw, name), _empty_share(raw, name))
        for name, (role, c, reason) in scored.items()
    ]
    unknown = _unknown_words(raw, mapping)
    return Guess(mapping, columns, form.title if form else "a table of events", sure, time, unknown)


def _sample(raw: RawTable) -> pa.Table:
    n = raw.n_rows
    if n <= SAMPLE_ROWS:
        return raw.table
    starts = np.linspace(SAMPLE_ROWS // 2, n - 100, SAMPLE_ROWS // 200).astype(int)
    return raw.rows(np.concatenate([np.arange(SAMPLE_ROWS // 2), *(np.arange(start, start + 100) for start in starts)]))


def _by_order(form: KnownFormat, names: list[str]) -> dict[str, Role]:
    roles = list(form.order) + [Role.UNUSED] * len(names)
    return dict(zip(names, roles, strict=False))


def _mapping(
    form: KnownFormat | None, roles: dict[str, Role], time_name: str | None, time: TimeGuess | None, cells: dict[str, list[str]]
) -> Mapping:
    by_role = {role: name for name, role in roles.items() if role is not Role.UNUSED}
    numbers = [cell for role in (Role.PRICE, Role.QUANTITY, Role.RATING) if role in by_role for cell in cells[by_role[role]]]
    if time_name is None:
        time_format = TimeFormat.ROW_ORDER
    elif form is not None and form.time_format is not None:
        time_format = form.time_format
    else:
        time_format = time.format if time else TimeFormat.TEXT
    default = Behaviour.RATING if Role.RATING in by_role else Behaviour.PURCHASE
    if form is not None and form.default_behaviour is not None:
        default = form.default_behaviour
    return Mapping(
        format=form.name if form else "generic",
        roles=roles,
        time_format=time_format,
        day_first=time.day_first if time and time_format is TimeFormat.TEXT else None,
        decimal="," if guess_decimal(numbers) == "," else ".",
        behaviours=form.behaviours if form else {},
        default_behaviour=default,
        cancellation_prefix=form.cancellation_prefix if form else "",
        not_products=form.not_products if form else (),
        currency=form.currency if form else _currency(cells.get(by_role.get(Role.PRICE, ""), [])),
        reading=Reading(),
    )


def _currency(prices: list[str]) -> str:
    signs = [m.group() for cell in prices if (m := re.search(r"[£$€¥₹]", cell))]
    return signs[0] if len(signs) > len(prices) / 2 else ""


def _name_score(name: str) -> tuple[Role, float, str] | None:
    bare = key(name.split(":")[0])
    if bare in ROLE_OF_NAME:
        return ROLE_OF_NAME[bare], 0.95, "known column name"
    parts = [key(part) for part in re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", name) if part]
    named = bool(parts) and parts[-1] == "name"
    while len(parts) > 1 and parts[-1] in WEAK_WORDS:  # "customer no", "product name": the word before decides
        parts.pop()
    for part in reversed(parts):
        if len(part) > 2 and part in ROLE_OF_NAME:
            role = ROLE_OF_NAME[part]
            return Role.TITLE if named and role is Role.ITEM else role, 0.75, f"its name contains “{part}”"
    chinese = next((word for word in sorted(ROLE_OF_NAME, key=len, reverse=True) if not word.isascii() and word in bare), None)
    if chinese:
        return ROLE_OF_NAME[chinese], 0.8, f"its name contains “{chinese}”"
    close = difflib.get_close_matches(bare, [word for word in ROLE_OF_NAME if len(word) > 4], n=1, cutoff=0.84)
    if close:
        return ROLE_OF_NAME[close[0]], 0.65, f"its name is close to “{close[0]}”"
    return None


def _fit(role: Role, cells: list[str]) -> float:
    """How well the values suit a role, 0 to 1; 1 where any text will do."""
    if not cells:
        return 0.5
    if role is Role.TIME:
        time = guess_time(cells)
        return time.share if time else 0.0
    if role in (Role.QUANTITY, Role.PRICE, Role.RATING):
        decimal = guess_decimal(cells)
        return sum(written_number(cell, decimal) is not None for cell in cells) / len(cells)
    if role is Role.BEHAVIOUR:
        return 1.0 if len(set(cells)) <= 30 else 0.1
    return 1.0


def _by_names_and_values(names: list[str], cells: dict[str, list[str]], has_header: bool) -> dict[str, tuple[Role, float, str]]:
    claims: list[tuple[float, int, str, Role, str]] = []
    for at, name in enumerate(names):
        if has_header and (found := _name_score(name)):
            role, score, reason = found
            fit = _fit(role, cells[name])
            claims.append((score * (0.25 + 0.75 * fit), at, name, role, reason if fit > 0.5 else f"{reason}, but the values do not fit"))
        if has_header and key(name) in ITEM_NOUNS:  # holds only where another column has the number of the item
            claims.append((0.6, at, name, Role.TITLE, "the item in words, beside its number"))
        for role, score, reason in _value_claims(cells[name]):
            claims.append((score, at, name, role, reason))
    out: dict[str, tuple[Role, float, str]] = {}
    taken: set[Role] = set()
    for score, _, name, role, reason in sorted(claims, key=lambda claim: (-claim[0], key(claim[2]) in ITEM_NOUNS, claim[1])):
        # A column called "time" stays one even if its cells are garbage: the import then says so instead of ignoring it.
        if name not in out and role not in taken and (score >= 0.3 or (role is Role.TIME and score >= 0.2)):
            out[name] = (role, score, reason)
            taken.add(role)
    _ids_by_shape(names, cells, out, taken)
    if Role.RATING not in taken:
        few = next((name for name in names if name not in out and _few_small_numbers(cells[name])), None)
        if few is not None:
            out[few] = (Role.RATING, 0.45, "holds a few small numbers, as ratings do")
    return {name: out.get(name, (Role.UNUSED, 0.4, "nothing in its name or values tells")) for name in names}


def _value_claims(cells: list[str]) -> list[tuple[Role, float, str]]:
    if not cells:
        return []
    claims = []
    distinct = set(cells)
    words = [cell for cell in distinct if not re.fullmatch(r"[\d.,+-]+", cell)]
    if words and len(distinct) <= 30 and sum(behaviour_of(word) is not None for word in words) >= 0.6 * len(distinct):
        claims.append((Role.BEHAVIOUR, 0.85, f"holds event words such as “{words[0]}”"))
    time = guess_time(cells)
    if time and time.share > 0.9 and (time.format is not TimeFormat.EXCEL):
        claims.append((Role.TIME, 0.8 * time.share, f"holds {TIME_WORDS[time.format]}"))
    return claims


def _few_small_numbers(cells: list[str]) -> bool:
    values = [written_number(cell) for cell in set(cells)]
    return 2 <= len(values) <= 11 and len(cells) > 20 and all(v is not None and 0 <= v <= 10 and v * 2 == int(v * 2) for v in values)


def _ids_by_shape(names: list[str], cells: dict[str, list[str]], out: dict[str, tuple[Role, float, str]], taken: set[Role]) -> None:
    """Shopper and item from the remaining columns: those whose values repeat, the first being the shopper."""
    free = [
        name
        for name in names
        if name not in out and len(set(cells[name])) > 1 and not all(re.fullmatch(r"-?\d+[.,]\d+", cell) for cell in cells[name][:50])
    ]
    for role, word in ((Role.USER, "shopper"), (Role.ITEM, "item")):
        if role not in taken and free:
            name = free.pop(0)
            out[name] = (role, 0.4, f"first column left that could hold {word} ids")
            taken.add(role)


def _samples(raw: RawTable, name: str) -> tuple[str, ...]:
    seen: dict[str, None] = {}
    for cell in raw.some(name, 0, 5_000).to_pylist():
        seen.setdefault(cell[:80] if cell and cell.strip() else "(empty)")
        if len(seen) == 3:
            break
    return tuple(seen)


def _empty_share(raw: RawTable, name: str) -> float:
    return n_blank(raw.cells.column(name)) / max(raw.n_rows, 1)


def _unknown_words(raw: RawTable, mapping: Mapping) -> tuple[str, ...]:
    name = mapping.column(Role.BEHAVIOUR)
    if not name:
        return ()
    counts = sorted(counted(raw.cells.column(name), raw.layout(name)).items(), key=lambda row: -row[1])
    words = [word for word, _ in counts if word and word.strip()]
    return tuple(word for word in words if behaviour_of(word, mapping.behaviours) is None)[:50]
