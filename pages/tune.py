"""Tune: change a policy and see at once what it does to the lists, the shop's figures and who is shown, before anything is saved."""

from typing import Any

import streamlit as st

from recengine.types import VariantRow
from recengine.types.policies import PolicyEffect
from ui import draft, shell
from ui import session as tab
from ui.parts.empty import need_variant
from ui.parts.errors import guard
from ui.parts.shopper_parts import shopper_picker
from ui.parts.tune_controls import controls
from ui.parts.tune_curve import curve_card
from ui.parts.tune_exposure import exposure_section
from ui.parts.tune_figures import problems, shop_kpis, steps_table
from ui.parts.tune_lists import lists
from ui.parts.tune_rules import rules_section
from ui.parts.tune_save import pending_bar
from ui.parts.tune_scene import situation_bar
from ui.parts.tune_versions import versions_section
from ui.session import Session
from ui.words import W, numbers

K = 10
PARTS = ("rules", "exposure", "versions")

session = shell.enter()
shopper = tab.checked_shopper(session)  # before the header, which says what was not found
shell.header(session, W("nav.tune"), W("tune.purpose"))


def page(variant: VariantRow) -> None:
    """The page once there is a variant."""
    spec, scene, day = draft.spec(session), draft.scene(session), draft.day(session)
    with st.spinner(W("tune.measuring"), show_time=True):
        effect = session.ws.effects.effect(variant.id, spec, draft.saved(session), K, scene, day)
    shop_kpis(session, effect)
    problems(effect)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        situation_bar(session, looks_at_the_clock(session, variant))
        if shopper is not None:
            shopper_picker(session, shopper, "tune.shopper", width=170)
    policy, seen = st.columns([3, 9], gap="small")
    with policy, st.container(border=True, gap="small"), guard():
        shell.section(W("tune.policy"))
        controls(session, spec)
    with seen, st.container(border=True, gap="small"), guard():
        if shopper is None:
            st.caption(W("tune.nobody"))
        else:
            lists(session, variant, shopper, spec)
    curve, steps = st.columns([6, 5], gap="small")
    with curve, st.container(border=True, height="stretch"):
        curve_card(session, variant, spec, effect.now)
    with steps, st.container(border=True, height="stretch"), guard():
        what_steps_did(spec, effect)
    deeper(variant, spec)
    pending_bar(session)


def what_steps_did(spec: dict[str, Any], effect: PolicyEffect) -> None:
    """Places that each control, rule, limit and the reranker moved."""
    of = effect.steps[0].of if effect.steps else effect.now.n_shoppers * K
    shell.section(W("tune.steps"), W("tune.steps.caption", n=numbers.count(of)))
    steps_table(spec, effect)
    shell.read(W("tune.steps.read"))


def deeper(variant: VariantRow, spec: dict[str, Any]) -> None:
    """Rules, winners and losers, versions: one at a time."""
    st.session_state.setdefault("tune.part", tab.param("part") if tab.param("part") in PARTS else PARTS[0])
    part = st.segmented_control(
        W("tune.part"),
        PARTS,
        required=True,
        key="tune.part",
        format_func=lambda p: W(f"tune.part.{p}", n=len(spec["rules"])),
        label_visibility="collapsed",
        on_change=lambda: tab.choose(part=st.session_state["tune.part"]),
    )
    with guard():
        if part == "rules":
            rules_section(session, spec)
        elif part == "exposure":
            exposure_section(session, variant, spec, K)
        else:
            versions_section(session)


def looks_at_the_clock(of: Session, variant: VariantRow) -> bool:
    """Whether the model's scores depend on when the list is shown."""
    card = next((card for card in of.ws.training.models() if card.name == variant.model), None)
    return card is not None and bool(card.can.get("time"))


if need_variant(session) and session.variant:
    with guard():
        page(session.variant)
