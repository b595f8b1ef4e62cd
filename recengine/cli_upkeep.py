"""Commands beside the main way: look closer, tune, rename, delete, and the control of jobs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from recengine.errors import BadInput, MerchlensError
from recengine.terminal import Context, Json, call_of, table, told

upkeep = typer.Typer()

Id = Annotated[str, typer.Argument(help="Id of a dataset (ds-…) or variant (va-…).")]
JobId = Annotated[str, typer.Argument(help="Id of the job.")]
DatasetId = Annotated[str, typer.Option("--dataset", help="Id of the dataset.")]
VariantId = Annotated[str, typer.Option("--variant", help="Id of the variant.")]
Length = Annotated[int, typer.Option("-k", help="Length of the lists.")]
POLL_S = 0.3


@upkeep.command()
def preview(context: Context, file: Annotated[Path, typer.Argument(help="The file.")], j: Json = False) -> None:
    """Say how a file would be read and what would become of every record; nothing is stored."""
    call = call_of(context, j)
    with told():
        datasets = call.workspace().datasets
        upload = datasets.stage_path(file)
        try:
            view, check = datasets.preview(upload), datasets.check(upload)
        finally:
            datasets.discard(upload)
        call.answer({"preview": view, "check": check}, lambda: table(("column", "role", "confidence", "reason"), list(view.columns)))


@upkeep.command()
def parse(
    context: Context,
    file: Annotated[Path, typer.Argument(help="The file.")],
    out: Annotated[Path | None, typer.Option(help="CSV to write the table to, cell for cell as it was read.")] = None,
    j: Json = False,
) -> None:
    """Show the raw table of a file as it is read before any mapping: encoding, dialect, header, skipped lines and why."""
    from recengine.ingest.parse import parse_to

    call = call_of(context, j)
    with told():
        found = parse_to(file, out)
        call.answer(found, lambda: _say_parse(found))


def _say_parse(found: Any) -> None:
    typer.echo(f"{found.file_name}: {found.encoding} ({found.encoding_how}), {found.dialect}")
    typer.echo("Columns: " + ", ".join(" ".join(name.split()) for name in found.names[:40]) + (", …" if len(found.names) > 40 else ""))
    typer.echo(f"{found.physical:,} records: {found.rows:,} read, {found.rejected:,} rejected, {found.skipped:,} skipped.")
    for note in found.notes:
        typer.echo(f"  {note}")
    for row in found.left_out[:20]:
        value = " ".join(row["value"].split())[:60]
        typer.echo(f"  line {row['line']:,}, byte {row['offset']:,}: {row['kind']}, {row['reason']}: {value}")
    if len(found.left_out) > 20:
        typer.echo("  …")


@upkeep.command()
def overview(context: Context, dataset: DatasetId, j: Json = False) -> None:
    """The figures behind the charts of a dataset."""
    call = call_of(context, j)
    with told():
        view = call.workspace().datasets.overview(dataset)
        call.answer(view, lambda: table(("name", "events", "shoppers", "items", "first", "last"), [view.dataset]))


@upkeep.command()
def shoppers(context: Context, dataset: DatasetId, search: str = "", limit: int = 20, j: Json = False) -> None:
    """List shoppers, most events first."""
    call = call_of(context, j)
    with told():
        rows = call.workspace().shoppers.list(dataset, search, limit)
        call.answer({"shoppers": rows}, lambda: table(("shopper", "events", "baskets", "items", "last", "last_title"), rows))


@upkeep.command()
def shopper(context: Context, dataset: DatasetId, user: Annotated[str, typer.Option(help="Shopper id.")], j: Json = False) -> None:
    """What one shopper did and turns to."""
    call = call_of(context, j)
    with told():
        view = call.workspace().shoppers.get(dataset, user)
        call.answer(view, lambda: table(("shopper", "events", "baskets", "items", "first", "last"), [view.row]))


@upkeep.command()
def diff(
    context: Context,
    variants: Annotated[str, typer.Option(help="Two ids, separated by a comma.")],
    user: Annotated[str, typer.Option(help="Shopper id.")],
    k: Length = 10,
    j: Json = False,
) -> None:
    """Two variants' lists for one shopper: in common, entered, left."""
    call = call_of(context, j)
    with told():
        ids = [part.strip() for part in variants.split(",") if part.strip()]
        if len(ids) != 2:
            raise BadInput("A difference needs two variants.", f"{len(ids)} were named.", "Write --variants A,B.")
        found = call.workspace().comparison.list_diff(ids[0], ids[1], user, k)
        words = f"{found.common} in common. Entered: {', '.join(found.entered) or '-'}. Left: {', '.join(found.left) or '-'}."
        call.answer(found, lambda: typer.echo(words))


