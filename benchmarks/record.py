"""What every benchmark writes beside its figures: the machine and the versions, so that a file can be read alone.

Importing it first also makes the project's packages importable from `python benchmarks/NAME.py`.
"""

from __future__ import annotations

import importlib.metadata as metadata
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
RESULTS = Path(__file__).resolve().parent / "results"
LIBRARIES = ("numpy", "pandas", "plotly", "scikit-learn", "shap", "streamlit", "torch")


def machine() -> dict[str, Any]:
    """Cores this process may use, processor, memory, Python and library versions; nothing that names the machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cores": cores,
        "processor": _processor(),
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in LIBRARIES},
        "load_1min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def write(name: str, figures: dict[str, Any]) -> Path:
    """Write `results/<name>.json` with the figures and the machine, print it, and return its path."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**figures, "machine": machine()}, indent=2, ensure_ascii=False, allow_nan=False)
    file = RESULTS / f"{name}.json"
    file.write_text(text + "\n", encoding="utf-8")
    print(text)
    return file


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _memory_gib() -> float | None:
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
