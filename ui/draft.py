"""The policy that this tab works with: its own unsaved draft if it changed anything, else what is saved.

A draft lives in the workspace under an id that stands in the address, so that a refresh, a closed browser or a restart loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from recengine.types.policies import PolicyDetail, PolicyDifference, PolicyDraft
from recengine.workspace.policy_drafts import differences, merged
from ui import session as tab
from ui.parts.policy_words import difference_words
from ui.session import Session

DRAWN = "draft.drawn"
SCENES = ("home", "product", "cart", "email")


def spec(session: Session) -> dict[str, Any]:
    """The policy of this tab: its draft, else the saved policy of the address, else the published one, else the order of the scores."""
    _follow_old_link(session)
    found = working(session)
    if found is not None:
        st.session_state[DRAWN] = (found.id, found.spec)  # what the widgets of this tab are about to say
    return found.spec if found else saved(session)


def scene(session: Session) -> str:  # noqa: ARG001  (the scene is the tab's, whatever it looks at)
    """Where the list of the preview is shown: home, product, cart or email."""
    asked = tab.param("scene")
    if asked in SCENES and asked != SCENES[0]:
        tab.choose(scene=asked)
        return asked
    tab.choose(scene=None)
    return SCENES[0]


def day(session: Session) -> date | None:  # noqa: ARG001
    """The day of the preview; None = the day after the last event."""
    try:
        asked = date.fromisoformat(tab.param("day") or "")
    except ValueError:
        asked = None
    tab.choose(day=asked.isoformat() if asked else None)
    return asked


def change(session: Session, new: Mapping[str, Any]) -> None:
    """Work with another policy from now on; what equals the saved one ends the draft.

    Where another tab changed the same draft since this one was drawn, both changes stay.

    Raises:
        BadInput: a policy that makes no sense; the message names the part, and nothing changes.
    """
    if session.dataset is None:
        return
    base, found = source(session), working(session)
    drawn, seen = st.session_state.get(DRAWN) or ("", {})
    if found is not None and drawn == found.id and seen != found.spec:
        new = merged(seen, dict(new), found.spec)
    if not differences(saved(session), dict(new)):
        discard(session)
        return
    version = found.version if found else (base.latest if base else 0)
    policy = session.policy.id if session.policy else ""
    kept = session.ws.drafts.keep(found.id if found else None, session.dataset.id, dict(new), policy, version)
    _use(session, kept.id)


def undo(session: Session) -> None:
    """Take the last change back."""
    found = working(session)
    if found is not None and session.ws.drafts.undo(found.id) is None:
        _use(session, None)


def discard(session: Session) -> None:
    """Back to what is saved, whatever was changed."""
    found = working(session)
    if found is not None:
        session.ws.drafts.discard(found.id)
    _use(session, None)


def changes(session: Session) -> list[str]:
    """What differs from the saved policy, in short words for the pending bar; empty where nothing does."""
    return [difference_words(row) for row in pending(session)]


def pending(session: Session) -> tuple[PolicyDifference, ...]:
    """The same, part by part."""
    found = working(session)
    return differences(saved(session), found.spec) if found else ()


def source(session: Session) -> PolicyDetail | None:
    """The saved policy that this tab began from: the one of the address, else the published one; None where there is none."""
    if session.policy is not None:
        return session.ws.policies.get(session.policy.id)
    return session.ws.policies.live(session.dataset.id) if session.dataset else None


def saved(session: Session) -> dict[str, Any]:
    """What was saved last: the newest version of the policy of the address, else the published version, else the order of the scores."""
    found = source(session)
    if found is None:
        return session.ws.policies.whole({})
    if session.policy is None:
        return session.ws.policies.whole(next(row.spec for row in found.versions if row.version == found.live))
    return session.ws.policies.whole(found.versions[0].spec)


def working(session: Session) -> PolicyDraft | None:
    """The draft of this tab for the policy it looks at; None where nothing was changed."""
    if session.dataset is None:
        return None
    asked = tab.param("draft") or st.session_state.get(_place(session))
    found = session.ws.drafts.get(asked, session.dataset.id) if asked else None
    mine = found is not None and found.dataset == session.dataset.id and found.policy == (session.policy.id if session.policy else "")
    if not mine:  # work on another policy waits until that one is chosen again
        other = st.session_state.get(_place(session))
        found = session.ws.drafts.get(other, session.dataset.id) if other and other != asked else None
    _use(session, found.id if found else None)
    return found


def take(draft: PolicyDraft) -> None:
    """Go on with a draft that was begun elsewhere."""
    tab.choose(dataset=draft.dataset)
    tab.choose(policy=draft.policy or None, draft=draft.id)
    st.session_state[f"draft.{draft.dataset}.{draft.policy}"] = draft.id


def _use(session: Session, draft: str | None) -> None:
    st.session_state[_place(session)] = draft
    tab.choose(draft=draft)


def _place(session: Session) -> str:
    return f"draft.{session.dataset.id if session.dataset else ''}.{session.policy.id if session.policy else ''}"


def _follow_old_link(session: Session) -> None:
    """Addresses once held one setting of diversity: it becomes a change of this tab."""
    asked = tab.param("diversity")
    if asked is None or session.dataset is None:
        return
    tab.choose(diversity=None)
    try:
        value = float(asked)
    except ValueError:
        value = math.nan
    if 0 <= value <= 1:
        now = working(session)
        change(session, with_diversity(now.spec if now else saved(session), value))


def with_diversity(policy: Mapping[str, Any], value: float) -> dict[str, Any]:
    """The policy with MMR at this strength; 0 is the order of the scores."""
    if value == 0:
        return {**policy, "reranker": "by-score", "settings": {}}
    kept = policy["settings"] if policy.get("reranker") == "mmr" else {}
    return {**policy, "reranker": "mmr", "settings": {**kept, "diversity": round(value, 4)}}
