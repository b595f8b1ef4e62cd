"""One epoch of RecTools' SASRec, run by an interpreter that has RecTools: FILE.npz (users, items), length, threads → JSON of seconds.

Started by sequence_speed.py. Only the epoch itself is timed, without RecTools' preparation of the data.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import pandas as pd
import torch
from pytorch_lightning import Callback, Trainer  # type: ignore[import-not-found]
from rectools import Columns  # type: ignore[import-not-found]
from rectools.dataset import Dataset  # type: ignore[import-not-found]
from rectools.models import SASRecModel  # type: ignore[import-not-found]

file, length, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
pairs = np.load(file)
times = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(len(pairs["users"])), unit="s")
frame = pd.DataFrame({Columns.User: pairs["users"], Columns.Item: pairs["items"], Columns.Weight: 1.0, Columns.Datetime: times})


class Clock(Callback):
    """Wall and processor seconds of the epoch, on the class: RecTools copies its trainer."""

    wall = cpu = 0.0
    began = (0.0, 0.0)

    def on_train_epoch_start(self, *_: object) -> None:
        """Start."""
        Clock.began = time.perf_counter(), time.process_time()

    def on_train_epoch_end(self, *_: object) -> None:
        """Stop."""
        Clock.wall, Clock.cpu = time.perf_counter() - Clock.began[0], time.process_time() - Clock.began[1]


def trainer() -> Trainer:
    """One epoch on the processor, with nothing written."""
    return Trainer(
        max_epochs=1,
        accelerator="cpu",
        enable_checkpointing=False,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[Clock()],
    )


model = SASRecModel(
    n_factors=64,
    n_blocks=2,
    n_heads=1,
    dropout_rate=0.2,
    session_max_len=length,
    batch_size=128,
    loss="softmax",
    lr=1e-3,
    dataloader_num_workers=0,
    get_trainer_func=trainer,
)
model.fit(Dataset.construct(frame))
print(json.dumps({"wall_s": Clock.wall, "cpu_s": Clock.cpu, "torch": torch.__version__}))
