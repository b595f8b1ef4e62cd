"""Tune: the saved versions of a policy, what is live and when, and who changed what."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

import pandas as pd
import streamlit as st

from recengine.types.policies import PolicyChange, PolicyDetail, PolicyVersion
from recengine.workspace.policy_drafts import differences
from ui import draft, shell
from ui import session as tab
from ui.parts.errors import attempt, guard
from ui.parts.policy_words import difference_words
from ui.parts.two_lines import bullets, two_lines
from ui.session import Session
from ui.words import WT, W, has, numbers, one_line, plain

BADGES: dict[str, tuple[str, Literal["gray", "green", "blue", "orange"]]] = {
    "draft": (":material/edit_note:", "gray"),
    "published": (":material/check_circle:", "green"),
    "scheduled": (":material/schedule:", "blue"),
    "past": (":material/history:", "orange"),
}
MOST_CHANGES = 50


def versions_section(session: Session) -> None:
    """The versions of the policy that is looked at, unsaved work of others, and the trail of changes."""
    found = draft.source(session)
    with st.container(border=True, gap="small"), guard():
        if found is None:
            st.markdown(f":material/inventory: **{W('versions.none')}**")
            st.caption(W("versions.none.why"))
        else:
            _versions(session, found)
    _drafts(session)
    if found is not None:
        with st.container(border=True, gap="small"), guard():
            shell.section(W("versions.trail"), W("versions.trail.caption"))
            trail(session.ws.policies.changes(found.id, MOST_CHANGES))


def _versions(session: Session, found: PolicyDetail) -> None:
    live = session.ws.policies.live(found.dataset)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
        with st.container(width="content"):
            caption = W("versions.live.none") if live is None else W("versions.live", name=live.name, n=live.live)
            shell.section(plain(found.name, 60), caption)
        with st.popover(W("versions.delete"), icon=":material/delete:", type="tertiary"):
            st.markdown(W("versions.delete.sure", name=found.name, n=len(found.versions)))
            if found.live is not None:
                st.caption(W("versions.delete.live"))
            st.button(W("versions.delete.button"), key="version.delete", type="primary", on_click=_delete, args=(session, found))
    now = draft.spec(session)
    for row in found.versions:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"version.{row.version}"):
            icon, colour = BADGES[row.state]
            with st.container(gap=None, width="stretch"):
                with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                    st.markdown(f"**{W('versions.number', n=row.version)}** {plain(row.note, 90)}", width="content")
                    st.badge(W(f"versions.state.{row.state}"), icon=icon, color=colour)
                st.caption(_facts(row))
            with st.container(horizontal=True, width="content", gap="xsmall"):
                _differs(now, row)
                _actions(session, found, row)


def _facts(row: PolicyVersion) -> str:
    who = plain(row.who) if row.who else W("versions.nobody")
    saved = W("versions.saved", who=who, when=numbers.clock(row.saved))
    if row.state == "draft":
        return saved
    return f"{saved} · {W(f'versions.starts.{row.state}', when=numbers.clock(row.starts))}"


def _differs(now: dict[str, Any], row: PolicyVersion) -> None:
    words = [difference_words(part) for part in differences(row.spec, now)]
    with st.popover(W("versions.differs", n=len(words)), type="tertiary", icon=":material/difference:"):
        st.markdown(bullets([plain(word) for word in words]) if words else W("versions.differs.none"))


def _actions(session: Session, found: PolicyDetail, row: PolicyVersion) -> None:
    """What the state of a version allows; everything that others see asks once more."""
    if row.state in ("draft", "past"):
        with st.popover(W("versions.publish"), icon=":material/publish:", type="tertiary", key=f"version.publish.{row.version}"):
            _publish(session, found, row)
    if row.state in ("published", "scheduled"):
        with st.popover(W("versions.withdraw"), icon=":material/undo:", type="tertiary", key=f"version.withdraw.{row.version}"):
            st.markdown(W("versions.withdraw.sure" if row.state == "published" else "versions.withdraw.scheduled"))
            st.button(
                W("versions.withdraw.button"), key=f"version.withdraw.now.{row.version}", type="primary", on_click=_act,
                args=(session, "versions.withdrawn", session.ws.policies.withdraw, found.id, row.version),
            )  # fmt: skip
    if row.version != found.latest or row.state == "past":
        with st.popover(W("versions.revert"), icon=":material/history:", type="tertiary", key=f"version.revert.{row.version}"):
            st.markdown(W("versions.revert.sure", n=row.version))
            st.button(
                W("versions.revert.button", n=row.version), key=f"version.revert.now.{row.version}", type="primary", on_click=_act,
                args=(session, "versions.reverted", session.ws.policies.revert, found.id, row.version),
            )  # fmt: skip


def _publish(session: Session, found: PolicyDetail, row: PolicyVersion) -> None:
    st.markdown(W("versions.publish.sure", name=found.name, n=row.version))
    st.button(
        W("versions.publish.now"), key=f"version.publish.now.{row.version}", type="primary", icon=":material/publish:", on_click=_act,
        args=(session, "versions.published", session.ws.policies.publish, found.id, row.version),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        today = datetime.now(UTC).date()
        day_key, hour_key = f"version.day.{row.version}", f"version.hour.{row.version}"
        st.date_input(W("versions.day"), today + timedelta(days=1), min_value=today, key=day_key, format="YYYY-MM-DD", width=150)
        st.time_input(W("versions.hour"), time(0, 0), key=hour_key, width=120)
        st.button(
            W("versions.schedule"), key=f"version.schedule.{row.version}", icon=":material/schedule:", on_click=_schedule,
            args=(session, found.id, row.version, day_key, hour_key),
        )  # fmt: skip


def _schedule(session: Session, policy: str, version: int, day_key: str, hour_key: str) -> None:
    at = datetime.combine(st.session_state[day_key], st.session_state[hour_key], UTC)
    who = st.session_state.get("tune.who", "")
    if attempt(session.ws.policies.publish, policy, version, who, at) is not None:
        st.toast(W("versions.scheduled", when=numbers.clock(at)), icon=":material/schedule:")


def _act(session: Session, said: str, action: Any, policy: str, version: int) -> None:
    who = st.session_state.get("tune.who", "")
    before = draft.working(session)
    if attempt(action, policy, version, who) is not None:
        tab.choose(policy=policy, draft=before.id if before and before.policy == policy else None)
        st.toast(W(said, n=version), icon=":material/check_circle:")


def _delete(session: Session, found: PolicyDetail) -> None:
    def act() -> bool:
        session.ws.policies.delete(found.id, st.session_state.get("tune.who", ""))
        return True

    if attempt(act):
        tab.choose(policy=None, draft=None)
        st.toast(W("versions.deleted", name=found.name), icon=":material/delete:")


def _drafts(session: Session) -> None:
    """Unsaved work of this dataset that this tab does not look at."""
    if session.dataset is None:
        return
    mine = draft.working(session)
    others = [row for row in session.ws.drafts.list(session.dataset.id) if mine is None or row.id != mine.id]
    if not others:
        return
    names = {row.id: row.name for row in session.policies}
    with st.container(border=True, gap="small"):
        shell.section(W("drafts.title"), W("drafts.caption"))
        for row in others[:10]:
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
                name = names.get(row.policy) or W("drafts.unnamed")
                st.markdown(two_lines(plain(name, 60), W("drafts.facts", n=row.steps, when=numbers.ago(row.changed)), grey=True))
                with st.container(horizontal=True, width="content", gap="xsmall"):
                    st.button(W("drafts.open"), key=f"draft.open.{row.id}", icon=":material/edit:", on_click=draft.take, args=(row,))
                    with st.popover(W("drafts.discard"), type="tertiary", icon=":material/delete:"):
                        st.button(
                            W("drafts.discard.button"), key=f"draft.discard.{row.id}", type="primary", on_click=attempt,
                            args=(session.ws.drafts.discard, row.id),
                        )  # fmt: skip


def trail(changes: tuple[PolicyChange, ...]) -> None:
    """Who did what, when, from what to what."""
    rows = [
        {"when": numbers.clock(row.when), "who": one_line(row.who), "what": what_words(row), "changed": changed_words(row)}
        for row in changes
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows, columns=["when", "who", "what", "changed"]),
        key="versions.trail",
        hide_index=True,
        height="content" if len(rows) <= 12 else 430,
        placeholder=numbers.NONE,
        alt=WT("versions.trail.alt", n=len(rows)),
        column_config={
            "when": column.TextColumn(WT("versions.col.when"), width=130),
            "who": column.TextColumn(WT("versions.col.who"), width=90),
            "what": column.TextColumn(WT("versions.col.what"), width=170),
            "changed": column.TextColumn(WT("versions.col.changed"), width="large"),
        },
    )


def what_words(row: PolicyChange) -> str:
    """What was done, in words."""
    done = row.what.split()[-1] if row.what else ""
    if row.version is not None and has(f"versions.did.{done}"):
        return WT(f"versions.did.{done}", n=row.version)
    return WT(f"versions.did.policy.{done}") if has(f"versions.did.policy.{done}") else one_line(row.what)


def changed_words(row: PolicyChange) -> str:
    """From what to what, part by part; empty where nothing but a date changed."""
    after, before = row.after or {}, row.before or {}
    if "reranker" in after:
        words = [difference_words(part) for part in differences(before, after)]
        return ", ".join(words) or WT("versions.same")
    if "starts" in after or "starts" in before:
        was, now = (numbers.clock(datetime.fromtimestamp(s["starts"], UTC)) if s.get("starts") else "" for s in (before, after))
        return f"{was or numbers.NONE} → {now or numbers.NONE}"
    if before.get("name") and after.get("name") and before["name"] != after["name"]:
        return f"{one_line(before['name'])} → {one_line(after['name'])}"
    return one_line(after.get("name") or before.get("name") or "")
