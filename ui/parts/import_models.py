"""Which models a waiting file can carry, in words."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui import shell
from ui.parts.import_report import LEVELS
from ui.words import W, has, numbers


def models(quality: dict[str, Any]) -> None:
    """Families of models in three groups: ready, with limits, not with this data; one reason each.

    Args:
        quality: a quality report, with a verdict a family under "models".
    """
    shell.section(W("models.title"))
    with st.container(border=True, gap="xsmall"):
        for level, (icon, colour) in LEVELS.items():
            told = [verdict for verdict in quality["models"] if verdict["level"] == level]
            if told:
                lines = "\n".join(_verdict(verdict, quality) for verdict in told)
                st.markdown(f":{colour}[{icon}] **{W(f'models.{level}')}**\n{lines}")


def _verdict(verdict: dict[str, Any], quality: dict[str, Any]) -> str:
    family, _, said = str(verdict["code"]).partition(".")
    who = f" ({W(f'models.{family}.who')})" if has(f"models.{family}.who") else ""
    return f"- **{W(f'models.{family}')}**{who}: {_reason(family, said, verdict['figures'], quality)}"


def _reason(family: str, said: str, figures: dict[str, float], quality: dict[str, Any]) -> str:
    if not said:
        return W(f"models.{family}.text")
    if has(f"models.{family}.{said}"):
        values = {name: numbers.share(value, 0) if name == "share" else numbers.count(value) for name, value in figures.items()}
        return W(f"models.{family}.{said}", **values)
    have = {"shoppers": quality["shoppers"], "items": quality["items"], "mean": quality["events_per_shopper"]["mean"]}
    lacks = [
        W(f"models.short.{name}", want=f"{want:,.4g}", have=f"{have[name]:,.1f}" if name == "mean" else numbers.count(have[name]))
        for name, want in figures.items()
    ]
    return W(f"models.{said}", lacks="; ".join(lacks))
