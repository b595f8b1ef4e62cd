"""What the networks over a pooled history share: settings, examples, and the values of a history's items."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
import torch
from pydantic import Field
from torch import Tensor, nn

from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.models.base import FitContext
from recengine.models.parts.demand import fading, log_shares
from recengine.models.parts.linear import Repeats, event_values
from recengine.models.parts.network import Lesson, NetworkConfig
from recengine.neural.history_encoder import HistoryEncoder, Pooling, owned_mask
from recengine.neural.offsets import Offsets
from recengine.neural.sampling import Draw, NegativeSampler


class PooledConfig(NetworkConfig):
    """How a history becomes one vector, and what its items are told apart from."""

    epochs: int = Field(default=20, ge=1, le=1000)
    """Passes over the shoppers; tuning keeps the number that ranks best."""
    patience: int = Field(default=4, ge=1, le=100)
    """Epochs without a better validation ranking before tuning stops."""
    batch_size: int = Field(default=64, ge=1, le=65_536)
    """Shoppers learned at once."""
    learning_rate: float = Field(default=1e-2, gt=0.0, le=1.0)
    """Size of a step. Too large and the loss explodes, too small and nothing is learned."""
    weight_decay: float = Field(default=0.5, ge=0.0, le=1.0)
    """Pulls all parameters towards zero, by this share of a step. More for little data."""
    averaged_epochs: float = Field(default=1.0, ge=0.0, le=100.0)
    """Use the mean of the network over about so many last epochs, which is steadier than its last step. 0 takes the last step."""
    half_life_days: float = Field(default=60.0, ge=0.0, le=3650.0)
    """Days after which a choice counts half as an example. 0 counts all alike."""
    trend_days: float = Field(default=14.0, ge=0.0, le=3650.0)
    """Half-life of what counts as wanted now; scores follow it. 0 keeps to what was learned."""
    factors: int = Field(default=64, ge=2, le=1024)
    """Numbers that describe an item and a shopper. More tell more apart, and need more events and time."""
    exponent: float = Field(default=0.5, ge=0.0, le=1.0)
    """How the size of a history counts: 0 adds its items up, 1 takes their mean."""
    hidden: int = Field(default=0, ge=0, le=4096)
    """Width of a small layer that reads the pooled history; 0 leaves it out."""
    forget: float = Field(default=0.2, ge=0.0, le=0.9)
    """Share of past items left out at random while learning. More for little data."""
    negatives: int = Field(default=128, ge=1, le=10_000)
    """Items drawn for each batch, that everything taken is told apart from."""
    draw: Draw = Draw.UNIFORM
    """Draw them all alike, or popular ones more often, which are harder to tell apart."""

    def pooling(self) -> Pooling:
        """What the encoder is told."""
        return Pooling(self.exponent, self.hidden, self.forget)


def item_values(histories: Histories, n_items: int) -> sp.csr_matrix:
    """float32 [B, n_items]: the strongest event on each item; below 0 for what was not liked."""
    return histories.to_csr(n_items, event_values(histories, n_items, Repeats.ONCE))


def one_against_drawn(
    encoder: HistoryEncoder,
    offsets: Offsets,
    config: PooledConfig,
    train: EventLog,
    ctx: FitContext,
    judge: Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor],
) -> Lesson:
    """Examples are shoppers: every item of one is told apart from drawn ones, given the other items.

    Args:
        encoder: makes the vectors of the rows without each entry.
        offsets: of the items; they begin at the examples' shares.
        config: negatives.
        train: the log.
        ctx: device.
        judge: vectors [T, d], items int64 [T], strengths float32 [T], negatives int64 [N] of the whole batch and bool [T, N] which of
            them the shopper has (they do not count) → the sum of losses.
    """
    everybody = Histories.from_log(train.interests(), np.arange(train.n_users), np.iinfo(np.int64).max)
    rows = item_values(everybody, train.n_items)  # [n_users, n_items]
    once = event_values(everybody, train.n_items, Repeats.ONCE)
    values = once * fading(everybody.times_s, config.half_life_days)
    examples = log_shares(everybody.item_codes, values, train.n_items)
    recent = once * fading(everybody.times_s, config.trend_days)
    offsets.begin(examples, log_shares(everybody.item_codes, recent, train.n_items) if config.trend_days else examples)
    strengths = everybody.to_csr(train.n_items, values)
    some = np.diff(rows.indptr) > 0
    rows, strengths = rows[some], strengths[some]  # entries of the same places
    sampler = NegativeSampler(np.asarray(rows.getnnz(axis=0)).ravel(), config.draw)
    device = torch.device(ctx.device)

    def loss(batch: Tensor, draw: torch.Generator) -> tuple[Tensor, int]:
        part = rows[batch.numpy()]
        vectors, entries = encoder.without_each(part, draw)
        owner = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        negatives = sampler.draw((config.negatives,), draw)  # [N]
        taken = owned_mask(part)[:, negatives][torch.from_numpy(owner)]  # [T, N]
        strength = torch.from_numpy(strengths[batch.numpy()].data).to(device)
        return judge(vectors, entries.items, strength, negatives.to(device), taken.to(device)), len(owner)

    return Lesson(rows.shape[0], loss)


def small_init(*parts: nn.Embedding) -> None:
    """Vectors of about length one, so that first scores are small."""
    for part in parts:
        nn.init.normal_(part.weight, std=1.0 / np.sqrt(part.embedding_dim))
