"""What every import has in common: bytes that are known already, hashes of personal columns, and the memory of shapes."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recengine.artefacts import write_atomically
from recengine.errors import NotFound

if TYPE_CHECKING:
    from recengine.ingest.importer import Recognition
    from recengine.ingest.raw import RawTable
    from recengine.workspace.context import Context

SHAPE_KINDS = 200  # cells a column that tell what a headerless column holds


def hash_key(context: Context) -> bytes:
    """The workspace's secret; see `ingest.privacy.secret_key`."""
    from recengine.ingest.privacy import secret_key

    return secret_key(context.root / "secrets" / "hash.key")


def without_personal_data(context: Context, known: Recognition) -> Recognition:
    """The file with the columns that the mapping names replaced by keyed hashes."""
    from recengine.ingest.privacy import hashed

    if not known.mapping.hashed:
        return known
    return replace(known, raw=hashed(known.raw, known.mapping.hashed, hash_key(context)))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal digits. Cost: 1 s a GB."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions_with(context: Context, sha256: str) -> list[str]:
    """Ids of the versions that hold a file of exactly these bytes, newest first."""
    from recengine.data.versions import Recipe

    found = []
    for info in context.datasets.list():
        recipe = Recipe.of({"recipe": info.recipe, "info": info.info})
        if any(sha256 in str(entry.get("sha256", "")).split("+") for entry in (*recipe.logs, *recipe.tables)):
            found.append(info.id)
    return found


def shape_of(raw: RawTable, format_name: str) -> str:
    """What files of one kind have in common: names and number of the columns, delimiter, format; without a header what each column holds.

    Returns:
        32 hexadecimal digits.
    """
    named = bool(raw.dialect.written_names)
    columns = list(raw.names) if named else [_holds(raw, name) for name in raw.names]
    text = json.dumps([columns, len(raw.names), raw.dialect.delimiter, format_name, named], ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _holds(raw: RawTable, name: str) -> str:
    from recengine.ingest.times import guess_time

    cells = [cell for cell in raw.some(name, 0, SHAPE_KINDS).to_pylist() if cell and cell.strip()]
    found = guess_time(cells)
    if found and found.share > 0.9:
        return found.format.value
    return "digits" if all(cell.strip().isdecimal() for cell in cells) else "text"


def remember(context: Context, known: Recognition, cleaning: dict[str, Any], dataset: str) -> None:
    """Keep the mapping for the next file of the same shape."""
    told = {
        "mapping": known.mapping.model_dump(mode="json"),
        "cleaning": cleaning,
        "dataset": dataset,
        "file_name": known.file_name,
        "when_s": time.time(),
    }
    folder = context.root / "shapes"
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / f"{shape_of(known.raw, known.guessed.mapping.format)}.json", json.dumps(told).encode())


def recalled(context: Context, known: Recognition) -> dict[str, Any] | None:
    """What was kept for the file's shape, or None; a dataset that is gone gives way to its newest later version, or to ""."""
    path = context.root / "shapes" / f"{shape_of(known.raw, known.guessed.mapping.format)}.json"
    if not path.is_file():
        return None
    told = json.loads(path.read_bytes())
    told["dataset"] = latest(context, told["dataset"])
    return told


def latest(context: Context, dataset: str) -> str:
    """The newest version that came from this one, itself included; "" when none is left."""
    family = [info for info in context.datasets.list() if info.id == dataset or dataset in info.info.get("ancestors", ())]
    return max(family, key=lambda info: info.created_s).id if family else ""


def require(context: Context, dataset: str) -> None:
    """Raises NotFound where there is no such version."""
    if not context.datasets.exists(dataset):
        raise NotFound("There is nothing with this id.", f"{dataset} is not in this workspace.", "Choose one from the list.")
