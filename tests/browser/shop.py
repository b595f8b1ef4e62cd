"""A workspace with the real sample shop imported and a few variants trained, made through the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from browser_harness import ROOT

SAMPLE = ROOT / "sample_data" / "online_retail.csv.gz"
SHOPPER = "17850"


@dataclass(frozen=True)
class Shop:
    """Where the workspace is, and ids to open pages with."""

    workspace: Path
    dataset: str
    variants: tuple[str, ...]  # in the order of training

    @property
    def query(self) -> str:
        """Chooses the dataset, the variant trained last and a shopper with a long history."""
        return f"dataset={self.dataset}&variant={self.variants[-1]}&shopper={SHOPPER}"


def make_shop(workspace: Path, models: Sequence[str], preset: str = "quick") -> Shop:
    """Import the sample file and train the models.

    Raises:
        RuntimeError: a command failed; the message is what it printed.
    """
    dataset = command(workspace, "import", str(SAMPLE), "--name", "Online Retail")["dataset"]
    trained = [command(workspace, "train", "--dataset", dataset, "--model", model, "--preset", preset)["variant"] for model in models]
    return Shop(workspace, dataset, tuple(trained))


def command(workspace: Path, *words: str) -> dict[str, Any]:
    """Run one command of `python -m recengine`; its JSON answer."""
    line = [sys.executable, "-m", "recengine", "--workspace", str(workspace), *words, "--json"]
    done = subprocess.run(line, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} exited with {done.returncode}: {done.stderr}")
    return dict(json.loads(done.stdout))
