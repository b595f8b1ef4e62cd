"""Trained variants on disk: safetensors and JSON in immutable folders, verified before a byte of them is used."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from recengine import artefacts
from recengine.errors import Corrupt, NotFound
from recengine.variants.record import VariantRecord, state_hash

if TYPE_CHECKING:
    from torch import Tensor

PREFIX = "va"
MODEL = "model.safetensors"
_SET_HERE = ("id", "model_hash", "created_s", "bytes")


class VariantStore:
    """The variants in one folder. A variant never changes; only its display name does."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def publish(
        self,
        record: VariantRecord,
        state: dict[str, Tensor],
        evaluation_tables: Mapping[str, pa.Table | dict[str, Any] | list[Any]] | None = None,
        fence: AbstractContextManager[Any] | None = None,
    ) -> str:
        """Store a fitted model.

        Args:
            record: its description; a non-empty `id` must come from `artefacts.new_id("va")`.
            state: tensors by name, as `Recommender.state` gives them.
            evaluation_tables: name (a-z, 0-9, _) → an Arrow table (Parquet) or JSON data, given back by `read_evaluation`.
            fence: entered around the moment of publication, see `artefacts.publish`.

        Returns:
            The id.

        Raises:
            StorageFailed: the disk is full; nothing was stored.
        """
        from safetensors.torch import save_file  # brings torch, which lists of variants do without

        variant_id = record.id or artefacts.new_id(PREFIX)
        manifest = {key: value for key, value in asdict(record).items() if key not in _SET_HERE}
        manifest["name"] = artefacts.clean_name(record.name)
        manifest["model_hash"] = state_hash(state)
        with artefacts.publish(self.root, variant_id, manifest, fence) as folder:
            # shared or strided memory is refused by the format: write owned, packed copies
            save_file({name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}, folder / MODEL)
            for name, table in (evaluation_tables or {}).items():
                if not name.isidentifier() or not name.isascii():
                    raise ValueError(f"not a table name: {name!r}")
                suffix = "parquet" if isinstance(table, pa.Table) else "json"
                with artefacts.open_new(folder / f"evaluation.{name}.{suffix}") as file:
                    if isinstance(table, pa.Table):
                        pq.write_table(table, file, compression="zstd", compression_level=1)
                    else:
                        file.write(json.dumps(artefacts.plain(table), allow_nan=False).encode())
        return variant_id

    def load(self, variant_id: str) -> tuple[VariantRecord, dict[str, Tensor]]:
        """The description and the tensors. Raises NotFound or Corrupt."""
        from safetensors.torch import load_file

        folder = artefacts.find(self.root, variant_id)
        artefacts.open_verified(folder)
        return self.info(variant_id), load_file(folder / MODEL)

    def info(self, variant_id: str) -> VariantRecord:
        """The description of one variant. Raises NotFound or Corrupt."""
        folder = artefacts.find(self.root, variant_id)
        manifest = artefacts.read_manifest(folder)
        known = {entry.name for entry in fields(VariantRecord)}
        values = {key: value for key, value in manifest.info.items() if key in known}
        values |= {"id": manifest.id, "created_s": manifest.created_s, "bytes": manifest.bytes}
        values["name"] = artefacts.read_label(folder, values["name"])
        return VariantRecord(**values)

    def list(self, dataset_id: str | None = None) -> list[VariantRecord]:
        """The variants (of one dataset) whose manifest is whole, newest first; `damaged` names the others."""
        found = []
        for variant_id in reversed(self.ids()):
            try:
                record = self.info(variant_id)
            except (NotFound, Corrupt):  # deleted meanwhile, or for `damaged` to tell
                continue
            if dataset_id in (None, record.dataset_id):
                found.append(record)
        return found

    def damaged(self) -> dict[str, str]:
        """Variants that cannot even be listed: id → why. Their files are checked when they are loaded."""
        return artefacts.damaged(self.root)

    def ids(self) -> list[str]:
        """Ids of all variants, oldest first."""
        return artefacts.list_artefacts(self.root)

    def read_evaluation(self, variant_id: str) -> dict[str, Any]:
        """What was given as `evaluation_tables`: name → Arrow table or JSON data. Raises NotFound or Corrupt."""
        folder = artefacts.find(self.root, variant_id)
        tables: dict[str, Any] = {}
        for file in artefacts.open_verified(folder).files:
            kind, _, rest = file.partition(".")
            name, _, suffix = rest.partition(".")
            if kind == "evaluation":
                tables[name] = pq.read_table(folder / file) if suffix == "parquet" else json.loads((folder / file).read_bytes())
        return tables

    def read_columns(self, variant_id: str, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Some columns (None = all) of one evaluation table; only this file is proved and read, so that 20 variants open at once.

        Raises:
            NotFound: an unknown variant. Corrupt: the file is missing or altered, or has no such column.
        """
        folder, file = artefacts.find(self.root, variant_id), f"evaluation.{table}.parquet"
        artefacts.open_verified(folder, file)
        parquet = pq.ParquetFile(folder / file)
        missing = set(columns or ()) - set(parquet.schema_arrow.names)
        if missing:
            raise Corrupt("These figures cannot be read.", f"{table} has no {min(missing)}.", "Train the variant again.")
        return parquet.read(None if columns is None else list(columns))

    def model_size(self, variant_id: str) -> tuple[int, int]:
        """Bytes of the model alone, and how many numbers it holds; read from the head of its file. Raises NotFound or Corrupt."""
        folder = artefacts.find(self.root, variant_id)
        with (folder / MODEL).open("rb") as file:
            head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        tensors = [entry for name, entry in head.items() if name != "__metadata__"]
        return (folder / MODEL).stat().st_size, sum(math.prod(entry["shape"]) for entry in tensors)

    def exists(self, variant_id: str) -> bool:
        """Whether the variant is published, for a job that was resumed. Raises NotFound for text that is no id."""
        return artefacts.exists(self.root, variant_id)

    def delete(self, variant_id: str) -> None:
        """Remove a variant. Raises NotFound."""
        artefacts.delete(self.root, variant_id)

    def rename(self, variant_id: str, name: str) -> None:
        """Give a variant another display name. Raises NotFound or BadInput."""
        artefacts.write_label(artefacts.find(self.root, variant_id), name)

    def sweep(self) -> list[str]:
        """Remove what killed trainings and deletions left behind."""
        return artefacts.sweep(self.root)
