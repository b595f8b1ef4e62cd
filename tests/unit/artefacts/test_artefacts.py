"""Artefact folders: whole or absent, proved before use, never named by a person."""

from __future__ import annotations

import errno
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recengine import artefacts
from recengine.errors import BadInput, Corrupt, NotFound, StorageFailed
from recengine.ids import check_id, new_id

ROOT = Path(__file__).resolve().parents[3]
HOSTILE = [
    *("", ".", "..", "/", "../etc/passwd", "ds-0000000000-0000/..", "ds-0000000000-0000\n", "ds-0000000000-0000\x00"),
    *(".tmp-ds-0000000000-0000-aa", "DS-0000000000-0000", "ds-0000000000-000", "ds-00000000000-0000", "ds-٠٠٠٠٠٠٠٠٠٠-٠٠٠٠"),
    *("ds_0000000000_0000", "%2e%2e%2f", "con", " " * 18, "ds-0000000000-0000" * 50, None, 7, b"ds-0000000000-0000"),
]


def put(parent: Path, artefact_id: str | None = None, **info: object) -> str:
    artefact_id = new_id("ar") if artefact_id is None else artefact_id
    with artefacts.publish(parent, artefact_id, dict(info)) as folder:
        for name, text in (("a.txt", "first"), ("b.txt", "second" * 1000)):
            with artefacts.open_new(folder / name) as file:
                file.write(text.encode())
    return artefact_id


def test_a_published_folder_reads_back_and_its_manifest_knows_every_file(tmp_path: Path) -> None:
    artefact_id = put(tmp_path, weight=1.5, name="läßt 行")
    manifest = artefacts.open_verified(artefacts.find(tmp_path, artefact_id))
    assert manifest.info == {"weight": 1.5, "name": "läßt 行"}
    # printf first | sha256sum
    assert manifest.files["a.txt"] == {"bytes": 5, "sha256": "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"}
    assert set(manifest.files) == {"a.txt", "b.txt"}
    assert manifest.bytes == 5 + 6000
    assert abs(manifest.created_s - time.time()) < 60
    assert [entry.name for entry in tmp_path.iterdir()] == [artefact_id]


def test_numbers_that_json_lacks_become_null(tmp_path: Path) -> None:
    artefact_id = put(tmp_path, nan=float("nan"), inf=np.float32("inf"), n=np.int64(3), row=np.array([1.0, np.nan]), both={1, 2})
    info = artefacts.read_manifest(tmp_path / artefact_id).info
    assert info == {"nan": None, "inf": None, "n": 3, "row": [1.0, None], "both": [1, 2]}


def test_ids_sort_by_the_moment_and_never_repeat() -> None:
    ids = [new_id("ds") for _ in range(2000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 2000
    assert all(check_id(name) == name for name in ids)
    with pytest.raises(ValueError, match="prefix"):
        new_id("../x")


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text)[:30] for text in HOSTILE])
def test_no_hostile_text_is_an_id(tmp_path: Path, text: str) -> None:
    calls = [artefacts.find, artefacts.delete, artefacts.exists] + ([put] if text is not None else [])
    for call in calls:
        with pytest.raises(NotFound):
            call(tmp_path, text)
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=40))
def test_any_text_that_passes_is_one_plain_file_name(text: str) -> None:
    try:
        name = check_id(text)
    except NotFound:
        return
    assert name == os.path.basename(name)
    assert name.isascii()
    assert not name.startswith(".")


