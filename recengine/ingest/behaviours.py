"""Event words of many shops and exports → what the shopper did."""

from __future__ import annotations

import re

from recengine.columns import Behaviour
from recengine.ingest.simplified import simplified

SYNONYMS: dict[Behaviour, str] = {
    Behaviour.VIEW: """view viewed views pv pageview page_view click clicks clicked browse browsed visit open read detail detailpageview
        detail_page_view product_view view_item viewitem viewed_product view_product product_viewed homepageview home_page_view
        category_page_view watch play 浏览 点击 查看 看 曝光点击 商品浏览 浏览商品 商品点击 商品详情 进店 详情页浏览 停留
        访问 阅读 观看 播放""",
    Behaviour.CART: """cart carts add_to_cart addtocart add_cart cart_add added_to_cart basket add_to_basket addtobasket in_cart
        shopping_cart add_to_bag bag atc 加购 加入购物车 加购物车 购物车 加车 加购商品 加入购物袋 添加购物车 放入购物车""",
    Behaviour.FAVOURITE: """fav favorite favourite favorites favourites collect collection wishlist add_to_wishlist addtowishlist wish like
        likes liked bookmark star starred save saved heart 收藏 喜欢 点赞 关注 心愿单 收藏商品 加收藏 商品收藏""",
    Behaviour.PURCHASE: """buy bought buys purchase purchases purchased order orders ordered transaction transactions conversion sale sold
        checkout_complete purchase_complete order_complete pay paid payment acquire 购买 下单 成交 支付 付款 买 已购买 交易 购买商品
        订单 支付成功 付款成功 已付款 交易成功 已完成 已签收 结算""",
    Behaviour.RATING: "rating rate rated review reviewed evaluate evaluation score comment 评分 评价 打分 评论 点评 晒单",
    Behaviour.SHARE: "share shared shares forward recommend_to_friend 分享 转发",
    Behaviour.SEARCH: "search searched query searches 搜索 查询 检索 搜索商品",
    Behaviour.IMPRESSION: """impression impressions expose exposure exposed show shown display displayed view_item_list promotion_offered
        ranking 曝光 展示 展现 商品曝光 推荐曝光""",
    Behaviour.REMOVE: """remove removed remove_from_cart removefromcart cart_remove delete_from_cart unfavorite unfavourite unlike
        remove_from_wishlist 移除 移出购物车 删除 取消收藏 减购 删除购物车 取消关注""",
    Behaviour.RETURN: """return returned returns refund refunded refunds cancel cancelled canceled cancellation 退货 退款 取消 取消订单 退换
        退货退款 退款成功 已退款 交易关闭 已取消 退单 换货""",
    Behaviour.DISLIKE: """dislike dislikes disliked not_interested notinterested not_interesting thumbs_down thumbsdown downvote hide hidden
        dismiss dismissed 不感兴趣 不喜欢 踩 点踩 讨厌""",
}


def normal(word: str) -> str:
    """A word without case, spaces, hyphens and underscores, full-width letters made plain and traditional characters simple."""
    import unicodedata

    return re.sub(r"[\s_\-./]+", "", simplified(unicodedata.normalize("NFKC", word)).casefold())


KNOWN: dict[str, Behaviour] = {normal(word): behaviour for behaviour, words in SYNONYMS.items() for word in words.split()}


def behaviour_of(word: str, chosen: dict[str, Behaviour] | None = None) -> Behaviour | None:
    """What a word means: as chosen in the mapping, else as known, else None.

    Args:
        word: The cell as written.
        chosen: Words of this file (any spelling) → behaviour.
    """
    key = normal(word)
    for other, behaviour in (chosen or {}).items():
        if normal(other) == key:
            return behaviour
    return KNOWN.get(key)
