"""Files that wait for their import: kept on disk or read where they are, alone or several of one shape as one."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from recengine.artefacts import new_id, write_atomically
from recengine.errors import BadInput, NotFound
from recengine.ids import check_id
from recengine.types.reading import WaitingView
from recengine.workspace.context import Cache, Context
from recengine.workspace.text import iso

CHUNK = 1 << 20
UPLOAD_KEPT_S = 3 * 86_400
MOST_FILES = 1_000  # read as one


@dataclass(frozen=True)
class StagedFile:
    """One file of those that wait together."""

    name: str  # shown, never used as a path
    path: Path


class Staging:
    """What waits, and where its bytes are."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._recognised = Cache(2)

    def stage(self, stream: BinaryIO, file_name: str) -> str:
        """Keep an uploaded file on disk; returns its handle. The name is shown, never used as a path."""
        upload = new_id("up")
        folder = self._folder(upload)
        folder.mkdir(parents=True)
        try:
            with (folder / "data").open("wb") as file:
                shutil.copyfileobj(stream, file, CHUNK)
            self._say(upload, {"file_name": file_name, "path": str(folder / "data")})
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)  # a half upload is worth nothing
            raise
        return upload

    def stage_path(self, path: Path, name: str = "", confined: bool = False) -> str:
        """A file on this machine, read where it is; returns its handle.

        Args:
            path: of the file.
            name: display name of the dataset it becomes.
            confined: refuse to read it once a link stands in its way.

        Raises:
            NotFound: there is no such file.
        """
        if not path.is_file():
            raise NotFound(f"There is no file {path.name}.", f"{path} does not exist or is a folder.", "Check the path.")
        upload = new_id("up")
        self._folder(upload).mkdir(parents=True)
        told: dict[str, Any] = {"file_name": path.name, "path": str(path.resolve()), "name": name}
        self._say(upload, told | ({"confined": True} if confined else {}))
        return upload

    def together(self, uploads: Sequence[str], name: str = "") -> str:
        """Several waiting files as one, in the natural order of their names; the single ones are gone then.

        Args:
            uploads: handles; one alone stays as it is.
            name: display name of the dataset they become.

        Raises:
            BadInput: none, or more than 1,000.
            NotFound: one of them is gone.
        """
        files = sorted(((file, self._meta(upload)) for upload in uploads for file in self.files(upload)), key=lambda f: _natural(f[0].name))
        if not files or len(files) > MOST_FILES:
            raise BadInput(f"{len(files):,} files cannot be read as one.", f"At most {MOST_FILES:,} can.", "Pack them in fewer files.")
        if len(uploads) == 1:
            return uploads[0]
        upload = new_id("up")
        folder = self._folder(upload)
        folder.mkdir(parents=True)
        told: list[dict[str, Any]] = []
        try:
            for place, (file, meta) in enumerate(files):
                path = file.path
                if path.is_relative_to(self._context.root / "uploads"):  # the bytes move along, by a second name where the disk knows some
                    path = _second_name(path, folder / f"data-{place + 1}")
                shown = _unlike([entry["file_name"] for entry in told], file.name)
                told.append({"file_name": shown, "path": str(path)} | ({"confined": True} if meta.get("confined") else {}))
            self._say(upload, {"file_name": told[0]["file_name"], "path": told[0]["path"], "name": name, "files": told})
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        for single in uploads:
            self.discard(single)
        return upload

    def apart(self, upload: str, place: int) -> str:
        """Take one of several files out again; returns its own handle. Raises BadInput where it is the only one, NotFound."""
        meta = self._meta(upload)
        told = list(meta.get("files") or ())
        if len(told) < 2 or not 0 <= place < len(told):
            raise BadInput("There is no such file among them.", f"{len(told)} are read as one.", "Choose one of them.")
        taken = told.pop(place)
        alone = new_id("up")
        folder = self._folder(alone)
        folder.mkdir(parents=True)
        path = Path(taken["path"])
        if path.is_relative_to(self._context.root / "uploads"):
            path = _second_name(path, folder / "data")
        self._say(alone, {**taken, "path": str(path)})
        left = {**meta, "file_name": told[0]["file_name"], "path": told[0]["path"], "files": told}
        if len(told) == 1:
            left = {name: value for name, value in left.items() if name != "files"}
        self._say(upload, left)
        if path != Path(taken["path"]):
            Path(taken["path"]).unlink(missing_ok=True)
        self._recognised.forget(upload)
        return alone

    def again(self, upload: str, name: str) -> str:
        """The same bytes once more under another name, for another sheet of a workbook; returns its handle. Raises NotFound."""
        [file] = self.files(upload)[:1]
        meta = self._meta(upload)
        other = new_id("up")
        folder = self._folder(other)
        folder.mkdir(parents=True)
        mine = file.path.is_relative_to(self._context.root / "uploads")
        path = _second_name(file.path, folder / "data") if mine else file.path
        self._say(other, {"file_name": name, "path": str(path)} | ({"confined": True} if meta.get("confined") else {}))
        return other

    def let_go(self, upload: str) -> None:
        """Free the memory of what was read of a file, about its size; it is read again when somebody asks."""
        self._recognised.forget(upload)

    def discard(self, upload: str) -> None:
        """Remove a staged file that is imported or not wanted; a file that lies elsewhere stays where it is."""
        self._recognised.forget(upload)
        shutil.rmtree(self._folder(upload), ignore_errors=True)

    def sweep(self) -> None:
        """Remove what killed imports left behind, and files that waited for their import for days."""
        self._context.datasets.sweep()
        folder = self._context.root / "uploads"
        for waiting in folder.iterdir() if folder.is_dir() else ():
            if time.time() - waiting.stat().st_mtime > UPLOAD_KEPT_S:
                shutil.rmtree(waiting, ignore_errors=True)

    # ---- what there is

    def said(self, upload: str) -> dict[str, Any]:
        """What a person has said about a waiting file so far; {} at first. Raises NotFound."""
        self._meta(upload)
        file = self._folder(upload) / "edits.json"
        return json.loads(file.read_bytes()) if file.is_file() else {}

    def waiting(self) -> list[WaitingView]:
        """Files that wait for their import, newest first; those that stand beside a log that waits are not named."""
        folder = self._context.root / "uploads"
        plans = {plan.parent.name: json.loads(plan.read_bytes()) for plan in folder.glob("*/plan.json")}
        beside = {table["upload"] for log, plan in plans.items() for table in plan.get("tables", ()) if table["upload"] != log}
        found = []
        for meta in folder.glob("*/meta.json"):
            if meta.parent.name in beside:
                continue
            try:
                upload = check_id(meta.parent.name)
                names = [file.name for file in self.files(upload)]
                found.append(WaitingView(upload, names[0], len(names), self.size(upload), iso(meta.stat().st_mtime)))
            except (NotFound, OSError):  # gone meanwhile, or moved away on the server
                continue
        return sorted(found, key=lambda row: (row.since, row.upload), reverse=True)

    def path(self, upload: str) -> tuple[Path, str]:
        """Where the bytes of a waiting file are (of several, the first), and the name it came with. Raises NotFound."""
        files = self.files(upload)
        return files[0].path, self.title(upload)

    def files(self, upload: str) -> tuple[StagedFile, ...]:
        """Every file that waits under this handle. Raises NotFound."""
        meta = self._meta(upload)
        return tuple(_checked(told) for told in meta.get("files") or [meta])

    def title(self, upload: str) -> str:
        """The name it came with; of several "first name + 2 more". Raises NotFound."""
        meta = self._meta(upload)
        more = len(meta.get("files") or ()) - 1
        return f"{meta['file_name']} + {more:,} more" if more > 0 else str(meta["file_name"])

    def size(self, upload: str) -> int:
        """Bytes of all its files. Raises NotFound."""
        return sum(file.path.stat().st_size for file in self.files(upload))

    def sha256(self, upload: str) -> tuple[str, ...]:
        """SHA-256 of each of its files, in hexadecimal digits. Cost: 1 s a GB. Raises NotFound."""
        found = []
        for staged in self.files(upload):
            with staged.path.open("rb") as file:
                found.append(hashlib.file_digest(file, "sha256").hexdigest())
        return tuple(found)

    def _folder(self, upload: str) -> Path:
        return self._context.root / "uploads" / check_id(upload)

    def _say(self, upload: str, meta: dict[str, Any]) -> None:
        write_atomically(self._folder(upload) / "meta.json", json.dumps(meta).encode())

    def _meta(self, upload: str) -> dict[str, Any]:
        path = self._folder(upload) / "meta.json"
        if not path.is_file():
            raise NotFound("This upload is gone.", f"{upload} is not in this workspace.", "Upload the file again.")
        return json.loads(path.read_bytes())


def _checked(told: dict[str, Any]) -> StagedFile:
    """The file, where it still lies in the place that was allowed."""
    path, name = Path(str(told["path"])), str(told["file_name"])
    if told.get("confined") and path.resolve() != path:
        raise NotFound(f"{name} is not where it was.", "A link stands in its place.", "Choose the file again.")
    return StagedFile(name, path)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """day-2 before day-10."""
    pieces = re.split(r"([0-9]+)", name)
    return [(0, int(piece), "") if piece.isascii() and piece.isdigit() else (1, 0, piece.casefold()) for piece in pieces]


def _unlike(taken: Sequence[str], name: str) -> str:
    """The name, numbered where another file has it already: a report of rows tells files by their names."""
    stem, dot, ending = name.partition(".")
    shown, n = name, 1
    while shown in taken:
        n += 1
        shown = f"{stem} ({n}){dot}{ending}"
    return shown


def _second_name(path: Path, other: Path) -> Path:
    try:
        os.link(path, other)
    except OSError:
        shutil.copyfile(path, other)
    return other
