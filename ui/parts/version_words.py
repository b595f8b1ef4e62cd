"""What a version is, in words: what changed, which rules are on, what it is made of."""

from __future__ import annotations

from typing import Any

from recengine.types.versions import VersionRow
from ui.words import Markdown, W, has, numbers

ICONS = {
    "imported": ":material/download_done:",
    "appended": ":material/playlist_add:",
    "cleaned": ":material/mop:",
    "joined": ":material/join_inner:",
    "removed": ":material/remove_circle_outline:",
    "mended": ":material/healing:",
}


def changed(row: VersionRow) -> Markdown:
    """Appended w2.csv, Cleaned, Joined goods.csv …"""
    if not has(f"versions.change.{row.change}"):
        return W("versions.change.imported", file=row.words)
    logs, tables = row.files[: row.logs], row.files[row.logs :]
    if row.change == "joined":
        file = tables[-1] if tables else row.words
    elif row.change == "removed":
        file = row.words.removeprefix("without ")
    elif row.change in ("imported", "appended"):  # several files may have come as one
        file = row.words.rpartition(" events of ")[2] or logs[-1]
    else:
        file = logs[-1] if logs else row.words
    if row.change == "cleaned" and not row.cleaning:
        return W("versions.change.undone")
    return W(f"versions.change.{row.change}", file=file)


def deltas(row: VersionRow) -> list[tuple[Markdown, bool]]:
    """+40 events, −2 shoppers …, and whether it is more; what stayed the same is not named."""
    if row.change == "imported":
        return []
    named = (("events", row.events), ("shoppers", row.shoppers), ("items", row.items))
    return [(W(f"versions.delta.{name}", n=_signed(n)), n > 0) for name, n in named if n]


def _signed(n: int) -> str:
    return f"+{numbers.count(n)}" if n > 0 else f"−{numbers.count(-n)}"


def rules(cleaning: dict[str, Any]) -> list[Markdown]:
    """Every cleaning rule that is on, in words."""
    found = []
    for name, value in cleaning.items():
        off = value in (None, False, 0) and not (name == "merge_seconds" and value == 0)
        if not off and has(f"versions.rule.{name}"):
            found.append(W(f"versions.rule.{name}", n=numbers.count(value) if isinstance(value, int) else value))
    return found


def made_of(row: VersionRow) -> Markdown:
    """2 files and 1 table · 1.2 MB, of which 0.8 MB shared."""
    parts = [W("versions.logs", n=row.logs)]
    if row.tables:
        parts.append(W("versions.n_tables", n=row.tables))
    size = {"size": numbers.size(row.bytes), "shared": numbers.size(row.shared_bytes)}
    parts.append(W("versions.size.shared", **size) if row.shared_bytes else W("versions.size", **size))
    parts.append(W("versions.variants", n=row.dataset.variants) if row.dataset.variants else W("versions.no_variant"))
    return Markdown(" · ".join(parts))
