"""A large behaviour log end to end: decode, type, reject, code, quality report, Parquet; beside other readers of the same file.

Every contender is a process of its own, so that its peak memory can be told; times are without starting Python. Readers that are
not installed are left out. The log looks like the public Taobao one: shopper, item, category, behaviour, second.

    python benchmarks/ingest.py [--rows 10000000] [--wide] [--repeats 1] [--only merchlens,duckdb]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import record

WORDS = np.array(["pv", "cart", "fav", "buy"])
GOAL_RATIO, GOAL_PEAK_GIB = 4.0, 1.5
SESSION = "72d76fde-8bb3-4e00-8c23-a032dfed738c"


def make_log(path: Path, rows: int, wide: bool) -> None:
    """Write a log; a wide one has the columns of a shop's event stream, about 130 bytes a row."""
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        file.write(
            b"event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
            if wide
            else b"user_id,item_id,category_id,behavior,timestamp\n"
        )
        for done in range(0, rows, 250_000):
            n = min(250_000, rows - done)
            users, times = rng.integers(1, 1_000_000, n), rng.integers(1_511_539_200, 1_512_316_799, n)
            items = np.minimum((rng.pareto(1.0, n) * 20_000).astype(np.int64), 4_000_000)
            words = WORDS[rng.choice(4, n, p=[0.85, 0.06, 0.05, 0.04])]
            columns = [each.tolist() for each in (users, items, items % 9_000, words, times)]
            if wide:
                stamp = [time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(t)) for t in columns[4]]
                lines = [
                    f"{t},{w},{i},20530135{c},electronics.smartphone,brand{c % 500},{i % 997}.{c % 100:02},{u},{SESSION[:28]}{u % 10**8:08}"
                    for u, i, c, w, t in zip(*columns[:4], stamp, strict=True)
                ]
            else:
                lines = [f"{u},{i},{c},{w},{t}" for u, i, c, w, t in zip(*columns, strict=True)]
            file.write("\n".join(lines).encode() + b"\n")


def merchlens(path: Path) -> dict[str, Any]:
    """The import as the workspace does it, without a job around it."""
    from recengine.data.store import DatasetStore
    from recengine.ingest.importer import ingest, recognise

    marks = [time.perf_counter()]
    known = recognise(path)
    marks.append(time.perf_counter())
    done = ingest(path, recognition=known)
    marks.append(time.perf_counter())
    del known
    with tempfile.TemporaryDirectory() as folder:
        events, rejects, unsellable, currency = done.events, done.rejects, set(done.unsellable_item_ids), done.currency
        counts = {"accepted": done.accepted, "physical": done.physical}
        del done
        info = DatasetStore(Path(folder)).publish("log", events, rejects, unsellable, currency, {})
        marks.append(time.perf_counter())
    steps = dict(zip(("read_s", "type_and_report_s", "code_and_store_s"), np.diff(marks).tolist(), strict=True))
    return {**steps, **counts, "shoppers": info.n_users, "items": info.n_items}


def duckdb(path: Path) -> dict[str, Any]:
    """A raw scan: every column read with inferred types and one of each used, nothing kept."""
    import duckdb as db  # pyright: ignore[reportMissingImports]

    found = db.connect(config={"threads": os.cpu_count() or 1})
    names = [row[0] for row in found.execute("DESCRIBE SELECT * FROM read_csv(?)", [str(path)]).fetchall()]
    used = ", ".join('count("' + name.replace('"', '""') + '")' for name in names)
    row = found.execute(f"SELECT count(*), {used} FROM read_csv(?)", [str(path)]).fetchone()
    return {"rows": row[0] if row else 0}


def pandas(path: Path) -> dict[str, Any]:
    """Read with inferred types, then a code for every shopper and item."""
    import pandas as pd

    frame = pd.read_csv(path)
    for name in ("user_id", "item_id" if "item_id" in frame else "product_id"):
        frame[name] = pd.factorize(frame[name])[0]
    return {"rows": len(frame)}


def polars(path: Path) -> dict[str, Any]:
    """Read with inferred types."""
    import polars as pl  # pyright: ignore[reportMissingImports]

    return {"rows": pl.read_csv(path).height}


CONTENDERS = {"duckdb": duckdb, "merchlens": merchlens, "pandas": pandas, "polars": polars}


def run(name: str, path: Path) -> dict[str, Any]:
    """One contender in a process of its own; its answer with wall seconds, processor seconds and peak memory."""
    process = subprocess.Popen([sys.executable, __file__, "--child", name, "--file", str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    answer = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{name} exited with {process.returncode}")
    scale = 1 if sys.platform == "darwin" else 1024
    peak = usage.ru_maxrss * scale / 2**30
    return json.loads(answer) | {"processor_s": usage.ru_utime + usage.ru_stime, "peak_gib": round(peak, 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--wide", action="store_true", help="nine columns of a shop's event stream")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--file", type=Path, help="an existing log instead of a generated one")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        started = time.perf_counter()
        answer = CONTENDERS[options.child](options.file)
        print(json.dumps(answer | {"wall_s": time.perf_counter() - started}))
        return
    names = options.only.split(",") if options.only else list(CONTENDERS)
    names = [name for name in names if name == "merchlens" or importlib.util.find_spec(name)]
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or Path(folder) / "log.csv"
        if options.file is None:
            make_log(path, options.rows, options.wide)
        sum(1 for _ in path.open("rb", buffering=2**24))  # into the page cache, for all alike
        rounds = [{name: run(name, path) for name in names} for _ in range(options.repeats)]
        size = path.stat().st_size
    versions = {name: importlib.metadata.version(name) for name in names if name != "merchlens"}
    figures: dict[str, Any] = {
        "peers": versions,
        "bytes": size,
        "rows": options.rows,
        "wide": options.wide,
        "repeats": options.repeats,
    }
    for name in names:
        times = [each[name]["wall_s"] for each in rounds]
        figures[name] = rounds[-1][name] | {"wall_s": statistics.median(times), "peak_gib": max(each[name]["peak_gib"] for each in rounds)}
    if "duckdb" in names and "merchlens" in names:
        ratios = [each["merchlens"]["wall_s"] / each["duckdb"]["wall_s"] for each in rounds]
        figures["ratio_to_duckdb_scan"] = round(statistics.median(ratios), 2)
        processor = [each["merchlens"]["processor_s"] / each["duckdb"]["processor_s"] for each in rounds]
        figures["processor_ratio_to_duckdb_scan"] = round(statistics.median(processor), 2)
        figures["goals"] = {"ratio": GOAL_RATIO, "peak_gib": GOAL_PEAK_GIB}
    record.write("ingest_wide" if options.wide else "ingest", figures)


if __name__ == "__main__":
    main()
