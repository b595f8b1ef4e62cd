"""Write requirements.txt and requirements-dev.txt: every package the project needs, pinned as installed in this environment.

The direct names stand in pyproject.toml. Run it with the virtual environment's Python (`make lock`) after an upgrade.
"""

from __future__ import annotations

import importlib.metadata as metadata
import tomllib
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
# Packages that some platforms have no wheel of, or do not need; the rest is needed everywhere.
MARKERS = {
    "watchdog": 'platform_system != "Darwin"',
    "hf-xet": 'platform_machine in "x86_64 amd64 AMD64 arm64 ARM64 aarch64"',
}
# Needed on one platform only, so not installed where the lock is written.
ELSEWHERE = {"colorama": '0.4.6; platform_system == "Windows"'}


def closure(direct: list[str]) -> dict[str, str]:
    """Name → pin of the packages in `direct` and of all that they need on any platform, Python 3.11 or newer."""
    pins: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [Requirement(text) for text in direct]
    while todo:
        wanted = todo.pop()
        name = canonicalize_name(wanted.name)
        if (name, frozenset(wanted.extras)) in seen:
            continue
        seen.add((name, frozenset(wanted.extras)))
        if name in ELSEWHERE:
            pins[name] = f"{name}=={ELSEWHERE[name]}"
            continue
        found = metadata.distribution(wanted.name)
        version = found.version.split("+")[0]  # a local build (torch 2.13.0+cpu) satisfies the public version
        pins[name] = f"{name}=={version}" + (f"; {MARKERS[name]}" if name in MARKERS else "")
        for text in found.requires or []:
            needed = Requirement(text)
            if needed.marker is None or any(_applies(needed.marker, extra) for extra in {"", *wanted.extras}):
                todo.append(needed)
    return pins


def _applies(marker: Marker, extra: str) -> bool:
    """Whether the marker holds on Linux or Windows, Python 3.11 to 3.14."""
    systems = [("linux", "Linux"), ("win32", "Windows")]
    return any(
        marker.evaluate({"python_version": version, "sys_platform": platform, "platform_system": system, "extra": extra})
        for version in ("3.11", "3.12", "3.13", "3.14")
        for platform, system in systems
    )


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    user = closure(project["project"]["dependencies"])
    dev = closure(project["dependency-groups"]["dev"])
    head = "# Written by scripts/lock.py; the direct names are in pyproject.toml."
    lines = [head, *(user[name] for name in sorted(user))]
    (ROOT / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = [head, "-r requirements.txt", *(dev[name] for name in sorted(set(dev) - set(user)))]
    (ROOT / "requirements-dev.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"requirements.txt: {len(user)} packages; requirements-dev.txt: {len(set(dev) - set(user))} more.")


if __name__ == "__main__":
    main()
