"""The estimate of memory: near what a fit really takes, and the verdicts that follow from it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from recengine.errors import TrainingFailed
from recengine.models.registry import model_class, single_models
from recengine.training import memory
from recengine.training.memory import MemoryPlan, free_bytes, plan_memory, refuse_hopeless

MEASURE = Path(__file__).parent / "measure_memory.py"


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells the peak of a process")
@pytest.mark.parametrize(
    ("model", "settings", "size"),
    [
        ("ease", {}, (2000, 4000, 60_000)),
        pytest.param("item-knn", {}, (3000, 5000, 120_000), marks=pytest.mark.slow),
        pytest.param("als", {"epochs": 1, "factors": 256}, (12_000, 3000, 12_000), marks=pytest.mark.slow),
    ],
    ids=["ease", "item-knn", "als"],
)
def test_the_estimate_is_within_a_factor_of_three(model: str, settings: dict, size: tuple[int, int, int]):
    line = [sys.executable, str(MEASURE), model, json.dumps(settings), *map(str, size)]
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(line, capture_output=True, text=True, check=True, cwd=root, env={"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"})
    found = json.loads(done.stdout)
    assert found["measured"] / 3 <= found["estimate"] <= found["measured"] * 3, found


@pytest.mark.parametrize("name", sorted(single_models()))
def test_every_model_estimates_without_fitting(name: str):
    kind = single_models()[name]
    config = kind.Config()
    small, large = (kind.memory_bytes(config, 1000, items, 50_000) for items in (1000, 50_000))
    assert 0 < small < large
    assert kind.memory_bytes(config, 1000, 1000, 5_000_000) > small
    assert kind.work(config, 1000, 1000, 100_000) > kind.work(config, 1000, 1000, 10_000) > 0


def test_ease_counts_two_matrices():
    ease = model_class("ease")
    config = ease.Config()
    assert ease.memory_bytes(config, 10, 20_000, 0) - ease.memory_bytes(config, 10, 10_000, 0) >= 8 * (20_000**2 - 10_000**2)
    assert ease.work(config, 10, 20_000, 0) == 8 * ease.work(config, 10, 10_000, 0)


def test_a_network_counts_its_parameters_exactly():
    """Seven floats a parameter, and the rest does not depend on the width of the items."""
    bpr = model_class("bpr")
    few, many = bpr.Config(factors=16), bpr.Config(factors=64)
    # 10,000,000 items × 48 more numbers each (item vectors; a network may hold more than one table of them)
    more = bpr.memory_bytes(many, 100, 10_000_000, 1000) - bpr.memory_bytes(few, 100, 10_000_000, 1000)
    assert more >= 7 * 4 * 48 * 10_000_000


def test_the_levels_and_the_refusal():
    assert MemoryPlan(70, 100, "memory").level == "fits"
    assert MemoryPlan(71, 100, "memory").level == "tight"
    assert MemoryPlan(200, 100, "memory").level == "tight"
    assert MemoryPlan(201, 100, "memory").level == "no"
    assert MemoryPlan(10**15, None, "memory").level == "fits"  # nobody knows
    refuse_hopeless(MemoryPlan(200, 100, "memory"), "EASE")
    with pytest.raises(TrainingFailed) as refused:
        refuse_hopeless(MemoryPlan(9_000_000_000, 4_000_000_000, "GPU memory"), "EASE")
    assert refused.value.what == "EASE does not fit into the GPU memory."
    assert refused.value.why == "It needs about 9.0 GB; 4.0 GB are free."
    assert refused.value.fix


def test_free_memory_is_read_from_the_system_and_from_the_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert (free_bytes() or 1) > 0
    info, limit, used = tmp_path / "meminfo", tmp_path / "max", tmp_path / "current"
    info.write_text("MemTotal:       100 kB\nMemAvailable:    50 kB\n")
    monkeypatch.setattr(memory, "MEMINFO", info)
    monkeypatch.setattr(memory, "LIMITS", (limit,))
    monkeypatch.setattr(memory, "USED", (used,))
    assert free_bytes() == 50 * 1024
    limit.write_text("max\n")
    used.write_text("1000\n")
    assert free_bytes() == 50 * 1024
    limit.write_text("11000\n")
    assert free_bytes() == 10_000
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "none")
    assert free_bytes() is None


def test_a_plan_asks_the_model(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "free_bytes", lambda: 1000)
    popularity = model_class("popularity")
    plan = plan_memory(popularity, popularity.Config(), 10, 100, 1000, "cpu")
    assert plan.needed_bytes == popularity.memory_bytes(popularity.Config(), 10, 100, 1000, "cpu")
    assert plan.level == "no"
