"""The documentation names every public name, runs its examples, and fetches nothing."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from tests.house import scripts
from tests.house.public_names import PUBLIC

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
REFERENCE: Final = DOCS / "reference"
DIRECTIVE: Final = re.compile(r"^\.\. auto(\w+):: ([\w.]+)$", re.MULTILINE)


def pages() -> list[Path]:
    """Return every page in Markdown that a reader may open."""
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def offline_extension() -> ModuleType:
    """Load the check that runs after a build of the documentation."""
    return scripts.load("_extensions/offline.py")


def documented_names() -> set[str]:
    """Return the full names on the reference pages; a whole module documents its ``__all__``."""
    names: set[str] = set()
    for page in REFERENCE.glob("*.md"):
        for kind, name in DIRECTIVE.findall(page.read_text(encoding="utf-8")):
            names.add(name)
            if kind == "module":
                names.update(f"{name}.{member}" for member in import_module(name).__all__)
    return names


def test_the_reference_names_every_public_name() -> None:
    public = {
        f"{module}.{name}"
        for module, names in PUBLIC.items()
        for name in names
        if not name.startswith("__")
    }
    documented = documented_names()
    # A submodule that is itself public, such as opsafe.mme.drugs, has a page of its own.
    assert {name for name in public - documented if name not in PUBLIC} == set()


def test_every_reference_page_is_in_the_contents() -> None:
    contents = (REFERENCE / "index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^[a-z-]+$", contents, re.MULTILINE))
    assert {page.stem for page in REFERENCE.glob("*.md")} - {"index"} == listed


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    required = [*project["dependencies"], *(item for items in extras.values() for item in items)]
    page = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    names = {re.split(r"[<>=\[ ]", item)[0] for item in required}
    assert sorted(name for name in names if name not in page) == []
    assert sorted(extra for extra in extras if f"`{extra}`" not in page) == []


def test_no_example_is_left_out_of_the_tests() -> None:
    # Put together, so that this file does not hold the words.
    skipping = "doctest: " + "+SKIP"
    sources = [*pages(), *(ROOT / "src").rglob("*.py")]
    assert [path.name for path in sources if skipping in path.read_text(encoding="utf-8")] == []


def test_an_example_ends_before_its_fence() -> None:
    # doctest would read a fence right below the output as output.
    ragged = [
        f"{page.relative_to(ROOT)}: {block.splitlines()[-1]}"
        for page in pages()
        for block in re.findall(r"(?ms)^```pycon\n(.*?)^```", page.read_text("utf-8"))
        if not block.endswith("\n\n")
    ]
    assert ragged == []


def test_no_page_fetches_a_picture_or_a_script() -> None:
    remote_sources = offline_extension().remote_sources
    picture = re.compile(r"(?m)!\[[^\]]*\]\(\s*(?:https?:)?//|^\s*:?image::? +https?://")
    found = [
        str(page.relative_to(ROOT))
        for page in pages()
        if picture.search(text := page.read_text(encoding="utf-8")) or remote_sources(text)
    ]
    assert found == []


def test_the_documentation_needs_no_remote_inventory_or_script() -> None:
    settings = (DOCS / "conf.py").read_text(encoding="utf-8")
    assert "intersphinx" not in settings
    assert "http" not in settings
    assert 'html_math_renderer = "mathml"' in settings


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://example.org/a.js"></script>',
        "<img alt='' src='//example.org/a.png'>",
        '<link rel="stylesheet" href="https://example.org/a.css">',
        "@font-face { src: url(https://example.org/a.woff2) }",
        '@import "https://example.org/a.css";',
    ],
)
def test_the_check_after_a_build_sees_what_a_browser_would_fetch(page: str) -> None:
    assert len(offline_extension().remote_sources(page)) >= 1


def test_the_check_after_a_build_lets_links_be() -> None:
    page = '<a href="https://example.org">x</a><img src="_static/a.png"><link href="b.css">'
    assert offline_extension().remote_sources(page) == []


def test_the_check_after_a_build_needs_no_sphinx() -> None:
    before = set(sys.modules)
    offline_extension()
    assert not any(name.startswith("sphinx") for name in set(sys.modules) - before)
