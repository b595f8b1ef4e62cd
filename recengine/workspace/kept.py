"""What was worked out about a variant after it was trained: small files in its folder, beside those that its manifest proves.

They go when the variant goes, and can be made again at any time.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from recengine import artefacts
from recengine.errors import Corrupt
from recengine.workspace.context import Context

if TYPE_CHECKING:
    import pyarrow as pa


def keep_json(context: Context, variant: str, name: str, value: Any) -> None:
    """Keep JSON data under a name (a-z, -); NaN becomes null. Raises NotFound when the variant is gone."""
    _write(context, variant, f"kept.{name}.json", json.dumps(artefacts.plain(value), allow_nan=False).encode())


def keep_table(context: Context, variant: str, name: str, table: pa.Table) -> None:
    """Keep an Arrow table as Parquet."""
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", row_group_size=65_536)
    _write(context, variant, f"kept.{name}.parquet", buffer.getvalue())


def kept_json(context: Context, variant: str, name: str) -> Any:
    """What `keep_json` was given, or None. Raises NotFound for an unknown variant, Corrupt for a file that was altered."""
    path = artefacts.find(context.settings.variants_dir, variant) / f"kept.{name}.json"
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        raise _damaged(name) from None


def kept_table(context: Context, variant: str, name: str) -> pa.Table | None:
    """What `keep_table` was given, or None."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = artefacts.find(context.settings.variants_dir, variant) / f"kept.{name}.parquet"
    try:
        return pq.read_table(path)
    except FileNotFoundError:
        return None
    except (pa.ArrowInvalid, OSError):
        raise _damaged(name) from None


def _write(context: Context, variant: str, name: str, data: bytes) -> None:
    folder = artefacts.find(context.settings.variants_dir, variant)
    with artefacts.told_when_disk_fails():
        artefacts.write_atomically(folder / name, data)


def _damaged(name: str) -> Corrupt:
    return Corrupt("A stored result is damaged and was not read.", f"It is {name}.", "Have it worked out again.")
