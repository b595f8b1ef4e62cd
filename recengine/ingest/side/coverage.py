"""How well the ids of a table beside the log meet the ids of the log."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

EXAMPLES = 5


@dataclass(frozen=True)
class Coverage:
    """One join; shares are of distinct ids, 0 to 1."""

    of: str  # item or shopper
    in_table: int  # distinct ids of the table
    in_log: int  # distinct ids of the log
    matched: int
    only_table: tuple[str, ...]  # examples of ids that the log does not have
    only_log: tuple[str, ...]  # examples of ids that the table does not have
    hint: str  # what may be wrong where little matches; "" where nothing is

    @property
    def of_log(self) -> float:
        """Share of the log's ids that the table has."""
        return self.matched / max(self.in_log, 1)


def coverage(of: str, table_ids: pa.Array, log_ids: pa.Array) -> Coverage:
    """Compare two sets of ids, byte for byte. Cost: one look-up an id."""
    table_ids = pc.unique(table_ids.filter(pc.not_equal(table_ids, "")))
    log_ids = pc.unique(log_ids)
    in_log = pc.is_in(table_ids, value_set=log_ids)
    in_table = pc.is_in(log_ids, value_set=table_ids)
    matched = int(pc.sum(in_log).as_py() or 0)
    spare, missing = table_ids.filter(pc.invert(in_log)), log_ids.filter(pc.invert(in_table))
    hint = ""
    if matched < 0.5 * min(len(table_ids), len(log_ids)):
        loose = pc.sum(pc.is_in(_loose(spare), value_set=_loose(missing))).as_py() or 0
        if loose:
            hint = f"{loose:,} more ids would meet if zeros in front, a .0 behind, case and blanks did not count."
    return Coverage(
        of,
        len(table_ids),
        len(log_ids),
        matched,
        tuple(spare.slice(0, EXAMPLES).to_pylist()),
        tuple(missing.slice(0, EXAMPLES).to_pylist()),
        hint,
    )


def _loose(ids: pa.Array) -> pa.Array:
    plain = pc.utf8_lower(pc.replace_substring_regex(ids, r"\s+", ""))
    return pc.replace_substring_regex(pc.replace_substring_regex(plain, r"\.0$", ""), r"^0+(.)", r"\1")
