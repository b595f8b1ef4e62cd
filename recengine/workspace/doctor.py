"""The state of this installation: versions, device, workspace."""

from __future__ import annotations

import os
import platform
import shutil
from collections import Counter
from importlib.metadata import PackageNotFoundError, version

from recengine import __version__
from recengine.types import Doctor
from recengine.workspace.context import Context

LIBRARIES = (
    "torch",
    "streamlit",
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "shap",
    "plotly",
    "transformers",
    "safetensors",
)


def library_versions() -> dict[str, str]:
    """Versions of Python, Merchlens and the libraries that decide results."""
    found = {"merchlens": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def examine(context: Context) -> Doctor:
    """Look at everything once; each problem is a sentence that says what to do."""
    import torch

    versions = library_versions()
    problems = [f"The library {name} is not installed. Run make setup." for name, found in versions.items() if found == "missing"]
    for store in (context.datasets, context.variants):
        problems += [f"{artefact} is damaged: {why} Delete it and make it again." for artefact, why in store.damaged().items()]
    free = shutil.disk_usage(context.root).free
    if free < 1 << 30:
        problems.append("Less than 1 GB is free on the workspace's disk. Delete old variants, or move the workspace.")
    gpu = torch.cuda.is_available()
    return Doctor(
        versions=versions,
        device=torch.cuda.get_device_name(0) if gpu else "cpu",
        gpu_memory_bytes=torch.cuda.get_device_properties(0).total_memory if gpu else 0,
        threads=torch.get_num_threads(),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        workspace=str(context.root),
        datasets=len(context.datasets.ids()),
        variants=len(context.variants.ids()),
        jobs=dict(Counter(job.state.value for job in context.jobs.list(1_000))),
        disk_free_bytes=free,
        problems=tuple(problems),
    )
