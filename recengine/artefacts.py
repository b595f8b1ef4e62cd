"""Immutable folders: written aside, checked by SHA-256, made visible by one rename.

A reader sees a folder whole or not at all, whatever kills the writer and whenever. Order of the writes: files, fsync of each,
manifest, fsync, fsync of the folder, rename, fsync of the parent.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import json
import math
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from recengine.errors import BadInput, Corrupt, NotFound, StorageFailed
from recengine.ids import check_id
from recengine.ids import new_id as new_id

FORMAT = 1
NAME_LENGTH = 120
MANIFEST, LABEL = "manifest.json", "label.json"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)
_FULL = {errno.ENOSPC, errno.EDQUOT}
_verified: set[tuple[str, int, int, int, str]] = set()  # files whose SHA-256 this process has already compared
_verified_lock = threading.Lock()


@dataclass(frozen=True)
class Manifest:
    """What an artefact says about itself."""

    id: str
    created_s: float  # seconds since 1970 UTC
    files: dict[str, dict[str, Any]]  # name → {"bytes": int, "sha256": hex}
    info: dict[str, Any]  # the publisher's own fields

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(entry["bytes"] for entry in self.files.values())


class NewFile(io.FileIO):
    """A file that must not exist yet; every byte of an artefact passes through `write`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "xb")


def open_new(path: Path) -> io.BufferedWriter:
    """A buffered file to write an artefact's bytes to."""
    return io.BufferedWriter(NewFile(path), buffer_size=1 << 20)


@contextmanager
def publish(parent: Path, artefact_id: str, manifest: dict[str, Any], fence: AbstractContextManager[Any] | None = None) -> Iterator[Path]:
    """Write an artefact: fill the yielded folder, and it appears as `parent / artefact_id` when the block ends well.

    Args:
        parent: folder of the artefacts of one kind; made when missing.
        artefact_id: an id of `new_id`.
        manifest: JSON fields for `Manifest.info`; may be completed inside the block.
        fence: entered around the final rename; raising in it (a job that was taken away) publishes nothing.

    Raises:
        StorageFailed: the disk is full or refuses to write; nothing is visible.
        FileExistsError: the id is taken.
    """
    check_id(artefact_id)
    with told_when_disk_fails():
        parent.mkdir(parents=True, exist_ok=True)
        folder, lock = _locked_folder(parent, artefact_id)
        target = parent / artefact_id
        visible = False
        try:
            yield folder
            _seal(folder, artefact_id, manifest)
            with fence if fence is not None else nullcontext():
                if target.exists():
                    raise FileExistsError(errno.EEXIST, "the artefact exists", artefact_id)
                os.rename(folder, target)
                visible = True
            fsync_folder(parent)
        except BaseException:
            if visible:
                os.rename(target, folder)
            shutil.rmtree(folder, ignore_errors=True)  # the sweep takes what this cannot
            raise
        finally:
            os.close(lock)


def find(parent: Path, artefact_id: str) -> Path:
    """The folder of an artefact.

    Raises:
        NotFound: there is none, or the text is no id.
    """
    if not exists(parent, artefact_id):
        raise NotFound("There is nothing with this id.", f"{artefact_id} is not in this workspace.", "Choose one from the list.")
    return parent / artefact_id


def exists(parent: Path, artefact_id: str) -> bool:
    """Whether the artefact is published. Raises NotFound for text that is no id."""
    return (parent / check_id(artefact_id) / MANIFEST).is_file()


