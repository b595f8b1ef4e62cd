"""Commands that take files in and make versions of datasets."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import typer

from recengine.errors import BadInput
from recengine.terminal import Context, Json, call_of, table, told

taking_in = typer.Typer()
DatasetId = Annotated[str, typer.Argument(help="Id of the dataset version.")]
Rules = Annotated[
    list[str] | None,
    typer.Option("--clean", help="Cleaning rule, such as min_item_events=5 or drop_returns=true; may be repeated, none switches all off."),
]
KINDS = ("items", "shoppers", "reviews", "searches", "id_map", "campaigns", "faq")


@taking_in.command("import")
def import_file(
    context: Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            help="A log: CSV, TSV, JSON, Excel or Parquet, plain or packed; several of one shape, with tables beside it; or mended rows."
        ),
    ],
    name: Annotated[str, typer.Option(help="Display name of the dataset.")] = "",
    mapping: Annotated[str, typer.Option(help='JSON, such as {"user": "CustomerID", "item": "StockCode"}.')] = "",
    append_to: Annotated[str, typer.Option(help="Id of the version that the file adds to.")] = "",
    items: Annotated[list[Path] | None, typer.Option(help="File of items to join; may be repeated.")] = None,
    shoppers: Annotated[list[Path] | None, typer.Option(help="File of shoppers to join; may be repeated.")] = None,
    beside: Annotated[list[str] | None, typer.Option("--table", help=f"kind=FILE, kinds: {', '.join(KINDS)}; may be repeated.")] = None,
    clean: Rules = None,
    hash_column: Annotated[list[str] | None, typer.Option("--hash", help="Column to replace by keyed hashes; may be repeated.")] = None,
    overlap: Annotated[str, typer.Option(help="Events that the version holds already: skip or keep.")] = "skip",
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook; by default the one with the most rows.")] = "",
    new_shape: Annotated[bool, typer.Option("--new-shape", help="Do not follow the mapping of the last file of this shape.")] = False,
    j: Json = False,
) -> None:
    """Take a log in as a new dataset, or append it to one, with files beside it and cleaning rules."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        staged: list[str] = []
        try:
            for file in files:
                staged.append(workspace.datasets.stage_path(file, name))
            upload, tables = _sorted(workspace, staged)
            staged.append(upload)
            edits: dict[str, Any] | None = json_of(mapping, "mapping")
            mended = bool(append_to) and workspace.versions.kind(upload).kind == "mended"
            known = None if new_shape or edits is not None or mended else workspace.versions.remembered(upload)
            rules = rules_of(clean)
            if known is not None:
                edits = known.mapping
                rules = known.cleaning or None if rules is None and not append_to else rules
            if hash_column:
                edits = {**(edits or {}), "hashed": hash_column}
            if sheet:
                edits = {**(edits or {}), "reading": {**((edits or {}).get("reading") or {}), "sheet": sheet}}
            named = [("items", path) for path in items or ()] + [("shoppers", path) for path in shoppers or ()]
            for kind, path in named + [_kind_and_path(pair) for pair in beside or ()]:
                tables.append({"upload": workspace.datasets.stage_path(path), "kind": kind})
                staged.append(tables[-1]["upload"])
            beside_it = {"base": append_to, "cleaning": rules, "tables": tables, "overlap": overlap}
            arguments = {"upload": upload, "name": name, "mapping": edits, **beside_it}
            done = workspace.run_attached("import", arguments, f"Import of {workspace.datasets.title(upload)}")
        finally:
            for handle in staged:
                workspace.datasets.discard(handle)
        report = workspace.datasets.report(done["dataset"], already=bool(done.get("already")))
        call.answer(report, lambda: _say_import(report, known, workspace.versions.tables(report.dataset)))


@taking_in.command()
def datasets(context: Context, j: Json = False) -> None:
    """List dataset versions, each with what changed."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        rows = workspace.datasets.list()
        changes = {row.dataset.id: row.words for row in workspace.versions.list()}
        shown = [SimpleNamespace(**vars(row), change=changes.get(row.id, "")) for row in rows]
        call.answer({"datasets": rows}, lambda: table(("id", "name", "events", "shoppers", "items", "variants", "change"), shown))


@taking_in.command()
def versions(context: Context, dataset: DatasetId, j: Json = False) -> None:
    """List the versions of a dataset: what changed, and what they share."""
    call = call_of(context, j)
    with told():
        rows = call.workspace().versions.list(dataset)
        shown = [SimpleNamespace(**vars(row), id=row.dataset.id, created=row.dataset.created) for row in rows]
        columns = ("id", "created", "words", "events", "shoppers", "items", "bytes", "shared_bytes")
        call.answer({"versions": rows}, lambda: table(columns, shown))


@taking_in.command("clean")
def clean_dataset(context: Context, dataset: DatasetId, rule: Rules = None, j: Json = False) -> None:
    """Make a version with other cleaning rules; without rules, one without any."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        arguments = {"operation": "clean", "dataset": dataset, "rules": rules_of(rule) or {}}
        done = workspace.run_attached("version", arguments, f"Cleaning of {workspace.datasets.get(dataset).name}")
        report = workspace.datasets.report(done["dataset"])
        steps = workspace.versions.cleaned(report.dataset)
        columns = ("rule", "rows_before", "rows_after", "shoppers_before", "shoppers_after", "items_before", "items_after")
        call.answer({"report": report, "steps": steps}, lambda: table(columns, list(steps)))


