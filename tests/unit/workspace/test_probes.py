"""Times measured in the background: kept by data, settings and machine, told as such, and never in the way of a page."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, ClassVar

import pytest

from recengine.models.registry import single_models
from recengine.settings import Settings
from recengine.types import TrainingRequest
from recengine.workspace import Workspace, probe_process
from recengine.workspace import models as workspace_models
from recengine.workspace import probes as module
from recengine.workspace.probes import Probes, probe_key


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    folder: Path = tmp_path_factory.mktemp("probes")
    rows = [f"u{n},i{(n * 7 + day * (n % 5 + 1)) % 60},2025-03-{1 + day:02d} 10:00:00" for n in range(60) for day in range(25)]
    file = folder / "events.csv"
    file.write_text("user_id,item_id,timestamp\n" + "\n".join(rows), encoding="utf-8")
    ws = Workspace(folder / "workspace")
    return ws, ws.datasets.import_now(ws.datasets.stage_path(file), "Shop", None).dataset


@pytest.fixture
def two_models(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = {name: single_models()[name] for name in ("popularity", "item-knn")}
    monkeypatch.setattr(workspace_models, "all_models", lambda: chosen)
    monkeypatch.setattr(probe_process, "NICENESS", 0)


def measure(ws: Workspace, dataset: str) -> int:
    return probe_process.main(["--workspace", str(ws.root), "--dataset", dataset, "--device", "cpu"])


@pytest.mark.usefixtures("two_models")
def test_what_was_measured_is_told_until_a_training_is_finished(shop: tuple[Workspace, str]) -> None:
    ws, dataset = shop
    assert {row.seconds for row in ws.advice.models(dataset, device="cpu").models} == {None}
    assert measure(ws, dataset) == 0
    rows = {row.model: row for row in ws.advice.models(dataset, device="cpu").models}
    assert {row.measured_on for row in rows.values()} == {"probe"}
    assert all(0 < (row.seconds or 0) < 60 for row in rows.values())
    ws.run_attached("train", ws.training.arguments(TrainingRequest(dataset, "popularity", device="cpu")), "x")
    rows = {row.model: row for row in ws.advice.models(dataset, device="cpu").models}
    assert rows["popularity"].measured_on == "this"
    assert rows["item-knn"].measured_on == "probe"


@pytest.mark.usefixtures("two_models")
def test_a_model_is_tried_once(shop: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch) -> None:
    ws, dataset = shop
    measure(ws, dataset)
    monkeypatch.setattr("recengine.training.probe.probe", lambda *_: pytest.fail("measured again"))
    assert measure(ws, dataset) == 0


@pytest.mark.usefixtures("two_models")
def test_a_model_that_fails_stays_without_a_time_and_is_logged(
    shop: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ws, dataset = shop
    (ws.root / "probes" / f"{dataset}.json").unlink(missing_ok=True)

    def fails(*_: Any) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("recengine.training.probe.probe", fails)
    assert measure(ws, dataset) == 0
    rows = Probes(Settings(workspace=ws.root)).known(dataset)
    assert [row["seconds"] for row in rows.values()] == [None, None]
    assert "planted" in caplog.text


def test_a_damaged_file_is_measured_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    probes = Probes(Settings(workspace=tmp_path))
    assert probes.known("ds") == {}
    probes.keep("ds", "a", {"seconds": 1.0})
    probes.keep("ds", "b", {"seconds": None})
    assert probes.known("ds") == {"a": {"seconds": 1.0}, "b": {"seconds": None}}
    (tmp_path / "probes" / "ds.json").write_text('{"a": {"sec', encoding="utf-8")
    assert probes.known("ds") == {}
    assert "measured again" in caplog.text


def test_keys_tell_data_settings_and_machine_apart(shop: tuple[Workspace, str]) -> None:
    ws, dataset = shop
    info = ws._context.datasets.info(dataset)
    als = single_models()["als"]
    few, many = als.Config(factors=8), als.Config(factors=16)  # type: ignore[call-arg]
    own = Settings(workspace=ws.root)
    keys = [
        probe_key(own, info, "als", few, "cpu"),
        probe_key(own, info, "als", many, "cpu"),
        probe_key(own, info, "ease", few, "cpu"),
        probe_key(own, info, "als", few, "cuda"),
        probe_key(Settings(workspace=ws.root, threads=7), info, "als", few, "cpu"),
    ]
    assert len(set(keys)) == 5
    assert probe_key(own, info, "als", few, "cpu") == keys[0]


class Process:
    """A process that ends when it is told to."""

    started: ClassVar[list[list[str]]] = []
    may_end: ClassVar = threading.Event()

    def __init__(self, line: list[str], **_: Any) -> None:
        self.started.append(line)

    def wait(self) -> int:
        self.may_end.wait(20)
        return 0

    def poll(self) -> int | None:
        return 0 if self.may_end.is_set() else None

    def kill(self) -> None:
        self.may_end.set()


def test_a_page_never_waits_and_asks_once(shop: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Process, "started", [])
    monkeypatch.setattr(Process, "may_end", threading.Event())
    monkeypatch.setattr(module.subprocess, "Popen", Process)
    ws = Workspace(shop[0].root)
    ws.advice.models(shop[1])
    assert Process.started == [], "only the process that starts jobs measures"
    ws.advice.in_background = True
    for _ in range(3):
        ws.advice.models(shop[1])
    thread = ws.advice._probes._running
    assert thread is not None
    assert thread.is_alive()
    assert len(Process.started) <= 1
    ws.advice._probes.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert [line[2] for line in Process.started] == ["recengine.workspace.probe_process"]
    ws.advice.models(shop[1])
    assert len(Process.started) == 1


def test_a_process_that_a_model_ended_is_started_again_for_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probes, codes = Probes(Settings(workspace=tmp_path)), [-14, -14, 0]

    class Ends(Process):
        def wait(self) -> int:
            probes.keep("ds", f"key {len(codes)}", {"seconds": None})
            return codes.pop(0)

    monkeypatch.setattr(Process, "started", [])
    monkeypatch.setattr(module.subprocess, "Popen", Ends)
    probes.measure("ds", "balanced", "cpu")
    assert codes == []


def test_a_process_that_cannot_start_is_not_started_forever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fails(Process):
        def wait(self) -> int:
            return 1

    monkeypatch.setattr(Process, "started", [])
    monkeypatch.setattr(module.subprocess, "Popen", Fails)
    Probes(Settings(workspace=tmp_path)).measure("ds", "balanced", "cpu")
    assert len(Process.started) == 1
