"""Vectors of texts from a language model: mean of the last layer over the words, length 1.

Texts are grouped by length, and every batch has the same number of rows, so a vector depends on its text alone: the same bits
whether it was asked for alone, among others, or read from the cache.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.errors import NotFound
from recengine.settings import Settings
from recengine.text.encoder_folder import EncoderFolder, resolve_encoder
from recengine.text.vector_cache import VectorCache

if TYPE_CHECKING:
    import torch

ROWS = 32  # texts a batch
STEP = 2  # lengths are rounded up to a multiple of this many tokens
MAX_TOKENS = 128  # of a text; shop texts end long before
PREFIX = "query: "  # what e5 was trained to read before texts that are compared with each other
POOLING = "mean"
SAVE_EVERY = 2048  # texts whose vectors are kept at once, so that a long job that is stopped loses little


@dataclass(frozen=True)
class LanguageModel:
    """A loaded network and its tokenizer."""

    network: Any  # transformers model
    tokenizer: Any


class TextEncoder:
    """Reads texts with one language model; loads it only when a vector is not in the cache yet."""

    def __init__(self, folder: EncoderFolder, settings: Settings, device: str = "cpu", prefix: str = PREFIX) -> None:
        self.folder, self.device, self.prefix = folder, device, prefix
        self.dim = hidden_size(folder)
        self.key = f"{folder.name}|{folder.revision}|{prefix}|{POOLING}|float32|{MAX_TOKENS}"
        self._cache = VectorCache(settings.cache_dir, self.key, self.dim)

    def encode(
        self,
        texts: Sequence[str],
        progress: Callable[[int, int], None] = lambda done, of: None,
        stop_if_asked: Callable[[], None] = lambda: None,
    ) -> np.ndarray:
        """Vectors of texts.

        Args:
            texts: n texts; a blank one says nothing.
            progress: called with texts done and texts to do.
            stop_if_asked: called before every batch; may raise to stop. What is done by then is kept.

        Returns:
            float32 [n, dim], rows of length 1; zero rows for blank texts.

        Cost: about 200 short titles a second on two cores the first time, thousands a second from the cache.
        """
        out = np.zeros((len(texts), self.dim), np.float32)
        told = [row for row, text in enumerate(texts) if text.strip()]
        distinct = sorted({texts[row] for row in told})
        vectors, found = self._cache.get(distinct)
        missing = [place for place, have in enumerate(found) if not have]
        for start in range(0, len(missing), SAVE_EVERY):
            part = missing[start : start + SAVE_EVERY]

            def at(done: int, start: int = start) -> None:
                progress(start + done, len(missing))

            made = self._read([distinct[place] for place in part], at, stop_if_asked)
            self._cache.put([distinct[place] for place in part], made)
            vectors[part] = made
        place_of = {text: place for place, text in enumerate(distinct)}
        if told:
            out[told] = vectors[[place_of[texts[row]] for row in told]]
        return out

    def _read(self, texts: list[str], at: Callable[[int], None], stop_if_asked: Callable[[], None]) -> np.ndarray:
        import torch

        stop_if_asked()
        model = load_language_model(self.folder, self.device)
        tokens = tokenize(model, texts, self.prefix)
        out, done = np.zeros((len(texts), self.dim), np.float32), 0
        with torch.inference_mode():
            for rows in batches_by_length([len(row) for row in tokens]):
                stop_if_asked()
                ids, mask = padded([tokens[row] for row in rows], ROWS, model.tokenizer.pad_token_id or 0)
                out[rows] = pooled(model.network, ids.to(self.device), mask.to(self.device))[: len(rows)].float().cpu().numpy()
                done += len(rows)
                at(done)
        return out


def hidden_size(folder: EncoderFolder) -> int:
    """Numbers a vector, from the model's own settings. Raises NotFound where they do not say."""
    try:
        return int(json.loads((folder.path / "config.json").read_text(encoding="utf-8"))["hidden_size"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotFound(
            f"The language model {folder.name} cannot be used.",
            "Its config.json does not say how long its vectors are (hidden_size).",
            "Name the folder of a text encoder such as BERT, E5 or BGE.",
        ) from error


def tokenize(model: LanguageModel, texts: Sequence[str], prefix: str = PREFIX) -> list[list[int]]:
    """Token ids of each text, cut at MAX_TOKENS."""
    found = model.tokenizer([prefix + text for text in texts], truncation=True, max_length=MAX_TOKENS)
    return found["input_ids"]


def batches_by_length(lengths: Sequence[int]) -> list[np.ndarray]:
    """Places of texts of about one length, at most ROWS together, shortest first."""
    rounded = -(-np.asarray(lengths, dtype=np.int64) // STEP) * STEP
    order = np.argsort(rounded, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(rounded[order])) + 1) if len(order) else []
    return [group[start : start + ROWS] for group in groups for start in range(0, len(group), ROWS)]


def padded(tokens: Sequence[Sequence[int]], rows: int, pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """int64 ids and mask, [rows, length]: the same shape for every batch of a length; empty rows attend to one padding token."""
    import torch

    length = -(-max(len(row) for row in tokens) // STEP) * STEP
    ids, mask = np.full((rows, length), pad, dtype=np.int64), np.zeros((rows, length), dtype=np.int64)
    for place, row in enumerate(tokens):
        ids[place, : len(row)], mask[place, : len(row)] = row, 1
    mask[len(tokens) :, 0] = 1
    return torch.from_numpy(ids), torch.from_numpy(mask)


def pooled(network: Any, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """float [rows, dim] of length 1: the mean over the tokens that `mask` shows."""
    from torch.nn import functional

    hidden = network(input_ids=ids, attention_mask=mask).last_hidden_state  # [rows, length, dim]
    shown = mask.unsqueeze(-1).to(hidden.dtype)  # [rows, length, 1]
    return functional.normalize((hidden * shown).sum(1) / shown.sum(1), dim=1)


def text_encoder(wanted: str = "", device: str = "cpu", settings: Settings | None = None) -> TextEncoder:
    """The encoder called `wanted` (see `resolve_encoder`), with the cache of this installation.

    Raises:
        NotFound: it is not on this machine.
    """
    chosen = settings if settings is not None else Settings()
    return TextEncoder(resolve_encoder(wanted, chosen), chosen, device)


_loaded: dict[tuple[str, str, str], LanguageModel] = {}
_loading = threading.Lock()


def load_language_model(folder: EncoderFolder, device: str = "cpu", fresh: bool = False) -> LanguageModel:
    """The network in float32, ready to read; the last one is kept in memory. `fresh` gives one of its own, to be trained.

    Raises:
        NotFound: the folder holds no model that can be loaded.
    """
    with _loading:
        key = (str(folder.path), folder.revision, device)
        if fresh:
            return _load(folder, device)
        if key not in _loaded:
            _loaded.clear()
            _loaded[key] = _load(folder, device)
        return _loaded[key]


def _load(folder: EncoderFolder, device: str) -> LanguageModel:
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    from recengine.artefacts import MANIFEST, open_verified

    if (folder.path / MANIFEST).is_file():
        open_verified(folder.path)  # the packaged one: its bytes are known
    transformers_logging.disable_progress_bar()
    told = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        with torch.random.fork_rng([]):
            network, report = AutoModel.from_pretrained(
                folder.path, dtype=torch.float32, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
        tokenizer = AutoTokenizer.from_pretrained(folder.path, local_files_only=True)
        # The layer behind the first token is not used: the mean over the tokens is.
        absent = sorted(name for name in report["missing_keys"] if "pooler" not in name)
        if absent:
            raise ValueError(f"Weights are missing: {', '.join(absent[:3])}")
    except (OSError, ValueError) as error:
        raise NotFound(
            f"The language model {folder.name} cannot be loaded.",
            str(error).splitlines()[0][:200] if str(error) else type(error).__name__,
            "Name a folder with config.json, model.safetensors and tokenizer.json.",
        ) from error
    finally:
        transformers_logging.set_verbosity(told)
    return LanguageModel(network.to(device).eval(), tokenizer)
