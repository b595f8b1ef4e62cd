"""Lists of all shoppers as a file: CSV that no spreadsheet runs or alters, or Parquet."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recengine.errors import BadInput, Cancelled
from recengine.ingest.safe_csv import write_csv
from recengine.types import ExportReport
from recengine.workspace.context import Context
from recengine.workspace.list_search import list_recall
from recengine.workspace.lists import asked_at, score_kind
from recengine.workspace.shaped_lists import policy_of, shaped

if TYPE_CHECKING:
    from recengine.jobs.runner import JobContext
    from recengine.types.policies import PolicyUse

BATCH = 1_024


def write_lists(context: Context, variant: str, out: Path, k: int, use: PolicyUse | None, job: JobContext | None = None) -> ExportReport:
    """Write shopper_id, rank, item_id, title, score, one row a place; ids and titles as in the imported file.

    With a policy also what gave the place (shown), and which policy, version, scene and day made the list. The file appears whole or not
    at all.

    Raises:
        BadInput: another ending than .csv or .parquet, or a folder that is not there.
        Cancelled: the job was asked to stop.
    """
    kind = out.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise BadInput(
            f"Lists cannot be written to {out.name}.",
            "The ending says neither CSV nor Parquet.",
            "End the name with .csv or .parquet.",
        )
    if not out.parent.is_dir():
        raise BadInput(f"The folder {out.parent} does not exist.", "", "Make it, or choose another.")
    loaded = context.loaded(variant)
    policy = policy_of(context, loaded, use)
    dataset, n_shoppers = loaded.dataset, len(loaded.dataset.users)
    parts = []
    for start in range(0, n_shoppers, BATCH):
        codes = np.arange(start, min(start + BATCH, n_shoppers))
        made = shaped(loaded, asked_at(dataset.histories(codes), use), k, policy)
        items, final = made.item_codes, made.found.trail.final if made.found else made.scores
        row, place = np.nonzero(items >= 0)
        parts.append((codes[row], place + 1, items[row, place], made.scores[row, place], final[row, place]))
        if job is not None:
            if job.should_stop():
                raise Cancelled
            job.progress((codes[-1] + 1) / n_shoppers, f"Lists of {codes[-1] + 1:,} of {n_shoppers:,} shoppers", None)
    shoppers, ranks, items, scores, shown = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    table = pa.table(
        {
            "shopper_id": pa.array(dataset.users.ids[shoppers], pa.string()),
            "rank": pa.array(ranks, pa.int32()),
            "item_id": pa.array(dataset.catalogue.vocabulary.ids[items], pa.string()),
            "title": pa.array(dataset.catalogue.titles[items], pa.string()),
            score_kind(loaded): pa.array(scores, pa.float64()),
            **(_policy_columns(use, policy.day, shown) if use and policy else {}),
        }
    )
    aside = out.with_name(f".{out.name}.tmp")
    try:
        if kind == ".csv":
            write_csv(table, aside)
        else:
            pq.write_table(table, aside)
        os.replace(aside, out)
    finally:
        aside.unlink(missing_ok=True)
    with out.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ExportReport(str(out), table.num_rows, len(np.unique(shoppers)), out.stat().st_size, digest, list_recall(loaded.model), use)


def _policy_columns(use: PolicyUse, day: date, shown: np.ndarray) -> dict[str, pa.Array]:
    """What gave each place, and which policy did, on the day whose rules hold."""
    said = {"policy": use.name or use.policy or "not saved", "policy_version": str(use.version or ""), "scene": use.scene}
    said["day"] = day.isoformat()
    same = {name: pa.array(np.full(len(shown), value, dtype=object), pa.string()) for name, value in said.items()}
    return {"shown": pa.array(shown, pa.float64()), **same}
