"""How commands talk: JSON or words on stdout, mistakes in plain lines on stderr with exit status 2."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from pydantic import ValidationError

from recengine.errors import BadInput, MerchlensError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recengine.workspace import Workspace


@dataclasses.dataclass
class Invocation:
    """Options that stand before the command, and the way results leave."""

    folder: Path | None
    json: bool

    def workspace(self) -> Workspace:
        """The workspace of this call."""
        from recengine.workspace import Workspace

        return Workspace(self.folder)

    def answer(self, result: Any, words: Callable[[], None]) -> None:
        """One JSON object on stdout, or words for people."""
        if self.json:
            sys.stdout.write(json.dumps(as_json(result), ensure_ascii=False, allow_nan=False) + "\n")
        else:
            words()


def as_json(value: Any) -> Any:
    """Views, paths and arrays as JSON values; NaN becomes null."""
    from recengine.artefacts import plain

    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, np.ndarray) and value.dtype.kind == "M":  # times as ISO text
        return value.astype(str).tolist()
    if isinstance(value, dict):
        return {str(key): as_json(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(entry) for entry in value]
    return str(value) if isinstance(value, Path) else plain(value)


@contextmanager
def told() -> Iterator[None]:
    """A mistake becomes three plain lines on stderr and exit status 2."""
    try:
        yield
    except MerchlensError as error:
        mistake = error
    except OSError as error:
        mistake = BadInput(
            "A file or folder cannot be used.", f"{error.filename or ''}: {error.strerror or error}.", "Check the path and its permissions."
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        mistake = BadInput(f"The setting {name} cannot be used.", f"{first['msg']}.", "Check the variables that start with MERCHLENS_.")
    else:
        return
    typer.secho(mistake.what, fg="red", err=True)
    for line in (mistake.why, mistake.fix):
        if line:
            typer.echo(line, err=True)
    raise typer.Exit(2)


Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout and nothing else.")]
Context = typer.Context


def call_of(context: Context, as_json_object: bool) -> Invocation:
    return Invocation(context.obj.folder, context.obj.json or as_json_object)


def table(columns: tuple[str, ...], rows: list[Any]) -> None:
    if not rows:
        typer.echo("Nothing yet.")
        return
    cells = [[cell(getattr(row, name)) for name in columns] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in cells)) for i, name in enumerate(columns)]
    for row in [list(columns), *cells]:
        typer.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else " ".join(str(value).split())[:72]
