"""The command ``opsafe`` (extra ``cli``): a file of claims in, a summary on screen, files out."""

from __future__ import annotations

from opsafe.cli._entry import main

__all__ = ["main"]
