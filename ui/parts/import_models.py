"""Which models a waiting file can carry, in words."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recengine.types.waiting import ModelVerdict
from ui import shell
from ui.parts.import_report import LEVELS
from ui.words import Markdown, W, has, numbers


def models(verdicts: Sequence[ModelVerdict]) -> None:
    """Families of models in three groups: ready, with limits, not with this data; one reason each."""
    shell.section(W("models.title"))
    with st.container(border=True, gap="xsmall"):
        for level, (icon, colour) in LEVELS.items():
            lines = "\n".join(_verdict(verdict) for verdict in verdicts if verdict.level == level)
            if lines:
                st.markdown(f":{colour}[{icon}] **{W(f'models.{level}')}**\n{lines}")


def _verdict(verdict: ModelVerdict) -> str:
    family, _, said = verdict.code.partition(".")
    who = f" ({W(f'models.{family}.who')})" if has(f"models.{family}.who") else ""
    return f"- **{W(f'models.{family}')}**{who}: {_reason(verdict, family, said)}"


def _reason(verdict: ModelVerdict, family: str, said: str) -> str:
    if not said:
        return W(f"models.{family}.text")
    if has(f"models.{family}.{said}"):
        values = {name: numbers.share(value, 0) if name == "share" else numbers.count(value) for name, value in verdict.figures.items()}
        return W(f"models.{family}.{said}", **values)
    have = {name: f"{n:,.1f}" if name == "mean" else numbers.count(n) for name, n in verdict.have.items()}
    lacks = [W(f"models.short.{name}", want=f"{want:,.4g}", have=have[name]) for name, want in verdict.figures.items()]
    return W(f"models.{said}", lacks=Markdown("; ".join(lacks)))
