"""Policies as they come from forms and files, and as versions keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from recengine.errors import BadInput

if TYPE_CHECKING:
    from recengine.policy.policy import PolicySpec


def parsed(spec: dict[str, Any] | PolicySpec) -> PolicySpec:
    """A policy from form fields or JSON. Raises BadInput, which names the part that makes no sense."""
    from recengine.policy.policy import PolicySpec

    try:
        return spec if isinstance(spec, PolicySpec) else PolicySpec.model_validate(spec)
    except ValidationError as error:
        first = error.errors()[0]
        part = " ".join(str(step + 1) if isinstance(step, int) else step for step in first["loc"]) or "policy"
        why = first["msg"].removeprefix("Value error, ").rstrip(".") + "."
        raise BadInput(f"The policy makes no sense at: {part[:80]}.", why[:1].upper() + why[1:], "Change this part.") from None


def as_read(spec: dict[str, Any]) -> dict[str, Any]:
    """A policy that was kept before days had ends, brought within them: it meant all of the past then, and does so now."""
    from recengine.policy.rules.conditions import AGE_OPS, MAX_DAYS

    def mended(part: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {**row, "number": min(max(row["number"], 0), MAX_DAYS)} if row.get("op") in AGE_OPS and row.get("number") is not None else row
            for row in part.get("conditions", ())
        ]
        return {**part, "conditions": rows} if rows else part

    return {**spec, **{name: [mended(part) for part in spec[name]] for name in ("rules", "limits") if name in spec}}


def whole(spec: PolicySpec) -> dict[str, Any]:
    """The policy as JSON with every default written out, so that later defaults change nothing."""
    from recengine.policy.rerankers.registry import make_reranker

    settings = make_reranker(spec.reranker, spec.settings).config.model_dump(mode="json")
    return {**spec.model_dump(mode="json"), "settings": settings}
