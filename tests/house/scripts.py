"""Scripts of the documentation, loaded as modules: they are no part of the package."""

from __future__ import annotations

from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Final

DOCS: Final = Path(__file__).parents[2] / "docs"


def load(name: str) -> ModuleType:
    """Load a script of the documentation by its path below `docs`."""
    specification = util.spec_from_file_location(Path(name).stem, DOCS / name)
    assert specification is not None
    assert specification.loader is not None
    module = util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