def test_an_error_in_the_block_leaves_nothing(tmp_path: Path) -> None:
    def fails() -> None:
        with artefacts.publish(tmp_path, new_id("ar"), {}) as folder:
            (folder / "half").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_a_fence_that_falls_keeps_the_artefact_out(tmp_path: Path) -> None:
    class Fallen:
        def __enter__(self) -> None:
            raise TimeoutError

        def __exit__(self, *_: object) -> None: ...

    def fails() -> None:
        with artefacts.publish(tmp_path, new_id("ar"), {}, Fallen()):
            pass

    with pytest.raises(TimeoutError):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_an_id_is_published_once(tmp_path: Path) -> None:
    artefact_id = put(tmp_path, n=1)
    with pytest.raises(FileExistsError):
        put(tmp_path, artefact_id, n=2)
    assert artefacts.read_manifest(tmp_path / artefact_id).info == {"n": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == [artefact_id]


def test_folders_and_odd_names_inside_an_artefact_are_refused(tmp_path: Path) -> None:
    def fails(name: str) -> None:
        with artefacts.publish(tmp_path, new_id("ar"), {}) as folder:
            if name == "link":
                (folder / name).symlink_to("/etc/hostname")
            elif name == "folder":
                (folder / name).mkdir()
            else:
                (folder / name).write_text("x")

    for name in ("link", "folder", "a b", ".hidden", "manifest.json"):
        with pytest.raises(ValueError, match="not a file"):
            fails(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["a.txt", "b.txt", "manifest.json"])
def test_one_changed_byte_anywhere_is_noticed(tmp_path: Path, file: str) -> None:
    path = tmp_path / put(tmp_path, note="ok", created=5) / file
    good = path.read_bytes()
    places = range(len(good)) if len(good) < 10 else random.Random(3).sample(range(len(good)), 60)
    for place in places:
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        os.utime(path, ns=(place, place))  # a process trusts a digest only for the very file it has read
        try:
            manifest = artefacts.open_verified(path.parent)
        except Corrupt:
            continue
        # only white space of the manifest may differ without meaning anything
        assert file == "manifest.json"
        assert json.loads(path.read_bytes()) == json.loads(good)
        assert manifest.info == {"note": "ok", "created": 5}
    path.write_bytes(good)
    os.utime(path, ns=(10**9, 10**9))
    artefacts.open_verified(path.parent)


def test_a_short_a_missing_and_a_swapped_file_are_noticed_even_after_a_first_reading(tmp_path: Path) -> None:
    folder = tmp_path / put(tmp_path)
    artefacts.open_verified(folder)
    os.truncate(folder / "b.txt", 100)
    with pytest.raises(Corrupt, match="100 bytes"):
        artefacts.open_verified(folder)
    (folder / "b.txt").unlink()
    with pytest.raises(Corrupt, match="missing"):
        artefacts.open_verified(folder)
    other = tmp_path / put(tmp_path)
    (folder / "manifest.json").write_bytes((other / "manifest.json").read_bytes())
    with pytest.raises(Corrupt, match="altered"):
        artefacts.open_verified(folder)
    (folder / "manifest.json").write_bytes(b"\xff{")
    with pytest.raises(Corrupt):
        artefacts.open_verified(folder)


def test_deleting_and_listing(tmp_path: Path) -> None:
    first, second = put(tmp_path), put(tmp_path)
    assert artefacts.list_artefacts(tmp_path) == [first, second]
    artefacts.delete(tmp_path, first)
    assert artefacts.list_artefacts(tmp_path) == [second]
    with pytest.raises(NotFound):
        artefacts.delete(tmp_path, first)
    assert [entry.name for entry in tmp_path.iterdir()] == [second]
    assert artefacts.list_artefacts(tmp_path / "nowhere") == []


def test_labels_change_the_name_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / put(tmp_path)
    before = artefacts.open_verified(folder)
    assert artefacts.read_label(folder, "first") == "first"
    artefacts.write_label(folder, "  Spring\n<b>2026</b>\x07 行 ")
    assert artefacts.read_label(folder, "first") == "Spring <b>2026</b> 行"
    assert artefacts.open_verified(folder) == before
    for blank in ("", " \n\t", "\x00"):
        with pytest.raises(BadInput):
            artefacts.write_label(folder, blank)
    assert artefacts.read_label(folder, "first") == "Spring <b>2026</b> 行"


@pytest.mark.parametrize("broken", [b"", b'{"na', b"{}", b"[]", b"null", b"\xff\xfe\xff"])
def test_a_broken_label_gives_way_to_the_first_name(tmp_path: Path, broken: bytes) -> None:
    folder = tmp_path / put(tmp_path)
    (folder / artefacts.LABEL).write_bytes(broken)
    assert artefacts.read_label(folder, "first") == "first"


def test_one_reader_cannot_alter_the_manifest_of_another(tmp_path: Path) -> None:
    artefact_id = artefacts.new_id("ds")
    with artefacts.publish(tmp_path, artefact_id, {"counts": {"rows": [1, 2]}}) as folder:
        (folder / "data").write_bytes(b"x")
    first = artefacts.read_manifest(tmp_path / artefact_id)
    first.info["counts"]["rows"].append(3)
    first.info["name"] = "mine"
    first.files["data"]["bytes"] = 7
    second = artefacts.read_manifest(tmp_path / artefact_id)
    assert second.info == {"counts": {"rows": [1, 2]}}
    assert second.bytes == 1
    artefacts.open_verified(tmp_path / artefact_id)


def test_the_sweep_takes_what_the_dead_left_and_leaves_the_living(tmp_path: Path) -> None:
    kept = put(tmp_path)
    (tmp_path / ".tmp-ar-0000000000-0000-dead").mkdir()
    (tmp_path / ".tmp-ar-0000000000-0000-dead" / "half").write_text("x")
    (tmp_path / ".trash-ar-0000000000-0000-dead").mkdir()
    with artefacts.publish(tmp_path, new_id("ar"), {}) as alive:
        (alive / "a").write_text("x")
        assert len(artefacts.sweep(tmp_path)) == 2
        assert alive.exists()
    assert artefacts.list_artefacts(tmp_path)[0] == kept
    assert len(artefacts.list_artefacts(tmp_path)) == 2
    assert artefacts.sweep(tmp_path / "nowhere") == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.ENOMEM])
