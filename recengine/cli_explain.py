"""Commands that say why: explain, explain-list, why-not, counterfactual."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from recengine.cli_policy import Day, Diversity, Policy, Scene, policy_use
from recengine.errors import BadInput
from recengine.terminal import Context, Json, as_json, call_of, table, told

explaining = typer.Typer()

Variant = Annotated[str, typer.Option(help="Id of the variant.")]
Item = Annotated[str, typer.Option(help="Item id as in the file.")]
User = Annotated[str | None, typer.Option(help="Shopper id as in the file.")]
Events = Annotated[Path | None, typer.Option(help="JSON file with the events of a live session.")]
Length = Annotated[int, typer.Option("-k", help="Length of the list.")]
Changes = Annotated[list[str] | None, typer.Option("--edit", help='JSON such as {"kind": "remove", "place": 0}; may be repeated.')]


@explaining.command()
def explain(
    context: Context,
    variant: Variant,
    item: Item,
    user: User = None,
    events: Events = None,
    coalitions: Annotated[int, typer.Option(help="Parts of the history that are scored; more give smaller errors.")] = 512,
    k: Length = 10,
    policy: Policy = "published",
    scene: Scene = "home",
    day: Day = "",
    diversity: Diversity = None,
    edit: Changes = None,
    j: Json = False,
) -> None:
    """Say why an item has its score and its place: terms that add up to it, past items, and second opinions."""
    call = call_of(context, j)
    with told():
        workspace, session, edits = call.workspace(), session_events(user, events), [_edit(text) for text in edit or ()]
        use = policy_use(workspace, variant, policy, scene, day, diversity)
        why = workspace.lists.explain(variant, user, item, events=session, edits=edits, policy=use, k=k)
        if not call.json:
            call.answer(why, lambda: _say_why(why))
            return
        history = workspace.explanations.history(variant, user, [item], coalitions=coalitions, events=session, edits=edits)
        opinions = workspace.explanations.second_opinions(variant, user, item, events=session, edits=edits)
        call.answer(as_json(why) | {"history": history, "opinions": opinions}, lambda: None)


@explaining.command("explain-list")
def explain_list(
    context: Context,
    variant: Variant,
    user: User = None,
    events: Events = None,
    k: Length = 10,
    policy: Policy = "published",
    scene: Scene = "home",
    day: Day = "",
    diversity: Diversity = None,
    coalitions: Annotated[int, typer.Option(help="Parts of the history that are scored; more give smaller errors.")] = 128,
    edit: Changes = None,
    j: Json = False,
) -> None:
    """Say which signals and which past items made a whole list."""
    call = call_of(context, j)
    with told():
        workspace, session, edits = call.workspace(), session_events(user, events), [_edit(text) for text in edit or ()]
        use = policy_use(workspace, variant, policy, scene, day, diversity)
        found = workspace.explanations.whole_list(variant, user, k, use, coalitions, session, edits)
        call.answer(found, lambda: table(("kind", "name", "mean"), [*found.signals[:10], *found.past[:10]]))


@explaining.command("why-not")
def why_not(
    context: Context,
    variant: Variant,
    item: Item,
    user: User = None,
    events: Events = None,
    k: Length = 10,
    policy: Policy = "published",
    scene: Scene = "home",
    day: Day = "",
    diversity: Diversity = None,
    j: Json = False,
) -> None:
    """Say at which stage an item dropped out of a list, and what would bring it in."""
    call = call_of(context, j)
    with told():
        workspace, session = call.workspace(), session_events(user, events)
        use = policy_use(workspace, variant, policy, scene, day, diversity)
        found = workspace.explanations.why_not(variant, user, item, k, use, session)
        call.answer(found, lambda: _say_why_not(found))


@explaining.command()
def counterfactual(
    context: Context,
    variant: Variant,
    user: User = None,
    events: Events = None,
    edit: Changes = None,
    item: Annotated[str, typer.Option(help="An item to follow; without edits: what must go for it to leave the list.")] = "",
    k: Length = 10,
    policy: Policy = "published",
    scene: Scene = "home",
    day: Day = "",
    diversity: Diversity = None,
    j: Json = False,
) -> None:
    """Show a list before and after edits of the history or of items, or the fewest past items behind an item's place."""
    call = call_of(context, j)
    with told():
        workspace, session = call.workspace(), session_events(user, events)
        use, explanations = policy_use(workspace, variant, policy, scene, day, diversity), workspace.explanations
        if edit:
            found = explanations.what_if(variant, user, [_edit(text) for text in edit], k, item, session, use)
            call.answer(found, lambda: table(("item", "title", "old_rank", "new_rank", "old_score", "new_score"), list(found.rows)))
            return
        if not item:
            raise BadInput("There is nothing to change.", "", "Give --edit, or --item alone for the fewest past items behind it.")
        smallest = explanations.smallest_set(variant, user, item, k, session, policy=use)
        call.answer(smallest, lambda: typer.echo(smallest.sentence))


def session_events(user: str | None, path: Path | None) -> Any:
    """The events of a live session from a file, None where a shopper is named.

    Raises:
        BadInput: both or neither, or a file that holds no list of events.
    """
    if (user is None) == (path is None):
        raise BadInput("Name one shopper or one session.", "", "Give --user ID or --events FILE.")
    if path is None:
        return None
    if not path.is_file():
        raise BadInput(f"There is no file {path.name}.", str(path), "Check the path.")
    try:
        events = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise BadInput(f"{path.name} is no JSON.", f"{error}.", "Check quotes and commas.") from None
    if not isinstance(events, list):
        raise BadInput(f"{path.name} holds no list of events.", "", 'Write [{"item": "…"}, …].')
    return events


def _edit(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadInput("The edit is no JSON.", f"{error}.", "Check quotes and commas.") from None


def _say_why(why: Any) -> None:
    typer.echo(why.sentence)
    if why.meaning:
        typer.echo(why.meaning)
    typer.echo(f"  {why.base:+.4f}  start")
    for term in why.terms:
        typer.echo(f"  {term.contribution:+.4f}  {term.name}" + (f" ({term.value})" if term.value else ""))
    typer.echo(f"  {why.score:+.4f}  score")
    for term in why.policy:
        typer.echo(f"  {term.contribution:+.4f}  {term.name}" + (f" ({term.value})" if term.value else ""))
    if why.policy:
        typer.echo(f"  {why.shown:+.4f}  for its place")


def _say_why_not(found: Any) -> None:
    typer.echo(found.sentence)
    for row in found.generators:
        typer.echo(f"  {row.model}: " + (f"place {row.rank:,}" if row.rank else "no score") + f", puts forward {row.quota:,}")
    for gap in found.gaps:
        typer.echo(f"  {gap.difference:+.4f}  {gap.name} ({gap.here}; the other: {gap.there})")
    for way in (*found.policy_ways, *found.ways):
        typer.echo((f"  place {way.rank}" if way.rank else "  not among the candidates") + f": {way.text}")
