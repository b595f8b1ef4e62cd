"""Which policy shapes the lists of this tab: by score alone, the published one, or the one that is worked on; said in a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from recengine.types import VariantRow
from recengine.types.policies import PUBLISHED, PolicyUse
from ui import draft, shell
from ui import session as tab
from ui.parts.errors import attempt
from ui.session import Session
from ui.words import WT, Markdown, W, numbers, one_line, plain

CHOICES = ("score", "published", "own")
STEP = 0.05
TOLD = 2  # changes named in the line


def chosen(session: Session, variant: VariantRow) -> PolicyUse | None:
    """The policy that shapes the lists of this tab; None = by score alone.

    Without a choice: the tab's own work or saved policy, else the published one, else the scores.
    """
    return _use(session, variant, _choice(session, variant))


def published(session: Session, variant: VariantRow) -> PolicyUse | None:
    """What is live for this variant's dataset, in the scene, on the day and at the hour of this tab."""
    found = session.ws.lists.policy(variant.id, "published", draft.scene(session), draft.day(session))
    return None if found is None else replace(found, hour=_hour())


def for_everyone(session: Session, variant: VariantRow) -> PolicyUse | None:
    """What is live for all shoppers' lists: on the home page, on the day after the last event, whatever this tab previews."""
    return session.ws.lists.policy(variant.id, "published")


def policy_line(session: Session, variant: VariantRow, use: PolicyUse | None) -> None:
    """What shapes the list, and the way to another policy."""
    there = _there(session, variant)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="policy.line"):
        if len(there) > 1:
            st.session_state["policy.use"] = _choice(session, variant)
            st.segmented_control(
                W("use.choice"),
                there,
                required=True,
                key="policy.use",
                format_func=lambda name: _label(session, name),
                label_visibility="collapsed",
                on_change=lambda: tab.choose(use=st.session_state["policy.use"]),
            )
        st.markdown(f":gray[:material/tune:] {said(session, use)}", width="content")
        if st.button(W("use.tune"), key="policy.tune", type="tertiary", icon=":material/arrow_forward:", help=W("use.tune.help")):
            shell.go("tune")


def said(session: Session, use: PolicyUse | None) -> Markdown:
    """`By score`, `Published: Home page v3`, `Draft, not saved: Diversity 0 to 0.3`; with the scene and day of the tab."""
    if use is None:
        return W("use.line.score")
    end = _where(use)
    if not use.policy:
        words = draft.changes(session)
        changes = ", ".join(plain(word, 60) for word in words[:TOLD]) + (f" +{len(words) - TOLD}" if len(words) > TOLD else "")
        return Markdown((W("use.line.draft", changes=Markdown(changes)) if words else W("use.line.unsaved")) + end)
    live = session.ws.policies.get(use.policy).live == use.version
    key = "use.line.published" if live else "use.line.saved"
    return Markdown(W(key, name=plain(use.name, 60), version=use.version) + end)


def use_words(use: PolicyUse | None) -> str:
    """`by score alone`, `under the policy Home page v3`, or that it is not saved; with another scene or day; plain text."""
    if use is None:
        return WT("use.score")
    words = WT("use.saved", name=one_line(use.name), version=use.version) if use.policy else WT("use.draft")
    return words + _where(use)


def _where(use: PolicyUse) -> str:
    """` · in the cart · 24 Dec 2024 · 09:00`; empty for the home page on no day of its own."""
    where = [] if use.scene == "home" else [WT(f"use.scene.{use.scene}")]
    where += [numbers.date(use.day.isoformat())] if use.day else []
    where += [f"{use.hour:02d}:00"] if use.hour is not None else []
    return "".join(f" · {part}" for part in where)


def try_policy(session: Session, spec: Mapping[str, Any]) -> None:
    """Make this the draft of the tab, and look at the list under it."""
    draft.change(session, spec)
    tab.choose(use=None)


def diversity_slider(session: Session, use: PolicyUse | None, key: str, help_key: str, width: int | Literal["stretch"] = "stretch") -> None:
    """The strength of MMR in the policy that shapes the list; moving it changes the draft. Other rerankers are set on the Tune page."""
    spec = use.content if use else {}
    other = spec.get("reranker", "by-score") not in ("by-score", "mmr")
    value = round(float(spec.get("settings", {}).get("diversity", 0.3)), 4) if spec.get("reranker") == "mmr" else 0.0
    held = st.session_state.get(key)
    if held is None or abs(held - value) > STEP / 100:  # telling the browser what it said would undo the steps it has taken since
        st.session_state[key] = value
    st.slider(
        W("recommendations.diversity"),
        0.0,
        1.0,
        step=STEP,
        key=key,
        help=W("use.diversity.other") if other else W(help_key),
        width=width,
        disabled=other,
        on_change=attempt,
        args=(_set_diversity, session, spec, key),
    )


def _set_diversity(session: Session, spec: Mapping[str, Any], key: str) -> None:
    try_policy(session, draft.with_diversity(spec or draft.spec(session), st.session_state[key]))


def _there(session: Session, variant: VariantRow) -> list[str]:
    """The choices that mean something in this tab."""
    there = ["score"]
    if published(session, variant) is not None:
        there.append("published")
    if draft.working(session) is not None or session.policy is not None:
        there.append("own")
    return there


def _choice(session: Session, variant: VariantRow) -> str:
    there, asked = _there(session, variant), tab.param("use")
    if asked in there:
        tab.choose(use=asked)
        return str(asked)
    tab.choose(use=None)
    return there[-1] if there[-1] != "score" else "score"


def _use(session: Session, variant: VariantRow, choice: str) -> PolicyUse | None:
    if choice == "score":
        return None
    if choice == "published":
        return published(session, variant) or PUBLISHED
    where = (draft.scene(session), draft.day(session))
    if draft.working(session) is None and session.policy is not None:
        found = session.ws.policies.get(session.policy.id)
        return PolicyUse.of(draft.saved(session), *where, found.id, found.latest, found.name, _hour())
    return PolicyUse.of(draft.spec(session), *where, hour=_hour())


def _hour() -> int | None:
    asked = tab.param("hour") or ""
    return int(asked) if asked.isdigit() and int(asked) < 24 else None


def _label(session: Session, choice: str) -> str:
    if choice != "own" or draft.working(session) is not None or session.policy is None:
        return WT(f"use.choice.{choice}")
    return one_line(session.policy.name)
