"""Write the pages of rules from the specification tests: `python docs/_make_spec.py`."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parent
SPEC: Final = DOCS.parent / "tests" / "spec"
# Page of the reference: its title, its reasons, its tests.
PAGES: Final = {
    "rules": ("Rules of exposure", "mme-method", SPEC / "mme" / "test_exposure_rules.py"),
    "oud-rules": ("Rules of criteria", "oud-method", SPEC / "oud" / "test_criteria_rules.py"),
}

HEAD: Final = """# {title}

Each line is the name of a test in `tests/spec`, so each of them holds. The reasons stand in
{{doc}}`../explanation/{reasons}`. This page is made by `docs/_make_spec.py`; a test holds it up to
date.
"""

# Names of tests are written without capitals and signs; these words have them.
WORDS: Final = {
    "mme": "MME",
    "oud": "OUD",
    "moud": "MOUD",
    "ml": "mL",
    "mg": "mg",
    "d1": "D1",
    "d2": "D2",
    "d3": "D3",
    "d4": "D4",
    "va": "VA",
    "cdc": "CDC",
    "cms": "CMS",
    "peg": "PEG",
}


def page(name: str) -> str:
    """Return a page: chapters from the comments, sentences from the names of the tests."""
    title, reasons, spec = PAGES[name]
    text = spec.read_text(encoding="utf-8")
    chapters = {
        number: found[1]
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := re.fullmatch(r"# -+ (.+)", line))
    }
    lines = [HEAD.format(title=title, reasons=reasons)]
    for node in ast.parse(text).body:
        while chapters and min(chapters) < node.lineno:
            lines.append(f"\n## {chapters.pop(min(chapters)).capitalize()}\n")
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            lines.append(f"- {_sentence(node.name)}")
    return "\n".join(lines) + "\n"


def _sentence(name: str) -> str:
    words = [WORDS.get(word, word) for word in name.removeprefix("test_").split("_")]
    first, *rest = words
    return " ".join([first[:1].upper() + first[1:], *rest]) + "."


if __name__ == "__main__":
    for name in PAGES:
        (DOCS / "reference" / f"{name}.md").write_text(page(name), encoding="utf-8")