@taking_in.command("join")
def join_table(
    context: Context,
    dataset: DatasetId,
    file: Annotated[Path, typer.Argument(help="A file of items, shoppers, reviews, searches, ids, campaigns or questions.")],
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}; found out by default.")] = "",
    fields: Annotated[str, typer.Option(help='JSON, such as {"code": "id", "text": "title"}.')] = "",
    unsold: Annotated[bool, typer.Option("--unsold", help="Take items that no event names into the catalogue as well.")] = False,
    j: Json = False,
) -> None:
    """Make a version with a file beside the log, joined by item or shopper id."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        upload = workspace.datasets.stage_path(file)
        try:
            wishes = {"upload": upload, "kind": kind, "fields": json_of(fields, "fields"), "unsold": unsold}
            title = f"Table for {workspace.datasets.get(dataset).name}"
            done = workspace.run_attached("version", {"operation": "join", "dataset": dataset, **wishes}, title)
            report = workspace.datasets.report(done["dataset"])
        finally:
            workspace.datasets.discard(upload)
        tables = workspace.versions.tables(report.dataset)
        call.answer({"report": report, "tables": tables}, lambda: _say_import(report, None, tables))


@taking_in.command("take-out")
def take_out(
    context: Context,
    dataset: DatasetId,
    place: Annotated[int, typer.Argument(help="Place among the tables of the version, from 1.")],
    j: Json = False,
) -> None:
    """Make a version without one of the tables beside its log."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        arguments = {"operation": "remove", "dataset": dataset, "place": place - 1}
        done = workspace.run_attached("version", arguments, f"Table out of {workspace.datasets.get(dataset).name}")
        report = workspace.datasets.report(done["dataset"])
        call.answer(report, lambda: _say_import(report, None, workspace.versions.tables(report.dataset)))


@taking_in.command("to-mend")
def to_mend(context: Context, dataset: DatasetId, j: Json = False) -> None:
    """Write the rejected rows with their cells; mend them, then import the file with --append-to."""
    call = call_of(context, j)
    with told():
        path = call.workspace().versions.rows_to_mend(dataset)
        words = f"Mend {path}, then import it with --append-to {dataset}." if path else "Nothing to mend."
        call.answer({"file": path}, lambda: typer.echo(words))


def _sorted(workspace: Any, staged: list[str]) -> tuple[str, list[dict[str, Any]]]:
    """The log among files that came together, and the tables beside it. Raises BadInput where they are no one log with tables."""
    if len(staged) == 1:
        return staged[0], []
    arrival = workspace.arrivals.sort(staged)
    tables = workspace.reading.plan(arrival.upload)["tables"]
    if not arrival.waiting:
        return arrival.upload, tables
    for handle in (arrival.upload, *arrival.waiting, *(entry["upload"] for entry in tables)):
        staged.append(handle)
    names = ", ".join(workspace.datasets.title(handle) for handle in arrival.waiting[:5])
    why = [
        f"{other.file} lacks {', '.join(other.missing) or 'nothing'} and has {', '.join(other.more) or 'nothing'} more"
        for other in arrival.differ
    ]
    first = workspace.datasets.title(arrival.upload)
    raise BadInput(f"{names} cannot be read together with {first}.", ". ".join(why) + "." if why else "", "Import them one by one.")


def json_of(text: str, what: str) -> Any:
    """A JSON option, None where it is not given. Raises BadInput."""
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadInput(f"The {what} is no JSON.", f"{error}.", "Check quotes and commas.") from None


def rules_of(pairs: list[str] | None) -> dict[str, Any] | None:
    """Cleaning rules from key=value options; None where none are given, {} for `none`. Raises BadInput."""
    if not pairs:
        return None
    rules: dict[str, Any] = {}
    for pair in pairs:
        if pair == "none":
            continue
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"The rule {pair} has no value.", "", "Write it as key=value.")
        try:
            rules[key] = json.loads(value)
        except ValueError:
            rules[key] = value
    return rules


def _kind_and_path(pair: str) -> tuple[str, Path]:
    kind, equals, path = pair.partition("=")
    if not equals or kind not in KINDS:
        raise BadInput(f"The table {pair} is not understood.", f"Kinds are {', '.join(KINDS)}.", "Write it as kind=FILE.")
    return kind, Path(path)


def _say_import(report: Any, known: Any = None, tables: Any = ()) -> None:
    rows = report.rows
    if known is not None:
        typer.echo(f"Read as {known.file_name} was; --new-shape guesses anew.")
    typer.echo(f"{report.name}: {report.dataset}" + (" (this content was already there)" if report.already else ""))
    typer.echo(f"{rows.physical:,} records: {rows.accepted:,} accepted, {rows.rejected:,} rejected, {rows.skipped:,} skipped.")
    typer.echo(f"{report.shoppers:,} shoppers, {report.items:,} items, {report.first[:10]} to {report.last[:10]}.")
    for kind, reason, n in report.reasons:
        typer.echo(f"  {kind}: {reason}, {n:,}")
    for entry in tables:
        typer.echo(f"{entry.kind.replace('_', ' ')} of {entry.file_name}: {entry.rows.accepted:,} of {entry.rows.physical:,} records.")
        for c in entry.coverage:
            typer.echo(f"  {c.matched:,} of {c.in_log:,} {c.of} ids of the log are in it." + (f" {c.hint}" if c.hint else ""))
    typer.echo(f"Rejected and skipped records: {report.rejects_file}")
