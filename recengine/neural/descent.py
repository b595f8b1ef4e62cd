"""The one gradient loop: every network learns here, and nowhere else.

Batches and dropout draw from generators seeded by (seed, epoch, step), so the whole random state is that counter, and a fit that
goes on from a checkpoint ends with the same bits on the CPU.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from recengine.errors import TrainingFailed

StopIfAsked = Callable[[], None]


@dataclass(frozen=True)
class Plan:
    """How to descend."""

    epochs: int
    batch_size: int  # examples a step
    learning_rate: float
    weight_decay: float = 0.0
    warmup_steps: int = 0  # the learning rate rises linearly over these
    clip_norm: float = 0.0  # gradients are cut to this length, 0 = never
    micro_batches: int = 1  # parts of a batch whose gradients are added before a step; more need less memory
    betas: tuple[float, float] = (0.9, 0.98)
    averaged_epochs: float = 0.0  # the network in use is the mean over about so many last epochs of steps; 0 = the last step alone


@dataclass(frozen=True)
class Machine:
    """Where to descend, and who listens."""

    device: str = "cpu"
    precision: str = "auto"  # auto, fp32 or bf16: what matrix products are made of; parameters stay fp32
    seed: int = 0
    stop_if_asked: StopIfAsked = lambda: None  # raises to stop, called before every step
    note: Callable[[str], None] = lambda text: None
    checkpoint: Callable[[int, Callable[[], dict[str, Tensor]]], None] = lambda epoch, make: None  # called after every step
    resume: dict[str, Tensor] | None = None


@dataclass(frozen=True)
class Epoch:
    """One pass over the examples."""

    number: int  # from 1
    loss: float  # mean over all terms of the epoch


class Descent:
    """Adam on the sum of losses that `loss` gives for a batch of examples.

    Args:
        network: parameters that require a gradient are learned; moved to the machine's device.
        n_examples: a batch is int64 [b] of places below it, every example once an epoch in random order.
        loss: batch and a CPU generator for what it draws itself → (sum of losses, number of terms). The step follows the mean, so
            adding up micro-batches changes nothing but rounding.
        order: makes the batches of an epoch instead of plain shuffling: (numpy generator, batch size) → list of int64 arrays.
    """

    def __init__(
        self,
        network: nn.Module,
        n_examples: int,
        loss: Callable[[Tensor, torch.Generator], tuple[Tensor, int]],
        plan: Plan,
        machine: Machine,
        order: Callable[[np.random.Generator, int], list[np.ndarray]] | None = None,
    ) -> None:
        self.network, self._n, self._loss, self.plan, self._machine = network.to(machine.device), n_examples, loss, plan, machine
        self._order = order or self._shuffled
        self.after_step: Callable[[int], None] = lambda step: None  # called with the steps done, while their gradients still stand
        self._parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        fused = machine.device != "cpu"
        # Single numbers a unit (offsets of layers, strengths of ages) are too few to learn by heart: only matrices are pulled to zero.
        groups = [
            {"params": [p for p in self._parameters if p.dim() > 1], "weight_decay": plan.weight_decay},
            {"params": [p for p in self._parameters if p.dim() <= 1], "weight_decay": 0.0},
        ]
        groups = [group for group in groups if group["params"]]
        self._adam = torch.optim.AdamW(groups, lr=plan.learning_rate, betas=plan.betas, fused=fused)
        self._micro = max(1, plan.micro_batches)
        self._epoch, self._step, self._steps, self._total, self._terms = 0, 0, 0, 0.0, 0
        # The other one of the two sets of numbers: the means while learning, what is learned while the means are in use.
        self._aside = [parameter.detach().clone() for parameter in self._parameters] if plan.averaged_epochs else []
        self._means_in_use = False
        if machine.resume is not None:
            self.load_state(machine.resume)

    @property
    def epochs_done(self) -> int:
        """Whole passes so far."""
        return self._epoch

    def epochs(self) -> Iterator[Epoch]:
        """Learn until `plan.epochs` passes are done; the network is usable after each.

        Raises:
            TrainingFailed: a loss that is not a finite number (with epoch and batch), or too little memory for one example.
        """
        while self._epoch < self.plan.epochs:
            self._use_means(False)
            batches = self._order(np.random.default_rng([self._machine.seed, self._epoch]), self.plan.batch_size)
            self.network.train()
            while self._step < len(batches):
                self._machine.stop_if_asked()
                self._learn(batches[self._step])
                self._step += 1
                self._steps += 1
                self._average(len(batches))
                if self._step < len(batches):
                    self._machine.checkpoint(self._epoch, self.state)
            mean = self._total / max(self._terms, 1)
            self._epoch, self._step, self._total, self._terms = self._epoch + 1, 0, 0.0, 0
            self.network.eval()
            self._use_means(True)
            yield Epoch(self._epoch, mean)
        self._use_means(True)

    def _average(self, steps_an_epoch: int) -> None:
        """Move the means towards the step just done; the first steps are forgotten sooner."""
        if self._aside:
            share = max(1.0 / (self.plan.averaged_epochs * steps_an_epoch + 1.0), 9.0 / (self._steps + 9.0))
            for mean, parameter in zip(self._aside, self._parameters, strict=True):
                mean.lerp_(parameter.detach(), share)

    def _use_means(self, use: bool) -> None:
        if self._aside and use != self._means_in_use:
            for place, parameter in enumerate(self._parameters):
                learned = parameter.detach().clone()
                parameter.data.copy_(self._aside[place])
                self._aside[place].copy_(learned)
            self._means_in_use = use

    def _shuffled(self, draw: np.random.Generator, size: int) -> list[np.ndarray]:
        order = draw.permutation(self._n)
        return [order[start : start + size] for start in range(0, self._n, size)]

    def _learn(self, batch: np.ndarray) -> None:
        while True:
            try:
                self._step_once(batch)
                return
            except (torch.OutOfMemoryError, MemoryError, RuntimeError) as failure:
                if not is_out_of_memory(failure):
                    raise
                self._adam.zero_grad(set_to_none=True)
                if self._machine.device != "cpu":
                    torch.cuda.empty_cache()
                if self._micro >= len(batch):
                    raise TrainingFailed(
                        "The memory is too small for this model.",
                        "Not even one example at a time fits.",
                        "Choose a smaller model (fewer factors, shorter histories), or close other programs.",
                    ) from failure
                self._micro *= 2
                size = -(-len(batch) // self._micro)
                self._machine.note(f"Memory ran out: batches are now learned {size:,} examples at a time, with the same result")

    def _step_once(self, batch: np.ndarray) -> None:
        seed = int(np.random.SeedSequence([self._machine.seed, self._epoch, self._step]).generate_state(1, np.uint64)[0] >> 1)
        draw = torch.Generator().manual_seed(seed)
        devices = [] if self._machine.device == "cpu" else [torch.device(self._machine.device)]
        total, terms = 0.0, 0
        with torch.random.fork_rng(devices):
            torch.manual_seed(seed)
            self._adam.zero_grad(set_to_none=True)
            for part in np.array_split(batch, min(self._micro, len(batch))):
                with autocast(self._machine.device, self._machine.precision):
                    loss, count = self._loss(torch.from_numpy(np.ascontiguousarray(part, dtype=np.int64)), draw)
                if count:
                    loss.backward()
                    total, terms = total + float(loss.detach()), terms + count
        if terms == 0:
            return
        if not math.isfinite(total):
            raise TrainingFailed(
                f"The loss is not a number in epoch {self._epoch + 1}, batch {self._step + 1}.",
                "The numbers of the model grew without bound.",
                "Lower the learning rate or raise the regularisation. Variants in use are untouched.",
            )
        scale = 1.0 / terms
        gradients = [parameter.grad for parameter in self._parameters if parameter.grad is not None]
        for gradient in gradients:
            gradient.mul_(scale)
        if self.plan.clip_norm:
            nn.utils.clip_grad_norm_(self._parameters, self.plan.clip_norm)
        warm = min(1.0, (self._steps + 1) / self.plan.warmup_steps) if self.plan.warmup_steps else 1.0
        for group in self._adam.param_groups:
            group["lr"] = self.plan.learning_rate * warm
        self._adam.step()
        self.after_step(self._steps + 1)
        self._total, self._terms = self._total + total, self._terms + terms

    def state(self) -> dict[str, Tensor]:
        """Network, optimiser and counter, as tensors on the CPU; what `Machine.resume` takes."""
        in_use = self._means_in_use
        self._use_means(False)
        kept = {f"network.{name}": value.detach().to("cpu", copy=True) for name, value in self.network.state_dict().items()}
        for place, mean in enumerate(self._aside):
            kept[f"mean.{place}"] = mean.to("cpu", copy=True)
        self._use_means(in_use)
        for place, parameter in enumerate(self._parameters):
            for name, value in self._adam.state.get(parameter, {}).items():
                kept[f"adam.{place}.{name}"] = torch.as_tensor(value).detach().to("cpu", copy=True)
        kept["counter"] = torch.tensor([self._epoch, self._step, self._steps, self._terms, self._micro], dtype=torch.int64)
        kept["loss"] = torch.tensor([self._total], dtype=torch.float64)
        return kept

    def load_state(self, kept: dict[str, Tensor]) -> None:
        """Go on from `state`."""
        network = {name[8:]: value for name, value in kept.items() if name.startswith("network.")}
        # What is counted from the log beforehand stands already; an older state may lack it.
        kinds = self.network.state_dict().keys()
        counted = {name: value for name, value in self.network.named_buffers() if name in kinds}
        self.network.load_state_dict({**counted, **network})
        self._means_in_use = False
        for place, mean in enumerate(self._aside):
            mean.copy_(kept[f"mean.{place}"])
        for place, parameter in enumerate(self._parameters):
            prefix = f"adam.{place}."
            found: dict[str, Any] = {name[len(prefix) :]: value for name, value in kept.items() if name.startswith(prefix)}
            if found:
                on_cpu = {"step"} if self._machine.device == "cpu" else set[str]()
                self._adam.state[parameter] = {
                    name: value.clone() if name in on_cpu else value.to(parameter.device, copy=True) for name, value in found.items()
                }
        self._epoch, self._step, self._steps, self._terms, self._micro = (int(number) for number in kept["counter"])
        self._total = float(kept["loss"])


def is_out_of_memory(failure: BaseException) -> bool:
    """True for every way in which torch says that memory ran out."""
    if isinstance(failure, (torch.OutOfMemoryError, MemoryError)):
        return True
    return "not enough memory" in str(failure) or "out of memory" in str(failure)


def autocast(device: str, precision: str) -> torch.autocast:
    """Matrix products in bf16 where that is wanted, or, with "auto", where the processor multiplies it natively."""
    return torch.autocast(device.split(":")[0], torch.bfloat16, enabled=uses_bf16(device, precision))


def uses_bf16(device: str, precision: str) -> bool:
    """Whether `precision` on `device` means bf16."""
    if precision != "auto":
        return precision == "bf16"
    if device.startswith("cuda"):
        return torch.cuda.is_bf16_supported()
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