@upkeep.command()
def tradeoff(context: Context, variant: VariantId, k: Length = 10, j: Json = False) -> None:
    """What each setting of diversity costs and brings, on the held-out shoppers."""
    call = call_of(context, j)
    with told():
        found = call.workspace().tuning.tradeoff(variant, k)
        call.answer(found, lambda: table(("diversity", "lists_changed"), list(found.points)))


@upkeep.command()
def funnel(context: Context, variant: Annotated[str, typer.Argument(help="Id of a funnel.")], j: Json = False) -> None:
    """What each signal and group of signals adds, how well the chances hold, and the funnel against its own models."""
    call = call_of(context, j)
    with told():
        found = call.workspace().funnel.insight(variant)
        call.answer(found, lambda: table(("title", "signals", "importance", "share"), list(found.families)))


@upkeep.command()
def policies(
    context: Context,
    dataset: DatasetId,
    save: Annotated[str, typer.Option(help="Save a policy under this name.")] = "",
    diversity: Annotated[float, typer.Option(help="Its diversity, 0 to 1.")] = 0.0,
    j: Json = False,
) -> None:
    """List the saved policies of a dataset, after saving one if asked."""
    call = call_of(context, j)
    with told():
        tuning = call.workspace().tuning
        if save:
            tuning.save_policy(dataset, save, diversity)
        rows = tuning.policies(dataset)
        call.answer({"policies": rows}, lambda: table(("id", "name", "diversity", "created"), rows))


@upkeep.command()
def rename(context: Context, artefact: Id, name: Annotated[str, typer.Argument(help="New display name.")], j: Json = False) -> None:
    """Give a dataset or a variant another display name."""
    call = call_of(context, j)
    with told():
        _kind(call.workspace(), artefact).rename(artefact, name)
        call.answer({"renamed": artefact, "name": name}, lambda: typer.echo(f"{artefact} is called {name} now."))


@upkeep.command()
def delete(context: Context, artefact: Id, j: Json = False) -> None:
    """Remove a dataset that no variant needs, or a variant, for good."""
    call = call_of(context, j)
    with told():
        _kind(call.workspace(), artefact).delete(artefact)
        call.answer({"deleted": artefact}, lambda: typer.echo(f"{artefact} is deleted."))


@upkeep.command()
def cancel(context: Context, job: JobId, j: Json = False) -> None:
    """Ask a job to stop."""
    call = call_of(context, j)
    with told():
        jobs = call.workspace().jobs
        jobs.cancel(job)
        call.answer(jobs.get(job), lambda: typer.echo(f"{job} is asked to stop."))


@upkeep.command()
def resume(
    context: Context,
    job: JobId,
    anew: Annotated[bool, typer.Option(help="From the beginning, not from the checkpoint.")] = False,
    j: Json = False,
) -> None:
    """Start an ended job again and wait for its end."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        workspace.jobs.settle()
        (workspace.jobs.retry if anew else workspace.jobs.resume)(job)
        workspace.start_supervisor()
        while (view := workspace.jobs.get(job)).state in ("queued", "running"):
            time.sleep(POLL_S)
        if view.error is not None:
            raise MerchlensError(*view.error)
        call.answer(view, lambda: typer.echo(f"{job} is {view.state}."))


@upkeep.command()
def log(context: Context, job: JobId, j: Json = False) -> None:
    """The last lines a job's worker wrote."""
    call = call_of(context, j)
    with told():
        text = call.workspace().jobs.log_tail(job)
        call.answer({"log": text}, lambda: typer.echo(text or "Nothing was written."))


def _kind(workspace: Any, artefact: str) -> Any:
    """The use cases of what an id names."""
    found = {"ds": workspace.datasets, "va": workspace.variants}.get(artefact.partition("-")[0])
    if found is None:
        raise BadInput(f"{artefact} is neither a dataset nor a variant.", "", "Take an id from `datasets` or `variants`.")
    return found
