"""The lists of many shoppers, every item explained, as one file: Parquet, CSV that no spreadsheet runs, or HTML."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recengine.artefacts import told_when_disk_fails
from recengine.errors import BadInput
from recengine.types.policies import PUBLISHED, PolicyPlace, PolicyUse
from recengine.types.reports import ExplainedReport
from recengine.workspace.context import Context, LoadedVariant
from recengine.workspace.list_search import list_recall
from recengine.workspace.lists import check_length, score_kind, use_arguments, use_of_arguments
from recengine.workspace.policy_lists import place_views
from recengine.workspace.shaped_lists import policy_of, resolved, shaped
from recengine.workspace.text import iso

if TYPE_CHECKING:
    import pyarrow as pa

    from recengine.data.histories import Histories
    from recengine.explain.said_lists import SaidList, SaidPlace, Tally
    from recengine.jobs.runner import JobContext
    from recengine.policy.policy import Policy

KINDS = ("html", "csv", "parquet")
MOST_IN_HTML = 2_000  # shoppers; a browser opens 20,000 places, and no person reads more
BLOCK = 64  # shoppers whose lists are made at once
ROWS = 8_192  # places that are turned into a table at once


class ExplainedLists:
    """Lists of all shoppers, or of some drawn at random, with what adds up to every score."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def write(
        self,
        variant: str,
        out: Path,
        shoppers: int | None = 1_000,
        k: int = 10,
        policy: PolicyUse | None = PUBLISHED,
        seed: int = 0,
        job: JobContext | None = None,
    ) -> ExplainedReport:
        """Explain lists into .html, .csv or .parquet, one row (or entry) a place; the file appears whole or not at all.

        Args:
            variant: id of a variant.
            out: file to write.
            shoppers: how many, drawn at random and then in the order of the dataset; None for all.
            k: list length, 1 to 500.
            policy: what decides the lists after the scores; default: what is live; None = by score alone.
            seed: of the draw.
            job: told how far it is, and asked whether to stop.

        Raises:
            BadInput: another ending, a folder that is not there, or more than 2,000 shoppers in HTML.
            Cancelled: the job was asked to stop; no file is left.

        Cost: 75 ms a shopper for a list of 10 of the funnel, 8 ms for item-kNN. Memory beside the loaded variant: some 30 MB, for
        64 lists at a time, 8,192 rows of the file, and a few numbers an item; HTML is put together on the disk.
        """
        kind = out.suffix.lower().removeprefix(".")
        if kind not in KINDS:
            raise BadInput(f"Lists cannot be explained in {out.name}.", "", "End the name with .html, .csv or .parquet.")
        if not out.parent.is_dir():
            raise BadInput(f"The folder {out.parent} does not exist.", "", "Make it, or choose another.")
        _check(kind, shoppers, k)
        use = resolved(self._context, self._context.variants.info(variant).dataset_id, policy)
        start, loaded = time.monotonic(), self._context.loaded(variant)
        users = drawn(len(loaded.dataset.users), shoppers, seed)
        if kind == "html":
            _check(kind, len(users), k)
        from recengine.explain.said_lists import Tally

        tally, aside = Tally(), out.with_name(f".{out.name}.tmp")
        body = out.with_name(f".{out.name}.body.tmp")
        lists = self._lists(loaded, users, k, policy_of(self._context, loaded, use), tally, job)
        try:
            with told_when_disk_fails():
                if kind == "html":
                    _write_html(loaded, lists, tally, k, use, aside, body)
                elif kind == "csv":
                    _write_csv(loaded, lists, aside)
                else:
                    _write_parquet(loaded, lists, aside)
                os.replace(aside, out)
        finally:
            lists.close()
            for left in (aside, body):
                with suppress(FileNotFoundError):
                    left.unlink()
        with out.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size, seconds = out.stat().st_size, time.monotonic() - start
        counted = (tally.shoppers, tally.places, len(tally.listed), tally.sampled, tally.worst_gap)
        return ExplainedReport(str(out), *counted, seconds, size, digest, list_recall(loaded.model), use)

    def submit(self, variant: str, kind: str, shoppers: int | None = 1_000, k: int = 10, policy: PolicyUse | None = PUBLISHED) -> str:
        """Queue a report into the workspace; returns the job's id. What is live now is what is reported."""
        info = self._context.variants.info(variant)
        if kind not in KINDS:
            raise BadInput(f"Lists cannot be explained as {kind}.", "", "Choose html, csv or parquet.")
        _check(kind, shoppers, k)
        if kind == "html" and shoppers is None:
            _check(kind, len(self._context.dataset(info.dataset_id).users), k)
        use = use_arguments(resolved(self._context, info.dataset_id, policy))
        arguments = {"variant": variant, "format": kind, "shoppers": shoppers, "k": k, "policy": use}
        return self._context.jobs.submit("explain-lists", arguments, f"Explained lists of {info.name}")

    def run(self, job: JobContext, arguments: dict[str, Any]) -> dict[str, Any]:
        """The job of `submit`."""
        from dataclasses import asdict

        folder = self._context.settings.exports_dir
        folder.mkdir(parents=True, exist_ok=True)
        out = folder / f"explained-{job.id}.{arguments['format']}"
        use = use_of_arguments(arguments)
        report = self.write(arguments["variant"], out, arguments["shoppers"], arguments["k"], use, job=job)
        return asdict(report) | {"rows": report.places, "use": use_arguments(report.use)}

    def _lists(
        self, loaded: LoadedVariant, users: np.ndarray, k: int, policy: Policy | None, tally: Tally, job: JobContext | None
    ) -> Generator[SaidList]:
        from recengine.explain.said_lists import said_list

        ids = loaded.dataset.users.ids
        for user, histories, items, by_score, placed in listed_blocks(loaded, users, k, policy, job, "Explained"):
            one = said_list(loaded.model, loaded.dataset, histories, str(ids[user]), items, by_score, placed=placed)
            tally.take(one)
            yield one


