"""A funnel fitted once for the tests of the funnel and of explanations: the planted store, imported as a merchandiser would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recengine.data.dataset import Dataset
from recengine.data.split import time_split
from recengine.data.store import DatasetStore
from recengine.funnel.model import Funnel, FunnelConfig
from recengine.ingest.importer import ingest
from recengine.models.base import FitContext
from recengine.testing.demo_store import DemoTruth, make_demo_store

GENERATORS = ("transitions", "item-knn", "ease", "popularity", "content")


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> tuple[Dataset, DemoTruth]:
    """The planted store, imported as a merchandiser would."""
    folder: Path = tmp_path_factory.mktemp("demo")
    truth = make_demo_store(folder, seed=7, shoppers=700, days=100)
    taken = ingest(folder / "events.csv")
    store = DatasetStore(folder / "datasets")
    info = store.publish("Demo", taken.events, taken.rejects, set(taken.unsellable_item_ids), taken.currency, {})
    return store.load(info.id), truth


@pytest.fixture(scope="session")
def context(demo) -> FitContext:
    return FitContext(demo[0].catalogue, seed=3)


@pytest.fixture(scope="session")
def judged(demo, context):
    """A funnel fitted before the test cut, its last report and the split."""
    split = time_split(demo[0].log, demo[0].catalogue.sellable, share=0.12)
    model = Funnel(FunnelConfig(generators=GENERATORS, window_share=0.12, trees=60))
    return model, model.fit_all(split.past, context), split


@pytest.fixture(scope="session")
def some_users(demo) -> np.ndarray:
    lengths = np.diff(demo[0].log.indptr)
    return np.random.default_rng(5).choice(np.flatnonzero((lengths > 4) & (lengths < 300)), 40, replace=False)
