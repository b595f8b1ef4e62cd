"""The state file: migrations, many processes, damage, and what people saved in it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from recengine.errors import Corrupt, NotFound, StorageFailed
from recengine.jobs import database as databases
from recengine.jobs.database import MIGRATIONS, Database
from recengine.state import AuditTrail, PolicyTable

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "deep" / "state.sqlite")


def test_the_file_is_durable_and_versioned(database: Database) -> None:
    with database.read() as rows:
        assert rows.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert rows.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
        assert rows.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)


def test_a_migration_that_fails_changes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    AuditTrail(database).add("ann", "kept", after={"a": 1})
    database.close()
    monkeypatch.setattr(databases, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE more (x INTEGER); CREATE TABLE jobs (x INTEGER)"))
    with pytest.raises(sqlite3.OperationalError, match="already exists"), database.read():
        pass
    monkeypatch.undo()
    assert [entry.after for entry in AuditTrail(database).list()] == [{"a": 1}]
    with database.read() as rows:
        assert rows.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone()[0] == 0
    database.close()
    monkeypatch.setattr(databases, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE more (x INTEGER)"))
    with database.read() as rows:
        assert rows.execute("SELECT count(*) FROM more").fetchone()[0] == 0


def test_a_file_of_a_newer_version_is_left_alone(database: Database) -> None:
    with database.write() as rows:
        rows.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(Corrupt, match="newer version"), database.read():
        pass


@pytest.mark.parametrize("content", [b"not a database, only text " * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_says_so(database: Database, content: bytes) -> None:
    database.path.parent.mkdir()
    database.path.write_bytes(content)
    with pytest.raises(Corrupt), database.read() as rows:
        rows.execute("SELECT * FROM jobs")
    assert database.path.read_bytes() == content


OPEN = """
import sys
from pathlib import Path
from recengine.jobs.database import Database
from recengine.jobs.table import JobTable
sys.stdin.readline()
table = JobTable(Database(Path(sys.argv[1])))
for n in range(15):
    table.submit("count", {"n": n}, "Count")
"""


def test_eight_processes_make_and_fill_a_fresh_file_at_once(database: Database) -> None:
    command = [sys.executable, "-c", OPEN, str(database.path)]
    processes = [subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) for _ in range(8)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait(60) for process in processes] == [0] * 8
    with database.read() as rows:
        assert rows.execute("SELECT count(*), count(DISTINCT id) FROM jobs").fetchone()[:] == (120, 120)


def test_a_failed_transaction_leaves_nothing_and_the_next_one_works(database: Database) -> None:
    def fails() -> None:
        with database.write() as rows:
            rows.execute("INSERT INTO policies VALUES ('po-0000000000-0000', 'Half', '{}', 0)")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert PolicyTable(database).list() == []
    PolicyTable(database).save("Whole", {})
    assert [policy.name for policy in PolicyTable(database).list()] == ["Whole"]


def test_a_full_disk_is_told_and_what_was_saved_stays(database: Database) -> None:
    policies = PolicyTable(database)
    old = policies.save("Old", {"kept": True})
    with database.read() as rows:
        pages = rows.execute("PRAGMA page_count").fetchone()[0]
    assert database._connection is not None
    database._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFailed, match="disk is full"):
        policies.save("New", {"text": "x" * 100_000})
    assert [(policy.id, policy.policy) for policy in policies.list()] == [(old, {"kept": True})]
    database._connection.execute("PRAGMA max_page_count = 1000000")
    assert policies.get(policies.save("New", {"text": "fits"})).policy == {"text": "fits"}


def test_a_busy_file_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "BUSY_MS", 50)
    other = Database(database.path)
    with database.write(), pytest.raises(StorageFailed, match="busy"), other.write():
        pass


def test_threads_share_one_database(database: Database) -> None:
    policies = PolicyTable(database)

    def work(name: str) -> None:
        for n in range(20):
            policy_id = policies.save(f"{name}{n}", {"n": n})
            assert policies.get(policy_id).policy == {"n": n}

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as rows:
        assert rows.execute("SELECT count(*) FROM policies").fetchone()[0] == 80


def test_policies_and_who_changed_them(database: Database) -> None:
    policies, trail = PolicyTable(database), AuditTrail(database)
    first = policies.save("Spring", {"diversity": 0.3}, who="ann")
    second = policies.save("Summer", {"diversity": 0.5})
    policies.save("Spring 2", {"diversity": 0.4}, who="bob", policy_id=first)
    assert policies.get(first).policy == {"diversity": 0.4}
    assert [policy.name for policy in policies.list()] == ["Summer", "Spring 2"]
    policies.delete(second, who="ann")
    with pytest.raises(NotFound):
        policies.get(second)
    with pytest.raises(NotFound):
        policies.save("x", {}, policy_id=second)
    for hostile in ("..", "' OR 1=1 --"):
        with pytest.raises(NotFound):
            policies.delete(hostile)
    entries = trail.list()
    assert [(entry.who, entry.what) for entry in entries] == [
        ("ann", f"policy {second} deleted"),
        ("bob", f"policy {first} saved"),
        ("", f"policy {second} saved"),
        ("ann", f"policy {first} saved"),
    ]
    assert entries[1].before == {"name": "Spring", "policy": {"diversity": 0.3}}
    assert entries[1].after == {"name": "Spring 2", "policy": {"diversity": 0.4}}
    assert entries[3].before is None
    trail.add("ann", "dataset renamed", "old", "new")
    assert trail.list(1)[0].after == "new"