def drawn(n: int, shoppers: int | None, seed: int = 0) -> np.ndarray:
    """int64: all of n shoppers, or some of them at random, in order."""
    every = np.arange(n)
    if shoppers is None or shoppers >= n:
        return every
    return np.sort(np.random.default_rng(seed).choice(every, shoppers, replace=False))


def listed_blocks(
    loaded: LoadedVariant, users: np.ndarray, k: int, policy: Policy | None, job: JobContext | None, word: str
) -> Iterator[tuple[int, Histories, np.ndarray, np.ndarray, tuple[PolicyPlace, ...]]]:
    """Of each shopper in turn: code, history (one row), list (int64, without padding), places by score alone from 0 (int32, -1 = none),
    and what the policy did at each place (empty without one).

    Lists are made for a block of shoppers at once.

    Raises:
        Cancelled: the job was asked to stop.
    """
    start = time.monotonic()
    for first in range(0, len(users), BLOCK):
        codes = users[first : first + BLOCK]
        histories = loaded.dataset.histories(codes)
        made = shaped(loaded, histories, k, policy)
        items, by_score = made.item_codes, made.by_score
        for row, user in enumerate(codes.tolist()):
            if job is not None:
                job.check()
            listed = items[row] >= 0
            placed = place_views(policy, made.found, row) if policy and made.found else ()
            yield user, histories.rows(np.array([row])), items[row][listed].astype(np.int64), by_score[row][listed], placed
            if job is not None:
                done = first + row + 1
                left = (time.monotonic() - start) / done * (len(users) - done)
                job.progress(done / len(users), f"{word} {done:,} of {len(users):,} shoppers", left if done >= BLOCK else None)


def _check(kind: str, shoppers: int | None, k: int) -> None:
    if shoppers is not None and shoppers < 1:
        raise BadInput("There is nobody to explain lists for.", "", "Choose at least 1 shopper.")
    if kind == "html" and shoppers is not None and shoppers > MOST_IN_HTML:
        raise BadInput(f"A page cannot hold the lists of {shoppers:,} shoppers.", "", f"Choose {MOST_IN_HTML:,} at most, or CSV.")
    check_length(k)


def said_use(use: PolicyUse | None) -> str:
    """Which policy decided the order of lists, as a sentence; empty without one."""
    if use is None:
        return ""
    saved = f"The policy {use.name or use.policy}, version {use.version}," if use.policy else "A policy that is not saved"
    scene = {"home": "the home page", "product": "a product page", "cart": "the cart", "email": "an e-mail"}[use.scene]
    day = f" on {use.day.isoformat()}" if use.day else ""
    return f"{saved} decided the order, as on {scene}{day}; scores are the variant's own."


def _write_html(
    loaded: LoadedVariant, lists: Iterator[SaidList], tally: Tally, k: int, use: PolicyUse | None, out: Path, body: Path
) -> None:
    """The sections first, into a file of their own: what stands above them is known when they are done."""
    from recengine.explain.report_html import ReportFacts, foot, head, section

    shoppers: list[str] = []
    with body.open("w", encoding="utf-8") as file:
        for one in lists:
            file.write(section(one, len(shoppers)))
            shoppers.append(one.shopper)
    record = loaded.record
    facts = ReportFacts(
        variant=record.name,
        model=str(record.protocol.get("model_title", record.model)),
        dataset=loaded.dataset.name,
        protocol=str(record.protocol.get("text", "")),
        made=iso(time.time()).replace("T", " ").removesuffix("Z"),
        k=k,
        policy=said_use(use),
        probable=score_kind(loaded) == "probability",
        all_shoppers=len(loaded.dataset.users),
        recall=list_recall(loaded.model),
    )
    with out.open("w", encoding="utf-8") as file:
        file.write(head(facts, tally, shoppers))
        with body.open(encoding="utf-8") as sections:
            shutil.copyfileobj(sections, file)
        file.write(foot())


def _write_csv(loaded: LoadedVariant, lists: Iterator[SaidList], out: Path) -> None:
    from recengine.ingest.safe_csv import write_csv_parts

    write_csv_parts((_wide(part, score_kind(loaded)) for part in _parts(lists)), out)


