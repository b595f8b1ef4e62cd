"""Options that say which policy shapes a list."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from recengine.errors import BadInput

if TYPE_CHECKING:
    from recengine.types.policies import PolicyUse
    from recengine.workspace import Workspace

Policy = Annotated[str, typer.Option(help="published, none (by score alone), ID or ID@version of a saved policy, or a policy as JSON.")]
Scene = Annotated[str, typer.Option(help="Where the list is shown: home, product, cart or email.")]
Day = Annotated[str, typer.Option(help="Day on which it is shown, as 2026-12-24; default: the day after the last event.")]
Diversity = Annotated[float | None, typer.Option(help="Short for a policy of near-copies alone: 0 = by score, 1 = as varied as possible.")]


def policy_use(workspace: Workspace, variant: str, policy: str, scene: str, day: str, diversity: float | None = None) -> PolicyUse | None:
    """The policy that the options mean.

    Raises:
        BadInput: no such scene or day, or a policy that makes no sense.
        NotFound: no such variant, policy or version.
    """
    from recengine.policy.shop import SCENES

    if scene not in SCENES:
        raise BadInput(f"There is no scene called {scene[:30]}.", "", f"Choose one of: {', '.join(SCENES)}.")
    try:
        when = date.fromisoformat(day) if day else None
    except ValueError:
        raise BadInput(f"{day[:30]} is no day.", "", "Write it as 2026-12-24.") from None
    if diversity is not None:
        if not 0 <= diversity <= 1:
            raise BadInput(f"Diversity cannot be {diversity}.", "", "Choose a value from 0 to 1.")
        policy = f'{{"reranker": "mmr", "settings": {{"diversity": {diversity}}}}}' if diversity else "none"
    return workspace.lists.policy(variant, policy, scene, when)
