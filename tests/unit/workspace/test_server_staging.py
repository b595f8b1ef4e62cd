"""Files on the server: those of the allowed folders, and nothing that a path or a link reaches beyond them."""

from __future__ import annotations

import os

import pytest

from recengine.errors import BadInput, MerchlensError, NotFound
from recengine.settings import SAMPLE_DATA
from recengine.workspace import Workspace

LOG = b"user_id,item_id,event_time\n" + b"u1,i1,2026-03-01\nu2,i2,2026-03-02\n" * 9


@pytest.fixture
def ws(tmp_path, monkeypatch):
    monkeypatch.delenv("MERCHLENS_IMPORT_FOLDERS", raising=False)
    return Workspace(tmp_path / "ws")


@pytest.fixture
def inbox(ws, tmp_path):
    ws.server_files.folders()  # makes it
    (tmp_path / "ws" / "inbox" / "day").mkdir()
    (tmp_path / "ws" / "inbox" / "day" / "log.csv").write_bytes(LOG)
    (tmp_path / "secret.csv").write_bytes(LOG)
    return (tmp_path / "ws" / "inbox").resolve()


def test_the_inbox_and_the_sample_data_are_offered(ws, inbox):
    folders = {folder.path: folder.files for folder in ws.server_files.folders()}
    assert folders[str(inbox)] == 1
    assert str(SAMPLE_DATA.resolve()) in folders
    [file] = ws.server_files.list(str(inbox))
    assert (file.name, file.size_bytes) == (os.path.join("day", "log.csv"), len(LOG))
    upload = ws.server_files.stage(file.path)
    assert ws.datasets.preview(upload).physical_rows == 18
    ws.datasets.discard(upload)
    assert (inbox / "day" / "log.csv").is_file(), "a file on the server is never removed"


@pytest.mark.parametrize("typed", ["day/log.csv", " day/log.csv ", "day/../day/log.csv", "./day/log.csv"])
def test_a_path_below_an_allowed_folder_is_found(ws, inbox, typed):
    assert ws.datasets.files(ws.server_files.stage(typed))[0].path == inbox / "day" / "log.csv"


@pytest.mark.parametrize(
    "typed",
    ["../../secret.csv", "../secret.csv", "/etc/passwd", "day/../../../secret.csv", "", " ", "a\0b", "x" * 5_000, "~/x", "..", "/", "day"],
)
@pytest.mark.usefixtures("inbox")
def test_a_path_beyond_them_is_refused(ws, typed):
    with pytest.raises(MerchlensError) as error:
        ws.server_files.stage(typed)
    assert error.value.fix
    assert not ws.datasets.waiting()


def test_links_are_neither_listed_nor_followed(ws, inbox, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "other.csv").write_bytes(LOG)
    (inbox / "link.csv").symlink_to(tmp_path / "secret.csv")
    (inbox / "folder").symlink_to(outside)
    (inbox / "loop").symlink_to(inbox / "loop")
    (inbox / ".hidden.csv").write_bytes(LOG)
    assert [file.name for file in ws.server_files.list(str(inbox))] == [os.path.join("day", "log.csv")]
    for typed in ("link.csv", "folder/other.csv", "loop", str(inbox / "link.csv"), str(inbox / "folder" / "other.csv")):
        with pytest.raises(MerchlensError):
            ws.server_files.stage(typed)
    assert not ws.datasets.waiting()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_does_not_hang(ws, inbox):
    os.mkfifo(inbox / "pipe.csv")
    assert len(ws.server_files.list(str(inbox))) == 1
    with pytest.raises(BadInput, match="no file"):
        ws.server_files.stage("pipe.csv")


@pytest.mark.usefixtures("inbox")
def test_a_file_that_is_not_there_is_said(ws):
    with pytest.raises(NotFound):
        ws.server_files.stage("day/none.csv")


def test_a_folder_that_is_not_allowed_is_not_listed(ws, inbox, tmp_path):
    for folder in (str(tmp_path), "/", "..", str(inbox / "day")):
        with pytest.raises(BadInput):
            ws.server_files.list(folder)


def test_other_folders_are_a_setting(tmp_path, monkeypatch):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "log.csv").write_bytes(LOG)
    (tmp_path / "alias").symlink_to(tmp_path / "exports")
    monkeypatch.setenv("MERCHLENS_IMPORT_FOLDERS", os.pathsep.join([str(tmp_path / "alias"), str(tmp_path / "gone")]))
    ws = Workspace(tmp_path / "ws")
    monkeypatch.undo()
    assert [folder.files for folder in ws.server_files.folders()] == [1]
    real = (tmp_path / "exports" / "log.csv").resolve()
    for typed in ("log.csv", str(tmp_path / "alias" / "log.csv"), str(real)):
        assert ws.datasets.files(ws.server_files.stage(typed))[0].path == real
    with pytest.raises(BadInput):
        ws.server_files.stage(str(tmp_path / "ws" / "inbox" / "x.csv"))
