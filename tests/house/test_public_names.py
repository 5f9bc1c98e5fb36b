"""Public names are a promise: each is listed by hand, and nothing else is exported."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import opsafe
from tests.house.public_names import INTERNAL, PUBLIC


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_a_public_module_exports_what_is_listed(module: str) -> None:
    exported = import_module(module).__all__
    assert set(exported) == PUBLIC[module]
    assert len(exported) == len(set(exported))


@pytest.mark.parametrize("module", sorted(PUBLIC))
def test_every_exported_name_exists(module: str) -> None:
    loaded = import_module(module)
    assert [name for name in loaded.__all__ if not hasattr(loaded, name)] == []


@pytest.mark.parametrize(
    "package", [name for name in sorted(PUBLIC) if hasattr(import_module(name), "__path__")]
)
def test_a_package_shows_its_public_names_and_no_other(package: str) -> None:
    # In a fresh interpreter: here other tests may have imported more of it.
    program = (
        f"import types, {package} as package\n"
        "own = {n for n, v in vars(package).items() if isinstance(v, types.ModuleType)"
        " and v.__name__.startswith(package.__name__ + '.')}\n"
        "names = set(dir(package)) - own - {'annotations'}\n"
        "print(*(n for n in names if not n.startswith('_')))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    expected = {name for name in PUBLIC[package] if not name.startswith("_")}
    assert set(answer.stdout.split()) - expected == set()


def test_every_module_is_public_internal_or_underscored() -> None:
    found = {
        f"opsafe.{module.name}"
        for module in pkgutil.iter_modules(opsafe.__path__)
        if not module.name.startswith("_")
    }
    assert found - set(PUBLIC) - INTERNAL == set()


def test_the_version_stands_in_one_more_place_only() -> None:
    from importlib.metadata import version

    assert opsafe.__version__ == version("opsafe")
