"""Uploaded files go on once, in one copy, and Streamlit keeps none of them."""

from __future__ import annotations

import pytest
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.testing.v1 import AppTest


def app(many: bool, refuse: bool) -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from recengine.errors import BadInput
    from ui.parts import uploads
    from ui.parts.errors import show_failure

    def take(files):
        if refuse:
            raise BadInput("No room.", "The disk is full.", "Delete something.")
        return [(file.name, file.read()) for file in files]

    show_failure()
    made = uploads.uploader("Files", "here", take, accept_multiple_files=many)
    if made:
        st.session_state["taken"] = [*st.session_state.get("taken", []), made]
    ctx = get_script_run_ctx()
    st.session_state["held"] = sum(len(files) for files in ctx.uploaded_file_mgr.file_storage.values())


@pytest.fixture(autouse=True)
def _no_copies(monkeypatch):
    def refuse(*_):
        raise AssertionError("the bytes were copied")

    for name in ("__reduce_ex__", "__deepcopy__", "getvalue", "getbuffer"):
        monkeypatch.setattr(UploadedFile, name, refuse, raising=False)


def put(at: AppTest, files) -> AppTest:
    at.file_uploader[0].set_value(files).run()
    assert not at.exception
    return at


def test_a_file_is_taken_once_and_let_go_of():
    at = AppTest.from_function(app, args=(False, False)).run()
    first = at.file_uploader[0].key
    put(at, ("a.csv", b"one", "text/csv"))
    assert at.session_state["taken"] == [[("a.csv", b"one")]]
    assert at.session_state["held"] == 0
    assert at.file_uploader[0].key != first
    assert at.file_uploader[0].value is None
    at.run()
    assert len(at.session_state["taken"]) == 1
    put(at, ("a.csv", b"two", "text/csv"))
    assert at.session_state["taken"][1] == [("a.csv", b"two")]
    assert at.session_state["held"] == 0


def test_several_files_are_taken_together():
    at = AppTest.from_function(app, args=(True, False)).run()
    put(at, [("a.csv", b"one", "text/csv"), ("b.csv", b"", "text/csv")])
    assert at.session_state["taken"] == [[("a.csv", b"one"), ("b.csv", b"")]]
    assert at.session_state["held"] == 0


def test_a_file_that_cannot_be_kept_is_said_and_let_go_of():
    at = AppTest.from_function(app, args=(False, True)).run()
    put(at, ("a.csv", b"one", "text/csv"))
    assert any("No room" in text.value for text in at.markdown)
    assert "taken" not in at.session_state
    assert at.session_state["held"] == 0
