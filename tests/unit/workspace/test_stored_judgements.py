"""A stored judgement keeps its own shoppers, although a split may ask others today."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recengine.data import split
from recengine.data.histories import Histories
from recengine.types import TrainingRequest
from recengine.workspace import Workspace

DAY = 86_400


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everybody is shown most of the shop all the time, and buys now and then."""
    folder, rng = tmp_path_factory.mktemp("shown"), np.random.default_rng(2)
    rows = ["user_id,item_id,event_type,timestamp"]
    for u in range(60):
        for day in range(0, 100, 5):
            moment = 1_700_000_000 + day * DAY + u
            rows += [f"u{u},i{i},impression,{moment}" for i in rng.choice(40, 6, replace=False)]
            rows.append(f"u{u},i{rng.integers(40)},purchase,{moment + 60}")
    (folder / "log.csv").write_text("\n".join(rows))
    return folder


def trained(folder: Path, name: str, model: str = "item-knn") -> tuple[Workspace, str]:
    ws = Workspace(folder / name)
    dataset = ws.datasets.import_now(ws.datasets.stage_path(folder / "log.csv", "log")).dataset
    return ws, ws.run_attached("train", ws.training.arguments(TrainingRequest(dataset, model, preset="quick", device="cpu")), model)[
        "variant"
    ]


def test_a_variant_judged_on_other_shoppers_is_still_measured_on_its_own(shop, monkeypatch):
    everything = property(lambda self: np.ones(len(self.behaviours), dtype=bool))
    with monkeypatch.context() as old:  # as it was: whatever a shopper was shown counted as had
        old.setattr(split.EventLog, "signs", everything)
        old.setattr(Histories, "signs", everything)
        ws, before = trained(shop, "old")
        asked = ws.variants.get(before).metrics["ndcg@10"].n
    ws = Workspace(shop / "old")
    request = TrainingRequest(ws.variants.get(before).dataset, "item-knn", preset="quick", device="cpu")
    after = ws.run_attached("train", ws.training.arguments(request), "again")["variant"]
    effects = {variant: ws.policies.measure(variant, {}).metrics["ndcg"] for variant in (before, after)}
    assert effects[before].n == asked
    assert effects[after].n > asked
    for variant in (before, after):
        stored = ws.variants.get(variant).metrics["ndcg@10"]
        assert effects[variant].value == pytest.approx(stored.value, abs=1e-9)
