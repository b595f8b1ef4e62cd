"""The command line: every use case of the pages, on the same workspace. `python -m recengine --help` lists them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from recengine.cli_explain import explaining, session_events
from recengine.cli_health import healthy
from recengine.cli_import import taking_in
from recengine.cli_lists import many
from recengine.cli_policy import Day, Diversity, Policy, Scene, policy_use
from recengine.cli_upkeep import upkeep
from recengine.errors import BadInput
from recengine.terminal import Context, Invocation, Json, as_json, call_of, table, told
from recengine.types import TrainingRequest

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="See, understand and steer recommendations."
)


@app.callback()
def options(
    context: Context,
    workspace: Annotated[Path | None, typer.Option(help="Folder of the workspace; default MERCHLENS_WORKSPACE, else ./workspace.")] = None,
    as_json_object: Json = False,
) -> None:
    """Options of every command."""
    context.obj = Invocation(workspace, as_json_object)


app.add_typer(taking_in)
app.add_typer(upkeep)
app.add_typer(explaining)
app.add_typer(many)
app.add_typer(healthy)


@app.command()
def variants(context: Context, dataset: Annotated[str | None, typer.Option(help="Only of this dataset.")] = None, j: Json = False) -> None:
    """List trained variants."""
    call = call_of(context, j)
    with told():
        rows = call.workspace().variants.list(dataset)
        call.answer({"variants": rows}, lambda: table(("id", "name", "dataset_name", "split", "seconds"), rows))


@app.command()
def jobs(context: Context, j: Json = False) -> None:
    """List jobs, newest first."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        workspace.jobs.settle()
        rows = workspace.jobs.list()
        call.answer({"jobs": rows}, lambda: table(("id", "state", "title", "phase", "seconds"), rows))


@app.command()
def models(context: Context, j: Json = False) -> None:
    """List the models that can be trained, with their settings."""
    call = call_of(context, j)
    with told():
        rows = call.workspace().training.models()
        call.answer({"models": rows}, lambda: table(("name", "title", "summary"), rows))


