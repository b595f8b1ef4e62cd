"""What every group of use cases shares: the stores, and a bounded cache of loaded datasets and models."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from recengine.data.store import DatasetStore
from recengine.errors import Corrupt, MerchlensError
from recengine.jobs.database import Database
from recengine.jobs.table import JobTable
from recengine.settings import Settings
from recengine.state import PolicyTable
from recengine.variants.store import VariantStore

if TYPE_CHECKING:
    import numpy as np

    from recengine.data.dataset import Dataset
    from recengine.models.base import Recommender
    from recengine.variants.record import VariantRecord

T = TypeVar("T")
log = logging.getLogger(__name__)


class Cache:
    """A bounded, thread-safe store of things that are dear to make and never change; least recently used leaves first."""

    def __init__(self, size: int) -> None:
        self._size, self._kept, self._lock = size, OrderedDict[Any, Any](), threading.Lock()
        self._making: dict[Any, threading.Lock] = {}

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """The thing called `key`, made by `make` on the first call; one thread makes it, others wait for this key alone."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                made = make()
                with self._lock:
                    self._kept[key] = made
                    while len(self._kept) > self._size:
                        self._kept.popitem(last=False)
                return made
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def forget(self, name: str) -> None:
        """Drop what is called `name`, or has it in its key."""
        with self._lock:
            for key in [key for key in self._kept if key == name or (isinstance(key, tuple) and name in key)]:
                del self._kept[key]


@dataclass(frozen=True, eq=False)
class LoadedVariant:
    """A variant ready to answer: read-only."""

    record: VariantRecord
    model: Recommender
    dataset: Dataset


class Context:
    """Folder of one workspace, its stores and caches."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self.root, self.settings = root, settings
        root.mkdir(parents=True, exist_ok=True)
        self.datasets = DatasetStore(settings.datasets_dir)
        self.variants = VariantStore(settings.variants_dir)
        database = Database(settings.state_file)
        self.jobs = JobTable(database, settings.lease_s)
        self.policies = PolicyTable(database)
        self._datasets, self._models = Cache(2 * settings.cached_datasets), Cache(settings.cached_variants)
        self.views, self.pools = Cache(settings.cached_lists), Cache(settings.cached_variants)

    def dataset(self, dataset_id: str) -> Dataset:
        """The dataset version in memory."""
        return self._datasets.get(dataset_id, lambda: self.datasets.load(dataset_id))

    def item_vectors(self, dataset_id: str) -> np.ndarray:
        """float32 [n_items, d], rows of length 1: what likeness of items means in this shop."""
        from recengine.text.item_vectors import item_vectors

        dataset = self.dataset(dataset_id)
        return self._datasets.get(("vectors", dataset_id), lambda: item_vectors(dataset.catalogue, dataset.products_log))

    def loaded(self, variant_id: str) -> LoadedVariant:
        """The variant with its model fitted and verified."""
        return self._models.get(variant_id, lambda: self._load(variant_id))

    def _load(self, variant_id: str) -> LoadedVariant:
        from recengine.workspace.list_search import search_as_set
        from recengine.workspace.models import make_model

        record, state = self.variants.load(variant_id)
        dataset = self.dataset(record.dataset_id).weighted(record.weights)
        try:
            model = make_model(record.model, record.config)
            model.load_state(state)
        except (MerchlensError, KeyError, RuntimeError, ValueError) as error:
            log.exception("%s cannot be opened", variant_id)
            what = f"{record.name} cannot be opened any more."
            raise Corrupt(what, "It was trained by another version of Merchlens.", "Train it again; its figures stay.") from error
        search_as_set(model, dataset, self.settings)
        return LoadedVariant(record, model, dataset)

    def variants_stamp(self) -> tuple[str, ...]:
        """Changes whenever a variant is added, renamed or removed."""
        return tuple(f"{record.id}:{record.name}" for record in self.variants.list())

    def forget(self, artefact_id: str) -> None:
        """Drop everything that was made from a deleted or renamed dataset or variant."""
        for cache in (self._datasets, self._models, self.views, self.pools):
            cache.forget(artefact_id)
