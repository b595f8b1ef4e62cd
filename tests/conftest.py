"""What every test shares: parallel workers take one thread each, and no test touches the real workspace or the network."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# Two workers with a thread pool each would fight over two cores; this must happen before torch is imported.
if os.environ.get("PYTEST_XDIST_WORKER"):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("MERCHLENS_MEASURE_TIMES", "false")  # two cores have the tests to run
os.environ.setdefault("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false")
# The packaged language model is unpacked once a machine, beside no real cache.
os.environ.setdefault("MERCHLENS_CACHE", str(Path(tempfile.gettempdir()) / f"merchlens-tests-{os.getuid()}"))
