"""A rule of a merchandiser: what is done, to which items, where, for whom and when."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recengine.policy.rules.conditions import Condition

Action = Literal["pin", "boost", "bury", "block", "include", "exclude"]
Scene = Literal["home", "product", "cart", "email"]
ACTIONS: tuple[Action, ...] = ("pin", "boost", "bury", "block", "include", "exclude")
MAX_POSITION = 500


class Rule(BaseModel):
    """What is done to which items, and the scope in which it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: str = Field(default="", max_length=60)
    """Names the rule inside its policy; given when empty."""
    name: str = Field(default="", max_length=120)
    """What people call it; its sentence when empty."""
    action: Action
    """pin to a position, boost, bury, block (never show), include (show nothing else) or exclude (leave out, unless pinned)."""
    conditions: tuple[Condition, ...] = Field(min_length=1, max_length=20)
    """Which items are meant."""
    match: Literal["all", "any"] = "all"
    """Whether all conditions must hold, or one of them."""
    position: int | None = Field(default=None, ge=1, le=MAX_POSITION)
    """Place of a pin, from 1."""
    strength: int | None = Field(default=None, ge=1, le=100)
    """Of a boost or bury: 100 is the whole distance from the worst to the best candidate."""
    scenes: tuple[Scene, ...] = ()
    """Where it holds: home, product, cart, email; empty = everywhere."""
    segments: tuple[str, ...] = Field(default=(), max_length=50)
    """Shoppers it holds for, by name of the segment; empty = everybody."""
    start: date | None = None
    """First day on which it holds; empty = always has."""
    end: date | None = None
    """Last day on which it holds; empty = until it is removed."""
    priority: int = Field(default=0, ge=-100, le=100)
    """Where two pins want one place the higher number gets it."""
    enabled: bool = True
    """A rule that is switched off stays in the list and does nothing."""

    @model_validator(mode="after")
    def _complete(self) -> Rule:
        if (self.action == "pin") != (self.position is not None):
            raise ValueError("a pin needs a position, everything else has none")
        if (self.action in ("boost", "bury")) != (self.strength is not None):
            raise ValueError("a boost or bury needs a strength, everything else has none")
        if self.start is not None and self.end is not None and self.start > self.end:
            raise ValueError("the first day must not be after the last")
        if len(set(self.scenes)) != len(self.scenes):
            raise ValueError("a scene is named twice")
        return self

    def holds(self, scene: str, day: date) -> bool:
        """Whether the rule is in force in a scene on a day, whoever the shopper is."""
        begun, ended = self.start is not None and day < self.start, self.end is not None and day > self.end
        return self.enabled and not begun and not ended and (not self.scenes or scene in self.scenes)


def numbered(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules with an id each: r1, r2 … for those that have none or one that was used before."""
    used: set[str] = set()
    out: list[Rule] = []
    for rule in rules:
        name, n = rule.id, len(out) + 1
        while not name or name in used:
            name, n = f"r{n}", n + 1
        used.add(name)
        out.append(rule if rule.id == name else rule.model_copy(update={"id": name}))
    return tuple(out)
