"""Whether Gowalla's published test pairs look like random pairs of its training part; what is chosen on the latter stands or falls with it.

    python benchmarks/gowalla_split.py --data FOLDER

Of pairs (shopper, item) hidden at random from the training part, and of test pairs: takers of the item, and the share of them who have
another item in common with the shopper. Writes benchmarks/results/gowalla-split.json.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import public_sets
import quality
import record
import scipy.sparse as sp

PAIRS = 4000


def about(known: sp.csr_matrix, hidden: sp.csr_matrix) -> dict[str, float]:
    """Figures of `PAIRS` hidden pairs, drawn at random, given the known ones."""
    pairs = hidden.tocoo()
    drawn = np.random.default_rng(0).choice(len(pairs.row), PAIRS, replace=False)
    columns = known.tocsc()
    takers, shares = np.zeros(PAIRS), np.zeros(PAIRS)
    for place, (shopper, item) in enumerate(zip(pairs.row[drawn], pairs.col[drawn], strict=True)):
        others = columns.indices[columns.indptr[item] : columns.indptr[item + 1]]
        own = np.zeros(known.shape[1], dtype=np.float32)
        own[known.indices[known.indptr[shopper] : known.indptr[shopper + 1]]] = 1.0
        takers[place] = len(others)
        shares[place] = (known[others] @ own > 0).mean() if len(others) else 0.0
    error = float(shares.std() / PAIRS**0.5)
    names = ("takers_10%", "takers_median", "takers_90%")
    quantiles = dict(zip(names, np.quantile(takers, (0.1, 0.5, 0.9)).tolist(), strict=True))
    return {**quantiles, "share_with_another_item": float(shares.mean()), "standard_error": error}


def main(arguments: list[str] | None = None) -> int:
    """Compare the two kinds of pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("MERCHLENS_BENCH_DATA"), required="MERCHLENS_BENCH_DATA" not in os.environ
    )
    train, test = public_sets.gowalla(Path(parser.parse_args(arguments).data))
    record.write("gowalla-split", {"hidden_at_random": about(*quality.gowalla_validation(train)), "published_test": about(train, test)})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
