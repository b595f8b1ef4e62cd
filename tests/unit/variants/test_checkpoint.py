"""Checkpoints: the last whole one, whatever happened while the next was written."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
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


STORM = """
import os, random, signal, sys, time
from pathlib import Path
import torch
from recengine.variants.checkpoint import load_checkpoint, save_checkpoint
folder, chance = Path(sys.argv[1]), random.Random(2)
for _ in range(15):
    said, told = os.pipe()
    child = os.fork()
    if child == 0:
        epoch = 0
        while True:
            epoch += 1
            save_checkpoint(folder, {"w": torch.full((20_000,), float(epoch))}, {"epoch": epoch})
            os.write(told, f"{epoch}\\n".encode())
    os.close(told)
    with open(said) as lines:
        assert lines.readline() == "1\\n"
        time.sleep(chance.random() * 0.1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        newest = max([1, *map(int, lines.read().split())])
    state, meta = load_checkpoint(folder)
    assert meta["epoch"] in (newest, newest + 1), (meta, newest)
    assert torch.equal(state["w"], torch.full((20_000,), float(meta["epoch"])))
"""


def test_sigkill_loses_at_most_the_checkpoint_being_written(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", STORM, str(tmp_path)], cwd=ROOT, check=True, timeout=120)
