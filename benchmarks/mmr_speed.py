"""Rerankers on 10,000 lists of 200 candidates to 20, MMR and DPP against their plain numpy loops in the same run; and a whole policy."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import record
from threadpoolctl import threadpool_limits

from recengine.data.dataset import Catalogue, Dataset
from recengine.data.events import EventLog
from recengine.data.histories import Histories
from recengine.data.vocabulary import Vocabulary
from recengine.policy.policy import Policy, PolicySpec
from recengine.policy.rerankers.base import Candidates, ShopItems
from recengine.policy.rerankers.registry import make_reranker, rerankers
from recengine.policy.shop import PolicyShop, Visitors

N_ROWS, N_CANDIDATES, DIMENSIONS, K, N_ITEMS, DIVERSITY = 10_000, 200, 64, 20, 20_000, 0.3
N_LOOP, REPEATS = 1_000, 5
CATEGORIES, BRANDS, POLICY_K = 50, 300, 10
RULES = [
    {"action": "pin", "position": 3, "conditions": [{"field": "id", "op": "is", "values": ["i000012"]}]},
    {"action": "boost", "strength": 30, "conditions": [{"field": "category", "op": "is", "values": ["c3", "c4"]}]},
    {"action": "bury", "strength": 20, "conditions": [{"field": "price", "op": "above", "number": 20}], "segments": ["new"]},
    {"action": "block", "conditions": [{"field": "title", "op": "contains", "values": ["word 7"]}]},
    {"action": "exclude", "conditions": [{"field": "brand", "op": "is", "values": ["b7"]}]},
]


def mmr_loop(relevance: np.ndarray, vectors: np.ndarray, k: int, diversity: float) -> list[int]:
    """The textbook: similarity matrix of one list, then k times the best sum."""
    similarity = vectors @ vectors.T
    nearest = np.zeros(len(relevance), np.float32)
    free = np.ones(len(relevance), bool)
    chosen = []
    for _ in range(k):
        best = int(np.where(free, (1 - diversity) * relevance - diversity * nearest, -np.inf).argmax())
        chosen.append(best)
        free[best] = False
        nearest = np.maximum(nearest, similarity[best])
    return chosen


def dpp_loop(relevance: np.ndarray, vectors: np.ndarray, k: int, diversity: float) -> list[int]:
    """Algorithm 1 of Chen, Zhang and Zhou (2018) on the kernel of one list."""
    weighted = vectors * np.exp(relevance * (1 - diversity) / (2 * diversity)).astype(np.float32)[:, None]
    kernel = weighted @ weighted.T
    factor, rest = np.zeros((k, len(kernel)), kernel.dtype), np.diag(kernel).copy()
    chosen = [int(rest.argmax())]
    while len(chosen) < k:
        t, j = len(chosen) - 1, chosen[-1]
        row = (kernel[j] - factor[:t, j] @ factor[:t]) / np.sqrt(rest[j])
        factor[t] = row
        rest -= row * row
        rest[chosen] = -np.inf
        chosen.append(int(rest.argmax()))
    return chosen


def shop(rng: np.random.Generator) -> Dataset:
    """20,000 items and 300,000 events of 10,000 shoppers."""
    number = np.arange(N_ITEMS)
    catalogue = Catalogue(
        Vocabulary(np.array([f"i{n:06d}" for n in number], dtype=object)),
        np.array([f"Title {n % 97} word {n % 31}" for n in number], dtype=object),
        np.array([f"c{n % CATEGORIES}" for n in number], dtype=object),
        np.array([f"b{n % BRANDS}" for n in number], dtype=object),
        rng.lognormal(2, 1, N_ITEMS).astype(np.float32),
        np.ones(N_ITEMS, dtype=bool),
    )
    events = 300_000
    items = (N_ITEMS * rng.random(events) ** 3).astype(np.int32)
    log = EventLog.build(rng.integers(0, N_ROWS, events), items, rng.integers(1_700_000_000, 1_730_000_000, events), N_ROWS, N_ITEMS)
    users = Vocabulary(np.array([f"u{n:06d}" for n in range(N_ROWS)], dtype=object))
    return Dataset("ds", "Benchmark", "", log, catalogue, users, np.full(N_ROWS, "", dtype=object))


def looped(loop: Callable[..., list[int]], relevance: np.ndarray, vectors: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """int [N_LOOP, K]: the first lists by a plain loop."""
    return np.array([loop(relevance[row], vectors[codes[row]], K, DIVERSITY) for row in range(N_LOOP)])


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and seconds of processor time of all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    rng = np.random.default_rng(0)
    data = shop(rng)
    vectors = rng.normal(size=(N_ITEMS, DIMENSIONS))
    items = ShopItems.of(data.catalogue, vectors)
    codes = np.argsort(rng.random((N_ROWS, 4 * N_CANDIDATES)), axis=1)[:, :N_CANDIDATES].astype(np.int32)
    codes += rng.integers(0, N_ITEMS - 4 * N_CANDIDATES, (N_ROWS, 1)).astype(np.int32)
    scores = -np.sort(-rng.random((N_ROWS, N_CANDIDATES)), axis=1)
    histories: Histories = data.histories(np.arange(N_ROWS))
    candidates = Candidates(codes, scores, items, histories=histories)
    relevance = candidates.relevance
    loops = {"mmr": mmr_loop, "dpp": dpp_loop}
    ready = {name: make_reranker(name, {"diversity": DIVERSITY} if name in loops else {}) for name in rerankers()}
    few = Candidates(codes[:100], scores[:100], items, histories=histories.rows(slice(0, 100)))
    figures: dict[str, object] = {"lists": N_ROWS, "candidates": N_CANDIDATES, "k": K, "dimensions": DIMENSIONS, "diversity": DIVERSITY}
    for name, reranker in ready.items():
        reranker.choose(few, K)
        chosen = reranker.choose(candidates, K)
        ours: list[tuple[float, float]] = []
        loop: list[tuple[float, float]] = []
        reference: list[np.ndarray] = []
        for _ in range(REPEATS):
            ours.append(timed(lambda reranker=reranker: reranker.choose(candidates, K)))
            if name in loops:
                with threadpool_limits(1):  # one list is too small for two threads: they would slow the loop down
                    loop.append(
                        timed(lambda name=name, reference=reference: reference.append(looped(loops[name], relevance, items.vectors, codes)))
                    )
        wall, cpu = np.median(ours, axis=0)
        figures[f"{name}_lists_per_s"], figures[f"{name}_cpu_s"] = N_ROWS / float(wall), float(cpu)
        if loop:
            loop_wall, loop_cpu = np.median(loop, axis=0) / N_LOOP
            figures[f"{name}_numpy_loop_lists_per_s"], figures[f"{name}_ratio"] = 1 / float(loop_wall), N_ROWS * float(loop_wall / wall)
            # On a busy machine threads wait for each other: processor time of one core against one core is the safe side.
            figures[f"{name}_ratio_core_for_core"] = N_ROWS * float(loop_cpu / cpu)
            figures[f"{name}_same_lists_share"] = float(np.mean((chosen.order[:N_LOOP] == reference[0]).all(axis=1)))
    policy = Policy(
        PolicySpec.model_validate({"reranker": "mmr", "settings": {"diversity": DIVERSITY}, "rules": RULES}),
        PolicyShop.of(data, vectors),
    )
    who = Visitors(histories, {"new": rng.random(N_ROWS) < 0.3})
    policy.apply(codes, scores, POLICY_K, who)
    wall, cpu = np.median([timed(lambda: policy.apply(codes, scores, POLICY_K, who)) for _ in range(REPEATS)], axis=0)
    figures |= {"policy_rules": len(RULES), "policy_k": POLICY_K, "policy_s": float(wall), "policy_cpu_s": float(cpu)}
    record.write("mmr_speed", figures | {"goal_ratio": 20, "goal_dpp_ratio": 8, "goal_policy_s": 0.7})


if __name__ == "__main__":
    main()
