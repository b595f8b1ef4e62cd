"""One workspace: a folder of datasets, variants, jobs and policies, and everything that can be done with it."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recengine.errors import MerchlensError
from recengine.preferences import Preferences
from recengine.settings import Settings
from recengine.types import Doctor
from recengine.workspace.advice import Advice
from recengine.workspace.arrivals import Arrivals
from recengine.workspace.checks import Checks
from recengine.workspace.comparison import ComparisonCases
from recengine.workspace.comparison_report import ComparisonReport
from recengine.workspace.context import Context
from recengine.workspace.dataset_versions import DatasetVersions
from recengine.workspace.datasets import Datasets
from recengine.workspace.explanation_report import ExplainedLists
from recengine.workspace.explanations import Explanations
from recengine.workspace.fairness import Fairness
from recengine.workspace.funnel import FunnelCases
from recengine.workspace.health import Health
from recengine.workspace.items import Items
from recengine.workspace.jobs import Jobs
from recengine.workspace.list_comparison import ListComparison
from recengine.workspace.list_moves import ListMoves
from recengine.workspace.lists import Lists
from recengine.workspace.marks import Marks
from recengine.workspace.policies import Policies
from recengine.workspace.policy_drafts import Drafts
from recengine.workspace.policy_effects import PolicyEffects
from recengine.workspace.reading import Reading
from recengine.workspace.replay import Replay
from recengine.workspace.runs import Runs
from recengine.workspace.server_files import ServerFiles
from recengine.workspace.shoppers import Shoppers
from recengine.workspace.sweeps import Sweeps
from recengine.workspace.training import Training
from recengine.workspace.tuning import Tuning
from recengine.workspace.variants import Variants

if TYPE_CHECKING:
    from recengine.jobs.runner import JobContext
    from recengine.jobs.supervisor import Supervisor

WARM_UP_AFTER_S = 2.0
UseCase = Callable[["JobContext", dict[str, Any]], dict[str, Any]]


class Workspace:
    """The facade: composes, holds no maths. Safe to share between threads.

    Args:
        path: folder of the workspace, made when missing; default `MERCHLENS_WORKSPACE`, else ./workspace.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        settings = Settings(workspace=Path(path)) if path else Settings()
        if not settings.workspace.name:  # an empty variable would make the folder of the program the workspace
            settings = Settings(workspace=Path("workspace"))
        self._context = Context(settings.workspace, settings)
        self._supervisor: Supervisor | None = None
        self._lock = threading.Lock()
        self.datasets = Datasets(self._context)
        self.versions = DatasetVersions(self._context, self.datasets)
        self.reading = Reading(self._context, self.datasets)
        self.server_files = ServerFiles(self._context, self.datasets)
        self.arrivals = Arrivals(self._context, self.datasets, self.versions, self.reading)
        self.training = Training(self._context)
        self.advice = Advice(self._context, self.training)
        self.sweeps = Sweeps(self._context, self.training)
        self.variants = Variants(self._context)
        self.jobs = Jobs(self._context)
        self.lists = Lists(self._context)
        self.explanations = Explanations(self._context, self.lists)
        self.explained = ExplainedLists(self._context)
        self.checks = Checks(self._context, self.explanations)
        self.items = Items(self._context)
        self.shoppers = Shoppers(self._context)
        self.comparison = ComparisonCases(self._context, self.variants, self.lists)
        self.list_comparison = ListComparison(self._context)
        self.list_moves = ListMoves(self._context, self.lists)
        self.marks = Marks(self._context)
        self.preferences = Preferences(settings.workspace)
        self.runs = Runs(self._context)
        self.comparison_report = ComparisonReport(self._context, self.comparison, self.list_comparison, self.runs, self.marks)
        self.tuning = Tuning(self._context)
        self.effects = PolicyEffects(self._context)
        self.policies = Policies(self._context, self.effects)
        self.fairness = Fairness(self._context, self.effects)
        self.drafts = Drafts(self._context)
        self.funnel = FunnelCases(self._context)
        self.health = Health(self._context, self.policies)
        self.replay = Replay(self._context, self.policies)

    @property
    def root(self) -> Path:
        """Folder of the workspace."""
        return self._context.root

    def use_cases(self) -> dict[str, UseCase]:
        """What a job may be: kind → the function that runs it."""
        return {
            "import": self.versions.run,
            "version": self.versions.run_change,
            "train": self.training.run,
            "sweep": self.sweeps.run,
            "export": self.lists.run_export,
            "explain-lists": self.explained.run,
            "item-lists": self.items.run,
            "check-explanations": self.checks.run,
            "health": self.health.run_job,
            "policy-curve": self.effects.run,
        }

    def start_supervisor(self) -> None:
        """Start queued jobs from this process as worker processes; calling it again changes nothing."""
        from recengine.jobs.supervisor import Supervisor

        settings = self._context.settings
        with self._lock:
            if self._supervisor is None:
                self.datasets.sweep()
                self._context.variants.sweep()  # what killed trainings left behind
                command = (sys.executable, "-m", "recengine.worker", "--workspace", str(settings.workspace))
                self._supervisor = Supervisor(self._context.jobs, command, settings.logs_dir, settings.max_running)
                self._supervisor.start()
                self.advice.in_background = settings.measure_times
                threading.Thread(target=_warm_up, name="warm up", daemon=True).start()

    def run_attached(self, kind: str, arguments: dict[str, Any], title: str) -> dict[str, Any]:
        """Run a job in this process, recorded like any other; for the command line.

        Raises:
            MerchlensError: the job did not end well, in its own words.
        """
        from recengine.jobs.runner import run_attached

        settings = self._context.settings
        job = run_attached(self._context.jobs, kind, arguments, title, self.use_cases, settings.jobs_dir, settings.logs_dir)
        if job.error is not None or job.result is None:
            error = job.error
            raise MerchlensError(error.what, error.why, error.fix) if error else MerchlensError("The job ended without a result.")
        return job.result

    def doctor(self) -> Doctor:
        """Versions, device and health."""
        from recengine.workspace.doctor import examine

        return examine(self._context)


def _warm_up() -> None:
    """Import and compile what the first list needs while nobody waits for it; the first page comes first."""
    from recengine.workspace.compile_process import compile_later

    time.sleep(WARM_UP_AFTER_S)
    compile_later()
    for name in ("recengine.explain.explanation", "recengine.policy.policy", "recengine.evaluation.protocol"):
        importlib.import_module(name)
    # Streamlit collects garbage after every run of a page; walking the objects of torch and its kin each time takes 0.2 s.
    gc.collect()
    gc.freeze()
