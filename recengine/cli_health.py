"""Commands that say whether a variant can be shown: health, replay."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from recengine.errors import BadInput
from recengine.terminal import Context, Json, call_of, told

healthy = typer.Typer()

Variant = Annotated[str, typer.Argument(help="Id of the variant.")]
Length = Annotated[int, typer.Option("-k", help="Places of each list.")]
SIGNS = {"green": "ok  ", "amber": "look", "red": "BAD ", "none": "  - "}


@healthy.command()
def health(
    context: Context,
    variant: Variant,
    k: Length = 10,
    shoppers: Annotated[int, typer.Option(help="Whose lists the variant is asked for, at most.")] = 200,
    kept: Annotated[bool, typer.Option("--kept", help="What was measured last, if it was.")] = False,
    policy: Annotated[str | None, typer.Option(help="Id of a saved policy that makes the lists; the answer is not kept.")] = None,
    threshold: Annotated[list[str] | None, typer.Option(help="check=amber,red from now on, or check= for the default; may repeat.")] = None,
    j: Json = False,
) -> None:
    """Ask of a variant's lists what a shop person would ask; exit status 1 where an answer is red."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        for text in threshold or ():
            workspace.health.set_thresholds(*_threshold(text))
        view = workspace.health.under_policy(variant, policy, k, shoppers) if policy else None
        if kept and view is None:
            view = workspace.health.result(variant)
        if view is None or view.k != k:
            arguments = {"variant": variant, "k": k, "shoppers": shoppers}
            workspace.run_attached("health", arguments, f"Health of {workspace.variants.get(variant).name}")
            view = workspace.health.result(variant)
        call.answer(view, lambda: _say_health(view))
    if view is not None and view.verdict == "red":
        raise typer.Exit(1)


def _threshold(text: str) -> tuple[Any, ...]:
    key, equals, numbers = text.partition("=")
    try:
        found = [float(part) for part in numbers.split(",")] if numbers else []
    except ValueError:
        found = [0.0]
    if not equals or len(found) not in (0, 2):
        raise BadInput(f"The threshold {text} cannot be read.", "", "Write it as check=0.1,0.3.")
    return (key, *found)


def _say_health(view: Any) -> None:
    for row in view.results:
        value = "" if row.verdict == "none" else f"{100 * row.estimate.value:+.1f}" if row.check.unit == "points" else ""
        if row.verdict != "none" and not value:
            value = f"{100 * row.estimate.value:.1f}%"
        interval = f"({100 * row.estimate.low:.1f} to {100 * row.estimate.high:.1f})" if row.verdict != "none" else ""
        typer.echo(f"{SIGNS[row.verdict]}  {row.check.title:26}{value:>8} {interval:18} {row.detail}")
    typer.echo(f"{view.shoppers:,} stored lists of {view.k}, {view.seconds:.1f} s")


@healthy.command()
def replay(
    context: Context,
    variant: Variant,
    k: Length = 10,
    policy: Annotated[str | None, typer.Option(help="Id of a saved policy; without, the order of the scores.")] = None,
    j: Json = False,
) -> None:
    """What later logs say of lists that nobody was shown: click-through, conversion and revenue, offline, with what they assume."""
    call = call_of(context, j)
    with told():
        view = call.workspace().replay.of(variant, k, policy)
        call.answer(view, lambda: _say_replay(view))


def _say_replay(view: Any) -> None:
    typer.echo(f"Offline estimates from {view.first} to {view.last}, lists of {view.k} for {view.shoppers:,} shoppers")
    for row in view.figures:
        ends = [row.estimate.value, row.estimate.low, row.estimate.high]
        value, low, high = (f"{view.currency}{x:,.2f}" if row.unit == "money" else f"{100 * x:.2f}%" for x in ends)
        weighed = f" (as {row.effective:,.0f} equal impressions)" if row.method == "snips" else ""
        typer.echo(f"  {row.title:14} by {row.method:6} {value:>9} ({low} to {high}){weighed}  {row.meaning}")
    for text in (*view.refused, *view.assumptions):
        typer.echo(f"  - {text}")
