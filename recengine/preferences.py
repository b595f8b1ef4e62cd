"""What people like best in a workspace, such as the language of the screen: a few short texts in one file."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from recengine.artefacts import told_when_disk_fails, write_atomically
from recengine.errors import BadInput

FILE = "preferences.json"
LONGEST = 200
MOST = 100
log = logging.getLogger(__name__)


class Preferences:
    """Names and texts beside the workspace's data; the last one to set a name wins.

    Args:
        folder: of the workspace; need not exist while nothing was set.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def get(self, name: str) -> str | None:
        """What was set under this name; None where nothing was, or where the file cannot be read. One small file is read."""
        return self._read().get(name)

    def set(self, name: str, value: str | None) -> None:
        """Keep a text under a name; None forgets it.

        Raises:
            BadInput: name or text is empty or longer than 200 characters, or there are 100 names already.
            StorageFailed: the disk is full or cannot be written.
        """
        kept = self._read()
        kept.pop(name, None)
        if value is not None:
            if not (0 < len(name) <= LONGEST and 0 < len(value) <= LONGEST and len(kept) < MOST):
                raise BadInput("This preference cannot be kept.", f"{name[:40]}: empty, too long or one too many.", "Use a shorter text.")
            kept[name] = value
        with told_when_disk_fails():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file, json.dumps(kept, ensure_ascii=False, sort_keys=True).encode())

    def _read(self) -> dict[str, str]:
        try:
            told = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("%s cannot be read, so no preference counts: %s", self._file, error)
            return {}
        return {str(k): v for k, v in told.items() if isinstance(v, str)} if isinstance(told, dict) else {}
