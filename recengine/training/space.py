"""What a sweep tries: a range for each setting of a model, made from its declaration."""

from __future__ import annotations

import math
import typing
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from recengine.errors import BadInput
from recengine.models.base import ModelConfig, Recommender

LEFT_ALONE = ("epochs", "patience")  # tuning finds them
AROUND_INT, AROUND_FLOAT = 4, 10  # times the default, either way, on a logarithmic scale
AROUND_FEW = 2  # times the default for whole numbers with close bounds, such as layers
AROUND_SHARE = 3  # times the default for numbers that may be zero
CLOSE = 32  # bounds of whole numbers nearer than this factor
FREE = 10.0  # a number that may be larger is no share and no exponent
UNUSED_UP_TO = 0.5  # of a share whose default is zero


@dataclass(frozen=True)
class Dimension:
    """One setting and the values a sweep may try."""

    name: str
    kind: str  # int, float or choice
    default: Any
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: int = 1  # ints only
    choices: tuple[Any, ...] = ()


def search_space(model: type[Recommender], config: ModelConfig, only: tuple[str, ...] = ()) -> list[Dimension]:
    """The settings of a model that a sweep varies around `config`.

    Args:
        model: its `search`, and `json_schema_extra={"search": …}` on a field, replace the automatic range.
        config: the centre, which is always inside.
        only: names of the settings to vary; all that can be where empty.

    Raises:
        BadInput: a name that is no setting or cannot be varied, or nothing to vary.
    """
    found = {name: made for name, info in model.Config.model_fields.items() if (made := _dimension(model, name, info, config))}
    wrong = [name for name in only if name not in found]
    if wrong:
        raise BadInput(f"{model.title} has no setting {wrong[0]} to try.", "", f"It can vary: {', '.join(found) or 'nothing'}.")
    if not found:
        raise BadInput(f"{model.title} has nothing to try.", "It has no settings with a range.", "Train it as it is.")
    return [found[name] for name in (only or found)]


def _dimension(model: type[Recommender], name: str, info: FieldInfo, config: ModelConfig) -> Dimension | None:
    said: Any = model.search.get(name, {})
    if isinstance(info.json_schema_extra, dict) and "search" in info.json_schema_extra:
        said = info.json_schema_extra["search"]
    value = getattr(config, name)
    if said is None or (name in LEFT_ALONE and not said):
        return None
    if isinstance(value, Enum):
        return Dimension(name, "choice", value.value, choices=tuple(member.value for member in type(value)))
    if isinstance(value, bool):
        return Dimension(name, "choice", value, choices=(False, True))
    if typing.get_origin(info.annotation) is Literal:
        return Dimension(name, "choice", value, choices=typing.get_args(info.annotation))
    return _range(name, value, said, info) if isinstance(value, (int, float)) else None


def _range(name: str, value: float, said: dict[str, Any], info: FieldInfo) -> Dimension | None:
    whole = isinstance(value, int)
    least = next((float(r.ge if isinstance(r, Ge) else r.gt) for r in info.metadata if isinstance(r, (Ge, Gt))), -math.inf)  # type: ignore[arg-type]
    most = next((float(r.le if isinstance(r, Le) else r.lt) for r in info.metadata if isinstance(r, (Le, Lt))), math.inf)  # type: ignore[arg-type]
    open_low = any(isinstance(r, Gt) for r in info.metadata)
    step = int(next((r.multiple_of for r in info.metadata if hasattr(r, "multiple_of")), 1)) if whole else 1  # type: ignore[attr-defined]
    if value < 0 or (value == 0 and whole and "high" not in said):
        return None
    few = whole and most / max(least, 1.0) <= CLOSE
    free = value > 0 and (not few if whole else least > 0 or open_low or most > FREE)
    log = said["scale"] == "log" if "scale" in said else free and step == 1
    around = AROUND_FEW if few else AROUND_INT if whole else AROUND_FLOAT
    low = max(least, value / around) if whole or free else max(least, 0.0)
    high = min(most, value * around if whole or free else AROUND_SHARE * value or UNUSED_UP_TO)
    low, high = min(said.get("low", low), value), max(said.get("high", high), value)
    if whole:
        low, high = step * math.ceil(low / step), step * math.floor(high / step)
        if value % step:
            return None
    if high <= low or (log and low <= 0):
        return None
    return Dimension(name, "int" if whole else "float", value, low, high, log, step)
