"""How a view is written: a frozen dataclass with a caption on every field, and the estimate with its interval."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any


def said(help: str, **options: Any) -> Any:
    """A dataclass field with its caption."""
    return field(metadata={"help": help}, **options)


def caption(view: type, name: str) -> str:
    """The caption of one field of a view."""
    return next(f.metadata["help"] for f in dataclasses.fields(view) if f.name == name)


@dataclass(frozen=True)
class Estimate:
    value: float = said("The figure on the held-out shoppers.")
    low: float = said("Lower end of the 95% interval.")
    high: float = said("Upper end of the 95% interval.")
    n: int = said("Shoppers behind the figure.", default=0)
