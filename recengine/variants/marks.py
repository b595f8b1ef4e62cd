"""What people write on variants: tags, notes, and the comparisons they saved. Every change is in the audit trail."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from recengine.errors import BadInput, NotFound
from recengine.ids import check_id, new_id
from recengine.jobs.database import Database
from recengine.state import AuditTrail

TAG_LENGTH, TAGS, NOTE_LENGTH, NAME_LENGTH = 40, 12, 2_000, 80


@dataclass(frozen=True)
class Note:
    """One note; it is never altered, only taken away."""

    variant: str
    seq: int
    text: str
    who: str
    written_s: float


@dataclass(frozen=True)
class KeptView:
    """A comparison under a name."""

    id: str
    dataset: str
    name: str
    view: dict[str, Any]
    who: str
    saved_s: float


class VariantMarks:
    """Tags and notes of all variants of a workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tags(self) -> dict[str, tuple[str, ...]]:
        """Variant id → its tags in order; variants without one are left out."""
        with self._database.read() as rows:
            found = rows.execute("SELECT variant, tag FROM variant_tags ORDER BY variant, tag").fetchall()
        by_variant: dict[str, list[str]] = {}
        for row in found:
            by_variant.setdefault(row["variant"], []).append(row["tag"])
        return {variant: tuple(tags) for variant, tags in by_variant.items()}

    def set_tags(self, variant: str, tags: list[str], who: str = "") -> tuple[str, ...]:
        """Give a variant exactly these tags; returns them as they are kept: on one line, each once, in order.

        Raises:
            BadInput: more than 12 tags, or one of more than 40 characters.
        """
        wanted = sorted({text for tag in tags if (text := one_line(tag))})
        if len(wanted) > TAGS:
            raise BadInput("A variant cannot have so many tags.", f"There are {len(wanted)}, {TAGS} is the limit.", "Take some away.")
        if long := next((tag for tag in wanted if len(tag) > TAG_LENGTH), ""):
            raise BadInput("A tag is too long.", f"It is {long[:TAG_LENGTH]}…", f"Use {TAG_LENGTH} characters at most.")
        with self._database.write() as rows:
            before = [row["tag"] for row in rows.execute("SELECT tag FROM variant_tags WHERE variant = ? ORDER BY tag", (variant,))]
            if before != wanted:
                rows.execute("DELETE FROM variant_tags WHERE variant = ?", (variant,))
                rows.executemany("INSERT INTO variant_tags VALUES (?, ?)", [(variant, tag) for tag in wanted])
                AuditTrail.put(rows, who, f"variant {variant} tagged", before, wanted)
        return tuple(wanted)

    def notes(self, variant: str) -> list[Note]:
        """Notes on a variant, newest first."""
        with self._database.read() as rows:
            found = rows.execute("SELECT * FROM variant_notes WHERE variant = ? ORDER BY seq DESC", (variant,)).fetchall()
        return [Note(row["variant"], row["seq"], row["text"], row["who"], row["written"]) for row in found]

    def note(self, variant: str, text: str, who: str = "") -> None:
        """Add a note. Raises BadInput for an empty one, or one of more than 2,000 characters."""
        text = text.strip()
        if not text:
            raise BadInput("The note is empty.", "", "Write what the next reader should know.")
        if len(text) > NOTE_LENGTH:
            raise BadInput("The note is too long.", f"It has {len(text):,} characters.", f"Use {NOTE_LENGTH:,} at most.")
        with self._database.write() as rows:
            last = rows.execute("SELECT max(seq) AS seq FROM variant_notes WHERE variant = ?", (variant,)).fetchone()["seq"]
            rows.execute("INSERT INTO variant_notes VALUES (?, ?, ?, ?, ?)", (variant, (last or 0) + 1, text, who, time.time()))
            AuditTrail.put(rows, who, f"variant {variant} noted", None, text)

    def remove_note(self, variant: str, seq: int, who: str = "") -> None:
        """Take a note away; the audit trail keeps its text. Raises NotFound."""
        with self._database.write() as rows:
            row = rows.execute("SELECT text FROM variant_notes WHERE variant = ? AND seq = ?", (variant, seq)).fetchone()
            if row is None:
                raise NotFound("The note is not there.", "Somebody took it away.", "")
            rows.execute("DELETE FROM variant_notes WHERE variant = ? AND seq = ?", (variant, seq))
            AuditTrail.put(rows, who, f"variant {variant} note removed", row["text"], None)

    def forget(self, variant: str) -> None:
        """Drop tags and notes of a deleted variant."""
        with self._database.write() as rows:
            for table in ("variant_tags", "variant_notes"):
                rows.execute(f"DELETE FROM {table} WHERE variant = ?", (variant,))


class KeptViews:
    """Comparisons that people saved."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, dataset: str, name: str, view: dict[str, Any], who: str = "") -> str:
        """Keep a comparison under a name; one of the same name and dataset is replaced and keeps its id. Returns the id.

        Raises:
            BadInput: no name, or one of more than 80 characters.
        """
        name = one_line(name)
        if not name or len(name) > NAME_LENGTH:
            raise BadInput("The view needs a name.", "" if not name else "The name is too long.", f"Write 1 to {NAME_LENGTH} characters.")
        with self._database.write() as rows:
            old = rows.execute("SELECT * FROM compare_views WHERE dataset = ? AND name = ?", (dataset, name)).fetchone()
            made = old["id"] if old else new_id("cv")
            values = (made, dataset, name, json.dumps(view, allow_nan=False), who, time.time())
            rows.execute("INSERT OR REPLACE INTO compare_views VALUES (?, ?, ?, ?, ?, ?)", values)
            AuditTrail.put(rows, who, f"view {made} saved", json.loads(old["json"]) if old else None, {"name": name, **view})
        return made

    def get(self, view: str) -> KeptView:
        """One saved comparison. Raises NotFound."""
        with self._database.read() as rows:
            row = rows.execute("SELECT * FROM compare_views WHERE id = ?", (check_id(view),)).fetchone()
        if row is None:
            raise NotFound("There is no such view.", f"{view} is not in this workspace.", "Choose one from the list.")
        return KeptView(row["id"], row["dataset"], row["name"], json.loads(row["json"]), row["who"], row["saved"])

    def list(self, dataset: str) -> list[KeptView]:
        """Saved comparisons of a dataset, by name."""
        with self._database.read() as rows:
            found = rows.execute("SELECT * FROM compare_views WHERE dataset = ? ORDER BY name", (dataset,)).fetchall()
        return [KeptView(row["id"], row["dataset"], row["name"], json.loads(row["json"]), row["who"], row["saved"]) for row in found]

    def delete(self, view: str, who: str = "") -> None:
        """Remove a saved comparison. Raises NotFound."""
        kept = self.get(view)
        with self._database.write() as rows:
            rows.execute("DELETE FROM compare_views WHERE id = ?", (view,))
            AuditTrail.put(rows, who, f"view {view} deleted", {"name": kept.name, **kept.view}, None)


def one_line(text: str) -> str:
    """Printable text with single blanks."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
