"""Parts of a policy in short words."""

from __future__ import annotations

import pytest

from recengine.workspace.policy_drafts import differences
from ui.parts.policy_words import difference_words

CHEAP = {"field": "price", "op": "below", "number": 5}
RULE = {"id": "r1", "action": "block", "conditions": [CHEAP]}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"controls": {"novelty": 0.25}}, ["Novelty 0 to 0.25"]),
        ({}, {"controls": {"hide_bought": True, "bought_days": 30}}, ["Hide bought off to on", "Bought days none to 30"]),
        ({}, {"limits": [{"kind": "at_most", "what": "category", "number": 2, "within": 10}]}, ["At most 2 of each category in the first 10 added"]),  # noqa: E501
        ({"limits": [{"kind": "at_least", "what": "tail", "share": 0.3}]}, {}, ["At least 30% tail items removed"]),
        ({}, {"limits": [{"kind": "at_least", "what": "new", "number": 1, "new_days": 7}]}, ["At least 1 items new within 7 days added"]),
        ({}, {"limits": [{"kind": "at_most", "what": "matching", "number": 2, "conditions": [CHEAP]}]}, ["At most 2 items whose price is below 5 added"]),  # noqa: E501
        ({}, {"rules": [RULE]}, ["Rule “Never show items whose price is below 5” added"]),
        ({"rules": [RULE]}, {"rules": [{**RULE, "name": "Cheap", "enabled": False}]}, ["Rule “Cheap” changed"]),
    ],
)  # fmt: skip
def test_differences_are_told_in_words(before, after, said):
    assert [difference_words(row) for row in differences(before, after)] == said
