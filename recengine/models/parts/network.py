"""Base of the models that are networks: what they learn is theirs, how they descend is `recengine.neural.descent`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from recengine.data.events import EventLog
from recengine.errors import TrainingFailed
from recengine.models.base import EpochReport, FitContext, ModelConfig, Recommender, check_trainable
from recengine.neural.descent import Descent, Machine, Plan

COUNTED_ON = (64, 128)  # items
MAX_LOGIT_BYTES = 1 << 29  # the losses work in parts beyond this


class NetworkConfig(ModelConfig):
    """What every network needs to be told."""

    epochs: int = Field(default=30, ge=1, le=1000)
    """Passes over the events; tuning keeps the number that ranks best."""
    patience: int = Field(default=5, ge=1, le=100)
    """Epochs without a better validation ranking before tuning stops."""
    batch_size: int = Field(default=256, ge=1, le=65_536)
    """Examples learned at once."""
    learning_rate: float = Field(default=1e-3, gt=0.0, le=1.0)
    """Size of a step. Too large and the loss explodes, too small and nothing is learned."""
    weight_decay: float = Field(default=0.0, ge=0.0, le=1.0)
    """Pulls all parameters towards zero, by this share of a step. More for little data."""
    averaged_epochs: float = Field(default=0.0, ge=0.0, le=100.0)
    """Use the mean of the network over about so many last epochs, which is steadier than its last step. 0 takes the last step."""


@dataclass(frozen=True)
class Lesson:
    """What a network learns from: see `Descent` for the fields."""

    n_examples: int
    loss: Callable[[Tensor, torch.Generator], tuple[Tensor, int]]
    order: Callable[[np.random.Generator, int], list[np.ndarray]] | None = None
    after_step: Callable[[int], None] = lambda step: None


class NetworkModel(Recommender):
    """A model that descends. Subclasses say how the network is built, what it learns from, and how it scores."""

    # Tuning finds the epochs, and the batch follows the machine.
    search: ClassVar[dict[str, dict[str, Any] | None]] = {
        "batch_size": None,
        "averaged_epochs": None,
        "weight_decay": {"low": 0.0, "high": 1.0},
    }
    config: NetworkConfig
    _network: nn.Module
    _seen: Tensor  # bool [n_items], items with an event that tells of interest
    _device: str = "cpu"

    @abstractmethod
    def build(self, n_items: int) -> nn.Module:
        """The network of the settings, freshly initialised from torch's global generator, on the CPU."""

    @abstractmethod
    def lesson(self, network: nn.Module, train: EventLog, ctx: FitContext) -> Lesson:
        """What is learned from a log. Raises TrainingFailed where the log holds no example."""

    @classmethod
    def memory_bytes(cls, config: ModelConfig, n_users: int, n_items: int, n_events: int, device: str = "cpu") -> int:
        """See the base. Parameters are counted on two networks of a few items; every layer keeps what it made for the way back."""
        with torch.random.fork_rng([]):
            few, more = (sum(p.numel() for p in cls(config).build(n).parameters()) for n in COUNTED_ON)  # type: ignore[arg-type]
        per_item = (more - few) / (COUNTED_ON[1] - COUNTED_ON[0])
        shared = max(0.0, few - per_item * COUNTED_ON[0])
        length = min(float(getattr(config, "max_length", 1)), 2.0 * n_events / max(n_users, 1))
        places = float(getattr(config, "batch_size", 1)) * max(length, 1.0)
        width = max(per_item, 1.0)
        kept = places * 4.0 * (8.0 * width + 2.0 * shared / width)  # inputs and outputs of what each place passes through
        logits = min(places * n_items * 8.0, MAX_LOGIT_BYTES)
        # Parameter, gradient, two moments, and the copies of a checkpoint or of the finished state.
        parameters = 7 * 4.0 * (per_item * n_items + shared)
        return int(super().memory_bytes(config, n_users, n_items, n_events, device) + parameters + kept + logits)

    def plan(self) -> Plan:
        """How the settings descend."""
        config = self.config
        return Plan(config.epochs, config.batch_size, config.learning_rate, config.weight_decay, averaged_epochs=config.averaged_epochs)

    def ready(self) -> None:
        """Called when the network has changed: after every epoch and after loading. For what is computed once for scoring."""

    def fit(self, train: EventLog, ctx: FitContext) -> Iterator[EpochReport]:
        """See the base. Resumes bit-equal on the CPU from any step."""
        ctx.stop_if_asked()
        check_trainable(train)
        self.n_items, self._device = train.n_items, ctx.device
        telling = train.weights > 0
        self._seen = torch.from_numpy(np.bincount(train.item_codes[telling], minlength=train.n_items) > 0)
        with torch.random.fork_rng([]):
            torch.manual_seed(ctx.seed)
            network = self.build(train.n_items)
        lesson = self.lesson(network.to(ctx.device), train, ctx)
        if lesson.n_examples == 0:
            raise TrainingFailed(
                f"{self.title} has nothing to learn from.",
                "No shopper has two events that tell of interest.",
                "Import more events, or train popularity or content.",
            )
        machine = Machine(
            ctx.device, ctx.precision, ctx.seed, ctx.stop_if_asked, ctx.note, ctx.checkpoint, ctx.resume[1] if ctx.resume else None
        )
        self._descent = Descent(network, lesson.n_examples, lesson.loss, self.plan(), machine, lesson.order)
        self._descent.after_step = lesson.after_step
        self._network = network.eval()
        self.ready()
        reported = self._descent.epochs_done
        for epoch in self._descent.epochs():
            self.ready()
            reported = epoch.number
            yield EpochReport(epoch.number, self.config.epochs, epoch.loss)
        if self._descent.epochs_done == reported and ctx.resume is not None and ctx.resume[0] >= self.config.epochs:
            self.ready()
            yield EpochReport(reported, self.config.epochs)  # the checkpoint was taken after the last epoch
        del self._descent

    def checkpoint(self) -> dict[str, Tensor]:
        return self._descent.state()

    def state(self) -> dict[str, Tensor]:
        network = {f"network.{name}": value.detach().to("cpu").contiguous() for name, value in self._network.state_dict().items()}
        return {**network, "seen": self._seen}

    def load_state(self, state: dict[str, Tensor]) -> None:
        self._seen = state["seen"].bool()
        self.n_items = len(self._seen)
        with torch.random.fork_rng([]):
            self._network = self.build(self.n_items)
        self._network.load_state_dict({name[8:]: value for name, value in state.items() if name.startswith("network.")})
        self._network.eval()
        self.ready()
