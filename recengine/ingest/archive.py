"""Looks into a zip archive without unpacking it: which members hold tables, and what makes it refused."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from recengine.errors import BadInput
from recengine.ingest.inflate import allowed_bytes, too_much

MOST_MEMBERS = 1_000
WORKBOOK = "xl/workbook.xml"


def members_of(path: Path, name: str) -> list[str]:
    """Names of the members that may hold a table, in the order of the archive; [] for an Excel workbook.

    Raises:
        BadInput: damaged, encrypted, more than 1,000 members, a path out of the archive, a link, an entry inside another,
            one that unpacks to too much, or no file at all.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadInput(f"{name} cannot be opened.", f"The zip archive is damaged ({error}).", "Pack the files again.") from error
    if any(info.filename == WORKBOOK for info in infos):
        return []
    if len(infos) > MOST_MEMBERS:
        raise BadInput(
            f"{name} holds {len(infos):,} files.", f"At most {MOST_MEMBERS:,} can be read.", "Pack one day or one week in an archive."
        )
    if sum(info.compress_size for info in infos) > path.stat().st_size:
        raise BadInput(f"{name} is no honest archive.", "Its files lie inside each other.", "Pack the files again.")
    found: list[str] = []
    for info in infos:
        parts = info.filename.replace("\\", "/").split("/")
        if info.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
            raise BadInput(f"{name} holds a path that leaves it.", f"It is {info.filename[:80]}.", "Pack the files again without paths.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise BadInput(f"{name} holds a link.", f"It is {info.filename[:80]}.", "Pack the file itself.")
        if info.is_dir() or parts[0] == "__MACOSX" or parts[-1].startswith("."):
            continue
        if info.flag_bits & 1:
            raise BadInput(f"{name} is encrypted.", f"{info.filename[:80]} needs a password.", "Pack the files without one.")
        if info.file_size > allowed_bytes(info.compress_size):
            raise too_much(f"{name}/{info.filename[:80]}", info.compress_size)
        if info.file_size:
            found.append(info.filename)
    if len(set(found)) < len(found):
        raise BadInput(f"{name} holds two files of one name.", "Only one of them could be read.", "Pack the files again.")
    if not found:
        raise BadInput(f"{name} holds no file.", "It has folders or empty files only.", "Pack the files again.")
    return found
