"""What a trained variant says about itself: enough to compare it, and to train it again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class VariantRecord:
    """The manifest of a variant. `id`, `model_hash`, `created_s` and `bytes` are set when it is published."""

    name: str
    model: str  # registry name: "item-knn"
    config: dict[str, Any]  # JSON of the model's Config
    dataset_id: str
    dataset_fingerprint: str
    split_kind: str  # "time" or "leave-last"
    protocol: dict[str, Any] = field(default_factory=dict)  # how it was judged
    weights: dict[str, float] = field(default_factory=dict)  # behaviour → strength it was trained and is asked with; {} = the defaults
    seed: int = 0
    device: str = "cpu"
    versions: dict[str, str] = field(default_factory=dict)  # library → version
    seconds: float = 0.0  # wall time of the fit
    epochs: list[dict[str, Any]] = field(default_factory=list)  # history: epoch, loss, metrics
    metrics: dict[str, Any] = field(default_factory=dict)  # summary shown in lists
    id: str = ""
    model_hash: str = ""  # SHA-256 of the state, see `state_hash`
    created_s: float = 0.0
    bytes: int = 0


def state_hash(state: dict[str, Tensor]) -> str:
    """SHA-256 over the tensors in name order: name, type, shape and bytes. Equal models have equal hashes."""
    import torch

    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name}:{tensor.dtype}:{tuple(tensor.shape)};".encode())
        flat = tensor.reshape(-1).as_strided((tensor.numel(),), (1,))  # a single number may have a stride of 0, which `view` refuses
        digest.update(flat.view(torch.uint8).numpy().data)  # [bytes]
    return digest.hexdigest()
