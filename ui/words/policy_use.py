"""Words for the policy that shapes a list."""

from __future__ import annotations

WORDS = {
    "use.score": {"en": "by score alone", "zh": "只按分数"},
    "use.saved": {"en": "under the policy {name} v{version}", "zh": "按策略 {name} v{version}"},
    "use.draft": {"en": "under a policy that is not saved", "zh": "按未保存的策略"},
    "use.choice": {"en": "What shapes the list", "zh": "列表由什么决定"},
    "use.choice.score": {"en": "By score", "zh": "按分数"},
    "use.choice.published": {"en": "Published", "zh": "已发布"},
    "use.choice.own": {"en": "Draft", "zh": "草稿"},
    "use.line.score": {"en": "By score", "zh": "按分数"},
    "use.line.published": {"en": "Published: **{name}** v{version}", "zh": "已发布： **{name}** v{version}"},
    "use.line.saved": {"en": "Saved: **{name}** v{version}, not published", "zh": "已保存： **{name}** v{version}，未发布"},
    "use.line.draft": {"en": "Draft, not saved: {changes}", "zh": "草稿，未保存：{changes}"},
    "use.line.unsaved": {"en": "Draft, not saved", "zh": "草稿，未保存"},
    "use.scene.product": {"en": "product page", "zh": "商品页"},
    "use.scene.cart": {"en": "cart", "zh": "购物车"},
    "use.scene.email": {"en": "e-mail", "zh": "邮件"},
    "use.tune": {"en": "Tune", "zh": "调优"},
    "use.tune.help": {"en": "Change the policy and see what it does to the whole shop.", "zh": "修改策略，查看它对整个店铺的影响。"},
    "use.diversity.other": {
        "en": "Another reranker is at work; change it on the Tune page.",
        "zh": "当前使用另一种重排方式；到“调优”页修改。",
    },
}
