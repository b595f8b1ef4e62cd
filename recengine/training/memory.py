"""Whether a training fits into the memory of this machine, asked before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from recengine.errors import TrainingFailed
from recengine.models.base import ModelConfig, Recommender

MEMINFO = Path("/proc/meminfo")
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
USED = (Path("/sys/fs/cgroup/memory.current"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"))
TIGHT_SHARE = 0.7  # of the free memory: from here on the advice is a warning
HOPELESS = 2.0  # times the free memory: refused, as the estimate is right within a factor of three at worst and mostly much better


@dataclass(frozen=True)
class MemoryPlan:
    """What a training needs and what there is."""

    needed_bytes: int
    free_bytes: int | None  # None where the system does not tell
    where: str  # "memory" or "GPU memory"

    @property
    def level(self) -> str:
        """fits, tight, or no."""
        if self.free_bytes is None or self.needed_bytes <= TIGHT_SHARE * self.free_bytes:
            return "fits"
        return "no" if self.needed_bytes > HOPELESS * self.free_bytes else "tight"


def plan_memory(model: type[Recommender], config: ModelConfig, n_users: int, n_items: int, n_events: int, device: str) -> MemoryPlan:
    """Hold the model's own estimate against the memory that is free now."""
    needed = _needed(model, config.model_dump_json(), n_users, n_items, n_events, device)
    free = free_gpu_bytes() if device.startswith("cuda") else free_bytes()
    return MemoryPlan(needed, free, "GPU memory" if device.startswith("cuda") else "memory")


@lru_cache(maxsize=512)
def _needed(model: type[Recommender], config: str, n_users: int, n_items: int, n_events: int, device: str) -> int:
    """Networks count the parameters of two small ones, which takes milliseconds each time."""
    return model.memory_bytes(model.Config.model_validate_json(config), n_users, n_items, n_events, device)


def refuse_hopeless(plan: MemoryPlan, title: str) -> None:
    """Raises TrainingFailed where the training cannot fit."""
    if plan.level == "no":
        raise TrainingFailed(
            f"{title} does not fit into the {plan.where}.",
            f"It needs about {_gb(plan.needed_bytes)}; {_gb(plan.free_bytes or 0)} are free.",
            "Choose a smaller model (fewer factors, shorter histories), the preset Quick, or close other programs.",
        )


def free_bytes() -> int | None:
    """Memory that a new process could use without swapping, within the limit of the container; None where nobody tells."""
    if not MEMINFO.is_file():
        return None
    rows = dict(line.split(":", 1) for line in MEMINFO.read_text(encoding="ascii").splitlines() if ":" in line)
    if "MemAvailable" not in rows:
        return None
    free = int(rows["MemAvailable"].split()[0]) * 1024
    for limit, used in zip(LIMITS, USED, strict=True):
        if limit.is_file() and used.is_file():
            text = limit.read_text(encoding="ascii").strip()
            if text.isdigit():
                free = min(free, max(0, int(text) - int(used.read_text(encoding="ascii"))))
    return free


def free_gpu_bytes() -> int | None:
    """Memory free on the GPU; None without one."""
    import torch

    return int(torch.cuda.mem_get_info()[0]) if torch.cuda.is_available() else None


def _gb(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB"
