"""What a trained funnel tells of itself: what its signals add, how well its chances hold, how it stands against its generators."""

from __future__ import annotations

import types
import typing
from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from recengine.artefacts import plain
from recengine.errors import BadInput
from recengine.types.base import Estimate
from recengine.types.funnel import FunnelInsight
from recengine.workspace.context import Context

if TYPE_CHECKING:
    from recengine.data.dataset import Dataset
    from recengine.data.split import Split
    from recengine.training.loop import Trained

TABLE = "funnel"


class FunnelCases:
    """Looks into the funnels of this workspace."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def insight(self, variant: str) -> FunnelInsight:
        """What was measured when the funnel was trained; nothing is computed.

        Raises:
            NotFound: no such variant.
            BadInput: the variant is no funnel, or was trained before this was kept.
        """
        record = self._context.variants.info(variant)
        kept = self._context.variants.read_evaluation(variant).get(TABLE) if record.model == "funnel" else None
        if kept is None:
            why = f"{record.name} is no funnel." if record.model != "funnel" else "It was trained before this was measured."
            raise BadInput("Nothing is known of this variant's signals.", why, "Train a funnel and choose it.")
        return from_json(FunnelInsight, kept)


def funnel_tables(trained: Trained, dataset: Dataset, split: Split, seed: int) -> dict[str, Any]:
    """What is kept beside the figures of a finished training: {} for other models than the funnel."""
    from dataclasses import replace

    from recengine.funnel.model import Funnel

    if not isinstance(trained.model, Funnel) or trained.model.taught is None:
        return {}
    from recengine.funnel.insight import what_signals_add
    from recengine.funnel.judging import judge_later

    insight = what_signals_add(trained.model, trained.model.taught, seed)
    trained.model.taught = None  # a hundred megabytes that nothing needs any more
    if isinstance(trained.judged, Funnel) and split.kind == "time":
        trained.judged.taught = None
        insight = replace(insight, judgement=judge_later(trained.judged, dataset, split))
    return {TABLE: plain(asdict(insight))}


def from_json(kind: Any, value: Any) -> Any:
    """A view of frozen dataclasses, tuples and numbers from its JSON; a missing number of an estimate is NaN."""
    if value is None:
        return None
    if typing.get_origin(kind) is types.UnionType:
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    if typing.get_origin(kind) is tuple:
        return tuple(from_json(typing.get_args(kind)[0], entry) for entry in value)
    if typing.get_origin(kind) is dict:
        return {name: from_json(typing.get_args(kind)[1], entry) for name, entry in value.items()}
    if kind is Estimate:
        ends = (float("nan") if value[name] is None else float(value[name]) for name in ("value", "low", "high"))
        return Estimate(*ends, n=int(value["n"]))
    if not is_dataclass(kind):
        return value
    hints = typing.get_type_hints(kind)
    return kind(**{f.name: from_json(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value})  # type: ignore[operator]
