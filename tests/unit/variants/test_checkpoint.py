"""Checkpoints: the last whole one, whatever happened while the next was written."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from recengine import artefacts
from recengine.errors import Corrupt, StorageFailed
from recengine.variants.checkpoint import FILE, load_checkpoint, save_checkpoint

ROOT = Path(__file__).resolve().parents[3]


def test_tensors_and_fields_come_back_and_the_newest_wins(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    assert load_checkpoint(folder) is None
    generator = torch.Generator().manual_seed(4)
    rng = generator.get_state()
    want = torch.rand(3, generator=generator)
    save_checkpoint(folder, {"w": torch.ones(2)}, {"epoch": 1})
    save_checkpoint(folder, {"w": torch.arange(4.0)[::2], "rng": rng}, {"epoch": 2, "best": float("nan"), "note": "läßt"})
    found = load_checkpoint(folder)
    assert found is not None
    state, meta = found
    assert meta == {"epoch": 2, "best": None, "note": "läßt"}
    assert torch.equal(state["w"], torch.tensor([0.0, 2.0]))
    again = torch.Generator()
    again.set_state(state["rng"])
    assert torch.equal(torch.rand(3, generator=again), want)
    assert [entry.name for entry in folder.iterdir()] == [FILE]


def test_any_damage_is_noticed(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, {"w": torch.arange(50)}, {"epoch": 1})
    path = tmp_path / FILE
    good = path.read_bytes()
    chance = random.Random(1)
    for place in chance.sample(range(len(good)), 80):
        path.write_bytes(good[:place] + bytes([good[place] ^ (1 << chance.randrange(8))]) + good[place + 1 :])
        with pytest.raises(Corrupt):
            load_checkpoint(tmp_path)
    for length in (0, 10, 39, len(good) - 1):
        path.write_bytes(good[:length])
        with pytest.raises(Corrupt):
            load_checkpoint(tmp_path)


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_keeps_the_one_before(tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    save_checkpoint(tmp_path, {"w": torch.ones(3)}, {"epoch": 1})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(artefacts.NewFile if call == "write" else os, call, full)
    with pytest.raises(StorageFailed):
        save_checkpoint(tmp_path, {"w": torch.zeros(3)}, {"epoch": 2})
    monkeypatch.undo()
    found = load_checkpoint(tmp_path)
    assert found is not None
    assert found[1] == {"epoch": 1}
    assert torch.equal(found[0]["w"], torch.ones(3))
    assert [entry.name for entry in tmp_path.iterdir()] == [FILE]


SAVER = """
import sys, torch
from pathlib import Path
from recengine.variants.checkpoint import save_checkpoint
epoch = 0
while True:
    epoch += 1
    save_checkpoint(Path(sys.argv[1]), {"w": torch.full((20_000,), float(epoch))}, {"epoch": epoch})
    print(epoch, flush=True)
"""


def test_sigkill_loses_at_most_the_checkpoint_being_written(tmp_path: Path) -> None:
    chance = random.Random(2)
    for _ in range(4):
        saver = subprocess.Popen([sys.executable, "-c", SAVER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert saver.stdout is not None
        saver.stdout.readline()
        time.sleep(chance.random() * 0.2)
        saver.send_signal(signal.SIGKILL)
        said = [1, *(int(line) for line in saver.stdout.read().split("\n")[:-1])]
        saver.wait()
        saver.stdout.close()
        found = load_checkpoint(tmp_path)
        assert found is not None
        assert found[1]["epoch"] in (said[-1], said[-1] + 1)
        assert torch.equal(found[0]["w"], torch.full((20_000,), float(found[1]["epoch"])))
