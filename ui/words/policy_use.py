"""Words for the policy that shapes a list."""

from __future__ import annotations

WORDS = {
    "use.score": {"en": "by score alone"},
    "use.saved": {"en": "policy {name} v{version}"},
    "use.draft": {"en": "with a policy that is not saved"},
}
