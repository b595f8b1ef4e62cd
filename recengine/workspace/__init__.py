"""The one door to the engine: every use case of the pages, the command line and the worker."""

from recengine.workspace.facade import Workspace

__all__ = ["Workspace"]
