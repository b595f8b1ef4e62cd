"""What counts for new, regular and heavy shoppers, against the definition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recengine.funnel.insight import segment_weights


def test_each_segment_is_the_mean_over_its_own_candidates(judged):
    model = judged[0]
    held = model.taught.held
    keys = [s.key for s in model.signals]
    rows = held.rows[:30].copy()
    rows[:, keys.index("history")] = np.repeat([1.0, 2.0, 3.0, 19.0, 20.0, 300.0], 5)
    checked = replace(held, rows=rows, label=held.label[:30], shopper=np.repeat(np.arange(6), 5), item=held.item[:30])
    families = tuple(dict.fromkeys(s.family for s in model.signals))
    found = segment_weights(model, checked, families, np.random.default_rng(0))
    assert [s.segment for s in found] == ["cold", "warm", "hot"]
    phi = model.ranker.shap(rows)
    for place, segment in enumerate(found):
        assert (segment.shoppers, segment.candidates) == (2, 10)
        own = phi[10 * place : 10 * place + 10]
        for weight in segment.families:
            group = own[:, [i for i, s in enumerate(model.signals) if s.family == weight.family]].sum(axis=1)
            assert weight.size == pytest.approx(np.abs(group).mean(), abs=1e-12)
            assert weight.mean == pytest.approx(group.mean(), abs=1e-12)
        total = model.ranker.log_odds(rows[10 * place : 10 * place + 10]) - model.ranker.expected
        assert sum(w.mean for w in segment.families) == pytest.approx(float(total.mean()), abs=1e-9)


def test_a_segment_without_shoppers_is_left_out(judged):
    model = judged[0]
    held = model.taught.held
    keys = [s.key for s in model.signals]
    rows = held.rows[:8].copy()
    rows[:, keys.index("history")] = 5.0
    checked = replace(held, rows=rows, label=held.label[:8], shopper=held.shopper[:8], item=held.item[:8])
    found = segment_weights(model, checked, ("taste",), np.random.default_rng(0))
    assert [s.segment for s in found] == ["warm"]
