"""On which day a list is shown, and from which day the age of an item is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from policy_shops import DAY, TODAY_S, small_shop

from recengine.policy.policy import Policy, PolicySpec

SHOP = small_shop(12)
NEXT_DAY = date(2026, 4, 11)  # the last event is a second before this day begins


@pytest.mark.parametrize("seconds", [0, 1, 3600, DAY - 1])
def test_without_a_day_lists_are_shown_on_the_day_after_the_last_event(seconds):
    shop = replace(SHOP, now_s=TODAY_S - seconds)  # the last event anywhere in its day
    assert Policy(PolicySpec(), shop).day == NEXT_DAY
    assert Policy(PolicySpec(), replace(SHOP, now_s=TODAY_S + 1)).day == NEXT_DAY + timedelta(days=1)


def test_a_rule_from_the_day_after_the_last_event_on_is_in_force():
    shop = replace(SHOP, now_s=TODAY_S - 3600)
    rule = {"action": "block", "conditions": [{"field": "id", "op": "is", "values": ["i00"]}]}
    last = (NEXT_DAY - timedelta(days=1)).isoformat()
    begins, ended = {**rule, "start": NEXT_DAY.isoformat()}, {**rule, "end": last}
    assert len(Policy(PolicySpec.model_validate({"rules": [begins]}), shop).rules) == 1
    assert len(Policy(PolicySpec.model_validate({"rules": [ended]}), shop).rules) == 0
    assert np.isfinite(shop.age_days()).all()
