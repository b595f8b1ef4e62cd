"""Tables beside the log, laid along the items and shoppers of a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recengine.columns import Item, User

OWN_ITEM = {"title": Item.TITLE, "category": Item.CATEGORY, "brand": Item.BRAND, "price": Item.PRICE}


@dataclass(frozen=True, eq=False)
class Joined:
    """Columns along the ids of a version."""

    own: dict[str, np.ndarray]  # columns that the version has anyway: object (str), "" unknown, or float32, NaN unknown
    attributes: dict[str, np.ndarray]  # further ones


def join_items(ids: pa.Array, tables: Sequence[pa.Table]) -> Joined:
    """Tables of items along item ids; of two tables that name one item the later one wins, cell by cell, where it is not blank."""
    return _joined(ids, tables, OWN_ITEM)


def join_users(ids: pa.Array, tables: Sequence[pa.Table]) -> Joined:
    """Tables of shoppers along shopper ids; the first attribute stands as the shoppers' feature."""
    joined = _joined(ids, tables, {})
    first = next((name for name in joined.attributes if joined.attributes[name].dtype.kind == "O"), None)
    return Joined({User.FEATURE: joined.attributes[first]} if first else {}, joined.attributes)


def _joined(ids: pa.Array, tables: Sequence[pa.Table], own_names: dict[str, str]) -> Joined:
    own: dict[str, np.ndarray] = {}
    attributes: dict[str, np.ndarray] = {}
    for table in tables:
        at = pc.index_in(ids, value_set=table["id"].combine_chunks())
        for name in table.column_names:
            if name == "id":
                continue
            number = pa.types.is_floating(table[name].type)
            cells = table[name].combine_chunks().take(at)
            values = np.asarray(pc.fill_null(cells, float("nan") if number else "").to_numpy(zero_copy_only=False))
            values = values.astype(np.float32) if number else values.astype(object)
            into, key = (own, own_names[name]) if name in own_names else (attributes, name)
            before = into.get(key)
            if before is not None and before.dtype.kind == values.dtype.kind:
                values = np.where(np.isnan(values) if number else values == "", before, values)
            into[key] = values
    return Joined(own, attributes)
