"""Two-tower: a language model's vectors of items, turned by what shoppers chose, against a vector of the history."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field
from torch import Tensor, nn

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, EpochReport, FitContext, ModelConfig, check_trainable
from recengine.models.parts.dot import DotProduct
from recengine.models.parts.network import Lesson, NetworkConfig, NetworkModel
from recengine.models.text import profile_shares
from recengine.neural.adapters import Adapt, adapt, after_step, orthogonality, size_of
from recengine.neural.descent import Plan
from recengine.neural.losses.cross_entropy import sampled_cross_entropy
from recengine.neural.towers import Towers
from recengine.text.encoder import LanguageModel, batches_by_length, load_language_model, padded, pooled, tokenize
from recengine.text.language_vectors import encoder_for_training, language_vectors, shop_texts
from recengine.text.whitening import Whitening

PROFILES = 2  # a history is described by a long and a short memory
SPLIT_CHANCE = 0.5  # of a moment with several items, that some of them are shown and the others asked for
SPREAD_MIN = 1e-12


class TwoTowerConfig(NetworkConfig):
    """What learns, how a history is read, and what it is told apart from."""

    encoder: str = Field(default="", max_length=500)
    """Folder or Hugging Face name of the language model; empty takes the one that is installed with Merchlens."""
    adapt: Adapt = Adapt.NONE
    """What of the language model learns. None is quick; LoRA, AdaLoRA and prefix learn a little of it, full all of it, on a GPU at best."""
    adapter_rank: int = Field(default=8, ge=1, le=256)
    """Size of what is added to the language model: rank of LoRA and AdaLoRA, learned places of prefix."""
    epochs: int = Field(default=10, ge=1, le=1000)
    """Passes over the moments at which somebody bought; tuning keeps the number that ranks best."""
    patience: int = Field(default=2, ge=1, le=100)
    """Epochs without a better validation ranking before tuning stops."""
    batch_size: int = Field(default=128, ge=1, le=65_536)
    """Moments learned at once. What was chosen at one is what the others are told apart from."""
    learning_rate: float = Field(default=3e-4, gt=0.0, le=1.0)
    """Size of a step. Too large and the loss explodes, too small and nothing is learned."""
    weight_decay: float = Field(default=0.01, ge=0.0, le=1.0)
    """Pulls all parameters towards zero."""
    factors: int = Field(default=0, ge=0, le=4096)
    """Numbers that describe an item and a shopper; 0 takes as many as the language model has, and starts from likeness of texts."""
    hidden: int = Field(default=256, ge=0, le=4096)
    """Width of the layer that reads a history; 0 leaves it out."""
    targets: int = Field(default=4, ge=1, le=1000)
    """Items of one moment that are asked for in an epoch."""
    negatives: int = Field(default=256, ge=0, le=100_000)
    """Further items that a batch is told apart from, drawn from all that were ever taken; 0 uses those of the batch alone."""
    moments: int = Field(default=0, ge=0, le=100_000_000)
    """Moments learned in an epoch, drawn anew each time; 0 learns all. Bounds the time where the language model learns too."""
    temperature: float = Field(default=0.1, ge=0.01, le=1.0)
    """How sharply the best item is told from others at the start; learned from there."""
    recent_events: int = Field(default=200, ge=1, le=5000)
    """Newest events of a history that are read."""
    rank_decay: float = Field(default=0.2, ge=0.0, le=5.0)
    """For the long memory, the r-th newest event counts r^-decay."""
    short_rank_decay: float = Field(default=1.0, ge=0.0, le=5.0)
    """The same for the short memory."""


@dataclass(frozen=True, eq=False)
class Texts:
    """What is known of the texts before anything is learned."""

    vectors: np.ndarray  # float32 [n_items, dim], whitened, zero without a text
    whitening: Whitening
    model: LanguageModel | None  # a copy that learns
    tokens: Sequence[Sequence[int]]  # of each item, only where the model learns


class TwoTower(NetworkModel, DotProduct):
    """Softmax over the items of a batch with logQ correction. Cold items are scored from their text alone."""

    name = "two-tower"
    title = "Two-tower"
    summary = "Reads item texts with a language model that has learned from what shoppers chose; new items included."
    source = (
        "s(h, j) = cos(shopper(h), item(j)) / τ, in-batch softmax with logQ correction: Yi et al., Sampling-Bias-Corrected Neural "
        "Modeling, RecSys 2019; Yang et al., Mixed Negative Sampling, WWW 2020"
    )
    Config = TwoTowerConfig
    can = Capabilities(cold_items=True, order=True, features=True, epochs=True)
    presets: ClassVar[dict[str, dict[str, Any]]] = {"quick": {"epochs": 3}, "thorough": {"epochs": 20, "targets": 8, "negatives": 1024}}
    config: TwoTowerConfig

    _network: Towers
    _texts: Texts | None = None
    _dim: int = 0
    _steps: int = 1  # of the whole training
    _moments: Moments  # only while fitting
    _vectors: np.ndarray  # float32 [n_items, dim], text vectors of the history side
    _items: Tensor  # float32 [n_items, factors], on the device

    @classmethod
    def memory_bytes(cls, config: ModelConfig, n_users: int, n_items: int, n_events: int, device: str = "cpu") -> int:  # noqa: ARG003
        """See the base. The language model, the vectors of all items, and the scores of a batch."""
        assert isinstance(config, TwoTowerConfig)
        dim = 1024
        rows = config.batch_size * config.targets
        language = {Adapt.NONE: 1.0e9, Adapt.FULL: 4.0e9}.get(config.adapt, 1.5e9)
        kept = 3 * n_items * dim * 4 + 3 * rows * (rows + config.negatives) * 4
        return int(200 * n_events + language + kept)

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        """See the base. Reports say how many parameters learn, of how many, the memory they take, and the seconds of an epoch."""
        ctx.stop_if_asked()
        check_trainable(train)
        log = train.interests()
        self._texts = self._read(ctx)
        self._vectors, self._dim = self._texts.vectors, self._texts.vectors.shape[1]
        self._moments = Moments.of(log, np.abs(self._vectors).sum(1) > 0)
        self._steps = self.config.epochs * max(1, -(-self._learned() // self.config.batch_size))
        started = time.monotonic()
        for report in super().fit(log, ctx):
            now = time.monotonic()
            yield replace(report, metrics={**report.metrics, **self.parameters(), "epoch_seconds": now - started})
            started = time.monotonic()
        self._texts = None  # what answers needs the vectors alone
        del self._moments

    def _learned(self) -> int:
        """Moments of an epoch."""
        return min(len(self._moments.users), self.config.moments or len(self._moments.users))

    def _read(self, ctx: FitContext) -> Texts:
        encoder = encoder_for_training(self.config.encoder, ctx.device)
        raw = language_vectors(ctx.catalogue, encoder, ctx.note, ctx.stop_if_asked)
        whitening = Whitening.of(raw)
        model, tokens = None, list[list[int]]()
        if self.config.adapt is not Adapt.NONE:
            model = load_language_model(encoder.folder, ctx.device, fresh=True)
            tokens = tokenize(model, shop_texts(ctx.catalogue), encoder.prefix)
        return Texts(whitening.apply(raw), whitening, model, tokens)

    def parameters(self) -> dict[str, float]:
        """Parameters that learn, all of them, and the bytes of these with gradients and moments."""
        size = size_of(self._network)
        return {"trainable_parameters": size.trainable, "total_parameters": size.total, "parameter_bytes": size.bytes}

    def build(self, n_items: int) -> nn.Module:
        config, texts = self.config, self._texts
        factors = config.factors or self._dim
        if texts is None or texts.model is None:
            return Towers(self._dim, factors, config.hidden, PROFILES, config.temperature)
        center = torch.from_numpy(texts.whitening.mean.astype(np.float32))
        turn = torch.from_numpy(texts.whitening.matrix.astype(np.float32))
        encoder = adapt(texts.model.network, config.adapt, config.adapter_rank, self._steps)
        return Towers(self._dim, factors, config.hidden, PROFILES, config.temperature, encoder, center, turn)

    def plan(self) -> Plan:
        return replace(super().plan(), clip_norm=1.0)

    def lesson(self, network: nn.Module, train: EventLog, ctx: FitContext) -> Lesson:
        assert isinstance(network, Towers)
        moments, learned = self._moments, self._learned()
        n = len(moments.users)

        def order(draw: np.random.Generator, size: int) -> list[np.ndarray]:
            chosen = draw.permutation(n)[:learned]
            return [chosen[start : start + size] for start in range(0, learned, size)]

        def loss(batch: Tensor, draw: torch.Generator) -> tuple[Tensor, int]:
            return self._loss(network, moments, train, batch.numpy(), draw, ctx.device)

        step = after_step(network.encoder) if network.encoder is not None else lambda step: None
        return Lesson(n, loss, order, step)

    def _loss(
        self, network: Towers, moments: Moments, log: EventLog, batch: np.ndarray, draw: torch.Generator, device: str
    ) -> tuple[Tensor, int]:
        config = self.config
        luck = np.random.default_rng(int(torch.randint(2**62, (1,), generator=draw)))
        histories, rows, items = moments.ask(log, batch, config.targets, luck)
        profiles = self._profiles(histories)
        told = np.abs(profiles).sum(1) > 0
        keep = told[rows]
        rows, items = rows[keep], items[keep]
        if len(items) == 0:
            return network.sharpness * 0.0, 0  # nobody in this batch can be asked
        others = luck.choice(moments.taken, config.negatives) if config.negatives else np.zeros(0, np.int64)
        pool, place = np.unique(np.concatenate([items, others]), return_inverse=True)
        # Chance that an item is in the pool at all, as a target or as one of the others.
        log_q = np.log(-np.expm1(len(items) * np.log1p(-moments.chance[pool]) + len(others) * np.log1p(-1.0 / (len(moments.taken) + 1))))
        vectors = network.items(self._pool_texts(network, pool, device))  # [P, d]
        states = network.shoppers(torch.from_numpy(profiles).to(device, copy=True))[torch.from_numpy(rows).to(device)]  # [T, d]
        states = states * network.sharpness.exp().clamp(max=100.0)
        targets = torch.from_numpy(place[: len(items)].astype(np.int64)).to(device)
        correction = torch.from_numpy(log_q.astype(np.float32)).to(device)
        everything = torch.arange(len(pool), device=device)
        value = sampled_cross_entropy(states, vectors, targets, everything, correction)
        penalty = orthogonality(network.encoder) if network.encoder is not None else None
        return value if penalty is None else value + len(items) * penalty, len(items)

    def _pool_texts(self, network: Towers, pool: np.ndarray, device: str) -> Tensor:
        """float32 [P, dim], whitened; through the language model where it learns."""
        if network.encoder is None or self._texts is None or self._texts.model is None:
            return torch.from_numpy(self._vectors[pool]).to(device, copy=True)
        tokens = [self._texts.tokens[item] for item in pool]
        pad = self._texts.model.tokenizer.pad_token_id or 0
        out = torch.zeros(len(pool), self._dim, device=device)
        for group in batches_by_length([len(row) for row in tokens]):
            ids, mask = padded([tokens[place] for place in group], len(group), pad)
            read = network.whitened(pooled(network.encoder, ids.to(device), mask.to(device)))
            out = out.index_copy(0, torch.from_numpy(group).to(device), read.to(out.dtype))
        return out

    def ready(self) -> None:
        """Vectors of all items; where the language model learns, all texts are read again, but not before the first epoch."""
        if self._descent.epochs_done == 0:
            return
        described = np.flatnonzero(np.abs(self._vectors).sum(1) > 0)
        factors = self._network.item.weight.shape[0]
        self._items = torch.zeros(self.n_items, factors, device=self._device)
        with torch.no_grad():
            for start in range(0, len(described), 4096):
                part = described[start : start + 4096]
                self._items[torch.from_numpy(part)] = self._network.items(self._pool_texts(self._network, part, self._device))

    def _profiles(self, histories: Histories) -> np.ndarray:
        """float32 [B, PROFILES × dim]: long and short memory of each history, each of length 1; zero where it says nothing."""
        usable = np.abs(self._vectors).sum(1) > 0
        found = []
        for decay in (self.config.rank_decay, self.config.short_rank_decay):
            values = profile_shares(histories, usable, self.config.recent_events, decay)
            use = np.flatnonzero(values)
            where = (histories.row_of_event[use], histories.item_codes[use])
            rows = sp.csr_matrix((values[use], where), shape=(len(histories), len(usable)))
            mean = np.asarray(rows @ self._vectors.astype(np.float64))  # [B, dim]
            norms = np.linalg.norm(mean, axis=1, keepdims=True)
            found.append(np.divide(mean, norms, out=np.zeros_like(mean), where=norms > SPREAD_MIN))
        return np.concatenate(found, axis=1).astype(np.float32)

    def shopper_vectors(self, histories: Histories) -> tuple[Tensor, Tensor]:
        profiles = self._profiles(histories)
        informed = torch.from_numpy(np.abs(profiles).sum(1) > 0)
        # A copy: where numpy's memory begins decides the last bits of a matrix product, where torch's begins is always alike.
        return self._network.shoppers(torch.from_numpy(profiles).to(self._device, copy=True)), informed

    def item_vectors(self) -> tuple[Tensor, Tensor | None, Tensor]:
        return self._items, None, torch.from_numpy(np.abs(self._vectors).sum(1) > 0)

    def state(self) -> dict[str, Tensor]:
        """The towers, what a language model learned, and the vectors of all items: what answers needs no language model."""
        return {**super().state(), "texts": torch.from_numpy(self._vectors), "items": self._items.to("cpu", copy=True)}

    def load_state(self, state: dict[str, Tensor]) -> None:
        self._vectors, self._device, self._texts = state["texts"].numpy(), "cpu", None
        self.n_items, self._dim = self._vectors.shape
        self._seen = state["seen"].bool()
        with torch.random.fork_rng([]):
            network = self.build(self.n_items)
        assert isinstance(network, Towers)
        network.load_state_dict(
            {name[8:]: value for name, value in state.items() if name.startswith("network.") and not name.startswith("network.encoder.")}
        )
        self._network, self._items = network.eval(), state["items"].clone()


@dataclass(frozen=True, eq=False)
class Moments:
    """Moments at which a shopper with a history took something new: the examples."""

    users: np.ndarray  # int32 [m]
    times_s: np.ndarray  # int64 [m]
    indptr: np.ndarray  # int64 [m + 1]
    items: np.ndarray  # int64, distinct items of each moment that the shopper did not have before
    taken: np.ndarray  # int64, items that are in any moment
    chance: np.ndarray  # float64 [n_items], share of the targets

    @staticmethod
    def of(log: EventLog, usable: np.ndarray) -> Moments:
        """Every moment of a log that asks something of items with a text (bool [n_items])."""
        told = np.flatnonzero((log.weights > 0) & usable[log.item_codes])
        users, items, times = log.user_codes[told].astype(np.int64), log.item_codes[told].astype(np.int64), log.times_s[told]
        pair = users * log.n_items + items
        _, first = np.unique(pair, return_index=True)  # the log is in the order of time within a shopper
        first = np.sort(first)
        users, items, times = users[first], items[first], times[first]
        begins = np.ones(len(users), dtype=bool)
        begins[1:] = (users[1:] != users[:-1]) | (times[1:] != times[:-1])
        starts = np.flatnonzero(begins)
        sizes = np.diff(np.append(starts, len(users)))
        opens = np.ones(len(starts), dtype=bool)
        opens[1:] = users[starts[1:]] != users[starts[:-1]]
        able = ~opens | (sizes > 1)  # a first moment of one item has nothing to be asked from
        picked = np.repeat(able, sizes)
        indptr = np.concatenate([[0], np.cumsum(sizes[able])]).astype(np.int64)
        counts = np.bincount(items[picked], minlength=log.n_items).astype(np.float64)
        chance = counts / max(counts.sum(), 1.0)
        who, when = users[starts][able].astype(np.int32), times[starts][able]
        return Moments(who, when, indptr, items[picked], np.flatnonzero(counts), np.minimum(chance, 1.0 - 1e-9))

    def ask(self, log: EventLog, batch: np.ndarray, targets: int, luck: np.random.Generator) -> tuple[Histories, np.ndarray, np.ndarray]:
        """Histories of moments (int [b]) and what is asked for, as pairs of row and item.

        Now and then some items of a moment are shown as the newest of the history, and the others are asked for: what goes together.
        """
        histories = Histories.from_log(log, self.users[batch], self.times_s[batch])
        empty = histories.lengths == 0
        rows, items, shown_rows, shown_items = list[np.ndarray](), list[np.ndarray](), list[np.ndarray](), list[np.ndarray]()
        for row, moment in enumerate(batch):
            own = luck.permutation(self.items[self.indptr[moment] : self.indptr[moment + 1]])
            split = len(own) > 1 and (luck.random() < SPLIT_CHANCE or empty[row])
            n_shown = int(luck.integers(1, len(own))) if split else 0
            asked = own[n_shown : n_shown + targets]
            rows.append(np.full(len(asked), row))
            items.append(asked)
            shown_rows.append(np.full(n_shown, row))
            shown_items.append(own[:n_shown])
        return _with(histories, np.concatenate(shown_rows), np.concatenate(shown_items)), np.concatenate(rows), np.concatenate(items)


def _with(histories: Histories, rows: np.ndarray, items: np.ndarray) -> Histories:
    """The histories with items added as the newest of their rows, bought at the moment of the question."""
    from recengine.columns import BEHAVIOUR_CODE

    owner = np.concatenate([histories.row_of_event, rows])
    order = np.argsort(owner, kind="stable")
    behaviours = np.concatenate([histories.behaviours, np.full(len(rows), BEHAVIOUR_CODE["purchase"], dtype=np.int8)])
    return replace(
        histories,
        indptr=np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(histories)))]).astype(np.int64),
        item_codes=np.concatenate([histories.item_codes, items.astype(np.int32)])[order],
        behaviours=behaviours[order],
        times_s=np.concatenate([histories.times_s, histories.now_s[rows]])[order],
    )
