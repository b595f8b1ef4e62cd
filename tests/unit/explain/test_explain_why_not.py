from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recengine.data.histories import Histories
from recengine.explain.edits import edited_history, edited_model
from recengine.explain.why_not import Stage, why_not
from recengine.testing.table_model import TableModel


def place_of(model, histories, sellable, item):
    listed = model.recommend(histories, 500, exclude=histories.to_csr(model.n_items, binary=True), allow=sellable).item_codes[0]
    return int(np.flatnonzero(listed == item)[0]) + 1 if item in listed else 0


def test_every_stage_of_the_funnel(judged, demo, some_users):
    model, dataset = judged[0], demo[0]
    sellable = dataset.catalogue.sellable
    history = dataset.histories(some_users[1:2])
    by_score = model.recommend(history, 300, exclude=history.to_csr(model.n_items), allow=sellable).item_codes[0]
    by_score = by_score[by_score >= 0]

    def ask(code, **more):
        return why_not(model, dataset.catalogue, history, int(code), 10, search=False, **more)

    assert ask(history.item_codes[0]).stage is Stage.TAKEN
    assert ask(by_score[3]).stage is Stage.LISTED
    moved = ask(by_score[3], listed=[int(c) for c in by_score[10:20]])
    assert (moved.stage, moved.place) == (Stage.DISPLACED, 4)
    out = ask(by_score[40])
    assert (out.stage, out.place, out.last_code) == (Stage.OUTRANKED, 41, by_score[9])
    assert out.score < out.last_score
    assert out.gaps
    assert all(gap.difference < 0 for gap in out.gaps)
    assert sum(1 for g in out.generators if 0 < g.place <= g.quota) >= 1
    never = np.setdiff1d(np.flatnonzero(sellable), np.concatenate([by_score, history.item_codes]))
    if len(never):
        lost = ask(never[0])
        assert lost.stage is Stage.NOT_RECALLED
        assert all(g.place == 0 or g.place > g.quota for g in lost.generators)
    closed = replace(dataset.catalogue, sellable=np.where(np.arange(len(sellable)) == by_score[3], False, sellable))
    assert why_not(model, closed, history, int(by_score[3]), 10, search=False).stage is Stage.NOT_SOLD


def test_every_way_in_is_what_rescoring_says(judged, demo, some_users):
    model, dataset = judged[0], demo[0]
    history = dataset.histories(some_users[1:2])
    sellable = dataset.catalogue.sellable
    code = int(model.recommend(history, 60, exclude=history.to_csr(model.n_items), allow=sellable).item_codes[0, 14])
    found = why_not(model, dataset.catalogue, history, code, 10)
    assert found.ways
    assert any(way.brings_in for way in found.ways)
    for way in found.ways:
        events = [edit for edit in way.edits if edit.kind in ("add", "remove")]
        facts = edited_model(model, dataset.catalogue, way.edits)
        assert place_of(facts, edited_history(history, events), sellable, code) == way.place
        assert way.brings_in == (way.place <= 10)
        assert way.place < found.place


def test_single_models_have_fewer_stages(demo):
    catalogue = replace(demo[0].catalogue)
    n = len(catalogue)
    # Item 20 follows item 5 and needs it; item 21 has no score at all.
    model = TableModel(lambda item, there: np.nan if item == 21 else 1000.0 * (item == 20 and 5 in there) - item, n)
    history = Histories.of_items([[0, 1]], now_s=10**9)
    found = why_not(model, catalogue, history, 20, 10)
    assert (found.stage, found.generators) == (Stage.OUTRANKED, ())
    assert found.place == 19
    adds = [way for way in found.ways if way.brings_in]
    assert adds
    assert adds[0].edits[0].kind == "add"
    assert adds[0].edits[0].item == 5
    assert adds[0].place == 1
    assert why_not(model, catalogue, history, 21, 10, search=False).stage is Stage.UNKNOWN
    assert why_not(model, catalogue, history, 2, 10, search=False).stage is Stage.LISTED
    assert found.last_score - found.score == pytest.approx(9)
