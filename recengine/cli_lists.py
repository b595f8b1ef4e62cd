"""Commands about many lists at once: explain-lists."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recengine.terminal import Context, Json, call_of, told

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
    diversity: Annotated[float, typer.Option(help="0 = by score alone, 1 = as varied as possible.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Of the draw; the same seed draws the same shoppers.")] = 0,
    j: Json = False,
) -> None:
    """Write the lists of many shoppers with a sentence for every item and the terms that add up to its score."""
    call = call_of(context, j)
    with told():
        report = call.workspace().explained.write(variant, out, None if everyone else shoppers, k, diversity, seed)
        call.answer(
            report,
            lambda: typer.echo(
                f"{report.places:,} explained places for {report.shoppers:,} shoppers in {report.path}, {report.seconds:.0f} s"
            ),
        )