@pytest.mark.parametrize("call", ["write", "fsync", "rename", "mkdir", "open"])
def test_a_failure_of_any_disk_call_leaves_the_old_state(tmp_path: Path, call: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    old = put(tmp_path, n="old")
    owner = artefacts.NewFile if call == "write" else os
    real = getattr(owner, call)
    for fail_at in range(100):
        count = 0

        def sometimes(*arguments: object, fail_at: int = fail_at, **named: object) -> object:
            nonlocal count
            count += 1
            if count - 1 == fail_at:
                raise OSError(number, os.strerror(number))
            return real(*arguments, **named)

        new, failure = "", None
        with monkeypatch.context() as patch:
            patch.setattr(owner, call, sometimes)
            try:
                new = put(tmp_path, n="new")
            except (StorageFailed, OSError) as error:
                failure = error
        if new and count > fail_at:
            assert call == "mkdir"  # making a folder that is there already may fail
            artefacts.delete(tmp_path, new)
            continue
        if new:
            break
        # people are told about disks only; anything else stays what it is
        assert isinstance(failure, OSError if number == errno.ENOMEM else StorageFailed)
        assert artefacts.list_artefacts(tmp_path) == [old]
        artefacts.sweep(tmp_path)
        assert [entry.name for entry in tmp_path.iterdir()] == [old]
        artefacts.open_verified(tmp_path / old)
    assert fail_at >= 1
    assert artefacts.list_artefacts(tmp_path) == [old, new]


LIMITED = """
import resource, signal, sys
from pathlib import Path
from recengine import artefacts
from recengine.errors import StorageFailed
parent = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for limit in range(0, 3000, 97):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        with artefacts.publish(parent, artefacts.new_id("ar"), {}) as folder:
            with artefacts.open_new(folder / "a.bin") as file:
                file.write(b"x" * 3000)
    except StorageFailed:
        continue
    raise SystemExit("a file past the limit was published")
"""


def test_the_kernel_cuts_a_file_anywhere_and_nothing_shows(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], cwd=ROOT, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


STORM = """
import os, random, signal, sys, time
from pathlib import Path
from recengine import artefacts
parent, chance, published = Path(sys.argv[1]), random.Random(11), 0

def write(told):
    while True:
        name = artefacts.new_id("ar")
        with artefacts.publish(parent, name, {"note": "n" * 2000}) as folder:
            for file in "abc":
                with artefacts.open_new(folder / file) as out:
                    out.write(file.encode() * 50_000)
        os.write(told, f"{name} ".encode())
        there = artefacts.list_artefacts(parent)
        if len(there) > 4:
            artefacts.delete(parent, there[0])

for _ in range(40):
    said, told = os.pipe()
    child = os.fork()
    if child == 0:
        write(told)
    os.close(told)
    time.sleep(chance.random() * 0.1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with open(said) as names:
        acknowledged = names.read().split()
    published += len(acknowledged)
    there = artefacts.list_artefacts(parent)
    for name in there:
        files = artefacts.open_verified(parent / name).files
        assert {file: entry["bytes"] for file, entry in files.items()} == dict.fromkeys("abc", 50_000)
    assert set(acknowledged[-4:]) <= set(there)  # the four newest are never deleted
    artefacts.sweep(parent)
    assert not any(entry.name.startswith(".") for entry in parent.iterdir())
assert published >= 5, published
"""


def test_sigkill_at_random_points_never_leaves_a_readable_half(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", STORM, str(tmp_path)], cwd=ROOT, check=True, timeout=120)