def open_verified(folder: Path, only: str | None = None) -> Manifest:
    """Read and prove an artefact before anything else of it is read.

    Sizes are compared on every call (a mapped file that is too short kills the process), SHA-256 once a process and file.

    Args:
        folder: of the artefact.
        only: prove this file alone, for one who reads nothing else; None proves all.

    Raises:
        NotFound: the folder is gone.
        Corrupt: a file is missing, has another size or other bytes, or the manifest was altered.
    """
    manifest = read_manifest(folder)
    if only is not None and only not in manifest.files:
        raise _corrupt(folder, f"{only} is missing")
    for name, entry in manifest.files.items() if only is None else [(only, manifest.files[only])]:
        path = folder / name
        try:
            state = path.stat()
        except FileNotFoundError:
            raise _corrupt(folder, f"{name} is missing") from None
        if state.st_size != entry["bytes"]:
            raise _corrupt(folder, f"{name} has {state.st_size} bytes instead of {entry['bytes']}")
        key = (str(path), state.st_ino, state.st_mtime_ns, state.st_size, entry["sha256"])
        if key in _verified:
            continue
        if _sha256(path) != entry["sha256"]:
            raise _corrupt(folder, f"the bytes of {name} have changed")
        with _verified_lock:
            _verified.add(key)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest alone, proved by its own digest; for lists. Raises NotFound or Corrupt."""
    try:
        state = (folder / MANIFEST).stat()
        body = json.loads(_proved(folder, state.st_ino, state.st_mtime_ns, state.st_size))
    except FileNotFoundError:
        raise NotFound("There is nothing with this id.", f"{folder.name} is not in this workspace.", "Choose one from the list.") from None
    return Manifest(body["id"], body["created_s"], body["files"], body["info"])


@lru_cache(maxsize=4096)
def _proved(folder: Path, _inode: int, _mtime_ns: int, _size: int) -> str:
    """The manifest's JSON, read and proved once as long as the file stays the same: every view of a list asks for all of them.

    Kept as text, so that each caller decodes dictionaries of its own and none can alter another's.
    """
    try:
        raw = json.loads((folder / MANIFEST).read_bytes())
    except ValueError:
        raise _corrupt(folder, "its manifest cannot be read") from None
    if not isinstance(raw, dict) or raw.pop("sha256", None) != _digest(raw) or raw.get("id") != folder.name:
        raise _corrupt(folder, "its manifest was altered")
    if raw["format"] > FORMAT:
        raise _corrupt(folder, "it was written by a newer version")
    return json.dumps(raw)


def list_artefacts(parent: Path) -> list[str]:
    """Ids of the published artefacts, oldest first."""
    if not parent.is_dir():
        return []
    return sorted(entry.name for entry in parent.iterdir() if not entry.name.startswith(".") and (entry / MANIFEST).is_file())


def damaged(parent: Path) -> dict[str, str]:
    """Published artefacts whose manifest cannot be trusted: id → why."""
    found = {}
    for artefact_id in list_artefacts(parent):
        try:
            read_manifest(parent / artefact_id)
        except Corrupt as error:
            found[artefact_id] = error.why
        except NotFound:
            continue  # deleted meanwhile
    return found


def delete(parent: Path, artefact_id: str) -> None:
    """Remove an artefact: gone for every reader at once, then its bytes. Raises NotFound."""
    folder = find(parent, artefact_id)
    trash = parent / f".trash-{artefact_id}-{secrets.token_hex(4)}"
    try:
        os.rename(folder, trash)
    except FileNotFoundError:
        raise NotFound("There is nothing with this id.", f"{artefact_id} was just deleted.", "") from None
    fsync_folder(parent)
    shutil.rmtree(trash, ignore_errors=True)  # the sweep takes what this cannot


def sweep(parent: Path) -> list[str]:
    """Remove what dead writers and interrupted deletions left behind; returns the names. Live writers are left alone."""
    swept = []
    for entry in sorted(parent.iterdir()) if parent.is_dir() else []:
        if entry.name.startswith(".trash-") or (entry.name.startswith(".tmp-") and not _has_writer(entry)):
            shutil.rmtree(entry, ignore_errors=True)
            swept.append(entry.name)
    return swept


def clean_name(name: str) -> str:
    """A display name on one line, cut at 120 characters. Raises BadInput when nothing is left of it."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())[:NAME_LENGTH]
    if not text:
        raise BadInput("The name is empty.", "", "Write a name.")
    return text


def write_label(folder: Path, name: str) -> None:
    """Give an artefact another display name; the artefact itself stays as it is."""
    with told_when_disk_fails():
        write_atomically(folder / LABEL, json.dumps({"name": clean_name(name)}).encode())


def read_label(folder: Path, default: str) -> str:
    """The display name last given, else `default`: also when the label is broken, as a name is not worth an artefact."""
    try:
        return str(json.loads((folder / LABEL).read_bytes())["name"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # none yet; no JSON, or no object with a name
        return default


def write_atomically(path: Path, data: bytes) -> None:
    """Replace one small file: its old bytes or its new ones, never a part."""
    aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with open_new(aside) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


@contextmanager
def told_when_disk_fails() -> Iterator[None]:
    """Turn a full or failing disk into an error for people."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFailed(
                "The disk is full.", "Nothing was saved; everything saved before is intact.", "Free some space, then start again."
            ) from error
        if error.errno in {errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}:
            reason = os.strerror(error.errno).lower()
            raise StorageFailed(
                "The workspace cannot be written.", f"The system says: {reason}. Nothing was saved.", "Check the disk and its permissions."
            ) from error
        raise


def plain(value: Any) -> Any:
    """The value as strict JSON takes it: numpy scalars and arrays become numbers and lists, NaN and infinity become None."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry) for entry in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _locked_folder(parent: Path, artefact_id: str) -> tuple[Path, int]:
    """A new hidden folder and the handle of its lock, which the kernel drops when this process dies."""
    while True:
        folder = parent / f".tmp-{artefact_id}-{secrets.token_hex(4)}"
        folder.mkdir()
        lock = -1
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError):
            if lock >= 0:
                os.close(lock)
            continue  # a sweep took it between the two calls: start over
        except BaseException:
            if lock >= 0:
                os.close(lock)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if folder.exists():
            return folder, lock
        os.close(lock)


def _has_writer(folder: Path) -> bool:
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _seal(folder: Path, artefact_id: str, info: dict[str, Any]) -> None:
    files = {}
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.is_symlink() or not _FILE_NAME.fullmatch(path.name) or path.name in (MANIFEST, LABEL):
            raise ValueError(f"not a file for an artefact: {path.name}")
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        files[path.name] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
    body: dict[str, Any] = {"format": FORMAT, "id": artefact_id, "created_s": time.time(), "files": files, "info": plain(info)}
    body = json.loads(json.dumps(body, allow_nan=False))  # what a reader will see, so that the digests agree
    body["sha256"] = _digest(body)
    with open_new(folder / MANIFEST) as file:
        file.write(json.dumps(body, indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    fsync_folder(folder)


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _corrupt(folder: Path, why: str) -> Corrupt:
    return Corrupt("A stored file is damaged and was not loaded.", f"{folder.name}: {why}.", "Delete it and make it again.")
