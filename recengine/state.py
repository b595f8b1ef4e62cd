"""What people saved in a workspace besides data and variants: policies, the audit trail."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from recengine.errors import BadInput, NotFound
from recengine.ids import check_id, new_id
from recengine.jobs.database import Database


@dataclass(frozen=True)
class SavedPolicy:
    """A policy under its name."""

    id: str
    name: str
    policy: dict[str, Any]
    created_s: float


@dataclass(frozen=True)
class AuditEntry:
    """One change that somebody made."""

    seq: int
    who: str
    t_s: float  # seconds since 1970 UTC
    what: str
    before: Any
    after: Any


class PolicyTable:
    """Saved policies."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def save(self, name: str, policy: dict[str, Any], who: str = "", policy_id: str | None = None) -> str:
        """Add a policy, or replace the one with this id; the change goes to the audit trail with it. Returns the id."""
        with self.database.write() as rows:
            before = None
            if policy_id is not None:
                before = dict(self._row(rows, policy_id))
                rows.execute("UPDATE policies SET name = ?, json = ? WHERE id = ?", (name, json.dumps(policy), policy_id))
            else:
                policy_id = new_id("po")
                rows.execute("INSERT INTO policies VALUES (?, ?, ?, ?)", (policy_id, name, json.dumps(policy), time.time()))
            was = {"name": before["name"], "policy": json.loads(before["json"])} if before else None
            _audit(rows, who, f"policy {policy_id} saved", was, {"name": name, "policy": policy})
        return policy_id

    def get(self, policy_id: str) -> SavedPolicy:
        """One policy. Raises NotFound."""
        with self.database.read() as rows:
            return self._policy(self._row(rows, policy_id))

    def list(self) -> list[SavedPolicy]:
        """All policies, newest first."""
        with self.database.read() as rows:
            return [self._policy(row) for row in rows.execute("SELECT * FROM policies ORDER BY created DESC, id DESC")]

    def delete(self, policy_id: str, who: str = "") -> None:
        """Remove a policy. Raises NotFound."""
        with self.database.write() as rows:
            row = self._row(rows, policy_id)
            rows.execute("DELETE FROM policies WHERE id = ?", (policy_id,))
            _audit(rows, who, f"policy {policy_id} deleted", {"name": row["name"], "policy": json.loads(row["json"])}, None)

    @staticmethod
    def _row(rows: sqlite3.Connection, policy_id: str) -> sqlite3.Row:
        row = rows.execute("SELECT * FROM policies WHERE id = ?", (check_id(policy_id),)).fetchone()
        if row is None:
            raise NotFound("There is no policy with this id.", f"{policy_id} is not in this workspace.", "Choose one from the list.")
        return row

    @staticmethod
    def _policy(row: sqlite3.Row) -> SavedPolicy:
        return SavedPolicy(row["id"], row["name"], json.loads(row["json"]), row["created"])


@dataclass(frozen=True)
class SavedVersion:
    """One state of a policy; its content never changes."""

    policy: str
    version: int
    spec: dict[str, Any]
    who: str
    saved_s: float
    note: str
    starts_s: float | None  # from when on it is published, None = a draft


def check_newest(latest: int, after: int | None) -> None:
    """Raises BadInput where the newest version of a policy is another than the one that a new one was made from (None = any)."""
    if after is not None and after != latest:
        why = f"It was made from version {after}, and version {latest} is there."
        raise BadInput("Someone saved a newer version.", why, "Save it under a new name, or start from the newest version.")


