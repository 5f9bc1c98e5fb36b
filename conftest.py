"""What tests and the examples of docs and docstrings share: each ends without an open figure."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    """Close what a test drew: Matplotlib keeps figures for the process, and later tests count them.

    Most tests draw nothing: Matplotlib is looked up, not imported.
    """
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
