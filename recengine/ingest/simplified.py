"""Traditional Chinese column names and event words in simplified characters, so that one spelling of each word is enough."""

from __future__ import annotations

PAIRS = """
個个為为買买產产價价優优會会動动創创別别區区單单廠厂厭厌發发現现號号員员國国圖图庫库備备復复實实寶宝貝贝開开關关內内減减擊击態态總总願愿戶户換换無无時时
機机檢检興兴歡欢測测瀏浏點点狀状頁页銷销鍵键問问間间閱阅讀读題题額额齡龄類类級级續续編编聯联薦荐營营補补見见觀观覽览計计訂订討讨論论設设訪访評评識识詞词
試试話话詢询詳详帳账賬账貨货購购費费贊赞讚赞車车轉转運运進进郵邮鏈链標标結结數数禮礼簽签籃篮係系稱称閉闭顧顾繫系電电刪删碼码複复
"""
_MARKS = PAIRS.replace("\n", "")
TABLE = str.maketrans(dict(zip(_MARKS[::2], _MARKS[1::2], strict=True)))


def simplified(text: str) -> str:
    """The text with the traditional characters of known words made simple; for comparing, never for what is stored."""
    return text if text.isascii() else text.translate(TABLE)
