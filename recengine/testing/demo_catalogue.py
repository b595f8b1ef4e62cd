"""The made-up items of the demo store: categories, brands, styles, prices and bilingual titles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ITEMS_A_CATEGORY = 34
BRANDS_A_CATEGORY = 4
ZIPF = 0.9
CHINESE_SHARE, BILINGUAL_SHARE, LABEL_SHARE = 0.25, 0.10, 0.12
NEW_ITEMS = 24  # launched in the last sixth of the period: what a model of events alone can hardly know
NEW_FROM, NEW_UNTIL = 0.84, 0.96

# category: (typical price, bought again and again, nouns in English and Chinese)
CATEGORIES: dict[str, tuple[float, bool, tuple[tuple[str, str], ...]]] = {
    "Coffee & Tea": (14, True, (
        ("Espresso Beans", "意式咖啡豆"), ("Green Tea", "绿茶"), ("Teapot", "茶壶"), ("Pour-over Set", "手冲套装"),
        ("Travel Mug", "随行杯"), ("Milk Frother", "奶泡器"), ("Oolong Tea", "乌龙茶"), ("Coffee Grinder", "磨豆机"),
    )),
    "Kitchen": (32, False, (
        ("Chef Knife", "主厨刀"), ("Cast Iron Pan", "铸铁锅"), ("Wok", "炒锅"), ("Cutting Board", "砧板"),
        ("Rice Cooker", "电饭煲"), ("Storage Jar", "储物罐"), ("Salad Bowl", "沙拉碗"), ("Kitchen Scale", "厨房秤"),
    )),
    "Bakeware": (18, False, (
        ("Loaf Tin", "吐司模"), ("Whisk", "打蛋器"), ("Rolling Pin", "擀面杖"), ("Cake Stand", "蛋糕架"),
        ("Cookie Cutter", "饼干模"), ("Piping Bag", "裱花袋"), ("Mixing Bowl", "搅拌盆"), ("Baking Mat", "烘焙垫"),
    )),
    "Garden": (22, False, (
        ("Watering Can", "浇水壶"), ("Plant Pot", "花盆"), ("Pruning Shears", "修枝剪"), ("Bird Feeder", "喂鸟器"),
        ("Herb Seeds", "香草种子"), ("Garden Lantern", "花园灯"), ("Kneeling Pad", "园艺跪垫"), ("Hammock", "吊床"),
    )),
    "Running": (54, False, (
        ("Running Shoes", "跑鞋"), ("Running Vest", "跑步背心"), ("Sport Socks", "运动袜"), ("Hydration Belt", "水壶腰带"),
        ("Reflective Jacket", "反光外套"), ("Sport Cap", "运动帽"), ("Running Shorts", "跑步短裤"), ("Foam Roller", "泡沫轴"),
    )),
    "Fitness": (36, False, (
        ("Yoga Mat", "瑜伽垫"), ("Yoga Strap", "瑜伽带"), ("Kettlebell", "壶铃"), ("Resistance Band", "弹力带"),
        ("Jump Rope", "跳绳"), ("Gym Towel", "健身毛巾"), ("Push-up Bars", "俯卧撑架"), ("Pilates Ball", "普拉提球"),
    )),
    "Skincare": (26, True, (
        ("Face Cream", "面霜"), ("Sun Lotion", "防晒乳"), ("Cleansing Foam", "洁面泡沫"), ("Eye Serum", "眼部精华"),
        ("Sheet Mask", "面膜"), ("Hand Balm", "护手霜"), ("Toner", "爽肤水"), ("Lip Balm", "润唇膏"),
    )),
    "Hair Care": (17, True, (
        ("Shampoo", "洗发水"), ("Conditioner", "护发素"), ("Hair Oil", "护发精油"), ("Hair Brush", "发梳"),
        ("Hair Dryer", "吹风机"), ("Hair Clip", "发夹"), ("Styling Wax", "发蜡"), ("Scalp Scrub", "头皮磨砂"),
    )),
    "Desk & Paper": (12, False, (
        ("Notebook", "笔记本"), ("Fountain Pen", "钢笔"), ("Desk Lamp", "台灯"), ("Washi Tape", "和纸胶带"),
        ("Pencil Case", "笔袋"), ("Planner", "手帐"), ("Desk Organiser", "桌面收纳"), ("Sticky Notes", "便利贴"),
    )),
    "Audio": (68, False, (
        ("Headphones", "头戴耳机"), ("Earbuds", "无线耳塞"), ("Desk Speaker", "桌面音箱"), ("Phone Stand", "手机支架"),
        ("Charging Cable", "充电线"), ("Radio", "收音机"), ("Earbud Case", "耳机套"), ("Microphone", "麦克风"),
    )),
    "Kids & Toys": (21, False, (
        ("Building Blocks", "积木"), ("Plush Rabbit", "毛绒兔"), ("Puzzle", "拼图"), ("Wooden Train", "木火车"),
        ("Bath Toy", "洗澡玩具"), ("Picture Book", "图画书"), ("Night Light", "小夜灯"), ("Lunch Box", "便当盒"),
    )),
    "Pet Supplies": (16, True, (
        ("Cat Litter", "猫砂"), ("Dog Leash", "牵引绳"), ("Cat Tree", "猫爬架"), ("Dog Treats", "狗零食"),
        ("Pet Bed", "宠物窝"), ("Food Bowl", "宠物碗"), ("Catnip Toy", "猫薄荷玩具"), ("Pet Shampoo", "宠物香波"),
    )),
}  # fmt: skip
STYLES: dict[str, tuple[tuple[str, str], ...]] = {
    "classic": (("Heritage", "传世"), ("Oakwood", "橡木色"), ("Vintage", "复古"), ("Linen", "亚麻")),
    "modern": (("Matte", "哑光"), ("Graphite", "石墨"), ("Slimline", "极简"), ("Nordic", "北欧")),
    "playful": (("Rainbow", "彩虹"), ("Dotty", "波点"), ("Sunny", "阳光"), ("Bubble", "泡泡")),
}
# brand: price level; every brand makes things of two categories
BRANDS: dict[str, float] = {
    "Alder & Finch": 1.6, "Brightwell": 0.7, "Casa Luma": 1.0, "Dovetail": 1.6, "Everly": 1.0, "Fjordhus": 1.6,
    "Greenmarch": 0.7, "Hollis": 1.0, "Inkstone": 1.0, "Juniper Lane": 1.6, "Kitewell": 0.7, "Larkspur": 1.0,
    "山月": 1.6, "青禾": 1.0, "小鹿": 0.7, "知味": 1.0, "Mossbank": 0.7, "Northlight": 1.6,
    "Orrin": 1.0, "Pebble": 0.7, "Quillon": 1.0, "Rowan Works": 1.6, "Saltmarsh": 0.7, "Tamsin": 1.0,
}  # fmt: skip
LABELS = ("Bestseller", "热销")  # in a title at random: looks like popularity, means nothing
CATEGORY_NAMES, STYLE_NAMES, BRAND_NAMES = tuple(CATEGORIES), tuple(STYLES), tuple(BRANDS)


@dataclass(frozen=True, eq=False)
class DemoItems:
    """n = 408 items; the position is the item's number inside the generator."""

    ids: list[str]
    titles: list[str]
    category: np.ndarray  # int [n], index into CATEGORY_NAMES
    brand: np.ndarray  # int [n], index into BRAND_NAMES
    style: np.ndarray  # int [n], index into STYLE_NAMES
    price: np.ndarray  # float64 [n], two decimals
    price_z: np.ndarray  # float64 [n], log price against its own category, in standard deviations
    popularity: np.ndarray  # float64 [n], Zipf weight before taste
    labelled: np.ndarray  # bool [n], carries the label that means nothing
    consumable: np.ndarray  # bool [n], bought again and again
    launch: np.ndarray  # float64 [n], share of the period before the item is sold; 0 = from the start


