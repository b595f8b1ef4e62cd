"""Words for the policy that shapes a list."""

from __future__ import annotations

WORDS = {
    "use.score": {"en": "by score alone"},
    "use.saved": {"en": "under the policy {name} v{version}"},
    "use.draft": {"en": "under a policy that is not saved"},
    "use.choice": {"en": "What shapes the list"},
    "use.choice.score": {"en": "By score"},
    "use.choice.published": {"en": "Published"},
    "use.choice.own": {"en": "Draft"},
    "use.line.score": {"en": "By score"},
    "use.line.published": {"en": "Published: **{name}** v{version}"},
    "use.line.saved": {"en": "Saved: **{name}** v{version}, not published"},
    "use.line.draft": {"en": "Draft, not saved: {changes}"},
    "use.line.unsaved": {"en": "Draft, not saved"},
    "use.scene.product": {"en": "product page"},
    "use.scene.cart": {"en": "cart"},
    "use.scene.email": {"en": "e-mail"},
    "use.tune": {"en": "Tune"},
    "use.tune.help": {"en": "Change the policy and see what it does to the whole shop."},
    "use.diversity.other": {"en": "Another reranker is at work; change it on the Tune page."},
}
