"""Bought items come back on lists after the days that a policy says, and are left out until then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recengine.types import TrainingRequest
from recengine.workspace import Workspace
from recengine.workspace.policy_lists import ranked_by_policy, ready_policy
from recengine.workspace.policy_spec import parsed

DAY = 86_400


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory):
    folder, rng = Path(tmp_path_factory.mktemp("again")), np.random.default_rng(3)
    rows = ["user_id,item_id,event_type,timestamp"]
    for u in range(60):
        rows += [f"u{u},i{rng.integers(20)},purchase,{1_700_000_000 + day * DAY + u}" for day in range(0, 100, 10)]
    (folder / "log.csv").write_text("\n".join(rows))
    ws = Workspace(folder / "ws")
    dataset = ws.datasets.import_now(ws.datasets.stage_path(folder / "log.csv", "log")).dataset
    request = TrainingRequest(dataset, "popularity", preset="quick", device="cpu")
    variant = ws.run_attached("train", ws.training.arguments(request), "popularity")["variant"]
    data = ws._context.dataset(dataset)

    def lists(controls: dict) -> np.ndarray:
        policy = ready_policy(ws._context, dataset, parsed({"controls": controls}))
        return ranked_by_policy(ws._context.loaded(variant), histories, 20, policy).item_codes

    histories = data.histories(np.arange(len(data.users)))
    return histories, lists


def again(histories, codes: np.ndarray) -> list[float]:
    """Days since each listed item was last bought by the shopper of its list."""
    found = []
    for row, listed in enumerate(codes):
        own = slice(histories.indptr[row], histories.indptr[row + 1])
        for item in listed[listed >= 0]:
            times = histories.times_s[own][histories.item_codes[own] == item]
            found += [(histories.now_s[row] - times.max()) / DAY] if len(times) else []
    return found


def test_bought_items_come_back_after_the_days_that_are_said(asked):
    histories, lists = asked
    assert again(histories, lists({})) == []
    assert again(histories, lists({"hide_bought": True})) == []
    back = again(histories, lists({"hide_bought": True, "bought_days": 45}))
    assert len(back) > 60
    assert min(back) > 45
    assert again(histories, lists({"bought_days": 45})) == [], "nothing is asked for without hiding what was bought"