def make_items(rng: np.random.Generator) -> DemoItems:
    """The catalogue of one seed."""
    n = len(CATEGORIES) * ITEMS_A_CATEGORY
    category = np.repeat(np.arange(len(CATEGORIES)), ITEMS_A_CATEGORY)
    brands_of = rng.permutation(np.tile(np.arange(len(BRANDS)), 2)).reshape(len(CATEGORIES), BRANDS_A_CATEGORY)
    brand = brands_of[category, rng.integers(0, BRANDS_A_CATEGORY, n)]
    style, titles = np.zeros(n, dtype=int), []
    labelled = rng.random(n) < LABEL_SHARE
    language = rng.random(n)
    for c, (_, _, nouns) in enumerate(CATEGORIES.values()):
        combinations = rng.permutation(len(nouns) * 12)[:ITEMS_A_CATEGORY]
        for j, combination in enumerate(combinations):
            i, noun, look = c * ITEMS_A_CATEGORY + j, nouns[combination // 12], combination % 12
            style[i] = look // 4
            adjective = STYLES[STYLE_NAMES[style[i]]][look % 4]
            titles.append(_title(adjective, noun, bool(labelled[i]), float(language[i])))
    level = np.array(list(BRANDS.values()))[brand]
    typical = np.array([row[0] for row in CATEGORIES.values()])[category]
    price = np.round(typical * level * np.exp(rng.normal(0, 0.35, n)), 1) - 0.05
    price = np.round(np.maximum(price, 0.95), 2)
    log_price = np.log(price)
    price_z = np.concatenate([(row - row.mean()) / row.std() for row in log_price.reshape(len(CATEGORIES), -1)])
    popularity = 1.0 / (rng.permutation(n) + 1.0) ** ZIPF
    launch = np.zeros(n)
    new = rng.choice(np.flatnonzero(popularity < np.quantile(popularity, 0.8)), NEW_ITEMS, replace=False)
    launch[new] = rng.uniform(NEW_FROM, NEW_UNTIL, NEW_ITEMS)
    popularity[new] = np.quantile(popularity, 0.9)  # a launch is advertised
    consumable = np.array([row[1] for row in CATEGORIES.values()])[category]
    return DemoItems(
        [f"P{number:04d}" for number in rng.permutation(n) + 1001],
        titles, category, brand, style, price, price_z, popularity, labelled, consumable, launch,
    )  # fmt: skip


def _title(adjective: tuple[str, str], noun: tuple[str, str], labelled: bool, language: float) -> str:
    if language < CHINESE_SHARE:
        return f"{LABELS[1]} {adjective[1]}{noun[1]}" if labelled else f"{adjective[1]}{noun[1]}"
    english = f"{adjective[0]} {noun[0]}" + (f" {LABELS[0]}" if labelled else "")
    return f"{english} {adjective[1]}{noun[1]}" if language < CHINESE_SHARE + BILINGUAL_SHARE else english
