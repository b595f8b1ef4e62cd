"""Where an interrupted training goes on: tensors and JSON in one file, replaced atomically."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors.torch import load, save
from torch import Tensor

from recengine.artefacts import plain, told_when_disk_fails, write_atomically
from recengine.errors import Corrupt

FILE = "checkpoint.safetensors"
_META = "meta"


def save_checkpoint(folder: Path, state: dict[str, Tensor], meta: dict[str, Any]) -> None:
    """Replace the checkpoint of a job: after a crash at any moment the folder holds the old one or the new one, whole.

    Args:
        folder: the job's checkpoint folder; made when missing.
        state: model, optimiser and random-generator tensors by name.
        meta: JSON fields such as the epoch.

    Raises:
        StorageFailed: the disk is full; the checkpoint before is intact.
    """
    packed = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}
    body = save(packed, metadata={_META: json.dumps(plain(meta), allow_nan=False)})
    with told_when_disk_fails():
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / FILE, hashlib.sha256(body).digest() + body)


def load_checkpoint(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The tensors and fields last saved, None when there are none.

    Raises:
        Corrupt: the bytes differ from their digest.
    """
    try:
        data = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return None
    digest, body = data[:32], data[32:]
    if len(data) < 40 or hashlib.sha256(body).digest() != digest:
        raise Corrupt("The checkpoint is damaged.", "Its bytes differ from its digest.", "Start the job again from the beginning.")
    header = json.loads(body[8 : 8 + int.from_bytes(body[:8], "little")])
    return load(body), json.loads(header["__metadata__"][_META])
