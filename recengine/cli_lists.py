"""Commands about many lists at once: explain-lists, item, check-explanations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recengine.cli_policy import Day, Diversity, Policy, Scene, policy_use
from recengine.terminal import Context, Json, call_of, table, told
from recengine.types.explanations import FaithfulnessView
from recengine.types.items import ItemView

many = typer.Typer()

Variant = Annotated[str, typer.Option(help="Id of the variant.")]


@many.command("explain-lists")
def explain_lists(
    context: Context,
    variant: Variant,
    out: Annotated[Path, typer.Option(help="File to write: .html, .csv or .parquet.")],
    shoppers: Annotated[int, typer.Option(help="How many shoppers, drawn at random.")] = 1_000,
    everyone: Annotated[bool, typer.Option("--all", help="All shoppers instead.")] = False,
    k: Annotated[int, typer.Option("-k", help="Length of the lists.")] = 10,
    policy: Policy = "published",
    scene: Scene = "home",
    day: Day = "",
    diversity: Diversity = None,
    seed: Annotated[int, typer.Option(help="Of the draw; the same seed draws the same shoppers.")] = 0,
    j: Json = False,
) -> None:
    """Write the lists of many shoppers with a sentence for every item and the terms that add up to its score."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        use = policy_use(workspace, variant, policy, scene, day, diversity)
        report = workspace.explained.write(variant, out, None if everyone else shoppers, k, use, seed)
        call.answer(
            report,
            lambda: typer.echo(
                f"{report.places:,} explained places for {report.shoppers:,} shoppers in {report.path}, {report.seconds:.0f} s"
            ),
        )


@many.command("scene")
def scene_list(
    context: Context,
    variant: Variant,
    scene: Annotated[str, typer.Option(help="home, product, cart or email.")] = "product",
    item: Annotated[list[str] | None, typer.Option(help="The item of the page, or one of the cart; may be repeated.")] = None,
    user: Annotated[str | None, typer.Option(help="Shopper id as in the file.")] = None,
    relation: Annotated[str, typer.Option(help="similar, or goes: taken together with it.")] = "",
    k: Annotated[int, typer.Option("-k", help="Length of the list.")] = 10,
    policy: Policy = "published",
    day: Day = "",
    j: Json = False,
) -> None:
    """Make the list of a product page, of the cart, of the home page or of an e-mail."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        use = policy_use(workspace, variant, policy, scene, day)
        made = workspace.lists.for_scene(variant, scene, item or (), user, relation, k, use)
        call.answer(made, lambda: table(("rank", "item", "title", "score", "reason"), list(made.items)))


@many.command()
def item(
    context: Context,
    variant: Variant,
    item: Annotated[str, typer.Option(help="Item id as in the file.")],
    look: Annotated[bool, typer.Option(help="Look at all lists first, even if that was done before.")] = False,
    j: Json = False,
) -> None:
    """Say whose lists an item is on, what brings it there, and what holds it back; all lists are looked at once."""
    call = call_of(context, j)
    with told():
        items = call.workspace().items
        if look or items.survey(variant) is None:
            items.look(variant)
        view = items.get(variant, item)
        call.answer(view, lambda: _say_item(view))


@many.command("check-explanations")
def check_explanations(
    context: Context,
    variant: Variant,
    shoppers: Annotated[int, typer.Option(help="Shoppers to check on.")] = 60,
    j: Json = False,
) -> None:
    """Measure whether a variant's explanations are true of it, and keep the result beside it."""
    call = call_of(context, j)
    with told():
        view = call.workspace().checks.check(variant, shoppers)
        call.answer(view, lambda: _say_check(view))


def _say_item(view: ItemView) -> None:
    row = view.row
    typer.echo(f"{row.title} ({row.item}): on {row.lists:,} of {view.shoppers:,} lists, just misses {row.near:,} more.")
    for title, terms in (("Brings it there", view.brings), ("Past items that speak for it", view.past), ("Holds it back", view.holds)):
        if terms:
            typer.echo(title)
        for term in terms[:8]:
            typer.echo(f"  {term.mean:+.4f}  {term.name} ({term.n:,} lists)")


def _say_check(view: FaithfulnessView) -> None:
    for side, gains in (("removing", view.deletion_gain), ("adding", view.insertion_gain)):
        for other, gain in gains.items():
            typer.echo(f"  {side} as explained against {other}: {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})")
    for name in ("removal_agreement", "sampled_error", "within_four", "changed", "changed_others", "changed_apart"):
        value = getattr(view, name)
        typer.echo(f"  {name.replace('_', ' ')}: {'–' if value is None else format(value, '.3f')}")
