"""Who a process is, so that a number given again to another process is never mistaken for it."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class ProcessIdentity:
    """A process of one boot of one machine."""

    pid: int
    started: int  # clock ticks after boot, 0 where the system does not tell
    boot_id: str

    @staticmethod
    def of(pid: int) -> ProcessIdentity:
        """The process that has this number now."""
        return ProcessIdentity(pid, _started(pid) or 0, boot_id())

    def is_alive(self) -> bool:
        """Whether this very process still runs; one that ended and was not yet reaped is dead."""
        if self.boot_id != boot_id():
            return False
        if _HAS_PROC:
            return _started(self.pid) == self.started
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process, and to its children when it leads a group of its own; never to this process."""
        if self.pid == os.getpid() or not self.is_alive():
            return
        try:
            if os.getpgid(self.pid) == self.pid and self.pid != os.getpgrp():
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)
        except ProcessLookupError:
            return


_HAS_PROC = Path("/proc/self/stat").exists()


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Changes when the machine restarts; "" where the system does not tell."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else ""


def out_of_memory_kills() -> int:
    """Processes that the kernel has killed for memory in this container, 0 where it does not tell."""
    path = Path("/sys/fs/cgroup/memory.events")
    if not path.exists():
        return 0
    return sum(int(line.split()[1]) for line in path.read_text().splitlines() if line.startswith("oom_kill "))


def _started(pid: int) -> int | None:
    """Start of a running process in clock ticks after boot, None when it is gone or a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2 :].split()  # the name in brackets may hold anything
    return None if fields[0] in "ZX" else int(fields[19])
