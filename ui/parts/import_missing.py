"""What a file does not tell: which meanings no column has, what is done without them, and the way to have them."""

from __future__ import annotations

import streamlit as st

from recengine.columns import Role
from recengine.types import ImportPreview
from ui import shell
from ui.parts.import_plan import plan_of
from ui.words import W

NEEDED = (Role.USER, Role.ITEM)
WANTED = (Role.TIME, Role.BEHAVIOUR, Role.TITLE, Role.CATEGORY, Role.PRICE)
OF_ITEMS = frozenset({Role.TITLE, Role.CATEGORY, Role.PRICE})
ICONS = {True: ":red[:material/error:]", False: ":gray[:material/info:]"}


def told_beside(upload: str) -> frozenset[Role]:
    """Meanings that a file of items tells which is joined to this one."""
    others = {entry["kind"] for entry in plan_of(upload)["tables"] if entry["upload"] != upload}
    return OF_ITEMS if "items" in others else frozenset()


def usable(view: ImportPreview) -> bool:
    """Whether columns for shopper and item are known."""
    return {role.value for role in NEEDED} <= {str(column.role) for column in view.columns}


def missing(view: ImportPreview, beside: frozenset[Role] = frozenset()) -> list[Role]:
    """Meanings that neither a column nor a file beside this one has, only those without which nothing can be added where one lacks."""
    there = {str(column.role) for column in view.columns} | {role.value for role in beside}
    asked = {question.id for question in view.questions}
    if needed := [role for role in NEEDED if role.value not in there]:
        return needed  # nothing else matters yet
    out = [role for role in WANTED if role.value not in there]
    if Role.RATING.value in there or "default_behaviour" in asked:  # a rating says what a row is; a question asks for it
        out = [role for role in out if role is not Role.BEHAVIOUR]
    return out


def missing_panel(view: ImportPreview, beside: frozenset[Role] = frozenset()) -> None:
    """One line each; nothing where nothing is missing."""
    lines = missing(view, beside)
    if not lines:
        return
    shell.section(W("missing.section"), W("missing.caption"))
    with st.container(border=True, gap="small"):
        for role in lines:
            st.markdown(f"{ICONS[role in NEEDED]} **{W(f'missing.{role.value}')}** {W(f'missing.{role.value}.fix')}")