class PolicyVersions:
    """Versions of policies: every saved state is kept, and the one whose start was last is live."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(
        self, policy: str, spec: dict[str, Any], who: str = "", note: str = "", starts_s: float | None = None, after: int | None = None
    ) -> int:
        """Keep a new version of a policy, as a draft or published from a moment on; returns its number.

        Raises:
            NotFound: no such policy.
            BadInput: the newest version is another than `after`, from which the new one was made.
        """
        with self.database.write() as rows:
            PolicyTable._row(rows, policy)
            last = rows.execute("SELECT * FROM policy_versions WHERE policy = ? ORDER BY version DESC LIMIT 1", (policy,)).fetchone()
            version = last["version"] + 1 if last else 1
            check_newest(version - 1, after)
            values = (policy, version, json.dumps(spec), who, time.time(), note, starts_s)
            rows.execute("INSERT INTO policy_versions VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            _audit(rows, who, f"policy {policy} version {version} saved", json.loads(last["spec"]) if last else None, spec)
            if starts_s is not None:
                _audit(rows, who, f"policy {policy} version {version} published", {"starts": None}, {"starts": starts_s})
        return version

    def start(self, policy: str, version: int, starts_s: float | None, who: str = "") -> None:
        """Publish a version from a moment on, or (None) make it a draft again. Raises NotFound."""
        with self.database.write() as rows:
            row = rows.execute("SELECT * FROM policy_versions WHERE policy = ? AND version = ?", (check_id(policy), version)).fetchone()
            if row is None:
                raise NotFound("The policy has no such version.", f"Version {version} is not there.", "Choose one from the list.")
            rows.execute("UPDATE policy_versions SET starts = ? WHERE policy = ? AND version = ?", (starts_s, policy, version))
            what = "withdrawn" if starts_s is None else "published"
            _audit(rows, who, f"policy {policy} version {version} {what}", {"starts": row["starts"]}, {"starts": starts_s})

    def list(self, policy: str) -> list[SavedVersion]:
        """All versions of a policy, newest first."""
        with self.database.read() as rows:
            found = rows.execute("SELECT * FROM policy_versions WHERE policy = ? ORDER BY version DESC", (policy,)).fetchall()
        return [
            SavedVersion(row["policy"], row["version"], json.loads(row["spec"]), row["who"], row["saved"], row["note"], row["starts"])
            for row in found
        ]


@dataclass(frozen=True)
class SavedDraft:
    """What somebody changed of a policy and has not saved under its name yet."""

    id: str
    dataset: str
    policy: str  # what it began from, "" = none was chosen
    version: int  # of that policy, 0 = none
    spec: dict[str, Any]
    steps: int  # changes that can be undone
    saved_s: float


class PolicyDrafts:
    """Unsaved work, kept step by step so that a closed browser loses nothing and every step can be undone."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, draft: str | None, dataset: str, policy: str, version: int, spec: dict[str, Any]) -> str:
        """Keep one more step of a draft, or (None) the first of a new one; the oldest of more than `DRAFT_STEPS` go. Returns its id."""
        draft = new_id("dr") if draft is None else check_id(draft)
        with self.database.write() as rows:
            step = rows.execute("SELECT coalesce(max(step), 0) + 1 FROM policy_drafts WHERE draft = ?", (draft,)).fetchone()[0]
            values = (draft, step, dataset, policy, version, json.dumps(spec), time.time())
            rows.execute("INSERT INTO policy_drafts VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            rows.execute("DELETE FROM policy_drafts WHERE draft = ? AND step <= ?", (draft, step - DRAFT_STEPS))
        return draft

    def get(self, draft: str) -> SavedDraft | None:
        """The newest step of a draft; None where it was saved, discarded or never there."""
        with self.database.read() as rows:
            found = rows.execute(f"{_DRAFTS} WHERE draft = ? GROUP BY draft", (draft,)).fetchone()
        return _draft(found) if found else None

    def undo(self, draft: str) -> None:
        """Take the newest step back; the draft is gone after its first one."""
        with self.database.write() as rows:
            newest = "SELECT max(step) FROM policy_drafts WHERE draft = ?"
            rows.execute(f"DELETE FROM policy_drafts WHERE draft = ? AND step = ({newest})", (draft, draft))

    def drop(self, draft: str) -> None:
        """Forget a draft with all its steps."""
        with self.database.write() as rows:
            rows.execute("DELETE FROM policy_drafts WHERE draft = ?", (draft,))

    def move(self, dataset: str, other: str) -> None:
        """The drafts of a dataset belong to another one from now on."""
        with self.database.write() as rows:
            rows.execute("UPDATE policy_drafts SET dataset = ? WHERE dataset = ?", (other, dataset))

    def list(self, dataset: str) -> list[SavedDraft]:
        """Drafts of a dataset, the one that was changed last first."""
        with self.database.read() as rows:
            found = rows.execute(f"{_DRAFTS} WHERE dataset = ? GROUP BY draft ORDER BY saved DESC", (dataset,)).fetchall()
        return [_draft(row) for row in found]


DRAFT_STEPS = 50
# SQLite takes the other columns from the row with the largest step.
_DRAFTS = "SELECT draft, dataset, policy, version, spec, saved, count(*) AS steps, max(step) FROM policy_drafts"


def _draft(row: sqlite3.Row) -> SavedDraft:
    return SavedDraft(row["draft"], row["dataset"], row["policy"], row["version"], json.loads(row["spec"]), row["steps"], row["saved"])


class AuditTrail:
    """Who changed what; entries are added and never altered."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, who: str, what: str, before: Any = None, after: Any = None) -> None:
        """Record one change; `before` and `after` are JSON values, None where there is none."""
        with self.database.write() as rows:
            _audit(rows, who, what, before, after)

    @staticmethod
    def put(rows: sqlite3.Connection, who: str, what: str, before: Any = None, after: Any = None) -> None:
        """Record one change inside the transaction that makes it, so that neither is kept without the other."""
        _audit(rows, who, what, before, after)

    def list(self, limit: int = 200) -> list[AuditEntry]:
        """The newest entries, newest first."""
        with self.database.read() as rows:
            found = rows.execute("SELECT * FROM audit ORDER BY seq DESC LIMIT ?", (limit,)).fetchall()
        return [_entry(row) for row in found]

    def about(self, subject: str, limit: int = 200) -> list[AuditEntry]:
        """The newest entries on one thing, such as `policy po-…`, newest first."""
        with self.database.read() as rows:
            query = "SELECT * FROM audit WHERE what = ? OR substr(what, 1, ?) = ? ORDER BY seq DESC LIMIT ?"
            found = rows.execute(query, (subject, len(subject) + 1, f"{subject} ", limit)).fetchall()
        return [_entry(row) for row in found]


def _entry(row: sqlite3.Row) -> AuditEntry:
    return AuditEntry(row["seq"], row["who"], row["t"], row["what"], _value(row["before"]), _value(row["after"]))


def _audit(rows: sqlite3.Connection, who: str, what: str, before: Any, after: Any) -> None:
    values = [None if value is None else json.dumps(value) for value in (before, after)]
    rows.execute("INSERT INTO audit (who, t, what, before, after) VALUES (?, ?, ?, ?, ?)", (who, time.time(), what, *values))


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)