def _write_parquet(loaded: LoadedVariant, lists: Iterator[SaidList], out: Path) -> None:
    import pyarrow.parquet as pq

    schema = _schema(score_kind(loaded))
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for part in _parts(lists):
            writer.write_table(_nested(part, schema))


def _parts(lists: Iterator[SaidList]) -> Iterator[Sequence[SaidList]]:
    """Lists together until they have enough places for a table; at least one part, so that a header is written."""
    part, places = list[Any](), 0
    for one in lists:
        part.append(one)
        places += len(one.places)
        if places >= ROWS:
            yield part
            part, places = [], 0
    yield part


def _schema(score: str) -> pa.Schema:
    import pyarrow as pa

    term = {"kind": pa.string(), "key": pa.string(), "name": pa.string(), "value": pa.string(), "adds": pa.float64(), "error": pa.float64()}
    terms = pa.list_(pa.struct([pa.field(name, kind) for name, kind in term.items()]))
    return pa.schema(
        {
            "shopper_id": pa.string(),
            "rank": pa.int32(),
            "rank_by_score": pa.int32(),
            "item_id": pa.string(),
            "title": pa.string(),
            score: pa.float64(),
            "base": pa.float64(),
            "sentence": pa.string(),
            "sentence_zh": pa.string(),
            "terms": terms,
            "past_inside": terms,
            "policy": terms,
            "shown": pa.float64(),
        }
    )


def _nested(part: Sequence[SaidList], schema: pa.Schema) -> pa.Table:
    """One row a place; `terms` add up from `base` to the score, `policy` from there to what is shown, `past_inside` is inside signals."""
    import pyarrow as pa

    def rows(terms: tuple[Any, ...]) -> list[dict[str, Any]]:
        return [{"kind": t.kind, "key": t.key, "name": t.name, "value": t.value, "adds": t.adds, "error": t.error} for t in terms]

    flat = [
        (
            *(one.shopper, p.rank, p.rank_by_score, p.item, p.title, p.score, p.base, p.sentence, p.sentence_zh),
            *(rows(p.terms), rows(p.past), rows(p.policy), _shown(p)),
        )
        for one in part
        for p in one.places
    ]
    columns = list(zip(*flat, strict=True)) if flat else [() for _ in schema]
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def _wide(part: Sequence[SaidList], score: str) -> pa.Table:
    """One row a place with its terms side by side: base + adds_1 + … + adds_rest is the score, + policy_adds what gave the place."""
    import pyarrow as pa

    from recengine.explain.said_lists import MOST_PAST, MOST_TERMS

    places = [(one.shopper, p) for one in part for p in one.places]
    columns: dict[str, pa.Array] = {
        "shopper_id": pa.array([shopper for shopper, _ in places], pa.string()),
        "rank": pa.array([p.rank for _, p in places], pa.int32()),
        "rank_by_score": pa.array([p.rank_by_score for _, p in places], pa.int32()),
        "item_id": pa.array([p.item for _, p in places], pa.string()),
        "title": pa.array([p.title for _, p in places], pa.string()),
        score: pa.array([p.score for _, p in places], pa.float64()),
        "base": pa.array([p.base for _, p in places], pa.float64()),
        "sentence": pa.array([p.sentence for _, p in places], pa.string()),
        "sentence_zh": pa.array([p.sentence_zh for _, p in places], pa.string()),
    }
    shown = [("terms", MOST_TERMS, ""), ("past", MOST_PAST, "past_inside_")]
    for source, most, prefix in shown:
        for i in range(most):
            told = [_nth(getattr(p, source), i) for _, p in places]
            columns[f"{prefix}term_{i + 1}"] = pa.array([t and t.name for t in told], pa.string())
            columns[f"{prefix}value_{i + 1}"] = pa.array([t and t.value for t in told], pa.string())
            columns[f"{prefix}adds_{i + 1}"] = pa.array([None if t is None else t.adds for t in told], pa.float64())
        if source == "terms":
            rest = [sum(t.adds for t in p.terms[most:]) for _, p in places]
            columns["adds_rest"] = pa.array(rest, pa.float64())
            errors = [max((t.error for t in p.terms), default=0.0) if all(t.error >= 0 for t in p.terms) else None for _, p in places]
            columns["largest_error"] = pa.array(errors, pa.float64())
    columns["policy"] = pa.array(["; ".join(f"{t.name} {t.adds:+.4g}" for t in p.policy) for _, p in places], pa.string())
    columns["policy_adds"] = pa.array([sum(t.adds for t in p.policy) for _, p in places], pa.float64())
    columns["shown"] = pa.array([_shown(p) for _, p in places], pa.float64())
    return pa.table(columns)


def _shown(place: SaidPlace) -> float:
    return place.score if place.shown is None else place.shown


def _nth(terms: tuple[Any, ...], i: int) -> Any:
    return terms[i] if i < len(terms) else None
