"""The one SQLite file of a workspace: jobs, policies, the audit trail. Many processes of one host may use it."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recengine.errors import Corrupt, StorageFailed

BUSY_MS = 10_000
MIGRATIONS: tuple[str, ...] = (  # entry n brings a file from version n to n + 1; never edit one that was shipped
    """
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, arguments TEXT NOT NULL, title TEXT NOT NULL,
        state TEXT NOT NULL, attempt INTEGER NOT NULL, resumed INTEGER NOT NULL DEFAULT 0,
        attached INTEGER NOT NULL DEFAULT 0, token INTEGER NOT NULL DEFAULT 0,
        pid INTEGER, pid_started INTEGER, boot_id TEXT NOT NULL DEFAULT '',
        lease_until REAL, heartbeat REAL, cancel_requested REAL,
        fraction REAL, phase TEXT NOT NULL DEFAULT '', epoch INTEGER, epochs INTEGER, eta_s REAL,
        reserved TEXT NOT NULL DEFAULT '{}', result TEXT, error TEXT,
        created REAL NOT NULL, started REAL, ended REAL
    ) STRICT;
    CREATE INDEX jobs_by_state ON jobs (state, created);
    CREATE TABLE job_reports (
        job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, seq INTEGER NOT NULL,
        epoch INTEGER NOT NULL, epochs INTEGER NOT NULL, loss REAL, metrics TEXT NOT NULL, t REAL NOT NULL,
        PRIMARY KEY (job, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE policies (id TEXT PRIMARY KEY, name TEXT NOT NULL, json TEXT NOT NULL, created REAL NOT NULL) STRICT;
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY, who TEXT NOT NULL, t REAL NOT NULL, what TEXT NOT NULL, before TEXT, after TEXT
    ) STRICT;
    CREATE TABLE mappings (shape TEXT PRIMARY KEY, json TEXT NOT NULL, saved REAL NOT NULL) STRICT;
    """,
    """
    CREATE TABLE policy_versions (
        policy TEXT NOT NULL REFERENCES policies (id) ON DELETE CASCADE, version INTEGER NOT NULL,
        spec TEXT NOT NULL, who TEXT NOT NULL, saved REAL NOT NULL, note TEXT NOT NULL, starts REAL,
        PRIMARY KEY (policy, version)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE variant_tags (variant TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (variant, tag)) STRICT, WITHOUT ROWID;
    CREATE TABLE variant_notes (
        variant TEXT NOT NULL, seq INTEGER NOT NULL, text TEXT NOT NULL, who TEXT NOT NULL, written REAL NOT NULL,
        PRIMARY KEY (variant, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE compare_views (
        id TEXT PRIMARY KEY, dataset TEXT NOT NULL, name TEXT NOT NULL, json TEXT NOT NULL, who TEXT NOT NULL, saved REAL NOT NULL
    ) STRICT;
    """,
    """
    CREATE TABLE policy_drafts (
        draft TEXT NOT NULL, step INTEGER NOT NULL, dataset TEXT NOT NULL, policy TEXT NOT NULL, version INTEGER NOT NULL,
        spec TEXT NOT NULL, saved REAL NOT NULL,
        PRIMARY KEY (draft, step)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX policy_drafts_by_dataset ON policy_drafts (dataset, saved);
    """,
)


class Database:
    """Transactions on the file; one connection a process, safe to share between threads.

    WAL with synchronous=FULL: what was committed survives a killed process and a power cut.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A consistent view of the file."""
        with self._opened("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or, when the block raises, nothing. Waits up to 10 s for other writers."""
        with self._opened("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        """Close the file; the next transaction opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    @contextmanager
    def _opened(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None or self._pid != os.getpid():
                    self._connection, self._pid = self._connect(), os.getpid()
                connection = self._connection
                connection.execute(begin)
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except sqlite3.DatabaseError as error:
                explained = self._explained(error)
                if explained is None:
                    raise
                raise explained from error

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            _use_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS):
            return
        connection.execute("BEGIN IMMEDIATE")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise Corrupt("This workspace was written by a newer version.", f"Its state has version {version}.", "Update the program.")
        for step in MIGRATIONS[version:]:
            for statement in step.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")

    def _explained(self, error: sqlite3.DatabaseError) -> Exception | None:
        code = getattr(error, "sqlite_errorcode", None)
        primary = code & 0xFF if code is not None else None
        if primary == sqlite3.SQLITE_FULL:
            return StorageFailed("The disk is full.", "Nothing was changed; what was saved is intact.", "Free some space, then try again.")
        if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            return StorageFailed("The workspace cannot be written.", f"The system says: {error}.", "Check the disk and its permissions.")
        if primary == sqlite3.SQLITE_BUSY:
            return StorageFailed("The workspace is busy.", "Another process has been writing for ten seconds.", "Try again.")
        if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return Corrupt("The list of jobs is damaged.", f"{self.path.name}: {error}.", "Restore it from a backup, or remove it.")
        return None


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; processes that open a fresh file at once collide here, and SQLite does not wait for this."""
    give_up = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
