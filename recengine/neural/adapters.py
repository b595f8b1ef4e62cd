"""Fine-tuning a language model on behaviour: all of it, or a few added numbers while the rest stands still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch
from torch import Tensor, nn

NAME = "default"
ATTENTION = frozenset({"query", "value", "q_proj", "v_proj", "q_lin", "v_lin"})  # what LoRA's authors adapt, as the models call it


class Adapt(StrEnum):
    """What of a language model learns."""

    NONE = "none"  # nothing: its vectors are read once
    LORA = "lora"  # matrices of low rank, added to those of the attention
    ADALORA = "adalora"  # the same, with the ranks moved to where they matter
    PREFIX = "prefix"  # learned keys and values before every text
    FULL = "full"  # everything


@dataclass(frozen=True)
class Size:
    """How large a network is."""

    trainable: int  # parameters that learn
    total: int
    bytes: int  # parameters, gradients and the two moments of Adam


def size_of(network: nn.Module) -> Size:
    """Parameters of a network, shared ones once."""
    learns = sum(p.numel() * p.element_size() for p in network.parameters() if p.requires_grad)
    return Size(
        sum(p.numel() for p in network.parameters() if p.requires_grad),
        sum(p.numel() for p in network.parameters()),
        sum(p.numel() * p.element_size() for p in network.parameters()) + 3 * learns,
    )


def adapt(network: nn.Module, kind: Adapt, rank: int, steps: int) -> nn.Module:
    """The network with what `kind` lets learn; everything else is frozen.

    Args:
        network: a transformers model, changed in place; new parameters are drawn from torch's global generator.
        kind: what learns.
        rank: of the added matrices, or number of learned places before a text.
        steps: of the whole training; AdaLoRA plans its budget over them.

    Source: Hu et al., LoRA, ICLR 2022; Zhang et al., AdaLoRA, ICLR 2023; Li, Liang, Prefix-Tuning, ACL 2021; through peft.
    """
    if kind is Adapt.NONE or kind is Adapt.FULL:
        network.requires_grad_(kind is Adapt.FULL)
        return network
    from peft import AdaLoraConfig, LoraConfig, PrefixTuningConfig, TaskType, get_peft_model

    shared: dict[str, Any] = {"task_type": TaskType.FEATURE_EXTRACTION}
    if kind is Adapt.PREFIX:
        return get_peft_model(network, PrefixTuningConfig(num_virtual_tokens=rank, **shared))  # type: ignore[arg-type]
    shared["target_modules"] = attention_layers(network) or "all-linear"
    if kind is Adapt.LORA:
        return get_peft_model(network, LoraConfig(r=rank, lora_alpha=2 * rank, **shared))  # type: ignore[arg-type]
    start, end = max(1, steps // 10), max(1, steps // 3)  # ranks are moved between these
    plan = {"tinit": start, "tfinal": end, "deltaT": max(1, steps // 100), "total_step": max(steps, start + end + 1)}
    config = AdaLoraConfig(init_r=rank + rank // 2, target_r=rank, lora_alpha=2 * rank, **plan, **shared)
    return get_peft_model(network, config)  # type: ignore[arg-type]


def attention_layers(network: nn.Module) -> list[str]:
    """Last names of the query and value layers of a transformer; empty where they are called otherwise."""
    return sorted({name.rsplit(".", 1)[-1] for name, part in network.named_modules() if isinstance(part, nn.Linear)} & ATTENTION)


def after_step(network: nn.Module) -> Callable[[int], None]:
    """What has to happen after each step of the optimiser (its number from 1), while the gradients still stand.

    Only AdaLoRA has something to do: it takes back the ranks that matter least.
    """
    model = getattr(network, "base_model", None)
    allocate = getattr(model, "update_and_allocate", None)
    if not callable(allocate):
        return lambda step: None

    def reallocate(step: int) -> None:
        allocate(step)

    return reallocate


def learned_state(network: nn.Module) -> dict[str, Tensor]:
    """What differs from the network as it was loaded: the parameters that learn, and what AdaLoRA knows of their importance."""
    state = {name: value.detach() for name, value in network.named_parameters() if value.requires_grad}
    for kind, sums in _importance(network).items():
        state.update({f"{kind}:{name}": torch.as_tensor(value).detach() for name, value in sums.items()})
    return state


def load_learned_state(network: nn.Module, state: dict[str, Tensor]) -> None:
    """Put back what `learned_state` gave. Raises KeyError for a parameter that is missing."""
    with torch.no_grad():
        for name, value in network.named_parameters():
            if value.requires_grad:
                value.copy_(state[name])
    devices = {name: value.device for name, value in network.named_parameters()}
    device = next(iter(devices.values()))
    for kind, sums in _importance(network).items():
        kept = {name.partition(":")[2]: value for name, value in state.items() if name.startswith(f"{kind}:")}
        sums.clear()
        sums.update({name: value.to(device, copy=True) for name, value in kept.items()})


def _importance(network: nn.Module) -> dict[str, dict[str, Tensor]]:
    allocator = getattr(getattr(network, "base_model", None), "rankallocator", None)
    if allocator is None:
        return {}
    return {"ipt": allocator.ipt, "exp_avg_ipt": allocator.exp_avg_ipt, "exp_avg_unc": allocator.exp_avg_unc}


def orthogonality(network: nn.Module) -> Tensor | None:
    """AdaLoRA's penalty, times its weight: how far the added matrices are from orthogonal; None for everything else."""
    model = getattr(network, "base_model", None)
    if not hasattr(model, "rankallocator"):
        return None
    penalty, count = torch.zeros(()), 0
    for name, value in network.named_parameters():
        if "lora_A" in name or "lora_B" in name:
            gram = value @ value.T if "lora_A" in name else value.T @ value  # [r, r]
            penalty = penalty.to(value.device) + torch.linalg.norm(gram - torch.eye(len(gram), device=value.device))
            count += 1
    return network.peft_config[NAME].orth_reg_weight * penalty / max(count, 1)  # type: ignore[union-attr, index]
