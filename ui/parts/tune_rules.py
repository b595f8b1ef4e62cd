"""Tune: the rules of a policy, each as a sentence with the items it means; CSV in and out."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from recengine.types.policies import RuleView
from ui import draft, shell
from ui.parts.errors import attempt, guard
from ui.parts.rule_form import begin, rule_form
from ui.parts.two_lines import both, two_lines
from ui.session import Session
from ui.words import WT, W, plain

A_PAGE = 10
Spec = dict[str, Any]


def rules_section(session: Session, spec: Spec) -> None:
    """Typing or building a rule, then the rules there are."""
    assert session.dataset is not None
    with st.container(border=True, gap="small"), guard():
        shell.section(W("rules.new"), W("rules.new.caption"))
        rule_form(session, spec)
    with st.container(border=True, gap="small"), guard():
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
            with st.container(width="content"):
                shell.section(W("rules.title", n=len(spec["rules"])), W("rules.caption"))
            with st.container(horizontal=True, width="content", gap="xsmall"):
                _download(session, spec)
                with st.popover(W("rules.upload"), icon=":material/upload:", type="tertiary"):
                    _upload(session, spec)
        if not spec["rules"]:
            st.markdown(f":material/rule: {W('rules.none')}")
            st.caption(W("rules.none.why"))
            return
        views = session.ws.policies.rules(session.dataset.id, spec, draft.scene(session), draft.day(session))
        for view in _page(views):
            _rule(session, spec, view)


def _page(views: tuple[RuleView, ...]) -> tuple[RuleView, ...]:
    """Ten rules at a time."""
    pages = (len(views) + A_PAGE - 1) // A_PAGE
    if pages < 2:
        return views
    chosen = st.pagination(pages, key="rules.page")
    start = (min(chosen, pages) - 1) * A_PAGE
    return views[start : start + A_PAGE]


def _rule(session: Session, spec: Spec, view: RuleView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"rule.{view.id}"):
        key = f"rule.on.{view.id}"
        st.session_state[key] = view.form.get("enabled", True)
        st.toggle(W("rules.on"), key=key, label_visibility="collapsed", on_change=_switch, args=(session, spec, view.id, key))
        with st.container(gap=None, width="stretch"):
            name = f"**{plain(view.name, 80)}**  \n" if view.form.get("name") else ""
            first, second = both(view.sentence, view.sentence_zh)
            st.markdown(two_lines(f"{name}{first}", second))
            st.caption(means(view))
        with st.container(horizontal=True, width="content", gap="xsmall", wrap=False):
            if not view.in_force:
                st.badge(W("rules.resting"), color="gray", help=W("rules.resting.help"))
            if view.form["action"] == "pin":
                st.badge(W("rules.priority", n=view.form.get("priority", 0)), color="blue", help=W("rules.priority.help"))
            st.button(
                "",
                key=f"rule.edit.{view.id}",
                type="tertiary",
                icon=":material/edit:",
                help=W("rules.edit"),
                on_click=begin,
                args=(view.form, view.id),
            )
            st.button(
                "", key=f"rule.remove.{view.id}", type="tertiary", icon=":material/delete:", help=W("rules.remove"), on_click=_remove,
                args=(session, spec, view.id),
            )  # fmt: skip


def means(view: RuleView) -> str:
    """How many items a rule means, and three of them."""
    if not view.items:
        return W("rules.means.none")
    return W("rules.means", n=view.items, examples=", ".join(plain(title, 50) for title in view.examples))


def _switch(session: Session, spec: Spec, rule: str, key: str) -> None:
    on = st.session_state[key]
    rules = [{**row, "enabled": on} if row["id"] == rule else row for row in spec["rules"]]
    attempt(lambda: draft.change(session, {**spec, "rules": rules}))


def _remove(session: Session, spec: Spec, rule: str) -> None:
    attempt(lambda: draft.change(session, {**spec, "rules": [row for row in spec["rules"] if row["id"] != rule]}))


def _download(session: Session, spec: Spec) -> None:
    if not spec["rules"]:
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.csv"
        session.ws.policies.write_rules(spec, file)
        st.download_button(
            W("rules.download"), file.read_bytes(), WT("rules.file"), "text/csv", key="rules.download", icon=":material/download:",
            type="tertiary", on_click="ignore",
        )  # fmt: skip


def _upload(session: Session, spec: Spec) -> None:
    """Rules of a file are read whole, what cannot be read is named, and a person says whether they come instead or besides."""
    st.caption(W("rules.upload.caption"))
    given = st.file_uploader(W("rules.upload.file"), type=["csv"], key="rules.file")
    if given is None:
        return
    with guard(), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.csv"
        file.write_bytes(given.getvalue())
        rules, rejected = session.ws.policies.read_rules(file)
        st.markdown(W("rules.upload.read", n=len(rules)))
        for line in rejected[:5]:
            st.warning(plain(line), icon=":material/warning:")
        if len(rejected) > 5:
            st.caption(W("rules.upload.more", n=len(rejected) - 5))
        if rules:
            with st.container(horizontal=True, gap="xsmall"):
                st.button(
                    W("rules.upload.add"), key="rules.add", type="primary", on_click=_take, args=(session, spec, [*spec["rules"], *rules])
                )
                st.button(W("rules.upload.replace"), key="rules.replace", on_click=_take, args=(session, spec, rules))


def _take(session: Session, spec: Spec, rules: list[Spec]) -> None:
    attempt(lambda: draft.change(session, {**spec, "rules": rules}))
