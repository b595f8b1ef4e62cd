"""The error box: what happened, why, the way on. A traceback goes to the log under a short reference, never to the page."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, StopException

from recengine.errors import MerchlensError
from ui.words import W, plain, told

T = TypeVar("T")
log = logging.getLogger("merchlens.ui")


def error_box(what: str, why: str = "", fix: str = "", note: str | None = None) -> None:
    """Draw one failure; all texts are shown as they are, whatever they contain."""
    with st.container(border=True, gap="small"):
        st.markdown(f":red[:material/error:] **{plain(told(what))}**")
        if why:
            st.markdown(plain(told(why)))
        if fix:
            st.markdown(plain(told(fix)))
        if note:
            st.caption(note)


@contextmanager
def guard(unchanged: bool = True) -> Iterator[None]:
    """Turn a failure inside the block into the error box; the rest of the page goes on.

    Args:
        unchanged: Say "Nothing was changed."; false around work that may have changed something.
    """
    said = W("error.unchanged") if unchanged else None
    try:
        yield
    except (RerunException, StopException):  # how streamlit leaves a run: not failures
        raise
    except MerchlensError as error:
        log.info("Shown to a person: %s", error)
        error_box(error.what, error.why, error.fix, said)
    except Exception:
        reference = secrets.token_hex(2)
        log.exception("Reference %s", reference)
        note = " ".join(part for part in (said, W("error.reference", reference=reference)) if part)
        error_box(W("error.unexpected.what"), W("error.unexpected.why"), W("error.unexpected.fix"), note)


def attempt(act: Callable[..., T], *args: object, **options: object) -> T | None:
    """Run an action in a callback, where nothing can be drawn; a failure is shown above the page that is drawn next.

    Returns:
        What `act` returned, or None after a failure.
    """
    try:
        return act(*args, **options)
    except MerchlensError as error:
        st.session_state["failure"] = (error.what, error.why, error.fix)
    except Exception:
        reference = secrets.token_hex(2)
        log.exception("Reference %s", reference)
        st.session_state["failure"] = (W("error.unexpected.what"), W("error.unexpected.why"), W("error.reference", reference=reference))
    return None


def show_failure() -> None:
    """Draw what `attempt` could not, once."""
    if failure := st.session_state.pop("failure", None):
        error_box(*failure, note=W("error.unchanged"))
