"""Errors that can be shown to a merchandiser: what happened, why, and what to do next."""

from __future__ import annotations


class MerchlensError(Exception):
    """A failure with a message for people.

    Args:
        what: What happened, one sentence of at most 20 words.
        why: The cause, with the figures or names at fault.
        fix: What the reader can do now.
    """

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        super().__init__(" ".join(part for part in (what, why, fix) if part))
        self.what, self.why, self.fix = what, why, fix


class BadInput(MerchlensError):
    """A file, an option or an id that cannot be used as it is. The workspace is left as it was."""


class NotFound(MerchlensError):
    """An id that names nothing in this workspace."""


class TrainingFailed(MerchlensError):
    """A fit that could not end: not a number, out of memory, too little data."""


class Cancelled(MerchlensError):
    """Somebody asked the job to stop; nothing was published."""

    def __init__(self) -> None:
        super().__init__("The job was cancelled.", "Somebody asked it to stop.", "Start it again when you want it.")


class Corrupt(MerchlensError):
    """An artefact whose bytes differ from its manifest; it is never loaded."""


class StorageFailed(MerchlensError):
    """The disk is full or refuses to write. Nothing was published; what was there before is intact."""
