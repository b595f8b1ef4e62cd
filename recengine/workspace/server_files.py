"""Files on the server that may be imported: only those in allowed folders, whatever a path or a link says."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from recengine.errors import BadInput, NotFound
from recengine.types.reading import ServerFile, ServerFolder
from recengine.workspace.context import Context
from recengine.workspace.datasets import Datasets
from recengine.workspace.text import iso

MOST_LISTED = 500
DEEPEST = 3  # folders below an allowed one that are looked into
LONGEST_PATH = 4_096
NOT_ALLOWED = "It is in none of the folders that may be read."


class ServerFiles:
    """What lies in the folders of `MERCHLENS_IMPORT_FOLDERS`, by default the workspace's `inbox` and the sample data."""

    def __init__(self, context: Context, datasets: Datasets) -> None:
        self._context, self._datasets = context, datasets

    def folders(self) -> tuple[ServerFolder, ...]:
        """The allowed folders that are there, with how many files each holds; the workspace's inbox is made when missing."""
        self._context.settings.inbox_dir.mkdir(parents=True, exist_ok=True)
        return tuple(ServerFolder(str(folder), sum(1 for _ in _files(folder))) for folder in self._allowed())

    def list(self, folder: str) -> tuple[ServerFile, ...]:
        """Files of an allowed folder and of those below it, by name; at most 500. Links, hidden and special files are left out.

        Raises:
            BadInput: the folder is not allowed.
        """
        root = next((allowed for allowed in self._allowed() if str(allowed) == folder), None)
        if root is None:
            raise BadInput("This folder may not be read.", NOT_ALLOWED, "Choose one of the list.")
        found = []
        for path in _files(root):
            try:
                told = path.stat()
            except OSError:  # gone meanwhile
                continue
            found.append(ServerFile(str(path.relative_to(root)), str(path), told.st_size, iso(told.st_mtime)))
        return tuple(found)

    def stage(self, typed: str) -> str:
        """Have a file of an allowed folder wait for its import, read where it is; returns its handle.

        Args:
            typed: a path, absolute or below one of the allowed folders.

        Raises:
            BadInput: outside the allowed folders (also by a link or by ..), or no regular file.
            NotFound: there is no such file.
        """
        text = typed.strip()
        if not text or len(text) > LONGEST_PATH or "\0" in text:
            raise BadInput("The path is not understood.", "It is empty, too long or holds a NUL.", "Write the path of one file.")
        roots = self._allowed()
        wanted = Path(text)
        named = {Path(os.path.abspath(folder)): folder.resolve() for folder in self._context.settings.import_dirs}  # a root may be a link
        below = [real / wanted.relative_to(folder) for folder, real in named.items() if wanted.is_relative_to(folder)]
        candidates = [*below, wanted] if wanted.is_absolute() else [root / wanted for root in roots]
        inside = [path for path in candidates if any(_within(path, root) for root in roots)]
        if not inside:
            folders = ", ".join(str(root) for root in roots)
            raise BadInput("This path may not be read.", NOT_ALLOWED, f"Put the file into {folders or 'an allowed folder'}.")
        for path in inside:
            try:
                kind = path.lstat().st_mode
            except OSError:
                continue
            if not stat.S_ISREG(kind):
                raise BadInput(f"{path.name} is no file.", "It is a folder, a link or a device.", "Choose a file.")
            return self._datasets.stage_path(path.resolve(), confined=True)
        raise NotFound("There is no such file.", f"{text[:200]} is not in the allowed folders.", "Check the path.")

    def _allowed(self) -> tuple[Path, ...]:
        return tuple(folder.resolve() for folder in self._context.settings.import_dirs if folder.is_dir())


def _within(path: Path, root: Path) -> bool:
    """Whether the file really lies below the folder once links and .. are followed."""
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name the disk cannot have
        return False
    return real != root and real.is_relative_to(root) and real == Path(os.path.abspath(path))


def _files(root: Path) -> Iterator[Path]:
    """Regular files below a folder, at most 500, by name."""
    n = 0
    for folder, folders, names in os.walk(root, followlinks=False):
        depth = len(Path(folder).relative_to(root).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if depth < DEEPEST else []
        for name in sorted(names):
            path = Path(folder) / name
            try:
                regular = stat.S_ISREG(path.lstat().st_mode)
            except OSError:
                continue
            if regular and not name.startswith("."):
                yield path
                n += 1
                if n == MOST_LISTED:
                    return
