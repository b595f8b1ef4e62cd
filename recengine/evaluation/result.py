"""What an evaluation leaves behind: lists, figures for each shopper, estimates; enough to compare without computing again."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from recengine.errors import Corrupt
from recengine.evaluation.bootstrap import Estimate

FORMAT = 1


@dataclass(frozen=True)
class Segment:
    """The figures of one group of shoppers, or of the answers that are one group of items."""

    kind: str  # "shoppers" or "items"
    key: str  # "hot", "warm" or "cold"
    rule: str  # in words: "3 to 19 earlier events"
    members: int  # shoppers in the group; for items, items of the catalogue in it
    answers: int  # answers of, or in, the group
    estimates: dict[str, Estimate]  # by "recall@10"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One model judged on one split."""

    user_codes: np.ndarray  # int32 [B]
    lists: np.ndarray  # int32 [B, K], best first, -1 = the list ended
    scores: np.ndarray  # float64 [B, K], NaN where the list ended
    truth_indptr: np.ndarray  # int64 [B + 1]
    truth_items: np.ndarray  # int32 [T], what the shoppers chose
    shopper_segment: np.ndarray  # int8 [B], 0 cold, 1 warm, 2 hot
    per_shopper: dict[str, np.ndarray]  # "ndcg@10" → float64 [B], NaN = not judged
    estimates: dict[str, Estimate]  # "ndcg@10", and the shop-level "coverage@10"
    segments: tuple[Segment, ...]
    ks: tuple[int, ...]
    protocol: str  # how the figures came about, for people

    def __len__(self) -> int:
        return len(self.user_codes)

    def to_tables(self) -> tuple[pa.Table, dict[str, object]]:
        """One row a shopper (for Parquet) and a summary (for JSON); nothing else is needed to compare or draw."""
        width = self.lists.shape[1]
        columns: dict[str, pa.Array] = {
            "user_code": pa.array(self.user_codes, pa.int32()),
            "segment": pa.array(self.shopper_segment, pa.int8()),
            "list": pa.ListArray.from_arrays(_offsets(len(self), width), pa.array(self.lists.ravel(), pa.int32())),
            "scores": pa.ListArray.from_arrays(_offsets(len(self), width), pa.array(self.scores.ravel(), pa.float64())),
            "truth": pa.ListArray.from_arrays(pa.array(self.truth_indptr, pa.int32()), pa.array(self.truth_items, pa.int32())),
        }
        columns |= {name: pa.array(values, pa.float64()) for name, values in self.per_shopper.items()}
        summary: dict[str, object] = {
            "format": FORMAT,
            "ks": list(self.ks),
            "list_length": width,
            "protocol": self.protocol,
            "per_shopper": list(self.per_shopper),
            "estimates": _estimates_to_json(self.estimates),
            "segments": [asdict(s) | {"estimates": _estimates_to_json(s.estimates)} for s in self.segments],
        }
        return pa.table(columns), summary

    @staticmethod
    def from_tables(table: pa.Table, summary: dict[str, object]) -> Evaluation:
        """The evaluation that `to_tables` wrote.

        Raises:
            Corrupt: the summary is of another format, or a column it names is not in the table.
        """
        try:
            if summary["format"] != FORMAT:
                raise Corrupt("These figures are of another version.", f"Format {summary['format']}, expected {FORMAT}.", "Evaluate again.")
            table = table.combine_chunks()
            truth = table.column("truth").combine_chunks()
            width = int(summary["list_length"])  # type: ignore[call-overload]
            return Evaluation(
                user_codes=_numpy(table, "user_code", np.int32),
                lists=_flat(table, "list", np.int32).reshape(len(table), width),
                scores=_flat(table, "scores", np.float64).reshape(len(table), width),
                truth_indptr=(np.asarray(truth.offsets) - truth.offsets[0].as_py()).astype(np.int64),
                truth_items=_flat(table, "truth", np.int32),
                shopper_segment=_numpy(table, "segment", np.int8),
                per_shopper={name: _numpy(table, name, np.float64) for name in summary["per_shopper"]},  # type: ignore[attr-defined]
                estimates=_estimates_from_json(summary["estimates"]),
                segments=tuple(
                    Segment(**(row | {"estimates": _estimates_from_json(row["estimates"])}))  # type: ignore[attr-defined]
                    for row in summary["segments"]  # type: ignore[attr-defined]
                ),
                ks=tuple(summary["ks"]),  # type: ignore[arg-type]
                protocol=str(summary["protocol"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Corrupt("These figures cannot be read.", f"{type(error).__name__}: {error}", "Evaluate again.") from error


def _offsets(rows: int, width: int) -> pa.Array:
    return pa.array(np.arange(rows + 1) * width, pa.int32())


def _numpy(table: pa.Table, name: str, dtype: type) -> np.ndarray:
    return table.column(name).to_numpy().astype(dtype)


def _flat(table: pa.Table, name: str, dtype: type) -> np.ndarray:
    return table.column(name).combine_chunks().flatten().to_numpy(zero_copy_only=False).astype(dtype)


def _estimates_to_json(estimates: dict[str, Estimate]) -> dict[str, list[float | None]]:
    """[value, low, high, n]; JSON has no NaN, so it is null."""
    return {
        name: [None if isinstance(x, float) and math.isnan(x) else x for x in (e.value, e.low, e.high, e.n)]
        for name, e in estimates.items()
    }


def _estimates_from_json(rows: object) -> dict[str, Estimate]:
    return {
        name: Estimate(*(math.nan if x is None else float(x) for x in row[:3]), int(row[3]))  # type: ignore[misc]
        for name, row in rows.items()  # type: ignore[attr-defined]
    }
