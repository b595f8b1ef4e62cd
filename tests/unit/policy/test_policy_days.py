"""On which day a list is shown, and from which day the age of an item is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from policy_shops import DAY, TODAY_S, small_shop

from recengine.policy.parts import changed
from recengine.policy.policy import Policy, PolicySpec
from recengine.policy.shop import Situation

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


def test_rules_hold_on_the_day_of_the_lists_and_ages_are_counted_from_where_the_log_ends():
    old = {"field": "first_sold", "op": "newer_than", "number": 16}
    spec = PolicySpec.model_validate(
        {
            "rules": [{"action": "block", "conditions": [old], "start": "2026-06-01"}],
            "limits": [{"kind": "at_least", "what": "new", "number": 1, "new_days": 16}],
            "controls": {"freshness": 1.0, "fresh_days": 8.0},
        }
    )
    known = Policy(spec, SHOP)
    later = Policy(spec, SHOP, Situation("home", date(2026, 6, 1), aged_s=SHOP.now_s))
    assert (len(known.rules), len(later.rules)) == (0, 1)
    assert np.flatnonzero(later.means["r1"]).tolist() == [10, 11]  # as on the day after the last event
    np.testing.assert_array_equal(later.of_items["freshness"], known.of_items["freshness"])
    np.testing.assert_array_equal(spec.limits[0].group(SHOP, later.today), spec.limits[0].group(SHOP, known.today))
    shown = Policy(spec, SHOP, Situation("home", date(2026, 6, 1)))
    assert not shown.means["r1"].any()  # in the lists of that day everything is older
    assert changed(later, spec).means["r1"].tolist() == later.means["r1"].tolist()