@app.command()
def train(
    context: Context,
    dataset: Annotated[str, typer.Option(help="Id of the dataset.")],
    model: Annotated[str, typer.Option(help="Name of the model; `models` lists them.")],
    setting: Annotated[list[str] | None, typer.Option("--set", help="key=value, may be repeated.")] = None,
    preset: Annotated[str, typer.Option(help="quick, balanced or thorough.")] = "balanced",
    seed: Annotated[int, typer.Option(help="Seed of all randomness.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    split: Annotated[str, typer.Option(help="time or leave-last.")] = "time",
    name: Annotated[str, typer.Option(help="Display name of the variant.")] = "",
    weight: Annotated[list[str] | None, typer.Option(help="behaviour=strength, such as view=0.2; may be repeated.")] = None,
    learn_weights: Annotated[bool, typer.Option("--learn-weights", help="Find the strengths on validation shoppers.")] = False,
    minutes: Annotated[float | None, typer.Option(help="Time budget; tuning ends in time for the rest.")] = None,
    j: Json = False,
) -> None:
    """Train one variant, judge it on held-out shoppers, and keep it."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        config, weights = _settings(setting or []), _settings(weight or [])
        request = TrainingRequest(dataset, model, config, preset, seed, device, split, name, weights, minutes, learn_weights)
        arguments = workspace.training.arguments(request)
        done = workspace.run_attached("train", arguments, workspace.training.title(arguments))
        row = workspace.variants.get(done["variant"])
        call.answer(_variant_facts(row), lambda: _say_variant(row))


@app.command()
def sweep(
    context: Context,
    dataset: Annotated[str, typer.Option(help="Id of the dataset.")],
    model: Annotated[str, typer.Option(help="Name of the model; `models` lists them.")],
    trials: Annotated[int, typer.Option(help="Settings tried at most.")] = 20,
    minutes: Annotated[float | None, typer.Option(help="Time budget of the trials and the training of the best one.")] = None,
    vary: Annotated[list[str] | None, typer.Option(help="A setting to vary, may be repeated; default: all that have a range.")] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", help="key=value of the first trial, may be repeated.")] = None,
    preset: Annotated[str, typer.Option(help="quick, balanced or thorough.")] = "balanced",
    seed: Annotated[int, typer.Option(help="Seed of all randomness.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    split: Annotated[str, typer.Option(help="time or leave-last.")] = "time",
    name: Annotated[str, typer.Option(help="Display name of the variant.")] = "",
    weight: Annotated[list[str] | None, typer.Option(help="behaviour=strength, such as view=0.2; may be repeated.")] = None,
    j: Json = False,
) -> None:
    """Try many settings of one model on the validation part, and keep the best as a variant."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        config, weights, fields = _settings(setting or []), _settings(weight or []), tuple(vary or ())
        request = TrainingRequest(dataset, model, config, preset, seed, device, split, name, weights, minutes)
        arguments = workspace.sweeps.arguments(request, trials, fields)
        done = workspace.run_attached("sweep", arguments, workspace.sweeps.title(arguments))
        row, found = workspace.variants.get(done["variant"]), workspace.sweeps.of_variant(done["variant"])
        call.answer(_variant_facts(row) | {"sweep": found}, lambda: _say_sweep(row, found))


@app.command()
def advise(
    context: Context,
    dataset: Annotated[str, typer.Argument(help="Id of the dataset.")],
    preset: Annotated[str, typer.Option(help="quick, balanced or thorough.")] = "balanced",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    j: Json = False,
) -> None:
    """Say which models suit a dataset and why, and what they need."""
    call = call_of(context, j)
    with told():
        found = call.workspace().advice.models(dataset, preset, device)
        call.answer(found, lambda: _say_advice(found))


@app.command()
def recommend(
    context: Context,
    variant: Annotated[str, typer.Option(help="Id of the variant.")],
    user: Annotated[str | None, typer.Option(help="Shopper id as in the file.")] = None,
    events: Annotated[Path | None, typer.Option(help='JSON file: a list of {"item": …, "behaviour": …, "time": …}.')] = None,
    k: Annotated[int, typer.Option("-k", help="Length of the list.")] = 10,
    policy: Policy = "published",
    scene: Scene = "home",
    day: Day = "",
    diversity: Diversity = None,
    j: Json = False,
) -> None:
    """Make the list of one shopper, or of a live session."""
    call = call_of(context, j)
    with told():
        workspace, session = call.workspace(), session_events(user, events)
        use = policy_use(workspace, variant, policy, scene, day, diversity)
        made = workspace.lists.recommend(variant, user, k, use, events=session)
        call.answer(made, lambda: table(("rank", "item", "title", "score", "reason"), list(made.items)))


@app.command()
def compare(
    context: Context,
    variants: Annotated[str, typer.Option(help="Ids, separated by commas.")],
    metric: Annotated[str, typer.Option(help="Metric that orders them.")] = "ndcg@10",
    report: Annotated[Path | None, typer.Option(help="Also write it all: .html (one file), or .zip (CSV tables, SVG charts).")] = None,
    j: Json = False,
) -> None:
    """Compare variants on the same held-out shoppers, with intervals and paired tests."""
    call = call_of(context, j)
    with told():
        workspace, asked = call.workspace(), [part.strip() for part in variants.split(",") if part.strip()]
        found = workspace.comparison.compare(asked, metric)
        gains = [workspace.comparison.who_gains(p.variant, p.against, metric) for p in found.pairs]
        if report is not None:
            workspace.comparison_report.write(report, asked, metric)
        answer = as_json(found) | {"who_gains": gains, "report": report}
        call.answer(answer, lambda: _say_comparison(found, gains, report))


@app.command()
def export(
    context: Context,
    variant: Annotated[str, typer.Option(help="Id of the variant.")],
    out: Annotated[Path, typer.Option(help="File to write, .csv or .parquet.")],
    k: Annotated[int, typer.Option("-k", help="Length of the lists.")] = 10,
    policy: Policy = "published",
    scene: Scene = "home",
    day: Day = "",
    diversity: Diversity = None,
    j: Json = False,
) -> None:
    """Write the lists of all shoppers."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        report = workspace.lists.export(variant, out, k, policy_use(workspace, variant, policy, scene, day, diversity))
        shaped = f", {report.use.name or 'a policy'} version {report.use.version or 'not saved'}" if report.use else ", by score"
        call.answer(report, lambda: typer.echo(f"{report.rows:,} rows for {report.shoppers:,} shoppers in {report.path}{shaped}"))


@app.command()
def demo(
    context: Context,
    out: Annotated[Path, typer.Option(help="Folder to write events.csv and truth.json to.")] = Path("demo_store"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    j: Json = False,
) -> None:
    """Write the synthetic demo store, with its planted truths."""
    call = call_of(context, j)
    with told():
        events = call.workspace().datasets.write_demo(out, seed)
        call.answer({"events": events, "truth": out / "truth.json"}, lambda: typer.echo(f"Wrote {events}. Next: import {events}"))


@app.command()
def doctor(context: Context, j: Json = False) -> None:
    """Print versions, device and the health of the workspace."""
    call = call_of(context, j)
    with told():
        workspace = call.workspace()
        workspace.jobs.settle()
        found = workspace.doctor()
        call.answer(found, lambda: _say_doctor(as_json(found)))


def _say_comparison(found: Any, gains: list[Any], report: Path | None) -> None:
    typer.echo(found.sentence)
    for row in found.variants:
        e = row.metrics[found.metric]
        typer.echo(f"  {row.name:28} {found.metric} {e.value:.4f} ({e.low:.4f} to {e.high:.4f})  {row.id}")
    for one in gains:
        typer.echo(one.sentence)
    if report is not None:
        typer.echo(f"Wrote {report}")


def _settings(pairs: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"The setting {pair} has no value.", "", "Write it as key=value.")
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value
    return found


def _say_variant(row: Any) -> None:
    typer.echo(f"{row.name}: {row.id}, {row.seconds:.1f} s on {row.device}")
    for note in row.notes:
        typer.echo(f"  {note}")
    for name in ("ndcg@10", "recall@10", "coverage@10"):
        if name in row.metrics:
            e = row.metrics[name]
            known = e.low == e.low  # NaN where a single shopper was judged
            typer.echo(f"  {name} {e.value:.4f} " + (f"({e.low:.4f} to {e.high:.4f})" if known else "(too few shoppers for an interval)"))


def _variant_facts(row: Any) -> dict[str, Any]:
    names = ("model", "metrics", "seconds", "device", "protocol", "notes")
    return {"variant": row.id} | {name: getattr(row, name) for name in names}


def _say_sweep(row: Any, found: Any) -> None:
    for trial in found.trials:
        value = trial.reason if trial.value is None else f"{trial.value:.4f}"
        typer.echo(f"  trial {trial.number}: {trial.state}, {value}" + (", the best" if trial.number == found.best else ""))
    typer.echo(found.ended)
    _say_variant(row)


def _say_advice(found: Any) -> None:
    typer.echo(f"Preset that suits: {found.preset}")
    for row in found.models:
        took = "not measured here yet" if row.seconds is None else f"about {row.seconds:.1f} s"
        typer.echo(f"{row.level:9} {row.model:18} {row.reason} ({took}, {row.needed_bytes / 1e9:.2f} GB)")


def _say_doctor(found: dict[str, Any]) -> None:
    for name, value in found.items():
        typer.echo(f"{name}: {value if not isinstance(value, dict) else ', '.join(f'{k} {v}' for k, v in value.items())}")


def main() -> None:
    """Entry point; a wrong option exits 2 with a usage line, never a traceback."""
    app(prog_name="recengine")
