"""What torch.compile would cost and bring: SASRec's epochs as they are, and with the network compiled, each in a process of its own.

    python benchmarks/compile_speed.py [--epochs 4] [--limit 240] [--threads 2]

`network`: the whole transformer, with shapes that may change. `tokens`: only what works token by token (norm and feed-forward), which
leaves out the packed rectangles of attention, new in every batch. A synthetic log whose lengths vary as in shops. The first epoch holds
the compilation. A kind that takes longer than the limit (seconds) is ended and said to be.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import Any

import record

KINDS = ("plain", "tokens", "network")
SHOPPERS, ITEMS, MEAN_LENGTH, MAX_LENGTH = 1000, 3000, 60, 200


def epochs_of(kind: str, epochs: int, threads: int) -> None:
    """Print the seconds of each epoch, one list a line."""
    import numpy as np
    import torch
    from torch import Tensor
    from torch.nn import functional

    from recengine.data.dataset import Catalogue
    from recengine.data.events import EventLog
    from recengine.data.vocabulary import Vocabulary
    from recengine.models.base import FitContext
    from recengine.models.sasrec import Sasrec, SasrecConfig
    from recengine.neural.packing import Packing
    from recengine.neural.transformer import Layer

    torch.set_num_threads(threads)
    draw = np.random.default_rng(0)
    lengths = np.minimum(draw.geometric(1 / MEAN_LENGTH, SHOPPERS) + 1, MAX_LENGTH)
    users = np.repeat(np.arange(SHOPPERS), lengths)
    items = (draw.random(len(users)) ** 2 * ITEMS).astype(np.int32)
    log = EventLog.build(users, items, np.arange(len(users)), SHOPPERS, ITEMS)
    catalogue = Catalogue.bare(Vocabulary.build(f"{code:08d}" for code in range(ITEMS)))

    def fed(layer: Layer, tokens: Tensor) -> Tensor:
        return layer._add(tokens, layer.narrow(layer.dropout(functional.relu(layer.widen(layer.second_norm(tokens))))), 1)

    compiled = torch.compile(fed, dynamic=True)

    def forward(layer: Layer, tokens: Tensor, packing: Packing, turns: Tensor | None) -> Tensor:
        return compiled(layer, layer._add(tokens, layer.attention(layer.first_norm(tokens), packing, turns), 0))

    class Compiled(Sasrec):
        name = "sasrec"

        def build(self, n_items: int):  # type: ignore[no-untyped-def]
            network = super().build(n_items)
            network.transformer = torch.compile(network.transformer, dynamic=True)  # type: ignore[assignment]
            return network

    if kind == "tokens":
        Layer.forward = forward  # type: ignore[method-assign]
    model = (Compiled if kind == "network" else Sasrec)(SasrecConfig(epochs=epochs, batch_size=64, max_length=MAX_LENGTH))
    found, begun = list[float](), time.perf_counter()
    for _ in model.fit(log, FitContext(catalogue)):
        found.append(round(time.perf_counter() - begun, 3))
        print(json.dumps(found), flush=True)
        begun = time.perf_counter()


def measured(kind: str, options: argparse.Namespace) -> dict[str, Any]:
    """First epoch and the median of the others; as many as were done within the limit."""
    line = [sys.executable, __file__, "--kind", kind, "--epochs", str(options.epochs), "--threads", str(options.threads)]
    try:
        out = subprocess.run(line, capture_output=True, text=True, timeout=options.limit, check=True).stdout
    except subprocess.TimeoutExpired as ended:
        out = (ended.stdout or b"").decode()
    lines = out.strip().splitlines()
    seconds: list[float] = json.loads(lines[-1]) if lines else []
    later = statistics.median(seconds[1:]) if len(seconds) > 1 else None
    return {"first_s": seconds[0] if seconds else None, "later_s": later, "epochs": len(seconds)}


def main() -> int:
    """Measure every kind and write benchmarks/results/compile_speed.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=KINDS, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--limit", type=float, default=240.0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.kind:
        epochs_of(options.kind, options.epochs, options.threads)
        return 0
    record.write("compile_speed", {"limit_s": options.limit, **{kind: measured(kind, options) for kind in KINDS}})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
