"""The third step of an import: where every record goes, what is odd about the data, what it can carry, cleaning rules."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from recengine.types import ImportCheck
from recengine.types.waiting import WaitingCheck
from recengine.workspace import Workspace
from ui.parts.cleaning_form import Rules, active, cleaning_form
from ui.parts.import_facts import facts
from ui.parts.import_models import models
from ui.parts.import_plan import keep_plan, plan_of
from ui.parts.import_privacy import personal_data
from ui.parts.import_quality import quality
from ui.parts.import_report import expected
from ui.parts.import_view import edits_of, keep_edits, preview_of
from ui.words import W, numbers


def check_step(ws: Workspace, upload: str) -> None:
    """Where every record goes, what is odd, what the data can carry, and rules that leave events out.

    Raises:
        BadInput: the file cannot be taken in as it was asked for.
    """
    look = look_at(ws, upload)
    rules = rules_of(ws, upload)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        expected(_after(ws, upload, look.check, rules), upload)
        key, name = f"name.{upload}.{plan_of(upload)['base']}", plan_of(upload)["name"] or _name(ws, upload)
        st.text_input(W("data.name"), value=name, key=key, help=W("data.name.help"), on_change=_keep_name, args=(upload, key))
    if not look.check.rows.accepted:  # the version holds all of it already
        with right:
            st.markdown(f":material/info: {W('quality.nothing_new')}")
        return
    with right:
        models(ws.versions.carries(rules, **asked(upload)))
    quality(ws, upload, look, rules)
    roles = preview_of(ws, upload).mapping["roles"]
    personal_data(upload, look.personal, frozenset(name for name, role in roles.items() if role != "unused"))
    left, right = st.columns([7, 5], gap="medium")
    with left:

        def keep(changed: Rules) -> None:
            keep_plan(upload, cleaning=changed)

        note = partial(_returns, upload, look.returns_skipped, rules) if look.returns_skipped else None
        cleaning_form(ws, f"clean.{upload}", rules, keep, note, **asked(upload))
    with right:
        facts(look)


def _after(ws: Workspace, upload: str, check: ImportCheck, rules: Rules) -> ImportCheck:
    """Where every record goes with the rules, which skip some."""
    if not rules:
        return check
    trial = ws.versions.try_cleaning(rules, **asked(upload))
    left = sum(n for _, n in trial.left_out)
    rows = replace(check.rows, accepted=check.rows.accepted - left, skipped=check.rows.skipped + left)
    reasons = (*check.reasons, *(("skipped", reason, n) for reason, n in trial.left_out))
    if plan_of(upload)["base"]:
        return replace(check, rows=rows, reasons=reasons)
    return replace(check, rows=rows, reasons=reasons, shoppers=trial.after.shoppers, items=trial.after.items)


def will_add(ws: Workspace, upload: str, check: ImportCheck) -> int:
    """Events that would be added, after cleaning rules and without what the version holds already."""
    rules = rules_of(ws, upload)
    if not rules and not plan_of(upload)["base"]:
        return check.rows.accepted
    return ws.versions.try_cleaning(rules, **asked(upload)).added


def asked(upload: str) -> dict[str, Any]:
    """The file, its mapping and what it is appended to, as the checks of the workspace take them."""
    plan = plan_of(upload)
    return {"upload": upload, "mapping": edits_of(upload) or None, "base": plan["base"], "overlap": plan["overlap"]}


def look_at(ws: Workspace, upload: str) -> WaitingCheck:
    """What is to be known before the file is taken in; remembered by the workspace."""
    with st.spinner(W("quality.looking")):
        return ws.versions.look(**asked(upload))


def rules_of(ws: Workspace, upload: str) -> Rules:
    """The cleaning rules that would hold: what was asked for, else those of the version that the file is appended to."""
    plan = plan_of(upload)
    if plan["cleaning"] is not None:
        return active(plan["cleaning"])
    return active(ws.versions.cleaning(plan["base"])) if plan["base"] else {}


def _returns(upload: str, n: int, rules: Rules) -> None:
    """Cancellations that the reading leaves out: what they cancelled can leave too."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.caption(f":material/info: {W('clean.returns', n=numbers.count(n))}", width=300)
        st.button(W("clean.returns.do"), key=f"{upload}.returns", on_click=_take_back, args=(upload, rules))


def _take_back(upload: str, rules: Rules) -> None:
    edits = edits_of(upload)
    keep_edits(upload, {**edits, "answers": {**edits.get("answers", {}), "cancellations": "keep"}})
    keep_plan(upload, cleaning=active({**rules, "drop_returned": True}))


def _name(ws: Workspace, upload: str) -> str:
    """What it is called where nobody says: as the version it adds to, or as the file."""
    base = plan_of(upload)["base"]
    return ws.datasets.get(base).name if base else ws.datasets.suggested_name(upload)


def _keep_name(upload: str, key: str) -> None:
    keep_plan(upload, name=st.session_state[key])
