"""SASRec: a transformer reads the shopper's latest events in order and predicts the next."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from recengine.columns import BEHAVIOURS
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import Capabilities, FitContext
from recengine.models.parts.demand import fading, log_shares
from recengine.models.parts.dislikes import turned_away
from recengine.models.parts.dot import DotProduct
from recengine.models.parts.network import Lesson, NetworkConfig, NetworkModel
from recengine.neural.losses.chunked_cross_entropy import chunked_cross_entropy
from recengine.neural.losses.cross_entropy import sampled_cross_entropy
from recengine.neural.offsets import Offsets
from recengine.neural.packing import Packing, pack
from recengine.neural.sequences import GAPS, Sequences, gap_ahead, nearest_kinds, shuffle_moments, windows
from recengine.neural.transformer import Positions, Residual, Shape, Transformer

TOKENS_AT_ONCE = 1 << 17  # when scoring: about 1 GB
FULL_UP_TO = 20_000  # items; up to here every item is compared at every step


class Contrast(StrEnum):
    """What the next item is told apart from."""

    AUTO = "auto"  # every item while the catalogue is small, else drawn ones
    FULL = "full"
    SAMPLED = "sampled"


class SasrecConfig(NetworkConfig):
    """How much of a history is read, by how large a network, and how it learns."""

    epochs: int = Field(default=30, ge=1, le=1000)
    """Passes over the events; tuning keeps the number that ranks best."""
    batch_size: int = Field(default=32, ge=1, le=65_536)
    """Histories learned at once. Small shops need small batches to take enough steps."""
    learning_rate: float = Field(default=2e-3, gt=0.0, le=1.0)
    """Size of a step. Too large and the loss explodes, too small and nothing is learned."""
    max_length: int = Field(default=100, ge=1, le=2000)
    """Newest events of a shopper that are read."""
    factors: int = Field(default=64, ge=4, le=1024, multiple_of=4)
    """Numbers that describe an item and a shopper. More tell more apart, and need more events and time."""
    layers: int = Field(default=2, ge=1, le=16)
    """Rounds of attention over the history."""
    heads: int = Field(default=1, ge=1, le=16)
    """Parts of the attention that look for different things; divides the number of factors."""
    feed_forward: int = Field(default=1, ge=1, le=8)
    """Width of the part between two rounds of attention, in multiples of the factors."""
    dropout: float = Field(default=0.2, ge=0.0, le=0.9)
    """Share of numbers left out at random while learning. More for little data."""
    residual: Residual = Residual.PLAIN
    """How a round changes what it reads: added as it is, or through a learned gate."""
    positions: Positions = Positions.LEARNED
    """How the order is told: a learned vector for each place, or by turning with the distance."""
    contrast: Contrast = Contrast.AUTO
    """What the next item is told apart from: every item, or drawn ones. Automatic takes every item up to 20,000."""
    negatives: int = Field(default=512, ge=256, le=65_536)
    """Drawn items the next item is told apart from, where not every item is."""
    use_times: bool = True
    """Read the time between events, from the same moment to years."""
    use_behaviours: bool = True
    """Read what the shopper did: viewed, put in the cart, bought."""
    every_event: bool = True
    """Learn from the whole of a long history, in several parts, instead of its newest events alone."""
    half_life_days: float = Field(default=0.0, ge=0.0, le=3650.0)
    """Days after which an event counts half as an example. 0 counts all alike."""
    trend_days: float = Field(default=14.0, ge=0.0, le=3650.0)
    """Half-life of what counts as wanted now; scores follow it. 0 leaves demand out, so that only the history speaks."""
    learn_repeats: bool = False
    """Learn to predict items the shopper has taken before. Lists of new ideas do better without."""


class Network(nn.Module):
    """Item, behaviour and gap vectors, and the transformer that reads them. The last row of `items` begins every sequence."""

    kinds: Tensor  # int64 [GAPS + 1]: the kind of gap that each is read as when asked about, the nearest one that was learned

    def __init__(self, n_items: int, config: SasrecConfig) -> None:
        super().__init__()
        width = config.factors
        self.items = nn.Embedding(n_items + 1, width)
        self.behaviours = nn.Embedding(len(BEHAVIOURS) + 1, width) if config.use_behaviours else None
        self.gaps = nn.Embedding(GAPS + 1, width) if config.use_times else None
        if config.use_times:
            self.register_buffer("kinds", torch.arange(GAPS + 1))
        self.offsets = Offsets(n_items) if config.trend_days > 0 else None
        shape = Shape(
            width,
            config.layers,
            config.heads,
            config.max_length + 1,
            config.dropout,
            config.residual,
            config.positions,
            width * config.feed_forward,
        )
        self.transformer = Transformer(shape)
        for part in self.modules():
            if isinstance(part, (nn.Linear, nn.Embedding)):
                nn.init.normal_(part.weight, std=0.02)
            if isinstance(part, nn.Linear):
                nn.init.zeros_(part.bias)
            if isinstance(part, Offsets):
                nn.init.zeros_(part.beyond.weight)

    def forward(self, tokens: Tokens, packing: Packing) -> Tensor:
        """States of all places, [n_places, width]; `tokens` are in the order of the ragged batch."""
        device = self.items.weight.device
        vectors = self.items(tokens.at(packing, tokens.item_codes, self.items.num_embeddings - 1, device))
        if self.behaviours is not None:
            vectors = vectors + self.behaviours(tokens.at(packing, tokens.behaviours, len(BEHAVIOURS), device))
        if self.gaps is not None:
            vectors = vectors + self.gaps(tokens.at(packing, tokens.gaps, GAPS, device))
        return self.transformer(vectors, packing)


class Tokens:
    """A ragged batch of sequences, each led by the token that begins it."""

    def __init__(self, lengths: np.ndarray, item_codes: np.ndarray, behaviours: np.ndarray, gaps: np.ndarray, n_items: int) -> None:
        ends = np.cumsum(lengths + 1)
        begin = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=bool)
        begin[ends - lengths - 1] = True
        self.lengths, self.last = lengths + 1, ends - 1
        self.item_codes = _behind(begin, item_codes, n_items)
        self.behaviours = _behind(begin, behaviours, len(BEHAVIOURS))
        self.gaps = gaps.astype(np.int64)

    @staticmethod
    def at(packing: Packing, values: np.ndarray, filler: int, device: torch.device) -> Tensor:
        """int64 [n_places]: the values where they stand, `filler` elsewhere."""
        placed = np.full(packing.n_places, filler, dtype=np.int64)
        placed[packing.places] = values
        return torch.from_numpy(placed).to(device)


def _behind(begin: np.ndarray, values: np.ndarray, first: int) -> np.ndarray:
    out = np.full(len(begin), first, dtype=np.int64)
    out[~begin] = values
    return out


class Sasrec(NetworkModel, DotProduct):
    """Next-item transformer with tied item vectors and a softmax over the catalogue."""

    name = "sasrec"
    title = "SASRec"
    summary = "A transformer reads the latest events of a shopper in order and predicts the next item."
    source = "Kang, McAuley, ICDM 2018, with the softmax loss of Klenitskiy, Vasilev, RecSys 2023"
    Config = SasrecConfig
    can = Capabilities(cold_users=True, order=True, time=True, epochs=True)
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "quick": {
            "factors": 32,
            "layers": 1,
            "max_length": 50,
            "epochs": 10,
            "patience": 2,
            "dropout": 0.4,
            "weight_decay": 1.0,
            "averaged_epochs": 1.0,
        },
        "balanced": {"patience": 3, "dropout": 0.4, "weight_decay": 1.0, "averaged_epochs": 1.0},
        "thorough": {
            "factors": 128,
            "max_length": 200,
            "epochs": 100,
            "patience": 10,
            "dropout": 0.3,
            "weight_decay": 0.5,
            "averaged_epochs": 1.0,
        },
    }
    config: SasrecConfig
    _network: Network

    def build(self, n_items: int) -> Network:
        return Network(n_items, self.config)

    def lesson(self, network: nn.Module, train: EventLog, ctx: FitContext) -> Lesson:
        assert isinstance(network, Network)
        config, n_items, device = self.config, train.n_items, torch.device(ctx.device)
        known, known_times = Sequences.of_log(train), train.times_s[train.weights > 0]
        starts, stops = windows(known.indptr, config.max_length, config.every_event)
        begins_history = np.zeros(len(known.item_codes) + 1, dtype=bool)
        begins_history[known.indptr[:-1]] = True
        moment = np.cumsum(known.gaps != 0)
        weights = known.weights if config.learn_repeats else np.where(known.repeats, 0.0, known.weights).astype(np.float32)
        if config.half_life_days > 0:
            weights = (weights * fading(known_times, config.half_life_days)).astype(np.float32)
        if config.use_times:
            network.kinds.copy_(torch.from_numpy(nearest_kinds(known.gaps)))
        if network.offsets is not None:
            recent = known.weights if config.learn_repeats else np.where(known.repeats, 0.0, known.weights)
            recent = recent * fading(known_times, config.trend_days)
            network.offsets.begin(*(log_shares(known.item_codes, values, n_items) for values in (weights, recent)))
        log_q, drawn_by = None, None
        if self._sampled(n_items):
            popularity = np.bincount(known.item_codes, minlength=n_items)
            chance = np.where(popularity > 0, np.sqrt(popularity), 0.0)
            chance /= chance.sum()
            drawn_by = torch.from_numpy(chance)
            log_q = torch.from_numpy(np.log(np.maximum(chance, 1e-12)).astype(np.float32)).to(device)

        def loss(batch: Tensor, draw: torch.Generator) -> tuple[Tensor, int]:
            rows = batch.numpy()
            lengths = stops[rows] - starts[rows]
            ends = np.cumsum(lengths)
            first = ends - lengths
            events = np.arange(int(ends[-1])) - np.repeat(first - starts[rows], lengths)
            window = np.repeat(np.arange(len(rows)), lengths)
            chance = torch.rand(len(events), generator=draw).numpy()
            shuffled = events[shuffle_moments(window, moment[events], chance)]
            targets, weight = known.item_codes[shuffled], weights[shuffled].copy()
            weight[first] = np.where(begins_history[starts[rows]], weight[first], 0.0)
            read = np.ones(len(events), dtype=bool)
            read[ends - 1] = False  # the newest event is only predicted
            tokens = Tokens(lengths - 1, targets[read], known.behaviours[shuffled[read]], known.gaps[events], n_items)
            packing = pack(tokens.lengths)
            use = np.flatnonzero(weight > 0)
            if len(use) == 0:
                return torch.zeros(()), 0
            states = network(tokens, packing)
            asked = states.index_select(0, torch.from_numpy(packing.places[use]).to(device))  # [T, factors]
            target, strength = torch.from_numpy(targets[use]).to(device), torch.from_numpy(weight[use]).to(device)
            items = network.items.weight[:n_items]
            if network.offsets is not None:  # as one more number of each vector
                asked = torch.cat([asked, asked.new_ones(len(use), 1)], 1)
                items = torch.cat([items, network.offsets.of_all().unsqueeze(1)], 1)
            if drawn_by is None:
                return chunked_cross_entropy(asked, items, target, strength), len(use)
            negatives = torch.multinomial(drawn_by, config.negatives, replacement=True, generator=draw).to(device)
            return sampled_cross_entropy(asked, items, target, negatives, log_q, strength), len(use)

        return Lesson(len(starts), loss)

    def _sampled(self, n_items: int) -> bool:
        contrast = self.config.contrast
        return contrast is Contrast.SAMPLED or (contrast is Contrast.AUTO and n_items > FULL_UP_TO)

    def shopper_vectors(self, histories: Histories) -> tuple[Tensor, Tensor]:
        known = Sequences.of_histories(histories, self.n_items)
        lengths = np.minimum(np.diff(known.indptr), self.config.max_length)
        device = self._network.items.weight.device
        ahead = gap_ahead(histories, known)
        if self.config.use_times:
            ahead = self._network.kinds.cpu().numpy()[ahead]
        vectors = torch.empty(len(lengths), self.config.factors, device=device)
        cost = np.cumsum(lengths + 1)
        start = 0
        while start < len(lengths):
            before = cost[start - 1] if start else 0
            stop = max(start + 1, int(np.searchsorted(cost, before + TOKENS_AT_ONCE, side="right")))
            part = lengths[start:stop]
            ends = np.cumsum(part)
            events = np.arange(int(ends[-1])) - np.repeat(ends - known.indptr[start + 1 : stop + 1], part)
            gaps = np.insert(known.gaps[events], ends, ahead[start:stop])  # before each event, and before the question
            tokens = Tokens(part, known.item_codes[events], known.behaviours[events], gaps, self.n_items)
            packing = pack(tokens.lengths)
            states = self._network(tokens, packing)
            vectors[start:stop] = states.index_select(0, torch.from_numpy(packing.places[tokens.last]).to(device)).float()
            start = stop
        vectors = turned_away(vectors, histories, self._network.items.weight[: self.n_items].float(), self._seen)
        return vectors, torch.ones(len(lengths), dtype=torch.bool)

    def item_vectors(self) -> tuple[Tensor, Tensor | None, Tensor]:
        offsets = self._network.offsets
        return self._network.items.weight.detach()[: self.n_items], None if offsets is None else offsets.now(), self._seen
