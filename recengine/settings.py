"""Settings of one installation, from the environment (`MERCHLENS_…`) or their defaults. No secrets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

SAMPLE_DATA = Path(__file__).resolve().parents[1] / "sample_data"


class Settings(BaseSettings):
    """Where things are kept and how much of the machine may be used."""

    model_config = SettingsConfigDict(env_prefix="MERCHLENS_", frozen=True, extra="ignore", use_attribute_docstrings=True)

    workspace: Path = Path("workspace")
    """Folder of all datasets, variants, jobs and logs; made when missing."""
    threads: int = Field(default=0, ge=0, le=256)
    """Threads of one training; 0 = all cores."""
    max_running: int = Field(default=1, ge=1, le=16)
    """Jobs that run at the same time; the others wait."""
    lease_s: float = Field(default=30.0, gt=0.2, le=600)
    """Seconds of silence after which a running process counts as hung; one that died is noticed at once."""
    cached_datasets: int = Field(default=2, ge=1, le=64)
    """Datasets kept in memory."""
    cached_variants: int = Field(default=4, ge=1, le=64)
    """Fitted variants kept in memory."""
    cached_lists: int = Field(default=256, ge=1, le=100_000)
    """Recommendation lists and explanations kept in memory."""
    cache: Path | None = None
    """Folder of unpacked language models and of the vectors of texts, shared by all workspaces; by default ~/.cache/merchlens."""
    measure_times: bool = True
    """Whether the app measures in the background, on samples, how long trainings would take."""
    list_search: Literal["exact", "approximate"] = "exact"
    """How lists of models of vectors are found: exactly, or with an index (package faiss-cpu) whose recall is measured and told."""
    approximate_from: int = Field(default=1_000_000, ge=1)
    """Items from which an approximate search is used where it is asked for; below, lists are exact."""
    download_models: bool = False
    """Whether a language model that is named but not on this machine may be downloaded."""

    import_folders: str = ""
    """Folders whose files may be imported by their path on the server, with : between them (; on Windows); by default the workspace's inbox
    and the sample data."""

    @property
    def import_dirs(self) -> tuple[Path, ...]:
        """Folders whose files may be imported by their path."""
        named = tuple(Path(name) for name in self.import_folders.split(os.pathsep) if name.strip())
        return named or (self.inbox_dir, SAMPLE_DATA)

    @property
    def inbox_dir(self) -> Path:
        """Folder of the workspace for files that are too big for a browser."""
        return self.workspace / "inbox"

    @property
    def cache_dir(self) -> Path:
        """Folder of what can be made again at any time."""
        return self.cache if self.cache is not None else Path.home() / ".cache" / "merchlens"

    @property
    def datasets_dir(self) -> Path:
        """Folder of the dataset versions."""
        return self.workspace / "datasets"

    @property
    def variants_dir(self) -> Path:
        """Folder of the trained variants."""
        return self.workspace / "variants"

    @property
    def exports_dir(self) -> Path:
        """Folder of the exported files."""
        return self.workspace / "exports"

    @property
    def jobs_dir(self) -> Path:
        """Folder of the checkpoints of jobs."""
        return self.workspace / "jobs"

    @property
    def probes_dir(self) -> Path:
        """Folder of measured times of trainings that were not run yet; can be made again at any time."""
        return self.workspace / "probes"

    @property
    def logs_dir(self) -> Path:
        """Folder of the logs of jobs."""
        return self.workspace / "logs"

    @property
    def state_file(self) -> Path:
        """The SQLite file of jobs, policies and the audit trail."""
        return self.workspace / "state.sqlite"
