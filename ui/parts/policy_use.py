"""Which policy shapes a list, said in a few words."""

from __future__ import annotations

from recengine.types.policies import PolicyUse
from ui.words import WT, one_line


def use_words(use: PolicyUse | None) -> str:
    """`by score alone`, `policy Home page v3`, or that it is not saved; plain text."""
    if use is None:
        return WT("use.score")
    return WT("use.saved", name=one_line(use.name), version=use.version) if use.policy else WT("use.draft")
